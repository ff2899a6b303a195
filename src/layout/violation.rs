//! What can be wrong with a layout: the codes of the page, and what each is about.

use std::collections::BTreeMap;

use serde::Serialize;

use super::block::Rect;
use super::grid::Mask;

/// A rule that a layout breaks, under the page's name. In byte order of the names, as they are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    AisleDead,
    AisleNarrow,
    ArenaSmall,
    AudienceBlocked,
    AudienceMissing,
    AudienceNotFacing,
    ClustersFew,
    ClusterBig,
    ExitsFew,
    ExitBlocked,
    GateInvalid,
    GateNarrow,
    Inventory,
    Irregular,
    Mix,
    NotClosed,
    NoGate,
    OnForbidden,
    OutOfFloor,
    Overlap,
    Pocket,
    RingUsesWall,
    RowAccess,
    SeatsShort,
    StageMissing,
    StageSmall,
    StageSplit,
    TooHigh,
    Unsupported,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub code: Code,
    /// The cells of the floor that it is about, each once, row by row; none where it is about what is not there.
    pub cells: Vec<(i64, i64)>,
    /// The placements that it is about, by their index, ascending.
    pub blocks: Vec<usize>,
}

/// The broken rules as they are found, each once.
#[derive(Debug, Default)]
pub struct Findings {
    found: BTreeMap<Code, About>,
}

#[derive(Debug, Default)]
struct About {
    cells: Vec<(i64, i64)>,
    blocks: Vec<usize>,
}

impl Findings {
    /// A broken rule that is about the layout as a whole.
    pub fn add(&mut self, code: Code) {
        self.found.entry(code).or_default();
    }

    /// A broken rule that is about these spots of the mask's floor.
    pub fn add_spots(&mut self, code: Code, mask: &Mask, spots: impl IntoIterator<Item = usize>) {
        let cells = spots.into_iter().map(|spot| mask.xy(spot));
        self.found.entry(code).or_default().cells.extend(cells);
    }

    /// A broken rule that is about the rectangle, as far as it is on the floor.
    pub fn add_rect(&mut self, code: Code, floor: &Mask, rect: &Rect) {
        let cells = floor.cells_of(rect);
        self.found.entry(code).or_default().cells.extend(cells);
    }

    /// A broken rule that is about the rectangle's cells that are not in the mask, as far as they are on the floor.
    pub fn add_missing(&mut self, code: Code, mask: &Mask, rect: &Rect) {
        let cells = mask.cells_of(rect).filter(|(x, y)| !mask.contains(*x, *y));
        self.found.entry(code).or_default().cells.extend(cells);
    }

    /// A broken rule that is about a placement.
    pub fn add_block(&mut self, code: Code, block: usize) {
        self.found.entry(code).or_default().blocks.push(block);
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether one of these rules is broken.
    pub fn has_any(&self, codes: &[Code]) -> bool {
        codes.iter().any(|code| self.found.contains_key(code))
    }

    /// All of them, in byte order of their names.
    pub fn violations(self) -> Vec<Violation> {
        let violation = |(code, mut about): (Code, About)| {
            about.cells.sort_unstable_by_key(|&(x, y)| (y, x));
            about.cells.dedup();
            about.blocks.sort_unstable();
            about.blocks.dedup();
            Violation {
                code,
                cells: about.cells,
                blocks: about.blocks,
            }
        };
        self.found.into_iter().map(violation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_answered_in_byte_order() {
        use Code::*;
        let all = [
            Unsupported,
            TooHigh,
            StageSplit,
            StageSmall,
            StageMissing,
            SeatsShort,
            RowAccess,
            RingUsesWall,
            Pocket,
            Overlap,
            OutOfFloor,
            OnForbidden,
            NoGate,
            NotClosed,
            Mix,
            Irregular,
            Inventory,
            GateNarrow,
            GateInvalid,
            ExitBlocked,
            ExitsFew,
            ClusterBig,
            ClustersFew,
            AudienceNotFacing,
            AudienceMissing,
            AudienceBlocked,
            ArenaSmall,
            AisleNarrow,
            AisleDead,
        ];
        let mut findings = Findings::default();
        for code in all {
            findings.add(code);
        }
        let violations = findings.violations();
        let names = violations
            .iter()
            .map(|one| serde_json::to_string(&one.code).unwrap());
        let names: Vec<_> = names
            .map(|name| name.trim_matches('"').to_owned())
            .collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(names, sorted);
        assert_eq!(names.len(), all.len());
        assert!(names.contains(&"AUDIENCE_NOT_FACING".to_owned()));
    }
}
