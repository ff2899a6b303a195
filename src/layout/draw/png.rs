//! The isometric view as PNG, for mails: light, and without words, so that no font is needed and every machine draws it
//! alike.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::Subject;
use super::isometric;

/// How wide it is, in pixels: twice what mails show, for fine screens.
pub const PNG_WIDTH: u32 = 1056;

/// Why there is no picture: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("the picture cannot be drawn: {0}")]
pub struct NotDrawn(String);

/// The view as PNG.
///
/// # Errors
/// Where our own SVG cannot be read.
pub fn png(subject: &Subject) -> Result<Vec<u8>, NotDrawn> {
    let svg = isometric::bare(subject);
    let tree =
        Tree::from_str(&svg, &Options::default()).map_err(|error| NotDrawn(error.to_string()))?;
    let size = tree.size();
    let scale = PNG_WIDTH as f32 / size.width();
    let height = (size.height() * scale)
        .ceil()
        .clamp(1.0, 8.0 * PNG_WIDTH as f32) as u32;
    let mut pixels =
        Pixmap::new(PNG_WIDTH, height).ok_or_else(|| NotDrawn("no size".to_owned()))?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|error| NotDrawn(error.to_string()))
}
