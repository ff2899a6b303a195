//! What a venue promises about people's rest and their data: when mails that may wait do, and how long what is
//! personal is kept.

use serde::{Deserialize, Serialize};

use super::PolicyError;
use crate::catalogue::hours::WallTime;

/// From when to when mails that may wait are not sent, in the venue's wall time; over midnight where it ends before it
/// begins. Reminders and what asks staff for a decision may wait, unless that would be too late; nothing else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From when.
    #[schema(example = "22:00")]
    pub from: String,
    /// Until when.
    #[schema(example = "07:00")]
    pub to: String,
}

impl QuietHours {
    /// As times of day; `None` where they cannot be meant.
    pub fn times(&self) -> Option<(WallTime, WallTime)> {
        let time = |text: &str| {
            text.parse()
                .ok()
                .filter(|time: &WallTime| *time < WallTime::MIDNIGHT)
        };
        Some((time(&self.from)?, time(&self.to)?)).filter(|(from, to)| from != to)
    }

    pub(super) fn errors(&self) -> Vec<PolicyError> {
        match self.times() {
            Some(_) => Vec::new(),
            None => vec![("quiet_hours".to_owned(), "malformed")],
        }
    }
}

/// The law wants network logs kept for six months at the least (Cybersecurity Law of the People's Republic of China,
/// article 21); the database refuses to give up younger ones.
pub const LEAST_AUDIT_DAYS: u32 = 183;
/// Ten years: beyond that a period is a mistake.
const MOST_DAYS: u32 = 3660;

/// For how many days personal data is kept; what is older goes, or is kept without the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionDays {
    /// After the end of a booking: then its contact, title and needs go, its numbers stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 730)]
    pub bookings: Option<u32>,
    /// After a mail was written: then its address and text go; that it was sent stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 180)]
    pub messages: Option<u32>,
    /// After an entry of the audit was written: then it goes. At least 183.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 730)]
    pub audit: Option<u32>,
    /// After a sign-in ended or was last used: then it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 60)]
    pub sign_ins: Option<u32>,
    /// After a link in a mail ran out: then it goes, with the registration or invitation that waited for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 7)]
    pub links: Option<u32>,
}

/// The periods that hold for a venue, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    pub bookings: u32,
    pub messages: u32,
    pub audit: u32,
    pub sign_ins: u32,
    pub links: u32,
}

impl Periods {
    /// Those of a venue with this policy; of one that cannot be read, what is assumed where nothing is said.
    pub fn of(policy: &serde_json::Value) -> Self {
        let days = policy.get("retention_days").cloned();
        let days: Option<RetentionDays> = days.and_then(|days| serde_json::from_value(days).ok());
        days.unwrap_or_default().periods()
    }
}

impl RetentionDays {
    /// What holds where the venue says nothing, too.
    pub fn periods(&self) -> Periods {
        Periods {
            bookings: self.bookings.unwrap_or(730),
            messages: self.messages.unwrap_or(180),
            audit: self.audit.unwrap_or(730).max(LEAST_AUDIT_DAYS),
            sign_ins: self.sign_ins.unwrap_or(60),
            links: self.links.unwrap_or(7),
        }
    }

    pub(super) fn errors(&self) -> Vec<PolicyError> {
        let limits = [
            ("bookings", self.bookings, 1),
            // a mail may be tried for three days, and read about on the list of those that did not arrive
            ("messages", self.messages, 14),
            ("audit", self.audit, LEAST_AUDIT_DAYS),
            // as long as a refresh token lasts
            ("sign_ins", self.sign_ins, 30),
            ("links", self.links, 1),
        ];
        let told = |name: &str, code| (format!("retention_days.{name}"), code);
        limits
            .into_iter()
            .filter_map(|(name, days, least)| match days {
                Some(days) if days < least => Some(told(name, "too_small")),
                Some(days) if days > MOST_DAYS => Some(told(name, "too_large")),
                _ => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_times_of_day() {
        let errors = |from: &str, to: &str| {
            let quiet = QuietHours {
                from: from.to_owned(),
                to: to.to_owned(),
            };
            quiet.errors().len()
        };
        assert_eq!(errors("22:00", "07:00"), 0);
        assert_eq!(errors("00:00", "06:30"), 0);
        for (from, to) in [("22:00", "22:00"), ("22", "07:00"), ("22:00", "24:00")] {
            assert_eq!(errors(from, to), 1, "{from} {to}");
        }
    }

    #[test]
    fn an_audit_is_never_kept_shorter_than_the_law_says() {
        let days = RetentionDays {
            audit: Some(30),
            bookings: Some(4000),
            ..RetentionDays::default()
        };
        let errors = days.errors();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert_eq!(days.periods().audit, LEAST_AUDIT_DAYS);
    }
}
