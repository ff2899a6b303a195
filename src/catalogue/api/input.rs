//! What is checked of the catalogue's own words, besides what is checked everywhere.

use crate::catalogue::hours::{DayHours, DayHoursText, HoursError, WeeklyHours, WeeklyHoursText};
use crate::catalogue::policy::PolicyError;
pub use crate::http::checks::{Checks, present};
use crate::http::problem::FieldError;

/// More stretches of opening hours than anybody means.
const MOST_HOURS: usize = 50;

impl Checks {
    /// What a policy's own rules say, with its fields under `field`.
    pub fn policy(&mut self, field: &str, errors: Vec<PolicyError>) {
        for (name, code) in errors {
            self.push(FieldError::new(format!("{field}.{name}"), code));
        }
    }

    /// Weekly hours.
    pub fn weekly(&mut self, field: &str, texts: &[WeeklyHoursText]) -> Vec<WeeklyHours> {
        self.hours(field, texts)
    }

    /// The hours of one day.
    pub fn day(&mut self, field: &str, texts: &[DayHoursText]) -> Vec<DayHours> {
        self.hours(field, texts)
    }

    fn hours<Text: Clone, Hours: TryFrom<Text, Error = HoursError>>(
        &mut self,
        field: &str,
        texts: &[Text],
    ) -> Vec<Hours> {
        if texts.len() > MOST_HOURS {
            self.push(FieldError::too_long(field, 50));
            return Vec::new();
        }
        let mut hours = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            match Hours::try_from(text.clone()) {
                Ok(one) => hours.push(one),
                Err(error) => {
                    self.push(FieldError::new(
                        format!("{field}.{at}.{}", error.field),
                        error.code,
                    ));
                }
            }
        }
        hours
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told() {
        let mut checks = Checks::default();
        checks.slug("slug", "Hall");
        checks.slug("area", "bay-1");
        checks.slug("other", "bay--1");
        checks.number("people_cap", Some(0), 1, 10);
        assert_eq!(checks.text("name_zh", "  主厅 ", 1, 3), "主厅");
        checks.text("name_en", "   ", 1, 3);
        checks.weekly(
            "hours",
            &[WeeklyHoursText {
                days: "mon".into(),
                from: "9".into(),
                to: "10:00".into(),
            }],
        );
        let problem = checks.done().unwrap_err();
        let found: Vec<_> = problem
            .errors
            .iter()
            .map(|error| (error.field.as_str(), error.code))
            .collect();
        assert_eq!(
            found,
            [
                ("slug", "malformed"),
                ("other", "malformed"),
                ("people_cap", "too_small"),
                ("name_en", "too_short"),
                ("hours.0.from", "malformed"),
            ]
        );
    }
}
