//! Shifts by hand: of today and later, by the venue's own clock.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::support::World;

#[tokio::test]
async fn a_shift_is_of_the_venues_today_or_later() {
    let world = World::new().await;
    let admin = world.person("admin").await;
    world.run("DELETE FROM crew_shift").await;
    let crew = world
        .text("SELECT id::text AS name FROM crew ORDER BY id LIMIT 1")
        .await;
    let midnight = "SELECT to_char(date_trunc('day', now() AT TIME ZONE time_zone) AT TIME ZONE time_zone AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS name FROM venue";
    let midnight: DateTime<Utc> = world.text(midnight).await.parse().unwrap();
    let shift = async |from: i64, to: i64| {
        let at = |minutes| midnight + TimeDelta::minutes(minutes);
        let span = json!({"start": at(from), "end": at(to)});
        admin.post(&format!("/v1/crews/{crew}/shifts"), span).await
    };
    // today it is from midnight on, whatever the date is elsewhere
    shift(0, 30).await.expect(201);
    let over = shift(-60, -30).await.expect(422);
    assert_eq!(over.codes(), ["end in_past"]);
    shift(24 * 60, 25 * 60).await.expect(201);
    let far = shift(500 * 24 * 60, 500 * 24 * 60 + 60).await.expect(422);
    assert_eq!(far.codes(), ["start too_large"]);
    world.end().await;
}
