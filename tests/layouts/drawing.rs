//! Pictures of layouts: whole, self-contained, and with words for those who cannot see them.

use std::collections::BTreeSet;

use mofang::language::Locale;
use mofang::layout::draw::{Subject, Words, isometric, plan};
use mofang::layout::{Floor, Purpose, Side, Site};

use crate::hall::{BIG, Hall, PLANK, SMALL, bare};

fn drawn(hall: &Hall, locale: Locale) -> [String; 2] {
    let site = Site {
        floor: &Floor::parse(&hall.rows).unwrap(),
        types: &hall.types,
        inventory: &hall.inventory,
        rules: hall.rules.clone(),
    };
    let report = hall.check();
    let words = Words::new(locale, "A <stage> & more", &site, &hall.layout, &report);
    let subject = Subject {
        site: &site,
        layout: &hall.layout,
        report: &report,
        words: &words,
    };
    [plan(&subject), isometric(&subject)]
}

/// A hall with everything that can be drawn.
fn everything() -> Hall {
    bare(Purpose::Roadshow, 30, 20)
        .letter(0, 0, 'S')
        .letter(1, 0, 'K')
        .letter(2, 0, '#')
        .bigs(10, 0, 4, 2)
        .block(BIG, 10, 0, 1)
        .block(SMALL, 18, 0, 0)
        .placed(PLANK, 18, 1, 0, true)
        .zone(10, 7, 9, 6, Side::North)
        .gate(22, 3, 2, 2)
}

/// The values of an attribute.
fn values<'a>(svg: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    let start = format!(" {attribute}=\"");
    let after = svg.split(start.as_str()).skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn a_picture_is_one_element_whose_tags_all_end() {
    for svg in drawn(&everything(), Locale::En) {
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert!(svg.ends_with("</svg>\n"));
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap();
            let name = tag.split(' ').next().unwrap();
            if let Some(name) = name.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty());
    }
}

#[test]
fn a_picture_needs_nothing_from_elsewhere() {
    for svg in drawn(&everything(), Locale::En) {
        assert_eq!(svg.matches("http").count(), 1);
        assert!(!svg.contains("href") && !svg.contains("<script") && !svg.contains("@import"));
        let ids = values(&svg, "id");
        for fill in values(&svg, "fill") {
            let id = fill
                .strip_prefix("url(#")
                .unwrap()
                .strip_suffix(')')
                .unwrap();
            assert!(ids.contains(id), "{id}");
        }
    }
}

#[test]
fn every_class_has_its_colour_in_light_and_dark_and_print_is_light() {
    for svg in drawn(&everything(), Locale::En) {
        let (light, dark) = svg
            .split_once("@media screen and (prefers-color-scheme:dark)")
            .unwrap();
        let dark = dark.split("</style>").next().unwrap();
        let faces = ["t", "l", "r", "o", "mf", "name", "obstacle"];
        for class in values(&svg, "class").iter().flat_map(|all| all.split(' ')) {
            if !faces.contains(&class) {
                let selector = format!(".mf .{class}{{");
                assert!(light.contains(&selector), "{class} in light");
                assert!(dark.contains(&selector), "{class} in dark");
            }
        }
    }
}

#[test]
fn those_who_cannot_see_it_are_told() {
    let [plan, _] = drawn(&everything(), Locale::En);
    assert!(plan.contains("role=\"img\""));
    assert!(plan.contains("<title>A &lt;stage&gt; &amp; more</title>"));
    let description = plan
        .split("<desc>")
        .nth(1)
        .unwrap()
        .split("</desc>")
        .next()
        .unwrap();
    assert_eq!(
        description,
        "Stage with audience. The floor has 30 by 20 modules of 0.6 m; columns are lettered from the west, rows \
         numbered from the north. Big block: 9, between K1 and R4. Small block: 1, between S1 and S1. \
         Block “plank”: 1, between S2 and S4. 36 seats between K8 and S13, facing north. A gate from W4 to X5. \
         36 people at most."
    );
    let [plan, _] = drawn(&everything().block(SMALL, 18, 0, 0), Locale::ZhCn);
    assert!(plan.contains("小方块 2 个，位于 S1 至 S1。"));
    assert!(plan.contains("有 1 条规则未满足。"));
    assert!(plan.contains(">需要调整</text>"));
}

#[test]
fn edges_carry_letters_and_numbers() {
    for svg in drawn(&everything(), Locale::En) {
        for name in ["A", "Z", "AA", "AD", "1", "20"] {
            assert!(svg.contains(&format!(">{name}</text>")), "{name}");
        }
        assert!(!svg.contains(">AE</text>") && !svg.contains(">21</text>"));
    }
}

#[test]
fn what_is_near_is_painted_over_what_is_far() {
    let hall = bare(Purpose::Open, 12, 8)
        .block(SMALL, 5, 5, 0)
        .block(PLANK, 2, 2, 0);
    let [_, near_first] = drawn(&hall, Locale::En);
    let far = near_first.find("<g class=\"b2\"><polygon").unwrap();
    let near = near_first.find("<g class=\"b1\"><polygon").unwrap();
    assert!(far < near);
    // and what stands on another over what carries it
    let stack = bare(Purpose::Open, 12, 8)
        .block(PLANK, 2, 2, 1)
        .block(BIG, 2, 2, 0)
        .block(SMALL, 4, 2, 0);
    let [_, stack] = drawn(&stack, Locale::En);
    let above = stack.find("<g class=\"b2\"><polygon").unwrap();
    let under = stack.find("<g class=\"b0\"><polygon").unwrap();
    assert!(under < above);
}

#[test]
fn a_drawing_of_the_impossible_is_still_a_drawing() {
    let far = everything()
        .block(BIG, i32::MAX, i32::MIN, i32::MAX)
        .block(BIG, i32::MIN, i32::MAX, i32::MIN)
        .zone(i32::MAX, i32::MAX, i32::MAX, i32::MAX, Side::South)
        .zone(i32::MIN, i32::MIN, 1, 1, Side::East)
        .gate(i32::MIN, i32::MAX, 1, 1);
    for svg in drawn(&far, Locale::ZhCn) {
        assert!(svg.ends_with("</svg>\n"));
    }
}

#[test]
fn a_legend_fits_under_a_floor_of_few_cells() {
    for svg in drawn(&bare(Purpose::Open, 3, 3).block(SMALL, 0, 0, 0), Locale::En) {
        let width: i64 = svg
            .split(" width=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let left: i64 = svg
            .split("<text class=\"label\" x=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let words = "Small block × 1".chars().count() as i64;
        assert!(left + 7 * words <= width, "{left} of {width}");
    }
}

/// The corners of what is marked as wrong.
fn marks(svg: &str) -> Vec<Vec<(i64, i64)>> {
    let polygons = svg.split("<polygon class=\"bad\" points=\"").skip(1);
    let corner = |text: &str| {
        let (x, y) = text.split_once(',').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    polygons
        .map(|rest| {
            rest.split('"')
                .next()
                .unwrap()
                .split(' ')
                .map(corner)
                .collect()
        })
        .collect()
}

#[test]
fn what_is_wrong_is_marked_on_top_of_a_stack_and_never_beside_the_floor() {
    let stack = bare(Purpose::Open, 12, 8)
        .letter(5, 3, '#')
        .block(BIG, 4, 3, 0);
    let low = marks(&drawn(&stack, Locale::En)[1]);
    let high = marks(&drawn(&stack.block(BIG, 4, 3, 1), Locale::En)[1]);
    let rise = |marks: &[Vec<(i64, i64)>]| {
        let ground = marks.iter().flatten().map(|at| at.1).max().unwrap();
        ground - marks.last().unwrap().iter().map(|at| at.1).min().unwrap()
    };
    assert!(rise(&high) >= rise(&low) + 20, "{low:?} {high:?}");

    let beside = bare(Purpose::Open, 6, 6)
        .block(BIG, 40, 2, 0)
        .block(BIG, 5, 2, 0);
    let svg = &drawn(&beside, Locale::En)[1];
    let width: i64 = svg
        .split(" width=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    for (x, _) in marks(svg).into_iter().flatten() {
        assert!((0..=width).contains(&x), "{x} of {width}");
    }
}
