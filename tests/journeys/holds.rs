//! A slot kept while a form is filled in.

use serde_json::json;

use crate::support::{Wish, World, wednesday};

async fn roadshow(world: &World) -> Wish {
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    Wish::new(hall, wednesday(14, 0), 120).layout(version, "roadshow")
}

#[tokio::test]
async fn a_second_hold_replaces_the_first_or_nothing_happens() {
    let world = World::new().await;
    let (booker, other) = (world.person("booker").await, world.person("booker2").await);
    let wish = roadshow(&world).await.hold();
    let first = booker.book(&wish).await.expect(201);
    assert_eq!(first.state(), "held");
    let first = first.id();
    other
        .book(&roadshow(&world).await.at(wednesday(18, 0)).lasting(60))
        .await
        .expect(201);

    // refused: the first hold is still there
    let refused = booker.book(&wish.clone().at(wednesday(17, 30))).await;
    assert_eq!(refused.expect(409).reasons(), ["taken"]);
    assert_eq!(world.state(&first).await, "held");

    // over its own old place
    let second = booker.book(&wish.clone().at(wednesday(15, 0))).await;
    let second = second.expect(201).id();
    assert_eq!(world.state(&first).await, "released");
    // and somewhere else
    let third = booker.book(&wish.clone().at(wednesday(10, 0))).await;
    let third = third.expect(201).id();
    assert_eq!(world.state(&second).await, "released");
    assert_eq!(
        world.rows(wish.space).await,
        [
            "changeover 09:35 25",
            "event 10:00 120",
            "changeover 17:50 10",
            "event 18:00 60"
        ]
    );
    // a hold elsewhere replaces nothing
    let room = world.space("zhizao").await;
    booker
        .book(&Wish::new(room, wednesday(10, 0), 60).hold())
        .await
        .expect(201);
    assert_eq!(world.state(&third).await, "held");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_hold_is_prolonged_once_and_becomes_a_request() {
    let world = World::new().await;
    let (booker, colleague) = (
        world.person("booker").await,
        world.person("colleague").await,
    );
    let held = booker
        .book(&roadshow(&world).await.hold())
        .await
        .expect(201);
    let id = held.id();
    booker.act(&id, "approve").await.expect(404);
    world
        .run("UPDATE booking SET expires_at = now() + interval '1 minute'")
        .await;
    let prolonged = booker.act(&id, "prolong").await.expect(200);
    let until: chrono::DateTime<chrono::Utc> =
        serde_json::from_value(prolonged.body["expires_at"].clone()).unwrap();
    assert!(until > chrono::Utc::now() + chrono::TimeDelta::minutes(14));
    let refused = booker.act(&id, "prolong").await.expect(409);
    assert_eq!(refused.reasons(), ["already_prolonged"]);

    // the organisation's: a colleague may submit it
    let requested = colleague.act(&id, "submit").await.expect(200);
    assert_eq!(requested.state(), "requested");
    for act in ["submit", "prolong", "release"] {
        let refused = booker.act(&id, act).await.expect(409);
        assert_eq!(
            (refused.problem(), refused.state()),
            ("wrong-state", "requested")
        );
    }
    assert_eq!(
        world.told(&id).await.first().map(String::as_str),
        Some("booking_received booker")
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn where_no_approval_is_needed_a_submitted_hold_is_confirmed() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let room = world.space("zhizao").await;
    let wish = Wish::new(room, wednesday(10, 0), 60).hold();
    let id = booker.book(&wish).await.expect(201).id();
    let confirmed = booker.act(&id, "submit").await.expect(200);
    assert_eq!(confirmed.state(), "confirmed");
    assert_eq!(confirmed.body["expires_at"], json!(null));
    assert_eq!(world.told(&id).await, ["booking_confirmed booker"]);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn what_lapses_is_given_up_by_the_worker() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let wish = roadshow(&world).await;
    let held = booker.book(&wish.clone().hold()).await.expect(201).id();
    let requested = booker.book(&wish.clone().at(wednesday(9, 0))).await;
    let requested = requested.expect(201).id();
    world.tick().await;
    assert_eq!(world.state(&held).await, "held");

    world.lapse(&held).await;
    world.lapse(&requested).await;
    world.tick().await;
    world.tick().await;
    assert_eq!(world.state(&held).await, "released");
    assert_eq!(world.state(&requested).await, "expired");
    assert_eq!(world.rows(wish.space).await, [""; 0]);
    assert_eq!(world.told(&held).await, [""; 0]);
    let told = world.told(&requested).await;
    assert_eq!(
        told.iter()
            .filter(|told| *told == "booking_expired booker")
            .count(),
        1,
        "{told:?}"
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn what_has_lapsed_stands_in_nobodys_way_and_is_decided_no_more() {
    let world = World::new().await;
    let (booker, other, approver) = (
        world.person("booker").await,
        world.person("booker2").await,
        world.person("approver").await,
    );
    let wish = roadshow(&world).await;
    let held = booker.book(&wish.clone().hold()).await.expect(201).id();
    let requested = booker.book(&wish.clone().at(wednesday(9, 0))).await;
    let requested = requested.expect(201).id();
    other.book(&wish).await.expect(409);
    world.lapse(&held).await;
    world.lapse(&requested).await;

    for (id, act, state) in [
        (&requested, "approve", "expired"),
        (&requested, "withdraw", "expired"),
        (&held, "submit", "released"),
        (&held, "prolong", "released"),
    ] {
        let by = if act == "approve" { &approver } else { &booker };
        let refused = by.act(id, act).await.expect(409);
        assert_eq!((refused.problem(), refused.state()), ("wrong-state", state));
    }
    // no worker has run: the next writer gives up what is in its way, in one act
    other.book(&wish).await.expect(201);
    other
        .book(&wish.clone().at(wednesday(9, 0)))
        .await
        .expect(201);
    assert_eq!(world.state(&held).await, "released");
    assert_eq!(world.state(&requested).await, "expired");
    let told = world.told(&requested).await;
    assert_eq!(told.last().unwrap(), "booking_expired booker");
    world.check().await;
    world.end().await;
}
