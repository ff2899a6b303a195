//! Floors over HTTP: read, drawn, and changed under the layouts that stand on them.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::judging::violations;
use super::{announce, change, from_json, object, to_json};
use crate::audit;
use crate::catalogue::VersionState;
use crate::catalogue::floor_plan::{FloorPlan, LETTERS};
use crate::catalogue::store;
use crate::catalogue::store::layouts::{LayoutRow, VersionRow};
use crate::catalogue::store::spaces::{FloorDrawing, FloorRow};
use crate::http::etag::{ETag, IfMatch};
use crate::http::problem::{Arg, FieldError, Kind, Problem, Reason, Violation};
use crate::http::{App, Body, Path};
use crate::id::{LayoutVersionId, SpaceId};
use crate::identity::Caller;
use crate::layout::{self, FloorError, Rules};
use crate::routes::Operation;

/// The longest side of a floor, in modules.
const LONGEST_SIDE: usize = 200;
/// The largest value of a rule.
const LARGEST_VALUE: i64 = 10_000;

/// A floor: a grid of modules, each cell of one area.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Floor {
    /// Its columns, eastward.
    #[schema(example = 40)]
    pub width: i32,
    /// Its rows, southward.
    #[schema(example = 24)]
    pub height: i32,
    /// The side of a module in millimetres.
    #[schema(example = 600)]
    pub module_mm: i32,
    /// The rows from north to south, a character a cell: `.` placeable, `#` obstacle, `K` keep clear, `E` exit, `S` the
    /// store's door.
    #[schema(example = json!(["SSKK....", "......KE"]))]
    pub rows: Vec<String>,
    /// The same cells by area: `A` the space's first, `B` its second, …
    #[schema(example = json!(["AAAAAAAA", "AAAAAAAA"]))]
    pub areas: Vec<String>,
    /// What layouts on it are measured by.
    pub rules: Rules,
    /// Grows with each change; also in `ETag`.
    #[schema(example = 1)]
    pub revision: i32,
}

/// A floor as it shall be.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FloorInput {
    /// The side of a module in millimetres.
    #[serde(default = "module")]
    #[schema(example = 600, minimum = 100, maximum = 5000, default = 600)]
    pub module_mm: i32,
    /// The rows from north to south, a character a cell: `.` placeable, `#` obstacle, `K` keep clear, `E` exit, `S` the
    /// store's door.
    #[schema(example = json!(["SSKK....", "......KE"]), min_items = 1, max_items = 200)]
    pub rows: Vec<String>,
    /// The same cells by area: `A` the space's first, `B` its second, …; left out: all are of the first.
    #[serde(default)]
    #[schema(example = json!(["AAAAAAAA", "AAAAAAAA"]), max_items = 200)]
    pub areas: Option<Vec<String>>,
    /// What layouts on it are measured by, where the venue's fire-safety officer wants other values than the defaults; each
    /// at most 10000. What is left out is as the defaults say.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"egress_k": 3}))]
    pub rules: Rules,
    /// Whether published versions that would break a rule, or hold another number of people, on this floor are retired;
    /// else the change is refused with their list.
    #[serde(default)]
    #[schema(example = false)]
    pub retire: bool,
}

fn module() -> i32 {
    600
}

impl Floor {
    fn new(row: FloorRow) -> Result<Self, Problem> {
        Ok(Self {
            rules: from_json(row.rules)?,
            width: row.width,
            height: row.height,
            module_mm: row.module_mm,
            rows: row.rows.into_iter().flatten().collect(),
            areas: row.areas.into_iter().flatten().collect(),
            revision: row.revision,
        })
    }
}

/// The floor of a space
///
/// Only `reconfigurable` spaces have one.
#[utoipa::path(get, path = "/v1/spaces/{id}/floor", tag = "catalogue",
    params(("id" = SpaceId, Path, description = "The space")),
    responses((status = 200, description = "Its floor", body = Floor,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn read(app: Data<App>, id: Path<SpaceId>) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let row = store::spaces::floor(&conn, *id).await?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag(row.revision.into()).header())
        .json(Floor::new(row)?))
}

/// Draw a floor
///
/// All of it, its first or another one. Every version that is published on it, or that still stands or is planned, is judged
/// anew: what would break a rule or hold another number of people stands in the way, or is retired with `retire`. Where a
/// block of it would find no place, no path or another area, it is refused in any case. Times are computed anew, and until
/// they are there the old ones hold.
#[utoipa::path(put, path = "/v1/spaces/{id}/floor", tag = "catalogue", request_body = FloorInput,
    params(("id" = SpaceId, Path, description = "The space"), IfMatch),
    responses((status = 200, description = "The floor as it is now", body = Floor,
        headers(("ETag" = String, description = "Its revision")))))]
pub async fn put(
    app: Data<App>,
    caller: Caller,
    id: Path<SpaceId>,
    if_match: IfMatch,
    input: Body<FloorInput>,
) -> Result<HttpResponse, Problem> {
    let (row, venue_id) = change(&app, async |conn| {
        let space = store::spaces::space(conn, *id).await?;
        Operation::ChangeFloor.admit_to(&caller, &object(space.venue_id, Some(space.id)))?;
        let Some(pool_id) = space.pool_id else {
            return Err(Problem::field("rows", "no_floor"));
        };
        store::pools::lock_pool(conn, pool_id).await?;
        let before = store::spaces::lock_floor(conn, *id).await?;
        if_match.check(ETag(before.map_or(0, |row| row.revision).into()))?;
        let areas = store::spaces::areas(conn, *id).await?.len();
        let drawing = checked(&input, areas)?;
        let row = store::spaces::put_floor(conn, *id, &drawing).await?;
        let plan = store::drawings::floor_plan(conn, *id).await?;
        let retired = judge_again(conn, &plan, input.retire).await?;
        store::drafts::retire(conn, &retired).await?;
        let actor = Some(caller.user_id);
        let fields = ["module_mm", "rows", "areas", "rules"];
        audit::store::record(
            conn,
            actor,
            Some(space.venue_id),
            "change",
            "floor",
            id.0.0,
            &fields,
        )
        .await?;
        for version in retired {
            audit::store::record(
                conn,
                actor,
                Some(space.venue_id),
                "retire",
                "layout_version",
                version.0,
                &[],
            )
            .await?;
        }
        Ok((row, space.venue_id))
    })
    .await?;
    announce(&app, id.0.0, venue_id, Some(*id));
    Ok(HttpResponse::Ok()
        .insert_header(ETag(row.revision.into()).header())
        .json(Floor::new(row)?))
}

fn checked(input: &FloorInput, areas: usize) -> Result<FloorDrawing, Problem> {
    let mut errors = Vec::new();
    match input.module_mm {
        ..100 => errors.push(FieldError::too_small("module_mm", 100)),
        5001.. => errors.push(FieldError::too_large("module_mm", 5000)),
        _ => {}
    }
    if let Some((name, _)) = input.rules.fault() {
        errors.push(FieldError::too_small(format!("rules.{name}"), 1));
    }
    let rules = to_json(&input.rules)?;
    for name in too_large(&rules) {
        errors.push(FieldError::too_large(
            format!("rules.{name}"),
            LARGEST_VALUE,
        ));
    }
    let longest = LONGEST_SIDE as i64;
    let width = input.rows.first().map_or(0, |row| row.chars().count());
    if input.rows.len() > LONGEST_SIDE {
        errors.push(FieldError::too_long("rows", longest));
    } else if width > LONGEST_SIDE {
        errors.push(FieldError::too_long("rows.0", longest));
    } else if let Err(error) = layout::Floor::parse(&input.rows) {
        errors.push(match error {
            FloorError::Empty => FieldError::too_short("rows", 1),
            FloorError::TooLarge => FieldError::too_long("rows", longest),
            FloorError::Uneven { row } => FieldError::new(format!("rows.{row}"), "uneven"),
            FloorError::Letter {
                row,
                column,
                letter,
            } => FieldError::new(format!("rows.{row}"), "cell_letter")
                .with("letter", Arg::Text(letter.to_string()))
                .with("column", Arg::Number(column as i64)),
        });
    }
    let letters = match &input.areas {
        Some(letters) => letters.clone(),
        None => vec!["A".repeat(width); input.rows.len()],
    };
    if errors.is_empty() {
        errors = area_errors(&letters, width, input.rows.len(), areas);
    }
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let side = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    Ok(FloorDrawing {
        width: side(width),
        height: side(input.rows.len()),
        module_mm: input.module_mm,
        rows: input.rows.iter().cloned().map(Some).collect(),
        areas: letters.into_iter().map(Some).collect(),
        rules,
    })
}

/// The names of values beyond anything that is built.
fn too_large(rules: &Value) -> Vec<&str> {
    let large = |value: &Value| value.as_i64().is_some_and(|value| value > LARGEST_VALUE);
    let any = |value: &Value| match value {
        Value::Array(values) => values.iter().any(large),
        value => large(value),
    };
    let all = rules.as_object().into_iter().flatten();
    all.filter(|(_, value)| any(value))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Each cell is of an area that there is, and each area has a cell.
fn area_errors(letters: &[String], width: usize, height: usize, areas: usize) -> Vec<FieldError> {
    if letters.len() != height {
        return vec![FieldError::new("areas", "uneven")];
    }
    let known: BTreeSet<char> = LETTERS.take(areas).map(char::from).collect();
    let mut errors = Vec::new();
    let mut met = BTreeSet::new();
    for (at, row) in letters.iter().enumerate() {
        let field = || format!("areas.{at}");
        if row.chars().count() != width {
            errors.push(FieldError::new(field(), "uneven"));
        } else if row.chars().any(|letter| !known.contains(&letter)) {
            errors.push(FieldError::new(field(), "area_letter"));
        }
        met.extend(row.chars());
    }
    if errors.is_empty() && met != known {
        errors.push(FieldError::new("areas", "area_without_cells"));
    }
    errors
}

/// Judges what stands on the floor as it is now drawn; the versions that are to be retired, where that is allowed.
async fn judge_again(
    conn: &AsyncPgConnection,
    plan: &FloorPlan,
    retire: bool,
) -> Result<Vec<LayoutVersionId>, Problem> {
    let mut broken: Vec<(LayoutVersionId, Vec<Violation>)> = Vec::new();
    let (mut changed, mut displaced) = (Vec::new(), Vec::new());
    let standing = store::layouts::standing(conn, plan.space_id).await?;
    let ids: Vec<LayoutVersionId> = standing.iter().map(|(row, _)| row.id).collect();
    let mut parts = store::layouts::parts(conn, &ids).await?;
    for (row, of) in standing {
        let id = row.id;
        let stands = store::drawings::stands(plan, parts.remove(&id).unwrap_or_default());
        let judged = plan.judge_again(&drawn(plan, &row, &of)?, &stands);
        let same = judged.faults.is_empty()
            && i64::from(row.capacity) == i64::try_from(judged.capacity).unwrap_or(i64::MAX)
            && i64::from(row.seats) == i64::try_from(judged.seats).unwrap_or(i64::MAX);
        if !plan.keeps(&stands, &judged) {
            displaced.push(id);
        } else if !same && row.state == VersionState::Published {
            changed.push(id);
        } else {
            continue;
        }
        broken.push((id, violations(&judged, Some(id))));
    }
    let (in_the_way, reason) = match (displaced.is_empty(), retire) {
        (true, true) => return Ok(changed),
        (true, false) => (changed, "layouts_in_the_way"),
        // retiring would not help: what stands has to be carried away from there
        (false, _) => (displaced, "layouts_stand"),
    };
    if in_the_way.is_empty() {
        return Ok(Vec::new());
    }
    let mut problem = Problem::new(Kind::Conflict).because(vec![Reason::new(reason)]);
    problem.in_the_way = in_the_way.iter().map(|id| id.0).collect();
    problem.violations = broken
        .into_iter()
        .filter(|(id, _)| in_the_way.contains(id))
        .flat_map(|(_, violations)| violations)
        .collect();
    Err(problem)
}

fn drawn(plan: &FloorPlan, row: &VersionRow, of: &LayoutRow) -> Result<layout::Layout, Problem> {
    let written = store::drawings::written(of.purpose, row.clone())?;
    // it was read when it was published
    written
        .layout(&plan.types)
        .map_err(|error| Problem::field(error.field, "unknown"))
}
