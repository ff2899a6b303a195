//! The second factor: time-based one-time codes (RFC 6238: SHA-1, six digits, 30 seconds, one step either way) and
//! recovery codes. The secret is derived from the factor's id and shown once; a code is good once.
//!
//! Where a venue's policy says `staff_second_factor`, a staff role counts only while its holder has one
//! (`identity::callers`): who has none can sign in and set one up, and nothing else of the staff's.

pub mod api;
pub mod store;

use totp_rs::{Builder, Totp, TotpError};
use uuid::Uuid;

use super::Seal;
use super::seal::Use;
use super::token::{digest, readable};

/// Recovery codes that one gets at a time.
pub const RECOVERY_CODES: usize = 10;
/// Octets of a secret, as RFC 4226 (4, R6) recommends.
const SECRET: usize = 20;
const DIGITS: usize = 6;

/// A code as somebody typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six digits from an app.
    Code(String),
    /// The hash of what can only be a recovery code.
    Recovery(Vec<u8>),
}

impl Typed {
    /// Whatever blanks and hyphens it was typed with.
    pub fn read(text: &str) -> Self {
        let plain: String = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        if plain.len() == DIGITS && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Code(plain)
        } else {
            Self::Recovery(digest(&plain))
        }
    }
}

/// What an app is told to set a factor up: the secret in base 32, and the same as an `otpauth:` address.
pub fn shown(seal: &Seal, id: Uuid, email: &str) -> Result<(String, String), TotpError> {
    // a colon parts issuer and account in such an address
    let totp = totp(seal, id, &email.replace(':', "_"))?;
    Ok((totp.secret().to_base32(), totp.to_url()?))
}

/// The step of RFC 6238 that the code belongs to, if it is one of the factor's at `now` (seconds of the Unix epoch).
pub fn step(seal: &Seal, id: Uuid, code: &str, now: i64) -> Option<i64> {
    let totp = totp(seal, id, "").ok()?;
    let step = totp.check(code, u64::try_from(now).ok()?)?;
    i64::try_from(step).ok()
}

fn totp(seal: &Seal, id: Uuid, email: &str) -> Result<Totp, TotpError> {
    let secret = seal.derive(Use::SecondFactor, id)[..SECRET].to_vec();
    Builder::new()
        .with_secret(secret)
        .with_issuer(Some("Mofang"))
        .with_account_name(email)
        .build()
}

/// Fresh recovery codes, as they are shown, once.
pub fn recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| readable()).collect()
}

/// What is stored of a recovery code.
pub fn recovery_hash(code: &str) -> Vec<u8> {
    match Typed::read(code) {
        Typed::Recovery(hash) => hash,
        Typed::Code(code) => digest(&code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Keys;

    #[test]
    fn a_code_is_good_for_its_own_step_and_one_either_way() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Keys::load(folder.path()).unwrap().seal().clone();
        let id = Uuid::now_v7();
        let at = |now: i64| {
            totp(&seal, id, "")
                .unwrap()
                .generate(now.unsigned_abs())
                .to_string()
        };
        let now = 1_795_500_000;
        assert_eq!(step(&seal, id, &at(now), now), Some(now / 30));
        assert_eq!(step(&seal, id, &at(now - 30), now), Some(now / 30 - 1));
        assert_eq!(step(&seal, id, &at(now + 30), now), Some(now / 30 + 1));
        assert_eq!(step(&seal, id, &at(now - 60), now), None);
        assert_eq!(step(&seal, Uuid::now_v7(), &at(now), now), None);
        let (secret, uri) = shown(&seal, id, "a:b@park.example").unwrap();
        assert_eq!(secret.len(), 32);
        assert!(
            uri.starts_with("otpauth://totp/Mofang:a_b%40park.example?"),
            "{uri}"
        );
        assert!(uri.contains(&format!("secret={secret}")), "{uri}");
        // an independent implementation reads the address
        let read = Totp::from_url(&uri).unwrap();
        assert_eq!(read.generate(now.unsigned_abs()).to_string(), at(now));
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(Typed::read(" 123 456 "), Typed::Code("123456".to_owned()));
        let code = recovery_codes().remove(0);
        let hash = recovery_hash(&code);
        assert_eq!(
            Typed::read(&code.to_uppercase().replace('-', " ")),
            Typed::Recovery(hash)
        );
        assert!(matches!(Typed::read("１２３４５６"), Typed::Recovery(_)));
        assert!(matches!(Typed::read(""), Typed::Recovery(_)));
    }

    #[test]
    fn recovery_codes_are_never_the_same() {
        let codes = recovery_codes();
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), RECOVERY_CODES);
    }
}
