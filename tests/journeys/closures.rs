//! Staff close the hall.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Answer, Person, Wish, World, wednesday};

struct Scene {
    world: World,
    booker: Person,
    desk: Person,
    wish: Wish,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 60).layout(version, "roadshow");
    Scene {
        world,
        booker,
        desk,
        wish,
    }
}

impl Scene {
    async fn close(&self, start: DateTime<Utc>, minutes: i64, displace: bool) -> Answer {
        let end = start + TimeDelta::minutes(minutes);
        let body = json!({"space_id": self.wish.space, "start": start, "end": end, "reason": "消防检修", "displace": displace});
        self.desk.post("/v1/closures", body).await
    }

    async fn rows(&self) -> Vec<String> {
        self.world.rows(self.wish.space).await
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn a_closure_is_refused_with_its_list_or_displaces_all_and_is_lifted() {
    let scene = scene().await;
    let world = &scene.world;
    let one = scene.booker.book(&scene.wish).await.expect(201).id();
    let two = scene
        .desk
        .book(&scene.wish.clone().at(wednesday(16, 0)))
        .await
        .expect(201)
        .id();
    let beside = scene
        .booker
        .book(&scene.wish.clone().at(wednesday(19, 0)))
        .await
        .expect(201)
        .id();
    let before = scene.rows().await;
    let refused = scene.close(wednesday(14, 30), 120, false).await.expect(409);
    assert_eq!(refused.reasons(), ["bookings_in_the_way"]);
    let mut listed = vec![one.clone(), two.clone()];
    listed.sort();
    assert_eq!(refused.body["in_the_way"], json!(listed));
    assert_eq!(scene.rows().await, before);
    let no_reason = json!({"space_id": scene.wish.space, "start": wednesday(9, 0), "end": wednesday(10, 0), "reason": ""});
    assert_eq!(
        scene
            .desk
            .post("/v1/closures", no_reason)
            .await
            .expect(422)
            .fields(),
        ["reason"]
    );
    assert_eq!(
        scene
            .close(wednesday(14, 0) - TimeDelta::days(60), 60, false)
            .await
            .expect(422)
            .fields(),
        ["end"]
    );

    let closed = scene.close(wednesday(14, 30), 120, true).await.expect(201);
    assert_eq!(closed.body["displaced"], json!(listed));
    for (id, to) in [(&one, "booker"), (&two, "desk")] {
        assert_eq!(world.state(id).await, "cancelled");
        assert_eq!(
            *world.told(id).await.last().unwrap(),
            format!("booking_displaced {to}")
        );
    }
    assert_eq!(world.state(&beside).await, "requested");
    assert_eq!(
        scene.rows().await,
        ["closure 14:30 120", "changeover 18:35 25", "event 19:00 60"]
    );
    let facts = world
        .text(&format!("SELECT concat_ws(' ', payload->>'reason', jsonb_array_length(payload->'alternatives') > 0) AS name FROM message WHERE kind = 'booking_displaced' AND booking_id = '{one}'"))
        .await;
    assert_eq!(facts, "消防检修 t");
    assert_eq!(
        scene
            .booker
            .book(&scene.wish.clone().at(wednesday(15, 0)))
            .await
            .expect(409)
            .reasons(),
        ["closed"]
    );

    let lift = format!("/v1/closures/{}/lift", closed.id());
    scene.booker.post(&lift, Value::Null).await.expect(404);
    let lifted = scene.desk.post(&lift, Value::Null).await.expect(200);
    assert!(lifted.body["ended_at"].is_string());
    scene.desk.post(&lift, Value::Null).await.expect(409);
    scene
        .booker
        .book(&scene.wish.clone().at(wednesday(15, 0)))
        .await
        .expect(201);
    let list = scene
        .booker
        .get(&format!("/v1/closures?space_id={}", scene.wish.space))
        .await
        .expect(200);
    assert_eq!(list.body[0]["id"], json!(closed.id()));
    scene.done().await;
}

#[tokio::test]
async fn a_changeover_in_its_way_moves_or_its_booking_goes_too() {
    let scene = scene().await;
    let id = scene.desk.book(&scene.wish).await.expect(201).id();
    assert_eq!(
        scene.rows().await,
        ["changeover 13:35 25", "event 14:00 60"]
    );
    scene.close(wednesday(13, 30), 30, false).await.expect(201);
    assert_eq!(
        scene.rows().await,
        ["changeover 13:05 25", "closure 13:30 30", "event 14:00 60"]
    );
    // where nothing is left before it, the booking stands in the way
    let all = (wednesday(13, 30) - Utc::now()).num_minutes() + 1;
    let refused = scene
        .close(wednesday(13, 30) - TimeDelta::minutes(all), all, false)
        .await;
    assert_eq!(refused.expect(409).body["in_the_way"], json!([id]));
    let closed = scene
        .close(wednesday(13, 30) - TimeDelta::minutes(all), all, true)
        .await
        .expect(201);
    assert_eq!(closed.body["displaced"], json!([id]));
    assert_eq!(scene.world.state(&id).await, "cancelled");
    scene.done().await;
}

#[tokio::test]
async fn nothing_that_runs_is_closed_away() {
    let scene = scene().await;
    let world = &scene.world;
    world.always_open().await;
    let at = |minutes: i64| Utc::now() + TimeDelta::minutes(minutes);
    let room = world.space("zhizao").await;
    let start = chrono::DurationRound::duration_trunc(at(5), TimeDelta::minutes(1)).unwrap();
    let id = scene
        .booker
        .book(&Wish::new(room, start, 60))
        .await
        .expect(201)
        .id();
    scene.desk.act(&id, "check-in").await.expect(200);
    let close = |start: DateTime<Utc>| json!({"space_id": room, "start": start, "end": start + TimeDelta::hours(2), "reason": "x", "displace": true});
    let refused = scene
        .desk
        .post("/v1/closures", close(at(1)))
        .await
        .expect(409);
    assert_eq!(refused.reasons(), ["running"]);
    // begun, though nobody was checked in
    scene.desk.act(&id, "undo-check-in").await.expect(200);
    world.minutes_pass(10).await;
    let refused = scene
        .desk
        .post("/v1/closures", close(at(1)))
        .await
        .expect(409);
    assert_eq!(refused.reasons(), ["running"]);
    assert_eq!(world.state(&id).await, "confirmed");
    scene
        .desk
        .post("/v1/closures", close(at(60)))
        .await
        .expect(201);
    scene.done().await;
}

#[tokio::test]
async fn what_has_lapsed_is_not_in_its_way() {
    let scene = scene().await;
    let held = scene
        .booker
        .book(&scene.wish.clone().hold())
        .await
        .expect(201)
        .id();
    scene.world.lapse(&held).await;
    let closed = scene.close(wednesday(13, 0), 120, false).await.expect(201);
    assert_eq!(closed.body["displaced"], json!([]));
    assert_eq!(scene.world.state(&held).await, "released");
    assert_eq!(scene.rows().await, ["closure 13:00 120"]);
    scene.done().await;
}
