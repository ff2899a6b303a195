DROP TABLE guest_request;
DELETE FROM change_request WHERE requested_by IS NULL;
ALTER TABLE change_request ALTER COLUMN requested_by SET NOT NULL;
CREATE OR REPLACE FUNCTION booking_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.reason = '' AND NEW.changes IS NULL
        AND (NEW.id, NEW.booking_id, NEW.at, NEW.event, NEW.from_state, NEW.to_state, NEW.actor_id, NEW.overrides, NEW.by_staff)
            IS NOT DISTINCT FROM (OLD.id, OLD.booking_id, OLD.at, OLD.event, OLD.from_state, OLD.to_state, OLD.actor_id, OLD.overrides, OLD.by_staff)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a booking''s history is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_event_append_only';
END $$;
ALTER TABLE booking_event DROP COLUMN by_guest;
DROP INDEX booking_claimable;
DROP INDEX booking_one_guest_hold;
ALTER TABLE booking DROP COLUMN guest_link;
