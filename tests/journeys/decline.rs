//! Declined requests, and the slots that staff offer instead.

use serde_json::{Value, json};

use crate::support::{Answer, Person, Wish, World, wednesday};

struct Scene {
    world: World,
    booker: Person,
    other: Person,
    approver: Person,
    wish: Wish,
    id: String,
}

/// A request for the hall, 14:00 to 16:00.
async fn requested() -> Scene {
    let world = World::new().await;
    let (booker, other) = (world.person("booker").await, world.person("booker2").await);
    let approver = world.person("approver").await;
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(version, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    Scene {
        world,
        booker,
        other,
        approver,
        wish,
        id,
    }
}

impl Scene {
    async fn decline(&self, body: Value) -> Answer {
        self.approver.act_with(&self.id, "decline", body).await
    }

    async fn offer(&self, hour: u32) -> Answer {
        self.decline(json!({"reason": "设备检修", "offer": {"start": wednesday(hour, 0), "end": wednesday(hour + 2, 0)}}))
            .await
    }

    async fn offered(&self) -> String {
        self.world
            .text(&format!(
                "SELECT id::text AS name FROM booking WHERE offer_for = '{}'",
                self.id
            ))
            .await
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn declining_takes_a_reason_and_frees_the_slot() {
    let scene = requested().await;
    let missing = scene.decline(json!({"reason": " "})).await.expect(422);
    assert_eq!(missing.fields(), ["reason"]);
    scene
        .booker
        .act_with(&scene.id, "decline", json!({"reason": "x"}))
        .await
        .expect(404);
    let declined = scene
        .decline(json!({"reason": "当天有设备检修"}))
        .await
        .expect(200);
    assert_eq!(declined.state(), "declined");
    assert_eq!(scene.world.rows(scene.wish.space).await, [""; 0]);
    let told = scene.world.told(&scene.id).await;
    assert_eq!(told.last().unwrap(), "booking_declined booker");
    let reason = scene
        .world
        .text("SELECT payload->>'reason' AS name FROM message WHERE kind = 'booking_declined'")
        .await;
    assert_eq!(reason, "当天有设备检修");
    for act in ["approve", "decline"] {
        let again = scene
            .approver
            .act_with(
                &scene.id,
                act,
                if act == "decline" {
                    json!({"reason": "x"})
                } else {
                    Value::Null
                },
            )
            .await;
        assert_eq!(again.expect(409).state(), "declined");
    }
    scene.other.book(&scene.wish).await.expect(201);
    scene.done().await;
}

#[tokio::test]
async fn an_offered_slot_is_the_requesters_and_confirmed_when_they_accept() {
    let scene = requested().await;
    // the offer overlaps the place that is given up
    scene.offer(15).await.expect(200);
    let hold = scene.offered().await;
    let seen = scene
        .booker
        .get(&format!("/v1/bookings/{hold}"))
        .await
        .expect(200);
    assert_eq!(seen.state(), "held");
    assert_eq!(seen.body["requester_id"], json!(scene.booker.id));
    assert_eq!(seen.body["offer_for"], json!(scene.id));
    assert_eq!(seen.body["start"], json!(wednesday(15, 0)));
    scene.other.act(&hold, "submit").await.expect(404);
    scene.booker.act(&hold, "prolong").await.expect(409);
    // it stands beside a hold of their own
    let own = scene.wish.clone().hold().at(wednesday(9, 0));
    let own = scene.booker.book(&own).await.expect(201).id();
    assert_eq!(scene.world.state(&hold).await, "held");
    let refused = scene
        .other
        .book(&scene.wish.clone().at(wednesday(15, 0)))
        .await;
    assert_eq!(refused.expect(409).reasons(), ["taken"]);

    let confirmed = scene.booker.act(&hold, "submit").await.expect(200);
    assert_eq!(confirmed.state(), "confirmed");
    assert_eq!(scene.world.told(&hold).await, ["booking_confirmed booker"]);
    assert_eq!(scene.world.state(&own).await, "held");
    let offer = scene
        .world
        .text("SELECT payload->'offer'->>'reference' AS name FROM message WHERE kind = 'booking_declined'")
        .await;
    assert_eq!(json!(offer), confirmed.body["reference"]);
    scene.done().await;
}

#[tokio::test]
async fn an_offer_that_nobody_takes_expires_and_is_told() {
    let scene = requested().await;
    scene.offer(10).await.expect(200);
    let hold = scene.offered().await;
    scene.world.lapse(&hold).await;
    scene.world.tick().await;
    assert_eq!(scene.world.state(&hold).await, "released");
    assert_eq!(scene.world.told(&hold).await, ["booking_expired booker"]);
    assert_eq!(
        scene.booker.act(&hold, "submit").await.expect(409).state(),
        "released"
    );
    scene.done().await;
}

#[tokio::test]
async fn an_offer_of_a_place_that_is_taken_changes_nothing() {
    let scene = requested().await;
    scene
        .other
        .book(&scene.wish.clone().at(wednesday(17, 0)))
        .await
        .expect(201);
    let refused = scene.offer(18).await.expect(409);
    assert_eq!(refused.reasons(), ["taken"]);
    assert_eq!(scene.world.state(&scene.id).await, "requested");
    let closed = scene.offer(21).await.expect(422);
    assert_eq!(closed.fields(), ["offer.start"]);
    let told = scene.world.told(&scene.id).await;
    assert!(
        told.iter()
            .all(|told| !told.starts_with("booking_declined"))
    );
    scene.approver.act(&scene.id, "approve").await.expect(200);
    scene.done().await;
}
