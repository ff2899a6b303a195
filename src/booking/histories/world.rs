//! The list of rows that a history writes, and what is done to it: as the product reads and writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use uuid::Uuid;

use super::super::chain::{self, AreaChain, Around, CrewTimes, Intent, NewRow, Plan, Row, What};
use super::super::occupancy::hull;
use super::super::stock::{Change, Timeline};
use super::{Act, BLOCK, Ground, span};
use crate::catalogue::FloorFacts;
use crate::id::{AreaId, BookingId, ClosureId, CrewId, LayoutVersionId, OccupancyId};
use crate::span::{Instant, Span};

pub(super) struct World<'a> {
    pub ground: &'a Ground,
    pub now: Instant,
    pub rows: Vec<Row>,
    pub next_id: u128,
}

impl World<'_> {
    pub fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    pub fn of_area(&self, area_id: AreaId) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|r| r.area_id == area_id).collect();
        rows.sort_by_key(|row| row.span);
        rows
    }

    /// Bookings whose events satisfy the condition, with their floor and stretch.
    pub fn bookings(
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

    pub fn events(
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
    pub fn around(&self, floor: usize, reach: Span) -> Around {
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

    pub fn apply(&mut self, plan: &Plan) {
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
    pub fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
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
}

pub(super) fn crew_of(what: &What) -> Option<CrewId> {
    match what {
        What::Changeover { crew_id, .. } => Some(*crew_id),
        _ => None,
    }
}

pub(super) fn changes(rows: &[&Row]) -> Vec<Change> {
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
