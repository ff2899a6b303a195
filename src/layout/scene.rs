//! A sound layout on its floor, as sets of cells: what every rule after structure looks at.

use super::Site;
use super::block::{Layout, Rect};
use super::floor::Cell;
use super::grid::Mask;

/// The floor with the blocks on it.
pub struct Scene<'a> {
    pub site: &'a Site<'a>,
    pub layout: &'a Layout,
    /// Under a z=0 block.
    pub blocks: Mask,
    /// Walkable and under no z=0 block.
    pub free: Mask,
    /// `.` under no z=0 block.
    pub open: Mask,
    /// `E`.
    pub exit: Mask,
}

impl<'a> Scene<'a> {
    /// The scene of a layout whose structure is sound.
    pub fn new(site: &'a Site, layout: &'a Layout) -> Self {
        let mut blocks = Mask::empty(site.floor);
        for placement in layout.placements.iter().filter(|one| one.z == 0) {
            blocks.fill(&placement.rect(site.types), true);
        }
        Self {
            site,
            layout,
            free: Mask::of(site.floor, Cell::walkable).without(&blocks),
            open: Mask::of(site.floor, |cell| cell == Cell::Free).without(&blocks),
            exit: Mask::of(site.floor, |cell| cell == Cell::Exit),
            blocks,
        }
    }

    /// The cells of rectangles, as far as they are on the floor.
    pub fn cells<'r>(&self, rects: impl IntoIterator<Item = &'r Rect>) -> Mask {
        let mut mask = Mask::empty(self.site.floor);
        for rect in rects {
            mask.fill(rect, true);
        }
        mask
    }
}
