//! The whole service against the raw database: the same transaction by HTTP with every rule, and by `pgbench` with none.
//!
//! `make bench`, or `cargo bench --bench service -- [SECONDS] [only WORDS…]`. What comes out is ratios: see `bench/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod check;
mod figures;
mod load;
mod proxy;
mod raw;
mod stage;

use figures::Pairs;
use load::Kind;
use raw::Raw;
use stage::Stage;

/// How many HTTP connections, and `pgbench` clients.
const CONNECTIONS: [usize; 3] = [1, 8, 32];

fn main() {
    let asked = Asked::read();
    let stage = Stage::set();
    if asked.wants("check") {
        check::compare(&stage);
    }
    let Some(raw) = Raw::find() else {
        println!(
            "service: skipped, as the raw limit is not here: name its folder with MOFANG_RAW_BENCH"
        );
        return;
    };
    if asked.wants("trips") {
        trips(&stage);
    }
    if asked.wants("create") {
        compare(&stage, &raw, Kind::Create, &asked);
    }
    if asked.wants("day") {
        compare(&stage, &raw, Kind::Day, &asked);
    }
}

/// What the command line says.
struct Asked {
    seconds: u64,
    rounds: usize,
    connections: Vec<usize>,
    words: Vec<String>,
}

impl Asked {
    fn read() -> Self {
        let mut asked = Self {
            seconds: 5,
            rounds: 5,
            connections: CONNECTIONS.to_vec(),
            words: Vec::new(),
        };
        for word in std::env::args()
            .skip(1)
            .filter(|word| !word.starts_with("--"))
        {
            match word.split_once('=') {
                Some(("rounds", n)) => asked.rounds = n.parse().expect("rounds=N"),
                Some(("connections", n)) => {
                    asked.connections = vec![n.parse().expect("connections=N")]
                }
                _ => match word.parse() {
                    Ok(seconds) => asked.seconds = seconds,
                    Err(_) => asked.words.push(word),
                },
            }
        }
        asked
    }

    fn wants(&self, word: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|wanted| wanted == word)
    }
}

/// Round trips of one booking, and what the process weighs when it idles.
fn trips(stage: &Stage) {
    let database = stage.product("bench_trips", "");
    let proxy = proxy::Proxy::start(stage, &database);
    let service = stage.serve(&proxy.url());
    // the first bookings prepare statements
    load::bookings(&service, 40);
    proxy.forget();
    load::bookings(&service, 40);
    let trips = proxy.trips();
    println!(
        "round trips of a booking, besides COMMIT: {} (most: {})",
        figures::median(&trips),
        trips.iter().fold(0.0_f64, |most, &one| most.max(one))
    );
    println!(
        "resident memory of the service after it: {:.0} MiB",
        service.resident_mib()
    );
}

/// Alternating runs, raw and product, and the ratio of each pair.
fn compare(stage: &Stage, raw: &Raw, kind: Kind, asked: &Asked) {
    let raw_database = stage.database(&format!("raw_{}", kind.name()));
    let database = match kind {
        Kind::Create => stage.product("bench_create", ""),
        Kind::Day => stage.product("bench_day", include_str!("bookings.sql")),
    };
    let service = stage.serve(&database);
    println!("{}: idle at {:.0} MiB", kind.name(), service.resident_mib());
    if kind == Kind::Day {
        raw.prepare(&raw_database, true);
    }
    let mut run = load::Run::new(&service);
    run.go(kind, 8, 1);
    for &connections in &asked.connections {
        let mut pairs = Pairs::default();
        for _ in 0..asked.rounds {
            if kind == Kind::Create {
                raw.prepare(&raw_database, false);
            }
            let limit = raw.run(&raw_database, kind.name(), connections, asked.seconds);
            pairs.push(limit, run.go(kind, connections, asked.seconds));
        }
        println!("{} at {connections:>2}: {pairs}", kind.name());
    }
    println!(
        "{}: after it at {:.0} MiB",
        kind.name(),
        service.resident_mib()
    );
}
