//! The audit: whose data staff have read, nothing changed and nothing taken away. What staff do is in `deeds`.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Wish, World, wednesday};

async fn readings(world: &World, path: &str) -> Vec<String> {
    world
        .texts(&format!(
            "SELECT u.name || ' ' || coalesce(p.name, 'booking') AS name FROM audit_entry a JOIN \"user\" u ON u.id = a.actor_id \
             CROSS JOIN LATERAL unnest(a.people) person LEFT JOIN \"user\" p ON p.id = person \
             WHERE a.action = 'read' AND a.object_kind = '{path}' ORDER BY 1"
        ))
        .await
}

async fn until_read(world: &World, path: &str, wanted: &[&str]) {
    for _ in 0..1000 {
        if readings(world, path).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{path}: {:?}, not {wanted:?}", readings(world, path).await);
}

#[tokio::test]
async fn who_read_whose_data_is_written_down_once() {
    let world = World::new().await;
    let (booker, resident) = (world.person("booker").await, world.person("resident").await);
    let (desk, approver) = (world.person("desk").await, world.person("approver").await);
    let admin = world.person("admin").await;
    let room = world.space("zhizao").await;
    let id = booker
        .book(&Wish::new(room, wednesday(10, 0), 60))
        .await
        .expect(201)
        .id();
    let caller = Wish::new(room, wednesday(14, 0), 60)
        .with(json!({"contact": {"name": "王芳", "phone": "13800138000"}}));
    desk.book(&caller).await.expect(201);
    // one's own is no matter, and what is refused is not read
    booker.get(&format!("/v1/bookings/{id}")).await.expect(200);
    resident
        .get(&format!("/v1/bookings/{id}"))
        .await
        .expect(404);
    for _ in 0..3 {
        desk.get(&format!("/v1/bookings/{id}")).await.expect(200);
    }
    approver
        .get(&format!("/v1/bookings/{id}/history"))
        .await
        .expect(200);
    let day = format!("{}T00:00:00Z", wednesday(10, 0).format("%Y-%m-%d"));
    let next = format!(
        "{}T00:00:00Z",
        (wednesday(10, 0) + TimeDelta::days(1)).format("%Y-%m-%d")
    );
    let board = format!("/v1/board?venue_id={}&from={day}&to={next}", world.venue);
    approver.get(&board).await.expect(200);
    let members = format!("/v1/organisations/{}/members", booker.organisation.unwrap());
    desk.get(&members).await.expect(200);
    until_read(&world, "/v1/bookings/{id}", &["desk booker"]).await;
    until_read(&world, "/v1/bookings/{id}/history", &["approver booker"]).await;
    // the caller has no account: their booking stands for them
    until_read(
        &world,
        "/v1/board",
        &["approver booker", "approver booking"],
    )
    .await;
    until_read(
        &world,
        "/v1/organisations/{id}/members",
        &["desk booker", "desk colleague", "desk viewer"],
    )
    .await;
    // read by administrators: whose data was read, by whom
    let path = format!(
        "/v1/audit?venue_id={}&action=read&person_id={}",
        world.venue, booker.id
    );
    let entries = admin.get(&path).await.expect(200).body;
    assert_eq!(entries.as_array().unwrap().len(), 4, "{entries}");
    desk.get(&path).await.expect(403);
    // and by the person
    let own = booker.get("/v1/me/personal-data").await.expect(200).body;
    assert_eq!(own["read_by_staff"].as_array().unwrap().len(), 4, "{own}");
    world.end().await;
}

#[tokio::test]
async fn the_audit_is_read_page_by_page_and_never_changed() {
    let world = World::new().await;
    let (admin, desk) = (world.person("admin").await, world.person("desk").await);
    let space = world.space("zhizao").await;
    for n in 0..7 {
        let path = format!("/v1/spaces/{space}");
        admin
            .patch(&path, json!({"name_en": format!("Y{n}")}))
            .await
            .expect(200);
        desk.book(&Wish::new(space, wednesday(9 + n, 0), 60))
            .await
            .expect(201);
    }
    let mut path = format!("/v1/audit?venue_id={}&limit=5", world.venue);
    let mut seen: Vec<(String, String)> = Vec::new();
    for page in 0.. {
        assert!(page < 4, "{seen:?}");
        let answer = admin.get(&path).await.expect(200);
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        seen.extend(
            answer
                .body
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| (text(entry, "object_kind"), text(entry, "id"))),
        );
        let Some(link) = answer.headers.get("link") else {
            break;
        };
        let link = link.to_str().unwrap();
        path = link[1..link.find('>').unwrap()].to_owned();
    }
    let kinds: Vec<_> = seen.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["booking", "space"].repeat(7), "the newest first");
    for (query, field) in [
        ("&limit=101", "limit"),
        ("&cursor=x", "cursor"),
        ("&actor_id=x", "actor_id"),
        ("&colour=red", "colour"),
    ] {
        let refused = admin
            .get(&format!("/v1/audit?venue_id={}{query}", world.venue))
            .await;
        assert_eq!(refused.expect(422).fields(), [field]);
    }
    admin
        .get(&format!("/v1/audit?venue_id={}", uuid::Uuid::now_v7()))
        .await
        .expect(404);

    for (sql, constraint) in [
        (
            "UPDATE audit_entry SET action = 'nothing'",
            "audit_entry_append_only",
        ),
        ("DELETE FROM audit_entry", "audit_entry_append_only"),
        ("TRUNCATE audit_entry", "audit_entry_append_only"),
        (
            "UPDATE booking_event SET actor_id = NULL",
            "booking_event_append_only",
        ),
        (
            "UPDATE booking_event SET by_staff = false, reason = '', changes = NULL",
            "booking_event_append_only",
        ),
        (
            "UPDATE booking_event SET reason = 'another'",
            "booking_event_append_only",
        ),
        ("DELETE FROM booking_event", "booking_event_append_only"),
        ("TRUNCATE booking_event", "booking_event_append_only"),
    ] {
        assert_eq!(
            world.refused(sql).await.as_deref(),
            Some(constraint),
            "{sql}"
        );
    }
    world.end().await;
}
