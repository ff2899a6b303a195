//! The OpenAPI document as a readable page: Swagger UI from the binary, without a line of inline script.

use std::sync::{Arc, LazyLock};

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use utoipa_swagger_ui::Config;

use super::input::Path;
use super::problem::{Kind, Problem};

/// Its styles set attributes on elements, its icons are data URIs; scripts come from files of ours only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>魔方 Mofang: API</title>
<link rel="stylesheet" href="/v1/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/v1/docs/favicon-32x32.png">
</head>
<body>
<noscript>The document itself: <a href="/v1/openapi.json">/v1/openapi.json</a></noscript>
<div id="swagger-ui"></div>
<script src="/v1/docs/swagger-ui-bundle.js"></script>
<script src="/v1/docs/swagger-ui-standalone-preset.js"></script>
<script src="/v1/docs/swagger-initializer.js"></script>
</body>
</html>
"#;

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(
        Config::from("/v1/openapi.json")
            .validator_url("none")
            .display_request_duration(true)
            .try_it_out_enabled(true),
    )
});

/// The API as a readable page
#[utoipa::path(get, path = "/v1/docs", tag = "service",
    responses((status = 200, description = "The page", content_type = "text/html", body = String)))]
pub async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(PAGE)
}

/// A file of that page
#[utoipa::path(get, path = "/v1/docs/{file}", tag = "service",
    params(("file" = String, Path, description = "The file's name", example = "swagger-ui.css")),
    responses((status = 200, description = "The file", content_type = "*/*", body = String)))]
pub async fn file(path: Path<String>) -> Result<HttpResponse, Problem> {
    let not_found = || Problem::new(Kind::NotFound);
    if path.0.is_empty() || path.0.ends_with(".html") {
        return Err(not_found());
    }
    let file = utoipa_swagger_ui::serve(&path.0, Arc::clone(&CONFIG))
        .map_err(|error| {
            tracing::error!(%error, "the document's page");
            Problem::new(Kind::Internal)
        })?
        .ok_or_else(not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, file.content_type))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .body(file.bytes.into_owned()))
}
