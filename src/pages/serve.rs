//! Serves the pages and the files that they are made of.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::guard::{Any, Get, Head};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY,
};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::Page;
use crate::http::language;
use crate::http::problem::{Kind, Problem};
use crate::language::{Locale, keys, text};

/// Nothing but our own files, our own pictures and our own API; text never becomes markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const BASE: &str = include_str!("base.js");
const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");
const MARK: &str = include_str!("mark.svg");

/// A file's address carries what it holds, so a browser may keep it for as long as it likes.
static FILES: LazyLock<[File; 4]> = LazyLock::new(|| {
    [
        File::new("base.js", "text/javascript; charset=utf-8", BASE),
        File::new("page.js", "text/javascript; charset=utf-8", SCRIPT),
        File::new("page.css", "text/css; charset=utf-8", STYLE),
        File::new("mark.svg", "image/svg+xml", MARK),
    ]
});

/// The words of all pages as JSON, a language each.
static WORDS: LazyLock<[String; 2]> = LazyLock::new(|| Locale::ALL.map(words));

struct File {
    path: String,
    content_type: &'static str,
    content: &'static str,
}

impl File {
    fn new(name: &str, content_type: &'static str, content: &'static str) -> Self {
        let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..9]);
        Self {
            path: format!("/pages/{hash}/{name}"),
            content_type,
            content,
        }
    }

    fn answer(&self) -> HttpResponse {
        HttpResponse::Ok()
            .content_type(self.content_type)
            .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(self.content)
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct Shell<'a> {
    locale: Locale,
    page: &'static str,
    title: String,
    product: String,
    skip: String,
    needs_script: String,
    /// JSON that is safe inside a script element.
    words: &'a str,
    base: &'a str,
    script: &'a str,
    style: &'a str,
    mark: &'a str,
}

/// Puts every page, and what they are made of, at its address.
pub fn mount(config: &mut ServiceConfig) {
    for page in Page::ALL {
        config.service(
            web::resource(page.pattern())
                .guard(Any(Get()).or(Head()))
                .to(move |request: HttpRequest| async move { shell(page, &request) }),
        );
    }
    for file in FILES.iter() {
        config.service(
            web::resource(&file.path)
                .guard(Any(Get()).or(Head()))
                .to(move || async move { file.answer() }),
        );
    }
}

fn shell(page: Page, request: &HttpRequest) -> HttpResponse {
    let locale = locale(request);
    let [zh_cn, en] = &*WORDS;
    let [base, script, style, mark] = &*FILES;
    let say = |key: &str| text(locale, key, &[]);
    let shell = Shell {
        locale,
        page: page.name(),
        title: say(&format!("page-title-{}", page.name())),
        product: say("mail-product"),
        skip: say("page-skip"),
        needs_script: say("page-needs_script"),
        words: locale.pick(zh_cn, en),
        base: &base.path,
        script: &script.path,
        style: &style.path,
        mark: &mark.path,
    };
    match shell.render() {
        Ok(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_LANGUAGE, locale.tag()))
            .insert_header((VARY, "Accept-Language"))
            .body(html),
        Err(error) => {
            tracing::error!(%error, "a page");
            Problem::new(Kind::Internal).error_response()
        }
    }
}

/// What the switch says (`?lang=`), else what the browser asks for.
fn locale(request: &HttpRequest) -> Locale {
    let chosen = request
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="));
    Locale::ALL
        .into_iter()
        .find(|locale| chosen == Some(locale.tag()))
        .unwrap_or_else(|| language::locale(request))
}

/// What the script says, by its keys; where a value belongs, Fluent leaves the name of what it was not given
/// (`{$when}`), and the script fills it in.
fn words(locale: Locale) -> String {
    let prefixes = ["page-", "state-", "event-type-", "member-role-", "staff-"];
    let words: BTreeMap<&str, String> = keys(locale)
        .filter(|key| prefixes.iter().any(|prefix| key.starts_with(prefix)))
        .map(|key| (key, text(locale, key, &[])))
        .collect();
    // inside a script element nothing but `<` could end it
    serde_json::to_string(&words)
        .unwrap_or_default()
        .replace('<', "\\u003c")
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
