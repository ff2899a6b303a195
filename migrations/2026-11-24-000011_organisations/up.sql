-- Organisations that register themselves: decided by staff or by the list of the park's tenants; their invitations;
-- never one without an owner once it has one.
ALTER TABLE organisation DROP CONSTRAINT organisation_state_check;
ALTER TABLE organisation ADD CONSTRAINT organisation_state_check CHECK (state IN ('pending', 'verified', 'refused'));
ALTER TABLE organisation
    ADD COLUMN decided_at timestamptz,
    -- null: the list of tenants decided
    ADD COLUMN decided_by uuid REFERENCES "user",
    -- why it was refused, in the words of whoever did
    ADD COLUMN refusal text NOT NULL DEFAULT '',
    ADD CONSTRAINT organisation_refusal CHECK ((state = 'refused') = (refusal <> ''));
-- a refused one gives its code back: whose it is can register again
ALTER TABLE organisation DROP CONSTRAINT organisation_credit_code_key;
CREATE UNIQUE INDEX organisation_credit_code_key ON organisation (credit_code) WHERE state <> 'refused';
CREATE INDEX organisation_venue ON organisation (venue_id, state, id);

ALTER TABLE membership ADD COLUMN since timestamptz NOT NULL DEFAULT clock_timestamp();

CREATE TABLE invitation (
    link_id uuid PRIMARY KEY REFERENCES mail_link ON DELETE CASCADE,
    organisation_id uuid NOT NULL REFERENCES organisation,
    role text NOT NULL CHECK (role IN ('owner', 'booker', 'viewer')),
    invited_by uuid REFERENCES "user"
);
CREATE INDEX invitation_organisation ON invitation (organisation_id);

-- The park's tenants: an enterprise with one of these codes is verified without anybody's help.
CREATE TABLE tenant (
    venue_id uuid NOT NULL REFERENCES venue,
    credit_code text NOT NULL,
    name text NOT NULL,
    -- where it is known, only the account with this address speaks for the tenant
    email text,
    imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (venue_id, credit_code)
);

-- The organisation is locked before its owners are counted, so that two who leave at once do not both see the other.
CREATE FUNCTION membership_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.role = 'owner' AND NEW.organisation_id = OLD.organisation_id AND NEW.user_id = OLD.user_id THEN
        RETURN NEW;
    END IF;
    PERFORM require_read_committed();
    PERFORM FROM public.organisation o WHERE o.id = OLD.organisation_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM public.membership m
        WHERE m.organisation_id = OLD.organisation_id AND m.role = 'owner' AND m.user_id <> OLD.user_id) THEN
        RAISE EXCEPTION 'an organisation keeps an owner'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_owner';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER membership_owner BEFORE UPDATE OR DELETE ON membership
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION membership_owner();
CREATE TRIGGER membership_no_truncate BEFORE TRUNCATE ON membership FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
