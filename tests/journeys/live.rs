//! Live events: who watches hears that something changed, whichever process changed it.

use std::time::Duration;

use mofang::http::server::{App, Running, Settings};
use serde_json::{Value, json};

use crate::support::{Person, Wish, World, wednesday};

/// A stream of events, read line by line.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(person: &Person) -> Self {
        let response = person.send("GET", "/v1/events", Value::Null, &[]).await;
        assert_eq!(response.status(), 200);
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next change; comments and resets are passed over.
    async fn change(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(data) = event.strip_prefix("event: change\ndata: ") {
                    return serde_json::from_str(data).unwrap();
                }
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk());
            let chunk = chunk
                .await
                .expect("nothing was heard")
                .unwrap()
                .expect("the stream ended");
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn a_change_made_through_one_process_is_heard_through_another() {
    let world = World::new().await;
    let mut settings = Settings::new("http://localhost");
    settings.workers = Some(1);
    let app = App::new(
        world.db.clone(),
        &world.url,
        world.running.app.keys.clone(),
        settings,
    );
    let second = Running::start(app).await.unwrap();
    let there = |person: &Person| person.served_at(&format!("http://{}", second.address));
    let (booker, desk, resident) = (
        world.person("booker").await,
        world.person("desk").await,
        world.person("resident").await,
    );
    let mut staff = Stream::open(&there(&desk)).await;
    let mut public = Stream::open(&there(&resident)).await;
    let mut here = Stream::open(&desk).await;
    // both processes listen
    world.listening(2).await;

    let room = world.space("zhizao").await;
    let id = booker
        .book(&Wish::new(room, wednesday(10, 0), 60))
        .await
        .expect(201)
        .id();
    let heard = json!({"kind": "booking", "id": id, "space_id": room});
    assert_eq!(staff.change().await, heard);
    assert_eq!(here.change().await, heard);
    // who is not staff learns that the space changed, not what
    assert_eq!(
        public.change().await,
        json!({"kind": "space", "space_id": room})
    );

    // a refused act is not a change: the next that is heard is the cancellation
    booker.act(&id, "approve").await.expect(404);
    there(&booker).act(&id, "cancel").await.expect(200);
    assert_eq!(staff.change().await, heard);
    assert_eq!(here.change().await, heard);
    drop((staff, public, here));
    second.stop().await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn the_progress_of_changeover_times_is_heard() {
    let world = World::new().await;
    let admin = world.person("admin").await;
    let hall = world.space("huiju").await;
    let layout =
        json!({"slug": "one-block", "purpose": "open", "name_zh": "一块", "name_en": "One block"});
    let layout = admin
        .post(&format!("/v1/spaces/{hall}/layouts"), layout)
        .await;
    let draft = json!({"drawing": {"placements": [{"t": "big", "x": 20, "y": 8}]}});
    let versions = format!("/v1/layouts/{}/versions", layout.expect(201).id());
    let version = admin.post(&versions, draft).await.expect(201).id();
    let path = format!("/v1/layout-versions/{version}");
    admin
        .post(&format!("{path}/publish"), Value::Null)
        .await
        .expect(200);
    let mut stream = Stream::open(&admin).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let notifier = world.running.app.notifier.clone();
    let worker = mofang::catalogue::timing::spawn(world.db.clone(), notifier, stopped);
    // each word that it goes on is followed by a look at how far it is, until it is done
    let mut heard = 0;
    loop {
        let change = stream.change().await;
        if change["id"] != json!(version) {
            continue;
        }
        heard += 1;
        let seen = admin.get(&path).await.expect(200).body;
        if seen["bookable"] == json!(true) {
            assert_eq!(seen["times_done"], seen["times_total"]);
            break;
        }
    }
    assert!(heard > 0);
    stop.send(true).unwrap();
    worker.await.unwrap();
    world.end().await;
}
