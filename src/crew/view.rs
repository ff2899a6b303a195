//! Jobs as they go over the wire.

use serde::{Deserialize, Serialize};

use super::JobState;
use super::expected::Expected;
use super::store::JobRead;
use super::window::window;
use super::work::Work;
use crate::id::{AreaId, BookingId, CrewId, LayoutVersionId, OccupancyId, SpaceId};
use crate::layout::draw::{Carry, cell_name};
use crate::layout::{BlockType, Placement};
use crate::span::Instant;

/// A changeover as its crew sees it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Job)]
pub struct JobView {
    /// Its id. Until it has begun a change of the plan may replace it by another one.
    pub id: OccupancyId,
    /// In which space.
    pub space_id: SpaceId,
    /// In which area.
    pub area_id: AreaId,
    /// Who carries.
    pub crew_id: CrewId,
    /// The crew's name.
    #[schema(example = "A")]
    pub crew: String,
    /// The booking that it leads to.
    pub booking_id: BookingId,
    /// What the booking's people ask the crew for, in their words.
    #[schema(example = "一张签到桌")]
    pub needs: String,
    /// What stands before; the same as after: a cleaning.
    pub from_version_id: LayoutVersionId,
    /// Its layout's name in Chinese.
    #[schema(example = "休憩")]
    pub from_zh: String,
    /// Its layout's name in English.
    #[schema(example = "Rest")]
    pub from_en: String,
    /// What stands after.
    pub to_version_id: LayoutVersionId,
    /// Its layout's name in Chinese.
    #[schema(example = "园区路演(主舞台)")]
    pub to_zh: String,
    /// Its layout's name in English.
    #[schema(example = "Roadshow (main stage)")]
    pub to_en: String,
    /// Where it stands.
    pub state: JobState,
    /// When it starts, by the plan. One that its crew started earlier starts then.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T05:35:00Z")]
    pub start: Instant,
    /// When it ends, by the plan.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    pub end: Instant,
    /// When it may start at the earliest: its area and its crew are free then.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T04:00:00Z")]
    pub may_start: Option<Instant>,
    /// When it must start at the latest, so that nothing after it waits.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T05:35:00Z")]
    pub must_start: Instant,
    /// When it starts, as the day has gone so far; of one that was started, when that was.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T05:45:00Z")]
    pub expected_start: Instant,
    /// When it ends, as the day has gone so far.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:10:00Z")]
    pub expected_end: Instant,
    /// When its crew started it.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T05:45:00Z")]
    pub started_at: Option<Instant>,
    /// When its crew was done.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T06:08:00Z")]
    pub finished_at: Option<Instant>,
    /// Minutes that it is given in the plan.
    #[schema(example = 25)]
    pub computed_min: i32,
    /// Whole minutes that it really took, rounded up.
    #[schema(example = 23)]
    pub measured_min: Option<i64>,
}

impl JobView {
    /// A job and what is expected of it; as planned where nothing is.
    pub fn new(job: &JobRead, expected: Option<Expected>) -> Self {
        let window = window(job.during, job.required_min, &job.between());
        let measured = job.started_at.zip(job.finished_at);
        let expected = expected.unwrap_or_else(|| job.during.into());
        Self {
            id: job.id,
            space_id: job.space_id,
            area_id: job.area_id,
            crew_id: job.crew_id,
            crew: job.crew.clone(),
            booking_id: job.booking_id,
            needs: job.needs.clone(),
            from_version_id: job.from_version_id,
            from_zh: job.from_zh.clone(),
            from_en: job.from_en.clone(),
            to_version_id: job.to_version_id,
            to_zh: job.to_zh.clone(),
            to_en: job.to_en.clone(),
            state: job.progress().state(),
            start: job.during.start(),
            end: job.during.end(),
            may_start: window.may_start,
            must_start: window.must_start,
            expected_start: job.started_at.unwrap_or(expected.start),
            expected_end: job.finished_at.unwrap_or(expected.end),
            started_at: job.started_at,
            finished_at: job.finished_at,
            computed_min: job.required_min,
            measured_min: measured.map(|(since, until)| whole_minutes(since, until)),
        }
    }

    /// As JSON text.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn whole_minutes(since: Instant, until: Instant) -> i64 {
    let milliseconds = (until - since).num_milliseconds().max(0);
    milliseconds.unsigned_abs().div_ceil(60_000).cast_signed()
}

/// A job with what is carried.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobWithMoves {
    /// The job.
    #[serde(flatten)]
    pub job: JobView,
    /// Teams that carry at once.
    #[schema(example = 2)]
    pub teams: usize,
    /// Seconds that the carrying takes, without chairs and cables.
    #[schema(example = 842)]
    pub carrying_s: u64,
    /// What is carried, in the order in which it is begun. None where the layout stays.
    pub moves: Vec<StepView>,
}

impl JobWithMoves {
    /// A job and what is carried for it.
    pub fn new(job: JobView, work: &Work) -> Self {
        Self {
            job,
            teams: work.task.teams,
            carrying_s: work.carried.iter().map(|one| one.end_s).max().unwrap_or(0),
            moves: (1..)
                .zip(&work.carried)
                .map(|(step, carry)| StepView::new(step, carry, work.types()))
                .collect(),
        }
    }
}

/// A block that is carried.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StepView {
    /// Its number, as on the plan and on the sheet.
    #[schema(example = 1)]
    pub step: usize,
    /// The block's type.
    #[schema(example = "big")]
    pub block_type: String,
    /// Where it is taken from; null: the store.
    pub from: Option<PlaceView>,
    /// Where it is put; null: the store.
    pub to: Option<PlaceView>,
    /// The team that carries it, from 1.
    #[schema(example = 1)]
    pub team: usize,
    /// Seconds from the beginning at which the team takes it up.
    #[schema(example = 0)]
    pub start_s: u64,
    /// Seconds from the beginning at which it stands.
    #[schema(example = 56)]
    pub end_s: u64,
}

impl StepView {
    fn new(step: usize, carry: &Carry, types: &[BlockType]) -> Self {
        Self {
            step,
            block_type: types[carry.block].id.clone(),
            from: carry.from.as_ref().map(PlaceView::from),
            to: carry.to.as_ref().map(PlaceView::from),
            team: carry.team + 1,
            start_s: carry.start_s,
            end_s: carry.end_s,
        }
    }
}

/// A place on the floor.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlaceView {
    /// The north-west cell, as the tape on the floor names it.
    #[schema(example = "P3")]
    pub cell: String,
    /// Its column.
    #[schema(example = 15)]
    pub x: i32,
    /// Its row.
    #[schema(example = 2)]
    pub y: i32,
    /// How many blocks are under it.
    #[schema(example = 0)]
    pub z: i32,
    /// Whether the block is turned by 90 degrees.
    #[schema(example = false)]
    pub turned: bool,
}

impl From<&Placement> for PlaceView {
    fn from(place: &Placement) -> Self {
        Self {
            cell: cell_name(place.x.into(), place.y.into()),
            x: place.x,
            y: place.y,
            z: place.z,
            turned: place.turned,
        }
    }
}
