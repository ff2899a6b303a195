//! The words in and behind a picture.

use fluent_bundle::FluentValue;

use super::places::corners;
use crate::language::{Locale, text};
use crate::layout::{BlockType, Layout, Purpose, Report, Side, Site};

/// The words of one picture, in one language.
#[derive(Debug, Clone)]
pub struct Words {
    /// What the layout is called.
    pub title: String,
    /// What is to be seen, for those who cannot see it.
    pub description: String,
    /// What each block type is called.
    pub blocks: Vec<String>,
    pub audience: String,
    pub exit: String,
    pub gate: String,
    pub store: String,
    pub keep_clear: String,
    pub obstacle: String,
    pub escape: String,
    pub fault: String,
}

impl Words {
    /// The words of a layout that is called `title`, in a language.
    pub fn new(locale: Locale, title: &str, site: &Site, layout: &Layout, report: &Report) -> Self {
        let word = |key: &str| text(locale, &format!("drawing-{key}"), &[]);
        let blocks = site.types.iter().map(|one| block_name(locale, one));
        let blocks: Vec<_> = blocks.collect();
        Self {
            title: title.to_owned(),
            description: description(locale, site, layout, report, &blocks),
            blocks,
            audience: word("audience"),
            exit: word("exit"),
            gate: word("gate"),
            store: word("store"),
            keep_clear: word("keep-clear"),
            obstacle: word("obstacle"),
            escape: word("escape"),
            fault: word("fault"),
        }
    }
}

/// What a purpose is called.
fn purpose_name(locale: Locale, purpose: Purpose) -> String {
    text(locale, &format!("drawing-purpose-{}", purpose.name()), &[])
}

/// What a block type is called; one that the words do not know is called by its id.
pub fn block_name(locale: Locale, block: &BlockType) -> String {
    match block.id.as_str() {
        id @ ("big" | "small") => text(locale, &format!("drawing-block-{id}"), &[]),
        id => text(locale, "drawing-block-other", &[("name", id.into())]),
    }
}

/// The layout in sentences: what stands where, by the names of the tape on the floor.
fn description(
    locale: Locale,
    site: &Site,
    layout: &Layout,
    report: &Report,
    blocks: &[String],
) -> String {
    let say = |key: &str, facts: &[(&str, FluentValue<'_>)]| {
        text(locale, &format!("drawing-tells-{key}"), facts)
    };
    let mut sentences = vec![say(
        "floor",
        &[
            ("purpose", purpose_name(locale, layout.purpose).into()),
            ("width", site.floor.width().into()),
            ("height", site.floor.height().into()),
        ],
    )];
    for (block, name) in blocks.iter().enumerate() {
        let rects = layout.placements.iter().filter(|one| one.block == block);
        let rects: Vec<_> = rects.map(|one| one.rect(site.types)).collect();
        if let Some(bounds) = rects
            .iter()
            .copied()
            .reduce(|one, other| one.around(&other))
        {
            let (from, to) = corners(&bounds);
            sentences.push(say(
                "blocks",
                &[
                    ("count", rects.len().into()),
                    ("block", name.as_str().into()),
                    ("from", from.into()),
                    ("to", to.into()),
                ],
            ));
        }
    }
    for (index, zone) in layout.zones.iter().enumerate() {
        let (from, to) = corners(&zone.rect);
        let seated = report.seatings.iter().find(|one| one.zone == index);
        let side = match zone.facing {
            Side::North => "north",
            Side::South => "south",
            Side::West => "west",
            Side::East => "east",
        };
        sentences.push(say(
            "audience",
            &[
                ("seats", seated.map_or(0, |one| one.seats.len()).into()),
                ("from", from.into()),
                ("to", to.into()),
                (
                    "side",
                    text(locale, &format!("drawing-side-{side}"), &[]).into(),
                ),
            ],
        ));
    }
    for gate in &layout.gates {
        let (from, to) = corners(gate);
        sentences.push(say("gate", &[("from", from.into()), ("to", to.into())]));
    }
    if report.violations.is_empty() {
        sentences.push(say("capacity", &[("people", report.capacity.into())]));
    } else {
        sentences.push(say("faults", &[("count", report.violations.len().into())]));
    }
    sentences.join(locale.pick("", " "))
}
