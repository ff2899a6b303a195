//! What is carried from one version of a layout to another. Planned off the async threads, and remembered for as long as
//! the drawings are the same.

use std::sync::{Arc, Mutex, PoisonError};

use crate::catalogue::Drawing;
use crate::catalogue::floor_plan::PlanArea;
use crate::catalogue::store::drawings::EMPTY_S;
use crate::changeover::carried::{carries, stays};
use crate::changeover::ground::Ground;
use crate::changeover::{Change, Crew, Impossible, plan};
use crate::id::AreaId;
use crate::layout::draw::Carry;
use crate::layout::{BlockType, Placement};

/// How many are remembered.
const MOST: usize = 128;

/// Two drawings of one floor, and how many carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub from: Drawing,
    pub to: Drawing,
    /// `None`: on the whole floor.
    pub area_id: Option<AreaId>,
    pub teams: usize,
}

/// What is carried for a task.
#[derive(Debug)]
pub struct Work {
    pub task: Task,
    /// The blocks that stay where they are.
    pub stays: Vec<Placement>,
    /// The steps in the order in which they are begun.
    pub carried: Vec<Carry>,
}

impl Task {
    /// Plans it: some 20 ms where there is much to carry.
    ///
    /// # Errors
    /// See [`Impossible`].
    pub fn planned(self) -> Result<Work, Impossible> {
        let own = |area: &&PlanArea| Some(area.id) == self.area_id;
        let area = self.from.areas.iter().find(own);
        let ground = Ground {
            floor: &self.from.floor,
            area: area.map(|area| area.cells.as_slice()),
        };
        let change = Change {
            ground,
            types: &self.from.types,
            from: &self.from.layout.placements,
            to: &self.to.layout.placements,
        };
        let crew = Crew {
            teams: self.teams,
            empty_s: EMPTY_S,
        };
        let plan = plan(&change, crew)?;
        let carried = carries(change.from, change.to, &plan);
        Ok(Work {
            stays: stays(&ground.own(change.from), &carried),
            carried,
            task: self,
        })
    }
}

impl Work {
    /// The block types by whose index blocks are named.
    pub fn types(&self) -> &[BlockType] {
        &self.task.from.types
    }
}

/// Work that was planned before.
#[derive(Debug, Default)]
pub struct Works {
    known: Mutex<Vec<Arc<Work>>>,
}

impl Works {
    /// The work of this task, if it is remembered.
    pub fn known(&self, task: &Task) -> Option<Arc<Work>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|work| work.task == *task).cloned()
    }

    /// Remembers work; the one that was planned first is forgotten where there is no room.
    pub fn remember(&self, work: Arc<Work>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == MOST {
            known.remove(0);
        }
        known.push(work);
    }
}
