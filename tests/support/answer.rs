//! What the product answers.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// Fails the test unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The id of what was answered.
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }

    /// The state in the answer: the booking's, or the one that refused.
    pub fn state(&self) -> &str {
        self.body["state"].as_str().unwrap_or("none")
    }

    /// The kind of a problem, without its prefix.
    pub fn problem(&self) -> &str {
        let kind = self.body["type"].as_str().unwrap_or("none");
        kind.strip_prefix("/problems/").unwrap_or(kind)
    }

    /// The codes of the reasons of a refusal.
    pub fn reasons(&self) -> Vec<String> {
        self.body["reasons"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|reason| reason["code"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What is wrong with the fields at fault, `field code`.
    pub fn codes(&self) -> Vec<String> {
        self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                let text = |name: &str| error[name].as_str().unwrap().to_owned();
                format!("{} {}", text("field"), text("code"))
            })
            .collect()
    }

    /// The fields at fault.
    pub fn fields(&self) -> Vec<String> {
        self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }
}
