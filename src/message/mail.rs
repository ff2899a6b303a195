//! A message as a mail: text, HTML and, where it changes what is in a calendar, an invitation.
//!
//! Every try of one message gives the same mail, to the octet: ids, date and boundaries come from the message.

use askama::Template;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use mrml::prelude::render::RenderOptions;

use super::calendar::{self, Invitation, Method};
use super::lines::one_line;
use super::words::Words;
use super::{BookingFacts, MessageKind, Sender};
use crate::id::MessageId;
use crate::language::Locale;
use crate::span::Instant;

/// A message that is due, with everything that its mail is made of.
#[derive(Debug, Clone)]
pub struct Letter {
    pub id: MessageId,
    pub kind: MessageKind,
    pub locale: Locale,
    /// The recipient's address as it was stored.
    pub to: String,
    pub facts: BookingFacts,
    /// When the message was written: the mail's date.
    pub written_at: Instant,
    /// How the space will look.
    pub picture: Option<Picture>,
}

/// A picture inside a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub png: Vec<u8>,
    /// What it shows, for those who do not see it.
    pub alt: String,
}

/// Why a message cannot be made into a mail.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The recipient's address is none; trying again does not help.
    #[error("not an address")]
    Address,
    /// A fault of ours: a template, a header.
    #[error("cannot be rendered: {0}")]
    Fault(String),
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct PlainText<'a> {
    words: &'a Words,
    colon: &'a str,
}

#[derive(Template)]
#[template(path = "mail.mjml", escape = "html")]
struct Markup<'a> {
    words: &'a Words,
    lang: &'a str,
}

/// RFC 3834: no out-of-office reply to this.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The name by which a mail's page finds its picture.
const PICTURE: &str = "layout";

/// What every mail has, whatever it is about.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub id: MessageId,
    pub to: Address,
    pub locale: Locale,
    pub written_at: Instant,
}

/// The mail of a message about a booking.
pub fn render(letter: &Letter, sender: &Sender) -> Result<Message, Unwritable> {
    let envelope = Envelope {
        id: letter.id,
        to: letter.to.parse().map_err(|_| Unwritable::Address)?,
        locale: letter.locale,
        written_at: letter.written_at,
    };
    let mut words = Words::of(
        letter.kind,
        &letter.facts,
        letter.locale,
        sender,
        letter.written_at,
    )
    .ok_or_else(|| Unwritable::Fault("links cannot be derived here".to_owned()))?;
    words.picture = letter.picture.as_ref().map(|it| one_line(&it.alt));
    let invitation = Method::of(letter.kind, &letter.facts).map(|method| {
        let invitation = Invitation {
            method,
            attendee: envelope.to.as_ref(),
            at: letter.written_at,
        };
        let text = calendar::invitation(&letter.facts, letter.locale, sender, invitation);
        (method, text)
    });
    let png = letter.picture.as_ref().map(|it| it.png.as_slice());
    compose(&envelope, &words, png, invitation, sender)
}

/// Puts a mail together: text, HTML with its picture and, where there is one, an invitation.
pub(super) fn compose(
    envelope: &Envelope,
    words: &Words,
    png: Option<&[u8]>,
    invitation: Option<(Method, String)>,
    sender: &Sender,
) -> Result<Message, Unwritable> {
    let id = envelope.id.0.simple();
    let mut alternative = MultiPart::alternative()
        .boundary(format!("mofang_alternative_{id}"))
        .singlepart(SinglePart::plain(text(words, envelope.locale)?));
    let page = SinglePart::html(html(words, envelope.locale)?);
    alternative = match png {
        None => alternative.singlepart(page),
        Some(png) => {
            let image = Attachment::new_inline(PICTURE.to_owned());
            alternative.multipart(
                MultiPart::related()
                    .boundary(format!("mofang_related_{id}"))
                    .singlepart(page)
                    .singlepart(image.body(png.to_vec(), content_type("image/png")?)),
            )
        }
    };
    let mut attachment = None;
    if let Some((method, invitation)) = invitation {
        let method = method.name();
        let inline = content_type(&format!("text/calendar; charset=utf-8; method={method}"))?;
        let attached = content_type(&format!(
            "application/ics; name=\"invite.ics\"; method={method}"
        ))?;
        alternative = alternative.singlepart(
            SinglePart::builder()
                .content_type(inline)
                .body(invitation.clone()),
        );
        attachment =
            Some(Attachment::new("invite.ics".to_owned()).body(invitation.into_bytes(), attached));
    }
    let mut body = MultiPart::mixed()
        .boundary(format!("mofang_mixed_{id}"))
        .multipart(alternative);
    if let Some(attachment) = attachment {
        body = body.singlepart(attachment);
    }
    Message::builder()
        .from(sender.from().clone())
        .to(Mailbox::new(None, envelope.to.clone()))
        .subject(plainly(&words.subject))
        .date(envelope.written_at.into())
        .message_id(Some(format!("<{}@{}>", envelope.id, sender.host())))
        .header(AutoSubmitted)
        .multipart(body)
        .map_err(|error| Unwritable::Fault(error.to_string()))
}

/// A subject in which nothing that people wrote is read as an encoded word (RFC 2047): a joiner that nobody sees parts
/// the signs with which one begins.
fn plainly(subject: &str) -> String {
    subject.replace("=?", "=\u{2060}?")
}

fn text(words: &Words, locale: Locale) -> Result<String, Unwritable> {
    let colon = locale.pick("：", ": ");
    PlainText { words, colon }
        .render()
        .map_err(|error| Unwritable::Fault(error.to_string()))
}

fn html(words: &Words, locale: Locale) -> Result<String, Unwritable> {
    let lang = locale.tag();
    let markup = Markup { words, lang }
        .render()
        .map_err(|error| Unwritable::Fault(error.to_string()))?;
    let options = RenderOptions {
        // no font is fetched from anywhere
        fonts: Default::default(),
        ..Default::default()
    };
    mrml::parse(markup)
        .map_err(|error| Unwritable::Fault(error.to_string()))?
        .element
        .render(&options)
        .map_err(|error| Unwritable::Fault(error.to_string()))
}

fn content_type(text: &str) -> Result<ContentType, Unwritable> {
    ContentType::parse(text).map_err(|error| Unwritable::Fault(error.to_string()))
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
