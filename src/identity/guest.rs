//! Guests: people without an account, who show the link of their booking instead of a sign-in.
//!
//! The link's token holds the id that it was derived from and the proof ([`Seal`]); the booking knows the id. So nothing at
//! rest opens a booking, and a booking that is claimed by an account, or whose address changes, closes its link by
//! forgetting the id.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::Seal;
use super::seal::Use;
use crate::id::{BookingId, GuestLinkId};
use crate::language::Locale;

/// What the tokens of guests' links begin with.
pub const PREFIX: &str = "mfg_";

/// A guest whose link is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guest {
    pub link: GuestLinkId,
    /// The booking that it opens: this one and no other.
    pub booking_id: BookingId,
    /// The guest's language.
    pub locale: Locale,
}

/// The token of a link.
pub fn token(seal: &Seal, link: GuestLinkId) -> String {
    let mut bytes = link.0.as_bytes().to_vec();
    bytes.extend(seal.derive(Use::Guest, link.0));
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The link of a token that we derived.
pub fn read(seal: &Seal, token: &str) -> Option<GuestLinkId> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(token.strip_prefix(PREFIX)?)
        .ok()?;
    let (id, proof) = bytes.split_at_checked(16)?;
    let id = Uuid::from_slice(id).ok()?;
    seal.proves(Use::Guest, id, proof)
        .then_some(GuestLinkId(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tokens_are_read() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (seal, other) = (
            Seal::load(here.path()).unwrap(),
            Seal::load(there.path()).unwrap(),
        );
        let link = GuestLinkId::new();
        let good = token(&seal, link);
        assert_eq!(read(&seal, &good), Some(link));
        let swapped = {
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(&good[4..]).unwrap();
            bytes[..16].copy_from_slice(GuestLinkId::new().0.as_bytes());
            format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
        };
        for bad in [
            token(&other, link),
            seal.token(Use::Link, link.0),
            format!("{PREFIX}{}", seal.token(Use::Guest, link.0)),
            good[..good.len() - 1].to_owned(),
            format!("{good}A"),
            good[4..].to_owned(),
            PREFIX.to_owned(),
            swapped,
        ] {
            assert_eq!(read(&seal, &bad), None, "{bad}");
        }
    }
}
