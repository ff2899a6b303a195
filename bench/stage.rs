//! What the benchmark runs on: a private cluster that flushes every commit, databases, and the service as a process.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use mofang::db::cluster::{Cluster, Durability};
use mofang::db::migrate;
use mofang::identity::{AccessClaims, Keys};
use tokio::runtime::Runtime;

/// The floors, people and shifts of `floors.sql`, by kind and number.
pub fn id(kind: u32, n: usize) -> String {
    format!("{kind:08x}-0000-7000-8000-{n:012x}")
}

/// Where the bench venue's rows are. The empty tables stay as Postgres has never looked at them: it plans for some rows
/// then, and for none after a look.
const FILLED: &str = "VACUUM ANALYZE venue, calendar_day, pool, space, area, block_type, pool_stock, layout, layout_version, \
    layout_version_area, layout_need, changeover_time, crew, crew_shift, organisation, \"user\", membership, staff_role, sign_in";

/// A cluster with full durability, in the target folder.
pub struct Stage {
    runtime: Runtime,
    cluster: Cluster,
    folder: PathBuf,
}

impl Stage {
    /// Starts the cluster.
    pub fn set() -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
        std::fs::create_dir_all(&folder).unwrap();
        let pg_bin = std::env::var_os("MOFANG_PG_BIN").map(PathBuf::from);
        let cluster = Cluster::start(&folder, pg_bin.as_deref(), Durability::Full).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Self {
            runtime,
            cluster,
            folder,
        }
    }

    fn sql(&self, url: &str, sql: &str) {
        self.runtime.block_on(async {
            let mut conn = AsyncPgConnection::establish(url).await.unwrap();
            conn.batch_execute(sql)
                .await
                .unwrap_or_else(|error| panic!("{error:?}"));
        });
    }

    /// A new, empty database.
    pub fn database(&self, name: &str) -> String {
        let admin = self.cluster.url("postgres");
        self.sql(
            &admin,
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        );
        self.sql(&admin, &format!("CREATE DATABASE {name}"));
        self.cluster.url(name)
    }

    /// A new database with the product's tables, the bench venue, and more.
    pub fn product(&self, name: &str, more: &str) -> String {
        let url = self.database(name);
        self.runtime.block_on(async {
            migrate::run(AsyncPgConnection::establish(&url).await.unwrap())
                .await
                .unwrap();
        });
        self.sql(&url, include_str!("floors.sql"));
        if more.is_empty() {
            self.sql(&url, FILLED);
        } else {
            self.sql(&url, more);
            self.sql(&url, "VACUUM ANALYZE");
        }
        url
    }

    /// The socket of the cluster.
    pub fn socket(&self) -> PathBuf {
        let config: tokio_postgres::Config = self.cluster.url("postgres").parse().unwrap();
        match &config.get_hosts()[0] {
            tokio_postgres::config::Host::Unix(folder) => folder.join(format!(
                ".s.PGSQL.{}",
                config.get_ports().first().unwrap_or(&5432)
            )),
            tokio_postgres::config::Host::Tcp(host) => panic!("the cluster listens on {host}"),
        }
    }

    /// Serves a database, by the release binary, without the worker that sends mails: as one that runs elsewhere.
    pub fn serve(&self, database: &str) -> Service {
        let data = self.folder.join("service");
        std::fs::create_dir_all(&data).unwrap();
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let log = File::create(self.folder.join("service.log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mofang"));
        command.arg("serve");
        if std::env::var_os("MOFANG_BENCH_WORKER").is_none() {
            command.arg("--no-worker");
        }
        let child = command
            .env("MOFANG_LISTEN", address.to_string())
            .env("MOFANG_DATA", &data)
            .env("DATABASE_URL", database)
            // a few callers ask for as much as there is
            .env("MOFANG_RATE_SIGNED_IN", u32::MAX.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let service = Service {
            child,
            address,
            tokens: tokens(&data),
        };
        for _ in 0..300 {
            if TcpStream::connect(address).is_ok() {
                std::thread::sleep(Duration::from_millis(500));
                return service;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!(
            "the service does not listen: see {}",
            self.folder.join("service.log").display()
        );
    }
}

/// A token for each person of `floors.sql`: the service takes keys from its data folder, and so do we.
fn tokens(data: &Path) -> Vec<String> {
    let keys = Keys::load(data).unwrap();
    let user = |n| mofang::id::UserId(id(10, n).parse().unwrap());
    let sign_in = |n| mofang::id::SignInId(id(12, n).parse().unwrap());
    let tomorrow = chrono::Utc::now().timestamp() + 86_400;
    (0..=32)
        .map(|n| {
            keys.sign(&AccessClaims::new(user(n), sign_in(n), tomorrow))
                .unwrap()
        })
        .collect()
}

/// A running service. Dropped, it is told to stop.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    /// Of the approver, then of the bookers.
    pub tokens: Vec<String>,
}

impl Service {
    /// Its resident memory.
    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.map_or(f64::NAN, |kib| kib / 1024.0)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
