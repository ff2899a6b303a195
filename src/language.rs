//! The two languages: every text that people read comes from `locales/`, by its key. A key that one language lacks
//! fails the tests.

use std::cell::RefCell;
use std::collections::HashMap;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use unic_langid::{LanguageIdentifier, langid};

/// A language that the product speaks. Chinese is the default.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
pub enum Locale {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[serde(rename = "en")]
    En,
}

macro_rules! resources {
    ($locale:literal) => {
        &[
            include_str!(concat!("../locales/", $locale, "/words.ftl")),
            include_str!(concat!("../locales/", $locale, "/problems.ftl")),
            include_str!(concat!("../locales/", $locale, "/mail.ftl")),
            include_str!(concat!("../locales/", $locale, "/drawing.ftl")),
            include_str!(concat!("../locales/", $locale, "/account.ftl")),
            include_str!(concat!("../locales/", $locale, "/personal.ftl")),
            include_str!(concat!("../locales/", $locale, "/page.ftl")),
        ]
    };
}

impl Locale {
    /// Both languages.
    pub const ALL: [Locale; 2] = [Locale::ZhCn, Locale::En];

    /// The language's tag, as in tables and headers.
    pub fn tag(self) -> &'static str {
        match self {
            Locale::ZhCn => "zh-CN",
            Locale::En => "en",
        }
    }

    /// The language of a stored tag; Chinese for anything else.
    pub fn from_tag(tag: &str) -> Self {
        if tag.eq_ignore_ascii_case("en") || tag.to_ascii_lowercase().starts_with("en-") {
            Locale::En
        } else {
            Locale::ZhCn
        }
    }

    /// The first language of ours that an `Accept-Language` header prefers (RFC 9110, 12.5.4), if any.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut ranges: Vec<(f32, &str)> = header
            .split(',')
            .filter_map(|part| {
                let mut pieces = part.trim().split(';');
                let tag = pieces.next()?.trim();
                let quality = pieces
                    .find_map(|piece| piece.trim().strip_prefix("q="))
                    .map_or(1.0, |q| q.parse().unwrap_or(0.0));
                (quality > 0.0).then_some((quality, tag))
            })
            .collect();
        ranges.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranges.iter().find_map(|(_, tag)| {
            let tag = tag.to_ascii_lowercase();
            if tag == "zh" || tag.starts_with("zh-") {
                Some(Locale::ZhCn)
            } else if tag == "en" || tag.starts_with("en-") {
                Some(Locale::En)
            } else {
                None
            }
        })
    }

    /// Chinese or English, whichever this is.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Locale::ZhCn => zh,
            Locale::En => en,
        }
    }

    fn resources(self) -> &'static [&'static str] {
        match self {
            Locale::ZhCn => resources!("zh-CN"),
            Locale::En => resources!("en"),
        }
    }

    fn langid(self) -> LanguageIdentifier {
        match self {
            Locale::ZhCn => langid!("zh-CN"),
            Locale::En => langid!("en"),
        }
    }
}

thread_local! {
    // a bundle is not Sync; each thread parses the texts once
    static BUNDLES: RefCell<HashMap<Locale, FluentBundle<FluentResource>>> = RefCell::new(HashMap::new());
}

fn bundle(locale: Locale) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new(vec![locale.langid()]);
    // mails and JSON are plain text: no Unicode isolation marks around values
    bundle.set_use_isolating(false);
    for source in locale.resources() {
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                tracing::error!(?errors, locale = locale.tag(), "texts that cannot be read");
                resource
            }
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The text of `key` in `locale` with its arguments filled in. A key that is missing comes back as itself; the tests
/// see to it that none is.
pub fn text(locale: Locale, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    try_text(locale, key, args).unwrap_or_else(|| key.to_owned())
}

/// The keys of all texts, in the order in which they are written.
pub fn keys(locale: Locale) -> impl Iterator<Item = &'static str> {
    locale
        .resources()
        .iter()
        .flat_map(|source| source.lines())
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
        .filter(|key| {
            key.chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        })
}

/// The text of `key`, where there is one.
pub fn try_text(locale: Locale, key: &str, args: &[(&str, FluentValue<'_>)]) -> Option<String> {
    BUNDLES.with_borrow_mut(|bundles| {
        let bundle = bundles.entry(locale).or_insert_with(|| bundle(locale));
        let pattern = bundle.get_message(key)?.value()?;
        let args: FluentArgs = args
            .iter()
            .map(|(name, value)| (*name, value.clone()))
            .collect();
        let mut errors = Vec::new();
        Some(
            bundle
                .format_pattern(pattern, Some(&args), &mut errors)
                .into_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_and_parse() {
        let of = |locale| keys(locale).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(of(Locale::ZhCn), of(Locale::En));
        for locale in Locale::ALL {
            for source in locale.resources() {
                FluentResource::try_new((*source).to_owned())
                    .map_err(|(_, errors)| errors)
                    .unwrap();
            }
        }
    }

    #[test]
    fn the_header_decides_by_quality() {
        let of = Locale::from_accept_language;
        assert_eq!(of("en-GB,en;q=0.9,zh;q=0.8"), Some(Locale::En));
        assert_eq!(of("fr, zh-Hans;q=0.3, en;q=0.2"), Some(Locale::ZhCn));
        assert_eq!(of("en;q=0, zh"), Some(Locale::ZhCn));
        assert_eq!(of("fr"), None);
    }
}
