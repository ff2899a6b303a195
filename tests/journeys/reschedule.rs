//! Moving a booking, and asking for a move.

use serde_json::{Value, json};

use crate::support::{Person, Wish, World, wednesday};

struct Scene {
    world: World,
    booker: Person,
    other: Person,
    approver: Person,
    wish: Wish,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let (booker, other) = (world.person("booker").await, world.person("booker2").await);
    let approver = world.person("approver").await;
    let (hall, version) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, wednesday(14, 0), 120).layout(version, "roadshow");
    Scene {
        world,
        booker,
        other,
        approver,
        wish,
    }
}

impl Scene {
    async fn confirmed(&self, by: &Person, wish: &Wish) -> String {
        let id = by.book(wish).await.expect(201).id();
        self.approver.act(&id, "approve").await.expect(200);
        id
    }

    async fn wish_for(&self, id: &str, body: Value) -> String {
        let filed = self.booker.act_with(id, "change-requests", body).await;
        filed.expect(201).id()
    }

    async fn wishes(&self, id: &str) -> Vec<String> {
        self.world
            .texts(&format!(
                "SELECT state AS name FROM change_request WHERE booking_id = '{id}' ORDER BY id"
            ))
            .await
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn its_own_rows_never_stand_in_its_way() {
    let scene = scene().await;
    let (world, hall) = (&scene.world, scene.wish.space);
    let launch = world.version("launch").await;
    for mode in ["hold", "request"] {
        let id = scene
            .booker
            .book(&scene.wish.clone().with(json!({"mode": mode})))
            .await;
        let id = id.expect(201).id();
        // over its old place
        let moved = scene
            .booker
            .act_with(&id, "reschedule", json!({"start": wednesday(15, 0)}))
            .await
            .expect(200);
        assert_eq!(moved.body["end"], json!(wednesday(17, 0)));
        assert_eq!(
            world.rows(hall).await,
            ["changeover 14:35 25", "event 15:00 120"]
        );
        // in its own place, in another layout
        let moved = scene
            .booker
            .act_with(&id, "reschedule", json!({"layout_version_id": launch}))
            .await;
        assert_eq!(moved.expect(200).body["layout_version_id"], json!(launch));
        assert_eq!(
            world.rows(hall).await,
            ["changeover 14:30 30", "event 15:00 120"]
        );
        // longer, and with access times where its changeover was
        scene
            .booker
            .act_with(
                &id,
                "reschedule",
                json!({"end": wednesday(18, 0), "access_before_min": 30}),
            )
            .await
            .expect(200);
        assert_eq!(
            world.rows(hall).await,
            ["changeover 14:00 30", "event 14:30 210"]
        );
        let act = if mode == "hold" {
            "release"
        } else {
            "withdraw"
        };
        scene.booker.act(&id, act).await.expect(200);
    }
    scene.done().await;
}

#[tokio::test]
async fn a_refused_move_leaves_everything_as_it_was() {
    let scene = scene().await;
    let (world, hall) = (&scene.world, scene.wish.space);
    let id = scene.booker.book(&scene.wish).await.expect(201).id();
    scene
        .other
        .book(&scene.wish.clone().at(wednesday(18, 0)))
        .await
        .expect(201);
    let before = scene
        .booker
        .get(&format!("/v1/bookings/{id}"))
        .await
        .expect(200);
    let (rows, told) = (world.rows(hall).await, world.told(&id).await);

    for (body, status, reason) in [
        (json!({"start": wednesday(17, 0)}), 409, "taken"),
        (json!({"end": wednesday(18, 0)}), 409, "changeover_too_long"),
        (json!({"start": wednesday(20, 0)}), 422, "hours"),
        (json!({"start": wednesday(14, 10)}), 422, "grid"),
        (json!({"end": wednesday(14, 0)}), 422, ""),
        (json!({"attendance": 81}), 422, ""),
        (json!({"area_ids": []}), 422, ""),
        (
            json!({"layout_version_id": world.version("salon").await}),
            422,
            "",
        ),
        (json!({"place": "elsewhere"}), 422, ""),
    ] {
        let refused = scene.booker.act_with(&id, "reschedule", body.clone()).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.body);
        if !reason.is_empty() {
            assert_eq!(refused.reasons(), [reason], "{body}");
        }
    }
    let after = scene
        .booker
        .get(&format!("/v1/bookings/{id}"))
        .await
        .expect(200);
    assert_eq!(before.body, after.body);
    assert_eq!(
        (rows, told),
        (world.rows(hall).await, world.told(&id).await)
    );
    scene.done().await;
}

#[tokio::test]
async fn a_confirmed_booking_moves_by_staff_or_where_no_approval_is_needed() {
    let scene = scene().await;
    let id = scene.confirmed(&scene.booker, &scene.wish).await;
    let move_to = json!({"start": wednesday(10, 0)});
    let refused = scene
        .booker
        .act_with(&id, "reschedule", move_to.clone())
        .await;
    assert_eq!(refused.expect(409).problem(), "change-request-needed");
    scene
        .other
        .act_with(&id, "reschedule", move_to.clone())
        .await
        .expect(404);
    let moved = scene
        .approver
        .act_with(&id, "reschedule", move_to)
        .await
        .expect(200);
    assert_eq!(moved.state(), "confirmed");
    assert_eq!(moved.body["arrive_by"], json!(wednesday(10, 15)));
    assert_eq!(
        scene.world.told(&id).await.last().unwrap(),
        "booking_changed booker"
    );
    assert_eq!(
        scene.world.rows(scene.wish.space).await,
        ["changeover 09:35 25", "event 10:00 120"]
    );
    let history = scene
        .booker
        .get(&format!("/v1/bookings/{id}/history"))
        .await
        .expect(200);
    let last = history.body.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["event"], "reschedule");
    assert_eq!(last["before"]["start"], json!(wednesday(14, 0)));

    let room = scene.world.space("zhizao").await;
    let id = scene
        .booker
        .book(&Wish::new(room, wednesday(10, 0), 60))
        .await
        .expect(201)
        .id();
    let moved = scene
        .booker
        .act_with(&id, "reschedule", json!({"start": wednesday(10, 30)}))
        .await;
    assert_eq!(moved.expect(200).state(), "confirmed");
    scene.done().await;
}

#[tokio::test]
async fn a_change_request_is_filed_replaced_and_accepted_as_things_are_then() {
    let scene = scene().await;
    let (world, hall) = (&scene.world, scene.wish.space);
    let id = scene.confirmed(&scene.booker, &scene.wish).await;
    let rows = world.rows(hall).await;
    let first = scene
        .wish_for(&id, json!({"start": wednesday(9, 0), "reason": "嘉宾改期"}))
        .await;
    let second = scene
        .wish_for(&id, json!({"start": wednesday(17, 0)}))
        .await;
    assert_eq!(scene.wishes(&id).await, ["withdrawn", "open"]);
    assert_eq!(world.rows(hall).await, rows, "the old slot stays");
    let asked = world.told(&id).await;
    assert_eq!(
        asked
            .iter()
            .filter(|told| told.starts_with("change_to_decide"))
            .count(),
        4
    );
    let replaced = scene
        .approver
        .post(&format!("/v1/change-requests/{first}/accept"), Value::Null)
        .await;
    assert_eq!(replaced.expect(409).state(), "withdrawn");
    scene
        .booker
        .post(&format!("/v1/change-requests/{second}/accept"), Value::Null)
        .await
        .expect(404);

    // the place is taken meanwhile
    let rival = scene
        .other
        .book(&scene.wish.clone().at(wednesday(18, 0)))
        .await
        .expect(201)
        .id();
    let accept = format!("/v1/change-requests/{second}/accept");
    let refused = scene.approver.post(&accept, Value::Null).await.expect(409);
    assert_eq!(
        (refused.problem(), refused.reasons()),
        ("slot-taken", vec!["taken".to_owned()])
    );
    assert_eq!(scene.wishes(&id).await, ["withdrawn", "open"]);
    scene.other.act(&rival, "withdraw").await.expect(200);
    assert_eq!(world.rows(hall).await, rows);

    let moved = scene.approver.post(&accept, Value::Null).await.expect(200);
    assert_eq!(
        (moved.state(), &moved.body["start"]),
        ("confirmed", &json!(wednesday(17, 0)))
    );
    assert_eq!(scene.wishes(&id).await, ["withdrawn", "accepted"]);
    assert_eq!(
        world.rows(hall).await,
        ["changeover 16:35 25", "event 17:00 120"]
    );
    assert_eq!(
        world.told(&id).await.last().unwrap(),
        "booking_changed booker"
    );
    scene.done().await;
}

#[tokio::test]
async fn a_change_request_is_accepted_by_what_holds_now() {
    let scene = scene().await;
    let world = &scene.world;
    let id = scene.confirmed(&scene.booker, &scene.wish).await;
    let wish = scene
        .wish_for(&id, json!({"start": wednesday(17, 0)}))
        .await;
    let accept = format!("/v1/change-requests/{wish}/accept");
    world
        .run("UPDATE space SET people_cap = 1 WHERE slug = 'huiju'")
        .await;
    let crowded = scene.approver.post(&accept, Value::Null).await.expect(422);
    assert_eq!(crowded.fields(), ["attendance"]);
    world
        .run("UPDATE space SET people_cap = 500 WHERE slug = 'huiju'; \
            INSERT INTO hours_exception (id, venue_id, date, hours) SELECT gen_random_uuid(), v.id, (lower(b.during) AT TIME ZONE v.time_zone)::date, \
            '[{\"from\": \"09:00\", \"to\": \"17:00\"}]' FROM venue v, booking b")
        .await;
    let closed = scene.approver.post(&accept, Value::Null).await.expect(422);
    assert_eq!(closed.reasons(), ["hours"]);
    assert_eq!(scene.wishes(&id).await, ["open"]);
    world.run("DELETE FROM hours_exception").await;
    scene.approver.post(&accept, Value::Null).await.expect(200);
    scene.done().await;
}

#[tokio::test]
async fn a_change_request_is_declined_withdrawn_or_ends_with_its_booking() {
    let scene = scene().await;
    let world = &scene.world;
    let id = scene.booker.book(&scene.wish).await.expect(201).id();
    let early = scene
        .booker
        .act_with(&id, "change-requests", json!({"start": wednesday(17, 0)}))
        .await;
    assert_eq!(early.expect(409).state(), "requested");
    scene.approver.act(&id, "approve").await.expect(200);

    let wish = scene
        .wish_for(&id, json!({"start": wednesday(17, 0)}))
        .await;
    let decline = format!("/v1/change-requests/{wish}/decline");
    assert_eq!(
        scene
            .approver
            .post(&decline, json!({}))
            .await
            .expect(422)
            .fields(),
        ["reason"]
    );
    let declined = scene
        .approver
        .post(&decline, json!({"reason": "没有人手"}))
        .await
        .expect(200);
    assert_eq!(
        (declined.state(), &declined.body["decision_reason"]),
        ("declined", &json!("没有人手"))
    );
    assert_eq!(
        world.told(&id).await.last().unwrap(),
        "change_declined booker"
    );
    scene
        .approver
        .post(&decline, json!({"reason": "x"}))
        .await
        .expect(409);

    let wish = scene
        .wish_for(&id, json!({"start": wednesday(17, 0)}))
        .await;
    let withdraw = format!("/v1/change-requests/{wish}/withdraw");
    scene.other.post(&withdraw, Value::Null).await.expect(404);
    assert_eq!(
        scene
            .booker
            .post(&withdraw, Value::Null)
            .await
            .expect(200)
            .state(),
        "withdrawn"
    );

    scene
        .wish_for(&id, json!({"start": wednesday(17, 0)}))
        .await;
    scene.booker.act(&id, "cancel").await.expect(200);
    assert_eq!(scene.wishes(&id).await, ["declined", "withdrawn", "ended"]);
    let list = scene
        .booker
        .get(&format!("/v1/bookings/{id}/change-requests"))
        .await
        .expect(200);
    assert_eq!(list.body[0]["state"], "ended");
    scene.done().await;
}

#[tokio::test]
async fn a_change_request_ends_when_its_booking_has_begun() {
    let scene = scene().await;
    let id = scene.confirmed(&scene.booker, &scene.wish).await;
    let wish = scene
        .wish_for(&id, json!({"start": wednesday(17, 0)}))
        .await;
    // three weeks and a day later, at half past two
    let by = (wednesday(14, 30) - chrono::Utc::now()).num_minutes();
    scene.world.run("INSERT INTO crew_shift (id, crew_id, during) SELECT gen_random_uuid(), c.id, r FROM crew c, unnest(tstzmultirange(tstzrange(now() - interval '2 days', now() + interval '2 days')) - (SELECT range_agg(s.during) FROM crew_shift s)) r").await;
    scene.world.minutes_pass(by).await;
    scene
        .world
        .run("UPDATE change_request SET during = tstzrange(now() + interval '1 day', now() + interval '1 day 2 hours')")
        .await;
    let late = scene
        .approver
        .post(&format!("/v1/change-requests/{wish}/accept"), Value::Null)
        .await;
    assert_eq!(late.expect(409).state(), "ended");
    scene.world.tick().await;
    assert_eq!(scene.wishes(&id).await, ["ended"]);
    scene.done().await;
}

#[tokio::test]
async fn words_change_without_any_rule_and_a_stale_page_is_told() {
    let scene = scene().await;
    let id = scene.confirmed(&scene.booker, &scene.wish).await;
    let path = format!("/v1/bookings/{id}");
    let edited = scene
        .booker
        .call_with(
            "PATCH",
            &path,
            json!({"title": "新题目", "needs": "两支话筒"}),
            &[("if-match", "\"2\"")],
        )
        .await
        .expect(200);
    assert_eq!(
        (&edited.body["title"], &edited.headers["etag"]),
        (&json!("新题目"), &"\"3\"".parse().unwrap())
    );
    let stale = scene
        .booker
        .call_with(
            "PATCH",
            &path,
            json!({"title": "x"}),
            &[("if-match", "\"2\"")],
        )
        .await;
    assert_eq!(stale.expect(412).problem(), "stale-version");
    let stale = scene
        .approver
        .call_with(
            "POST",
            &format!("{path}/cancel"),
            json!({"reason": "x"}),
            &[("if-match", "\"2\"")],
        )
        .await;
    stale.expect(412);
    assert_eq!(scene.world.state(&id).await, "confirmed");
    let empty = scene
        .booker
        .call("PATCH", &path, json!({"title": " "}))
        .await;
    assert_eq!(empty.expect(422).fields(), ["title"]);
    scene.done().await;
}

#[tokio::test]
async fn a_change_of_nothing_changes_nothing() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let wish = Wish::new(world.space("zhisi").await, wednesday(10, 0), 60);
    let booking = booker.book(&wish).await.expect(201);
    let (id, told) = (booking.id(), world.told(&booking.id()).await);
    let same = json!({"start": wednesday(10, 0)});
    for (act, body) in [("reschedule", json!({})), ("reschedule", same)] {
        let after = booker.act_with(&id, act, body).await.expect(200);
        assert_eq!(after.body["revision"], booking.body["revision"]);
    }
    let path = format!("/v1/bookings/{id}");
    let after = booker
        .patch(&path, json!({"title": booking.body["title"]}))
        .await;
    assert_eq!(after.expect(200).body["revision"], booking.body["revision"]);
    assert_eq!(world.told(&id).await, told);
    world.end().await;
}
