-- 150,000 bookings as in the raw seed.sql: 200 floors of which 12 are the venue's, 250 days, three a day. The triggers
-- are left out while they are written: it would take minutes, and `mofang check` finds the rows in order.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO venue (id, slug, name_zh, name_en, time_zone, hours)
    SELECT '00000001-0000-7000-8000-000000000002', 'others', '其他', 'Others', time_zone, hours FROM venue;
UPDATE space SET venue_id = '00000001-0000-7000-8000-000000000002' WHERE position > 12;
UPDATE pool p SET venue_id = s.venue_id FROM space s WHERE s.pool_id = p.id;
CREATE TEMPORARY TABLE planned ON COMMIT DROP AS
    SELECT ('01900000-' || lpad(to_hex(n >> 16), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, n, s.id AS space_id, a.id AS area_id,
        a.initial_layout_version_id AS version_id, c.id AS crew_id, tstzrange(t, t + interval '2 hours') AS during
    FROM (SELECT row_number() OVER (ORDER BY random())::int AS n, s, d, k FROM generate_series(1, 200) s, generate_series(0, 249) d, generate_series(0, 2) k) x
    JOIN space s ON s.position = x.s JOIN area a ON a.space_id = s.id JOIN crew c ON c.pool_id = s.pool_id,
    LATERAL (SELECT date_trunc('day', now(), 'UTC') + interval '1 day' + x.d * interval '1 day' + interval '1 hour' + x.k * interval '4 hours') AS y(t);
INSERT INTO booking (id, reference, space_id, state, during, layout_version_id, area_ids, holds_slot, event_type, title, attendance, organisation_id,
        requester_id, contact_name, contact_email)
    SELECT id, 'S' || n, space_id, 'confirmed', during, version_id, ARRAY[area_id], true, 'roadshow', 'a roadshow', 80, '00000009-0000-7000-8000-000000000001',
        '0000000a-0000-7000-8000-000000000001', 'Person 1', 'person-1@bench.example' FROM planned ORDER BY n;
INSERT INTO occupancy (id, area_id, kind, during, booking_id, layout_version_id)
    SELECT gen_random_uuid(), area_id, 'event', during, id, version_id FROM planned ORDER BY n;
INSERT INTO occupancy (id, area_id, kind, during, booking_id, from_version_id, to_version_id, crew_id, required_min)
    SELECT gen_random_uuid(), area_id, 'changeover', tstzrange(lower(during) - interval '45 minutes', lower(during)), id, version_id, version_id, crew_id, 15 FROM planned ORDER BY n;
COMMIT;
