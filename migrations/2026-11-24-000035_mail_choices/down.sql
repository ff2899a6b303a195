DROP TABLE notification_setting, mail_address;
DROP INDEX message_digest;
UPDATE message SET state = 'sent', sent_at = coalesce(sent_at, clock_timestamp()) WHERE state IN ('muted', 'digested', 'overtaken');
ALTER TABLE message DROP COLUMN venue_id, DROP COLUMN waits_for, DROP COLUMN waits_until, DROP COLUMN failure,
    DROP COLUMN called_at, DROP COLUMN called_by, DROP COLUMN redacted_at;
ALTER TABLE message DROP CONSTRAINT message_state_check;
ALTER TABLE message ADD CONSTRAINT message_state_check CHECK (state IN ('queued', 'sent', 'failed'));
