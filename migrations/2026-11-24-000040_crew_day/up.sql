-- The crew's day: what became of a changeover, beside its row. Starting late and finishing change what is expected of the
-- rest of the day, never the rows; starting early moves the row to the moment of the start.
CREATE TABLE changeover_job (
    -- a row of occupancy: that it is there, and stays, is said below
    changeover_id uuid PRIMARY KEY,
    -- its row's
    crew_id uuid NOT NULL,
    -- where the row lay when the crew started: an undone start moves it back
    planned tstzrange NOT NULL,
    started_at timestamptz NOT NULL,
    started_by uuid NOT NULL REFERENCES "user",
    finished_at timestamptz,
    finished_by uuid REFERENCES "user",
    CONSTRAINT changeover_job_planned CHECK (is_stretch(planned)),
    CONSTRAINT changeover_job_finished CHECK ((finished_at IS NULL) = (finished_by IS NULL)),
    CONSTRAINT changeover_job_ends_after_start CHECK (finished_at IS NULL OR finished_at >= started_at)
);
-- a crew does one changeover at a time
CREATE UNIQUE INDEX changeover_job_crew_once ON changeover_job (crew_id) WHERE finished_at IS NULL;
CREATE INDEX changeover_job_crew ON changeover_job (crew_id, started_at);

-- Before what became of a changeover is written: level, lock, and the states: not started, running, finished, one by one
-- in either direction. Only what is decided is carried.
CREATE FUNCTION changeover_job_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changeover record;
    changed record := coalesce(NEW, OLD);
BEGIN
    PERFORM require_read_committed();
    SELECT a.space_id, o.kind INTO changeover FROM public.occupancy o JOIN public.area a ON a.id = o.area_id WHERE o.id = changed.changeover_id;
    IF changeover.kind IS DISTINCT FROM 'changeover' THEN
        RAISE EXCEPTION 'a job is a changeover' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_of_changeover';
    END IF;
    PERFORM lock_space(changeover.space_id);
    IF TG_OP = 'DELETE' THEN
        IF OLD.finished_at IS NOT NULL THEN
            RAISE EXCEPTION 'a finished changeover is not started all over' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_state';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        -- a statement of its own: it sees what whoever held the lock before has committed
        SELECT o.crew_id, b.state INTO changeover FROM public.occupancy o LEFT JOIN public.booking b ON b.id = o.booking_id WHERE o.id = NEW.changeover_id;
        NEW.crew_id := changeover.crew_id;
        IF changeover.state IS NULL OR changeover.state IN ('held', 'requested') THEN
            RAISE EXCEPTION 'nobody carries for what is not decided' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_decided';
        END IF;
        IF NEW.finished_at IS NOT NULL THEN
            RAISE EXCEPTION 'a changeover is started before it is finished' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_state';
        END IF;
    ELSE
        IF NEW.changeover_id <> OLD.changeover_id OR NEW.crew_id <> OLD.crew_id OR NEW.planned <> OLD.planned
            OR NEW.started_at <> OLD.started_at OR NEW.started_by <> OLD.started_by
            OR (OLD.finished_at IS NOT NULL AND NEW.finished_at IS NOT NULL
                AND (NEW.finished_at <> OLD.finished_at OR NEW.finished_by <> OLD.finished_by)) THEN
            RAISE EXCEPTION 'what was measured is not changed, only undone' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_measured';
        END IF;
    END IF;
    IF greatest(NEW.started_at, NEW.finished_at) > clock_timestamp() THEN
        RAISE EXCEPTION 'what has not happened is not measured' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_happened';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER changeover_job_guard BEFORE INSERT OR UPDATE OR DELETE ON changeover_job
    FOR EACH ROW EXECUTE FUNCTION changeover_job_guard();
CREATE TRIGGER changeover_job_no_truncate BEFORE TRUNCATE ON changeover_job FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- What its crew started has begun: its row does not lie after the start, and it stays this crew's.
CREATE FUNCTION check_changeover_job(changeover uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.changeover_job j JOIN public.occupancy o ON o.id = j.changeover_id
        WHERE j.changeover_id = changeover AND (lower(o.during) > j.started_at OR o.crew_id <> j.crew_id)) THEN
        RAISE EXCEPTION 'what its crew started has begun' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_begun';
    END IF;
END $$;

CREATE FUNCTION changeover_job_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_changeover_job(NEW.changeover_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER changeover_job_check AFTER INSERT OR UPDATE ON changeover_job
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION changeover_job_check();

CREATE FUNCTION occupancy_job_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.changeover_job j WHERE j.changeover_id = OLD.id) THEN
        RAISE EXCEPTION 'what its crew started is not planned anew' USING ERRCODE = 'check_violation', CONSTRAINT = 'changeover_job_begun';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER occupancy_job_stays AFTER DELETE ON occupancy FOR EACH ROW
    WHEN (OLD.kind = 'changeover') EXECUTE FUNCTION occupancy_job_stays();

CREATE FUNCTION occupancy_job_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_changeover_job(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER occupancy_job_check AFTER UPDATE ON occupancy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.kind = 'changeover' AND (NEW.during <> OLD.during OR NEW.crew_id <> OLD.crew_id))
    EXECUTE FUNCTION occupancy_job_check();
