//! Which starts work: the same rules as a booking's own, asked of many starts at once. Pure, but for [`outlook`].

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};
use diesel_async::AsyncPgConnection;

use super::area_set::AreaSet;
use super::chain::{self, AreaChain, Around, Intent, NewRow, Refusal, What};
use super::occupancy;
use super::policy::{self, Breach, Wish};
use super::refuse;
use super::store;
use crate::catalogue::calendar::days_after;
use crate::catalogue::{EventType, Ground, Group};
use crate::db::DbError;
use crate::http::problem::Reason;
use crate::id::{BookingId, LayoutVersionId};
use crate::span::{Instant, Span};

/// How many days before and after a refused start are searched for others.
const NEARBY_DAYS: i64 = 7;
/// How many alternatives are offered.
const NEAREST: usize = 4;
/// Minutes by which an event and its own changeovers may reach over the edge of what is searched.
const EDGE: TimeDelta = TimeDelta::days(1);

/// What somebody wants, wherever it may lie.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub areas: AreaSet,
    pub version_id: Option<LayoutVersionId>,
    pub length: TimeDelta,
    pub access_before_min: i32,
    pub access_after_min: i32,
    pub group: Group,
    pub event_type: EventType,
    /// The booking that would move: its own rows never stand in its way.
    pub instead_of: Option<BookingId>,
}

/// The occupancy of some days as it stands, ready to be asked.
pub struct Outlook<'a> {
    ground: &'a Ground,
    around: Around,
}

/// A start and whether it works.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    pub during: Span,
    /// Empty: it works.
    pub reasons: Vec<Reason>,
}

/// Reads what stands in the range, in a constant number of statements.
pub async fn outlook<'a>(
    conn: &AsyncPgConnection,
    ground: &'a Ground,
    wanted: &Wanted,
    range: Span,
    now: Instant,
) -> Result<Outlook<'a>, DbError> {
    let rows = store::rows_around(conn, &wanted.areas, range.widened(EDGE, EDGE)).await?;
    let initial = |id| {
        ground
            .areas
            .iter()
            .find(|area| area.id == id)
            .and_then(|area| area.initial_layout_version_id)
    };
    let mut chains: BTreeMap<_, _> = wanted
        .areas
        .iter()
        .map(|id| {
            (
                id,
                AreaChain {
                    initial: initial(id),
                    rows: Vec::new(),
                },
            )
        })
        .collect();
    for read in rows {
        if let Some(chain) = chains.get_mut(&read.row.area_id) {
            chain.rows.push(read.row);
        }
    }
    let place =
        wanted.rows(Span::new(range.end(), range.end() + TimeDelta::minutes(1)).unwrap_or(range));
    let around = occupancy::floor(
        conn,
        ground,
        now,
        &wanted.areas,
        &chains,
        range,
        &place,
        None,
    )
    .await?;
    Ok(Outlook { ground, around })
}

impl Wanted {
    /// The event with its access time.
    fn taken(&self, during: Span) -> Span {
        during.widened(
            TimeDelta::minutes(self.access_before_min.into()),
            TimeDelta::minutes(self.access_after_min.into()),
        )
    }

    fn rows(&self, during: Span) -> Vec<NewRow> {
        let span = self.taken(during);
        let what = What::Event {
            booking_id: BookingId(uuid::Uuid::nil()),
            version_id: self.version_id,
        };
        self.areas
            .iter()
            .map(|area_id| NewRow {
                area_id,
                span,
                what,
            })
            .collect()
    }

    fn wish(&self, during: Span) -> Wish {
        Wish {
            group: self.group,
            event_type: self.event_type,
            during,
            grace: TimeDelta::zero(),
        }
    }
}

impl Outlook<'_> {
    /// Whether the places that the event needs are free and its changeovers fit.
    pub fn fits(&self, wanted: &Wanted, during: Span) -> Result<(), Refusal> {
        let tail = if self.ground.space.pool_id.is_none() {
            self.ground.space.turnaround_min
        } else {
            0
        };
        let mut place = wanted.rows(during);
        for row in &mut place {
            row.span = row
                .span
                .widened(TimeDelta::zero(), TimeDelta::minutes(tail.into()));
        }
        let intent = Intent {
            remove: wanted.instead_of.into_iter().collect(),
            place,
            ..Intent::default()
        };
        chain::plan(&self.around, &intent).map(|_| ())
    }

    /// Every start on the grid of these dates that lies in opening hours, with the reasons why it does not work.
    pub fn starts(&self, wanted: &Wanted, from: NaiveDate, to: NaiveDate) -> Vec<Start> {
        let nobody = policy::access(self.ground, wanted.group, wanted.event_type).err();
        self.candidates(wanted, from, to)
            .map(|during| {
                let mut breaches =
                    policy::breaches(self.ground, &wanted.wish(during), self.around.now);
                breaches.extend(nobody.clone());
                let mut reasons: Vec<Reason> =
                    breaches.into_iter().map(|breach| breach.reason).collect();
                if let Err(refusal) = self.fits(wanted, during) {
                    reasons.push(refuse::reason(&refusal));
                }
                Start { during, reasons }
            })
            .collect()
    }

    /// The starts nearest to the one refused that work, before and after, nearest first; none of them in the place that is
    /// about to go.
    pub fn nearest(&self, wanted: &Wanted, refused: Instant, gone: Option<Span>) -> Vec<Span> {
        let date = self.ground.opening.local_date(refused);
        let days = NEARBY_DAYS.unsigned_abs();
        let from = date.checked_sub_days(Days::new(days)).unwrap_or(date);
        let mut candidates: Vec<Span> = self
            .candidates(wanted, from, days_after(date, NEARBY_DAYS as u32))
            .collect();
        candidates.sort_by_key(|during| ((during.start() - refused).abs(), during.start()));
        let works = |during: &Span| {
            gone.is_none_or(|gone| !gone.overlaps(&wanted.taken(*during)))
                && self.is_allowed(wanted, *during)
                && self.fits(wanted, *during).is_ok()
        };
        // the nearest on either side first, so that whoever cannot come later sees an earlier one too
        let mut found: Vec<Span> = Vec::new();
        for side in [true, false] {
            let half = candidates
                .iter()
                .filter(|during| (during.start() > refused) == side && during.start() != refused);
            found.extend(half.copied().filter(works).take(NEAREST / 2));
        }
        found.sort_by_key(|during| ((during.start() - refused).abs(), during.start()));
        found
    }

    /// Whether the policy has nothing against it, but for what staff override.
    fn is_allowed(&self, wanted: &Wanted, during: Span) -> bool {
        let breaches = policy::breaches(self.ground, &wanted.wish(during), self.around.now);
        let overridden =
            |breach: &Breach| wanted.group == Group::Staff && breach.rule.can_be_overridden();
        breaches.iter().all(overridden)
    }

    fn candidates(
        &self,
        wanted: &Wanted,
        from: NaiveDate,
        to: NaiveDate,
    ) -> impl Iterator<Item = Span> {
        let grid = i64::from(self.ground.policy.grid_min.max(1));
        let length = wanted.length;
        let now = self.around.now;
        from.iter_days()
            .take_while(move |date| *date <= to)
            .filter_map(|date| self.ground.opening.day(date))
            .flat_map(move |day| {
                (0..day.length().num_minutes() / grid)
                    .map(move |step| day.start() + TimeDelta::minutes(step * grid))
            })
            .filter(move |start| *start >= now)
            .filter_map(move |start| Span::new(start, start + length))
            .filter(|during| self.ground.is_open_for(during))
    }
}

/// The dates around a refused start that are searched for others.
pub fn nearby(at: Instant) -> Span {
    Span::around(at, TimeDelta::days(NEARBY_DAYS + 1))
}
