-- What an account that goes takes with it, and what it leaves to nobody.

-- Nothing is ever under an account that is gone, also when both happen at once: whoever writes waits for whoever deletes the
-- account, and the other way round. The product locks the account before (booking::occupancy, identity::account); this is
-- the last guard.
CREATE FUNCTION require_account(account uuid, named text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM public."user" u WHERE u.id = account AND u.disabled_at IS NULL FOR SHARE;
    -- one that was never there is the foreign key's to refuse
    IF NOT FOUND AND EXISTS (SELECT FROM public."user" u WHERE u.id = account) THEN
        RAISE EXCEPTION 'the account is gone' USING ERRCODE = 'check_violation', CONSTRAINT = named;
    END IF;
END $$;
CREATE FUNCTION requester_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_account(NEW.requester_id, 'booking_requester_stands');
    RETURN NEW;
END $$;
CREATE FUNCTION user_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_account(NEW.user_id, TG_NAME);
    RETURN NEW;
END $$;
CREATE TRIGGER booking_requester_stands BEFORE INSERT ON booking
    FOR EACH ROW WHEN (NEW.requester_id IS NOT NULL) EXECUTE FUNCTION requester_stands();
CREATE TRIGGER booking_requester_stands_on BEFORE UPDATE ON booking
    FOR EACH ROW WHEN (NEW.requester_id IS NOT NULL AND NEW.requester_id IS DISTINCT FROM OLD.requester_id)
    EXECUTE FUNCTION requester_stands();
CREATE TRIGGER membership_user_stands BEFORE INSERT OR UPDATE OF user_id ON membership
    FOR EACH ROW EXECUTE FUNCTION user_stands();
CREATE TRIGGER staff_role_user_stands BEFORE INSERT OR UPDATE OF user_id ON staff_role
    FOR EACH ROW EXECUTE FUNCTION user_stands();

-- who is told from a booking's address: what an account may claim, whose contact goes with their account
DROP INDEX booking_claimable;
CREATE INDEX booking_contact_email ON booking (lower(contact_email)) WHERE contact_email IS NOT NULL;
-- what goes with an account, found without reading all mails
CREATE INDEX message_recipient ON message (recipient_id) WHERE redacted_at IS NULL;
CREATE INDEX message_email ON message (lower(email)) WHERE redacted_at IS NULL;
CREATE INDEX message_about_no_booking ON message (kind) WHERE booking_id IS NULL AND redacted_at IS NULL;

-- A task says why a mail did not arrive; what the mail server said, which quotes addresses, stands in the mail's row, and goes
-- with it.
UPDATE task SET detail = detail - 'error' || jsonb_build_object('reason', coalesce(m.failure,
        CASE WHEN m.email IS NULL THEN 'no_address' ELSE 'mail_refused' END))
    FROM message m WHERE task.kind = 'mail_undelivered' AND m.id = (task.detail ->> 'message_id')::uuid;
