//! Pictures of layout versions. Drawn off the async threads and remembered, a few hundred of them, for as long as what is
//! drawn is the same: a published version never changes, but the names of its layout may, and the floor under a draft.

use std::sync::{Arc, Mutex, PoisonError};

use super::Drawing;
use super::store::{self, pictures::PictureRow};
use crate::db::{Db, DbError};
use crate::http::picture::Picture;
use crate::id::LayoutVersionId;
use crate::language::Locale;
use crate::layout::draw::{self, Subject, Words};
use crate::layout::{Site, check};

/// How many are remembered.
const MOST: usize = 256;

/// From where a layout is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// From above.
    Plan,
    /// In three dimensions.
    Isometric,
}

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub drawing: Drawing,
    /// What the layout is called.
    pub title: String,
    pub view: View,
    pub locale: Locale,
}

impl Wanted {
    /// Draws it.
    pub fn drawn(&self) -> Picture {
        let svg = self.looked_at(|subject| match self.view {
            View::Plan => draw::plan(subject),
            View::Isometric => draw::isometric(subject),
        });
        Picture::svg(svg, self.locale)
    }

    /// What is to be seen, for those who cannot see it.
    pub fn described(&self) -> String {
        self.looked_at(|subject| subject.words.description.clone())
    }

    /// The picture without words, as PNG.
    ///
    /// # Errors
    /// Where our own SVG cannot be read: a fault.
    pub fn png(&self) -> Result<Vec<u8>, draw::NotDrawn> {
        self.looked_at(draw::png)
    }

    fn looked_at<T>(&self, look: impl FnOnce(&Subject) -> T) -> T {
        let Drawing {
            floor,
            rules,
            types,
            layout,
            ..
        } = &self.drawing;
        let site = Site {
            floor,
            types,
            // how many there are is no matter of how it looks
            inventory: &[],
            rules: rules.clone(),
        };
        let report = check(&site, layout);
        let words = Words::new(self.locale, &self.title, &site, layout, &report);
        look(&Subject {
            site: &site,
            layout,
            report: &report,
            words: &words,
        })
    }
}

/// The picture of a version that mails show: drawn once, then the same for ever. `None`: there is no such version any more,
/// or it cannot be drawn.
pub async fn in_mails(db: &Db, id: LayoutVersionId) -> Result<Option<PictureRow>, DbError> {
    let conn = db.conn().await?;
    if let Some(row) = store::pictures::picture(&conn, id).await? {
        return Ok(Some(row));
    }
    let found = async {
        let (_, layout) = store::drafts::any_version(&conn, id).await?;
        Ok((store::drawing(&conn, id).await?, layout))
    };
    let (drawing, layout) = match found.await {
        Err(diesel::result::Error::NotFound) => return Ok(None),
        found => found?,
    };
    let drawn = tokio::task::spawn_blocking(move || {
        let wanted = |locale: Locale| Wanted {
            drawing: drawing.clone(),
            title: locale.pick(&layout.name_zh, &layout.name_en).to_owned(),
            view: View::Isometric,
            locale,
        };
        let [zh, en] = [Locale::ZhCn, Locale::En].map(wanted);
        let alt = |wanted: &Wanted| format!("{}: {}", wanted.title, wanted.described());
        Ok::<_, draw::NotDrawn>(PictureRow {
            layout_version_id: id,
            png: zh.png()?,
            alt_zh: alt(&zh).replacen(": ", "：", 1),
            alt_en: alt(&en),
        })
    });
    let row = match drawn.await {
        Ok(Ok(row)) => row,
        failed => {
            tracing::error!(?failed, version = %id, "a layout cannot be drawn for mails");
            return Ok(None);
        }
    };
    store::pictures::keep_picture(&conn, &row).await?;
    // who was first has drawn the one that all mails show
    Ok(store::pictures::picture(&conn, id).await?)
}

/// Pictures that were drawn before.
#[derive(Debug, Default)]
pub struct Pictures {
    known: Mutex<Vec<(Arc<Wanted>, Picture)>>,
}

impl Pictures {
    /// The picture, if it is remembered.
    pub fn known(&self, wanted: &Wanted) -> Option<Picture> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(of, _)| **of == *wanted)?;
        Some(found.1.clone())
    }

    /// Remembers a picture; the one that was drawn first is forgotten where there is no room.
    pub fn remember(&self, wanted: Wanted, picture: Picture) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == MOST {
            known.remove(0);
        }
        known.push((Arc::new(wanted), picture));
    }
}
