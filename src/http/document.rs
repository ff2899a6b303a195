//! The OpenAPI document: what the handlers say of themselves, completed from the authorisation table, so that no
//! handler repeats the errors that all have.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::Method;
use utoipa::openapi::path::{Operation as Described, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, PathItem, Ref, RefOr,
    Required, ResponseBuilder, ServerBuilder, tag::TagBuilder,
};
use utoipa::{OpenApi as _, PartialSchema as _, ToSchema as _};

use super::problem;
use crate::routes::{Operation, Paths, Who};

const ABOUT: &str = "\
Books a venue whose rooms change shape: layouts, blocks, crews and changeovers are first-class.

* **Sign in** with `POST /v1/sign-ins`. Programs send `Authorization: Bearer <access_token>`; browsers ask for cookies \
and repeat the cookie `mofang-csrf` (`__Host-mofang-csrf` on https) in the header `X-CSRF-Token` with all but GET.
* **Programs** send a key instead (`POST /v1/api-keys`): `Authorization: Bearer mfk_…`.
* **Guests** send the token of the link in their mails: `Authorization: Bearer mfg_…` opens their one booking.
* **Times** are RFC 3339 with an offset, ids are UUIDs, ranges are half-open.
* **Errors** are RFC 9457 problem details in the language of `Accept-Language` (`zh-CN`, `en`), then the user's own.
* **Safe to repeat**: a request with an `Idempotency-Key` has one effect, however often it is sent.
* **Lost updates** are refused: send the `ETag` you saw as `If-Match`.
* Unknown fields and parameters are refused, not ignored.";

/// Responses that many operations share: status, name of the component, description.
const SHARED: &[(u16, &str, &str)] = &[
    (400, "BadRequest", "The request cannot be read."),
    (
        401,
        "NotSignedIn",
        "Nobody is signed in, or no longer: sign in, or refresh the tokens.",
    ),
    (
        403,
        "Forbidden",
        "The caller may not do this, or the CSRF header is missing.",
    ),
    (
        404,
        "NotFound",
        "There is no such thing, or it is not the caller's.",
    ),
    (408, "TooSlow", "The request's body did not arrive in time."),
    (
        409,
        "Conflict",
        "The present state of things does not allow it.",
    ),
    (
        412,
        "StaleVersion",
        "It has changed since the revision in `If-Match`.",
    ),
    (413, "TooLarge", "The request's body is too large."),
    (
        415,
        "UnsupportedMediaType",
        "The request's body is not JSON.",
    ),
    (
        422,
        "InvalidInput",
        "Fields or parameters cannot be taken; `errors` names them.",
    ),
    (
        429,
        "TooManyRequests",
        "Too many requests: wait for `Retry-After` seconds.",
    ),
    (
        500,
        "Internal",
        "A fault of the service; its log knows the request id.",
    ),
    (
        503,
        "Unavailable",
        "The service cannot answer just now: try again after `Retry-After` seconds.",
    ),
];

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(build);

/// The document.
pub fn document() -> &'static OpenApi {
    &DOCUMENT
}

/// The document as JSON text: what `mofang openapi` prints and `api-spec/openapi.json` holds.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(document()).unwrap_or_default();
    text.push('\n');
    text
}

/// The query parameters that an operation knows.
pub fn query_parameters(operation: Operation) -> &'static [String] {
    static KNOWN: LazyLock<HashMap<Operation, Vec<String>>> = LazyLock::new(|| {
        Operation::ALL
            .iter()
            .map(|operation| {
                let described = DOCUMENT
                    .paths
                    .get_path_item(operation.path())
                    .and_then(|item| described(item, &operation.method()));
                let names = described
                    .map(|described| parameters(described, &ParameterIn::Query))
                    .unwrap_or_default();
                (*operation, names)
            })
            .collect()
    });
    KNOWN.get(&operation).map_or(&[], Vec::as_slice)
}

/// The OpenAPI document
#[utoipa::path(get, path = "/v1/openapi.json", tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = serde_json::Value)))]
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(document())
}

fn described<'a>(item: &'a PathItem, method: &Method) -> Option<&'a Described> {
    match *method {
        Method::GET => item.get.as_ref(),
        Method::POST => item.post.as_ref(),
        Method::PUT => item.put.as_ref(),
        Method::PATCH => item.patch.as_ref(),
        Method::DELETE => item.delete.as_ref(),
        _ => None,
    }
}

fn described_mut<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Described> {
    match *method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::PATCH => item.patch.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

fn parameters(described: &Described, place: &ParameterIn) -> Vec<String> {
    described
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == *place => Some(parameter.name.clone()),
            _ => None,
        })
        .collect()
}

fn build() -> OpenApi {
    let mut document = Paths::openapi();
    document.info = InfoBuilder::new()
        .title("Mofang 魔方")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url("/").build()]);
    document.tags = Some(tags());
    components(&mut document);
    for operation in Operation::ALL {
        let method = operation.method();
        if let Some(described) = document
            .paths
            .paths
            .get_mut(operation.path())
            .and_then(|item| described_mut(item, &method))
        {
            complete(*operation, described);
        }
    }
    document
}

fn tags() -> Vec<utoipa::openapi::Tag> {
    [
        ("sign-in", "Who is signed in"),
        (
            "accounts",
            "Making an account, and what people change in theirs",
        ),
        (
            "organisations",
            "Who books together: organisations, their members, the park's tenants",
        ),
        ("api-keys", "Keys of programs"),
        (
            "catalogue",
            "Venues, spaces, hours, layouts: what can be booked",
        ),
        ("availability", "When something is free, and why not"),
        ("booking", "From a request to a completed booking"),
        ("guests", "Bookings without an account"),
        ("staff", "Who works for the venue: roles and invitations"),
        (
            "desk",
            "The day's board, the crew's day, check-in, closures, tasks, messages",
        ),
        (
            "audit",
            "Who did what, who signed in, whose personal data staff have read",
        ),
        ("service", "The service itself"),
    ]
    .into_iter()
    .map(|(name, description)| {
        TagBuilder::new()
            .name(name)
            .description(Some(description))
            .build()
    })
    .collect()
}

fn components(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut schemas = vec![(problem::Body::name().to_string(), problem::Body::schema())];
    problem::Body::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for (status, name, description) in SHARED {
        let mut response = ResponseBuilder::new().description(*description).content(
            "application/problem+json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name(problem::Body::name())))
                .build(),
        );
        if [429, 503].contains(status) {
            let mut header =
                HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Integer)));
            header = header.description(Some("Seconds until it is worth trying again."));
            response = response.header("Retry-After", header.build());
        }
        components
            .responses
            .insert((*name).to_owned(), response.build().into());
    }
    components
        .parameters
        .insert("AcceptLanguage".to_owned(), RefOr::T(accept_language()));
    components.security_schemes.insert(
        "bearer".to_owned(),
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT, mfk_… or mfg_…")
                .description(Some(
                    "The access token of a sign-in, good for 15 minutes, the key of a program, or the token of a guest's link.",
                ))
                .build(),
        )
        .into(),
    );
    components.security_schemes.insert(
        "cookie".to_owned(),
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "mofang-access",
            "For browsers (`__Host-mofang-access` on https). With all but GET the header `X-CSRF-Token` repeats the \
             cookie `mofang-csrf`.",
        )))
        .into(),
    );
}

fn accept_language() -> Parameter {
    ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The language of texts in the answer: `zh-CN` or `en`.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(serde_json::json!("zh-CN")))
        .build()
}

fn complete(operation: Operation, described: &mut Described) {
    described.operation_id = Some(name_of(operation));
    described.security = Some(if operation.is_open() {
        Vec::new()
    } else {
        vec![
            SecurityRequirement::new::<_, _, String>("bearer", []),
            SecurityRequirement::new::<_, _, String>("cookie", []),
        ]
    });
    if !operation.is_open() {
        let who: Vec<String> = operation.allowed().iter().map(|who| words(*who)).collect();
        let programs = match operation.scope() {
            Some(scope) => format!(" A program's key needs the scope `{scope}`."),
            None => " No program's key reaches this.".to_owned(),
        };
        let allowed = format!("May be called by: {}.{programs}", who.join("; "));
        described.description = Some(match described.description.take() {
            Some(text) if !text.is_empty() => format!("{text}\n\n{allowed}"),
            _ => allowed,
        });
    }
    let headers = parameters(described, &ParameterIn::Header);
    let takes = |name: &str| headers.iter().any(|header| header == name);
    let changes = operation.method() != Method::GET;
    let service = described
        .tags
        .as_ref()
        .is_some_and(|tags| tags.iter().any(|tag| tag == "service"));
    let has_path = operation.path().contains('{');
    let has_body = described.request_body.is_some();
    let has_query = !parameters(described, &ParameterIn::Query).is_empty();
    let mut statuses = vec![400, 422, 429, 500, 503];
    if !operation.is_open() || !service {
        statuses.push(401);
    }
    if !operation.is_open() {
        statuses.push(403);
    }
    if has_path || has_query || (changes && !operation.is_open()) {
        statuses.push(404);
    }
    if has_body {
        statuses.extend([408, 413, 415]);
    }
    if changes && (!operation.is_open() || takes("Idempotency-Key")) {
        statuses.push(409);
    }
    if takes("If-Match") {
        statuses.push(412);
    }
    for (status, name, _) in SHARED {
        if statuses.contains(status) {
            described
                .responses
                .responses
                .entry(status.to_string())
                .or_insert_with(|| Ref::from_response_name(*name).into());
        }
    }
    described
        .parameters
        .get_or_insert_default()
        .push(RefOr::Ref(Ref::new(
            "#/components/parameters/AcceptLanguage",
        )));
}

fn words(who: Who) -> String {
    match who {
        Who::Anyone => "anyone".to_owned(),
        Who::SignedIn => "whoever is signed in".to_owned(),
        Who::Own => "the person whose it is, owners and bookers of its organisation".to_owned(),
        Who::Owner => "owners of its organisation".to_owned(),
        Who::Member => "members of its organisation".to_owned(),
        Who::Guest => "a guest with the booking's link".to_owned(),
        Who::Staff(role) => format!("staff with the role `{}`", role.name()),
    }
}

/// `SignOutEverywhere` becomes `sign_out_everywhere`.
fn name_of(operation: Operation) -> String {
    let mut name = String::new();
    for c in format!("{operation:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_and_the_table_agree() {
        let document = document();
        let mut count = 0;
        for (path, item) in &document.paths.paths {
            for method in [
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ] {
                let Some(described) = described(item, &method) else {
                    continue;
                };
                count += 1;
                assert!(
                    Operation::at(&method, path).is_some(),
                    "{method} {path} is not in the table"
                );
                assert!(
                    described.summary.as_ref().is_some_and(|s| !s.is_empty()),
                    "{method} {path}"
                );
                assert!(
                    described.responses.responses.contains_key("500"),
                    "{method} {path}"
                );
            }
        }
        assert_eq!(
            count,
            Operation::ALL.len(),
            "a row of the table is not in the document"
        );
    }

    #[test]
    fn every_field_is_described_and_has_an_example() {
        let document = serde_json::to_value(document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut missing = Vec::new();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let Some(fields) = schema["properties"].as_object() else {
                continue;
            };
            for (field, described) in fields {
                let compound = ["$ref", "oneOf", "allOf", "anyOf"]
                    .iter()
                    .any(|key| !described[key].is_null())
                    || ["array", "object"]
                        .iter()
                        .any(|kind| described["type"].to_string().contains(kind));
                let nullable = described["oneOf"]
                    .as_array()
                    .is_some_and(|either| either.iter().any(|one| !one["description"].is_null()));
                if described["description"].is_null() && !nullable {
                    missing.push(format!("{name}.{field}: description"));
                }
                if !compound && described["example"].is_null() && described["examples"].is_null() {
                    missing.push(format!("{name}.{field}: example"));
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }
}
