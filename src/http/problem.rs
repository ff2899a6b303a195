//! RFC 9457 problem details. A problem carries facts; its words are chosen when the answer is written, because only
//! then the caller's language is known. Titles and details are in `locales/*/problems.ftl` as `<kind>-title` and
//! `<kind>-detail`, details of field errors as `field-<code>`, reasons of a refused slot as `reason-<code>`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use fluent_bundle::FluentValue;
use serde::{Deserialize, Serialize};

use crate::db::DbError;
use crate::language::{Locale, text, try_text};
use crate::span::Instant;

/// What a problem is, each with a stable `type` and one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BadRequest,
    InvalidInput,
    NotSignedIn,
    SignInFailed,
    /// The password is right, and the account wants a code as well.
    SecondFactorNeeded,
    /// The code is wrong, or was used before.
    SecondFactorFailed,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    WrongState,
    SlotTaken,
    ChangeRequestNeeded,
    PolicyRefused,
    SpaceNotBookable,
    /// A layout that breaks rules is not published.
    LayoutInvalid,
    /// It would leave an organisation without an owner.
    LastOwner,
    NoWayForMail,
    Conflict,
    StaleVersion,
    TooLarge,
    UnsupportedMediaType,
    KeyReused,
    IdempotencyKeyMissing,
    CsrfFailed,
    TooSlow,
    TooManyRequests,
    Unavailable,
    Internal,
}

impl Kind {
    /// Every kind, for documents and tests.
    pub const ALL: &'static [Kind] = &[
        Kind::BadRequest,
        Kind::InvalidInput,
        Kind::NotSignedIn,
        Kind::SignInFailed,
        Kind::SecondFactorNeeded,
        Kind::SecondFactorFailed,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::MethodNotAllowed,
        Kind::WrongState,
        Kind::SlotTaken,
        Kind::ChangeRequestNeeded,
        Kind::PolicyRefused,
        Kind::SpaceNotBookable,
        Kind::LayoutInvalid,
        Kind::LastOwner,
        Kind::NoWayForMail,
        Kind::Conflict,
        Kind::StaleVersion,
        Kind::TooLarge,
        Kind::UnsupportedMediaType,
        Kind::KeyReused,
        Kind::IdempotencyKeyMissing,
        Kind::CsrfFailed,
        Kind::TooSlow,
        Kind::TooManyRequests,
        Kind::Unavailable,
        Kind::Internal,
    ];

    /// The last part of the `type` URI reference, and the key of its words.
    pub fn slug(self) -> &'static str {
        match self {
            Kind::BadRequest => "bad-request",
            Kind::InvalidInput => "invalid-input",
            Kind::NotSignedIn => "not-signed-in",
            Kind::SignInFailed => "sign-in-failed",
            Kind::SecondFactorNeeded => "second-factor-needed",
            Kind::SecondFactorFailed => "second-factor-failed",
            Kind::Forbidden => "forbidden",
            Kind::NotFound => "not-found",
            Kind::MethodNotAllowed => "method-not-allowed",
            Kind::WrongState => "wrong-state",
            Kind::SlotTaken => "slot-taken",
            Kind::ChangeRequestNeeded => "change-request-needed",
            Kind::PolicyRefused => "policy-refused",
            Kind::SpaceNotBookable => "space-not-bookable",
            Kind::LayoutInvalid => "layout-invalid",
            Kind::LastOwner => "last-owner",
            Kind::NoWayForMail => "no-way-for-mail",
            Kind::Conflict => "conflict",
            Kind::StaleVersion => "stale-version",
            Kind::TooLarge => "too-large",
            Kind::UnsupportedMediaType => "unsupported-media-type",
            Kind::KeyReused => "idempotency-key-reused",
            Kind::IdempotencyKeyMissing => "idempotency-key-missing",
            Kind::CsrfFailed => "csrf-failed",
            Kind::TooSlow => "too-slow",
            Kind::TooManyRequests => "too-many-requests",
            Kind::Unavailable => "unavailable",
            Kind::Internal => "internal",
        }
    }

    /// The HTTP status of this kind.
    pub fn status(self) -> StatusCode {
        match self {
            Kind::BadRequest | Kind::IdempotencyKeyMissing => StatusCode::BAD_REQUEST,
            Kind::NotSignedIn
            | Kind::SignInFailed
            | Kind::SecondFactorNeeded
            | Kind::SecondFactorFailed => StatusCode::UNAUTHORIZED,
            Kind::Forbidden | Kind::CsrfFailed => StatusCode::FORBIDDEN,
            Kind::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Kind::WrongState
            | Kind::SlotTaken
            | Kind::Conflict
            | Kind::ChangeRequestNeeded
            | Kind::LastOwner
            | Kind::NoWayForMail => StatusCode::CONFLICT,
            Kind::StaleVersion => StatusCode::PRECONDITION_FAILED,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::InvalidInput
            | Kind::PolicyRefused
            | Kind::SpaceNotBookable
            | Kind::LayoutInvalid
            | Kind::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A value inside a text: words that themselves depend on the language are looked up by key when written.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// A number.
    Number(i64),
    /// Text as it is.
    Text(String),
    /// The key of a text in `locales/`.
    Key(&'static str),
    /// Chinese and English.
    Both(String, String),
}

/// The named values of a text.
pub type Args = Vec<(&'static str, Arg)>;

/// Fills the values in and looks the text up.
pub fn say(locale: Locale, key: &str, args: &Args) -> String {
    let values: Vec<(&str, FluentValue<'_>)> = args
        .iter()
        .map(|(name, arg)| {
            let value = match arg {
                // numbers are years, minutes and people here: no grouping marks
                Arg::Number(number) => FluentValue::from(number.to_string()),
                Arg::Text(text) => FluentValue::from(text.clone()),
                Arg::Key(key) => FluentValue::from(text(locale, key, &[])),
                Arg::Both(zh, en) => FluentValue::from(locale.pick(zh, en).to_owned()),
            };
            (*name, value)
        })
        .collect();
    text(locale, key, &values)
}

/// One field of the input that cannot be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// The field as the caller wrote it, nested with dots.
    pub field: String,
    /// What is wrong, stable.
    pub code: &'static str,
    /// Values for the text `field-<code>`.
    pub args: Args,
}

impl FieldError {
    /// A field error without values.
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self {
            field: field.into(),
            code,
            args: Vec::new(),
        }
    }

    /// With one more value for its text.
    pub fn with(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }

    /// Below the least that is taken.
    pub fn too_small(field: impl Into<String>, min: i64) -> Self {
        Self::new(field, "too_small").with("min", Arg::Number(min))
    }

    /// Above the most that is taken.
    pub fn too_large(field: impl Into<String>, max: i64) -> Self {
        Self::new(field, "too_large").with("max", Arg::Number(max))
    }

    /// Fewer characters or items than are taken.
    pub fn too_short(field: impl Into<String>, min: i64) -> Self {
        Self::new(field, "too_short").with("min", Arg::Number(min))
    }

    /// More characters or items than are taken.
    pub fn too_long(field: impl Into<String>, max: i64) -> Self {
        Self::new(field, "too_long").with("max", Arg::Number(max))
    }

    /// What is wrong, in words.
    pub fn say(&self, locale: Locale) -> String {
        // codes that speak of a bound have a second text, for when nobody says which
        let plain = self
            .args
            .is_empty()
            .then(|| try_text(locale, &format!("field-{}-plain", self.code), &[]))
            .flatten();
        plain.unwrap_or_else(|| say(locale, &format!("field-{}", self.code), &self.args))
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Problem::fields(vec![error])
    }
}

/// Why a slot is refused; never names another's booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// Which rule, stable.
    pub code: &'static str,
    /// Values for the text `reason-<code>`.
    pub args: Args,
}

impl Reason {
    /// A reason without values.
    pub fn new(code: &'static str) -> Self {
        Self {
            code,
            args: Vec::new(),
        }
    }

    /// With one more value.
    pub fn with(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }
}

/// A rule that a layout breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's name, stable; its words are `violation-<code>`.
    pub code: String,
    /// Column and row of the cells that it is about.
    pub cells: Vec<[i64; 2]>,
    /// The blocks that it is about, by their index among the placements.
    pub blocks: Vec<usize>,
    /// Whose rule is broken, where that is not plain.
    pub layout_version_id: Option<uuid::Uuid>,
}

/// A rule that a layout breaks, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Violation)]
pub struct ViolationBody {
    /// The rule: stable, for programs.
    #[schema(example = "EXIT_BLOCKED")]
    pub code: String,
    /// The same for people.
    #[schema(example = "An exit cannot be reached by a way two modules wide.")]
    pub detail: String,
    /// Column and row of the cells that it is about; none where it is about what is not there.
    #[schema(example = json!([[39, 10], [39, 11]]))]
    pub cells: Vec<[i64; 2]>,
    /// The blocks that it is about, by their index among the placements.
    #[schema(example = json!([0]))]
    pub blocks: Vec<usize>,
    /// Which version breaks it, where several were judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0199c0de-7a11-7000-8000-000000000001")]
    pub layout_version_id: Option<uuid::Uuid>,
}

impl Violation {
    /// In the caller's words.
    pub fn body(&self, locale: Locale) -> ViolationBody {
        ViolationBody {
            code: self.code.clone(),
            detail: say(locale, &format!("violation-{}", self.code), &Args::new()),
            cells: self.cells.clone(),
            blocks: self.blocks.clone(),
            layout_version_id: self.layout_version_id,
        }
    }
}

/// A start that works instead of the one refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Alternative {
    /// When the event would start.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    pub start: Instant,
    /// When it would end.
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T08:00:00Z")]
    pub end: Instant,
}

/// A problem on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What it is.
    pub kind: Kind,
    /// Values for its detail.
    pub args: Args,
    /// Fields at fault.
    pub errors: Vec<FieldError>,
    /// Why a slot is refused.
    pub reasons: Vec<Reason>,
    /// Starts that work instead, nearest first.
    pub alternatives: Vec<Alternative>,
    /// Ids of what stands in the way, for staff only.
    pub in_the_way: Vec<uuid::Uuid>,
    /// Rules that layouts break.
    pub violations: Vec<Violation>,
    /// The state that refused a transition.
    pub state: Option<&'static str>,
    /// Seconds until it is worth trying again.
    pub retry_after_s: Option<u64>,
}

impl Problem {
    /// A problem of this kind, without particulars.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            args: Vec::new(),
            errors: Vec::new(),
            reasons: Vec::new(),
            alternatives: Vec::new(),
            in_the_way: Vec::new(),
            violations: Vec::new(),
            state: None,
            retry_after_s: None,
        }
    }

    /// Bad input in one field.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        FieldError::new(field, code).into()
    }

    /// Bad input in several fields.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(Kind::InvalidInput)
        }
    }

    /// With a value for its detail.
    pub fn with(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }

    /// With the reasons for which a slot is refused.
    pub fn because(mut self, reasons: Vec<Reason>) -> Self {
        self.reasons = reasons;
        self
    }

    /// The details in the caller's language.
    pub fn body(&self, locale: Locale) -> Body {
        let slug = self.kind.slug();
        Body {
            r#type: format!("/problems/{slug}"),
            title: say(locale, &format!("{slug}-title"), &self.args),
            status: self.kind.status().as_u16(),
            detail: say(locale, &format!("{slug}-detail"), &self.args),
            errors: self
                .errors
                .iter()
                .map(|error| FieldErrorBody {
                    field: error.field.clone(),
                    code: error.code.to_owned(),
                    detail: error.say(locale),
                })
                .collect(),
            reasons: self
                .reasons
                .iter()
                .map(|reason| ReasonBody {
                    code: reason.code.to_owned(),
                    detail: say(locale, &format!("reason-{}", reason.code), &reason.args),
                })
                .collect(),
            alternatives: self.alternatives.clone(),
            in_the_way: self.in_the_way.clone(),
            violations: self.violations.iter().map(|one| one.body(locale)).collect(),
            state: self.state.map(str::to_owned),
        }
    }

    /// The answer in the caller's language.
    pub fn respond(&self, locale: Locale) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.kind.status());
        if let Some(seconds) = self.retry_after_s {
            response.insert_header(("retry-after", seconds.to_string()));
        }
        if self.kind.status() == StatusCode::UNAUTHORIZED {
            response.insert_header(("www-authenticate", "Bearer"));
        }
        response
            .insert_header(("content-language", locale.tag()))
            .content_type("application/problem+json")
            .body(serde_json::to_string(&self.body(locale)).unwrap_or_default())
    }
}

/// RFC 9457 problem details.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// What it is: stable, for programs.
    #[schema(example = "/problems/slot-taken")]
    pub r#type: String,
    /// The same for people, in their language.
    #[schema(example = "This slot is taken")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 409)]
    pub status: u16,
    /// What is wrong here and what to do.
    #[schema(example = "Another booking has this slot. Choose one of the alternatives.")]
    pub detail: String,
    /// Fields that cannot be taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldErrorBody>,
    /// Why a slot is refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonBody>,
    /// Starts that work instead, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// Ids of the bookings, or of the layout versions, in the way; only staff see them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_the_way: Vec<uuid::Uuid>,
    /// Rules that layouts break.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<ViolationBody>,
    /// The state that refused a transition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "cancelled")]
    pub state: Option<String>,
}

/// A field that cannot be taken.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FieldError)]
pub struct FieldErrorBody {
    /// The field, nested with dots.
    #[schema(example = "attendance")]
    pub field: String,
    /// What is wrong: stable, for programs.
    #[schema(example = "too_small")]
    pub code: String,
    /// The same for people.
    #[schema(example = "Must be at least 1.")]
    pub detail: String,
}

/// Why a slot is refused.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Reason)]
pub struct ReasonBody {
    /// Which rule: stable, for programs.
    #[schema(example = "changeover_too_long")]
    pub code: String,
    /// The same for people.
    #[schema(example = "45 minutes of changeover are needed, 30 are free.")]
    pub detail: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.slug())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    /// The words come later: the language middleware reads the problem from the answer's extensions.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.kind.status());
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Problem::new(Kind::NotFound),
            DbError::Unavailable | DbError::Retry => Problem {
                retry_after_s: Some(1),
                ..Problem::new(Kind::Unavailable)
            },
            DbError::Constraint(name) => {
                tracing::warn!(constraint = name, "refused by a constraint");
                Problem::new(Kind::Conflict)
            }
            DbError::Fault(error) => {
                tracing::error!(%error, "a statement failed");
                Problem::new(Kind::Internal)
            }
        }
    }
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_words_in_both_languages() {
        for locale in Locale::ALL {
            for kind in Kind::ALL {
                for part in ["title", "detail"] {
                    let key = format!("{}-{part}", kind.slug());
                    assert!(
                        try_text(locale, &key, &[]).is_some(),
                        "{key} in {}",
                        locale.tag()
                    );
                }
            }
        }
    }

    #[test]
    fn a_bound_is_named_where_it_is_known() {
        let known = FieldError::too_small("attendance", 1);
        assert_eq!(known.say(Locale::En), "Must be at least 1.");
        assert_eq!(
            FieldError::new("attendance", "too_small").say(Locale::En),
            "Too small."
        );
    }
}
