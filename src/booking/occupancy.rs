//! The one way in: whatever changes occupancy goes through a [`Write`].
//!
//! Open locks the pool or the space and reads, under the lock, what every decision needs. `occupy` reads what stands
//! around, gives up what has lapsed in the way, and lets `chain` say which rows to write. Commit writes everything that
//! was decided in one round trip; the constraints of the schema have the last word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::try_join;
use serde_json::json;

use super::area_set::AreaSet;
use super::chain::{self, AreaChain, Around, CrewTimes, Intent, NewRow, Plan, Refusal, What};
use super::lapse;
use super::notice::{self, Says};
use super::offer;
use super::record::Booking;
use super::state::State;
use super::stock::{Change, Timeline};
use super::store::{self, ChainRow, Changes, Kept, Names, NewTask, Person};
use crate::catalogue::{self, Ground, Grounds};
use crate::db::{Db, DbError, Transaction};
use crate::http::problem::{Kind, Problem};
use crate::id::{AreaId, BookingId, LayoutVersionId, OccupancyId, SpaceId, TaskId, UserId};
use crate::identity::guest::Guest;
use crate::identity::{self, Caller, Claims};
use crate::message::MessageKind;
use crate::span::{Instant, Span};

/// How far before an event a crew is looked for at first. Where none is found the whole gap is searched.
const LOOK_BACK: TimeDelta = TimeDelta::days(2);

/// Why a write did not happen.
#[derive(Debug)]
pub enum Fail {
    /// The database said no, or asks to try again.
    Db(DbError),
    /// A rule said no.
    Problem(Box<Problem>),
    /// What is taken stands in the way.
    Refused(Box<Refusal>),
}

impl From<diesel::result::Error> for Fail {
    fn from(error: diesel::result::Error) -> Self {
        Fail::Db(error.into())
    }
}

impl From<DbError> for Fail {
    fn from(error: DbError) -> Self {
        Fail::Db(error)
    }
}

impl From<Problem> for Fail {
    fn from(problem: Problem) -> Self {
        Fail::Problem(Box::new(problem))
    }
}

/// A request to be had only once: the caller's key and what it was for.
#[derive(Debug, Clone)]
pub struct OnlyOnce {
    pub key: String,
    pub fingerprint: Vec<u8>,
}

/// Who asks for a write.
#[derive(Debug, Clone, Default)]
pub enum Asker {
    /// The product itself.
    #[default]
    Product,
    /// Whoever shows this.
    Shows(Claims),
    /// Somebody without an account who has no booking yet, with what their idempotency keys are counted by.
    Visitor(UserId),
}

/// Who asks for a write, and whether it may happen only once.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub by: Asker,
    pub only_once: Option<OnlyOnce>,
}

/// Who a write is by.
#[derive(Debug, Clone)]
pub enum By {
    /// The product itself, which may do everything.
    Product,
    /// A person with an account, or a program.
    Caller(Box<Caller>),
    /// Whoever shows the link of a booking.
    Guest(Guest),
    /// Somebody without an account who asks for a booking.
    Visitor,
}

/// A write under way.
pub struct Write {
    pub tx: Transaction,
    /// The database's clock, read once after the lock.
    pub now: Instant,
    pub ground: Arc<Ground>,
    /// Who decides on requests here.
    pub deciders: Vec<Person>,
    /// Who asks.
    pub by: By,
    /// What will be written.
    pub changes: Changes,
    around: Option<Expected>,
    only_once: Option<(UserId, OnlyOnce)>,
}

/// Rows that were read when the write was opened, as what it would be about could be guessed.
struct Expected {
    areas: AreaSet,
    reach: Span,
    rows: Vec<ChainRow>,
}

/// What opening a write comes to.
pub enum Opened {
    /// Decide, then commit.
    Write(Box<Write>),
    /// The same request was answered before.
    Answered { status: i16, answer: String },
}

impl Write {
    /// Opens the transaction, takes the lock of the space, and reads who calls, what the space is and what time it is:
    /// one round trip.
    pub async fn open(db: &Db, asked: &Asked, space_id: SpaceId) -> Result<Opened, Fail> {
        Self::open_with(db, asked, space_id, None, None).await
    }

    /// The same together with a layout version, and (where it will be asked for in one stretch of time) with what stands
    /// around there.
    pub async fn open_with(
        db: &Db,
        asked: &Asked,
        space_id: SpaceId,
        version_id: Option<LayoutVersionId>,
        reach: Option<Span>,
    ) -> Result<Opened, Fail> {
        let tx = db.transaction().await?;
        let conn = tx.conn();
        let only_once = asked.only_once.as_ref();
        let key = only_once.map(|once| once.key.as_str());
        let user = match &asked.by {
            Asker::Product => UserId(uuid::Uuid::nil()),
            Asker::Shows(claims) => claims.subject(),
            Asker::Visitor(id) => *id,
        };
        let by = async {
            Ok(match &asked.by {
                Asker::Product => Some(By::Product),
                Asker::Shows(Claims::Guest(link)) => {
                    store::guest(conn, *link).await?.map(By::Guest)
                }
                Asker::Shows(claims) => {
                    let caller = identity::callers::caller_who_stays(conn, claims).await?;
                    caller.map(|caller| By::Caller(Box::new(caller)))
                }
                Asker::Visitor(_) => Some(By::Visitor),
            })
        };
        let around = async {
            match (version_id, reach) {
                (Some(id), Some(reach)) => {
                    store::rows_around_layout(conn, id, reach).await.map(Some)
                }
                _ => Ok(None),
            }
        };
        let ((), (), after, by, revision, deciders, around) = try_join!(
            tx.begin(),
            store::lock(conn, space_id),
            store::after_lock(conn, user, key),
            by,
            catalogue::store::revision(conn),
            store::deciders(conn, space_id),
            around,
        )?;
        let Some(by) = by else {
            tx.rollback().await?;
            return Err(Problem::new(match asked.by {
                Asker::Shows(Claims::Guest(_)) => Kind::GuestLinkNotValid,
                _ => Kind::NotSignedIn,
            })
            .into());
        };
        if let (Some(fingerprint), Some(status), Some(answer)) =
            (after.fingerprint, after.status, after.answer)
        {
            tx.rollback().await?;
            return match only_once {
                Some(once) if once.fingerprint == fingerprint => {
                    Ok(Opened::Answered { status, answer })
                }
                _ => Err(Problem::new(Kind::KeyReused).into()),
            };
        }
        let grounds = db.remembered::<Grounds>();
        let Some(ground) = grounds.at(conn, space_id, revision).await? else {
            tx.rollback().await?;
            return Err(Problem::field("space_id", "unknown").into());
        };
        let around = match (ground.layout(version_id), reach, around) {
            (Some(layout), Some(reach), Some(rows)) => Some(Expected {
                areas: layout.area_ids.iter().copied().collect(),
                reach,
                rows,
            }),
            _ => None,
        };
        let write = Write {
            tx,
            now: after.now,
            ground,
            deciders,
            by,
            changes: Changes::default(),
            around,
            only_once: only_once.map(|once| (user, once.clone())),
        };
        Ok(Opened::Write(Box::new(write)))
    }

    /// Plans which rows come and go, and what lapsed bookings give up on the way. Called once a write.
    pub async fn occupy(
        &mut self,
        areas: &AreaSet,
        reach: Span,
        mut intent: Intent,
    ) -> Result<(), Fail> {
        let mut areas = areas.clone();
        let mut reach = reach;
        let rows = loop {
            let rows = match self.around.take() {
                Some(read) if read.areas == areas && read.reach == reach => read.rows,
                _ => store::rows_around(self.tx.conn(), &areas, reach).await?,
            };
            let lapsed = lapsed_in(&rows, self.now, &mut intent);
            if lapsed.is_empty() {
                break rows;
            }
            for booking in store::bookings_locked(self.tx.conn(), &lapsed).await? {
                intent.lapsed.insert(booking.id);
                let offer = offer::take_back(self, booking.id, &intent.remove).await?;
                intent.remove.extend(offer.iter().map(|offer| offer.id));
                // their own neighbours are touched as well, in all their areas
                for going in [Some(&booking), offer.as_ref()].into_iter().flatten() {
                    areas = areas.iter().chain(going.area_ids.iter()).collect();
                    reach = hull(reach, going.taken());
                }
                self.expire(booking).await?;
            }
        };
        let chains = self.chains(&areas, rows);
        self.changes.plan = if self.ground.space.pool_id.is_some() {
            let found = self
                .plan_floor(&areas, &chains, reach, &intent, Some(LOOK_BACK))
                .await?;
            match found {
                Ok(plan) if plan.unresolved.is_empty() => plan,
                Err(refusal) if !matches!(refusal, Refusal::NoCrew { .. }) => {
                    return Err(Fail::Refused(Box::new(refusal)));
                }
                // perhaps a crew is free earlier than was looked at
                _ => self
                    .plan_floor(&areas, &chains, reach, &intent, None)
                    .await?
                    .map_err(|refusal| Fail::Refused(Box::new(refusal)))?,
            }
        } else {
            let around = Around::without_floor(self.now, chains);
            chain::plan(&around, &intent).map_err(|refusal| Fail::Refused(Box::new(refusal)))?
        };
        for (area_id, booking_id) in &self.changes.plan.unresolved {
            self.changes.tasks.push(NewTask {
                id: TaskId::new(),
                venue_id: self.ground.venue.id,
                kind: "changeover_missing".to_owned(),
                booking_id: Some(*booking_id),
                area_id: Some(*area_id),
                detail: json!({}),
            });
        }
        Ok(())
    }

    /// Puts a changeover elsewhere in its gap; refused where something is in its way there, its crew is not free, or
    /// blocks would be lacking.
    pub async fn put(
        &mut self,
        area_id: AreaId,
        id: OccupancyId,
        from: Span,
        to: Span,
    ) -> Result<(), Fail> {
        let areas: AreaSet = [area_id].into_iter().collect();
        let reach = hull(from, to);
        let rows = store::rows_around(self.tx.conn(), &areas, reach).await?;
        let chains = self.chains(&areas, rows);
        let around = floor(
            self.tx.conn(),
            &self.ground,
            self.now,
            &areas,
            &chains,
            reach,
            &[],
            None,
        )
        .await?;
        match chain::put(&around, id, to) {
            Some(Ok(plan)) => self.changes.plan = plan,
            Some(Err(refusal)) => return Err(Fail::Refused(Box::new(refusal))),
            None => return Err(Problem::new(Kind::NotFound).into()),
        }
        Ok(())
    }

    /// The names that a message about the booking shows: mostly known from the catalogue and the caller.
    pub async fn names(&self, booking: &Booking) -> Result<Names, Fail> {
        let known = booking
            .organisation_id
            .and_then(|id| Some(self.caller()?.member_of(id)?.name.clone()));
        Ok(Names::of(self.tx.conn(), &self.ground, booking, known).await?)
    }

    async fn expire(&mut self, booking: Booking) -> Result<(), Fail> {
        // a slot that goes with the booking that it was kept for is released already
        if self.changes.updated.iter().any(|it| it.id == booking.id) {
            return Ok(());
        }
        let Some((booking, line)) = lapse::give_up(booking, self.now) else {
            return Ok(());
        };
        if booking.state == State::Expired || booking.offer_for.is_some() {
            let names = self.names(&booking).await?;
            let draft = notice::to_requester(
                MessageKind::BookingExpired,
                &self.ground,
                &names,
                &booking,
                Says::default(),
            );
            self.changes.messages.push(draft);
        }
        self.changes.history.push(line);
        self.changes.updated.push(booking);
        Ok(())
    }

    fn chains(&self, areas: &AreaSet, rows: Vec<ChainRow>) -> BTreeMap<AreaId, AreaChain> {
        let initial = |id| {
            self.ground
                .areas
                .iter()
                .find(|area| area.id == id)
                .and_then(|area| area.initial_layout_version_id)
        };
        let mut chains: BTreeMap<_, _> = areas
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
        for ChainRow { row, .. } in rows {
            if let Some(chain) = chains.get_mut(&row.area_id) {
                chain.rows.push(row);
            }
        }
        chains
    }

    async fn plan_floor(
        &self,
        areas: &AreaSet,
        chains: &BTreeMap<AreaId, AreaChain>,
        reach: Span,
        intent: &Intent,
        look_back: Option<TimeDelta>,
    ) -> Result<Result<Plan, Refusal>, Fail> {
        let around = floor(
            self.tx.conn(),
            &self.ground,
            self.now,
            areas,
            chains,
            reach,
            &intent.place,
            look_back,
        )
        .await?;
        Ok(chain::plan(&around, intent))
    }

    /// Writes what was decided and commits. The answer is kept under the caller's key among the other writes.
    pub async fn commit(mut self, status: i16, answer: &str) -> Result<(), Fail> {
        if let Some((caller, once)) = self.only_once.take() {
            self.changes.kept = Some(Kept {
                caller,
                key: once.key,
                fingerprint: once.fingerprint,
                status,
                answer: answer.to_owned(),
            });
        }
        if self.by_staff() {
            let lines = self.changes.history.iter_mut();
            lines
                .filter(|line| line.actor_id.is_some())
                .for_each(|line| line.by_staff = true);
        }
        if let Err(error) = store::write(self.tx.conn(), &self.changes, self.now).await {
            self.tx.rollback().await?;
            return Err(error.into());
        }
        self.tx.commit().await?;
        Ok(())
    }
}

/// Everything that the rules need to know of a floor around a write.
#[allow(clippy::too_many_arguments)]
pub async fn floor(
    conn: &diesel_async::AsyncPgConnection,
    ground: &Ground,
    now: Instant,
    areas: &AreaSet,
    chains: &BTreeMap<AreaId, AreaChain>,
    reach: Span,
    place: &[NewRow],
    look_back: Option<TimeDelta>,
) -> Result<Around, DbError> {
    let Some(pool_id) = ground.space.pool_id else {
        return Ok(Around::without_floor(now, chains.clone()));
    };
    let rows = || chains.values().flat_map(|chain| &chain.rows);
    let begins = rows()
        .map(|row| row.span.start())
        .min()
        .map_or(now, |first| first.min(now))
        .min(reach.start());
    let ends: Vec<Instant> = rows()
        .filter(|row| matches!(row.what, What::Event { .. }))
        .map(|row| row.span.start())
        .chain(place.iter().map(|row| row.span.start()))
        .chain([reach.end()])
        .collect();
    let spans = searched(&ends, begins, look_back);
    // alone on its pool, and all of it asked for: no other area can want its blocks
    let alone = !ground.space.shares_pool
        && ground
            .areas
            .iter()
            .all(|area| areas.as_slice().contains(&area.id));
    let others = async {
        match alone {
            true => Ok(Vec::new()),
            false => store::others(conn, pool_id, areas, begins).await,
        }
    };
    let (crews, reads) = try_join!(store::crews(conn, pool_id, &spans), others)?;
    let mut others: BTreeMap<_, Timeline> = BTreeMap::new();
    for other in reads {
        let timeline = others.entry(other.area_id).or_default();
        match (other.during, other.from_version_id, other.to_version_id) {
            (Some(span), Some(from), Some(to)) => timeline.changes.push(Change { span, from, to }),
            (_, _, standing) => timeline.initial = standing,
        }
    }
    for timeline in others.values_mut() {
        timeline.changes.sort_by_key(|change| change.span);
    }
    let mut by_crew: BTreeMap<_, CrewTimes> = BTreeMap::new();
    for read in crews {
        let crew = by_crew.entry(read.crew_id).or_insert_with(|| CrewTimes {
            crew_id: read.crew_id,
            shifts: Vec::new(),
            jobs: Vec::new(),
        });
        match read.job_id {
            Some(job) => crew.jobs.push((job, read.during)),
            None => crew.shifts.push(read.during),
        }
    }
    Ok(Around {
        now,
        areas: chains.clone(),
        facts: ground.floor.clone(),
        crews: by_crew.into_values().collect(),
        others,
    })
}

/// The stretches in which crews are looked for: before each event, at first only a few days of it.
fn searched(ends: &[Instant], begins: Instant, look_back: Option<TimeDelta>) -> Vec<Span> {
    let last = ends.iter().max().copied().unwrap_or(begins);
    let Some(look_back) = look_back else {
        return Span::new(begins, last).into_iter().collect();
    };
    let mut spans: Vec<Span> = ends
        .iter()
        .filter_map(|end| Span::new((*end - look_back).max(begins.min(*end)), *end))
        .collect();
    spans.sort();
    // events close together are searched as one stretch, so that a busy week stays a short list
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start() <= last.end() => *last = hull(*last, span),
            _ => merged.push(span),
        }
    }
    merged
}

/// Bookings in these rows that have lapsed and are not yet given up by this write. One that goes anyway counts as
/// lapsed from here on, so that its changeovers never count as begun.
fn lapsed_in(rows: &[ChainRow], now: Instant, intent: &mut Intent) -> Vec<BookingId> {
    let mut found = BTreeSet::new();
    for read in rows
        .iter()
        .filter(|read| read.lapses_at.is_some_and(|at| at <= now))
    {
        if let What::Event { booking_id, .. } | What::Changeover { booking_id, .. } = read.row.what
        {
            if intent.remove.remove(&booking_id) {
                intent.lapsed.insert(booking_id);
            } else if !intent.lapsed.contains(&booking_id) {
                found.insert(booking_id);
            }
        }
    }
    found.into_iter().collect()
}

/// The shortest span that covers both.
pub fn hull(one: Span, two: Span) -> Span {
    Span::new(one.start().min(two.start()), one.end().max(two.end())).unwrap_or(one)
}
