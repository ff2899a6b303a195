//! A floor with two layouts and a crew, and distances found without the engine.

use std::collections::VecDeque;

use mofang::changeover::ground::Ground;
use mofang::changeover::{self, Change, Crew, Impossible, Place, Plan};
use mofang::layout::{BlockType, Floor, Placement};
use serde_json::Value;

#[derive(Debug, Clone)]
pub struct World {
    pub rows: Vec<String>,
    pub types: Vec<BlockType>,
    pub from: Vec<Placement>,
    pub to: Vec<Placement>,
    pub teams: usize,
    pub empty_s: u32,
}

/// A 3×1 block that is slow to carry.
pub fn plank() -> BlockType {
    BlockType {
        id: "plank".to_owned(),
        w: 3,
        h: 1,
        handle_s: 31,
        loaded_s: 3,
        ..BlockType::small()
    }
}

impl World {
    /// An empty floor for big (0), small (1) and plank (2), with two teams.
    pub fn new(rows: &[&str]) -> Self {
        Self {
            rows: rows.iter().map(|row| (*row).to_owned()).collect(),
            types: vec![BlockType::big(), BlockType::small(), plank()],
            from: Vec::new(),
            to: Vec::new(),
            teams: 2,
            empty_s: 1,
        }
    }

    /// Blocks as `(type, x, y, z)`.
    pub fn change(
        mut self,
        from: &[(usize, i32, i32, i32)],
        to: &[(usize, i32, i32, i32)],
    ) -> Self {
        let types = self.types.clone();
        let place = |&(block, x, y, z): &(usize, i32, i32, i32)| {
            Placement::new(&types, block, (x, y, z), false)
        };
        self.from = from.iter().map(place).collect();
        self.to = to.iter().map(place).collect();
        self
    }

    pub fn of_case(case: &Value) -> Self {
        let number = |value: &Value, usual: i64| value.as_i64().unwrap_or(usual);
        let types: Vec<BlockType> = case["types"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, one)| BlockType {
                id: id.clone(),
                w: number(&one["w"], 0) as i32,
                h: number(&one["h"], 0) as i32,
                handle_s: number(&one["handle_s"], 0) as u32,
                loaded_s: number(&one["loaded_s"], 0) as u32,
                ..BlockType::small()
            })
            .collect();
        let placements = |list: &Value| -> Vec<Placement> {
            let place = |one: &Value| {
                let id = one["t"].as_str().unwrap();
                let block = types.iter().position(|one| one.id == id).unwrap();
                let [x, y, z] = ["x", "y", "z"].map(|field| number(&one[field], 0) as i32);
                Placement::new(&types, block, (x, y, z), one["rot"] == 90)
            };
            list.as_array().into_iter().flatten().map(place).collect()
        };
        Self {
            rows: serde_json::from_value(case["floor"]["rows"].clone()).unwrap(),
            from: placements(&case["from"]),
            to: placements(&case["to"]),
            teams: number(&case["teams"], 1) as usize,
            empty_s: number(&case["empty_s"], 1) as u32,
            types,
        }
    }

    pub fn floor(&self) -> Floor {
        Floor::parse(&self.rows).unwrap()
    }

    /// The plan as the product makes it.
    pub fn plan(&self) -> Result<Plan, Impossible> {
        let floor = self.floor();
        changeover::plan(&self.change_on(&floor), self.crew())
    }

    /// A plan in a tenth of the time, for tests that make many.
    pub fn quick_plan(&self) -> Result<Plan, Impossible> {
        let floor = self.floor();
        changeover::plan_within(&self.change_on(&floor), self.crew(), 200_000)
    }

    fn change_on<'a>(&'a self, floor: &'a Floor) -> Change<'a> {
        Change {
            ground: Ground::whole(floor),
            types: &self.types,
            from: &self.from,
            to: &self.to,
        }
    }

    fn crew(&self) -> Crew {
        Crew {
            teams: self.teams,
            empty_s: self.empty_s,
        }
    }

    fn letter(&self, x: i32, y: i32) -> Option<u8> {
        let row = self.rows.get(usize::try_from(y).ok()?)?;
        row.as_bytes().get(usize::try_from(x).ok()?).copied()
    }

    fn fits(&self, side: i32, (x, y): (i32, i32), such: impl Fn(u8) -> bool) -> bool {
        (y..y + side).all(|y| (x..x + side).all(|x| self.letter(x, y).is_some_and(&such)))
    }

    /// The distance of a square between two places; `None` without a path.
    pub fn distance(&self, side: i32, from: Place, to: Place) -> Option<u32> {
        let positions = |place: Place| match place {
            Place::Floor { x, y, .. } => vec![(x, y)],
            Place::Store => self.stores(side),
        };
        let (starts, ends) = (positions(from), positions(to));
        let width = self.rows[0].len();
        let mut reached = vec![false; width * self.rows.len()];
        let mut queue: VecDeque<_> = starts.into_iter().map(|start| (start, 0)).collect();
        while let Some((at, far)) = queue.pop_front() {
            if ends.contains(&at) {
                return Some(far);
            }
            let (x, y) = at;
            for next in [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)] {
                if self.fits(side, next, |letter| letter != b'#') {
                    let seen = &mut reached[next.1 as usize * width + next.0 as usize];
                    if !std::mem::replace(seen, true) {
                        queue.push_back((next, far + 1));
                    }
                }
            }
        }
        None
    }

    fn stores(&self, side: i32) -> Vec<(i32, i32)> {
        let height = self.rows.len() as i32;
        let width = self.rows[0].len() as i32;
        let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        all.filter(|&at| self.fits(side, at, |letter| letter == b'S'))
            .collect()
    }

    pub fn side(&self, block: usize) -> i32 {
        self.types[block].w.min(self.types[block].h)
    }

    /// The cells of a block of the type at a place; none in the store.
    pub fn cells(&self, placement: &Placement) -> Vec<(i32, i32, i32)> {
        let (w, h) = match placement.turned {
            true => (self.types[placement.block].h, self.types[placement.block].w),
            false => (self.types[placement.block].w, self.types[placement.block].h),
        };
        let Placement { x, y, z, .. } = *placement;
        (y..y + h)
            .flat_map(|y| (x..x + w).map(move |x| (x, y, z)))
            .collect()
    }
}
