//! Crew shifts: dated rows made from a weekly pattern, ahead of every booking's horizon. Pure; `store::pools` writes
//! them.

use chrono::NaiveDate;

use super::Calendar;
use crate::span::Span;

/// How many days ahead shifts are made: past the longest horizon.
pub const AHEAD_DAYS: u32 = 400;

/// The shifts that begin on the dates `from` to `to` (both included), by a crew's weekly pattern. Shifts never
/// overlap: where one date's reach into the next date's, the later one begins when the earlier one ends.
pub fn shifts(pattern: &Calendar, from: NaiveDate, to: NaiveDate) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for date in from.iter_days().take_while(|date| *date <= to) {
        for shift in pattern.spans_of(date) {
            let start = out
                .last()
                .map_or(shift.start(), |last| last.end().max(shift.start()));
            out.extend(Span::new(start, shift.end()));
        }
    }
    out
}

/// What a change of pattern or of the public calendar does to shifts: those to take away, and those to add. What
/// both patterns have stays as it is, also where an administrator took it away by hand.
pub fn difference(old: &[Span], new: &[Span]) -> (Vec<Span>, Vec<Span>) {
    let without = |list: &[Span], other: &[Span]| {
        list.iter()
            .filter(|span| other.binary_search(span).is_err())
            .copied()
            .collect()
    };
    (without(old, new), without(new, old))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalogue::calendar::Holidays;

    fn pattern(zone: &str, weekly: &str, off: &[&str]) -> Calendar {
        let off = off.iter().map(|date| (date.parse().unwrap(), true));
        Calendar {
            tz: zone.parse().unwrap(),
            weekly: serde_json::from_str(weekly).unwrap(),
            exceptions: Arc::default(),
            holidays: Arc::new(Holidays::new(off)),
        }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_of_days() {
        let daily = pattern(
            "Asia/Shanghai",
            r#"[{"days":"mon-sun","from":"08:00","to":"22:00"}]"#,
            &[],
        );
        let made = shifts(&daily, date("2026-11-24"), date("2027-11-23"));
        assert_eq!(made.len(), 365);
        assert!(made.iter().all(|shift| shift.length().num_hours() == 14));
    }

    #[test]
    fn a_night_shift_keeps_wall_time_when_the_clock_changes() {
        let nights = pattern(
            "Europe/Berlin",
            r#"[{"days":"mon-sun","from":"22:00","to":"06:00"}]"#,
            &[],
        );
        let made = shifts(&nights, date("2026-10-23"), date("2026-10-25"));
        let hours: Vec<i64> = made
            .iter()
            .map(|shift| shift.length().num_hours())
            .collect();
        // the clock goes back in the night to Sunday 25 October
        assert_eq!(hours, [8, 9, 8]);
    }

    #[test]
    fn shifts_around_the_clock_touch_and_never_overlap() {
        let always = pattern(
            "Asia/Shanghai",
            r#"[{"days":"mon-sun","from":"00:00","to":"24:00"},{"days":"mon","from":"20:00","to":"04:00"}]"#,
            &[],
        );
        let made = shifts(&always, date("2026-11-23"), date("2026-11-29"));
        assert_eq!(made.len(), 7);
        assert!(made.windows(2).all(|pair| pair[0].end() == pair[1].start()));
    }

    #[test]
    fn a_holiday_that_becomes_known_takes_its_shift_away() {
        let weekly = r#"[{"days":"workdays","from":"08:00","to":"22:00"}]"#;
        let (from, to) = (date("2027-01-01"), date("2027-01-08"));
        let guessed = shifts(&pattern("Asia/Shanghai", weekly, &[]), from, to);
        let known = shifts(&pattern("Asia/Shanghai", weekly, &["2027-01-01"]), from, to);
        let (gone, added) = difference(&guessed, &known);
        assert_eq!(gone, guessed[..1]);
        assert_eq!(added, []);
    }
}
