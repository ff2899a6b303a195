pub mod cluster;
pub mod migrate;
pub mod source;
