//! The crew's day: jobs, what crews say of them, and who waits.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::attacks::ground;
use crate::support::{Answer, Person, Wish, World};

struct Scene {
    world: World,
    crew: Person,
    desk: Person,
    hall: uuid::Uuid,
}

/// The whole minute that began last, and minutes after it.
fn minute(after: i64) -> DateTime<Utc> {
    Utc::now().duration_trunc(TimeDelta::minutes(1)).unwrap() + TimeDelta::minutes(after)
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

async fn scene() -> Scene {
    let world = World::new().await;
    world.always_open().await;
    let (crew, desk) = (world.person("crew").await, world.person("desk").await);
    let hall = world.space("huiju").await;
    Scene {
        world,
        crew,
        desk,
        hall,
    }
}

impl Scene {
    /// A confirmed booking of the hall, of an hour.
    async fn booked(&self, after: i64, slug: &str, event_type: &'static str) -> String {
        let version = self.world.version(slug).await;
        let wish = Wish::new(self.hall, minute(after), 60).layout(version, event_type);
        let (booker, approver) = (
            self.world.person("booker").await,
            self.world.person("approver").await,
        );
        let id = booker.book(&wish).await.expect(201).id();
        approver.act(&id, "approve").await.expect(200);
        id
    }

    /// The job that leads to a booking.
    async fn job(&self, booking: &str) -> String {
        let sql = format!(
            "SELECT id::text AS name FROM occupancy WHERE kind = 'changeover' AND booking_id = '{booking}'"
        );
        self.world.text(&sql).await
    }

    async fn say(&self, job: &str, word: &str) -> Answer {
        let path = format!("/v1/changeovers/{job}/{word}");
        self.crew.post(&path, Value::Null).await
    }

    async fn read(&self, job: &str) -> Value {
        let path = format!("/v1/changeovers/{job}");
        self.crew.get(&path).await.expect(200).body
    }

    /// How often the organiser was told of a delay.
    async fn delays(&self, booking: &str) -> usize {
        let told = self.world.told(booking).await;
        told.iter()
            .filter(|told| told.starts_with("setup_delayed"))
            .count()
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn a_day_is_a_list_of_jobs_with_their_moves() {
    let scene = scene().await;
    let booking = scene.booked(120, "roadshow_main", "roadshow").await;
    let job = scene.job(&booking).await;
    let date = |day: DateTime<Utc>| (day + TimeDelta::hours(8)).date_naive();
    let start = minute(120);
    let list = async |date: chrono::NaiveDate| {
        let path = format!("/v1/changeovers?venue_id={}&date={date}", scene.world.venue);
        let jobs = scene.crew.get(&path).await.expect(200).body;
        jobs.as_array().unwrap().clone()
    };
    let jobs = list(date(start - TimeDelta::minutes(10))).await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let shown = &jobs[0];
    assert_eq!(
        (&shown["id"], &shown["state"]),
        (&json!(job), &json!("waiting"))
    );
    let (begins, minutes) = (
        time(&shown["start"]),
        shown["computed_min"].as_i64().unwrap(),
    );
    assert_eq!(begins + TimeDelta::minutes(minutes), start);
    assert_eq!(time(&shown["must_start"]), begins);
    assert!(time(&shown["may_start"]) < begins);
    assert_eq!(shown["measured_min"], Value::Null);
    assert_eq!(
        list(date(start) + chrono::Days::new(3)).await,
        [Value::Null; 0]
    );

    let job = scene.read(&job).await;
    let moves = job["moves"].as_array().unwrap();
    assert!(moves.len() >= 10, "{job}");
    for (step, one) in (1..).zip(moves) {
        assert_eq!(one["step"], json!(step));
        assert!(one["from"].is_object() || one["to"].is_object(), "{one}");
        assert!(one["end_s"].as_u64() > one["start_s"].as_u64());
    }
    // ten big blocks of the stage
    let put = moves.iter().filter(|one| one["to"].is_object());
    let cells: std::collections::BTreeSet<_> =
        put.map(|one| one["to"]["cell"].as_str().unwrap()).collect();
    assert!(cells.contains("P1"), "{cells:?}");

    // what is not decided is nobody's job yet
    let version = scene.world.version("salon").await;
    let wish = Wish::new(scene.hall, minute(600), 60).layout(version, "salon");
    let booker = scene.world.person("booker").await;
    let asked = booker.book(&wish).await.expect(201).id();
    let undecided = scene.job(&asked).await;
    scene.say(&undecided, "start").await.expect(404);
    let nobody = format!(
        "/v1/changeovers?venue_id={}&date=2027-01-01",
        scene.world.venue
    );
    booker.get(&nobody).await.expect(403);
    scene.done().await;
}

#[tokio::test]
async fn what_a_changeover_took_is_kept_beside_what_it_was_given() {
    let scene = scene().await;
    let booking = scene.booked(60, "roadshow_main", "roadshow").await;
    let job = scene.job(&booking).await;
    let length = scene.read(&job).await["computed_min"].as_i64().unwrap();
    scene.say(&job, "finish").await.expect(409);
    scene.say(&job, "undo").await.expect(409);
    scene.world.minutes_pass(60 - length).await;
    let started = scene.say(&job, "start").await.expect(200);
    assert_eq!(started.state(), "running");
    // said twice it is said once
    let again = scene.say(&job, "start").await.expect(200);
    assert_eq!(again.body["started_at"], started.body["started_at"]);
    scene.world.minutes_pass(12).await;
    let finished = scene.say(&job, "finish").await.expect(200);
    assert_eq!(finished.state(), "finished");
    assert_eq!(finished.body["measured_min"], json!(13));
    assert_eq!(
        scene.say(&job, "start").await.expect(409).state(),
        "finished"
    );
    // beside the computed minutes, for everybody
    let times = format!("/v1/spaces/{}/changeover-times", scene.hall);
    let times = scene.crew.get(&times).await.expect(200).body;
    let measured: Vec<_> = times
        .as_array()
        .unwrap()
        .iter()
        .filter(|time| time["measured"].is_object())
        .collect();
    assert_eq!(measured.len(), 1);
    assert_eq!(measured[0]["measured"], json!({"minutes": 13, "count": 1}));
    assert_eq!(measured[0]["minutes"], json!(length));
    // not done after all
    let reopened = scene.say(&job, "undo").await.expect(200);
    assert_eq!(
        (reopened.state(), &reopened.body["measured_min"]),
        ("running", &Value::Null)
    );
    assert_eq!(scene.delays(&booking).await, 0);
    scene.done().await;
}

#[tokio::test]
async fn a_crew_that_starts_early_takes_the_row_along_and_back_when_it_was_a_mistake() {
    let scene = scene().await;
    let booking = scene.booked(180, "roadshow_main", "roadshow").await;
    let job = scene.job(&booking).await;
    let planned = scene.read(&job).await;
    let before = scene.world.rows(scene.hall).await;
    let started = scene.say(&job, "start").await.expect(200).body;
    assert!(time(&started["start"]) <= Utc::now());
    assert_eq!(started["start"], started["started_at"]);
    scene.world.check().await;
    // what has begun is not recomputed: the booking goes, its changeover stays
    let undone = scene.say(&job, "undo").await.expect(200);
    assert_eq!(undone.state(), "waiting");
    assert_eq!(undone.body["start"], planned["start"]);
    assert_eq!(scene.world.rows(scene.hall).await, before);
    scene.say(&job, "start").await.expect(200);
    let cancel = json!({"reason": "x"});
    scene
        .desk
        .act_with(&booking, "cancel", cancel)
        .await
        .expect(200);
    let rows = scene.world.rows(scene.hall).await;
    assert!(
        rows.len() == 1 && rows[0].starts_with("changeover"),
        "{rows:?}"
    );
    scene.say(&job, "finish").await.expect(200);
    scene.done().await;
}

#[tokio::test]
async fn nobody_starts_while_the_area_or_the_crew_is_taken() {
    let scene = scene().await;
    let first = scene.booked(40, "roadshow_main", "roadshow").await;
    let second = scene.booked(200, "salon", "salon").await;
    let (one, two) = (scene.job(&first).await, scene.job(&second).await);
    // an event lies between
    let refused = scene.say(&two, "start").await.expect(409);
    assert_eq!(refused.problem(), "slot-taken");
    assert_eq!(refused.reasons(), ["changeover_running"]);
    scene.say(&one, "start").await.expect(200);
    let refused = scene.say(&two, "start").await.expect(409);
    assert_eq!(refused.reasons(), ["crew_elsewhere"]);
    assert_eq!(refused.body["in_the_way"], json!([one]));
    // outside every shift
    scene.say(&one, "undo").await.expect(200);
    scene
        .world
        .run("UPDATE crew_shift SET during = tstzrange(clock_timestamp() + interval '5 minutes', upper(during))")
        .await;
    let refused = scene.say(&one, "start").await.expect(409);
    assert_eq!(refused.reasons(), ["no_crew"]);
    scene.done().await;
}

#[tokio::test]
async fn who_waits_for_a_late_crew_sees_it_on_the_board_and_is_told_once() {
    let scene = scene().await;
    let booking = scene.booked(60, "roadshow_main", "roadshow").await;
    let next = scene.booked(600, "salon", "salon").await;
    let job = scene.job(&booking).await;
    let length = scene.read(&job).await["computed_min"].as_i64().unwrap();
    // a quarter of an hour late
    scene.world.minutes_pass(60 - length + 15).await;
    scene.world.tick().await;
    assert_eq!(
        scene.delays(&booking).await,
        0,
        "a crew that never says anything is believed"
    );
    let started = scene.say(&job, "start").await.expect(200).body;
    let late = time(&started["expected_end"]) - time(&started["end"]);
    assert!(late >= TimeDelta::minutes(15), "{started}");
    assert_eq!(
        (scene.delays(&booking).await, scene.delays(&next).await),
        (1, 0)
    );
    for _ in 0..2 {
        scene.world.tick().await;
    }
    assert_eq!(scene.delays(&booking).await, 1);
    let board = async || {
        let at = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let (from, to) = (at(minute(-300)), at(minute(900)));
        let path = format!(
            "/v1/board?venue_id={}&from={from}&to={to}",
            scene.world.venue
        );
        scene.desk.get(&path).await.expect(200).body
    };
    let shown = board().await;
    assert_eq!(shown["changeovers"][0]["state"], "running");
    assert_eq!(
        shown["changeovers"][0]["expected_end"],
        started["expected_end"]
    );
    assert_eq!(shown["bookings"][0]["ready_at"], started["expected_end"]);
    assert_eq!(shown["bookings"][1]["ready_at"], Value::Null);
    // they know: nobody takes them for missing
    let start = time(&shown["bookings"][0]["start"]);
    let later = json!({"until": start + TimeDelta::minutes(55)});
    scene
        .desk
        .act_with(&booking, "expect-late", later)
        .await
        .expect(200);
    // and longer than it should: told again, by the clock
    scene.world.minutes_pass(length + 20).await;
    scene.world.tick().await;
    scene.world.tick().await;
    assert_eq!(scene.delays(&booking).await, 2);
    // done: nothing more to wait for
    scene.say(&job, "finish").await.expect(200);
    scene.world.tick().await;
    assert!(scene.delays(&booking).await <= 3);
    let ready = "SELECT payload ->> 'ready_at' AS name FROM message WHERE kind = 'setup_delayed' AND payload ? 'ready_at'";
    for ready in scene.world.texts(ready).await {
        let ready: DateTime<Utc> = ready.parse().unwrap();
        assert_eq!(ready.timestamp() % 300, 0);
    }
    scene.done().await;
}

#[tokio::test]
async fn sql_by_hand_cannot_say_what_did_not_happen() {
    let world = ground().await;
    let job = |id: &str, planned: &str, started: &str| {
        format!(
            "INSERT INTO changeover_job (changeover_id, crew_id, planned, started_at, started_by) VALUES (u('{id}'), u('blue'), {planned}, {started}, u('hand'))"
        )
    };
    let lies = "d('09:30', '10:00')";
    let past = "clock_timestamp() - interval '1 minute'";
    // its row is moved to the moment of the start
    let moved = "ALTER TABLE occupancy DISABLE TRIGGER occupancy_guard; ALTER TABLE occupancy DISABLE TRIGGER occupancy_check; \
        UPDATE occupancy SET during = tstzrange(clock_timestamp() - interval '2 minutes', clock_timestamp() + interval '28 minutes') WHERE id = u('to_first1'); \
        SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE occupancy ENABLE TRIGGER occupancy_guard; ALTER TABLE occupancy ENABLE TRIGGER occupancy_check";
    let started = format!("{moved}; {}", job("to_first1", lies, past));
    let attacks = [
        ("a start before its row begins", "changeover_job_begun", job("to_first1", lies, past)),
        ("a start to come", "changeover_job_happened", job("to_first1", lies, "clock_timestamp() + interval '1 hour'")),
        ("a start of an event", "changeover_job_of_changeover", job("firsta1", lies, past)),
        ("a start of nothing", "changeover_job_of_changeover", job("nothing", lies, past)),
        ("a start that was planned nowhere", "changeover_job_planned", job("to_first1", "'empty'", past)),
        ("an end without a start", "changeover_job_state",
         "INSERT INTO changeover_job SELECT u('to_first1'), u('red'), d('09:30', '10:00'), now(), u('hand'), now(), u('hand')".to_owned()),
        ("an end before the start", "changeover_job_ends_after_start",
         format!("{started}; UPDATE changeover_job SET finished_at = started_at - interval '1 second', finished_by = u('hand')")),
        ("an end of nobody's", "changeover_job_finished", format!("{started}; UPDATE changeover_job SET finished_at = now()")),
        ("another start", "changeover_job_measured", format!("{started}; UPDATE changeover_job SET started_at = now() - interval '1 day'")),
        ("what was finished forgotten", "changeover_job_state",
         format!("{started}; UPDATE changeover_job SET finished_at = clock_timestamp(), finished_by = u('hand'); DELETE FROM changeover_job")),
        ("a row that goes from under its crew", "changeover_job_begun", format!("{started}; SET CONSTRAINTS ALL DEFERRED; DELETE FROM occupancy WHERE id = u('to_first1')")),
        ("for what is not decided", "changeover_job_decided",
         format!("UPDATE booking SET state = 'requested' WHERE id = u('first'); {}", job("to_first1", lies, past))),
        ("emptied", "never_truncated", "TRUNCATE changeover_job".to_owned()),
    ];
    let mut through = Vec::new();
    for (what, by, sql) in attacks {
        let refused = world.refused(&sql).await;
        if refused.as_deref() != Some(by) {
            through.push(format!("{what}: {refused:?} instead of {by}"));
        }
    }
    assert!(through.is_empty(), "{through:#?}");
    world.check().await;
    world.end().await;
}
