//! Addresses that hold passwords, and how they are shown.

use std::fmt;

use serde::Deserialize;

/// An address that may hold a password: shown masked wherever it is shown.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for whoever connects with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

/// Hides the passwords of a URL (`//user:password@`, `?password=`) or of `key=value` pairs.
pub(super) fn masked(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return without_pairs(text);
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // A password with a slash in it should have been encoded, but must not be shown for that.
    let (authority, tail) = if tail.contains('@') {
        (rest, "")
    } else {
        (authority, tail)
    };
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:***@{host}"),
            None => format!("{user}@{host}"),
        },
        None => authority.to_owned(),
    };
    format!("{scheme}://{authority}{}", without_pairs(tail))
}

/// Hides everything from the first `password=` on: what ends it depends on quotes and escapes.
fn without_pairs(text: &str) -> String {
    match text.to_ascii_lowercase().find("password") {
        Some(at) => format!("{}password=***", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_masked_wherever_it_stands() {
        for (written, shown) in [
            (
                "postgres://me:s3cret@db:5432/mofang",
                "postgres://me:***@db:5432/mofang",
            ),
            (
                "postgres://me:s3/c@ret@db/mofang?x=1",
                "postgres://me:***@db/mofang?x=1",
            ),
            (
                "postgres://db/mofang?user=me&password=s3cret",
                "postgres://db/mofang?user=me&password=***",
            ),
            ("host=db password='s3 cret' user=me", "host=db password=***"),
            ("smtp://mail.example.org:587", "smtp://mail.example.org:587"),
        ] {
            assert_eq!(masked(written), shown);
        }
    }
}
