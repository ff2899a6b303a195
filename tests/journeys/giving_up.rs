//! Taking back a request, cancelling what was confirmed, and what that does to the neighbours.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Wish, World, wednesday};

fn soon(hours: i64) -> DateTime<Utc> {
    (Utc::now() + TimeDelta::hours(hours))
        .duration_trunc(TimeDelta::minutes(1))
        .unwrap()
}

#[tokio::test]
async fn a_requester_withdraws_a_request_but_does_not_cancel_it() {
    let world = World::new().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(version, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    let refused = booker.act(&id, "cancel").await.expect(409);
    assert_eq!(refused.state(), "requested");
    desk.act(&id, "withdraw").await.expect(404);
    let gone = booker
        .act_with(&id, "withdraw", json!({"reason": "改期"}))
        .await
        .expect(200);
    assert_eq!(gone.state(), "withdrawn");
    assert_eq!(
        world.told(&id).await.last().unwrap(),
        "booking_withdrawn booker"
    );
    assert_eq!(world.rows(hall).await, [""; 0]);
    booker.act(&id, "withdraw").await.expect(409);

    // staff cancel a request, with a reason
    let id = booker.book(&wish).await.expect(201).id();
    assert_eq!(
        desk.act(&id, "cancel").await.expect(422).fields(),
        ["reason"]
    );
    let cancelled = desk
        .act_with(&id, "cancel", json!({"reason": "场地停用"}))
        .await
        .expect(200);
    assert_eq!(cancelled.state(), "cancelled");
    assert_eq!(
        world.told(&id).await.last().unwrap(),
        "booking_cancelled booker"
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_requester_cancels_until_the_deadline_staff_after_it_with_a_reason() {
    let world = World::new().await;
    world.always_open().await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let room = world.space("zhizao").await;
    let early = booker
        .book(&Wish::new(room, soon(4), 60))
        .await
        .expect(201)
        .id();
    let late = booker
        .book(&Wish::new(room, soon(1), 60))
        .await
        .expect(201)
        .id();
    assert_eq!(
        booker.act(&early, "cancel").await.expect(200).state(),
        "cancelled"
    );
    let refused = booker.act(&late, "cancel").await.expect(422);
    assert_eq!(
        (refused.problem(), refused.reasons()),
        ("policy-refused", vec!["deadline".to_owned()])
    );
    assert_eq!(world.state(&late).await, "confirmed");

    assert_eq!(
        approver.act(&late, "cancel").await.expect(422).fields(),
        ["reason"]
    );
    let cancelled = approver
        .act_with(&late, "cancel", json!({"reason": "临时检修"}))
        .await;
    assert_eq!(cancelled.expect(200).state(), "cancelled");
    let history = booker
        .get(&format!("/v1/bookings/{late}/history"))
        .await
        .expect(200);
    let last = history.body.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["event"], &last["reason"], &last["actor_id"]),
        (&json!("cancel"), &json!("临时检修"), &json!(approver.id))
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn cancelling_the_middle_one_recomputes_the_changeover_of_the_next() {
    let world = World::new().await;
    let staff = world.person("desk").await;
    let (hall, roadshow, salon) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
        world.version("salon").await,
    );
    let wish = Wish::new(hall, wednesday(10, 0), 60).layout(roadshow, "roadshow");
    staff.book(&wish).await.expect(201);
    let middle = staff
        .book(&Wish::new(hall, wednesday(12, 0), 60).layout(salon, "salon"))
        .await;
    staff
        .book(&wish.clone().at(wednesday(15, 0)))
        .await
        .expect(201);
    assert_eq!(
        world.rows(hall).await,
        [
            "changeover 09:35 25",
            "event 10:00 60",
            "changeover 11:30 30",
            "event 12:00 60",
            "changeover 14:30 30",
            "event 15:00 60"
        ]
    );
    let middle = middle.expect(201).id();
    staff
        .act_with(&middle, "cancel", json!({"reason": "x"}))
        .await
        .expect(200);
    assert_eq!(
        world.rows(hall).await,
        [
            "changeover 09:35 25",
            "event 10:00 60",
            "changeover 14:50 10",
            "event 15:00 60"
        ]
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn giving_up_never_fails_staff_look_at_what_has_no_place() {
    let world = World::new().await;
    let staff = world.person("desk").await;
    let (hall, roadshow, salon, flash) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
        world.version("salon").await,
        world.version("flash").await,
    );
    // roadshow to flash takes 20 minutes; by way of a salon 30 and 30
    staff
        .book(&Wish::new(hall, wednesday(10, 0), 60).layout(roadshow, "roadshow"))
        .await
        .expect(201);
    let middle = staff
        .book(&Wish::new(hall, wednesday(12, 0), 60).layout(salon, "salon"))
        .await
        .expect(201)
        .id();
    staff
        .book(&Wish::new(hall, wednesday(15, 0), 60).layout(flash, "charity_popup"))
        .await
        .expect(201);
    // since then the direct way was measured anew: it takes longer than the whole gap
    world
        .run(&format!(
            "UPDATE changeover_time SET minutes = 300 WHERE from_version_id = '{roadshow}' AND to_version_id = '{flash}'"
        ))
        .await;
    staff
        .act_with(&middle, "cancel", json!({"reason": "x"}))
        .await
        .expect(200);
    assert_eq!(
        world.rows(hall).await,
        [
            "changeover 09:35 25",
            "event 10:00 60",
            "changeover 11:30 30",
            "changeover 14:30 30",
            "event 15:00 60"
        ]
    );
    let tasks = staff
        .get(&format!("/v1/tasks?venue_id={}", world.venue))
        .await
        .expect(200);
    let kinds: Vec<&Value> = tasks
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|task| &task["kind"])
        .collect();
    assert_eq!(kinds, [&json!("changeover_missing")]);
    let task = tasks.body[0]["id"].as_str().unwrap().to_owned();
    let done = staff.act_on_task(&task).await.expect(200);
    assert_eq!(done.body["done_by"], json!(staff.id));
    let open = staff
        .get(&format!("/v1/tasks?venue_id={}", world.venue))
        .await
        .expect(200);
    assert_eq!(open.body, json!([]));
    let closed = staff
        .get(&format!("/v1/tasks?venue_id={}&done=true", world.venue))
        .await
        .expect(200);
    assert_eq!(closed.body[0]["id"], json!(task));
    world.check().await;
    world.end().await;
}
