-- Bookings of a stretch of time. A GiST index of ranges reads ten times the pages that a B-tree does, once for each
-- space; but a B-tree of starts does not know how far back to look. Nearly all bookings last a day at most, so it
-- looks a day back, and the few that are longer have an index of their own.
CREATE INDEX booking_space_start ON booking (space_id, lower(during));
CREATE INDEX booking_long ON booking USING gist (space_id, during) WHERE upper(during) - lower(during) > interval '24 hours';
DROP INDEX booking_space_during;

-- during && span, in the words that these indexes understand. STABLE, as whatever subtracts an interval is: so that it
-- is inlined.
CREATE FUNCTION booking_touches(during tstzrange, span tstzrange) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN during && span
    AND ((lower(during) >= lower(span) - interval '24 hours' AND lower(during) < upper(span))
        OR upper(during) - lower(during) > interval '24 hours');
