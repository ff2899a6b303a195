//! Opening hours as written: weekly patterns and the hours of one day, in wall time. Pure; `calendar.rs` turns them into instants.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

use super::calendar::Holidays;

/// What is wrong with opening hours as written: the field, and a stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is not {expected}")]
pub struct HoursError {
    /// `days`, `from` or `to`.
    pub field: &'static str,
    /// As in problem details.
    pub code: &'static str,
    expected: &'static str,
}

/// A wall time of day in minutes; 24:00 is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WallTime(u16);

impl WallTime {
    /// The start of the day.
    pub const START: WallTime = WallTime(0);
    /// The end of a working day: decisions are due by then.
    pub const END_OF_WORK: WallTime = WallTime(18 * 60);
    /// The end of the day.
    pub const MIDNIGHT: WallTime = WallTime(24 * 60);

    /// `hours:minutes`, up to 24:00.
    pub fn new(hours: u16, minutes: u16) -> Option<Self> {
        let total = hours.checked_mul(60)?.checked_add(minutes)?;
        (minutes < 60 && total <= Self::MIDNIGHT.0).then_some(Self(total))
    }

    /// Minutes since the day's 00:00.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// This time of that date; 24:00 is the next day's 00:00.
    pub fn on(self, date: NaiveDate) -> NaiveDateTime {
        date.and_time(NaiveTime::MIN)
            .checked_add_signed(TimeDelta::minutes(i64::from(self.0)))
            .unwrap_or(NaiveDateTime::MAX)
    }
}

impl FromStr for WallTime {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (hours, minutes) = text.split_once(':').ok_or(())?;
        let digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
                .ok_or(())
        };
        Self::new(digits(hours)?, digits(minutes)?).ok_or(())
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The days of the week on which hours hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnDays {
    /// Monday to Friday without public holidays, and make-up workdays.
    Workdays,
    /// From a day of the week to another (around the week's end, too), holidays included.
    Range(Weekday, Weekday),
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS[day.num_days_from_monday() as usize].0
}

impl FromStr for OnDays {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let weekday = |text: &str| {
            WEEKDAYS
                .iter()
                .find(|(name, _)| *name == text)
                .map(|(_, day)| *day)
                .ok_or(())
        };
        match text.split_once('-') {
            _ if text == "workdays" => Ok(OnDays::Workdays),
            Some((first, last)) => Ok(OnDays::Range(weekday(first)?, weekday(last)?)),
            None => weekday(text).map(|day| OnDays::Range(day, day)),
        }
    }
}

impl fmt::Display for OnDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OnDays::Workdays => f.write_str("workdays"),
            OnDays::Range(first, last) if first == last => f.write_str(weekday_name(*first)),
            OnDays::Range(first, last) => {
                write!(f, "{}-{}", weekday_name(*first), weekday_name(*last))
            }
        }
    }
}

impl OnDays {
    pub(super) fn holds(self, date: NaiveDate, holidays: &Holidays) -> bool {
        match self {
            OnDays::Workdays => holidays.is_workday(date),
            OnDays::Range(first, last) => {
                date.weekday().days_since(first) <= last.days_since(first)
            }
        }
    }
}

/// Hours of one day; `to` at or before `from` is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "DayHoursText", into = "DayHoursText")]
pub struct DayHours {
    /// When they begin.
    pub from: WallTime,
    /// When they end.
    pub to: WallTime,
}

/// Weekly opening hours: on some days of the week, from a wall time to a wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WeeklyHoursText", into = "WeeklyHoursText")]
pub struct WeeklyHours {
    /// On which days.
    pub days: OnDays,
    /// From when to when.
    pub hours: DayHours,
}

/// Hours of one day, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DayHours)]
pub struct DayHoursText {
    /// When they begin, in the venue's wall time.
    #[schema(example = "10:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub from: String,
    /// When they end; `24:00` is the end of the day, and a time at or before `from` is on the next day.
    #[schema(example = "16:00", pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    pub to: String,
}

/// Weekly hours, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WeeklyHours)]
pub struct WeeklyHoursText {
    /// `workdays` (which follow the holiday calendar), a day of the week, or a range of them (holidays included).
    #[schema(
        example = "mon-sun",
        pattern = "^(workdays|(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?)$"
    )]
    pub days: String,
    /// When they begin, in the venue's wall time.
    #[schema(example = "09:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub from: String,
    /// When they end; `24:00` is the end of the day, and a time at or before `from` is on the next day.
    #[schema(example = "21:00", pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    pub to: String,
}

fn wall_time(field: &'static str, text: &str) -> Result<WallTime, HoursError> {
    text.parse().map_err(|()| HoursError {
        field,
        code: "malformed",
        expected: "a time of day as 09:00",
    })
}

fn day_hours(from: &str, to: &str) -> Result<DayHours, HoursError> {
    let from = wall_time("from", from)?;
    if from == WallTime::MIDNIGHT {
        return Err(HoursError {
            field: "from",
            code: "malformed",
            expected: "a time before 24:00",
        });
    }
    Ok(DayHours {
        from,
        to: wall_time("to", to)?,
    })
}

impl TryFrom<DayHoursText> for DayHours {
    type Error = HoursError;

    fn try_from(text: DayHoursText) -> Result<Self, HoursError> {
        day_hours(&text.from, &text.to)
    }
}

impl From<DayHours> for DayHoursText {
    fn from(hours: DayHours) -> Self {
        Self {
            from: hours.from.to_string(),
            to: hours.to.to_string(),
        }
    }
}

impl TryFrom<WeeklyHoursText> for WeeklyHours {
    type Error = HoursError;

    fn try_from(text: WeeklyHoursText) -> Result<Self, HoursError> {
        let days = text.days.parse().map_err(|()| HoursError {
            field: "days",
            code: "malformed",
            expected: "workdays, a day as mon, or a range as mon-sun",
        })?;
        let hours = day_hours(&text.from, &text.to)?;
        Ok(Self { days, hours })
    }
}

impl From<WeeklyHours> for WeeklyHoursText {
    fn from(weekly: WeeklyHours) -> Self {
        Self {
            days: weekly.days.to_string(),
            from: weekly.hours.from.to_string(),
            to: weekly.hours.to.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weekly(days: &str, from: &str, to: &str) -> Result<WeeklyHours, HoursError> {
        WeeklyHours::try_from(WeeklyHoursText {
            days: days.into(),
            from: from.into(),
            to: to.into(),
        })
    }

    #[test]
    fn what_is_written_comes_back_as_it_was() {
        for text in [
            r#"{"days":"mon-sun","from":"09:00","to":"21:00"}"#,
            r#"{"days":"workdays","from":"13:30","to":"24:00"}"#,
            r#"{"days":"sat","from":"22:00","to":"02:00"}"#,
            r#"{"days":"fri-mon","from":"00:00","to":"00:00"}"#,
        ] {
            let hours: WeeklyHours = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&hours).unwrap(), text);
        }
        assert!(
            serde_json::from_str::<WeeklyHours>(
                r#"{"days":"mon","from":"09:00","to":"10:00","x":1}"#
            )
            .is_err()
        );
    }

    #[test]
    fn errors_name_the_field() {
        let field = |days, from, to| weekly(days, from, to).unwrap_err().field;
        assert_eq!(field("holidays", "09:00", "10:00"), "days");
        assert_eq!(field("mon-", "09:00", "10:00"), "days");
        assert_eq!(field("mon", "9:00", "10:00"), "from");
        assert_eq!(field("mon", "24:00", "10:00"), "from");
        assert_eq!(field("mon", "09:00", "24:01"), "to");
        assert_eq!(field("mon", "09:00", "10:60"), "to");
        assert_eq!(field("mon", "09:00", "+1:00"), "to");
    }

    #[test]
    fn a_range_of_days_may_go_around_the_weekend() {
        let holidays = Holidays::default();
        let days: OnDays = "fri-mon".parse().unwrap();
        let held: Vec<u32> = (23..30)
            .filter(|day| days.holds(NaiveDate::from_ymd_opt(2026, 11, *day).unwrap(), &holidays))
            .collect();
        // 23 November 2026 is a Monday
        assert_eq!(held, [23, 27, 28, 29]);
    }
}
