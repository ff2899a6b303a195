//! Mails about accounts and organisations: the same outbox, the same template, other facts than a booking's.
//!
//! A link's token is in no row: the message names the link's id, and whoever sends the mail derives the token
//! ([`crate::identity::Seal`]).

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use fluent_bundle::FluentValue;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Sender;
use super::lines::one_line;
use super::mail::{self, Unwritable};
use super::store::{self, Row};
use super::words::{Why, Words};
use crate::db::text_enum;
use crate::id::{MessageId, OrganisationId, UserId, VenueId};
use crate::language::{Locale, text};
use crate::pages::Page;
use crate::span::Instant;

text_enum! {
    /// What a mail about an account or an organisation says.
    AccountKind {
        /// To whoever registered: confirm that the address is yours.
        VerifyAddress = "verify_address",
        /// To an account's owner: somebody registered with your address.
        AddressKnown = "address_known",
        /// To an account's owner: choose a new password.
        ResetPassword = "reset_password",
        /// To an account's owner: the password is another one now.
        PasswordChanged = "password_changed",
        /// To the new address: confirm that it is yours.
        ConfirmAddress = "confirm_address",
        /// To the old address: another one was asked for.
        AddressChangeAsked = "address_change_asked",
        /// To both addresses: the account has another one now.
        AddressChanged = "address_changed",
        /// To an account's owner: signing in takes a code now.
        SecondFactorOn = "second_factor_on",
        /// To an account's owner: signing in takes no code any more.
        SecondFactorOff = "second_factor_off",
        /// To an account's owner: somebody signed in with a recovery code.
        RecoveryCodeUsed = "recovery_code_used",
        /// To an account's owner: somebody knows the password and guesses codes.
        CodesGuessed = "codes_guessed",
        /// To staff: an organisation registered.
        OrganisationToVerify = "organisation_to_verify",
        /// To an organisation's owners: it may book.
        OrganisationVerified = "organisation_verified",
        /// To an organisation's owners: staff said no, with a reason.
        OrganisationRefused = "organisation_refused",
        /// To somebody whom an organisation wants as a member.
        MemberInvited = "member_invited",
        /// To somebody who is no member any more.
        MembershipEnded = "membership_ended",
        /// To a member who owns the organisation from now on.
        OwnershipReceived = "ownership_received",
        /// To somebody whom a venue wants as staff.
        StaffInvited = "staff_invited",
        /// To somebody with a role from now on.
        StaffRoleGranted = "staff_role_granted",
        /// To somebody without it from now on.
        StaffRoleEnded = "staff_role_ended",
        /// To an administrator who wants to know whether mail arrives.
        TestMail = "test_mail",
        /// To whoever deleted their account: it is gone.
        AccountDeleted = "account_deleted",
    }
}

impl AccountKind {
    /// The path of the page that the mail leads to.
    fn page(self, facts: &AccountFacts) -> String {
        let page = match self {
            AccountKind::VerifyAddress => Page::VerifyEmail,
            AccountKind::ResetPassword => Page::ResetPassword,
            AccountKind::ConfirmAddress => Page::ConfirmEmail,
            AccountKind::AddressKnown => Page::SignIn,
            AccountKind::PasswordChanged
            | AccountKind::AddressChangeAsked
            | AccountKind::AddressChanged
            | AccountKind::SecondFactorOn
            | AccountKind::SecondFactorOff
            | AccountKind::RecoveryCodeUsed
            | AccountKind::CodesGuessed
            | AccountKind::MembershipEnded
            | AccountKind::StaffRoleGranted
            | AccountKind::StaffRoleEnded => Page::Account,
            AccountKind::MemberInvited => Page::AcceptInvitation,
            AccountKind::StaffInvited => Page::AcceptStaffInvitation,
            AccountKind::TestMail | AccountKind::AccountDeleted => Page::Home,
            AccountKind::OrganisationToVerify
            | AccountKind::OrganisationVerified
            | AccountKind::OrganisationRefused
            | AccountKind::OwnershipReceived => {
                return match facts.organisation_id {
                    Some(id) => Page::Organisation.about(&id.to_string()),
                    None => Page::Organisations.pattern().to_owned(),
                };
            }
        };
        page.pattern().to_owned()
    }
}

/// What such a mail says besides its kind's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountFacts {
    /// The venue that writes; the product itself where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_zh: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_en: Option<String>,
    /// The link that it carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Uuid>,
    /// An address that it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The organisation that it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Their account: when it goes, their name goes from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_id: Option<UserId>,
    /// What the reader is, or is to be, in the organisation: the name of a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What the reader is, was or is to be in the venue: the name of a staff role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_role: Option<String>,
    /// In which space; in the whole venue where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space_zh: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space_en: Option<String>,
    /// How many are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// In the words of whoever decided.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl AccountFacts {
    /// What somebody did.
    pub fn done_by(id: UserId, name: &str) -> Self {
        Self {
            by: Some(name.to_owned()),
            by_id: Some(id),
            ..Self::default()
        }
    }
}

/// A mail to be written in the transaction of what it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMail {
    pub kind: AccountKind,
    pub recipient_id: Option<UserId>,
    pub email: String,
    pub locale: Locale,
    pub facts: AccountFacts,
    /// The same thing is never told twice.
    pub dedupe_key: String,
}

/// Writes mails to the outbox, in one statement; `venue` is whose staff look after those that do not arrive.
pub async fn insert(
    conn: &AsyncPgConnection,
    venue: Option<VenueId>,
    mails: &[AccountMail],
) -> QueryResult<()> {
    let rows = mails
        .iter()
        .map(|mail| {
            Ok(Row {
                id: MessageId::new(),
                kind: mail.kind.as_str(),
                booking_id: None,
                venue_id: venue,
                recipient_id: mail.recipient_id,
                email: Some(mail.email.clone()),
                phone: None,
                locale: mail.locale,
                payload: serde_json::to_string(&mail.facts)?,
                dedupe_key: mail.dedupe_key.clone(),
            })
        })
        .collect::<Result<Vec<_>, serde_json::Error>>()
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    store::insert_rows(conn, &rows).await
}

/// A message of this room that is due.
#[derive(Debug, Clone)]
pub struct AccountLetter {
    pub id: MessageId,
    pub kind: AccountKind,
    pub locale: Locale,
    pub to: String,
    pub facts: AccountFacts,
    pub written_at: Instant,
}

/// The mail of a message.
pub fn render(letter: &AccountLetter, sender: &Sender) -> Result<lettre::Message, Unwritable> {
    let words = words(letter, sender)?;
    let envelope = mail::Envelope {
        id: letter.id,
        to: letter.to.parse().map_err(|_| Unwritable::Address)?,
        locale: letter.locale,
        written_at: letter.written_at,
    };
    mail::compose(&envelope, &words, None, None, sender)
}

fn words(letter: &AccountLetter, sender: &Sender) -> Result<Words, Unwritable> {
    let (facts, locale) = (&letter.facts, letter.locale);
    let venue = match (&facts.venue_zh, &facts.venue_en) {
        (Some(zh), Some(en)) => one_line(locale.pick(zh, en)),
        _ => text(locale, "mail-product", &[]),
    };
    let mut values = vec![("venue", venue.clone()), ("to", one_line(&letter.to))];
    for (name, value) in [
        ("address", &facts.address),
        ("organisation", &facts.organisation),
        ("by", &facts.by),
    ] {
        if let Some(value) = value {
            values.push((name, one_line(value)));
        }
    }
    if let Some(role) = &facts.role {
        values.push(("role", text(locale, &format!("member-role-{role}"), &[])));
    }
    if let Some(role) = &facts.staff_role {
        values.push(("role", text(locale, &format!("staff-role-{role}"), &[])));
        let place = match (&facts.space_zh, &facts.space_en) {
            (Some(zh), Some(en)) => one_line(locale.pick(zh, en)),
            _ => text(locale, "staff-everywhere", &[]),
        };
        values.push(("place", place));
    }
    if let Some(left) = facts.left {
        values.push(("left", left.to_string()));
    }
    let values: Vec<_> = values
        .into_iter()
        .map(|(name, value)| (name, FluentValue::from(value)))
        .collect();
    let say = |part: &str| {
        let key = format!("mail-{}-{part}", letter.kind.as_str());
        text(locale, &key, &values)
    };
    let reason: Vec<String> = facts
        .reason
        .lines()
        .map(one_line)
        .filter(|line| !line.is_empty())
        .collect();
    Ok(Words {
        subject: one_line(&say("subject")),
        heading: say("heading"),
        what: say("what"),
        reason: (!reason.is_empty()).then(|| Why {
            label: text(locale, "mail-reason", &[]),
            lines: reason,
        }),
        next: vec![say("next")],
        alternatives: Vec::new(),
        facts: Vec::new(),
        link: sender
            .page(&letter.kind.page(facts), facts.link)
            .ok_or_else(|| Unwritable::Fault("links cannot be derived here".to_owned()))?,
        link_label: say("link"),
        footer: text(locale, "mail-footer", &values),
        picture: None,
        venue,
    })
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
