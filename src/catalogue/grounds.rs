//! What this process remembers of the catalogue. Nothing rests on the memory: every reader first asks the database
//! which revision holds, a decision under its lock, and another revision is read anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Date};
use diesel::{QueryResult, QueryableByName};
use diesel_async::AsyncPgConnection;

use super::{Ground, store};
use crate::id::SpaceId;

/// How often the catalogue has changed, and what day it is: calendars are read for a stretch of days around today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Revision {
    /// Grows with each transaction that changed the catalogue.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// The database's.
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
}

/// The grounds of spaces, each as of the revision at which it was read.
#[derive(Debug, Default)]
pub struct Grounds {
    known: Mutex<HashMap<SpaceId, (Revision, Arc<Ground>)>>,
}

impl Grounds {
    /// The ground of a space as of this revision; `None`: there is no such space.
    pub async fn at(
        &self,
        conn: &AsyncPgConnection,
        space_id: SpaceId,
        revision: Revision,
    ) -> QueryResult<Option<Arc<Ground>>> {
        if let Some(ground) = self.known(space_id, revision) {
            return Ok(Some(ground));
        }
        let Some(ground) = store::ground(conn, space_id).await?.map(Arc::new) else {
            return Ok(None);
        };
        // what was read is of this revision or of a later one, whose number will be asked for then
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(space_id, (revision, ground.clone()));
        Ok(Some(ground))
    }

    /// The ground of a space as it is now.
    pub async fn now(
        &self,
        conn: &AsyncPgConnection,
        space_id: SpaceId,
    ) -> QueryResult<Option<Arc<Ground>>> {
        let revision = store::revision(conn).await?;
        self.at(conn, space_id, revision).await
    }

    fn known(&self, space_id: SpaceId, revision: Revision) -> Option<Arc<Ground>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, ground) = known.get(&space_id)?;
        (*of == revision).then(|| ground.clone())
    }
}
