//! The pictures that mails show: each drawn once and kept.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::id::LayoutVersionId;
use crate::schema::layout_picture;

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = layout_picture)]
pub struct PictureRow {
    pub layout_version_id: LayoutVersionId,
    pub png: Vec<u8>,
    pub alt_zh: String,
    pub alt_en: String,
}

/// The picture of a version, if it was drawn before.
pub async fn picture(
    conn: &AsyncPgConnection,
    id: LayoutVersionId,
) -> QueryResult<Option<PictureRow>> {
    layout_picture::table
        .find(id)
        .select(PictureRow::as_select())
        .first(&mut &*conn)
        .await
        .optional()
}

/// Keeps a picture; one that somebody else has drawn meanwhile stays.
pub async fn keep_picture(conn: &AsyncPgConnection, row: &PictureRow) -> QueryResult<()> {
    diesel::insert_into(layout_picture::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(&mut &*conn)
        .await
        .map(drop)
}
