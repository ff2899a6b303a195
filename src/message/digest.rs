//! The digest: one mail a day that tells an approver of everything that waits for a decision.

use fluent_bundle::FluentValue;
use serde::{Deserialize, Serialize};

use super::lines::one_line;
use super::mail::{self, Unwritable};
use super::when::When;
use super::words::Words;
use super::{BookingFacts, MessageKind, Sender};
use crate::id::MessageId;
use crate::language::{Locale, text};
use crate::pages::Page;
use crate::span::Instant;

/// How many requests one mail names; of the others it says how many there are.
const NAMED: usize = 50;

/// One request of the digest: the mail that it would have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub kind: MessageKind,
    pub facts: BookingFacts,
}

/// What a digest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestFacts {
    /// In the order in which they came.
    pub items: Vec<Item>,
}

/// A digest that is due.
#[derive(Debug, Clone)]
pub struct DigestLetter {
    pub id: MessageId,
    pub locale: Locale,
    pub to: String,
    pub facts: DigestFacts,
    pub written_at: Instant,
}

/// The mail of a digest.
pub fn render(letter: &DigestLetter, sender: &Sender) -> Result<lettre::Message, Unwritable> {
    let envelope = mail::Envelope {
        id: letter.id,
        to: letter.to.parse().map_err(|_| Unwritable::Address)?,
        locale: letter.locale,
        written_at: letter.written_at,
    };
    mail::compose(&envelope, &words(letter, sender)?, None, None, sender)
}

fn words(letter: &DigestLetter, sender: &Sender) -> Result<Words, Unwritable> {
    let (items, locale) = (&letter.facts.items, letter.locale);
    let venue = items.first().map_or_else(
        || text(locale, "mail-product", &[]),
        |item| one_line(locale.pick(&item.facts.venue_zh, &item.facts.venue_en)),
    );
    let number = |count: usize| FluentValue::from(count.to_string());
    let values = [
        ("count", number(items.len())),
        ("venue", FluentValue::from(venue.clone())),
        ("more", number(items.len().saturating_sub(NAMED))),
    ];
    let say = |part: &str| text(locale, &format!("mail-decision_digest-{part}"), &values);
    let mut lines: Vec<String> = items
        .iter()
        .take(NAMED)
        .map(|item| line(item, locale, letter.written_at))
        .collect();
    if items.len() > NAMED {
        lines.push(say("more"));
    }
    Ok(Words {
        subject: one_line(&say("subject")),
        heading: say("heading"),
        what: say("what"),
        reason: None,
        next: vec![say("next")],
        alternatives: lines,
        facts: Vec::new(),
        link: sender
            .page(Page::Requests.pattern(), None)
            .ok_or_else(|| Unwritable::Fault("links cannot be derived here".to_owned()))?,
        link_label: say("link"),
        venue,
        footer: text(locale, "mail-footer", &values),
        picture: None,
    })
}

fn line(item: &Item, locale: Locale, now: Instant) -> String {
    let facts = &item.facts;
    let when = When::new(locale, &facts.time_zone, now);
    let requester = facts.organisation.as_deref();
    let mut values = vec![
        ("title", one_line(&facts.title)),
        (
            "space",
            one_line(locale.pick(&facts.space_zh, &facts.space_en)),
        ),
        ("when", when.span(facts.during)),
        ("reference", one_line(&facts.reference)),
        (
            "requester",
            one_line(requester.unwrap_or(&facts.contact_name)),
        ),
    ];
    if let Some(decide_by) = facts.decide_by {
        values.push(("decide_by", when.moment(decide_by)));
    }
    let values: Vec<_> = values
        .into_iter()
        .map(|(name, value)| (name, FluentValue::from(value)))
        .collect();
    let dated = facts.decide_by.map_or("", |_| "-by");
    let key = format!("mail-decision_digest-{}{dated}", item.kind.as_str());
    text(locale, &key, &values)
}

#[cfg(test)]
#[path = "digest_tests.rs"]
mod tests;
