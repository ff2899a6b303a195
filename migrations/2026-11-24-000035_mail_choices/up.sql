-- What people wish to be told and when, addresses that mail does not reach, and what staff do about it.

-- A mail may wait for its reader's digest or for the end of the quiet hours; it may be one that its reader does not want, one
-- that a digest told of, or one that was overtaken while it waited.
ALTER TABLE message DROP CONSTRAINT message_state_check;
ALTER TABLE message ADD CONSTRAINT message_state_check
    CHECK (state IN ('queued', 'sent', 'failed', 'muted', 'digested', 'overtaken'));
ALTER TABLE message
    -- whose staff look after it, where it is about no booking; null: any venue's
    ADD COLUMN venue_id uuid REFERENCES venue,
    ADD COLUMN waits_for text CHECK (waits_for IN ('digest', 'quiet_hours')),
    ADD COLUMN waits_until timestamptz,
    -- why it failed, besides what the mail server said
    ADD COLUMN failure text CHECK (failure IN ('no_address', 'address_refused', 'mail_refused', 'gave_up')),
    -- staff told the reader by telephone instead
    ADD COLUMN called_at timestamptz,
    ADD COLUMN called_by uuid REFERENCES "user",
    -- when its address and text went: the retention period was over, or the person went
    ADD COLUMN redacted_at timestamptz,
    ADD CONSTRAINT message_waits CHECK ((waits_for IS NULL) = (waits_until IS NULL)),
    ADD CONSTRAINT message_called CHECK ((called_at IS NULL) = (called_by IS NULL));
CREATE INDEX message_digest ON message (recipient_id, waits_until) WHERE state = 'queued' AND waits_for = 'digest';

-- What is known of an address: somebody followed a link that was sent there, or a mail server refused it for good.
CREATE TABLE mail_address (
    -- in lower case
    address text PRIMARY KEY CHECK (address = lower(address)),
    confirmed_at timestamptz,
    bounced_at timestamptz
);

-- What a person wishes to be told; who has no row is told everything at once.
CREATE TABLE notification_setting (
    user_id uuid PRIMARY KEY REFERENCES "user" ON DELETE CASCADE,
    -- the time of day, in the venue's zone, at which one mail tells of all that waits for a decision; null: each at once
    digest_at time,
    -- kinds of mails that they do not want; never one that somebody must read
    off text[] NOT NULL DEFAULT '{}' CHECK (off <@ ARRAY['booking_received', 'booking_withdrawn', 'booking_reminder'])
);
