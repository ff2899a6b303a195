//! When something is open: weekly hours, the dates that differ and the public calendar, turned into instants. Pure.
//!
//! A wall time that a clock change skips is the first instant after the gap; one that happens twice is the earlier
//! for a start and the later for an end, so that a stretch of opening hours is never cut short.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeDelta,
    TimeZone, Weekday,
};
use chrono_tz::Tz;

use super::hours::{DayHours, WallTime, WeeklyHours};
use crate::span::{Instant, Span};

/// The public calendar: holidays and make-up workdays of the years that were imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    days: BTreeMap<NaiveDate, bool>,
    years: BTreeSet<i32>,
}

impl Holidays {
    /// From dates with whether they are off; a year with any date counts as known.
    pub fn new(days: impl IntoIterator<Item = (NaiveDate, bool)>) -> Self {
        let days: BTreeMap<_, _> = days.into_iter().collect();
        let years = days.keys().map(|date| date.year()).collect();
        Self { days, years }
    }

    /// Whether people work that day; in a year that is not known: Monday to Friday.
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        match self.days.get(&date) {
            Some(is_off) => !is_off,
            None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The years that were imported.
    pub fn years_known(&self) -> &BTreeSet<i32> {
        &self.years
    }
}

/// When something is open: weekly hours, the dates that differ, the public calendar, and a wall clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The wall clock.
    pub tz: Tz,
    /// Hours that repeat each week.
    pub weekly: Vec<WeeklyHours>,
    /// Dates with hours of their own, which replace the weekly ones; empty: closed.
    pub exceptions: Arc<BTreeMap<NaiveDate, Vec<DayHours>>>,
    /// Public holidays and make-up workdays.
    pub holidays: Arc<Holidays>,
}

/// The instant of a wall time of this zone: the earlier of two, the first after a gap.
pub fn instant_at(tz: Tz, wall: NaiveDateTime) -> Instant {
    chosen(tz, wall, |earlier, _| earlier)
}

fn chosen(
    tz: Tz,
    wall: NaiveDateTime,
    choose: impl Fn(DateTime<Tz>, DateTime<Tz>) -> DateTime<Tz>,
) -> Instant {
    match tz.from_local_datetime(&wall) {
        MappedLocalTime::Single(at) => at.to_utc(),
        MappedLocalTime::Ambiguous(one, two) => choose(one.min(two), one.max(two)).to_utc(),
        MappedLocalTime::None => after_gap(tz, wall),
    }
}

/// The first instant whose wall time is past one that the clock skipped.
fn after_gap(tz: Tz, wall: NaiveDateTime) -> Instant {
    let wall_at = |at: NaiveDateTime| at + tz.offset_from_utc_datetime(&at).fix();
    // no clock is further than this from UTC, so the gap's end lies between
    let (mut before, mut after) = (wall - TimeDelta::hours(16), wall + TimeDelta::hours(16));
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if wall_at(middle) < wall {
            before = middle;
        } else {
            after = middle;
        }
    }
    after.and_utc()
}

impl Calendar {
    /// The date at this instant.
    pub fn local_date(&self, at: Instant) -> NaiveDate {
        at.with_timezone(&self.tz).date_naive()
    }

    /// The instant of a wall time, as a start: the earlier of two, the first after a gap.
    pub fn at(&self, date: NaiveDate, time: WallTime) -> Instant {
        instant_at(self.tz, time.on(date))
    }

    /// The instant of a wall time, as an end: the later of two, the first after a gap.
    pub fn at_end(&self, date: NaiveDate, time: WallTime) -> Instant {
        chosen(self.tz, time.on(date), |_, later| later)
    }

    /// The first instant of the date and the first after it; `None` for a date that the clock skipped.
    pub fn day(&self, date: NaiveDate) -> Option<Span> {
        // the end is the next day's start: a midnight that happens twice belongs to no two days
        let next = date.succ_opt()?;
        Span::new(
            self.at(date, WallTime::START),
            self.at(next, WallTime::START),
        )
    }

    /// Whether people work that day.
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        self.holidays.is_workday(date) && self.day(date).is_some()
    }

    /// The `n`-th workday after the date; the date itself for 0.
    pub fn nth_workday_after(&self, date: NaiveDate, n: u32) -> NaiveDate {
        let mut at = date;
        let mut left = n;
        // holidays are weeks, not years: the bound only keeps odd data from turning this into a long walk
        for _ in 0..(u64::from(n) * 7 + 366) {
            if left == 0 {
                break;
            }
            let Some(next) = at.succ_opt() else { break };
            at = next;
            if self.is_workday(at) {
                left -= 1;
            }
        }
        at
    }

    /// When the `n`-th workday after now ends for those who decide: at 18:00, or at closing time where that is
    /// earlier.
    pub fn end_of_nth_workday(&self, now: Instant, n: u32) -> Instant {
        let date = self.nth_workday_after(self.local_date(now), n);
        let evening = self.at(date, WallTime::END_OF_WORK);
        match self.spans_of(date).last() {
            Some(open) => evening.min(open.end()),
            None => evening,
        }
    }

    /// The stretches of opening that begin on this date, merged where they touch; the last may end on the next date.
    pub fn spans_of(&self, date: NaiveDate) -> Vec<Span> {
        let mut spans = Vec::new();
        self.push_spans(date, &mut spans);
        merged(spans)
    }

    fn push_spans(&self, date: NaiveDate, spans: &mut Vec<Span>) {
        if let Some(hours) = self.exceptions.get(&date) {
            spans.extend(hours.iter().filter_map(|hours| self.span(date, *hours)));
            return;
        }
        spans.extend(
            self.weekly
                .iter()
                .filter(|weekly| weekly.days.holds(date, &self.holidays))
                .filter_map(|weekly| self.span(date, weekly.hours)),
        );
    }

    fn span(&self, date: NaiveDate, hours: DayHours) -> Option<Span> {
        let last = if hours.to <= hours.from {
            date.succ_opt()?
        } else {
            date
        };
        Span::new(self.at(date, hours.from), self.at_end(last, hours.to))
    }

    /// The stretches of opening that share an instant with the dates `from` to `to` (both included), sorted and
    /// merged where they touch, so that an event may cross midnight. They are not cut at the dates' edges: each is as
    /// long as the hours of the day before and the day after make it.
    pub fn open_intervals(&self, from: NaiveDate, to: NaiveDate) -> Vec<Span> {
        let first = from.pred_opt().unwrap_or(from);
        let last = to.succ_opt().unwrap_or(to);
        let mut spans = Vec::new();
        for date in first.iter_days().take_while(|date| *date <= last) {
            self.push_spans(date, &mut spans);
        }
        let mut open = merged(spans);
        let (start, end) = (
            self.at(from, WallTime::START),
            self.at(last, WallTime::START),
        );
        open.retain(|span| span.end() > start && span.start() < end);
        open
    }

    fn around(&self, span: &Span) -> Vec<Span> {
        self.open_intervals(self.local_date(span.start()), self.local_date(span.end()))
    }

    /// Whether it is open all the time.
    pub fn covers(&self, span: &Span) -> bool {
        self.around(span).iter().any(|open| open.covers(span))
    }

    /// Whether the start and the end lie in opening hours, whatever is between.
    pub fn covers_ends(&self, span: &Span) -> bool {
        let date = |at| self.local_date(at);
        let starts = self
            .open_intervals(date(span.start()), date(span.start()))
            .iter()
            .any(|open| open.contains(span.start()));
        starts
            && self
                .open_intervals(date(span.end()), date(span.end()))
                .iter()
                .any(|open| open.start() < span.end() && span.end() <= open.end())
    }

    /// Whether it is open at this instant.
    pub fn is_open(&self, at: Instant) -> bool {
        let date = self.local_date(at);
        self.open_intervals(date, date)
            .iter()
            .any(|open| open.contains(at))
    }

    /// The years between the two dates whose public calendar was not imported.
    pub fn years_missing(&self, from: NaiveDate, to: NaiveDate) -> Vec<i32> {
        (from.year()..=to.year())
            .filter(|year| !self.holidays.years.contains(year))
            .collect()
    }
}

/// Sorted, and joined where they touch or overlap.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start() <= last.end() => {
                if let Some(joined) = Span::new(last.start(), last.end().max(span.end())) {
                    *last = joined;
                }
            }
            _ => out.push(span),
        }
    }
    out
}

/// What lies in both of two sorted, disjoint lists.
pub fn intersection(one: &[Span], two: &[Span]) -> Vec<Span> {
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while let (Some(a), Some(b)) = (one.get(i), two.get(j)) {
        out.extend(Span::new(a.start().max(b.start()), a.end().min(b.end())));
        if a.end() <= b.end() {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

/// A date this many days later, at most the calendar's end.
pub fn days_after(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn span(start: &str, end: &str) -> Span {
        Span::new(instant(start), instant(end)).unwrap()
    }

    fn time(text: &str) -> WallTime {
        text.parse().unwrap()
    }

    fn calendar(zone: &str, weekly: &str) -> Calendar {
        Calendar {
            tz: zone.parse().unwrap(),
            weekly: serde_json::from_str(weekly).unwrap(),
            exceptions: Arc::default(),
            holidays: Arc::default(),
        }
    }

    const DAILY: &str = r#"[{"days":"mon-sun","from":"09:00","to":"21:00"}]"#;

    #[test]
    fn shanghai_is_open_from_nine_to_nine() {
        let open = calendar("Asia/Shanghai", DAILY);
        assert_eq!(
            open.open_intervals(date("2026-11-24"), date("2026-11-25")),
            [
                span("2026-11-24T01:00:00Z", "2026-11-24T13:00:00Z"),
                span("2026-11-25T01:00:00Z", "2026-11-25T13:00:00Z"),
            ]
        );
        assert!(open.covers(&span("2026-11-24T01:00:00Z", "2026-11-24T13:00:00Z")));
        assert!(!open.covers(&span("2026-11-24T00:59:00Z", "2026-11-24T02:00:00Z")));
        // over night: the ends are open, the night is not
        let over_night = span("2026-11-24T12:00:00Z", "2026-11-25T02:00:00Z");
        assert!(!open.covers(&over_night));
        assert!(open.covers_ends(&over_night));
        // closing time is an end, not a start; opening time is a start, not an end
        assert!(!open.covers_ends(&span("2026-11-24T13:00:00Z", "2026-11-25T02:00:00Z")));
        assert!(!open.covers_ends(&span("2026-11-24T12:00:00Z", "2026-11-25T01:00:00Z")));
        assert!(open.covers_ends(&span("2026-11-24T12:00:00Z", "2026-11-25T13:00:00Z")));
    }

    #[test]
    fn hours_that_touch_at_midnight_are_one() {
        let late = calendar(
            "Asia/Shanghai",
            r#"[{"days":"mon-sun","from":"18:00","to":"24:00"},{"days":"sat-sun","from":"00:00","to":"02:00"}]"#,
        );
        // Friday 27 November, 18:00, to Saturday 02:00
        assert!(late.covers(&span("2026-11-27T12:00:00Z", "2026-11-27T17:30:00Z")));
        // Sunday night ends at midnight
        assert!(!late.covers(&span("2026-11-29T12:00:00Z", "2026-11-29T16:30:00Z")));
        let past = calendar(
            "Asia/Shanghai",
            r#"[{"days":"fri","from":"18:00","to":"02:00"}]"#,
        );
        assert_eq!(
            past.open_intervals(date("2026-11-28"), date("2026-11-28")),
            [span("2026-11-27T10:00:00Z", "2026-11-27T18:00:00Z")]
        );
        let always = calendar(
            "Asia/Shanghai",
            r#"[{"days":"mon-sun","from":"00:00","to":"24:00"}]"#,
        );
        assert_eq!(
            always
                .open_intervals(date("2026-11-01"), date("2026-11-30"))
                .len(),
            1
        );
    }

    #[test]
    fn the_clock_change_in_berlin_makes_days_of_23_and_25_hours() {
        let open = calendar(
            "Europe/Berlin",
            r#"[{"days":"mon-sun","from":"02:30","to":"04:00"}]"#,
        );
        // 29 March 2026: 02:00 becomes 03:00, so 02:30 is 03:00 CEST
        assert_eq!(
            open.spans_of(date("2026-03-29")),
            [span("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z")]
        );
        // 25 October 2026: 03:00 becomes 02:00; 02:30 starts at its first time
        assert_eq!(
            open.spans_of(date("2026-10-25")),
            [span("2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z")]
        );
        let early = calendar(
            "Europe/Berlin",
            r#"[{"days":"mon-sun","from":"01:00","to":"02:30"}]"#,
        );
        // … and ends at its second
        assert_eq!(
            early.spans_of(date("2026-10-25")),
            [span("2026-10-24T23:00:00Z", "2026-10-25T01:30:00Z")]
        );
        let hours = |day| open.day(date(day)).unwrap().length().num_hours();
        assert_eq!([hours("2026-03-29"), hours("2026-10-25")], [23, 25]);
    }

    #[test]
    fn new_york_keeps_wall_time_over_the_change() {
        let open = calendar("America/New_York", DAILY);
        assert_eq!(
            open.spans_of(date("2026-10-31"))[0].start(),
            instant("2026-10-31T13:00:00Z")
        );
        assert_eq!(
            open.spans_of(date("2026-11-01"))[0].start(),
            instant("2026-11-01T14:00:00Z")
        );
        let night = calendar(
            "America/New_York",
            r#"[{"days":"sat","from":"22:00","to":"01:30"}]"#,
        );
        assert_eq!(
            night.spans_of(date("2026-10-31")),
            [span("2026-11-01T02:00:00Z", "2026-11-01T06:30:00Z")]
        );
        assert_eq!(
            open.at(date("2026-03-08"), time("02:30")),
            instant("2026-03-08T07:00:00Z")
        );
    }

    #[test]
    fn apia_skipped_a_friday() {
        let open = calendar("Pacific/Apia", DAILY);
        assert_eq!(open.day(date("2011-12-30")), None);
        assert_eq!(open.spans_of(date("2011-12-30")), []);
        assert!(!open.is_workday(date("2011-12-30")));
        assert_eq!(
            open.nth_workday_after(date("2011-12-29"), 1),
            date("2012-01-02")
        );
        assert_eq!(
            open.at(date("2011-12-30"), time("12:00")),
            instant("2011-12-30T10:00:00Z")
        );
        assert_eq!(
            open.open_intervals(date("2011-12-29"), date("2011-12-31"))
                .len(),
            2
        );
    }

    fn shanghai_2026() -> Calendar {
        let off = |text: &str| (date(text), true);
        let worked = |text: &str| (date(text), false);
        Calendar {
            exceptions: Arc::new(BTreeMap::from([
                (date("2026-09-29"), vec![]),
                (
                    date("2026-09-30"),
                    serde_json::from_str(r#"[{"from":"10:00","to":"12:00"}]"#).unwrap(),
                ),
            ])),
            holidays: Arc::new(Holidays::new([
                worked("2026-09-20"),
                off("2026-10-01"),
                off("2026-10-02"),
                worked("2026-10-10"),
            ])),
            ..calendar(
                "Asia/Shanghai",
                r#"[{"days":"workdays","from":"09:00","to":"17:00"}]"#,
            )
        }
    }

    #[test]
    fn workdays_follow_the_public_calendar() {
        let open = shanghai_2026();
        // a Sunday that is worked, a Thursday that is not
        assert!(open.is_workday(date("2026-09-20")));
        assert_eq!(open.spans_of(date("2026-09-20")).len(), 1);
        assert!(!open.is_workday(date("2026-10-01")));
        assert_eq!(open.spans_of(date("2026-10-01")), []);
        // 30 September, over the holiday and a weekend
        assert_eq!(
            open.nth_workday_after(date("2026-09-30"), 1),
            date("2026-10-05")
        );
        assert_eq!(
            open.nth_workday_after(date("2026-10-09"), 1),
            date("2026-10-10")
        );
        assert_eq!(
            open.nth_workday_after(date("2026-10-10"), 0),
            date("2026-10-10")
        );
        assert_eq!(
            open.years_missing(date("2026-11-24"), date("2027-11-24")),
            [2027]
        );
    }

    #[test]
    fn an_exception_replaces_the_days_hours() {
        let open = shanghai_2026();
        assert_eq!(open.spans_of(date("2026-09-29")), []);
        assert_eq!(
            open.spans_of(date("2026-09-30")),
            [span("2026-09-30T02:00:00Z", "2026-09-30T04:00:00Z")]
        );
    }

    #[test]
    fn decisions_are_due_by_the_end_of_a_working_day() {
        let open = calendar("Asia/Shanghai", DAILY);
        // Tuesday afternoon and two working days: Thursday, 18:00
        assert_eq!(
            open.end_of_nth_workday(instant("2026-11-24T07:00:00Z"), 2),
            instant("2026-11-26T10:00:00Z")
        );
        // closing earlier
        assert_eq!(
            shanghai_2026().end_of_nth_workday(instant("2026-09-29T02:00:00Z"), 1),
            instant("2026-09-30T04:00:00Z")
        );
        // closed that day: 18:00 all the same
        assert_eq!(
            shanghai_2026().end_of_nth_workday(instant("2026-09-28T02:00:00Z"), 1),
            instant("2026-09-29T10:00:00Z")
        );
    }

    #[test]
    fn what_lies_in_both() {
        let one = [
            span("2026-11-24T01:00:00Z", "2026-11-24T04:00:00Z"),
            span("2026-11-24T06:00:00Z", "2026-11-24T08:00:00Z"),
        ];
        let two = [span("2026-11-24T03:00:00Z", "2026-11-24T07:00:00Z")];
        assert_eq!(
            intersection(&one, &two),
            [
                span("2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z"),
                span("2026-11-24T06:00:00Z", "2026-11-24T07:00:00Z"),
            ]
        );
    }

    fn some_hours() -> impl Strategy<Value = WeeklyHours> {
        (0..8usize, 0..7usize, 0..96u16, 0..=96u16).prop_map(|(first, last, from, to)| {
            let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let days = match names.get(first) {
                Some(first) => format!("{first}-{}", names[last]),
                None => "workdays".to_owned(),
            };
            WeeklyHours {
                days: days.parse().unwrap(),
                hours: DayHours {
                    from: WallTime::new(from / 4, from % 4 * 15).unwrap(),
                    to: WallTime::new(to / 4, to % 4 * 15).unwrap(),
                },
            }
        })
    }

    proptest! {
        #[test]
        fn intervals_are_sorted_disjoint_and_say_what_covers_says(
            zone in prop::sample::select(vec![
                "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "UTC",
            ]),
            weekly in prop::collection::vec(some_hours(), 0..5),
            day in 0..800i64,
            length in 0..9i64,
            minute in 0..20_000i64,
        ) {
            let open = Calendar {
                tz: zone.parse().unwrap(),
                weekly,
                exceptions: Arc::default(),
                holidays: Arc::default(),
            };
            let from = date("2025-12-01") + TimeDelta::days(day);
            let to = from + TimeDelta::days(length);
            let spans = open.open_intervals(from, to);
            for pair in spans.windows(2) {
                prop_assert!(pair[0].end() < pair[1].start());
            }
            for span in &spans {
                prop_assert!(span.start() < span.end());
            }
            let at = open.at(from, WallTime::START) + TimeDelta::minutes(minute);
            if open.local_date(at) <= to {
                let listed = spans.iter().any(|span| span.contains(at));
                prop_assert_eq!(listed, open.is_open(at));
                let moment = Span::new(at, at + TimeDelta::seconds(1)).unwrap();
                prop_assert_eq!(listed, open.covers(&moment));
            }
        }
    }
}
