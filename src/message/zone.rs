//! VTIMEZONE (RFC 5545, 3.6.5), derived from the IANA data that the rest of the product computes with.
//!
//! Each change of the clock from before the event's year to the end of the year after is written out as an
//! observance of its own: no recurrence rule is guessed, so zones whose rules change, or never were regular, come
//! out right. A zone without changes has one observance.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use super::lines::Lines;
use crate::span::Span;

/// How far back the change is sought that rules when the event's year begins.
const LOOK_BACK_YEARS: i32 = 2;

/// Writes the zone's component as it is around `during`.
pub fn write(zone: Tz, during: Span, out: &mut Lines) {
    let first = during.start().with_timezone(&zone).year();
    let last = during.end().with_timezone(&zone).year();
    let from = new_year(first - LOOK_BACK_YEARS);
    let changes = changes(zone, from, new_year(last + 2));
    // of the changes before the event's year only the last one matters: it rules when the year begins
    let before = changes.partition_point(|change| change.at < new_year(first));
    let kept = changes.get(before.saturating_sub(1)..).unwrap_or_default();

    out.raw("BEGIN", "VTIMEZONE");
    out.text("TZID", zone.name());
    if before == 0 {
        let rules = State::at(zone, from);
        // long ago, so that it holds at every instant before the first change, if there is one
        observance("19700101T000000", rules.offset, &rules, out);
    }
    for change in kept {
        // an observance begins at the wall time that the clocks showed when they were changed
        let onset = change.at.with_timezone(&change.from).naive_local();
        let onset = onset.format("%Y%m%dT%H%M%S").to_string();
        observance(&onset, change.from, &change.to, out);
    }
    out.raw("END", "VTIMEZONE");
}

fn observance(onset: &str, from: FixedOffset, to: &State, out: &mut Lines) {
    let kind = if to.summer { "DAYLIGHT" } else { "STANDARD" };
    out.raw("BEGIN", kind);
    out.raw("DTSTART", onset);
    out.raw("TZOFFSETFROM", &utc_offset(from));
    out.raw("TZOFFSETTO", &utc_offset(to.offset));
    if let Some(name) = &to.name {
        out.text("TZNAME", name);
    }
    out.raw("END", kind);
}

/// What the clocks do from some instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    offset: FixedOffset,
    summer: bool,
    name: Option<String>,
}

impl State {
    fn at(zone: Tz, at: DateTime<Utc>) -> Self {
        let offset = zone.offset_from_utc_datetime(&at.naive_utc());
        Self {
            offset: offset.fix(),
            summer: !offset.dst_offset().is_zero(),
            name: offset.abbreviation().map(str::to_owned),
        }
    }
}

#[derive(Debug)]
struct Change {
    at: DateTime<Utc>,
    from: FixedOffset,
    to: State,
}

/// Every change of the clock in `[from, until)`: days are compared, and inside a day that differs the second is
/// found by halving. No zone has changed twice in a day.
fn changes(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Change> {
    let mut found = Vec::new();
    let (mut day, mut state) = (from, State::at(zone, from));
    while day < until {
        let next = day + TimeDelta::days(1);
        let after = State::at(zone, next);
        if after != state {
            let (mut low, mut high) = (day, next);
            while high - low > TimeDelta::seconds(1) {
                let middle = low + TimeDelta::seconds((high - low).num_seconds() / 2);
                if State::at(zone, middle) == state {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            found.push(Change {
                at: high,
                from: state.offset,
                to: after.clone(),
            });
            state = after;
        }
        day = next;
    }
    found
}

fn new_year(year: i32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(year, 1, 1)
        .unwrap_or_default()
        .and_time(chrono::NaiveTime::MIN)
        .and_utc()
}

fn utc_offset(offset: FixedOffset) -> String {
    let seconds = offset.local_minus_utc();
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: Tz, start: &str, end: &str) -> String {
        let mut out = Lines::default();
        let during = Span::new(start.parse().unwrap(), end.parse().unwrap()).unwrap();
        write(zone, during, &mut out);
        out.finish().replace("\r\n", "\n")
    }

    #[test]
    fn a_fixed_zone_has_one_observance() {
        assert_eq!(
            written(
                Tz::Asia__Shanghai,
                "2026-11-24T06:00:00Z",
                "2026-11-24T08:00:00Z"
            ),
            "BEGIN:VTIMEZONE\nTZID:Asia/Shanghai\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0800\n\
             TZOFFSETTO:+0800\nTZNAME:CST\nEND:STANDARD\nEND:VTIMEZONE\n"
        );
    }

    #[test]
    fn summer_time_is_written_from_before_the_year_to_the_end_of_the_next() {
        let text = written(
            Tz::Europe__Berlin,
            "2026-07-01T10:00:00Z",
            "2026-07-01T12:00:00Z",
        );
        let onsets: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("DTSTART"))
            .collect();
        assert_eq!(
            onsets,
            [
                "DTSTART:20251026T030000",
                "DTSTART:20260329T020000",
                "DTSTART:20261025T030000",
                "DTSTART:20270328T020000",
                "DTSTART:20271031T030000"
            ]
        );
        assert!(text.contains("BEGIN:DAYLIGHT\nDTSTART:20260329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nTZNAME:CEST\nEND:DAYLIGHT"));
    }

    #[test]
    fn half_hours_and_the_southern_summer() {
        let text = written(
            Tz::Australia__Lord_Howe,
            "2026-12-31T10:00:00Z",
            "2027-01-01T12:00:00Z",
        );
        assert!(text.contains("TZOFFSETFROM:+1030\nTZOFFSETTO:+1100"));
        assert!(text.contains("DTSTART:20281001T020000"));
    }
}
