//! `mofang check`: an offence against each invariant, planted with the triggers switched off, is named.

use crate::attacks::ground;
use crate::support::World;

/// What is planted, the rule that it offends, what the finding names, and the SQL.
type Planted = (&'static str, &'static str, &'static str, &'static str);

const PLANTED: &[Planted] = &[
    (
        "an area taken twice",
        "1 ",
        "u('meetingr1')",
        "ALTER TABLE occupancy DROP CONSTRAINT occupancy_area_once; \
        SELECT booking('x', 'room', 'confirmed', '10:30', '12:00', NULL, '{r1}'), event('x', 'r1')",
    ),
    (
        "no cleaning",
        "2 the chain",
        "u('seconda1')",
        "DELETE FROM occupancy WHERE id = u('to_second1')",
    ),
    (
        "a changeover from what does not stand",
        "2 the chain",
        "u('to_first2')",
        "UPDATE occupancy SET from_version_id = u('big') WHERE id = u('to_first2')",
    ),
    (
        "an event in what does not stand",
        "2 the chain",
        "u('seconda2')",
        "UPDATE occupancy SET layout_version_id = u('big') WHERE id = u('seconda2')",
    ),
    (
        "too short",
        "2 a changeover lasts",
        "u('to_second2')",
        "UPDATE occupancy SET during = d('12:59', '13:00') WHERE id = u('to_second2')",
    ),
    (
        "fewer minutes than there are",
        "2 a changeover lasts",
        "u('to_first1')",
        "UPDATE occupancy SET required_min = NULL WHERE id = u('to_first1')",
    ),
    (
        "a crew of another pool",
        "2 a crew of its own pool",
        "u('to_second2')",
        "UPDATE occupancy SET crew_id = u('strangers') WHERE id = u('to_second2')",
    ),
    (
        "a changeover where there is no floor",
        "2 only a floor",
        "u('lost')",
        "SELECT change('lost', 'meeting', 'r2', '08:00', '08:30', 'flat', 'flat', 'green')",
    ),
    (
        "a crew twice",
        "3 ",
        "u('to_first1')",
        "ALTER TABLE occupancy DROP CONSTRAINT occupancy_crew_once; UPDATE occupancy SET crew_id = u('red') WHERE id = u('to_first2')",
    ),
    (
        "too few blocks",
        "4 stock",
        "u('near_pool')",
        "UPDATE pool_stock SET owned = 3 WHERE pool_id = u('near_pool')",
    ),
    (
        "cancelled with rows",
        "5 ",
        "'meeting'",
        "UPDATE booking SET state = 'cancelled' WHERE id = u('meeting')",
    ),
    (
        "confirmed without rows",
        "5 ",
        "'rival'",
        "UPDATE booking SET state = 'confirmed' WHERE id = u('rival')",
    ),
    (
        "an event of no booking",
        "5 ",
        "u('orphanv1')",
        "INSERT INTO occupancy (id, area_id, kind, during, booking_id) VALUES (u('orphanv1'), u('v1'), 'event', d('15:00', '16:00'), u('nobody'))",
    ),
    (
        "a version that is a draft again",
        "6 ",
        "u('to_second2')",
        "UPDATE layout_version SET state = 'draft', published_at = NULL, bookable_at = NULL WHERE id = u('mid')",
    ),
    (
        "an area of another space",
        "6 ",
        "'rival'",
        "UPDATE area SET space_id = u('room') WHERE id = u('v1')",
    ),
    (
        "an area that is gone",
        "6 ",
        "'meeting'",
        "DELETE FROM area WHERE id = u('r2')",
    ),
    (
        "areas that the version does not claim",
        "6 ",
        "'first'",
        "DELETE FROM layout_version_area WHERE layout_version_id = u('mid') AND area_id = u('a2')",
    ),
    (
        "an initial layout of another area",
        "6 ",
        "u('b1')",
        "UPDATE area SET initial_layout_version_id = u('far_flat') WHERE id = u('b1')",
    ),
    (
        "a key twice",
        "8 ",
        "u('hand')",
        "ALTER TABLE idempotency DROP CONSTRAINT idempotency_pkey; \
        INSERT INTO idempotency (caller, key, fingerprint, status, answer) SELECT u('hand'), 'k', '', 201, '{}' FROM generate_series(1, 2)",
    ),
];

#[tokio::test]
async fn an_offence_against_each_invariant_is_named() {
    let world = ground().await;
    let mut missed = Vec::new();
    for (what, rule, named, sql) in PLANTED {
        let before = offences(&world).await;
        world
            .run(&format!("SET session_replication_role = replica; {sql}"))
            .await;
        let named = &world
            .texts(&format!("SELECT ({named})::text AS name"))
            .await[0];
        let after = offences(&world).await;
        let found =
            |(r, row): &&(String, String)| r.starts_with(rule) && row.contains(named.as_str());
        if !after
            .iter()
            .filter(|finding| !before.contains(finding))
            .any(|finding| found(&finding))
        {
            missed.push(*what);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    world.end().await;
}

/// Rule and row of each offence.
async fn offences(world: &World) -> Vec<(String, String)> {
    let report = mofang::booking::check::run(&world.db).await.unwrap();
    let named = report
        .offences
        .iter()
        .map(|found| (found.rule.to_owned(), found.row.clone()));
    named.collect()
}

#[tokio::test]
async fn a_transition_without_its_message_is_named() {
    let world = ground().await;
    let promises = [
        ("request", "requested", "booking_received"),
        ("confirm", "confirmed", "booking_confirmed"),
        ("decline", "declined", "booking_declined"),
        ("withdraw", "withdrawn", "booking_withdrawn"),
        ("cancel", "cancelled", "booking_cancelled"),
        ("expire", "expired", "booking_expired"),
        ("displace", "cancelled", "booking_displaced"),
        ("reschedule", "requested", "booking_changed"),
    ];
    for (event, state, kind) in promises {
        world
            .run(&format!("INSERT INTO booking_event (id, booking_id, event, to_state) VALUES (gen_random_uuid(), u('rival'), '{event}', '{state}')"))
            .await;
        let found = offences(&world).await;
        assert!(
            found.len() == 1 && found[0].0.starts_with("9 ") && found[0].1.contains(kind),
            "{event}: {found:?}"
        );
        world
            .run(&format!("INSERT INTO message (id, kind, booking_id, locale, payload, dedupe_key) VALUES (gen_random_uuid(), '{kind}', u('rival'), 'en', '{{}}', '{kind}')"))
            .await;
        world.check().await;
    }
    // what happened twice was promised twice
    world
        .run("INSERT INTO booking_event (id, booking_id, event, to_state) VALUES (gen_random_uuid(), u('rival'), 'reschedule', 'requested')")
        .await;
    assert_eq!(offences(&world).await.len(), 1);
    // a hold that is moved or runs out promises nothing
    world
        .run("SET session_replication_role = replica; DELETE FROM booking_event WHERE to_state = 'requested' AND event = 'reschedule'; \
              INSERT INTO booking_event (id, booking_id, event, to_state) SELECT gen_random_uuid(), u('rival'), e, s FROM (VALUES ('reschedule', 'held'), ('expire', 'released'), ('release', 'released')) x (e, s)")
        .await;
    world.check().await;
    world.end().await;
}
