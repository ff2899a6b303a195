//! Passwords: which are taken, how they are kept (argon2id, 19 MiB, two passes, one lane), and how they are checked
//! so that nobody learns from the time it takes whether an account exists.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::http::problem::{Arg, FieldError, Kind, Problem};

/// The shortest password that is taken, in characters.
pub const MIN_CHARS: usize = 12;
/// The longest, in characters.
pub const MAX_CHARS: usize = 128;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How long a sign-in waits for its turn to be checked.
const TURN: Duration = Duration::from_secs(10);

/// Each check takes 19 MiB and a core for tens of milliseconds: no more at a time than there are cores.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    Semaphore::new(std::thread::available_parallelism().map_or(1, |cores| cores.get()))
});

/// What stands in for the hash of an account that does not exist: nobody's password, the same work.
static DUMMY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody's password").ok());

/// Makes the stand-in ahead, so that not even the first sign-in takes longer for an account that does not exist.
pub fn prepare() {
    tokio::task::spawn_blocking(|| LazyLock::force(&DUMMY));
}

/// Why a hash could not be made or read; a fault of ours, never of the person.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub struct HashError(String);

impl From<HashError> for Problem {
    fn from(error: HashError) -> Self {
        tracing::error!(%error, "hashing a password");
        Problem::new(Kind::Internal)
    }
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Not this password, or no such account.
    Wrong,
    /// The right one.
    Right,
    /// The right one, kept with weaker parameters than today's: hash it again.
    RightButWeak,
}

/// A turn to hash: held while a password is checked and the outcome is recorded, so that guesses sent at once cannot
/// outrun their own record by more than the number of cores.
pub async fn turn() -> Result<SemaphorePermit<'static>, Problem> {
    match tokio::time::timeout(TURN, TURNS.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Problem {
            retry_after_s: Some(TURN.as_secs()),
            ..Problem::new(Kind::Unavailable)
        }),
    }
}

/// Hashes on the blocking pool.
pub async fn hash(password: String) -> Result<String, HashError> {
    blocking(move || hash_now(&password)).await?
}

/// Checks on the blocking pool; with no stored hash, the same work is done for nothing.
pub async fn check(password: String, stored: Option<String>) -> Result<Check, HashError> {
    blocking(move || check_now(&password, stored.as_deref())).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HashError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| HashError(error.to_string()))
}

fn hasher() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| HashError(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, HashError> {
    hasher()?
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| HashError(error.to_string()))
}

fn check_now(password: &str, stored: Option<&str>) -> Check {
    let Some(text) = stored.or(DUMMY.as_deref()) else {
        return Check::Wrong;
    };
    let Ok(hash) = PasswordHash::new(text) else {
        return Check::Wrong;
    };
    // the parameters are those inside the hash
    let right = Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok();
    match (right && stored.is_some(), weak(&hash)) {
        (false, _) => Check::Wrong,
        (true, false) => Check::Right,
        (true, true) => Check::RightButWeak,
    }
}

fn weak(hash: &PasswordHash) -> bool {
    let strong = Params::try_from(hash).is_ok_and(|params| {
        params.m_cost() >= MEMORY_KIB && params.t_cost() >= PASSES && params.p_cost() >= LANES
    });
    !strong || hash.algorithm.as_str() != "argon2id"
}

/// Whether a new password is taken for this person: any composition, 12 to 128 characters, none of the common ones.
pub fn accept(field: &str, password: &str, email: &str, name: &str) -> Result<(), FieldError> {
    let length = password.chars().count();
    if password.contains('\0') {
        return Err(FieldError::new(field, "nul"));
    }
    if length < MIN_CHARS {
        return Err(FieldError::new(field, "too_short").with("min", Arg::Number(MIN_CHARS as i64)));
    }
    if length > MAX_CHARS {
        return Err(FieldError::new(field, "too_long").with("max", Arg::Number(MAX_CHARS as i64)));
    }
    if is_common(password, email, name) {
        return Err(FieldError::new(field, "too_common"));
    }
    Ok(())
}

/// Words that people build passwords from; alone, repeated or padded with digits they are the first guesses.
const WORDS: &[&str] = &[
    "password",
    "passwort",
    "passw",
    "pass",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdfghjkl",
    "asdfghjkl",
    "asdf",
    "zxcvbnm",
    "zxcvbn",
    "azerty",
    "iloveyou",
    "loveyou",
    "welcome",
    "letmein",
    "administrator",
    "admin",
    "root",
    "login",
    "master",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "basketball",
    "superman",
    "batman",
    "princess",
    "sunshine",
    "starwars",
    "trustno",
    "whatever",
    "changeme",
    "secret",
    "default",
    "internet",
    "computer",
    "samsung",
    "google",
    "facebook",
    "michael",
    "charlie",
    "jennifer",
    "liverpool",
    "chelsea",
    "arsenal",
    "test",
    "testing",
    "guest",
    "user",
    "access",
    "hello",
    "helloworld",
    "woaini",
    "woainima",
    "aini",
    "mima",
    "wodemima",
    "mofang",
    "magiccube",
    "abc",
    "abcd",
    "abcabc",
    "qwe",
    "qweasd",
    "qweasdzxc",
    "qazwsx",
    "qazwsxedc",
    "asd",
    "zxc",
    "aa",
    "a",
    "q",
    "correcthorsebatterystaple",
];

/// Rows that fingers run along.
const RUNS: &[&str] = &[
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()!@#$%^&*()",
    "31415926535897932384626433832795",
];

fn is_common(password: &str, email: &str, name: &str) -> bool {
    let lower = password.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    // one short piece again and again: aaaaaaaaaaaa, 123123123123, 密码密码密码密码
    let repeats = (1..=chars.len() / 2).any(|period| {
        period <= 6
            && chars
                .iter()
                .enumerate()
                .all(|(index, c)| *c == chars[index % period])
    });
    // few different characters
    let mut distinct = chars.clone();
    distinct.sort_unstable();
    distinct.dedup();
    repeats || distinct.len() < 4 || is_a_run(&lower) || is_a_padded_word(&lower, email, name)
}

/// Made of keyboard or counting runs of four and more, forwards or backwards.
fn is_a_run(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    let mut at = 0;
    let mut pieces = 0;
    while at < chars.len() {
        let longest = (at + 4..=chars.len()).rev().find(|end| {
            let piece: String = chars[at..*end].iter().collect();
            let back: String = chars[at..*end].iter().rev().collect();
            RUNS.iter()
                .any(|run| run.contains(&piece) || run.contains(&back))
        });
        let Some(end) = longest else {
            return false;
        };
        at = end;
        pieces += 1;
    }
    pieces <= 4
}

/// A common word, or a word of the person's own, with nothing but digits and signs around it.
fn is_a_padded_word(lower: &str, email: &str, name: &str) -> bool {
    let plain: String = lower
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect();
    let email = email.to_lowercase();
    let name = name.to_lowercase();
    let own = email
        .split(['@', '.', '-', '_', '+'])
        .chain([email.as_str()])
        .chain(name.split_whitespace())
        .chain([name.as_str()])
        .filter(|word| word.chars().count() >= 2)
        .map(str::to_owned);
    let mut words: Vec<String> = WORDS
        .iter()
        .map(|word| (*word).to_owned())
        .chain(own)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let as_typed: Vec<char> = lower.chars().collect();
    [lower, plain.as_str()].iter().any(|text| {
        let text: Vec<char> = text.chars().collect();
        let mut covered = vec![false; text.len()];
        for word in words.iter().filter(|word| word.chars().count() >= 3) {
            let word: Vec<char> = word.chars().collect();
            for at in 0..(text.len() + 1).saturating_sub(word.len()) {
                if text[at..at + word.len()] == word[..] {
                    covered[at..at + word.len()].fill(true);
                }
            }
        }
        // what is left over is a year, a counter, punctuation
        let rest: String = as_typed
            .iter()
            .zip(&covered)
            .filter(|(c, covered)| !**covered && c.is_alphabetic())
            .map(|(c, _)| *c)
            .collect();
        covered.contains(&true) && (rest.is_empty() || WORDS.contains(&rest.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(password: &str) -> Result<(), &'static str> {
        accept("password", password, "lin@park.example", "Lin Yu").map_err(|error| error.code)
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(taken("kurz-und-gut"), Ok(()));
        assert_eq!(taken("kurz-und-gu"), Err("too_short"));
        assert_eq!(taken("春眠不觉晓处处闻啼鸟夜来"), Ok(()));
        let long: String = "a quiet river ".chars().cycle().take(128).collect();
        assert_eq!(taken(&long), Ok(()));
        assert_eq!(taken(&format!("{long}x")), Err("too_long"));
    }

    #[test]
    fn common_passwords_are_refused() {
        for common in [
            "password1234",
            "Passw0rd2024",
            "P@ssw0rd!2026",
            "123456789012",
            "qwertyuiop12",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "iloveyou1314",
            "woaini520520",
            "1q2w3e4r5t6y",
            "adminadmin12",
            "lin@park.example",
            "987654321098",
            "qwerty123456",
            "linlinlin2026",
            "密码密码密码密码密码密码",
            "mofang123456",
            "1qaz2wsx3edc",
            "welcome12345",
            "letmein!!!!!",
        ] {
            assert_eq!(taken(common), Err("too_common"), "{common}");
        }
        for fine in [
            "correct horse battery",
            "kxW3-9fqa-Tr71",
            "moonlight over the weir",
            "床前明月光疑是地上霜举头",
        ] {
            assert_eq!(taken(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn a_hash_knows_its_password_and_its_age() {
        let hash = hash_now("moonlight over the weir").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(
            check_now("moonlight over the weir", Some(&hash)),
            Check::Right
        );
        assert_eq!(
            check_now("moonlight over the wier", Some(&hash)),
            Check::Wrong
        );
        assert_eq!(check_now("nobody's password", None), Check::Wrong);
        assert_eq!(check_now("x", Some("not a hash")), Check::Wrong);
        let old = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8192, 1, 1, None).unwrap(),
        )
        .hash_password(b"moonlight over the weir")
        .unwrap()
        .to_string();
        assert_eq!(
            check_now("moonlight over the weir", Some(&old)),
            Check::RightButWeak
        );
    }
}
