CREATE INDEX booking_space_during ON booking USING gist (space_id, during);
DROP FUNCTION booking_touches(tstzrange, tstzrange);
DROP INDEX booking_space_start, booking_long;
