//! `mofang plan draw`: draws the layout of a case.

use clap::Args;
use serde::Deserialize;

use super::case::{NotACase, read};
use super::layout::Case;
use crate::language::Locale;
use crate::layout::check;
use crate::layout::draw::{Subject, Words, isometric, plan};

/// How a case is drawn.
#[derive(Debug, Clone, Copy, Args)]
pub struct Options {
    /// In three dimensions instead of from above
    #[arg(long)]
    pub isometric: bool,
    /// The language of its words: zh-CN or en
    #[arg(long, value_parser = locale, default_value = "en")]
    pub language: Locale,
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

/// Draws a case as SVG.
pub fn answer(text: &[u8], options: Options) -> Result<String, NotACase> {
    let case = Case::read(text)?;
    let name: Name = read(text)?;
    let site = case.site();
    let report = check(&site, &case.layout);
    let title = name.note.or(name.id).unwrap_or_default();
    let words = Words::new(options.language, &title, &site, &case.layout, &report);
    let subject = Subject {
        site: &site,
        layout: &case.layout,
        report: &report,
        words: &words,
    };
    Ok(if options.isometric {
        isometric(&subject)
    } else {
        plan(&subject)
    })
}
