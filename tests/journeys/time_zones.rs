//! Other venues, other clocks: days of 23 and of 25 hours, and nights.

use chrono::{DateTime, Datelike, Days, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::support::{Person, Wish, World};

const ZONES: [Tz; 2] = [chrono_tz::Europe::Berlin, chrono_tz::America::New_York];

/// The next days on which the zone's clock is put forward and put back.
fn changes(tz: Tz) -> [NaiveDate; 2] {
    let offset = |date: NaiveDate| {
        let midnight = tz
            .from_local_datetime(&date.and_hms_opt(0, 0, 0).unwrap())
            .unwrap();
        midnight.offset().fix().local_minus_utc()
    };
    let from = Utc::now().with_timezone(&tz).date_naive() + Days::new(3);
    let mut found = [None, None];
    for date in from.iter_days().take(370) {
        let change = offset(date + Days::new(1)) - offset(date);
        match change {
            0 => {}
            1.. => found[0] = found[0].or(Some(date)),
            _ => found[1] = found[1].or(Some(date)),
        }
    }
    found.map(Option::unwrap)
}

/// The instant at which the wall clock of the zone shows this; the first of two.
fn wall(tz: Tz, date: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let local = date.and_hms_opt(hour, minute, 0).unwrap();
    tz.from_local_datetime(&local).earliest().unwrap().to_utc()
}

async fn venue_in(tz: Tz) -> (World, Person) {
    let world = World::new().await;
    world
        .run(&format!(
            "UPDATE venue SET time_zone = '{tz}'; UPDATE space SET policy = jsonb_set(policy, '{{horizon_days,staff}}', '400') WHERE policy ? 'horizon_days'"
        ))
        .await;
    let desk = world.person("desk").await;
    (world, desk)
}

async fn starts(
    person: &Person,
    space: uuid::Uuid,
    date: NaiveDate,
    minutes: i64,
) -> Vec<(DateTime<Utc>, bool)> {
    let path = format!(
        "/v1/spaces/{space}/availability?from={date}&minutes={minutes}&group=staff&event_type=meeting"
    );
    let answer = person.get(&path).await.expect(200);
    answer
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|start| {
            (
                serde_json::from_value(start["start"].clone()).unwrap(),
                start["works"] == true,
            )
        })
        .collect()
}

#[tokio::test]
async fn on_the_days_when_the_clock_changes_the_wall_clock_rules() {
    for tz in ZONES {
        let (world, desk) = venue_in(tz).await;
        let room = world.space("zhizao").await;
        for date in changes(tz) {
            let found = starts(&desk, room, date, 60).await;
            let expected: Vec<_> = (0..23)
                .map(|half| (wall(tz, date, 9 + half / 2, half % 2 * 30), true))
                .collect();
            assert_eq!(found, expected, "{tz} {date}");
            let wish = |hour, minute| Wish::new(room, wall(tz, date, hour, minute), 60);
            assert_eq!(
                desk.book(&wish(8, 30)).await.expect(422).reasons(),
                ["hours"]
            );
            assert_eq!(
                desk.book(&wish(20, 30)).await.expect(422).reasons(),
                ["hours"]
            );
            assert_eq!(
                desk.book(&wish(9, 15)).await.expect(422).reasons(),
                ["grid"]
            );
            desk.book(&wish(9, 0)).await.expect(201);
            desk.book(&wish(20, 0)).await.expect(201);
        }
        world.check().await;
        world.end().await;
    }
}

#[tokio::test]
async fn a_day_has_as_many_starts_as_it_has_hours() {
    for tz in ZONES {
        let (world, desk) = venue_in(tz).await;
        world.run("UPDATE venue SET hours = '[{\"days\": \"mon-sun\", \"from\": \"00:00\", \"to\": \"24:00\"}]'").await;
        let room = world.space("zhizao").await;
        let [forward, back] = changes(tz);
        for (date, count) in [(forward, 46), (back, 50), (forward + Days::new(1), 48)] {
            let found = starts(&desk, room, date, 60).await;
            assert_eq!(found.len(), count, "{tz} {date}");
            assert!(found.iter().all(|(_, works)| *works));
            assert_eq!(found[0].0, wall(tz, date, 0, 0));
        }
        // an hour that the clock shows twice is two hours
        let twice = if tz == chrono_tz::Europe::Berlin {
            2
        } else {
            1
        };
        let first = wall(tz, back, twice, 0);
        for start in [first, first + TimeDelta::hours(1)] {
            assert_eq!(
                start.with_timezone(&tz).time(),
                chrono::NaiveTime::from_hms_opt(twice, 0, 0).unwrap()
            );
            desk.book(&Wish::new(room, start, 60)).await.expect(201);
        }
        let over = desk
            .book(&Wish::new(room, first + TimeDelta::minutes(30), 60))
            .await
            .expect(409);
        assert_eq!(over.reasons(), ["taken"]);
        // half past one to half past three is an hour when the clock is put forward
        let long = Wish::new(room, wall(tz, forward, 0, 30), 240);
        let id = desk.book(&long).await.expect(201);
        assert_eq!(id.body["end"], json!(wall(tz, forward, 5, 30)));
        world.check().await;
        world.end().await;
    }
}

#[tokio::test]
async fn an_event_goes_on_past_midnight_where_the_venue_is_open_past_midnight() {
    for tz in ZONES {
        let (world, desk) = venue_in(tz).await;
        world.run("UPDATE venue SET hours = '[{\"days\": \"mon-sun\", \"from\": \"18:00\", \"to\": \"04:00\"}]'").await;
        let room = world.space("zhizao").await;
        for date in changes(tz) {
            let eve = date - Days::new(1);
            // into the night in which the clock changes
            let night = Wish::new(room, wall(tz, eve, 23, 0), 120);
            let booked = desk.book(&night).await.expect(201);
            assert_eq!(booked.body["end"], json!(wall(tz, date, 1, 0)));
            let last = Wish::new(room, wall(tz, date, 4, 0) - TimeDelta::hours(1), 60);
            desk.book(&last).await.expect(201);
            let late = Wish::new(room, wall(tz, date, 4, 0) - TimeDelta::minutes(30), 60);
            assert_eq!(desk.book(&late).await.expect(422).reasons(), ["hours"]);
            let noon = Wish::new(room, wall(tz, date, 12, 0), 60);
            assert_eq!(desk.book(&noon).await.expect(422).reasons(), ["hours"]);
            // the starts of the eve: those of the evening, and those of the night before
            let found = starts(&desk, room, eve, 60).await;
            let of_the_night = found
                .iter()
                .filter(|(start, _)| *start >= wall(tz, eve, 18, 0))
                .count();
            assert_eq!(of_the_night, 12, "{tz} {eve}");
            for (start, works) in found {
                let refused = desk.book(&Wish::new(room, start, 60)).await;
                assert_eq!(
                    refused.status == 201,
                    works,
                    "{tz} {start}: {}",
                    refused.body
                );
                if works {
                    desk.act_with(&refused.id(), "cancel", json!({"reason": "x"}))
                        .await
                        .expect(200);
                }
            }
        }
        world.check().await;
        world.end().await;
    }
}

#[tokio::test]
async fn the_halls_crew_works_by_the_wall_clock_too() {
    let tz = chrono_tz::Europe::Berlin;
    let (world, desk) = venue_in(tz).await;
    let (hall, roadshow) = (
        world.space("huiju").await,
        world.version("roadshow_main").await,
    );
    for date in changes(tz) {
        // the seed's crew comes at eight by the venue's clock
        let (from, to) = (wall(tz, date, 8, 0), wall(tz, date, 22, 0));
        world
            .run(&format!(
                "DELETE FROM crew_shift WHERE during && tstzrange('{from}', '{to}'); INSERT INTO crew_shift (id, crew_id, during) SELECT gen_random_uuid(), id, tstzrange('{from}', '{to}') FROM crew"
            ))
            .await;
        let wish = Wish::new(hall, wall(tz, date, 9, 0), 60).layout(roadshow, "roadshow");
        desk.book(&wish).await.expect(201);
    }
    let rows = world.rows(hall).await;
    assert!(
        ["changeover 08:35 25", "changeover 08:50 10"].contains(&rows[0].as_str()),
        "{rows:?}"
    );
    assert_eq!(rows[1], "event 09:00 60");
    assert_eq!(rows[3], "event 09:00 60");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn days_are_counted_by_the_venues_calendar() {
    let (world, desk) = venue_in(chrono_tz::America::New_York).await;
    let tz = chrono_tz::America::New_York;
    world.run("UPDATE venue SET hours = '[{\"days\": \"mon-sun\", \"from\": \"00:00\", \"to\": \"24:00\"}]'; UPDATE space SET policy = policy || '{\"horizon_days\": {\"staff\": 10}}'").await;
    let room = world.space("zhizao").await;
    let today = Utc::now().with_timezone(&tz).date_naive();
    // the last hour of the tenth day there is the eleventh in Greenwich
    let last = Wish::new(room, wall(tz, today + Days::new(10), 23, 0), 60);
    assert_ne!(last.start.day(), (today + Days::new(10)).day());
    desk.book(&last).await.expect(201);
    let beyond = Wish::new(room, wall(tz, today + Days::new(11), 0, 0), 60);
    assert_eq!(desk.book(&beyond).await.expect(422).reasons(), ["horizon"]);
    let list = desk
        .get(&format!("/v1/bookings?venue_id={}", world.venue))
        .await
        .expect(200);
    assert_ne!(list.body, Value::Array(Vec::new()));
    world.check().await;
    world.end().await;
}
