//! Booking at the front desk: for somebody else, and by the same rules.

use serde_json::json;

use crate::support::{Wish, World, wednesday};

#[tokio::test]
async fn who_asks_at_the_desk_needs_the_same_approvals() {
    let world = World::new().await;
    let (desk, first, second) = (
        world.person("desk").await,
        world.person("approver").await,
        world.person("approver2").await,
    );
    let (hall, rest) = (world.space("huiju").await, world.version("rest").await);
    let wish = |hour, people| {
        Wish::new(hall, wednesday(hour, 0), 60)
            .layout(rest, "salon")
            .people(people)
    };
    let caller = json!({"contact": {"name": "王芳", "phone": "13800138000"}});
    let asked = desk.book(&wish(9, 20).with(caller)).await.expect(201);
    assert_eq!(asked.state(), "requested");
    desk.act(&asked.id(), "approve").await.expect(404);
    first.act(&asked.id(), "approve").await.expect(200);

    // an approver's own word is one of those that it takes
    let own = first.book(&wish(12, 20)).await.expect(201);
    assert_eq!(own.state(), "confirmed");
    let big = first.book(&wish(15, 160)).await.expect(201);
    assert_eq!(big.state(), "requested");
    let told = world.told(&big.id()).await;
    assert!(told.contains(&"request_to_decide approver2".to_owned()));
    assert!(!told.contains(&"request_to_decide approver".to_owned()));
    let again = first.act(&big.id(), "approve").await.expect(409);
    assert_eq!(again.reasons(), ["already_approved"]);
    let confirmed = second.act(&big.id(), "approve").await.expect(200);
    assert_eq!(confirmed.state(), "confirmed");
    let approvals = "SELECT count(*)::text AS name FROM approval WHERE void_at IS NULL";
    assert_eq!(world.text(approvals).await, "4");

    // a hold that an approver fills in
    let hold = first
        .book(&wish(18, 20).with(json!({"mode": "hold"})))
        .await;
    let hold = hold.expect(201).id();
    let submitted = first.act(&hold, "submit").await.expect(200);
    assert_eq!(submitted.state(), "confirmed");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn the_desk_books_for_somebody_who_is_there_and_can_be_reached() {
    let world = World::new().await;
    let desk = world.person("desk").await;
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60);
    let nowhere = uuid::Uuid::now_v7();
    world
        .run("UPDATE organisation SET state = 'pending' WHERE name = '云图科技'")
        .await;
    let pending = world
        .text("SELECT id::text AS name FROM organisation WHERE name = '云图科技'")
        .await;
    for (what, code) in [
        (
            json!({"organisation_id": nowhere}),
            "organisation_id unknown",
        ),
        (
            json!({"organisation_id": pending}),
            "organisation_id organisation_not_verified",
        ),
        (
            json!({"contact": {"name": "x"}}),
            "contact.phone email_or_phone",
        ),
        (
            json!({"contact": {"name": "x", "phone": "abc"}}),
            "contact.phone malformed",
        ),
    ] {
        let refused = desk.book(&wish.clone().with(what)).await.expect(422);
        assert_eq!(refused.codes(), [code]);
    }
    // what the caller wrote stays within what the problem says
    let refused = desk.book(&wish.clone().people(0)).await.expect(422);
    assert_eq!(refused.body["errors"][0]["detail"], "Must be at least 1.");
    world.end().await;
}

#[tokio::test]
async fn what_is_in_the_way_is_never_the_booking_itself() {
    let world = World::new().await;
    world.always_open().await;
    let desk = world.person("desk").await;
    // no crew is there: nobody could carry
    world.run("DELETE FROM crew_shift").await;
    let hall = world.space("huiju").await;
    let version = world.version("roadshow_main").await;
    let wish = Wish::new(hall, wednesday(10, 0), 60).layout(version, "roadshow");
    let refused = desk.book(&wish).await.expect(409);
    assert_eq!(refused.reasons(), ["no_crew"]);
    assert_eq!(refused.body.get("in_the_way"), None, "{}", refused.body);
    world.end().await;
}
