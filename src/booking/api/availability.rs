//! Which starts work, and why others do not.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::booking::request::areas_of;
use crate::booking::slots::{self, Wanted};
use crate::booking::store;
use crate::catalogue::{self, EventType, Grounds, Group, SpaceKind, VersionState};
use crate::http::language::locale;
use crate::http::problem::{Kind, Problem, ReasonBody, say};
use crate::http::{App, MaybeCaller, Path, Query};
use crate::id::{AreaId, LayoutVersionId, SpaceId};
use crate::span::{Instant, Span};

/// The longest range of days that is answered at once.
const MAX_DAYS: i64 = 31;

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sought {
    /// In this layout version, where the space has a floor.
    layout_version_id: Option<LayoutVersionId>,
    /// In this area of a space without a floor; in all of them together where none is named.
    area_id: Option<AreaId>,
    /// The first day, by the venue's calendar.
    #[param(example = "2026-12-01")]
    from: NaiveDate,
    /// The last day; at most 31 days in all. The first alone where it is left out.
    #[param(example = "2026-12-07")]
    to: Option<NaiveDate>,
    /// How long the event is, in minutes.
    #[param(example = 120, minimum = 1, maximum = 44640)]
    minutes: i64,
    /// Minutes of access before it.
    #[param(example = 0, minimum = 0, maximum = 480)]
    access_before_min: Option<i32>,
    /// Minutes of access after it.
    #[param(example = 0, minimum = 0, maximum = 480)]
    access_after_min: Option<i32>,
    /// As which group of the policy; enterprises where it is left out.
    #[param(inline, example = "enterprise")]
    group: Option<Group>,
    /// For which kind of event.
    #[param(inline, example = "roadshow")]
    event_type: Option<EventType>,
}

/// A start and whether it works.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StartView {
    /// When the event would start.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T06:00:00Z")]
    start: Instant,
    /// When it would end.
    #[schema(value_type = String, format = DateTime, example = "2026-12-01T08:00:00Z")]
    end: Instant,
    /// Whether it works.
    #[schema(example = true)]
    works: bool,
    /// Why not; empty where it works.
    reasons: Vec<ReasonBody>,
}

/// Availability of a space
///
/// Every start on the grid within opening hours, with the reasons of those that do not work: opening hours, policy,
/// neighbours, changeovers, crews and blocks are all taken into account. Nobody's booking is named.
#[utoipa::path(get, path = "/v1/spaces/{id}/availability", tag = "availability", params(("id" = SpaceId, Path, description = "The space"), Sought),
    responses((status = 200, description = "The starts, in order", body = Vec<StartView>)))]
pub async fn availability(
    app: Data<App>,
    request: HttpRequest,
    _caller: MaybeCaller,
    id: Path<SpaceId>,
    sought: Query<Sought>,
) -> Result<HttpResponse, Problem> {
    let sought = sought.0;
    let to = sought.to.unwrap_or(sought.from);
    match (to - sought.from).num_days() {
        ..0 => return Err(Problem::field("to", "not_after_start")),
        MAX_DAYS.. => return Err(Problem::field("to", "out_of_range")),
        _ => {}
    }
    if !(1..=44_640).contains(&sought.minutes) {
        return Err(Problem::field("minutes", "out_of_range"));
    }
    for (field, value) in [
        ("access_before_min", sought.access_before_min),
        ("access_after_min", sought.access_after_min),
    ] {
        if value.is_some_and(|minutes| !(0..=480).contains(&minutes)) {
            return Err(Problem::field(field, "out_of_range"));
        }
    }
    let conn = app.db.conn().await?;
    let grounds = app.db.remembered::<Grounds>();
    let (ground, now) = futures_util::try_join!(grounds.now(&conn, id.0), store::clock(&conn))?;
    let ground = ground.ok_or_else(|| Problem::new(Kind::NotFound))?;
    if !matches!(
        ground.space.kind,
        SpaceKind::Reconfigurable | SpaceKind::Room
    ) || !ground.space.active
    {
        return Err(crate::booking::refuse::not_bookable(&ground));
    }
    let areas = match (ground.space.pool_id, sought.layout_version_id) {
        (Some(_), Some(version)) => {
            let layout = ground.layout(Some(version));
            let layout = layout.filter(|layout| layout.state == VersionState::Published);
            let layout = layout.ok_or_else(|| Problem::field("layout_version_id", "unknown"))?;
            if !layout.is_bookable() {
                return Err(Problem::field("layout_version_id", "times_pending"));
            }
            layout.area_ids.iter().copied().collect()
        }
        (Some(_), None) => return Err(Problem::field("layout_version_id", "required")),
        (None, Some(_)) => return Err(Problem::field("layout_version_id", "no_layouts_here")),
        (None, None) => {
            let named: Vec<AreaId> = sought.area_id.into_iter().collect();
            areas_of(&ground, (!named.is_empty()).then_some(&named))
                .map_err(|_| Problem::field("area_id", "unknown"))?
        }
    };
    let days = day(&ground.opening, sought.from).zip(day(&ground.opening, to));
    let Some((first, last)) = days else {
        return Err(Problem::field("from", "out_of_range"));
    };
    let wanted = Wanted {
        areas,
        version_id: sought.layout_version_id,
        length: TimeDelta::minutes(sought.minutes),
        access_before_min: sought.access_before_min.unwrap_or(0),
        access_after_min: sought.access_after_min.unwrap_or(0),
        group: sought.group.unwrap_or(Group::Enterprise),
        event_type: sought.event_type.unwrap_or(EventType::Other),
        instead_of: None,
    };
    let range = Span::new(first.start(), last.end() + wanted.length).unwrap_or(first);
    let outlook = slots::outlook(&conn, &ground, &wanted, range, now).await?;
    drop(conn);
    let locale = locale(&request);
    let starts = outlook.starts(&wanted, sought.from, to);
    let answer: Vec<StartView> = starts
        .into_iter()
        .map(|start| StartView {
            start: start.during.start(),
            end: start.during.end(),
            works: start.reasons.is_empty(),
            reasons: start
                .reasons
                .iter()
                .map(|reason| ReasonBody {
                    code: reason.code.to_owned(),
                    detail: say(locale, &format!("reason-{}", reason.code), &reason.args),
                })
                .collect(),
        })
        .collect();
    Ok(HttpResponse::Ok().json(answer))
}

fn day(calendar: &catalogue::Calendar, date: NaiveDate) -> Option<Span> {
    use chrono::Datelike;
    if !(2000..=2200).contains(&date.year()) {
        return None;
    }
    calendar
        .day(date)
        .or_else(|| calendar.day(date.succ_opt()?))
}
