//! What the journeys share: a venue in a database of its own, people, and a client that speaks HTTP.

mod answer;
mod cast;
mod ground;
mod person;
pub mod post;
mod wish;
mod world;

pub use answer::Answer;
pub use ground::database;
pub use person::Person;
pub use wish::{Wish, wednesday};
pub use world::World;
