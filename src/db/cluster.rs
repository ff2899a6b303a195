//! A private Postgres cluster in the product's data folder, for whoever has no `DATABASE_URL`.
//!
//! Everything lives in one folder (the *home*, usually the data folder itself):
//!
//! ```text
//! postgres/         the cluster, made beside (`postgres.part-*`) and renamed when it is whole
//! run/              its Unix socket; reachable only for the account that Postgres runs as, and root
//! postgres.lock     held while a cluster is made, started or stopped
//! postgres.users    held, shared, by every process that uses the cluster
//! ```
//!
//! Any number of processes may share a cluster: the first starts it, the last one stops it. A process
//! that is killed leaves it running; the next one adopts it. Both locks are `flock`s, which the kernel
//! drops with the process that held them, so there is no stale lock to clean up.

mod account;
mod home;
mod postmaster;
mod programs;
#[cfg(test)]
mod tests;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use account::Account;
use home::Home;
use postmaster::State;
use programs::Programs;

/// The superuser of the private cluster.
pub const ROLE: &str = "mofang";

/// The database that a new cluster comes with, besides Postgres' own.
pub const DATABASE: &str = "mofang";

/// How much a commit is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// What was committed survives a power cut.
    Full,
    /// For tests: nothing is flushed, and many connections are allowed.
    Off,
}

/// Why there is no private cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The machine has no usable Postgres programs.
    #[error(
        "no PostgreSQL {wanted} found (looked for initdb, pg_ctl and postgres together in {looked}).\n\
         Install it, for example with: {install}\n\
         or say where its programs are with MOFANG_PG_BIN, or name a running database with DATABASE_URL."
    )]
    NoPrograms {
        /// The version that would do.
        wanted: String,
        /// The folders that were looked at.
        looked: String,
        /// The command that installs it here.
        install: String,
    },
    /// The cluster belongs to another account, which Postgres insists on.
    #[error(
        "the database in {} belongs to another user (id {owner}): start as that user or as root, or choose \
         another folder with MOFANG_DATA", path.display()
    )]
    OtherOwner {
        /// The cluster.
        path: PathBuf,
        /// The user id that owns it.
        owner: u32,
    },
    /// Postgres refuses root, and there is nobody to run it as.
    #[error(
        "Postgres does not run as root, and this machine has neither an account `postgres` nor `nobody`"
    )]
    NoAccount,
    /// The short folder for the socket is someone else's.
    #[error("{} exists but is not a private folder of the account that Postgres runs as: remove it", path.display())]
    SocketFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A Postgres program failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Its name.
        program: String,
        /// What it wrote.
        said: String,
    },
    /// Postgres runs, but cannot be used, and others use it, so that it cannot be restarted.
    #[error("the database in {} runs but does not answer, and other processes use it: stop them first", path.display())]
    Unreachable {
        /// The cluster.
        path: PathBuf,
    },
    /// A file or folder could not be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ClusterError {
    /// Names the path that an I/O error is about.
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// A running private cluster, and this process's use of it.
///
/// Dropping it is like [`Cluster::stop`]: blocking, and only the last user stops Postgres.
#[derive(Debug)]
pub struct Cluster {
    home: Home,
    account: Account,
    programs: Programs,
    users: File,
    released: bool,
}

impl Cluster {
    /// Makes the cluster in `data` if there is none, starts it if it does not run, and joins it.
    ///
    /// `pg_bin` is the folder with the Postgres programs, if the operator named one. Blocks: up to a few
    /// seconds for a new cluster, a few hundred milliseconds for an old one.
    pub fn start(
        data: &Path,
        pg_bin: Option<&Path>,
        durability: Durability,
    ) -> Result<Self, ClusterError> {
        let data = home::prepare(data)?;
        let account = Account::choose(&data.join(home::CLUSTER))?;
        let home = Home::place(&data, &account)?;
        let _gate = gate(&home)?;
        let users = home.open_lock(home::USERS)?;
        let sole = users.try_lock().is_ok();
        let programs = Programs::find(pg_bin, &account, home.version())?;
        home.sweep();
        if !home.cluster().exists() {
            make(&home, &account, &programs, durability)?;
        }
        home.prepare_sockets(&account)?;
        run(&home, &account, &programs, durability, sole)?;
        // Nobody can slip in between: whoever wants either lock of the two waits at the gate first.
        users
            .unlock()
            .and_then(|()| users.lock_shared())
            .map_err(ClusterError::at(&home.file(home::USERS)))?;
        Ok(Self {
            home,
            account,
            programs,
            users,
            released: false,
        })
    }

    /// A connection string for one of the cluster's databases, with [`ROLE`] as the user.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://{ROLE}@{}/{}",
            percent_encoded(self.home.sockets().as_os_str().as_encoded_bytes()),
            percent_encoded(database.as_bytes())
        )
    }

    /// The folder that holds the cluster: the data folder, unless Postgres' account cannot get there.
    pub fn home(&self) -> &Path {
        self.home.root()
    }

    /// Ends this process's use; stops Postgres if nobody else uses it.
    pub fn stop(mut self) -> Result<(), ClusterError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), ClusterError> {
        if std::mem::replace(&mut self.released, true) {
            return Ok(());
        }
        let _gate = gate(&self.home)?;
        self.users
            .unlock()
            .map_err(ClusterError::at(&self.home.file(home::USERS)))?;
        match self.users.try_lock() {
            Ok(()) => halt(&self.home, &self.account, &self.programs),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(source)) => {
                Err(ClusterError::at(&self.home.file(home::USERS))(source))
            }
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            tracing::error!(%error, "the private database was not stopped");
        }
        // Explicitly, as a child that is just being started may hold a copy of the file for a moment.
        let _ = self.users.unlock();
    }
}

/// The lock that whoever makes, starts or stops the cluster holds meanwhile.
fn gate(home: &Home) -> Result<File, ClusterError> {
    let file = home.open_lock(home::GATE)?;
    if file.try_lock().is_err() {
        tracing::info!("waiting for another process that starts or stops the private database");
        file.lock()
            .map_err(ClusterError::at(&home.file(home::GATE)))?;
    }
    Ok(file)
}

/// Makes a whole cluster beside its place and renames it there as the last step: whoever is killed on
/// the way leaves a folder that nobody takes for a cluster.
fn make(
    home: &Home,
    account: &Account,
    programs: &Programs,
    durability: Durability,
) -> Result<(), ClusterError> {
    tracing::info!(folder = %home.cluster().display(), postgres = programs.version(), "making the private database");
    let part = home.new_part(account)?;
    // Every program runs inside the folder and calls it `.`: they hand paths to a shell with no more
    // than double quotes around them.
    let mut initdb = programs.command(account, "initdb", &part);
    initdb.args([
        "--pgdata=.",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        home::CTYPE,
    ]);
    initdb.arg(format!("--username={ROLE}"));
    if durability == Durability::Off {
        initdb.arg("--no-sync");
    }
    account::finish(&mut initdb, "initdb", "")?;
    account.write(&part, "pg_hba.conf", home::HBA)?;
    home.configure(&part, account, durability)?;
    let mut single = programs.command(account, "postgres", &part);
    single.args(["--single", "-D", ".", "-c", "exit_on_error=on", "template1"]);
    account::finish(
        &mut single,
        "postgres",
        &format!("CREATE DATABASE {DATABASE}\n"),
    )?;
    home.publish(&part)
}

/// Sees to it that a postmaster of this cluster runs and answers, whatever a predecessor left behind.
fn run(
    home: &Home,
    account: &Account,
    programs: &Programs,
    durability: Durability,
    sole: bool,
) -> Result<(), ClusterError> {
    let cluster = home.cluster();
    let mut failure = None;
    // More than once: a killed predecessor may have a start of its own under way, and processes of a
    // killed postmaster take a moment to notice.
    for attempt in 0..4 {
        std::thread::sleep(Duration::from_millis(250) * attempt);
        match postmaster::settled(&cluster) {
            State::Runs if !sole => {
                return if home.answers() {
                    Ok(())
                } else {
                    Err(ClusterError::Unreachable { path: cluster })
                };
            }
            // Left by a killed predecessor. Used as it is, but for settings that only a start brings.
            State::Runs if home.answers() && home.is_configured(&cluster, durability) => {
                return Ok(());
            }
            State::Runs => halt(home, account, programs)?,
            State::Stranger => home.forget_postmaster()?,
            State::Absent => {}
        }
        home.clear();
        home.configure(&cluster, account, durability)?;
        let mut start = programs.command(account, "pg_ctl", &cluster);
        start.args(["start", "--pgdata=.", "--wait", "--timeout=300", "--silent"]);
        start.arg(format!("--log={}", home::START_LOG));
        match account::finish(&mut start, "pg_ctl start", "") {
            Ok(()) if home.answers() => return Ok(()),
            Ok(()) => {
                failure = Some(ClusterError::Unreachable {
                    path: cluster.clone(),
                })
            }
            Err(ClusterError::Program { program, said }) => {
                let said = format!("{said}\n{}", home.last_words());
                failure = Some(ClusterError::Program { program, said });
            }
            Err(other) => return Err(other),
        }
    }
    Err(failure.unwrap_or(ClusterError::Unreachable { path: cluster }))
}

/// Stops Postgres: open transactions are rolled back, clients are cut off.
fn halt(home: &Home, account: &Account, programs: &Programs) -> Result<(), ClusterError> {
    let cluster = home.cluster();
    if postmaster::settled(&cluster) != State::Runs {
        return Ok(());
    }
    let mut stop = programs.command(account, "pg_ctl", &cluster);
    stop.args([
        "stop",
        "--pgdata=.",
        "--mode=fast",
        "--wait",
        "--timeout=60",
        "--silent",
    ]);
    account::finish(&mut stop, "pg_ctl stop", "")
}

/// Everything but unreserved characters encoded, so that any path is one host of a URL.
fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, &byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte.into())
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}
