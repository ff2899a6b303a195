-- :bookings past bookings of the venue, two hours each, six a day in every space; those of floors with a changeover
-- before them. The triggers are left out while they are written: it would take hours.
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE planned ON COMMIT DROP AS
    SELECT gen_random_uuid() AS id, row_number() OVER () AS n, s.id AS space_id, s.pool_id, a.id AS area_id,
        CASE WHEN s.pool_id IS NOT NULL THEN a.initial_layout_version_id END AS version_id,
        (SELECT c.id FROM crew c WHERE c.pool_id = s.pool_id ORDER BY c.id LIMIT 1) AS crew_id, tstzrange(t, t + interval '2 hours') AS during
    FROM (SELECT DISTINCT ON (space_id) id, space_id, initial_layout_version_id FROM area ORDER BY space_id, position) a
    JOIN space s ON s.id = a.space_id,
    generate_series(0, (:bookings / 6 / (SELECT count(*) FROM space))::int) d, generate_series(0, 5) k,
    LATERAL (SELECT date_trunc('day', now(), 'UTC') - (2 + d) * interval '1 day' + k * interval '4 hours') AS y (t);
INSERT INTO booking (id, reference, space_id, state, during, layout_version_id, area_ids, holds_slot, event_type, title, attendance, requester_id, contact_name, contact_email)
    SELECT id, 'S' || n, space_id, CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'completed' END, during, version_id, ARRAY[area_id], true, 'meeting', 'past', 8,
        (SELECT id FROM "user" ORDER BY id OFFSET n % 3 LIMIT 1), 'Past', 'past@demo.example' FROM planned;
INSERT INTO booking_event (id, booking_id, event, to_state, at)
    SELECT gen_random_uuid(), id, 'request', 'requested', lower(during) - interval '9 days' FROM planned;
INSERT INTO occupancy (id, area_id, kind, during, booking_id, layout_version_id)
    SELECT gen_random_uuid(), area_id, 'event', during, id, version_id FROM planned WHERE n % 10 <> 0;
INSERT INTO occupancy (id, area_id, kind, during, booking_id, from_version_id, to_version_id, crew_id, required_min)
    SELECT gen_random_uuid(), area_id, 'changeover', tstzrange(lower(during) - interval '45 minutes', lower(during)), id, version_id, version_id, crew_id, 15
    FROM planned WHERE n % 10 <> 0 AND version_id IS NOT NULL;
COMMIT;
VACUUM ANALYZE;
