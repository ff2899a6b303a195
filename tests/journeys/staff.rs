//! Who works for a venue: roles in all of it or in some spaces, given and taken back, invitations by mail.

use serde_json::{Value, json};

use crate::support::post::Post;
use crate::support::{Answer, Person, Wish, World, wednesday};

const PASSWORD: &str = "moonlight over the weir";

struct Scene {
    world: World,
    admin: Person,
    staff: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let admin = world.person("admin").await;
        let staff = format!("/v1/venues/{}/staff", world.venue);
        Self {
            world,
            admin,
            staff,
        }
    }

    async fn grant(&self, to: &Person, role: &str, space: Value) -> Answer {
        let input = json!({"user_id": to.id, "role": role, "space_id": space});
        self.admin.post(&self.staff, input).await
    }

    async fn take_back(&self, role: &str) -> Answer {
        self.admin.delete(&format!("{}/{role}", self.staff)).await
    }

    async fn done(self) {
        self.world.check().await;
        self.world.end().await;
    }
}

#[tokio::test]
async fn a_role_is_given_used_listed_and_taken_back() {
    let scene = Scene::new().await;
    let post = Post::of(&scene.world).await;
    let resident = scene.world.person("resident").await;
    let board = format!(
        "/v1/board?venue_id={}&from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z",
        scene.world.venue
    );
    resident.get(&board).await.expect(403);
    let given = scene
        .grant(&resident, "front_desk", Value::Null)
        .await
        .expect(201);
    assert_eq!(given.body["granted_by"], json!(scene.admin.id));
    resident.get(&board).await.expect(200);
    let twice = scene
        .grant(&resident, "front_desk", Value::Null)
        .await
        .expect(422);
    assert_eq!(twice.codes(), ["role granted_already"]);
    let listed = scene.admin.get(&scene.staff).await.expect(200);
    let of_resident: Vec<&Value> = listed
        .body
        .as_array()
        .unwrap()
        .iter()
        .filter(|role| role["email"] == "resident@test.example")
        .map(|role| &role["id"])
        .collect();
    assert_eq!(of_resident, [&json!(given.id())]);
    scene.take_back(&given.id()).await.expect(204);
    resident.get(&board).await.expect(403);
    scene.take_back(&given.id()).await.expect(404);
    let mails = post.to("resident@test.example", 2).await;
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert!(
        subjects[0].contains("前台") && subjects[1].contains("不再"),
        "{subjects:?}"
    );
    let audit = scene
        .world
        .texts(&format!("SELECT action || ' ' || fields::text AS name FROM audit_entry WHERE object_id = '{}' ORDER BY at", given.id()))
        .await;
    assert_eq!(audit, ["grant {front_desk}", "take_back {front_desk}"]);

    // who is nobody, and spaces of other venues
    let nobody = json!({"user_id": uuid::Uuid::nil(), "role": "crew"});
    let refused = scene.admin.post(&scene.staff, nobody).await.expect(422);
    assert_eq!(refused.codes(), ["user_id unknown"]);
    let refused = scene
        .grant(&resident, "crew", json!(uuid::Uuid::nil()))
        .await
        .expect(422);
    assert_eq!(refused.codes(), ["space_id unknown"]);
    drop(post);
    scene.done().await;
}

#[tokio::test]
async fn a_venue_keeps_an_administrator() {
    let scene = Scene::new().await;
    let own = scene
        .world
        .text(&format!(
            "SELECT id::text AS name FROM staff_role WHERE user_id = '{}'",
            scene.admin.id
        ))
        .await;
    let refused = scene.take_back(&own).await.expect(409);
    assert_eq!(refused.problem(), "last-administrator");
    let by_hand = scene
        .world
        .refused(&format!("DELETE FROM staff_role WHERE id = '{own}'"))
        .await;
    assert_eq!(by_hand.as_deref(), Some("staff_role_admin"));
    // an administrator of one space does not count, one of the whole venue does
    let desk = scene.world.person("desk").await;
    let hall = scene.world.space("huiju").await;
    scene.grant(&desk, "admin", json!(hall)).await.expect(201);
    scene.take_back(&own).await.expect(409);
    // and manages nobody
    desk.get(&scene.staff).await.expect(404);
    let other = scene
        .grant(&desk, "admin", Value::Null)
        .await
        .expect(201)
        .id();
    // of two who take each other's role back at once, one stays
    let (theirs, mine) = (
        format!("{}/{own}", scene.staff),
        format!("{}/{other}", scene.staff),
    );
    let (one, two) = futures_util::join!(desk.delete(&theirs), scene.admin.delete(&mine));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    // the other is no administrator any more, or the last one
    assert!(
        statuses[0] == 204 && [403, 404, 409].contains(&statuses[1]),
        "{statuses:?}"
    );
    scene.done().await;
}

/// Whoever works for one room sees and does there what the role allows, and nothing elsewhere.
#[tokio::test]
async fn a_role_in_one_space_reaches_no_further() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let (hall, room) = (world.space("huiju").await, world.space("zhisi").await);
    let (booker, limited) = (world.person("booker").await, world.person("resident").await);
    for role in ["approver", "front_desk"] {
        scene.grant(&limited, role, json!(room)).await.expect(201);
    }
    let there = booker
        .book(&Wish::new(room, wednesday(10, 0), 60))
        .await
        .expect(201)
        .id();
    let layout = world.version("roadshow_main").await;
    let elsewhere = Wish::new(hall, wednesday(10, 0), 60).layout(layout, "roadshow");
    let elsewhere = booker.book(&elsewhere).await.expect(201).id();
    let told = |booking: String| async move { world.told(&booking).await };
    let asked = "request_to_decide resident".to_owned();
    assert!(told(there.clone()).await.contains(&asked));
    assert!(!told(elsewhere.clone()).await.contains(&asked));

    limited
        .get(&format!("/v1/bookings/{there}"))
        .await
        .expect(200);
    limited
        .get(&format!("/v1/bookings/{elsewhere}"))
        .await
        .expect(404);
    let listed = limited
        .get(&format!("/v1/bookings?venue_id={}", world.venue))
        .await
        .expect(200);
    let ids: Vec<&Value> = listed
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, [&json!(there)]);
    limited.act(&elsewhere, "approve").await.expect(404);
    limited.act(&there, "approve").await.expect(200);

    let day = format!(
        "from={}&to={}",
        wednesday(0, 0).format("%FT%TZ"),
        wednesday(23, 0).format("%FT%TZ")
    );
    let board = limited
        .get(&format!("/v1/board?venue_id={}&{day}", world.venue))
        .await
        .expect(200);
    let of = |list: &str| board.body[list].as_array().unwrap().len();
    assert_eq!((of("spaces"), of("bookings"), of("changeovers")), (1, 1, 0));

    let jobs = format!(
        "/v1/changeovers?venue_id={}&date={}",
        world.venue,
        wednesday(0, 0).date_naive()
    );
    assert_eq!(limited.get(&jobs).await.expect(200).body, json!([]));
    world
        .run(&format!(
            "INSERT INTO message (id, kind, booking_id, email, locale, payload, dedupe_key, state) \
             SELECT gen_random_uuid(), 'booking_confirmed', b, 'nobody@test.example', 'en', '{{}}', b::text, 'failed' FROM unnest(ARRAY['{there}'::uuid, '{elsewhere}']) b"
        ))
        .await;
    let mails = format!("/v1/mails?venue_id={}", world.venue);
    let mails = limited.get(&mails).await.expect(200).body;
    assert_eq!(mails.as_array().unwrap().len(), 1);
    assert_eq!(mails[0]["booking_id"], there);

    let closure = |space| json!({"space_id": space, "start": wednesday(18, 0), "end": wednesday(19, 0), "reason": "x"});
    limited
        .post("/v1/closures", closure(room))
        .await
        .expect(201);
    limited
        .post("/v1/closures", closure(hall))
        .await
        .expect(404);
    let walk_in = Wish::new(hall, wednesday(15, 0), 60)
        .layout(layout, "roadshow")
        .with(json!({"mode": "walk_in"}));
    limited.book(&walk_in).await.expect(422);

    // tasks about the room, and none about the hall or the whole venue
    world
        .run(&format!(
            "INSERT INTO task (id, venue_id, kind, booking_id) SELECT gen_random_uuid(), '{v}', 'mail_undelivered', b FROM unnest(ARRAY['{there}', '{elsewhere}', NULL]::uuid[]) b; \
             INSERT INTO task (id, venue_id, kind, area_id) SELECT gen_random_uuid(), '{v}', 'shift_missing', a.id FROM area a WHERE a.space_id IN ('{room}', '{hall}')",
            v = world.venue
        ))
        .await;
    let tasks = limited
        .get(&format!("/v1/tasks?venue_id={}", world.venue))
        .await
        .expect(200);
    assert_eq!(tasks.body.as_array().unwrap().len(), 2, "{}", tasks.body);
    let foreign = world
        .text(&format!(
            "SELECT id::text AS name FROM task WHERE booking_id = '{elsewhere}'"
        ))
        .await;
    limited.act_on_task(&foreign).await.expect(404);
    // what belongs to the whole venue
    limited
        .get(&format!("/v1/organisations?venue_id={}", world.venue))
        .await
        .expect(404);
    scene.done().await;
}

#[tokio::test]
async fn staff_are_invited_by_mail() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let post = Post::of(world).await;
    let invitations = format!("/v1/venues/{}/staff-invitations", world.venue);
    let hall = world.space("huiju").await;
    let input = json!({"email": "mei@home.example", "role": "approver", "space_id": hall});
    let first = scene
        .admin
        .post(&invitations, input.clone())
        .await
        .expect(201);
    let old = post.last("mei@home.example", 1).await;
    // a second one takes its place
    scene.admin.post(&invitations, input).await.expect(201);
    let new = post.last("mei@home.example", 2).await;
    let open = scene.admin.get(&invitations).await.expect(200);
    assert_eq!(open.body.as_array().unwrap().len(), 1);
    scene
        .admin
        .delete(&format!("{invitations}/{}", first.id()))
        .await
        .expect(404);

    let accept = |person: Person, token: String| async move {
        person
            .post("/v1/staff-invitations/accept", json!({"token": token}))
            .await
    };
    let another = accept(world.person("resident").await, new.token())
        .await
        .expect(422);
    assert_eq!(another.codes(), ["token for_another_address"]);
    let mei = world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let used = accept(mei.clone(), old.token()).await.expect(422);
    assert_eq!(used.codes(), ["token link_not_valid"]);
    // a link for staff is none for members
    mei.post("/v1/invitations/accept", json!({"token": new.token()}))
        .await
        .expect(422);
    let role = accept(mei.clone(), new.token()).await.expect(200);
    assert_eq!(
        (&role.body["role"], &role.body["space_id"]),
        (&json!("approver"), &json!(hall))
    );
    accept(mei.clone(), new.token()).await.expect(422);
    let me = mei.get("/v1/me").await.expect(200);
    assert_eq!(me.body["roles"][0]["role"], "approver");

    // one that is taken back is no good, nor one of somebody who is no administrator any more
    let input = json!({"email": "mei@home.example", "role": "crew"});
    let taken_back = scene.admin.post(&invitations, input).await.expect(201).id();
    let token = post.last("mei@home.example", 4).await.token();
    scene
        .admin
        .delete(&format!("{invitations}/{taken_back}"))
        .await
        .expect(204);
    accept(mei.clone(), token).await.expect(422);
    let desk = world.person("desk").await;
    let second = scene
        .grant(&desk, "admin", Value::Null)
        .await
        .expect(201)
        .id();
    let input = json!({"email": "mei@home.example", "role": "admin"});
    desk.post(&invitations, input).await.expect(201);
    scene.take_back(&second).await.expect(204);
    let token = post.last("mei@home.example", 5).await.token();
    accept(mei, token).await.expect(422);
    drop(post);
    scene.done().await;
}

#[tokio::test]
async fn a_task_is_taken_given_back_and_done_by_somebody() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let task = uuid::Uuid::now_v7();
    world
        .run(&format!(
            "INSERT INTO task (id, venue_id, kind) VALUES ('{task}', '{}', 'shift_missing')",
            world.venue
        ))
        .await;
    let (desk, approver) = (world.person("desk").await, world.person("approver").await);
    let act = |person: &Person, act: &str| {
        let (person, path) = (person.clone(), format!("/v1/tasks/{task}/{act}"));
        async move { person.post(&path, Value::Null).await }
    };
    // of two who take it at once one gets it
    let (one, two) = futures_util::join!(act(&desk, "take"), act(&approver, "take"));
    assert_eq!(one.status + two.status, 200 + 409);
    let (winner, loser) = if one.status == 200 {
        (&desk, &approver)
    } else {
        (&approver, &desk)
    };
    act(winner, "take").await.expect(200);
    let refused = act(loser, "give-back").await.expect(409);
    assert_eq!(refused.reasons(), ["taken_by_another"]);
    let free = act(winner, "give-back").await.expect(200);
    assert_eq!(free.body["taken_by"], Value::Null);
    assert_eq!(act(winner, "give-back").await.expect(409).state(), "open");
    act(loser, "take").await.expect(200);
    // an administrator frees what somebody took who is ill
    act(&scene.admin, "give-back").await.expect(200);
    act(winner, "take").await.expect(200);
    let done = act(loser, "done").await.expect(200);
    assert_eq!(
        (&done.body["taken_by"], &done.body["done_by"]),
        (&json!(winner.id), &json!(loser.id))
    );
    assert_eq!(
        act(winner, "done").await.expect(200).body["done_by"],
        json!(loser.id)
    );
    assert_eq!(act(winner, "take").await.expect(409).state(), "done");
    let history = desk
        .get(&format!("/v1/tasks/{task}/history"))
        .await
        .expect(200);
    let events: Vec<&str> = history
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["take", "give_back", "take", "give_back", "take", "done"]
    );
    assert_eq!(history.body[5]["actor_id"], json!(loser.id));
    scene.done().await;
}
