-- Nobody has come, or stayed away, before the event begins.
CREATE FUNCTION booking_done_when_begun() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF lower(NEW.during) > clock_timestamp() THEN
        RAISE EXCEPTION 'what has not begun is neither over nor missed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_done_when_begun';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER booking_done_when_begun AFTER UPDATE OF state ON booking
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state IN ('completed', 'no_show') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION booking_done_when_begun();
