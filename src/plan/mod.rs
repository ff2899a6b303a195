//! The planner as a command: one case as JSON in, one answer out (3-layouts.md, "The planner as a command").

use std::io::Read;

use clap::Subcommand;
use serde::Serialize;

pub mod buffers;
pub mod case;
pub mod changeover;
pub mod draw;
pub mod layout;
pub mod matrix;

pub use case::NotACase;

/// The most bytes that a case may have.
const LONGEST_CASE: u64 = 64 << 20;

/// What is asked of a case.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Kind {
    /// Checks a layout: violations, capacity, seats, escape region
    Layout,
    /// Plans a changeover: moves, steps, who does what when
    Changeover,
    /// Finds the fewest moves by way of the store
    Buffers,
    /// Tabulates the work between layouts
    Matrix,
    /// Draws a layout as SVG
    Draw(draw::Options),
}

/// Reads one case of a kind and answers it, with a line end.
pub fn run(kind: Kind, input: impl Read) -> Result<String, NotACase> {
    let text = read_all(input)?;
    match kind {
        Kind::Layout => json(&layout::answer(&text)?),
        Kind::Changeover => json(&changeover::answer(&text)?),
        Kind::Buffers => json(&buffers::answer(&text)?),
        Kind::Matrix => json(&matrix::answer(&text)?),
        Kind::Draw(options) => draw::answer(&text, options),
    }
}

fn read_all(input: impl Read) -> Result<Vec<u8>, NotACase> {
    let mut text = Vec::new();
    let read = input.take(LONGEST_CASE + 1).read_to_end(&mut text);
    read.map_err(|error| NotACase::about("standard input", error))?;
    if text.len() as u64 > LONGEST_CASE {
        let reason = format!("the case has more than {LONGEST_CASE} bytes");
        return Err(NotACase::new(reason));
    }
    Ok(text)
}

fn json(answer: &impl Serialize) -> Result<String, NotACase> {
    let mut text = serde_json::to_string(answer).map_err(NotACase::new)?;
    text.push('\n');
    Ok(text)
}
