//! Ways out: the escape region, exits, pockets, gates, and what capacity has to do with them.

use mofang::layout::{Code, Purpose};

use crate::hall::{Hall, SMALL, bare, hall};

fn open(rows: &[&str]) -> Hall {
    hall(Purpose::Open, rows)
}

#[test]
fn the_region_is_what_a_square_of_two_sweeps() {
    // the alcove of one module is not swept, but touches the region and is small
    let report = open(&["#.####", "......", ".....E", "......"]).check();
    assert_eq!(report.codes(), []);
    assert_eq!(report.escape_cells(), 18);
    // a square of three does not fit through to the west side, a square of one goes everywhere
    let rows = [
        "....#....",
        "....#...E",
        ".........",
        ".........",
        "....#....",
    ];
    let cells = |k| {
        let hall = open(&rows).rules(|rules| rules.egress_k = k);
        hall.check().escape_cells()
    };
    assert_eq!((cells(1), cells(2), cells(3)), (42, 42, 20));
}

#[test]
fn a_way_that_is_narrower_than_a_square_is_none() {
    let report = open(&[
        "......#......",
        "......#......",
        ".............",
        "......#......",
        "......#.....E",
    ])
    .check();
    assert_eq!(report.escape_cells(), 30);
    assert_eq!(report.codes(), [Code::Pocket]);
}

#[test]
fn squares_that_touch_at_a_corner_do_not_hang_together() {
    // the two rooms share the cells of no pair of neighbouring positions
    let report = open(&["..####", "..####", "####..", "####.E"]).check();
    assert_eq!(report.escape_cells(), 4);
}

#[test]
fn the_component_that_sweeps_most_counts_however_few_its_exits() {
    let report = open(&["E..#....", "E..#....", "E..#...E", "E..#...."]).check();
    assert_eq!(report.escape_cells(), 16);
    assert_eq!(report.codes(), [Code::ExitBlocked, Code::Pocket]);
}

#[test]
fn a_component_without_an_exit_never_counts() {
    let report = open(&["..#....", "E.#....", "..#...."]).check();
    assert_eq!(report.escape_cells(), 6);
    assert_eq!(report.codes(), [Code::Pocket]);
}

#[test]
fn of_equals_the_northernmost_then_westernmost_counts() {
    // the north-east room begins in row 0, the south-west room in row 2
    let north = open(&["###..", "###.E", "..###", "E.###"]).check();
    assert_eq!(north.escape_cells(), 4);
    assert_eq!(north.violations[0].code, Code::ExitBlocked);
    assert_eq!(north.violations[0].cells, [(0, 3)]);
    let west = open(&["..#..", "E.#.E"]).check();
    assert_eq!(west.violations[0].cells, [(4, 1)]);
}

#[test]
fn blocks_and_nothing_above_close_cells() {
    let report = open(&["B+....", "++....", "......", "......", "E....."])
        .block(SMALL, 1, 1, 1)
        .check();
    assert_eq!(report.codes(), []);
    assert_eq!(report.escape_cells(), 26);
}

#[test]
fn a_block_two_modules_before_an_exit_may_block_it() {
    // one may still slip past it, but no square of two does
    let report = open(&[
        "............",
        ".........b..",
        ".........b.E",
        ".........b..",
        "............",
        "............",
        "E...........",
    ])
    .check();
    assert_eq!(report.codes(), []);
    let report = open(&[
        "..........b.",
        "..........b.",
        "..........bE",
        "..........b.",
        "..........b.",
        "............",
        "E...........",
    ])
    .check();
    assert_eq!(report.codes(), [Code::ExitBlocked]);
    assert_eq!(report.violations[0].cells, [(11, 2)]);
}

#[test]
fn an_exit_is_a_4_component_and_one_cell_of_it_is_enough() {
    let report = open(&["......E", "......E", "......b", "......."])
        .letter(0, 3, 'E')
        .check();
    assert_eq!(report.codes(), []);
    // two exits that touch at a corner are two
    let corner = open(&["......#", "......#", ".....EE", "....###", "....E##"]).check();
    assert_eq!(corner.codes(), [Code::ExitBlocked]);
    assert_eq!(corner.violations[0].cells, [(4, 4)]);
}

#[test]
fn a_floor_without_exits_holds_nobody_and_is_all_pocket() {
    let report = open(&["....", "...."]).check();
    assert_eq!(report.codes(), [Code::Pocket]);
    assert_eq!((report.capacity, report.escape_cells()), (0, 0));
    assert_eq!(open(&["SSSS", "SSSS"]).codes(), []);
}

#[test]
fn above_fifty_people_need_two_exits() {
    // 36·90/65 = 49, 36·92/65 = 50, 36·94/65 = 52
    let with_cells = |cells: usize| {
        let row = format!("{}E", ".".repeat(cells / 2));
        open(&[&row, &row])
    };
    assert_eq!(with_cells(92).check().capacity, 50);
    assert_eq!(with_cells(92).codes(), []);
    assert_eq!(with_cells(94).check().capacity, 52);
    assert_eq!(with_cells(94).codes(), [Code::ExitsFew]);
    let two = with_cells(94).letter(0, 1, 'E');
    assert_eq!((two.check().capacity, two.codes()), (51, vec![]));
    let later = with_cells(94).rules(|rules| rules.exits_two_over = 52);
    assert_eq!(later.codes(), []);
}

#[test]
fn two_exits_of_which_one_is_blocked_are_one() {
    let mut rows = vec!["................".to_owned(); 10];
    rows[0] = "E###............".to_owned();
    rows[1] = "####............".to_owned();
    rows[5] = "...............E".to_owned();
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    assert_eq!(
        open(&rows).codes(),
        [Code::ExitsFew, Code::ExitBlocked, Code::Pocket]
    );
}

#[test]
fn exits_and_keep_clear_are_walked_on_but_hold_nobody() {
    let report = open(&["KKKK..", "KKKK.E", "KKKK.E"]).check();
    assert_eq!(report.escape_cells(), 18);
    assert_eq!(report.capacity, 36 * 4 / 65);
    let store = open(&["SSSS..", "SSSS.E", "SSSS.E"]).check();
    assert_eq!((store.escape_cells(), store.capacity), (18, 2));
}

#[test]
fn exits_limit_how_many_come() {
    // one exit cell lets out 92
    let report = bare(Purpose::Open, 30, 20)
        .letter(0, 10, '.')
        .letter(0, 11, '.');
    assert_eq!(report.check().capacity, 184);
    let one = report.letter(29, 11, '.');
    assert_eq!(one.check().capacity, 92);
    assert_eq!(
        one.rules(|rules| rules.exit_mm_per_100 = 1000)
            .check()
            .capacity,
        60
    );
}

/// A lane of one module, `length` long, that ends in a hall of 3×2.
fn lane(length: usize, letter: char) -> Hall {
    let walls = "#".repeat(length);
    let lane = letter.to_string().repeat(length);
    let rows = [
        format!("E..{walls}"),
        format!("...{lane}"),
        format!("###{walls}"),
    ];
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    hall(Purpose::Open, &rows)
}

#[test]
fn a_pocket_is_large_or_cut_off() {
    assert_eq!(lane(12, '.').codes(), []);
    assert_eq!(lane(13, '.').codes(), [Code::Pocket]);
    assert_eq!(lane(13, '.').check().violations[0].cells.len(), 13);
    assert_eq!(lane(3, '.').rules(|rules| rules.pocket_max = 3).codes(), []);
    let narrow = lane(4, '.').rules(|rules| rules.pocket_max = 3);
    assert_eq!(narrow.codes(), [Code::Pocket]);
    let cut_off = hall(Purpose::Open, &["E.#.", "..#.", "..##"]);
    assert_eq!(cut_off.codes(), [Code::Pocket]);
    assert_eq!(cut_off.check().violations[0].cells, [(3, 0), (3, 1)]);
    let at_a_corner = hall(Purpose::Open, &["E.#", "..#", "##."]);
    assert_eq!(at_a_corner.codes(), [Code::Pocket]);
    // what a block cuts off is a pocket, too
    let behind = hall(Purpose::Open, &["E..b.", "...b.", "...bb"]);
    assert_eq!(behind.codes(), [Code::Pocket]);
}

#[test]
fn a_store_is_no_pocket_and_parts_pockets() {
    assert_eq!(lane(20, 'S').codes(), []);
    let parted = hall(Purpose::Open, &["E.########", "..######S.", "..########"]);
    assert_eq!(parted.codes(), [Code::Pocket]);
    let all_store = hall(Purpose::Open, &["E.########", "..######SS", "..########"]);
    assert_eq!(all_store.codes(), []);
}

#[test]
fn a_gate_is_on_free_cells_for_every_purpose() {
    for purpose in Purpose::ALL {
        let with_gate = |x, y, w, h| {
            let hall = bare(purpose, 14, 8).letter(3, 0, 'K').block(SMALL, 5, 0, 0);
            hall.gate(x, y, w, h).codes().contains(&Code::GateInvalid)
        };
        assert!(!with_gate(7, 0, 2, 2), "{purpose:?}");
        assert!(with_gate(2, 0, 2, 1), "on K: {purpose:?}");
        assert!(with_gate(5, 0, 1, 1), "under a block: {purpose:?}");
        assert!(with_gate(-1, 0, 2, 2), "off the floor: {purpose:?}");
        assert!(with_gate(13, 7, i32::MAX, i32::MAX), "{purpose:?}");
    }
}

#[test]
fn a_bad_gate_does_not_end_the_check() {
    let report = bare(Purpose::Open, 14, 8).gate(-1, 0, 1, 1).check();
    assert_eq!(report.codes(), [Code::GateInvalid]);
    assert_eq!(
        (report.capacity, report.escape_cells()),
        (36 * 108 / 65, 112)
    );
    assert_eq!(report.violations[0].cells, []);
}
