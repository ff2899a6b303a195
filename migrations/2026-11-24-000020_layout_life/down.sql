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
CREATE OR REPLACE FUNCTION layout_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION changeovers_of(uuid), versions_standing(uuid);
ALTER TABLE layout_version DROP COLUMN bookable_at, DROP COLUMN revision;
ALTER TABLE changeover_time DROP COLUMN basis, DROP COLUMN makespan_s;
DROP TRIGGER crew_teams_changed ON crew;
DROP TRIGGER crew_made ON crew;
DROP TRIGGER block_type_guard ON block_type;
DROP TRIGGER catalogue_changed ON floor;
DROP TRIGGER floor_guard ON floor;
DROP FUNCTION crew_teams_changed(), block_type_guard(), floor_guard();
ALTER TABLE floor DROP COLUMN areas, DROP COLUMN revision, DROP COLUMN basis, DROP CONSTRAINT floor_rows_are_grid;
DROP FUNCTION is_grid(text[], integer, text);
