//! Where one is signed in, and how guessing is slowed without locking the owner out.

use serde_json::{Value, json};

use crate::support::World;
use crate::support::post::Post;

const PASSWORD: &str = "moonlight over the weir";

#[tokio::test]
async fn sign_ins_are_listed_and_ended_one_by_one() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let here = world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let nobody = world.nobody();
    let input = json!({"email": "mei@home.example", "password": PASSWORD});
    let tried = nobody
        .call_with(
            "POST",
            "/v1/sign-ins",
            input.clone(),
            &[("user-agent", "A telephone")],
        )
        .await;
    let there = world.signed_in(&tried.expect(201));
    let list = here.get("/v1/sign-ins").await.expect(200).body;
    let list = list.as_array().unwrap();
    let seen: Vec<_> = list
        .iter()
        .map(|one| (&one["device"], &one["current"]))
        .collect();
    assert_eq!(
        seen,
        [
            (&json!("A telephone"), &json!(false)),
            (&json!(""), &json!(true))
        ]
    );
    let page = here.get("/v1/sign-ins?limit=1").await.expect(200);
    assert_eq!(page.body.as_array().unwrap().len(), 1);
    assert!(
        page.headers["link"]
            .to_str()
            .unwrap()
            .contains("rel=\"next\"")
    );
    let telephone = format!("/v1/sign-ins/{}", list[0]["id"].as_str().unwrap());
    // nobody else's business
    world
        .person("admin")
        .await
        .delete(&telephone)
        .await
        .expect(404);
    here.delete(&telephone).await.expect(204);
    here.delete(&telephone).await.expect(404);
    there.get("/v1/me").await.expect(401);
    here.get("/v1/me").await.expect(200);
    here.delete("/v1/sign-ins").await.expect(204);
    here.get("/v1/me").await.expect(401);
    let audited = world
        .texts("SELECT action || ' ' || address AS name FROM audit_entry WHERE action = 'sign_in'")
        .await;
    assert_eq!(audited, ["sign_in 127.0.0.1", "sign_in 127.0.0.1"]);
    world.end().await;
}

/// Guesses are counted in the database, by every process; who guesses waits, and the owner's device does not.
#[tokio::test]
async fn guessing_waits_and_the_owner_does_not() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let nobody = world.nobody();
    world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let owner = nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(201);
    for email in ["mei@home.example", "missing@home.example"] {
        for _ in 0..6 {
            let failed = nobody.sign_in(email, "wrong wrong wrong").await.expect(401);
            assert_eq!(failed.problem(), "sign-in-failed");
        }
        // also with the right password, and whether or not there is such an account
        let waits = nobody.sign_in(email, PASSWORD).await.expect(429);
        assert!(waits.headers.contains_key("retry-after"));
    }
    // a device that is signed in stays so
    let refresh = json!({"refresh_token": owner.body["refresh_token"]});
    let renewed = nobody
        .post("/v1/sign-ins/refresh", refresh)
        .await
        .expect(200);
    let mei = world.signed_in(&renewed);
    mei.get("/v1/me").await.expect(200);
    // from another address the owner gets in: what counts is account and address together
    world
        .run("UPDATE sign_in_failure SET subject = replace(subject, '127.0.0.1', '192.0.2.1')")
        .await;
    nobody
        .sign_in("mei@home.example", PASSWORD)
        .await
        .expect(201);
    // guesses at the password from within a sign-in count the same
    let input = json!({"current_password": "wrong wrong wrong", "new_password": "sunlight under the bridge"});
    for _ in 0..6 {
        mei.put("/v1/me/password", input.clone()).await.expect(422);
    }
    mei.put("/v1/me/password", input).await.expect(429);
    world.end().await;
}

/// What is said of an account that exists is what is said of one that does not.
#[tokio::test]
async fn a_wrong_password_and_a_missing_account_read_alike() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let nobody = world.nobody();
    world.newcomer(&post, "mei@home.example", PASSWORD).await;
    let said = async |email: &str| -> (u16, Value) {
        let answer = nobody.sign_in(email, "wrong wrong wrong").await;
        (answer.status, answer.body)
    };
    assert_eq!(
        said("mei@home.example").await,
        said("missing@home.example").await
    );
    world
        .run("UPDATE \"user\" SET disabled_at = now() WHERE email = 'mei@home.example'")
        .await;
    let disabled = nobody.sign_in("mei@home.example", PASSWORD).await;
    assert_eq!(
        (disabled.status, disabled.body),
        said("missing@home.example").await
    );
    world.end().await;
}
