//! Finds the machine's Postgres programs.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ClusterError;
use super::account::Account;

/// The oldest Postgres that has all that the migrations use.
const OLDEST: u32 = 15;

/// Only a folder with all of these counts: a lone `postgres` somewhere in PATH makes no cluster.
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where packages put them, with one `*` each.
const PLACES: [&str; 6] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// A folder of Postgres programs of one version.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    version: u32,
}

impl Programs {
    /// The first fit among: the folder that the operator named (and then no other), PATH, and where
    /// packages put them, newest first. An existing cluster needs programs of the version that made it.
    pub(super) fn find(
        named: Option<&Path>,
        account: &Account,
        made_by: Option<u32>,
    ) -> Result<Self, ClusterError> {
        let folders = match named {
            Some(folder) => vec![folder.to_owned()],
            None => candidates(),
        };
        let fits = |version: u32| made_by.map_or(version >= OLDEST, |made_by| version == made_by);
        let found = folders
            .iter()
            .filter(|folder| is_whole(folder))
            .find_map(|folder| {
                let version = version(account, folder).filter(|version| fits(*version))?;
                Some(Self {
                    folder: folder.clone(),
                    version,
                })
            });
        found.ok_or_else(|| ClusterError::NoPrograms {
            wanted: made_by.map_or(format!("{OLDEST} or newer"), |made_by| {
                format!("{made_by} (which made this data folder's cluster)")
            }),
            looked: match named {
                Some(folder) => folder.display().to_string(),
                None => format!("PATH, {}", PLACES.join(", ")),
            },
            install: install_command(made_by),
        })
    }

    /// The major version.
    pub(super) fn version(&self) -> u32 {
        self.version
    }

    /// One of the programs, to be run as `account` inside `folder`.
    pub(super) fn command(&self, account: &Account, program: &str, folder: &Path) -> Command {
        let mut command = account.command(self.folder.join(program));
        command.current_dir(folder);
        command
    }
}

/// Every folder worth a look, best first.
fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .collect();
    folders.extend(PLACES.iter().flat_map(|place| expand(place)));
    folders
}

/// The folders that a pattern with one `*` stands for, highest number first.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = leading_number(name.strip_prefix(prefix)?)?;
            Some((number, entry.path().join(after.trim_start_matches('/'))))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn is_whole(folder: &Path) -> bool {
    NEEDED.iter().all(|program| {
        let found = folder.join(program).metadata();
        found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}

/// The major version, asked as the account that is to run the programs: one that cannot, has no answer.
fn version(account: &Account, folder: &Path) -> Option<u32> {
    let mut command = account.command(folder.join("postgres"));
    // The account may not be allowed where we stand.
    command
        .arg("--version")
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let output = command.output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    leading_number(said.split_once("(PostgreSQL) ")?.1)
}

pub(super) fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

fn install_command(version: Option<u32>) -> String {
    let numbered =
        |separator: &str| version.map_or(String::new(), |version| format!("{separator}{version}"));
    if cfg!(target_os = "macos") {
        format!("brew install postgresql@{}", version.unwrap_or(17))
    } else if Path::new("/usr/bin/dnf").exists() {
        format!(
            "sudo dnf install postgresql{0}-server postgresql{0}-contrib",
            numbered("")
        )
    } else {
        format!("sudo apt-get install postgresql{}", numbered("-"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_postgres_says() {
        assert_eq!(leading_number("15.20 (Debian 15.20-0+deb12u1)"), Some(15));
        assert_eq!(leading_number("18beta1"), Some(18));
        assert_eq!(leading_number("devel"), None);
    }

    #[test]
    fn a_lone_postgres_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/bin/sh", folder.path().join("postgres")).unwrap();
        assert!(!is_whole(folder.path()));
    }
}
