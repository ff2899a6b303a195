//! Writes SVG: shapes with a class each and whole numbers only.

use std::fmt::{Display, Write};

/// A point in pixels.
pub type Point = (i64, i64);

/// A picture as it grows.
#[derive(Default)]
pub struct Svg(String);

impl Svg {
    /// Begins a picture of a size, with its name and description for those who cannot see it.
    pub fn new((width, height): Point, title: &str, description: &str, style: &str) -> Self {
        let mut svg = Self::default();
        svg.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"mf\" role=\"img\" \
             viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">"
        ));
        for (tag, text) in [("title", title), ("desc", description)] {
            svg.add(format_args!("<{tag}>{}</{tag}>", escaped(text)));
        }
        svg.add(style);
        svg
    }

    /// The whole picture.
    pub fn finish(mut self) -> String {
        self.add(format_args!("</svg>\n"));
        self.0
    }

    fn add(&mut self, text: impl Display) {
        // writing into a String cannot fail
        let _ = write!(self.0, "{text}");
    }

    /// Begins a group; [`Svg::end`] ends it.
    pub fn group(&mut self, class: &str) {
        self.add(format_args!("<g class=\"{class}\">"));
    }

    pub fn end(&mut self) {
        self.add("</g>");
    }

    pub fn rect(&mut self, class: &str, (x, y): Point, (w, h): Point) {
        self.add(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>"
        ));
    }

    /// A rectangle filled with a pattern.
    pub fn patterned(&mut self, pattern: &str, (x, y): Point, (w, h): Point) {
        self.add(format_args!(
            "<rect fill=\"url(#mf-{pattern})\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>"
        ));
    }

    pub fn circle(&mut self, class: &str, (x, y): Point, r: i64) {
        self.add(format_args!(
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>"
        ));
    }

    /// A closed shape of straight lines.
    pub fn polygon(&mut self, class: &str, points: impl IntoIterator<Item = Point>) {
        self.add(format_args!("<polygon class=\"{class}\" points=\""));
        for (index, (x, y)) in points.into_iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            self.add(format_args!("{space}{x},{y}"));
        }
        self.add("\"/>");
    }

    /// Closed shapes as one path: where they touch there is no seam.
    pub fn polygons<P: IntoIterator<Item = Point>>(
        &mut self,
        class: &str,
        polygons: impl IntoIterator<Item = P>,
    ) {
        self.path(class, polygons, "z");
    }

    /// Open lines as one path.
    pub fn lines<P: IntoIterator<Item = Point>>(
        &mut self,
        class: &str,
        lines: impl IntoIterator<Item = P>,
    ) {
        self.path(class, lines, "");
    }

    fn path<P: IntoIterator<Item = Point>>(
        &mut self,
        class: &str,
        parts: impl IntoIterator<Item = P>,
        end: &str,
    ) {
        self.add(format_args!("<path class=\"{class}\" d=\""));
        for part in parts {
            for (index, (x, y)) in part.into_iter().enumerate() {
                let letter = if index == 0 { 'M' } else { 'L' };
                self.add(format_args!("{letter}{x} {y}"));
            }
            self.add(end);
        }
        self.add("\"/>");
    }

    pub fn text(&mut self, class: &str, (x, y): Point, text: &str) {
        let text = escaped(text);
        self.add(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"
        ));
    }
}

/// A text as it stands between tags or in an attribute. XML has no way to write most control characters: they become
/// spaces.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        let mut svg = Svg::new((1, 1), "</title><script>", "\"&\u{0}'", "");
        svg.text("t", (0, 0), "a<b & 汇聚\n");
        let text = svg.finish();
        assert!(text.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"));
        assert!(text.contains("<desc>&quot;&amp; '</desc>"));
        assert!(text.contains(">a&lt;b &amp; 汇聚 </text>"));
    }
}
