//! What keeps the service standing: request rates over all processes, sizes of bodies and pages, clients that are slow.

use std::time::Duration;

use mofang::db::Db;
use mofang::http::document;
use mofang::http::rate::Limits;
use mofang::http::server::{App, Running, Settings};
use mofang::identity::Keys;
use mofang::routes::Operation;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::authorisation::{objects, request};
use crate::support::{Person, World};

/// One more process on the world's database, behind a proxy, that lets 200 requests a minute in of whoever it may be.
async fn process(world: &World) -> Running {
    let mut settings = Settings::new("http://localhost");
    settings.workers = Some(1);
    settings.behind_proxy = true;
    settings.rates = Limits {
        anonymous: 200,
        signed_in: 200,
        ..Limits::ASSUMED
    };
    let keys = Keys::load(world.keys().parent().unwrap()).unwrap();
    let db = Db::new(&world.url, 8).unwrap();
    let app = App::new(db, &world.url, keys, settings);
    Running::start(app).await.unwrap()
}

async fn from(person: &Person, address: &str) -> crate::support::Answer {
    let headers = [("x-forwarded-for", address)];
    person
        .call_with("GET", "/v1/venues", Value::Null, &headers)
        .await
}

#[tokio::test]
async fn a_rate_holds_over_all_processes() {
    let world = World::new().await;
    let processes = [process(&world).await, process(&world).await];
    let bases = processes
        .each_ref()
        .map(|it| format!("http://{}", it.address));
    let nobody = world.nobody();
    let minute = "SELECT floor(extract(epoch FROM clock_timestamp()) / 60)::text AS name";
    let mut found = None;
    for network in 0..10 {
        let address = format!("203.0.113.{network}");
        let (began, mut admitted) = (world.text(minute).await, 0);
        let mut refused = [false, false];
        for turn in 0.. {
            let at = turn % 2;
            let answer = from(&nobody.served_at(&bases[at]), &address).await;
            match answer.status {
                200 => admitted += 1,
                _ => {
                    let answer = answer.expect(429);
                    assert_eq!(answer.problem(), "too-many-requests");
                    assert_eq!(answer.headers["content-type"], "application/problem+json");
                    let wait = answer.headers["retry-after"].to_str().unwrap();
                    assert!((1..=60).contains(&wait.parse::<u64>().unwrap()), "{wait}");
                    refused[at] = true;
                }
            }
            if refused == [true, true] {
                break;
            }
        }
        // a minute that ended on the way says nothing: the next caller is asked
        if world.text(minute).await == began {
            found = Some((address, admitted));
            break;
        }
    }
    let (address, admitted) = found.expect("ten minutes did not end in a row");
    // each of the two would have let 200 in
    assert!((200..=300).contains(&admitted), "{admitted}");
    let process = nobody.served_at(&bases[0]);
    from(&process, "198.51.100.1").await.expect(200);
    from(&process.bearing("forged"), &address).await.expect(429);
    let booker = world.person("booker").await.served_at(&bases[0]);
    from(&booker, &address).await.expect(200);
    let headers = [("x-forwarded-for", address.as_str())];
    let keyed = process.bearing("mfk_forged");
    let docs = keyed.call_with("GET", "/v1/docs", Value::Null, &headers);
    docs.await.expect(429);
    let live = process.call_with("GET", "/health/live", Value::Null, &headers);
    live.await.expect(200);
    for process in processes {
        process.stop().await.unwrap();
    }
    world.end().await;
}

/// Whoever is signed in is counted by account: on whichever device, from wherever, at whichever process.
#[tokio::test]
async fn an_account_is_counted_wherever_it_is_signed_in() {
    let world = World::new().await;
    let processes = [process(&world).await, process(&world).await];
    let bases = processes
        .each_ref()
        .map(|it| format!("http://{}", it.address));
    let minute = "SELECT floor(extract(epoch FROM clock_timestamp()) / 60)::text AS name";
    let mut found = None;
    for name in ["booker", "colleague", "booker2", "resident", "desk"] {
        let devices = [world.person(name).await, world.person(name).await];
        let (began, mut admitted) = (world.text(minute).await, 0);
        let mut refused = [false, false];
        for turn in 0.. {
            let at = turn % 2;
            let device = devices[at].served_at(&bases[at]);
            let address = format!("203.0.113.{}", turn % 250);
            let answer = from(&device, &address).await;
            match answer.status {
                200 => admitted += 1,
                _ => {
                    let answer = answer.expect(429);
                    assert_eq!(answer.problem(), "too-many-requests");
                    let wait = answer.headers["retry-after"].to_str().unwrap();
                    assert!((1..=60).contains(&wait.parse::<u64>().unwrap()), "{wait}");
                    refused[at] = true;
                }
            }
            if refused == [true, true] {
                break;
            }
        }
        if world.text(minute).await == began {
            found = Some((devices, admitted));
            break;
        }
    }
    let ([device, _], admitted) = found.expect("five minutes did not end in a row");
    assert!((200..=300).contains(&admitted), "{admitted}");
    // from another address, too; and nobody else there has to wait
    let device = device.served_at(&bases[0]);
    from(&device, "198.51.100.7").await.expect(429);
    let path = format!("/v1/bookings?venue_id={}", world.venue);
    device.get(&path).await.expect(429);
    let other = world.person("approver").await.served_at(&bases[0]);
    from(&other, "198.51.100.7").await.expect(200);
    let nobody = world.nobody().served_at(&bases[0]);
    from(&nobody, "198.51.100.7").await.expect(200);
    for process in processes {
        process.stop().await.unwrap();
    }
    world.end().await;
}

#[tokio::test]
async fn no_page_is_longer_than_a_hundred() {
    let world = World::new().await;
    let objects = objects(&world, "booker").await;
    let people = [world.person("booker").await, world.person("admin").await];
    let mut walked = 0;
    for operation in Operation::ALL {
        let known = document::query_parameters(*operation);
        if !known.iter().any(|name| name == "limit") {
            continue;
        }
        let (path, _) = request(*operation, &objects);
        let mark = if path.contains('?') { '&' } else { '?' };
        for limit in ["0", "101", "-1", "99999999999999999999"] {
            let mut named = false;
            for person in &people {
                let answer = person.get(&format!("{path}{mark}limit={limit}")).await;
                assert!(answer.status >= 400, "{operation:?} {limit}");
                named |= answer.status == 422 && answer.fields() == ["limit"];
            }
            assert!(named, "{operation:?} {limit}");
        }
        walked += 1;
    }
    assert!(walked > 10, "{walked}");
    world.end().await;
}

#[tokio::test]
async fn a_body_is_as_large_as_it_may_be_and_no_larger() {
    let world = World::new().await;
    let booker = world.person("booker").await;
    let name = |octets: usize| json!({"name": "x".repeat(octets)});
    let taken = booker.patch("/v1/me", name(60_000)).await.expect(422);
    assert_eq!(taken.codes(), ["name too_long"]);
    for (method, path) in [
        ("PATCH", "/v1/me"),
        ("POST", "/v1/bookings"),
        ("POST", "/v1/accounts"),
    ] {
        let answer = booker.call(method, path, name(70_000)).await.expect(413);
        assert_eq!(answer.problem(), "too-large");
    }
    world.end().await;
}

/// What a client gets that sends this and then nothing more.
async fn slow(world: &World, sent: &str) -> String {
    let mut stream = TcpStream::connect(world.running.address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    // whoever is not sent away within the limits hangs for good
    let done = tokio::time::timeout(Duration::from_secs(40), read).await;
    done.expect("sent away").unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_slow_holds_up_nobody_and_is_sent_away() {
    let world = World::new().await;
    let head = "POST /v1/sign-ins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let body = format!("{head}Content-Length: 100\r\nConnection: close\r\n\r\n{{");
    let many = |sent| futures_util::future::join_all((0..40).map(|_| slow(&world, sent)));
    let (heads, bodies) = (many(head), many(&body));
    let others = async {
        // one worker serves this world, and it has time
        for _ in 0..50 {
            let nobody = world.nobody();
            let answer = nobody.get("/v1/venues");
            let answer = tokio::time::timeout(Duration::from_secs(5), answer).await;
            answer.expect("in time").expect(200);
        }
    };
    let (heads, bodies, ()) = tokio::join!(heads, bodies, others);
    for answer in heads {
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
    }
    for answer in bodies {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("/problems/too-slow"), "{answer}");
    }
    world.end().await;
}
