//! Layouts as pictures: SVG that needs nothing else, in light, dark and print, with a title and a description inside
//! for those who cannot see it (3-layouts.md, "Drawing").
//!
//! `plan` and `isometric` show a layout, `png` as pixels for mails; `steps`, `timeline` and `sheet` a changeover; `squared` and `ground` are what
//! they share, `style` has colours and patterns, `words` and `job` the words.

mod ground;
mod isometric;
mod job;
mod legend;
mod places;
mod plan;
mod png;
mod sheet;
mod squared;
mod steps;
mod style;
mod svg;
mod timeline;
mod words;

pub use isometric::isometric;
pub use job::{Carry, Job, JobWords};
pub use places::{cell_name, column_name};
pub use plan::plan;
pub use png::{NotDrawn, png};
pub use sheet::sheet;
pub use steps::steps;
pub use timeline::timeline;
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
