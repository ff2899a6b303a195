//! Tokens forged in every way that RFC 8725 names, swapped, and raced.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use mofang::identity::AccessClaims;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use crate::support::{Person, Wish, World, wednesday};

/// The world's own key: what only the product knows.
fn key(world: &World) -> (String, Vec<u8>) {
    let file = std::fs::read_dir(world.keys())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "key"))
        .unwrap();
    let secret = std::fs::read_to_string(&file).unwrap();
    let kid = file.file_stem().unwrap().to_str().unwrap().to_owned();
    (kid, BASE64.decode(secret.trim()).unwrap())
}

fn part(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

fn hs256(key: &[u8], signed: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

fn token(key: &[u8], header: &Value, payload: &Value) -> String {
    hs256(key, &format!("{}.{}", part(header), part(payload)))
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let world = World::new().await;
    let (mei, lin) = (world.person("booker").await, world.person("resident").await);
    let (kid, secret) = key(&world);
    let payload = |person: &Person| -> Value {
        let body = person.token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64.decode(body).unwrap()).unwrap()
    };
    let good = payload(&mei);
    let header = json!({"typ": "JWT", "alg": "HS256", "kid": kid});
    let with = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        match value {
            Value::Null => drop(changed.as_object_mut().unwrap().remove(name)),
            value => changed[name] = value,
        }
        changed
    };
    // the forger's tools work: what is made of the right parts is taken
    let bearer = |token: &str| world.nobody().bearing(token);
    bearer(&token(&secret, &header, &good))
        .get("/v1/me")
        .await
        .expect(200);

    let now = chrono::Utc::now().timestamp();
    let (head, body) = (part(&header), part(&good));
    let public = b"-----BEGIN PUBLIC KEY-----".to_vec();
    let mut forged = vec![
        // 2.1: no algorithm, another one, or ours under another name
        (
            "none",
            format!("{}.{body}.", part(&with(&header, "alg", json!("none")))),
        ),
        (
            "None",
            format!("{}.{body}.", part(&with(&header, "alg", json!("None")))),
        ),
        (
            "none with a signature",
            token(&secret, &with(&header, "alg", json!("none")), &good),
        ),
        (
            "RS256",
            token(&secret, &with(&header, "alg", json!("RS256")), &good),
        ),
        (
            "HS512 named, HS256 used",
            token(&secret, &with(&header, "alg", json!("HS512")), &good),
        ),
        (
            "no alg",
            token(&secret, &with(&header, "alg", Value::Null), &good),
        ),
        ("no signature", format!("{head}.{body}.")),
        ("no third part", format!("{head}.{body}")),
        ("signature of another", {
            let other = lin.token.rsplit('.').next().unwrap();
            format!("{head}.{body}.{other}")
        }),
        // 2.2, 3.5: weak and foreign keys
        ("empty key", token(b"", &header, &good)),
        ("guessed key", token(b"secret", &header, &good)),
        ("a public key as the secret", token(&public, &header, &good)),
        // 3.10: headers that bring or point to a key
        (
            "jwk",
            token(
                b"mine",
                &with(
                    &header,
                    "jwk",
                    json!({"kty": "oct", "k": BASE64.encode("mine")}),
                ),
                &good,
            ),
        ),
        (
            "jku",
            token(
                b"mine",
                &with(&header, "jku", json!("http://127.0.0.1:1/keys")),
                &good,
            ),
        ),
        (
            "x5u",
            token(
                b"mine",
                &with(&header, "x5u", json!("http://127.0.0.1:1/cert")),
                &good,
            ),
        ),
        (
            "kid elsewhere",
            token(
                b"",
                &with(&header, "kid", json!("../../../../dev/null")),
                &good,
            ),
        ),
        (
            "kid of another file",
            token(
                &std::fs::read(world.keys().join("seal")).unwrap(),
                &with(&header, "kid", json!("seal")),
                &good,
            ),
        ),
        (
            "kid as SQL",
            token(&secret, &with(&header, "kid", json!("' OR 1=1 --")), &good),
        ),
        (
            "unknown kid",
            token(
                &secret,
                &with(&header, "kid", json!(uuid::Uuid::now_v7())),
                &good,
            ),
        ),
        (
            "no kid",
            token(&secret, &with(&header, "kid", Value::Null), &good),
        ),
        // 3.8, 3.9: issuer and audience, and 3.3: what must be there
        (
            "iss",
            token(&secret, &header, &with(&good, "iss", json!("elsewhere"))),
        ),
        (
            "no iss",
            token(&secret, &header, &with(&good, "iss", Value::Null)),
        ),
        (
            "aud",
            token(&secret, &header, &with(&good, "aud", json!("another-api"))),
        ),
        (
            "no aud",
            token(&secret, &header, &with(&good, "aud", Value::Null)),
        ),
        (
            "no exp",
            token(&secret, &header, &with(&good, "exp", Value::Null)),
        ),
        (
            "exp as text",
            token(&secret, &header, &with(&good, "exp", json!("never"))),
        ),
        (
            "exp past",
            token(&secret, &header, &with(&good, "exp", json!(now - 1))),
        ),
        (
            "exp long past",
            token(&secret, &header, &with(&good, "exp", json!(now - 86_400))),
        ),
        (
            "exp zero",
            token(&secret, &header, &with(&good, "exp", json!(0))),
        ),
        // substitution: another's name on one's own sign-in
        (
            "sub",
            token(
                &secret,
                &header,
                &with(&good, "sub", payload(&lin)["sub"].clone()),
            ),
        ),
        (
            "sid",
            token(
                &secret,
                &header,
                &with(&good, "sid", payload(&lin)["sid"].clone()),
            ),
        ),
        (
            "no sid",
            token(&secret, &header, &with(&good, "sid", Value::Null)),
        ),
        (
            "sub is no id",
            token(&secret, &header, &with(&good, "sub", json!("admin"))),
        ),
        // no JSON, not ours, not a token
        (
            "body is no JSON",
            hs256(&secret, &format!("{head}.{}", BASE64.encode("admin"))),
        ),
        (
            "padded",
            format!("{head}==.{body}.{}", mei.token.rsplit('.').next().unwrap()),
        ),
        ("nested", {
            let inner = token(&secret, &header, &good);
            token(&secret, &with(&header, "cty", json!("JWT")), &json!(inner))
        }),
        (
            "JSON serialisation",
            json!({"payload": body, "protected": head}).to_string(),
        ),
        ("empty", ".".to_owned()),
        ("long", "a.".repeat(3000)),
    ];
    let mut mac = Hmac::<Sha512>::new_from_slice(&secret).unwrap();
    let signed = format!("{}.{body}", part(&with(&header, "alg", json!("HS512"))));
    mac.update(signed.as_bytes());
    forged.push((
        "HS512 with our key",
        format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes())),
    ));
    for (what, token) in &forged {
        let answer = bearer(token).get("/v1/me").await;
        assert_eq!(
            (answer.status, answer.problem()),
            (401, "not-signed-in"),
            "{what}"
        );
    }
    // a token that is no good is refused also where none is needed, and where its claims travel with a booking
    bearer(&forged[0].1).get("/v1/venues").await.expect(200);
    bearer(&forged[0].1)
        .post("/v1/bookings", json!({}))
        .await
        .expect(401);
    // its own sign-in ended: nothing in the token says so, the database does
    let once_good = bearer(&mei.token);
    mei.delete("/v1/sign-ins/current").await.expect(204);
    once_good.get("/v1/me").await.expect(401);
    world.end().await;
}

/// The database's clock decides about the end of a token, within the leeway of ours.
#[tokio::test]
async fn a_token_ends_when_the_database_says_so() {
    let world = World::new().await;
    let mei = world.person("booker").await;
    let sign_in = world
        .id(&format!(
            "SELECT id AS id FROM sign_in WHERE user_id = '{}'",
            mei.id
        ))
        .await;
    let claims = |exp| {
        AccessClaims::new(
            mofang::id::UserId(mei.id),
            mofang::id::SignInId(sign_in),
            exp,
        )
    };
    let now = chrono::Utc::now().timestamp();
    for (exp, status) in [(now + 60, 200), (now - 5, 401)] {
        let token = world.running.app.keys.sign(&claims(exp)).unwrap();
        let bearer = mei.bearing(&token);
        bearer.get("/v1/me").await.expect(status);
        let wish = Wish::new(world.space("show").await, wednesday(10, 0), 60);
        let booking = bearer.book(&wish).await;
        assert_eq!(booking.status == 401, status == 401, "{}", booking.body);
    }
    world.end().await;
}

/// Of those who race with one refresh token one wins, nobody is signed out; whoever comes back later with it ends it all.
#[tokio::test]
async fn refresh_tokens_are_raced_and_reused() {
    let world = World::new().await;
    let post = crate::support::post::Post::of(&world).await;
    world
        .newcomer(&post, "mei@home.example", "moonlight over the weir")
        .await;
    let nobody = world.nobody();
    let first = nobody
        .sign_in("mei@home.example", "moonlight over the weir")
        .await
        .expect(201);
    let refresh = async |token: &Value| {
        nobody
            .post("/v1/sign-ins/refresh", json!({"refresh_token": token}))
            .await
    };
    let token = &first.body["refresh_token"];
    let race = (0..16).map(|_| refresh(token));
    let answers = futures_util::future::join_all(race).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| answer.status == 409), "{lost:?}");
    let second = &won[0].body["refresh_token"];
    let third = refresh(second).await.expect(200);
    let mei = world.signed_in(&third);
    mei.get("/v1/me").await.expect(200);
    // a minute later the first comes back: it is in two hands
    world.run("UPDATE refresh_token SET used_at = used_at - interval '1 minute' WHERE used_at IS NOT NULL").await;
    refresh(token).await.expect(401);
    mei.get("/v1/me").await.expect(401);
    refresh(&third.body["refresh_token"]).await.expect(401);
    let ended = world
        .texts("SELECT ended_because AS name FROM sign_in WHERE ended_at IS NOT NULL")
        .await;
    assert_eq!(ended, ["reuse"]);
    // what is no refresh token at all
    for bad in [
        json!(""),
        json!("x"),
        json!(mei.token),
        json!("é".repeat(2000)),
    ] {
        refresh(&bad).await.expect(401);
    }
    world.end().await;
}
