//! What works, but not as well as it could: told with what it is about.

use serde::{Deserialize, Serialize};

use crate::catalogue::policy::{SpacePolicy, VenuePolicy};
use crate::catalogue::store::venues::CalendarYears;
use crate::catalogue::{calendar, policy::Policy, words::Group};
use crate::http::problem::{Arg, Problem, say};
use crate::id::VenueId;
use crate::language::Locale;

/// Something that an administrator should see to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Warning {
    /// What it is: stable, for programs. `calendar_missing`: the public calendar of a year within the booking horizon
    /// was not imported, so its workdays are Monday to Friday.
    #[schema(example = "calendar_missing")]
    pub code: String,
    /// Which year.
    #[schema(example = 2027)]
    pub year: i32,
    /// The same for people.
    #[schema(
        example = "The public calendar of 2027 is missing: until it is imported, working days are Monday to Friday."
    )]
    pub detail: String,
}

/// The warnings of a venue (with `space` none) or of one of its spaces.
pub fn calendar_warnings(
    known: &[CalendarYears],
    venue_id: VenueId,
    space: Option<&SpacePolicy>,
    locale: Locale,
) -> Result<Vec<Warning>, Problem> {
    let Some(known) = known.iter().find(|known| known.venue_id == venue_id) else {
        return Ok(Vec::new());
    };
    let venue: VenuePolicy = super::from_json(known.policy.parse().unwrap_or_default())?;
    Ok(missing(known, &venue, space)
        .map(|year| Warning {
            code: "calendar_missing".to_owned(),
            year,
            detail: say(
                locale,
                "warning-calendar_missing",
                &vec![("year", Arg::Number(year.into()))],
            ),
        })
        .collect())
}

fn missing<'a>(
    known: &'a CalendarYears,
    venue: &VenuePolicy,
    space: Option<&SpacePolicy>,
) -> impl Iterator<Item = i32> + 'a {
    use chrono::Datelike;
    let policy = Policy::resolve(venue, space.unwrap_or(&SpacePolicy::default()));
    let furthest = Group::ALL
        .iter()
        .map(|group| policy.horizon_days(*group))
        .max()
        .unwrap_or_default();
    let last = calendar::days_after(known.today, furthest);
    (known.today.year()..=last.year()).filter(|year| !known.years.contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::policy::Horizon;

    #[test]
    fn a_year_within_the_horizon_that_is_missing_is_told() {
        let known = CalendarYears {
            venue_id: VenueId::new(),
            today: "2026-11-24".parse().unwrap(),
            years: vec![2026],
            policy: "{}".to_owned(),
        };
        let years = |space: Option<&SpacePolicy>| -> Vec<i32> {
            missing(&known, &VenuePolicy::default(), space).collect()
        };
        assert_eq!(years(None), [2027]);
        let short = Horizon {
            enterprise: Some(30),
            association: Some(30),
            public_body: Some(30),
            staff: Some(37),
            ..Horizon::default()
        };
        let near = SpacePolicy {
            horizon_days: Some(short),
            ..SpacePolicy::default()
        };
        assert_eq!(years(Some(&near)), Vec::<i32>::new());
    }
}
