//! Accounts: how people make one, and what they change in it themselves.
//!
//! An account exists once its address is confirmed; until then it is a registration, bound to the link that was sent. So
//! nobody can take an address that is not theirs, and whoever tries somebody else's learns nothing: what is answered,
//! and when, is the same. The address's owner gets a mail instead.

pub mod api;
pub mod store;

use crate::http::checks::Checks;
use crate::http::problem::FieldError;
use crate::id::UserId;
use crate::identity::link::NewLink;
use crate::language::Locale;
use crate::message::account::{AccountFacts, AccountKind, AccountMail};

/// The longest address, in characters (RFC 5321: 254 octets with its brackets).
pub const MAX_EMAIL: i64 = 254;
/// The longest name, in characters.
pub const MAX_NAME: i64 = 200;
/// The longest telephone number, in characters.
const MAX_PHONE: i64 = 40;

/// An e-mail address as somebody typed it, without the blanks around it.
pub fn checked_email(checks: &mut Checks, field: &str, typed: &str) -> String {
    let email = checks.text(field, typed, 1, MAX_EMAIL);
    if !email.is_empty() && !is_email(&email) {
        checks.push(FieldError::new(field, "malformed"));
    }
    email
}

/// Whether this can be an e-mail address: one `@` with something on both sides, no blanks or controls, at most 254
/// octets, and one that mail can be addressed to. Whether mail arrives there, only a mail can tell.
pub fn is_email(email: &str) -> bool {
    email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !local.contains('@')
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                // an address of a machine is nobody's mailbox
                && !domain.starts_with('[')
        })
        && email.parse::<lettre::Address>().is_ok()
}

/// A person's name.
pub fn checked_name(checks: &mut Checks, field: &str, typed: &str) -> String {
    let name = checks.text(field, typed, 1, MAX_NAME);
    if name.chars().any(char::is_control) {
        checks.push(FieldError::new(field, "malformed"));
    }
    name
}

/// A telephone number: digits with the usual signs between them.
pub fn checked_phone(checks: &mut Checks, field: &str, typed: &str) -> String {
    let phone = checks.text(field, typed, 3, MAX_PHONE);
    let usual = |c: char| c.is_ascii_digit() || "+-() ./".contains(c);
    if !phone.chars().all(usual) || !phone.chars().any(|c| c.is_ascii_digit()) {
        checks.push(FieldError::new(field, "malformed"));
    }
    phone
}

/// Whom a mail about an account goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Their account, where they have one.
    pub id: Option<UserId>,
    pub email: String,
    pub locale: Locale,
}

impl Reader {
    /// A mail that carries a link.
    pub fn with_link(&self, kind: AccountKind, link: &NewLink) -> AccountMail {
        let facts = AccountFacts {
            link: Some(link.id),
            ..AccountFacts::default()
        };
        self.told(kind, facts, link.id)
    }

    /// A mail; `about` tells apart what happens more than once.
    pub fn told(
        &self,
        kind: AccountKind,
        facts: AccountFacts,
        about: impl std::fmt::Display,
    ) -> AccountMail {
        AccountMail {
            kind,
            recipient_id: self.id,
            email: self.email.clone(),
            locale: self.locale,
            facts,
            dedupe_key: format!("{}:{about}:{}", kind.as_str(), self.email.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "lin@park.example",
            "a.b+c@x.example",
            "林@例子.中国",
            "o'hara@x.example",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "lin",
            "lin@",
            "@park.example",
            "lin@park",
            "a b@c.example",
            "a@b@c.example",
            "a\n@b.example",
            "a@b.example>,c@d.example",
            "<a@b.example>",
            "a@b..example",
            "a@[127.0.0.1]",
            "a@[ipv6:fe80::1.2.3.4]",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn telephone_numbers() {
        let refused = |typed: &str| {
            let mut checks = Checks::default();
            checked_phone(&mut checks, "phone", typed);
            checks.done().is_err()
        };
        for good in [
            "+86 138 0000 0000",
            "021-5555 0100",
            "(021) 5555.0100",
            "110",
        ] {
            assert!(!refused(good), "{good}");
        }
        for bad in ["", "12", "phone", "+86\n138", "()-", &"1".repeat(41)] {
            assert!(refused(bad), "{bad}");
        }
    }
}
