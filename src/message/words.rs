//! What a mail says: the words of `locales/*/mail.ftl` with the facts filled in, before they become text or HTML.

use fluent_bundle::FluentValue;

use super::lines::one_line;
use super::when::When;
use super::{BookingFacts, MessageKind, Sender};
use crate::language::{Locale, text, try_text};
use crate::span::{Instant, Span};

/// A line of the table of facts.
#[derive(Debug, PartialEq, Eq)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// Why, in the words of whoever decided.
#[derive(Debug, PartialEq, Eq)]
pub struct Why {
    pub label: String,
    pub lines: Vec<String>,
}

/// A mail's words, plain: whoever sets them in HTML escapes them.
#[derive(Debug)]
pub struct Words {
    pub subject: String,
    pub heading: String,
    pub what: String,
    pub reason: Option<Why>,
    pub next: Vec<String>,
    pub alternatives: Vec<String>,
    pub facts: Vec<Fact>,
    pub link: String,
    pub link_label: String,
    pub venue: String,
    pub footer: String,
    /// What the picture shows, for those who do not see it; `None`: there is no picture.
    pub picture: Option<String>,
}

impl Words {
    /// The words of a message of this kind as they are said at `now`; `None` where it carries a link that cannot be derived
    /// here.
    pub fn of(
        kind: MessageKind,
        facts: &BookingFacts,
        locale: Locale,
        sender: &Sender,
        now: Instant,
    ) -> Option<Self> {
        let speaker = Speaker {
            kind,
            facts,
            locale,
            when: When::new(locale, &facts.time_zone, now),
        };
        let values = speaker.values();
        let say = |key: &str| text(locale, key, &values);
        let part = |part: &str| {
            let key = format!("mail-{}-{part}", kind.as_str());
            speaker
                .variant()
                .and_then(|variant| try_text(locale, &format!("{key}-{variant}"), &values))
                .unwrap_or_else(|| say(&key))
        };
        // the page to open is that of the slot on offer, where there is one
        let (target, guest_link) = match &facts.offer {
            Some(offer) => (&offer.reference, offer.guest_link),
            None => (&facts.reference, facts.guest_link),
        };
        Some(Words {
            subject: one_line(&part("subject")),
            heading: part("heading"),
            what: part("what"),
            reason: speaker.reason(),
            next: speaker.next().into_iter().map(say).collect(),
            alternatives: facts
                .alternatives
                .iter()
                .map(|slot| speaker.when.span(*slot))
                .collect(),
            facts: speaker.table(),
            link: match guest_link {
                Some(link) => sender.guest_page(link)?,
                None => sender.link(target),
            },
            link_label: say(speaker.link_label()),
            venue: speaker.venue(),
            footer: say("mail-footer"),
            picture: None,
        })
    }
}

struct Speaker<'a> {
    kind: MessageKind,
    facts: &'a BookingFacts,
    locale: Locale,
    when: When,
}

impl Speaker<'_> {
    fn venue(&self) -> String {
        one_line(self.locale.pick(&self.facts.venue_zh, &self.facts.venue_en))
    }

    fn layout(&self) -> Option<String> {
        let (zh, en) = (
            self.facts.layout_zh.as_ref()?,
            self.facts.layout_en.as_ref()?,
        );
        Some(one_line(self.locale.pick(zh, en)))
    }

    fn requester(&self) -> String {
        let organisation = self.facts.organisation.as_deref();
        one_line(organisation.unwrap_or(&self.facts.contact_name))
    }

    fn values(&self) -> Vec<(&'static str, FluentValue<'static>)> {
        let facts = self.facts;
        let mut values = vec![
            ("title", one_line(&facts.title)),
            (
                "space",
                one_line(self.locale.pick(&facts.space_zh, &facts.space_en)),
            ),
            ("venue", self.venue()),
            ("when", self.when.span(facts.during)),
            ("requester", self.requester()),
        ];
        if let Some(layout) = self.layout() {
            values.push(("layout", layout));
        }
        if let Some(previously) = self.moved_from() {
            values.push(("previously", self.when.span(previously)));
        }
        if let Some(decide_by) = facts.decide_by {
            values.push(("decide_by", self.when.moment(decide_by)));
        }
        if let Some(answer_by) = facts.answer_by {
            values.push(("answer_by", self.when.moment(answer_by)));
        }
        if let Some(ready_at) = facts.ready_at {
            values.push(("ready_at", self.when.moment(ready_at)));
        }
        if let Some(offer) = &facts.offer {
            values.push(("offer_when", self.when.span(offer.during)));
            values.push(("offer_reference", offer.reference.clone()));
            values.push(("answer_by", self.when.moment(offer.answer_by)));
        }
        values
            .into_iter()
            .map(|(name, value)| (name, FluentValue::from(value)))
            .collect()
    }

    /// Where it was before, if it moved at all: a change of layout alone leaves it where it is.
    fn moved_from(&self) -> Option<Span> {
        self.facts.previously.filter(|it| *it != self.facts.during)
    }

    /// The texts of one kind that differ with the facts.
    fn variant(&self) -> Option<&'static str> {
        match self.kind {
            MessageKind::BookingChanged | MessageKind::ChangeToDecide => {
                self.moved_from().map(|_| "moved")
            }
            MessageKind::BookingExpired => (self.facts.state == "released").then_some("hold"),
            MessageKind::SetupDelayed => self.facts.ready_at.is_none().then_some("on_time"),
            _ => None,
        }
    }

    /// What happens next, and by when: the keys of its sentences.
    fn next(&self) -> Vec<&'static str> {
        let dated = self.facts.decide_by.is_some();
        let with_date = |dated_key, key| if dated { dated_key } else { key };
        match self.kind {
            MessageKind::RequestToConfirm => vec!["mail-next-confirm"],
            MessageKind::BookingReceived => {
                vec![with_date("mail-next-decide_by", "mail-next-decide")]
            }
            MessageKind::RequestToDecide => {
                vec![with_date(
                    "mail-next-please_decide_by",
                    "mail-next-please_decide",
                )]
            }
            MessageKind::ChangeToDecide => vec![with_date(
                "mail-next-please_decide_change_by",
                "mail-next-please_decide_change",
            )],
            MessageKind::BookingConfirmed => self.standing(),
            MessageKind::BookingChanged if self.facts.state == "requested" => {
                vec![with_date(
                    "mail-next-changed_decide_by",
                    "mail-next-changed_decide",
                )]
            }
            MessageKind::BookingChanged | MessageKind::ChangeDeclined => self.standing(),
            MessageKind::BookingReminder => vec!["mail-next-reminder"],
            MessageKind::SlotProposed => vec!["mail-next-proposed"],
            MessageKind::QuestionAsked => vec!["mail-next-answer"],
            MessageKind::QuestionAnswered => vec!["mail-next-answered"],
            MessageKind::SetupDelayed => match self.facts.ready_at {
                Some(_) => vec!["mail-next-setup_delayed"],
                None => self.standing(),
            },
            MessageKind::BookingDeclined if self.facts.offer.is_some() => vec!["mail-next-offer"],
            MessageKind::BookingWithdrawn | MessageKind::BookingCancelled => {
                vec!["mail-next-request_again"]
            }
            MessageKind::BookingDeclined
            | MessageKind::BookingDisplaced
            | MessageKind::BookingNoLongerPossible
            | MessageKind::BookingExpired => vec![if self.facts.alternatives.is_empty() {
                "mail-next-choose_again"
            } else {
                "mail-next-alternatives"
            }],
        }
    }

    fn standing(&self) -> Vec<&'static str> {
        vec![match self.layout() {
            Some(_) => "mail-next-confirmed_layout",
            None => "mail-next-confirmed",
        }]
    }

    fn reason(&self) -> Option<Why> {
        let (label, said) = match self.kind {
            MessageKind::QuestionAsked => ("mail-question", &self.facts.question),
            MessageKind::QuestionAnswered => ("mail-answer", &self.facts.reason),
            _ => ("mail-reason", &self.facts.reason),
        };
        let lines: Vec<String> = said
            .lines()
            .map(one_line)
            .filter(|line| !line.is_empty())
            .collect();
        (!lines.is_empty()).then(|| Why {
            label: text(self.locale, label, &[]),
            lines,
        })
    }

    fn link_label(&self) -> &'static str {
        if self.kind == MessageKind::QuestionAsked {
            "mail-link-answer"
        } else if self.kind == MessageKind::QuestionAnswered {
            "mail-link"
        } else if self.kind.to_staff() {
            "mail-link-decide"
        } else if self.kind == MessageKind::RequestToConfirm {
            "mail-link-confirm"
        } else if self.facts.offer.is_some() {
            "mail-link-offer"
        } else {
            "mail-link"
        }
    }

    fn table(&self) -> Vec<Fact> {
        let facts = self.facts;
        let word = |prefix: &str, of: &str| {
            try_text(self.locale, &format!("{prefix}-{of}"), &[]).unwrap_or_else(|| one_line(of))
        };
        let time = match self.kind {
            MessageKind::ChangeToDecide => "mail-fact-new_time",
            _ => "mail-fact-time",
        };
        // of a request that can no longer be approved, its state would only mislead
        let state = !self.kind.to_staff() && self.kind != MessageKind::BookingNoLongerPossible;
        let rows = [
            (
                "mail-question",
                (self.kind == MessageKind::QuestionAnswered).then(|| one_line(&facts.question)),
            ),
            ("mail-fact-title", Some(one_line(&facts.title))),
            (
                "mail-fact-event_type",
                Some(word("event-type", &facts.event_type)),
            ),
            (
                "mail-fact-space",
                Some(one_line(self.locale.pick(&facts.space_zh, &facts.space_en))),
            ),
            ("mail-fact-layout", self.layout()),
            (time, Some(self.when.span(facts.during))),
            (
                "mail-fact-previously",
                self.moved_from().map(|it| self.when.span(it)),
            ),
            (
                "mail-fact-ready_at",
                facts.ready_at.map(|it| self.when.moment(it)),
            ),
            ("mail-fact-attendance", Some(facts.attendance.to_string())),
            (
                "mail-fact-organisation",
                facts.organisation.as_deref().map(one_line),
            ),
            (
                "mail-fact-contact",
                self.kind.to_staff().then(|| one_line(&facts.contact_name)),
            ),
            ("mail-fact-reference", Some(facts.reference.clone())),
            (
                "mail-fact-state",
                state.then(|| word("state", &facts.state)),
            ),
        ];
        rows.into_iter()
            .filter_map(|(key, value)| {
                Some(Fact {
                    label: text(self.locale, key, &[]),
                    value: value?,
                })
            })
            .collect()
    }
}
