//! `mofang plan draw`: draws the layout of a case, or the changeover of one.

use std::collections::HashMap;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::case::{NotACase, read};
use super::{changeover, layout};
use crate::changeover::crew::Slot;
use crate::changeover::{Place, Plan};
use crate::language::Locale;
use crate::layout::draw::{self, Carry, Job, JobWords, Subject, Words};
use crate::layout::{Placement, check};

/// How a case is drawn.
#[derive(Debug, Clone, Copy, Args)]
pub struct Options {
    /// A layout in three dimensions instead of from above
    #[arg(long, conflicts_with = "changeover")]
    pub isometric: bool,
    /// Reads a changeover instead of a layout
    #[arg(long)]
    pub changeover: Option<View>,
    /// The language of its words: zh-CN or en
    #[arg(long, value_parser = locale, default_value = "en")]
    pub language: Locale,
}

/// What is shown of a changeover.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum View {
    /// Its numbered steps on the plan, as SVG
    Steps,
    /// A bar a team on a time line, as SVG
    Timeline,
    /// A page to print with boxes to tick, as HTML
    Sheet,
}

fn locale(tag: &str) -> Result<Locale, &'static str> {
    let mut all = Locale::ALL.into_iter();
    all.find(|one| one.tag() == tag)
        .ok_or("a language is zh-CN or en")
}

/// What a case says about itself.
#[derive(Deserialize)]
struct Name {
    id: Option<String>,
    note: Option<String>,
}

impl Name {
    fn title(text: &[u8]) -> Result<String, NotACase> {
        let Name { id, note } = read(text)?;
        Ok(note.or(id).unwrap_or_default())
    }
}

/// Draws a case.
pub fn answer(text: &[u8], options: Options) -> Result<String, NotACase> {
    match options.changeover {
        Some(view) => job(text, view, options.language),
        None => one_layout(text, options),
    }
}

fn one_layout(text: &[u8], options: Options) -> Result<String, NotACase> {
    let case = layout::Case::read(text)?;
    let site = case.site();
    let report = check(&site, &case.layout);
    let title = Name::title(text)?;
    let words = Words::new(options.language, &title, &site, &case.layout, &report);
    let subject = Subject {
        site: &site,
        layout: &case.layout,
        report: &report,
        words: &words,
    };
    Ok(if options.isometric {
        draw::isometric(&subject)
    } else {
        draw::plan(&subject)
    })
}

fn job(text: &[u8], view: View, locale: Locale) -> Result<String, NotACase> {
    let case = changeover::Case::read(text)?;
    let plan = crate::changeover::plan(&case.change(), case.crew).map_err(NotACase::new)?;
    let carries = carries(&case, &plan);
    let moved: Vec<_> = carries.iter().filter_map(|one| one.from).collect();
    let mut stays = case.from.clone();
    stays.retain(|one| !moved.contains(one));
    let words = JobWords::new(locale, &Name::title(text)?, &case.types);
    let job = Job {
        floor: &case.floor,
        types: &case.types,
        stays: &stays,
        carries: &carries,
        teams: case.crew.teams,
        words: &words,
    };
    Ok(match view {
        View::Steps => draw::steps(&job),
        View::Timeline => draw::timeline(&job),
        View::Sheet => draw::sheet(&job),
    })
}

/// The steps of a plan in the order in which they are begun.
fn carries(case: &changeover::Case, plan: &Plan) -> Vec<Carry> {
    let by_place = |placements: &[Placement]| -> HashMap<_, _> {
        let key = |one: &Placement| (one.x, one.y, one.z);
        placements.iter().map(|one| (key(one), *one)).collect()
    };
    let (from, to) = (by_place(&case.from), by_place(&case.to));
    let find = |known: &HashMap<_, Placement>, place| match place {
        Place::Store => None,
        Place::Floor { x, y, z } => known.get(&(x, y, z)).copied(),
    };
    let carry = |slot: &Slot| {
        let step = &plan.steps[slot.step];
        Carry {
            block: step.block,
            from: find(&from, step.from),
            to: find(&to, step.to),
            team: slot.team,
            start_s: slot.start_s,
            end_s: slot.end_s,
        }
    };
    plan.slots.iter().map(carry).collect()
}
