//! What holds for every layout: no direction of the floor is special, nothing panics, and the escape region is the one
//! of the page's words.

use mofang::layout::{BlockType, Code, Purpose, Rect, Rules, Side, Zone};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::hall::{BIG, Hall, SMALL, hall};
use crate::literal::{Cells, beside, components, escape_region};

/// Letters of a floor that is mostly free.
fn letter() -> impl Strategy<Value = char> {
    prop_oneof![
        94 => Just('.'),
        3 => Just('#'),
        1 => Just('K'),
        1 => Just('E'),
        1 => Just('S'),
    ]
}

/// A floor with an exit or two along its sides.
fn floors() -> impl Strategy<Value = Vec<String>> {
    (6..26_usize, 6..18_usize)
        .prop_flat_map(|(width, height)| {
            let exit = (any::<bool>(), any::<bool>(), 0..26_usize, 1..4_usize);
            (vec(vec(letter(), width), height), vec(exit, 0..3))
        })
        .prop_map(|(mut rows, exits)| {
            let (width, height) = (rows[0].len(), rows.len());
            for (upright, far, start, length) in exits {
                for (y, row) in rows.iter_mut().enumerate() {
                    for (x, cell) in row.iter_mut().enumerate() {
                        let (along, across) = if upright { (y, x) } else { (x, y) };
                        let side = match (far, upright) {
                            (false, _) => 0,
                            (true, true) => width - 1,
                            (true, false) => height - 1,
                        };
                        if across == side && (start..start + length).contains(&along) {
                            *cell = 'E';
                        }
                    }
                }
            }
            rows.into_iter().map(String::from_iter).collect()
        })
}

/// What a scene is made of besides its floor.
#[derive(Debug, Clone)]
struct Plan {
    purpose: Purpose,
    /// Where the arrangement begins, and its size in big blocks.
    at: (i32, i32),
    size: (i32, i32),
    gap: i32,
    zone: (i32, i32),
    facing: Side,
    strays: Vec<(usize, i32, i32, bool)>,
    rules: Rules,
    seats_required: u32,
}

fn plans() -> impl Strategy<Value = Plan> {
    let rules = (1..4_u32, 0..20_u32, 0..24_u32, 0..12_u32, 0..5_u32).prop_map(
        |(egress_k, pocket_max, row_both, row_one, band)| Rules {
            egress_k,
            pocket_max,
            row_both,
            row_one,
            band,
            stage_rect: [4, 4],
            arena_rect: [3, 3],
            exits_two_over: 20,
            ..Rules::default()
        },
    );
    let strays = vec((0..3_usize, 0..26, 0..18, any::<bool>()), 0..6);
    (
        select(&Purpose::ALL[..]),
        (0..12_i32, 0..6_i32),
        (1..5_i32, 1..5_i32),
        1..7_i32,
        (1..20_i32, 1..8_i32),
        select(&Side::ALL[..]),
        strays,
        rules,
        0..40_u32,
    )
        .prop_map(
            |(purpose, at, size, gap, zone, facing, strays, rules, seats_required)| Plan {
                purpose,
                at,
                size,
                gap,
                zone,
                facing,
                strays,
                rules,
                seats_required,
            },
        )
}

/// A scene whose structure is sound: what would not be is left out.
fn scenes() -> impl Strategy<Value = Hall> {
    (floors(), plans()).prop_map(|(rows, plan)| {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut scene = hall(plan.purpose, &rows).rules(|rules| *rules = plan.rules.clone());
        let (x, y) = plan.at;
        let (across, down) = plan.size;
        match plan.purpose {
            Purpose::Roadshow => {
                scene = grid(scene, (x, y), (across, down), 2);
                let (w, h) = plan.zone;
                let top = y + 2 * down + plan.gap;
                scene = scene.zone(x + across - w / 2, top, w, h, Side::North);
                if plan.facing != Side::North {
                    scene = scene.zone(x, top, w / 2 + 1, h, plan.facing);
                }
            }
            Purpose::RobotContest => {
                let (right, bottom) = (x + 2 * across + 2, y + 2 * down + 2);
                for top in (y..=bottom).step_by(2) {
                    for left in (x..=right).step_by(2) {
                        let edge = top == y || top == bottom || left == x || left == right;
                        if edge && (left, top) != (x, y + 2) {
                            scene = sound(scene, BIG, left, top, false);
                        }
                    }
                }
                if plan.gap > 1 {
                    scene = scene.gate(x, y + 2, 2, 2);
                }
            }
            _ => scene = grid(scene, (x, y), (across, down), plan.gap + 2),
        }
        for (block, x, y, turned) in plan.strays {
            scene = sound(scene, block, x, y, turned);
        }
        scene.seats_required(plan.seats_required)
    })
}

/// Big blocks in rows, `pitch` modules from one to the next.
fn grid(scene: Hall, (x, y): (i32, i32), (across, down): (i32, i32), pitch: i32) -> Hall {
    let places = (0..down).flat_map(|row| (0..across).map(move |column| (column, row)));
    places.fold(scene, |scene, (column, row)| {
        sound(scene, BIG, x + pitch * column, y + pitch * row, false)
    })
}

/// Puts a block where it may stand, else leaves it out.
fn sound(scene: Hall, block: usize, x: i32, y: i32, turned: bool) -> Hall {
    let with = scene.clone().placed(block, x, y, 0, turned);
    let rect = with.layout.placements[scene.layout.placements.len()].rect(&scene.types);
    let letter = |(x, y): (i64, i64)| {
        let row = usize::try_from(y).ok().and_then(|y| scene.rows.get(y))?;
        usize::try_from(x).ok().and_then(|x| row.as_bytes().get(x))
    };
    let free = rect.cells().all(|cell| letter(cell) == Some(&b'.'));
    let mut others = scene.layout.placements.iter();
    if free && !others.any(|other| other.rect(&scene.types).overlaps(&rect)) {
        with
    } else {
        scene
    }
}

fn letters(hall: &Hall, letter: impl Fn(u8) -> bool) -> Cells {
    let mut cells = Cells::new();
    for (y, row) in hall.rows.iter().enumerate() {
        let row = row.bytes().enumerate().filter(|(_, one)| letter(*one));
        cells.extend(row.map(|(x, _)| (x as i64, y as i64)));
    }
    cells
}

/// The walkable cells under no block.
fn free(hall: &Hall) -> Cells {
    let mut free = letters(hall, |letter| letter != b'#');
    for placement in &hall.layout.placements {
        for cell in placement.cells(&hall.types) {
            free.remove(&cell);
        }
    }
    free
}

fn exits(hall: &Hall) -> Cells {
    letters(hall, |letter| letter == b'E')
}

fn without(cells: &Cells, rects: impl IntoIterator<Item = Rect>) -> Cells {
    let mut cells = cells.clone();
    for rect in rects {
        cells.retain(|(x, y)| {
            let inside =
                (rect.left()..rect.right()).contains(x) && (rect.top()..rect.bottom()).contains(y);
            !inside
        });
    }
    cells
}

/// The free cells that no seated audience closes.
fn free_of_seats(hall: &Hall) -> Cells {
    let all = free(hall);
    let mut left = all.clone();
    for seating in hall.check().seatings {
        let zone = hall.layout.zones[seating.zone].rect;
        let aisles: Cells = seating
            .aisles
            .iter()
            .flat_map(|aisle| aisle.cells())
            .collect();
        left.retain(|cell| aisles.contains(cell) || without(&[*cell].into(), [zone]).len() == 1);
    }
    left
}

/// Whether the page's "ties" decide anything here: then a turned or mirrored floor may answer otherwise.
fn tied(hall: &Hall) -> bool {
    let k = i64::from(hall.rules.egress_k);
    let (free, exits) = (free(hall), exits(hall));
    let zones = hall.layout.zones.iter().map(|zone| zone.rect);
    let closed = without(&free, hall.layout.gates.iter().copied());
    let mut insides = components(&closed);
    insides.retain(|cells| cells.is_disjoint(&exits));
    insides.sort_by_key(|cells| std::cmp::Reverse(cells.len()));
    escape_region(&without(&free, zones), &exits, k).1
        || escape_region(&free_of_seats(hall), &exits, k).1
        || escape_region(&closed, &exits, k).1
        || (insides.len() > 1 && insides[0].len() == insides[1].len())
}

/// Whether some row is parted into segments that a mirror would part otherwise.
fn parted_unevenly(hall: &Hall) -> bool {
    let mirrored = hall.mirrored().check().seatings;
    let width = hall.width();
    hall.check()
        .seatings
        .iter()
        .zip(mirrored)
        .any(|(one, other)| {
            let mut aisles: Vec<_> = one.aisles.clone();
            for aisle in &mut aisles {
                aisle.x = width - aisle.x - aisle.w;
            }
            let mut others = other.aisles;
            aisles.sort_by_key(|aisle| (aisle.x, aisle.y));
            others.sort_by_key(|aisle| (aisle.x, aisle.y));
            aisles != others
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_turned_floor_answers_alike(scene in scenes()) {
        prop_assume!(!tied(&scene));
        let report = scene.check();
        let mut turned = scene;
        for _ in 0..3 {
            turned = turned.turned();
            let other = turned.check();
            prop_assert_eq!(other.codes(), report.codes());
            prop_assert_eq!((other.capacity, other.seats), (report.capacity, report.seats));
            prop_assert_eq!(other.escape_cells(), report.escape_cells());
        }
    }

    #[test]
    fn a_mirrored_floor_breaks_the_same_rules(scene in scenes()) {
        prop_assume!(!tied(&scene) && !parted_unevenly(&scene));
        let but_seats = |hall: &Hall| {
            let mut codes = hall.codes();
            codes.retain(|code| *code != Code::SeatsShort);
            codes
        };
        prop_assert_eq!(but_seats(&scene.mirrored()), but_seats(&scene));
    }

    #[test]
    fn the_escape_region_is_the_one_of_the_words(scene in scenes()) {
        let report = scene.check();
        let k = i64::from(scene.rules.egress_k);
        let free = free_of_seats(&scene);
        let (region, _) = escape_region(&free, &exits(&scene), k);
        for y in -1..=i64::from(scene.height()) {
            for x in -1..=i64::from(scene.width()) {
                prop_assert_eq!(report.escape.contains(x, y), region.contains(&(x, y)));
            }
        }
        prop_assert_eq!(report.escape_cells(), region.len());
        let blocked = components(&exits(&scene)).iter().any(|exit| exit.is_disjoint(&region));
        prop_assert_eq!(report.codes().contains(&Code::ExitBlocked), blocked);
        if scene.layout.purpose != Purpose::RobotContest {
            let store = letters(&scene, |letter| letter == b'S');
            let outside: Cells = free.difference(&region).copied().collect();
            let outside = outside.difference(&store).copied().collect();
            let pocket = components(&outside).iter().any(|part| {
                let touches = part.iter().any(|cell| beside(*cell).iter().any(|one| region.contains(one)));
                !touches || part.len() > scene.rules.pocket_max as usize
            });
            prop_assert_eq!(report.codes().contains(&Code::Pocket), pocket);
        }
    }

    #[test]
    fn the_order_of_blocks_means_nothing(scene in scenes()) {
        let mut other = scene.clone();
        other.layout.placements.reverse();
        other.layout.zones.reverse();
        let (one, other) = (scene.check(), other.check());
        prop_assert_eq!(one.codes(), other.codes());
        prop_assert_eq!((one.capacity, one.seats), (other.capacity, other.seats));
    }
}

fn anywhere() -> impl Strategy<Value = i32> {
    prop_oneof![8 => -3..20_i32, 1 => any::<i32>(), 1 => select(vec![i32::MIN, i32::MAX])]
}

fn length() -> impl Strategy<Value = i32> {
    prop_oneof![8 => 1..12_i32, 1 => 1..=i32::MAX, 1 => Just(i32::MAX)]
}

fn rects() -> impl Strategy<Value = Rect> {
    (anywhere(), anywhere(), length(), length()).prop_map(|(x, y, w, h)| Rect { x, y, w, h })
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let value = || prop_oneof![3 => 0..30_u32, 1 => any::<u32>(), 1 => Just(u32::MAX)];
    vec(value(), 23).prop_map(|values| {
        let mut values = values.into_iter();
        let mut next = || values.next().unwrap_or(1);
        Rules {
            egress_k: next().max(1),
            pocket_max: next(),
            exits_two_over: next(),
            exit_mm_per_100: next().max(1),
            exit_cell_mm: next(),
            stage_rect: [next().max(1), next().max(1)],
            front_gap: [next(), next()],
            row_both: next(),
            row_one: next(),
            aisle: next().max(1),
            eye_mm: next(),
            exhib_aisle: next(),
            exhib_min: next(),
            arena_rect: [next().max(1), next().max(1)],
            band: next(),
            salon_gap: next(),
            salon_min: next(),
            salon_max_cells: next(),
            salon_big_seats: next(),
            salon_small_seats: next(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_panics(
        scene in scenes(),
        strays in vec((0..3_usize, anywhere(), anywhere(), anywhere(), any::<bool>()), 0..3),
        zones in vec((rects(), select(&Side::ALL[..])), 0..4),
        gates in vec(rects(), 0..3),
        rules in any_rules(),
        seats in any::<u32>(),
        plank in (1..=1_000_i32, 1..4_i32, any::<u32>()),
    ) {
        let mut scene = scene.rules(|all| *all = rules).types(|types| {
            types[2] = BlockType { w: plank.0, h: plank.1, salon_seats: plank.2, ..types[SMALL].clone() };
        });
        scene.layout.seats_required = seats;
        for (rect, facing) in zones {
            scene.layout.zones.push(Zone { rect, facing });
        }
        scene.layout.gates.extend(gates);
        scene.check();
        for (block, x, y, z, turned) in strays {
            scene = scene.placed(block, x, y, z, turned);
        }
        scene.check();
    }
}
