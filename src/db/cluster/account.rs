//! Who Postgres runs as. It refuses root, so a product that was started as root lends it another account.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::ClusterError;

/// The account that Postgres runs as: our own, or the one that root switches to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    switch: Option<Ids>,
}

#[derive(Clone, Copy, Debug)]
struct Ids {
    user: u32,
    group: u32,
}

impl Account {
    /// Our own account; for root the owner of the cluster, if there is one, else `postgres`, else `nobody`.
    ///
    /// With `nobody`, whatever else runs as `nobody` on the machine could read the cluster: `postgres`
    /// is the better choice, and comes with every packaged Postgres.
    pub(super) fn choose(cluster: &Path) -> Result<Self, ClusterError> {
        let ours = rustix::process::geteuid().as_raw();
        let owner = match cluster.metadata() {
            Ok(found) => Some(Ids {
                user: found.uid(),
                group: found.gid(),
            }),
            Err(_) => None,
        };
        match owner {
            Some(owner) if ours == 0 && owner.user != 0 => Ok(Self {
                switch: Some(owner),
            }),
            Some(owner) if owner.user != ours => Err(ClusterError::OtherOwner {
                path: cluster.to_owned(),
                owner: owner.user,
            }),
            _ if ours == 0 => {
                let known = ["postgres", "nobody"].into_iter().find_map(look_up);
                known
                    .map(|ids| Self { switch: Some(ids) })
                    .ok_or(ClusterError::NoAccount)
            }
            _ => Ok(Self { switch: None }),
        }
    }

    /// Whether it is another account than ours.
    pub(super) fn is_other(&self) -> bool {
        self.switch.is_some()
    }

    /// The user id.
    pub(super) fn user(&self) -> u32 {
        self.switch
            .map_or_else(|| rustix::process::geteuid().as_raw(), |ids| ids.user)
    }

    /// A command that runs as this account, untouched by Ctrl-C on our terminal and by whatever
    /// settings for Postgres' clients are in our environment.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.process_group(0).env("LC_ALL", "C");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if let Some(ids) = self.switch {
            command.uid(ids.user).gid(ids.group);
        }
        command
    }

    /// Gives a file or folder to this account.
    pub(super) fn own(&self, path: &Path) -> Result<(), ClusterError> {
        match self.switch {
            Some(ids) => std::os::unix::fs::lchown(path, Some(ids.user), Some(ids.group)),
            None => Ok(()),
        }
        .map_err(ClusterError::at(path))
    }

    /// Writes a file in a folder of the account's, as the account: root must not follow a link that
    /// somebody else may have put there.
    pub(super) fn write(&self, folder: &Path, name: &str, text: &str) -> Result<(), ClusterError> {
        let mut command = self.command("/bin/sh");
        command
            .args(["-c", "cat > \"$0\"", name])
            .current_dir(folder);
        finish(&mut command, name, text)
    }

    /// Whether the account gets into a folder: tried, as rights, groups and access lists all have a say.
    pub(super) fn can_enter(&self, folder: &Path) -> bool {
        let mut command = self.command("/bin/sh");
        command
            .args(["-c", ":"])
            .current_dir(folder)
            .stdin(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// Runs a program to its end; what it wrote becomes part of the error.
pub(super) fn finish(command: &mut Command, name: &str, input: &str) -> Result<(), ClusterError> {
    let failed = |said: String| ClusterError::Program {
        program: name.to_owned(),
        said,
    };
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that has already gone says why on its own.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(failed(format!(
        "{} ({})",
        String::from_utf8_lossy(&said).trim(),
        output.status
    )))
}

/// Asks the system for an account by name; `id` knows directories that /etc/passwd does not.
fn look_up(name: &str) -> Option<Ids> {
    let ask = |what: &str| {
        let output = Command::new("id")
            .args([what, name])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        String::from_utf8(output.stdout)
            .ok()?
            .trim()
            .parse::<u32>()
            .ok()
    };
    Some(Ids {
        user: ask("-u")?,
        group: ask("-g")?,
    })
    .filter(|ids| ids.user != 0)
}
