//! Where a private cluster lives, and what is written there.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::account::Account;
use super::{ClusterError, Durability, postmaster, programs};

/// The cluster's folder in its home.
pub(super) const CLUSTER: &str = "postgres";
/// The lock of whoever makes, starts or stops the cluster.
pub(super) const GATE: &str = "postgres.lock";
/// The lock that every user of the cluster shares.
pub(super) const USERS: &str = "postgres.users";
/// What Postgres says before its own log opens; in the cluster's folder.
pub(super) const START_LOG: &str = "start.log";
/// Folders of clusters that are being made begin with this.
const PART: &str = "postgres.part-";
/// The socket's folder in the home.
const SOCKETS: &str = "run";
/// The socket's name, which Postgres derives from the port.
const SOCKET: &str = ".s.PGSQL.5432";
/// Socket paths must stay below this (the kernel's limit is 104 or 108, depending on the system).
const SOCKET_LIMIT: usize = 100;
/// Where root keeps the clusters of data folders that Postgres' account cannot get to.
const ELSEWHERE: &str = "/var/lib/mofang";

/// Characters beyond ASCII have cases; the order stays that of the code points, the same everywhere.
#[cfg(not(target_os = "macos"))]
pub(super) const CTYPE: &str = "--lc-ctype=C.UTF-8";
/// macOS has the same under another name.
#[cfg(target_os = "macos")]
pub(super) const CTYPE: &str = "--lc-ctype=UTF-8";

/// Who gets to the socket (its folder is closed to others) is let in; nothing else is.
pub(super) const HBA: &str = "local all all trust\n";

/// Our part of the configuration: a file of its own, so that a person's settings in
/// `postgresql.auto.conf` (`ALTER SYSTEM`) still have the last word.
const CONF: &str = "mofang.conf";

/// The folder of a cluster, its locks and its socket.
#[derive(Clone, Debug)]
pub(super) struct Home {
    root: PathBuf,
    sockets: PathBuf,
}

/// Makes the data folder where it is missing, and says it in full.
///
/// Root's is open for passing through, as Postgres' account has to; what else is kept there guards itself.
pub(super) fn prepare(data: &Path) -> Result<PathBuf, ClusterError> {
    make_folders(data)?;
    data.canonicalize().map_err(ClusterError::at(data))
}

impl Home {
    /// The data folder itself; where `account` cannot get there (say, below /root), a folder in
    /// /var/lib/mofang, with a link in the data folder that says so and keeps the two together.
    pub(super) fn place(data: &Path, account: &Account) -> Result<Self, ClusterError> {
        let link = data.join(CLUSTER);
        if let Some(root) = linked_home(&link)? {
            make_folders(&root)?;
            return Ok(Self::at(root));
        }
        if !account.is_other() || account.can_enter(data) {
            return Ok(Self::at(data.to_owned()));
        }
        let root = Path::new(ELSEWHERE).join(short_hash(data));
        make_folders(&root)?;
        match std::os::unix::fs::symlink(root.join(CLUSTER), &link) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(ClusterError::at(&link)(error));
            }
            _ => {}
        }
        tracing::warn!(
            data = %data.display(), home = %root.display(),
            "the account that Postgres runs as cannot get to the data folder: its files are kept elsewhere"
        );
        Ok(Self::at(root))
    }

    fn at(root: PathBuf) -> Self {
        let near = root.join(SOCKETS);
        // A name that Postgres' list of folders would need quotes for goes the way of the long ones.
        let plain = near
            .to_str()
            .is_some_and(|path| !path.contains(|c: char| c.is_control() || "'\"\\,".contains(c)));
        let fits = near.as_os_str().len() + 1 + SOCKET.len() < SOCKET_LIMIT;
        // Not the system's temporary folder: that may be another one for each process.
        let sockets = if plain && fits {
            near
        } else {
            Path::new("/tmp").join(format!("mofang-{}", short_hash(&root)))
        };
        Self { root, sockets }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn sockets(&self) -> &Path {
        &self.sockets
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.file(CLUSTER)
    }

    /// The major version of Postgres that made the cluster, if there is one.
    pub(super) fn version(&self) -> Option<u32> {
        programs::leading_number(&std::fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?)
    }

    /// Opens one of the lock files, made where it is missing.
    pub(super) fn open_lock(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.file(name);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        // The folder may be another user's: root makes no files where a link of theirs leads.
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        options.open(&path).map_err(ClusterError::at(&path))
    }

    /// Removes what was left of clusters whose makers were killed. A program of theirs may still be
    /// writing; then a rest stays until the next start, which hinders nobody: each has a name of its own.
    pub(super) fn sweep(&self) {
        let entries = std::fs::read_dir(&self.root)
            .into_iter()
            .flatten()
            .flatten();
        for entry in
            entries.filter(|entry| entry.file_name().as_bytes().starts_with(PART.as_bytes()))
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }

    /// An empty folder in which a cluster can be made.
    pub(super) fn new_part(&self, account: &Account) -> Result<PathBuf, ClusterError> {
        let moment = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        let path = self.file(&format!("{PART}{}-{moment}", std::process::id()));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(ClusterError::at(&path))?;
        account.own(&path)?;
        Ok(path)
    }

    /// Makes a finished cluster the one and only, for good.
    pub(super) fn publish(&self, part: &Path) -> Result<(), ClusterError> {
        std::fs::rename(part, self.cluster()).map_err(ClusterError::at(part))?;
        File::open(&self.root)
            .and_then(|folder| folder.sync_all())
            .map_err(ClusterError::at(&self.root))
    }

    /// Writes our settings into a cluster: at each start, as the data folder may have moved meanwhile.
    pub(super) fn configure(
        &self,
        cluster: &Path,
        account: &Account,
        durability: Durability,
    ) -> Result<(), ClusterError> {
        account.write(cluster, CONF, &self.settings(durability))?;
        let main = cluster.join("postgresql.conf");
        let include = format!("include '{CONF}'");
        let text = std::fs::read_to_string(&main).map_err(ClusterError::at(&main))?;
        if text.lines().any(|line| line == include) {
            return Ok(());
        }
        account.write(cluster, "postgresql.conf", &format!("{text}\n{include}\n"))
    }

    /// Whether a cluster has our settings as they are now.
    pub(super) fn is_configured(&self, cluster: &Path, durability: Durability) -> bool {
        std::fs::read_to_string(cluster.join(CONF))
            .is_ok_and(|text| text == self.settings(durability))
    }

    fn settings(&self, durability: Durability) -> String {
        let sockets = self.sockets.display();
        let common = format!(
            "# Written by mofang at each start: settings of your own are made with ALTER SYSTEM.\n\
             listen_addresses = ''\n\
             port = 5432\n\
             unix_socket_directories = '\"{sockets}\"'\n\
             unix_socket_permissions = 0700\n\
             cluster_name = 'mofang'\n\
             timezone = 'UTC'\n\
             log_timezone = 'UTC'\n\
             # Statements are short; compiling them costs more than it saves.\n\
             jit = off\n"
        );
        let rest = match durability {
            // A log of a week that never grows beyond that.
            Durability::Full => {
                "max_connections = 100\n\
                 logging_collector = on\n\
                 log_filename = 'postgresql-%a.log'\n\
                 log_rotation_age = 1d\n\
                 log_rotation_size = 0\n\
                 log_truncate_on_rotation = on\n"
            }
            Durability::Off => {
                "max_connections = 300\n\
                 fsync = off\n\
                 synchronous_commit = off\n\
                 full_page_writes = off\n\
                 wal_level = minimal\n\
                 max_wal_senders = 0\n\
                 max_wal_size = 4GB\n"
            }
        };
        common + rest
    }

    /// Makes the socket's folder, or checks that it is private: /tmp is everybody's.
    pub(super) fn prepare_sockets(&self, account: &Account) -> Result<(), ClusterError> {
        let path = &self.sockets;
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => account.own(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = path.symlink_metadata().map_err(ClusterError::at(path))?;
                let private = found.is_dir() && found.mode() & 0o077 == 0;
                // Root may have been killed between making it and giving it away.
                if private && found.uid() == rustix::process::geteuid().as_raw() {
                    account.own(path)
                } else if private && found.uid() == account.user() {
                    Ok(())
                } else {
                    Err(ClusterError::SocketFolder { path: path.clone() })
                }
            }
            Err(error) => Err(ClusterError::at(path)(error)),
        }
    }

    /// Whether something accepts connections on the socket.
    pub(super) fn answers(&self) -> bool {
        UnixStream::connect(self.sockets.join(SOCKET)).is_ok()
    }

    /// Removes a dead postmaster's last words and its socket, with the lock beside it, whose number a
    /// stranger may have now.
    pub(super) fn clear(&self) {
        let _ = std::fs::remove_file(self.cluster().join(START_LOG));
        let _ = std::fs::remove_file(self.sockets.join(SOCKET));
        let _ = std::fs::remove_file(self.sockets.join(format!("{SOCKET}.lock")));
    }

    /// Removes a pid file whose number belongs to another program now.
    pub(super) fn forget_postmaster(&self) -> Result<(), ClusterError> {
        let path = self.cluster().join(postmaster::PID_FILE);
        std::fs::remove_file(&path).map_err(ClusterError::at(&path))
    }

    /// The end of what Postgres wrote when it last failed to start.
    pub(super) fn last_words(&self) -> String {
        let path = self.cluster().join(START_LOG);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(10)..].join("\n");
        format!(
            "{tail}\n(from {}; later words are in `log` beside it)",
            path.display()
        )
    }
}

/// The home that a link made by [`Home::place`] leads to. Root follows no one else's.
fn linked_home(link: &Path) -> Result<Option<PathBuf>, ClusterError> {
    let Ok(target) = link.read_link() else {
        return Ok(None);
    };
    let owner = link
        .symlink_metadata()
        .map_err(ClusterError::at(link))?
        .uid();
    if owner != rustix::process::geteuid().as_raw() {
        return Err(ClusterError::OtherOwner {
            path: link.to_owned(),
            owner,
        });
    }
    let ours = target.file_name().is_some_and(|name| name == CLUSTER);
    Ok(target.parent().filter(|_| ours).map(Path::to_owned))
}

/// Folders that are missing, private; root's can be passed through, as another account has to.
fn make_folders(path: &Path) -> Result<(), ClusterError> {
    let mode = if rustix::process::geteuid().is_root() {
        0o711
    } else {
        0o700
    };
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(ClusterError::at(path))
}

fn short_hash(path: &Path) -> String {
    Sha256::digest(path.as_os_str().as_bytes())
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
