-- The outbox: what people were promised to be told. A row is written with the transition that it tells of.
CREATE TABLE message (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    booking_id uuid REFERENCES booking,
    recipient_id uuid REFERENCES "user",
    -- where it goes; null: nobody can be reached by mail, so the front desk calls
    email text,
    phone text,
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    -- the facts as they were, so that a later change does not rewrite an earlier message
    payload jsonb NOT NULL,
    -- the same thing is never told twice
    dedupe_key text NOT NULL UNIQUE,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
    tries integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT message_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX message_due ON message (next_try_at) WHERE state = 'queued';
CREATE INDEX message_failed ON message (id) WHERE state = 'failed';
CREATE INDEX message_booking ON message (booking_id);
