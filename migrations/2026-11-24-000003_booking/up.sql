-- Bookings, what became of them, and what they take up.
CREATE TABLE booking (
    id uuid PRIMARY KEY,
    -- short, readable over the phone, with a check character
    reference text NOT NULL UNIQUE,
    space_id uuid NOT NULL REFERENCES space,
    state text NOT NULL CHECK (state IN ('held', 'requested', 'confirmed', 'checked_in', 'completed', 'no_show',
        'declined', 'withdrawn', 'cancelled', 'expired', 'released', 'waitlisted')),
    -- the event itself, without access times
    during tstzrange NOT NULL,
    access_before_min integer NOT NULL DEFAULT 0 CHECK (access_before_min BETWEEN 0 AND 1440),
    access_after_min integer NOT NULL DEFAULT 0 CHECK (access_after_min BETWEEN 0 AND 1440),
    -- the plain turnaround as it was when written, in a space without a floor; 0 on a floor
    tail_min integer NOT NULL DEFAULT 0 CHECK (tail_min BETWEEN 0 AND 1440),
    -- when the space was given back before the end
    released_at timestamptz,
    layout_version_id uuid REFERENCES layout_version,
    area_ids uuid[] NOT NULL CHECK (cardinality(area_ids) > 0),
    -- whether it has occupancy rows while it is held or requested
    holds_slot boolean NOT NULL,
    -- a hold that staff offered together with a decline
    offer_for uuid REFERENCES booking,
    event_type text NOT NULL CHECK (event_type IN ('roadshow', 'talk', 'launch', 'charity_popup', 'exhibition', 'robot_contest', 'salon', 'meeting', 'training', 'rehearsal', 'livestream', 'rest', 'other')),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    title_public boolean NOT NULL DEFAULT false,
    attendance integer NOT NULL CHECK (attendance > 0),
    needs text NOT NULL DEFAULT '' CHECK (char_length(needs) <= 2000),
    organisation_id uuid REFERENCES organisation,
    -- null: a person without an account, named by the contact
    requester_id uuid REFERENCES "user",
    contact_name text NOT NULL,
    contact_email text,
    contact_phone text,
    locale text NOT NULL DEFAULT 'zh-CN' CHECK (locale IN ('zh-CN', 'en')),
    -- distinct approvals that a confirmation needs, as the policy said when it was requested
    approval_steps integer NOT NULL DEFAULT 1 CHECK (approval_steps BETWEEN 0 AND 5),
    -- a hold's expiry or a request's deadline for a decision
    expires_at timestamptz,
    prolonged boolean NOT NULL DEFAULT false,
    -- whether arrival is awaited: its policy's word when it was confirmed
    check_in boolean NOT NULL DEFAULT true,
    -- until when a missing party is waited for; a noted late arrival moves it
    arrive_by timestamptz,
    -- RFC 5545 SEQUENCE, and the entity tag
    sequence integer NOT NULL DEFAULT 0,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT booking_range CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL AND lower_inc(during) AND NOT upper_inc(during)),
    CONSTRAINT booking_released_in_range CHECK (released_at IS NULL OR (state IN ('completed', 'no_show')
        AND released_at > lower(during) - make_interval(mins => access_before_min)
        AND released_at < upper(during) + make_interval(mins => access_after_min))),
    CONSTRAINT booking_expiry CHECK (expires_at IS NOT NULL OR state NOT IN ('held', 'requested')),
    CONSTRAINT booking_requester CHECK (requester_id IS NOT NULL OR contact_phone IS NOT NULL OR contact_email IS NOT NULL OR contact_name <> '')
);
CREATE INDEX booking_space_during ON booking USING gist (space_id, during);
CREATE INDEX booking_requester ON booking (requester_id, id);
CREATE INDEX booking_organisation ON booking (organisation_id, id) WHERE organisation_id IS NOT NULL;
CREATE INDEX booking_undecided ON booking (space_id, expires_at) WHERE state IN ('held', 'requested');
CREATE INDEX booking_running ON booking (upper(during)) WHERE state IN ('confirmed', 'checked_in');
-- what the clock asks for: parties to be missed, people to be reminded
CREATE INDEX booking_awaited ON booking (arrive_by) WHERE state = 'confirmed' AND check_in;
CREATE INDEX booking_ahead ON booking (lower(during)) WHERE state = 'confirmed';
-- one hold a person and space: a second replaces the first
CREATE UNIQUE INDEX booking_one_hold ON booking (requester_id, space_id) WHERE state = 'held' AND offer_for IS NULL;

CREATE TABLE booking_event (
    id uuid PRIMARY KEY,
    booking_id uuid NOT NULL REFERENCES booking,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- what happened: hold, request, approve, confirm, decline, withdraw, cancel, expire, release, reschedule, edit, ...
    event text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    -- null: the product itself (policy, expiry)
    actor_id uuid REFERENCES "user",
    reason text NOT NULL DEFAULT '',
    -- policy rules that staff overrode
    overrides jsonb NOT NULL DEFAULT '[]',
    -- names of what changed with the values before, for moves
    changes jsonb
);
CREATE INDEX booking_event_booking ON booking_event (booking_id, at);

CREATE TABLE approval (
    id uuid PRIMARY KEY,
    booking_id uuid NOT NULL REFERENCES booking,
    approver_id uuid NOT NULL REFERENCES "user",
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- a reschedule makes the approvals given so far void
    void_at timestamptz
);
CREATE UNIQUE INDEX approval_distinct ON approval (booking_id, approver_id) WHERE void_at IS NULL;

CREATE TABLE change_request (
    id uuid PRIMARY KEY,
    booking_id uuid NOT NULL REFERENCES booking,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn', 'ended')),
    during tstzrange NOT NULL,
    access_before_min integer NOT NULL,
    access_after_min integer NOT NULL,
    layout_version_id uuid REFERENCES layout_version,
    area_ids uuid[] NOT NULL,
    attendance integer NOT NULL CHECK (attendance > 0),
    reason text NOT NULL DEFAULT '',
    requested_by uuid NOT NULL REFERENCES "user",
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by uuid REFERENCES "user",
    decided_at timestamptz,
    decision_reason text NOT NULL DEFAULT '',
    CONSTRAINT change_request_range CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL AND lower_inc(during) AND NOT upper_inc(during))
);
CREATE UNIQUE INDEX change_request_one_open ON change_request (booking_id) WHERE state = 'open';

CREATE TABLE closure (
    id uuid PRIMARY KEY,
    space_id uuid NOT NULL REFERENCES space,
    area_ids uuid[] NOT NULL CHECK (cardinality(area_ids) > 0),
    during tstzrange NOT NULL,
    reason text NOT NULL,
    created_by uuid NOT NULL REFERENCES "user",
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT closure_range CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL AND lower_inc(during) AND NOT upper_inc(during))
);
CREATE INDEX closure_space_during ON closure USING gist (space_id, during);

-- What is taken: a row for each area and each stretch of time. See docs/promise.md.
CREATE TABLE occupancy (
    id uuid PRIMARY KEY,
    area_id uuid NOT NULL REFERENCES area,
    kind text NOT NULL,
    during tstzrange NOT NULL,
    -- the event's booking, or the booking of the event that a changeover leads to
    booking_id uuid REFERENCES booking,
    -- event: what it stands in, where the space has a floor
    layout_version_id uuid REFERENCES layout_version,
    -- changeover
    from_version_id uuid REFERENCES layout_version,
    to_version_id uuid REFERENCES layout_version,
    crew_id uuid REFERENCES crew,
    required_min integer,
    closure_id uuid REFERENCES closure,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT occupancy_range CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL
        AND NOT lower_inf(during) AND NOT upper_inf(during) AND lower_inc(during) AND NOT upper_inc(during)
        AND isfinite(lower(during)) AND isfinite(upper(during))),
    CONSTRAINT occupancy_kind CHECK (
        CASE kind
            WHEN 'event' THEN booking_id IS NOT NULL AND from_version_id IS NULL AND to_version_id IS NULL AND crew_id IS NULL AND required_min IS NULL AND closure_id IS NULL
            WHEN 'changeover' THEN booking_id IS NOT NULL AND layout_version_id IS NULL AND from_version_id IS NOT NULL AND to_version_id IS NOT NULL AND crew_id IS NOT NULL AND required_min IS NOT NULL AND closure_id IS NULL
            WHEN 'closure' THEN closure_id IS NOT NULL AND booking_id IS NULL AND layout_version_id IS NULL AND from_version_id IS NULL AND to_version_id IS NULL AND crew_id IS NULL AND required_min IS NULL
            ELSE false
        END),
    CONSTRAINT occupancy_changeover_long_enough CHECK (required_min IS NULL OR upper(during) - lower(during) >= make_interval(mins => required_min)),
    CONSTRAINT occupancy_area_once EXCLUDE USING gist (area_id WITH =, during WITH &&),
    CONSTRAINT occupancy_crew_once EXCLUDE USING gist (crew_id WITH =, during WITH &&) WHERE (crew_id IS NOT NULL)
);
CREATE INDEX occupancy_chain ON occupancy (area_id, lower(during));
CREATE INDEX occupancy_booking ON occupancy (booking_id) WHERE booking_id IS NOT NULL;

CREATE TABLE task (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venue,
    kind text NOT NULL CHECK (kind IN ('changeover_missing', 'mail_undelivered', 'stock_short', 'shift_missing')),
    booking_id uuid REFERENCES booking,
    area_id uuid REFERENCES area,
    detail jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at timestamptz,
    done_by uuid REFERENCES "user"
);
CREATE INDEX task_open ON task (venue_id, id) WHERE done_at IS NULL;

-- One effect for one request: written with its answer, among the other writes.
CREATE TABLE idempotency (
    caller uuid NOT NULL,
    key text NOT NULL,
    -- SHA-256 of method, path and body
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    answer text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
