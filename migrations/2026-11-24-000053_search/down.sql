DROP INDEX booking_contact_name;
DROP INDEX booking_phone;
DROP FUNCTION phone_digits(text);
