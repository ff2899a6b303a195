//! Accounts over HTTP.

pub mod address;
pub mod password;
pub mod profile;
pub mod registration;
pub mod sign_ins;

use serde::Deserialize;

/// An address that a mail is asked for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressInput {
    /// The e-mail address, in any case.
    #[schema(example = "lin@park.example", max_length = 254)]
    pub email: String,
}

/// A link that was followed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenInput {
    /// What stands behind `#token=` in the link of the mail.
    #[schema(
        example = "h3Q4yYk0u0b9m1m3o4mX1Qe5Zx8o0y2b7cVvWq6tR5s",
        max_length = 200
    )]
    pub token: String,
}
