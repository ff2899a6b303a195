-- Finding a booking among a million by phone, name or organisation. Both indexes are searched for what begins with
-- something, byte by byte, so that they serve whatever the database's locale.
CREATE FUNCTION phone_digits(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(phone, '[^0-9]', '', 'g')
$$;
-- people tell their last figures, and leave the country out
CREATE INDEX booking_phone ON booking (reverse(phone_digits(contact_phone)) text_pattern_ops) WHERE contact_phone IS NOT NULL;
CREATE INDEX booking_contact_name ON booking (lower(contact_name) text_pattern_ops);
