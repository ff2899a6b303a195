//! The areas of a booking.

use std::collections::BTreeSet;

use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::{Array, Nullable, Uuid};

use crate::id::AreaId;

/// Distinct areas in the order of their ids, which is the order in which places are sought.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = Array<Nullable<Uuid>>)]
pub struct AreaSet(Vec<AreaId>);

impl AreaSet {
    /// As a slice, in order.
    pub fn as_slice(&self) -> &[AreaId] {
        &self.0
    }

    /// One by one, in order.
    pub fn iter(&self) -> impl Iterator<Item = AreaId> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<AreaId> for AreaSet {
    fn from_iter<I: IntoIterator<Item = AreaId>>(areas: I) -> Self {
        Self(
            areas
                .into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        )
    }
}

impl ToSql<Array<Nullable<Uuid>>, Pg> for AreaSet {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        let ids: Vec<Option<AreaId>> = self.iter().map(Some).collect();
        ToSql::<Array<Nullable<Uuid>>, Pg>::to_sql(&ids, &mut out.reborrow())
    }
}

impl FromSql<Array<Nullable<Uuid>>, Pg> for AreaSet {
    fn from_sql(bytes: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let ids: Vec<Option<AreaId>> = FromSql::<Array<Nullable<Uuid>>, Pg>::from_sql(bytes)?;
        Ok(ids.into_iter().flatten().collect())
    }
}
