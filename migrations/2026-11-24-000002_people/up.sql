-- Who acts: users and their sign-ins, organisations and their members, staff.
CREATE TABLE "user" (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    phone text,
    name text NOT NULL,
    locale text NOT NULL DEFAULT 'zh-CN' CHECK (locale IN ('zh-CN', 'en')),
    -- argon2id in PHC format, its parameters inside
    password_hash text NOT NULL,
    verified_at timestamptz,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX user_email ON "user" (lower(email));

CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venue,
    kind text NOT NULL CHECK (kind IN ('enterprise', 'residents_committee', 'public_body', 'association')),
    name text NOT NULL,
    credit_code text UNIQUE,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'verified')),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE membership (
    organisation_id uuid NOT NULL REFERENCES organisation,
    user_id uuid NOT NULL REFERENCES "user",
    role text NOT NULL CHECK (role IN ('owner', 'booker', 'viewer')),
    PRIMARY KEY (organisation_id, user_id)
);
CREATE INDEX membership_user ON membership (user_id);

CREATE TABLE staff_role (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES "user",
    venue_id uuid NOT NULL REFERENCES venue,
    -- null: every space of the venue
    space_id uuid REFERENCES space,
    role text NOT NULL CHECK (role IN ('approver', 'front_desk', 'crew', 'admin')),
    UNIQUE NULLS NOT DISTINCT (user_id, venue_id, space_id, role)
);
CREATE INDEX staff_role_venue ON staff_role (venue_id, role);

CREATE TABLE sign_in (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES "user",
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    device text NOT NULL DEFAULT '',
    -- why it no longer stands, and since when
    ended_at timestamptz,
    ended_because text CHECK (ended_because IN ('signed_out', 'reuse', 'password_changed', 'disabled')),
    CONSTRAINT sign_in_ended CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX sign_in_user ON sign_in (user_id) WHERE ended_at IS NULL;

CREATE TABLE refresh_token (
    -- SHA-256 of the token: the token itself is never stored
    hash bytea PRIMARY KEY,
    sign_in_id uuid NOT NULL REFERENCES sign_in ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_token_sign_in ON refresh_token (sign_in_id);

-- Guesses at passwords, by account and by address: what slows them down holds across processes.
CREATE TABLE sign_in_failure (
    -- "account:<hash of the address typed>" or "address:<network address>"
    subject text PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL
);

CREATE TABLE audit_entry (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id uuid,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id uuid,
    -- names of the fields that changed; never personal values
    fields text[] NOT NULL DEFAULT '{}',
    address text NOT NULL DEFAULT ''
);
CREATE INDEX audit_entry_at ON audit_entry (at);
CREATE INDEX audit_entry_object ON audit_entry (object_id, at);

CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_entry_append_only';
END $$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only();
