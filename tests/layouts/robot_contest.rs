//! Robot contest: the ring, its gates, the arena, the spectators.

use mofang::layout::{Code, Purpose};

use crate::hall::{BIG, Hall, SMALL, bare};

/// A hall of 40×24 with a ring of big blocks around an arena of `across`×`down`, whose north-west block is at (10, 4);
/// the blocks at `gaps` are left out.
fn ring(across: i32, down: i32, gaps: &[(i32, i32)]) -> Hall {
    let mut hall = bare(Purpose::RobotContest, 40, 24);
    for y in (4..=6 + down).step_by(2) {
        for x in (10..=12 + across).step_by(2) {
            let edge = x == 10 || y == 4 || x == 12 + across || y == 6 + down;
            if edge && !gaps.contains(&(x, y)) {
                hall = hall.block(BIG, x, y, 0);
            }
        }
    }
    hall
}

/// A ring with a gate of two modules in its west side.
fn gated() -> Hall {
    ring(8, 6, &[(10, 8)]).gate(10, 8, 2, 2)
}

#[test]
fn a_ring_with_a_gate_is_valid() {
    let report = gated().check();
    assert_eq!(report.codes(), []);
    assert_eq!(report.seats, 0);
    // gates open, the inside is part of the region
    assert_eq!(report.escape_cells(), 40 * 24 - 4 * 17);
}

#[test]
fn a_gap_beside_the_gate_leaves_the_ring_open() {
    // and then no other ring code is looked for, though there is no gate and no arena
    assert_eq!(ring(8, 6, &[(10, 8)]).codes(), [Code::NotClosed]);
    assert_eq!(
        bare(Purpose::RobotContest, 20, 10).codes(),
        [Code::NotClosed]
    );
    let gap = ring(8, 6, &[(10, 8), (20, 8)]).gate(10, 8, 2, 2);
    assert_eq!(gap.codes(), [Code::NotClosed]);
}

#[test]
fn blocks_that_touch_at_a_corner_close_the_ring() {
    let corner = ring(8, 6, &[(10, 8), (10, 4)]).gate(10, 8, 2, 2);
    assert_eq!(corner.codes(), []);
}

#[test]
fn an_exit_inside_does_not_make_an_inside() {
    assert_eq!(gated().letter(15, 9, 'E').codes(), [Code::NotClosed]);
}

#[test]
fn the_inside_is_the_largest_and_a_second_is_a_pocket() {
    // a chamber of 2×2 beside the arena
    let second = gated()
        .block(BIG, 24, 6, 0)
        .block(BIG, 22, 8, 0)
        .block(BIG, 26, 8, 0)
        .block(BIG, 24, 10, 0);
    assert_eq!(second.codes(), [Code::Pocket]);
    assert_eq!(
        second.check().violations[0].cells,
        [(24, 8), (25, 8), (24, 9), (25, 9)]
    );
}

#[test]
fn of_equal_insides_the_westernmost_then_northernmost_counts() {
    // two arenas of 6×6: the western one is further south and has the gate
    let rings = |gate: i32| {
        let mut hall = bare(Purpose::RobotContest, 40, 24);
        for (left, top) in [(2, 12), (20, 2)] {
            for y in (top..=top + 8).step_by(2) {
                for x in (left..=left + 8).step_by(2) {
                    let edge = x == left || y == top || x == left + 8 || y == top + 8;
                    if edge && (x, y) != (gate, top + 4) {
                        hall = hall.block(BIG, x, y, 0);
                    }
                }
            }
        }
        let y = if gate < 20 { 16 } else { 6 };
        hall.gate(gate, y, 2, 2)
    };
    assert_eq!(rings(10).codes(), [Code::Pocket]);
    assert_eq!(rings(20).codes(), [Code::GateNarrow, Code::Pocket]);
}

#[test]
fn the_inside_keeps_off_walls() {
    assert_eq!(
        gated().letter(15, 9, '#').codes(),
        [Code::ArenaSmall, Code::RingUsesWall]
    );
    let at_the_edge = |hall: Hall| hall.codes();
    // a ring of which the hall's north wall is a side
    let mut hall = bare(Purpose::RobotContest, 40, 24);
    for y in [0, 2, 4, 6] {
        hall = hall.block(BIG, 10, y, 0).block(BIG, 20, y, 0);
    }
    for x in [12, 14, 18] {
        hall = hall.block(BIG, x, 6, 0);
    }
    assert_eq!(at_the_edge(hall.gate(16, 6, 2, 2)), [Code::RingUsesWall]);
    // a column in the ring is wall, too; one in its corner touches nothing inside
    let column = ring(8, 6, &[(10, 8), (20, 6)]).gate(10, 8, 2, 2);
    let column = [(20, 6), (21, 6), (20, 7), (21, 7)]
        .into_iter()
        .fold(column, |hall, (x, y)| hall.letter(x, y, '#'));
    assert_eq!(column.codes(), [Code::RingUsesWall]);
    let corner = ring(8, 6, &[(10, 8), (10, 4)])
        .gate(10, 8, 2, 2)
        .letter(11, 5, '#');
    assert_eq!(corner.codes(), []);
}

#[test]
fn an_arena_has_six_by_six_free_modules() {
    assert_eq!(ring(6, 6, &[(10, 8)]).gate(10, 8, 2, 2).codes(), []);
    let low = ring(8, 4, &[(10, 8)]).gate(10, 8, 2, 2);
    assert_eq!(low.codes(), [Code::ArenaSmall]);
    assert_eq!(low.rules(|rules| rules.arena_rect = [4, 6]).codes(), []);
    assert_eq!(gated().block(SMALL, 15, 8, 0).codes(), [Code::ArenaSmall]);
}

#[test]
fn a_ring_has_a_gate_that_lets_people_out() {
    assert_eq!(ring(8, 6, &[]).codes(), [Code::NoGate]);
    let narrow = ring(8, 6, &[(10, 8)])
        .block(SMALL, 10, 8, 0)
        .block(SMALL, 11, 8, 0)
        .gate(10, 9, 2, 1);
    let report = narrow.check();
    assert_eq!(report.codes(), [Code::GateNarrow]);
    assert_eq!(report.violations[0].cells, [(10, 9), (11, 9)]);
    // the inside, though outside the region, is no pocket
    assert_eq!(report.escape_cells(), 40 * 24 - 4 * 18 - 48);
    // a gate elsewhere does not help
    assert_eq!(ring(8, 6, &[]).gate(2, 2, 2, 2).codes(), [Code::GateNarrow]);
    let half = gated().rules(|rules| rules.egress_k = 3);
    assert_eq!(half.codes(), [Code::GateNarrow]);
}

#[test]
fn a_gate_that_is_invalid_still_closes() {
    let on_keep_clear = gated().letter(10, 8, 'K');
    assert_eq!(on_keep_clear.codes(), [Code::GateInvalid]);
}

#[test]
fn spectators_stand_within_three_modules_of_the_blocks() {
    // around a ring of 12×10: (12+6)·(10+6) − 12·10 cells, four of them in front of the gate's two rows
    let around = 18 * 16 - 12 * 10;
    assert_eq!(gated().check().capacity, 36 * around / 65);
    let wide = gated().rules(|rules| rules.band = 1);
    assert_eq!(wide.check().capacity, 36 * (14 * 12 - 12 * 10) / 65);
    let everywhere = gated().rules(|rules| {
        rules.band = u32::MAX;
        rules.exit_cell_mm = 6_000;
    });
    assert_eq!(everywhere.check().capacity, 36 * (40 * 24 - 120 - 4) / 65);
}

#[test]
fn with_gates_closed_what_is_beyond_them_holds_no_spectators() {
    // a wall of blocks parts the hall; its gate is the only way to the west side, which has no exit
    let mut hall = bare(Purpose::RobotContest, 30, 12)
        .letter(0, 6, '.')
        .letter(0, 7, '.');
    for y in [0, 2, 6, 8, 10] {
        hall = hall.block(BIG, 14, y, 0);
    }
    let report = hall.gate(14, 4, 2, 2).check();
    assert_eq!(report.escape_cells(), 30 * 12 - 20);
    assert_eq!(report.capacity, 36 * (3 * 12) / 65);
    assert_eq!(report.codes(), [Code::RingUsesWall]);
}
