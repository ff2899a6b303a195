//! Personal data: listed, given to the person, forgotten when they go, and not kept longer than the venue says.

use serde_json::{Value, json};

use crate::smtp::Behaviour;
use crate::support::post::Post;
use crate::support::{Person, Wish, World, wednesday};

const PASSWORD: &str = "moonlight over the weir";

/// Residents may book the workshop at once, as far ahead as journeys book.
async fn residents_may(world: &World) {
    world
        .run("UPDATE space SET policy = policy || '{\"who\": {\"anyone\": \"at once\"}, \"horizon_days\": {\"resident\": 60}}' WHERE slug = 'zhizao'")
        .await;
}

/// The tables in which any of the words stands, whatever the column.
async fn known(world: &World, words: &[&str]) -> Vec<String> {
    let tables = world
        .texts("SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1")
        .await;
    let mut found = Vec::new();
    for table in tables {
        for word in words {
            let rows = world
                .text(&format!("SELECT count(*)::text AS name FROM \"{table}\" t WHERE t::text ILIKE '%{word}%'"))
                .await;
            if rows != "0" {
                found.push(format!("{table} {word}"));
            }
        }
    }
    found
}

/// Returns once the query gives this text.
async fn until(world: &World, sql: &str, wanted: &str) {
    for _ in 0..1000 {
        if world.texts(sql).await.join(" ") == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{sql}: {:?}, not {wanted}", world.texts(sql).await);
}

async fn book(world: &World, person: &Person, hour: u32) -> String {
    let wish = Wish::new(world.space("zhizao").await, wednesday(hour, 0), 60).with(json!({
        "title": "陈晓的生日", "needs": "陈晓要蛋糕",
        "contact": {"name": "陈晓", "email": "chenxiao@home.example", "phone": "13712345678"}}));
    person.book(&wish).await.expect(201).id()
}

#[tokio::test]
async fn a_person_sees_everything_goes_and_is_forgotten() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    residents_may(&world).await;
    let email = "chenxiao@home.example";
    let person = world.newcomer(&post, email, PASSWORD).await;
    let profile = json!({"name": "陈晓", "phone": "13712345678"});
    person.patch("/v1/me", profile).await.expect(200);
    let wishes = json!({"digest_at": null, "off": ["booking_withdrawn"]});
    person.put("/v1/me/notifications", wishes).await.expect(200);
    let (over, ahead) = (
        book(&world, &person, 10).await,
        book(&world, &person, 14).await,
    );
    person
        .act_with(&over, "cancel", json!({"reason": "陈晓病了"}))
        .await
        .expect(200);

    // everything is there, and no secret
    let answer = person.get("/v1/me/personal-data").await.expect(200);
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"));
    let own = answer.body;
    assert_eq!(own["account"]["email"], email);
    assert_eq!(
        own["account"]["notifications_off"],
        json!(["booking_withdrawn"])
    );
    for (list, least) in [
        ("bookings", 2),
        ("mails", 3),
        ("history", 3),
        ("sign_ins", 1),
        ("audit", 1),
    ] {
        let length = own[list].as_array().unwrap().len();
        assert!(length >= least, "{list}: {length} of {least}");
    }
    assert!(own["bookings"].to_string().contains("陈晓的生日"));
    for secret in ["argon2", "password_hash", "hash\"", "token"] {
        assert!(!own.to_string().contains(secret), "{secret}");
    }

    // what is ahead is given up first, and only its person goes
    let go = |password: &str| person.post("/v1/me/delete", json!({ "password": password }));
    assert_eq!(
        go("not my password").await.expect(422).codes(),
        ["password wrong_password"]
    );
    let refused = go(PASSWORD).await.expect(409);
    assert_eq!(refused.reasons(), ["bookings_ahead"]);
    assert_eq!(refused.body["in_the_way"], json!([ahead]));
    person.act(&ahead, "cancel").await.expect(200);
    let before = post.server.mails_to(email).len();
    go(PASSWORD).await.expect(204);
    person.get("/v1/me").await.expect(401);
    let nobody = world.nobody();
    assert_eq!(
        nobody.sign_in(email, PASSWORD).await.expect(401).problem(),
        "sign-in-failed"
    );
    let mails = post.to(email, before + 1).await;
    assert!(mails.iter().any(|mail| mail.subject == "您的账号已注销"));
    let last = "SELECT state AS name FROM message WHERE kind = 'account_deleted'";
    until(&world, last, "sent").await;
    mofang::retention::apply(&world.db).await.unwrap();
    assert_eq!(
        known(&world, &["chenxiao", "陈晓", "13712345678"]).await,
        [""; 0]
    );
    // the numbers stay
    let kept = format!(
        "SELECT state || ' ' || attendance || ' ' || event_type || ' ' || contact_name || ' ' || title AS name FROM booking WHERE id = '{over}'"
    );
    assert_eq!(world.text(&kept).await, "cancelled 5 meeting – –");
    let desk = world.person("desk").await;
    desk.get(&format!("/v1/bookings/{over}")).await.expect(200);
    world.check().await;
    // and the address is free
    world.newcomer(&post, email, PASSWORD).await;
    world.end().await;
}

/// Wherever else the product came to know of a person: what others booked with them as the contact, digests, mails that say
/// that it was them, mails that were refused, lists and invitations that name their address.
#[tokio::test]
async fn what_others_say_of_a_person_goes_with_them_and_their_bookings_stay() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    residents_may(&world).await;
    world
        .run("UPDATE space SET policy = policy || '{\"horizon_days\": {\"resident\": 60, \"guest\": 60}}' WHERE slug = 'zhisi'")
        .await;
    let email = "chenxiao@home.example";
    let person = world.newcomer(&post, email, PASSWORD).await;
    let profile = json!({"name": "陈晓", "phone": "13712345678"});
    person.patch("/v1/me", profile).await.expect(200);
    let (booker, resident) = (world.person("booker").await, world.person("resident").await);
    let (desk, approver) = (world.person("desk").await, world.person("approver").await);
    let admin = world.person("admin").await;

    // an approver is told of their request by a digest, in which another's stands as well
    let wishes = json!({"digest_at": "08:30", "off": []});
    approver
        .put("/v1/me/notifications", wishes)
        .await
        .expect(200);
    let room = Wish::new(world.space("zhisi").await, wednesday(10, 0), 60);
    let own = person
        .book(&room.clone().with(json!({"title": "陈晓的课"})))
        .await;
    let own = own.expect(201).id();
    let contact = json!({"contact": {"name": "陈晓", "email": "ChenXiao@home.example", "phone": "13712345678"}});
    let theirs = room.clone().at(wednesday(14, 0)).with(contact.clone());
    let theirs = booker.book(&theirs).await.expect(201).id();
    let waiting = "SELECT count(*)::text AS name FROM message WHERE kind = 'request_to_decide' AND waits_for = 'digest'";
    until(&world, waiting, "2").await;
    world
        .run("UPDATE message SET waits_until = now() - interval '1 second', next_try_at = now() WHERE waits_for = 'digest'")
        .await;
    post.last("approver@test.example", 1).await;
    person.act(&own, "withdraw").await.expect(200);

    // others book with them as the contact: for themselves, for an organisation, ahead and over
    let shop = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60).with(contact.clone());
    let over = resident.book(&shop).await.expect(201).id();
    resident.act(&over, "cancel").await.expect(200);
    let ahead = resident.book(&shop).await.expect(201).id();
    let of_matrix = shop
        .at(wednesday(14, 0))
        .with(json!({"organisation_id": booker.organisation}));
    let of_matrix = desk.book(&of_matrix).await.expect(201).id();
    // somebody asks with their address and never confirms
    let asked = json!({"name": "陈晓", "email": email, "phone": "13712345678", "space_id": room.space, "start": wednesday(18, 0),
        "end": wednesday(19, 0), "event_type": "meeting", "title": "陈晓的读书会", "attendance": 3});
    let asked = world
        .nobody()
        .post("/v1/guest-bookings", asked)
        .await
        .expect(201)
        .id();
    // what they did is told to others, and lists know them
    world
        .run(&format!(
            "INSERT INTO membership (organisation_id, user_id, role) VALUES ('{}', '{}', 'owner'); \
             INSERT INTO tenant (venue_id, credit_code, name, email) VALUES ('{}', '91350100M000100Y43', '某公司', 'Chenxiao@home.example')",
            booker.organisation.unwrap(), person.id, world.venue
        ))
        .await;
    let invitations = format!(
        "/v1/organisations/{}/invitations",
        booker.organisation.unwrap()
    );
    let guest = json!({"email": "friend@home.example", "role": "viewer"});
    person.post(&invitations, guest).await.expect(201);
    let staff = format!("/v1/venues/{}/staff-invitations", world.venue);
    let invited = json!({"email": email, "role": "crew"});
    admin.post(&staff, invited).await.expect(201);
    let own_mails = format!(
        "SELECT count(*)::text AS name FROM message WHERE state = 'queued' AND (lower(email) = '{email}' OR email = 'friend@home.example')"
    );
    until(&world, &own_mails, "0").await;

    // all of that is theirs to know
    let export = person.get("/v1/me/personal-data").await.expect(200).body;
    assert_eq!(export["invitations"][0]["role"], "crew", "{export}");
    assert_eq!(export["tenants"][0]["credit_code"], "91350100M000100Y43");
    assert!(
        export["links"].to_string().contains("staff"),
        "{}",
        export["links"]
    );
    for id in [&own, &theirs, &over, &ahead, &of_matrix, &asked] {
        assert!(export["bookings"].to_string().contains(id.as_str()), "{id}");
    }

    // mails to them are refused from now on, the last one, too
    post.server.script(email, &[Behaviour::Refuse]);
    post.server
        .script("ChenXiao@home.example", &[Behaviour::Refuse]);
    resident
        .patch(
            &format!("/v1/bookings/{ahead}"),
            json!({"title": "另一个名称"}),
        )
        .await
        .expect(200);
    until(
        &world,
        "SELECT count(*)::text AS name FROM task WHERE kind = 'mail_undelivered'",
        "1",
    )
    .await;
    let go = person
        .post("/v1/me/delete", json!({"password": PASSWORD}))
        .await;
    go.expect(204);
    until(
        &world,
        "SELECT state AS name FROM message WHERE kind = 'account_deleted'",
        "failed",
    )
    .await;
    mofang::retention::apply(&world.db).await.unwrap();
    assert_eq!(
        known(&world, &["chenxiao", "陈晓", "13712345678"]).await,
        [""; 0]
    );

    // the bookings stand, and whoever is there now is written to
    let contacts = async |id: &str| {
        world.text(&format!("SELECT concat_ws(' ', state, title, contact_name, contact_email) AS name FROM booking WHERE id = '{id}'")).await
    };
    assert_eq!(
        contacts(&theirs).await,
        "requested 新产品路演 booker booker@test.example"
    );
    assert_eq!(
        contacts(&ahead).await,
        "confirmed 另一个名称 resident resident@test.example"
    );
    assert_eq!(
        contacts(&of_matrix).await,
        "confirmed 新产品路演 booker booker@test.example"
    );
    assert_eq!(contacts(&over).await, "cancelled 新产品路演 –");
    let decided = approver.act(&theirs, "approve").await.expect(200);
    assert_eq!(decided.body["contact"]["email"], "booker@test.example");
    // what nobody confirmed lapses at once
    world.tick().await;
    assert_eq!(contacts(&asked).await, "released – –");
    // the digest that was sent says no more than it may
    let digest = "SELECT jsonb_array_length(payload->'items') || ' ' || (payload->'items'->0->'facts'->>'contact_name') AS name FROM message WHERE kind = 'decision_digest'";
    assert_eq!(world.text(digest).await, "1 –");
    world.check().await;
    world.end().await;
}

/// What is known of addresses is kept as long as mails are, but for those that are somebody's.
#[tokio::test]
async fn what_is_known_of_an_address_that_is_nobodys_goes_in_time() {
    let world = World::new().await;
    world
        .run(
            "INSERT INTO mail_address (address, confirmed_at, bounced_at) VALUES \
               ('resident@test.example', now() - interval '400 days', NULL), \
               ('guest@home.example', now() - interval '400 days', NULL), \
               ('former@home.example', now() - interval '400 days', NULL), \
               ('refused@home.example', NULL, now() - interval '181 days'), \
               ('again@home.example', now() - interval '400 days', now() - interval '100 days'), \
               ('cleared@home.example', NULL, NULL)",
        )
        .await;
    let desk = world.person("desk").await;
    let contact = json!({"contact": {"name": "王芳", "email": "Guest@home.example"}});
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60).with(contact);
    desk.book(&wish).await.expect(201);
    for _ in 0..2 {
        mofang::retention::apply(&world.db).await.unwrap();
        let left = "SELECT address AS name FROM mail_address ORDER BY 1";
        let kept = [
            "again@home.example",
            "guest@home.example",
            "resident@test.example",
        ];
        assert_eq!(world.texts(left).await, kept);
    }
    world.end().await;
}

#[tokio::test]
async fn who_others_depend_on_hands_over_first() {
    let world = World::new().await;
    let hash = mofang::identity::password::hash(PASSWORD.to_owned())
        .await
        .unwrap();
    world
        .run(&format!("UPDATE \"user\" SET password_hash = '{hash}'"))
        .await;
    let go = async |name: &str| {
        let person = world.person(name).await;
        person
            .post("/v1/me/delete", json!({"password": PASSWORD}))
            .await
    };
    assert_eq!(go("booker").await.expect(409).problem(), "last-owner");
    assert_eq!(go("admin").await.expect(409).reasons(), ["last_admin"]);
    // an organisation's bookings stay with it, and somebody looks after them
    let colleague = world.person("colleague").await;
    let wish = Wish::new(world.space("zhizao").await, wednesday(10, 0), 60);
    let id = colleague.book(&wish).await.expect(201).id();
    go("colleague").await.expect(204);
    let booker = world.person("booker").await;
    let booking = booker
        .get(&format!("/v1/bookings/{id}"))
        .await
        .expect(200)
        .body;
    assert_eq!(
        (
            &booking["state"],
            &booking["requester_id"],
            &booking["contact"]["name"]
        ),
        (&json!("confirmed"), &json!(booker.id), &json!("booker"))
    );
    // staff go, what they did stays
    let approver = world.person("approver").await;
    let hall = Wish::new(world.space("huiju").await, wednesday(14, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    let id = booker.book(&hall).await.expect(201).id();
    approver.act(&id, "approve").await.expect(200);
    go("approver").await.expect(204);
    let admin = world.person("admin").await;
    let path = format!(
        "/v1/audit?venue_id={}&actor_id={}&action=confirm",
        world.venue, approver.id
    );
    let entries = admin.get(&path).await.expect(200).body;
    assert_eq!(
        (&entries[0]["object_id"], &entries[0]["actor_name"]),
        (&json!(id), &json!("–"))
    );
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn everybody_can_read_what_is_stored_and_for_how_long() {
    let world = World::new().await;
    let path = format!("/v1/venues/{}/personal-data", world.venue);
    let admin = world.person("admin").await;
    let venue = format!("/v1/venues/{}", world.venue);
    let mut policy = admin.get(&venue).await.expect(200).body["policy"].clone();
    policy["retention_days"] = json!({"audit": 90, "bookings": 0});
    let refused = admin
        .patch(&venue, json!({"policy": policy}))
        .await
        .expect(422);
    let codes = [
        "policy.retention_days.bookings too_small",
        "policy.retention_days.audit too_small",
    ];
    assert_eq!(refused.codes(), codes);
    policy["retention_days"] = json!({"audit": 200, "bookings": 100});
    admin
        .patch(&venue, json!({"policy": policy}))
        .await
        .expect(200);
    let kinds = world.nobody().get(&path).await.expect(200).body;
    let kinds = kinds.as_array().unwrap();
    assert_eq!(kinds.len(), 8);
    for kind in kinds {
        for field in ["what", "why", "on_deletion"] {
            let text = kind[field].as_str().unwrap();
            assert!(text.len() > 5 && !text.starts_with("personal-"), "{text}");
        }
    }
    let kept = |name: &str| {
        kinds.iter().find(|kind| kind["category"] == name).unwrap()["kept_days"].clone()
    };
    assert_eq!(
        (kept("bookings"), kept("audit"), kept("account")),
        (json!(100), json!(200), Value::Null)
    );
    world.end().await;
}

#[tokio::test]
async fn what_is_older_than_the_venue_says_goes_and_nothing_else() {
    let world = World::new().await;
    residents_may(&world).await;
    let (booker, desk) = (world.person("booker").await, world.person("desk").await);
    let old = book(&world, &booker, 10).await;
    booker
        .act_with(&old, "cancel", json!({"reason": "陈晓病了"}))
        .await
        .expect(200);
    desk.get(&format!("/v1/bookings/{old}")).await.expect(200);
    // four hundred days go by
    world.minutes_pass(400 * 24 * 60).await;
    world
        .run(
            "SET session_replication_role = replica; \
             UPDATE message SET created_at = created_at - interval '400 days', state = 'sent', sent_at = now(), email = coalesce(email, 'x'); \
             INSERT INTO audit_entry (id, at, venue_id, action, object_kind) \
               SELECT gen_random_uuid(), now() - make_interval(days => d), v.id, 'old ' || d, 'x' FROM venue v, unnest(ARRAY[100, 250, 400]) d; \
             INSERT INTO sign_in (id, user_id, created_at, last_used_at) SELECT gen_random_uuid(), id, now() - interval '400 days', now() - interval '400 days' FROM \"user\" WHERE name = 'crew'; \
             INSERT INTO mail_link (id, hash, purpose, email, expires_at) VALUES (gen_random_uuid(), 'x', 'verify', 'chenxiao@home.example', now() - interval '400 days')",
        )
        .await;
    let recent = book(&world, &booker, 14).await;
    world
        .run("UPDATE venue SET policy = policy || '{\"retention_days\": {\"bookings\": 365, \"messages\": 365, \"audit\": 300, \"sign_ins\": 90, \"links\": 30}}'")
        .await;
    for _ in 0..2 {
        mofang::retention::apply(&world.db).await.unwrap();
        let contact = async |id: &str| {
            world.text(&format!("SELECT contact_name || ' ' || title || ' ' || revision AS name FROM booking WHERE id = '{id}'")).await
        };
        assert_eq!(contact(&old).await, "– – 3");
        assert_eq!(contact(&recent).await, "陈晓 陈晓的生日 1");
        let reasons = format!(
            "SELECT reason AS name FROM booking_event WHERE booking_id = '{old}' AND reason <> ''"
        );
        assert_eq!(world.texts(&reasons).await, [""; 0]);
        let mails = "SELECT count(*) FILTER (WHERE redacted_at IS NULL) || ' of ' || count(*) AS name FROM message WHERE booking_id = ";
        assert_eq!(world.text(&format!("{mails}'{old}'")).await, "0 of 2");
        assert_eq!(world.text(&format!("{mails}'{recent}'")).await, "1 of 1");
        let left = "SELECT action AS name FROM audit_entry WHERE action LIKE 'old%' ORDER BY 1";
        assert_eq!(world.texts(left).await, ["old 100", "old 250"]);
        let left = "SELECT u.name FROM sign_in i JOIN \"user\" u ON u.id = i.user_id WHERE i.last_used_at < now() - interval '90 days' UNION ALL SELECT email FROM mail_link WHERE expires_at < now() - interval '30 days'";
        assert_eq!(world.texts(left).await, [""; 0]);
    }
    // the database keeps half a year of the audit, whatever it is asked
    world
        .run("UPDATE venue SET policy = policy || '{\"retention_days\": {\"audit\": 1}}'")
        .await;
    mofang::retention::apply(&world.db).await.unwrap();
    let left = "SELECT action AS name FROM audit_entry WHERE action LIKE 'old%'";
    assert_eq!(world.texts(left).await, ["old 100"]);
    world.check().await;
    world.end().await;
}
