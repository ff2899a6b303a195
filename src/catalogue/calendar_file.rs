//! A year's file of public holidays and make-up workdays, as it is published and imported. Pure.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::policy::PolicyError;

/// More days than any government ever announced for a year.
const MOST_DAYS: usize = 366;

/// A year's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// The year that all its days belong to.
    #[schema(example = 2026, minimum = 1970, maximum = 2200)]
    pub year: i32,
    /// Public holidays and make-up workdays; all other days are what their weekday makes them.
    pub days: Vec<CalendarDay>,
}

/// A day that is not what its weekday makes it, or is a holiday by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    /// The holiday's name; a make-up workday carries that of the holiday that it is worked for.
    #[schema(example = "国庆节", min_length = 1, max_length = 100)]
    pub name: String,
    /// The date.
    #[schema(example = "2026-10-01")]
    pub date: NaiveDate,
    /// True for a public holiday, false for a make-up workday. (Spelt as in the files that are published.)
    #[serde(rename = "isOffDay")]
    #[schema(example = true)]
    pub is_off_day: bool,
}

impl CalendarFile {
    /// What cannot be imported for this year, field by field.
    pub fn errors(&self, year: i32) -> Vec<PolicyError> {
        let mut errors = Vec::new();
        if self.year != year {
            errors.push(("year".to_owned(), "another_year"));
        }
        if self.days.is_empty() {
            errors.push(("days".to_owned(), "required"));
        }
        if self.days.len() > MOST_DAYS {
            errors.push(("days".to_owned(), "too_long"));
            return errors;
        }
        let mut seen = BTreeSet::new();
        for (at, day) in self.days.iter().enumerate() {
            if day.date.year() != year {
                errors.push((format!("days.{at}.date"), "another_year"));
            } else if !seen.insert(day.date) {
                errors.push((format!("days.{at}.date"), "duplicate"));
            }
            if day.name.trim().is_empty() {
                errors.push((format!("days.{at}.name"), "required"));
            } else if day.name.chars().count() > 100 {
                errors.push((format!("days.{at}.name"), "too_long"));
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_belong_to_the_year_and_come_once() {
        let file: CalendarFile = serde_json::from_str(
            r#"{"year": 2026, "days": [
                {"name": "元旦", "date": "2026-01-01", "isOffDay": true},
                {"name": "元旦", "date": "2026-01-01", "isOffDay": false},
                {"name": " ", "date": "2027-01-01", "isOffDay": true}]}"#,
        )
        .unwrap();
        let errors = file.errors(2026);
        let found: Vec<_> = errors
            .iter()
            .map(|(field, code)| (field.as_str(), *code))
            .collect();
        assert_eq!(
            found,
            [
                ("days.1.date", "duplicate"),
                ("days.2.date", "another_year"),
                ("days.2.name", "required"),
            ]
        );
        assert_eq!(file.errors(2027)[0], ("year".to_owned(), "another_year"));
    }
}
