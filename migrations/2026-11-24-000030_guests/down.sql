DROP TABLE guest_request;
DELETE FROM change_request WHERE requested_by IS NULL;
ALTER TABLE change_request ALTER COLUMN requested_by SET NOT NULL;
ALTER TABLE booking_event DROP COLUMN by_guest;
DROP INDEX booking_claimable;
DROP INDEX booking_one_guest_hold;
ALTER TABLE booking DROP COLUMN guest_link;
