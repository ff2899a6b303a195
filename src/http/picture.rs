//! Answers that are pictures or pages: an entity tag of their content, 304 for who has it, and a policy that lets in
//! their own styles and nothing else.

use std::sync::Arc;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::language::Locale;

/// Who may keep an answer, and for how long without asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Anybody, for a day: what it shows does not change, only its words might.
    ForADay,
    /// Whoever asked, and only to ask again.
    AskAgain,
}

impl Keep {
    fn header(self) -> &'static str {
        match self {
            Self::ForADay => "public, max-age=86400, stale-while-revalidate=604800",
            Self::AskAgain => "private, no-cache",
        }
    }
}

/// Something to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    text: Arc<str>,
    content_type: &'static str,
    locale: Locale,
    tag: String,
    policy: String,
}

impl Picture {
    /// SVG text.
    pub fn svg(text: String, locale: Locale) -> Self {
        Self::new(text, "image/svg+xml", locale)
    }

    /// An HTML page that needs nothing else.
    pub fn html(text: String, locale: Locale) -> Self {
        Self::new(text, "text/html; charset=utf-8", locale)
    }

    fn new(text: String, content_type: &'static str, locale: Locale) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        Self {
            tag: format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash)),
            policy: policy(&text),
            text: text.into(),
            content_type,
            locale,
        }
    }

    /// The answer to a request for it: 304 to who has it already (RFC 9110, 13.1.2).
    pub fn answer(&self, request: &HttpRequest, keep: Keep) -> HttpResponse {
        let mut response = match self.is_known(request) {
            true => HttpResponse::NotModified(),
            false => HttpResponse::Ok(),
        };
        response
            .insert_header((ETAG, self.tag.as_str()))
            .insert_header((CACHE_CONTROL, keep.header()))
            .insert_header((VARY, "Accept-Language"))
            .insert_header((CONTENT_LANGUAGE, self.locale.tag()))
            .insert_header((CONTENT_SECURITY_POLICY, self.policy.as_str()));
        match self.is_known(request) {
            true => response.finish(),
            false => response
                .content_type(self.content_type)
                .body(self.text.to_string()),
        }
    }

    fn is_known(&self, request: &HttpRequest) -> bool {
        let tags = request.headers().get_all(IF_NONE_MATCH);
        tags.filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == self.tag)
    }
}

/// Nothing is run, fetched, sent or framed; of styles only those that are in the text, by their hashes.
fn policy(text: &str) -> String {
    let mut hashes: Vec<String> = text
        .split("<style>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</style>"))
        .map(|(style, _)| {
            let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
            format!("'sha256-{hash}'")
        })
        .collect();
    hashes.sort();
    hashes.dedup();
    let styles = match hashes.is_empty() {
        true => "'none'".to_owned(),
        false => hashes.join(" "),
    };
    format!(
        "default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_styles_are_let_in() {
        let none = "default-src 'none'; style-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        assert_eq!(policy("<svg></svg>"), none);
        let twice = "<style>a{}</style><style>b{}</style><style>a{}</style>";
        assert_eq!(policy(twice).matches("'sha256-").count(), 2);
        let hash = STANDARD.encode(Sha256::digest(b"a{}"));
        assert!(policy(twice).contains(&hash));
    }
}
