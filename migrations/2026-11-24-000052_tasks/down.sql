DROP TABLE task_event;
ALTER TABLE task DROP CONSTRAINT task_taken, DROP COLUMN taken_by, DROP COLUMN taken_at;
