//! The raw limit: `pgbench` with the scripts of `shared/bench`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The scripts, and the programs that run them.
pub struct Raw {
    scripts: PathBuf,
    programs: PathBuf,
}

impl Raw {
    /// `None` where the scripts or the programs are missing.
    pub fn find() -> Option<Self> {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench");
        let scripts = std::env::var_os("MOFANG_RAW_BENCH").map_or_else(beside, PathBuf::from);
        let scripts = scripts.canonicalize().ok()?;
        let named = std::env::var_os("MOFANG_PG_BIN").map(PathBuf::from);
        let mut folders: Vec<PathBuf> = named.into_iter().collect();
        folders.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
        let programs = folders
            .into_iter()
            .find(|folder| folder.join("pgbench").exists() && folder.join("psql").exists())?;
        scripts
            .join("create.sql")
            .exists()
            .then_some(Self { scripts, programs })
    }

    /// Empty tables; with bookings, the 150,000 of `seed.sql`.
    pub fn prepare(&self, url: &str, bookings: bool) {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([url, "-qX", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(self.scripts.join("schema.sql"));
        if bookings {
            psql.arg("-f").arg(self.scripts.join("seed.sql"));
        }
        let output = psql.output().unwrap();
        assert!(
            output.status.success(),
            "psql: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Transactions a second of one script.
    pub fn run(&self, url: &str, script: &str, clients: usize, seconds: u64) -> f64 {
        let mut pgbench = Command::new(self.programs.join("pgbench"));
        pgbench.args(["-n", "-M", "prepared", "-j", "2", "-D", "n=0"]);
        pgbench.args(["-c", &clients.to_string(), "-T", &seconds.to_string(), "-f"]);
        pgbench
            .arg(self.scripts.join(format!("{script}.sql")))
            .arg(url);
        let output = pgbench.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let tps = said
            .lines()
            .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        tps.unwrap_or_else(|| panic!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)))
    }
}
