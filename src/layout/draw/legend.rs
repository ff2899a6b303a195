//! The legend under a picture: what its colours and patterns mean, in lines as wide as the picture; a picture is never
//! narrower than the longest of its words.

use super::steps::badge;
use super::svg::{Point, Svg};

const SWATCH: i64 = 16;
const LINE: i64 = 24;
const GAP: i64 = 20;

/// A thing that the picture shows.
pub struct Entry {
    pub name: String,
    pub swatch: Swatch,
}

/// How it looks.
pub enum Swatch {
    /// A block type of this look.
    Block(usize),
    /// A block of this look that stays in a changeover.
    Stays(usize),
    Seat,
    /// The shape of a team's numbers.
    Badge(usize),
    /// A class, and the pattern on it.
    Part(&'static str, Option<&'static str>),
}

impl Entry {
    fn width(&self) -> i64 {
        SWATCH + 8 + text_width(&self.name)
    }
}

impl Swatch {
    fn draw(&self, svg: &mut Svg, at: Point) {
        let size = (SWATCH, SWATCH);
        match self {
            Self::Block(look) => {
                let look = format!("b{look}");
                svg.group(&look);
                svg.rect("t", at, size);
                svg.patterned(&look, at, size);
                svg.rect("o", at, size);
                svg.end();
            }
            Self::Stays(look) => {
                svg.group("stay");
                Self::Block(*look).draw(svg, at);
                svg.end();
            }
            Self::Badge(team) => badge(svg, (at.0 + SWATCH / 2, at.1 + SWATCH / 2), *team),
            Self::Seat => {
                svg.rect("zone", at, size);
                svg.circle("seat", (at.0 + SWATCH / 2, at.1 + SWATCH / 2), 5);
            }
            Self::Part(class, pattern) => {
                svg.rect(class, at, size);
                if let Some(pattern) = pattern {
                    svg.patterned(pattern, at, size);
                }
            }
        }
    }
}

/// A legend that is laid out for a width.
pub struct Legend {
    placed: Vec<(Entry, Point)>,
    /// The width that it was given, or that of its widest entry where that is more.
    pub width: i64,
    pub height: i64,
}

impl Legend {
    pub fn new(entries: Vec<Entry>, width: i64) -> Self {
        let width = entries.iter().map(Entry::width).fold(width, i64::max);
        let (mut x, mut y) = (0, 0);
        let mut placed = Vec::with_capacity(entries.len());
        for entry in entries {
            if x > 0 && x + entry.width() > width {
                (x, y) = (0, y + LINE);
            }
            let at = (x, y);
            x += entry.width() + GAP;
            placed.push((entry, at));
        }
        Self {
            placed,
            width,
            height: y + LINE,
        }
    }

    /// Draws it with its upper left corner at a place.
    pub fn draw(&self, svg: &mut Svg, (left, top): Point) {
        for (entry, (x, y)) in &self.placed {
            let (x, y) = (left + x, top + y);
            entry.swatch.draw(svg, (x, y));
            svg.text("label", (x + SWATCH + 8, y + 13), &entry.name);
        }
    }
}

/// About how wide a text of 13 pixels is; a little more rather than less.
fn text_width(text: &str) -> i64 {
    let width = |letter: char| if letter.is_ascii() { 8 } else { 14 };
    text.chars().map(width).sum()
}
