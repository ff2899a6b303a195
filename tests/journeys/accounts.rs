//! People make accounts and look after them: by HTTP and by a real mailbox.

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
