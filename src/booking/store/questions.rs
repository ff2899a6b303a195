//! Questions about bookings.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Person;
use crate::booking::question::Question;
use crate::id::{BookingId, QuestionId, UserId};
use crate::schema;

/// A question.
pub async fn question(conn: &AsyncPgConnection, id: QuestionId) -> QueryResult<Question> {
    use schema::question::dsl;
    dsl::question
        .find(id)
        .select(Question::as_select())
        .get_result(&mut &*conn)
        .await
}

/// The questions about a booking, oldest first.
pub async fn questions(conn: &AsyncPgConnection, booking: BookingId) -> QueryResult<Vec<Question>> {
    use schema::question::dsl;
    dsl::question
        .filter(dsl::booking_id.eq(booking))
        .order(dsl::id)
        .select(Question::as_select())
        .load(&mut &*conn)
        .await
}

/// Somebody with an account, to be written to; nobody where it is disabled.
pub async fn person(conn: &AsyncPgConnection, id: UserId) -> QueryResult<Option<Person>> {
    use schema::user::dsl;
    let found: Option<(UserId, String, String)> = dsl::user
        .filter(dsl::id.eq(id).and(dsl::disabled_at.is_null()))
        .select((dsl::id, dsl::email, dsl::locale))
        .get_result(&mut &*conn)
        .await
        .optional()?;
    Ok(found.map(|(id, email, locale)| Person { id, email, locale }))
}
