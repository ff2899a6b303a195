//! `mofang plan draw`: draws the layout of a case, or the changeover of one.

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::case::{NotACase, read};
use super::{changeover, layout};
use crate::changeover::carried;
use crate::language::Locale;
use crate::layout::check;
use crate::layout::draw::{self, Job, JobWords, Subject, Words};

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
    let carries = carried::carries(&case.from, &case.to, &plan);
    let stays = carried::stays(&case.from, &carries);
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
