//! Organisations register, are decided about, gain and lose members, and are never without an owner.

use diesel_async::SimpleAsyncConnection as _;
use serde_json::{Value, json};

use crate::support::post::Post;
use crate::support::{Person, Wish, World, wednesday};

const CODE: &str = "91350100M000100Y43";

async fn register(world: &World, person: &Person, code: &str) -> crate::support::Answer {
    let input = json!({"venue_id": world.venue, "kind": "enterprise", "name": "一号湾机器人有限公司", "credit_code": code});
    person.post("/v1/organisations", input).await
}

fn path(organisation: &str, rest: &str) -> String {
    format!("/v1/organisations/{organisation}{rest}")
}

/// Invites an address and gives the token that arrived there.
async fn invite(
    post: &Post,
    owner: &Person,
    organisation: &str,
    email: &str,
    role: &str,
) -> String {
    let before = post.server.mails_to(email).len();
    let input = json!({"email": email, "role": role});
    owner
        .post(&path(organisation, "/invitations"), input)
        .await
        .expect(201);
    post.last(email, before + 1).await.token()
}

/// From a registration to a booking: refused for what is missing, corrected, verified, and only then booked for.
#[tokio::test]
async fn an_enterprise_registers_and_books_once_it_is_verified() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (mei, approver) = (
        world.person("resident").await,
        world.person("approver").await,
    );
    for (code, error) in [
        ("", "credit_code credit_code_needed"),
        ("9135", "credit_code credit_code_length"),
        ("91350100I000100Y43", "credit_code credit_code_alphabet"),
        ("91350100M000100Y44", "credit_code credit_code_check"),
    ] {
        assert_eq!(
            register(&world, &mei, code).await.expect(422).codes(),
            [error]
        );
    }
    let made = register(&world, &mei, " 91350100m000100y43 ")
        .await
        .expect(201);
    assert_eq!(
        (made.state(), &made.body["credit_code"]),
        ("pending", &json!(CODE))
    );
    let id = made.id();
    assert_eq!(
        post.last("approver@test.example", 1).await.subject,
        "待核验：一号湾机器人有限公司"
    );
    post.to("admin@test.example", 1).await;
    // another one with the same code is told
    let twice = register(&world, &world.person("booker2").await, CODE)
        .await
        .expect(422);
    assert_eq!(twice.codes(), ["credit_code code_registered"]);

    let hall = Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow")
        .with(json!({"organisation_id": id}));
    assert_eq!(
        mei.book(&hall).await.expect(422).codes(),
        ["organisation_id organisation_not_verified"]
    );
    let refused = approver
        .post(
            &path(&id, "/refuse"),
            json!({"reason": "执照名称不符。\n请更正。"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (refused.state(), &refused.body["refusal"]),
        ("refused", &json!("执照名称不符。\n请更正。"))
    );
    let mail = post.last("resident@test.example", 1).await;
    assert!(mail.text.contains("执照名称不符。"), "{}", mail.text);
    mei.book(&hall).await.expect(422);
    // corrected, it is looked at again
    let name = json!({"name": "一号湾机器人（上海）有限公司"});
    assert_eq!(
        mei.patch(&path(&id, ""), name).await.expect(200).state(),
        "pending"
    );
    post.to("approver@test.example", 2).await;
    approver
        .post(&path(&id, "/verify"), Value::Null)
        .await
        .expect(200);
    approver
        .post(&path(&id, "/verify"), Value::Null)
        .await
        .expect(409);
    assert_eq!(
        post.last("resident@test.example", 2).await.subject,
        "一号湾机器人（上海）有限公司已通过核验"
    );
    assert_eq!(mei.book(&hall).await.expect(201).state(), "requested");
    // verified, its owner no longer renames it; an administrator does
    let name = json!({"name": "另一家"});
    mei.patch(&path(&id, ""), name.clone()).await.expect(409);
    let admin = world.person("admin").await;
    assert_eq!(
        admin.patch(&path(&id, ""), name).await.expect(200).state(),
        "verified"
    );
    let pending = format!(
        "/v1/organisations?venue_id={}&state=verified&credit_code={CODE}",
        world.venue
    );
    assert_eq!(
        approver.get(&pending).await.expect(200).body[0]["name"],
        "另一家"
    );
    let audited = world
        .texts(
            "SELECT action AS name FROM audit_entry WHERE object_kind = 'organisation' ORDER BY id",
        )
        .await;
    assert_eq!(audited, ["refuse", "verify", "change"]);
    world.check().await;
    world.end().await;
}

/// The code of one that was refused can be registered by whose it is; then the first cannot be verified any more.
#[tokio::test]
async fn a_refused_one_gives_its_code_back() {
    let world = World::new().await;
    let (thief, mei) = (
        world.person("resident").await,
        world.person("booker2").await,
    );
    let approver = world.person("approver").await;
    let first = register(&world, &thief, CODE).await.expect(201).id();
    approver
        .post(&path(&first, "/refuse"), json!({"reason": "冒名。"}))
        .await
        .expect(200);
    register(&world, &mei, CODE).await.expect(201);
    assert_eq!(
        approver
            .post(&path(&first, "/verify"), Value::Null)
            .await
            .expect(409)
            .problem(),
        "conflict"
    );
    let again = thief
        .patch(&path(&first, ""), json!({"name": "再试"}))
        .await
        .expect(422);
    assert_eq!(again.codes(), ["credit_code code_registered"]);
    world.end().await;
}

/// Invited by mail, accepted with the right address, given another role, removed: what was booked stays.
#[tokio::test]
async fn members_come_and_go_and_bookings_stay() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let owner = world.person("booker").await;
    let matrix = owner.organisation.unwrap().to_string();
    let lin = world
        .newcomer(&post, "lin@home.example", "moonlight over the weir")
        .await;
    let token = invite(&post, &owner, &matrix, "lin@home.example", "booker").await;
    let accept = async |person: &Person, token: &str| {
        person
            .post("/v1/invitations/accept", json!({"token": token}))
            .await
    };
    // forwarded to somebody else it is worth nothing, and stays good
    let stranger = accept(&world.person("resident").await, &token)
        .await
        .expect(422);
    assert_eq!(stranger.codes(), ["token for_another_address"]);
    let joined = accept(&lin, &token).await.expect(200).body;
    assert_eq!(
        (&joined["role"], &joined["organisation_verified"]),
        (&json!("booker"), &json!(true))
    );
    accept(&lin, &token).await.expect(422);
    let twice = owner
        .post(
            &path(&matrix, "/invitations"),
            json!({"email": "lin@home.example", "role": "owner"}),
        )
        .await
        .expect(422);
    assert_eq!(twice.codes(), ["email member_already"]);

    let hall = Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow")
        .with(json!({"organisation_id": matrix}));
    let booking = lin.book(&hall).await.expect(201).id();
    let one = format!("/v1/bookings/{booking}");
    for name in ["viewer", "colleague", "booker"] {
        world.person(name).await.get(&one).await.expect(200);
    }
    // a viewer reads, and that is all
    let viewer = world.person("viewer").await;
    viewer.act(&booking, "withdraw").await.expect(404);
    assert_eq!(
        viewer.book(&hall).await.expect(422).codes(),
        ["organisation_id viewer_only"]
    );
    // so does one who becomes a viewer, also of what they made themselves
    let lin_there = path(&matrix, &format!("/members/{}", lin.id));
    owner
        .patch(&lin_there, json!({"role": "viewer"}))
        .await
        .expect(200);
    lin.get(&one).await.expect(200);
    lin.act(&booking, "withdraw").await.expect(404);
    owner
        .patch(&lin_there, json!({"role": "booker"}))
        .await
        .expect(200);

    owner.delete(&lin_there).await.expect(204);
    owner.delete(&lin_there).await.expect(404);
    lin.get("/v1/me").await.expect(200);
    lin.get(&one).await.expect(404);
    lin.act(&booking, "withdraw").await.expect(404);
    let mine = lin.get("/v1/bookings").await.expect(200).body;
    assert_eq!(mine, json!([]));
    assert_eq!(
        lin.book(&hall).await.expect(422).codes(),
        ["organisation_id unknown"]
    );
    let mails = post.to("lin@home.example", 4).await;
    assert!(
        mails
            .iter()
            .any(|mail| mail.subject == "您已不再是矩阵机器人的成员")
    );
    // the owner looks after it now: the confirmation comes there
    let seen = owner.get(&one).await.expect(200).body;
    assert_eq!(seen["contact"]["email"], "booker@test.example");
    world
        .person("approver")
        .await
        .act(&booking, "approve")
        .await
        .expect(200);
    assert!(
        world
            .told(&booking)
            .await
            .contains(&"booking_confirmed booker".to_owned())
    );
    let history = owner.get(&format!("{one}/history")).await.expect(200).body;
    let events: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["event"])
        .collect();
    assert!(events.contains(&&json!("edit")), "{events:?}");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn invitations_are_listed_taken_back_and_replaced() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let owner = world.person("booker").await;
    let matrix = owner.organisation.unwrap().to_string();
    let lin = world
        .newcomer(&post, "lin@home.example", "moonlight over the weir")
        .await;
    let accept = async |token: &str| {
        lin.post("/v1/invitations/accept", json!({"token": token}))
            .await
    };
    let first = invite(&post, &owner, &matrix, "lin@home.example", "viewer").await;
    let second = invite(&post, &owner, &matrix, "lin@home.example", "viewer").await;
    accept(&first).await.expect(422);
    let open = owner
        .get(&path(&matrix, "/invitations"))
        .await
        .expect(200)
        .body;
    assert_eq!(open.as_array().unwrap().len(), 1);
    let one = path(
        &matrix,
        &format!("/invitations/{}", open[0]["id"].as_str().unwrap()),
    );
    // an owner of another organisation cannot
    world.run("UPDATE membership m SET role = 'owner' FROM \"user\" u WHERE u.id = m.user_id AND u.name = 'booker2'").await;
    let other = world.person("booker2").await;
    other.delete(&one).await.expect(404);
    let elsewhere = one.replace(&matrix, &other.organisation.unwrap().to_string());
    other.delete(&elsewhere).await.expect(404);
    owner.delete(&one).await.expect(204);
    owner.delete(&one).await.expect(404);
    accept(&second).await.expect(422);
    assert_eq!(
        owner
            .get(&path(&matrix, "/invitations"))
            .await
            .expect(200)
            .body,
        json!([])
    );
    // somebody without an account registers with the address first; a reset link is no invitation
    let third = invite(&post, &owner, &matrix, "new@home.example", "booker").await;
    let new = world
        .newcomer(&post, "new@home.example", "moonlight over the weir")
        .await;
    world
        .nobody()
        .post("/v1/password-resets", json!({"email": "new@home.example"}))
        .await
        .expect(202);
    let reset = post.last("new@home.example", 3).await.token();
    new.post("/v1/invitations/accept", json!({"token": reset}))
        .await
        .expect(422);
    let swapped = json!({"token": third, "password": "sunlight under the bridge"});
    new.post("/v1/password-resets/complete", swapped)
        .await
        .expect(422);
    new.post("/v1/invitations/accept", json!({"token": third}))
        .await
        .expect(200);
    let members = owner
        .get(&path(&matrix, "/members?limit=2"))
        .await
        .expect(200);
    assert_eq!(members.body.as_array().unwrap().len(), 2);
    assert!(members.headers.contains_key("link"));
    world.end().await;
}

/// An invitation takes the place of another in the moment in which that is accepted: neither waits for the other.
#[tokio::test]
async fn an_invitation_is_replaced_while_it_is_accepted() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (owner, resident) = (world.person("booker").await, world.person("resident").await);
    let matrix = owner.organisation.unwrap().to_string();
    let address = "resident@test.example";
    let token = invite(&post, &owner, &matrix, address, "viewer").await;
    let mut holder = world.sql().await;
    holder
        .batch_execute(&format!(
            "BEGIN; SELECT FROM organisation WHERE id = '{matrix}' FOR UPDATE"
        ))
        .await
        .unwrap();
    let input = json!({"email": address, "role": "booker"});
    let invitations = path(&matrix, "/invitations");
    let accept = async {
        // the new invitation is first in the queue
        world.blocked(1).await;
        let token = json!({"token": token});
        resident.post("/v1/invitations/accept", token).await
    };
    let release = async {
        world.blocked(2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (again, accepted, ()) = tokio::join!(owner.post(&invitations, input), accept, release);
    again.expect(201);
    let refused = accepted.expect(422);
    assert_eq!(refused.codes(), ["token link_not_valid"]);
    world.end().await;
}

/// Never without an owner: not by leaving, not by two at once, not by SQL.
#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (owner, colleague) = (
        world.person("booker").await,
        world.person("colleague").await,
    );
    let matrix = owner.organisation.unwrap().to_string();
    let member = |person: &Person| path(&matrix, &format!("/members/{}", person.id));
    let leave = path(&matrix, "/leave");
    assert_eq!(
        owner.post(&leave, Value::Null).await.expect(409).problem(),
        "last-owner"
    );
    owner.delete(&member(&owner)).await.expect(409);
    owner
        .patch(&member(&owner), json!({"role": "viewer"}))
        .await
        .expect(409);
    world
        .person("admin")
        .await
        .delete(&member(&owner))
        .await
        .expect(409);
    for sql in [
        "DELETE FROM membership WHERE role = 'owner'",
        "UPDATE membership SET role = 'booker'",
        "UPDATE membership SET user_id = (SELECT id FROM \"user\" WHERE name = 'resident') WHERE role = 'owner'",
        "TRUNCATE membership",
    ] {
        let refused = world.refused(sql).await;
        assert!(
            ["membership_owner", "never_truncated"].contains(&refused.as_deref().unwrap()),
            "{sql}: {refused:?}"
        );
    }
    // handed over: the heir owns it, and the giver books for it
    let stranger = json!({"user_id": world.person("resident").await.id});
    assert_eq!(
        owner
            .post(&path(&matrix, "/hand-over"), stranger)
            .await
            .expect(422)
            .codes(),
        ["user_id not_a_member"]
    );
    let heir = json!({"user_id": colleague.id});
    owner
        .post(&path(&matrix, "/hand-over"), heir.clone())
        .await
        .expect(204);
    owner
        .post(&path(&matrix, "/hand-over"), heir)
        .await
        .expect(404);
    assert_eq!(
        post.last("colleague@test.example", 1).await.subject,
        "您已成为矩阵机器人的负责人"
    );
    owner.delete(&member(&colleague)).await.expect(404);
    // two owners leave at once: one stays
    colleague
        .patch(&member(&owner), json!({"role": "owner"}))
        .await
        .expect(200);
    let (one, other) = tokio::join!(
        owner.post(&leave, Value::Null),
        colleague.post(&leave, Value::Null)
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{} {}", one.body, other.body);
    let owners = world
        .texts(&format!("SELECT role AS name FROM membership WHERE organisation_id = '{matrix}' AND role = 'owner'"))
        .await;
    assert_eq!(owners.len(), 1);
    world.end().await;
}
