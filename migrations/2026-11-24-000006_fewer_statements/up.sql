-- The same promises for less: the guards and checks of occupancy run for every row that is written, so what they ask is
-- asked in as few statements as possible. And a count of changes in the catalogue, by which a process sees whether what
-- it remembers of it still holds.

-- What a row of these two tables must satisfy by itself is said in their guards, under the names that the constraints
-- had: Postgres reads every CHECK of a table anew for each statement, and nineteen of them cost a booking more than all
-- else that is written with it.
ALTER TABLE booking
    DROP CONSTRAINT booking_state_check, DROP CONSTRAINT booking_access_before_min_check, DROP CONSTRAINT booking_access_after_min_check,
    DROP CONSTRAINT booking_tail_min_check, DROP CONSTRAINT booking_area_ids_check, DROP CONSTRAINT booking_event_type_check,
    DROP CONSTRAINT booking_title_check, DROP CONSTRAINT booking_attendance_check, DROP CONSTRAINT booking_needs_check,
    DROP CONSTRAINT booking_locale_check, DROP CONSTRAINT booking_approval_steps_check, DROP CONSTRAINT booking_range,
    DROP CONSTRAINT booking_released_in_range, DROP CONSTRAINT booking_expiry, DROP CONSTRAINT booking_requester,
    DROP CONSTRAINT booking_range_finite;
ALTER TABLE occupancy DROP CONSTRAINT occupancy_range, DROP CONSTRAINT occupancy_kind, DROP CONSTRAINT occupancy_changeover_long_enough;

-- Each row checks its references with a statement of its own, too. These are promised without: an event is in its
-- booking's version, a changeover's versions have a time between them (both in the checks below), published versions are
-- never deleted, and neither is an area or a crew on which rows rest.
ALTER TABLE occupancy
    DROP CONSTRAINT occupancy_area_id_fkey, DROP CONSTRAINT occupancy_layout_version_id_fkey, DROP CONSTRAINT occupancy_from_version_id_fkey,
    DROP CONSTRAINT occupancy_to_version_id_fkey, DROP CONSTRAINT occupancy_crew_id_fkey;
ALTER TABLE booking DROP CONSTRAINT booking_layout_version_id_fkey;
ALTER TABLE message DROP CONSTRAINT message_recipient_id_fkey;

CREATE OR REPLACE FUNCTION crew_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_read_committed();
    PERFORM 1 FROM public.pool p WHERE p.id IN (OLD.pool_id, CASE WHEN TG_OP = 'UPDATE' THEN NEW.pool_id END) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM public.occupancy o WHERE o.crew_id = OLD.id) THEN
        RAISE EXCEPTION 'a crew that has changeovers stays in its pool' USING ERRCODE = 'check_violation', CONSTRAINT = 'crew_rests';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER crew_guard_delete BEFORE DELETE ON crew FOR EACH ROW EXECUTE FUNCTION crew_guard();
-- no row trigger sees these go
CREATE TRIGGER crew_no_truncate BEFORE TRUNCATE ON crew FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER area_no_truncate BEFORE TRUNCATE ON area FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER layout_version_no_truncate BEFORE TRUNCATE ON layout_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- A stretch of time: half open, with two ends, none of them called infinity.
CREATE FUNCTION is_stretch(during tstzrange) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)
        AND coalesce(isfinite(lower(during)) AND isfinite(upper(during)), false)
$$;

CREATE OR REPLACE FUNCTION lock_space(space uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
BEGIN
    SELECT p.id INTO pool FROM public.space s JOIN public.pool p ON p.id = s.pool_id WHERE s.id = space FOR NO KEY UPDATE OF p;
    IF pool IS NULL THEN
        PERFORM 1 FROM public.space s WHERE s.id = space FOR NO KEY UPDATE;
    END IF;
    IF (SELECT s.pool_id FROM public.space s WHERE s.id = space) IS DISTINCT FROM pool THEN
        RAISE EXCEPTION 'the space moved to another pool meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION occupancy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pool uuid;
    terms record;
    changed record := coalesce(NEW, OLD);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM require_read_committed();
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.area_id <> OLD.area_id OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id) THEN
        RAISE EXCEPTION 'a row of occupancy stays in its area and of its kind: delete it and write another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_stays_in_area';
    END IF;
    IF TG_OP <> 'DELETE' AND NOT is_stretch(NEW.during) THEN
        RAISE EXCEPTION 'a row of occupancy takes a stretch of time with two ends'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_range';
    END IF;
    IF TG_OP <> 'DELETE' AND NOT (CASE NEW.kind
        WHEN 'event' THEN NEW.booking_id IS NOT NULL AND num_nonnulls(NEW.from_version_id, NEW.to_version_id, NEW.crew_id, NEW.required_min, NEW.closure_id) = 0
        WHEN 'changeover' THEN num_nulls(NEW.booking_id, NEW.from_version_id, NEW.to_version_id, NEW.crew_id) = 0
            AND num_nonnulls(NEW.layout_version_id, NEW.closure_id) = 0
        WHEN 'closure' THEN NEW.closure_id IS NOT NULL
            AND num_nonnulls(NEW.booking_id, NEW.layout_version_id, NEW.from_version_id, NEW.to_version_id, NEW.crew_id, NEW.required_min) = 0
        ELSE false
    END) THEN
        RAISE EXCEPTION 'a row of occupancy is an event, a changeover or a closure, and has what that has'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_kind';
    END IF;
    SELECT p.id INTO pool FROM public.area a JOIN public.space s ON s.id = a.space_id JOIN public.pool p ON p.id = s.pool_id
        WHERE a.id = changed.area_id FOR NO KEY UPDATE OF p;
    IF pool IS NULL THEN
        PERFORM 1 FROM public.area a JOIN public.space s ON s.id = a.space_id WHERE a.id = changed.area_id FOR NO KEY UPDATE OF s;
    END IF;
    -- statements of their own: they see what whoever held the lock before has committed
    IF changed.kind = 'changeover' AND TG_OP <> 'DELETE' THEN
        SELECT s.pool_id, t.minutes, v.state <> 'draft' AS published, EXISTS (
                SELECT 1 FROM public.crew c JOIN public.crew_shift w ON w.crew_id = c.id
                WHERE c.id = NEW.crew_id AND c.pool_id = pool AND w.during @> NEW.during) AS inside_shift
            INTO terms FROM public.area a JOIN public.space s ON s.id = a.space_id
            LEFT JOIN public.changeover_time t ON t.area_id = a.id AND t.from_version_id = NEW.from_version_id AND t.to_version_id = NEW.to_version_id
            LEFT JOIN public.layout_version v ON v.id = t.to_version_id
            WHERE a.id = NEW.area_id;
    ELSE
        SELECT s.pool_id INTO terms FROM public.area a JOIN public.space s ON s.id = a.space_id WHERE a.id = changed.area_id;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such area' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'occupancy_area_id_fkey';
    END IF;
    IF terms.pool_id IS DISTINCT FROM pool THEN
        RAISE EXCEPTION 'the area or its space moved meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (NEW.kind = 'changeover' AND pool IS NULL)
        OR (NEW.kind = 'event' AND (NEW.layout_version_id IS NULL) <> (pool IS NULL)) THEN
        RAISE EXCEPTION 'only a floor has layouts and changeovers, and there every event is in a layout'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_fits_space';
    END IF;
    IF NEW.kind = 'changeover' THEN
        IF TG_OP = 'INSERT' OR NEW.from_version_id <> OLD.from_version_id OR NEW.to_version_id <> OLD.to_version_id THEN
            IF terms.minutes IS NULL THEN
                RAISE EXCEPTION 'no changeover time is known between these layout versions'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_changeover_time_known';
            END IF;
            IF NOT terms.published THEN
                RAISE EXCEPTION 'a changeover leads to a published layout version'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_layout_published';
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
        IF upper(NEW.during) - lower(NEW.during) < make_interval(mins => NEW.required_min) THEN
            RAISE EXCEPTION 'a changeover lasts at least as long as it takes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_changeover_long_enough';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- These answer, so that calling them is an expression: a statement of its own costs more than what it asks.
DROP FUNCTION check_booking, check_chain, check_stock;

-- STABLE, as what it is made of is: so it is part of the statement that calls it.
CREATE OR REPLACE FUNCTION booking_taken(b public.booking) RETURNS tstzrange LANGUAGE sql STABLE AS $$
    SELECT tstzrange(
        lower(b.during) - make_interval(mins => b.access_before_min),
        coalesce(b.released_at, upper(b.during) + make_interval(mins => b.access_after_min)) + make_interval(mins => b.tail_min))
$$;

CREATE FUNCTION check_booking(booking_to_check uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    -- one row an area: the exclusion constraint lets no area have two with the same range
    SELECT b.reference, b.state, n.wanted, o.present, o.right_ones INTO wrong
        FROM public.booking b,
            LATERAL (SELECT CASE WHEN booking_has_rows(b.state, b.holds_slot) THEN cardinality(b.area_ids) ELSE 0 END AS wanted) n,
            LATERAL (SELECT count(*) AS present, count(*) FILTER (WHERE o.area_id = ANY (b.area_ids) AND o.during = booking_taken(b)
                    AND o.layout_version_id IS NOT DISTINCT FROM b.layout_version_id) AS right_ones
                FROM public.occupancy o WHERE o.booking_id = b.id AND o.kind = 'event') o
        WHERE b.id = booking_to_check AND (o.present <> n.wanted OR o.right_ones <> n.wanted);
    IF FOUND THEN
        RAISE EXCEPTION 'booking % (%) has % event rows, % of them right, and should have %',
            wrong.reference, wrong.state, wrong.present, wrong.right_ones, wrong.wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_agrees_with_booking';
    END IF;
    RETURN true;
END $$;

-- 2: around `at`, each of the next two rows of the area's chain starts from what the one before it left. Whether that
-- one had a right to is another row's check.
CREATE FUNCTION check_chain(area uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    link record;
BEGIN
    SELECT r.kind, p.kind AS before INTO link
        FROM (SELECT o.kind, lower(o.during) AS starts, coalesce(o.from_version_id, o.layout_version_id) AS wants FROM public.occupancy o
                WHERE o.area_id = area AND o.kind <> 'closure' AND lower(o.during) >= at ORDER BY lower(o.during) LIMIT 2) r
            LEFT JOIN LATERAL (SELECT o.kind, coalesce(o.to_version_id, o.layout_version_id) AS leaves FROM public.occupancy o
                WHERE o.area_id = area AND o.kind <> 'closure' AND lower(o.during) < r.starts ORDER BY lower(o.during) DESC LIMIT 1) p ON true
        WHERE r.wants IS DISTINCT FROM coalesce(p.leaves, (SELECT a.initial_layout_version_id FROM public.area a WHERE a.id = area))
            OR (r.kind = 'event' AND p.kind = 'event')
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a changeover starts from what stands, an event is in it, and between two events lies a changeover or a cleaning (% after %)',
            link.kind, link.before USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_chain';
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION check_stock(area uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    ground record;
    until timestamptz;
    short record;
BEGIN
    -- an area alone on its pool needs at each instant what one version needs: nothing to add up
    SELECT s.pool_id INTO ground FROM public.area a JOIN public.space s ON s.id = a.space_id
        WHERE a.id = area AND (
            EXISTS (SELECT FROM public.space os JOIN public.area oa ON oa.space_id = os.id WHERE os.pool_id = s.pool_id AND oa.id <> area)
            OR EXISTS (SELECT FROM public.occupancy o JOIN public.layout_need n ON n.layout_version_id IN (o.from_version_id, o.to_version_id) AND n.area_id = area
                LEFT JOIN public.pool_stock p ON p.pool_id = s.pool_id AND p.block_type_id = n.block_type_id
                WHERE o.area_id = area AND o.kind = 'changeover' AND lower(o.during) = at AND n.count > coalesce(p.owned, 0)));
    IF NOT FOUND THEN
        RETURN true;
    END IF;
    SELECT lower(o.during) INTO until FROM public.occupancy o
        WHERE o.area_id = area AND o.kind = 'changeover' AND lower(o.during) > at ORDER BY lower(o.during) LIMIT 1;
    SELECT * INTO short FROM stock_shortage(ground.pool_id, at, coalesce(until, 'infinity')) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'at % the pool would need % blocks of a type of which it owns %', short.at, short.needed, short.owned
            USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_stock';
    END IF;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION occupancy_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fine boolean;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM require_read_committed();
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.kind <> 'closure' THEN
        IF OLD.layout_version_id IS NOT NULL OR OLD.kind = 'changeover' THEN
            fine := check_chain(OLD.area_id, lower(OLD.during));
        END IF;
        IF OLD.kind = 'changeover' THEN
            fine := check_stock(OLD.area_id, lower(OLD.during));
        ELSE
            fine := check_booking(OLD.booking_id);
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.kind <> 'closure' THEN
        IF NEW.layout_version_id IS NOT NULL OR NEW.kind = 'changeover' THEN
            fine := check_chain(NEW.area_id, lower(NEW.during));
        END IF;
        IF NEW.kind = 'changeover' THEN
            fine := check_stock(NEW.area_id, lower(NEW.during));
        ELSE
            fine := check_booking(NEW.booking_id);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION booking_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fine boolean := check_booking(NEW.id);
BEGIN
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION booking_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
    pool uuid;
    ground record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM require_read_committed();
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM lock_space(OLD.space_id);
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id <> OLD.id OR NEW.reference <> OLD.reference OR NEW.space_id <> OLD.space_id THEN
            RAISE EXCEPTION 'a booking keeps its id, its reference and its space'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_keeps_identity';
        END IF;
    END IF;
    broken := CASE
        WHEN NEW.state NOT IN ('held', 'requested', 'confirmed', 'checked_in', 'completed', 'no_show', 'declined', 'withdrawn', 'cancelled',
            'expired', 'released', 'waitlisted') THEN 'booking_state_check'
        WHEN NOT is_stretch(NEW.during) THEN 'booking_range'
        WHEN NEW.access_before_min NOT BETWEEN 0 AND 1440 THEN 'booking_access_before_min_check'
        WHEN NEW.access_after_min NOT BETWEEN 0 AND 1440 THEN 'booking_access_after_min_check'
        WHEN NEW.tail_min NOT BETWEEN 0 AND 1440 THEN 'booking_tail_min_check'
        WHEN cardinality(NEW.area_ids) < 1 THEN 'booking_area_ids_check'
        WHEN NEW.event_type NOT IN ('roadshow', 'talk', 'launch', 'charity_popup', 'exhibition', 'robot_contest', 'salon', 'meeting', 'training',
            'rehearsal', 'livestream', 'rest', 'other') THEN 'booking_event_type_check'
        WHEN char_length(NEW.title) NOT BETWEEN 1 AND 200 THEN 'booking_title_check'
        WHEN NEW.attendance < 1 THEN 'booking_attendance_check'
        WHEN char_length(NEW.needs) > 2000 THEN 'booking_needs_check'
        WHEN NEW.locale NOT IN ('zh-CN', 'en') THEN 'booking_locale_check'
        WHEN NEW.approval_steps NOT BETWEEN 0 AND 5 THEN 'booking_approval_steps_check'
        WHEN NEW.released_at IS NOT NULL AND NOT (NEW.state IN ('completed', 'no_show')
            AND NEW.released_at > lower(NEW.during) - make_interval(mins => NEW.access_before_min)
            AND NEW.released_at < upper(NEW.during) + make_interval(mins => NEW.access_after_min)) THEN 'booking_released_in_range'
        WHEN NEW.expires_at IS NULL AND NEW.state IN ('held', 'requested') THEN 'booking_expiry'
        WHEN num_nonnulls(NEW.requester_id, NEW.contact_phone, NEW.contact_email) = 0 AND NEW.contact_name = '' THEN 'booking_requester'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'a booking cannot be like this: %', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state = OLD.state AND NEW.during = OLD.during AND NEW.area_ids = OLD.area_ids
            AND NEW.layout_version_id IS NOT DISTINCT FROM OLD.layout_version_id AND NEW.holds_slot = OLD.holds_slot
            AND NEW.access_before_min = OLD.access_before_min AND NEW.access_after_min = OLD.access_after_min
            AND NEW.tail_min = OLD.tail_min AND NEW.released_at IS NOT DISTINCT FROM OLD.released_at THEN
            RETURN NEW;
        END IF;
    END IF;
    SELECT p.id INTO pool FROM public.space s JOIN public.pool p ON p.id = s.pool_id WHERE s.id = NEW.space_id FOR NO KEY UPDATE OF p;
    IF pool IS NULL THEN
        PERFORM 1 FROM public.space s WHERE s.id = NEW.space_id FOR NO KEY UPDATE;
    END IF;
    -- a statement of its own: it sees what whoever held the lock before has committed
    SELECT s.pool_id, s.policy ->> 'requests' AS requests, v.state <> 'draft' AS published,
            ARRAY(SELECT c.area_id FROM public.layout_version_area c JOIN public.area a ON a.id = c.area_id
                WHERE c.layout_version_id = v.id AND a.space_id = s.id ORDER BY c.area_id) AS claimed
        INTO ground FROM public.space s LEFT JOIN public.layout_version v ON v.id = NEW.layout_version_id WHERE s.id = NEW.space_id;
    IF ground.pool_id IS DISTINCT FROM pool THEN
        RAISE EXCEPTION 'the space moved to another pool meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    IF (pool IS NULL) <> (NEW.layout_version_id IS NULL) OR (pool IS NOT NULL AND NEW.tail_min <> 0) THEN
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
        ELSIF NEW.area_ids <> ground.claimed THEN
            RAISE EXCEPTION 'on a floor the areas of a booking are those that its layout version claims, in the order of their ids'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_areas';
        ELSIF NOT ground.published THEN
            RAISE EXCEPTION 'a booking is pinned to a published layout version'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_layout_published';
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

-- What decisions rest on, counted: whoever remembers it looks, under the lock, whether the count is still the same.
CREATE TABLE catalogue_revision (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL DEFAULT 1
);
INSERT INTO catalogue_revision DEFAULT VALUES;

-- At commit, so that the count's row is locked for a moment only and after every other; once a transaction is enough.
CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.catalogue_revision SET number = number + 1 WHERE xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON venue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON calendar_day
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON space
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON hours_exception
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON area
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON layout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON layout_version
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON layout_version_area
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON layout_need
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON changeover_time
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON pool_stock
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();
-- no row trigger sees these go
CREATE TRIGGER catalogue_emptied AFTER TRUNCATE ON calendar_day FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER catalogue_emptied AFTER TRUNCATE ON hours_exception FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER catalogue_emptied AFTER TRUNCATE ON changeover_time FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();

-- How many blocks of a type the pool's areas need at an instant: each what stands in it, during a changeover the larger
-- of before and after.
CREATE FUNCTION blocks_standing(pool uuid, block uuid, at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT sum(greatest(
        blocks_needed(CASE WHEN last.ends > at THEN last.from_version_id ELSE coalesce(last.to_version_id, a.initial_layout_version_id) END, a.id, block),
        blocks_needed(coalesce(last.to_version_id, a.initial_layout_version_id), a.id, block)))
    FROM public.space s JOIN public.area a ON a.space_id = s.id LEFT JOIN LATERAL (
        SELECT o.from_version_id, o.to_version_id, upper(o.during) AS ends FROM public.occupancy o
        WHERE o.area_id = a.id AND o.kind = 'changeover' AND lower(o.during) <= at
        ORDER BY lower(o.during) DESC LIMIT 1) last ON true
    WHERE s.pool_id = pool
$$;
