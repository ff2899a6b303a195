//! SQL written by hand that tries to break the invariants of `2-model.md`: each is refused by name, at the latest at
//! commit. The ground that is attacked is in `attacks_ground.sql`.

use crate::support::World;

/// What is tried, the constraint that refuses it, and the SQL of one transaction.
type Attack = (&'static str, &'static str, &'static str);

/// A world with the ground of the attacks.
pub async fn ground() -> World {
    let world = World::new().await;
    world.run(include_str!("attacks_ground.sql")).await;
    world.check().await;
    world
}

/// Tries each on the same ground: whatever is refused leaves it as it was.
async fn all_refused(attacks: &[Attack]) {
    let world = ground().await;
    let mut through = Vec::new();
    for (what, by, sql) in attacks {
        let refused = world.refused(sql).await;
        if refused.as_deref() != Some(*by) {
            through.push(format!("{what}: {refused:?} instead of {by}"));
        }
    }
    assert!(through.is_empty(), "{through:#?}");
    world.check().await;
    world.end().await;
}

#[tokio::test]
async fn no_area_is_taken_twice() {
    all_refused(&[
        ("an event over another", "occupancy_area_once",
         "SELECT booking('x', 'room', 'confirmed', '10:59', '12:00', NULL, '{r1}'), event('x', 'r1')"),
        ("one second of it", "occupancy_area_once",
         "SELECT booking('x', 'room', 'confirmed', '09:00', '10:00:01', NULL, '{r1}'), event('x', 'r1')"),
        ("by access time alone", "occupancy_area_once",
         "SELECT booking('x', 'room', 'confirmed', '11:01', '12:00', NULL, '{r1}'); UPDATE booking SET access_before_min = 2 WHERE id = u('x'); SELECT event('x', 'r1')"),
        ("by a tail alone", "occupancy_area_once",
         "SELECT booking('x', 'room', 'confirmed', '09:00', '09:59', NULL, '{r1}'); UPDATE booking SET tail_min = 2 WHERE id = u('x'); SELECT event('x', 'r1')"),
        ("a closure over an event", "occupancy_area_once",
         "INSERT INTO occupancy (id, area_id, kind, during, closure_id) VALUES (u('x'), u('a1'), 'closure', d('10:30', '10:31'), u('paint'))"),
        ("an event in a closure", "occupancy_area_once",
         "SELECT booking('x', 'twin', 'confirmed', '17:30', '18:30', 'mid'), change('x1', 'x', 'a1', '16:00', '16:30', 'mid', 'mid', 'red'), event('x', 'a1')"),
        ("a changeover in a closure", "occupancy_area_once",
         "SELECT change('x1', 'second', 'a1', '17:45', '18:15', 'mid', 'mid', 'red')"),
        ("on conflict do nothing hides the event, not its absence", "occupancy_agrees_with_booking",
         "SELECT booking('x', 'room', 'confirmed', '10:30', '12:00', NULL, '{r1}'); \
          INSERT INTO occupancy (id, area_id, kind, during, booking_id) VALUES (u('xr1'), u('r1'), 'event', d('10:30', '12:00'), u('x')) ON CONFLICT DO NOTHING"),
        ("on conflict do update pushes the one who is there away", "occupancy_agrees_with_booking",
         "INSERT INTO occupancy (id, area_id, kind, during, booking_id) VALUES (u('meetingr1'), u('r1'), 'event', d('10:30', '12:00'), u('meeting')) \
          ON CONFLICT (id) DO UPDATE SET during = excluded.during"),
    ]).await;
}

#[tokio::test]
async fn the_chain_has_no_gap() {
    all_refused(&[
        ("an event in what does not stand", "occupancy_chain",
         "SELECT booking('x', 'twin', 'confirmed', '15:00', '16:00', 'big'), event('x', 'a1'), event('x', 'a2')"),
        ("a changeover from what does not stand", "occupancy_chain",
         "SELECT change('x', 'second', 'a1', '15:00', '15:30', 'flat', 'big', 'red')"),
        ("a changeover put before one that starts from something else", "occupancy_chain",
         "SELECT change('x', 'first', 'a1', '08:00', '08:30', 'flat', 'big', 'red')"),
        ("a changeover between two events of the other layout", "occupancy_chain",
         "SELECT change('x', 'second', 'a1', '11:30', '12:00', 'mid', 'big', 'red')"),
        ("no cleaning between two events of one layout", "occupancy_chain",
         "DELETE FROM occupancy WHERE id = u('to_second1')"),
        ("no cleaning between two that touch", "occupancy_chain",
         "SELECT booking('x', 'twin', 'confirmed', '14:00', '15:00', 'mid'), event('x', 'a1'), event('x', 'a2')"),
        ("no cleaning over a closure", "occupancy_chain",
         "SELECT booking('x', 'twin', 'confirmed', '18:00', '19:00', 'mid'), event('x', 'a1'), event('x', 'a2')"),
        ("no cleaning over night", "occupancy_chain",
         "SELECT booking('x', 'twin', 'confirmed', '2030-05-16 18:00', '2030-05-16 19:00', 'mid'), event('x', 'a1'), event('x', 'a2')"),
        ("an event put before the first, in what stood there before its changeover", "occupancy_chain",
         "SELECT booking('x', 'twin', 'confirmed', '08:00', '09:00', 'mid'), event('x', 'a1'), event('x', 'a2')"),
        ("the first changeover goes", "occupancy_chain", "DELETE FROM occupancy WHERE id = u('to_first1')"),
        ("all changeovers go", "occupancy_chain", "DELETE FROM occupancy WHERE kind = 'changeover' AND booking_id = u('first')"),
        ("the changeover goes where none in the initial layout is needed", "occupancy_chain",
         "SELECT booking('x', 'far', 'confirmed', '10:00', '11:00', 'far_flat', '{c1}'), event('x', 'c1'); \
          SELECT booking('y', 'far', 'confirmed', '11:00', '12:00', 'far_flat', '{c1}'), event('y', 'c1')"),
        ("a cleaning moved behind its event", "occupancy_chain",
         "UPDATE occupancy SET during = d('15:00', '15:30') WHERE id = u('to_second1')"),
        ("other layouts in a row that stays", "occupancy_chain",
         "UPDATE occupancy SET to_version_id = u('big') WHERE id = u('to_first1')"),
        ("an event's layout changed in row and booking", "occupancy_chain",
         "UPDATE booking SET layout_version_id = u('big') WHERE id = u('second'); UPDATE occupancy SET layout_version_id = u('big') WHERE booking_id = u('second') AND kind = 'event'"),
        ("a booking in the middle of the chain goes with all its rows", "occupancy_chain",
         "UPDATE booking SET state = 'cancelled' WHERE id = u('first'); DELETE FROM occupancy WHERE booking_id = u('first')"),
        ("delete and insert in one statement", "occupancy_chain",
         "WITH gone AS (DELETE FROM occupancy WHERE id = u('to_second1') RETURNING *) \
          INSERT INTO occupancy SELECT u('x'), area_id, kind, d('11:30', '12:00'), booking_id, layout_version_id, from_version_id, u('big'), crew_id, required_min, closure_id FROM gone"),
        ("merge", "occupancy_chain",
         "MERGE INTO occupancy o USING booking b ON b.id = o.booking_id AND b.id = u('second') AND o.kind = 'changeover' WHEN MATCHED THEN DELETE"),
        ("right for a moment, then wrong again", "occupancy_chain",
         "DELETE FROM occupancy WHERE id = u('to_second1'); SELECT change('x', 'second', 'a1', '12:00', '12:10', 'mid', 'mid', 'red'); SET CONSTRAINTS ALL IMMEDIATE; \
          SET CONSTRAINTS ALL DEFERRED; DELETE FROM occupancy WHERE id = u('x')"),
        ("checked in a savepoint that is rolled back", "occupancy_chain",
         "DELETE FROM occupancy WHERE id = u('to_second1'); SAVEPOINT s; SELECT change('x', 'second', 'a1', '12:00', '12:10', 'mid', 'mid', 'red'); \
          SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO s"),
        ("released savepoints", "occupancy_chain",
         "SAVEPOINT s; DELETE FROM occupancy WHERE id = u('to_second1'); RELEASE s"),
        ("a table of one's own in front of the real one", "occupancy_chain",
         "CREATE TEMP TABLE occupancy (LIKE public.occupancy) ON COMMIT DROP; DELETE FROM public.occupancy WHERE id = u('to_second1')"),
    ]).await;
}

#[tokio::test]
async fn a_changeover_lasts_as_long_as_it_must_inside_one_shift_of_a_crew_of_its_pool() {
    all_refused(&[
        ("too short", "occupancy_changeover_long_enough", "SELECT change('x', 'second', 'a1', '15:00', '15:29', 'mid', 'big', 'red')"),
        ("shortened", "occupancy_changeover_long_enough", "UPDATE occupancy SET during = d('09:31', '10:00') WHERE id = u('to_first1')"),
        ("shortened with its minutes", "occupancy_changeover_long_enough",
         "UPDATE occupancy SET during = d('09:59', '10:00'), required_min = 1 WHERE id = u('to_first1')"),
        ("a cleaning turned into a changeover", "occupancy_changeover_long_enough",
         "UPDATE occupancy SET from_version_id = u('big') WHERE id = u('to_second1')"),
        ("no minutes known", "occupancy_changeover_time_known", "SELECT change('x', 'second', 'a1', '15:00', '15:30', 'mid', 'side_mid', 'red')"),
        ("empty, where a cleaning takes no time", "occupancy_range",
         "INSERT INTO occupancy (id, area_id, kind, during, booking_id, from_version_id, to_version_id, crew_id, required_min) \
          VALUES (u('x'), u('a1'), 'changeover', tstzrange(t('08:00'), t('08:00')), u('first'), u('flat'), u('flat'), u('red'), 0)"),
        ("before the shift", "occupancy_inside_shift", "SELECT change('x', 'first', 'a1', '05:45', '06:15', 'flat', 'flat', 'red')"),
        ("over night", "occupancy_inside_shift", "SELECT change('x', 'second', 'a1', '19:59', '20:29', 'mid', 'mid', 'red')"),
        ("over two shifts that touch", "occupancy_inside_shift", "SELECT change('x', 'second', 'a1', '11:45', '12:15', 'mid', 'mid', 'red')"),
        ("moved out of the shift", "occupancy_inside_shift", "UPDATE occupancy SET during = d('11:55', '12:05') WHERE id = u('to_second1')"),
        ("a crew of another pool", "occupancy_inside_shift", "SELECT change('x', 'second', 'a1', '15:00', '15:30', 'mid', 'mid', 'strangers')"),
        ("handed to a crew of another pool", "occupancy_inside_shift", "UPDATE occupancy SET crew_id = u('strangers') WHERE id = u('to_second1')"),
        ("a crew without shifts", "occupancy_inside_shift",
         "INSERT INTO crew (id, pool_id, name, teams) VALUES (u('idle'), u('near_pool'), 'idle', 1); SELECT change('x', 'second', 'a1', '15:00', '15:30', 'mid', 'mid', 'idle')"),
        ("a crew in two places", "occupancy_crew_once", "SELECT change('x', 'first', 'b1', '09:45', '10:15', 'side_flat', 'side_mid', 'red')"),
        ("handed to a crew that is elsewhere", "occupancy_crew_once", "UPDATE occupancy SET crew_id = u('red') WHERE id = u('to_second2')"),
        ("a changeover in a room", "occupancy_fits_space",
         "SELECT change('x', 'first', 'r1', '08:00', '08:30', 'flat', 'flat', 'red')"),
        ("no crew", "occupancy_kind", "UPDATE occupancy SET crew_id = NULL WHERE id = u('to_first1')"),
        ("of another kind", "occupancy_stays_in_area", "UPDATE occupancy SET kind = 'closure' WHERE id = u('to_first1')"),
        ("in another area", "occupancy_stays_in_area", "UPDATE occupancy SET area_id = u('b1') WHERE id = u('painting')"),
        ("a crew goes to another pool", "crew_rests", "UPDATE crew SET pool_id = u('far_pool') WHERE id = u('red')"),
    ]).await;
}

#[tokio::test]
async fn a_pool_never_needs_more_blocks_than_it_owns() {
    // in the afternoon mid stands on the twin floor and takes four of ten
    all_refused(&[
        ("one floor's need beside the other's", "occupancy_stock",
         "SELECT booking('x', 'side', 'confirmed', '15:00', '16:00', 'side_big', '{b1}'), event('x', 'b1'), change('x1', 'x', 'b1', '14:30', '15:00', 'side_flat', 'side_big', 'red')"),
        ("a changeover alone, without an event", "occupancy_stock", "SELECT change('x', 'second', 'b1', '14:30', '15:00', 'side_flat', 'side_big', 'red')"),
        ("in the past of what is planned: what stands first keeps standing", "occupancy_stock",
         "SELECT change('x', 'first', 'b1', '07:30', '08:00', 'side_flat', 'side_big', 'red')"),
        ("for the minutes of a changeover only: the larger of before and after", "occupancy_stock",
         "SELECT change('x', 'first', 'b1', '08:00', '08:30', 'side_flat', 'side_big', 'red'), change('y', 'first', 'b1', '09:15', '09:45', 'side_big', 'side_flat', 'green')"),
        ("stretched until it meets the other", "occupancy_stock",
         "SELECT change('x', 'first', 'b1', '08:00', '08:30', 'side_flat', 'side_big', 'red'), change('y', 'first', 'b1', '08:30', '09:00', 'side_big', 'side_flat', 'red'); \
          SET CONSTRAINTS ALL IMMEDIATE; UPDATE occupancy SET during = d('08:30', '09:31'), crew_id = u('green') WHERE id = u('y')"),
        ("the changeover that takes blocks away goes", "occupancy_stock",
         "SELECT change('x', 'first', 'b1', '08:00', '08:30', 'side_flat', 'side_big', 'red'), change('y', 'first', 'b1', '08:30', '09:00', 'side_big', 'side_flat', 'red'); \
          SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM occupancy WHERE id = u('y')"),
        ("the changeover that takes blocks away comes later", "occupancy_stock",
         "SELECT change('x', 'first', 'b1', '08:00', '08:30', 'side_flat', 'side_big', 'red'), change('y', 'first', 'b1', '08:30', '09:00', 'side_big', 'side_flat', 'red'); \
          SET CONSTRAINTS ALL IMMEDIATE; UPDATE occupancy SET during = d('11:15', '11:45') WHERE id = u('y')"),
        ("blocks given away", "pool_stock_needed", "UPDATE pool_stock SET owned = 3 WHERE pool_id = u('near_pool')"),
        ("all of them", "pool_stock_needed", "DELETE FROM pool_stock WHERE pool_id = u('near_pool')"),
        ("to another pool", "pool_stock_needed", "DELETE FROM pool_stock WHERE pool_id = u('far_pool'); UPDATE pool_stock SET pool_id = u('far_pool') WHERE pool_id = u('near_pool')"),
        ("emptied", "never_truncated", "TRUNCATE pool_stock"),
        ("negative", "pool_stock_out_of_service", "UPDATE pool_stock SET out_of_service = 11 WHERE pool_id = u('near_pool')"),
        ("an initial layout that needs what others have planned", "occupancy_stock", "UPDATE area SET initial_layout_version_id = u('side_big') WHERE id = u('b1')"),
        ("a floor joins the pool with blocks that stand", "space_rests", "UPDATE space SET pool_id = u('near_pool') WHERE id = u('far')"),
    ]).await;
}

#[tokio::test]
async fn rows_and_bookings_agree() {
    all_refused(&[
        ("a confirmed booking without rows", "occupancy_agrees_with_booking", "SELECT booking('x', 'room', 'confirmed', '12:00', '13:00', NULL, '{r1}')"),
        ("with rows in some of its areas", "occupancy_agrees_with_booking",
         "SELECT booking('x', 'room', 'confirmed', '12:00', '13:00', NULL, '{r1,r2}'), event('x', 'r1')"),
        ("with a row in an area too many", "occupancy_agrees_with_booking",
         "SELECT booking('x', 'room', 'confirmed', '12:00', '13:00', NULL, '{r1}'), event('x', 'r1'), event('x', 'r2')"),
        ("with a row in an area of another space", "occupancy_agrees_with_booking",
         "SELECT booking('x', 'room', 'confirmed', '12:00', '13:00', NULL, '{r1}'), event('x', 'v1')"),
        ("with two rows in one area", "occupancy_agrees_with_booking",
         "SELECT booking('x', 'room', 'confirmed', '12:00', '13:00', NULL, '{r1}'), event('x', 'r1'); \
          INSERT INTO occupancy (id, area_id, kind, during, booking_id) VALUES (u('more'), u('r1'), 'event', d('14:00', '15:00'), u('x'))"),
        ("a row deleted", "occupancy_agrees_with_booking", "DELETE FROM occupancy WHERE id = u('meetingr1')"),
        ("a row moved", "occupancy_agrees_with_booking", "UPDATE occupancy SET during = d('12:00', '13:00') WHERE id = u('meetingr1')"),
        ("a row given to another booking", "occupancy_agrees_with_booking", "UPDATE occupancy SET booking_id = u('rival') WHERE id = u('meetingr1')"),
        ("a row of a waitlisted booking", "occupancy_agrees_with_booking",
         "SELECT booking('x', 'room', 'waitlisted', '12:00', '13:00', NULL, '{r1}'), event('x', 'r1')"),
        ("cancelled, rows stay", "occupancy_agrees_with_booking", "UPDATE booking SET state = 'cancelled' WHERE id = u('meeting')"),
        ("cancelled under an event on a floor", "occupancy_agrees_with_booking", "UPDATE booking SET state = 'cancelled' WHERE id = u('second')"),
        ("moved, rows stay", "occupancy_agrees_with_booking", "UPDATE booking SET during = d('12:00', '13:00') WHERE id = u('meeting')"),
        ("more access time", "occupancy_agrees_with_booking", "UPDATE booking SET access_after_min = 5 WHERE id = u('meeting')"),
        ("more tail", "occupancy_agrees_with_booking", "UPDATE booking SET tail_min = 5 WHERE id = u('meeting')"),
        ("missed before it began", "booking_done_when_begun", "UPDATE booking SET state = 'no_show' WHERE id = u('meeting')"),
        ("over before it began", "booking_done_when_begun", "UPDATE booking SET state = 'completed' WHERE id = u('meeting')"),
        ("released, rows stay", "occupancy_agrees_with_booking", "UPDATE booking SET state = 'completed', released_at = t('10:30') WHERE id = u('meeting')"),
        ("released after its end", "booking_released_in_range", "UPDATE booking SET state = 'completed', released_at = t('11:30') WHERE id = u('meeting')"),
        ("fewer areas", "occupancy_agrees_with_booking", "UPDATE booking SET area_ids = ARRAY[u('r1')] WHERE id = u('meeting')"),
        ("confirmed where requests compete", "occupancy_agrees_with_booking", "UPDATE booking SET state = 'confirmed' WHERE id = u('rival')"),
        ("holding where requests compete", "occupancy_agrees_with_booking", "UPDATE booking SET holds_slot = true WHERE id = u('rival')"),
        ("requested without rows where requests hold", "booking_holds_slot",
         "SELECT booking('x', 'room', 'requested', '12:00', '13:00', NULL, '{r1}', false)"),
        ("held without rows where holds hold", "booking_holds_slot", "SELECT booking('x', 'room', 'held', '12:00', '13:00', NULL, '{r1}', false)"),
        ("the same in two steps", "booking_holds_slot",
         "SELECT booking('x', 'room', 'waitlisted', '12:00', '13:00', NULL, '{r1}', false); UPDATE booking SET state = 'requested' WHERE id = u('x')"),
        ("the same by turning what is held", "booking_holds_slot",
         "SELECT booking('x', 'room', 'requested', '12:00', '13:00', NULL, '{r1}'); UPDATE booking SET holds_slot = false WHERE id = u('x')"),
        ("areas of another space", "booking_areas", "SELECT booking('x', 'room', 'requested', '12:00', '13:00', NULL, '{v1}')"),
        ("an area twice", "booking_areas", "SELECT booking('x', 'room', 'requested', '12:00', '13:00', NULL, '{r1,r1}')"),
        ("an area that is none", "booking_areas", "SELECT booking('x', 'room', 'requested', '12:00', '13:00', NULL, '{r1,nowhere}')"),
        ("areas in a square", "booking_areas", "UPDATE booking SET area_ids = ARRAY[ARRAY[u('r1')], ARRAY[u('r2')]] WHERE id = u('meeting')"),
        ("areas that its layout does not claim", "booking_areas", "SELECT booking('x', 'twin', 'requested', '15:00', '16:00', 'half')"),
        ("a layout of another space", "booking_areas", "SELECT booking('x', 'twin', 'requested', '15:00', '16:00', 'side_mid', '{b1}')"),
        ("a layout that is a draft", "booking_layout_published", "SELECT booking('x', 'twin', 'waitlisted', '15:00', '16:00', 'sketch')"),
        ("a floor without a layout", "booking_fits_space", "SELECT booking('x', 'twin', 'requested', '15:00', '16:00', NULL)"),
        ("a layout in a room", "booking_fits_space", "SELECT booking('x', 'room', 'requested', '15:00', '16:00', 'mid', '{r1}')"),
        ("another space", "booking_keeps_identity", "UPDATE booking SET space_id = u('rivals') WHERE id = u('meeting')"),
        ("another id", "booking_keeps_identity", "UPDATE booking SET id = u('x') WHERE id = u('meeting')"),
        ("another reference", "booking_keeps_identity", "UPDATE booking SET reference = 'x' WHERE id = u('meeting')"),
        ("the booking goes, its rows stay", "occupancy_booking_id_fkey", "DELETE FROM booking WHERE id = u('meeting')"),
        ("an event of no booking", "occupancy_kind",
         "INSERT INTO occupancy (id, area_id, kind, during) VALUES (u('x'), u('r1'), 'event', d('12:00', '13:00'))"),
        ("without end", "booking_range", "UPDATE booking SET during = tstzrange(t('10:00'), NULL) WHERE id = u('rival')"),
        ("until infinity", "booking_range", "UPDATE booking SET during = tstzrange(t('10:00'), 'infinity') WHERE id = u('rival')"),
        ("empty", "booking_range", "UPDATE booking SET during = 'empty' WHERE id = u('rival')"),
        ("with its end", "booking_range", "UPDATE booking SET during = tstzrange(t('10:00'), t('11:00'), '[]') WHERE id = u('rival')"),
        ("a row until infinity", "occupancy_range", "UPDATE occupancy SET during = tstzrange(t('17:00'), 'infinity') WHERE id = u('painting')"),
        ("a row without beginning", "occupancy_range", "UPDATE occupancy SET during = tstzrange(NULL, t('18:00')) WHERE id = u('painting')"),
        ("a closure until infinity", "closure_range_finite", "UPDATE closure SET during = tstzrange(t('17:00'), 'infinity') WHERE id = u('paint')"),
        ("a shift without end", "crew_shift_range", "INSERT INTO crew_shift (id, crew_id, during) VALUES (u('x'), u('red'), tstzrange(t('2030-06-01 08:00'), NULL))"),
        ("a shift until infinity", "crew_shift_range_finite", "INSERT INTO crew_shift (id, crew_id, during) VALUES (u('x'), u('red'), tstzrange(t('2030-06-01 08:00'), 'infinity'))"),
        ("a table of one's own in front of the real one", "occupancy_agrees_with_booking",
         "CREATE TEMP TABLE booking (LIKE public.booking) ON COMMIT DROP; DELETE FROM public.occupancy WHERE id = u('meetingr1')"),
        ("all rows", "never_truncated", "TRUNCATE occupancy"),
        ("all bookings and what hangs on them", "never_truncated", "TRUNCATE booking CASCADE"),
        ("by way of the areas", "never_truncated", "TRUNCATE area CASCADE"),
        ("by way of the venue", "never_truncated", "TRUNCATE venue CASCADE"),
    ]).await;
}

#[tokio::test]
async fn what_rows_rest_on_does_not_move() {
    all_refused(&[
        ("an initial layout", "area_rests", "UPDATE area SET initial_layout_version_id = u('big') WHERE id = u('a1')"),
        ("no initial layout", "area_rests", "UPDATE area SET initial_layout_version_id = NULL WHERE id = u('a1')"),
        ("an initial layout that is a draft", "area_initial_layout",
         "INSERT INTO area (id, space_id, slug, position, initial_layout_version_id) VALUES (u('a3'), u('twin'), 'a3', 3, u('sketch'))"),
        ("an area's space", "area_rests", "UPDATE area SET space_id = u('room') WHERE id = u('a1')"),
        ("an area's id", "area_rests", "UPDATE area SET id = u('x') WHERE id = u('r1')"),
        ("the space of an area that is only asked for", "area_rests", "UPDATE area SET space_id = u('room') WHERE id = u('v1')"),
        ("an area that is only asked for goes", "area_rests", "DELETE FROM area WHERE id = u('v1')"),
        ("the space of an area that a published version claims", "area_rests",
         "UPDATE area SET initial_layout_version_id = NULL WHERE id = u('c1'); UPDATE area SET space_id = u('room') WHERE id = u('c1')"),
        ("a space's pool", "space_rests", "UPDATE space SET pool_id = u('far_pool') WHERE id = u('twin')"),
        ("a space's kind", "space_rests", "UPDATE space SET kind = 'sessions' WHERE id = u('room')"),
        ("a space's id", "space_rests", "UPDATE space SET id = u('x') WHERE id = u('room')"),
        ("a space that is only asked for", "space_rests", "UPDATE space SET kind = 'sessions' WHERE id = u('rivals')"),
        ("a pool's id", "space_pool_id_fkey", "UPDATE pool SET id = u('x') WHERE id = u('near_pool')"),
        ("a published version", "layout_version_published", "UPDATE layout_version SET placements = '[1]' WHERE id = u('mid')"),
        ("a published version's revision", "layout_version_published", "UPDATE layout_version SET revision = 2 WHERE id = u('mid')"),
        ("not bookable any more", "layout_version_times_known", "UPDATE layout_version SET bookable_at = NULL WHERE id = u('mid')"),
        ("bookable before it is published", "layout_version_bookable_at", "UPDATE layout_version SET bookable_at = now() WHERE id = u('sketch')"),
        ("booked before its times are known", "booking_layout_bookable",
         "UPDATE layout_version SET state = 'published', published_at = now() WHERE id = u('sketch'); SELECT booking('x', 'twin', 'requested', '15:00', '16:00', 'sketch')"),
        ("booked when it comes back", "booking_layout_bookable",
         "UPDATE layout_version SET state = 'retired' WHERE id = u('big'); UPDATE layout_version SET state = 'published' WHERE id = u('big'); SELECT booking('x', 'twin', 'requested', '15:00', '16:00', 'big')"),
        ("a block's shape", "block_type_rests", "UPDATE block_type SET width = 2 WHERE id = u('block')"),
        ("a block's name", "block_type_keeps_code", "UPDATE block_type SET code = 'brick' WHERE id = u('block')"),
        ("back to a draft", "layout_version_published", "UPDATE layout_version SET state = 'draft', published_at = NULL WHERE id = u('mid')"),
        ("a published version nobody booked", "layout_version_published", "UPDATE layout_version SET capacity = 500 WHERE id = u('big')"),
        ("a published version goes", "layout_version_published", "DELETE FROM layout_version WHERE id = u('big')"),
        ("its needs", "layout_version_published", "UPDATE layout_need SET count = 1 WHERE layout_version_id = u('mid')"),
        ("its needs go", "layout_version_published", "DELETE FROM layout_need WHERE layout_version_id = u('mid')"),
        ("more needs", "layout_version_published", "INSERT INTO layout_need VALUES (u('flat'), u('a1'), u('block'), 1)"),
        ("a draft's need becomes its own", "layout_version_published",
         "INSERT INTO layout_need VALUES (u('sketch'), u('a1'), u('block'), 1) ON CONFLICT (layout_version_id, area_id, block_type_id) DO UPDATE SET layout_version_id = u('flat')"),
        ("its needs emptied", "never_truncated", "TRUNCATE layout_need"),
        ("its areas", "layout_version_published", "INSERT INTO layout_version_area VALUES (u('half'), u('a2'))"),
        ("its areas go", "layout_version_published", "DELETE FROM layout_version_area WHERE layout_version_id = u('flat') AND area_id = u('a2')"),
        ("its areas emptied", "never_truncated", "TRUNCATE layout_version_area CASCADE"),
        ("its layout's space", "layout_version_published", "UPDATE layout SET space_id = u('side') WHERE id = u('layout mid')"),
        ("its layout's purpose", "layout_version_published", "UPDATE layout SET purpose = 'salon' WHERE id = u('layout mid')"),
        ("published with an area of another space", "layout_version_own_areas",
         "INSERT INTO layout_version_area VALUES (u('sketch'), u('b1')); UPDATE layout_version SET state = 'published', published_at = now() WHERE id = u('sketch')"),
        ("a crew with changeovers goes", "crew_rests", "DELETE FROM crew WHERE id = u('red')"),
        ("all crews", "never_truncated", "TRUNCATE crew CASCADE"),
        ("all versions", "never_truncated", "TRUNCATE layout_version CASCADE"),
        ("a row in an area that is none", "occupancy_area_id_fkey",
         "INSERT INTO occupancy (id, area_id, kind, during, closure_id) VALUES (u('x'), u('nowhere'), 'closure', d('20:00', '21:00'), u('paint'))"),
        ("a draft that is stood in", "occupancy_layout_published", "SELECT change('x', 'second', 'a1', '15:00', '15:30', 'mid', 'sketch', 'red')"),
    ]).await;
}

#[tokio::test]
async fn only_read_committed_writes_and_one_key_has_one_effect() {
    all_refused(&[
        ("repeatable read", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; UPDATE occupancy SET written_at = now()"),
        ("serializable", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT booking('x', 'room', 'waitlisted', '12:00', '13:00', NULL, '{r1}')"),
        ("stock at repeatable read", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; UPDATE pool_stock SET owned = 9 WHERE pool_id = u('near_pool')"),
        ("areas at repeatable read", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; UPDATE area SET initial_layout_version_id = u('side_mid') WHERE id = u('b1')"),
        ("spaces at serializable", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; UPDATE space SET kind = 'counter' WHERE id = u('room')"),
        ("crews at repeatable read", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; UPDATE crew SET pool_id = u('near_pool') WHERE id = u('strangers')"),
        ("layouts at repeatable read", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; UPDATE layout SET purpose = 'salon' WHERE id = u('layout sketch')"),
        ("versions at repeatable read", "read_committed_only", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; UPDATE layout_version SET state = 'published', published_at = now() WHERE id = u('sketch')"),
        ("a key twice", "idempotency_pkey",
         "INSERT INTO idempotency (caller, key, fingerprint, status, answer) SELECT u('hand'), 'k', '', 201, '{}' FROM generate_series(1, 2)"),
        ("all keys", "never_truncated", "TRUNCATE idempotency"),
    ]).await;
}
