//! Layouts as pictures: SVG that needs nothing else, in light, dark and print, with a title and a description inside
//! for those who cannot see it (3-layouts.md, "Drawing").

mod ground;
mod isometric;
mod legend;
mod places;
mod plan;
mod style;
mod svg;
mod words;

pub use isometric::isometric;
pub use places::{cell_name, column_name};
pub use plan::plan;
pub use words::Words;

use super::{Layout, Report, Site};

/// What is drawn.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub site: &'a Site<'a>,
    pub layout: &'a Layout,
    /// What the check of the layout found: the escape region, the seats, and what is to be marked as wrong.
    pub report: &'a Report,
    pub words: &'a Words,
}
