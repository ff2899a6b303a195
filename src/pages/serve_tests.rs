use std::collections::BTreeSet;

use super::*;
use crate::booking::state::Event;
use crate::identity::organisation::{OrganisationKind, OrganisationState};
use crate::message::address::AddressTrouble;

/// Keys that the scripts name as they stand: `t('…')`, also either side of a `?`.
fn named() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for script in [BASE, SCRIPT] {
        for (at, call) in script.match_indices("t(") {
            let within = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
            if script[..at].ends_with(within) {
                continue;
            }
            let argument = script[at + call.len()..].split([',', ')']).next();
            let argument = argument.unwrap_or_default();
            let keys = match argument.split_once(" ? ") {
                Some((_, keys)) => keys,
                None if argument.starts_with('\'') => argument,
                None => continue,
            };
            let keys = keys.split('\'').skip(1).step_by(2);
            found.extend(keys.map(|key| format!("page-{key}")));
        }
    }
    found
}

#[test]
fn whatever_a_page_says_is_there_in_both_languages_and_nothing_else_is() {
    let mut wanted = named();
    assert!(wanted.len() > 120, "{wanted:?}");
    wanted.extend(Page::ALL.map(|page| format!("page-title-{}", page.name())));
    wanted.extend(
        Event::ALL
            .iter()
            .map(|event| format!("page-event-{}", event.as_str())),
    );
    wanted.extend(
        AddressTrouble::ALL
            .iter()
            .map(|trouble| format!("page-trouble-{}", trouble.as_str())),
    );
    wanted.extend(
        OrganisationState::ALL
            .iter()
            .map(|state| format!("page-organisation-{}", state.as_str())),
    );
    wanted.extend(
        OrganisationKind::ALL
            .iter()
            .map(|kind| format!("page-kind-{}", kind.as_str())),
    );
    wanted.extend(
        ["above_seats", "calendar_missing", "no_longer_possible"]
            .map(|it| format!("page-warning-{it}")),
    );
    wanted.extend(["skip", "needs_script"].map(|key| format!("page-{key}")));
    for locale in Locale::ALL {
        let there: BTreeSet<String> = keys(locale)
            .filter(|key| key.starts_with("page-"))
            .map(str::to_owned)
            .collect();
        assert_eq!(
            wanted.difference(&there).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "missing"
        );
        assert_eq!(
            there.difference(&wanted).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "said nowhere"
        );
    }
}

#[test]
fn words_are_json_that_ends_no_script_and_names_what_the_script_fills_in() {
    for (locale, words) in Locale::ALL.into_iter().zip(&*WORDS) {
        assert!(!words.contains('<'));
        let words: BTreeMap<String, String> = serde_json::from_str(words).unwrap();
        assert!(
            words["page-now"].contains("{$state}"),
            "{}",
            words["page-now"]
        );
        assert_eq!(
            words["state-confirmed"],
            text(locale, "state-confirmed", &[])
        );
    }
}

/// What scripts that build elements from text never need.
#[test]
fn no_text_becomes_markup_and_nothing_comes_from_elsewhere() {
    for script in [BASE, SCRIPT] {
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "localStorage",
        ] {
            assert!(!script.contains(forbidden), "{forbidden}");
        }
    }
    for file in [
        BASE,
        SCRIPT,
        STYLE,
        include_str!("../../templates/page.html"),
    ] {
        assert!(!file.contains("//cdn") && !file.contains("https://"));
        assert!(!file.contains(" style=") && !file.contains("onclick="));
    }
}
