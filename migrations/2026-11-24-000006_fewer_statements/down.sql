DROP FUNCTION blocks_standing;
DROP TRIGGER catalogue_emptied ON changeover_time;
DROP TRIGGER catalogue_emptied ON hours_exception;
DROP TRIGGER catalogue_emptied ON calendar_day;
DROP TRIGGER catalogue_changed ON pool_stock;
DROP TRIGGER catalogue_changed ON changeover_time;
DROP TRIGGER catalogue_changed ON layout_need;
DROP TRIGGER catalogue_changed ON layout_version_area;
DROP TRIGGER catalogue_changed ON layout_version;
DROP TRIGGER catalogue_changed ON layout;
DROP TRIGGER catalogue_changed ON area;
DROP TRIGGER catalogue_changed ON hours_exception;
DROP TRIGGER catalogue_changed ON space;
DROP TRIGGER catalogue_changed ON calendar_day;
DROP TRIGGER catalogue_changed ON venue;
DROP FUNCTION catalogue_changed;
DROP TABLE catalogue_revision;

-- as they were
CREATE OR REPLACE FUNCTION booking_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION occupancy_check() RETURNS trigger LANGUAGE plpgsql AS $$
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

DROP FUNCTION check_booking;
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

DROP FUNCTION check_stock;
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

CREATE OR REPLACE FUNCTION occupancy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION lock_space(space uuid) RETURNS void LANGUAGE plpgsql AS $$
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

DROP FUNCTION check_chain;
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

CREATE OR REPLACE FUNCTION booking_taken(b public.booking) RETURNS tstzrange LANGUAGE sql IMMUTABLE AS $$
    SELECT tstzrange(
        lower(b.during) - make_interval(mins => b.access_before_min),
        coalesce(b.released_at, upper(b.during) + make_interval(mins => b.access_after_min)) + make_interval(mins => b.tail_min))
$$;

DROP FUNCTION is_stretch;
DROP TRIGGER crew_no_truncate ON crew;
DROP TRIGGER area_no_truncate ON area;
DROP TRIGGER layout_version_no_truncate ON layout_version;
DROP TRIGGER crew_guard_delete ON crew;
CREATE OR REPLACE FUNCTION crew_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_read_committed();
    PERFORM 1 FROM public.pool p WHERE p.id IN (OLD.pool_id, NEW.pool_id) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM public.occupancy o WHERE o.crew_id = OLD.id) THEN
        RAISE EXCEPTION 'a crew that has changeovers stays in its pool' USING ERRCODE = 'check_violation', CONSTRAINT = 'crew_rests';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION booking_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_booking(NEW.id);
    RETURN NULL;
END $$;

ALTER TABLE occupancy
    ADD CONSTRAINT occupancy_range CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL
        AND NOT lower_inf(during) AND NOT upper_inf(during) AND lower_inc(during) AND NOT upper_inc(during)
        AND isfinite(lower(during)) AND isfinite(upper(during))),
    ADD CONSTRAINT occupancy_kind CHECK (
        CASE kind
            WHEN 'event' THEN booking_id IS NOT NULL AND from_version_id IS NULL AND to_version_id IS NULL AND crew_id IS NULL AND required_min IS NULL AND closure_id IS NULL
            WHEN 'changeover' THEN booking_id IS NOT NULL AND layout_version_id IS NULL AND from_version_id IS NOT NULL AND to_version_id IS NOT NULL AND crew_id IS NOT NULL AND required_min IS NOT NULL AND closure_id IS NULL
            WHEN 'closure' THEN closure_id IS NOT NULL AND booking_id IS NULL AND layout_version_id IS NULL AND from_version_id IS NULL AND to_version_id IS NULL AND crew_id IS NULL AND required_min IS NULL
            ELSE false
        END),
    ADD CONSTRAINT occupancy_changeover_long_enough CHECK (required_min IS NULL OR upper(during) - lower(during) >= make_interval(mins => required_min));
ALTER TABLE booking
    ADD CONSTRAINT booking_state_check CHECK (state IN ('held', 'requested', 'confirmed', 'checked_in', 'completed', 'no_show',
        'declined', 'withdrawn', 'cancelled', 'expired', 'released', 'waitlisted')),
    ADD CONSTRAINT booking_access_before_min_check CHECK (access_before_min BETWEEN 0 AND 1440),
    ADD CONSTRAINT booking_access_after_min_check CHECK (access_after_min BETWEEN 0 AND 1440),
    ADD CONSTRAINT booking_tail_min_check CHECK (tail_min BETWEEN 0 AND 1440),
    ADD CONSTRAINT booking_area_ids_check CHECK (cardinality(area_ids) > 0),
    ADD CONSTRAINT booking_event_type_check CHECK (event_type IN ('roadshow', 'talk', 'launch', 'charity_popup', 'exhibition', 'robot_contest', 'salon', 'meeting', 'training', 'rehearsal', 'livestream', 'rest', 'other')),
    ADD CONSTRAINT booking_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    ADD CONSTRAINT booking_attendance_check CHECK (attendance > 0),
    ADD CONSTRAINT booking_needs_check CHECK (char_length(needs) <= 2000),
    ADD CONSTRAINT booking_locale_check CHECK (locale IN ('zh-CN', 'en')),
    ADD CONSTRAINT booking_approval_steps_check CHECK (approval_steps BETWEEN 0 AND 5),
    ADD CONSTRAINT booking_range CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL AND lower_inc(during) AND NOT upper_inc(during)),
    ADD CONSTRAINT booking_released_in_range CHECK (released_at IS NULL OR (state IN ('completed', 'no_show')
        AND released_at > lower(during) - make_interval(mins => access_before_min)
        AND released_at < upper(during) + make_interval(mins => access_after_min))),
    ADD CONSTRAINT booking_expiry CHECK (expires_at IS NOT NULL OR state NOT IN ('held', 'requested')),
    ADD CONSTRAINT booking_requester CHECK (requester_id IS NOT NULL OR contact_phone IS NOT NULL OR contact_email IS NOT NULL OR contact_name <> ''),
    ADD CONSTRAINT booking_range_finite CHECK (isfinite(lower(during)) AND isfinite(upper(during)));
ALTER TABLE message ADD FOREIGN KEY (recipient_id) REFERENCES "user";
ALTER TABLE booking ADD FOREIGN KEY (layout_version_id) REFERENCES layout_version;
ALTER TABLE occupancy
    ADD FOREIGN KEY (area_id) REFERENCES area, ADD FOREIGN KEY (layout_version_id) REFERENCES layout_version,
    ADD FOREIGN KEY (from_version_id) REFERENCES layout_version, ADD FOREIGN KEY (to_version_id) REFERENCES layout_version,
    ADD FOREIGN KEY (crew_id) REFERENCES crew;
