//! The planner as a command: one case as JSON in, one answer out (3-layouts.md, "The planner as a command").

use std::io::Read;

use serde::Serialize;

pub mod case;
pub mod layout;

pub use case::NotACase;

/// The most bytes that a case may have.
const LONGEST_CASE: u64 = 64 << 20;

/// Reads one case of a kind and answers it, with a line end.
pub fn run(kind: &str, input: impl Read) -> Result<String, NotACase> {
    let answer = match kind {
        "layout" => |text: &[u8]| json(&layout::answer(text)?),
        _ => {
            return Err(NotACase::new(format!("there is no kind of plan {kind:?}")));
        }
    };
    answer(&read_all(input)?)
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
