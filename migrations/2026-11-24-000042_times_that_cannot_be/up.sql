-- Why a changeover has no time: it was tried at this basis of the floor, and is not tried again before that changes. A
-- version with such a changeover never becomes bookable; whoever draws layouts is told which one, and why.
CREATE TABLE changeover_fault (
    area_id uuid NOT NULL REFERENCES area,
    from_version_id uuid NOT NULL REFERENCES layout_version,
    to_version_id uuid NOT NULL REFERENCES layout_version,
    reason text NOT NULL CHECK (reason IN ('off_floor', 'overlap', 'no_path', 'no_teams', 'too_many', 'too_slow')),
    basis integer NOT NULL,
    PRIMARY KEY (area_id, from_version_id, to_version_id)
);
CREATE INDEX changeover_fault_to ON changeover_fault (to_version_id);
