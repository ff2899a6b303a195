//! Pictures of changeovers.

use mofang::language::Locale;
use mofang::layout::draw::{Carry, Job, JobWords, sheet, steps, timeline};
use mofang::layout::{BlockType, Floor, Placement};

fn types() -> [BlockType; 2] {
    [BlockType::big(), BlockType::small()]
}

fn at(block: usize, x: i32, y: i32, z: i32) -> Option<Placement> {
    Some(Placement::new(&types(), block, (x, y, z), false))
}

/// Four steps of two teams: over the floor, from the store, onto a block, to the store.
fn carries() -> Vec<Carry> {
    let carry = |block, from, to, team, start_s| Carry {
        block,
        from,
        to,
        team,
        start_s,
        end_s: start_s + 60,
    };
    vec![
        carry(0, at(0, 4, 0, 0), at(0, 8, 4, 0), 0, 0),
        carry(0, None, at(0, 8, 0, 0), 1, 5),
        carry(1, at(1, 4, 4, 0), at(1, 9, 0, 1), 0, 65),
        carry(1, at(1, 5, 5, 0), None, 1, 125),
    ]
}

fn drawn(draw: impl Fn(&Job) -> String, locale: Locale, carries: &[Carry]) -> String {
    let floor = Floor::parse(&[
        "SS..........",
        "SS..........",
        "............",
        "............",
        "............",
        "...........E",
    ]);
    let words = JobWords::new(locale, "Rest <to> talk", &types());
    draw(&Job {
        floor: &floor.unwrap(),
        types: &types(),
        stays: &[Placement::new(&types(), 0, (0, 4, 0), false)],
        carries,
        teams: 2,
        words: &words,
    })
}

#[test]
fn each_step_has_its_number_where_a_block_is_taken_and_where_it_is_put() {
    let svg = drawn(steps, Locale::En, &carries());
    for (class, numbers) in [
        ("number-from", ["1", "3", "4"]),
        ("number", ["1", "2", "3"]),
    ] {
        let start = format!("<text class=\"{class}\"");
        let texts = svg.split(start.as_str()).skip(1);
        let texts = texts.filter_map(|rest| rest.split("</text>").next()?.split('>').nth(1));
        assert_eq!(texts.collect::<Vec<_>>(), numbers, "{class}");
    }
    // a line only where both ends are on the floor
    let ways = svg
        .split("<path class=\"way\" d=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(ways.matches('M').count(), 2);
    assert!(svg.contains("<title>Rest &lt;to&gt; talk</title>"));
    assert!(svg.contains("<desc>4 steps for 2 teams, about 4 minutes.</desc>"));
}

#[test]
fn a_time_line_has_a_bar_a_team() {
    let svg = drawn(timeline, Locale::ZhCn, &carries());
    assert!(
        svg.contains(">1 组</text>")
            && svg.contains(">2 组</text>")
            && !svg.contains(">3 组</text>")
    );
    assert!(svg.contains("<desc>共 4 步，2 组，约 4 分钟。</desc>"));
    // the last step ends where the line ends
    assert!(svg.contains(&format!("x=\"{}\"", 80 + 800 * 125 / 185)));
}

#[test]
fn a_sheet_has_a_box_a_step_and_names_places_by_the_tape() {
    let page = drawn(sheet, Locale::En, &carries());
    assert_eq!(page.matches("<td class=\"box\">").count(), 4);
    for row in [
        "<td>1</td><td>Big block</td><td>E1</td><td>I5</td><td>Team 1</td><td>0:00</td>",
        "<td>2</td><td>Big block</td><td>Store</td><td>I1</td><td>Team 2</td><td>0:05</td>",
        "<td>3</td><td>Small block</td><td>E5</td><td>J1, level 2</td><td>Team 1</td><td>1:05</td>",
        "<td>4</td><td>Small block</td><td>F6</td><td>Store</td><td>Team 2</td><td>2:05</td>",
    ] {
        assert!(page.contains(row), "{row}");
    }
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    assert!(page.contains("<h1>Rest &lt;to&gt; talk</h1>"));
    assert_eq!(page.matches("<svg ").count(), 2);
    assert!(!page.contains("<script") && !page.contains("href") && !page.contains("src="));
}

#[test]
fn nothing_to_do_is_drawn_too() {
    assert!(drawn(steps, Locale::En, &[]).contains("0 steps"));
    assert!(drawn(timeline, Locale::En, &[]).ends_with("</svg>\n"));
    assert!(drawn(sheet, Locale::En, &[]).contains("<tbody></tbody>"));
}

#[test]
fn hours_and_ages_are_drawn_too() {
    let mut long = carries();
    for end_s in [36_000, u64::from(u32::MAX), u64::MAX] {
        long[3].end_s = end_s;
        let svg = drawn(timeline, Locale::En, &long);
        assert!(svg.len() < 40_000, "{end_s}: {}", svg.len());
    }
}

#[test]
fn an_axis_names_its_unit() {
    assert!(drawn(timeline, Locale::En, &carries()).contains(">minutes</text>"));
    assert!(drawn(timeline, Locale::ZhCn, &carries()).contains(">分钟</text>"));
}

#[test]
fn a_step_that_is_too_short_for_its_number_has_it_above() {
    let mut long = carries();
    long[3].end_s = 36_000;
    let svg = drawn(timeline, Locale::En, &long);
    assert!(svg.contains(">1</text>") && svg.contains(">2</text>"));
}

#[test]
fn the_number_of_what_is_taken_is_never_under_that_of_what_is_put() {
    // a big block comes to where four small ones stood
    let from = [(4, 2), (5, 2), (4, 3), (5, 3)].map(|(x, y)| at(1, x, y, 0));
    let mut carries: Vec<Carry> = from
        .into_iter()
        .map(|from| Carry {
            block: 1,
            from,
            to: None,
            team: 0,
            start_s: 0,
            end_s: 60,
        })
        .collect();
    carries.push(Carry {
        block: 0,
        from: None,
        to: at(0, 4, 2, 0),
        team: 1,
        start_s: 60,
        end_s: 90,
    });
    let svg = drawn(steps, Locale::En, &carries);
    let middle = (30 + 20 * 5, 30 + 20 * 3);
    for text in svg.split("<text class=\"number-from\" x=\"").skip(1) {
        let mut values = text.split('"');
        let x: i64 = values.next().unwrap().parse().unwrap();
        let y: i64 = values.nth(1).unwrap().parse().unwrap();
        // of a figure 6 wide and 8 high, and a badge of 9 by 8 to each side
        let beside = x + 6 <= middle.0 - 9 || x >= middle.0 + 9;
        assert!(
            beside || y <= middle.1 - 8 || y - 8 >= middle.1 + 8,
            "{x}, {y}"
        );
    }
    assert!(!drawn(steps, Locale::En, &carries[4..]).contains("Taken from here"));
}
