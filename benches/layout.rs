//! A full check of a 60×40 floor with 120 blocks, for every purpose. The aim is 0.3 ms, the limit 1 ms.
#![allow(clippy::expect_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mofang::layout::{
    BlockType, Floor, Layout, Placement, Purpose, Rect, Rules, Side, Site, Zone, check,
};

const WIDTH: usize = 60;
const HEIGHT: usize = 40;

/// A hall with a store in its north-west corner, two exits and six columns.
fn floor() -> Floor {
    let mut rows = vec![vec!['.'; WIDTH]; HEIGHT];
    for row in &mut rows[..5] {
        row[..8].fill('S');
        row[8..10].fill('K');
    }
    for row in &mut rows[16..20] {
        row[WIDTH - 2..].copy_from_slice(&['K', 'E']);
    }
    rows[HEIGHT - 2][30..34].fill('K');
    rows[HEIGHT - 1][30..34].fill('E');
    for (x, y) in [(14, 12), (28, 12), (42, 12), (14, 27), (28, 27), (42, 27)] {
        rows[y][x] = '#';
    }
    let rows: Vec<String> = rows.into_iter().map(String::from_iter).collect();
    Floor::parse(&rows).expect("a floor")
}

/// `count` blocks of one type side by side in rows of `across`, from `(x, y)` on.
fn blocks(block: usize, side: i32, (x, y): (i32, i32), across: i32, count: i32) -> Vec<Placement> {
    let one = |index: i32| Placement {
        block,
        x: x + side * (index % across),
        y: y + side * (index / across),
        z: 0,
        turned: false,
    };
    (0..count).map(one).collect()
}

/// 120 blocks and what else the purpose asks for.
fn layout(purpose: Purpose) -> Layout {
    let mut layout = Layout {
        purpose,
        placements: Vec::new(),
        zones: Vec::new(),
        gates: Vec::new(),
        seats_required: 0,
    };
    match purpose {
        Purpose::Roadshow => {
            layout.placements = blocks(0, 2, (10, 0), 20, 60);
            let above = layout.placements.clone().into_iter();
            layout
                .placements
                .extend(above.map(|one| Placement { z: 1, ..one }));
            for x in [12, 32] {
                layout.zones.push(Zone {
                    rect: Rect {
                        x,
                        y: 13,
                        w: 16,
                        h: 14,
                    },
                    facing: Side::North,
                });
            }
        }
        Purpose::Exhibition | Purpose::Open => {
            for index in 0..30 {
                let corner = (11 + 8 * (index % 6), 1 + 7 * (index / 6));
                layout.placements.extend(blocks(0, 2, corner, 2, 4));
            }
        }
        Purpose::RobotContest => {
            layout.placements = blocks(0, 2, (16, 2), 15, 15);
            layout.placements.extend(blocks(0, 2, (16, 34), 7, 7));
            layout.placements.extend(blocks(0, 2, (32, 34), 7, 7));
            layout.placements.extend(blocks(0, 2, (16, 4), 1, 15));
            layout.placements.extend(blocks(0, 2, (44, 4), 1, 15));
            let left = 120 - layout.placements.len() as i32;
            layout
                .placements
                .extend(blocks(1, 1, (11, 6), 1, left.min(32)));
            let left = 120 - layout.placements.len() as i32;
            layout.placements.extend(blocks(1, 1, (50, 6), 1, left));
            layout.gates.push(Rect {
                x: 30,
                y: 34,
                w: 2,
                h: 2,
            });
        }
        Purpose::Salon => {
            for index in 0..24 {
                let (x, y) = (12 + 8 * (index % 6), 10 * (index / 6));
                layout.placements.extend(blocks(0, 2, (x, y), 1, 1));
                layout.placements.extend(blocks(1, 1, (x + 2, y), 2, 4));
            }
        }
    }
    assert_eq!(layout.placements.len(), 120);
    layout
}

fn checks(criterion: &mut Criterion) {
    let floor = floor();
    let types = [BlockType::big(), BlockType::small()];
    let site = Site {
        floor: &floor,
        types: &types,
        inventory: &[Some(120), Some(120)],
        rules: Rules::default(),
    };
    for purpose in Purpose::ALL {
        let layout = layout(purpose);
        assert!(
            check(&site, &layout).escape_cells() > 0,
            "{purpose:?} is unsound"
        );
        criterion.bench_function(&format!("check/{}", purpose.name()), |bencher| {
            bencher.iter(|| check(black_box(&site), black_box(&layout)));
        });
    }
}

criterion_group!(benches, checks);
criterion_main!(benches);
