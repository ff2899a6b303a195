-- Tasks are taken, given back and done, by somebody.
ALTER TABLE task
    ADD COLUMN taken_at timestamptz,
    ADD COLUMN taken_by uuid REFERENCES "user",
    ADD CONSTRAINT task_taken CHECK ((taken_at IS NULL) = (taken_by IS NULL));

CREATE TABLE task_event (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES task ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event text NOT NULL CHECK (event IN ('take', 'give_back', 'done')),
    actor_id uuid NOT NULL REFERENCES "user"
);
CREATE INDEX task_event_task ON task_event (task_id, at);
