//! Tokens: what an access token says and how it is signed, and the random secrets of refresh tokens.
//!
//! Access tokens are JWTs signed with HS256, and nothing else is taken. The keys are files, `<data>/keys/<kid>.key`:
//! the newest signs and all verify, so a new file rotates the key without signing anybody out, and an old file can go
//! fifteen minutes later. Processes that share the folder notice each other's new keys. Beside them lies the key of
//! secrets that are derived (`seal.rs`), which stays.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant as ProcessTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::seal::Seal;
use crate::id::{GuestLinkId, SignInId, UserId};

/// How long an access token is good for.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// How long a refresh token is good for.
pub const REFRESH_DAYS: i32 = 30;

const ISSUER: &str = "mofang";
const AUDIENCE: &str = "mofang-api";
/// The database's clock decides about `exp`; this process's clock only sorts out what is long past.
const LEEWAY_SECONDS: u64 = 300;
/// The folder is read again when a token names an unknown key, but not more often than this.
const RESCAN: Duration = Duration::from_secs(1);
/// Another process's newer key is noticed after this, also without a token that names it.
const NOTICE: Duration = Duration::from_secs(60);

/// What a request shows to say who it comes from. Whether that still stands, the database knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claims {
    /// An access token that we signed.
    SignIn(AccessClaims),
    /// A key of a program, by what is stored of it.
    Key([u8; 32]),
    /// The link of a guest's booking, which we derived.
    Guest(GuestLinkId),
}

impl Claims {
    /// What idempotency keys are counted by, known before anything is read: the user of a sign-in; of a program's key
    /// the beginning of its hash; a guest's link.
    pub fn subject(&self) -> UserId {
        match self {
            Claims::SignIn(claims) => claims.sub,
            Claims::Key(hash) => {
                let mut id = [0; 16];
                id.copy_from_slice(&hash[..16]);
                UserId(uuid::Uuid::from_bytes(id))
            }
            Claims::Guest(link) => UserId(link.0),
        }
    }
}

/// What an access token says. That it was signed does not mean that its sign-in still stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    iss: String,
    aud: String,
    /// Who it was given to.
    pub sub: UserId,
    /// The sign-in that it belongs to.
    pub sid: SignInId,
    /// Until when it is good, in seconds of the Unix epoch, by the database's clock.
    pub exp: i64,
}

impl AccessClaims {
    /// A token's claims for this sign-in, good until `exp`.
    pub fn new(user: UserId, sign_in: SignInId, exp: i64) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: sign_in,
            exp,
        }
    }
}

struct Signer {
    kid: String,
    key: EncodingKey,
}

struct KeySet {
    newest: Signer,
    by_kid: HashMap<String, DecodingKey>,
    read_at: ProcessTime,
}

/// The keys that sign and verify access tokens: cheap to clone.
#[derive(Clone)]
pub struct Keys {
    folder: Arc<PathBuf>,
    set: Arc<RwLock<Arc<KeySet>>>,
    seal: Seal,
}

impl Keys {
    /// Reads the keys in `<data>/keys`; makes the folder and the first key where there is none. Two processes that
    /// start at once agree on one key.
    pub fn load(data: &Path) -> io::Result<Self> {
        let folder = data.join("keys");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        let lock = private_file(&folder.join(".lock"), false)?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)?;
        let set = match read(&folder)? {
            Some(set) => set,
            None => {
                make(&folder)?;
                read(&folder)?.ok_or_else(|| io::Error::other("the new key cannot be read"))?
            }
        };
        let seal = Seal::load(&folder)?;
        drop(lock);
        Ok(Self {
            folder: Arc::new(folder),
            set: Arc::new(RwLock::new(Arc::new(set))),
            seal,
        })
    }

    /// What secrets are derived with.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Makes a new key, which signs from now on; tokens signed with the old ones stay good.
    pub fn rotate(&self) -> io::Result<()> {
        make(&self.folder)?;
        self.read_again();
        Ok(())
    }

    /// Signs with the newest key.
    pub fn sign(&self, claims: &AccessClaims) -> Result<String, jsonwebtoken::errors::Error> {
        let mut set = self.current();
        if set.read_at.elapsed() > NOTICE {
            self.read_again();
            set = self.current();
        }
        let header = Header {
            kid: Some(set.newest.kid.clone()),
            ..Header::new(Algorithm::HS256)
        };
        jsonwebtoken::encode(&header, claims, &set.newest.key)
    }

    /// The claims of a token that one of the keys signed, for us, and that is not long past.
    pub fn verify(&self, token: &str) -> Option<AccessClaims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let mut set = self.current();
        if !set.by_kid.contains_key(&kid) && set.read_at.elapsed() > RESCAN {
            uuid::Uuid::try_parse(&kid).ok()?;
            self.read_again();
            set = self.current();
        }
        let key = set.by_kid.get(&kid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        jsonwebtoken::decode::<AccessClaims>(token, key, &validation)
            .ok()
            .map(|data| data.claims)
    }

    fn current(&self) -> Arc<KeySet> {
        self.set
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn read_again(&self) {
        match read(&self.folder) {
            Ok(Some(set)) => {
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
            }
            Ok(None) => tracing::error!("the folder of keys is empty; the known keys stay in use"),
            Err(error) => {
                tracing::error!(%error, "the keys cannot be read; the known ones stay in use")
            }
        }
    }
}

fn read(folder: &Path) -> io::Result<Option<KeySet>> {
    let mut by_kid = HashMap::new();
    let mut newest: Option<Signer> = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "key") {
            continue;
        }
        let Some(kid) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        if fs::metadata(&path)?.permissions().mode() & 0o077 != 0 {
            tracing::warn!(
                key = kid,
                "others than its owner can read this key: chmod 600"
            );
        }
        let text = fs::read_to_string(&path)?;
        let secret = BASE64_URL_SAFE_NO_PAD
            .decode(text.trim())
            .ok()
            .filter(|secret| secret.len() >= 32);
        let Some(secret) = secret else {
            tracing::error!(
                key = kid,
                "not a key of 32 bytes or more in base64url: passed over"
            );
            continue;
        };
        by_kid.insert(kid.to_owned(), DecodingKey::from_secret(&secret));
        // names are UUIDv7: the greatest is the newest
        if newest
            .as_ref()
            .is_none_or(|signer| signer.kid.as_str() < kid)
        {
            newest = Some(Signer {
                kid: kid.to_owned(),
                key: EncodingKey::from_secret(&secret),
            });
        }
    }
    Ok(newest.map(|newest| KeySet {
        newest,
        by_kid,
        read_at: ProcessTime::now(),
    }))
}

/// Writes a key beside its place and moves it there, so that nobody reads half of one.
fn make(folder: &Path) -> io::Result<()> {
    let kid = uuid::Uuid::now_v7();
    let beside = folder.join(format!("{kid}.new"));
    let mut file = private_file(&beside, true)?;
    file.write_all(secret().as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(format!("{kid}.key")))?;
    fs::File::open(folder)?.sync_all()
}

pub(super) fn private_file(path: &Path, new: bool) -> io::Result<fs::File> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .create_new(new)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// 32 random bytes as text: a refresh token, a CSRF token, a key.
pub fn secret() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Letters and digits that look like no other.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Four groups of four random signs: 79 bits, and readable from paper or a terminal.
pub fn readable() -> String {
    let group = || -> String {
        (0..4)
            .map(|_| char::from(READABLE[rand::random_range(0..READABLE.len())]))
            .collect()
    };
    [group(), group(), group(), group()].join("-")
}

/// What is stored of a secret.
pub fn digest(secret: &str) -> Vec<u8> {
    hash(secret).to_vec()
}

/// The same as an array.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> PathBuf {
        std::env::temp_dir().join(format!("mofang-keys-{}", uuid::Uuid::now_v7()))
    }

    fn claims(exp: i64) -> AccessClaims {
        AccessClaims::new(UserId::new(), SignInId::new(), exp)
    }

    fn now() -> i64 {
        chrono::Utc::now().timestamp()
    }

    #[test]
    fn rotating_keeps_old_tokens_good() {
        let data = folder();
        let keys = Keys::load(&data).unwrap();
        let other = Keys::load(&data).unwrap();
        let claims = claims(now() + 900);
        let old = keys.sign(&claims).unwrap();
        assert_eq!(other.verify(&old), Some(claims.clone()));
        keys.rotate().unwrap();
        let new = keys.sign(&claims).unwrap();
        assert_ne!(
            jsonwebtoken::decode_header(&old).unwrap().kid,
            jsonwebtoken::decode_header(&new).unwrap().kid
        );
        assert_eq!(keys.verify(&old), Some(claims.clone()));
        // another process learns of the new key from the token that names it
        std::thread::sleep(RESCAN + Duration::from_millis(50));
        assert_eq!(other.verify(&new), Some(claims));
        fs::remove_dir_all(data).unwrap();
    }

    #[test]
    fn starting_at_once_makes_one_key() {
        let data = folder();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| Keys::load(&data).unwrap());
            }
        });
        let files: Vec<_> = fs::read_dir(data.join("keys"))
            .unwrap()
            .filter_map(|entry| {
                let path = entry.unwrap().path();
                path.extension().is_some_and(|e| e == "key").then_some(path)
            })
            .collect();
        assert_eq!(files.len(), 1);
        let mode = fs::metadata(&files[0]).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_dir_all(data).unwrap();
    }

    #[test]
    fn foreign_tokens_are_refused() {
        let data = folder();
        let keys = Keys::load(&data).unwrap();
        let claims = claims(now() + 900);
        let token = keys.sign(&claims).unwrap();
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid;
        let key = EncodingKey::from_secret(&[7; 32]);
        // another key under our name, another algorithm, another audience, long past
        let header = Header {
            kid: kid.clone(),
            ..Header::new(Algorithm::HS256)
        };
        assert_eq!(
            keys.verify(&jsonwebtoken::encode(&header, &claims, &key).unwrap()),
            None
        );
        let header = Header {
            kid,
            ..Header::new(Algorithm::HS512)
        };
        let set = keys.current();
        assert_eq!(
            keys.verify(&jsonwebtoken::encode(&header, &claims, &set.newest.key).unwrap()),
            None
        );
        let foreign = AccessClaims {
            aud: "elsewhere".into(),
            ..claims.clone()
        };
        assert_eq!(keys.verify(&keys.sign(&foreign).unwrap()), None);
        let past = AccessClaims {
            exp: now() - 3600,
            ..claims
        };
        assert_eq!(keys.verify(&keys.sign(&past).unwrap()), None);
        let (body, _) = token.rsplit_once('.').unwrap();
        assert_eq!(keys.verify(&format!("{body}.")), None);
        fs::remove_dir_all(data).unwrap();
    }
}
