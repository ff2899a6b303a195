//! Pools and their blocks over HTTP.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::input::Checks;
use super::{Made, Paging, announce, change, create, given, object, taken};
use crate::audit;
use crate::catalogue::store;
use crate::catalogue::store::pools::{PoolRow, StockRow};
use crate::http::page::Position;
use crate::http::problem::{FieldError, Kind, Problem};
use crate::http::{App, Body, IdempotencyKey, Path, Query};
use crate::id::{PoolId, VenueId};
use crate::identity::Caller;
use crate::routes::Operation;

/// A pool: what floors share.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pool {
    /// Its id.
    pub id: PoolId,
    /// Whose it is.
    pub venue_id: VenueId,
    /// Its name for programs.
    #[schema(example = "hall")]
    pub slug: String,
    /// Its name.
    #[schema(example = "方块与搬运组")]
    pub name: String,
    /// Its blocks, by type.
    pub stock: Vec<Stock>,
}

/// What a pool has of a block type.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stock {
    /// The block's type.
    #[schema(example = "big")]
    pub block_type: String,
    /// How many there are.
    #[schema(example = 48)]
    pub owned: i32,
    /// How many of them cannot be used just now: new bookings are not offered them.
    #[schema(example = 2)]
    pub out_of_service: i32,
}

/// A pool to be made; it has no blocks and no crew yet.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolInput {
    /// Its name for programs, of which there is one in the venue.
    #[schema(example = "annex", min_length = 1, max_length = 50)]
    pub slug: String,
    /// Its name.
    #[schema(example = "附楼方块", min_length = 1, max_length = 100)]
    pub name: String,
}

/// What to change in a pool's stock; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockPatch {
    /// How many there are; refused where bookings that there are need more.
    #[schema(example = 48, minimum = 0, maximum = 100000)]
    pub owned: Option<i32>,
    /// How many of them cannot be used just now.
    #[schema(example = 2, minimum = 0, maximum = 100000)]
    pub out_of_service: Option<i32>,
}

fn body(row: PoolRow, stock: &[StockRow]) -> Pool {
    Pool {
        stock: stock
            .iter()
            .filter(|stock| stock.pool_id == row.id)
            .map(|stock| Stock {
                block_type: stock.block_type.clone(),
                owned: stock.owned,
                out_of_service: stock.out_of_service,
            })
            .collect(),
        id: row.id,
        venue_id: row.venue_id,
        slug: row.slug,
        name: row.name,
    }
}

/// Pools
///
/// All pools with their blocks, in the order in which they were made.
#[utoipa::path(get, path = "/v1/pools", tag = "catalogue", params(Paging),
    responses((status = 200, description = "A page of pools", body = Vec<Pool>,
        headers(("Link" = String, description = "The next page, if there is one")))))]
pub async fn list(
    request: HttpRequest,
    app: Data<App>,
    query: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let page = query.page()?;
    let conn = app.db.conn().await?;
    let mut rows = store::pools::pools(&conn, page.after_id(), page.rows()).await?;
    let mut response = page.response(&request, &mut rows, |row| Position::of(row.id.0));
    let ids: Vec<PoolId> = rows.iter().map(|row| row.id).collect();
    let stock = store::pools::stock(&conn, &ids).await?;
    let items: Vec<Pool> = rows.into_iter().map(|row| body(row, &stock)).collect();
    Ok(response.json(items))
}

/// Make a pool
///
/// Its blocks are told by their stock, its crews are made in it; a space gets its pool when it is made.
#[utoipa::path(post, path = "/v1/venues/{id}/pools", tag = "catalogue", request_body = PoolInput,
    params(("id" = VenueId, Path, description = "The venue"), IdempotencyKey),
    responses((status = 201, description = "The pool", body = Pool)))]
pub async fn post(
    app: Data<App>,
    caller: Caller,
    id: Path<VenueId>,
    key: IdempotencyKey,
    input: Body<PoolInput>,
) -> Result<HttpResponse, Problem> {
    let mut checks = Checks::default();
    checks.slug("slug", &input.slug);
    let name = checks.text("name", &input.name, 1, 100);
    checks.done()?;
    let row = PoolRow {
        id: PoolId::new(),
        venue_id: *id,
        slug: input.slug.clone(),
        name,
    };
    create(&app, &caller, &key, &input.fingerprint, async |conn| {
        let venue = store::venues::venue(conn, *id).await?;
        Operation::CreatePool.admit_to(&caller, &object(venue.id, None))?;
        store::pools::insert_pool(conn, &row)
            .await
            .map_err(taken("slug"))?;
        let actor = Some(caller.user_id);
        audit::store::record(conn, actor, Some(venue.id), "create", "pool", row.id.0, &[]).await?;
        Ok(Made {
            id: row.id.0,
            venue_id: venue.id,
            space_id: None,
            answer: body(row, &[]),
        })
    })
    .await
}

/// Change a pool's blocks
///
/// How many of a type there are, and how many are out of service. What is booked stays booked; new bookings are offered
/// only what is in service.
#[utoipa::path(patch, path = "/v1/pools/{id}/stock/{block_type}", tag = "catalogue", request_body = StockPatch,
    params(("id" = PoolId, Path, description = "The pool"),
        ("block_type" = String, Path, description = "The block's type", example = "big")),
    responses((status = 200, description = "The stock as it is now", body = Stock)))]
pub async fn patch_stock(
    app: Data<App>,
    caller: Caller,
    path: Path<(PoolId, String)>,
    input: Body<StockPatch>,
) -> Result<HttpResponse, Problem> {
    let (id, code) = &*path;
    let mut checks = Checks::default();
    checks.number("owned", input.owned, 0, 100_000);
    checks.number("out_of_service", input.out_of_service, 0, 100_000);
    checks.done()?;
    let fields = given!(input; owned, out_of_service);
    let (stock, venue_id) = change(&app, async |conn| {
        if !store::pools::lock_pool(conn, *id).await? {
            return Err(Problem::new(Kind::NotFound));
        }
        let pool = store::pools::pool(conn, *id).await?;
        Operation::ChangeStock.admit_to(&caller, &object(pool.venue_id, None))?;
        let (type_id, owned, out) = store::pools::stock_of(conn, &pool, code).await?;
        let owned = input.owned.unwrap_or(owned);
        let out_of_service = input.out_of_service.unwrap_or(out);
        if out_of_service > owned {
            return Err(FieldError::too_large("out_of_service", owned.into()).into());
        }
        store::pools::update_stock(conn, *id, type_id, owned, out_of_service).await?;
        store::tasks::open_stock_tasks(conn, pool.venue_id, *id, type_id).await?;
        let actor = Some(caller.user_id);
        audit::store::record(
            conn,
            actor,
            Some(pool.venue_id),
            "change_stock",
            "pool",
            id.0,
            &fields,
        )
        .await?;
        let stock = Stock {
            block_type: code.clone(),
            owned,
            out_of_service,
        };
        Ok((stock, pool.venue_id))
    })
    .await?;
    announce(&app, id.0, venue_id, None);
    Ok(HttpResponse::Ok().json(stock))
}
