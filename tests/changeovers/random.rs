//! Random floors and layouts for property tests.

use mofang::layout::Placement;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::world::World;

/// How crowded a floor is, and what is put on it.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    pub width: usize,
    pub height: usize,
    /// Blocks that are tried to be put, a layout.
    pub blocks: usize,
    /// Whether blocks may lie on others.
    pub stacks: bool,
    /// Whether there is a second store, in the other corner.
    pub second_store: bool,
}

/// A world of two layouts that can stand.
pub fn world(mix: Mix) -> impl Strategy<Value = World> {
    let cells = mix.width * mix.height;
    let walls = prop::collection::vec(any::<Index>(), 0..cells / 24 + 1);
    let tries = || prop::collection::vec((0..3_usize, any::<Index>(), any::<bool>()), mix.blocks);
    (walls, tries(), tries(), 1..4_usize, 0..3_u32).prop_map(
        move |(walls, from, to, teams, empty_s)| {
            let mut rows = vec![vec!['.'; mix.width]; mix.height];
            for wall in walls {
                let at = wall.index(cells);
                rows[at / mix.width][at % mix.width] = '#';
            }
            let (last_row, last) = (mix.height - 1, mix.width - 1);
            for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                rows[y][x] = 'S';
                if mix.second_store {
                    rows[last_row - y][last - x] = 'S';
                }
            }
            let rows: Vec<String> = rows.into_iter().map(String::from_iter).collect();
            let mut world = World::new(&rows.iter().map(String::as_str).collect::<Vec<_>>());
            world.from = packed(&world, &from, mix);
            world.to = packed(&world, &to, mix);
            (world.teams, world.empty_s) = (teams, empty_s);
            world
        },
    )
}

/// Puts blocks where there is room for them.
fn packed(world: &World, tries: &[(usize, Index, bool)], mix: Mix) -> Vec<Placement> {
    let mut put: Vec<Placement> = Vec::new();
    for &(block, at, turned) in tries {
        let at = at.index(mix.width * mix.height);
        let (x, y) = ((at % mix.width) as i32, (at / mix.width) as i32);
        let heights = if mix.stacks { 0..3 } else { 0..1 };
        for z in heights {
            let one = Placement::new(&world.types, block, (x, y, z), turned);
            let covered: Vec<_> = put.iter().flat_map(|one| world.cells(one)).collect();
            let stands = world.cells(&one).iter().all(|&(x, y, z)| {
                let row = world.rows.get(y as usize);
                let free = row.is_some_and(|row| row.as_bytes().get(x as usize) == Some(&b'.'));
                free && !covered.contains(&(x, y, z))
                    && (z == 0 || covered.contains(&(x, y, z - 1)))
            });
            if stands {
                put.push(one);
                break;
            }
        }
    }
    put
}
