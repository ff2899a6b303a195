//! JSON bodies, read into types whose fields are all known; what cannot be read is told by the field's name.

use std::ops::Deref;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::idempotency::Fingerprint;
use super::input::field_error;
use super::problem::{Kind, Problem};

/// The largest body that is taken.
pub const LIMIT: usize = 64 * 1024;
/// A body must have arrived after this: a slow client does not hold a handler.
const PATIENCE: Duration = Duration::from_secs(15);

/// A JSON body as `T`, whose type says `deny_unknown_fields`.
#[derive(Debug, Clone)]
pub struct Body<T> {
    /// What was sent.
    pub value: T,
    /// What makes this request the same as another: for its idempotency key.
    pub fingerprint: Fingerprint,
}

/// A JSON body that may be left out, or `null`: then it is `T`'s default.
#[derive(Debug, Clone)]
pub struct MaybeBody<T> {
    /// What was sent, or the default.
    pub value: T,
    /// What makes this request the same as another: for its idempotency key.
    pub fingerprint: Fingerprint,
}

impl<T> Deref for Body<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for MaybeBody<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            check_type(&request)?;
            let bytes = receive(&request, payload, LIMIT).await?;
            Ok(Self {
                value: read(&bytes)?,
                fingerprint: Fingerprint::of(&request, &bytes),
            })
        })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for MaybeBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = receive(&request, payload, LIMIT).await?;
            let value = if bytes.is_empty() {
                T::default()
            } else {
                check_type(&request)?;
                read::<Option<T>>(&bytes)?.unwrap_or_default()
            };
            Ok(Self {
                value,
                fingerprint: Fingerprint::of(&request, &bytes),
            })
        })
    }
}

/// `application/json`, in UTF-8 where a charset is named.
fn check_type(request: &HttpRequest) -> Result<(), Problem> {
    let text = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    (json && utf8)
        .then_some(())
        .ok_or_else(|| Problem::new(Kind::UnsupportedMediaType))
}

/// The body, of at most so many octets.
pub(super) async fn receive(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
) -> Result<BytesMut, Problem> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Problem::new(Kind::TooLarge));
    }
    let whole = async {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::new(Kind::BadRequest))?;
            if bytes.len() + chunk.len() > limit {
                return Err(Problem::new(Kind::TooLarge));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    tokio::time::timeout(PATIENCE, whole)
        .await
        .unwrap_or_else(|_| Err(Problem::new(Kind::TooSlow)))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_data() {
            field_error(error.path(), &error.inner().to_string()).into()
        } else {
            Problem::new(Kind::BadRequest)
        }
    })?;
    reader.end().map_err(|_| Problem::new(Kind::BadRequest))?;
    // Postgres text cannot hold U+0000, which JSON can only write like this
    if bytes.windows(6).any(|window| window == b"\\u0000")
        && let Ok(value) = serde_json::from_slice::<Value>(bytes)
        && let Some(field) = nul(&value)
    {
        return Err(Problem::field(field.join("."), "nul"));
    }
    Ok(value)
}

/// Where the value holds U+0000.
fn nul(value: &Value) -> Option<Vec<String>> {
    let below = |name: String, value: &Value| {
        nul(value).map(|mut path| {
            path.insert(0, name);
            path
        })
    };
    match value {
        Value::String(text) => text.contains('\0').then(Vec::new),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| below(index.to_string(), item)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            if name.contains('\0') {
                Some(vec![name.replace('\0', "")])
            } else {
                below(name.clone(), value)
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Outer {
        title: String,
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        people: i32,
        kind: Option<Colour>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
    }

    fn refused(text: &str) -> (String, &'static str) {
        let problem = read::<Outer>(text.as_bytes()).unwrap_err();
        assert_eq!(problem.kind, Kind::InvalidInput, "{text}");
        let error = problem.errors.into_iter().next().unwrap();
        (error.field, error.code)
    }

    #[test]
    fn the_field_is_named() {
        assert!(read::<Outer>(br#"{"title":"x","inner":[{"people":1,"kind":"red"}]}"#).is_ok());
        assert_eq!(refused(r#"{"inner":[]}"#), ("title".into(), "required"));
        assert_eq!(
            refused(r#"{"title":"x","inner":[{}]}"#),
            ("inner.0.people".into(), "required")
        );
        assert_eq!(
            refused(r#"{"title":"x","inner":[{"people":"many"}]}"#),
            ("inner.0.people".into(), "malformed")
        );
        assert_eq!(
            refused(r#"{"title":"x","inner":[{"people":1,"colour":2}]}"#),
            ("inner.0.colour".into(), "unknown_field")
        );
        assert_eq!(
            refused(r#"{"title":"x","inner":[{"people":1,"kind":"blue"}]}"#),
            ("inner.0.kind".into(), "unknown")
        );
        assert_eq!(
            refused(r#"{"title":"x","title":"y","inner":[]}"#),
            ("title".into(), "duplicate")
        );
        assert_eq!(
            refused(r#"{"titel":"x"}"#),
            ("titel".into(), "unknown_field")
        );
        assert_eq!(
            refused(r#"{"title":"a\u0000","inner":[]}"#),
            ("title".into(), "nul")
        );
        assert!(read::<Outer>(br#"{"title":"a\\u0000","inner":[]}"#).is_ok());
        for broken in [
            "",
            "{",
            "[1,",
            "{\"title\":\"\\ud800\",\"inner\":[]}",
            "{} {}",
        ] {
            let problem = read::<Outer>(broken.as_bytes()).unwrap_err();
            assert!(
                matches!(problem.kind, Kind::BadRequest | Kind::InvalidInput),
                "{broken}"
            );
        }
    }
}
