//! Clusters: blocks that stand together, in exhibitions and salons.

use super::grid::{Mask, clearance};
use super::scene::Scene;
use super::violation::{Code, Findings};

/// The 4-connected clusters of the cells of z=0 blocks.
pub struct Clusters<'a> {
    scene: &'a Scene<'a>,
    /// The spots of each.
    pub cells: Vec<Vec<usize>>,
}

impl<'a> Clusters<'a> {
    pub fn of(scene: &'a Scene<'a>) -> Self {
        Self {
            scene,
            cells: scene.blocks.components(),
        }
    }

    /// `AISLE_NARROW`: the Chebyshev clearance between two clusters is below `least` cells.
    pub fn keep_apart(&self, least: u32, findings: &mut Findings) {
        let clearance = clearance(self.scene.site.floor, &self.cells);
        if clearance.is_some_and(|clearance| clearance < least as usize) {
            findings.add(Code::AisleNarrow);
        }
    }

    /// Those without a z=0 block that makes a cluster one.
    pub fn without_anchor(&self) -> Vec<&Vec<usize>> {
        let site = self.scene.site;
        let mut anchored = Mask::empty(site.floor);
        for placement in &self.scene.layout.placements {
            if placement.z == 0 && site.types[placement.block].anchors {
                anchored.fill(&placement.rect(site.types), true);
            }
        }
        let lacking = |cells: &&Vec<usize>| !cells.iter().any(|cell| anchored.has(*cell));
        self.cells.iter().filter(lacking).collect()
    }

    /// The north-west corner of the box around each, and its cells from there, ascending.
    pub fn shapes(&self) -> Vec<Shape> {
        let shape = |cells: &Vec<usize>| {
            let cells = cells.iter().map(|cell| self.scene.blocks.xy(*cell));
            let cells: Vec<_> = cells.collect();
            let x = cells.iter().map(|(x, _)| *x).min().unwrap_or_default();
            let y = cells.iter().map(|(_, y)| *y).min().unwrap_or_default();
            let mut cells: Vec<_> = cells
                .into_iter()
                .map(|cell| (cell.0 - x, cell.1 - y))
                .collect();
            cells.sort_unstable();
            Shape {
                origin: (x, y),
                cells,
            }
        };
        self.cells.iter().map(shape).collect()
    }
}

/// A cluster apart from where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    pub origin: (i64, i64),
    pub cells: Vec<(i64, i64)>,
}
