-- Staff: roles in a venue or in one of its spaces, granted and taken back by administrators; invitations by mail.
ALTER TABLE staff_role
    ADD COLUMN granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- null: on the command line
    ADD COLUMN granted_by uuid REFERENCES "user";
-- a role in a space is one in the space's venue
ALTER TABLE space ADD CONSTRAINT space_of_venue UNIQUE (venue_id, id);
ALTER TABLE staff_role ADD CONSTRAINT staff_role_space_of_venue FOREIGN KEY (venue_id, space_id) REFERENCES space (venue_id, id);

-- The venue is locked before its administrators are counted, so that two who go at once do not both see the other.
CREATE FUNCTION staff_role_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_read_committed();
    PERFORM FROM public.venue v WHERE v.id = OLD.venue_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM public.staff_role r JOIN public."user" u ON u.id = r.user_id AND u.disabled_at IS NULL
        WHERE r.venue_id = OLD.venue_id AND r.space_id IS NULL AND r.role = 'admin' AND r.id <> OLD.id) THEN
        RAISE EXCEPTION 'a venue keeps an administrator'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_role_admin';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER staff_role_admin BEFORE UPDATE OR DELETE ON staff_role
    FOR EACH ROW WHEN (OLD.role = 'admin' AND OLD.space_id IS NULL) EXECUTE FUNCTION staff_role_admin();
CREATE TRIGGER staff_role_no_truncate BEFORE TRUNCATE ON staff_role FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

ALTER TABLE mail_link DROP CONSTRAINT mail_link_purpose_check;
ALTER TABLE mail_link ADD CONSTRAINT mail_link_purpose_check
    CHECK (purpose IN ('verify', 'reset', 'change_email', 'invite', 'staff'));
CREATE TABLE staff_invitation (
    link_id uuid PRIMARY KEY REFERENCES mail_link ON DELETE CASCADE,
    venue_id uuid NOT NULL REFERENCES venue,
    -- null: every space of the venue
    space_id uuid,
    role text NOT NULL CHECK (role IN ('approver', 'front_desk', 'crew', 'admin')),
    invited_by uuid NOT NULL REFERENCES "user",
    CONSTRAINT staff_invitation_space_of_venue FOREIGN KEY (venue_id, space_id) REFERENCES space (venue_id, id)
);
CREATE INDEX staff_invitation_venue ON staff_invitation (venue_id);
