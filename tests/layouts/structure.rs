//! Structure: what must hold before anything else is looked at.

use mofang::layout::{Code, Purpose};

use crate::hall::{BIG, Hall, PLANK, SMALL, bare};

fn open() -> Hall {
    bare(Purpose::Open, 12, 8)
}

#[track_caller]
fn faults(hall: Hall, codes: &[Code]) {
    let report = hall.check();
    assert_eq!(report.codes(), codes);
    assert_eq!(
        (report.capacity, report.seats, report.escape_cells()),
        (0, 0, 0)
    );
}

#[test]
fn a_block_must_be_on_the_floor() {
    for (x, y) in [(-1, 0), (0, -1), (11, 0), (3, 7), (i32::MAX, i32::MIN)] {
        faults(open().block(BIG, x, y, 0), &[Code::OutOfFloor]);
    }
    assert_eq!(open().block(BIG, 10, 0, 0).codes(), []);
    assert_eq!(open().block(BIG, 0, 6, 0).codes(), []);
}

#[test]
fn a_plank_is_turned_by_its_least_cell() {
    faults(open().placed(PLANK, 10, 0, 0, false), &[Code::OutOfFloor]);
    faults(open().placed(PLANK, 3, 6, 0, true), &[Code::OutOfFloor]);
    assert_eq!(open().placed(PLANK, 10, 0, 0, true).codes(), []);
    assert_eq!(open().placed(PLANK, 3, 6, 0, false).codes(), []);
}

#[test]
fn a_block_stands_on_free_cells_only() {
    for letter in ['#', 'K', 'E', 'S'] {
        let hall = open().letter(5, 1, letter);
        faults(hall.block(BIG, 4, 0, 0), &[Code::OnForbidden]);
    }
}

#[test]
fn only_what_is_on_the_floor_and_stands_on_it_is_forbidden() {
    // one cell of it is beyond the edge, the other on an exit
    faults(
        open().block(BIG, -1, 4, 0),
        &[Code::OnForbidden, Code::OutOfFloor],
    );
    let above = open().letter(5, 1, 'K').block(BIG, 4, 0, 1);
    faults(above, &[Code::Unsupported]);
}

#[test]
fn no_two_blocks_are_at_one_place() {
    faults(
        open().block(BIG, 4, 0, 0).block(SMALL, 5, 1, 0),
        &[Code::Overlap],
    );
    faults(
        open()
            .bigs(4, 0, 1, 1)
            .block(SMALL, 4, 0, 1)
            .block(SMALL, 4, 0, 1),
        &[Code::Overlap],
    );
    // nor off the floor
    faults(
        open().block(SMALL, -3, -3, 0).block(SMALL, -3, -3, 0),
        &[Code::OutOfFloor, Code::Overlap],
    );
    assert_eq!(open().block(BIG, 4, 0, 0).block(SMALL, 4, 0, 1).codes(), []);
}

#[test]
fn a_block_is_as_high_as_its_type_may_be() {
    faults(open().block(SMALL, 4, 0, -1), &[Code::TooHigh]);
    let three = open().block(SMALL, 4, 0, 0).block(SMALL, 4, 0, 1);
    faults(three.block(SMALL, 4, 0, 2), &[Code::TooHigh]);
    let planks = (0..3).fold(open(), |hall, z| hall.block(PLANK, 4, 0, z));
    assert_eq!(planks.codes(), []);
    faults(planks.block(PLANK, 4, 0, 3), &[Code::TooHigh]);
    let flat = open().types(|types| types[SMALL].max_z = 0);
    faults(
        flat.block(BIG, 4, 0, 0).block(SMALL, 4, 0, 1),
        &[Code::TooHigh],
    );
}

#[test]
fn every_cell_of_a_block_above_is_on_a_block_just_below() {
    faults(open().block(SMALL, 4, 0, 1), &[Code::Unsupported]);
    faults(
        open().block(BIG, 4, 0, 0).block(BIG, 5, 0, 1),
        &[Code::Unsupported],
    );
    faults(
        open().block(PLANK, 4, 0, 0).block(PLANK, 4, 0, 2),
        &[Code::Unsupported],
    );
    // several may carry one
    let carried = open()
        .block(SMALL, 4, 0, 0)
        .block(BIG, 5, 0, 0)
        .block(PLANK, 4, 0, 1);
    assert_eq!(carried.codes(), []);
}

#[test]
fn what_the_inventory_lists_is_limited() {
    let two = open()
        .block(BIG, 4, 0, 0)
        .block(SMALL, 7, 0, 0)
        .block(SMALL, 9, 0, 0);
    faults(two.clone().stock(&[None, Some(1)]), &[Code::Inventory]);
    faults(two.clone().stock(&[Some(0)]), &[Code::Inventory]);
    assert_eq!(two.clone().stock(&[Some(1), Some(2)]).codes(), []);
    assert_eq!(two.stock(&[Some(1)]).codes(), []);
    let stacked = open().block(SMALL, 4, 0, 0).block(SMALL, 4, 0, 1);
    faults(stacked.stock(&[None, Some(1)]), &[Code::Inventory]);
}

#[test]
fn all_of_it_is_looked_for_and_nothing_else() {
    let all = bare(Purpose::Roadshow, 12, 8)
        .letter(2, 0, '#')
        .block(SMALL, 2, 0, 0)
        .block(SMALL, 4, 0, 5)
        .block(SMALL, 4, 0, 5)
        .block(SMALL, 40, 0, 0)
        .gate(2, 0, 1, 1)
        .stock(&[None, Some(1)]);
    faults(
        all,
        &[
            Code::Inventory,
            Code::OnForbidden,
            Code::OutOfFloor,
            Code::Overlap,
            Code::TooHigh,
            Code::Unsupported,
        ],
    );
}

#[test]
fn a_violation_names_its_blocks() {
    let report = open()
        .block(SMALL, 4, 0, 0)
        .block(BIG, 6, 0, 0)
        .block(SMALL, 7, 1, 0)
        .check();
    assert_eq!(report.violations[0].code, Code::Overlap);
    assert_eq!(report.violations[0].blocks, [1, 2]);
}
