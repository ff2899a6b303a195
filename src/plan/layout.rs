//! `mofang plan layout`: checks one layout.

use serde::{Deserialize, Serialize};

use super::case::{
    BlockTypesShape, FloorShape, InventoryShape, LayoutShape, NotACase, Object, read,
};
use crate::layout::{self, BlockType, Code, Floor, Layout, Rules, Site};

/// A case as it is written.
#[derive(Deserialize)]
struct CaseShape {
    floor: Object<FloorShape>,
    types: BlockTypesShape,
    #[serde(default)]
    inventory: InventoryShape,
    #[serde(default)]
    rules: Object<Rules>,
    layout: Object<LayoutShape>,
}

/// A layout on its floor, with all that it is checked against.
pub struct Case {
    pub floor: Floor,
    pub types: Vec<BlockType>,
    pub inventory: Vec<Option<u32>>,
    pub rules: Rules,
    pub layout: Layout,
}

/// The answer to a case.
#[derive(Debug, Serialize)]
pub struct Answer {
    pub violations: Vec<Code>,
    pub capacity: u64,
    pub seats: u64,
    pub escape_cells: usize,
}

impl Case {
    /// Reads a case.
    pub fn read(text: &[u8]) -> Result<Self, NotACase> {
        let shape: CaseShape = read(text)?;
        let Object(rules) = shape.rules;
        if let Some((name, fault)) = rules.fault() {
            return Err(NotACase::about(format!("rules.{name}"), fault));
        }
        let floor = shape.floor.0.floor()?;
        let types = shape.types.types(&rules)?;
        Ok(Self {
            layout: shape.layout.0.layout(&types)?,
            inventory: shape.inventory.of(&types),
            floor,
            types,
            rules,
        })
    }

    /// Where the layout stands.
    pub fn site(&self) -> Site<'_> {
        Site {
            floor: &self.floor,
            types: &self.types,
            inventory: &self.inventory,
            rules: self.rules.clone(),
        }
    }
}

/// Checks the layout of a case.
pub fn answer(text: &[u8]) -> Result<Answer, NotACase> {
    let case = Case::read(text)?;
    let report = layout::check(&case.site(), &case.layout);
    Ok(Answer {
        violations: report.codes(),
        capacity: report.capacity,
        seats: report.seats,
        escape_cells: report.escape_cells(),
    })
}
