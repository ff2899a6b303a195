//! How many requests one caller may make in a minute, over all processes.
//!
//! No request asks the database for that. Each process counts in memory; once a second it adds what it has counted to rows
//! that all share, and reads there what the others have counted. Between two such meetings it lets no caller have more
//! than a quarter of a limit; whoever wants more waits for the next meeting, which is then held at once. So with `n`
//! processes a limit is exceeded by at most a quarter of it for each of them, and whoever stays below it never waits.
//! Where the database is away, each process counts for itself.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as ProcessTime, SystemTime, UNIX_EPOCH};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, ResponseError as _};
use diesel::sql_types::{Array, BigInt, Double, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl as _;
use tokio::sync::{Notify, watch};

use super::caller;
use super::problem::{Kind, Problem};
use super::server::App;
use crate::db::{Db, DbError, prepared};
use crate::id::UserId;
use crate::identity::Claims;
use crate::routes::Operation;

/// How often what was counted is put together.
const MEET: Duration = Duration::from_secs(1);
/// Whoever has to wait for a meeting waits no longer than this: the database is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many callers are told apart in a minute; further ones are counted as one.
const MOST_SUBJECTS: usize = 200_000;

/// Requests a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From one network address, without a sign-in.
    pub anonymous: u32,
    /// Of these, such as do something: sign in, register, follow a link.
    pub anonymous_acts: u32,
    /// Of one account, wherever it is signed in; of all programs at one network address.
    pub signed_in: u32,
}

impl Limits {
    /// Where nothing is said: far above what people do, far below what would hurt.
    pub const ASSUMED: Limits = Limits {
        anonymous: 6_000,
        anonymous_acts: 1_200,
        signed_in: 6_000,
    };

    fn of(&self, subject: Subject) -> u32 {
        match subject {
            Subject::Address(_) | Subject::Others => self.anonymous,
            Subject::Acts(_) => self.anonymous_acts,
            Subject::User(_) | Subject::Keys(_) => self.signed_in,
        }
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Subject {
    Address(IpAddr),
    Acts(IpAddr),
    User(UserId),
    /// A key is only known to be one once the database was asked.
    Keys(IpAddr),
    /// More than can be told apart.
    Others,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Address(address) => write!(f, "address:{address}"),
            Subject::Acts(address) => write!(f, "act:{address}"),
            Subject::User(user) => write!(f, "user:{user}"),
            Subject::Keys(address) => write!(f, "keys:{address}"),
            Subject::Others => f.write_str("others"),
        }
    }
}

/// What is known of one caller in this minute.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// Counted by all processes at the last meeting.
    shared: u32,
    /// Counted here, on its way to a meeting.
    under_way: u32,
    /// Counted here since.
    fresh: u32,
}

#[derive(Debug)]
struct State {
    /// Which minute is counted, since 1970.
    minute: i64,
    counts: HashMap<Subject, Count>,
    /// The database's clock: its time, in seconds, when the process's was that.
    clock: (f64, ProcessTime),
}

impl State {
    fn seconds(&self) -> f64 {
        self.clock.0 + self.clock.1.elapsed().as_secs_f64()
    }

    /// Begins a new minute where the old one is over; seconds that are left of it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn turn(&mut self) -> u64 {
        let seconds = self.seconds();
        let minute = (seconds / 60.0).floor() as i64;
        if minute != self.minute {
            self.minute = minute;
            self.counts.clear();
        }
        (60.0 - seconds.rem_euclid(60.0)).ceil() as u64
    }
}

/// What one request comes to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Admitted,
    /// The process's own share is used up: the others have to be asked.
    Ask,
    /// Seconds until the next minute.
    Refused(u64),
}

/// Counts requests: cheap to clone.
#[derive(Debug, Clone)]
pub struct Rates {
    limits: Limits,
    state: Arc<Mutex<State>>,
    /// Somebody waits for a meeting.
    wanted: Arc<Notify>,
    /// How many meetings there were.
    held: watch::Receiver<u64>,
}

impl Rates {
    /// Starts the task that puts together what is counted; it ends when the last clone is gone.
    pub fn start(db: Db, limits: Limits) -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let state = State {
            minute: 0,
            counts: HashMap::new(),
            clock: (since_1970.as_secs_f64(), ProcessTime::now()),
        };
        let (meetings, held) = watch::channel(0);
        let rates = Self {
            limits,
            state: Arc::new(Mutex::new(state)),
            wanted: Arc::default(),
            held,
        };
        tokio::spawn(run(
            db,
            Arc::downgrade(&rates.state),
            rates.wanted.clone(),
            meetings,
        ));
        rates
    }

    /// Lets a request in, or says how many seconds its caller should wait.
    async fn admit(&self, subject: Subject) -> Result<(), u64> {
        loop {
            let mut held = self.held.clone();
            held.mark_unchanged();
            match self.judge(subject) {
                Verdict::Admitted => return Ok(()),
                Verdict::Refused(seconds) => return Err(seconds),
                Verdict::Ask => {
                    self.wanted.notify_one();
                    if tokio::time::timeout(PATIENCE, held.changed())
                        .await
                        .is_err()
                    {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn judge(&self, subject: Subject) -> Verdict {
        let mut state = lock(&self.state);
        let left = state.turn();
        let full = state.counts.len() >= MOST_SUBJECTS;
        let subject = match state.counts.contains_key(&subject) {
            false if full => Subject::Others,
            _ => subject,
        };
        let limit = self.limits.of(subject);
        let count = state.counts.entry(subject).or_default();
        let own = count.under_way + count.fresh;
        if count.shared + own >= limit {
            Verdict::Refused(left.max(1))
        } else if own >= (limit / 4).max(1) {
            Verdict::Ask
        } else {
            count.fresh += 1;
            Verdict::Admitted
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn run(
    db: Db,
    state: std::sync::Weak<Mutex<State>>,
    wanted: Arc<Notify>,
    meetings: watch::Sender<u64>,
) {
    let mut swept = 0;
    loop {
        tokio::select! {
            () = tokio::time::sleep(MEET) => {}
            () = wanted.notified() => {}
        }
        let Some(state) = state.upgrade() else { return };
        let (minute, counted) = collect(&mut lock(&state));
        if !counted.is_empty() {
            let met = meet(&db, minute, &counted).await;
            if let Err(error) = &met {
                tracing::warn!(%error, "requests are counted by this process alone");
            }
            settle(&mut lock(&state), minute, &counted, met.unwrap_or_default());
            meetings.send_modify(|held| *held += 1);
        }
        if minute > swept && sweep(&db, minute - 1).await.is_ok() {
            swept = minute;
        }
    }
}

/// What was counted since the last meeting.
fn collect(state: &mut State) -> (i64, Vec<(Subject, u32)>) {
    state.turn();
    let counted = state
        .counts
        .iter_mut()
        .filter(|(_, count)| count.fresh > 0)
        .map(|(subject, count)| {
            count.under_way = std::mem::take(&mut count.fresh);
            (*subject, count.under_way)
        })
        .collect();
    (state.minute, counted)
}

/// After a meeting: what all have counted; without one, what was counted here.
fn settle(
    state: &mut State,
    minute: i64,
    counted: &[(Subject, u32)],
    (clock, shared): (Option<f64>, HashMap<String, i64>),
) {
    if let Some(clock) = clock {
        state.clock = (clock, ProcessTime::now());
    }
    if state.minute != minute {
        return;
    }
    for (subject, own) in counted {
        if let Some(count) = state.counts.get_mut(subject) {
            count.under_way = 0;
            count.shared = match shared.get(&subject.to_string()) {
                Some(all) => u32::try_from(*all).unwrap_or(u32::MAX),
                None => count.shared.saturating_add(*own),
            };
        }
    }
}

#[derive(QueryableByName)]
struct Shared {
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Double)]
    clock: f64,
}

/// Adds what was counted to what all have counted: the database's clock, and the sums.
async fn meet(
    db: &Db,
    minute: i64,
    counted: &[(Subject, u32)],
) -> Result<(Option<f64>, HashMap<String, i64>), DbError> {
    let mut rows: Vec<(String, i64)> = counted
        .iter()
        .map(|(subject, own)| (subject.to_string(), i64::from(*own)))
        .collect();
    // in the same order in every process, so that none waits for another in a circle
    rows.sort();
    let (subjects, counts): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let conn = db.conn().await?;
    let shared: Vec<Shared> = prepared(
        sql_query(
            "INSERT INTO request_count (subject, minute, count) SELECT subject, $3, count FROM unnest($1, $2) AS own (subject, count) \
             ON CONFLICT (subject, minute) DO UPDATE SET count = request_count.count + EXCLUDED.count \
             RETURNING subject, count, extract(epoch FROM clock_timestamp())::float8 AS clock",
        )
        .bind::<Array<Text>, _>(subjects)
        .bind::<Array<BigInt>, _>(counts)
        .bind::<BigInt, _>(minute),
    )
    .load(&mut &*conn)
    .await?;
    let clock = shared.last().map(|row| row.clock);
    let sums = shared.into_iter().map(|row| (row.subject, row.count));
    Ok((clock, sums.collect()))
}

/// Minutes that are over; never what others still count, whatever this process takes for the time.
async fn sweep(db: &Db, before: i64) -> Result<(), DbError> {
    let conn = db.conn().await?;
    prepared(sql_query("DELETE FROM request_count WHERE minute < least($1, floor(extract(epoch FROM clock_timestamp()) / 60)::bigint - 1)").bind::<BigInt, _>(before))
        .execute(&mut &*conn)
        .await?;
    Ok(())
}

/// Around every operation but those that watch the service itself: who asks too often is told when to come back.
pub async fn limited<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Ok(app) = caller::app(request.request())
        && let Some(subject) = subject(request.request(), app)
    {
        let rates = app.rates.clone();
        if let Err(seconds) = rates.admit(subject).await {
            let problem = Problem {
                retry_after_s: Some(seconds),
                ..Problem::new(Kind::TooManyRequests)
            };
            return Ok(request.into_response(problem.error_response()));
        }
    }
    next.call(request)
        .await
        .map(ServiceResponse::map_into_boxed_body)
}

fn subject(request: &HttpRequest, app: &App) -> Option<Subject> {
    let operation = caller::operation(request)?;
    if matches!(
        operation,
        Operation::HealthLive | Operation::HealthReady | Operation::Metrics
    ) {
        return None;
    }
    let address = || caller::address(request, app).map_or(Ipv6Addr::UNSPECIFIED.into(), network);
    // signing in, registering, links: whatever is shown along with it
    if operation.is_open() && operation.method() != Method::GET {
        return Some(Subject::Acts(address()));
    }
    Some(match caller::claims(request) {
        Ok(Some(Claims::SignIn(claims))) => Subject::User(claims.sub),
        // where no key reaches, anything may call itself one
        Ok(Some(Claims::Key(_))) if operation.scope().is_some() => Subject::Keys(address()),
        // a guest is nobody's account
        Ok(Some(Claims::Guest(_))) if operation.method() == Method::GET => {
            Subject::Address(address())
        }
        Ok(Some(Claims::Guest(_))) => Subject::Acts(address()),
        // what is forged or missing is nobody's
        _ if operation.method() == Method::GET => Subject::Address(address()),
        _ => Subject::Acts(address()),
    })
}

/// IPv6 customers have a /64 each: the same person has all of it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(limit: u32) -> Rates {
        let limits = Limits {
            anonymous: limit,
            anonymous_acts: limit,
            signed_in: limit,
        };
        let state = State {
            minute: 0,
            counts: HashMap::new(),
            // the middle of a minute, so that no test meets its end
            clock: (90.0, ProcessTime::now()),
        };
        Rates {
            limits,
            state: Arc::new(Mutex::new(state)),
            wanted: Arc::default(),
            held: watch::channel(0).1,
        }
    }

    fn admitted(rates: &Rates, subject: Subject) -> u32 {
        (0..)
            .find(|_| rates.judge(subject) != Verdict::Admitted)
            .unwrap()
    }

    #[test]
    fn a_process_lets_a_quarter_in_before_it_asks_and_all_of_them_no_more_than_that_too_many() {
        let subject = Subject::Address([203, 0, 113, 7].into());
        let other = Subject::Acts([203, 0, 113, 7].into());
        let rates = rates(100);
        assert_eq!(admitted(&rates, subject), 25);
        assert_eq!(rates.judge(subject), Verdict::Ask);
        assert_eq!(admitted(&rates, other), 25);
        let (minute, counted) = collect(&mut lock(&rates.state));
        assert_eq!((minute, counted.len()), (1, 2));
        // the others have counted 65 of the same caller
        let shared = HashMap::from([(subject.to_string(), 90), (other.to_string(), 25)]);
        settle(&mut lock(&rates.state), minute, &counted, (None, shared));
        assert_eq!(admitted(&rates, subject), 10);
        assert!(matches!(rates.judge(subject), Verdict::Refused(1..=30)));
        assert_eq!(rates.judge(other), Verdict::Admitted);
        // with the database away the process counts on
        let (minute, counted) = collect(&mut lock(&rates.state));
        settle(
            &mut lock(&rates.state),
            minute,
            &counted,
            Default::default(),
        );
        assert!(matches!(rates.judge(subject), Verdict::Refused(_)));
        // the next minute is a new one
        lock(&rates.state).clock.0 += 60.0;
        assert_eq!(rates.judge(subject), Verdict::Admitted);
    }

    #[test]
    fn a_network_is_one_caller() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
