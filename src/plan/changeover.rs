//! `mofang plan changeover`: what it takes to get from one layout to another.

use serde::{Deserialize, Serialize, Serializer};

use super::case::{
    AtMost, BlockTypesShape, FloorShape, NotACase, Object, PlacementShape, placements, read,
};
use crate::changeover::crew::{Part, Slot};
use crate::changeover::ground::Ground;
use crate::changeover::{self, Change, Crew, Place, Plan};
use crate::layout::{BlockType, Floor, Placement, Rules};

/// A case as it is written.
#[derive(Deserialize)]
struct CaseShape {
    floor: Object<FloorShape>,
    types: BlockTypesShape,
    #[serde(default = "a_second")]
    empty_s: u32,
    teams: usize,
    from: AtMost<PlacementShape>,
    to: AtMost<PlacementShape>,
}

/// How long an empty-handed team takes for a module, where a case does not say.
fn a_second() -> u32 {
    1
}

/// Two layouts on a floor, and who carries.
pub struct Case {
    pub floor: Floor,
    pub types: Vec<BlockType>,
    pub from: Vec<Placement>,
    pub to: Vec<Placement>,
    pub crew: Crew,
}

/// The answer to a case.
#[derive(Debug, Serialize)]
pub struct Answer {
    pub stay: ByType,
    pub moves: ByType,
    pub distance: ByType,
    pub work_s: u64,
    pub move_list: Vec<MoveShape>,
    pub steps: Vec<StepShape>,
    pub plan: Vec<SlotShape>,
    pub makespan_s: u64,
}

/// A number for each type of the case, by its id, in the order of the case.
#[derive(Debug)]
pub struct ByType(Vec<(String, u64)>);

#[derive(Debug, Serialize)]
pub struct MoveShape {
    pub id: usize,
    pub t: String,
    pub from: PlaceShape,
    pub to: PlaceShape,
    pub dist: u32,
}

#[derive(Debug, Serialize)]
pub struct StepShape {
    pub id: usize,
    #[serde(rename = "move")]
    pub of_move: usize,
    /// `m`: all of the move; `a`, `b`: its halves, to the store and from it.
    pub part: &'static str,
    pub t: String,
    pub src: PlaceShape,
    pub dst: PlaceShape,
    pub dist: u32,
    pub dur_s: u64,
}

#[derive(Debug, Serialize)]
pub struct SlotShape {
    pub step: usize,
    pub team: usize,
    pub start_s: u64,
    pub end_s: u64,
}

/// `"S"` for the store, else `[x, y, z]`.
#[derive(Debug)]
pub struct PlaceShape(Place);

impl Serialize for ByType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, number)| (id, number)))
    }
}

impl Serialize for PlaceShape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Place::Store => serializer.serialize_str("S"),
            Place::Floor { x, y, z } => (x, y, z).serialize(serializer),
        }
    }
}

impl Case {
    /// Reads a case.
    pub fn read(text: &[u8]) -> Result<Self, NotACase> {
        let shape: CaseShape = read(text)?;
        let floor = shape.floor.0.floor()?;
        let types = shape.types.types(&Rules::default())?;
        Ok(Self {
            from: placements("from", &shape.from, &types)?,
            to: placements("to", &shape.to, &types)?,
            floor,
            types,
            crew: Crew {
                teams: shape.teams,
                empty_s: shape.empty_s,
            },
        })
    }

    /// What is to be planned.
    pub fn change(&self) -> Change<'_> {
        Change {
            ground: Ground::whole(&self.floor),
            types: &self.types,
            from: &self.from,
            to: &self.to,
        }
    }
}

/// Plans the changeover of a case.
pub fn answer(text: &[u8]) -> Result<Answer, NotACase> {
    let case = Case::read(text)?;
    let plan = changeover::plan(&case.change(), case.crew).map_err(NotACase::new)?;
    Ok(Answer::new(&case.types, plan))
}

impl Answer {
    fn new(types: &[BlockType], plan: Plan) -> Self {
        let by_type = |numbers: &[u64]| {
            let ids = types.iter().map(|one| one.id.clone());
            ByType(ids.zip(numbers.iter().copied()).collect())
        };
        let name = |block: usize| types[block].id.clone();
        let moves = plan.moves.iter().enumerate().map(|(id, one)| MoveShape {
            id,
            t: name(one.block),
            from: PlaceShape(one.from),
            to: PlaceShape(one.to),
            dist: one.distance,
        });
        let steps = plan.steps.iter().enumerate().map(|(id, one)| StepShape {
            id,
            of_move: one.of_move,
            part: match one.part {
                Part::Whole => "m",
                Part::ToStore => "a",
                Part::FromStore => "b",
            },
            t: name(one.block),
            src: PlaceShape(one.from),
            dst: PlaceShape(one.to),
            dist: one.distance,
            dur_s: one.seconds,
        });
        let slot = |one: &Slot| SlotShape {
            step: one.step,
            team: one.team,
            start_s: one.start_s,
            end_s: one.end_s,
        };
        Self {
            stay: by_type(&plan.stay),
            moves: by_type(&plan.work.moves),
            distance: by_type(&plan.work.distance),
            work_s: plan.work.work_s,
            move_list: moves.collect(),
            steps: steps.collect(),
            plan: plan.slots.iter().map(slot).collect(),
            makespan_s: plan.makespan_s,
        }
    }
}
