//! The settings: built-in values, a TOML file, the environment, flags; the later wins.
//!
//! A setting has one name everywhere: `MOFANG_LISTEN` in the environment is `MOFANG_LISTEN = "…"` in the
//! file. An empty value in the environment is none, as container tools like to pass those.

mod secret;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::{Deserialize, Deserializer, de};

pub use secret::Secret;
use secret::masked;

use crate::http::rate::Limits;

/// The name of a setting, its built-in value, and whether it may hold a password.
struct Setting {
    name: &'static str,
    default: Option<&'static str>,
    secret: bool,
}

const fn setting(name: &'static str, default: Option<&'static str>, secret: bool) -> Setting {
    Setting {
        name,
        default,
        secret,
    }
}

const SETTINGS: [Setting; 14] = [
    setting("MOFANG_LISTEN", Some("127.0.0.1:8080"), false),
    setting("MOFANG_DATA", Some(".mofang"), false),
    setting("MOFANG_BASE_URL", None, false),
    setting("DATABASE_URL", None, true),
    setting("SMTP_URL", None, true),
    setting("MOFANG_MAIL_FROM", Some("Mofang <mofang@localhost>"), false),
    setting("MOFANG_LOG", Some("info"), false),
    setting("MOFANG_PG_BIN", None, false),
    setting("MOFANG_POOL", Some("16"), false),
    setting("MOFANG_SMTP_CA", None, false),
    setting("MOFANG_BEHIND_PROXY", Some("false"), false),
    setting("MOFANG_RATE_ANONYMOUS", Some("6000"), false),
    setting("MOFANG_RATE_ANONYMOUS_ACTS", Some("1200"), false),
    setting("MOFANG_RATE_SIGNED_IN", Some("6000"), false),
];

/// The flags that set something. Passwords have none: a command line is everybody's to read.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// A TOML file with settings, named as in the environment
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen (MOFANG_LISTEN)
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The folder for the private database, keys and mails (MOFANG_DATA)
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<String>,
    /// What links in mails begin with (MOFANG_BASE_URL)
    #[arg(long, global = true, value_name = "URL")]
    pub base_url: Option<String>,
    /// What is logged, for example `info` or `mofang=debug` (MOFANG_LOG)
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// All settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address that the HTTP server listens on.
    pub listen: SocketAddr,
    /// The folder for the private database, keys and mails.
    pub data: PathBuf,
    /// What links in mails begin with; no slash at the end.
    pub base_url: String,
    /// The Postgres to use; without it, a private one.
    pub database_url: Option<Secret>,
    /// The mail server; without it, mails go to a folder.
    pub smtp_url: Option<Secret>,
    /// A PEM file with one more authority that the mail server's certificate may come from.
    pub smtp_ca: Option<PathBuf>,
    /// The sender of mails.
    pub mail_from: String,
    /// What is logged.
    pub log: String,
    /// The folder with the Postgres programs, where they are not found by themselves.
    pub pg_bin: Option<PathBuf>,
    /// How many database connections a process keeps.
    pub pool: usize,
    /// Whether a proxy of ours stands in front, which says in `X-Forwarded-For` where a request comes from.
    pub behind_proxy: bool,
    /// How many requests a caller may make in a minute.
    pub rates: Limits,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
struct Written {
    mofang_listen: SocketAddr,
    mofang_data: PathBuf,
    mofang_base_url: Option<String>,
    database_url: Option<Secret>,
    smtp_url: Option<Secret>,
    mofang_mail_from: String,
    mofang_log: String,
    mofang_pg_bin: Option<PathBuf>,
    #[serde(deserialize_with = "positive")]
    mofang_pool: usize,
    mofang_smtp_ca: Option<PathBuf>,
    #[serde(deserialize_with = "yes_or_no")]
    mofang_behind_proxy: bool,
    #[serde(deserialize_with = "positive")]
    mofang_rate_anonymous: u32,
    #[serde(deserialize_with = "positive")]
    mofang_rate_anonymous_acts: u32,
    #[serde(deserialize_with = "positive")]
    mofang_rate_signed_in: u32,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value does not fit, or a name in the file is unknown.
    #[error("settings: {0}")]
    Value(#[from] Box<figment::Error>),
    /// Links would not work.
    #[error("settings: MOFANG_BASE_URL must begin with http:// or https://, and `{0}` does not")]
    BaseUrl(String),
}

impl Config {
    /// Reads the settings of this process, and where each came from.
    pub fn load(flags: &Flags) -> Result<(Self, Origins), ConfigError> {
        Self::from(flags, |name| std::env::var(name).ok())
    }

    fn from(
        flags: &Flags,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<(Self, Origins), ConfigError> {
        let given = [
            ("MOFANG_LISTEN", &flags.listen),
            ("MOFANG_DATA", &flags.data),
            ("MOFANG_BASE_URL", &flags.base_url),
            ("MOFANG_LOG", &flags.log),
        ];
        let defaults = SETTINGS
            .iter()
            .filter_map(|setting| Some((setting.name, setting.default?.to_owned())));
        let environment = SETTINGS.iter().filter_map(|setting| {
            Some((
                setting.name,
                environment(setting.name).filter(|value| !value.is_empty())?,
            ))
        });
        let flags_given = given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)));
        let mut figment = Figment::from(Values::new("default", defaults));
        if let Some(path) = &flags.config {
            figment = figment.merge(Toml::file_exact(path));
        }
        let figment = figment
            .merge(Values::new("environment", environment))
            .merge(Values::new("flag", flags_given));
        let written: Written = figment.extract().map_err(Box::new)?;
        let config = Self {
            base_url: base_url(written.mofang_base_url, written.mofang_listen)?,
            listen: written.mofang_listen,
            data: written.mofang_data,
            database_url: written.database_url,
            smtp_url: written.smtp_url,
            smtp_ca: written.mofang_smtp_ca,
            mail_from: written.mofang_mail_from,
            log: written.mofang_log,
            pg_bin: written.mofang_pg_bin,
            pool: written.mofang_pool,
            behind_proxy: written.mofang_behind_proxy,
            rates: Limits {
                anonymous: written.mofang_rate_anonymous,
                anonymous_acts: written.mofang_rate_anonymous_acts,
                signed_in: written.mofang_rate_signed_in,
            },
        };
        let origins = Origins::new(&figment, &config);
        Ok((config, origins))
    }
}

/// Where we are found if nobody says: where we listen, or on this machine if that is everywhere.
fn base_url(written: Option<String>, listen: SocketAddr) -> Result<String, ConfigError> {
    let Some(url) = written else {
        let host = if listen.ip().is_unspecified() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            listen.ip()
        };
        return Ok(format!("http://{}", SocketAddr::new(host, listen.port())));
    };
    let url = url.trim_end_matches('/');
    if url.starts_with("http://") || url.starts_with("https://") {
        Ok(url.to_owned())
    } else {
        Err(ConfigError::BaseUrl(url.to_owned()))
    }
}

/// A number as such or as text, which is all that an environment has.
fn positive<'de, D, N>(deserializer: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Number(u64),
        Text(String),
    }
    let number = match Number::deserialize(deserializer)? {
        Number::Number(number) => Some(number),
        Number::Text(text) => text.trim().parse().ok(),
    };
    number
        .filter(|number| *number > 0)
        .and_then(|number| number.try_into().ok())
        .ok_or_else(|| de::Error::custom("must be a whole number above 0"))
}

/// `true` or `false`, as such or as text.
fn yes_or_no<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Answer {
        Answer(bool),
        Text(String),
    }
    match Answer::deserialize(deserializer)? {
        Answer::Answer(answer) => Ok(answer),
        Answer::Text(text) => text
            .trim()
            .parse()
            .map_err(|_| de::Error::custom("must be true or false")),
    }
}

/// Values under a common origin, all of them text.
struct Values {
    origin: &'static str,
    values: Dict,
}

impl Values {
    fn new<'a>(origin: &'static str, values: impl Iterator<Item = (&'a str, String)>) -> Self {
        Self {
            origin,
            values: values
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
                .collect(),
        }
    }
}

impl Provider for Values {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin).interpolater(|_, keys| keys.join("."))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// Each setting's value and origin, passwords masked; prints as a table.
pub struct Origins(Vec<(&'static str, String, String)>);

impl Origins {
    fn new(figment: &Figment, config: &Config) -> Self {
        let line = |setting: &Setting| {
            let value = figment.find_value(setting.name).ok();
            let origin = figment.find_metadata(setting.name).map(|found| {
                match found.source.as_ref().and_then(|source| source.file_path()) {
                    Some(path) => path.display().to_string(),
                    None => found.name.to_string(),
                }
            });
            let text = value.map(|value| {
                let number = value.to_num().map(|number| {
                    let signed = || number.to_i128().unwrap_or_default().to_string();
                    number.to_u128().map_or_else(signed, |it| it.to_string())
                });
                let plain = number.or_else(|| value.to_bool().map(|answer| answer.to_string()));
                match value.into_string() {
                    Some(text) if setting.secret => masked(&text),
                    Some(text) => text,
                    None => plain.unwrap_or_default(),
                }
            });
            let (text, origin) = match (setting.name, text) {
                ("MOFANG_BASE_URL", None) => (
                    config.base_url.clone(),
                    Some("from MOFANG_LISTEN".to_owned()),
                ),
                (_, text) => (text.unwrap_or_default(), origin),
            };
            (
                setting.name,
                text,
                origin.unwrap_or_else(|| "not set".to_owned()),
            )
        };
        Self(SETTINGS.iter().map(line).collect())
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(name, value, origin)| writeln!(f, "{name:<26} = {value}  ({origin})"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn load(flags: &Flags, environment: &[(&str, &str)]) -> Result<(Config, Origins), ConfigError> {
        let find = |name: &str| {
            environment
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::from(flags, find)
    }

    fn file(text: &str) -> (tempfile::NamedTempFile, Flags) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let flags = Flags {
            config: Some(file.path().to_owned()),
            ..Flags::default()
        };
        (file, flags)
    }

    #[test]
    fn nothing_has_to_be_set() {
        let (config, _) = load(&Flags::default(), &[]).unwrap();
        assert_eq!(config.base_url, "http://127.0.0.1:8080");
        assert_eq!((config.pool, config.database_url), (16, None));
    }

    #[test]
    fn flags_beat_the_environment_which_beats_the_file() {
        let (written, mut flags) =
            file("MOFANG_POOL = 3\nMOFANG_LOG = \"warn\"\nMOFANG_DATA = \"/a\"");
        flags.log = Some("debug".to_owned());
        let (config, origins) = load(
            &flags,
            &[
                ("MOFANG_LOG", "error"),
                ("MOFANG_DATA", "/b"),
                ("SMTP_URL", ""),
            ],
        )
        .unwrap();
        assert_eq!(
            (config.pool, config.log.as_str(), config.data),
            (3, "debug", PathBuf::from("/b"))
        );
        assert_eq!(config.smtp_url, None);
        let shown = origins.to_string();
        let pool = format!("= 3  ({})", written.path().display());
        for expected in [pool.as_str(), "debug  (flag)", "/b  (environment)"] {
            assert!(shown.contains(expected), "{expected} in {shown}");
        }
    }

    #[test]
    fn an_unknown_name_in_the_file_is_refused() {
        let (_file, flags) = file("MOFANG_LISTN = \"0.0.0.0:80\"");
        let Err(error) = load(&flags, &[]) else {
            panic!("accepted")
        };
        assert!(error.to_string().contains("MOFANG_LISTN"), "{error}");
    }

    #[test]
    fn a_value_that_does_not_fit_names_its_setting_and_origin() {
        for (name, value) in [
            ("MOFANG_LISTEN", "8080"),
            ("MOFANG_POOL", "0"),
            ("MOFANG_BASE_URL", "example.org"),
        ] {
            let Err(error) = load(&Flags::default(), &[(name, value)]) else {
                panic!("accepted {name}")
            };
            assert!(error.to_string().contains(name), "{error}");
        }
        let (_file, flags) = file("MOFANG_DATA = 1");
        assert!(load(&flags, &[]).is_err());
    }

    #[test]
    fn passwords_are_never_shown() {
        let written = [("SMTP_URL", "smtp://me:s3cret@mail")];
        let (config, origins) = load(&Flags::default(), &written).unwrap();
        assert!(!format!("{config:?}{origins}").contains("s3cret"));
        assert_eq!(config.smtp_url.unwrap().expose(), "smtp://me:s3cret@mail");
    }
}
