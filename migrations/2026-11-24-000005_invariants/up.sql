-- The promises of "Occupancy", kept by Postgres itself, so that SQL written by hand cannot break them either.
--
-- 1 (an area is taken once) and 3 (a crew is in one place) are exclusion constraints, 8 is a primary key; here are
-- 2 (the chain), 4 (stock), 5 (rows and bookings agree) and 6 (what rows rest on does not move).
--
-- Two transactions at once: a row trigger takes the lock of the pool (a floor) or of the space (any other) before
-- the change, the deferred check runs at commit and reads in statements of its own, so it sees what whoever held the
-- lock before has committed. That holds at READ COMMITTED only; any other level is refused.

-- An expression where it is called, as a statement of its own would cost more than what it asks.
CREATE FUNCTION require_read_committed() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'bookings and occupancy are written at READ COMMITTED only'
            USING ERRCODE = 'invalid_transaction_state', CONSTRAINT = 'read_committed_only';
    END IF;
    RETURN true;
END $$;

-- Takes the lock under which everything of this space is written, its pool's or its own; gives the pool. Two short
-- statements: these functions run for every row that is written.
CREATE FUNCTION lock_space(space uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
BEGIN
    SELECT p.id INTO pool FROM space s JOIN pool p ON p.id = s.pool_id WHERE s.id = space FOR NO KEY UPDATE OF p;
    IF pool IS NULL THEN
        PERFORM 1 FROM space s WHERE s.id = space FOR NO KEY UPDATE;
    END IF;
    -- read again: whoever held the lock before may have moved it
    IF (SELECT s.pool_id FROM space s WHERE s.id = space) IS DISTINCT FROM pool THEN
        RAISE EXCEPTION 'the space moved to another pool meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN pool;
END $$;

-- The same for the space of an area, of which only the pool matters here.
CREATE FUNCTION lock_area(area uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
    place uuid;
BEGIN
    SELECT p.id, a.space_id INTO pool, place FROM area a JOIN space s ON s.id = a.space_id JOIN pool p ON p.id = s.pool_id
        WHERE a.id = area FOR NO KEY UPDATE OF p;
    IF pool IS NULL THEN
        SELECT a.space_id INTO place FROM area a WHERE a.id = area;
        PERFORM 1 FROM space s WHERE s.id = place FOR NO KEY UPDATE;
    END IF;
    IF place IS NOT NULL AND NOT EXISTS (SELECT 1 FROM area a JOIN space s ON s.id = a.space_id
            WHERE a.id = area AND s.id = place AND s.pool_id IS NOT DISTINCT FROM pool) THEN
        RAISE EXCEPTION 'the area or its space moved meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN pool;
END $$;

-- Before a row of occupancy changes: level, lock, and what the row itself must satisfy.
CREATE FUNCTION occupancy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fine boolean := require_read_committed();
    pool uuid;
    terms record;
    changed record := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.area_id <> OLD.area_id OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id) THEN
        RAISE EXCEPTION 'a row of occupancy stays in its area and of its kind: delete it and write another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_stays_in_area';
    END IF;
    pool := lock_area(changed.area_id);
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (NEW.kind = 'changeover' AND pool IS NULL)
        OR (NEW.kind = 'event' AND (NEW.layout_version_id IS NULL) <> (pool IS NULL)) THEN
        RAISE EXCEPTION 'only a floor has layouts and changeovers, and there every event is in a layout'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_fits_space';
    END IF;
    IF NEW.kind = 'changeover' THEN
        SELECT (SELECT t.minutes FROM changeover_time t
                WHERE t.area_id = NEW.area_id AND t.from_version_id = NEW.from_version_id AND t.to_version_id = NEW.to_version_id) AS minutes,
            EXISTS (SELECT 1 FROM crew c JOIN crew_shift s ON s.crew_id = c.id
                WHERE c.id = NEW.crew_id AND c.pool_id = pool AND s.during @> NEW.during) AS inside_shift
            INTO terms;
        IF TG_OP = 'INSERT' OR NEW.from_version_id <> OLD.from_version_id OR NEW.to_version_id <> OLD.to_version_id THEN
            IF terms.minutes IS NULL THEN
                RAISE EXCEPTION 'no changeover time is known between these layout versions'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_changeover_time_known';
            END IF;
            NEW.required_min := terms.minutes;
        ELSE
            NEW.required_min := OLD.required_min;
        END IF;
        -- other shifts, later, are judged on rows that are written or moved from then on
        IF (TG_OP = 'INSERT' OR NEW.during <> OLD.during OR NEW.crew_id <> OLD.crew_id) AND NOT terms.inside_shift THEN
            RAISE EXCEPTION 'a changeover lies inside one shift of a crew of its own pool'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_inside_shift';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER occupancy_guard BEFORE INSERT OR UPDATE OR DELETE ON occupancy
    FOR EACH ROW EXECUTE FUNCTION occupancy_guard();

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'never_truncated';
END $$;
CREATE TRIGGER occupancy_no_truncate BEFORE TRUNCATE ON occupancy FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER booking_no_truncate BEFORE TRUNCATE ON booking FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER idempotency_no_truncate BEFORE TRUNCATE ON idempotency FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- 2: around `at`, each row of the area's chain starts from what the one before it left.
CREATE FUNCTION check_chain(area uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    link record;
    standing uuid;
    after_event boolean := false;
BEGIN
    FOR link IN
        SELECT * FROM (
            (SELECT 1 AS part, lower(o.during) AS starts, o.kind, o.layout_version_id, o.from_version_id, o.to_version_id FROM occupancy o
                WHERE o.area_id = area AND o.kind <> 'closure' AND lower(o.during) < at ORDER BY lower(o.during) DESC LIMIT 1)
            UNION ALL
            -- marks where the past ends: without one before it, the area's initial layout stands
            SELECT 2, NULL, NULL, NULL, NULL, NULL
            UNION ALL
            (SELECT 3, lower(o.during), o.kind, o.layout_version_id, o.from_version_id, o.to_version_id FROM occupancy o
                WHERE o.area_id = area AND o.kind <> 'closure' AND lower(o.during) >= at ORDER BY lower(o.during) LIMIT 2)) links
        ORDER BY part, starts
    LOOP
        IF link.part = 1 THEN
            -- only looked at for what it leaves; whether it had a right to is another row's check
            standing := coalesce(link.layout_version_id, link.to_version_id);
            after_event := link.kind = 'event';
        ELSIF link.part = 2 THEN
            IF standing IS NULL THEN
                SELECT a.initial_layout_version_id INTO standing FROM area a WHERE a.id = area;
            END IF;
        ELSIF link.kind = 'changeover' THEN
            IF link.from_version_id IS DISTINCT FROM standing THEN
                RAISE EXCEPTION 'a changeover starts from what stands' USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_chain';
            END IF;
            standing := link.to_version_id;
            after_event := false;
        ELSE
            IF link.layout_version_id IS DISTINCT FROM standing THEN
                RAISE EXCEPTION 'an event is in the layout that stands' USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_chain';
            END IF;
            IF after_event THEN
                RAISE EXCEPTION 'between two events lies a changeover or a cleaning' USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_chain';
            END IF;
            after_event := true;
        END IF;
    END LOOP;
END $$;

-- How many blocks of a type a version needs in an area.
CREATE FUNCTION blocks_needed(version uuid, area uuid, block uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT n.count FROM layout_need n
        WHERE n.layout_version_id = version AND n.area_id = area AND n.block_type_id = block), 0)
$$;

-- 4: the first instant in [since, until) at which the pool's areas need more of a type than `owned` says, if any.
-- Need rises only where a changeover starts, so it is enough to look there and at the beginning.
CREATE FUNCTION stock_shortage(pool uuid, since timestamptz, until timestamptz)
    RETURNS TABLE (at timestamptz, block_type_id uuid, needed bigint, owned integer) LANGUAGE sql STABLE AS $$
    WITH areas AS (
        SELECT a.id, a.initial_layout_version_id AS initial FROM area a JOIN space s ON s.id = a.space_id WHERE s.pool_id = pool
    ), instants AS (
        SELECT since AS at
        UNION
        SELECT lower(o.during) FROM occupancy o JOIN areas a ON a.id = o.area_id
        WHERE o.kind = 'changeover' AND lower(o.during) >= since AND lower(o.during) < until
    ), standing AS (
        SELECT i.at, a.id AS area_id,
            CASE WHEN last.ends > i.at THEN last.from_version_id ELSE coalesce(last.to_version_id, a.initial) END AS one,
            coalesce(last.to_version_id, a.initial) AS other
        FROM instants i CROSS JOIN areas a LEFT JOIN LATERAL (
            SELECT o.from_version_id, o.to_version_id, upper(o.during) AS ends FROM occupancy o
            WHERE o.area_id = a.id AND o.kind = 'changeover' AND lower(o.during) <= i.at
            ORDER BY lower(o.during) DESC LIMIT 1) last ON true
    )
    SELECT s.at, b.id, sum(greatest(blocks_needed(s.one, s.area_id, b.id), blocks_needed(s.other, s.area_id, b.id))), coalesce(p.owned, 0)
    FROM standing s CROSS JOIN block_type b LEFT JOIN pool_stock p ON p.pool_id = pool AND p.block_type_id = b.id
    WHERE b.id IN (SELECT n.block_type_id FROM layout_need n WHERE n.area_id IN (SELECT id FROM areas))
    GROUP BY s.at, b.id, p.owned
    HAVING sum(greatest(blocks_needed(s.one, s.area_id, b.id), blocks_needed(s.other, s.area_id, b.id))) > coalesce(p.owned, 0)
    ORDER BY s.at
$$;

-- 4 around one changeover: from its start until the area's next one.
CREATE FUNCTION check_stock(area uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
    adds_up boolean;
    until timestamptz;
    short record;
BEGIN
    -- an area alone on its pool needs at each instant what one version needs: nothing to add up
    SELECT s.pool_id,
        EXISTS (SELECT 1 FROM space os JOIN area oa ON oa.space_id = os.id WHERE os.pool_id = s.pool_id AND oa.id <> a.id)
        OR EXISTS (
            SELECT 1 FROM occupancy o JOIN layout_need n ON n.layout_version_id IN (o.from_version_id, o.to_version_id) AND n.area_id = a.id
            LEFT JOIN pool_stock p ON p.pool_id = s.pool_id AND p.block_type_id = n.block_type_id
            WHERE o.area_id = a.id AND o.kind = 'changeover' AND lower(o.during) = at AND n.count > coalesce(p.owned, 0))
        INTO pool, adds_up FROM area a JOIN space s ON s.id = a.space_id WHERE a.id = area;
    IF NOT adds_up THEN
        RETURN;
    END IF;
    SELECT lower(o.during) INTO until FROM occupancy o
        WHERE o.area_id = area AND o.kind = 'changeover' AND lower(o.during) > at ORDER BY lower(o.during) LIMIT 1;
    SELECT * INTO short FROM stock_shortage(pool, at, coalesce(until, 'infinity')) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'at % the pool would need % blocks of a type of which it owns %', short.at, short.needed, short.owned
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_stock';
    END IF;
END $$;

-- Whether a booking in this state has rows.
CREATE FUNCTION booking_has_rows(state text, holds_slot boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT state IN ('confirmed', 'checked_in', 'completed', 'no_show') OR (state IN ('held', 'requested') AND holds_slot)
$$;

-- The stretch that a booking's event rows take: with access times, or up to the moment of release, and the tail.
CREATE FUNCTION booking_taken(b booking) RETURNS tstzrange LANGUAGE sql STABLE AS $$
    SELECT tstzrange(
        lower(b.during) - make_interval(mins => b.access_before_min),
        coalesce(b.released_at, upper(b.during) + make_interval(mins => b.access_after_min)) + make_interval(mins => b.tail_min))
$$;

-- 5: the booking's event rows are exactly those that its state asks for.
CREATE FUNCTION check_booking(booking_to_check uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    -- one row an area: the exclusion constraint lets no area have two with the same range
    SELECT b.reference, b.state, CASE WHEN booking_has_rows(b.state, b.holds_slot) THEN cardinality(b.area_ids) ELSE 0 END AS wanted,
            count(o.id) AS present, count(o.id) FILTER (WHERE o.area_id = ANY (b.area_ids) AND o.during = booking_taken(b)
                AND o.layout_version_id IS NOT DISTINCT FROM b.layout_version_id) AS right_ones
        INTO found FROM booking b LEFT JOIN occupancy o ON o.booking_id = b.id AND o.kind = 'event'
        WHERE b.id = booking_to_check GROUP BY b.id;
    IF found.present <> found.wanted OR found.right_ones <> found.wanted THEN
        RAISE EXCEPTION 'booking % (%) has % event rows, % of them right, and should have %',
            found.reference, found.state, found.present, found.right_ones, found.wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_agrees_with_booking';
    END IF;
END $$;

CREATE FUNCTION occupancy_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fine boolean := require_read_committed();
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.kind <> 'closure' THEN
        IF OLD.layout_version_id IS NOT NULL OR OLD.kind = 'changeover' THEN
            PERFORM check_chain(OLD.area_id, lower(OLD.during));
        END IF;
        IF OLD.kind = 'changeover' THEN
            PERFORM check_stock(OLD.area_id, lower(OLD.during));
        ELSE
            PERFORM check_booking(OLD.booking_id);
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.kind <> 'closure' THEN
        IF NEW.layout_version_id IS NOT NULL OR NEW.kind = 'changeover' THEN
            PERFORM check_chain(NEW.area_id, lower(NEW.during));
        END IF;
        IF NEW.kind = 'changeover' THEN
            PERFORM check_stock(NEW.area_id, lower(NEW.during));
        ELSE
            PERFORM check_booking(NEW.booking_id);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER occupancy_check AFTER INSERT OR UPDATE OR DELETE ON occupancy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION occupancy_check();

-- Before a booking changes: level, lock where its rows are concerned, and that its places belong together.
CREATE FUNCTION booking_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fine boolean := require_read_committed();
    pool uuid;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM lock_space(OLD.space_id);
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id <> OLD.id OR NEW.reference <> OLD.reference OR NEW.space_id <> OLD.space_id THEN
            RAISE EXCEPTION 'a booking keeps its id, its reference and its space'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_keeps_identity';
        END IF;
        IF NEW.state = OLD.state AND NEW.during = OLD.during AND NEW.area_ids = OLD.area_ids
            AND NEW.layout_version_id IS NOT DISTINCT FROM OLD.layout_version_id AND NEW.holds_slot = OLD.holds_slot
            AND NEW.access_before_min = OLD.access_before_min AND NEW.access_after_min = OLD.access_after_min
            AND NEW.tail_min = OLD.tail_min AND NEW.released_at IS NOT DISTINCT FROM OLD.released_at THEN
            RETURN NEW;
        END IF;
    END IF;
    pool := lock_space(NEW.space_id);
    IF (pool IS NULL) <> (NEW.layout_version_id IS NULL) OR (pool IS NOT NULL AND NEW.tail_min <> 0) THEN
        RAISE EXCEPTION 'a booking has a layout version exactly where the space has a floor, and a tail only where it has none'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_fits_space';
    END IF;
    IF TG_OP = 'INSERT' OR NEW.area_ids <> OLD.area_ids OR NEW.layout_version_id IS DISTINCT FROM OLD.layout_version_id THEN
        IF NEW.layout_version_id IS NULL THEN
            IF (SELECT count(DISTINCT a.id) FROM area a WHERE a.space_id = NEW.space_id AND a.id = ANY (NEW.area_ids)) <> cardinality(NEW.area_ids) THEN
                RAISE EXCEPTION 'the areas of a booking are distinct areas of its space'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_areas';
            END IF;
        ELSIF NEW.area_ids IS DISTINCT FROM (SELECT array_agg(c.area_id ORDER BY c.area_id) FROM layout_version_area c
                JOIN area a ON a.id = c.area_id
                WHERE c.layout_version_id = NEW.layout_version_id AND a.space_id = NEW.space_id) THEN
            RAISE EXCEPTION 'on a floor the areas of a booking are those that its layout version claims, in the order of their ids'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_areas';
        END IF;
    END IF;
    -- where requests hold their slot nobody may write one that does not
    IF NEW.state IN ('held', 'requested') AND NOT NEW.holds_slot AND (TG_OP = 'INSERT' OR NEW.holds_slot <> OLD.holds_slot) THEN
        IF (SELECT s.policy ->> 'requests' FROM space s WHERE s.id = NEW.space_id) IS DISTINCT FROM 'compete' THEN
            RAISE EXCEPTION 'in this space holds and requests hold their slot'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_holds_slot';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER booking_guard BEFORE INSERT OR UPDATE OR DELETE ON booking
    FOR EACH ROW EXECUTE FUNCTION booking_guard();

CREATE FUNCTION booking_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_booking(NEW.id);
    RETURN NULL;
END $$;
-- an insert and a change of state or place; rows that change without their booking are checked from their side
CREATE CONSTRAINT TRIGGER booking_check_insert AFTER INSERT ON booking
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION booking_check();
CREATE CONSTRAINT TRIGGER booking_check_update AFTER UPDATE ON booking
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state <> OLD.state OR NEW.during <> OLD.during OR NEW.area_ids <> OLD.area_ids
        OR NEW.layout_version_id IS DISTINCT FROM OLD.layout_version_id OR NEW.holds_slot <> OLD.holds_slot
        OR NEW.access_before_min <> OLD.access_before_min OR NEW.access_after_min <> OLD.access_after_min
        OR NEW.tail_min <> OLD.tail_min OR NEW.released_at IS DISTINCT FROM OLD.released_at)
    EXECUTE FUNCTION booking_check();

-- 6: what rows rest on does not move.
CREATE FUNCTION area_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.space_id = OLD.space_id AND NEW.id = OLD.id
        AND NEW.initial_layout_version_id IS NOT DISTINCT FROM OLD.initial_layout_version_id THEN
        RETURN NEW;
    END IF;
    PERFORM require_read_committed();
    IF TG_OP <> 'INSERT' THEN
        PERFORM lock_space(OLD.space_id);
        IF EXISTS (SELECT 1 FROM occupancy o WHERE o.area_id = OLD.id) THEN
            RAISE EXCEPTION 'an area on which rows rest keeps its space and its initial layout'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'area_rests';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    PERFORM lock_space(NEW.space_id);
    SELECT s.pool_id INTO pool FROM space s WHERE s.id = NEW.space_id;
    IF NEW.initial_layout_version_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM layout_version_area c JOIN layout_version v ON v.id = c.layout_version_id
        WHERE c.layout_version_id = NEW.initial_layout_version_id AND c.area_id = NEW.id AND v.state <> 'draft') THEN
        RAISE EXCEPTION 'an initial layout is a published version that claims the area'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'area_initial_layout';
    END IF;
    IF pool IS NOT NULL AND EXISTS (SELECT 1 FROM stock_shortage_with(pool, NEW.id, NEW.initial_layout_version_id)) THEN
        RAISE EXCEPTION 'the pool has not enough blocks for this initial layout beside what is planned'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_stock';
    END IF;
    RETURN NEW;
END $$;

-- Whether an area that begins with this version would leave the pool short at any time.
CREATE FUNCTION stock_shortage_with(pool uuid, new_area uuid, version uuid) RETURNS TABLE (block_type_id uuid) LANGUAGE sql STABLE AS $$
    SELECT n.block_type_id FROM layout_need n LEFT JOIN pool_stock p ON p.pool_id = pool AND p.block_type_id = n.block_type_id
    WHERE n.layout_version_id = version AND n.area_id = new_area
        AND n.count + coalesce((SELECT max(total) FROM (
            SELECT sum(greatest(
                blocks_needed(CASE WHEN last.ends > i.at THEN last.from_version_id ELSE coalesce(last.to_version_id, a.initial_layout_version_id) END, a.id, n.block_type_id),
                blocks_needed(coalesce(last.to_version_id, a.initial_layout_version_id), a.id, n.block_type_id))) AS total
            FROM (SELECT '-infinity'::timestamptz AS at UNION
                  SELECT lower(o.during) FROM occupancy o JOIN area oa ON oa.id = o.area_id JOIN space os ON os.id = oa.space_id
                  WHERE os.pool_id = pool AND o.kind = 'changeover') i
            CROSS JOIN (SELECT a.* FROM area a JOIN space s ON s.id = a.space_id WHERE s.pool_id = pool AND a.id <> new_area) a
            LEFT JOIN LATERAL (
                SELECT o.from_version_id, o.to_version_id, upper(o.during) AS ends FROM occupancy o
                WHERE o.area_id = a.id AND o.kind = 'changeover' AND lower(o.during) <= i.at
                ORDER BY lower(o.during) DESC LIMIT 1) last ON true
            GROUP BY i.at) t), 0) > coalesce(p.owned, 0)
$$;
CREATE TRIGGER area_guard BEFORE INSERT OR UPDATE OR DELETE ON area FOR EACH ROW EXECUTE FUNCTION area_guard();

CREATE FUNCTION space_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.pool_id IS NOT DISTINCT FROM OLD.pool_id AND NEW.kind = OLD.kind AND NEW.id = OLD.id AND NEW.venue_id = OLD.venue_id THEN
        RETURN NEW;
    END IF;
    PERFORM require_read_committed();
    -- both pools, in the order of their ids; the row of the space itself is locked by the change
    PERFORM 1 FROM pool p WHERE p.id IN (OLD.pool_id, NEW.pool_id) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM occupancy o JOIN area a ON a.id = o.area_id WHERE a.space_id = OLD.id)
        OR EXISTS (SELECT 1 FROM booking b WHERE b.space_id = OLD.id) THEN
        RAISE EXCEPTION 'a space on which rows rest keeps its venue, its kind and its pool'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'space_rests';
    END IF;
    IF NEW.pool_id IS DISTINCT FROM OLD.pool_id AND EXISTS (
        SELECT 1 FROM area a WHERE a.space_id = OLD.id AND a.initial_layout_version_id IS NOT NULL) THEN
        RAISE EXCEPTION 'take the initial layouts of the areas away before the space moves to another pool'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'space_rests';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER space_guard BEFORE UPDATE ON space FOR EACH ROW EXECUTE FUNCTION space_guard();

CREATE FUNCTION crew_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM pool p WHERE p.id IN (OLD.pool_id, NEW.pool_id) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM occupancy o WHERE o.crew_id = OLD.id) THEN
        RAISE EXCEPTION 'a crew that has changeovers stays in its pool' USING ERRCODE = 'check_violation', CONSTRAINT = 'crew_rests';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER crew_guard BEFORE UPDATE ON crew FOR EACH ROW
    WHEN (NEW.pool_id <> OLD.pool_id OR NEW.id <> OLD.id) EXECUTE FUNCTION crew_guard();

-- A published version never changes: it can only be retired, and come back.
CREATE FUNCTION layout_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state IN ('published', 'retired')
        AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published layout version never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_version_published';
END $$;
CREATE TRIGGER layout_version_guard BEFORE UPDATE OR DELETE ON layout_version FOR EACH ROW EXECUTE FUNCTION layout_version_guard();

CREATE FUNCTION layout_version_part_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT v.state FROM layout_version v
        WHERE v.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.layout_version_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.layout_version_id END)
        FOR SHARE
    LOOP
        IF part.state <> 'draft' THEN
            RAISE EXCEPTION 'a published layout version never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_version_published';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER layout_version_area_guard BEFORE INSERT OR UPDATE OR DELETE ON layout_version_area
    FOR EACH ROW EXECUTE FUNCTION layout_version_part_guard();
CREATE TRIGGER layout_need_guard BEFORE INSERT OR UPDATE OR DELETE ON layout_need
    FOR EACH ROW EXECUTE FUNCTION layout_version_part_guard();

CREATE FUNCTION layout_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM layout_version v WHERE v.layout_id = OLD.id AND v.state <> 'draft') THEN
        RAISE EXCEPTION 'a layout with a published version keeps its space and its purpose'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_version_published';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER layout_guard BEFORE UPDATE ON layout FOR EACH ROW
    WHEN (NEW.space_id <> OLD.space_id OR NEW.purpose <> OLD.purpose OR NEW.id <> OLD.id) EXECUTE FUNCTION layout_guard();

-- 4, from the other side: blocks that are planned for cannot be given away. What is past was carried with what there was then.
CREATE FUNCTION pool_stock_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_read_committed();
    PERFORM 1 FROM pool p WHERE p.id = OLD.pool_id FOR NO KEY UPDATE;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER pool_stock_guard BEFORE UPDATE OR DELETE ON pool_stock FOR EACH ROW EXECUTE FUNCTION pool_stock_guard();

CREATE FUNCTION pool_stock_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    short record;
BEGIN
    SELECT * INTO short FROM stock_shortage(OLD.pool_id, clock_timestamp(), 'infinity') s WHERE s.block_type_id = OLD.block_type_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'at % the pool needs % blocks of this type', short.at, short.needed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_stock_needed';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER pool_stock_check AFTER UPDATE OR DELETE ON pool_stock
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pool_stock_check();
