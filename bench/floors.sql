-- The venue of the benchmark: 200 floors, each with a pool and a crew of its own, two layouts with changeover times,
-- two years of shifts; an enterprise with 32 bookers, one approver, and a sign-in for each.
CREATE FUNCTION pg_temp.id(kind int, n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;
INSERT INTO venue (id, slug, name_zh, name_en, time_zone, hours, policy) VALUES
    (pg_temp.id(1, 1), 'bench', '基准', 'Bench', 'Asia/Shanghai', '[{"days": "mon-sun", "from": "00:00", "to": "24:00"}]', '{"two_steps_from_attendance": 150}');
INSERT INTO calendar_day (venue_id, date, name, is_off_day)
    SELECT pg_temp.id(1, 1), current_date - 30 + g * 12, 'a holiday', true FROM generate_series(0, 70) g;
INSERT INTO pool (id, venue_id, slug, name) SELECT pg_temp.id(2, g), pg_temp.id(1, 1), 'pool-' || g, 'pool ' || g FROM generate_series(1, 200) g;
INSERT INTO space (id, venue_id, slug, position, kind, name_zh, name_en, people_cap, pool_id, policy)
    SELECT pg_temp.id(3, g), pg_temp.id(1, 1), 'floor-' || g, g, 'reconfigurable', '大厅', 'Floor ' || g, 300, pg_temp.id(2, g),
        '{"who": {"enterprise": "approval"}, "lead_hours": 4, "grid_min": 30, "minutes": [30, 720], "horizon_days": {"enterprise": 800}}'
    FROM generate_series(1, 200) g;
INSERT INTO area (id, space_id, slug, position) SELECT pg_temp.id(4, g), pg_temp.id(3, g), 'whole', 1 FROM generate_series(1, 200) g;
INSERT INTO block_type (id, venue_id, code, width, depth, height_mm, handle_s, loaded_s) VALUES (pg_temp.id(5, 1), pg_temp.id(1, 1), 'B1', 1, 1, 400, 60, 60);
INSERT INTO pool_stock (pool_id, block_type_id, owned) SELECT pg_temp.id(2, g), pg_temp.id(5, 1), 100 FROM generate_series(1, 200) g;
-- layout 1 of a floor is n, layout 2 is 1000 + n; so are their versions
INSERT INTO layout (id, space_id, slug, purpose, name_zh, name_en)
    SELECT pg_temp.id(6, l * 1000 + g), pg_temp.id(3, g), 'layout-' || l, 'roadshow', '路演', 'Roadshow ' || l FROM generate_series(1, 200) g, generate_series(0, 1) l;
INSERT INTO layout_version (id, layout_id, number, placements, capacity, seats)
    SELECT pg_temp.id(7, l * 1000 + g), pg_temp.id(6, l * 1000 + g), 1, '[]', 200, 100 FROM generate_series(1, 200) g, generate_series(0, 1) l;
INSERT INTO layout_version_area SELECT pg_temp.id(7, l * 1000 + g), pg_temp.id(4, g) FROM generate_series(1, 200) g, generate_series(0, 1) l;
INSERT INTO layout_need SELECT pg_temp.id(7, l * 1000 + g), pg_temp.id(4, g), pg_temp.id(5, 1), 40 + l * 20 FROM generate_series(1, 200) g, generate_series(0, 1) l;
UPDATE layout_version SET state = 'published', published_at = now();
UPDATE area SET initial_layout_version_id = pg_temp.id(7, position_of.n) FROM (SELECT g AS n FROM generate_series(1, 200) g) position_of
    WHERE area.id = pg_temp.id(4, position_of.n);
INSERT INTO changeover_time (area_id, from_version_id, to_version_id, minutes)
    SELECT pg_temp.id(4, g), pg_temp.id(7, f * 1000 + g), pg_temp.id(7, t * 1000 + g), CASE WHEN f = t THEN 15 ELSE 45 END
    FROM generate_series(1, 200) g, generate_series(0, 1) f, generate_series(0, 1) t;
UPDATE layout_version SET bookable_at = now();
INSERT INTO crew (id, pool_id, name, teams) SELECT pg_temp.id(8, g), pg_temp.id(2, g), 'crew ' || g, 2 FROM generate_series(1, 200) g;
-- round the clock, a row a day
INSERT INTO crew_shift (id, crew_id, during)
    SELECT gen_random_uuid(), pg_temp.id(8, g), tstzrange(t, t + interval '1 day')
    FROM generate_series(1, 200) g, generate_series(0, 780) d, LATERAL (SELECT date_trunc('day', now()) + d * interval '1 day') AS x(t);
INSERT INTO organisation (id, venue_id, kind, name, credit_code, state) VALUES (pg_temp.id(9, 1), pg_temp.id(1, 1), 'enterprise', '矩阵机器人', '91310115MA1BENCH01', 'verified');
-- user 0 approves, 1 to 32 book
INSERT INTO "user" (id, email, name, password_hash, verified_at)
    SELECT pg_temp.id(10, g), 'person-' || g || '@bench.example', 'Person ' || g, 'none', now() FROM generate_series(0, 32) g;
INSERT INTO membership (organisation_id, user_id, role) SELECT pg_temp.id(9, 1), pg_temp.id(10, g), 'booker' FROM generate_series(1, 32) g;
INSERT INTO staff_role (id, user_id, venue_id, role) VALUES (pg_temp.id(11, 1), pg_temp.id(10, 0), pg_temp.id(1, 1), 'approver');
INSERT INTO sign_in (id, user_id) SELECT pg_temp.id(12, g), pg_temp.id(10, g) FROM generate_series(0, 32) g;
