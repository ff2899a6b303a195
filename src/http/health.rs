//! How the process is: alive, ready, and its numbers.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpResponse, ResponseError as _};
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;

use super::problem::{Kind, Problem};
use super::server::App;
use crate::db::DbError;

/// How the process is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok` whenever the process answers at all.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// The product's version.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
}

impl Health {
    const OK: Self = Self {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    };
}

/// Whether the process lives
#[utoipa::path(get, path = "/health/live", tag = "service",
    responses((status = 200, description = "It lives", body = Health)))]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health::OK)
}

/// Whether the process can do its work
///
/// The database answers, its tables are those of this version, and the process is not stopping.
#[utoipa::path(get, path = "/health/ready", tag = "service",
    responses((status = 200, description = "It can", body = Health)))]
pub async fn ready(app: Data<App>) -> HttpResponse {
    let not_ready = |why: &str| {
        tracing::warn!(why, "not ready");
        Problem {
            retry_after_s: Some(1),
            ..Problem::new(Kind::Unavailable)
        }
        .error_response()
    };
    if *app.draining().borrow() {
        return not_ready("stopping");
    }
    match tokio::time::timeout(Duration::from_secs(2), migrated(&app)).await {
        Ok(Ok(true)) => HttpResponse::Ok().json(Health::OK),
        Ok(Ok(false)) => not_ready("migrations are missing"),
        Ok(Err(_)) => not_ready("the database refuses"),
        Err(_) => not_ready("the database does not answer"),
    }
}

#[derive(QueryableByName)]
struct Migrated {
    #[diesel(sql_type = Bool)]
    done: bool,
}

async fn migrated(app: &App) -> Result<bool, DbError> {
    let mut conn = app.db.conn().await?;
    let Some(latest) = &app.settings.latest_migration else {
        let answer: Migrated = sql_query("SELECT true AS done")
            .get_result(&mut conn)
            .await?;
        return Ok(answer.done);
    };
    let answer: Migrated = sql_query(
        "SELECT EXISTS (SELECT FROM __diesel_schema_migrations WHERE version = $1) AS done",
    )
    .bind::<Text, _>(latest)
    .get_result(&mut conn)
    .await?;
    Ok(answer.done)
}

/// Numbers for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "service",
    responses((status = 200, description = "In Prometheus' text format", content_type = "text/plain", body = String)))]
pub async fn numbers() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(recorder().render())
}

/// What the numbers are kept in: one for the whole process.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let buckets = [
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ];
        let recorder = PrometheusBuilder::new()
            .set_buckets(&buckets)
            .unwrap_or_default()
            .build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("somebody else keeps the numbers: /metrics stays empty");
        }
        metrics::describe_counter!("http_requests_total", "Answers by operation and status");
        metrics::describe_histogram!("http_request_seconds", "How long answers took");
        handle
    })
}

/// Counts an answer.
pub fn measure(method: &Method, path: &'static str, status: u16, took: Duration) {
    // methods that no operation has are one label, whatever people send
    let method = match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    };
    metrics::counter!("http_requests_total", "method" => method, "path" => path, "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_seconds", "method" => method, "path" => path)
        .record(took.as_secs_f64());
}
