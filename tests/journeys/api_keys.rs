//! Programs: keys that are shown once, scoped, noted when used, and end with their maker's right to them.

use serde_json::{Value, json};

use crate::support::{Person, Wish, World, wednesday};

async fn make(person: &Person, whose: Value, scopes: &[&str]) -> (String, String) {
    let mut input = json!({"name": "显示屏", "scopes": scopes});
    input
        .as_object_mut()
        .unwrap()
        .extend(whose.as_object().unwrap().clone());
    let made = person.post("/v1/api-keys", input).await.expect(201);
    (made.id(), made.body["key"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_organisations_program_books_for_it_and_for_nobody_else() {
    let world = World::new().await;
    let owner = world.person("booker").await;
    let matrix = owner.organisation.unwrap();
    let whose = json!({"organisation_id": matrix});
    // only owners make them
    for name in ["colleague", "viewer", "resident"] {
        let input = json!({"name": "x", "organisation_id": matrix, "scopes": ["bookings:read"]});
        world
            .person(name)
            .await
            .post("/v1/api-keys", input)
            .await
            .expect(404);
    }
    let bad = json!({"name": "x", "organisation_id": matrix, "scopes": ["everything"]});
    owner.post("/v1/api-keys", bad).await.expect(422);
    let none = json!({"name": "x", "organisation_id": matrix, "scopes": []});
    assert_eq!(
        owner.post("/v1/api-keys", none).await.expect(422).codes(),
        ["scopes too_short"]
    );
    let (id, key) = make(&owner, whose.clone(), &["bookings:read", "bookings:write"]).await;
    assert!(key.starts_with("mfk_"));
    let program = owner.bearing(&key);
    let hall = Wish::new(world.space("huiju").await, wednesday(10, 0), 60)
        .layout(world.version("roadshow_main").await, "roadshow");
    // the same request twice is one booking; its key is not its maker's
    let headers = [("idempotency-key", "once")];
    let body = hall.body(&program);
    let first = program
        .call_with("POST", "/v1/bookings", body.clone(), &headers)
        .await
        .expect(201);
    let again = program
        .call_with("POST", "/v1/bookings", body.clone(), &headers)
        .await
        .expect(201);
    assert_eq!(first.id(), again.id());
    let own = hall.clone().at(wednesday(15, 0)).body(&owner);
    let other = owner
        .call_with("POST", "/v1/bookings", own, &headers)
        .await
        .expect(201);
    assert_ne!(first.id(), other.id());
    // what its maker has in person is out of reach
    let alone = json!({"organisation_id": null});
    let refused = program.book(&hall.clone().with(alone)).await.expect(422);
    assert_eq!(refused.codes(), ["organisation_id required"]);
    world
        .run(&format!(
            "UPDATE booking SET organisation_id = NULL WHERE id = '{}'",
            other.id()
        ))
        .await;
    owner
        .get(&format!("/v1/bookings/{}", other.id()))
        .await
        .expect(200);
    program
        .get(&format!("/v1/bookings/{}", other.id()))
        .await
        .expect(404);
    let seen = program.get("/v1/bookings").await.expect(200).body;
    assert_eq!(seen.as_array().unwrap().len(), 1);
    // nor anything outside its scopes, accounts and keys least of all
    for path in ["/v1/me", "/v1/sign-ins", "/v1/events"] {
        program.get(path).await.expect(403);
    }
    program
        .get(&format!("/v1/api-keys?organisation_id={matrix}"))
        .await
        .expect(403);
    program
        .get(&format!("/v1/organisations/{matrix}/members"))
        .await
        .expect(403);
    program
        .post(
            "/v1/api-keys",
            json!({"name": "x", "organisation_id": matrix, "scopes": ["bookings:read"]}),
        )
        .await
        .expect(403);
    program.get("/v1/venues").await.expect(200);
    let (_, reading) = make(&owner, whose, &["bookings:read"]).await;
    let reader = owner.bearing(&reading);
    reader
        .get(&format!("/v1/bookings/{}", first.id()))
        .await
        .expect(200);
    reader.book(&hall).await.expect(403);
    reader.act(&first.id(), "withdraw").await.expect(403);

    let list = format!("/v1/api-keys?organisation_id={matrix}");
    let listed = owner.get(&list).await.expect(200).body;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(
        listed[1]["last_used_at"].is_string() && listed[1].get("key").is_none(),
        "{listed}"
    );
    let kept = world
        .texts(&format!(
            "SELECT answer AS name FROM idempotency WHERE answer LIKE '%{key}%'"
        ))
        .await;
    assert!(kept.is_empty());
    owner
        .delete(&format!("/v1/api-keys/{id}"))
        .await
        .expect(204);
    owner
        .delete(&format!("/v1/api-keys/{id}"))
        .await
        .expect(204);
    program.get("/v1/bookings").await.expect(401);
    program.book(&hall).await.expect(401);
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn a_venues_program_acts_within_its_makers_roles() {
    let world = World::new().await;
    let admin = world.person("admin").await;
    let venue = json!({"venue_id": world.venue});
    let denied = json!({"name": "x", "venue_id": world.venue, "scopes": ["desk:read"]});
    world
        .person("desk")
        .await
        .post("/v1/api-keys", denied)
        .await
        .expect(404);
    let both = json!({"name": "x", "venue_id": world.venue, "organisation_id": uuid::Uuid::nil(), "scopes": ["desk:read"]});
    assert_eq!(
        admin.post("/v1/api-keys", both).await.expect(422).codes(),
        ["organisation_id one_of_two"]
    );
    let past = json!({"name": "x", "venue_id": world.venue, "scopes": ["desk:read"], "expires_at": "2020-01-01T00:00:00Z"});
    assert_eq!(
        admin.post("/v1/api-keys", past).await.expect(422).codes(),
        ["expires_at in_past"]
    );
    let (id, key) = make(
        &admin,
        venue.clone(),
        &["desk:read", "catalogue:write", "bookings:read"],
    )
    .await;
    let screen = admin.bearing(&key);
    let board = format!(
        "/v1/board?venue_id={}&from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z",
        world.venue
    );
    screen.get(&board).await.expect(200);
    let tenants = format!("/v1/venues/{}/tenants", world.venue);
    screen.get(&tenants).await.expect(403);
    admin.get(&tenants).await.expect(200);
    screen
        .patch(&format!("/v1/venues/{}", world.venue), json!({}))
        .await
        .expect(200);
    let closure = json!({"space_id": world.space("show").await, "start": wednesday(10, 0), "end": wednesday(11, 0), "reason": "x"});
    screen.post("/v1/closures", closure).await.expect(403);
    // a role less, a role of the key less; without any it stands for nobody
    world.run("INSERT INTO staff_role (id, user_id, venue_id, role) SELECT gen_random_uuid(), u.id, v.id, 'admin' FROM \"user\" u, venue v WHERE u.name = 'desk' ON CONFLICT DO NOTHING").await;
    world.run("UPDATE staff_role r SET role = 'crew' FROM \"user\" u WHERE u.id = r.user_id AND u.name = 'admin'").await;
    screen.get(&board).await.expect(200);
    screen
        .patch(&format!("/v1/venues/{}", world.venue), json!({}))
        .await
        .expect(403);
    world
        .run(
            "DELETE FROM staff_role r USING \"user\" u WHERE u.id = r.user_id AND u.name = 'admin'",
        )
        .await;
    screen.get(&board).await.expect(401);
    world
        .run(&format!(
            "INSERT INTO staff_role (id, user_id, venue_id, role) VALUES (gen_random_uuid(), '{}', '{}', 'admin'); \
             UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = '{id}'",
            admin.id, world.venue
        ))
        .await;
    screen.get(&board).await.expect(401);
    let (_, key) = make(&admin, venue, &["desk:read"]).await;
    let screen = admin.bearing(&key);
    screen.get(&board).await.expect(200);
    world
        .run("UPDATE \"user\" SET disabled_at = now() WHERE name = 'admin'")
        .await;
    screen.get(&board).await.expect(401);
    for bad in [
        "mfk_",
        "mfk_x",
        &key[..20],
        &format!("{key}A"),
        &key.replace("mfk_", "mfk-"),
    ] {
        admin.bearing(bad).get(&board).await.expect(401);
    }
    world.end().await;
}

/// The key of somebody who left no longer opens anything.
#[tokio::test]
async fn a_key_ends_with_its_makers_membership() {
    let world = World::new().await;
    let (owner, colleague) = (
        world.person("booker").await,
        world.person("colleague").await,
    );
    let matrix = owner.organisation.unwrap();
    let (_, key) = make(
        &owner,
        json!({"organisation_id": matrix}),
        &["bookings:read"],
    )
    .await;
    let program = owner.bearing(&key);
    program.get("/v1/bookings").await.expect(200);
    let heir = json!({"user_id": colleague.id});
    owner
        .post(&format!("/v1/organisations/{matrix}/hand-over"), heir)
        .await
        .expect(204);
    program.get("/v1/bookings").await.expect(200);
    owner
        .post(&format!("/v1/organisations/{matrix}/leave"), Value::Null)
        .await
        .expect(204);
    program.get("/v1/bookings").await.expect(401);
    world.end().await;
}
