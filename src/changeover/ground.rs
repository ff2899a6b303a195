//! The ground of a changeover, and what it asks of a layout: that every block stands on the floor's grid, and none in
//! another. Whether people may be let in is the layout's own business.

use super::{Impossible, MOST_SECONDS};
use crate::layout::{BlockType, Cell, Floor, Placement};

/// A floor, or the part of it that is an area; the rest counts as walls.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    pub floor: &'a Floor,
    /// By cell, row by row: whether it belongs to the area. All do where this is `None`.
    pub area: Option<&'a [bool]>,
}

impl<'a> Ground<'a> {
    /// All of a floor.
    pub fn whole(floor: &'a Floor) -> Self {
        Self { floor, area: None }
    }

    fn has(self, index: usize) -> bool {
        self.area.is_none_or(|area| area.get(index) == Some(&true))
    }

    /// The cell of that index, as this ground sees it.
    pub fn cell(self, index: usize) -> Cell {
        if self.has(index) {
            self.floor.cells()[index]
        } else {
            Cell::Obstacle
        }
    }

    /// The placements that lie in the area, as a layout's each lie wholly in one.
    pub fn own(self, placements: &[Placement]) -> Vec<Placement> {
        let index = |one: &Placement| self.floor.index(one.x.into(), one.y.into());
        let own = |one: &&Placement| index(one).is_none_or(|index| self.has(index));
        placements.iter().filter(own).copied().collect()
    }
}

/// Refuses types that take absurdly long, blocks off the floor and blocks in one another.
pub fn check(
    floor: &Floor,
    types: &[BlockType],
    placements: &[Placement],
) -> Result<(), Impossible> {
    if types
        .iter()
        .any(|one| one.handle_s.max(one.loaded_s) > MOST_SECONDS)
    {
        return Err(Impossible::TooSlow);
    }
    for placement in placements {
        let rect = placement.rect(types);
        let inside = rect.left() >= 0
            && rect.top() >= 0
            && rect.right() <= floor.width() as i64
            && rect.bottom() <= floor.height() as i64;
        if !inside || placement.z < 0 {
            return Err(Impossible::OffFloor {
                block: types[placement.block].id.clone(),
                at: (placement.x, placement.y, placement.z),
            });
        }
    }
    let cells = placements
        .iter()
        .flat_map(|one| one.cells(types).map(|(x, y)| (one.z, y, x)));
    let mut cells: Vec<(i32, i64, i64)> = cells.collect();
    cells.sort_unstable();
    match cells.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(&[(z, y, x), _]) => Err(Impossible::Overlap { at: (x, y, z) }),
        _ => Ok(()),
    }
}
