//! Paths and query strings, read into types; what cannot be read is told by the field's name.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::problem::{FieldError, Kind, Problem};

/// The query string as `T`, whose type says `deny_unknown_fields`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// The path's parameters as `T`. What cannot be one, an id with a letter too many, is not there: 404.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for Path<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(request.query_string()).map(Self))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let not_found = || Problem::new(Kind::NotFound);
        // Postgres text cannot hold U+0000
        let nul = request
            .match_info()
            .iter()
            .any(|(_, value)| value.contains('\0') || value.contains("%00"));
        ready(if nul {
            Err(not_found())
        } else {
            web::Path::<T>::from_request(request, payload)
                .into_inner()
                .map(|path| Self(path.into_inner()))
                .map_err(|_| not_found())
        })
    }
}

/// The names in a query string.
pub fn names(query: &str) -> Vec<String> {
    serde_urlencoded::from_str::<Vec<(String, String)>>(query)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query).map_err(|_| Problem::new(Kind::BadRequest))?;
    if let Some((name, _)) = pairs
        .iter()
        .find(|(name, value)| name.contains('\0') || value.contains('\0'))
    {
        return Err(Problem::field(name.replace('\0', ""), "nul"));
    }
    // decoded once and encoded again: what was lenient above is plain here
    let plain = serde_urlencoded::to_string(&pairs).map_err(|_| Problem::new(Kind::BadRequest))?;
    let reader = serde_urlencoded::Deserializer::new(form(&plain));
    serde_path_to_error::deserialize(reader)
        .map_err(|error| field_error(error.path(), &error.inner().to_string()).into())
}

fn form(text: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}

/// What serde says, in the product's codes: which field, and what is wrong with it.
pub fn field_error(path: &serde_path_to_error::Path, message: &str) -> FieldError {
    use serde_path_to_error::Segment;
    let mut segments: Vec<String> = path
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    let quoted = message.split('`').nth(1);
    let name = |segments: &mut Vec<String>| {
        if let Some(name) = quoted.filter(|name| segments.last().is_none_or(|last| last != name)) {
            segments.push(name.to_owned());
        }
    };
    let code = if message.starts_with("missing field") {
        name(&mut segments);
        "required"
    } else if message.starts_with("unknown field") {
        name(&mut segments);
        "unknown_field"
    } else if message.starts_with("duplicate field") {
        name(&mut segments);
        "duplicate"
    } else if message.starts_with("unknown variant") {
        "unknown"
    } else {
        "malformed"
    };
    FieldError::new(segments.join("."), code)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ask {
        #[allow(dead_code)]
        day: chrono::NaiveDate,
        #[allow(dead_code)]
        limit: Option<i64>,
    }

    fn refused(query: &str) -> (String, &'static str) {
        let problem = read_query::<Ask>(query).unwrap_err();
        let error = problem.errors.into_iter().next().unwrap();
        (error.field, error.code)
    }

    #[test]
    fn the_field_is_named() {
        assert!(read_query::<Ask>("day=2026-11-24&limit=5").is_ok());
        assert_eq!(refused(""), ("day".into(), "required"));
        assert_eq!(refused("day=tomorrow"), ("day".into(), "malformed"));
        assert_eq!(
            refused("day=2026-11-24&limit=many"),
            ("limit".into(), "malformed")
        );
        assert_eq!(
            refused("day=2026-11-24&color=red"),
            ("color".into(), "unknown_field")
        );
        assert_eq!(
            refused("day=2026-11-24&day=2026-11-25"),
            ("day".into(), "duplicate")
        );
        assert_eq!(refused("day=2026%00"), ("day".into(), "nul"));
    }
}
