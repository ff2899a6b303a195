//! The worked cases.

use mofang::changeover::knots::{Waits, untie};
use serde_json::{Value, json};

use crate::command::answer;
use crate::replay::replay;
use crate::world::World;

pub fn cases(name: &str, list: &str) -> Vec<Value> {
    let path = format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(file[list].take()).unwrap()
}

/// What is unique is equal; what is not is no worse.
#[test]
fn changeovers_are_as_expected() {
    let mut thousandths = Vec::new();
    for case in cases("changeover", "instances") {
        let (id, expect) = (case["id"].as_str().unwrap(), &case["expect"]);
        let found = answer("changeover", &case);
        for field in ["stay", "moves", "distance", "work_s"] {
            assert_eq!(found[field], expect[field], "{id} {field}");
        }
        let by_store =
            found["steps"].as_array().unwrap().len() - found["move_list"].as_array().unwrap().len();
        assert!(
            by_store <= expect["min_buffers"].as_u64().unwrap() as usize,
            "{id}"
        );
        let best = expect["best_plan_makespan_s"].as_u64().unwrap();
        let makespan = found["makespan_s"].as_u64().unwrap();
        assert!(
            100 * makespan <= 104 * best,
            "{id}: {makespan} against {best}"
        );
        thousandths.extend((1000 * makespan).checked_div(best));
    }
    let mean = thousandths.iter().sum::<u64>() / thousandths.len() as u64;
    assert!(mean < 1010, "{thousandths:?}");
}

#[test]
fn changeovers_replay() {
    for case in cases("changeover", "instances") {
        let world = World::of_case(&case);
        replay(&world, &world.plan().unwrap());
    }
}

/// Where only one matching is the least, what follows from it is as expected too.
#[test]
fn the_smallest_case_is_answered_in_full() {
    let cases = cases("changeover", "instances");
    let case = cases.iter().find(|case| case["id"] == "C04").unwrap();
    let found = answer("changeover", case);
    assert_eq!(found["move_list"], case["expect"]["reference_moves"]);
    assert_eq!(found["makespan_s"], 115);
    let parts: Vec<&Value> = found["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["part"])
        .collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(found["plan"].as_array().unwrap().len(), 3);
    let keys: Vec<&String> = found["plan"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["end_s", "start_s", "step", "team"]);
}

#[test]
fn buffers_are_as_expected() {
    for case in cases("buffers", "cases") {
        let found = answer("buffers", &case);
        assert_eq!(
            found["min_buffers"], case["expect"]["min_buffers"],
            "{}",
            case["id"]
        );
        let moves = case["n"].as_u64().unwrap() as usize;
        let edges: Vec<[usize; 2]> = serde_json::from_value(case["edges"].clone()).unwrap();
        let solution: Vec<usize> = serde_json::from_value(found["solution"].clone()).unwrap();
        assert_eq!(json!(solution.len()), found["min_buffers"]);
        let mut waits = Waits::none(moves);
        for [before, after] in edges {
            if !solution.contains(&before) && !solution.contains(&after) {
                waits.after[before].push(after);
            }
        }
        assert_eq!(untie(&waits, &vec![false; moves], 1).unwrap().moves, [0; 0]);
    }
}

#[test]
fn matrices_are_as_expected() {
    for case in cases("matrix", "cases") {
        assert_eq!(answer("matrix", &case), case["expect"], "{}", case["id"]);
    }
}
