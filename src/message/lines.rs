//! Content lines of RFC 5545: escaping and folding in one place.
//!
//! The icalendar crate is not used to write them: it leaves carriage returns, and quotes in parameters, as they
//! are, and titles and names come from people. Its parser checks the result in the tests.

/// How many octets a line may have before its line break.
const LIMIT: usize = 75;

/// Content lines, one after the other.
#[derive(Debug, Default)]
pub struct Lines {
    written: String,
}

impl Lines {
    /// A line whose value is made by the product: names, numbers, times, addresses.
    pub fn raw(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{}", one_line(value)));
    }

    /// A line of TEXT: whatever people wrote stays inside this one value.
    pub fn text(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{}", escaped(value)));
    }

    /// All lines, each ended by CR LF.
    pub fn finish(self) -> String {
        self.written
    }

    fn fold(&mut self, line: &str) {
        let mut rest = line;
        let mut limit = LIMIT;
        while rest.len() > limit {
            // never inside a character
            let at = (0..=limit)
                .rev()
                .find(|at| rest.is_char_boundary(*at))
                .unwrap_or(limit);
            let (head, tail) = rest.split_at(at);
            self.written.push_str(head);
            self.written.push_str("\r\n ");
            rest = tail;
            // the space that marks a continuation counts
            limit = LIMIT - 1;
        }
        self.written.push_str(rest);
        self.written.push_str("\r\n");
    }
}

/// A parameter's value in quotes. RFC 5545 knows no escape for a quote inside: it becomes an apostrophe.
pub fn quoted(value: &str) -> String {
    format!("\"{}\"", one_line(value).replace('"', "'"))
}

/// Without control characters: nothing that begins a new line anywhere.
pub fn one_line(value: &str) -> String {
    let plain: String = value
        .chars()
        .map(|c| if breaks(c) { ' ' } else { c })
        .collect();
    plain.split(' ').filter(|word| !word.is_empty()).fold(
        String::with_capacity(plain.len()),
        |mut line, word| {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            line
        },
    )
}

fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push_str("\\n"),
            c if breaks(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn people_s_words_stay_inside_their_value() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", "a\r\nATTENDEE:mailto:x@y;z, \\ \u{7}b");
        assert_eq!(
            lines.finish(),
            "SUMMARY:a\\nATTENDEE:mailto:x@y\\;z\\, \\\\  b\r\n"
        );
        assert_eq!(quoted("A \"B\"\r\n:c"), "\"A 'B' :c\"");
    }

    proptest! {
        #[test]
        fn lines_are_short_and_whole(value in "\\PC{0,200}") {
            let mut lines = Lines::default();
            lines.text("SUMMARY", &value);
            let text = lines.finish();
            for line in text.trim_end_matches("\r\n").split("\r\n") {
                prop_assert!(line.len() <= LIMIT);
            }
            let whole = unfolded(&text);
            prop_assert_eq!(whole.matches("\r\n").count(), 1);
        }
    }
}
