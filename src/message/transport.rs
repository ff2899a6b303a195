//! Where mails go: to an SMTP server or, without one, to a folder.

use std::path::{Path, PathBuf};

use lettre::Message;

use super::folder::Folder;
use super::smtp::Smtp;
use crate::id::MessageId;
use crate::span::Instant;

/// The way out for mails.
#[derive(Debug)]
pub enum Transport {
    /// A server that takes mails in.
    Smtp(Smtp),
    /// Files to read on a page: for development only.
    Folder(Folder),
}

/// Why a mail did not go out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The server refused this recipient for good: mail does not reach the address.
    #[error("refused address: {0}")]
    AddressRefused(String),
    /// The server refused this mail for good, or it cannot be written at all.
    #[error("refused: {0}")]
    Refused(String),
    /// Worth trying again: the server, the way to it, or its settings are at fault.
    #[error("{0}")]
    Later(String),
}

/// A setting that cannot be used. Never says the password.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Not an address of a mail server.
    #[error("SMTP_URL: {0}")]
    Url(&'static str),
    /// The extra certificate authority cannot be read.
    #[error("MOFANG_SMTP_CA: {path}: {reason}")]
    Authority { path: PathBuf, reason: String },
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(String),
    /// The folder cannot be made.
    #[error("{path}: {source}")]
    Folder {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl Transport {
    /// To the server that `SMTP_URL` names; `authority` is a PEM file with certificates that are trusted besides
    /// the usual ones. Connects when the first mail goes out.
    pub fn smtp(url: &str, authority: Option<&Path>) -> Result<Self, TransportError> {
        Smtp::new(url, authority).map(Self::Smtp)
    }

    /// Into a folder, which is made where it is missing.
    pub fn folder(path: impl Into<PathBuf>) -> Result<Self, TransportError> {
        Folder::new(path.into()).map(Self::Folder)
    }

    /// Sends one mail within the limits of time; when this comes back with `Ok` the other side has it.
    pub async fn send(
        &self,
        id: MessageId,
        written_at: Instant,
        mail: &Message,
    ) -> Result<(), Undelivered> {
        match self {
            Transport::Smtp(smtp) => smtp.send(mail).await,
            Transport::Folder(folder) => folder.keep(id, written_at, mail.formatted()).await,
        }
    }

    /// Says goodbye to the server, where there is one.
    pub async fn close(&self) {
        if let Transport::Smtp(smtp) = self {
            smtp.close().await;
        }
    }
}
