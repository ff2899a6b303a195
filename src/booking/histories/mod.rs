//! Random histories of two floors on one pool: what `chain::plan` says is written to a list of rows, and after each
//! write a plain checker, which shares nothing with the planner, looks at every promise of 2-model.md, "Occupancy".

mod promises;
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use self::world::World;
use crate::id::{AreaId, BlockTypeId, CrewId, LayoutVersionId};
use crate::span::{Instant, Span};

const DAYS: i64 = 3;
const DAY: i64 = 24 * 60;

fn at(minute: i64) -> Instant {
    DateTime::from_timestamp(1_893_456_000, 0).unwrap() + TimeDelta::minutes(minute)
}

fn span(start: i64, length: i64) -> Span {
    Span::new(at(start), at(start + length)).unwrap()
}

/// What never changes in a history.
#[derive(Debug, Clone)]
struct Ground {
    /// Areas of each floor.
    floors: Vec<Vec<AreaId>>,
    /// Layouts of each floor; the first stands at the beginning and needs no blocks.
    layouts: Vec<Vec<LayoutVersionId>>,
    times: BTreeMap<(AreaId, LayoutVersionId, LayoutVersionId), i32>,
    needs: BTreeMap<(AreaId, LayoutVersionId), i64>,
    owned: i64,
    shifts: BTreeMap<CrewId, Vec<Span>>,
}

const BLOCK: BlockTypeId = BlockTypeId(Uuid::from_u128(9));

fn ground() -> impl Strategy<Value = Ground> {
    (
        1..3_usize,
        0..2_usize,
        1..3_usize,
        vec(0..13_i32, 40),
        vec(0..4_i64, 20),
        4..9_i64,
        vec(0..4_usize, 2 * DAYS as usize),
    )
        .prop_map(|(first, second, crews, minutes, blocks, owned, patterns)| {
            let floors: Vec<Vec<AreaId>> = [first, second]
                .iter()
                .enumerate()
                .filter(|(_, count)| **count > 0)
                .map(|(floor, count)| {
                    (0..*count)
                        .map(|n| AreaId(Uuid::from_u128((floor * 10 + n + 1) as u128)))
                        .collect()
                })
                .collect();
            let layouts: Vec<Vec<LayoutVersionId>> = (0..floors.len())
                .map(|floor| {
                    (0..3)
                        .map(|n| LayoutVersionId(Uuid::from_u128((100 + floor * 10 + n) as u128)))
                        .collect()
                })
                .collect();
            let (mut times, mut needs) = (BTreeMap::new(), BTreeMap::new());
            let (mut minutes, mut blocks) = (minutes.iter().cycle(), blocks.iter().cycle());
            for (areas, versions) in floors.iter().zip(&layouts) {
                for area in areas {
                    for (index, from) in versions.iter().enumerate() {
                        for to in versions {
                            let some = minutes.next().unwrap();
                            let length = if from == to { *some } else { some * 7 };
                            times.insert((*area, *from, *to), length);
                        }
                        let some = blocks.next().unwrap();
                        needs.insert((*area, *from), if index == 0 { 0 } else { *some });
                    }
                }
            }
            let shifts = (0..crews)
                .map(|crew| {
                    let of_day = |day: i64| {
                        let begin = day * DAY;
                        match patterns[crew * DAYS as usize + day as usize] {
                            0 => vec![span(begin + 480, 720)],
                            1 => vec![span(begin + 480, 240), span(begin + 720, 480)],
                            2 => vec![span(begin, DAY)],
                            _ => vec![span(begin + 600, 120), span(begin + 900, 200)],
                        }
                    };
                    (
                        CrewId(Uuid::from_u128(200 + crew as u128)),
                        (0..DAYS).flat_map(of_day).collect(),
                    )
                })
                .collect();
            Ground {
                floors,
                layouts,
                times,
                needs,
                owned,
                shifts,
            }
        })
}

/// One write. Numbers pick among what there is.
#[derive(Debug, Clone)]
enum Act {
    Place {
        floor: usize,
        layout: usize,
        start: i64,
        length: i64,
    },
    Move {
        which: usize,
        layout: usize,
        start: i64,
        length: i64,
    },
    Remove {
        which: usize,
    },
    Lapse {
        which: usize,
    },
    /// Given back now by the one that runs.
    Shrink {
        which: usize,
    },
    Close {
        floor: usize,
        start: i64,
        length: i64,
    },
    TimePasses {
        minutes: i64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    // mostly on one day, so that they meet
    let start =
        || prop_oneof![4 => 90..240_i64, 1 => 0..(DAYS * DAY / 5)].prop_map(|five| five * 5);
    let length = || (2..40_i64).prop_map(|five| five * 5);
    prop_oneof![
        6 => (0..2_usize, 0..3_usize, start(), length())
            .prop_map(|(floor, layout, start, length)| Act::Place { floor, layout, start, length }),
        2 => (0..9_usize, 0..3_usize, start(), length())
            .prop_map(|(which, layout, start, length)| Act::Move { which, layout, start, length }),
        3 => (0..9_usize).prop_map(|which| Act::Remove { which }),
        1 => (0..9_usize).prop_map(|which| Act::Lapse { which }),
        2 => (0..9_usize).prop_map(|which| Act::Shrink { which }),
        1 => (0..2_usize, start(), length()).prop_map(|(floor, start, length)| Act::Close { floor, start, length }),
        2 => (1..30_i64).prop_map(|five| Act::TimePasses { minutes: five * 5 }),
    ]
}

#[test]
fn no_history_of_writes_breaks_a_promise() {
    // the same cases every time; many more for `make verify`
    let cases = if std::env::var_os("MOFANG_LONG").is_some() {
        20_000
    } else {
        600
    };
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let done = runner.run(&(ground(), vec(act(), 1..40)), |(ground, acts)| {
        let mut world = World {
            ground: &ground,
            now: at(8 * 60),
            rows: Vec::new(),
            next_id: 1_000,
        };
        for act in &acts {
            world.act(act)?;
            world.check()?;
        }
        Ok(())
    });
    if let Err(broken) = done {
        panic!("{broken}");
    }
}
