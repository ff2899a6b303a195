//! Idempotency keys: the same key and request give the same answer again. The row is written once, with its answer,
//! among the other writes of the change; only successes are kept, for 24 hours.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use diesel::sql_types::{Bytea, SmallInt, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::problem::{Kind, Problem};
use crate::db::prepared;
use crate::id::UserId;

/// The header's name.
pub const HEADER: &str = "idempotency-key";

/// The key that the caller gave this request, if any. Take it with `params(IdempotencyKey)` in the handler's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(HEADER);
        let key = match (values.next(), values.next()) {
            (None, _) => return ready(Ok(Self(None))),
            (Some(value), None) => value.to_str().ok(),
            (Some(_), Some(_)) => None,
        };
        ready(
            key.map(str::trim)
                .filter(|key| (1..=255).contains(&key.len()))
                .filter(|key| key.bytes().all(|byte| (0x20..0x7f).contains(&byte)))
                .map(|key| Self(Some(key.to_owned())))
                .ok_or_else(|| Problem::field("Idempotency-Key", "invalid_key")),
        )
    }
}

impl utoipa::IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(utoipa::openapi::Required::False)
                .description(Some(
                    "1 to 255 printable ASCII characters of the caller's choice, a UUID say. The same key with the same \
                     request gives the same answer again for 24 hours; with another request it is a 422.",
                ))
                .schema(Some(
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .min_length(Some(1))
                        .max_length(Some(255))
                        .pattern(Some("^[!-~]([ -~]*[!-~])?$")),
                ))
                .example(Some(serde_json::json!("5f0c2b1e-6c1b-4d0e-9d5a-0b1f3c2a7e11")))
                .build(),
        ]
    }
}

/// SHA-256 of method, path with query, and body: what makes two requests the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Of this request with this body.
    pub fn of(request: &HttpRequest, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [
            request.method().as_str().as_bytes(),
            request.path().as_bytes(),
            request.query_string().as_bytes(),
        ] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(body);
        Self(hash.finalize().into())
    }
}

impl FromRequest for Fingerprint {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// Of a request without a body.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request, &[])))
    }
}

/// An answer that was given before.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Bytea)]
    fingerprint: Vec<u8>,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = Text)]
    answer: String,
}

impl Kept {
    /// The status and JSON text of the answer, for the same request; 422 for another one under the same key.
    pub fn answer(self, fingerprint: &Fingerprint) -> Result<(StatusCode, String), Problem> {
        if self.fingerprint != fingerprint.0 {
            return Err(Problem::new(Kind::KeyReused));
        }
        let status = u16::try_from(self.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::OK);
        Ok((status, self.answer))
    }

    /// The same answer again.
    pub fn replay(self, fingerprint: &Fingerprint) -> Result<HttpResponse, Problem> {
        let (status, answer) = self.answer(fingerprint)?;
        Ok(HttpResponse::build(status)
            .content_type("application/json")
            .body(answer))
    }
}

/// The answer kept for this caller's key. One prepared statement, for pipelining.
pub async fn find(
    conn: &AsyncPgConnection,
    caller: UserId,
    key: &str,
) -> QueryResult<Option<Kept>> {
    prepared(
        sql_query(
            "SELECT fingerprint, status, answer FROM idempotency \
             WHERE caller = $1 AND key = $2 AND created_at > clock_timestamp() - interval '24 hours'",
        )
        .bind::<SqlUuid, _>(caller)
        .bind::<Text, _>(key.to_owned()),
    )
    .get_result(&mut &*conn)
    .await
    .optional()
}

/// Keeps an answer: 1, or 0 when another request was quicker with the same key (roll back, then [`find`] its answer).
/// One prepared statement, for pipelining.
pub async fn insert(
    conn: &AsyncPgConnection,
    caller: UserId,
    key: &str,
    fingerprint: &Fingerprint,
    status: StatusCode,
    answer: &str,
) -> QueryResult<usize> {
    prepared(
        sql_query(
            "INSERT INTO idempotency (caller, key, fingerprint, status, answer) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (caller, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status, \
                 answer = excluded.answer, created_at = excluded.created_at \
             WHERE idempotency.created_at <= clock_timestamp() - interval '24 hours'",
        )
        .bind::<SqlUuid, _>(caller)
        .bind::<Text, _>(key.to_owned())
        .bind::<Bytea, _>(fingerprint.0.to_vec())
        .bind::<SmallInt, _>(i16::try_from(status.as_u16()).unwrap_or(200))
        .bind::<Text, _>(answer.to_owned()),
    )
    .execute(&mut &*conn)
    .await
}

/// The caller's keys are nobody's any more.
pub async fn forget(conn: &AsyncPgConnection, caller: UserId) -> QueryResult<usize> {
    prepared(sql_query("DELETE FROM idempotency WHERE caller = $1").bind::<SqlUuid, _>(caller))
        .execute(&mut &*conn)
        .await
}

/// Deletes what is older than 24 hours. For the worker, from time to time.
pub async fn sweep(conn: &AsyncPgConnection) -> QueryResult<usize> {
    sql_query("DELETE FROM idempotency WHERE created_at < clock_timestamp() - interval '25 hours'")
        .execute(&mut &*conn)
        .await
}
