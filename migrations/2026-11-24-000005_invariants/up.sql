-- The promises of "Occupancy", kept by Postgres itself, so that SQL written by hand cannot break them either.
--
-- 1 (an area is taken once) and 3 (a crew is in one place) are exclusion constraints, 8 is a primary key; here are
-- 2 (the chain), 4 (stock), 5 (rows and bookings agree) and 6 (what rows rest on does not move).
--
-- Two transactions at once: a row trigger takes the lock of the pool (a floor) or of the space (any other) before
-- the change, the deferred check runs at commit and reads in statements of its own, so it sees what whoever held the
-- lock before has committed. That holds at READ COMMITTED only; any other level is refused.
--
-- Tables are named with their schema: a temporary table of the same name would otherwise stand in front of the real one.

CREATE FUNCTION require_read_committed() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'bookings and occupancy are written at READ COMMITTED only'
            USING ERRCODE = 'invalid_transaction_state', CONSTRAINT = 'read_committed_only';
    END IF;
END $$;

-- Takes the lock under which everything of this space is written.
CREATE FUNCTION lock_space(space uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
BEGIN
    SELECT s.pool_id INTO pool FROM public.space s WHERE s.id = space;
    IF pool IS NULL THEN
        PERFORM 1 FROM public.space s WHERE s.id = space FOR NO KEY UPDATE;
    ELSE
        PERFORM 1 FROM public.pool p WHERE p.id = pool FOR NO KEY UPDATE;
    END IF;
    IF (SELECT s.pool_id FROM public.space s WHERE s.id = space) IS DISTINCT FROM pool THEN
        RAISE EXCEPTION 'the space moved to another pool meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;

-- Before a row of occupancy changes: level, lock, and what the row itself must satisfy.
CREATE FUNCTION occupancy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ground record;
    minutes integer;
    published boolean;
    changed record := coalesce(NEW, OLD);
BEGIN
    PERFORM require_read_committed();
    IF TG_OP = 'UPDATE' AND (NEW.area_id <> OLD.area_id OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id) THEN
        RAISE EXCEPTION 'a row of occupancy stays in its area and of its kind: delete it and write another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_stays_in_area';
    END IF;
    SELECT s.id AS space_id, s.pool_id INTO ground FROM public.area a JOIN public.space s ON s.id = a.space_id WHERE a.id = changed.area_id;
    PERFORM lock_space(ground.space_id);
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (NEW.kind = 'changeover' AND ground.pool_id IS NULL)
        OR (NEW.kind = 'event' AND (NEW.layout_version_id IS NULL) <> (ground.pool_id IS NULL)) THEN
        RAISE EXCEPTION 'only a floor has layouts and changeovers, and there every event is in a layout'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_fits_space';
    END IF;
    IF NEW.kind = 'changeover' THEN
        IF TG_OP = 'INSERT' OR NEW.from_version_id <> OLD.from_version_id OR NEW.to_version_id <> OLD.to_version_id THEN
            SELECT t.minutes, v.state <> 'draft' INTO minutes, published FROM public.changeover_time t
                JOIN public.layout_version v ON v.id = t.to_version_id
                WHERE t.area_id = NEW.area_id AND t.from_version_id = NEW.from_version_id AND t.to_version_id = NEW.to_version_id;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'no changeover time is known between these layout versions'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_changeover_time_known';
            END IF;
            IF NOT published THEN
                RAISE EXCEPTION 'a changeover leads to a published layout version'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_layout_published';
            END IF;
            NEW.required_min := minutes;
        ELSE
            NEW.required_min := OLD.required_min;
        END IF;
        -- other shifts, later, are judged on rows that are written or moved from then on
        IF (TG_OP = 'INSERT' OR NEW.during <> OLD.during OR NEW.crew_id <> OLD.crew_id) AND NOT EXISTS (
            SELECT 1 FROM public.crew c JOIN public.crew_shift s ON s.crew_id = c.id
            WHERE c.id = NEW.crew_id AND c.pool_id = ground.pool_id AND s.during @> NEW.during) THEN
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
-- no row trigger sees these go
CREATE TRIGGER layout_version_area_no_truncate BEFORE TRUNCATE ON layout_version_area FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER layout_need_no_truncate BEFORE TRUNCATE ON layout_need FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER pool_stock_no_truncate BEFORE TRUNCATE ON pool_stock FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- A stretch of time has two ends: no bound is missing (that the tables say themselves), and none is called infinity.
ALTER TABLE booking ADD CONSTRAINT booking_range_finite CHECK (isfinite(lower(during)) AND isfinite(upper(during)));
ALTER TABLE change_request ADD CONSTRAINT change_request_range_finite CHECK (isfinite(lower(during)) AND isfinite(upper(during)));
ALTER TABLE closure ADD CONSTRAINT closure_range_finite CHECK (isfinite(lower(during)) AND isfinite(upper(during)));
ALTER TABLE crew_shift ADD CONSTRAINT crew_shift_range_finite CHECK (isfinite(lower(during)) AND isfinite(upper(during)));

-- 2: around `at`, each row of the area's chain starts from what the one before it left.
CREATE FUNCTION check_chain(area uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    link record;
    standing uuid;
    after_event boolean := false;
BEGIN
    FOR link IN
        SELECT * FROM (
            (SELECT 1 AS part, lower(o.during) AS starts, o.kind, o.layout_version_id, o.from_version_id, o.to_version_id FROM public.occupancy o
                WHERE o.area_id = area AND o.kind <> 'closure' AND lower(o.during) < at ORDER BY lower(o.during) DESC LIMIT 1)
            UNION ALL
            -- marks where the past ends: without one before it, the area's initial layout stands
            SELECT 2, NULL, NULL, NULL, NULL, NULL
            UNION ALL
            (SELECT 3, lower(o.during), o.kind, o.layout_version_id, o.from_version_id, o.to_version_id FROM public.occupancy o
                WHERE o.area_id = area AND o.kind <> 'closure' AND lower(o.during) >= at ORDER BY lower(o.during) LIMIT 2)) links
        ORDER BY part, starts
    LOOP
        IF link.part = 1 THEN
            -- only looked at for what it leaves; whether it had a right to is another row's check
            standing := coalesce(link.layout_version_id, link.to_version_id);
            after_event := link.kind = 'event';
        ELSIF link.part = 2 THEN
            IF standing IS NULL THEN
                SELECT a.initial_layout_version_id INTO standing FROM public.area a WHERE a.id = area;
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
    SELECT coalesce((SELECT n.count FROM public.layout_need n
        WHERE n.layout_version_id = version AND n.area_id = area AND n.block_type_id = block), 0)
$$;

-- 4: the first instant in [since, until) at which the pool's areas need more of a type than `owned` says, if any.
-- Need rises only where a changeover starts, so it is enough to look there and at the beginning.
CREATE FUNCTION stock_shortage(pool uuid, since timestamptz, until timestamptz)
    RETURNS TABLE (at timestamptz, block_type_id uuid, needed bigint, owned integer) LANGUAGE sql STABLE AS $$
    WITH areas AS (
        SELECT a.id, a.initial_layout_version_id AS initial FROM public.area a JOIN public.space s ON s.id = a.space_id WHERE s.pool_id = pool
    ), instants AS (
        SELECT since AS at
        UNION
        SELECT lower(o.during) FROM public.occupancy o JOIN areas a ON a.id = o.area_id
        WHERE o.kind = 'changeover' AND lower(o.during) >= since AND lower(o.during) < until
    ), standing AS (
        SELECT i.at, a.id AS area_id,
            CASE WHEN last.ends > i.at THEN last.from_version_id ELSE coalesce(last.to_version_id, a.initial) END AS one,
            coalesce(last.to_version_id, a.initial) AS other
        FROM instants i CROSS JOIN areas a LEFT JOIN LATERAL (
            SELECT o.from_version_id, o.to_version_id, upper(o.during) AS ends FROM public.occupancy o
            WHERE o.area_id = a.id AND o.kind = 'changeover' AND lower(o.during) <= i.at
            ORDER BY lower(o.during) DESC LIMIT 1) last ON true
    )
    SELECT s.at, b.id, sum(greatest(blocks_needed(s.one, s.area_id, b.id), blocks_needed(s.other, s.area_id, b.id))), coalesce(p.owned, 0)
    FROM standing s CROSS JOIN public.block_type b LEFT JOIN public.pool_stock p ON p.pool_id = pool AND p.block_type_id = b.id
    WHERE b.id IN (SELECT n.block_type_id FROM public.layout_need n WHERE n.area_id IN (SELECT id FROM areas))
    GROUP BY s.at, b.id, p.owned
    HAVING sum(greatest(blocks_needed(s.one, s.area_id, b.id), blocks_needed(s.other, s.area_id, b.id))) > coalesce(p.owned, 0)
    ORDER BY s.at
$$;

-- 4 around one changeover: from its start until the area's next one.
CREATE FUNCTION check_stock(area uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
    alone boolean;
    until timestamptz;
    short record;
BEGIN
    SELECT s.pool_id INTO pool FROM public.area a JOIN public.space s ON s.id = a.space_id WHERE a.id = area;
    SELECT NOT EXISTS (SELECT 1 FROM public.space s JOIN public.area a ON a.space_id = s.id WHERE s.pool_id = pool AND a.id <> area) INTO alone;
    -- an area alone on its pool needs at each instant what one version needs: nothing to add up
    IF alone AND NOT EXISTS (
        SELECT 1 FROM (
            SELECT o.from_version_id AS version FROM public.occupancy o WHERE o.area_id = area AND o.kind = 'changeover' AND lower(o.during) = at
            UNION ALL
            SELECT o.to_version_id FROM public.occupancy o WHERE o.area_id = area AND o.kind = 'changeover' AND lower(o.during) = at) v
        JOIN public.layout_need n ON n.layout_version_id = v.version AND n.area_id = area
        LEFT JOIN public.pool_stock p ON p.pool_id = pool AND p.block_type_id = n.block_type_id
        WHERE n.count > coalesce(p.owned, 0)) THEN
        RETURN;
    END IF;
    SELECT lower(o.during) INTO until FROM public.occupancy o
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
CREATE FUNCTION booking_taken(b public.booking) RETURNS tstzrange LANGUAGE sql IMMUTABLE AS $$
    SELECT tstzrange(
        lower(b.during) - make_interval(mins => b.access_before_min),
        coalesce(b.released_at, upper(b.during) + make_interval(mins => b.access_after_min)) + make_interval(mins => b.tail_min))
$$;

-- 5: the booking's event rows are exactly those that its state asks for.
CREATE FUNCTION check_booking(booking_to_check uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b public.booking;
    wanted integer := 0;
    present integer;
    right_ones integer;
BEGIN
    SELECT * INTO b FROM public.booking WHERE id = booking_to_check;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF booking_has_rows(b.state, b.holds_slot) THEN
        wanted := cardinality(b.area_ids);
    END IF;
    SELECT count(*), count(*) FILTER (WHERE o.area_id = ANY (b.area_ids) AND o.during = booking_taken(b)
            AND o.layout_version_id IS NOT DISTINCT FROM b.layout_version_id)
        INTO present, right_ones FROM public.occupancy o WHERE o.booking_id = b.id AND o.kind = 'event';
    -- one row an area: the exclusion constraint lets no area have two with the same range
    IF present <> wanted OR right_ones <> wanted THEN
        RAISE EXCEPTION 'booking % (%) has % event rows, % of them right, and should have %', b.reference, b.state, present, right_ones, wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_agrees_with_booking';
    END IF;
END $$;

CREATE FUNCTION occupancy_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_read_committed();
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
    ground record;
    claimed record;
BEGIN
    PERFORM require_read_committed();
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
    PERFORM lock_space(NEW.space_id);
    SELECT s.pool_id, s.policy ->> 'requests' AS requests INTO ground FROM public.space s WHERE s.id = NEW.space_id;
    IF (ground.pool_id IS NULL) <> (NEW.layout_version_id IS NULL) OR (ground.pool_id IS NOT NULL AND NEW.tail_min <> 0) THEN
        RAISE EXCEPTION 'a booking has a layout version exactly where the space has a floor, and a tail only where it has none'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_fits_space';
    END IF;
    IF TG_OP = 'INSERT' OR NEW.area_ids <> OLD.area_ids OR NEW.layout_version_id IS DISTINCT FROM OLD.layout_version_id THEN
        IF NEW.layout_version_id IS NULL THEN
            IF array_ndims(NEW.area_ids) <> 1 OR (SELECT count(DISTINCT a.id) FROM public.area a
                WHERE a.space_id = NEW.space_id AND a.id = ANY (NEW.area_ids)) <> cardinality(NEW.area_ids) THEN
                RAISE EXCEPTION 'the areas of a booking are distinct areas of its space'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_areas';
            END IF;
        ELSE
            SELECT array_agg(c.area_id ORDER BY c.area_id) AS areas, bool_and(v.state <> 'draft') AS published INTO claimed
                FROM public.layout_version v JOIN public.layout_version_area c ON c.layout_version_id = v.id
                JOIN public.area a ON a.id = c.area_id
                WHERE v.id = NEW.layout_version_id AND a.space_id = NEW.space_id;
            IF NEW.area_ids IS DISTINCT FROM claimed.areas THEN
                RAISE EXCEPTION 'on a floor the areas of a booking are those that its layout version claims, in the order of their ids'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_areas';
            ELSIF NOT claimed.published THEN
                RAISE EXCEPTION 'a booking is pinned to a published layout version'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_layout_published';
            END IF;
        END IF;
    END IF;
    -- where requests hold their slot nobody may write one that does not
    IF NEW.state IN ('held', 'requested') AND NOT NEW.holds_slot AND ground.requests IS DISTINCT FROM 'compete'
        AND (TG_OP = 'INSERT' OR NEW.holds_slot <> OLD.holds_slot OR OLD.state NOT IN ('held', 'requested')) THEN
        RAISE EXCEPTION 'in this space holds and requests hold their slot'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_holds_slot';
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
        IF EXISTS (SELECT 1 FROM public.occupancy o WHERE o.area_id = OLD.id) THEN
            RAISE EXCEPTION 'an area on which rows rest keeps its space and its initial layout'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'area_rests';
        END IF;
        IF TG_OP = 'DELETE' OR NEW.space_id <> OLD.space_id OR NEW.id <> OLD.id THEN
            -- a version is published under this lock on its areas
            IF EXISTS (SELECT 1 FROM public.booking b WHERE b.space_id = OLD.space_id AND OLD.id = ANY (b.area_ids))
                OR EXISTS (SELECT 1 FROM public.layout_version_area c JOIN public.layout_version v ON v.id = c.layout_version_id
                    WHERE c.area_id = OLD.id AND v.state <> 'draft') THEN
                RAISE EXCEPTION 'an area that a booking or a published layout version names keeps its space'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'area_rests';
            END IF;
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    PERFORM lock_space(NEW.space_id);
    SELECT s.pool_id INTO pool FROM public.space s WHERE s.id = NEW.space_id;
    IF NEW.initial_layout_version_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.layout_version_area c JOIN public.layout_version v ON v.id = c.layout_version_id
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
    SELECT n.block_type_id FROM public.layout_need n LEFT JOIN public.pool_stock p ON p.pool_id = pool AND p.block_type_id = n.block_type_id
    WHERE n.layout_version_id = version AND n.area_id = new_area
        AND n.count + coalesce((SELECT max(total) FROM (
            SELECT sum(greatest(
                blocks_needed(CASE WHEN last.ends > i.at THEN last.from_version_id ELSE coalesce(last.to_version_id, a.initial_layout_version_id) END, a.id, n.block_type_id),
                blocks_needed(coalesce(last.to_version_id, a.initial_layout_version_id), a.id, n.block_type_id))) AS total
            FROM (SELECT '-infinity'::timestamptz AS at UNION
                  SELECT lower(o.during) FROM public.occupancy o JOIN public.area oa ON oa.id = o.area_id JOIN public.space os ON os.id = oa.space_id
                  WHERE os.pool_id = pool AND o.kind = 'changeover') i
            CROSS JOIN (SELECT a.* FROM public.area a JOIN public.space s ON s.id = a.space_id WHERE s.pool_id = pool AND a.id <> new_area) a
            LEFT JOIN LATERAL (
                SELECT o.from_version_id, o.to_version_id, upper(o.during) AS ends FROM public.occupancy o
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
    PERFORM 1 FROM public.pool p WHERE p.id IN (OLD.pool_id, NEW.pool_id) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM public.occupancy o JOIN public.area a ON a.id = o.area_id WHERE a.space_id = OLD.id)
        OR EXISTS (SELECT 1 FROM public.booking b WHERE b.space_id = OLD.id) THEN
        RAISE EXCEPTION 'a space on which rows rest keeps its venue, its kind and its pool'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'space_rests';
    END IF;
    IF NEW.pool_id IS DISTINCT FROM OLD.pool_id AND EXISTS (
        SELECT 1 FROM public.area a WHERE a.space_id = OLD.id AND a.initial_layout_version_id IS NOT NULL) THEN
        RAISE EXCEPTION 'take the initial layouts of the areas away before the space moves to another pool'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'space_rests';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER space_guard BEFORE UPDATE ON space FOR EACH ROW EXECUTE FUNCTION space_guard();

CREATE FUNCTION crew_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_read_committed();
    PERFORM 1 FROM public.pool p WHERE p.id IN (OLD.pool_id, NEW.pool_id) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM public.occupancy o WHERE o.crew_id = OLD.id) THEN
        RAISE EXCEPTION 'a crew that has changeovers stays in its pool' USING ERRCODE = 'check_violation', CONSTRAINT = 'crew_rests';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER crew_guard BEFORE UPDATE ON crew FOR EACH ROW
    WHEN (NEW.pool_id <> OLD.pool_id OR NEW.id <> OLD.id) EXECUTE FUNCTION crew_guard();

-- A published version never changes: it can only be retired, and come back. What is published has areas of its own space.
CREATE FUNCTION layout_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' AND TG_OP = 'UPDATE' AND NEW.state <> 'draft' THEN
        PERFORM require_read_committed();
        -- neither the layout nor an area moves to another space meanwhile
        PERFORM 1 FROM public.layout l WHERE l.id = NEW.layout_id FOR SHARE;
        PERFORM 1 FROM public.layout_version_area c JOIN public.area a ON a.id = c.area_id
            WHERE c.layout_version_id = NEW.id ORDER BY a.id FOR SHARE OF a;
        IF EXISTS (SELECT 1 FROM public.layout l JOIN public.layout_version_area c ON c.layout_version_id = NEW.id
            JOIN public.area a ON a.id = c.area_id WHERE l.id = NEW.layout_id AND a.space_id <> l.space_id) THEN
            RAISE EXCEPTION 'a layout version claims areas of its own space'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_version_own_areas';
        END IF;
    END IF;
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
    FOR part IN SELECT v.state FROM public.layout_version v
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
    PERFORM require_read_committed();
    IF EXISTS (SELECT 1 FROM public.layout_version v WHERE v.layout_id = OLD.id AND v.state <> 'draft') THEN
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
    PERFORM 1 FROM public.pool p WHERE p.id = OLD.pool_id FOR NO KEY UPDATE;
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
