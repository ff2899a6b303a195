//! Who may book what, when and for how long; and what is wrong with a wish, by name.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Wish, World, wednesday};

#[tokio::test]
async fn the_group_decides_what_it_takes() {
    let world = World::new().await;
    let (booker, resident) = (world.person("booker").await, world.person("resident").await);
    let room = world.space("zhizao").await;
    world
        .run("UPDATE space SET policy = jsonb_set(policy, '{horizon_days,resident}', '60')")
        .await;
    let wish = Wish::new(room, wednesday(10, 0), 60);
    let confirmed = booker.book(&wish).await.expect(201);
    assert_eq!(confirmed.state(), "confirmed");
    assert_eq!(confirmed.body["arrive_by"], json!(wednesday(10, 15)));
    assert_eq!(
        world.told(&confirmed.id()).await,
        ["booking_confirmed booker"]
    );
    let requested = resident
        .book(&wish.clone().at(wednesday(11, 0)))
        .await
        .expect(201);
    assert_eq!(requested.state(), "requested");

    // the hall: a resident may ask for a salon there, and for nothing else
    let hall = world.space("huiju").await;
    let (roadshow, salon) = (
        world.version("roadshow_main").await,
        world.version("salon").await,
    );
    let show = Wish::new(hall, wednesday(10, 0), 60).layout(roadshow, "roadshow");
    let refused = resident.book(&show).await.expect(422);
    assert_eq!(
        (refused.problem(), refused.reasons()),
        ("policy-refused", vec!["who".to_owned()])
    );
    let asked = resident
        .book(&Wish::new(hall, wednesday(10, 0), 60).layout(salon, "salon"))
        .await;
    assert_eq!(asked.expect(201).state(), "requested");
    // who is not verified books as a guest
    world
        .run("UPDATE \"user\" SET verified_at = NULL WHERE name = 'resident'")
        .await;
    let guest = resident
        .book(&Wish::new(hall, wednesday(15, 0), 60).layout(salon, "salon"))
        .await;
    assert_eq!(guest.expect(422).reasons(), ["who"]);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn for_whom_one_may_book() {
    let world = World::new().await;
    let (booker, viewer, other) = (
        world.person("booker").await,
        world.person("viewer").await,
        world.person("booker2").await,
    );
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60);
    let viewed = viewer.book(&wish).await.expect(422);
    assert_eq!(viewed.fields(), ["organisation_id"]);
    let foreign = wish
        .clone()
        .with(json!({"organisation_id": booker.organisation}));
    assert_eq!(
        other.book(&foreign).await.expect(422).fields(),
        ["organisation_id"]
    );
    world.run("UPDATE organisation SET state = 'pending'").await;
    let pending = booker.book(&wish).await.expect(422);
    assert_eq!(
        pending.body["errors"][0]["code"],
        "organisation_not_verified"
    );
    world.nobody().book(&wish).await.expect(401);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn every_rule_about_time_is_named() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let room = world.space("zhizao").await;
    let (hall, salon) = (world.space("huiju").await, world.version("salon").await);
    let wish = Wish::new(room, wednesday(10, 0), 60);
    let day = TimeDelta::days(1);
    let tomorrow = wednesday(10, 0) - day * (wednesday(10, 0) - Utc::now()).num_days() as i32;
    for (wish, reasons) in [
        (wish.clone().at(wednesday(8, 30)), vec!["hours"]),
        (wish.clone().at(wednesday(20, 30)), vec!["hours"]),
        (wish.clone().at(wednesday(10, 10)), vec!["grid"]),
        (
            wish.clone().at(wednesday(10, 0) + TimeDelta::seconds(1)),
            vec!["grid"],
        ),
        (wish.clone().lasting(270), vec!["length"]),
        (wish.clone().lasting(15), vec!["length", "grid"]),
        (
            wish.clone().at(wednesday(10, 0) + day * 63),
            vec!["horizon"],
        ),
        (
            wish.clone().at(wednesday(10, 0) - day * 364),
            vec!["past", "lead_hours"],
        ),
        (
            Wish::new(hall, tomorrow, 60).layout(salon, "salon"),
            vec!["lead_workdays"],
        ),
    ] {
        let refused = booker.book(&wish).await.expect(422);
        assert_eq!(refused.problem(), "policy-refused");
        assert_eq!(refused.reasons(), reasons, "{wish:?}");
    }
    // closed days and special hours
    let date = (wednesday(10, 0) + TimeDelta::hours(8)).date_naive();
    world
        .run(&format!(
            "INSERT INTO hours_exception (id, venue_id, space_id, date, hours, reason) VALUES \
             (gen_random_uuid(), '{venue}', '{room}', '{date}', '[]', '检修'), \
             (gen_random_uuid(), '{venue}', NULL, '{date}', '[{{\"from\": \"10:00\", \"to\": \"16:00\"}}]', '节日')",
            venue = world.venue,
        ))
        .await;
    assert_eq!(booker.book(&wish).await.expect(422).reasons(), ["hours"]);
    let elsewhere = Wish::new(world.space("show").await, wednesday(9, 0), 60);
    assert_eq!(
        booker.book(&elsewhere).await.expect(422).reasons(),
        ["hours"]
    );
    booker
        .book(&elsewhere.at(wednesday(10, 0)))
        .await
        .expect(201);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn staff_override_policy_with_a_reason_and_opening_hours_never() {
    let world = World::new().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let (hall, salon) = (world.space("huiju").await, world.version("salon").await);
    let day = TimeDelta::days(1);
    let soon = wednesday(10, 10) - day * ((wednesday(10, 0) - Utc::now()).num_days() as i32 - 1);
    let wish = Wish::new(hall, soon, 15).layout(salon, "salon");
    let refused = desk.book(&wish).await.expect(422);
    assert_eq!(refused.reasons(), ["lead_workdays", "length", "grid"]);
    let with_reason = wish.clone().with(json!({"override_reason": "园区活动"}));
    assert_eq!(
        booker.book(&with_reason).await.expect(422).reasons(),
        ["lead_workdays", "length", "grid"]
    );
    let asked = desk.book(&with_reason).await.expect(201);
    assert_eq!(asked.state(), "requested");
    let history = desk
        .get(&format!("/v1/bookings/{}/history", asked.id()))
        .await
        .expect(200);
    assert_eq!(
        history.body[0]["overrides"],
        json!(["lead_time", "length", "grid"])
    );
    assert_eq!(history.body[0]["reason"], "园区活动");
    for start in [wednesday(8, 0), wednesday(10, 0) - day * 364] {
        let refused = desk.book(&with_reason.clone().at(start)).await.expect(422);
        assert!(
            refused
                .reasons()
                .iter()
                .any(|code| code == "hours" || code == "past")
        );
    }
    // an invariant is nobody's to override
    let over = with_reason.clone().at(soon + TimeDelta::minutes(5));
    assert_eq!(desk.book(&over).await.expect(409).reasons(), ["taken"]);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_space_that_is_not_booked_as_a_whole_says_so() {
    let world = World::new().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    for (slug, reason) in [
        ("arvr", "sessions_only"),
        ("zhixiang", "counter_only"),
        ("station", "station_only"),
    ] {
        let space = world.space(slug).await;
        for person in [&booker, &desk] {
            let refused = person
                .book(&Wish::new(space, wednesday(14, 0), 60))
                .await
                .expect(422);
            assert_eq!(
                (refused.problem(), refused.reasons()),
                ("space-not-bookable", vec![reason.to_owned()])
            );
        }
        let date = wednesday(14, 0).date_naive();
        let starts = booker
            .get(&format!(
                "/v1/spaces/{space}/availability?from={date}&minutes=60"
            ))
            .await;
        assert_eq!(starts.expect(422).reasons(), [reason]);
    }
    world
        .run("UPDATE space SET active = false WHERE slug = 'zhizao'")
        .await;
    let closed = booker
        .book(&Wish::new(
            world.space("zhizao").await,
            wednesday(14, 0),
            60,
        ))
        .await;
    assert_eq!(closed.expect(422).reasons(), ["not_active"]);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn bad_input_names_the_field() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let (room, hall) = (world.space("zhizao").await, world.space("huiju").await);
    let (roadshow, salon) = (
        world.version("roadshow_main").await,
        world.version("salon").await,
    );
    let wish = Wish::new(room, wednesday(10, 0), 60);
    let show = Wish::new(hall, wednesday(10, 0), 60).layout(roadshow, "roadshow");
    let long = "长".repeat(201);
    for (wish, field) in [
        (
            wish.clone().with(json!({"space_id": "nonsense"})),
            "space_id",
        ),
        (
            wish.clone().with(json!({"space_id": uuid::Uuid::now_v7()})),
            "space_id",
        ),
        (wish.clone().with(json!({"start": "tomorrow"})), "start"),
        (
            wish.clone().with(json!({"start": "9999-01-01T00:00:00Z"})),
            "start",
        ),
        (wish.clone().lasting(0), "end"),
        (wish.clone().lasting(-60), "end"),
        (wish.clone().with(json!({"title": "  "})), "title"),
        (wish.clone().with(json!({"title": long})), "title"),
        (wish.clone().people(0), "attendance"),
        (wish.clone().people(17), "attendance"),
        (
            wish.clone().with(json!({"attendance": "five"})),
            "attendance",
        ),
        (
            wish.clone().with(json!({"event_type": "party"})),
            "event_type",
        ),
        (
            wish.clone().with(json!({"access_before_min": -1})),
            "access_before_min",
        ),
        (
            wish.clone().with(json!({"access_after_min": 481})),
            "access_after_min",
        ),
        (wish.clone().with(json!({"mode": "at_once"})), "mode"),
        (wish.clone().with(json!({"mode": "walk_in"})), "mode"),
        (
            wish.clone()
                .with(json!({"contact": {"name": "x", "email": "nobody"}})),
            "contact.email",
        ),
        (
            wish.clone().with(json!({"layout_version_id": roadshow})),
            "layout_version_id",
        ),
        (wish.clone().with(json!({"colour": "red"})), "colour"),
        (show.clone().people(81), "attendance"),
        (show.clone().layout(salon, "roadshow"), "layout_version_id"),
        (
            show.clone().layout(uuid::Uuid::now_v7(), "roadshow"),
            "layout_version_id",
        ),
        (
            show.clone().with(json!({"layout_version_id": null})),
            "layout_version_id",
        ),
        (show.clone().with(json!({"area_ids": []})), "area_ids"),
    ] {
        let refused = booker.book(&wish).await;
        assert_eq!(refused.status, 422, "{field}: {}", refused.body);
        assert_eq!(refused.fields(), [field], "{}", refused.body);
        assert!(
            !refused.body["errors"][0]["detail"]
                .as_str()
                .unwrap()
                .is_empty()
        );
    }
    let mut body = wish.body(&booker);
    body.as_object_mut().unwrap().remove("title");
    assert_eq!(
        booker.post("/v1/bookings", body).await.expect(422).fields(),
        ["title"]
    );
    let unknown = booker.get("/v1/bookings?colour=red").await;
    assert!([400, 422].contains(&unknown.status), "{}", unknown.body);
    booker.post("/v1/bookings", Value::Null).await.expect(415);
    assert_eq!(
        world.texts("SELECT id::text AS name FROM booking").await,
        [""; 0]
    );
    world.end().await;
}
