//! People make accounts and look after them: by HTTP and by a real mailbox.

use diesel_async::SimpleAsyncConnection as _;
use serde_json::json;

use crate::support::post::Post;
use crate::support::{Wish, World, wednesday};

const PASSWORD: &str = "moonlight over the weir";

/// The whole way: register, confirm, sign in, ask for a booking.
#[tokio::test]
async fn from_a_registration_to_a_request() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let nobody = world.nobody();
    let input = json!({"email": " Mei@Home.example ", "password": PASSWORD, "name": "梅", "phone": "138 0000 0001", "locale": "en"});
    let answer = nobody.post("/v1/accounts", input).await.expect(202);
    assert_eq!(answer.body, json!(""));
    // until the address is confirmed there is no account
    nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(401);
    let mail = post.last("Mei@Home.example", 1).await;
    assert_eq!(mail.subject, "Confirm your address");
    let token = mail.token();
    nobody
        .post("/v1/accounts/verify", json!({"token": token}))
        .await
        .expect(204);
    let again = nobody
        .post("/v1/accounts/verify", json!({"token": token}))
        .await
        .expect(422);
    assert_eq!(again.codes(), ["token link_not_valid"]);

    let mei = world.signed_in(
        &nobody
            .sign_in("MEI@home.example", PASSWORD)
            .await
            .expect(201),
    );
    let me = mei.get("/v1/me").await.expect(200).body;
    assert_eq!(
        (&me["verified"], &me["locale"], &me["phone"]),
        (&json!(true), &json!("en"), &json!("138 0000 0001"))
    );
    // a verified person without an organisation is a resident: a salon may be asked for
    let hall = world.space("huiju").await;
    let salon = world.version("salon").await;
    let soon = wednesday(14, 0) - chrono::TimeDelta::days(14);
    let wish = Wish::new(hall, soon, 120).layout(salon, "salon");
    let booking = mei.book(&wish).await.expect(201);
    assert_eq!(booking.state(), "requested");
    let received = post.last("Mei@Home.example", 2).await;
    assert!(
        received.subject.starts_with("Request received"),
        "{}",
        received.subject
    );
    world.check().await;
    world.end().await;
}

/// A mail bears the name of the venue that it is about: where several could be meant, the product's.
#[tokio::test]
async fn mails_say_whose_they_are() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ask = async || {
        let input = json!({"email": "booker@test.example"});
        let asked = world.nobody().post("/v1/password-resets", input).await;
        asked.expect(202);
    };
    let name = world.text("SELECT name_zh AS name FROM venue").await;
    ask().await;
    let mail = post.last("booker@test.example", 1).await;
    assert!(mail.text.contains(&name), "{}", mail.text);
    world
        .run(
            "INSERT INTO venue (id, slug, name_zh, name_en, time_zone, hours) \
             SELECT gen_random_uuid(), 'another', '另一馆', 'Another', time_zone, hours FROM venue",
        )
        .await;
    ask().await;
    let mail = post.last("booker@test.example", 2).await;
    assert!(!mail.text.contains(&name) && !mail.text.contains("另一馆"));
    assert!(mail.text.contains("魔方"), "{}", mail.text);
    // what is about an organisation is about its venue
    let (owner, colleague) = (
        world.person("booker").await,
        world.person("colleague").await,
    );
    let matrix = owner.organisation.unwrap();
    owner
        .delete(&format!(
            "/v1/organisations/{matrix}/members/{}",
            colleague.id
        ))
        .await
        .expect(204);
    let mail = post.last("colleague@test.example", 1).await;
    assert!(mail.text.contains(&name), "{}", mail.text);
    world.end().await;
}

/// Whoever registers with somebody's address learns nothing and changes nothing; the owner is told.
#[tokio::test]
async fn a_known_address_answers_like_a_new_one() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let nobody = world.nobody();
    world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let input =
        |email: &str| json!({"email": email, "password": "another good pass phrase", "name": "贼"});
    let known = nobody
        .post("/v1/accounts", input("MEI@home.example"))
        .await
        .expect(202);
    let new = nobody
        .post("/v1/accounts", input("new@home.example"))
        .await
        .expect(202);
    assert_eq!(known.body, new.body);
    let heads = |answer: &crate::support::Answer| {
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(heads(&known), heads(&new));
    let mail = post.last("mei@home.example", 2).await;
    assert_eq!(mail.subject, "您已有账号");
    assert!(!mail.text.contains("token="), "{}", mail.text);
    nobody
        .sign_in("mei@home.example", "another good pass phrase")
        .await
        .expect(401);
    nobody
        .sign_in("new@home.example", "another good pass phrase")
        .await
        .expect(401);
    nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(201);
    world.end().await;
}

/// Two people register the same address; only its reader's own link counts, and the other is void then.
#[tokio::test]
async fn who_registers_a_foreign_address_first_gains_nothing() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let nobody = world.nobody();
    let register = async |password: &str| {
        let input = json!({"email": "mei@home.example", "password": password, "name": "x"});
        nobody.post("/v1/accounts", input).await.expect(202);
    };
    register("the password of a thief").await;
    let thief = post.last("mei@home.example", 1).await.token();
    register(PASSWORD).await;
    let own = post.last("mei@home.example", 2).await.token();
    nobody
        .post("/v1/accounts/verify", json!({"token": own}))
        .await
        .expect(204);
    nobody
        .post("/v1/accounts/verify", json!({"token": thief}))
        .await
        .expect(422);
    nobody
        .sign_in("mei@home.example", "the password of a thief")
        .await
        .expect(401);
    nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(201);
    world.end().await;
}

/// Both links of an address at once: one makes the account, the other is void, and neither waits for the other.
#[tokio::test]
async fn two_links_of_one_address_are_followed_at_once() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let nobody = world.nobody();
    for _ in 0..2 {
        let input = json!({"email": "mei@home.example", "password": PASSWORD, "name": "梅"});
        nobody.post("/v1/accounts", input).await.expect(202);
    }
    let mails = post.to("mei@home.example", 2).await;
    let verify = async |mail: usize| {
        let token = json!({"token": mails[mail].token()});
        nobody.post("/v1/accounts/verify", token).await
    };
    // both are on their way before either has made the account
    let mut holder = world.sql().await;
    holder
        .batch_execute(
            "BEGIN; INSERT INTO \"user\" (id, email, name, password_hash) VALUES (gen_random_uuid(), 'mei@home.example', 'x', 'none')",
        )
        .await
        .unwrap();
    let release = async {
        world.blocked(2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (one, other, ()) = tokio::join!(verify(0), verify(1), release);
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422], "{} {}", one.body, other.body);
    world.end().await;
}

/// Whoever asks for many links at once gets no more of them.
#[tokio::test]
async fn links_asked_for_at_once_are_counted() {
    let world = World::new().await;
    let nobody = world.nobody();
    let ask = || {
        let input = json!({"email": "resident@test.example"});
        nobody.post("/v1/password-resets", input)
    };
    let asked = futures_util::future::join_all((0..20).map(|_| ask())).await;
    assert!(asked.iter().all(|answer| answer.status == 202));
    let mails = world.texts("SELECT kind AS name FROM message").await;
    assert_eq!(mails.len(), 5);
    world.end().await;
}

#[tokio::test]
async fn the_link_comes_again_but_not_for_ever() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let nobody = world.nobody();
    let again = async |email: &str| {
        let path = "/v1/accounts/resend-verification";
        nobody.post(path, json!({"email": email})).await.expect(202);
    };
    // nobody registered: the same answer, and no mail
    again("nobody@home.example").await;
    let input = json!({"email": "mei@home.example", "password": PASSWORD, "name": "梅"});
    nobody.post("/v1/accounts", input).await.expect(202);
    for _ in 0..9 {
        again("mei@home.example").await;
    }
    let mails = post.to("mei@home.example", 5).await;
    // each of them is good, the first as the last
    nobody
        .post("/v1/accounts/verify", json!({"token": mails[4].token()}))
        .await
        .expect(204);
    nobody
        .post("/v1/accounts/verify", json!({"token": mails[0].token()}))
        .await
        .expect(422);
    let messages = world.texts("SELECT kind AS name FROM message").await;
    assert_eq!(messages.len(), 5, "{messages:?}");
    // and none after its time
    let input = json!({"email": "late@home.example", "password": PASSWORD, "name": "迟"});
    nobody.post("/v1/accounts", input).await.expect(202);
    let token = post.last("late@home.example", 1).await.token();
    world.run("UPDATE mail_link SET expires_at = now() - interval '1 second' WHERE email LIKE 'late%'").await;
    nobody
        .post("/v1/accounts/verify", json!({"token": token}))
        .await
        .expect(422);
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused_with_all_its_faults() {
    let world = World::new().await;
    let nobody = world.nobody();
    let input = json!({"email": "no address", "password": "password1234", "name": "a\nb", "phone": "call me"});
    let refused = nobody.post("/v1/accounts", input).await.expect(422);
    let mut codes = refused.codes();
    codes.sort();
    assert_eq!(
        codes,
        [
            "email malformed",
            "name malformed",
            "password too_common",
            "phone malformed"
        ]
    );
    world.end().await;
}

/// The new address confirms, both learn of it, and what was open about the old one is void.
#[tokio::test]
async fn another_address() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let mei = world.newcomer(&post, "mei@home.example", PASSWORD).await;
    world.newcomer(&post, "lin@home.example", PASSWORD).await;
    let ask = async |email: &str, password: &str| {
        let input = json!({"email": email, "password": password});
        mei.post("/v1/me/email-change", input).await
    };
    assert_eq!(
        ask("new@home.example", "wrong wrong wrong")
            .await
            .expect(422)
            .codes(),
        ["password wrong_password"]
    );
    assert_eq!(
        ask("mei@home.example", PASSWORD).await.expect(422).codes(),
        ["email unchanged"]
    );
    // somebody else's address: the same answer, and the owner hears of it
    ask("lin@home.example", PASSWORD).await.expect(202);
    assert_eq!(post.last("lin@home.example", 2).await.subject, "您已有账号");
    assert!(
        post.last("mei@home.example", 2)
            .await
            .text
            .contains("lin@home.example")
    );
    ask("new@home.example", PASSWORD).await.expect(202);
    assert!(
        post.last("mei@home.example", 3)
            .await
            .text
            .contains("new@home.example")
    );
    let token = post.last("new@home.example", 1).await.token();
    let nobody = world.nobody();
    nobody
        .post("/v1/password-resets", json!({"email": "mei@home.example"}))
        .await
        .expect(202);
    let reset = post.last("mei@home.example", 4).await.token();

    nobody
        .post("/v1/email-changes/confirm", json!({"token": token}))
        .await
        .expect(204);
    nobody
        .post("/v1/email-changes/confirm", json!({"token": token}))
        .await
        .expect(422);
    let complete = json!({"token": reset, "password": "sunlight under the bridge"});
    nobody
        .post("/v1/password-resets/complete", complete)
        .await
        .expect(422);
    assert_eq!(
        mei.get("/v1/me").await.expect(200).body["email"],
        "new@home.example"
    );
    nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(401);
    nobody
        .sign_in("new@home.example", PASSWORD)
        .await
        .expect(201);
    for (address, count) in [("mei@home.example", 5), ("new@home.example", 2)] {
        assert_eq!(
            post.last(address, count).await.subject,
            "您的账号已更换邮箱"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_profile() {
    let world = World::new().await;
    let resident = world.person("resident").await;
    let changed = resident
        .patch(
            "/v1/me",
            json!({"name": " 新名字 ", "locale": "en", "phone": null}),
        )
        .await
        .expect(200);
    assert_eq!(
        (
            &changed.body["name"],
            &changed.body["locale"],
            &changed.body["phone"]
        ),
        (&json!("新名字"), &json!("en"), &json!(null))
    );
    resident
        .patch("/v1/me", json!({"phone": "021 5555"}))
        .await
        .expect(200);
    let me = resident.patch("/v1/me", json!({})).await.expect(200).body;
    assert_eq!(
        (&me["name"], &me["phone"]),
        (&json!("新名字"), &json!("021 5555"))
    );
    let refused = resident
        .patch("/v1/me", json!({"name": "", "email": "x"}))
        .await
        .expect(422);
    assert_eq!(refused.codes(), ["email unknown_field"]);
    world.end().await;
}
