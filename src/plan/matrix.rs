//! `mofang plan matrix`: the work between every two of a number of layouts.

use serde::{Deserialize, Serialize};

use super::case::{
    AtMost, BlockTypesShape, FloorShape, NotACase, Object, PlacementShape, placements, read,
};
use crate::changeover::{Work, work_table};
use crate::layout::block::MOST_PLACEMENTS;
use crate::layout::{BlockType, Floor, Placement, Rules};

/// The most layouts that a case may have.
const MOST_LAYOUTS: usize = 1_000;

/// A case as it is written.
#[derive(Deserialize)]
struct CaseShape {
    floor: Object<FloorShape>,
    types: BlockTypesShape,
    layouts: AtMost<LayoutShape>,
}

/// What a layout is here: its placements.
#[derive(Deserialize)]
struct LayoutShape {
    placements: AtMost<PlacementShape>,
}

/// Layouts on a floor.
pub struct Case {
    pub floor: Floor,
    pub types: Vec<BlockType>,
    pub layouts: Vec<Vec<Placement>>,
}

/// The answer to a case: tables with a row for each layout that is left, a column for each that is entered, in the order
/// of the case; sums over types.
#[derive(Debug, Serialize)]
pub struct Answer {
    pub moves: Vec<Vec<u64>>,
    pub distance: Vec<Vec<u64>>,
    pub work_s: Vec<Vec<u64>>,
}

impl Case {
    /// Reads a case.
    pub fn read(text: &[u8]) -> Result<Self, NotACase> {
        let shape: CaseShape = read(text)?;
        let floor = shape.floor.0.floor()?;
        let types = shape.types.types(&Rules::default())?;
        let AtMost(shapes) = shape.layouts;
        if shapes.len() > MOST_LAYOUTS {
            let reason = format!("there are more than {MOST_LAYOUTS}");
            return Err(NotACase::about("layouts", reason));
        }
        let all: usize = shapes.iter().map(|one| one.placements.0.len()).sum();
        if all > MOST_PLACEMENTS {
            let reason = format!("there are more than {MOST_PLACEMENTS} placements");
            return Err(NotACase::about("layouts", reason));
        }
        let layout = |(index, shape): (usize, &LayoutShape)| {
            let field = format!("layouts[{index}].placements");
            placements(&field, &shape.placements, &types)
        };
        let layouts = shapes.iter().enumerate().map(layout);
        Ok(Self {
            layouts: layouts.collect::<Result<_, _>>()?,
            floor,
            types,
        })
    }
}

/// Tabulates the work of a case.
pub fn answer(text: &[u8]) -> Result<Answer, NotACase> {
    let case = Case::read(text)?;
    let table = work_table(&case.floor, &case.types, &case.layouts).map_err(NotACase::new)?;
    let each = |value: fn(&Work) -> u64| {
        let rows = table.iter();
        rows.map(|row| row.iter().map(value).collect()).collect()
    };
    Ok(Answer {
        moves: each(|work| work.moves.iter().sum()),
        distance: each(|work| work.distance.iter().sum()),
        work_s: each(|work| work.work_s),
    })
}
