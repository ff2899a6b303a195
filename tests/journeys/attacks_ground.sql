-- A venue for SQL written by hand, with ids that can be read: u('mid') is the id of what is called mid, t('10:00') that
-- hour of the fifteenth of May 2030, UTC. Two floors (twin: areas a1 and a2; side: b1) share a pool of ten blocks and
-- three crews, one floor (far) has a pool of its own, two rooms have none.
CREATE FUNCTION u(name text) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$ SELECT md5(name)::uuid $$;
CREATE FUNCTION t(hour text) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS $$ SELECT (CASE WHEN hour ~ '^\d\d:' THEN '2030-05-15 ' ELSE '' END || hour || '+00')::timestamptz $$;
CREATE FUNCTION d(starts text, ends text) RETURNS tstzrange IMMUTABLE LANGUAGE sql AS $$ SELECT tstzrange(t(starts), t(ends)) $$;

INSERT INTO venue (id, slug, name_zh, name_en, time_zone, hours) VALUES (u('venue'), 'attacked', '堡', 'Keep', 'UTC', '[]');
INSERT INTO "user" (id, email, name, locale, password_hash) VALUES (u('hand'), 'hand@attack.example', 'hand', 'en', 'none');
INSERT INTO pool (id, venue_id, slug, name) SELECT u(n), u('venue'), n, n FROM unnest(ARRAY['near_pool', 'far_pool']) n;
INSERT INTO space (id, venue_id, slug, position, kind, name_zh, name_en, people_cap, pool_id, policy)
    SELECT u(n), u('venue'), n, 1, k, n, n, 100, u(p), jsonb_build_object('requests', r)
    FROM (VALUES ('twin', 'reconfigurable', 'near_pool', 'hold'), ('side', 'reconfigurable', 'near_pool', 'hold'),
        ('far', 'reconfigurable', 'far_pool', 'hold'), ('room', 'room', NULL, 'hold'), ('rivals', 'room', NULL, 'compete')) x (n, k, p, r);
INSERT INTO area (id, space_id, slug, position)
    SELECT u(n), u(s), n, 1 FROM (VALUES ('a1', 'twin'), ('a2', 'twin'), ('b1', 'side'), ('c1', 'far'), ('r1', 'room'), ('r2', 'room'), ('v1', 'rivals')) x (n, s);
INSERT INTO block_type (id, venue_id, code, width, depth, height_mm, handle_s, loaded_s) VALUES (u('block'), u('venue'), 'block', 1, 1, 400, 10, 10);
INSERT INTO pool_stock (pool_id, block_type_id, owned) VALUES (u('near_pool'), u('block'), 10), (u('far_pool'), u('block'), 3);

-- what needs how many blocks in which area; `sketch` stays a draft
CREATE TEMP TABLE plans AS SELECT * FROM (VALUES ('flat', 'twin', 'a1', 0), ('flat', 'twin', 'a2', 0), ('mid', 'twin', 'a1', 2), ('mid', 'twin', 'a2', 2),
    ('big', 'twin', 'a1', 5), ('big', 'twin', 'a2', 5), ('half', 'twin', 'a1', 3), ('sketch', 'twin', 'a1', 1), ('sketch', 'twin', 'a2', 1),
    ('side_flat', 'side', 'b1', 0), ('side_mid', 'side', 'b1', 4), ('side_big', 'side', 'b1', 8), ('far_flat', 'far', 'c1', 0)) x (version, space, area, blocks);
INSERT INTO layout (id, space_id, slug, purpose, name_zh, name_en) SELECT DISTINCT u('layout ' || version), u(space), version, 'open', version, version FROM plans;
INSERT INTO layout_version (id, layout_id, number, placements, capacity) SELECT DISTINCT u(version), u('layout ' || version), 1, '[]'::jsonb, 100 FROM plans;
INSERT INTO layout_version_area (layout_version_id, area_id) SELECT u(version), u(area) FROM plans;
INSERT INTO layout_need (layout_version_id, area_id, block_type_id, count) SELECT u(version), u(area), u('block'), blocks FROM plans WHERE blocks > 0;
UPDATE layout_version SET state = 'published', published_at = now() WHERE layout_id IN (SELECT id FROM layout WHERE slug <> 'sketch') AND state = 'draft';
UPDATE area SET initial_layout_version_id = CASE slug WHEN 'b1' THEN u('side_flat') WHEN 'c1' THEN u('far_flat') ELSE u('flat') END WHERE slug IN ('a1', 'a2', 'b1', 'c1') AND space_id IN (u('twin'), u('side'), u('far'));
-- half an hour from one to another, ten minutes to clean, nothing where nothing stands
INSERT INTO changeover_time (area_id, from_version_id, to_version_id, minutes)
    SELECT u(f.area), u(f.version), u(o.version), CASE WHEN f.version <> o.version THEN 30 WHEN f.blocks = 0 THEN 0 ELSE 10 END
    FROM plans f JOIN plans o ON o.area = f.area;
UPDATE layout_version SET bookable_at = now() WHERE id IN (SELECT u(version) FROM plans) AND state = 'published';
INSERT INTO crew (id, pool_id, name, teams) SELECT u(n), u(p), n, 1 FROM (VALUES ('red', 'near_pool'), ('blue', 'near_pool'), ('green', 'near_pool'), ('strangers', 'far_pool')) x (n, p);
INSERT INTO crew_shift (id, crew_id, during) SELECT gen_random_uuid(), u(c), s FROM unnest(ARRAY['red', 'blue', 'green', 'strangers']) c,
    unnest(ARRAY[d('06:00', '12:00'), d('12:00', '20:00'), d('2030-05-16 06:00', '2030-05-16 20:00')]) s;
DROP TABLE plans;

CREATE FUNCTION booking(name text, space text, state text, starts text, ends text, version text DEFAULT NULL, areas text[] DEFAULT '{a1,a2}', holds boolean DEFAULT true)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO booking (id, reference, space_id, state, during, layout_version_id, area_ids, holds_slot, event_type, title, attendance, contact_name, expires_at)
    VALUES (u(name), name, u(space), state, d(starts, ends), u(version), (SELECT array_agg(u(a) ORDER BY u(a)) FROM unnest(areas) a), holds, 'talk', name, 5, 'hand', '2030-05-01')
$$;
CREATE FUNCTION event(name text, area text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO occupancy (id, area_id, kind, during, booking_id, layout_version_id)
    SELECT u(name || area), u(area), 'event', booking_taken(b), b.id, b.layout_version_id FROM booking b WHERE b.id = u(name)
$$;
CREATE FUNCTION change(row_name text, leads_to text, area text, starts text, ends text, one text, other text, crew text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO occupancy (id, area_id, kind, during, booking_id, from_version_id, to_version_id, crew_id, required_min)
    VALUES (u(row_name), u(area), 'changeover', d(starts, ends), u(leads_to), u(one), u(other), u(crew), 0)
$$;

-- what is planned: on the twin floor two events in mid with a cleaning between them, in the room one
BEGIN;
SELECT booking('first', 'twin', 'confirmed', '10:00', '11:00', 'mid'), event('first', 'a1'), event('first', 'a2'),
    change('to_first1', 'first', 'a1', '09:30', '10:00', 'flat', 'mid', 'red'), change('to_first2', 'first', 'a2', '09:30', '10:00', 'flat', 'mid', 'blue');
SELECT booking('second', 'twin', 'confirmed', '13:00', '14:00', 'mid'), event('second', 'a1'), event('second', 'a2'),
    change('to_second1', 'second', 'a1', '12:50', '13:00', 'mid', 'mid', 'red'), change('to_second2', 'second', 'a2', '12:50', '13:00', 'mid', 'mid', 'blue');
SELECT booking('meeting', 'room', 'confirmed', '10:00', '11:00', NULL, '{r1,r2}'), event('meeting', 'r1'), event('meeting', 'r2');
SELECT booking('rival', 'rivals', 'requested', '10:00', '11:00', NULL, '{v1}', false);
INSERT INTO closure (id, space_id, area_ids, during, reason, created_by) VALUES (u('paint'), u('twin'), ARRAY[u('a1')], d('17:00', '18:00'), 'paint', u('hand'));
INSERT INTO occupancy (id, area_id, kind, during, closure_id) VALUES (u('painting'), u('a1'), 'closure', d('17:00', '18:00'), u('paint'));
COMMIT;
