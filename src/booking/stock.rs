//! Blocks over time: an area needs what stands in it until its next changeover, and during a changeover the larger of
//! before and after, type by type. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::{AreaChain, Around, NewRow, Plan, What};
use crate::catalogue::FloorFacts;
use crate::id::{AreaId, BlockTypeId, LayoutVersionId, OccupancyId};
use crate::span::{Instant, Span};

/// What stands in an area over time.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// At the beginning of what is looked at.
    pub initial: Option<LayoutVersionId>,
    /// Its changeovers, in the order of time.
    pub changes: Vec<Change>,
}

/// A changeover as far as blocks are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub span: Span,
    pub from: LayoutVersionId,
    pub to: LayoutVersionId,
}

/// Blocks that a plan would lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    pub block_type_id: BlockTypeId,
    pub at: Instant,
    pub needed: i64,
    pub in_service: i64,
}

impl Timeline {
    /// The versions that stand at the instant: one, or two during a changeover.
    fn standing(&self, at: Instant) -> [Option<LayoutVersionId>; 2] {
        match self
            .changes
            .iter()
            .rev()
            .find(|change| change.span.start() <= at)
        {
            Some(change) if change.span.end() > at => [Some(change.from), Some(change.to)],
            Some(change) => [Some(change.to), None],
            None => [self.initial, None],
        }
    }
}

/// How many blocks of a type an area needs at an instant.
fn need(
    facts: &FloorFacts,
    area_id: AreaId,
    timeline: &Timeline,
    at: Instant,
    block: BlockTypeId,
) -> i64 {
    let of = |version: Option<LayoutVersionId>| {
        version
            .and_then(|version| facts.needs.get(&(area_id, version)))
            .and_then(|needs| needs.iter().find(|(id, _)| *id == block))
            .map_or(0, |(_, count)| *count)
    };
    timeline.standing(at).into_iter().map(of).max().unwrap_or(0)
}

/// The first shortage that the plan would raise: more blocks needed at an instant than can be used, and more than
/// without the plan. A write that raises no shortage is always allowed.
pub fn raised(around: &Around, plan: &Plan) -> Option<Shortage> {
    let facts = &around.facts;
    let mut before = around.others.clone();
    let mut after = around.others.clone();
    let deleted: BTreeSet<OccupancyId> = plan.delete.iter().copied().collect();
    let mut instants = BTreeSet::new();
    for (area_id, chain) in &around.areas {
        let old = timeline(chain, *area_id, &BTreeSet::new(), &[]);
        let new = timeline(chain, *area_id, &deleted, &plan.insert);
        for change in old.changes.iter().chain(&new.changes) {
            instants.extend([change.span.start(), change.span.end()]);
        }
        before.insert(*area_id, old);
        after.insert(*area_id, new);
    }
    let since = *instants.first()?;
    // after the last event that was read, both are the same
    let starts = around
        .others
        .values()
        .flat_map(|timeline| &timeline.changes)
        .map(|change| change.span.start());
    instants.extend(starts.filter(|at| *at >= since));
    instants.into_iter().find_map(|at| {
        facts.in_service.iter().find_map(|(block, in_service)| {
            let total = |all: &BTreeMap<AreaId, Timeline>| -> i64 {
                all.iter()
                    .map(|(area_id, timeline)| need(facts, *area_id, timeline, at, *block))
                    .sum()
            };
            let needed = total(&after);
            (needed > *in_service && needed > total(&before)).then_some(Shortage {
                block_type_id: *block,
                at,
                needed,
                in_service: *in_service,
            })
        })
    })
}

fn timeline(
    chain: &AreaChain,
    area_id: AreaId,
    without: &BTreeSet<OccupancyId>,
    with: &[NewRow],
) -> Timeline {
    let mut changes: Vec<Change> = chain
        .rows
        .iter()
        .filter(|row| !without.contains(&row.id))
        .map(|row| (row.span, row.what))
        .chain(
            with.iter()
                .filter(|row| row.area_id == area_id)
                .map(|row| (row.span, row.what)),
        )
        .filter_map(|(span, what)| match what {
            What::Changeover { from, to, .. } => Some(Change { span, from, to }),
            _ => None,
        })
        .collect();
    changes.sort_by_key(|change| change.span);
    // where the past was cut off, the first row says what stood
    let left = chain.rows.iter().find_map(|row| match row.what {
        What::Event { version_id, .. } => version_id,
        What::Changeover { from, .. } => Some(from),
        What::Closure { .. } => None,
    });
    let initial = left.or(chain.initial);
    Timeline { initial, changes }
}
