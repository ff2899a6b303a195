//! Colours and patterns. Each thing has a pattern of its own besides its colour, so that the picture reads in grey, too.
//!
//! Colours are the product's (light on paper, dark on screens that ask for it); print is always light. No variables and
//! no nesting: the pictures in mails are drawn by a program that knows neither.

/// How many looks of blocks there are; types beyond begin again.
pub const LOOKS: usize = 6;

/// A class, a property, and its value in light and in dark.
const COLOURS: [(&str, &str, &str, &str); 71] = [
    ("paper", "fill", "#FAF9F6", "#14171F"),
    ("floor", "fill", "#FFFFFF", "#1C202B"),
    ("slab", "fill", "#D9D5CB", "#333848"),
    ("edge", "stroke", "#5A6072", "#A3A8B8"),
    ("grid", "stroke", "#DDE3DC", "#2A3140"),
    ("grid5", "stroke", "#C3CCC3", "#414A5C"),
    ("ref", "fill", "#5A6072", "#A3A8B8"),
    ("ref", "stroke", "#FAF9F6", "#14171F"),
    ("label", "fill", "#1C2030", "#E9E7E1"),
    ("escape", "fill", "#E7F3EA", "#1D2F2B"),
    ("wall", "fill", "#5A6072", "#8A90A3"),
    ("obstacle .t", "fill", "#8A90A0", "#A3A8B8"),
    ("obstacle .l", "fill", "#6B7182", "#7C8294"),
    ("obstacle .r", "fill", "#4C5161", "#5A6072"),
    ("store", "fill", "#EFEBE1", "#2A2E3B"),
    ("store-mark", "stroke", "#B9B3A4", "#5B6072"),
    ("keep", "fill", "#FBF3DD", "#2F2A1D"),
    ("keep-mark", "stroke", "#C99A3A", "#8A6A24"),
    ("exit", "fill", "#1F6B45", "#6FD09E"),
    ("exit-mark", "fill", "#FFFFFF", "#14171F"),
    ("zone", "fill", "#F0EDF8", "#272338"),
    ("zone", "stroke", "#5A4A8A", "#BBA9F5"),
    ("facing", "fill", "#5A4A8A", "#BBA9F5"),
    ("seat", "fill", "#5A4A8A", "#BBA9F5"),
    ("seat-body", "fill", "#5A4A8A", "#8A77C8"),
    ("seat-head", "fill", "#9889CB", "#D3C8FA"),
    ("gate", "fill", "#FBE9E5", "#3A211D"),
    ("gate", "stroke", "#B93A26", "#FF8A73"),
    ("gate-mark", "stroke", "#B93A26", "#FF8A73"),
    ("bad", "stroke", "#A32035", "#FF8B97"),
    ("bad-mark", "stroke", "#A32035", "#FF8B97"),
    ("mark0", "stroke", "#2C4C9B", "#1E3470"),
    ("mark1", "fill", "#9A4A00", "#5A2C00"),
    ("mark2", "stroke", "#0F6A73", "#0A4248"),
    ("mark3", "stroke", "#4A6B1F", "#2C4210"),
    ("mark4", "stroke", "#7A2E6B", "#54204A"),
    ("mark5", "fill", "#6E5B00", "#453900"),
    ("b0", "stroke", "#2C4C9B", "#14171F"),
    ("b1", "stroke", "#9A4A00", "#14171F"),
    ("b2", "stroke", "#0F6A73", "#14171F"),
    ("b3", "stroke", "#4A6B1F", "#14171F"),
    ("b4", "stroke", "#7A2E6B", "#14171F"),
    ("b5", "stroke", "#6E5B00", "#14171F"),
    ("b0 .t", "fill", "#B7C8F2", "#8FB0FF"),
    ("b1 .t", "fill", "#F7CFA4", "#FFAE66"),
    ("b2 .t", "fill", "#A8DCDF", "#62C9D2"),
    ("b3 .t", "fill", "#C8DDA6", "#A9D06B"),
    ("b4 .t", "fill", "#E6BEDD", "#E39AD2"),
    ("b5 .t", "fill", "#EADF9E", "#E0CE62"),
    ("b0 .l", "fill", "#7F9BDD", "#6485D3"),
    ("b1 .l", "fill", "#E0A061", "#C97F3C"),
    ("b2 .l", "fill", "#62B3BA", "#3F99A2"),
    ("b3 .l", "fill", "#93B562", "#7FA546"),
    ("b4 .l", "fill", "#C084B4", "#B46BA3"),
    ("b5 .l", "fill", "#C9B860", "#AD9C3C"),
    ("b0 .r", "fill", "#4F6CB9", "#415C9F"),
    ("b1 .r", "fill", "#B87430", "#94571F"),
    ("b2 .r", "fill", "#32888F", "#2A6E75"),
    ("b3 .r", "fill", "#65873A", "#597A2B"),
    ("b4 .r", "fill", "#8F4F84", "#854A78"),
    ("b5 .r", "fill", "#978733", "#7D7028"),
    ("from", "fill", "#FAF9F6", "#14171F"),
    ("from", "stroke", "#5A6072", "#A3A8B8"),
    ("way", "stroke", "#1C2030", "#E9E7E1"),
    ("badge", "fill", "#FFFFFF", "#14171F"),
    ("badge", "stroke", "#1C2030", "#E9E7E1"),
    ("number", "fill", "#1C2030", "#E9E7E1"),
    ("number-from", "fill", "#5A6072", "#A3A8B8"),
    ("number-from", "stroke", "#FAF9F6", "#14171F"),
    ("stay", "fill", "#1C2030", "#E9E7E1"),
    ("shade", "fill", "#1C2030", "#000000"),
];

/// What is the same in light and dark.
const FORMS: &str = "\
.mf text{font-family:system-ui,\"PingFang SC\",\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif}\
.mf .ref{font-size:9px;text-anchor:middle;font-variant-numeric:tabular-nums}\
.mf .label{font-size:13px}\
.mf .name{font-size:11px;text-anchor:middle}\
.mf .grid,.mf .grid5,.mf .edge,.mf .store-mark,.mf .keep-mark,.mf .gate-mark,.mf .bad,.mf .bad-mark,\
.mf .mark0,.mf .mark2,.mf .mark3,.mf .mark4{fill:none}\
.mf .edge{stroke-width:1.5;stroke-linecap:square}\
.mf .escape,.mf .store,.mf .keep,.mf .wall{shape-rendering:crispEdges}\
.mf .zone{stroke-width:1.5}\
.mf .gate{stroke-width:1.5;stroke-dasharray:4 3}\
.mf .bad{stroke-width:2.5}\
.mf .from{stroke-dasharray:3 3;fill-opacity:.6}\
.mf .way{fill:none;stroke-opacity:.35}\
.mf .stay{opacity:.4}\
.mf .number,.mf .number-from{font-size:9px;font-weight:600;font-variant-numeric:tabular-nums}\
.mf .number{text-anchor:middle}\
.mf .ref,.mf .number-from{paint-order:stroke;stroke-width:2.5;stroke-linejoin:round}\
.mf .t,.mf .l,.mf .r{stroke-width:.6}\
.mf .o{fill:none}\
.mf .b0,.mf .b1,.mf .b2,.mf .b3,.mf .b4,.mf .b5{stroke-width:1;stroke-linejoin:round}\
.mf .mark0,.mf .mark1,.mf .mark2,.mf .mark3,.mf .mark4,.mf .mark5{stroke-opacity:.55;fill-opacity:.6}\
.mf .mark1,.mf .mark5{stroke:none}\
.mf .shade{opacity:.18;stroke:none}";

/// The patterns, by name: what stands on a tile of 10 by 10 pixels.
const PATTERNS: [(&str, &str); 10] = [
    ("b0", "<path class=\"mark0\" d=\"M2 2h6v6h-6z\"/>"),
    ("b1", "<circle class=\"mark1\" cx=\"5\" cy=\"5\" r=\"2\"/>"),
    ("b2", "<path class=\"mark2\" d=\"M0 3h10M0 8h10\"/>"),
    ("b3", "<path class=\"mark3\" d=\"M5 2v6M2 5h6\"/>"),
    ("b4", "<path class=\"mark4\" d=\"M2 7l3-4l3 4\"/>"),
    ("b5", "<path class=\"mark5\" d=\"M5 2L8 8H2z\"/>"),
    (
        "store",
        "<path class=\"store-mark\" d=\"M-1 1l2-2M0 10L10 0M9 11l2-2\"/>",
    ),
    (
        "keep",
        "<path class=\"keep-mark\" d=\"M3 3l4 4M7 3l-4 4\"/>",
    ),
    (
        "gate",
        "<path class=\"gate-mark\" d=\"M-1 9l2 2M0 0L10 10M9-1l2 2\"/>",
    ),
    (
        "bad",
        "<path class=\"bad-mark\" d=\"M0 0L10 10M10 0L0 10\"/>",
    ),
];

/// The style and the patterns, to stand at the head of a picture.
pub fn style() -> String {
    let rules = |value: fn(&(&str, &str, &str, &str)) -> String| {
        let rule = |colour: &(&str, &str, &str, &str)| {
            let (class, property, value) = (colour.0, colour.1, value(colour));
            // faces that touch have a line of their own colour, so that no seam shows
            let line = if class.contains(' ') {
                format!(";stroke:{value}")
            } else {
                String::new()
            };
            format!(".mf .{class}{{{property}:{value}{line}}}")
        };
        COLOURS.iter().map(rule).collect::<String>()
    };
    let light = rules(|colour| colour.2.to_owned());
    let dark = rules(|colour| colour.3.to_owned());
    let patterns = PATTERNS.iter().map(|(name, mark)| {
        format!(
            "<pattern id=\"mf-{name}\" width=\"10\" height=\"10\" \
             patternUnits=\"userSpaceOnUse\">{mark}</pattern>"
        )
    });
    let patterns: String = patterns.collect();
    format!(
        "<style>{FORMS}{light}@media screen and (prefers-color-scheme:dark){{{dark}}}\
         @media print{{.mf .paper{{fill:none}}}}</style>\
         <defs>{patterns}</defs>"
    )
}
