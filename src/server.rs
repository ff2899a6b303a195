//! Start and stop of the service.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::Config;
use crate::db::cluster::ClusterError;
use crate::db::migrate::{self, MigrateError};
use crate::db::source::Source;

/// Why the service did not start, or not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The private database.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The database does not answer.
    #[error("the database cannot be reached: {0}")]
    Connection(#[from] diesel::ConnectionError),
    /// Its tables could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// Signals cannot be listened to.
    #[error("signals: {0}")]
    Signal(#[from] std::io::Error),
}

/// What a serving process does besides answering requests.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Send mails and see to deadlines, too.
    pub worker: bool,
    /// Make demonstration accounts and print their passwords.
    pub demo: bool,
}

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config, options: Options) -> Result<(), ServerError> {
    tracing::debug!(?options, "starting");
    // Before anything is started: who stops us during the start gets a clean stop, too.
    let mut stop = Stop::listen()?;
    let source = Source::open(&config).await?;
    let served = serve(&config, &source, &mut stop).await;
    let closed = source.close().await;
    served.and(closed.map_err(ServerError::from))
}

/// Brings the database up to date and leaves.
pub async fn migrate(config: Config) -> Result<(), ServerError> {
    let source = Source::open(&config).await?;
    let migrated = apply(&source).await;
    let closed = source.close().await;
    for name in migrated? {
        println!("applied {name}");
    }
    Ok(closed?)
}

async fn serve(config: &Config, source: &Source, stop: &mut Stop) -> Result<(), ServerError> {
    for name in apply(source).await? {
        tracing::info!(name, "migrated");
    }
    println!("Mofang: {}", config.base_url);
    stop.wait().await;
    tracing::info!("stopping");
    Ok(())
}

async fn apply(source: &Source) -> Result<Vec<String>, ServerError> {
    let connection = AsyncPgConnection::establish(source.url()).await?;
    Ok(migrate::run(connection).await?)
}

/// The two ways in which we are asked to stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
