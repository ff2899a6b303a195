DROP TABLE audit_entry, sign_in_failure, refresh_token, sign_in, staff_role, membership, organisation, "user" CASCADE;
DROP FUNCTION audit_entry_append_only();
