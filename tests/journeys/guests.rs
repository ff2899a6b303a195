//! People without an account: they ask with an address, confirm it by mail, and look after their booking by one link.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::post::Post;
use crate::support::{Answer, Person, Wish, World, wednesday};

const EMAIL: &str = "wang.fang@home.example";
const PASSWORD: &str = "moonlight over the weir";

/// Within a guest's horizon of two weeks.
fn soon(hour: u32) -> DateTime<Utc> {
    wednesday(hour, 0) - TimeDelta::days(14)
}

struct Scene {
    world: World,
    post: Post,
    room: Uuid,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let post = Post::of(&world).await;
        let room = world.space("zhisi").await;
        Self { world, post, room }
    }

    fn wish(&self, email: &str, hour: u32) -> Value {
        json!({"name": "王芳", "email": email, "phone": "138 0013 8000", "space_id": self.room, "start": soon(hour),
            "end": soon(hour) + TimeDelta::hours(1), "event_type": "meeting", "title": "读书会", "attendance": 8, "locale": "en"})
    }

    async fn ask(&self, email: &str, hour: u32) -> Answer {
        let wish = self.wish(email, hour);
        self.world.nobody().post("/v1/guest-bookings", wish).await
    }

    /// A request whose address is confirmed, and its guest.
    async fn requested(&self, email: &str, hour: u32) -> (String, Person) {
        let before = self.post.server.mails_to(email).len();
        let id = self.ask(email, hour).await.expect(201).id();
        let mail = self.post.last(email, before + 1).await;
        let guest = self.post.guest(&self.world, &mail);
        assert_eq!(
            guest.act(&id, "submit").await.expect(200).state(),
            "requested"
        );
        self.post.to(email, before + 2).await;
        (id, guest)
    }

    async fn done(self) {
        drop(self.post);
        self.world.check().await;
        self.world.end().await;
    }
}

/// The whole way: ask, confirm, see, change, and what comes by mail, in the guest's language.
#[tokio::test]
async fn a_guest_asks_confirms_and_looks_after_the_booking_by_one_link() {
    let scene = Scene::new().await;
    let (world, post) = (&scene.world, &scene.post);
    let asked = scene.ask(EMAIL, 14).await.expect(201);
    assert_eq!(asked.state(), "held");
    let id = asked.id();
    // nobody decides on what nobody confirmed
    assert_eq!(world.told(&id).await, ["request_to_confirm wang.fang"]);
    let mail = post.last(EMAIL, 1).await;
    assert!(
        mail.subject.starts_with("Confirm your request: 读书会"),
        "{}",
        mail.subject
    );
    assert!(
        mail.text.contains("/my-booking#token=mfg_"),
        "{}",
        mail.text
    );
    let guest = post.guest(world, &mail);
    let seen = guest.get("/v1/guest-booking").await.expect(200);
    assert_eq!(seen.id(), id);
    assert_eq!(seen.body["requester_id"], Value::Null);

    let requested = guest.act(&id, "submit").await.expect(200);
    assert_eq!(requested.state(), "requested");
    let told = world.told(&id).await;
    assert!(told.contains(&"request_to_decide approver".to_owned()));
    let received = post.last(EMAIL, 2).await;
    assert!(received.subject.starts_with("Request received"));
    // the same link in every mail; confirming again leads nowhere
    assert_eq!(received.token(), mail.token());
    assert_eq!(
        guest.act(&id, "submit").await.expect(409).state(),
        "requested"
    );

    let moved = guest
        .act_with(
            &id,
            "reschedule",
            json!({"start": soon(15), "attendance": 10}),
        )
        .await;
    assert_eq!(moved.expect(200).body["start"], json!(soon(15)));
    let path = format!("/v1/bookings/{id}");
    let words = json!({"title": "诗会", "contact": {"name": "王芳芳", "email": EMAIL.to_uppercase(), "phone": "139"}});
    guest.patch(&path, words).await.expect(200);
    let elsewhere = json!({"contact": {"name": "王芳", "email": "other@home.example"}});
    let refused = guest.patch(&path, elsewhere).await.expect(422);
    assert_eq!(refused.codes(), ["contact.email confirmed_address"]);

    let approver = world.person("approver").await;
    approver.act(&id, "approve").await.expect(200);
    // from now on staff decide about another time
    let refused = guest
        .act_with(&id, "reschedule", json!({"start": soon(10)}))
        .await;
    assert_eq!(refused.expect(409).problem(), "change-request-needed");
    let wish = guest
        .act_with(&id, "change-requests", json!({"start": soon(10)}))
        .await
        .expect(201);
    assert_eq!(wish.body["requested_by"], Value::Null);
    approver
        .post(
            &format!("/v1/change-requests/{}/accept", wish.id()),
            Value::Null,
        )
        .await
        .expect(200);

    let entry = guest.get(&format!("{path}/calendar.ics")).await.expect(200);
    let text = entry.body.as_str().unwrap();
    assert!(
        text.contains("SUMMARY:诗会") && text.contains("STATUS:CONFIRMED"),
        "{text}"
    );
    assert!(text.contains(&format!("UID:{id}@localhost")), "{text}");
    assert!(
        !text.contains("mfg_"),
        "an entry is passed on, the link is not"
    );

    guest.act(&id, "cancel").await.expect(200);
    assert_eq!(world.state(&id).await, "cancelled");
    let history = guest.get(&format!("{path}/history")).await.expect(200);
    let by_guest: Vec<(String, bool)> = history
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            let event = line["event"].as_str().unwrap().to_owned();
            (event, line["by_guest"].as_bool().unwrap())
        })
        .collect();
    let expected = [
        ("hold", true),
        ("request", true),
        ("reschedule", true),
        ("edit", true),
        ("confirm", false),
        ("reschedule", false),
        ("cancel", true),
    ];
    assert_eq!(by_guest, expected.map(|(event, by)| (event.to_owned(), by)));
    scene.done().await;
}

#[tokio::test]
async fn what_nobody_confirms_lapses_and_leaves_nothing() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let id = scene.ask(EMAIL, 14).await.expect(201).id();
    let taken = scene.ask("li@home.example", 14).await.expect(409);
    assert_eq!(taken.reasons(), ["taken"]);
    let minutes = world
        .text(&format!("SELECT round(extract(epoch FROM expires_at - created_at) / 60)::text AS name FROM booking WHERE id = '{id}'"))
        .await;
    assert_eq!(minutes, "30");
    world.lapse(&id).await;
    let guest = world.guest(&id).await;
    assert_eq!(
        guest.act(&id, "submit").await.expect(409).state(),
        "released"
    );
    world.tick().await;
    assert_eq!(world.state(&id).await, "released");
    assert_eq!(world.told(&id).await, ["request_to_confirm wang.fang"]);
    scene.ask("li@home.example", 14).await.expect(201);
    scene.done().await;
}

#[tokio::test]
async fn where_guests_may_not_ask_they_are_told_so() {
    let scene = Scene::new().await;
    let mut wish = scene.wish(EMAIL, 14);
    wish["space_id"] = json!(scene.world.space("huiju").await);
    wish["layout_version_id"] = json!(scene.world.version("salon").await);
    wish["event_type"] = json!("salon");
    let nobody = scene.world.nobody();
    let refused = nobody.post("/v1/guest-bookings", wish).await.expect(422);
    assert_eq!(refused.reasons(), ["who"]);
    for (field, value) in [
        ("email", json!("nowhere")),
        ("name", json!(" ")),
        ("phone", json!("call me")),
        ("title", json!("")),
        ("attendance", json!(0)),
    ] {
        let mut wish = scene.wish(EMAIL, 14);
        wish[field] = value;
        let refused = nobody.post("/v1/guest-bookings", wish).await.expect(422);
        assert_eq!(refused.fields(), [field]);
    }
    let mut wish = scene.wish(EMAIL, 14);
    wish["organisation_id"] = json!(Uuid::nil());
    nobody.post("/v1/guest-bookings", wish).await.expect(422);
    scene.done().await;
}

#[tokio::test]
async fn a_link_opens_its_own_booking_and_nothing_else() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let (mine, me) = scene.requested(EMAIL, 10).await;
    let (theirs, they) = scene.requested("li@home.example", 14).await;
    for act in ["withdraw", "cancel", "submit", "release"] {
        me.act(&theirs, act).await.expect(404);
        they.act(&mine, act).await.expect(404);
    }
    for part in ["", "/history", "/change-requests", "/calendar.ics"] {
        me.get(&format!("/v1/bookings/{theirs}{part}"))
            .await
            .expect(404);
    }
    me.act(&mine, "approve").await.expect(403);
    me.act(&mine, "prolong").await.expect(403);
    for path in ["/v1/bookings", "/v1/me", "/v1/api-keys"] {
        me.get(path).await.expect(401);
    }
    // an open page stays open
    me.get("/v1/spaces").await.expect(200);
    // tokens that are none, and those of other purposes
    let link = scene
        .world
        .text("SELECT guest_link::text AS name FROM booking ORDER BY id LIMIT 1")
        .await;
    for token in [
        "mfg_",
        "mfg_AAAA",
        &format!("mfg_{link}"),
        &me.token[..me.token.len() - 2],
    ] {
        let answer = me.bearing(token).get("/v1/guest-booking").await.expect(401);
        assert_eq!(answer.problem(), "guest-link-not-valid");
    }
    let nobody = world.nobody();
    let asked = json!({"email": EMAIL, "password": PASSWORD, "name": "王芳"});
    nobody.post("/v1/accounts", asked).await.expect(202);
    let verify = scene.post.last(EMAIL, 3).await.token();
    nobody
        .bearing(&verify)
        .get("/v1/guest-booking")
        .await
        .expect(401);
    for path in ["/v1/accounts/verify", "/v1/email-changes/confirm"] {
        nobody
            .post(path, json!({"token": me.token}))
            .await
            .expect(422);
    }
    // when the front desk writes to another address, the old link is closed
    let desk = world.person("desk").await;
    let contact = json!({"contact": {"name": "王芳", "email": "new@home.example"}});
    desk.patch(&format!("/v1/bookings/{mine}"), contact)
        .await
        .expect(200);
    me.get("/v1/guest-booking").await.expect(401);
    let me = world.guest(&mine).await;
    me.act(&mine, "withdraw").await.expect(200);
    // long after the event it is closed, too
    world.minutes_pass(60 * 24 * 60).await;
    they.get("/v1/guest-booking").await.expect(401);
    scene.done().await;
}

#[tokio::test]
async fn a_mailbox_a_network_and_a_space_have_enough_at_some_time() {
    let scene = Scene::new().await;
    let world = &scene.world;
    // a second request in the same space takes the place of one that is not confirmed
    let first = scene.ask(EMAIL, 9).await.expect(201).id();
    let second = scene.ask(&EMAIL.to_uppercase(), 9).await.expect(201).id();
    assert_eq!(world.state(&first).await, "released");
    assert_eq!(world.state(&second).await, "held");
    for hour in [10, 11, 12] {
        scene.ask(EMAIL, hour).await.expect(201);
    }
    let enough = scene.ask(EMAIL, 13).await.expect(429);
    assert_eq!(enough.headers["retry-after"], "3600");
    scene.ask("li@home.example", 17).await.expect(201);
    // at once no more are let through than one after another
    let asks = (0..8).map(|_| scene.ask("zhao@home.example", 15));
    let answers = futures_util::future::join_all(asks).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((made, refused), (5, 3));
    world
        .run("UPDATE guest_request SET at = at - interval '2 hours'")
        .await;
    scene.ask(EMAIL, 15).await.expect(409);
    scene.ask(EMAIL, 11).await.expect(201);
    // one key, one request
    let nobody = world.nobody();
    let wish = scene.wish("sun@home.example", 19);
    let key = [("idempotency-key", "a")];
    let once = nobody
        .call_with("POST", "/v1/guest-bookings", wish.clone(), &key)
        .await
        .expect(201)
        .id();
    let twice = nobody
        .call_with("POST", "/v1/guest-bookings", wish, &key)
        .await
        .expect(201)
        .id();
    assert_eq!(once, twice);
    scene.post.to("sun@home.example", 1).await;
    scene.done().await;
}

#[tokio::test]
async fn an_account_with_the_address_takes_the_bookings_over() {
    let scene = Scene::new().await;
    let (world, post) = (&scene.world, &scene.post);
    let (id, guest) = scene.requested(EMAIL, 10).await;
    // what nobody confirmed proves nothing
    let mut open = scene.wish(EMAIL, 18);
    open["space_id"] = json!(world.space("share").await);
    let open = world
        .nobody()
        .post("/v1/guest-bookings", open)
        .await
        .expect(201)
        .id();
    post.to(EMAIL, 3).await;
    let owner = world.newcomer(post, EMAIL, PASSWORD).await;
    let seen = owner.get(&format!("/v1/bookings/{id}")).await.expect(200);
    assert_eq!(seen.body["requester_id"], json!(owner.id));
    let closed = guest.get("/v1/guest-booking").await.expect(401);
    assert_eq!(closed.problem(), "guest-link-not-valid");
    guest.act(&id, "withdraw").await.expect(401);
    assert_eq!(world.text(&format!("SELECT coalesce(requester_id::text, 'nobody') AS name FROM booking WHERE id = '{open}'")).await, "nobody");
    owner.act(&id, "withdraw").await.expect(200);
    post.to(EMAIL, 5).await;

    // later, as a guest again: the same answer as for anybody, and the account takes it over by an act
    let (later, _) = scene.requested(EMAIL, 14).await;
    owner
        .get(&format!("/v1/bookings/{later}"))
        .await
        .expect(404);
    world
        .person("resident")
        .await
        .post("/v1/me/claim-bookings", Value::Null)
        .await
        .expect(200);
    let claimed = owner
        .post("/v1/me/claim-bookings", Value::Null)
        .await
        .expect(200);
    assert_eq!(claimed.body["booking_ids"], json!([later]));
    let nothing = owner
        .post("/v1/me/claim-bookings", Value::Null)
        .await
        .expect(200);
    assert_eq!(nothing.body["booking_ids"], json!([]));
    let history = owner
        .get(&format!("/v1/bookings/{later}/history"))
        .await
        .expect(200);
    assert_eq!(
        history.body.as_array().unwrap().last().unwrap()["event"],
        "claim"
    );

    // and by getting the address
    let (other, _) = scene.requested("new@home.example", 16).await;
    let change = json!({"email": "new@home.example", "password": PASSWORD});
    owner.post("/v1/me/email-change", change).await.expect(202);
    let token = post.last("new@home.example", 3).await.token();
    world
        .nobody()
        .post("/v1/email-changes/confirm", json!({"token": token}))
        .await
        .expect(204);
    owner
        .get(&format!("/v1/bookings/{other}"))
        .await
        .expect(200);
    scene.done().await;
}

#[tokio::test]
async fn the_front_desk_books_ahead_for_a_caller() {
    let scene = Scene::new().await;
    let (world, post) = (&scene.world, &scene.post);
    let desk = world.person("desk").await;
    let caller = |contact: Value| json!({"contact": contact, "locale": "en"});
    let wish = Wish::new(scene.room, soon(9), 60);
    // a name and a phone number are enough; nobody can be written to, so the desk calls
    let by_phone = wish
        .clone()
        .with(caller(json!({"name": "陈刚", "phone": "13800138000"})));
    let approver = world.person("approver").await;
    let booked = desk.book(&by_phone).await.expect(201);
    assert_eq!(
        (booked.state(), &booked.body["requester_id"]),
        ("requested", &Value::Null)
    );
    approver.act(&booked.id(), "approve").await.expect(200);
    let told = world.told(&booked.id()).await;
    for kind in ["booking_received", "booking_confirmed"] {
        assert!(told.contains(&format!("{kind} 13800138000")), "{told:?}");
    }
    // with an address the caller has the link of every guest, in the language that they spoke
    let by_mail = wish
        .at(soon(11))
        .with(caller(json!({"name": "Ann", "email": "ann@home.example"})));
    let booked = desk.book(&by_mail).await.expect(201).id();
    approver.act(&booked, "approve").await.expect(200);
    let mail = post.last("ann@home.example", 2).await;
    assert!(mail.subject.starts_with("Confirmed"), "{}", mail.subject);
    let ann = post.guest(world, &mail);
    ann.act(&booked, "cancel").await.expect(200);
    scene.done().await;
}
