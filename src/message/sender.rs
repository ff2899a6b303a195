//! Who the product is when it writes: the address that mails come from, and the address that their links begin with.

use lettre::message::Mailbox;
use uuid::Uuid;

use crate::id::GuestLinkId;
use crate::identity::seal::Use;
use crate::identity::{Seal, guest};
use crate::pages::Page;

/// The sending side of every mail.
#[derive(Debug, Clone)]
pub struct Sender {
    from: Mailbox,
    base_url: String,
    host: String,
    seal: Option<Seal>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// Not a mailbox.
    #[error("`{0}` is not an address that mail can come from")]
    From(String),
    /// Not an address of pages.
    #[error("`{0}` is not an http or https address")]
    BaseUrl(String),
}

impl Sender {
    /// From `魔方 <booking@example.org>` or a bare address, and the public address of the pages.
    pub fn new(from: &str, base_url: &str) -> Result<Self, SenderError> {
        let from = from
            .parse()
            .map_err(|_| SenderError::From(from.to_owned()))?;
        let refused = || SenderError::BaseUrl(base_url.to_owned());
        let url = url::Url::parse(base_url).map_err(|_| refused())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused());
        }
        // an address literal of version 6 is no name for the right side of an id
        let host = match url.host() {
            Some(url::Host::Domain(domain)) => domain.to_owned(),
            Some(url::Host::Ipv4(address)) => address.to_string(),
            Some(url::Host::Ipv6(_)) => "localhost".to_owned(),
            None => return Err(refused()),
        };
        Ok(Self {
            from,
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            host,
            seal: None,
        })
    }

    /// With what the tokens of links are derived from.
    pub fn with_seal(self, seal: Seal) -> Self {
        Self {
            seal: Some(seal),
            ..self
        }
    }

    /// The mailbox in `From`.
    pub fn from(&self) -> &Mailbox {
        &self.from
    }

    /// The bare address.
    pub fn address(&self) -> String {
        self.from.email.to_string()
    }

    /// The host of the public address: the right side of message ids and calendar UIDs.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The page of a booking.
    pub fn link(&self, reference: &str) -> String {
        format!("{}{}", self.base_url, Page::Booking.about(reference))
    }

    /// The page on which a guest looks after a booking; the token stands behind `#`, as in [`Sender::page`]. `None`
    /// without a seal.
    pub(super) fn guest_page(&self, link: GuestLinkId) -> Option<String> {
        let token = guest::token(self.seal.as_ref()?, link);
        let page = Page::MyBooking.pattern();
        Some(format!("{}{page}#token={token}", self.base_url))
    }

    /// The page at this path, with the token of a link where there is one: behind `#`, which browsers send to no server, so that no log
    /// gets to know it. `None` without a seal.
    pub(super) fn page(&self, path: &str, link: Option<Uuid>) -> Option<String> {
        let base = &self.base_url;
        match link {
            None => Some(format!("{base}{path}")),
            Some(id) => {
                let token = self.seal.as_ref()?.token(Use::Link, id);
                Some(format!("{base}{path}#token={token}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_ids_come_from_the_public_address() {
        let sender =
            Sender::new("魔方 <booking@example.org>", "https://cube.example.org/").unwrap();
        assert_eq!(
            sender.link("7K3M9P"),
            "https://cube.example.org/bookings/7K3M9P"
        );
        assert_eq!(sender.host(), "cube.example.org");
        assert_eq!(sender.address(), "booking@example.org");
        assert!(Sender::new("Mofang <mofang@localhost>", "http://127.0.0.1:8080").is_ok());
        assert!(Sender::new("nobody", "https://a.example").is_err());
        assert!(Sender::new("a@b.example", "ftp://a.example").is_err());
    }
}
