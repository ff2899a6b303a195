//! Dates and times as people read them, in the venue's wall time.
//!
//! 11月24日（周二）14:00–16:00, Tue 24 Nov, 14:00–16:00. A span that crosses midnight says both dates; the year is
//! said when it is not the reader's own; where the clock shows a time twice (the hour that is repeated when summer
//! time ends) the offset from UTC says which one is meant.

use chrono::{DateTime, Datelike, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::language::{Locale, text};
use crate::span::{Instant, Span};

/// How one mail speaks of time: in which language, in which zone, and which year needs no mention.
#[derive(Debug, Clone, Copy)]
pub struct When {
    locale: Locale,
    zone: Tz,
    this_year: i32,
}

impl When {
    /// For a reader of `locale` at `now`; a zone that nobody knows is read as UTC.
    pub fn new(locale: Locale, zone: &str, now: Instant) -> Self {
        let zone = zone.parse().unwrap_or(Tz::UTC);
        Self {
            locale,
            zone,
            this_year: now.with_timezone(&zone).year(),
        }
    }

    /// A stretch of time.
    pub fn span(&self, span: Span) -> String {
        let start = span.start().with_timezone(&self.zone);
        let end = span.end().with_timezone(&self.zone);
        // a span into the next year says the year twice rather than leave one to be guessed
        let year = start.year() != self.this_year || end.year() != self.this_year;
        if start.date_naive() == end.date_naive() {
            let times = format!("{}–{}", self.time(&start), self.time(&end));
            self.join(&self.date(&start, year), &times)
        } else {
            format!(
                "{} – {}",
                self.join(&self.date(&start, year), &self.time(&start)),
                self.join(&self.date(&end, year), &self.time(&end)),
            )
        }
    }

    /// One moment: a deadline, say.
    pub fn moment(&self, at: Instant) -> String {
        let at = at.with_timezone(&self.zone);
        let year = at.year() != self.this_year;
        self.join(&self.date(&at, year), &self.time(&at))
    }

    fn join(&self, date: &str, time: &str) -> String {
        match self.locale {
            Locale::ZhCn => format!("{date}{time}"),
            Locale::En => format!("{date}, {time}"),
        }
    }

    fn date(&self, at: &DateTime<Tz>, year: bool) -> String {
        let day = at.day().to_string();
        let weekday = text(self.locale, weekday_key(at), &[]);
        let month = text(self.locale, &format!("date-month-{}", at.month()), &[]);
        match (self.locale, year) {
            (Locale::ZhCn, false) => format!("{month}{day}日（{weekday}）"),
            (Locale::ZhCn, true) => format!("{}年{month}{day}日（{weekday}）", at.year()),
            (Locale::En, false) => format!("{weekday} {day} {month}"),
            (Locale::En, true) => format!("{weekday} {day} {month} {}", at.year()),
        }
    }

    fn time(&self, at: &DateTime<Tz>) -> String {
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        match self.zone.from_local_datetime(&at.naive_local()) {
            chrono::LocalResult::Ambiguous(_, _) => format!("{time} (UTC{})", at.format("%:z")),
            _ => time,
        }
    }
}

fn weekday_key(at: &DateTime<Tz>) -> &'static str {
    match at.weekday() {
        chrono::Weekday::Mon => "date-monday",
        chrono::Weekday::Tue => "date-tuesday",
        chrono::Weekday::Wed => "date-wednesday",
        chrono::Weekday::Thu => "date-thursday",
        chrono::Weekday::Fri => "date-friday",
        chrono::Weekday::Sat => "date-saturday",
        chrono::Weekday::Sun => "date-sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn span(start: &str, end: &str) -> Span {
        Span::new(at(start), at(end)).unwrap()
    }

    fn both(zone: &str, now: &str, of: Span) -> [String; 2] {
        Locale::ALL.map(|locale| When::new(locale, zone, at(now)).span(of))
    }

    #[test]
    fn a_day_is_said_once() {
        let of = span("2026-11-24T06:00:00Z", "2026-11-24T08:00:00Z");
        assert_eq!(
            both("Asia/Shanghai", "2026-11-01T00:00:00Z", of),
            ["11月24日（周二）14:00–16:00", "Tue 24 Nov, 14:00–16:00"]
        );
    }

    #[test]
    fn across_midnight_both_dates_are_said_and_so_is_another_year() {
        let of = span("2026-12-31T14:00:00Z", "2026-12-31T17:00:00Z");
        assert_eq!(
            both("Asia/Shanghai", "2026-11-01T00:00:00Z", of),
            [
                "2026年12月31日（周四）22:00 – 2027年1月1日（周五）01:00",
                "Thu 31 Dec 2026, 22:00 – Fri 1 Jan 2027, 01:00"
            ]
        );
        let of = span("2026-11-24T14:00:00Z", "2026-11-24T16:00:00Z");
        assert_eq!(
            both("Asia/Shanghai", "2026-11-01T00:00:00Z", of),
            [
                "11月24日（周二）22:00 – 11月25日（周三）00:00",
                "Tue 24 Nov, 22:00 – Wed 25 Nov, 00:00"
            ]
        );
    }

    #[test]
    fn this_year_is_the_venue_s_this_year() {
        // still 2026 in UTC, already 2027 in Shanghai
        let of = span("2027-01-05T06:00:00Z", "2027-01-05T08:00:00Z");
        assert_eq!(
            both("Asia/Shanghai", "2026-12-31T17:00:00Z", of)[0],
            "1月5日（周二）14:00–16:00"
        );
    }

    #[test]
    fn an_hour_that_the_clock_shows_twice_is_told_apart() {
        let of = span("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z");
        assert_eq!(
            both("Europe/Berlin", "2026-10-01T00:00:00Z", of)[1],
            "Sun 25 Oct, 02:30 (UTC+02:00)–02:30 (UTC+01:00)"
        );
    }
}
