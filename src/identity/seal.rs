//! Secrets that are derived instead of stored: the tokens of links in mails, of guests' bookings too, and the secrets of
//! second factors.
//!
//! Each comes from the id of its row and one key, the file `<data>/keys/seal`, which the database never sees: whoever
//! reads the database, its backups or the outbox learns none of them. All processes share the file; without it links
//! that are on their way and second factors are lost, and nothing else is.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::token::{private_file, secret};

/// What a secret is for: no two uses ever give the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A link in a mail.
    Link,
    /// A second factor.
    SecondFactor,
    /// The link of a guest's booking.
    Guest,
}

impl Use {
    fn label(self) -> &'static [u8] {
        match self {
            Use::Link => b"mofang link",
            Use::SecondFactor => b"mofang second factor",
            Use::Guest => b"mofang guest",
        }
    }
}

/// The key that secrets are derived from: cheap to clone, never printed.
#[derive(Clone)]
pub struct Seal(Arc<Hmac<Sha256>>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// Reads the key in this folder of keys, or makes it. The caller holds the folder's lock.
    pub(super) fn load(folder: &Path) -> io::Result<Self> {
        let path = folder.join("seal");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(folder, &path)?,
            read => read?,
        };
        let bad = |what: &str| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{}: {what}", path.display()),
            )
        };
        let key = BASE64_URL_SAFE_NO_PAD
            .decode(text.trim())
            .ok()
            .filter(|key| key.len() >= 32)
            .ok_or_else(|| bad("not a key of 32 bytes or more in base64url"))?;
        let mac = Hmac::new_from_slice(&key).map_err(|_| bad("cannot be a key"))?;
        Ok(Self(Arc::new(mac)))
    }

    /// The 32 bytes that belong to this id.
    pub fn derive(&self, usage: Use, id: Uuid) -> [u8; 32] {
        self.mac(usage, id).finalize().into_bytes().into()
    }

    /// Whether these are the bytes that belong to this id; how long that takes says nothing.
    pub fn proves(&self, usage: Use, id: Uuid, bytes: &[u8]) -> bool {
        self.mac(usage, id).verify_slice(bytes).is_ok()
    }

    fn mac(&self, usage: Use, id: Uuid) -> Hmac<Sha256> {
        let mut mac = (*self.0).clone();
        mac.update(usage.label());
        mac.update(id.as_bytes());
        mac
    }

    /// The same as text: a link's token.
    pub fn token(&self, usage: Use, id: Uuid) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.derive(usage, id))
    }
}

/// Writes a key beside its place and moves it there, so that nobody reads half of one.
fn make(folder: &Path, path: &Path) -> io::Result<String> {
    let beside = folder.join("seal.new");
    let _ = fs::remove_file(&beside);
    let key = secret();
    let mut file = private_file(&beside, true)?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_file_gives_the_same_secrets_and_no_two_uses_share_one() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let seal = Seal::load(here.path()).unwrap();
        let (id, other) = (Uuid::now_v7(), Uuid::now_v7());
        let token = seal.token(Use::Link, id);
        assert_eq!(token.len(), 43);
        assert_eq!(Seal::load(here.path()).unwrap().token(Use::Link, id), token);
        assert_ne!(seal.token(Use::SecondFactor, id), token);
        assert_ne!(seal.token(Use::Link, other), token);
        assert_ne!(
            Seal::load(there.path()).unwrap().token(Use::Link, id),
            token
        );
        fs::write(here.path().join("seal"), "short").unwrap();
        assert!(Seal::load(here.path()).is_err());
    }
}
