//! Which blocks stay where they are (3-layouts.md, "Stay").

use std::collections::HashSet;

use crate::layout::{BlockType, Placement};

/// The blocks of two layouts, sorted by what becomes of them. Each list in the order of type, z, row, column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    pub staying: Vec<Placement>,
    pub leaving: Vec<Placement>,
    pub arriving: Vec<Placement>,
}

impl Blocks {
    /// A block stays that is in both layouts at the same cell, height and turn, and that lies, where it does not stand
    /// on the floor, with all its cells on blocks that stay.
    pub fn between(types: &[BlockType], from: &[Placement], to: &[Placement]) -> Self {
        let wanted: HashSet<Placement> = to.iter().copied().collect();
        let mut kept: Vec<Placement> = from
            .iter()
            .copied()
            .filter(|block| wanted.contains(block))
            .collect();
        kept.sort_unstable_by_key(|block| block.z);
        let mut staying = HashSet::new();
        let mut carrying = HashSet::new();
        for block in kept {
            let lies_well = || {
                block
                    .cells(types)
                    .all(|(x, y)| carrying.contains(&(x, y, block.z - 1)))
            };
            if block.z == 0 || lies_well() {
                carrying.extend(block.cells(types).map(|(x, y)| (x, y, block.z)));
                staying.insert(block);
            }
        }
        let moving = |blocks: &[Placement]| -> Vec<Placement> {
            sorted(
                blocks
                    .iter()
                    .copied()
                    .filter(|block| !staying.contains(block))
                    .collect(),
            )
        };
        Self {
            leaving: moving(from),
            arriving: moving(to),
            staying: sorted(staying.iter().copied().collect()),
        }
    }
}

fn sorted(mut blocks: Vec<Placement>) -> Vec<Placement> {
    blocks.sort_unstable_by_key(|block| (block.block, block.z, block.y, block.x, block.turned));
    blocks
}
