//! Mails as files, for development: one `.eml` each, complete as soon as it has its name.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::transport::{TransportError, Undelivered};
use crate::id::MessageId;
use crate::span::Instant;

/// A folder that mails go to instead of to people.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Result<Self, TransportError> {
        match make(&path) {
            Ok(()) => Ok(Self { path }),
            Err(source) => Err(TransportError::Folder { path, source }),
        }
    }

    /// Writes a mail; a second try of the same message replaces the first.
    pub(super) async fn keep(
        &self,
        id: MessageId,
        written_at: Instant,
        mail: Vec<u8>,
    ) -> Result<(), Undelivered> {
        let name = format!("{}-{id}.eml", written_at.format("%Y%m%dT%H%M%SZ"));
        let folder = self.path.clone();
        tokio::task::spawn_blocking(move || write(&folder, &name, &mail))
            .await
            .map_err(|error| Undelivered::Later(error.to_string()))?
            .map_err(|error| Undelivered::Later(error.to_string()))
    }
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    // mails are personal
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn write(folder: &Path, name: &str, mail: &[u8]) -> io::Result<()> {
    let half = folder.join(format!(".{name}.{}", uuid::Uuid::now_v7().simple()));
    let mut file = std::fs::File::create(&half)?;
    let written = file
        .write_all(mail)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&half, folder.join(name)));
    if written.is_err() {
        // what is left is a hidden file that no page shows
        std::fs::remove_file(&half).ok();
    }
    written
}
