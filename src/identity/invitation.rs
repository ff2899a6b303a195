//! What all invitations by mail have in common, whatever they invite into.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use super::account::{Reader, store as accounts};
use super::link::{self, Followed, NewLink, Purpose};
use super::{Caller, Seal};
use crate::http::problem::{Kind, Problem};
use crate::language::Locale;

/// Writes its link down.
///
/// # Errors
/// 429 where the address has had enough of them for this hour.
pub async fn add(conn: &AsyncPgConnection, link: &NewLink, seal: &Seal) -> Result<(), Problem> {
    match link::add(conn, link, seal).await? {
        true => Ok(()),
        false => Err(Problem {
            retry_after_s: Some(3600),
            ..Problem::new(Kind::TooManyRequests)
        }),
    }
}

/// Whom it goes to: whose address it is, in their language, else in that of whoever invites.
pub async fn reader(conn: &AsyncPgConnection, email: &str, inviter: Locale) -> QueryResult<Reader> {
    let known = accounts::by_email(conn, email).await?;
    Ok(known.map_or_else(
        || Reader {
            id: None,
            email: email.to_owned(),
            locale: inviter,
        },
        |known| known.reader(),
    ))
}

/// The link of this token, followed by whoever it was sent to.
///
/// # Errors
/// 422 for a link that is no good, and for another one's.
pub async fn follow(
    conn: &AsyncPgConnection,
    purpose: Purpose,
    token: &str,
    caller: &Caller,
) -> Result<Followed, Problem> {
    let link = link::follow(conn, purpose, token).await?;
    if !caller.verified || link.email.to_lowercase() != caller.email.to_lowercase() {
        return Err(Problem::field("token", "for_another_address"));
    }
    Ok(link)
}
