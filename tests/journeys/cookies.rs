//! Browsers: tokens in cookies that no page can read and no other site can use.

use mofang::identity::password;
use reqwest::header::SET_COOKIE;
use serde_json::json;

use crate::support::World;

#[tokio::test]
async fn who_signs_in_by_cookie_proves_each_change() {
    let world = World::new().await;
    let secret = "moonlight over the weir";
    let hash = password::hash(secret.to_owned()).await.unwrap();
    world
        .run(&format!(
            "UPDATE \"user\" SET password_hash = '{hash}' WHERE name = 'resident'"
        ))
        .await;
    let browser = reqwest::Client::new();
    let url = |path: &str| format!("{}{path}", world.base());
    let sign_in = json!({"email": "resident@test.example", "password": secret, "cookies": true});
    let answer = browser
        .post(url("/v1/sign-ins"))
        .json(&sign_in)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let mut cookies = Vec::new();
    for cookie in answer.headers().get_all(SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.contains("SameSite=Strict"), "{cookie}");
        let read_by_pages = !cookie.contains("HttpOnly");
        assert_eq!(
            read_by_pages,
            cookie.starts_with("mofang-csrf="),
            "{cookie}"
        );
        cookies.push(cookie.split(';').next().unwrap().to_owned());
    }
    let body: serde_json::Value = answer.json().await.unwrap();
    assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none());
    let jar = cookies.join("; ");
    let csrf = cookies
        .iter()
        .find_map(|it| it.strip_prefix("mofang-csrf="))
        .unwrap();
    let change = async |header: Option<&str>| {
        let mut request = browser
            .patch(url("/v1/me"))
            .header("cookie", &jar)
            .json(&json!({"name": "林"}));
        if let Some(value) = header {
            request = request.header("x-csrf-token", value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let read = browser
        .get(url("/v1/me"))
        .header("cookie", &jar)
        .send()
        .await
        .unwrap();
    assert_eq!(read.status(), 200);
    assert_eq!(change(None).await, 403);
    assert_eq!(change(Some("another")).await, 403);
    assert_eq!(change(Some(csrf)).await, 200);
    world.end().await;
}
