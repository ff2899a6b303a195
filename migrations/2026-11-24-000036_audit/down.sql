DROP TRIGGER booking_event_no_truncate ON booking_event;
DROP TRIGGER booking_event_append_only ON booking_event;
DROP FUNCTION booking_event_append_only();
ALTER TABLE booking_event DROP COLUMN by_staff;
CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_entry_append_only';
END $$;
DROP INDEX audit_entry_actor;
DROP INDEX audit_entry_at;
CREATE INDEX audit_entry_at ON audit_entry (at);
ALTER TABLE audit_entry DROP COLUMN venue_id, DROP COLUMN people;
