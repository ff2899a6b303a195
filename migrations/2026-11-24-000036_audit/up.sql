-- Every act of staff, every sign-in, and whose personal data staff have read.
ALTER TABLE audit_entry
    -- whose administrators read it; null: any venue's
    ADD COLUMN venue_id uuid,
    -- of whom personal data was read: accounts, and bookings of people without one
    ADD COLUMN people uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX audit_entry_venue ON audit_entry (venue_id, at, id);
CREATE INDEX audit_entry_people ON audit_entry USING gin (people);
DROP INDEX audit_entry_at;
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, at) WHERE actor_id IS NOT NULL;

-- Nothing is changed, and nothing is taken away that is younger than half a year: so long the law wants it kept
-- (Cybersecurity Law, article 21). What is older goes when the venue's retention period is over.
CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < clock_timestamp() - interval '183 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit entries are append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_entry_append_only';
END $$;

-- A booking's history is the audit of what was done to it: written in the act's own transaction, and append-only, too.
ALTER TABLE booking_event ADD COLUMN by_staff boolean NOT NULL DEFAULT false;
CREATE INDEX booking_event_by_staff ON booking_event (at, id) WHERE by_staff;

-- Of a line only words can go, when the person goes whom they speak of.
CREATE FUNCTION booking_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER booking_event_append_only BEFORE UPDATE OR DELETE ON booking_event
    FOR EACH ROW EXECUTE FUNCTION booking_event_append_only();
CREATE TRIGGER booking_event_no_truncate BEFORE TRUNCATE ON booking_event
    FOR EACH STATEMENT EXECUTE FUNCTION booking_event_append_only();
