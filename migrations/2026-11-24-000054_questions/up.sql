-- Staff ask a requester something; the answer belongs to the booking's history.
CREATE TABLE question (
    id uuid PRIMARY KEY,
    booking_id uuid NOT NULL REFERENCES booking,
    asked text NOT NULL CHECK (char_length(asked) BETWEEN 1 AND 1000),
    asked_by uuid NOT NULL REFERENCES "user",
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    answer text CHECK (char_length(answer) BETWEEN 1 AND 2000),
    -- null: the booking's guest
    answered_by uuid REFERENCES "user",
    answered_at timestamptz,
    CONSTRAINT question_answered CHECK ((answered_at IS NULL) = (answer IS NULL) AND (answered_by IS NULL OR answer IS NOT NULL))
);
CREATE INDEX question_booking ON question (booking_id, id);

-- staff offer one other slot at a time
CREATE UNIQUE INDEX booking_one_offer ON booking (offer_for) WHERE state = 'held' AND offer_for IS NOT NULL;
