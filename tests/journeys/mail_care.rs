//! What staff do about mails, and what people wish to be told: over real SMTP, with the product's own worker.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::smtp::Behaviour;
use crate::support::post::Post;
use crate::support::{Person, Wish, World, wednesday};

/// Returns once the query gives this text.
async fn until(world: &World, sql: &str, wanted: &str) {
    for _ in 0..1000 {
        if world.texts(sql).await.join(" ") == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{sql}: {:?}, not {wanted}", world.texts(sql).await);
}

fn of_kind(kind: &str, column: &str) -> String {
    format!("SELECT coalesce({column}, '') AS name FROM message WHERE kind = '{kind}' ORDER BY id")
}

async fn failed(person: &Person, world: &World, more: &str) -> Vec<Value> {
    let path = format!("/v1/mails?venue_id={}{more}", world.venue);
    let list = person.get(&path).await.expect(200).body;
    list.as_array().unwrap().clone()
}

/// As if what they wait for had come.
async fn time_comes(world: &World) {
    world
        .run("UPDATE message SET waits_until = now() - interval '1 second', next_try_at = now() WHERE state = 'queued' AND waits_for IS NOT NULL")
        .await;
}

#[tokio::test]
async fn what_did_not_arrive_is_listed_with_its_reason_sent_again_or_told_by_telephone() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (desk, booker) = (world.person("desk").await, world.person("booker").await);
    let admin = world.person("admin").await;
    post.server
        .script("Gone@guest.example", &[Behaviour::Refuse]);
    let contact = json!({"name": "王芳", "email": "Gone@guest.example", "phone": "13800138000"});
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60)
        .with(json!({ "contact": contact }));
    let id = booker.book(&wish).await.expect(201).id();
    post.to("nobody@test.example", 0).await;
    let states = format!("SELECT state AS name FROM message WHERE booking_id = '{id}'");
    until(&world, &states, "failed").await;

    // refused once, and not tried again; the address is marked, and seen on the booking
    let list = failed(&desk, &world, "").await;
    assert_eq!(list.len(), 1, "{list:?}");
    let mail = &list[0];
    for (field, value) in [
        ("reason", json!("address_refused")),
        ("phone", json!("13800138000")),
        ("name", json!("王芳")),
        ("booking_id", json!(id)),
        ("tries", json!(1)),
        ("called_at", Value::Null),
    ] {
        assert_eq!(mail[field], value, "{field}");
    }
    assert!(mail["error"].as_str().unwrap().contains("no such person"));
    let trouble = async |person: &Person, path: String| {
        let body = person.get(&path).await.expect(200).body;
        let one = body.as_array().map_or(body.clone(), |list| list[0].clone());
        one["address_trouble"].clone()
    };
    let one = format!("/v1/bookings/{id}");
    assert_eq!(trouble(&desk, one.clone()).await, "bounced");
    let list = format!("/v1/bookings?venue_id={}", world.venue);
    assert_eq!(trouble(&desk, list).await, "bounced");
    // and where the front desk looks for it, and at the day
    let found = format!(
        "/v1/desk/bookings?venue_id={}&q={}",
        world.venue, "13800138000"
    );
    assert_eq!(trouble(&desk, found.clone()).await, "bounced");
    let board = async || {
        let (from, to) = (wednesday(0, 0), wednesday(23, 0));
        let [from, to] = [from, to].map(|at| at.format("%Y-%m-%dT%H:%M:%SZ"));
        let path = format!("/v1/board?venue_id={}&from={from}&to={to}", world.venue);
        let body = desk.get(&path).await.expect(200).body;
        let troubles = body["bookings"].as_array().unwrap().iter();
        let troubles =
            troubles.map(|it| it["address_trouble"].as_str().unwrap_or("none").to_owned());
        troubles.collect::<Vec<_>>()
    };
    assert_eq!(board().await, ["bounced"]);

    // it is sent again to the address as it was corrected, the task is done
    let mail = mail["id"].as_str().unwrap().to_owned();
    let resend = format!("/v1/mails/{mail}/resend");
    booker.post(&resend, Value::Null).await.expect(403);
    let right =
        json!({"contact": {"name": "王芳", "email": "here@guest.example", "phone": "13800138000"}});
    desk.patch(&one, right).await.expect(200);
    let again = desk.post(&resend, Value::Null).await.expect(200);
    assert_eq!(
        (&again.body["state"], &again.body["email"]),
        (&json!("queued"), &json!("here@guest.example"))
    );
    post.last("here@guest.example", 1).await;
    until(&world, &of_kind("booking_confirmed", "state"), "sent").await;
    assert_eq!(
        desk.post(&resend, Value::Null).await.expect(409).state(),
        "sent"
    );
    let open = "SELECT count(*)::text AS name FROM task WHERE done_at IS NULL";
    assert_eq!(world.text(open).await, "0");
    // mail arrives there, and yet nobody has shown that they read it
    assert_eq!(trouble(&desk, one).await, "unconfirmed");
    assert_eq!(trouble(&desk, found).await, "unconfirmed");
    assert_eq!(board().await, ["unconfirmed"]);

    // a caller has no address: nothing can be sent, so somebody calls
    let caller = json!({"contact": {"name": "李雷", "phone": "13900139000"}});
    let wish = wish.at(wednesday(14, 0)).with(caller);
    let id = desk.book(&wish).await.expect(201).id();
    // without an address, or with one that is an account's, nothing is wrong with it
    let own = Wish::new(wish.space, wednesday(12, 0), 60);
    booker.book(&own).await.expect(201);
    assert_eq!(board().await, ["unconfirmed", "none", "none"]);
    let list = failed(&desk, &world, &format!("&booking_id={id}&called=false")).await;
    assert_eq!(list[0]["reason"], "no_address");
    let mail = list[0]["id"].as_str().unwrap();
    let resend = format!("/v1/mails/{mail}/resend");
    let nowhere = desk.post(&resend, Value::Null).await.expect(409);
    assert_eq!(nowhere.problem(), "no-way-for-mail");
    let called = format!("/v1/mails/{mail}/called");
    let told = desk.post(&called, Value::Null).await.expect(200);
    assert_eq!(told.body["called_by"], json!(desk.id));
    assert!(failed(&desk, &world, "&called=false").await.is_empty());
    assert_eq!(world.text(open).await, "0");
    // or the task is done: that is the same
    let wish = wish.at(wednesday(16, 0));
    desk.book(&wish).await.expect(201);
    assert_eq!(failed(&desk, &world, "&called=false").await.len(), 1);
    let task = world
        .text("SELECT id::text AS name FROM task WHERE done_at IS NULL")
        .await;
    desk.act_on_task(&task).await.expect(200);
    assert!(failed(&desk, &world, "&called=false").await.is_empty());

    let path = format!("/v1/audit?venue_id={}&object_kind=mail", world.venue);
    let acts = admin.get(&path).await.expect(200).body;
    let acts: Vec<_> = acts.as_array().unwrap().iter().collect();
    let acts: Vec<_> = acts
        .iter()
        .map(|act| act["action"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["call", "resend"]);
    world.end().await;
}

#[tokio::test]
async fn an_administrator_sees_whether_mail_goes_out() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let admin = world.person("admin").await;
    let body = json!({"venue_id": world.venue});
    world
        .person("desk")
        .await
        .post("/v1/test-mails", body.clone())
        .await
        .expect(403);
    let id = admin.post("/v1/test-mails", body).await.expect(201).id();
    let mail = post.last("admin@test.example", 1).await;
    assert_eq!(mail.subject, "测试邮件");
    until(&world, &of_kind("test_mail", "state"), "sent").await;
    let seen = admin.get(&format!("/v1/mails/{id}")).await.expect(200);
    assert_eq!(seen.body["state"], "sent");
    world.end().await;
}

#[tokio::test]
async fn who_wants_a_digest_gets_one_mail_about_all_that_waits() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let wishes = json!({"digest_at": "08:30", "off": []});
    let path = "/v1/me/notifications";
    let set = approver.put(path, wishes.clone()).await.expect(200);
    assert_eq!(set.body, wishes);
    let hall = Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    let mut ids = Vec::new();
    for (hour, title) in [(10, "第一场"), (14, "第二场"), (18, "第三场")] {
        let wish = hall
            .clone()
            .at(wednesday(hour, 0))
            .with(json!({"title": title}));
        ids.push(booker.book(&wish).await.expect(201).id());
    }
    // the other approver has a mail each
    post.to("approver2@test.example", 3).await;
    let waiting = "SELECT coalesce(waits_for, state) AS name FROM message \
        WHERE kind = 'request_to_decide' AND email = 'approver@test.example' ORDER BY id";
    until(&world, waiting, "digest digest digest").await;
    booker.act(&ids[1], "withdraw").await.expect(200);
    time_comes(&world).await;
    let digest = post.last("approver@test.example", 1).await;
    assert_eq!(digest.subject, "待审批：共 2 项");
    for (title, there) in [("第一场", true), ("第二场", false), ("第三场", true)] {
        assert_eq!(digest.text.contains(title), there, "{}", digest.text);
        assert_eq!(digest.html.contains(title), there);
    }
    let states = "SELECT state AS name FROM message \
        WHERE kind = 'request_to_decide' AND email = 'approver@test.example' ORDER BY id";
    until(&world, states, "digested overtaken digested").await;

    // what waits comes at once when no digest is wanted any more
    let wish = hall.at(wednesday(14, 0)).with(json!({"title": "第四场"}));
    booker.book(&wish).await.expect(201);
    until(&world, &format!("{waiting} DESC LIMIT 1"), "digest").await;
    let off = json!({"digest_at": null, "off": []});
    approver.put(path, off.clone()).await.expect(200);
    assert_eq!(approver.get(path).await.expect(200).body, off);
    let mails = post.to("approver@test.example", 2).await;
    assert!(mails[0].subject.contains("第四场") || mails[1].subject.contains("第四场"));
    world.check().await;
    world.end().await;
}

/// A digest goes where its reader is by now, in their language; one that does not arrive is somebody's task.
#[tokio::test]
async fn a_digest_goes_to_its_readers_present_address_or_the_desk_learns_of_it() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (booker, approver) = (world.person("booker").await, world.person("approver").await);
    let desk = world.person("desk").await;
    let wishes = json!({"digest_at": "08:30", "off": []});
    let path = "/v1/me/notifications";
    approver.put(path, wishes).await.expect(200);
    let hall = Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    booker.book(&hall).await.expect(201);
    let waiting = "SELECT count(*)::text AS name FROM message WHERE state = 'queued' AND waits_for = 'digest'";
    until(&world, waiting, "1").await;
    // what sorts before the old address and the old language
    world
        .run("UPDATE \"user\" SET email = 'aa@test.example', locale = 'en' WHERE name = 'approver'")
        .await;
    time_comes(&world).await;
    let digest = post.last("aa@test.example", 1).await;
    assert_eq!(digest.subject, "To decide: 1 waiting");

    // the next two are refused: one task, on the list of what did not arrive
    post.server.script("aa@test.example", &[Behaviour::Refuse]);
    for (round, hour) in [(1, 14), (2, 18)] {
        booker
            .book(&hall.clone().at(wednesday(hour, 0)))
            .await
            .expect(201);
        until(&world, waiting, "1").await;
        time_comes(&world).await;
        let states = "SELECT count(*)::text AS name FROM message WHERE kind = 'decision_digest' AND state = 'failed'";
        until(&world, states, &round.to_string()).await;
    }
    let tasks = format!("/v1/tasks?venue_id={}", world.venue);
    let tasks = desk.get(&tasks).await.expect(200).body;
    let tasks = tasks.as_array().unwrap();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert_eq!(
        (
            &tasks[0]["kind"],
            &tasks[0]["detail"]["message_kind"],
            &tasks[0]["detail"]["reason"]
        ),
        (
            &json!("mail_undelivered"),
            &json!("decision_digest"),
            &json!("address_refused")
        )
    );
    let list = failed(&desk, &world, "&called=false").await;
    assert_eq!(list.len(), 2, "{list:?}");
    assert_eq!(
        (&list[0]["kind"], &list[0]["name"], &list[0]["phone"]),
        (
            &json!("decision_digest"),
            &json!("approver"),
            &json!("+86 138 0000 0000")
        )
    );
    // it is sent again to where they are by then
    world
        .run("UPDATE \"user\" SET email = 'approver@test.example' WHERE name = 'approver'")
        .await;
    let resend = format!("/v1/mails/{}/resend", list[1]["id"].as_str().unwrap());
    desk.post(&resend, Value::Null).await.expect(200);
    post.last("approver@test.example", 1).await;
    let called = format!("/v1/mails/{}/called", list[0]["id"].as_str().unwrap());
    desk.post(&called, Value::Null).await.expect(200);
    assert!(failed(&desk, &world, "&called=false").await.is_empty());
    let open = "SELECT count(*)::text AS name FROM task WHERE done_at IS NULL";
    assert_eq!(world.text(open).await, "0");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn what_can_be_done_without_can_be_turned_off_and_nothing_else() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let booker = world.person("booker").await;
    let path = "/v1/me/notifications";
    for (wishes, code) in [
        (
            json!({"digest_at": null, "off": ["booking_cancelled"]}),
            "off.0 unknown",
        ),
        (
            json!({"digest_at": null, "off": ["reset_password"]}),
            "off.0 unknown",
        ),
        (
            json!({"digest_at": "24:00", "off": []}),
            "digest_at malformed",
        ),
        (
            json!({"digest_at": "8:30", "off": []}),
            "digest_at malformed",
        ),
    ] {
        assert_eq!(booker.put(path, wishes).await.expect(422).codes(), [code]);
    }
    let off = json!({"digest_at": null, "off": ["booking_received", "booking_received"]});
    let set = booker.put(path, off).await.expect(200);
    assert_eq!(set.body["off"], json!(["booking_received"]));
    let wish = Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    let id = booker.book(&wish).await.expect(201).id();
    let approver = world.person("approver").await;
    let reason = json!({"reason": "场地检修"});
    approver.act_with(&id, "decline", reason).await.expect(200);
    let mail = post.last("booker@test.example", 1).await;
    assert!(mail.text.contains("场地检修"));
    until(&world, &of_kind("booking_received", "state"), "muted").await;
    let refused = world.refused("INSERT INTO notification_setting (user_id, off) SELECT id, ARRAY['booking_cancelled'] FROM \"user\" LIMIT 1");
    assert_eq!(
        refused.await.as_deref(),
        Some("notification_setting_off_check")
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn at_night_what_may_wait_waits_and_what_may_not_goes_out() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (booker, admin) = (world.person("booker").await, world.person("admin").await);
    let venue = format!("/v1/venues/{}", world.venue);
    let mut policy = admin.get(&venue).await.expect(200).body["policy"].clone();
    // whatever hour it is, it is night
    let clock = |hours: i64| {
        let local = Utc::now() + TimeDelta::hours(8 + hours);
        local.format("%H:%M").to_string()
    };
    policy["quiet_hours"] = json!({"from": "22", "to": "07:00"});
    let refused = admin.patch(&venue, json!({"policy": policy})).await;
    assert_eq!(
        refused.expect(422).codes(),
        ["policy.quiet_hours malformed"]
    );
    policy["quiet_hours"] = json!({"from": clock(-1), "to": clock(2)});
    admin
        .patch(&venue, json!({"policy": policy}))
        .await
        .expect(200);
    let wish = Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    booker.book(&wish).await.expect(201);
    // the answer that somebody waits for comes, what asks staff for a decision waits
    post.last("booker@test.example", 1).await;
    let waits = of_kind("request_to_decide", "waits_for");
    until(&world, &waits, "quiet_hours quiet_hours").await;
    let morning = "SELECT bool_and(waits_until BETWEEN now() + interval '110 minutes' AND now() + interval '121 minutes')::text AS name FROM message WHERE waits_for IS NOT NULL";
    assert_eq!(world.text(morning).await, "true");
    policy["quiet_hours"] = json!({"from": clock(2), "to": clock(3)});
    admin
        .patch(&venue, json!({"policy": policy}))
        .await
        .expect(200);
    time_comes(&world).await;
    post.last("approver@test.example", 1).await;
    world.check().await;
    world.end().await;
}
