//! The ways out: the escape region, the exits in it, and the corners that are cut off from it.

use super::floor::{Cell, Floor};
use super::grid::Mask;
use super::scene::Scene;
use super::violation::{Code, Findings};

/// The escape region R: the cells that a k×k square sweeps on its way to an exit.
///
/// Every k×k square of free cells; squares whose positions are 4-neighbours hang together; of the components that sweep
/// an exit cell the one that sweeps most, of equals the one with the smallest `(y, x)`. Not "whatever reaches some exit":
/// a block two modules in front of an exit would pass that.
///
/// `free` are the walkable cells under no z=0 block and no seat, `exit` the `E` cells.
pub fn escape_region(floor: &Floor, free: &Mask, exit: &Mask, k: u32) -> Mask {
    let mut region = Mask::empty(floor);
    let Some(k) = usize::try_from(k).ok().filter(|k| *k <= floor.width()) else {
        return region;
    };
    let positions = positions(floor, free, k);
    let mut swept = Mask::empty(floor);
    let mut most = Vec::new();
    for component in positions.components() {
        let cells = sweep(&component, &positions, k, &mut swept);
        for &cell in &cells {
            swept.remove(cell);
        }
        if cells.len() > most.len() && cells.iter().any(|cell| exit.has(*cell)) {
            most = cells;
        }
    }
    for cell in most {
        region.insert(cell);
    }
    region
}

/// The positions (least cells) of the k×k squares of free cells.
fn positions(floor: &Floor, free: &Mask, k: usize) -> Mask {
    let mut positions = Mask::empty(floor);
    // the side of the largest free square at each position, from those east, south and south-east of it
    let mut side = vec![0_usize; free.spots()];
    for spot in (0..free.spots()).rev() {
        if free.has(spot) {
            let [_, east, _, south] = free.beside(spot);
            side[spot] = 1 + side[east].min(side[south]).min(side[south + 1]);
            if side[spot] >= k {
                positions.insert(spot);
            }
        }
    }
    positions
}

/// The cells that the squares at a component's positions sweep, each once; `swept` must be empty and holds them after.
fn sweep(component: &[usize], positions: &Mask, k: usize, swept: &mut Mask) -> Vec<usize> {
    let mut cells = Vec::with_capacity(component.len() + 4 * k * k);
    for &position in component {
        let [west, _, north, south] = positions.beside(position);
        let stride = south - position;
        // what the square to the west or to the north sweeps need not be looked at again
        let columns = if positions.has(west) { k - 1..k } else { 0..k };
        let rows = if positions.has(north) { k - 1..k } else { 0..k };
        for row in rows {
            for column in columns.clone() {
                let cell = position + row * stride + column;
                if !swept.has(cell) {
                    swept.insert(cell);
                    cells.push(cell);
                }
            }
        }
    }
    cells
}

/// The exits of a floor, each a 4-component of `E` cells, of which one is in the region, and those of which none is.
pub struct Exits {
    /// How many can be reached.
    pub reached: usize,
    /// The cells of each that cannot.
    pub blocked: Vec<Vec<usize>>,
}

impl Exits {
    pub fn of(exit: &Mask, region: &Mask) -> Self {
        let exits = exit.components();
        let all = exits.len();
        let blocked: Vec<_> = exits
            .into_iter()
            .filter(|cells| !cells.iter().any(|cell| region.has(*cell)))
            .collect();
        Self {
            reached: all - blocked.len(),
            blocked,
        }
    }
}

/// `POCKET`: a 4-component of walkable cells outside R (under no block, no seat, not `S`; the inside of an arena
/// excepted) that is not 4-adjacent to R or has more than `pocket_max` cells.
///
/// `free` is what R was made of.
pub fn pockets(
    scene: &Scene,
    free: &Mask,
    region: &Mask,
    inside: Option<&Mask>,
    findings: &mut Findings,
) {
    let store = Mask::of(scene.site.floor, |cell| cell == Cell::Store);
    let mut outside = free.without(region).without(&store);
    if let Some(inside) = inside {
        outside = outside.without(inside);
    }
    let most = scene.site.rules.pocket_max as usize;
    for pocket in outside.components() {
        let touches = |spot: &usize| region.beside(*spot).into_iter().any(|one| region.has(one));
        if pocket.len() > most || !pocket.iter().any(touches) {
            findings.add_spots(Code::Pocket, &outside, pocket);
        }
    }
}
