//! Entity tags: a resource's revision in `ETag`, and `If-Match` to change only what one has seen (RFC 9110, 13.1.1).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::problem::{Kind, Problem};

/// The entity tag of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ETag(pub i64);

impl std::fmt::Display for ETag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl ETag {
    /// The header, for `insert_header`.
    pub fn header(self) -> (&'static str, String) {
        ("etag", self.to_string())
    }
}

/// The precondition of a change, if the caller sent one. Take it with `params(IfMatch)` in the handler's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// No precondition.
    Absent,
    /// `*`: whatever revision there is.
    Any,
    /// One of these tags, as they were sent.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// 412 unless the precondition holds for what is there. Weak tags never match.
    pub fn check(&self, current: ETag) -> Result<(), Problem> {
        let holds = match self {
            IfMatch::Absent | IfMatch::Any => true,
            IfMatch::OneOf(tags) => tags.contains(&current.to_string()),
        };
        holds
            .then_some(())
            .ok_or_else(|| Problem::new(Kind::StaleVersion))
    }

    fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(IfMatch::Any);
        }
        let mut tags = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let weak = rest.starts_with("W/");
            let opened = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
            let (tag, after) = opened.split_once('"')?;
            tags.push(format!("{}\"{tag}\"", if weak { "W/" } else { "" }));
            rest = after.trim_start();
            match rest.strip_prefix(',') {
                Some(more) => rest = more.trim_start(),
                None if rest.is_empty() => {}
                None => return None,
            }
        }
        (!tags.is_empty()).then_some(IfMatch::OneOf(tags))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut lines = request.headers().get_all(header::IF_MATCH).peekable();
        if lines.peek().is_none() {
            return ready(Ok(IfMatch::Absent));
        }
        let text: Option<Vec<&str>> = lines.map(|line| line.to_str().ok()).collect();
        ready(
            text.and_then(|lines| Self::parse(&lines.join(", ")))
                .ok_or_else(|| Problem::field("If-Match", "malformed")),
        )
    }
}

impl utoipa::IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(utoipa::openapi::Required::False)
                .description(Some(
                    "The entity tag of the revision that the change is meant for: a newer one is answered with 412.",
                ))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .example(Some(serde_json::json!("\"3\"")))
                .build(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparison_is_strong() {
        let of = |text: &str| IfMatch::parse(text);
        assert_eq!(of("*"), Some(IfMatch::Any));
        assert!(of("\"3\"").unwrap().check(ETag(3)).is_ok());
        assert!(of("\"2\" , \"3\"").unwrap().check(ETag(3)).is_ok());
        assert!(of("\"2\",\"4\"").unwrap().check(ETag(3)).is_err());
        assert!(of("W/\"3\"").unwrap().check(ETag(3)).is_err());
        assert!(of("\"a,b\", \"3\"").unwrap().check(ETag(3)).is_ok());
        for bad in ["3", "\"3", "\"3\" \"4\"", "", "W/3"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
