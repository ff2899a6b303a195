//! Roadshow: stage, audience, rows, sight-lines.

use mofang::layout::{Code, Purpose, Rect, Side};

use crate::hall::{BIG, Hall, SMALL, bare};

/// A hall of 40×24 with a stage of 8×4 against its north wall, in columns 16 to 23, and no audience.
fn staged() -> Hall {
    bare(Purpose::Roadshow, 40, 24).bigs(16, 0, 4, 2)
}

/// The stage, and an audience of 12×9 three modules south of it.
fn seated() -> Hall {
    staged().zone(14, 7, 12, 9, Side::North)
}

#[track_caller]
fn nobody(hall: &Hall, codes: &[Code]) {
    let report = hall.check();
    assert_eq!(report.codes(), codes);
    assert_eq!((report.capacity, report.seats), (0, 0));
    // and zones close nothing
    let mut without = hall.clone();
    without.layout.zones.clear();
    assert_eq!(report.escape_cells(), without.check().escape_cells());
}

#[test]
fn a_zone_has_two_rows_for_three_modules_and_a_seat_a_module() {
    for (deep, rows) in [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (9, 6)] {
        let report = staged().zone(18, 8, 4, deep, Side::North).check();
        assert_eq!(report.codes(), []);
        assert_eq!(report.seats, 4 * rows, "{deep}");
        assert_eq!(report.capacity, 4 * rows);
        // a zone closes its cells, also one without a row
        let all = 40 * 24 - 8 * 4;
        assert_eq!(report.escape_cells(), all - 4 * deep as usize, "{deep}");
    }
}

#[test]
fn all_four_sides_seat_alike() {
    let mut hall = seated().letter(19, 5, '#').seats_required(1_000);
    let north = hall.check();
    assert_eq!(north.codes(), [Code::SeatsShort]);
    assert!(north.seats > 0 && north.seats < 72);
    for _ in 0..4 {
        hall = hall.turned();
        let report = hall.check();
        assert_eq!(report.codes(), north.codes());
        assert_eq!(report.seats, north.seats);
        assert_eq!(report.capacity, north.capacity);
        assert_eq!(report.escape_cells(), north.escape_cells());
    }
}

#[test]
fn exits_limit_an_audience_to_ten_elevenths() {
    let one_exit = seated()
        .letter(0, 12, '.')
        .letter(0, 13, '.')
        .letter(39, 13, '.');
    let narrow = one_exit.rules(|rules| rules.exit_mm_per_100 = 1_300);
    let report = narrow.check();
    assert_eq!((report.seats, report.capacity), (72, 10 * 46 / 11));
}

#[test]
fn a_stage_is_one_piece_of_a_least_size() {
    let bare = || bare(Purpose::Roadshow, 40, 24).zone(18, 8, 4, 6, Side::North);
    nobody(&bare(), &[Code::StageMissing]);
    nobody(
        &bare().bigs(16, 0, 1, 2).bigs(20, 0, 2, 2),
        &[Code::StageSplit],
    );
    // touching at a corner is split
    let corner = bare().bigs(16, 0, 3, 2).block(SMALL, 22, 4, 0);
    nobody(&corner, &[Code::StageSplit]);
    nobody(&bare().bigs(18, 0, 2, 2), &[Code::StageSmall]);
    nobody(&bare().bigs(16, 0, 4, 1), &[Code::StageSmall]);
    // a hole in it leaves no full rectangle
    let hollow = bare().bigs(16, 0, 3, 1).bigs(16, 2, 1, 1).bigs(20, 2, 1, 1);
    nobody(&hollow, &[Code::StageSmall]);
    assert_eq!(bare().bigs(17, 0, 3, 2).codes(), []);
    let upright = bare().bigs(18, 0, 2, 3);
    assert_eq!(upright.codes(), []);
    // split and small is split
    nobody(
        &bare().bigs(16, 0, 1, 1).bigs(20, 0, 1, 1),
        &[Code::StageSplit],
    );
}

#[test]
fn every_block_on_the_floor_is_stage() {
    let stray = seated().block(SMALL, 1, 1, 0);
    nobody(&stray, &[Code::StageSplit]);
    let two_tiers = seated().block(BIG, 18, 0, 1).block(SMALL, 22, 0, 1);
    assert_eq!(two_tiers.check().seats, seated().check().seats);
}

#[test]
fn an_audience_is_there_and_on_free_cells() {
    nobody(&staged(), &[Code::AudienceMissing]);
    for letter in ['K', 'S', 'E', '#'] {
        let report = seated().letter(20, 10, letter).check();
        assert!(report.codes().contains(&Code::AudienceBlocked), "{letter}");
        assert_eq!((report.capacity, report.seats), (0, 0));
    }
    nobody(
        &staged().zone(14, 3, 12, 9, Side::North),
        &[Code::AudienceBlocked],
    );
    nobody(
        &staged().zone(14, 20, 12, 5, Side::North),
        &[Code::AudienceBlocked],
    );
    nobody(
        &staged().zone(-1, 8, 12, 5, Side::North),
        &[Code::AudienceBlocked],
    );
    let far = staged().zone(i32::MAX, i32::MIN, i32::MAX, i32::MAX, Side::West);
    nobody(&far, &[Code::AudienceBlocked]);
    // one that is blocked unseats them all
    let one_of_two = seated().zone(38, 20, 4, 4, Side::North);
    nobody(&one_of_two, &[Code::AudienceBlocked]);
}

#[test]
fn stage_audience_and_gates_are_all_looked_at() {
    let all = bare(Purpose::Roadshow, 40, 24).bigs(18, 0, 2, 2);
    nobody(&all, &[Code::AudienceMissing, Code::StageSmall]);
    let blocked = all.zone(18, 3, 4, 6, Side::North).seats_required(5);
    nobody(&blocked, &[Code::AudienceBlocked, Code::StageSmall]);
    nobody(
        &seated().gate(-1, 0, 1, 1).seats_required(5),
        &[Code::GateInvalid],
    );
    // a sound gate is of no use here, and does no harm
    assert_eq!(seated().gate(2, 2, 2, 2).check().seats, 72);
}

#[test]
fn the_gap_to_the_stage_is_two_to_eight() {
    for gap in 0..=10 {
        let hall = staged().zone(18, 4 + gap, 4, 3, Side::North);
        if (2..=8).contains(&gap) {
            assert_eq!(hall.codes(), [], "{gap}");
        } else {
            nobody(&hall, &[Code::AudienceNotFacing]);
        }
    }
    let near = staged().zone(18, 5, 4, 3, Side::North);
    assert_eq!(near.rules(|rules| rules.front_gap = [1, 1]).codes(), []);
    // two tiers do not bring it nearer, a piece in front does
    let apron = staged().bigs(18, 4, 1, 1);
    assert_eq!(apron.clone().zone(18, 8, 4, 3, Side::North).codes(), []);
    nobody(
        &apron.zone(18, 7, 4, 3, Side::North),
        &[Code::AudienceNotFacing],
    );
}

#[test]
fn an_audience_faces_at_least_half_of_the_stage() {
    // the stage is 8 wide, in columns 16 to 23
    for (x, w, faces) in [
        (12, 8, true),
        (11, 8, false),
        (20, 8, true),
        (21, 8, false),
        (18, 4, true),
        (18, 3, false),
    ] {
        let hall = staged().zone(x, 8, w, 3, Side::North);
        let expected = if faces {
            vec![]
        } else {
            vec![Code::AudienceNotFacing]
        };
        assert_eq!(hall.codes(), expected, "{x} {w}");
    }
    for side in [Side::South, Side::West, Side::East] {
        nobody(
            &staged().zone(14, 7, 12, 9, side),
            &[Code::AudienceNotFacing],
        );
    }
}

#[test]
fn a_zone_that_fails_leaves_the_others_their_seats() {
    let alone = staged().zone(18, 8, 4, 3, Side::North).check();
    let with_other = staged()
        .zone(18, 8, 4, 3, Side::North)
        .zone(2, 18, 4, 3, Side::North)
        .seats_required(1_000)
        .check();
    // and nobody asks for more seats before it is mended
    assert_eq!(with_other.codes(), [Code::AudienceNotFacing]);
    assert_eq!(with_other.seats, alone.seats);
    assert_eq!(with_other.escape_cells(), alone.escape_cells());
}

#[test]
fn zones_add_up() {
    let report = staged()
        .zone(15, 8, 4, 3, Side::North)
        .zone(21, 8, 4, 3, Side::North)
        .check();
    assert_eq!(
        report.codes(),
        [Code::AudienceNotFacing, Code::AudienceNotFacing][..1]
    );
    let report = staged()
        .zone(15, 8, 5, 3, Side::North)
        .zone(22, 8, 5, 3, Side::North)
        .rules(|rules| rules.stage_rect = [4, 4])
        .check();
    assert_eq!(report.codes(), [Code::AudienceNotFacing]);
    let report = staged()
        .zone(14, 8, 6, 3, Side::North)
        .zone(20, 8, 6, 3, Side::North)
        .check();
    assert_eq!(report.codes(), []);
    assert_eq!(report.seats, 24);
}

/// A hall that is as wide as a row of `across` seats and what is left beside it, west and east.
fn row(west: usize, across: i32, east: usize) -> Hall {
    let width = west + across as usize + east;
    let stage = west as i32 + across / 2 - 4;
    let hall = bare(Purpose::Roadshow, width, 14).bigs(stage, 0, 4, 2);
    hall.zone(west as i32, 8, across, 3, Side::North)
        .letter(0, 7, '.')
        .letter(0, 8, '.')
        .letter(width - 1, 7, '.')
        .letter(width - 1, 8, '.')
        .letter(width / 2, 13, 'E')
}

fn aisles(hall: &Hall) -> Vec<Rect> {
    let report = hall.check();
    report
        .seatings
        .into_iter()
        .flat_map(|one| one.aisles)
        .collect()
}

fn aisle(x: i32) -> Rect {
    Rect {
        x,
        y: 8,
        w: 2,
        h: 3,
    }
}

#[test]
fn rows_are_parted_where_they_are_too_long() {
    // both sides open: 22 seats between aisles
    assert_eq!(aisles(&row(2, 22, 2)), []);
    // 21 are left: 11 and 10, the longer one first
    assert_eq!(aisles(&row(2, 23, 2)), [aisle(2 + 11)]);
    assert_eq!(aisles(&row(2, 24, 2)), [aisle(2 + 11)]);
    // one side open: 11
    assert_eq!(aisles(&row(2, 11, 0)), []);
    assert_eq!(aisles(&row(2, 13, 0)), [aisle(2 + 6)]);
    assert_eq!(aisles(&row(0, 13, 2)), [aisle(6)]);
    // none: both ends keep to 11
    assert_eq!(aisles(&row(0, 12, 0)), [aisle(5)]);
    assert_eq!(aisles(&row(0, 24, 0)), [aisle(11)]);
    assert_eq!(aisles(&row(0, 25, 0)), [aisle(7), aisle(16)]);
}

#[test]
fn a_rows_first_module_is_where_the_page_has_it() {
    // 23 across, both sides open: the longer segment of 11 is west of the aisle facing north, north facing east,
    // east facing south, south facing west
    let north = row(2, 23, 2);
    let east = north.turned();
    let south = east.turned();
    let west = south.turned();
    assert_eq!(aisles(&north), [aisle(13)]);
    assert_eq!(
        aisles(&east),
        [Rect {
            x: 3,
            y: 13,
            w: 3,
            h: 2
        }]
    );
    assert_eq!(
        aisles(&south),
        [Rect {
            x: 27 - 15,
            y: 3,
            w: 2,
            h: 3
        }]
    );
    assert_eq!(
        aisles(&west),
        [Rect {
            x: 8,
            y: 27 - 15,
            w: 3,
            h: 2
        }]
    );
}

#[test]
fn a_side_is_open_over_the_whole_depth_only() {
    assert_eq!(aisles(&row(2, 12, 2)), []);
    let column_at_the_back = row(2, 12, 2).letter(1, 10, '#');
    assert_eq!(aisles(&column_at_the_back), [aisle(2 + 5)]);
    let column_behind = row(2, 12, 2).letter(1, 11, '#');
    assert_eq!(aisles(&column_behind), []);
    // one module beside the zone is no way out
    assert_eq!(aisles(&row(1, 12, 2)), [aisle(1 + 5)]);
}

#[test]
fn sides_are_judged_with_all_zones_closed_also_those_that_fail() {
    let beside = |hall: Hall| hall.zone(14, 7, 1, 5, Side::South);
    let report = beside(row(2, 12, 2)).check();
    assert_eq!(report.codes(), [Code::AudienceNotFacing]);
    assert_eq!(report.seatings[0].aisles, [aisle(2 + 5)]);
}

#[test]
fn a_row_without_any_aisle_seats_nobody() {
    let narrow = row(0, 3, 0);
    let narrow = narrow.rules(|rules| rules.stage_rect = [1, 1]);
    assert_eq!(narrow.codes(), [Code::OutOfFloor]);
    let tight = row(0, 24, 0).rules(|rules| rules.row_one = 0);
    nobody(&tight, &[Code::RowAccess]);
    nobody(&tight.clone().seats_required(500), &[Code::RowAccess]);
    let no_seats = row(2, 24, 2).rules(|rules| rules.row_both = 0);
    nobody(
        &no_seats.rules(|rules| rules.row_one = 0),
        &[Code::RowAccess],
    );
}

#[test]
fn an_inner_aisle_that_leads_nowhere_is_dead() {
    // with a third square the aisles of two are not swept; people sit all the same
    let report = row(4, 24, 4).rules(|rules| rules.egress_k = 3).check();
    assert_eq!(report.codes(), [Code::AisleDead]);
    assert_eq!(report.violations[0].cells.len(), 6);
    assert!(report.seats > 0);
    assert_eq!(row(4, 24, 4).codes(), []);
    // nobody but AISLE_DEAD keeps SEATS_SHORT from being found
    let short = row(4, 24, 4).rules(|rules| rules.egress_k = 3);
    let codes = short.seats_required(1_000).codes();
    assert_eq!(codes, [Code::AisleDead, Code::SeatsShort]);
}

#[test]
fn inner_aisles_are_open_and_the_rest_is_closed() {
    let report = row(4, 24, 4).check();
    let taken = 8 * 4 + (24 - 2) * 3;
    assert_eq!(report.escape_cells(), 32 * 14 - taken);
}

#[test]
fn as_many_seats_as_required() {
    assert_eq!(seated().seats_required(72).codes(), []);
    assert_eq!(seated().seats_required(73).codes(), [Code::SeatsShort]);
}

#[test]
fn a_seat_lies_within_sixty_degrees_of_the_stages_axis() {
    // first row of a zone with a gap of 2: 8 + 3 quarters deep, so lat ≤ 19 of 19.05; seats are at 2, 6, 10, 14, 18
    let report = staged().zone(8, 6, 24, 2, Side::North).check();
    let across: Vec<_> = report.seatings[0].seats.iter().map(|seat| seat.0).collect();
    let middle = 4 * 20;
    let expected: Vec<_> = (-5..5).map(|at| middle + 4 * at + 2).collect();
    // an inner aisle takes the two modules after the first eleven: columns 19 and 20
    let seats: Vec<_> = expected
        .into_iter()
        .filter(|at| !(76..84).contains(at))
        .collect();
    assert_eq!(across, seats);
    assert!(
        report.seatings[0]
            .seats
            .iter()
            .all(|seat| seat.1 == 4 * 6 + 3)
    );
}

#[test]
fn an_angle_of_exactly_sixty_degrees_never_falls_on_a_seat_but_the_limit_is_sharp() {
    // lat² ≤ 3·ax²: 18² = 324 ≤ 363 = 3·11², 22² = 484 > 363
    let report = staged().zone(14, 6, 12, 2, Side::North).check();
    assert_eq!(report.seats, 10);
}

#[test]
fn a_column_hides_the_seats_behind_it_and_nothing_else_does() {
    let all = seated().check().seats;
    // straight before the middle of the stage, between columns 19 and 20
    let hidden = |x, y| all - seated().letter(x, y, '#').check().seats;
    assert!(hidden(19, 5) > 0 && hidden(20, 5) > 0);
    assert_eq!(hidden(19, 5), hidden(20, 5));
    assert_eq!(hidden(2, 5), 0);
    // beside the stage, behind its front
    assert_eq!(hidden(24, 3), 0);
    for letter in ['K', 'S'] {
        assert_eq!(seated().letter(19, 5, letter).check().seats, all);
    }
}

#[test]
fn a_line_through_a_column_is_hidden_and_one_along_its_corner_is_not() {
    // the middle of the stage's front is (80, 16); the line of the seat at (90, 31) goes from the open cell (22, 7)
    // through the corner (88, 28) into (21, 6), then (20, 5) and (20, 4)
    let seen = |x, y| {
        let hall = staged().zone(18, 7, 6, 2, Side::North);
        let report = hall.letter(x, y, '#').check();
        report.seatings[0].seats.contains(&(90, 31))
    };
    for (x, y) in [(21, 6), (21, 5), (20, 4)] {
        assert!(!seen(x, y), "{x} {y}");
    }
    for (x, y) in [(22, 6), (20, 6), (22, 5), (19, 4), (22, 4)] {
        assert!(seen(x, y), "{x} {y}");
    }
}

#[test]
fn overlapping_zones_each_seat_their_own() {
    let one = staged().zone(18, 8, 4, 3, Side::North).check();
    let two = staged()
        .zone(18, 8, 4, 3, Side::North)
        .zone(18, 8, 4, 3, Side::North)
        .check();
    assert_eq!(two.seats, 2 * one.seats);
    assert_eq!(two.escape_cells(), one.escape_cells());
}
