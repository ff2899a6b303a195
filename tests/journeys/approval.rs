//! From a request to a confirmed booking: the product's main job.

use serde_json::json;

use crate::support::{Wish, World, wednesday};

#[tokio::test]
async fn a_booker_asks_an_approver_confirms_both_are_told() {
    let world = World::new().await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let (hall, roadshow) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(roadshow, "roadshow");

    let requested = booker.book(&wish).await.expect(201);
    assert_eq!(requested.body["state"], "requested");
    assert_eq!(requested.headers["etag"], "\"1\"");
    let id = requested.id();

    booker.act(&id, "approve").await.expect(404);
    let confirmed = approver.act(&id, "approve").await.expect(200);
    assert_eq!(confirmed.body["state"], "confirmed");
    assert_eq!(
        approver.act(&id, "approve").await.expect(409).body["state"],
        "confirmed"
    );

    // the changeover from what stood there lies directly before
    let rows = world
        .texts("SELECT kind || ' ' || round(extract(epoch FROM upper(during) - lower(during)) / 60) AS name FROM occupancy ORDER BY lower(during)")
        .await;
    assert_eq!(rows, ["changeover 25", "event 120"]);
    let told = world
        .texts("SELECT kind || ' ' || email AS name FROM message ORDER BY kind, email")
        .await;
    assert_eq!(
        told,
        [
            "booking_confirmed booker@test.example",
            "booking_received booker@test.example",
            "request_to_decide approver2@test.example",
            "request_to_decide approver@test.example"
        ]
    );
    let history = booker
        .get(&format!("/v1/bookings/{id}/history"))
        .await
        .expect(200);
    let events: Vec<_> = history
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["event"].clone())
        .collect();
    assert_eq!(json!(events), json!(["request", "confirm"]));
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_changeover_that_does_not_fit_is_refused_with_what_would_work() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let (hall, roadshow, salon) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
        world.version("salon").await,
    );
    booker
        .book(&Wish::new(hall, wednesday(14, 0), 120).layout(roadshow, "roadshow"))
        .await
        .expect(201);

    let refused = booker
        .book(&Wish::new(hall, wednesday(16, 0), 60).layout(salon, "salon"))
        .await
        .expect(409);
    assert_eq!(refused.reasons(), ["changeover_too_long"]);
    assert_eq!(
        refused.body["reasons"][0]["detail"],
        "30 minutes of changeover are needed, 0 are free."
    );
    let nearest = &refused.body["alternatives"][0]["start"];
    assert_eq!(nearest, &json!(wednesday(16, 30)));

    let offered: chrono::DateTime<chrono::Utc> = serde_json::from_value(nearest.clone()).unwrap();
    booker
        .book(&Wish::new(hall, offered, 60).layout(salon, "salon"))
        .await
        .expect(201);
    world.check().await;
    world.end().await;
}
