//! What is put around every answer: words for problems, a request id, headers that keep browsers careful, a line in
//! the log and a number in the metrics. Never a body, a token or a query string.

use std::time::Instant as ProcessTime;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError as _};
use tracing::Instrument as _;
use uuid::Uuid;

use super::problem::{Kind, Problem};
use super::{caller, document, language};
use crate::routes;

/// The header that names a request, in answers and in the log.
pub const REQUEST_ID: &str = "x-request-id";

const API_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The outermost middleware.
pub async fn envelope<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = ProcessTime::now();
    let id = request_id(&request);
    let method = request.method().clone();
    let span = tracing::info_span!("request", id = %id);
    async move {
        let mut response = language::render(next.call(request).await?).await;
        let https = caller::app(response.request()).is_ok_and(|app| app.settings.https);
        protect(response.headers_mut(), https);
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(REQUEST_ID), value);
        }
        let took = began.elapsed();
        let path = caller::operation(response.request()).map_or("unknown", |found| found.path());
        let status = response.status().as_u16();
        let ms = took.as_secs_f64() * 1000.0;
        if path.starts_with("/v1") {
            tracing::info!(%method, path, status, ms, "answered");
        } else {
            tracing::debug!(%method, path, status, ms, "answered");
        }
        super::health::measure(&method, path, status, took);
        Ok(response)
    }
    .instrument(span)
    .await
}

/// A proxy's id where it is a UUID, else a new one.
fn request_id(request: &ServiceRequest) -> Uuid {
    request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| Uuid::try_parse(text).ok())
        .unwrap_or_else(Uuid::now_v7)
}

/// Headers that a handler has set itself stay as they are.
fn protect(headers: &mut HeaderMap, https: bool) {
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(CONTENT_SECURITY_POLICY, API_POLICY);
    default(X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(X_FRAME_OPTIONS, "DENY");
    default(REFERRER_POLICY, "no-referrer");
    default(CACHE_CONTROL, "no-store");
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if https {
        default(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

/// Around every operation: parameters that it does not know are refused, not ignored.
pub async fn known_parameters<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.query_string().is_empty()
        && let Some(operation) = request.app_data::<routes::Operation>()
    {
        let known = document::query_parameters(*operation);
        let unknown = super::input::names(request.query_string())
            .into_iter()
            .find(|name| !known.contains(name));
        if let Some(name) = unknown {
            let problem = Problem::field(name, "unknown_field");
            return Ok(request.into_response(problem.error_response()));
        }
    }
    next.call(request)
        .await
        .map(ServiceResponse::map_into_boxed_body)
}

/// Answers what no operation answers: 405 where the path has other methods, else 404.
pub async fn nowhere(request: HttpRequest) -> HttpResponse {
    let allowed = routes::methods_at(request.path());
    if allowed.is_empty() {
        return Problem::new(Kind::NotFound).error_response();
    }
    let mut response = Problem::new(Kind::MethodNotAllowed).error_response();
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
