//! The day itself, at the front desk.

use chrono::{DateTime, DurationRound, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};

use crate::support::{Answer, Person, Wish, World};

struct Scene {
    world: World,
    booker: Person,
    desk: Person,
    room: uuid::Uuid,
}

async fn scene() -> Scene {
    let world = World::new().await;
    world.always_open().await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let room = world.space("zhizao").await;
    Scene {
        world,
        booker,
        desk,
        room,
    }
}

/// The whole minute that began last, and minutes after it.
fn minute(after: i64) -> DateTime<Utc> {
    Utc::now().duration_trunc(TimeDelta::minutes(1)).unwrap() + TimeDelta::minutes(after)
}

fn caller(wish: Wish) -> Wish {
    wish.with(json!({"mode": "walk_in", "contact": {"name": "王芳", "phone": "13800138000"}}))
}

impl Scene {
    async fn walk_in(&self, wish: Wish) -> Answer {
        self.desk.book(&caller(wish)).await
    }

    /// A booking of an hour that begins in five minutes.
    async fn soon(&self) -> String {
        self.booker
            .book(&Wish::new(self.room, minute(5), 60))
            .await
            .expect(201)
            .id()
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn a_walk_in_with_a_name_and_a_phone_number_comes_and_goes() {
    let scene = scene().await;
    let wish = Wish::new(scene.room, minute(0), 60);
    let refused = scene.booker.book(&caller(wish.clone())).await.expect(422);
    assert_eq!(refused.fields(), ["mode"]);
    let here = scene.walk_in(wish.clone()).await.expect(201);
    assert_eq!(
        (here.state(), &here.body["requester_id"]),
        ("confirmed", &Value::Null)
    );
    assert_eq!(
        here.body["contact"],
        json!({"name": "王芳", "email": null, "phone": "13800138000"})
    );
    let id = here.id();
    scene.booker.act(&id, "check-in").await.expect(404);
    assert_eq!(
        scene.desk.act(&id, "check-in").await.expect(200).state(),
        "checked_in"
    );
    assert_eq!(
        scene.desk.act(&id, "check-in").await.expect(409).state(),
        "checked_in"
    );
    assert_eq!(
        scene
            .desk
            .act(&id, "undo-check-in")
            .await
            .expect(200)
            .state(),
        "confirmed"
    );
    scene.desk.act(&id, "undo-check-in").await.expect(409);
    scene.desk.act(&id, "check-in").await.expect(200);
    assert_eq!(
        scene
            .walk_in(wish.clone().at(minute(1)))
            .await
            .expect(409)
            .reasons(),
        ["taken"]
    );

    scene.world.minutes_pass(20).await;
    let over = scene.desk.act(&id, "complete").await.expect(200);
    assert_eq!(over.state(), "completed");
    assert!(over.body["released_at"].is_string());
    let minutes = scene.world.text("SELECT round(extract(epoch FROM upper(during) - lower(during)) / 60)::text AS name FROM occupancy").await;
    assert!(["20", "21"].contains(&minutes.as_str()), "{minutes}");
    // the rest is free
    scene.walk_in(wish.at(minute(1))).await.expect(201);
    scene.done().await;
}

#[tokio::test]
async fn nothing_is_over_before_it_began() {
    let scene = scene().await;
    let id = scene.soon().await;
    for act in ["no-show", "complete"] {
        if act == "complete" {
            assert_eq!(
                scene.desk.act(&id, act).await.expect(409).state(),
                "confirmed"
            );
            scene.desk.act(&id, "check-in").await.expect(200);
        }
        let refused = scene.desk.act(&id, act).await.expect(422);
        assert_eq!(refused.reasons(), ["not_started"]);
    }
    let later = scene
        .booker
        .book(&Wish::new(scene.room, minute(120), 60))
        .await
        .expect(201)
        .id();
    let refused = scene.desk.act(&later, "check-in").await.expect(422);
    assert_eq!(refused.reasons(), ["check_in_too_early"]);
    scene.done().await;
}

#[tokio::test]
async fn who_does_not_come_loses_the_slot_and_may_come_after_all_while_it_is_free() {
    let scene = scene().await;
    let world = &scene.world;
    let id = scene.soon().await;
    world.minutes_pass(15).await;
    world.tick().await;
    assert_eq!(world.state(&id).await, "confirmed");
    world.minutes_pass(10).await;
    world.tick().await;
    assert_eq!(world.state(&id).await, "no_show");
    let length = "SELECT round(extract(epoch FROM upper(during) - lower(during)) / 60)::text AS name FROM occupancy WHERE kind = 'event' ORDER BY lower(during) LIMIT 1";
    let cut: i64 = world.text(length).await.parse().unwrap();
    assert!((20..=22).contains(&cut), "{cut}");

    let back = scene.desk.act(&id, "check-in").await.expect(200);
    assert_eq!(
        (back.state(), &back.body["released_at"]),
        ("checked_in", &Value::Null)
    );
    assert_eq!(world.text(length).await, "60");
    // by mistake: they are missed again, and somebody else takes the rest
    scene.desk.act(&id, "undo-check-in").await.expect(200);
    scene.desk.act(&id, "no-show").await.expect(200);
    let other = scene
        .walk_in(Wish::new(scene.room, minute(2), 10))
        .await
        .expect(201)
        .id();
    let refused = scene.desk.act(&id, "check-in").await.expect(409);
    assert_eq!(
        (refused.problem(), refused.reasons()),
        ("slot-taken", vec!["taken".to_owned()])
    );
    assert_eq!(world.state(&id).await, "no_show");
    scene
        .desk
        .act_with(&other, "cancel", json!({"reason": "x"}))
        .await
        .expect(200);
    scene.desk.act(&id, "check-in").await.expect(200);
    scene.done().await;
}

#[tokio::test]
async fn a_party_that_called_is_waited_for() {
    let scene = scene().await;
    let world = &scene.world;
    let id = scene.soon().await;
    for until in [minute(5), minute(66)] {
        let refused = scene
            .desk
            .act_with(&id, "expect-late", json!({"until": until}))
            .await;
        assert_eq!(refused.expect(422).fields(), ["until"]);
    }
    let noted = scene
        .desk
        .act_with(&id, "expect-late", json!({"until": minute(45)}))
        .await
        .expect(200);
    assert_eq!(noted.state(), "confirmed");
    world.minutes_pass(40).await;
    world.tick().await;
    assert_eq!(world.state(&id).await, "confirmed");
    world.minutes_pass(10).await;
    world.tick().await;
    assert_eq!(world.state(&id).await, "no_show");
    scene.done().await;
}

#[tokio::test]
async fn what_runs_longer_takes_the_time_after_it_where_that_is_free() {
    let scene = scene().await;
    let id = scene.soon().await;
    let until = |after: i64| json!({"end": minute(after)});
    assert_eq!(
        scene
            .desk
            .act_with(&id, "extend", until(90))
            .await
            .expect(409)
            .state(),
        "confirmed"
    );
    scene.desk.act(&id, "check-in").await.expect(200);
    scene
        .booker
        .book(&Wish::new(scene.room, minute(100), 60))
        .await
        .expect(201);
    let refused = scene
        .desk
        .act_with(&id, "extend", until(60))
        .await
        .expect(422);
    assert_eq!(refused.fields(), ["end"]);
    assert_eq!(
        scene
            .desk
            .act_with(&id, "extend", until(110))
            .await
            .expect(409)
            .reasons(),
        ["taken"]
    );
    let longer = scene
        .desk
        .act_with(&id, "extend", until(95))
        .await
        .expect(200);
    assert_eq!(
        (longer.state(), &longer.body["end"]),
        ("checked_in", &json!(minute(95)))
    );
    let told = scene.world.told(&id).await;
    assert_eq!(told.last().unwrap(), "booking_changed booker");
    scene.done().await;
}

#[tokio::test]
async fn at_its_end_it_is_over_by_itself() {
    let scene = scene().await;
    let world = &scene.world;
    let id = scene.soon().await;
    scene.desk.act(&id, "check-in").await.expect(200);
    world.tick().await;
    assert_eq!(world.state(&id).await, "checked_in");
    // where nobody is awaited it is over from confirmed, also earlier by whoever booked it
    world
        .run("UPDATE space SET policy = policy || '{\"check_in\": false}'")
        .await;
    let room = world.space("live").await;
    let unawaited = scene
        .booker
        .book(&Wish::new(room, minute(5), 60))
        .await
        .expect(201)
        .id();
    let early = scene
        .booker
        .book(&Wish::new(world.space("show").await, minute(5), 60))
        .await
        .expect(201)
        .id();
    world.minutes_pass(30).await;
    world.tick().await;
    assert_eq!(world.state(&unawaited).await, "confirmed");
    assert_eq!(
        scene
            .booker
            .act(&early, "complete")
            .await
            .expect(200)
            .state(),
        "completed"
    );
    assert_eq!(scene.booker.act(&id, "complete").await.status, 404);
    world.minutes_pass(40).await;
    world.tick().await;
    for id in [&id, &unawaited] {
        assert_eq!(world.state(id).await, "completed");
        let seen = scene
            .desk
            .get(&format!("/v1/bookings/{id}"))
            .await
            .expect(200);
        assert_eq!(seen.body["released_at"], Value::Null);
    }
    scene.done().await;
}

#[tokio::test]
async fn a_walk_in_in_the_hall_finds_it_cleaned_or_waits_for_the_crew() {
    let scene = scene().await;
    let world = &scene.world;
    let hall = world.space("huiju").await;
    let (roadshow, salon) = (
        world.version("roadshow_main").await,
        world.version("salon").await,
    );
    let show = Wish::new(hall, minute(0), 60).layout(roadshow, "roadshow");
    // the blocks of the night before must go first
    let refused = scene.walk_in(show.clone()).await.expect(409);
    assert_eq!(refused.reasons(), ["changeover_too_long"]);
    // who stands at the desk is not told of next week: lead time is theirs to override
    let next = &refused.body["alternatives"][0]["start"];
    let next: DateTime<Utc> = next.as_str().unwrap().parse().unwrap();
    assert!(next - Utc::now() < TimeDelta::hours(3), "{}", refused.body);
    let approver = world.person("approver").await;
    let id = approver
        .book(&show.clone().at(minute(30)))
        .await
        .expect(201)
        .id();
    world.minutes_pass(31).await;
    scene.desk.act(&id, "check-in").await.expect(200);
    world.minutes_pass(20).await;
    scene.desk.act(&id, "complete").await.expect(200);

    // right after it: ten minutes of cleaning are still to come
    let now = show.clone().at(minute(1));
    assert_eq!(
        scene.walk_in(now.clone()).await.expect(409).reasons(),
        ["changeover_too_long"]
    );
    let later = scene
        .walk_in(show.clone().at(minute(11)))
        .await
        .expect(201)
        .id();
    let rows = |rows: Vec<String>| {
        rows.iter()
            .map(|row| row.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        rows(world.rows(hall).await),
        ["changeover", "event", "changeover", "event"]
    );
    scene
        .desk
        .act_with(&later, "cancel", json!({"reason": "x"}))
        .await
        .expect(200);

    // a quarter of an hour later it was cleaned in between, whoever did it: the same layout works at once, another not
    world.minutes_pass(15).await;
    let other = Wish::new(hall, minute(0), 60).layout(salon, "salon");
    assert_eq!(
        scene.walk_in(other).await.expect(409).reasons(),
        ["changeover_too_long"]
    );
    scene.walk_in(show.at(minute(0))).await.expect(201);
    assert_eq!(
        rows(world.rows(hall).await),
        ["changeover", "event", "changeover", "event"]
    );
    scene.done().await;
}

#[tokio::test]
async fn a_request_lapses_when_its_changeover_would_have_to_begin() {
    let scene = scene().await;
    let world = &scene.world;
    let approver = world.person("approver").await;
    let (hall, roadshow) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    let wish = Wish::new(hall, minute(40), 60).layout(roadshow, "roadshow");
    let id = scene.booker.book(&wish).await.expect(201).id();
    world.minutes_pass(10).await;
    world.tick().await;
    assert_eq!(world.state(&id).await, "requested");
    // the crew would have come five minutes ago; nobody carried anything for an undecided request
    world.minutes_pass(10).await;
    assert_eq!(
        approver.act(&id, "approve").await.expect(409).state(),
        "expired"
    );
    world.tick().await;
    assert_eq!(world.state(&id).await, "expired");
    assert_eq!(world.rows(hall).await, [""; 0]);
    // a decided one's stands
    let id = approver.book(&wish.at(minute(40))).await.expect(201).id();
    world.minutes_pass(20).await;
    world.tick().await;
    assert_eq!(world.state(&id).await, "confirmed");
    scene
        .desk
        .act_with(&id, "cancel", json!({"reason": "x"}))
        .await
        .expect(200);
    let rows = world.rows(hall).await;
    assert!(
        rows.len() == 1 && rows[0].starts_with("changeover"),
        "what has begun stays: {rows:?}"
    );
    scene.done().await;
}

#[tokio::test]
async fn people_are_reminded_the_day_before_once_for_each_start() {
    let scene = scene().await;
    let world = &scene.world;
    // a venue where it is noon now; Etc/GMT-3 lies three hours east of Greenwich
    let east = 12 - i64::from(Utc::now().hour());
    world
        .run(&format!(
            "UPDATE venue SET time_zone = 'Etc/GMT{:+}'",
            -east
        ))
        .await;
    let id = scene
        .booker
        .book(&Wish::new(scene.room, minute(20 * 60), 60))
        .await
        .expect(201)
        .id();
    let far = scene
        .booker
        .book(&Wish::new(scene.room, minute(72 * 60), 60))
        .await
        .expect(201)
        .id();
    let reminders = async |id: &str| {
        let told = world.told(id).await;
        told.iter()
            .filter(|told| *told == "booking_reminder booker")
            .count()
    };
    world.tick().await;
    world.tick().await;
    assert_eq!((reminders(&id).await, reminders(&far).await), (1, 0));
    scene
        .booker
        .act_with(&id, "reschedule", json!({"start": minute(21 * 60)}))
        .await
        .expect(200);
    world.tick().await;
    assert_eq!(reminders(&id).await, 2);
    scene.done().await;
}
