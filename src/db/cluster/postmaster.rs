//! What `postmaster.pid` says, and whether it is still true.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Pid;

/// The file in which Postgres says that it runs.
pub(super) const PID_FILE: &str = "postmaster.pid";

/// How long a predecessor's start (crash recovery included) or stop may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long a pid file may be without a number while it is being written.
const WRITING: Duration = Duration::from_millis(500);

/// What runs on a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing. A pid file of a process that has gone is Postgres' own business.
    Absent,
    /// A pid file whose number now belongs to another program, or that has none: Postgres gives up on both.
    Stranger,
    /// A postmaster that accepts connections.
    Runs,
}

/// The state, once a start or stop that is under way is over.
pub(super) fn settled(cluster: &Path) -> State {
    let begin = Instant::now();
    loop {
        let Ok(text) = std::fs::read_to_string(cluster.join(PID_FILE)) else {
            return State::Absent;
        };
        match parse(&text) {
            // Being written, or cut short by a power cut: Postgres would not start over that.
            None if begin.elapsed() > WRITING => return State::Stranger,
            None => {}
            Some((pid, _)) if !is_alive(pid) => return State::Absent,
            Some((pid, _)) if !is_postmaster(pid, cluster) => {
                // It may have gone, and its number with it, since we read the file.
                return if is_alive(pid) {
                    State::Stranger
                } else {
                    State::Absent
                };
            }
            Some((_, "ready")) => return State::Runs,
            Some(_) if begin.elapsed() > PATIENCE => return State::Runs,
            Some(_) => {}
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Process number and status word, which comes last.
fn parse(text: &str) -> Option<(Pid, &str)> {
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok().and_then(Pid::from_raw)?;
    Some((pid, lines.nth(6).unwrap_or_default().trim()))
}

/// A process of another user is not ours: Postgres runs as one account for life.
fn is_alive(pid: Pid) -> bool {
    rustix::process::test_kill_process(pid).is_ok()
}

/// A postmaster is called `postgres` and stands in its cluster's folder.
fn is_postmaster(pid: Pid, cluster: &Path) -> bool {
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    if process.exists() {
        let place = |path: &Path| path.metadata().map(|found| (found.dev(), found.ino())).ok();
        let name = std::fs::read_to_string(process.join("comm")).unwrap_or_default();
        return is_postgres(&name) && place(&process.join("cwd")) == place(cluster);
    }
    let pid = pid.as_raw_nonzero().to_string();
    let output = Command::new("ps")
        .args(["-o", "comm=", "-p", &pid])
        .stderr(Stdio::null())
        .output();
    output.is_ok_and(|output| is_postgres(&String::from_utf8_lossy(&output.stdout)))
}

fn is_postgres(name: &str) -> bool {
    let name = name.trim();
    matches!(name.rsplit('/').next(), Some("postgres" | "postmaster"))
}
