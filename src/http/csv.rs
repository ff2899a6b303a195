//! Lists that are sent as CSV.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::json::receive;
use super::problem::{Kind, Problem};

/// The largest list that is taken.
pub const LIMIT: usize = 1024 * 1024;

/// A body of the type `text/csv`, as it came: whoever reads it finds out its encoding.
#[derive(Debug, Clone)]
pub struct Csv(pub BytesMut);

impl FromRequest for Csv {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let csv = request
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .and_then(|text| text.split(';').next())
                .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/csv"));
            if !csv {
                return Err(Problem::new(Kind::UnsupportedMediaType));
            }
            receive(&request, payload, LIMIT).await.map(Self)
        })
    }
}
