//! The second factor: set up, asked for, good once; recovery codes; staff of a venue that wants one.

use serde_json::{Value, json};
use totp_rs::Totp;

use crate::support::post::Post;
use crate::support::{Answer, Person, World};

const PASSWORD: &str = "moonlight over the weir";
const EMAIL: &str = "mei@home.example";

struct App(Totp);

impl App {
    /// The code of so many steps from now.
    fn code(&self, steps: i64) -> String {
        let at = chrono::Utc::now().timestamp() + 30 * steps;
        self.0.generate(at.unsigned_abs()).to_string()
    }
}

/// As if so much time had passed that codes of before are over.
async fn later(world: &World) {
    world
        .run("UPDATE second_factor SET last_step = last_step - 10")
        .await;
}

async fn sign_in(world: &World, code: &str) -> Answer {
    let input = json!({"email": EMAIL, "password": PASSWORD, "code": code});
    world.nobody().post("/v1/sign-ins", input).await
}

async fn set_up(person: &Person) -> (App, Vec<String>) {
    let proof = json!({"password": PASSWORD});
    let begun = person
        .post("/v1/me/second-factor", proof)
        .await
        .expect(201)
        .body;
    let app = App(Totp::from_url(begun["uri"].as_str().unwrap()).unwrap());
    let confirm = json!({"code": app.code(0)});
    let answer = person
        .post("/v1/me/second-factor/confirm", confirm)
        .await
        .expect(200);
    let codes = answer.body["recovery_codes"].as_array().unwrap();
    (
        app,
        codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect(),
    )
}

#[tokio::test]
async fn a_code_is_asked_for_and_good_once() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let mei = world.newcomer(&post, EMAIL, PASSWORD).await;
    let elsewhere = world.signed_in(&world.nobody().sign_in(EMAIL, PASSWORD).await);
    mei.post(
        "/v1/me/second-factor",
        json!({"password": "wrong wrong wrong"}),
    )
    .await
    .expect(422);
    mei.post("/v1/me/second-factor/confirm", json!({"code": "123456"}))
        .await
        .expect(409);
    // begun but not proven: nothing is asked for
    mei.post("/v1/me/second-factor", json!({"password": PASSWORD}))
        .await
        .expect(201);
    world.nobody().sign_in(EMAIL, PASSWORD).await.expect(201);
    let wrong = mei
        .post("/v1/me/second-factor/confirm", json!({"code": "abc"}))
        .await
        .expect(422);
    assert_eq!(wrong.codes(), ["code wrong_code"]);
    let (app, codes) = set_up(&mei).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(post.last(EMAIL, 2).await.subject, "登录时需要验证码");
    mei.get("/v1/me").await.expect(200);
    elsewhere.get("/v1/me").await.expect(401);
    mei.post("/v1/me/second-factor", json!({"password": PASSWORD}))
        .await
        .expect(409);

    let without = world.nobody().sign_in(EMAIL, PASSWORD).await.expect(401);
    assert_eq!(without.problem(), "second-factor-needed");
    // the code that proved it is spent
    assert_eq!(
        sign_in(&world, &app.code(0)).await.expect(401).problem(),
        "second-factor-failed"
    );
    later(&world).await;
    let code = app.code(0);
    let race = (0..6).map(|_| sign_in(&world, &code));
    let answers = futures_util::future::join_all(race).await;
    let got_in = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(got_in, 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| [201, 401, 429].contains(&answer.status))
    );
    world.run("DELETE FROM sign_in_failure").await;
    sign_in(&world, &code).await.expect(401);
    // nor one of the step before
    sign_in(&world, &app.code(-1)).await.expect(401);
    sign_in(&world, &app.code(5)).await.expect(401);
    // without the right password a code is worth nothing, and says nothing
    let thief = json!({"email": EMAIL, "password": "wrong wrong wrong", "code": app.code(1)});
    let refused = world.nobody().post("/v1/sign-ins", thief).await.expect(401);
    assert_eq!(refused.problem(), "sign-in-failed");
    sign_in(&world, &app.code(1)).await.expect(201);
    let me = mei.get("/v1/me").await.expect(200).body;
    assert_eq!(
        (&me["second_factor"], &me["second_factor_wanted"]),
        (&json!(true), &json!(false))
    );
    world.end().await;
}

#[tokio::test]
async fn recovery_codes_work_once_each_and_are_told() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let mei = world.newcomer(&post, EMAIL, PASSWORD).await;
    let (app, codes) = set_up(&mei).await;
    sign_in(&world, &codes[0].to_uppercase().replace('-', ""))
        .await
        .expect(201);
    assert!(post.last(EMAIL, 3).await.text.contains("还剩 9 个"));
    sign_in(&world, &codes[0]).await.expect(401);
    later(&world).await;
    let proof = |code: &str| json!({"password": PASSWORD, "code": code});
    let renew = "/v1/me/second-factor/recovery-codes";
    let wrong = mei.post(renew, proof("000000")).await.expect(422);
    assert_eq!(wrong.codes(), ["code wrong_code"]);
    let renewed = mei.post(renew, proof(&app.code(0))).await.expect(201).body;
    sign_in(&world, &codes[1]).await.expect(401);
    let fresh = renewed["recovery_codes"][0].as_str().unwrap();
    // a reset by mail leaves the factor where it is
    world
        .nobody()
        .post("/v1/password-resets", json!({"email": EMAIL}))
        .await
        .expect(202);
    let token = post.last(EMAIL, 4).await.token();
    let complete = json!({"token": token, "password": "sunlight under the bridge"});
    world
        .nobody()
        .post("/v1/password-resets/complete", complete)
        .await
        .expect(204);
    let without = world
        .nobody()
        .sign_in(EMAIL, "sunlight under the bridge")
        .await
        .expect(401);
    assert_eq!(without.problem(), "second-factor-needed");
    let input = json!({"email": EMAIL, "password": "sunlight under the bridge", "code": fresh});
    let back = world.signed_in(&world.nobody().post("/v1/sign-ins", input).await.expect(201));
    let last = renewed["recovery_codes"][1].as_str().unwrap();
    let remove = json!({"password": "sunlight under the bridge", "code": last});
    back.post("/v1/me/second-factor/remove", remove)
        .await
        .expect(204);
    assert_eq!(post.last(EMAIL, 7).await.subject, "登录时不再需要验证码");
    world
        .nobody()
        .sign_in(EMAIL, "sunlight under the bridge")
        .await
        .expect(201);
    // no code is kept as it was shown
    let kept = world
        .texts("SELECT encode(hash, 'escape') AS name FROM recovery_code")
        .await;
    assert!(kept.is_empty());
    world.end().await;
}

/// Who guesses codes knows the password: codes wait for everybody, the owner is told and gets in with a recovery code.
#[tokio::test]
async fn guessed_codes_wait_and_recovery_codes_do_not() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let mei = world.newcomer(&post, EMAIL, PASSWORD).await;
    let (app, codes) = set_up(&mei).await;
    later(&world).await;
    let elsewhere = || world.run("DELETE FROM sign_in_failure WHERE subject NOT LIKE 'codes:%'");
    for _ in 0..10 {
        // each from another address
        elsewhere().await;
        sign_in(&world, "000000").await.expect(401);
    }
    elsewhere().await;
    sign_in(&world, &app.code(0)).await.expect(429);
    assert_eq!(post.last(EMAIL, 3).await.subject, "您的密码可能已泄露");
    sign_in(&world, &codes[3]).await.expect(201);
    // who got in clears the way
    sign_in(&world, &app.code(0)).await.expect(201);
    world.end().await;
}

/// Where the venue wants it, roles count only with a second factor.
#[tokio::test]
async fn staff_need_one_where_the_venue_says_so() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let desk = world.newcomer(&post, EMAIL, PASSWORD).await;
    world
        .run(&format!(
            "INSERT INTO staff_role (id, user_id, venue_id, role) VALUES (gen_random_uuid(), '{}', '{}', 'front_desk')",
            desk.id, world.venue
        ))
        .await;
    let tasks = format!("/v1/tasks?venue_id={}", world.venue);
    desk.get(&tasks).await.expect(200);
    let policy = json!({"policy": {"staff_second_factor": true}});
    let admin = world.person("admin").await;
    admin
        .patch(&format!("/v1/venues/{}", world.venue), policy)
        .await
        .expect(200);
    desk.get(&tasks).await.expect(403);
    let me = desk.get("/v1/me").await.expect(200).body;
    assert_eq!(
        (&me["roles"], &me["second_factor_wanted"]),
        (&json!([]), &json!(true))
    );
    let (app, _) = set_up(&desk).await;
    desk.get(&tasks).await.expect(200);
    later(&world).await;
    let signed_in = sign_in(&world, &app.code(0)).await.expect(201);
    assert_eq!(
        signed_in.body["user"]["roles"][0]["role"],
        Value::from("front_desk")
    );
    world.end().await;
}
