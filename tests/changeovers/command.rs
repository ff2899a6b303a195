//! `mofang plan changeover`, `buffers` and `matrix` as other programs call them.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

fn plan(kind: &str, input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mofang"))
        .args(["plan", kind])
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

/// The answer to a case.
#[track_caller]
pub fn answer(kind: &str, case: &Value) -> Value {
    let output = plan(kind, case.to_string().as_bytes());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Refused at once, with exit 2 and one line that has `word` in it.
#[track_caller]
fn refused(kind: &str, text: &str, word: &str) {
    let begun = Instant::now();
    let output = plan(kind, text.as_bytes());
    let took = begun.elapsed();
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(output.stdout.is_empty());
    assert!(
        line.ends_with('\n') && line.matches('\n').count() == 1,
        "{line}"
    );
    assert!(line.contains(word), "{line:?} says nothing of {word:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[track_caller]
fn not_a_case(kind: &str, case: &Value, word: &str) {
    refused(kind, &case.to_string(), word);
}

fn changeover() -> Value {
    json!({
        "floor": { "w": 6, "h": 2, "rows": ["SS....", "SS...."] },
        "types": { "small": { "w": 1, "h": 1, "handle_s": 20, "loaded_s": 1 }, "big": { "w": 2, "h": 2 } },
        "teams": 1,
        "from": [{ "t": "big", "x": 4, "y": 0 }],
        "to": [{ "t": "small", "x": 4, "y": 1 }],
        "expect": 3,
    })
}

fn matrix() -> Value {
    json!({
        "floor": { "rows": ["SS....", "SS...."] },
        "types": { "small": {}, "big": {} },
        "layouts": [
            { "id": "none", "placements": [] },
            { "id": "one", "placements": [{ "t": "big", "x": 3, "y": 0 }] },
            { "id": "two", "placements": [{ "t": "big", "x": 4, "y": 0 }, { "t": "small", "x": 2, "y": 1 }] },
        ],
    })
}

fn with(mut case: Value, pointer: &str, value: Value) -> Value {
    *case.pointer_mut(pointer).unwrap() = value;
    case
}

fn without(mut case: Value, field: &str) -> Value {
    case.as_object_mut().unwrap().remove(field).unwrap();
    case
}

#[test]
fn a_changeover_is_answered_with_every_key() {
    let expected = json!({
        "stay": { "small": 0, "big": 0 },
        "moves": { "small": 1, "big": 1 },
        "distance": { "small": 3, "big": 4 },
        "work_s": 71,
        "move_list": [
            { "id": 0, "t": "big", "from": [4, 0, 0], "to": "S", "dist": 4 },
            { "id": 1, "t": "small", "from": "S", "to": [4, 1, 0], "dist": 3 },
        ],
        "steps": [
            { "id": 0, "move": 0, "part": "m", "t": "big", "src": [4, 0, 0], "dst": "S", "dist": 4, "dur_s": 48 },
            { "id": 1, "move": 1, "part": "m", "t": "small", "src": "S", "dst": [4, 1, 0], "dist": 3, "dur_s": 23 },
        ],
        "plan": [
            { "step": 0, "team": 0, "start_s": 3, "end_s": 51 },
            { "step": 1, "team": 0, "start_s": 51, "end_s": 74 },
        ],
        "makespan_s": 74,
    });
    assert_eq!(answer("changeover", &changeover()), expected);
}

/// Types keep the order of the case, and the answer is one line.
#[test]
fn the_answer_is_one_line_of_json() {
    let case =
        r#"{"floor":{"rows":["S."]},"types":{"small":{},"big":{}},"teams":1,"from":[],"to":[]}"#;
    let output = plan("changeover", case.as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches('\n').count(), 1);
    assert!(
        text.starts_with(r#"{"stay":{"small":0,"big":0},"moves":"#),
        "{text}"
    );
    let again = plan("changeover", case.as_bytes());
    assert_eq!(text.as_bytes(), again.stdout);
}

#[test]
fn halves_by_way_of_the_store_are_named() {
    let case = with(
        changeover(),
        "/to",
        json!([{ "t": "small", "x": 4, "y": 0 }, { "t": "big", "x": 2, "y": 0 }]),
    );
    let case = with(
        case,
        "/from",
        json!([{ "t": "big", "x": 4, "y": 0 }, { "t": "small", "x": 2, "y": 0 }]),
    );
    let found = answer("changeover", &case);
    let halves: Vec<&Value> = found["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["part"] != "m")
        .collect();
    assert_eq!(halves.len(), 2);
    assert_eq!(
        (&halves[0]["part"], &halves[0]["dst"]),
        (&json!("a"), &json!("S"))
    );
    assert_eq!(
        (&halves[1]["part"], &halves[1]["src"]),
        (&json!("b"), &json!("S"))
    );
    assert_eq!(halves[0]["move"], halves[1]["move"]);
}

#[test]
fn a_matrix_is_answered() {
    let expected = json!({
        "moves": [[0, 1, 2], [1, 0, 2], [2, 2, 0]],
        "distance": [[0, 3, 5], [3, 0, 2], [5, 2, 0]],
        "work_s": [[0, 46, 69], [46, 0, 63], [69, 63, 0]],
    });
    assert_eq!(answer("matrix", &matrix()), expected);
    let none = with(matrix(), "/layouts", json!([]));
    assert_eq!(
        answer("matrix", &none),
        json!({ "moves": [], "distance": [], "work_s": [] })
    );
}

#[test]
fn buffers_are_answered() {
    let case = json!({ "n": 4, "edges": [[0, 1], [1, 0], [1, 2], [2, 1], [3, 3]], "note": "" });
    assert_eq!(
        answer("buffers", &case),
        json!({ "min_buffers": 2, "solution": [1, 3] })
    );
    let none = json!({ "n": 0, "edges": [] });
    assert_eq!(
        answer("buffers", &none),
        json!({ "min_buffers": 0, "solution": [] })
    );
}

#[test]
fn what_is_no_json_or_no_object_is_refused() {
    for kind in ["changeover", "buffers", "matrix"] {
        for text in ["", "{", "nonsense", "[]", "null", "3", "{}", "{} {}"] {
            refused(kind, text, "");
        }
    }
}

#[test]
fn a_missing_field_is_named() {
    for field in ["floor", "types", "teams", "from", "to"] {
        not_a_case("changeover", &without(changeover(), field), field);
    }
    for field in ["floor", "types", "layouts"] {
        not_a_case("matrix", &without(matrix(), field), field);
    }
    for field in ["n", "edges"] {
        not_a_case(
            "buffers",
            &without(json!({ "n": 1, "edges": [] }), field),
            field,
        );
    }
}

#[test]
fn a_case_that_makes_no_sense_is_refused() {
    let changed = |pointer: &str, value: Value| with(changeover(), pointer, value);
    not_a_case(
        "changeover",
        &changed("/floor/rows", json!(["SS....", "SS..."])),
        "row 1",
    );
    not_a_case(
        "changeover",
        &changed("/floor/rows", json!(["SS...?", "SS...."])),
        "?",
    );
    not_a_case("changeover", &changed("/from/0/t", json!("huge")), "huge");
    not_a_case(
        "changeover",
        &changed("/from/0/x", json!(5)),
        "not on the floor",
    );
    not_a_case("changeover", &changed("/from/0/x", json!("4")), "from[0].x");
    not_a_case(
        "changeover",
        &changed("/to/0", json!({ "t": "small", "x": 1.5, "y": 0 })),
        "to[0].x",
    );
    not_a_case("changeover", &changed("/teams", json!(0)), "team");
    not_a_case("changeover", &changed("/teams", json!(-1)), "teams");
    not_a_case(
        "changeover",
        &changed("/floor/rows", json!(["SS.#..", "SS.#.."])),
        "path",
    );
    not_a_case(
        "changeover",
        &changed("/floor/rows", json!(["......", "......"])),
        "path",
    );
    not_a_case(
        "matrix",
        &with(matrix(), "/floor/rows", json!(["S..#..", "S..#.."])),
        "path",
    );
    not_a_case(
        "matrix",
        &with(matrix(), "/layouts/1/placements/0/t", json!("x")),
        "layouts[1].placements[0].t",
    );
    not_a_case(
        "matrix",
        &with(matrix(), "/layouts/2", json!([])),
        "layouts[2]",
    );
    not_a_case(
        "buffers",
        &json!({ "n": 2, "edges": [[0, 1], [1, 2]] }),
        "edges[1]",
    );
    not_a_case(
        "buffers",
        &json!({ "n": 2, "edges": [[0, 1, 1]] }),
        "edges[0]",
    );
    not_a_case(
        "buffers",
        &json!({ "n": 2, "edges": [[0, -1]] }),
        "edges[0]",
    );
    not_a_case("buffers", &json!({ "n": 2, "edges": [[0]] }), "edges[0]");
}

#[test]
fn what_is_absurdly_large_is_refused_at_once() {
    let row = ".".repeat(1_001);
    let floor = json!({ "rows": vec![row; 1_000] });
    not_a_case(
        "changeover",
        &with(changeover(), "/floor", floor.clone()),
        "1000000 cells",
    );
    not_a_case("matrix", &with(matrix(), "/floor", floor), "1000000 cells");
    let block = r#"{"t":"small","x":4,"y":0}"#;
    let many = vec![block; 1_000_000].join(",");
    let case = changeover()
        .to_string()
        .replace("\"from\":[", &format!("\"from\":[{many},"));
    refused("changeover", &case, "100000");
    let halves = vec![block; 50_001].join(",");
    let layout = format!("{{\"id\":\"x\",\"placements\":[{halves}]}}");
    let case = matrix()
        .to_string()
        .replace("\"layouts\":[", &format!("\"layouts\":[{layout},{layout},"));
    refused("matrix", &case, "100000");
    not_a_case(
        "buffers",
        &json!({ "n": 1_000_000_000_000_u64, "edges": [] }),
        "n",
    );
    not_a_case("buffers", &json!({ "n": 100_001, "edges": [] }), "100000");
    refused(
        "buffers",
        r#"{"n":99999999999999999999999,"edges":[]}"#,
        "n",
    );
}

/// What is just small enough is answered, and soon.
#[test]
fn a_floor_of_a_million_cells_is_planned() {
    let mut rows = vec![".".repeat(1_000); 1_000];
    rows[0] = format!("SS{}", ".".repeat(998));
    rows[1] = rows[0].clone();
    let case = json!({
        "floor": { "rows": rows },
        "types": { "big": {}, "small": {} },
        "teams": 2,
        "from": [{ "t": "big", "x": 998, "y": 998 }, { "t": "small", "x": 4, "y": 5 }],
        "to": [{ "t": "big", "x": 4, "y": 4 }, { "t": "small", "x": 999, "y": 999 }],
    });
    let begun = Instant::now();
    assert_eq!(
        answer("changeover", &case)["distance"],
        json!({ "big": 1_988, "small": 1_989 })
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
}
