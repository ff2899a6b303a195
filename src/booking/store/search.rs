//! Finding bookings at the front desk, in milliseconds whatever their number: each way of looking is a search of an index
//! that ends after some hundreds of bookings.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::booking::needle::Needle;
use crate::booking::record::Booking;
use crate::db::prepared;
use crate::id::{BookingId, SpaceId, VenueId};
use crate::schema;

/// The bookings of the venue (where `spaces` are named: in these) that the needle finds, those nearest to this moment first.
/// The plan is made once for all values, so what begins with a text is a stretch of the index from the text to the text with
/// the greatest character behind it; and what was found is read as an array of ids, as a join may be planned as a scan of
/// all bookings of the spaces.
pub async fn find(
    conn: &AsyncPgConnection,
    venue_id: VenueId,
    spaces: Option<&[SpaceId]>,
    needle: &Needle,
    limit: i64,
) -> QueryResult<Vec<Booking>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Uuid)]
        id: BookingId,
    }
    let found: Vec<Row> = prepared(
        sql_query(
            "WITH place AS MATERIALIZED (SELECT array_agg(id) AS ids FROM space WHERE venue_id = $1 AND ($2 IS NULL OR id = ANY ($2))), \
             found AS ( \
               SELECT id FROM booking WHERE reference = $3 \
               UNION (SELECT id FROM booking WHERE contact_phone IS NOT NULL AND reverse(phone_digits(contact_phone)) ~>=~ $4 \
                 AND reverse(phone_digits(contact_phone)) ~<~ ($4 || chr(1114111)) AND space_id = ANY ((SELECT ids FROM place)::uuid[]) LIMIT 500) \
               UNION (SELECT id FROM booking WHERE lower(contact_name) ~>=~ $5 AND lower(contact_name) ~<~ ($5 || chr(1114111)) \
                 AND space_id = ANY ((SELECT ids FROM place)::uuid[]) LIMIT 500) \
               UNION (SELECT b.id FROM (SELECT id FROM organisation WHERE venue_id = $1 AND position($5 IN lower(name)) > 0 \
                   ORDER BY char_length(name), id LIMIT 20) o \
                 CROSS JOIN LATERAL (SELECT id FROM booking WHERE organisation_id = o.id ORDER BY id DESC LIMIT 50) b)) \
             SELECT b.id FROM booking b WHERE b.id = ANY (ARRAY(SELECT id FROM found)) AND b.space_id = ANY ((SELECT ids FROM place)::uuid[]) \
             ORDER BY abs(extract(epoch FROM lower(b.during) - statement_timestamp())), b.id LIMIT $6",
        )
        .bind::<Uuid, _>(venue_id)
        .bind::<Nullable<Array<Uuid>>, _>(spaces.map(<[SpaceId]>::to_vec))
        .bind::<Nullable<Text>, _>(needle.reference.clone())
        .bind::<Nullable<Text>, _>(needle.figures.clone())
        .bind::<Nullable<Text>, _>(needle.name.clone())
        .bind::<BigInt, _>(limit),
    )
    .load(&mut &*conn)
    .await?;
    let ids: Vec<BookingId> = found.into_iter().map(|row| row.id).collect();
    use schema::booking::dsl;
    let mut bookings: Vec<Booking> = dsl::booking
        .filter(dsl::id.eq_any(&ids))
        .select(Booking::as_select())
        .load(&mut &*conn)
        .await?;
    bookings.sort_by_key(|booking| ids.iter().position(|id| *id == booking.id));
    Ok(bookings)
}
