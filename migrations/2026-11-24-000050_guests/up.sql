-- Guests: bookings without an account, looked after by one link.
ALTER TABLE booking
    -- what the token of its link is derived from, while it is nobody's own; another one wherever its address changes
    ADD COLUMN guest_link uuid,
    ADD CONSTRAINT booking_guest_link_is_a_guests CHECK (guest_link IS NULL OR requester_id IS NULL AND contact_email IS NOT NULL);
CREATE UNIQUE INDEX booking_guest_link ON booking (guest_link) WHERE guest_link IS NOT NULL;
-- what an account with the address may claim
CREATE INDEX booking_claimable ON booking (lower(contact_email)) WHERE requester_id IS NULL AND contact_email IS NOT NULL;

-- who did it, where nobody with an account did
ALTER TABLE booking_event ADD COLUMN by_guest boolean NOT NULL DEFAULT false;
CREATE OR REPLACE FUNCTION booking_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.reason = '' AND NEW.changes IS NULL
        AND (NEW.id, NEW.booking_id, NEW.at, NEW.event, NEW.from_state, NEW.to_state, NEW.actor_id, NEW.overrides, NEW.by_staff, NEW.by_guest)
            IS NOT DISTINCT FROM (OLD.id, OLD.booking_id, OLD.at, OLD.event, OLD.from_state, OLD.to_state, OLD.actor_id, OLD.overrides, OLD.by_staff, OLD.by_guest)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a booking''s history is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_event_append_only';
END $$;
-- null: the guest whose booking it is
ALTER TABLE change_request ALTER COLUMN requested_by DROP NOT NULL;

-- Requests of guests within the last day, confirmed or not: what limits them holds across processes.
CREATE TABLE guest_request (
    id uuid PRIMARY KEY,
    -- in small letters
    email text NOT NULL,
    -- the caller's network address, as far as it is one customer's
    network text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX guest_request_email ON guest_request (email, at);
CREATE INDEX guest_request_network ON guest_request (network, at);
CREATE INDEX guest_request_at ON guest_request (at);

-- one hold a person and space, also of people without an account: a second replaces the first
CREATE UNIQUE INDEX booking_one_guest_hold ON booking (lower(contact_email), space_id)
    WHERE state = 'held' AND offer_for IS NULL AND guest_link IS NOT NULL;
