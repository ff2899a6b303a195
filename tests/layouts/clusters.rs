//! Exhibition and salon: clusters.

use mofang::layout::{Code, Purpose};

use crate::hall::{BIG, Hall, PLANK, SMALL, bare};

fn exhibition() -> Hall {
    bare(Purpose::Exhibition, 40, 24)
}

#[test]
fn an_exhibition_is_two_clusters_with_anchors() {
    assert_eq!(exhibition().codes(), [Code::ClustersFew]);
    assert_eq!(exhibition().bigs(4, 4, 2, 2).codes(), [Code::ClustersFew]);
    assert_eq!(exhibition().bigs(4, 4, 1, 1).bigs(10, 4, 1, 1).codes(), []);
    // small blocks make no cluster, and one that lacks an anchor is enough
    let lacking = exhibition()
        .bigs(4, 4, 1, 1)
        .bigs(10, 4, 1, 1)
        .block(SMALL, 16, 4, 0);
    assert_eq!(lacking.codes(), [Code::ClustersFew]);
    assert_eq!(lacking.check().violations[0].cells, [(16, 4)]);
    let anchoring = lacking.types(|types| types[SMALL].anchors = true);
    assert_eq!(anchoring.codes(), [Code::Irregular]);
    // an anchor on top does not help
    let above = exhibition().bigs(4, 4, 1, 1).bigs(10, 4, 1, 1);
    let above = [(16, 4), (17, 4), (16, 5), (17, 5)]
        .into_iter()
        .fold(above, |hall, (x, y)| hall.block(SMALL, x, y, 0));
    assert_eq!(above.block(BIG, 16, 4, 1).codes(), [Code::ClustersFew]);
    let one = exhibition()
        .bigs(4, 4, 1, 1)
        .rules(|rules| rules.exhib_min = 1);
    assert_eq!(one.codes(), []);
}

#[test]
fn clusters_that_touch_at_a_corner_are_two_with_no_aisle() {
    let corner = exhibition().bigs(4, 4, 1, 1).bigs(6, 6, 1, 1);
    assert_eq!(corner.codes(), [Code::AisleNarrow]);
}

#[test]
fn clusters_are_congruent_by_translation() {
    let other_way = exhibition().bigs(4, 4, 2, 1).bigs(4, 10, 1, 2);
    assert_eq!(other_way.codes(), [Code::Irregular]);
    // the same cells of other blocks are congruent
    let mixed = exhibition().bigs(4, 4, 2, 1);
    let mixed = mixed.bigs(12, 4, 1, 1);
    let mixed = [(14, 4), (15, 4), (14, 5), (15, 5)]
        .into_iter()
        .fold(mixed, |hall, (x, y)| hall.block(SMALL, x, y, 0));
    assert_eq!(mixed.codes(), []);
    // a cluster's second tier plays no part
    let tiers = exhibition()
        .bigs(4, 4, 1, 1)
        .bigs(10, 4, 1, 1)
        .block(BIG, 4, 4, 1);
    assert_eq!(tiers.codes(), []);
}

#[test]
fn origins_are_equally_spaced_each_way() {
    let at = |places: &[(i32, i32)]| {
        let bigs = |hall: Hall, &(x, y): &(i32, i32)| hall.block(BIG, x, y, 0);
        places.iter().fold(exhibition(), bigs).codes()
    };
    assert_eq!(at(&[(4, 4), (10, 4), (16, 4), (4, 9), (16, 9)]), []);
    assert_eq!(at(&[(4, 4), (10, 4), (17, 4)]), [Code::Irregular]);
    assert_eq!(at(&[(4, 4), (4, 9), (4, 15)]), [Code::Irregular]);
    // a diagonal is a lattice with empty points
    assert_eq!(at(&[(4, 1), (10, 6), (16, 11), (22, 16)]), []);
    assert_eq!(at(&[(4, 4), (9, 4)]), []);
}

#[test]
fn an_origin_is_the_corner_of_the_box() {
    // an L whose box begins where no cell is
    let l = |hall: Hall, x, y| hall.block(BIG, x + 2, y, 0).bigs(x, y + 2, 2, 1);
    let three = l(l(l(exhibition(), 4, 4), 13, 4), 22, 4);
    assert_eq!(three.codes(), []);
}

#[test]
fn aisles_of_an_exhibition_are_three_wide() {
    let apart = |dx, dy| {
        exhibition()
            .bigs(4, 4, 1, 1)
            .bigs(4 + dx, 4 + dy, 1, 1)
            .codes()
    };
    assert_eq!(apart(4, 0), [Code::AisleNarrow]);
    assert_eq!(apart(5, 0), []);
    assert_eq!(apart(0, 4), [Code::AisleNarrow]);
    assert_eq!(apart(0, 5), []);
    assert_eq!(apart(4, 4), [Code::AisleNarrow]);
    assert_eq!(apart(5, 4), []);
    let both = exhibition()
        .bigs(4, 4, 1, 1)
        .bigs(8, 4, 1, 1)
        .bigs(30, 4, 1, 1);
    assert_eq!(both.codes(), [Code::AisleNarrow, Code::Irregular]);
}

#[test]
fn an_exhibition_has_no_seats() {
    let report = exhibition()
        .bigs(4, 4, 1, 1)
        .bigs(10, 4, 1, 1)
        .seats_required(99)
        .check();
    assert_eq!((report.codes(), report.seats), (vec![], 0));
    assert_eq!(report.capacity, 27 * (40 * 24 - 4 - 8) / 100);
}

/// Three groups of a big and a small block.
fn salon() -> Hall {
    [4, 12, 20]
        .into_iter()
        .fold(bare(Purpose::Salon, 40, 24), |hall, x| {
            hall.block(BIG, x, 4, 0).block(SMALL, x + 2, 4, 0)
        })
}

#[test]
fn a_salon_is_three_groups_of_both_kinds() {
    let report = salon().check();
    assert_eq!((report.codes(), report.seats), (vec![], 15));
    assert_eq!(report.capacity, 36 * (40 * 24 - 4 - 15) / 140);
    assert_eq!(
        bare(Purpose::Salon, 20, 10).codes(),
        [Code::ClustersFew, Code::Mix]
    );
    let without_small = bare(Purpose::Salon, 40, 24)
        .bigs(4, 4, 1, 1)
        .bigs(8, 4, 1, 1)
        .bigs(12, 4, 1, 1);
    assert_eq!(without_small.codes(), [Code::Mix]);
    // a small one on top is there, too
    assert_eq!(without_small.block(SMALL, 4, 4, 1).codes(), []);
    let two = bare(Purpose::Salon, 40, 24)
        .bigs(4, 4, 1, 1)
        .block(SMALL, 10, 4, 0);
    assert_eq!(two.codes(), [Code::ClustersFew]);
    assert_eq!(two.rules(|rules| rules.salon_min = 2).codes(), []);
}

#[test]
fn a_group_has_at_most_twelve_cells() {
    assert_eq!(salon().bigs(4, 10, 3, 1).codes(), []);
    let thirteen = salon().bigs(4, 10, 3, 1).block(SMALL, 10, 10, 0);
    assert_eq!(thirteen.codes(), [Code::ClusterBig]);
    assert_eq!(thirteen.check().violations[0].cells.len(), 13);
    // where there are too few, none is too big
    let one = bare(Purpose::Salon, 40, 24)
        .bigs(4, 10, 3, 2)
        .block(SMALL, 10, 10, 0);
    assert_eq!(one.codes(), [Code::ClustersFew]);
}

#[test]
fn aisles_of_a_salon_are_two_wide_also_between_too_few_groups() {
    assert_eq!(salon().block(SMALL, 8, 4, 0).codes(), [Code::AisleNarrow]);
    assert_eq!(salon().block(SMALL, 9, 4, 0).codes(), []);
    let two = bare(Purpose::Salon, 40, 24)
        .bigs(4, 4, 1, 1)
        .bigs(7, 4, 1, 1);
    assert_eq!(
        two.codes(),
        [Code::AisleNarrow, Code::ClustersFew, Code::Mix]
    );
}

#[test]
fn seats_of_a_salon_are_those_on_the_floor() {
    assert_eq!(salon().seats_required(15).codes(), []);
    assert_eq!(salon().seats_required(16).codes(), [Code::SeatsShort]);
    let above = salon().block(BIG, 4, 4, 1).seats_required(16);
    assert_eq!(
        (above.codes(), above.check().seats),
        (vec![Code::SeatsShort], 15)
    );
    assert_eq!(salon().block(PLANK, 30, 4, 0).check().seats, 18);
    let few = bare(Purpose::Salon, 20, 10).seats_required(1);
    assert_eq!(
        few.codes(),
        [Code::ClustersFew, Code::Mix, Code::SeatsShort]
    );
}
