DROP TRIGGER membership_no_truncate ON membership;
DROP TRIGGER membership_owner ON membership;
DROP FUNCTION membership_owner;
DROP TABLE tenant, invitation;
ALTER TABLE membership DROP COLUMN since;
DROP INDEX organisation_venue, organisation_credit_code_key;
ALTER TABLE organisation DROP CONSTRAINT organisation_refusal;
-- the older schema knows no refused ones, and each code once
UPDATE organisation SET state = 'pending', credit_code = NULL WHERE state = 'refused';
ALTER TABLE organisation DROP COLUMN refusal, DROP COLUMN decided_by, DROP COLUMN decided_at;
ALTER TABLE organisation DROP CONSTRAINT organisation_state_check;
ALTER TABLE organisation ADD CONSTRAINT organisation_state_check CHECK (state IN ('pending', 'verified'));
ALTER TABLE organisation ADD CONSTRAINT organisation_credit_code_key UNIQUE (credit_code);
