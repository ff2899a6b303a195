//! Random histories of two floors on one pool: what `chain::plan` says is written to a list of rows, and after each
//! write a plain checker, which shares nothing with the planner, looks at every promise of 2-model.md, "Occupancy".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use uuid::Uuid;

use super::chain::{self, AreaChain, Around, CrewTimes, Intent, NewRow, Plan, Refusal, Row, What};
use super::occupancy::hull;
use super::stock::{Change, Timeline};
use crate::catalogue::FloorFacts;
use crate::id::{AreaId, BlockTypeId, BookingId, ClosureId, CrewId, LayoutVersionId, OccupancyId};
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

struct World<'a> {
    ground: &'a Ground,
    now: Instant,
    rows: Vec<Row>,
    next_id: u128,
}

impl World<'_> {
    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    fn of_area(&self, area_id: AreaId) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|r| r.area_id == area_id).collect();
        rows.sort_by_key(|row| row.span);
        rows
    }

    /// Bookings whose events satisfy the condition, with their floor and stretch.
    fn bookings(
        &self,
        wanted: impl Fn(Span) -> bool,
    ) -> Vec<(BookingId, usize, Span, LayoutVersionId)> {
        let mut found = BTreeMap::new();
        for row in &self.rows {
            if let What::Event {
                booking_id,
                version_id: Some(version),
            } = row.what
                && wanted(row.span)
            {
                let floor = self
                    .ground
                    .floors
                    .iter()
                    .position(|f| f.contains(&row.area_id));
                found.insert(booking_id, (booking_id, floor.unwrap(), row.span, version));
            }
        }
        found.into_values().collect()
    }

    fn events(
        &self,
        floor: usize,
        booking_id: BookingId,
        layout: LayoutVersionId,
        span: Span,
    ) -> Vec<NewRow> {
        let what = What::Event {
            booking_id,
            version_id: Some(layout),
        };
        self.ground.floors[floor]
            .iter()
            .map(|area_id| NewRow {
                area_id: *area_id,
                span,
                what,
            })
            .collect()
    }

    /// What the product reads of a floor: the rows from the event before the reach to the event after it.
    fn around(&self, floor: usize, reach: Span) -> Around {
        let ground = self.ground;
        let is_event = |row: &&&Row| matches!(row.what, What::Event { .. });
        let areas = ground.floors[floor]
            .iter()
            .map(|area_id| {
                let rows = self.of_area(*area_id);
                let since = rows
                    .iter()
                    .filter(is_event)
                    .rfind(|r| r.span.start() < reach.start())
                    .map(|r| r.span.start());
                let until = rows
                    .iter()
                    .filter(is_event)
                    .find(|r| r.span.start() >= reach.end())
                    .map(|r| r.span.start());
                let read = rows.into_iter().filter(|row| {
                    since.is_none_or(|at| row.span.start() >= at)
                        && until.is_none_or(|at| row.span.start() <= at)
                });
                (
                    *area_id,
                    AreaChain {
                        initial: Some(ground.layouts[floor][0]),
                        rows: read.cloned().collect(),
                    },
                )
            })
            .collect();
        let mut others = BTreeMap::new();
        for (other, areas) in ground
            .floors
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != floor)
        {
            for area_id in areas {
                let changes = changes(&self.of_area(*area_id));
                others.insert(
                    *area_id,
                    Timeline {
                        initial: Some(ground.layouts[other][0]),
                        changes,
                    },
                );
            }
        }
        let crews = ground.shifts.iter().map(|(crew_id, shifts)| CrewTimes {
            crew_id: *crew_id,
            shifts: shifts.clone(),
            jobs: self
                .rows
                .iter()
                .filter(|row| crew_of(&row.what) == Some(*crew_id))
                .map(|row| (row.id, row.span))
                .collect(),
        });
        Around {
            now: self.now,
            areas,
            facts: Arc::new(FloorFacts {
                minutes: ground.times.iter().map(|(key, n)| (*key, *n)).collect(),
                in_service: BTreeMap::from([(BLOCK, ground.owned)]),
                needs: ground
                    .needs
                    .iter()
                    .map(|(key, count)| (*key, vec![(BLOCK, *count)]))
                    .collect(),
                ..FloorFacts::default()
            }),
            crews: crews.collect(),
            others,
        }
    }

    fn apply(&mut self, plan: &Plan) {
        self.rows.retain(|row| !plan.delete.contains(&row.id));
        for (id, to) in &plan.pass_on {
            let row = self.rows.iter_mut().find(|row| row.id == *id).unwrap();
            if let What::Changeover { booking_id, .. } = &mut row.what {
                *booking_id = *to;
            }
        }
        for new in &plan.insert {
            let id = OccupancyId(self.id());
            self.rows.push(Row {
                id,
                area_id: new.area_id,
                span: new.span,
                what: new.what,
            });
        }
    }

    /// Does the act; whether it was refused.
    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        let now = self.now;
        let ahead = self.bookings(|span| span.start() > now);
        let pick = |list: &[(BookingId, usize, Span, LayoutVersionId)], which: usize| {
            (!list.is_empty()).then(|| list[which % list.len()])
        };
        let mut intent = Intent::default();
        let (floor, reach, gives_up) = match *act {
            Act::TimePasses { minutes } => {
                self.now += TimeDelta::minutes(minutes);
                return Ok(());
            }
            Act::Place {
                floor,
                layout,
                start,
                length,
            } => {
                let (floor, wanted) = (floor % self.ground.floors.len(), span(start, length));
                if wanted.start() < now {
                    return Ok(());
                }
                let id = BookingId(self.id());
                intent.place = self.events(floor, id, self.ground.layouts[floor][layout], wanted);
                (floor, wanted, false)
            }
            Act::Move {
                which,
                layout,
                start,
                length,
            } => {
                let (Some((id, floor, old, _)), wanted) =
                    (pick(&ahead, which), span(start, length))
                else {
                    return Ok(());
                };
                if wanted.start() < now {
                    return Ok(());
                }
                intent.remove.insert(id);
                intent.place = self.events(floor, id, self.ground.layouts[floor][layout], wanted);
                (floor, hull(old, wanted), false)
            }
            Act::Remove { which } | Act::Lapse { which } => {
                let Some((id, floor, old, _)) = pick(&ahead, which) else {
                    return Ok(());
                };
                let goes = if matches!(act, Act::Lapse { .. }) {
                    &mut intent.lapsed
                } else {
                    &mut intent.remove
                };
                goes.insert(id);
                (floor, old, true)
            }
            Act::Shrink { which } => {
                let running = self.bookings(|span| span.start() < now && now < span.end());
                let Some((id, floor, old, version)) = pick(&running, which) else {
                    return Ok(());
                };
                intent.remove.insert(id);
                intent.shrink =
                    self.events(floor, id, version, Span::new(old.start(), now).unwrap());
                (floor, old, true)
            }
            Act::Close {
                floor,
                start,
                length,
            } => {
                let (floor, wanted) = (floor % self.ground.floors.len(), span(start, length));
                if wanted.start() < now {
                    return Ok(());
                }
                let what = What::Closure {
                    closure_id: ClosureId(self.id()),
                };
                let close = |area_id: &AreaId| NewRow {
                    area_id: *area_id,
                    span: wanted,
                    what,
                };
                intent.close = self.ground.floors[floor].iter().map(close).collect();
                (floor, wanted, false)
            }
        };
        let before = self.rows.clone();
        match chain::plan(&self.around(floor, reach), &intent) {
            Ok(plan) => {
                prop_assert!(
                    gives_up || matches!(act, Act::Move { .. }) || plan.unresolved.is_empty(),
                    "a write that takes leaves nothing open"
                );
                self.apply(&plan);
                self.check_begun(&before, &intent)?;
                self.check_written(&plan)
            }
            Err(refusal) => {
                prop_assert!(!gives_up, "a write that gives up was refused: {refusal:?}");
                self.check_refusal(&refusal, &before)
            }
        }
    }

    /// What has begun stays as it was.
    fn check_begun(&self, before: &[Row], intent: &Intent) -> Result<(), TestCaseError> {
        for row in before.iter().filter(|row| row.span.start() <= self.now) {
            if let What::Changeover { booking_id, .. } = row.what
                && !intent.lapsed.contains(&booking_id)
            {
                prop_assert!(
                    self.rows.contains(row),
                    "begun, and gone or changed: {row:?}"
                );
            }
        }
        Ok(())
    }

    /// New changeovers lead to the next event, are not in the past unless they clean, and nothing later was free.
    fn check_written(&self, plan: &Plan) -> Result<(), TestCaseError> {
        for new in &plan.insert {
            let What::Changeover {
                booking_id,
                from,
                to,
                ..
            } = new.what
            else {
                continue;
            };
            prop_assert!(
                new.span.start() >= self.now || from == to,
                "a changeover in the past: {new:?}"
            );
            let rows = self.of_area(new.area_id);
            let next = rows
                .iter()
                .find(|row| {
                    matches!(row.what, What::Event { .. }) && row.span.start() >= new.span.end()
                })
                .unwrap();
            prop_assert!(
                matches!(next.what, What::Event { booking_id: of, .. } if of == booking_id),
                "leads to another event: {new:?}"
            );
            let mut later = new.span.start() + TimeDelta::minutes(1);
            while later + new.span.length() <= next.span.start() {
                let place = Span::new(later, later + new.span.length()).unwrap();
                for (crew, shifts) in &self.ground.shifts {
                    let free = shifts.iter().any(|shift| shift.covers(&place))
                        && !self.rows.iter().any(|row| {
                            row.span.overlaps(&place)
                                && row.span != new.span
                                && (crew_of(&row.what) == Some(*crew)
                                    || (row.area_id == new.area_id
                                        && !matches!(row.what, What::Changeover { .. })))
                        });
                    let own = self.rows.iter().any(|row| {
                        row.span == new.span
                            && row.area_id != new.area_id
                            && crew_of(&row.what) == Some(*crew)
                            && row.span.overlaps(&place)
                    });
                    prop_assert!(!free || own, "{new:?} could have been at {place:?}");
                }
                later += TimeDelta::minutes(1);
            }
        }
        Ok(())
    }

    /// What is said to be in the way is there.
    fn check_refusal(&self, refusal: &Refusal, before: &[Row]) -> Result<(), TestCaseError> {
        match refusal {
            Refusal::Taken { area_id, by, span } => {
                prop_assert!(
                    before
                        .iter()
                        .any(|row| row.area_id == *area_id && row.what == *by && row.span == *span)
                );
            }
            Refusal::ChangeoverRunning { area_id, span } => {
                prop_assert!(
                    span.start() <= self.now
                        && before
                            .iter()
                            .any(|row| row.area_id == *area_id && row.span == *span)
                );
            }
            Refusal::ChangeoverTooLong {
                needed_min,
                free_min,
                ..
            } => prop_assert!(needed_min > free_min),
            Refusal::BlocksShort(short) => prop_assert!(short.needed > short.in_service),
            Refusal::NoCrew { .. } => {}
            Refusal::NoTime { .. } => prop_assert!(false, "all minutes are known"),
        }
        Ok(())
    }

    /// Every promise about rows, plainly.
    fn check(&self) -> Result<(), TestCaseError> {
        for (index, row) in self.rows.iter().enumerate() {
            for other in &self.rows[index + 1..] {
                let meet = row.span.overlaps(&other.span);
                prop_assert!(
                    !(meet && row.area_id == other.area_id),
                    "an area twice: {row:?} {other:?}"
                );
                let crew = crew_of(&row.what);
                prop_assert!(
                    !(meet && crew.is_some() && crew == crew_of(&other.what)),
                    "a crew twice: {row:?} {other:?}"
                );
            }
            if let What::Changeover {
                from, to, crew_id, ..
            } = row.what
            {
                let needed = self.ground.times[&(row.area_id, from, to)];
                prop_assert!(
                    row.span.length() >= TimeDelta::minutes(i64::from(needed)),
                    "too short: {row:?}"
                );
                prop_assert!(
                    self.ground.shifts[&crew_id]
                        .iter()
                        .any(|shift| shift.covers(&row.span)),
                    "no shift: {row:?}"
                );
            }
        }
        let mut instants = BTreeSet::new();
        let mut timelines = Vec::new();
        for (areas, layouts) in self.ground.floors.iter().zip(&self.ground.layouts) {
            for area_id in areas {
                let rows = self.of_area(*area_id);
                let (mut standing, mut after_event) = (layouts[0], false);
                for row in &rows {
                    match row.what {
                        What::Changeover { from, to, .. } => {
                            prop_assert_eq!(from, standing, "starts from what does not stand");
                            (standing, after_event) = (to, false);
                        }
                        What::Event { version_id, .. } => {
                            prop_assert_eq!(version_id, Some(standing), "in what does not stand");
                            prop_assert!(!after_event, "no cleaning before {:?}", row);
                            after_event = true;
                        }
                        What::Closure { .. } => {}
                    }
                }
                let changes = changes(&rows);
                instants.extend(changes.iter().map(|change| change.span.start()));
                timelines.push((*area_id, layouts[0], changes));
            }
        }
        for at in instants {
            let needed: i64 = timelines
                .iter()
                .map(|(area_id, initial, changes)| {
                    let need = |version| self.ground.needs[&(*area_id, version)];
                    match changes.iter().rfind(|change| change.span.start() <= at) {
                        None => need(*initial),
                        Some(change) if change.span.contains(at) => {
                            need(change.from).max(need(change.to))
                        }
                        Some(change) => need(change.to),
                    }
                })
                .sum();
            prop_assert!(needed <= self.ground.owned, "{} blocks at {}", needed, at);
        }
        Ok(())
    }
}

fn crew_of(what: &What) -> Option<CrewId> {
    match what {
        What::Changeover { crew_id, .. } => Some(*crew_id),
        _ => None,
    }
}

fn changes(rows: &[&Row]) -> Vec<Change> {
    rows.iter()
        .filter_map(|row| match row.what {
            What::Changeover { from, to, .. } => Some(Change {
                span: row.span,
                from,
                to,
            }),
            _ => None,
        })
        .collect()
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
