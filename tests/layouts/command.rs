//! `mofang plan layout` as other programs call it.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

fn plan(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mofang"))
        .arg("plan")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // it may leave before it has read everything
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Refused with exit 2 and one line that has `word` in it.
#[track_caller]
fn refused(output: Output, word: &str) {
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(output.stdout.is_empty());
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    assert!(line.ends_with('\n') && line.len() < 600, "{line}");
    assert!(line.contains(word), "{line:?} says nothing of {word:?}");
}

#[track_caller]
fn not_a_case(case: &Value, word: &str) {
    refused(plan(&["layout"], case.to_string().as_bytes()), word);
}

fn case() -> Value {
    json!({
        "floor": { "w": 4, "h": 3, "rows": ["...E", "...E", "...."] },
        "types": { "big": { "w": 2, "h": 2 }, "small": { "w": 1, "h": 1 } },
        "inventory": { "big": 1 },
        "rules": { "pocket_max": 3 },
        "layout": {
            "purpose": "open",
            "placements": [{ "t": "small", "x": 0, "y": 0 }],
            "zones": [{ "kind": "audience", "x": 0, "y": 1, "w": 1, "h": 1, "facing": "N" }],
            "gates": [{ "x": 1, "y": 1, "w": 1, "h": 1 }],
            "seats_required": 0,
        },
        "expect": { "capacity": "whatever" },
    })
}

/// The case with a value in one place.
fn with(pointer: &str, value: Value) -> Value {
    let mut case = case();
    *case.pointer_mut(pointer).unwrap() = value;
    case
}

/// The case without a field.
fn without(object: &str, field: &str) -> Value {
    let mut case = case();
    let object = case.pointer_mut(object).unwrap().as_object_mut().unwrap();
    object.remove(field).unwrap();
    case
}

#[test]
fn a_case_is_answered() {
    let output = plan(&["layout"], case().to_string().as_bytes());
    assert!(output.status.success());
    assert!(output.stderr.is_empty());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json!({ "violations": [], "capacity": 4, "seats": 0, "escape_cells": 11 });
    assert_eq!(answer, expected);
}

#[test]
fn what_a_case_may_leave_out_it_may_leave_out() {
    let least = json!({
        "floor": { "rows": ["..E"] },
        "types": { "big": {}, "small": {} },
        "layout": { "purpose": "salon", "placements": [] },
    });
    assert!(
        plan(&["layout"], least.to_string().as_bytes())
            .status
            .success()
    );
}

#[test]
fn a_type_that_says_nothing_of_seats_has_those_of_the_rules() {
    let mut case = json!({
        "floor": { "rows": ["......", "......", "......"] },
        "types": { "big": {}, "small": {}, "plank": { "w": 3, "h": 1 } },
        "layout": { "purpose": "salon", "placements": [
            { "t": "big", "x": 0, "y": 0 },
            { "t": "small", "x": 5, "y": 0 },
            { "t": "plank", "x": 5, "y": 0, "rot": 90 },
            { "t": "plank", "x": 3, "y": 0, "rot": 90 },
        ] },
    });
    case["layout"]["placements"]
        .as_array_mut()
        .unwrap()
        .remove(2);
    let seats = |case: &Value| {
        let output = plan(&["layout"], case.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["seats"].clone()
    };
    assert_eq!(seats(&case), 6);
    case["types"]["plank"]["salon_seats"] = json!(3);
    assert_eq!(seats(&case), 8);
    case["rules"] = json!({ "salon_big_seats": 10, "salon_small_seats": 0 });
    assert_eq!(seats(&case), 13);
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "NaN",
        "nonsense",
        "{\"floor\": NaN}",
        "{} {}",
        "{\"a\": 1,}",
    ] {
        refused(plan(&["layout"], text.as_bytes()), "");
    }
    refused(plan(&["layout"], b"\xff\xfe{}"), "");
    let mut after = case().to_string();
    after.push_str("\n{}");
    refused(plan(&["layout"], after.as_bytes()), "trailing");
}

#[test]
fn what_is_no_object_is_refused() {
    for value in [
        json!([]),
        json!(null),
        json!(3),
        json!("case"),
        json!([case()]),
    ] {
        not_a_case(&value, "object");
    }
    not_a_case(&with("/floor", json!([4, 3, ["...."]])), "floor");
    not_a_case(&with("/layout", json!(["open", []])), "layout");
    not_a_case(
        &with("/layout/placements/0", json!(["small", 0, 0])),
        "placements[0]",
    );
    not_a_case(&with("/types", json!([{ "w": 2, "h": 2 }])), "types");
    not_a_case(&with("/types/big", json!([2, 2])), "types");
    not_a_case(&with("/rules", json!([2])), "rules");
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{{\"floor\": {}", "[".repeat(100_000));
    refused(plan(&["layout"], deep.as_bytes()), "");
    let unread = format!("{{\"note\": {}", "[".repeat(100_000));
    refused(plan(&["layout"], unread.as_bytes()), "note");
}

#[test]
fn a_missing_field_is_named() {
    for field in ["floor", "types", "layout"] {
        not_a_case(&without("", field), field);
    }
    not_a_case(&without("/floor", "rows"), "rows");
    for field in ["purpose", "placements"] {
        not_a_case(&without("/layout", field), field);
    }
    for field in ["t", "x", "y"] {
        not_a_case(&without("/layout/placements/0", field), field);
    }
    for field in ["x", "y", "w", "h", "facing"] {
        not_a_case(&without("/layout/zones/0", field), field);
    }
    let plank = json!({ "plank": { "w": 3 } });
    not_a_case(&with("/types", plank), "types.plank.h");
}

#[test]
fn a_field_of_another_kind_is_named() {
    for value in [
        json!(1.5),
        json!("1"),
        json!([]),
        json!(1e30),
        json!(4_294_967_296_i64),
    ] {
        for place in [
            "/layout/placements/0/x",
            "/layout/placements/0/y",
            "/layout/zones/0/w",
            "/layout/gates/0/h",
            "/types/big/w",
            "/inventory/big",
            "/rules/pocket_max",
            "/floor/w",
            "/layout/seats_required",
        ] {
            let field = place.rsplit('/').next().unwrap();
            not_a_case(&with(place, value.clone()), field);
        }
    }
    not_a_case(&with("/layout/placements/0/t", json!(0)), "t");
    not_a_case(&with("/layout/placements", json!({})), "placements");
    not_a_case(&with("/floor/rows", json!("...")), "rows");
    not_a_case(&with("/floor/rows/1", json!(4)), "rows[1]");
}

#[test]
fn a_size_below_one_is_refused() {
    for value in [-1, 0] {
        for place in [
            "/layout/zones/0/w",
            "/layout/gates/0/h",
            "/types/big/w",
            "/types/small/h",
        ] {
            not_a_case(&with(place, json!(value)), "is ");
        }
    }
    for place in [
        "/layout/seats_required",
        "/inventory/big",
        "/rules/pocket_max",
        "/floor/w",
    ] {
        not_a_case(&with(place, json!(-1)), "-1");
    }
    not_a_case(&with("/types/big/w", json!(1_001)), "types.big.w");
    for field in ["egress_k", "exit_mm_per_100", "aisle"] {
        not_a_case(&with("/rules", json!({ field: 0 })), field);
    }
    not_a_case(
        &with("/rules", json!({ "stage_rect": [6, 0] })),
        "stage_rect",
    );
    not_a_case(&with("/rules", json!({ "stage_rect": [6] })), "stage_rect");
    not_a_case(&with("/types/big", json!({ "max_z": -1 })), "max_z");
}

#[test]
fn a_name_that_means_nothing_is_refused() {
    not_a_case(&with("/layout/placements/0/t", json!("huge")), "huge");
    not_a_case(&with("/layout/placements/0/t", json!("two\nlines")), "two");
    not_a_case(&with("/layout/purpose", json!("meeting")), "meeting");
    not_a_case(&with("/layout/zones/0/facing", json!("north")), "facing");
    not_a_case(&with("/layout/zones/0/kind", json!("stage")), "kind");
    not_a_case(&with("/rules", json!({ "egres_k": 2 })), "egres_k");
    let mut turned = case();
    turned["layout"]["placements"][0]["rot"] = json!(45);
    not_a_case(&turned, "rot");
}

#[test]
fn an_id_comes_once() {
    let text = case().to_string();
    let twice = text.replace("\"small\":{", "\"big\":{\"w\":1,\"h\":1},\"small\":{");
    refused(plan(&["layout"], twice.as_bytes()), "comes twice");
    let twice = text.replace("{\"big\":1}", "{\"big\":1,\"big\":2}");
    refused(plan(&["layout"], twice.as_bytes()), "comes twice");
    let twice = text.replace(
        "\"purpose\":\"open\"",
        "\"purpose\":\"open\",\"purpose\":\"salon\"",
    );
    refused(plan(&["layout"], twice.as_bytes()), "duplicate");
}

#[test]
fn a_floor_is_a_rectangle_of_known_letters() {
    not_a_case(&with("/floor/rows", json!([])), "no cells");
    not_a_case(&with("/floor/rows", json!([""])), "no cells");
    not_a_case(
        &with("/floor/rows", json!(["....", "...", "...."])),
        "row 1",
    );
    not_a_case(&with("/floor/rows", json!(["....", "..x.", "...."])), "'x'");
    not_a_case(&with("/floor/w", json!(5)), "floor.w");
    not_a_case(&with("/floor/h", json!(4)), "floor.h");
}

#[test]
fn what_is_too_large_is_refused_at_once() {
    let started = Instant::now();
    let row = ".".repeat(1_001);
    let large = json!({ "rows": vec![row; 1_000] });
    not_a_case(&with("/floor", large), "1000000 cells");
    let one = "{\"t\":\"small\",\"x\":0,\"y\":0}";
    let million = format!(
        "\"placements\":[{}{one}]",
        format!("{one},").repeat(999_999)
    );
    let text = with("/layout/placements", json!([])).to_string();
    let text = text.replace("\"placements\":[]", &million);
    refused(plan(&["layout"], text.as_bytes()), "100000");
    let mut wide = with("/types/big", json!({ "w": 1_000, "h": 1_000 }));
    let one = json!({ "t": "big", "x": 0, "y": 0 });
    wide["layout"]["placements"] = json!(vec![one; 5]);
    not_a_case(&wide, "cover more than");
    for part in ["zones", "gates"] {
        let one = json!({ "x": 0, "y": 0, "w": 1_000, "h": 1_000, "facing": "N" });
        let many = with(&format!("/layout/{part}"), json!(vec![one; 5]));
        not_a_case(&many, "cover more than");
    }
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn the_largest_floor_is_answered() {
    let row = format!("{}E", ".".repeat(999));
    let large = json!({ "rows": vec![row; 1_000] });
    let output = plan(&["layout"], with("/floor", large).to_string().as_bytes());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["escape_cells"], 999_999);
}

#[test]
fn a_case_is_drawn_in_two_views_and_two_languages() {
    let drawn = |arguments: &[&str]| {
        let output = plan(arguments, case().to_string().as_bytes());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let from_above = drawn(&["draw"]);
    let isometric = drawn(&["draw", "--isometric"]);
    assert!(from_above.starts_with("<svg") && isometric.starts_with("<svg"));
    assert_ne!(from_above, isometric);
    assert!(from_above.contains("Small block × 1"));
    assert!(drawn(&["draw", "--language", "zh-CN"]).contains("小方块 × 1"));
    let changeover = json!({
        "note": "one block",
        "floor": { "rows": ["S...", "....", "...E"] },
        "types": { "small": {} },
        "teams": 1,
        "from": [],
        "to": [{ "t": "small", "x": 2, "y": 0 }],
    });
    for (view, word) in [
        ("steps", "Put here"),
        ("timeline", "Team 1"),
        ("sheet", "<td>C1</td>"),
    ] {
        let arguments = ["draw", "--changeover", view];
        let output = plan(&arguments, changeover.to_string().as_bytes());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(word) && text.contains("one block"), "{view}");
    }
    refused(plan(&["draw", "--changeover", "steps"], b"{}"), "floor");
    refused(plan(&["draw", "--changeover", "film"], b""), "film");
    refused(plan(&["draw", "--language", "fr"], b""), "zh-CN or en");
    refused(plan(&["draw"], b"[]"), "object");
}

#[test]
fn an_unknown_kind_or_flag_is_refused() {
    let text = case().to_string();
    refused(plan(&["layouts"], text.as_bytes()), "layouts");
    refused(plan(&[], text.as_bytes()), "subcommand");
    refused(plan(&["layout", "--fast"], text.as_bytes()), "--fast");
    refused(plan(&["layout", "twice"], text.as_bytes()), "twice");
}
