-- The life of a layout: floors and their areas are drawn and changed, versions are drafted, published and retired, and a
-- published one is bookable once the times to and from all others are known.

-- Whether the rows are a grid of so many columns and of these letters (a class of a regular expression).
CREATE FUNCTION is_grid(rows text[], width integer, letters text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(bool_and(char_length(r) = width AND r ~ ('^[' || letters || ']*$')), false) FROM unnest(rows) r
$$;

-- Which area each cell is of: A is the space's first area by position (then id), B the second, …
ALTER TABLE floor ADD COLUMN areas text[];
UPDATE floor SET areas = array_fill(repeat('A', width), ARRAY[height]);
ALTER TABLE floor ALTER COLUMN areas SET NOT NULL,
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    -- counts what changeover times are computed from: grid, areas, block types, teams
    ADD COLUMN basis integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT floor_rows_are_grid CHECK (is_grid(rows, width, '.#KES')),
    ADD CONSTRAINT floor_areas_are_grid CHECK (cardinality(areas) = height AND is_grid(areas, width, 'A-Z'));

CREATE FUNCTION floor_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- a floor that says nothing of areas is one
    NEW.areas := coalesce(NEW.areas, array_fill(repeat('A', NEW.width), ARRAY[NEW.height]));
    IF TG_OP = 'UPDATE' THEN
        IF NEW.rows <> OLD.rows OR NEW.areas <> OLD.areas THEN
            NEW.basis := OLD.basis + 1;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER floor_guard BEFORE INSERT OR UPDATE ON floor FOR EACH ROW EXECUTE FUNCTION floor_guard();
CREATE CONSTRAINT TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON floor
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_changed();

-- A type keeps its name and its shape once something is drawn with it that can be booked; how long it takes to carry may
-- change, and every time is computed anew.
CREATE FUNCTION block_type_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.code <> OLD.code OR NEW.venue_id <> OLD.venue_id THEN
        RAISE EXCEPTION 'a block type keeps its code and its venue' USING ERRCODE = 'check_violation', CONSTRAINT = 'block_type_keeps_code';
    END IF;
    IF ROW(NEW.width, NEW.depth, NEW.max_z, NEW.salon_seats, NEW.anchors) IS DISTINCT FROM ROW(OLD.width, OLD.depth, OLD.max_z, OLD.salon_seats, OLD.anchors) THEN
        -- publishing shares this row, so nothing is published with it meanwhile
        IF EXISTS (SELECT FROM public.layout_need n JOIN public.layout_version v ON v.id = n.layout_version_id
            WHERE n.block_type_id = OLD.id AND v.state <> 'draft') THEN
            RAISE EXCEPTION 'a block type of a published layout version keeps its shape'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'block_type_rests';
        END IF;
    END IF;
    IF NEW.handle_s <> OLD.handle_s OR NEW.loaded_s <> OLD.loaded_s THEN
        UPDATE public.floor f SET basis = basis + 1 FROM public.space s WHERE s.id = f.space_id AND s.venue_id = OLD.venue_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER block_type_guard BEFORE UPDATE ON block_type FOR EACH ROW EXECUTE FUNCTION block_type_guard();

-- Minutes are those of the pool's smallest crew.
CREATE FUNCTION crew_teams_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.floor f SET basis = basis + 1 FROM public.space s
        WHERE s.id = f.space_id AND s.pool_id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.pool_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.pool_id END);
    RETURN NULL;
END $$;
CREATE TRIGGER crew_made AFTER INSERT OR DELETE ON crew FOR EACH ROW EXECUTE FUNCTION crew_teams_changed();
CREATE TRIGGER crew_teams_changed AFTER UPDATE ON crew FOR EACH ROW
    WHEN (NEW.teams <> OLD.teams OR NEW.pool_id <> OLD.pool_id) EXECUTE FUNCTION crew_teams_changed();

-- The basis at which a time was computed, 0 where it was not: a newer one of the floor makes it stale, and it holds until
-- the new one is there.
ALTER TABLE changeover_time ADD COLUMN basis integer NOT NULL DEFAULT 0, ADD COLUMN makespan_s integer;

ALTER TABLE layout_version
    -- since when it can be booked: when it was published and all its times were known
    ADD COLUMN bookable_at timestamptz,
    ADD COLUMN revision integer NOT NULL DEFAULT 1;

-- The versions that may stand in an area from now on: published ones that claim it, and retired ones in which something
-- is planned, or stands, or stood last.
CREATE FUNCTION versions_standing(of_space uuid) RETURNS TABLE (area_id uuid, layout_version_id uuid) LANGUAGE sql STABLE AS $$
    SELECT c.area_id, c.layout_version_id
    FROM public.area a JOIN public.layout_version_area c ON c.area_id = a.id JOIN public.layout_version v ON v.id = c.layout_version_id
    WHERE a.space_id = of_space AND (v.state = 'published' OR (v.state = 'retired' AND (
        a.initial_layout_version_id = v.id
        OR EXISTS (SELECT FROM public.booking b WHERE b.space_id = of_space AND b.layout_version_id = v.id
            AND b.state IN ('held', 'requested', 'confirmed', 'checked_in', 'waitlisted'))
        OR EXISTS (SELECT FROM public.occupancy o WHERE o.area_id = a.id AND v.id IN (o.layout_version_id, o.from_version_id, o.to_version_id)
            AND upper(o.during) > statement_timestamp())
        OR v.id = (SELECT o.to_version_id FROM public.occupancy o WHERE o.area_id = a.id AND o.kind = 'changeover'
            AND lower(o.during) <= statement_timestamp() ORDER BY lower(o.during) DESC LIMIT 1))))
$$;

-- Each change from one such version to another, whether its time is known, and whether it is of the present basis.
CREATE FUNCTION changeovers_of(of_space uuid)
    RETURNS TABLE (area_id uuid, from_version_id uuid, to_version_id uuid, known boolean, fresh boolean) LANGUAGE sql STABLE AS $$
    WITH standing AS MATERIALIZED (SELECT * FROM versions_standing(of_space))
    SELECT o.area_id, o.layout_version_id, n.layout_version_id, t.area_id IS NOT NULL,
        coalesce(t.basis = (SELECT f.basis FROM public.floor f WHERE f.space_id = of_space), false)
    FROM standing o JOIN standing n ON n.area_id = o.area_id LEFT JOIN public.changeover_time t
        ON t.area_id = o.area_id AND t.from_version_id = o.layout_version_id AND t.to_version_id = n.layout_version_id
$$;

ALTER TABLE layout_version ADD CONSTRAINT layout_version_bookable_at CHECK (bookable_at IS NULL OR state <> 'draft');

-- A published version never changes: it becomes bookable, it can be retired, and come back.
CREATE OR REPLACE FUNCTION layout_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_space uuid;
BEGIN
    IF OLD.state = 'draft' AND TG_OP = 'UPDATE' AND NEW.state <> 'draft' THEN
        PERFORM require_read_committed();
        -- neither the layout nor an area moves to another space meanwhile, nor does a block type change its shape
        PERFORM 1 FROM public.layout l WHERE l.id = NEW.layout_id FOR SHARE;
        PERFORM 1 FROM public.layout_version_area c JOIN public.area a ON a.id = c.area_id
            WHERE c.layout_version_id = NEW.id ORDER BY a.id FOR SHARE OF a;
        PERFORM 1 FROM public.layout_need n JOIN public.block_type t ON t.id = n.block_type_id
            WHERE n.layout_version_id = NEW.id ORDER BY t.id FOR SHARE OF t;
        IF EXISTS (SELECT 1 FROM public.layout l JOIN public.layout_version_area c ON c.layout_version_id = NEW.id
            JOIN public.area a ON a.id = c.area_id WHERE l.id = NEW.layout_id AND a.space_id <> l.space_id) THEN
            RAISE EXCEPTION 'a layout version claims areas of its own space'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_version_own_areas';
        END IF;
        NEW.bookable_at := NULL;
    END IF;
    IF OLD.state = 'draft' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state IN ('published', 'retired')
        AND to_jsonb(NEW) - '{state,bookable_at}'::text[] = to_jsonb(OLD) - '{state,bookable_at}'::text[] THEN
        IF NEW.state = 'published' AND OLD.state = 'retired' THEN
            -- others may have been published meanwhile
            NEW.bookable_at := NULL;
        ELSIF NEW.bookable_at IS DISTINCT FROM OLD.bookable_at THEN
            SELECT l.space_id INTO of_space FROM public.layout l WHERE l.id = NEW.layout_id;
            IF OLD.bookable_at IS NOT NULL OR EXISTS (SELECT FROM changeovers_of(of_space) c
                WHERE NEW.id IN (c.from_version_id, c.to_version_id) AND NOT c.known) THEN
                RAISE EXCEPTION 'a layout version is bookable once the times to and from all others are known'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_version_times_known';
            END IF;
        END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published layout version never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'layout_version_published';
END $$;

-- As before, and the layout version that is taken is bookable.
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
    SELECT s.pool_id, s.policy ->> 'requests' AS requests, v.state <> 'draft' AS published, v.bookable_at IS NOT NULL AS bookable,
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
        ELSIF NOT ground.bookable THEN
            RAISE EXCEPTION 'a booking is pinned to a layout version whose changeover times are known'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_layout_bookable';
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

-- What is published already was bookable with the times that it has.
UPDATE layout_version v SET bookable_at = v.published_at FROM layout l WHERE l.id = v.layout_id AND v.state <> 'draft'
    AND NOT EXISTS (SELECT FROM changeovers_of(l.space_id) c WHERE v.id IN (c.from_version_id, c.to_version_id) AND NOT c.known);
