//! Lists in pages: `limit`, an opaque `cursor`, and `Link: rel="next"`.

use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use serde::Deserialize;
use uuid::Uuid;

use super::problem::{FieldError, Problem};
use crate::span::Instant;

/// Items on a page when nobody says.
pub const DEFAULT_LIMIT: i64 = 50;
/// The most items on a page.
pub const MAX_LIMIT: i64 = 100;

/// A page of a list that is ordered by id.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many items, at most 100.
    #[param(example = 50, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// Where the page begins: from the `Link` of the page before.
    #[param(example = "AZzA3noRcACAAAAAAAAAAQ")]
    pub cursor: Option<String>,
}

impl Paging {
    /// The page that was asked for.
    pub fn page(&self) -> Result<Page, Problem> {
        Page::new(self.limit, self.cursor.as_deref(), false)
    }
}

/// A place in a list that is ordered by id, or by an instant and then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The instant of the last item seen, where the list is ordered by one; kept to the microsecond, as Postgres does.
    pub at: Option<Instant>,
    /// The id of the last item seen.
    pub id: Uuid,
}

impl Position {
    /// In a list that is ordered by id.
    pub fn of(id: Uuid) -> Self {
        Self { at: None, id }
    }

    /// As a cursor.
    pub fn cursor(&self) -> String {
        let mut bytes = self.id.as_bytes().to_vec();
        if let Some(at) = self.at {
            bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes());
        }
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn parse(cursor: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (id, rest) = bytes.split_at_checked(16)?;
        let at = match rest {
            [] => None,
            micros => {
                let micros = i64::from_be_bytes(micros.try_into().ok()?);
                // far outside of this Postgres has no timestamps
                let at = DateTime::from_timestamp_micros(micros)?;
                Some(at.to_utc()).filter(|at| (0..=9999).contains(&chrono::Datelike::year(at)))
            }
        };
        if !rest.is_empty() && at.is_none() {
            return None;
        }
        Some(Self {
            at,
            id: Uuid::from_slice(id).ok()?,
        })
    }
}

/// The page that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many items.
    pub limit: i64,
    /// After which place.
    pub after: Option<Position>,
}

impl Page {
    /// From the query's `limit` and `cursor`; `timed` says whether the list is ordered by an instant.
    pub fn new(limit: Option<i64>, cursor: Option<&str>, timed: bool) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if limit < 1 {
            return Err(FieldError::too_small("limit", 1).into());
        }
        if limit > MAX_LIMIT {
            return Err(FieldError::too_large("limit", MAX_LIMIT).into());
        }
        let after = cursor
            .map(|text| {
                Position::parse(text)
                    .filter(|position| position.at.is_some() == timed)
                    .ok_or_else(|| Problem::field("cursor", "malformed"))
            })
            .transpose()?;
        Ok(Self { limit, after })
    }

    /// After which id, where the list is ordered by ids.
    pub fn after_id(&self) -> Option<Uuid> {
        self.after.map(|after| after.id)
    }

    /// How many rows to read: one more than the page, to know whether there is a next one.
    pub fn rows(&self) -> i64 {
        self.limit + 1
    }

    /// Cuts what was read to the page; an answer to be filled with it, which says in `Link` where the next begins, if there
    /// is one: the same request with another cursor.
    pub fn response<T>(
        &self,
        request: &HttpRequest,
        rows: &mut Vec<T>,
        position: impl Fn(&T) -> Position,
    ) -> HttpResponseBuilder {
        let mut response = HttpResponse::Ok();
        if let Some(next) = self.cut(rows, position) {
            response.insert_header((LINK, next_link(request, next)));
        }
        response
    }

    fn cut<T>(&self, rows: &mut Vec<T>, position: impl Fn(&T) -> Position) -> Option<Position> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(position)
    }
}

fn next_link(request: &HttpRequest, next: Position) -> String {
    let mut pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    pairs.retain(|(name, _)| name != "cursor");
    pairs.push(("cursor".to_owned(), next.cursor()));
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    format!("<{}?{query}>; rel=\"next\"", request.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_went() {
        let id = Uuid::now_v7();
        let at = DateTime::from_timestamp_micros(1_795_000_000_123_456).map(|at| at.to_utc());
        for position in [Position { at: None, id }, Position { at, id }] {
            assert_eq!(Position::parse(&position.cursor()), Some(position));
        }
        let far = Position {
            at: Some(Instant::MAX_UTC),
            id,
        };
        for bad in ["", "x", "AAAA", &"A".repeat(33), &far.cursor(), "%"] {
            assert!(Page::new(None, Some(bad), true).is_err(), "{bad}");
            assert!(Page::new(None, Some(bad), false).is_err(), "{bad}");
        }
        assert!(Page::new(Some(0), None, false).is_err());
        assert!(Page::new(Some(101), None, false).is_err());
        let page = Page::new(Some(2), None, false).unwrap();
        let mut rows = vec![1, 2, 3];
        assert!(page.cut(&mut rows, |_| Position { at: None, id }).is_some());
        assert_eq!(rows, [1, 2]);
        assert_eq!(page.cut(&mut rows, |_| Position { at: None, id }), None);
    }
}
