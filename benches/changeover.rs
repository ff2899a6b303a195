//! Changeovers of 120 blocks, and the table of work between 30 layouts. The limits are 50 ms and 0.5 s.
#![allow(clippy::expect_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mofang::changeover::ground::Ground;
use mofang::changeover::{Change, Crew, plan, work_table};
use mofang::layout::{BlockType, Floor, Placement};

const WIDTH: usize = 60;
const HEIGHT: usize = 40;
const BIG: usize = 0;
const SMALL: usize = 1;

/// A hall with a store in its north-west corner and three columns.
fn floor() -> Floor {
    let mut rows = vec![vec!['.'; WIDTH]; HEIGHT];
    for row in &mut rows[..5] {
        row[..8].fill('S');
        row[8..10].fill('K');
    }
    for (x, y) in [(14, 11), (28, 11), (42, 11)] {
        rows[y][x] = '#';
    }
    let rows: Vec<String> = rows.into_iter().map(String::from_iter).collect();
    Floor::parse(&rows).expect("a floor")
}

/// Blocks of a type in a lattice from `(x, y)` on, `across` in a row, so many modules apart.
fn lattice(
    block: usize,
    (x, y): (i32, i32),
    (east, south): (i32, i32),
    across: i32,
    count: i32,
) -> Vec<Placement> {
    let one = |index: i32| Placement {
        block,
        x: x + east * (index % across),
        y: y + south * (index / across),
        z: 0,
        turned: false,
    };
    (0..count).map(one).collect()
}

/// 60 big and 60 small blocks each; whatever is where, nothing stays.
fn layouts() -> [Vec<Placement>; 3] {
    let exhibition = [
        lattice(BIG, (12, 14), (4, 4), 10, 60),
        lattice(SMALL, (12, 6), (2, 2), 20, 60),
    ];
    let salon = [
        lattice(BIG, (11, 6), (5, 3), 10, 60),
        lattice(SMALL, (13, 25), (4, 3), 12, 60),
    ];
    // each block a module further than in the exhibition, and so in the way of the next
    let shifted = [
        lattice(BIG, (13, 15), (4, 4), 10, 60),
        lattice(SMALL, (13, 6), (2, 2), 20, 60),
    ];
    [exhibition, salon, shifted].map(|parts| parts.concat())
}

fn changeovers(criterion: &mut Criterion) {
    let (floor, types) = (floor(), [BlockType::big(), BlockType::small()]);
    let [exhibition, salon, shifted] = layouts();
    let crew = Crew {
        teams: 3,
        empty_s: 1,
    };
    let mut group = criterion.benchmark_group("changeover of 120 blocks");
    group.sample_size(20);
    for (name, from, to) in [
        ("exhibition to salon", &exhibition, &salon),
        ("salon to exhibition", &salon, &exhibition),
        ("one module on", &exhibition, &shifted),
    ] {
        let change = Change {
            ground: Ground::whole(&floor),
            types: &types,
            from,
            to,
        };
        group.bench_function(name, |bench| {
            bench.iter(|| plan(black_box(&change), crew).expect("a plan"));
        });
    }
    group.finish();
}

fn matrix(criterion: &mut Criterion) {
    let (floor, types) = (floor(), [BlockType::big(), BlockType::small()]);
    let table: Vec<Vec<Placement>> = (0..30)
        .map(|number: i32| {
            let corner = (11 + number % 4, 13 + number % 3);
            let big = lattice(BIG, corner, (4, 3 + number % 2), 11, 30 + number);
            let small = lattice(
                SMALL,
                (12 + number % 5, 7),
                (1, 1),
                20 + number,
                60 - number,
            );
            [big, small].concat()
        })
        .collect();
    let mut group = criterion.benchmark_group("matrix");
    group.sample_size(10);
    group.bench_function("of 30 layouts of 90 blocks", |bench| {
        bench.iter(|| work_table(&floor, &types, black_box(&table)).expect("a table"));
    });
    group.finish();
}

criterion_group!(benches, changeovers, matrix);
criterion_main!(benches);
