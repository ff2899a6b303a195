#![allow(clippy::unwrap_used, clippy::panic)]

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;

use super::*;

/// A folder that Postgres' account can get to, also if we are root.
fn folder() -> TempDir {
    let mode = std::fs::Permissions::from_mode(0o711);
    tempfile::Builder::new()
        .permissions(mode)
        .tempdir()
        .unwrap()
}

fn start(data: &Path) -> Cluster {
    Cluster::start(data, named().as_deref(), Durability::Off).unwrap()
}

fn named() -> Option<PathBuf> {
    std::env::var_os("MOFANG_PG_BIN")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
}

/// The first column of the first row, as text.
fn ask(url: &str, sql: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client
            .query_one(&format!("SELECT ({sql})::text"), &[])
            .await
            .unwrap()
            .get(0)
    })
}

fn postmaster_start(cluster: &Cluster) -> String {
    ask(&cluster.url(DATABASE), "pg_postmaster_start_time()")
}

/// What `kill -9` leaves of a process: its locks are gone, nothing else happens.
fn killed(mut cluster: Cluster) {
    cluster.users.unlock().unwrap();
    cluster.released = true;
}

fn runs(data: &Path) -> bool {
    postmaster::settled(&data.join(home::CLUSTER)) == State::Runs
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_cluster_is_private_and_a_second_start_is_quick() {
    let data = folder();
    let cluster = start(data.path());
    let url = cluster.url(DATABASE);
    assert_eq!(
        ask(&url, "current_user || ' ' || current_database()"),
        "mofang mofang"
    );
    assert_eq!(
        ask(
            &url,
            "current_setting('listen_addresses') || current_setting('timezone')"
        ),
        "UTC"
    );
    assert_eq!(
        ask(
            &url,
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'mofang'"
        ),
        "UTF8"
    );
    assert_eq!(ask(&url, "upper('é魔方')"), "É魔方");
    assert_eq!(
        ask(
            &url,
            "SELECT count(*) FROM pg_hba_file_rules WHERE type <> 'local'"
        ),
        "0"
    );
    assert_eq!(
        names(data.path()),
        ["postgres", "postgres.lock", "postgres.users", "run"]
    );
    for private in ["postgres", "run"] {
        assert_eq!(
            data.path().join(private).metadata().unwrap().mode() & 0o077,
            0,
            "{private}"
        );
    }
    cluster.stop().unwrap();
    assert!(!runs(data.path()));
    let begin = Instant::now();
    let cluster = start(data.path());
    assert!(begin.elapsed().as_secs_f64() < 2.0, "{:?}", begin.elapsed());
    drop(cluster);
    assert!(!runs(data.path()));
}

#[test]
fn commits_last_unless_told_otherwise() {
    let data = folder();
    let cluster = Cluster::start(data.path(), named().as_deref(), Durability::Full).unwrap();
    assert_eq!(
        ask(&cluster.url(DATABASE), "current_setting('fsync')"),
        "on"
    );
    assert_eq!(
        ask(
            &cluster.url(DATABASE),
            "current_setting('synchronous_commit')"
        ),
        "on"
    );
}

#[test]
fn the_last_of_several_users_stops_it() {
    let data = folder();
    let first = start(data.path());
    let second = start(data.path());
    assert_eq!(postmaster_start(&first), postmaster_start(&second));
    first.stop().unwrap();
    assert!(runs(data.path()));
    assert_eq!(ask(&second.url("postgres"), "1"), "1");
    second.stop().unwrap();
    assert!(!runs(data.path()));
}

#[test]
fn many_first_starts_at_once_make_one_cluster() {
    let data = folder();
    let started = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| start(data.path()))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    let first = postmaster_start(&started[0]);
    assert!(
        started
            .iter()
            .all(|cluster| postmaster_start(cluster) == first)
    );
    drop(started);
    assert!(!runs(data.path()));
}

#[test]
fn any_path_will_do() {
    let outer = folder();
    for name in [
        "with two  spaces",
        "quote ' double \" dollar $HOME `id` back \\ comma, 魔方 %41",
        &"long/".repeat(40),
    ] {
        let data = outer.path().join(name);
        let cluster = start(&data);
        assert_eq!(ask(&cluster.url(DATABASE), "1"), "1", "{name}");
        let sockets = cluster.home.sockets().to_owned();
        assert!(sockets.as_os_str().len() < 86, "{}", sockets.display());
        assert_eq!(sockets.metadata().unwrap().mode() & 0o777, 0o700);
        cluster.stop().unwrap();
        if sockets.starts_with("/tmp") {
            let _ = std::fs::remove_dir(sockets);
        }
    }
}

#[test]
fn a_short_socket_folder_that_others_may_enter_is_refused() {
    let outer = folder();
    let data = outer.path().join("long/".repeat(40));
    let cluster = start(&data);
    let sockets = cluster.home.sockets().to_owned();
    cluster.stop().unwrap();
    std::fs::set_permissions(&sockets, std::fs::Permissions::from_mode(0o777)).unwrap();
    let refused = Cluster::start(&data, named().as_deref(), Durability::Off);
    assert!(
        matches!(refused, Err(ClusterError::SocketFolder { .. })),
        "{refused:?}"
    );
    std::fs::remove_dir(&sockets).unwrap();
}

#[test]
fn what_a_killed_predecessor_left_running_is_adopted() {
    let data = folder();
    let first = start(data.path());
    let begun = postmaster_start(&first);
    killed(first);
    assert!(runs(data.path()));
    let second = start(data.path());
    assert_eq!(postmaster_start(&second), begun);
    second.stop().unwrap();
    assert!(!runs(data.path()));
}

#[test]
fn what_was_left_running_without_durability_is_not_trusted_with_real_data() {
    let data = folder();
    killed(start(data.path()));
    let cluster = Cluster::start(data.path(), named().as_deref(), Durability::Full).unwrap();
    assert_eq!(
        ask(&cluster.url(DATABASE), "current_setting('fsync')"),
        "on"
    );
}

#[test]
fn a_start_that_was_killed_on_the_way_hinders_nobody() {
    let data = folder();
    let part = data.path().join("postgres.part-1-1");
    std::fs::create_dir_all(part.join("base")).unwrap();
    std::fs::write(part.join("PG_VERSION"), "9").unwrap();
    // Killed between making the socket's folder and giving it away.
    std::fs::create_dir(data.path().join("run")).unwrap();
    std::fs::set_permissions(
        data.path().join("run"),
        std::fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    let cluster = start(data.path());
    assert_eq!(ask(&cluster.url(DATABASE), "1"), "1");
    assert!(!part.exists());
}

#[test]
fn stale_files_of_a_dead_postmaster_are_no_hindrance() {
    let data = folder();
    start(data.path()).stop().unwrap();
    let cluster = data.path().join(home::CLUSTER);
    let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
    let dead = {
        let mut gone = Command::new("true").spawn().unwrap();
        gone.wait().unwrap();
        gone.id()
    };
    let words = |pid: u32| {
        format!(
            "{pid}\n{}\n1\n5432\n/nowhere\n\n  1  1\nready\n",
            cluster.display()
        )
    };
    for text in [
        words(dead),
        words(stranger.id()),
        words(std::process::id()),
        String::new(),
        "no number".to_owned(),
    ] {
        std::fs::write(cluster.join(postmaster::PID_FILE), &text).unwrap();
        std::fs::write(data.path().join("run/.s.PGSQL.5432"), "").unwrap();
        std::fs::write(data.path().join("run/.s.PGSQL.5432.lock"), &text).unwrap();
        let started = start(data.path());
        assert_eq!(ask(&started.url(DATABASE), "1"), "1", "{text}");
        started.stop().unwrap();
    }
    assert!(
        stranger.try_wait().unwrap().is_none(),
        "a stranger was killed"
    );
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_postmaster_whose_socket_is_gone_is_started_anew() {
    let data = folder();
    let first = start(data.path());
    std::fs::remove_file(data.path().join("run/.s.PGSQL.5432")).unwrap();
    let shared = Cluster::start(data.path(), named().as_deref(), Durability::Off);
    assert!(
        matches!(shared, Err(ClusterError::Unreachable { .. })),
        "{shared:?}"
    );
    killed(first);
    let second = start(data.path());
    assert_eq!(ask(&second.url(DATABASE), "1"), "1");
}

#[test]
fn a_data_folder_may_move() {
    let outer = folder();
    let (here, there) = (outer.path().join("here"), outer.path().join("there"));
    let cluster = start(&here);
    ask(&cluster.url(DATABASE), "set_config('a.b', 'c', false)");
    cluster.stop().unwrap();
    std::fs::rename(&here, &there).unwrap();
    let cluster = start(&there);
    assert!(
        cluster
            .home
            .sockets()
            .starts_with(there.canonicalize().unwrap())
    );
}

#[test]
fn root_keeps_the_cluster_where_its_account_can_get_to() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let cluster = start(closed.path());
    let home = cluster.home().to_owned();
    assert!(home.starts_with("/var/lib/mofang"));
    assert_eq!(ask(&cluster.url(DATABASE), "1"), "1");
    cluster.stop().unwrap();
    // Also once the account could get there: the data is where it is.
    std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let cluster = start(closed.path());
    assert_eq!(cluster.home(), home);
    cluster.stop().unwrap();
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn where_there_are_no_programs_the_way_to_get_them_is_named() {
    let data = folder();
    let refused = Cluster::start(data.path(), Some(Path::new("/usr/share")), Durability::Off);
    let Err(error) = refused else {
        panic!("started with {refused:?}")
    };
    let said = error.to_string();
    assert!(
        said.contains("/usr/share") && said.contains("postgresql"),
        "{said}"
    );
}
