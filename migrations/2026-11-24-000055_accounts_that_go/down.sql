UPDATE task SET detail = detail - 'reason' || jsonb_build_object('error', m.last_error)
    FROM message m WHERE task.kind = 'mail_undelivered' AND m.id = (task.detail ->> 'message_id')::uuid;
DROP INDEX message_about_no_booking;
DROP INDEX message_email;
DROP INDEX message_recipient;
DROP INDEX booking_contact_email;
CREATE INDEX booking_claimable ON booking (lower(contact_email)) WHERE requester_id IS NULL AND contact_email IS NOT NULL;
DROP TRIGGER staff_role_user_stands ON staff_role;
DROP TRIGGER membership_user_stands ON membership;
DROP TRIGGER booking_requester_stands_on ON booking;
DROP TRIGGER booking_requester_stands ON booking;
DROP FUNCTION user_stands();
DROP FUNCTION requester_stands();
DROP FUNCTION require_account(uuid, text);
