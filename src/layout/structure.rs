//! Structure: blocks stand on the floor, on each other, and not in each other. Any fault here ends the check.

use super::block::Layout;
use super::floor::Cell;
use super::grid::{Counts, Mask};
use super::violation::{Code, Findings};
use super::{BlockType, Site};

/// Looks for all of `OUT_OF_FLOOR`, `ON_FORBIDDEN`, `OVERLAP`, `TOO_HIGH`, `UNSUPPORTED` and `INVENTORY`.
pub fn check(site: &Site, layout: &Layout, findings: &mut Findings) {
    on_the_floor(site, layout, findings);
    let covered = Covered::of(site.types, layout);
    for (one, other) in covered.overlaps() {
        findings.add_block(Code::Overlap, one);
        findings.add_block(Code::Overlap, other);
    }
    for (index, placement) in layout.placements.iter().enumerate() {
        let max_z = site.types[placement.block].max_z;
        if !(0..=max_z).contains(&placement.z) {
            findings.add_block(Code::TooHigh, index);
        }
    }
    for block in covered.unsupported() {
        findings.add_block(Code::Unsupported, block);
    }
    in_stock(site, layout, findings);
}

/// `OUT_OF_FLOOR`; `ON_FORBIDDEN`: a z=0 cell on the floor that is not `.`.
fn on_the_floor(site: &Site, layout: &Layout, findings: &mut Findings) {
    let forbidden = Mask::of(site.floor, |cell| cell != Cell::Free);
    let forbidden = Counts::of(&forbidden);
    let (width, height) = (site.floor.width() as i64, site.floor.height() as i64);
    for (index, placement) in layout.placements.iter().enumerate() {
        let rect = placement.rect(site.types);
        let inside = rect.left() >= 0 && rect.top() >= 0;
        if !inside || rect.right() > width || rect.bottom() > height {
            findings.add_block(Code::OutOfFloor, index);
        }
        if placement.z == 0 && forbidden.within(&rect) > 0 {
            findings.add_block(Code::OnForbidden, index);
        }
    }
}

/// `INVENTORY`: more of a type than there are; a type without a number is not limited.
fn in_stock(site: &Site, layout: &Layout, findings: &mut Findings) {
    let mut used = vec![0_u64; site.types.len()];
    for (index, placement) in layout.placements.iter().enumerate() {
        used[placement.block] += 1;
        let stock = site.inventory.get(placement.block).copied().flatten();
        if stock.is_some_and(|stock| used[placement.block] > u64::from(stock)) {
            findings.add_block(Code::Inventory, index);
        }
    }
}

/// Every cell that a block covers, on the floor or off it, as `(z, y, x, placement)`, ascending.
struct Covered(Vec<(i64, i64, i64, usize)>);

impl Covered {
    fn of(types: &[BlockType], layout: &Layout) -> Self {
        let mut cells = Vec::with_capacity(4 * layout.placements.len());
        for (index, placement) in layout.placements.iter().enumerate() {
            let z = i64::from(placement.z);
            cells.extend(placement.cells(types).map(|(x, y)| (z, y, x, index)));
        }
        cells.sort_unstable();
        Self(cells)
    }

    /// Two blocks at one cell and z.
    fn overlaps(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.0.windows(2).filter_map(|pair| {
            let ((z, y, x, one), (other_z, other_y, other_x, other)) = (pair[0], pair[1]);
            ((z, y, x) == (other_z, other_y, other_x)).then_some((one, other))
        })
    }

    /// The blocks of z≥1 with a cell that is not on a block of z−1.
    fn unsupported(&self) -> impl Iterator<Item = usize> + '_ {
        let above = self.0.iter().filter(|(z, ..)| *z >= 1);
        above.filter_map(|&(z, y, x, block)| {
            let under = (z - 1, y, x);
            let found = self
                .0
                .binary_search_by(|&(z, y, x, _)| (z, y, x).cmp(&under));
            found.is_err().then_some(block)
        })
    }
}
