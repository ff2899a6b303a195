//! The way to Postgres: the private cluster, migrations, the pool, transactions whose statements can be pipelined,
//! hand-written statements that are prepared once, and what the names of constraints mean. No table of a feature is
//! known here.

pub mod cluster;
pub mod migrate;
mod pool;
mod remembered;
pub mod source;
mod statement;
mod stored;
mod transaction;

pub use pool::{Db, DbError, connect};
pub use statement::prepared;
pub(crate) use stored::text_enum;
pub use transaction::Transaction;
