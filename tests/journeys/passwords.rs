//! Passwords: changed by who knows the old one, replaced by mail; what ends then, and what a link is not good for.

use diesel_async::SimpleAsyncConnection as _;
use serde_json::json;

use crate::support::World;
use crate::support::post::Post;

const PASSWORD: &str = "moonlight over the weir";
const OTHER: &str = "sunlight under the bridge";

#[tokio::test]
async fn a_change_ends_every_sign_in_and_gives_a_new_one() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let here = world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let nobody = world.nobody();
    let elsewhere = nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(201);
    let there = world.signed_in(&elsewhere);
    let put = async |current: &str, new: &str| {
        here.put(
            "/v1/me/password",
            json!({"current_password": current, "new_password": new}),
        )
        .await
    };
    assert_eq!(
        put("wrong wrong wrong", OTHER).await.expect(422).codes(),
        ["current_password wrong_password"]
    );
    assert_eq!(
        put(PASSWORD, "short").await.expect(422).codes(),
        ["new_password too_short"]
    );
    assert_eq!(
        put(PASSWORD, "meimeimeimei").await.expect(422).codes(),
        ["new_password too_common"]
    );
    let renewed = put(PASSWORD, OTHER).await.expect(200);
    for gone in [&here, &there] {
        gone.get("/v1/me").await.expect(401);
    }
    let old = json!({"refresh_token": elsewhere.body["refresh_token"]});
    nobody.post("/v1/sign-ins/refresh", old).await.expect(401);
    world.signed_in(&renewed).get("/v1/me").await.expect(200);
    let refresh = json!({"refresh_token": renewed.body["refresh_token"]});
    nobody
        .post("/v1/sign-ins/refresh", refresh)
        .await
        .expect(200);
    assert_eq!(
        post.last("mei@home.example", 2).await.subject,
        "您的密码已更改"
    );
    nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(401);
    nobody.sign_in("mei@home.example", OTHER).await.expect(201);
    world.end().await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let mei = world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let nobody = world.nobody();
    let ask = async |email: &str| {
        nobody
            .post("/v1/password-resets", json!({"email": email}))
            .await
            .expect(202)
    };
    let complete = async |token: &str, password: &str| {
        let input = json!({"token": token, "password": password});
        nobody.post("/v1/password-resets/complete", input).await
    };
    let (known, unknown) = (
        ask("MEI@home.example").await,
        ask("nobody@home.example").await,
    );
    assert_eq!(known.body, unknown.body);
    let first = post.last("mei@home.example", 2).await.token();
    ask("mei@home.example").await;
    let second = post.last("mei@home.example", 3).await.token();
    // a password that is not taken costs no link
    assert_eq!(
        complete(&second, "short").await.expect(422).codes(),
        ["password too_short"]
    );
    complete(&second, OTHER).await.expect(204);
    assert_eq!(
        complete(&second, OTHER).await.expect(422).codes(),
        ["token link_not_valid"]
    );
    // the other one is void, too
    complete(&first, PASSWORD).await.expect(422);
    mei.get("/v1/me").await.expect(401);
    nobody.sign_in("mei@home.example", OTHER).await.expect(201);
    assert_eq!(
        post.last("mei@home.example", 4).await.subject,
        "您的密码已更改"
    );
    let written = world
        .texts("SELECT kind AS name FROM message WHERE email = 'nobody@home.example'")
        .await;
    assert!(written.is_empty(), "{written:?}");

    ask("mei@home.example").await;
    let late = post.last("mei@home.example", 5).await.token();
    world
        .run("UPDATE mail_link SET expires_at = now() - interval '1 second'")
        .await;
    complete(&late, PASSWORD).await.expect(422);
    // a disabled account gets none
    world
        .run("UPDATE \"user\" SET disabled_at = now() WHERE email = 'mei@home.example'")
        .await;
    ask("mei@home.example").await;
    let kinds = world
        .texts("SELECT kind AS name FROM message WHERE kind = 'reset_password'")
        .await;
    assert_eq!(kinds.len(), 3);
    world.end().await;
}

/// Two links about one account at once: each makes the other void, and neither waits for the other.
#[tokio::test]
async fn two_links_about_one_account_are_followed_at_once() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (mei, nobody) = (world.person("resident").await, world.nobody());
    let address = "resident@test.example";
    let ask = json!({"email": address});
    for _ in 0..2 {
        let asked = nobody.post("/v1/password-resets", ask.clone()).await;
        asked.expect(202);
    }
    let mails = post.to(address, 2).await;
    let complete = async |mail: usize| {
        let input = json!({"token": mails[mail].token(), "password": OTHER});
        nobody.post("/v1/password-resets/complete", input).await
    };
    // both have come to the account before either goes on
    let mut holder = world.sql().await;
    holder
        .batch_execute(&format!(
            "BEGIN; SELECT FROM \"user\" WHERE id = '{}' FOR UPDATE",
            mei.id
        ))
        .await
        .unwrap();
    let release = async {
        world.blocked(2).await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (one, other, ()) = tokio::join!(complete(0), complete(1), release);
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422], "{} {}", one.body, other.body);
    world.end().await;
}

/// Of two who follow a link at once one gets it; none is good for anything but its purpose.
#[tokio::test]
async fn links_are_good_once_and_for_one_thing() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let mei = world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let nobody = world.nobody();
    nobody
        .post("/v1/password-resets", json!({"email": "mei@home.example"}))
        .await
        .expect(202);
    let reset = post.last("mei@home.example", 2).await.token();
    let change = json!({"email": "new@home.example", "password": PASSWORD});
    mei.post("/v1/me/email-change", change).await.expect(202);
    let confirm = post.last("new@home.example", 1).await.token();
    let input = json!({"email": "lin@home.example", "password": PASSWORD, "name": "林"});
    nobody.post("/v1/accounts", input).await.expect(202);
    let verify = post.last("lin@home.example", 1).await.token();

    let ways = [
        ("/v1/accounts/verify", &verify),
        ("/v1/email-changes/confirm", &confirm),
        ("/v1/password-resets/complete", &reset),
    ];
    let body = |path: &str, token: &str| match path {
        "/v1/password-resets/complete" => json!({"token": token, "password": OTHER}),
        _ => json!({"token": token}),
    };
    for (path, own) in ways {
        for (_, token) in ways.iter().filter(|(_, token)| *token != own) {
            let swapped = nobody.post(path, body(path, token)).await.expect(422);
            assert_eq!(swapped.codes(), ["token link_not_valid"], "{path}");
        }
        for bad in ["", "x", &own[1..], &format!("{own}A"), &"é".repeat(300)] {
            nobody.post(path, body(path, bad)).await.expect(422);
        }
        // nor does it sign anybody in
        let bearer = nobody.bearing(own);
        bearer.get("/v1/me").await.expect(401);
        nobody
            .post("/v1/sign-ins/refresh", json!({"refresh_token": own}))
            .await
            .expect(401);
    }
    // used last: it makes the others about the same account void
    for (path, own) in [ways[0], ways[2]] {
        let race = (0..8).map(|_| nobody.post(path, body(path, own)));
        let answers = futures_util::future::join_all(race).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 422, 422, 422, 422, 422, 422, 422], "{path}");
    }
    nobody
        .post(ways[1].0, body(ways[1].0, ways[1].1))
        .await
        .expect(422);
    // the database knows none of them
    for token in [&reset, &confirm, &verify] {
        let found = world
            .texts(&format!(
                "SELECT kind AS name FROM message WHERE payload::text LIKE '%{token}%' \
                 UNION ALL SELECT purpose FROM mail_link WHERE encode(hash, 'base64') LIKE '%{token}%'"
            ))
            .await;
        assert!(found.is_empty(), "{found:?}");
    }
    world.end().await;
}
