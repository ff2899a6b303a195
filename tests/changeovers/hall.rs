//! The venue's hall: its minutes as another engine of the same rules had them.

use serde_json::{Value, json};

use crate::replay::replay;
use crate::world::World;

const TURNAROUND: u64 = 10;
const TEAMS: u64 = 3;

const HALL: &str = include_str!("../../seed/hall.json");
const FILED: &str = include_str!("../fixtures/hall.json");

#[test]
fn the_minutes_of_every_pair_agree_within_five() {
    let hall: Value = serde_json::from_str(HALL).unwrap();
    let filed: Value = serde_json::from_str(FILED).unwrap();
    let types: serde_json::Map<String, Value> = hall["block_types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let shape = json!({
                "w": one["width"], "h": one["depth"], "handle_s": one["handle_s"], "loaded_s": one["loaded_s"],
            });
            (one["code"].as_str().unwrap().to_owned(), shape)
        })
        .collect();
    let layouts = hall["layouts"].as_array().unwrap();
    let mut apart = Vec::new();
    for from in layouts {
        for to in layouts {
            let case = json!({
                "floor": hall["floor"], "types": types, "teams": TEAMS,
                "from": from["placements"], "to": to["placements"],
            });
            let world = World::of_case(&case);
            let plan = world.quick_plan().unwrap();
            replay(&world, &plan);
            let (from, to) = (from["slug"].as_str().unwrap(), to["slug"].as_str().unwrap());
            let minutes = if from == to {
                TURNAROUND
            } else {
                plan.minutes(TURNAROUND as u32)
            };
            let filed = filed["changeover_minutes"][from][to].as_u64().unwrap();
            if minutes.abs_diff(filed) > 5 {
                apart.push((from, to, minutes, filed));
            }
        }
    }
    assert_eq!(apart, []);
}
