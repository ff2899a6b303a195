DROP TABLE staff_invitation;
DELETE FROM mail_link WHERE purpose = 'staff';
ALTER TABLE mail_link DROP CONSTRAINT mail_link_purpose_check;
ALTER TABLE mail_link ADD CONSTRAINT mail_link_purpose_check CHECK (purpose IN ('verify', 'reset', 'change_email', 'invite'));
DROP TRIGGER staff_role_no_truncate ON staff_role;
DROP TRIGGER staff_role_admin ON staff_role;
DROP FUNCTION staff_role_admin();
ALTER TABLE staff_role DROP CONSTRAINT staff_role_space_of_venue, DROP COLUMN granted_by, DROP COLUMN granted_at;
ALTER TABLE space DROP CONSTRAINT space_of_venue;
