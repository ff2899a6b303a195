//! Many at once: one wins, the others are told so, nobody sees a fault.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Wish, World, wednesday};

#[tokio::test]
async fn of_200_who_want_one_slot_one_gets_it() {
    let world = World::new().await;
    let crowd = world.crowd(200).await;
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(version, "roadshow");
    let answers = join_all(crowd.iter().map(|person| person.book(&wish))).await;
    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(201), count(409)), (1, 199));
    for lost in answers.iter().filter(|answer| answer.status == 409) {
        assert_eq!(
            (lost.problem(), lost.reasons()),
            ("slot-taken", vec!["taken".to_owned()])
        );
        assert!(!lost.body["alternatives"].as_array().unwrap().is_empty());
    }
    let rows = world.texts("SELECT id::text AS name FROM booking").await;
    assert_eq!(rows.len(), 1);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn of_two_requests_that_exclude_each_other_one_is_confirmed() {
    let world = World::new().await;
    let (booker, other) = (world.person("booker").await, world.person("booker2").await);
    let (one, two) = (
        world.person("approver").await,
        world.person("approver2").await,
    );
    let space = world.space("huizhan").await;
    let bays = world.areas(space).await;
    for bay in &bays {
        let wish = Wish::new(space, wednesday(9, 0), 480)
            .with(json!({"event_type": "exhibition", "area_ids": [bay]}));
        let first = booker.book(&wish).await.expect(201).id();
        let second = other.book(&wish).await.expect(201).id();
        let (a, b) = tokio::join!(one.act(&first, "approve"), two.act(&second, "approve"));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", a.body, b.body);
        let lost = if a.status == 409 { a } else { b };
        assert_eq!(lost.reasons(), ["taken"]);
    }
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn the_same_key_books_once_and_answers_the_same() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60);
    let key = [("idempotency-key", "one and the same")];
    let asked = (0..20).map(|_| booker.call_with("POST", "/v1/bookings", wish.body(&booker), &key));
    let answers = join_all(asked).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (201, &answers[0].body));
        assert_eq!(answer.headers.get("etag"), answers[0].headers.get("etag"));
    }
    assert_eq!(
        world
            .texts("SELECT id::text AS name FROM booking")
            .await
            .len(),
        1
    );
    assert_eq!(
        world.told(&answers[0].id()).await,
        ["booking_confirmed booker"]
    );

    // the same key for something else
    let other = wish.clone().at(wednesday(12, 0));
    let reused = booker
        .call_with("POST", "/v1/bookings", other.body(&booker), &key)
        .await
        .expect(422);
    assert_eq!(reused.problem(), "idempotency-key-reused");
    // another person's key is another key
    let colleague = world.person("colleague").await;
    colleague
        .call_with("POST", "/v1/bookings", other.body(&colleague), &key)
        .await
        .expect(201);
    // a refusal is not kept: when the slot is free again, the same request works
    let taken = [("idempotency-key", "two")];
    booker
        .call_with("POST", "/v1/bookings", other.body(&booker), &taken)
        .await
        .expect(409);
    world
        .run("UPDATE venue SET policy = policy || '{\"cancel_deadline_hours\": 0}'")
        .await;
    let id = world
        .text("SELECT id::text AS name FROM booking ORDER BY id DESC LIMIT 1")
        .await;
    colleague.act(&id, "cancel").await.expect(200);
    booker
        .call_with("POST", "/v1/bookings", other.body(&booker), &taken)
        .await
        .expect(201);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn an_act_with_a_key_happens_once() {
    let world = World::new().await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(version, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    let path = format!("/v1/bookings/{id}/approve");
    let key = [("idempotency-key", "approve")];
    let answers =
        join_all((0..10).map(|_| approver.call_with("POST", &path, Value::Null, &key))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
    }
    let confirmed = world
        .told(&id)
        .await
        .iter()
        .filter(|told| told.starts_with("booking_confirmed"))
        .count();
    assert_eq!(confirmed, 1);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_stale_page_changes_nothing_however_many_hurry() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(9, 0), 60).layout(version, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    let path = format!("/v1/bookings/{id}/reschedule");
    let moves = (10..20).map(|hour| {
        booker.call_with(
            "POST",
            &path,
            json!({"start": wednesday(hour, 0)}),
            &[("if-match", "\"1\"")],
        )
    });
    let answers = join_all(moves).await;
    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(200), count(412)), (1, 9));
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn everybody_moving_about_at_once_ends_in_order() {
    let world = World::new().await;
    let crowd = world.crowd(24).await;
    let hall = world.space("huiju").await;
    let (roadshow, salon) = (
        world.version("roadshow_main").await,
        world.version("salon").await,
    );
    let busy = crowd.iter().enumerate().map(|(n, person)| {
        let hour = 9 + (n as u32 % 10);
        let wish = if n % 2 == 0 {
            Wish::new(hall, wednesday(hour, 0), 60).layout(roadshow, "roadshow")
        } else {
            Wish::new(hall, wednesday(hour, 0), 60).layout(salon, "salon")
        };
        async move {
            let mut statuses = Vec::new();
            let held = person.book(&wish.clone().hold()).await;
            statuses.push(held.status);
            let again = person
                .book(&wish.clone().hold().at(wednesday(9 + (hour + 3) % 10, 30)))
                .await;
            statuses.push(again.status);
            let last = if again.status == 201 { again } else { held };
            if last.status == 201 {
                let id = last.id();
                statuses.push(
                    person
                        .act_with(&id, "reschedule", json!({"start": wednesday(hour, 0)}))
                        .await
                        .status,
                );
                statuses.push(person.act(&id, "submit").await.status);
                statuses.push(person.act(&id, "withdraw").await.status);
            }
            statuses
        }
    });
    let statuses: Vec<u16> = join_all(busy).await.into_iter().flatten().collect();
    assert!(
        statuses
            .iter()
            .all(|status| [200, 201, 409].contains(status)),
        "{statuses:?}"
    );
    assert!(statuses.contains(&200));
    world.check().await;
    world.end().await;
}
