//! What the changeovers of a floor rest on: layouts, minutes, blocks.

use diesel::sql_types::{Array, Bool, Int4, Text, Uuid};
use diesel::{QueryResult, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;

use crate::catalogue::{FloorFacts, LayoutChoice, Purpose, VersionState};
use crate::db::prepared;
use crate::id::{AreaId, BlockTypeId, LayoutId, LayoutVersionId, SpaceId};

#[derive(QueryableByName)]
struct ChoiceRow {
    #[diesel(sql_type = Uuid)]
    version_id: LayoutVersionId,
    #[diesel(sql_type = Uuid)]
    layout_id: LayoutId,
    #[diesel(sql_type = Uuid)]
    space_id: SpaceId,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Text)]
    purpose: Purpose,
    #[diesel(sql_type = Text)]
    state: VersionState,
    #[diesel(sql_type = Int4)]
    number: i32,
    #[diesel(sql_type = Int4)]
    capacity: i32,
    #[diesel(sql_type = Int4)]
    seats: i32,
    #[diesel(sql_type = Array<Uuid>)]
    area_ids: Vec<AreaId>,
    #[diesel(sql_type = Bool)]
    timed: bool,
}

const CHOICES: &str = "\
SELECT lv.id AS version_id, l.id AS layout_id, l.space_id, l.slug, l.name_zh, l.name_en, l.purpose, lv.state,
    lv.number, lv.capacity, lv.seats, lv.bookable_at IS NOT NULL AS timed,
    ARRAY(SELECT a.area_id FROM layout_version_area a WHERE a.layout_version_id = lv.id ORDER BY 1) AS area_ids
FROM layout l JOIN layout_version lv ON lv.layout_id = l.id
WHERE l.space_id = $1";

impl From<ChoiceRow> for LayoutChoice {
    fn from(row: ChoiceRow) -> Self {
        Self {
            version_id: row.version_id,
            layout_id: row.layout_id,
            space_id: row.space_id,
            slug: row.slug,
            name_zh: row.name_zh,
            name_en: row.name_en,
            purpose: row.purpose,
            state: row.state,
            number: row.number,
            capacity: row.capacity,
            seats: row.seats,
            area_ids: row.area_ids,
            timed: row.timed,
        }
    }
}

#[derive(QueryableByName)]
struct MinutesRow {
    #[diesel(sql_type = Uuid)]
    area_id: AreaId,
    #[diesel(sql_type = Uuid)]
    from_version_id: LayoutVersionId,
    #[diesel(sql_type = Uuid)]
    to_version_id: LayoutVersionId,
    #[diesel(sql_type = Int4)]
    minutes: i32,
}

const MINUTES: &str = "\
SELECT t.area_id, t.from_version_id, t.to_version_id, t.minutes
FROM area a JOIN changeover_time t ON t.area_id = a.id WHERE a.space_id = $1";

#[derive(QueryableByName)]
struct StockRow {
    #[diesel(sql_type = Uuid)]
    block_type_id: BlockTypeId,
    #[diesel(sql_type = Int4)]
    in_service: i32,
}

const STOCK: &str = "\
SELECT p.block_type_id, p.owned - p.out_of_service AS in_service
FROM space s JOIN pool_stock p ON p.pool_id = s.pool_id WHERE s.id = $1";

#[derive(QueryableByName)]
struct NeedRow {
    #[diesel(sql_type = Uuid)]
    layout_version_id: LayoutVersionId,
    #[diesel(sql_type = Uuid)]
    area_id: AreaId,
    #[diesel(sql_type = Uuid)]
    block_type_id: BlockTypeId,
    #[diesel(sql_type = Int4)]
    count: i32,
}

const NEEDS: &str = "\
SELECT n.layout_version_id, n.area_id, n.block_type_id, n.count
FROM space s JOIN space o ON o.pool_id = s.pool_id JOIN layout l ON l.space_id = o.id
    JOIN layout_version v ON v.layout_id = l.id JOIN layout_need n ON n.layout_version_id = v.id
WHERE s.id = $1";

/// The facts of a space's floor; empty ones where it has none.
pub async fn floor_facts(
    mut conn: &AsyncPgConnection,
    space_id: SpaceId,
) -> QueryResult<FloorFacts> {
    let of_space = |sql| prepared(sql_query(sql).bind::<Uuid, _>(space_id));
    let (mut c1, mut c2, mut c3) = (conn, conn, conn);
    let (layouts, minutes, stock, needs): (
        Vec<ChoiceRow>,
        Vec<MinutesRow>,
        Vec<StockRow>,
        Vec<NeedRow>,
    ) = try_join!(
        of_space(CHOICES).load(&mut conn),
        of_space(MINUTES).load(&mut c1),
        of_space(STOCK).load(&mut c2),
        of_space(NEEDS).load(&mut c3),
    )?;
    let mut facts = FloorFacts {
        layouts: layouts
            .into_iter()
            .map(|row| (row.version_id, row.into()))
            .collect(),
        minutes: minutes
            .into_iter()
            .map(|row| {
                (
                    (row.area_id, row.from_version_id, row.to_version_id),
                    row.minutes,
                )
            })
            .collect(),
        in_service: stock
            .into_iter()
            .map(|row| (row.block_type_id, row.in_service.into()))
            .collect(),
        ..FloorFacts::default()
    };
    for need in needs {
        // a type that the pool does not list is one of which it has none
        facts.in_service.entry(need.block_type_id).or_insert(0);
        let list = facts
            .needs
            .entry((need.area_id, need.layout_version_id))
            .or_default();
        list.push((need.block_type_id, need.count.into()));
    }
    Ok(facts)
}
