//! Requests that compete: the bays of the corridor.

use serde_json::json;

use crate::support::{Person, Wish, World, wednesday};

struct Scene {
    world: World,
    booker: Person,
    other: Person,
    approver: Person,
    bays: Vec<uuid::Uuid>,
    wish: Wish,
}

/// One day in a bay.
async fn scene() -> Scene {
    let world = World::new().await;
    let (booker, other) = (world.person("booker").await, world.person("booker2").await);
    let approver = world.person("approver").await;
    let space = world.space("huizhan").await;
    let bays = world.areas(space).await;
    let wish = Wish::new(space, wednesday(9, 0), 480)
        .with(json!({"event_type": "exhibition", "area_ids": [bays[0]]}));
    Scene {
        world,
        booker,
        other,
        approver,
        bays,
        wish,
    }
}

impl Scene {
    fn bay(&self, bay: usize) -> Wish {
        self.wish
            .clone()
            .with(json!({"area_ids": [self.bays[bay]]}))
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn of_several_requests_one_is_confirmed_and_the_others_are_told() {
    let scene = scene().await;
    let world = &scene.world;
    let first = scene.booker.book(&scene.bay(0)).await.expect(201);
    assert_eq!(
        (first.state(), &first.body["holds_slot"]),
        ("requested", &json!(false))
    );
    let first = first.id();
    let second = scene.other.book(&scene.bay(0)).await.expect(201).id();
    let beside = scene.other.book(&scene.bay(1)).await.expect(201).id();
    assert_eq!(world.rows(scene.wish.space).await, [""; 0]);

    scene.approver.act(&first, "approve").await.expect(200);
    assert_eq!(world.state(&second).await, "requested");
    assert_eq!(
        world.told(&second).await.last().unwrap(),
        "booking_no_longer_possible booker2"
    );
    assert!(
        !world
            .told(&beside)
            .await
            .iter()
            .any(|told| told.starts_with("booking_no_longer"))
    );
    let alternatives = world
        .text("SELECT jsonb_array_length(payload->'alternatives')::text AS name FROM message WHERE kind = 'booking_no_longer_possible'")
        .await;
    assert_ne!(alternatives, "0");

    let refused = scene.approver.act(&second, "approve").await.expect(409);
    assert_eq!(
        (refused.problem(), refused.reasons()),
        ("slot-taken", vec!["taken".to_owned()])
    );
    assert_eq!(refused.body["in_the_way"], json!([first]));
    assert!(!refused.body["alternatives"].as_array().unwrap().is_empty());
    assert_eq!(world.state(&second).await, "requested");
    // different bays stand side by side
    scene.approver.act(&beside, "approve").await.expect(200);
    assert_eq!(
        world.rows(scene.wish.space).await,
        ["event 09:00 480", "event 09:00 480"]
    );
    scene.done().await;
}

#[tokio::test]
async fn a_request_for_several_bays_needs_all_of_them() {
    let scene = scene().await;
    let all = scene
        .wish
        .clone()
        .with(json!({"area_ids": [scene.bays[0], scene.bays[1], scene.bays[2]]}));
    let wide = scene.booker.book(&all).await.expect(201).id();
    let one = scene.other.book(&scene.bay(2)).await.expect(201).id();
    scene.approver.act(&one, "approve").await.expect(200);
    assert_eq!(
        scene.world.told(&wide).await.last().unwrap(),
        "booking_no_longer_possible booker"
    );
    scene.approver.act(&wide, "approve").await.expect(409);
    let fewer = scene
        .booker
        .act_with(
            &wide,
            "reschedule",
            json!({"area_ids": [scene.bays[0], scene.bays[1]]}),
        )
        .await;
    fewer.expect(200);
    scene.approver.act(&wide, "approve").await.expect(200);
    let unknown = scene
        .wish
        .clone()
        .with(json!({"area_ids": [uuid::Uuid::now_v7()]}));
    assert_eq!(
        scene.booker.book(&unknown).await.expect(422).fields(),
        ["area_ids"]
    );
    scene.done().await;
}

#[tokio::test]
async fn whoever_takes_the_slot_the_others_are_told() {
    let scene = scene().await;
    let world = &scene.world;
    let last = |id: String| async move { world.told(&id).await.last().unwrap().clone() };
    // staff book at once
    let asked = scene.booker.book(&scene.bay(0)).await.expect(201).id();
    let taken = scene.approver.book(&scene.bay(0)).await.expect(201);
    assert_eq!(taken.state(), "confirmed");
    assert_eq!(last(asked).await, "booking_no_longer_possible booker");
    // an offer takes the slot, held for its requester
    let declined = scene.other.book(&scene.bay(0)).await.expect(201).id();
    let asked = scene
        .booker
        .book(
            &scene
                .bay(0)
                .at(wednesday(9, 0) + chrono::TimeDelta::days(1)),
        )
        .await
        .expect(201)
        .id();
    let offer = json!({"start": wednesday(9, 0) + chrono::TimeDelta::days(1), "end": wednesday(17, 0) + chrono::TimeDelta::days(1)});
    scene
        .approver
        .act_with(&declined, "decline", json!({"reason": "x", "offer": offer}))
        .await
        .expect(200);
    let hold = world
        .text("SELECT id::text AS name FROM booking WHERE offer_for IS NOT NULL")
        .await;
    assert_eq!(
        scene
            .approver
            .act(&asked, "approve")
            .await
            .expect(409)
            .reasons(),
        ["taken"]
    );
    scene.other.act(&hold, "submit").await.expect(200);
    assert_eq!(last(asked).await, "booking_no_longer_possible booker");
    // a confirmed booking is moved
    let asked = scene.booker.book(&scene.bay(3)).await.expect(201).id();
    let moved = scene.approver.book(&scene.bay(4)).await.expect(201).id();
    scene
        .approver
        .act_with(&moved, "reschedule", json!({"area_ids": [scene.bays[3]]}))
        .await
        .expect(200);
    assert_eq!(last(asked).await, "booking_no_longer_possible booker");
    scene.done().await;
}

#[tokio::test]
async fn a_hold_is_a_draft_and_holds_nothing() {
    let scene = scene().await;
    let draft = scene.booker.book(&scene.bay(0).hold()).await.expect(201);
    assert_eq!(
        (draft.state(), &draft.body["holds_slot"]),
        ("held", &json!(false))
    );
    let taken = scene.approver.book(&scene.bay(0)).await.expect(201);
    assert_eq!(taken.state(), "confirmed");
    let asked = scene.booker.act(&draft.id(), "submit").await.expect(200);
    assert_eq!(asked.state(), "requested");
    scene.approver.act(&asked.id(), "approve").await.expect(409);
    scene.done().await;
}

#[tokio::test]
async fn four_weeks_over_closed_hours_begin_and_end_in_open_ones() {
    let scene = scene().await;
    let month = scene.bay(5).at(wednesday(10, 0)).lasting(4 * 7 * 24 * 60);
    let id = scene.booker.book(&month).await.expect(201).id();
    scene.approver.act(&id, "approve").await.expect(200);
    let night = scene.bay(6).at(wednesday(22, 0));
    assert_eq!(
        scene.booker.book(&night).await.expect(422).reasons(),
        ["hours"]
    );
    let long = scene.bay(6).lasting(4 * 7 * 24 * 60 + 60);
    assert_eq!(
        scene.booker.book(&long).await.expect(422).reasons(),
        ["length"]
    );
    scene.done().await;
}

#[tokio::test]
async fn a_closure_tells_those_who_wanted_its_place() {
    let scene = scene().await;
    let world = &scene.world;
    let wanted = scene.bay(0).with(json!({"access_before_min": 60}));
    let id = scene.booker.book(&wanted).await.expect(201).id();
    let beside = scene.other.book(&scene.bay(1)).await.expect(201).id();
    // over nothing but the organiser's own set-up
    let closing = json!({
        "space_id": scene.wish.space, "area_ids": [scene.bays[0]], "reason": "换灯",
        "start": wednesday(8, 15), "end": wednesday(8, 45),
    });
    let admin = world.person("admin").await;
    admin.post("/v1/closures", closing).await.expect(201);
    assert_eq!(
        world.told(&id).await.last().unwrap(),
        "booking_no_longer_possible booker"
    );
    assert_eq!(world.state(&id).await, "requested");
    assert_ne!(
        world.told(&beside).await.last().unwrap(),
        "booking_no_longer_possible booker2"
    );
    scene.done().await;
}
