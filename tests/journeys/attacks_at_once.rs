//! Two transactions at once, each right alone, wrong together: the second waits for the lock and is then refused.

use diesel_async::SimpleAsyncConnection;

use crate::attacks::ground;
use crate::support::World;

/// Runs the second while the first is open, commits the first once the second waits, and says what refused the second.
async fn interleaved(world: &World, first: &str, second: &str) -> Option<String> {
    for alone in [first, second] {
        let tried = world
            .refused(&format!(
                "{alone}; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK; BEGIN"
            ))
            .await;
        assert_eq!(tried, None, "not right alone: {alone}");
    }
    let mut conn = world.sql().await;
    conn.batch_execute(&format!("BEGIN; {first}"))
        .await
        .unwrap();
    let (refused, ()) = tokio::join!(world.refused(second), async {
        world.blocked(1).await;
        conn.batch_execute("COMMIT").await.unwrap();
    });
    refused
}

/// What is tried, the constraint that refuses the second, the first, the second.
type AtOnce = (&'static str, &'static str, &'static str, &'static str);

const AT_ONCE: &[AtOnce] = &[
    (
        "one slot",
        "occupancy_area_once",
        "SELECT booking('x', 'room', 'confirmed', '12:00', '13:00', NULL, '{r1}'), event('x', 'r1')",
        "SELECT booking('y', 'room', 'confirmed', '12:30', '13:30', NULL, '{r1}'), event('y', 'r1')",
    ),
    (
        "two events that touch, each with a cleaning before it, none between them",
        "occupancy_chain",
        "SELECT booking('x', 'twin', 'confirmed', '15:00', '16:00', 'mid'), event('x', 'a1'), event('x', 'a2'), \
         change('x1', 'x', 'a1', '14:30', '14:40', 'mid', 'mid', 'red'), change('x2', 'x', 'a2', '14:30', '14:40', 'mid', 'mid', 'blue')",
        "SELECT booking('y', 'twin', 'confirmed', '16:00', '17:00', 'mid'), event('y', 'a1'), event('y', 'a2'), \
         change('y1', 'y', 'a1', '14:10', '14:20', 'mid', 'mid', 'red'), change('y2', 'y', 'a2', '14:10', '14:20', 'mid', 'mid', 'blue')",
    ),
    (
        "another layout before an event that is in what stood",
        "occupancy_chain",
        "SELECT change('x', 'second', 'a1', '14:30', '15:00', 'mid', 'big', 'red')",
        "SELECT booking('y', 'twin', 'confirmed', '16:00', '17:00', 'mid'), event('y', 'a1'), event('y', 'a2'), \
         change('y1', 'y', 'a1', '14:10', '14:20', 'mid', 'mid', 'red'), change('y2', 'y', 'a2', '14:10', '14:20', 'mid', 'mid', 'blue')",
    ),
    (
        "the blocks of one pool on two floors",
        "occupancy_stock",
        "SELECT change('x1', 'second', 'a1', '15:00', '15:30', 'mid', 'big', 'red'), change('x2', 'second', 'a2', '15:00', '15:30', 'mid', 'big', 'blue')",
        "SELECT change('y', 'second', 'b1', '16:00', '16:30', 'side_flat', 'side_mid', 'green')",
    ),
    (
        "blocks given away while they are planned for",
        "pool_stock_needed",
        "SELECT change('x', 'second', 'b1', '15:00', '15:30', 'side_flat', 'side_mid', 'red')",
        "UPDATE pool_stock SET owned = 7 WHERE pool_id = u('near_pool')",
    ),
    (
        "blocks planned for while they are given away",
        "occupancy_stock",
        "UPDATE pool_stock SET owned = 7 WHERE pool_id = u('near_pool')",
        "SELECT change('y', 'second', 'b1', '15:00', '15:30', 'side_flat', 'side_mid', 'red')",
    ),
    (
        "one crew on two floors",
        "occupancy_crew_once",
        "SELECT change('x', 'second', 'a1', '15:00', '15:30', 'mid', 'mid', 'red')",
        "SELECT change('y', 'second', 'b1', '15:00', '15:30', 'side_flat', 'side_mid', 'red')",
    ),
    (
        "an initial layout under the first row",
        "area_rests",
        "SELECT change('x', 'second', 'b1', '15:00', '15:30', 'side_flat', 'side_mid', 'red')",
        "UPDATE area SET initial_layout_version_id = u('side_mid') WHERE id = u('b1')",
    ),
    (
        "the first row on another initial layout",
        "occupancy_chain",
        "UPDATE area SET initial_layout_version_id = u('side_mid') WHERE id = u('b1')",
        "SELECT change('y', 'second', 'b1', '15:00', '15:30', 'side_flat', 'side_mid', 'red')",
    ),
    (
        "a crew that goes to another pool",
        "crew_rests",
        "SELECT change('x', 'second', 'b1', '15:00', '15:30', 'side_flat', 'side_mid', 'green')",
        "UPDATE crew SET pool_id = u('far_pool') WHERE id = u('green')",
    ),
    (
        "the needs of a version that is published meanwhile",
        "layout_version_published",
        "UPDATE layout_version SET state = 'published', published_at = now() WHERE id = u('sketch')",
        "DELETE FROM layout_need WHERE layout_version_id = u('sketch')",
    ),
    (
        "a layout that moves while its version is published",
        "layout_version_own_areas",
        "UPDATE layout SET space_id = u('side') WHERE id = u('layout sketch')",
        "UPDATE layout_version SET state = 'published', published_at = now() WHERE id = u('sketch')",
    ),
    (
        "a cancelled booking that is moved",
        "occupancy_agrees_with_booking",
        "UPDATE booking SET state = 'cancelled' WHERE id = u('meeting'); DELETE FROM occupancy WHERE booking_id = u('meeting')",
        "UPDATE booking SET during = d('12:00', '13:00') WHERE id = u('meeting'); UPDATE booking SET state = 'confirmed' WHERE id = u('meeting'); \
         UPDATE occupancy SET during = d('12:00', '13:00') WHERE booking_id = u('meeting')",
    ),
    (
        "one key",
        "idempotency_pkey",
        "INSERT INTO idempotency (caller, key, fingerprint, status, answer) VALUES (u('hand'), 'k', '', 201, '{}')",
        "INSERT INTO idempotency (caller, key, fingerprint, status, answer) VALUES (u('hand'), 'k', '', 201, '{}')",
    ),
];

#[tokio::test]
async fn what_is_wrong_together_is_refused_to_the_second() {
    let mut through = Vec::new();
    for (what, by, first, second) in AT_ONCE {
        let world = ground().await;
        let refused = interleaved(&world, first, second).await;
        if refused.as_deref() != Some(*by) {
            through.push(format!("{what}: {refused:?} instead of {by}"));
        }
        world.check().await;
        world.end().await;
    }
    assert!(through.is_empty(), "{through:#?}");
}
