DROP TRIGGER booking_done_when_begun ON booking;
DROP FUNCTION booking_done_when_begun();
