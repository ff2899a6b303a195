//! What a process remembers of the catalogue never decides: a change holds for the next booking, whichever process takes it.

use mofang::http::server::{App, Running, Settings};
use serde_json::json;

use crate::support::{Person, Wish, World, wednesday};

#[tokio::test]
async fn a_change_of_the_catalogue_holds_at_once_in_every_process() {
    let world = World::new().await;
    let mut settings = Settings::new("http://localhost");
    settings.workers = Some(1);
    let keys = world.running.app.keys.clone();
    let db = mofang::db::Db::new(&world.url, 4).unwrap();
    let second = Running::start(App::new(db, &world.url, keys, settings))
        .await
        .unwrap();
    let there = |person: &Person| person.served_at(&format!("http://{}", second.address));
    let (admin, booker) = (world.person("admin").await, world.person("booker").await);
    let room = world.space("zhizao").await;
    let hour = |hour| Wish::new(room, wednesday(hour, 0), 60).people(5);
    // both processes know the room
    booker.book(&hour(9)).await.expect(201);
    there(&booker).book(&hour(10)).await.expect(201);

    let path = format!("/v1/spaces/{room}");
    let smaller = json!({ "people_cap": 4 });
    admin.call("PATCH", &path, smaller).await.expect(200);
    for booker in [&booker, &there(&booker)] {
        let refused = booker.book(&hour(11)).await.expect(422);
        assert_eq!(refused.fields(), ["attendance"], "{}", refused.body);
    }
    // a holiday, written past the API
    world
        .run("INSERT INTO hours_exception (id, venue_id, date, hours) SELECT gen_random_uuid(), v.id, (SELECT (max(lower(during)) AT TIME ZONE v.time_zone)::date FROM booking), '[]' FROM venue v")
        .await;
    for booker in [&booker, &there(&booker)] {
        let refused = booker.book(&hour(13).people(3)).await.expect(422);
        assert_eq!(refused.reasons(), ["hours"], "{}", refused.body);
    }
    second.stop().await.unwrap();
    world.end().await;
}
