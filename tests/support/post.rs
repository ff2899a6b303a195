//! The world's post: its worker sends to a mail server in the test process, and what came is read as a person would.

use std::sync::Arc;

use mail_parser::MessageParser;
use mofang::message::worker::Worker;
use mofang::message::{Sender, Transport};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::smtp::SmtpServer;
use crate::support::{Person, World};

/// A mail as its reader sees it.
#[derive(Debug, Clone)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    /// The token of its link.
    #[track_caller]
    pub fn token(&self) -> String {
        let (_, rest) = self
            .text
            .split_once("#token=")
            .expect("a link with a token");
        let token: String = rest.chars().take_while(|c| !c.is_whitespace()).collect();
        assert!(self.html.contains(&token), "the same link in HTML");
        token
    }
}

/// Delivers until it is dropped.
pub struct Post {
    pub server: SmtpServer,
    wake: Arc<Notify>,
    _stop: watch::Sender<bool>,
    _task: JoinHandle<()>,
}

impl Post {
    /// A worker of this world, and where it delivers to.
    pub async fn of(world: &World) -> Self {
        let server = SmtpServer::start().await;
        let wake = Arc::new(Notify::new());
        let (stop, stopped) = watch::channel(false);
        let sender = Sender::new("Mofang <mofang@venue.example>", "http://localhost").unwrap();
        let worker = Worker {
            db: world.db.clone(),
            transport: Arc::new(Transport::smtp(&server.url(), Some(server.authority())).unwrap()),
            sender: Arc::new(sender.with_seal(world.running.app.keys.seal().clone())),
            wake: wake.clone(),
        };
        Self {
            server,
            wake,
            _stop: stop,
            _task: worker.spawn(stopped),
        }
    }

    /// All mails to this address, once there are so many, in the order in which they were written.
    pub async fn to(&self, address: &str, count: usize) -> Vec<Mail> {
        self.wake.notify_one();
        let received = self.server.wait_for(address, count).await;
        let mut mails: Vec<(String, Mail)> = received
            .iter()
            .map(|mail| {
                let mail = MessageParser::default().parse(&mail.raw).unwrap();
                let read = Mail {
                    subject: mail.subject().unwrap().to_owned(),
                    text: mail.body_text(0).unwrap().replace("\r\n", "\n"),
                    html: mail.body_html(0).unwrap().into_owned(),
                };
                (mail.message_id().unwrap().to_owned(), read)
            })
            .collect();
        // ids are UUIDv7; several are delivered at once
        mails.sort_by(|one, other| one.0.cmp(&other.0));
        mails.into_iter().map(|(_, mail)| mail).collect()
    }

    /// The last of so many mails to this address.
    pub async fn last(&self, address: &str, count: usize) -> Mail {
        let mut mails = self.to(address, count).await;
        assert_eq!(mails.len(), count, "{mails:?}");
        mails.pop().unwrap()
    }

    /// Whoever follows the link in this mail.
    pub fn guest(&self, world: &World, mail: &Mail) -> Person {
        world.nobody().bearing(&mail.token())
    }
}
