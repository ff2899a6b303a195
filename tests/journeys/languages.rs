//! Problems in the caller's language: the request's, else the person's own, wherever the problem arises.

use serde_json::{Value, json};

use crate::support::{Person, Wish, World, wednesday};

/// The title of what is refused to somebody whose request names no language.
async fn title(person: &Person, method: &str, path: &str, body: Value) -> String {
    let none = [("accept-language", "")];
    let answer = person.call_with(method, path, body, &none).await;
    assert!(answer.status >= 400, "{path}: {}", answer.body);
    answer.body["title"].as_str().unwrap().to_owned()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[tokio::test]
async fn a_problem_speaks_the_callers_own_language_wherever_it_arises() {
    let world = World::new().await;
    let (chinese, english) = (world.person("booker").await, world.person("booker2").await);
    let room = world.space("zhisi").await;
    let taken = Wish::new(room, wednesday(10, 0), 60);
    world
        .person("colleague")
        .await
        .book(&taken)
        .await
        .expect(201);
    for (person, expected) in [(&chinese, true), (&english, false)] {
        let asked = [
            // a transaction finds it, after it was read who calls
            ("POST", "/v1/bookings", taken.body(person)),
            // the body is refused before
            ("PATCH", "/v1/me", json!({"x": 1})),
            ("GET", "/v1/bookings?foo=1", Value::Null),
            ("GET", "/v1/organisations/x", Value::Null),
            ("POST", "/v1/closures", json!({})),
        ];
        for (method, path, body) in asked {
            let title = title(person, method, path, body).await;
            assert_eq!(is_chinese(&title), expected, "{method} {path}: {title}");
        }
    }
    let wish = json!({"name": "guest", "email": "guest@home.example", "locale": "en", "space_id": room, "start": wednesday(14, 0) - chrono::TimeDelta::days(14),
        "end": wednesday(15, 0) - chrono::TimeDelta::days(14), "event_type": "meeting", "title": "x", "attendance": 1});
    let booking = world
        .nobody()
        .post("/v1/guest-bookings", wish)
        .await
        .expect(201)
        .id();
    let guest = world.guest(&booking).await;
    let path = format!("/v1/bookings/{booking}/cancel");
    assert!(!is_chinese(
        &title(&guest, "POST", &path, Value::Null).await
    ));
    let path = "/v1/guest-booking?foo=1";
    assert!(!is_chinese(&title(&guest, "GET", path, Value::Null).await));
    // nobody has none of their own
    assert!(is_chinese(
        &title(&world.nobody(), "GET", "/v1/bookings", Value::Null).await
    ));
    world.end().await;
}
