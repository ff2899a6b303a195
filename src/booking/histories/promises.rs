//! The plain checker: every promise of 2-model.md, "Occupancy", without the planner.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::super::chain::{Intent, Plan, Refusal, Row, What};
use super::world::{World, changes, crew_of};
use crate::span::Span;

impl World<'_> {
    /// What has begun stays as it was.
    pub fn check_begun(&self, before: &[Row], intent: &Intent) -> Result<(), TestCaseError> {
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
    pub fn check_written(&self, plan: &Plan) -> Result<(), TestCaseError> {
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
    pub fn check_refusal(&self, refusal: &Refusal, before: &[Row]) -> Result<(), TestCaseError> {
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
    pub fn check(&self) -> Result<(), TestCaseError> {
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
