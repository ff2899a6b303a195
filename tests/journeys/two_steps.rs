//! Big events take two approvers.

use serde_json::{Value, json};

use crate::support::{Wish, World, wednesday};

#[tokio::test]
async fn from_150_people_two_distinct_approvers_confirm() {
    let world = World::new().await;
    let (booker, first, second) = (
        world.person("booker").await,
        world.person("approver").await,
        world.person("approver2").await,
    );
    let (hall, rest) = (world.space("huiju").await, world.version("rest").await);
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(rest, "salon");
    let small = booker.book(&wish.clone().people(149)).await.expect(201);
    assert_eq!(small.body["approval_steps"], 1);
    booker.act(&small.id(), "withdraw").await.expect(200);

    let big = booker.book(&wish.people(160)).await.expect(201);
    assert_eq!(big.body["approval_steps"], 2);
    assert_eq!(big.body["warnings"], json!(["above_seats"]));
    let id = big.id();
    assert_eq!(
        first.act(&id, "approve").await.expect(200).state(),
        "requested"
    );
    let again = first.act(&id, "approve").await.expect(409);
    assert_eq!(again.reasons(), ["already_approved"]);

    // another place: what was approved was another booking
    let moved = booker
        .act_with(&id, "reschedule", json!({"start": wednesday(10, 0)}))
        .await
        .expect(200);
    assert_eq!(moved.state(), "requested");
    assert_eq!(
        second.act(&id, "approve").await.expect(200).state(),
        "requested"
    );
    assert_eq!(
        first.act(&id, "approve").await.expect(200).state(),
        "confirmed"
    );
    let told = world.told(&id).await;
    let count = |kind: &str| told.iter().filter(|told| told.starts_with(kind)).count();
    assert_eq!(count("booking_confirmed"), 1);
    assert_eq!(count("request_to_decide"), 4);
    let events = world
        .texts(&format!(
            "SELECT event AS name FROM booking_event WHERE booking_id = '{id}' ORDER BY at, id"
        ))
        .await;
    assert_eq!(
        events,
        ["request", "approve", "reschedule", "approve", "confirm"]
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn with_fewer_people_one_approver_is_enough() {
    let world = World::new().await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let (hall, rest) = (world.space("huiju").await, world.version("rest").await);
    let wish = Wish::new(hall, wednesday(14, 0), 120)
        .layout(rest, "salon")
        .people(150);
    let id = booker.book(&wish).await.expect(201).id();
    let fewer = booker
        .act_with(&id, "reschedule", json!({"attendance": 100}))
        .await
        .expect(200);
    assert_eq!(fewer.body["approval_steps"], 1);
    assert_eq!(
        approver.act(&id, "approve").await.expect(200).state(),
        "confirmed"
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn more_people_later_take_another_approver_too() {
    let world = World::new().await;
    let (booker, first, second) = (
        world.person("booker").await,
        world.person("approver").await,
        world.person("approver2").await,
    );
    let (hall, rest) = (world.space("huiju").await, world.version("rest").await);
    let wish = Wish::new(hall, wednesday(14, 0), 60).layout(rest, "salon");
    let id = booker.book(&wish.people(20)).await.expect(201).id();
    first.act(&id, "approve").await.expect(200);
    let more = json!({"attendance": 160});
    let asked = booker.act_with(&id, "change-requests", more.clone()).await;
    let change = format!("/v1/change-requests/{}/accept", asked.expect(201).id());
    let alone = first.post(&change, Value::Null).await.expect(409);
    assert_eq!(alone.reasons(), ["another_approver"]);
    let alone = first.act_with(&id, "reschedule", more).await.expect(409);
    assert_eq!(alone.reasons(), ["another_approver"]);
    let accepted = second.post(&change, Value::Null).await.expect(200);
    assert_eq!(accepted.body["approval_steps"], 2);
    assert_eq!(accepted.body["attendance"], 160);
    world.check().await;
    world.end().await;
}
