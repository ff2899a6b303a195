//! Which block goes where (3-layouts.md, "Moves"): by type, the least total distance.

use std::collections::BTreeMap;

use super::Impossible;
use super::assignment::{Costs, NO_WAY, least};
use super::distance::{Distances, Position};
use super::ground::Ground;
use super::order::Pair;
use super::stay::Blocks;
use crate::layout::{BlockType, Placement};

/// The distances that blocks of all types are carried, by the side of the square that they are carried as.
#[derive(Debug)]
pub struct Carrying {
    by_side: BTreeMap<usize, Distances>,
}

impl Carrying {
    /// Distances to the places of `targets`.
    pub fn new<'a>(
        ground: Ground<'_>,
        types: &[BlockType],
        targets: impl IntoIterator<Item = &'a Placement>,
    ) -> Self {
        let mut sites: BTreeMap<usize, Vec<Position>> = BTreeMap::new();
        for block_type in types {
            sites.entry(side(block_type)).or_default();
        }
        for target in targets {
            sites
                .entry(side(&types[target.block]))
                .or_default()
                .push(position(target));
        }
        let distances = sites
            .into_iter()
            .map(|(side, sites)| (side, Distances::new(ground, side, sites)));
        Self {
            by_side: distances.collect(),
        }
    }

    /// Finds the ways of a block from where it stands.
    pub fn explore(&mut self, types: &[BlockType], source: &Placement) {
        if let Some(distances) = self.by_side.get_mut(&side(&types[source.block])) {
            distances.explore(position(source));
        }
    }

    /// Modules that a block of the type is carried, `None` being the store and the source explored.
    pub fn between(
        &self,
        block_type: &BlockType,
        source: Option<&Placement>,
        target: Option<&Placement>,
    ) -> u32 {
        let Some(distances) = self.by_side.get(&side(block_type)) else {
            return NO_WAY;
        };
        match (source, target) {
            (Some(source), Some(target)) => distances.between(position(source), position(target)),
            (Some(only), None) | (None, Some(only)) => distances.to_store(position(only)),
            (None, None) => 0,
        }
    }
}

/// The side of the square that a block is carried as.
fn side(block_type: &BlockType) -> usize {
    block_type.w.min(block_type.h).unsigned_abs() as usize
}

/// Where a block stands, as the square that it is carried as.
pub fn position(placement: &Placement) -> Position {
    (placement.x, placement.y)
}

/// The moves of least total distance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// By type, in each by leaving block, those from the store last.
    pub pairs: Vec<Pair>,
    /// By type.
    pub moves: Vec<u64>,
    /// By type: modules.
    pub distance: Vec<u64>,
}

impl Matching {
    /// Matches what leaves with what arrives; the shorter list is filled up with the store.
    ///
    /// # Errors
    /// [`Impossible::NoPath`] where every complete matching needs a path that is not there.
    pub fn least(
        types: &[BlockType],
        blocks: &Blocks,
        carrying: &mut Carrying,
    ) -> Result<Self, Impossible> {
        let mut matching = Self {
            pairs: Vec::new(),
            moves: Vec::new(),
            distance: Vec::new(),
        };
        for (block, block_type) in types.iter().enumerate() {
            let leaving = of_type(&blocks.leaving, block);
            let arriving = of_type(&blocks.arriving, block);
            for &source in &leaving {
                carrying.explore(types, &blocks.leaving[source]);
            }
            let modules = |row: usize, column: usize| {
                let source = leaving.get(row).map(|&at| &blocks.leaving[at]);
                let target = arriving.get(column).map(|&at| &blocks.arriving[at]);
                carrying.between(block_type, source, target)
            };
            let costs = Costs::new(leaving.len().max(arriving.len()), modules);
            let assignment = least(&costs).ok_or_else(|| Impossible::NoPath {
                block: block_type.id.clone(),
            })?;
            let columns = assignment.column.iter().enumerate();
            matching.pairs.extend(columns.map(|(row, &column)| Pair {
                block,
                leaving: leaving.get(row).copied(),
                arriving: arriving.get(column).copied(),
            }));
            matching.moves.push(assignment.column.len() as u64);
            matching.distance.push(assignment.total);
        }
        Ok(matching)
    }
}

fn of_type(blocks: &[Placement], block: usize) -> Vec<usize> {
    (0..blocks.len())
        .filter(|&at| blocks[at].block == block)
        .collect()
}
