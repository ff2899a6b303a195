-- Keys of programs: they act for a venue or for an organisation, within their scopes, as long as whoever made them may.
CREATE TABLE api_key (
    id uuid PRIMARY KEY,
    -- SHA-256 of the key: the key itself is shown once and never stored
    hash bytea NOT NULL UNIQUE,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    venue_id uuid NOT NULL REFERENCES venue,
    -- null: a key of the venue's staff
    organisation_id uuid REFERENCES organisation,
    made_by uuid NOT NULL REFERENCES "user",
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['catalogue:read', 'catalogue:write',
        'bookings:read', 'bookings:write', 'desk:read', 'desk:write']),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    -- to the minute
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_venue ON api_key (venue_id, id);
CREATE INDEX api_key_organisation ON api_key (organisation_id, id) WHERE organisation_id IS NOT NULL;
CREATE INDEX api_key_maker ON api_key (made_by);
