//! Start and stop of the service: database, worker, HTTP.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::booking;
use crate::catalogue;
use crate::config::Config;
use crate::crew;
use crate::db::cluster::ClusterError;
use crate::db::migrate::{self, MigrateError};
use crate::db::source::Source;
use crate::db::{self, Db, DbError};
use crate::http::notifier::Notifier;
use crate::http::server::{App, Settings, serve};
use crate::identity::Keys;
use crate::identity::demo::{self, Demo, DemoError};
use crate::message::transport::TransportError;
use crate::message::worker::Worker;
use crate::message::{Sender, SenderError, Transport};
use crate::retention;

/// Of a serving process's connections so many are for what happens beside the requests: mails, deadlines, announcements.
const BESIDE: usize = 4;
/// How long the database is waited for at the start: it may come later.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the worker sees to what is rare: shifts ahead, old keys and tokens.
const DAILY: Duration = Duration::from_secs(6 * 60 * 60);

/// Why the service did not start, or not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The private database.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The database does not answer.
    #[error("the database cannot be reached: {0}")]
    Connection(#[from] diesel::ConnectionError),
    /// A statement at start-up failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Its tables could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The venue's data could not be written.
    #[error(transparent)]
    Seed(#[from] catalogue::seed::SeedError),
    /// The demonstration accounts could not be made.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Mails cannot be sent as the settings say.
    #[error("SMTP_URL: {0}")]
    Transport(#[from] TransportError),
    /// The sender's address is none.
    #[error("MOFANG_MAIL_FROM: {0}")]
    Sender(#[from] SenderError),
    /// The address is taken, or the data folder cannot be used.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
}

/// What a serving process does besides answering requests.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Send mails and see to deadlines, too.
    pub worker: bool,
    /// Bring the venue's data and demonstration accounts, and print their passwords.
    pub demo: bool,
}

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config, options: Options) -> Result<(), ServerError> {
    // Before anything is started: who stops us during the start gets a clean stop, too.
    let mut stop = Stop::listen()?;
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| ServerError::Io(config.listen.to_string(), error))?;
    let source = Source::open(&config).await?;
    let served = serve_on(&config, &source, options, listener, &mut stop).await;
    let closed = source.close().await;
    served.and(closed.map_err(ServerError::from))
}

/// Sends mails and sees to deadlines, without HTTP, until SIGTERM or SIGINT.
pub async fn work(config: Config) -> Result<(), ServerError> {
    let mut stop = Stop::listen()?;
    let source = Source::open(&config).await?;
    prepare(&source).await?;
    let db = Db::new(source.url(), config.pool)?;
    let (ended, running) = watch::channel(false);
    let keys = keys(&config)?;
    let workers = Workers::start(&config, &db, &keys, Notifier::start(db.clone()), running)?;
    stop.wait().await;
    let _ = ended.send(true);
    workers.finish().await;
    Ok(source.close().await?)
}

/// Brings the database up to date and leaves.
pub async fn migrate(config: Config) -> Result<(), ServerError> {
    let source = Source::open(&config).await?;
    let migrated = prepare(&source).await;
    let closed = source.close().await;
    for name in migrated? {
        println!("applied {name}");
    }
    Ok(closed?)
}

/// Opens the database, brings it up to date, and runs a command on it.
pub async fn with_database<T, F>(
    config: Config,
    command: impl FnOnce(Db) -> F,
) -> Result<T, ServerError>
where
    F: Future<Output = T>,
{
    let source = Source::open(&config).await?;
    prepare(&source).await?;
    let done = command(Db::new(source.url(), config.pool)?).await;
    source.close().await?;
    Ok(done)
}

async fn serve_on(
    config: &Config,
    source: &Source,
    options: Options,
    listener: TcpListener,
    stop: &mut Stop,
) -> Result<(), ServerError> {
    for name in prepare(source).await? {
        tracing::info!(name, "migrated");
    }
    let db = Db::new(source.url(), config.pool.min(BESIDE))?;
    if options.demo {
        demonstrate(&db).await?;
    }
    let keys = keys(config)?;
    let mut settings = Settings::new(&config.base_url);
    settings.latest_migration = migrate::latest();
    settings.pool = config.pool.saturating_sub(BESIDE).max(1);
    settings.behind_proxy = config.behind_proxy;
    settings.rates = config.rates;
    settings.mail_folder = config.smtp_url.is_none().then(|| config.data.join("mail"));
    let app = App::new(db.clone(), source.url(), keys.clone(), settings);
    let (ended, running) = watch::channel(false);
    let workers = match options.worker {
        true => Some(Workers::start(
            config,
            &db,
            &keys,
            app.notifier.clone(),
            running,
        )?),
        false => None,
    };
    announce(config);
    let readings = app.readings.clone();
    let served = serve(app, listener, stop.wait()).await;
    readings.settle().await;
    tracing::info!("stopping");
    let _ = ended.send(true);
    if let Some(workers) = workers {
        workers.finish().await;
    }
    served.map_err(|error| ServerError::Io(config.listen.to_string(), error))
}

fn keys(config: &Config) -> Result<Keys, ServerError> {
    Keys::load(&config.data)
        .map_err(|error| ServerError::Io(config.data.display().to_string(), error))
}

fn announce(config: &Config) {
    let base = config.base_url.trim_end_matches('/');
    println!("Mofang 魔方: {base}");
    println!("  API       {base}/v1/docs");
    if config.smtp_url.is_none() {
        println!("  mails     {base}/mail  (kept in a folder, not sent: no SMTP_URL)");
    }
}

async fn demonstrate(db: &Db) -> Result<(), ServerError> {
    let seeded = catalogue::seed::seed(db).await?;
    if seeded.layouts > 0 {
        // who sees the product for the first time can book at once
        catalogue::timing::settle(db).await?;
    }
    tell(demo::seed_demo(db, seeded.venue_id, false).await?);
    Ok(())
}

/// Gives the demonstration accounts new passwords and prints them.
pub async fn new_demo_passwords(db: &Db) -> Result<(), ServerError> {
    let seeded = catalogue::seed::seed(db).await?;
    tell(demo::seed_demo(db, seeded.venue_id, true).await?);
    Ok(())
}

fn tell(demo: Demo) {
    match demo {
        Demo::Made(accounts) => {
            println!(
                "Demonstration accounts (told this once; `mofang user demo` makes new passwords):"
            );
            for account in accounts {
                println!(
                    "  {:<10} {:<24} {}",
                    account.part, account.email, account.password
                );
            }
        }
        Demo::There(emails) => {
            println!(
                "Demonstration accounts are there from before: {}.",
                emails.join(", ")
            );
            println!("  `mofang user demo` gives them new passwords.");
        }
    }
}

/// Everything that happens without being asked for.
struct Workers(Vec<JoinHandle<()>>);

impl Workers {
    fn start(
        config: &Config,
        db: &Db,
        keys: &Keys,
        notifier: Notifier,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, ServerError> {
        let transport = match &config.smtp_url {
            Some(url) => Transport::smtp(url.expose(), config.smtp_ca.as_deref())?,
            None => Transport::folder(config.data.join("mail"))?,
        };
        let mails = Worker {
            db: db.clone(),
            transport: Arc::new(transport),
            sender: Arc::new(
                Sender::new(&config.mail_from, &config.base_url)?.with_seal(keys.seal().clone()),
            ),
            wake: Arc::new(Notify::new()),
        };
        Ok(Self(vec![
            mails.spawn(stop.clone()),
            booking::clock::spawn(db.clone(), notifier.clone(), stop.clone()),
            crew::watch::spawn(db.clone(), notifier.clone(), stop.clone()),
            catalogue::timing::spawn(db.clone(), notifier, stop.clone()),
            tokio::spawn(upkeep(db.clone(), stop)),
        ]))
    }

    async fn finish(self) {
        for task in self.0 {
            if let Err(error) = task.await {
                tracing::error!(%error, "a worker ended badly");
            }
        }
    }
}

/// Shifts are made ahead of every horizon; what has served its time goes.
async fn upkeep(db: Db, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = upkeep_once(&db).await {
            tracing::warn!(%error, "upkeep waits");
        }
        tokio::select! {
            () = tokio::time::sleep(DAILY) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn upkeep_once(db: &Db) -> Result<(), DbError> {
    let conn = db.conn().await?;
    catalogue::store::extend_shifts(&conn, catalogue::shifts::AHEAD_DAYS).await?;
    booking::store::guests::sweep(&conn).await?;
    crate::http::idempotency::sweep(&conn).await?;
    drop(conn);
    retention::apply(db).await
}

/// Waits for the database and brings its tables up to date.
async fn prepare(source: &Source) -> Result<Vec<String>, ServerError> {
    let begun = tokio::time::Instant::now();
    let connection = loop {
        match db::connect(source.url()).await {
            Ok(connection) => break connection,
            Err(error) if begun.elapsed() > PATIENCE => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "waiting for the database"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    Ok(migrate::run(connection).await?)
}

/// The two ways in which we are asked to stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> Result<Self, ServerError> {
        let on = |kind| signal(kind).map_err(|error| ServerError::Io("signals".to_owned(), error));
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
