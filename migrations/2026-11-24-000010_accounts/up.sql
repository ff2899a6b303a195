-- Accounts that people make themselves: registrations, links in mails, second factors.

-- What somebody is sent by mail to prove that they read it: good for one purpose, once, for a while.
CREATE TABLE mail_link (
    id uuid PRIMARY KEY,
    -- SHA-256 of the token: the token itself is never stored
    hash bytea NOT NULL UNIQUE,
    purpose text NOT NULL CHECK (purpose IN ('verify', 'reset', 'change_email', 'invite')),
    -- where it was sent
    email text NOT NULL,
    -- whose account it is about; null: nobody's yet
    user_id uuid REFERENCES "user" ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX mail_link_email ON mail_link (lower(email), purpose, created_at);
CREATE INDEX mail_link_user ON mail_link (user_id);
CREATE INDEX mail_link_expiry ON mail_link (expires_at);

-- An account that waits for its address to be confirmed. Several may wait for one address: the first whose link is
-- used becomes the account.
CREATE TABLE registration (
    link_id uuid PRIMARY KEY REFERENCES mail_link ON DELETE CASCADE,
    name text NOT NULL,
    phone text,
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    password_hash text NOT NULL
);

-- Time-based one-time codes (RFC 6238). The secret is derived from the id and a key outside the database.
CREATE TABLE second_factor (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL UNIQUE REFERENCES "user" ON DELETE CASCADE,
    -- null: not proven yet, and not asked for
    confirmed_at timestamptz,
    -- the step of the last code taken: a code is good once
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE recovery_code (
    user_id uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    -- SHA-256 of the code
    hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
);

ALTER TABLE sign_in DROP CONSTRAINT sign_in_ended_because_check;
ALTER TABLE sign_in ADD CONSTRAINT sign_in_ended_because_check
    CHECK (ended_because IN ('signed_out', 'reuse', 'password_changed', 'disabled', 'second_factor'));
