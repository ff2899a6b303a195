//! Every worked case, and the layouts of the real hall.

use mofang::plan::layout::answer;
use serde_json::{Value, json};

const CASES: &str = include_str!("../cases/layouts.json");
const HALL: &str = include_str!("../../seed/hall.json");
const HALL_HOLDS: &str = include_str!("../fixtures/hall.json");

fn answered(case: &Value) -> Value {
    let answer = answer(case.to_string().as_bytes()).unwrap();
    serde_json::to_value(&answer).unwrap()
}

#[test]
fn every_worked_case_is_equal() {
    let set: Value = serde_json::from_str(CASES).unwrap();
    let cases = set["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 22);
    for case in cases {
        assert_eq!(answered(case), case["expect"], "{}", case["note"]);
    }
}

#[test]
fn the_defaults_are_those_of_the_cases() {
    let set: Value = serde_json::from_str(CASES).unwrap();
    let rules = serde_json::to_value(mofang::layout::Rules::default()).unwrap();
    assert_eq!(rules, set["default_rules"]);
}

#[test]
fn the_halls_layouts_are_valid_and_hold_what_the_hall_says() {
    let hall: Value = serde_json::from_str(HALL).unwrap();
    let holds: Value = serde_json::from_str(HALL_HOLDS).unwrap();
    for layout in hall["layouts"].as_array().unwrap() {
        let case = json!({
            "floor": { "rows": hall["floor"]["rows"] },
            "types": { "big": {}, "small": {} },
            "inventory": { "big": 48, "small": 36 },
            "layout": layout,
        });
        let answer = answered(&case);
        assert_eq!(answer["violations"], json!([]), "{}", layout["slug"]);
        let slug = layout["slug"].as_str().unwrap();
        assert_eq!(answer["capacity"], holds["capacity"][slug], "{slug}");
        assert_eq!(answer["seats"], holds["seats"][slug], "{slug}");
    }
}
