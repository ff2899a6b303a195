//! A mail server in the test process: STARTTLS with a certificate of its own, sign-in after TLS, mails kept as they
//! came, and for each recipient whatever behaviour a test asks for.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};

pub const USER: &str = "desk@example.org";
pub const PASSWORD: &str = "p/ss:w rd";

/// What the server does with one mail to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes it.
    Accept,
    /// 451 to the recipient.
    Later,
    /// 550 to the recipient.
    Refuse,
    /// 554 to the mail after its last line.
    RefuseMail,
    /// Says nothing any more after the recipient.
    Hang,
    /// Closes the connection in the middle of the mail.
    DropInMail,
    /// Takes the mail and closes the connection before it says so.
    DropAfterMail,
}

/// A mail as it came, dots unstuffed.
#[derive(Debug, Clone)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    script: HashMap<String, VecDeque<Behaviour>>,
    mails: Vec<Received>,
    connections: usize,
}

/// The server; it ends with the test's runtime.
pub struct SmtpServer {
    port: u16,
    authority: PathBuf,
    shared: Arc<Mutex<Shared>>,
}

impl SmtpServer {
    pub async fn start() -> Self {
        let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let authority =
            std::env::temp_dir().join(format!("mofang-ca-{}.pem", uuid::Uuid::now_v7().simple()));
        std::fs::write(&authority, key.cert.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let private = rustls::pki_types::PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let state = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                state.lock().unwrap().connections += 1;
                let (acceptor, state) = (acceptor.clone(), state.clone());
                tokio::spawn(async move { serve(stream, acceptor, state).await.ok() });
            }
        });
        Self {
            port,
            authority,
            shared,
        }
    }

    /// With user and password, STARTTLS required.
    pub fn url(&self) -> String {
        self.url_as(USER, PASSWORD)
    }

    pub fn url_as(&self, user: &str, password: &str) -> String {
        let encoded =
            |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        format!(
            "smtp://{}:{}@localhost:{}?tls=required",
            encoded(user),
            encoded(password),
            self.port
        )
    }

    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// What to do with mails to this recipient, one after the other; the last goes on for all others.
    pub fn script(&self, recipient: &str, behaviours: &[Behaviour]) {
        let script = behaviours.iter().copied().collect();
        self.shared
            .lock()
            .unwrap()
            .script
            .insert(recipient.to_owned(), script);
    }

    pub fn mails(&self) -> Vec<Received> {
        self.shared.lock().unwrap().mails.clone()
    }

    pub fn mails_to(&self, recipient: &str) -> Vec<Received> {
        let mut mails = self.mails();
        mails.retain(|mail| mail.to.iter().any(|to| to == recipient));
        mails
    }

    pub fn connections(&self) -> usize {
        self.shared.lock().unwrap().connections
    }

    /// Waits until so many mails have come to this recipient.
    pub async fn wait_for(&self, recipient: &str, count: usize) -> Vec<Received> {
        for _ in 0..1000 {
            let mails = self.mails_to(recipient);
            if mails.len() >= count {
                return mails;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "{count} mails to {recipient} did not come: {:?}",
            self.mails_to(recipient).len()
        );
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    state: Arc<Mutex<Shared>>,
) -> std::io::Result<()> {
    let mut plain = BufStream::new(stream);
    write(&mut plain, "220 test ESMTP").await?;
    loop {
        let line = read(&mut plain).await?;
        match verb(&line).as_str() {
            "EHLO" => write(&mut plain, "250-test\r\n250-8BITMIME\r\n250 STARTTLS").await?,
            "STARTTLS" => {
                write(&mut plain, "220 go ahead").await?;
                break;
            }
            "QUIT" => return write(&mut plain, "221 bye").await,
            _ => write(&mut plain, "530 STARTTLS first").await?,
        }
    }
    let tls = acceptor.accept(plain.into_inner()).await?;
    let mut session = Session {
        stream: BufStream::new(tls),
        state,
        signed_in: false,
        from: None,
        to: Vec::new(),
    };
    session.run().await
}

struct Session<S: AsyncRead + AsyncWrite> {
    stream: BufStream<S>,
    state: Arc<Mutex<Shared>>,
    signed_in: bool,
    from: Option<String>,
    to: Vec<(String, Behaviour)>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    async fn run(&mut self) -> std::io::Result<()> {
        loop {
            let line = read(&mut self.stream).await?;
            let refused;
            let answer = match verb(&line).as_str() {
                "EHLO" => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
                "AUTH" => self.sign_in(&line).await?,
                "NOOP" => "250 ok",
                "RSET" => {
                    self.from = None;
                    self.to.clear();
                    "250 ok"
                }
                "QUIT" => return write(&mut self.stream, "221 bye").await,
                _ if !self.signed_in => "530 sign in first",
                "MAIL" if self.from.is_some() => "503 one at a time",
                "MAIL" => {
                    self.from = Some(address(&line));
                    "250 ok"
                }
                "RCPT" => match self.recipient(address(&line)) {
                    Some(answer) => {
                        refused = answer;
                        refused.as_str()
                    }
                    None => return std::future::pending().await,
                },
                "DATA" if self.to.is_empty() => "503 to whom",
                "DATA" => match self.mail().await? {
                    Some(answer) => answer,
                    None => return Ok(()),
                },
                _ => "500 what",
            };
            write(&mut self.stream, answer).await?;
        }
    }

    async fn sign_in(&mut self, line: &str) -> std::io::Result<&'static str> {
        let mut words = line.split_whitespace().skip(1);
        let (user, password) = match (words.next(), words.next()) {
            (Some("PLAIN"), Some(given)) => {
                let given = decoded(given);
                let mut parts = given.split('\0').skip(1);
                let mut next = || parts.next().unwrap_or_default().to_owned();
                (next(), next())
            }
            (Some("LOGIN"), _) => {
                write(&mut self.stream, "334 VXNlcm5hbWU6").await?;
                let user = decoded(&read(&mut self.stream).await?);
                write(&mut self.stream, "334 UGFzc3dvcmQ6").await?;
                (user, decoded(&read(&mut self.stream).await?))
            }
            _ => return Ok("504 no such mechanism"),
        };
        self.signed_in = user == USER && password == PASSWORD;
        Ok(if self.signed_in {
            "235 ok"
        } else {
            "535 wrong"
        })
    }

    /// What is answered to the recipient, which servers quote when they refuse.
    fn recipient(&mut self, to: String) -> Option<String> {
        let mut state = self.state.lock().unwrap();
        let behaviour = match state.script.get_mut(&to) {
            Some(script) if script.len() > 1 => script.pop_front().unwrap(),
            Some(script) => script.front().copied().unwrap_or(Behaviour::Accept),
            None => Behaviour::Accept,
        };
        match behaviour {
            Behaviour::Later => Some("451 4.2.1 later".to_owned()),
            Behaviour::Refuse => Some(format!("550 5.1.1 <{to}> no such person")),
            Behaviour::Hang => None,
            _ => {
                self.to.push((to, behaviour));
                Some("250 ok".to_owned())
            }
        }
    }

    async fn mail(&mut self) -> std::io::Result<Option<&'static str>> {
        write(&mut self.stream, "354 go on").await?;
        let is = |behaviour| move |to: &(String, Behaviour)| to.1 == behaviour;
        let mut raw = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0
                || self.to.iter().any(is(Behaviour::DropInMail))
            {
                return Ok(None);
            }
            if line == b".\r\n" {
                break;
            }
            // RFC 5321, 4.5.2: a dot at the beginning was doubled
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let refused = self.to.iter().any(is(Behaviour::RefuseMail));
        let dropped = self.to.iter().any(is(Behaviour::DropAfterMail));
        let mail = Received {
            from: self.from.take().unwrap_or_default(),
            to: self.to.drain(..).map(|(to, _)| to).collect(),
            raw,
        };
        if refused {
            return Ok(Some("554 5.7.1 not this"));
        }
        self.state.lock().unwrap().mails.push(mail);
        Ok((!dropped).then_some("250 taken"))
    }
}

async fn read<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
) -> std::io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    answer: &str,
) -> std::io::Result<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    stream.flush().await
}

fn verb(line: &str) -> String {
    line.split([' ', ':'])
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase()
}

fn address(line: &str) -> String {
    let inside = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}

fn decoded(text: &str) -> String {
    String::from_utf8(BASE64_STANDARD.decode(text).unwrap_or_default()).unwrap_or_default()
}
