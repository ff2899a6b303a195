//! The catalogue's SQL. All of it works on a connection that the caller lends, inside the caller's transaction where
//! there is one.

pub mod drafts;
pub mod drawings;
mod floor_facts;
mod ground;
pub mod layouts;
pub mod pictures;
pub mod pools;
pub mod shifts;
pub mod spaces;
pub mod tasks;
pub mod times;
pub mod venues;

pub use drawings::drawing;
pub use ground::{ground, revision};
pub use shifts::extend_shifts;
pub use venues::holidays;

use serde::de::DeserializeOwned;

/// A column of JSON as what it says; what cannot be read was written past the product.
fn json<T: DeserializeOwned>(text: &str) -> diesel::QueryResult<T> {
    serde_json::from_str(text).map_err(unreadable)
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(Box::new(error))
}
