//! What can be booked: venues, spaces and their areas, hours and calendars, policies, layouts, blocks, crews. Here
//! are the nouns that other features decide by; `store` is where they come from.

pub mod api;
pub mod calendar;
pub mod calendar_file;
pub mod drawing;
pub mod floor_plan;
mod grounds;
pub mod hours;
pub mod pictures;
pub mod policy;
pub mod seed;
pub mod shifts;
pub mod store;
pub mod timing;
pub mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

pub use calendar::Calendar;
pub use drawing::Drawing;
pub use grounds::{Grounds, Revision};
pub use policy::{Access, Lead, Policy, Requests};
pub use words::{EventType, Group, Purpose, SpaceKind, TimesFault, TimesState, VersionState};

use crate::id::{AreaId, BlockTypeId, LayoutId, LayoutVersionId, PoolId, SpaceId, VenueId};
use crate::span::Span;

/// Everything about a space that a decision on a booking needs.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Whose space it is.
    pub venue: VenueFacts,
    /// The space itself.
    pub space: SpaceFacts,
    /// What holds for bookings of it.
    pub policy: Policy,
    /// When it is open; the wall clock and the workdays, too.
    pub opening: Calendar,
    /// The narrower hours in which an exclusive booking is possible, where there are such.
    pub bookable: Option<Calendar>,
    /// Its areas, by id.
    pub areas: Vec<Area>,
    /// What its changeovers rest on; nothing where it has no floor.
    pub floor: Arc<FloorFacts>,
}

/// What the changeovers of a floor rest on.
#[derive(Debug, Clone, Default)]
pub struct FloorFacts {
    /// All versions of the space's layouts, whatever their state.
    pub layouts: HashMap<LayoutVersionId, LayoutChoice>,
    /// Minutes of a changeover, by area, from, to.
    pub minutes: HashMap<(AreaId, LayoutVersionId, LayoutVersionId), i32>,
    /// How many blocks of each type the pool can use: owned less out of service.
    pub in_service: BTreeMap<BlockTypeId, i64>,
    /// What a version needs in an area, in all spaces of the pool.
    pub needs: HashMap<(AreaId, LayoutVersionId), Vec<(BlockTypeId, i64)>>,
}

/// A venue, as far as bookings ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueFacts {
    pub id: VenueId,
    pub name_zh: String,
    pub name_en: String,
}

/// A space, as far as bookings ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceFacts {
    pub id: SpaceId,
    pub slug: String,
    pub name_zh: String,
    pub name_en: String,
    pub kind: SpaceKind,
    /// The hard cap on people.
    pub people_cap: i32,
    /// The plain turnaround after an event.
    pub turnaround_min: i32,
    /// Whose blocks and crews, where it has a floor.
    pub pool_id: Option<PoolId>,
    /// Whether other spaces have the same pool.
    pub shares_pool: bool,
    pub active: bool,
    pub revision: i32,
}

/// The atom of exclusive use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    pub id: AreaId,
    pub slug: String,
    pub position: i32,
    /// What stands before the first booking, where the space has a floor.
    pub initial_layout_version_id: Option<LayoutVersionId>,
}

impl Ground {
    /// A version of one of the space's layouts.
    pub fn layout(&self, id: Option<LayoutVersionId>) -> Option<&LayoutChoice> {
        self.floor.layouts.get(&id?)
    }

    /// The stretches that an event can lie in and that share an instant with the dates `from` to `to`: opening
    /// hours, narrowed to the bookable ones. See [`Calendar::open_intervals`].
    pub fn bookable_intervals(&self, from: NaiveDate, to: NaiveDate) -> Vec<Span> {
        let open = self.opening.open_intervals(from, to);
        match &self.bookable {
            Some(bookable) => calendar::intersection(&open, &bookable.open_intervals(from, to)),
            None => open,
        }
    }

    /// Whether an event may lie there, by opening and bookable hours and by whether it may span closed ones.
    pub fn is_open_for(&self, event: &Span) -> bool {
        let calendars = || {
            [Some(&self.opening), self.bookable.as_ref()]
                .into_iter()
                .flatten()
        };
        if self.policy.spans_closed {
            calendars().all(|calendar| calendar.covers_ends(event))
        } else {
            calendars().all(|calendar| calendar.covers(event))
        }
    }
}

/// A version of a layout, as far as a booking in it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutChoice {
    pub version_id: LayoutVersionId,
    pub layout_id: LayoutId,
    pub space_id: SpaceId,
    pub slug: String,
    pub name_zh: String,
    pub name_en: String,
    pub purpose: Purpose,
    pub state: VersionState,
    pub number: i32,
    /// People that it takes at most, before the space's own cap.
    pub capacity: i32,
    /// Seats, where its purpose has any; else 0.
    pub seats: i32,
    /// The areas that it claims, by id.
    pub area_ids: Vec<AreaId>,
    /// Whether the times to and from all other versions are known.
    pub timed: bool,
}

impl LayoutChoice {
    /// Whether new bookings can have it.
    pub fn is_bookable(&self) -> bool {
        self.state == VersionState::Published && self.timed
    }
}
