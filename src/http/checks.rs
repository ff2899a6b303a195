//! What is checked of what people write: errors name the field, and all of them are told at once.

use serde::{Deserialize, Deserializer};

use super::problem::{FieldError, Problem};

/// Collects what is wrong with the input.
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

    /// A text that must say something, of at most so many characters.
    pub fn said(&mut self, field: &str, value: &str, most: i64) -> String {
        if value.trim().is_empty() {
            self.push(FieldError::new(field, "required"));
        }
        self.text(field, value, 0, most)
    }

    /// The same as [`Checks::text`], where it is given.
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

/// The names of the fields that are given, for the audit.
macro_rules! given {
    ($input:expr; $($field:ident),+ $(,)?) => {{
        let mut names: Vec<&'static str> = Vec::new();
        $(if $input.$field.is_some() { names.push(stringify!($field)); })+
        names
    }};
}
pub(crate) use given;
