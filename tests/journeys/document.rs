//! The OpenAPI document: generated from the code, checked in, current, complete.

use mofang::http::document;
use mofang::routes::Operation;
use serde_json::Value;

fn spec() -> Value {
    serde_json::from_str(&document::text()).unwrap()
}

#[test]
fn the_document_that_is_checked_in_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/api-spec/openapi.json");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == document::text(),
        "run `make api-spec`: api-spec/openapi.json is not what the code says"
    );
}

#[test]
fn every_route_is_in_it_and_nothing_else() {
    let spec = spec();
    let mut described: Vec<String> = spec["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .filter(|route| {
            ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&route.split(' ').next().unwrap())
        })
        .collect();
    let mut routed: Vec<String> = Operation::ALL
        .iter()
        .map(|operation| format!("{} {}", operation.method(), operation.path()))
        .collect();
    described.sort();
    routed.sort();
    assert_eq!(described, routed);
}

#[test]
fn every_operation_has_a_summary_and_every_field_a_description() {
    let spec = spec();
    let mut missing = Vec::new();
    for (path, item) in spec["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.is_object() && operation["summary"].as_str().is_none_or(str::is_empty) {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    for (name, schema) in spec["components"]["schemas"].as_object().unwrap() {
        for (field, inner) in schema["properties"].as_object().into_iter().flatten() {
            let described = inner["description"].is_string()
                || inner.get("$ref").is_some()
                || inner.get("oneOf").is_some()
                || inner.get("allOf").is_some();
            if !described {
                missing.push(format!("{name}.{field}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}
