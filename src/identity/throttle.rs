//! How guesses at passwords are slowed: pure rules, the counts are rows of `sign_in_failure`.
//!
//! Four counts, each forgotten an hour after its last failure:
//! * **one account from one address**: after a few failures each further try has to wait, twice as long each time. Only
//!   that address waits, so whoever guesses from elsewhere never locks the account's owner out.
//! * **one address, any account**: the same with much more patience, because many people share an office's address.
//! * **one account, from everywhere**: never refused, since that would lock the owner out; answers only come later, to
//!   right and wrong passwords alike.
//! * **codes of one account, from everywhere**: whoever gets that far knows the password, and six digits are few. After
//!   ten wrong ones each further code waits, up to a quarter of an hour; a recovery code never does, so the owner gets in.
//!
//! Accounts are counted by what was typed, whether or not such an account exists.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// A count as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Whose count.
    pub subject: String,
    /// Failures in a row.
    pub failures: i32,
    /// Seconds since the last, by the database's clock.
    pub age_s: i64,
}

/// The subjects that one try to sign in counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subjects {
    pair: String,
    address: String,
    account: String,
    codes: String,
}

/// Wrong codes after which further ones wait, and the owner is told.
pub const FREE_CODES: i32 = 10;

impl Subjects {
    /// For this address typed (already in lower case) and this network address.
    pub fn new(email: &str, address: Option<IpAddr>) -> Self {
        let typed: String = Sha256::digest(email.as_bytes())
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let address = address.map_or_else(|| "unknown".to_owned(), network);
        Self {
            pair: format!("account:{typed}@{address}"),
            address: format!("address:{address}"),
            account: format!("account:{typed}"),
            codes: format!("codes:{typed}"),
        }
    }

    /// Those that a wrong password counts for, in the order in which they are locked.
    pub fn all(&self) -> Vec<String> {
        let mut all = vec![
            self.account.clone(),
            self.pair.clone(),
            self.address.clone(),
        ];
        all.sort();
        all
    }

    /// All that is asked for before a try.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = self.all();
        asked.push(self.codes.clone());
        asked
    }

    /// What wrong codes count for.
    pub fn codes(&self) -> String {
        self.codes.clone()
    }

    /// Those that a sign-in clears: not the address, or an own account would buy guesses at others.
    pub fn cleared(&self) -> Vec<String> {
        vec![self.account.clone(), self.pair.clone(), self.codes.clone()]
    }

    /// Seconds until the next code is looked at, if not now.
    pub fn codes_wait_s(&self, counts: &[Count]) -> Option<u64> {
        Some(backoff(counts, &self.codes, FREE_CODES, 900)).filter(|seconds| *seconds > 0)
    }

    /// Wrong codes so far.
    pub fn wrong_codes(&self, counts: &[Count]) -> i32 {
        failures(counts, &self.codes).map_or(0, |count| count.failures)
    }

    /// Seconds until the next try is looked at, if not now.
    pub fn wait_s(&self, counts: &[Count]) -> Option<u64> {
        let pair = backoff(counts, &self.pair, 6, 900);
        let address = backoff(counts, &self.address, 100, 60);
        Some(pair.max(address)).filter(|seconds| *seconds > 0)
    }

    /// How much later the answer comes because the account is guessed at from everywhere.
    pub fn delay(&self, counts: &[Count]) -> Duration {
        let failures = failures(counts, &self.account).map_or(0, |count| count.failures);
        Duration::from_millis(
            u64::try_from(failures - 20)
                .unwrap_or(0)
                .saturating_mul(100)
                .min(3000),
        )
    }
}

/// The network that the address is in, as far as it is one customer's: of IPv6 they have a /64 each.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn failures<'a>(counts: &'a [Count], subject: &str) -> Option<&'a Count> {
    counts.iter().find(|count| count.subject == subject)
}

/// Seconds left of a wait that begins at `free` failures and doubles up to `cap`.
fn backoff(counts: &[Count], subject: &str, free: i32, cap: i64) -> u64 {
    let Some(count) = failures(counts, subject).filter(|count| count.failures >= free) else {
        return 0;
    };
    let exponent = u32::try_from(count.failures - free).unwrap_or(0).min(20);
    let wait = (1_i64 << exponent).min(cap);
    u64::try_from(wait - count.age_s).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(subject: &str, failures: i32, age_s: i64) -> Count {
        Count {
            subject: subject.to_owned(),
            failures,
            age_s,
        }
    }

    #[test]
    fn guesses_from_elsewhere_never_lock_the_owner_out() {
        let owner = Subjects::new("lin@park.example", "10.0.0.1".parse().ok());
        let thief = Subjects::new("lin@park.example", "10.9.9.9".parse().ok());
        let counts = [count(&thief.pair, 500, 0), count(&thief.account, 500, 0)];
        assert_eq!(thief.wait_s(&counts), Some(900));
        assert_eq!(owner.wait_s(&counts), None);
        assert_eq!(owner.delay(&counts), Duration::from_secs(3));
        assert_eq!(owner.delay(&[]), Duration::ZERO);
    }

    #[test]
    fn waits_double_and_pass() {
        let subjects = Subjects::new("a@b.example", "2001:db8::1".parse().ok());
        assert_eq!(
            subjects,
            Subjects::new("a@b.example", "2001:db8::2".parse().ok())
        );
        let wait = |failures, age| subjects.wait_s(&[count(&subjects.pair, failures, age)]);
        assert_eq!(wait(5, 0), None);
        assert_eq!(wait(6, 0), Some(1));
        assert_eq!(wait(9, 0), Some(8));
        assert_eq!(wait(9, 5), Some(3));
        assert_eq!(wait(9, 8), None);
        assert_eq!(wait(1000, 0), Some(900));
    }
}
