//! A floor with its areas, and a layout judged on it: what the page of rules says of the areas that it claims, and what
//! the model adds where a floor has several. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::changeover::Crew;
use crate::changeover::assignment::NO_WAY;
use crate::changeover::distance::Distances;
use crate::changeover::ground::Ground;
use crate::changeover::matching::position;
use crate::id::{AreaId, BlockTypeId, SpaceId, VenueId};
use crate::layout::{
    self, BlockType, Code, Floor, Layout, Placement, Purpose, Report, Rules, Site, Violation,
};

/// The letters of areas: as many as a floor can have.
pub const LETTERS: std::ops::RangeInclusive<u8> = b'A'..=b'Z';

/// A floor, what stands on it, and who carries it.
#[derive(Debug, Clone)]
pub struct FloorPlan {
    pub space_id: SpaceId,
    pub venue_id: VenueId,
    pub floor: Floor,
    /// What layouts on it are measured by.
    pub rules: Rules,
    /// In the order of their letters. Each cell is of one of them.
    pub areas: Vec<PlanArea>,
    /// The venue's block types in the order of their codes.
    pub types: Vec<BlockType>,
    /// The ids of `types`.
    pub type_ids: Vec<BlockTypeId>,
    /// How many blocks the pool owns, by type.
    pub inventory: Vec<u32>,
    /// The smallest of the pool's crews.
    pub crew: Crew,
    /// Minutes of the space's plain turnaround.
    pub turnaround_min: u32,
    /// Counts what changeover times are computed from.
    pub basis: i32,
    pub revision: i32,
}

/// An area's part of a floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanArea {
    pub id: AreaId,
    /// By cell, row by row: whether it is of the area.
    pub cells: Vec<bool>,
}

/// What judging a layout on its floor comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The broken rules, each once, in byte order.
    pub faults: Vec<Fault>,
    /// How many people it holds, before the space's own cap.
    pub capacity: u64,
    pub seats: u64,
    pub escape_cells: usize,
    /// The areas that it claims, by id.
    pub area_ids: Vec<AreaId>,
    /// How many blocks of each type (by index) stand in each of them; none that is 0.
    pub needs: BTreeMap<(AreaId, usize), u32>,
}

/// What a version that stands was found to take when it was judged last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stands {
    /// The areas that it claims, by id.
    pub area_ids: Vec<AreaId>,
    /// How many blocks of each type (by index) stand in each of them; none that is 0.
    pub needs: BTreeMap<(AreaId, usize), u32>,
}

/// A broken rule, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub rule: Rule,
    /// Cells of the floor, each once, row by row.
    pub cells: Vec<(i64, i64)>,
    /// Placements, by their index.
    pub blocks: Vec<usize>,
}

/// A rule: one of the page, or one of a floor and its areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    Page(Code),
    /// Each placement lies wholly in one area (2-model.md, `layout_version`).
    AcrossAreas,
    /// A layout to which there is no path from the store is not published (3-layouts.md, "Distance").
    NoPath,
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Page(code) => code.serialize(serializer),
            Self::AcrossAreas => serializer.serialize_str("ACROSS_AREAS"),
            Self::NoPath => serializer.serialize_str("NO_PATH"),
        }
    }
}

impl Rule {
    /// The page's name of it, or one like these.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

/// The rules that end the page's check: the layout stands on no floor at all.
const STRUCTURE: [Code; 6] = [
    Code::Inventory,
    Code::OnForbidden,
    Code::OutOfFloor,
    Code::Overlap,
    Code::TooHigh,
    Code::Unsupported,
];

impl FloorPlan {
    /// Judges a layout whose placements are of `types`, in the areas that it claims: those of the cells of its blocks,
    /// audience and gates; where it has none, all that have cells. The other areas count as walls.
    ///
    /// Where it claims several, each alone must be valid by the escape rules too, the others counting as walls.
    pub fn judge(&self, layout: &Layout) -> Judgement {
        self.judge_in(layout, |at| self.areas[at].cells.contains(&true))
    }

    /// Judges what stands already, on the floor as it is now. What is empty keeps the areas that it has.
    pub fn judge_again(&self, layout: &Layout, stands: &Stands) -> Judgement {
        self.judge_in(layout, |at| stands.area_ids.contains(&self.areas[at].id))
    }

    /// `empty`: whether an empty layout claims an area, by index.
    fn judge_in(&self, layout: &Layout, empty: impl Fn(usize) -> bool) -> Judgement {
        let mut claimed = self.drawn_in(layout);
        if claimed.is_empty() {
            claimed = (0..self.areas.len()).filter(|at| empty(*at)).collect();
        }
        let report = self.report(&claimed, layout);
        let codes = report.codes();
        let mut faults = Faults::default();
        faults.add_all(&report.violations);
        let across: BTreeSet<usize> = (0..layout.placements.len())
            .filter(|index| {
                let cells = layout.placements[*index].cells(&self.types);
                self.areas_of(cells).len() > 1
            })
            .collect();
        for index in &across {
            faults.add_block(Rule::AcrossAreas, *index);
        }
        if !STRUCTURE.iter().any(|code| codes.contains(code)) {
            if claimed.len() > 1 {
                for at in &claimed {
                    self.alone(*at, layout, &report, &mut faults);
                }
            }
            for index in self.out_of_reach(layout) {
                // what lies in two areas is out of reach of each
                if !across.contains(&index) {
                    faults.add_block(Rule::NoPath, index);
                }
            }
        }
        let mut area_ids: Vec<AreaId> = claimed.iter().map(|at| self.areas[*at].id).collect();
        area_ids.sort_unstable();
        Judgement {
            faults: self.placed(layout, faults.sorted()),
            capacity: report.capacity,
            seats: report.seats,
            escape_cells: report.escape_cells(),
            area_ids,
            needs: self.needs(layout),
        }
    }

    /// The plan's types, as many blocks as the pool owns, and the floor's own values.
    fn site<'a>(&'a self, floor: &'a Floor, inventory: &'a [Option<u32>]) -> Site<'a> {
        Site {
            floor,
            types: &self.types,
            inventory,
            rules: self.rules.clone(),
        }
    }

    fn report(&self, claimed: &BTreeSet<usize>, layout: &Layout) -> Report {
        let inventory: Vec<Option<u32>> = self.inventory.iter().copied().map(Some).collect();
        let floor = self.floor.walled(|cell| {
            let of_area = |at: &usize| self.areas[*at].cells[cell];
            claimed.iter().any(of_area)
        });
        layout::check(&self.site(&floor, &inventory), layout)
    }

    /// What is about blocks alone is about the cells that they cover, as far as these are on the floor.
    fn placed(&self, layout: &Layout, mut faults: Vec<Fault>) -> Vec<Fault> {
        for fault in faults.iter_mut().filter(|fault| fault.cells.is_empty()) {
            let blocks = fault.blocks.iter().map(|at| &layout.placements[*at]);
            let cells = blocks.flat_map(|block| self.clipped(&block.rect(&self.types)));
            fault.cells = cells.collect();
            fault.tidy();
        }
        faults
    }

    /// Whether what stands can be left where it stands, though it may break a rule for people: each block in its place and
    /// its area, and within reach of the store. `judged`: on the floor as it is now.
    pub fn keeps(&self, stands: &Stands, judged: &Judgement) -> bool {
        let displaces = |fault: &Fault| {
            matches!(
                fault.rule,
                Rule::NoPath | Rule::AcrossAreas | Rule::Page(Code::OutOfFloor | Code::OnForbidden)
            )
        };
        !judged.faults.iter().any(displaces)
            && judged.area_ids == stands.area_ids
            && judged.needs == stands.needs
    }

    /// The indices of the areas in which something of a layout is.
    fn drawn_in(&self, layout: &Layout) -> BTreeSet<usize> {
        let blocks = layout
            .placements
            .iter()
            .flat_map(|one| one.cells(&self.types));
        let zones = layout.zones.iter().map(|zone| &zone.rect);
        let drawn = zones
            .chain(&layout.gates)
            .flat_map(|rect| self.clipped(rect));
        self.areas_of(blocks.chain(drawn))
    }

    /// The cells of a rectangle that are on the floor.
    fn clipped(&self, rect: &layout::Rect) -> impl Iterator<Item = (i64, i64)> + use<> {
        let columns = rect.left().max(0)..rect.right().min(self.floor.width() as i64);
        let rows = rect.top().max(0)..rect.bottom().min(self.floor.height() as i64);
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    fn areas_of(&self, cells: impl Iterator<Item = (i64, i64)>) -> BTreeSet<usize> {
        let spots = cells.filter_map(|(x, y)| self.floor.index(x, y));
        spots.filter_map(|spot| self.area_at(spot)).collect()
    }

    fn area_at(&self, spot: usize) -> Option<usize> {
        self.areas.iter().position(|area| area.cells[spot])
    }

    /// The escape rules in one of several areas that a layout claims: its seated audience and its blocks stay where they
    /// are, people leave by the area's own exits.
    fn alone(&self, at: usize, layout: &Layout, whole: &Report, faults: &mut Faults) {
        let own = &self.areas[at].cells;
        let seated = self.seated(layout, whole);
        let floor = self.floor.walled(|cell| own[cell] && !seated[cell]);
        let in_area = |one: &&Placement| {
            let least = self.floor.index(one.x.into(), one.y.into());
            least.is_some_and(|cell| own[cell])
        };
        let part = Layout {
            purpose: Purpose::Open,
            placements: layout.placements.iter().filter(in_area).copied().collect(),
            zones: Vec::new(),
            gates: Vec::new(),
            seats_required: 0,
        };
        let report = layout::check(&self.site(&floor, &[]), &part);
        let escape = |one: &&Violation| matches!(one.code, Code::ExitBlocked | Code::Pocket);
        for violation in report.violations.iter().filter(escape) {
            faults.add(Rule::Page(violation.code), &violation.cells, &[]);
        }
    }

    /// The cells that a seated audience closes.
    fn seated(&self, layout: &Layout, report: &Report) -> Vec<bool> {
        let mut seated = vec![false; self.floor.cells().len()];
        let mut fill = |rect: &layout::Rect, value| {
            for (x, y) in rect.cells() {
                if let Some(cell) = self.floor.index(x, y) {
                    seated[cell] = value;
                }
            }
        };
        for seating in &report.seatings {
            fill(&layout.zones[seating.zone].rect, true);
            for aisle in &seating.aisles {
                fill(aisle, false);
            }
        }
        seated
    }

    /// The placements to which no block of their type can be carried from the store of their area.
    fn out_of_reach(&self, layout: &Layout) -> Vec<usize> {
        let mut ways: BTreeMap<(usize, i32), Distances> = BTreeMap::new();
        let mut unreached = Vec::new();
        for (index, placement) in layout.placements.iter().enumerate() {
            let least = self.floor.index(placement.x.into(), placement.y.into());
            let Some(area) = least.and_then(|cell| self.area_at(cell)) else {
                continue;
            };
            let block = &self.types[placement.block];
            let side = block.w.min(block.h);
            let ways = ways.entry((area, side)).or_insert_with(|| {
                let ground = self.ground(area);
                Distances::new(ground, side.unsigned_abs() as usize, [])
            });
            if ways.to_store(position(placement)) == NO_WAY {
                unreached.push(index);
            }
        }
        unreached
    }

    fn needs(&self, layout: &Layout) -> BTreeMap<(AreaId, usize), u32> {
        let mut needs = BTreeMap::new();
        for placement in &layout.placements {
            let least = self.floor.index(placement.x.into(), placement.y.into());
            if let Some(area) = least.and_then(|cell| self.area_at(cell)) {
                *needs
                    .entry((self.areas[area].id, placement.block))
                    .or_default() += 1;
            }
        }
        needs
    }

    /// The part of the floor that is the area (by index), as changeovers see it.
    pub fn ground(&self, area: usize) -> Ground<'_> {
        Ground {
            floor: &self.floor,
            area: Some(&self.areas[area].cells),
        }
    }
}

/// Broken rules as they are found, each once.
#[derive(Default)]
struct Faults(BTreeMap<String, Fault>);

impl Faults {
    fn add(&mut self, rule: Rule, cells: &[(i64, i64)], blocks: &[usize]) {
        let fault = self.0.entry(rule.name()).or_insert_with(|| Fault {
            rule,
            cells: Vec::new(),
            blocks: Vec::new(),
        });
        fault.cells.extend(cells);
        fault.blocks.extend(blocks);
    }

    fn add_all(&mut self, violations: &[Violation]) {
        for one in violations {
            self.add(Rule::Page(one.code), &one.cells, &one.blocks);
        }
    }

    fn add_block(&mut self, rule: Rule, block: usize) {
        self.add(rule, &[], &[block]);
    }

    fn sorted(self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.0.into_values().collect();
        faults.iter_mut().for_each(Fault::tidy);
        faults
    }
}

impl Fault {
    fn tidy(&mut self) {
        self.cells.sort_unstable_by_key(|&(x, y)| (y, x));
        self.cells.dedup();
    }
}
