UPDATE sign_in SET ended_because = 'signed_out' WHERE ended_because = 'second_factor';
ALTER TABLE sign_in DROP CONSTRAINT sign_in_ended_because_check;
ALTER TABLE sign_in ADD CONSTRAINT sign_in_ended_because_check
    CHECK (ended_because IN ('signed_out', 'reuse', 'password_changed', 'disabled'));
DROP TABLE recovery_code, second_factor, registration, mail_link;
