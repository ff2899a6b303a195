//! Rows of seats: how inner aisles part them, so that nobody sits too far from one.

use super::rules::Rules;

/// A stretch of a row between two aisles, or between an aisle and a wall: its first module in the row, and its modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub start: i64,
    pub length: i64,
}

/// The segments of a row of `width` modules with the fewest inner aisles that will do; `None` where no number of them
/// will. `open` says whether there is an aisle before the row's first module, and behind its last.
///
/// With `a` inner aisles the `a`+1 segments of what is left are none empty and as equal as possible, longer ones first,
/// and keep to `row_both` seats with aisles on both sides, `row_one` with one, 0 with none.
pub fn segments(width: i64, open: (bool, bool), rules: &Rules) -> Option<Vec<Segment>> {
    let aisle = i64::from(rules.aisle);
    let possible = (0..)
        .map(|aisles| (aisles, width - aisle * aisles))
        .take_while(|(aisles, left)| left > aisles);
    for (aisles, left) in possible {
        let length = |index: i64| left / (aisles + 1) + i64::from(index < left % (aisles + 1));
        let most = |index: i64| match (index > 0 || open.0, index < aisles || open.1) {
            (true, true) => i64::from(rules.row_both),
            (false, false) => 0,
            _ => i64::from(rules.row_one),
        };
        // of those in the middle, which all have two aisles, the first is as long as any
        if [0, aisles.min(1), aisles]
            .into_iter()
            .all(|index| length(index) <= most(index))
        {
            let mut start = 0;
            let segments = (0..=aisles).map(|index| {
                let segment = Segment {
                    start,
                    length: length(index),
                };
                start += segment.length + aisle;
                segment
            });
            return Some(segments.collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(width: i64, open: (bool, bool)) -> Option<Vec<i64>> {
        let segments = segments(width, open, &Rules::default())?;
        let mut next = 0;
        for segment in &segments {
            assert_eq!(segment.start, next);
            next += segment.length + 2;
        }
        assert_eq!(next - 2, width);
        Some(segments.iter().map(|segment| segment.length).collect())
    }

    #[test]
    fn a_row_keeps_to_22_between_aisles_and_11_beside_one() {
        let (both, left, right, none) =
            ((true, true), (true, false), (false, true), (false, false));
        assert_eq!(lengths(22, both), Some(vec![22]));
        assert_eq!(lengths(23, both), Some(vec![11, 10]));
        assert_eq!(lengths(11, left), Some(vec![11]));
        assert_eq!(lengths(11, right), Some(vec![11]));
        assert_eq!(lengths(12, left), Some(vec![5, 5]));
        assert_eq!(lengths(12, right), Some(vec![5, 5]));
        assert_eq!(lengths(24, none), Some(vec![11, 11]));
        // 12 and 11 would be too long without an aisle in front of the first
        assert_eq!(lengths(25, none), Some(vec![7, 7, 7]));
        assert_eq!(lengths(25, left), Some(vec![12, 11]));
        assert_eq!(lengths(25, right), Some(vec![7, 7, 7]));
        assert_eq!(lengths(46, both), Some(vec![22, 22]));
        assert_eq!(lengths(47, both), Some(vec![15, 14, 14]));
    }

    #[test]
    fn a_row_without_an_aisle_seats_nobody() {
        for width in 1..=3 {
            assert_eq!(lengths(width, (false, false)), None);
        }
        assert_eq!(lengths(4, (false, false)), Some(vec![1, 1]));
        let no_seats = Rules {
            row_both: 0,
            row_one: 0,
            ..Rules::default()
        };
        assert_eq!(segments(1_000_000, (true, true), &no_seats), None);
    }

    #[test]
    fn the_first_of_the_middle_segments_is_as_long_as_any() {
        for (row_both, row_one) in [(22, 11), (4, 11), (3, 3), (1, 9)] {
            let rules = Rules {
                row_both,
                row_one,
                ..Rules::default()
            };
            for width in 1..120 {
                for open in [(true, true), (true, false), (false, true), (false, false)] {
                    assert_eq!(
                        segments(width, open, &rules),
                        literal(width, open, &rules),
                        "{width} {open:?} {row_both} {row_one}"
                    );
                }
            }
        }
    }

    /// The rule word by word, every segment looked at.
    fn literal(width: i64, open: (bool, bool), rules: &Rules) -> Option<Vec<Segment>> {
        for aisles in 0..width {
            let left = width - aisles * i64::from(rules.aisle);
            let mut lengths = vec![0; aisles as usize + 1];
            let count = lengths.len();
            for seat in 0..left.max(0) {
                lengths[seat as usize % count] += 1;
            }
            let fits = lengths.iter().enumerate().all(|(index, &length)| {
                let beside =
                    usize::from(index > 0 || open.0) + usize::from(index + 1 < count || open.1);
                let most = [0, rules.row_one, rules.row_both][beside];
                length >= 1 && length <= i64::from(most)
            });
            if fits {
                let mut start = 0;
                let segments = lengths.into_iter().map(|length| {
                    let segment = Segment { start, length };
                    start += length + i64::from(rules.aisle);
                    segment
                });
                return Some(segments.collect());
            }
        }
        None
    }
}
