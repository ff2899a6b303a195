//! What is checked of everything that administrators write: errors name the field.

use serde::{Deserialize, Deserializer};

use crate::catalogue::hours::{DayHours, DayHoursText, HoursError, WeeklyHours, WeeklyHoursText};
use crate::catalogue::policy::PolicyError;
use crate::http::problem::{FieldError, Problem};

/// More stretches of opening hours than anybody means.
const MOST_HOURS: usize = 50;

/// Collects what is wrong with the input, to tell all of it at once.
#[derive(Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// One more error.
    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// A text of `least` to `most` characters, without the blanks around it.
    pub fn text(&mut self, field: &str, value: &str, least: i64, most: i64) -> String {
        let text = value.trim();
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        if length < least {
            self.push(FieldError::too_short(field, least));
        } else if length > most {
            self.push(FieldError::too_long(field, most));
        }
        text.to_owned()
    }

    /// The same, where it is given.
    pub fn maybe_text(
        &mut self,
        field: &str,
        value: Option<&str>,
        least: i64,
        most: i64,
    ) -> Option<String> {
        value.map(|value| self.text(field, value, least, most))
    }

    /// A slug: small letters and digits in words joined by hyphens.
    pub fn slug(&mut self, field: &str, value: &str) {
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if value.len() > 50 {
            self.push(FieldError::too_long(field, 50));
        } else if !value.split('-').all(word) {
            self.push(FieldError::new(field, "malformed"));
        }
    }

    /// A number from `least` to `most`, where it is given.
    pub fn number(&mut self, field: &str, value: Option<i32>, least: i32, most: i32) {
        match value {
            Some(value) if value < least => self.push(FieldError::too_small(field, least.into())),
            Some(value) if value > most => self.push(FieldError::too_large(field, most.into())),
            _ => {}
        }
    }

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

    /// The problem, where anything is wrong.
    pub fn done(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Problem::fields(self.0))
        }
    }
}

/// A field that may be left out (it stays as it is) or null (it is taken away).
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
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
