//! Layouts judged over HTTP: what a drawing would come to, while it is drawn.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::layouts::Need;
use crate::catalogue::Purpose;
use crate::catalogue::drawing::{AudienceZone, Fault as Unreadable, Gate, Placement, Written};
use crate::catalogue::floor_plan::{FloorPlan, Judgement};
use crate::catalogue::store;
use crate::http::language::locale;
use crate::http::problem::{FieldError, Problem, Violation, ViolationBody};
use crate::http::{App, Body};
use crate::id::{AreaId, LayoutVersionId, SpaceId};
use crate::identity::Caller;
use crate::language::Locale;
use crate::layout::Layout;

/// More blocks than a layout is drawn with.
const MOST_BLOCKS: usize = 500;
/// More zones, or gates, than one has.
const MOST_RECTANGLES: usize = 50;

/// What a version consists of.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawingInput {
    /// Its blocks.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub placements: Vec<Placement>,
    /// Where its audience is. For other purposes than `roadshow` they only say which areas it takes, where no block does.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub zones: Vec<AudienceZone>,
    /// Its gates.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub gates: Vec<Gate>,
    /// Seats that its purpose asks for.
    #[serde(default)]
    #[schema(example = 70, minimum = 0, maximum = 100000)]
    pub seats_required: i32,
}

/// A layout to be judged, and where it would stand.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInput {
    /// On the floor of this space.
    pub space_id: SpaceId,
    /// What its blocks are for.
    #[schema(example = "salon")]
    pub purpose: Purpose,
    /// Its blocks.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub placements: Vec<Placement>,
    /// Where its audience is.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub zones: Vec<AudienceZone>,
    /// Its gates.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub gates: Vec<Gate>,
    /// Seats that its purpose asks for.
    #[serde(default)]
    #[schema(example = 30, minimum = 0, maximum = 100000)]
    pub seats_required: i32,
}

/// What a layout comes to on its floor.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    /// The rules that it breaks, in byte order of their codes; a version with any is not published.
    pub violations: Vec<ViolationBody>,
    /// People that it takes at most, before the space's own cap.
    #[schema(example = 207)]
    pub capacity: u64,
    /// Seats, where its purpose has any; else 0.
    #[schema(example = 64)]
    pub seats: u64,
    /// Cells from which a way out is wide enough.
    #[schema(example = 796)]
    pub escape_cells: usize,
    /// The areas that it claims.
    pub area_ids: Vec<AreaId>,
    /// The blocks that it takes.
    pub needs: Vec<Need>,
}

impl Verdict {
    pub(super) fn new(plan: &FloorPlan, judged: &Judgement, locale: Locale) -> Self {
        Self {
            violations: violations(judged, None)
                .iter()
                .map(|one| one.body(locale))
                .collect(),
            capacity: judged.capacity,
            seats: judged.seats,
            escape_cells: judged.escape_cells,
            area_ids: judged.area_ids.clone(),
            needs: judged
                .needs
                .iter()
                .map(|((area_id, block), count)| Need {
                    area_id: *area_id,
                    block_type: plan.types[*block].id.clone(),
                    count: i32::try_from(*count).unwrap_or(i32::MAX),
                })
                .collect(),
        }
    }
}

/// The rules that were found broken, as a problem tells them.
pub(super) fn violations(judged: &Judgement, of: Option<LayoutVersionId>) -> Vec<Violation> {
    let faults = judged.faults.iter();
    faults
        .map(|fault| Violation {
            code: fault.rule.name(),
            cells: fault.cells.iter().map(|&(x, y)| [x, y]).collect(),
            blocks: fault.blocks.clone(),
            layout_version_id: of.map(|id| id.0),
        })
        .collect()
}

/// What was written, as the layout engine reads it: 422 with the first field that means nothing.
pub(super) fn drawn(written: &Written, plan: &FloorPlan) -> Result<Layout, Problem> {
    let lists = [
        ("placements", written.placements.len(), MOST_BLOCKS),
        ("zones", written.zones.len(), MOST_RECTANGLES),
        ("gates", written.gates.len(), MOST_RECTANGLES),
    ];
    for (field, length, most) in lists {
        if length > most {
            return Err(FieldError::too_long(field, most as i64).into());
        }
    }
    if written.seats_required > 100_000 {
        return Err(FieldError::too_large("seats_required", 100_000).into());
    }
    written.layout(&plan.types).map_err(|wrong| {
        match wrong.fault {
            Unreadable::Unknown => FieldError::new(wrong.field, "unknown"),
            Unreadable::TooSmall(least) => FieldError::too_small(wrong.field, least),
            Unreadable::TooLarge(most) => FieldError::too_large(wrong.field, most),
            Unreadable::TooLong(most) => FieldError::too_long(wrong.field, most),
        }
        .into()
    })
}

/// The space's floor, for whoever draws on it: 422 where it has none.
pub(super) async fn plan_of(
    conn: &diesel_async::AsyncPgConnection,
    space_id: SpaceId,
    field: &'static str,
) -> Result<FloorPlan, Problem> {
    match store::drawings::floor_plan(conn, space_id).await {
        Err(diesel::result::Error::NotFound) => Err(Problem::field(field, "no_floor")),
        other => Ok(other?),
    }
}

/// Judge a layout as it is drawn
///
/// All that is wrong with it, and what it would hold. Nothing is kept.
#[utoipa::path(post, path = "/v1/layouts/check", tag = "catalogue", request_body = CheckInput,
    responses((status = 200, description = "What it comes to", body = Verdict)))]
pub async fn check(
    request: HttpRequest,
    app: Data<App>,
    _caller: Caller,
    input: Body<CheckInput>,
) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let plan = plan_of(&conn, input.space_id, "space_id").await?;
    drop(conn);
    let input = input.value;
    let written = Written {
        purpose: input.purpose,
        placements: input.placements,
        zones: input.zones,
        gates: input.gates,
        seats_required: input.seats_required,
    };
    let judged = plan.judge(&drawn(&written, &plan)?);
    Ok(HttpResponse::Ok().json(Verdict::new(&plan, &judged, locale(&request))))
}

impl DrawingInput {
    /// The version that is meant, for a purpose.
    pub(super) fn written(&self, purpose: Purpose) -> Written {
        Written {
            purpose,
            placements: self.placements.clone(),
            zones: self.zones.clone(),
            gates: self.gates.clone(),
            seats_required: self.seats_required,
        }
    }
}
