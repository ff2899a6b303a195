//! Mails over SMTP: verified TLS, sign-in, a few connections that are kept.
//!
//! lettre's own pool is not used. Its asynchronous connections have no limit of time after the connect, and one
//! whose sending was cancelled goes back into the pool in the middle of a command: the next mail would be written
//! into the last one's text. Here a connection that was not seen to finish is never used again.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use percent_encoding::percent_decode_str;
use tokio::time::timeout;

use super::transport::{TransportError, Undelivered};

/// Connecting, TLS and sign-in together.
const CONNECT: Duration = Duration::from_secs(20);
/// Whether a kept connection still answers.
const PROBE: Duration = Duration::from_secs(3);
/// One mail, from MAIL to the answer after its last line.
const SEND: Duration = Duration::from_secs(60);
/// Saying goodbye.
const QUIT: Duration = Duration::from_secs(2);
/// A connection is kept this long without work; servers close theirs after some minutes.
const IDLE: Duration = Duration::from_secs(30);

/// The longest that one mail can take.
pub const LONGEST: Duration =
    Duration::from_secs(PROBE.as_secs() + CONNECT.as_secs() + SEND.as_secs());

/// How the way to the server is protected.
#[derive(Clone)]
enum Protection {
    /// TLS from the first octet.
    Tls(TlsParameters),
    /// Plain until STARTTLS, which must succeed before anything is said.
    StartTls(TlsParameters),
    /// None: to this very machine, or where the settings say so.
    Plain,
}

/// A mail server.
pub struct Smtp {
    host: String,
    port: u16,
    hello: ClientId,
    protection: Protection,
    credentials: Option<Credentials>,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Smtp({}:{})", self.host, self.port)
    }
}

impl Smtp {
    pub(super) fn new(url: &str, authority: Option<&Path>) -> Result<Self, TransportError> {
        let url = url::Url::parse(url).map_err(|_| TransportError::Url("not a URL"))?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(TransportError::Url("names no host"))?
            .trim_matches(['[', ']'])
            .to_owned();
        let (mut required, mut plain) = (false, is_loopback(&host));
        for (name, value) in url.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("tls", "required") => required = true,
                // a mail catcher beside the product, on a network of their own
                ("tls", "none") => plain = true,
                _ => {
                    return Err(TransportError::Url(
                        "knows no other parameter than tls=required and tls=none",
                    ));
                }
            }
        }
        let protection = match url.scheme() {
            "smtps" => Protection::Tls(tls(&host, authority)?),
            "smtp" if required || !plain => Protection::StartTls(tls(&host, authority)?),
            "smtp" if !url.username().is_empty() && !is_loopback(&host) => {
                return Err(TransportError::Url("sends no password without TLS"));
            }
            "smtp" => Protection::Plain,
            _ => {
                return Err(TransportError::Url(
                    "begins with neither smtp:// nor smtps://",
                ));
            }
        };
        let port = url.port().unwrap_or(match protection {
            Protection::Tls(_) => 465,
            Protection::StartTls(_) => 587,
            Protection::Plain => 25,
        });
        Ok(Self {
            host,
            port,
            hello: ClientId::default(),
            protection,
            credentials: credentials(&url)?,
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Sends one mail. Dropped halfway, it takes its connection with it.
    pub(super) async fn send(&self, mail: &Message) -> Result<(), Undelivered> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let outcome = timeout(SEND, converse(&mut connection, mail))
            .await
            .map_err(|_| Undelivered::Later("the server did not answer in time".to_owned()))?;
        match outcome {
            Ok(()) => self.keep(connection),
            // after a refusal the connection is as good as before
            Err(Failure::Answered(_)) if reset(&mut connection).await => self.keep(connection),
            Err(_) => {}
        }
        outcome.map_err(Failure::into)
    }

    /// Says goodbye on the connections that are kept.
    pub(super) async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle());
        futures_util::future::join_all(idle.into_iter().map(|(mut connection, _)| async move {
            timeout(QUIT, connection.command(Quit)).await.is_ok()
        }))
        .await;
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let connecting = async {
            let wrapper = match &self.protection {
                Protection::Tls(tls) => Some(tls.clone()),
                _ => None,
            };
            let address = (self.host.as_str(), self.port);
            let mut connection = AsyncSmtpConnection::connect_tokio1(
                address,
                Some(CONNECT),
                &self.hello,
                wrapper,
                None,
            )
            .await?;
            if let Protection::StartTls(tls) = &self.protection {
                connection.starttls(tls.clone(), &self.hello).await?;
            }
            if let Some(credentials) = &self.credentials {
                connection.auth(DEFAULT_MECHANISMS, credentials).await?;
            }
            Ok::<_, Error>(connection)
        };
        // also a 5xx here says nothing of the mail: a wrong password must not make every message fail for good
        match timeout(CONNECT, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Undelivered::Later(error.to_string())),
            Err(_) => Err(Undelivered::Later("no connection in time".to_owned())),
        }
    }

    /// A kept connection that still answers.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle().pop()?;
            if since.elapsed() < IDLE && reset(&mut connection).await {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle();
        idle.retain(|(_, since)| since.elapsed() < IDLE);
        idle.push((connection, Instant::now()));
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What went wrong in the conversation about one mail.
enum Failure {
    /// The server answered; the connection is in step.
    Answered(Undelivered),
    /// The connection is lost or of unknown state.
    Broken(String),
}

impl From<Failure> for Undelivered {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Answered(undelivered) => undelivered,
            Failure::Broken(reason) => Undelivered::Later(reason),
        }
    }
}

/// What an answer of 5xx to this command means to be refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Us,
    TheAddress,
    TheMail,
}

async fn converse(connection: &mut AsyncSmtpConnection, mail: &Message) -> Result<(), Failure> {
    let envelope = mail.envelope();
    let mut parameters = Vec::new();
    let mut addresses = envelope.to().iter().chain(envelope.from());
    if addresses.any(|address| !address.to_string().is_ascii()) {
        if !connection
            .server_info()
            .supports_feature(Extension::SmtpUtfEight)
        {
            let reason = "the server takes no address with letters outside ASCII";
            return Err(Failure::Answered(Undelivered::Refused(reason.to_owned())));
        }
        parameters.push(MailParameter::SmtpUtfEight);
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = Mail::new(envelope.from().cloned(), parameters);
    answer(About::Us, connection.command(from).await)?;
    for to in envelope.to() {
        let to = Rcpt::new(to.clone(), Vec::new());
        answer(About::TheAddress, connection.command(to).await)?;
    }
    answer(About::TheMail, connection.command(Data).await)?;
    answer(About::TheMail, connection.message(&mail.formatted()).await)
}

fn answer(about: About, answer: Result<Response, Error>) -> Result<(), Failure> {
    let Err(error) = answer else { return Ok(()) };
    let reason = error.to_string();
    if error.status().is_none() {
        return Err(Failure::Broken(reason));
    }
    Err(Failure::Answered(match about {
        About::TheAddress if error.is_permanent() && !is_policy(&reason) => {
            Undelivered::AddressRefused(reason)
        }
        About::TheAddress | About::TheMail if error.is_permanent() => Undelivered::Refused(reason),
        _ => Undelivered::Later(reason),
    }))
}

/// RFC 3463, 3.8: `5.7.x` speaks of what the server allows us, not of the address.
fn is_policy(reason: &str) -> bool {
    reason
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .any(|word| word.starts_with("5.7."))
}

/// Back to the state before MAIL; false where the server does not answer so.
async fn reset(connection: &mut AsyncSmtpConnection) -> bool {
    matches!(timeout(PROBE, connection.command(Rset)).await, Ok(Ok(_)))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn tls(host: &str, authority: Option<&Path>) -> Result<TlsParameters, TransportError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = authority {
        let refused = |reason: String| TransportError::Authority {
            path: path.to_owned(),
            reason,
        };
        let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|error| refused(error.to_string()))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder
        .build()
        .map_err(|error| TransportError::Tls(error.to_string()))
}

fn credentials(url: &url::Url) -> Result<Option<Credentials>, TransportError> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let decoded = |part: &str| {
        percent_decode_str(part)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| TransportError::Url("has a user or password that is not UTF-8"))
    };
    Ok(Some(Credentials::new(
        decoded(url.username())?,
        decoded(url.password().unwrap_or_default())?,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_plain() {
        let of = |url: &str| Smtp::new(url, None).map(|smtp| (smtp.protection, smtp.port));
        assert!(matches!(
            of("smtp://localhost:1025"),
            Ok((Protection::Plain, 1025))
        ));
        assert!(matches!(
            of("smtp://[::1]:1025"),
            Ok((Protection::Plain, 1025))
        ));
        assert!(matches!(
            of("smtp://mail.example.org"),
            Ok((Protection::StartTls(_), 587))
        ));
        assert!(matches!(
            of("smtp://u:p@localhost:587?tls=required"),
            Ok((Protection::StartTls(_), 587))
        ));
        assert!(matches!(
            of("smtps://mail.example.org"),
            Ok((Protection::Tls(_), 465))
        ));
        assert!(of("smtp://mail.example.org?tls=opportunistic").is_err());
        assert!(of("https://mail.example.org").is_err());
        assert!(of("mail.example.org").is_err());
    }

    #[test]
    fn a_policy_is_not_the_addresss_fault() {
        assert!(is_policy("permanent error (550): 5.7.1 relaying denied"));
        assert!(is_policy("550-5.7.26 not authenticated"));
        assert!(!is_policy("permanent error (550): 5.1.1 no such person"));
        assert!(!is_policy("550 no such person"));
    }

    #[test]
    fn user_and_password_are_decoded() {
        let url = "smtps://desk%40example.org:p%2Fa%3As+s@mail.example.org"
            .parse()
            .unwrap();
        let expected = Credentials::new("desk@example.org".to_owned(), "p/a:s+s".to_owned());
        assert_eq!(credentials(&url).unwrap(), Some(expected));
    }
}
