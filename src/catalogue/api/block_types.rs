//! Block types over HTTP.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};

use super::input::Checks;
use super::{Made, announce, change, create, given, object, taken};
use crate::audit;
use crate::catalogue::store;
use crate::catalogue::store::drawings::{BlockTypeChange, BlockTypeRow};
use crate::db::DbError;
use crate::http::problem::{Kind, Problem, Reason};
use crate::http::{App, Body, IdempotencyKey, Path};
use crate::id::{BlockTypeId, VenueId};
use crate::identity::Caller;
use crate::routes::Operation;

/// A kind of block; blocks of a kind are interchangeable.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BlockType {
    /// Its id.
    pub id: BlockTypeId,
    /// Whose it is.
    pub venue_id: VenueId,
    /// Its name in layouts.
    #[schema(example = "big")]
    pub code: String,
    /// Modules along x, unturned.
    #[schema(example = 2)]
    pub width: i32,
    /// Modules along y, unturned.
    #[schema(example = 2)]
    pub depth: i32,
    /// How high one stands.
    #[schema(example = 600)]
    pub height_mm: i32,
    /// How many may be under one.
    #[schema(example = 1)]
    pub max_z: i32,
    /// Seconds to pick one up and put it down.
    #[schema(example = 40)]
    pub handle_s: i32,
    /// Seconds a module when carried.
    #[schema(example = 2)]
    pub loaded_s: i32,
    /// People who sit on one in a salon.
    #[schema(example = 4)]
    pub salon_seats: i32,
    /// Whether one makes a cluster of an exhibition.
    #[schema(example = true)]
    pub anchors: bool,
}

/// A block type to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockTypeInput {
    /// Its name in layouts: small letters, digits and hyphens; it never changes.
    #[schema(
        example = "plank",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length = 50
    )]
    pub code: String,
    /// Modules along x, unturned.
    #[schema(example = 3, minimum = 1, maximum = 20)]
    pub width: i32,
    /// Modules along y, unturned.
    #[schema(example = 1, minimum = 1, maximum = 20)]
    pub depth: i32,
    /// How high one stands.
    #[schema(example = 450, minimum = 1, maximum = 5000)]
    pub height_mm: i32,
    /// How many may be under one.
    #[serde(default = "one")]
    #[schema(example = 1, minimum = 0, maximum = 10, default = 1)]
    pub max_z: i32,
    /// Seconds to pick one up and put it down.
    #[schema(example = 30, minimum = 0, maximum = 3600)]
    pub handle_s: i32,
    /// Seconds a module when carried.
    #[schema(example = 2, minimum = 0, maximum = 600)]
    pub loaded_s: i32,
    /// People who sit on one in a salon.
    #[serde(default = "one")]
    #[schema(example = 3, minimum = 0, maximum = 100, default = 1)]
    pub salon_seats: i32,
    /// Whether one makes a cluster of an exhibition.
    #[serde(default)]
    #[schema(example = false, default = false)]
    pub anchors: bool,
}

fn one() -> i32 {
    1
}

/// What to change in a block type; what is left out stays as it is. Its shape (`width`, `depth`, `max_z`, `salon_seats`,
/// `anchors`) is fixed once a published version has one.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockTypePatch {
    /// Modules along x, unturned.
    #[schema(example = 2, minimum = 1, maximum = 20)]
    pub width: Option<i32>,
    /// Modules along y, unturned.
    #[schema(example = 2, minimum = 1, maximum = 20)]
    pub depth: Option<i32>,
    /// How high one stands.
    #[schema(example = 600, minimum = 1, maximum = 5000)]
    pub height_mm: Option<i32>,
    /// How many may be under one.
    #[schema(example = 1, minimum = 0, maximum = 10)]
    pub max_z: Option<i32>,
    /// Seconds to pick one up and put it down; every changeover time is computed anew.
    #[schema(example = 40, minimum = 0, maximum = 3600)]
    pub handle_s: Option<i32>,
    /// Seconds a module when carried; every changeover time is computed anew.
    #[schema(example = 2, minimum = 0, maximum = 600)]
    pub loaded_s: Option<i32>,
    /// People who sit on one in a salon.
    #[schema(example = 4, minimum = 0, maximum = 100)]
    pub salon_seats: Option<i32>,
    /// Whether one makes a cluster of an exhibition.
    #[schema(example = true)]
    pub anchors: Option<bool>,
}

impl From<BlockTypeRow> for BlockType {
    fn from(row: BlockTypeRow) -> Self {
        Self {
            id: row.id,
            venue_id: row.venue_id,
            code: row.code,
            width: row.width,
            depth: row.depth,
            height_mm: row.height_mm,
            max_z: row.max_z,
            handle_s: row.handle_s,
            loaded_s: row.loaded_s,
            salon_seats: row.salon_seats,
            anchors: row.anchors,
        }
    }
}

impl BlockTypePatch {
    fn checked(&self, checks: &mut Checks) -> BlockTypeChange {
        checks.number("width", self.width, 1, 20);
        checks.number("depth", self.depth, 1, 20);
        checks.number("height_mm", self.height_mm, 1, 5000);
        checks.number("max_z", self.max_z, 0, 10);
        checks.number("handle_s", self.handle_s, 0, 3600);
        checks.number("loaded_s", self.loaded_s, 0, 600);
        checks.number("salon_seats", self.salon_seats, 0, 100);
        BlockTypeChange {
            width: self.width,
            depth: self.depth,
            height_mm: self.height_mm,
            max_z: self.max_z,
            handle_s: self.handle_s,
            loaded_s: self.loaded_s,
            salon_seats: self.salon_seats,
            anchors: self.anchors,
        }
    }
}

impl BlockTypeInput {
    /// What it says besides its name.
    fn numbers(&self) -> BlockTypePatch {
        BlockTypePatch {
            width: Some(self.width),
            depth: Some(self.depth),
            height_mm: Some(self.height_mm),
            max_z: Some(self.max_z),
            handle_s: Some(self.handle_s),
            loaded_s: Some(self.loaded_s),
            salon_seats: Some(self.salon_seats),
            anchors: Some(self.anchors),
        }
    }
}

/// The block types of a venue
#[utoipa::path(get, path = "/v1/venues/{id}/block-types", tag = "catalogue",
    params(("id" = VenueId, Path, description = "The venue")),
    responses((status = 200, description = "Its block types, by code", body = Vec<BlockType>)))]
pub async fn list(app: Data<App>, id: Path<VenueId>) -> Result<HttpResponse, Problem> {
    let conn = app.db.conn().await?;
    let venue = store::venues::venue(&conn, *id).await?;
    let rows = store::drawings::block_types(&conn, venue.id).await?;
    let items: Vec<BlockType> = rows.into_iter().map(BlockType::from).collect();
    Ok(HttpResponse::Ok().json(items))
}

/// Make a block type
///
/// A pool has none of it until its stock says so.
#[utoipa::path(post, path = "/v1/venues/{id}/block-types", tag = "catalogue", request_body = BlockTypeInput,
    params(("id" = VenueId, Path, description = "The venue"), IdempotencyKey),
    responses((status = 201, description = "The block type", body = BlockType)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    key: IdempotencyKey,
    input: Body<BlockTypeInput>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    checks.slug("code", &input.code);
    input.numbers().checked(&mut checks);
    checks.done()?;
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        let venue = store::venues::venue(conn, *id).await?;
        Operation::CreateBlockType.admit_to(&caller, &object(venue.id, None))?;
        let row = BlockTypeRow {
            id: BlockTypeId::new(),
            venue_id: venue.id,
            code: input.code.clone(),
            width: input.width,
            depth: input.depth,
            height_mm: input.height_mm,
            max_z: input.max_z,
            handle_s: input.handle_s,
            loaded_s: input.loaded_s,
            salon_seats: input.salon_seats,
            anchors: input.anchors,
        };
        store::drawings::insert_block_type(conn, &row)
            .await
            .map_err(taken("code"))?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(venue.id),
            "create",
            "block_type",
            row.id.0,
            &[],
        )
        .await?;
        Ok(Made {
            id: row.id.0,
            venue_id: venue.id,
            space_id: None,
            answer: BlockType::from(row),
        })
    })
    .await
}

/// Change a block type
///
/// Its shape only while no published version has one. How long it takes to carry may always change: every time is computed
/// anew, and until it is there the old one holds.
#[utoipa::path(patch, path = "/v1/block-types/{id}", tag = "catalogue", request_body = BlockTypePatch,
    params(("id" = BlockTypeId, Path, description = "The block type")),
    responses((status = 200, description = "The block type as it is now", body = BlockType)))]
pub async fn patch(
    app: Data<App>,
    caller: Caller,
    id: Path<BlockTypeId>,
    input: Body<BlockTypePatch>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    let wanted = input.checked(&mut checks);
    checks.done()?;
    let fields =
        given!(input; width, depth, height_mm, max_z, handle_s, loaded_s, salon_seats, anchors);
    let row = change(&app, async |conn| {
        let mut row = store::drawings::block_type(conn, *id).await?;
        Operation::ChangeBlockType.admit_to(&caller, &object(row.venue_id, None))?;
        if !fields.is_empty() {
            row = store::drawings::update_block_type(conn, *id, &wanted)
                .await
                .map_err(refused)?;
            let actor = Some(caller.user_id);
            audit::store::record(
                conn,
                actor,
                Some(row.venue_id),
                "change",
                "block_type",
                id.0.0,
                &fields,
            )
            .await?;
        }
        Ok(row)
    })
    .await?;
    announce(&app, id.0.0, row.venue_id, None);
    Ok(HttpResponse::Ok().json(BlockType::from(row)))
}

fn refused(error: diesel::result::Error) -> Problem {
    match DbError::from(error) {
        DbError::Constraint(name) if name == "block_type_rests" => {
            Problem::new(Kind::Conflict).because(vec![Reason::new("block_type_rests")])
        }
        other => other.into(),
    }
}
