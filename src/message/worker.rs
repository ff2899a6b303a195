//! The worker that empties the outbox. Any number of them may run, in any number of processes; each may be killed
//! at any instant: what it had claimed is claimed again when the lease ends, and goes out under the same Message-ID.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::account::{self, AccountLetter};
use super::care::FailureReason;
use super::delivery::{self, DIGEST, Due, Turn, WaitsFor, Wishes};
use super::digest::{self, DigestLetter};
use super::mail::{self, Letter, Picture, Unwritable};
use super::store::{self, Claimed};
use super::transport::Undelivered;
use super::{MessageKind, Sender, Transport};
use crate::catalogue::pictures;
use crate::db::{Db, DbError};
use crate::language::Locale;
use crate::span::Instant;

/// How many mails are on their way at once.
const SLOTS: usize = 8;
/// How often the outbox is looked at when nobody says that there is something in it.
const POLL: Duration = Duration::from_secs(1);
/// A claim's life: longer than the longest try, with room for the database.
const LEASE: Duration = Duration::from_secs(120);
/// One mail at most, whatever the transport does. Shorter than the lease, so that no second worker begins meanwhile.
const LIMIT: Duration = Duration::from_secs(100);
/// What is under way at shutdown may take this long; then its lease is left to end.
const DRAIN: Duration = Duration::from_secs(5);

const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// 30 s, 1 min, … 17 h, then daily: the fifteenth try is more than three days after the first.
const LAST_TRY: i32 = 15;

const _: () =
    assert!(super::smtp::LONGEST.as_secs() < LIMIT.as_secs() && LIMIT.as_secs() < LEASE.as_secs());

/// Everything that a worker needs.
#[derive(Clone)]
pub struct Worker {
    pub db: Db,
    pub transport: Arc<Transport>,
    pub sender: Arc<Sender>,
    /// Told when messages were written: they go out at once instead of at the next look.
    pub wake: Arc<Notify>,
}

impl Worker {
    /// Starts the worker; it ends when `stop` becomes true or its sender is gone, after what is under way.
    pub fn spawn(self, stop: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(self.run(stop))
    }

    async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut under_way = JoinSet::new();
        while !*stop.borrow() {
            let claimed = self.claim(SLOTS - under_way.len()).await;
            for claim in claimed {
                under_way.spawn(self.clone().deliver(claim));
            }
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                // a slot is free again, and the next message to the same reader no longer waits
                Some(_) = under_way.join_next() => {}
                () = self.wake.notified(), if under_way.len() < SLOTS => {}
                () = sleep(POLL), if under_way.len() < SLOTS => {}
            }
        }
        let drained = async { while under_way.join_next().await.is_some() {} };
        if timeout(DRAIN, drained).await.is_err() {
            tracing::warn!("mails under way at shutdown are left to the next worker");
        }
        self.transport.close().await;
    }

    async fn claim(&self, free: usize) -> Vec<Claimed> {
        if free == 0 {
            return Vec::new();
        }
        let claimed = async {
            let conn = self.db.conn().await?;
            Ok::<_, DbError>(store::claim(&conn, free, LEASE).await?)
        };
        claimed.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the outbox cannot be read");
            Vec::new()
        })
    }

    /// What becomes of one message that is due.
    async fn deliver(self, claim: Claimed) {
        let done = match whose_turn(&claim) {
            Turn::Send => return self.send(claim).await,
            Turn::Wait(waits_for, until) => self.postpone(&claim, waits_for, until).await,
            Turn::Gather => self.gather(&claim).await,
            Turn::Mute => self.drop_silently(&claim, "muted").await,
            Turn::Overtaken => self.drop_silently(&claim, "overtaken").await,
        };
        if let Err(error) = done {
            // the lease ends and it is asked again
            tracing::warn!(message = %claim.id, %error, "what becomes of a mail could not be written");
        }
    }

    async fn postpone(
        &self,
        claim: &Claimed,
        waits_for: WaitsFor,
        until: Instant,
    ) -> Result<(), DbError> {
        let conn = self.db.conn().await?;
        Ok(store::postpone(&conn, claim, waits_for, until).await?)
    }

    async fn gather(&self, claim: &Claimed) -> Result<(), DbError> {
        let conn = self.db.conn().await?;
        if let Some(reader) = claim.recipient_id {
            store::gather(&conn, reader).await?;
        }
        self.wake.notify_one();
        Ok(())
    }

    async fn drop_silently(&self, claim: &Claimed, state: &'static str) -> Result<(), DbError> {
        let conn = self.db.conn().await?;
        Ok(store::drop_silently(&conn, claim, state).await?)
    }

    /// One try of one message, and what became of it.
    async fn send(self, claim: Claimed) {
        let outcome = timeout(LIMIT, self.attempt(&claim))
            .await
            .unwrap_or_else(|_| Err(Undelivered::Later("no end in time".to_owned())));
        let outcome = match outcome {
            Ok(()) => Outcome::Sent,
            Err(Undelivered::Later(reason)) if claim.tries >= LAST_TRY => {
                Outcome::Failed(FailureReason::GaveUp, reason)
            }
            Err(Undelivered::Later(reason)) => Outcome::Later(reason),
            Err(Undelivered::AddressRefused(reason)) => {
                Outcome::Failed(FailureReason::AddressRefused, reason)
            }
            Err(Undelivered::Refused(reason)) => {
                Outcome::Failed(FailureReason::MailRefused, reason)
            }
        };
        // answers of mail servers quote addresses: they are kept in the row, not in the log
        match &outcome {
            Outcome::Sent => tracing::info!(message = %claim.id, kind = claim.kind, "mail sent"),
            Outcome::Later(_) => {
                tracing::warn!(message = %claim.id, kind = claim.kind, tries = claim.tries, "mail not sent yet");
            }
            Outcome::Failed(..) => {
                tracing::warn!(message = %claim.id, kind = claim.kind, tries = claim.tries, "mail undeliverable");
            }
        }
        count(&outcome);
        if let Err(error) = self.record(&claim, &outcome).await {
            // the lease ends and the message is tried again: at least once is what was promised
            tracing::warn!(message = %claim.id, %error, "what became of a mail could not be written");
        }
    }

    async fn attempt(&self, claim: &Claimed) -> Result<(), Undelivered> {
        let picture = self.picture(claim).await?;
        let setting = setting(claim, picture)?;
        let sender = self.sender.clone();
        // setting a mail takes milliseconds, which requests on this thread should not wait for
        let mail = tokio::task::spawn_blocking(move || setting(&sender))
            .await
            .map_err(|error| Undelivered::Later(error.to_string()))?
            .map_err(|error| match error {
                Unwritable::Address => Undelivered::AddressRefused(error.to_string()),
                Unwritable::Fault(_) => Undelivered::Later(error.to_string()),
            })?;
        self.transport.send(claim.id, claim.created_at, &mail).await
    }

    /// How the space will look, where the message shows that. The same one at every try: it is drawn once.
    async fn picture(&self, claim: &Claimed) -> Result<Option<Picture>, Undelivered> {
        let shown = MessageKind::from_name(&claim.kind).filter(|kind| kind.shows_layout());
        let version = claim.payload.get("layout_version_id");
        let version = version.and_then(|id| serde_json::from_value(id.clone()).ok());
        let (Some(_), Some(version)) = (shown, version) else {
            return Ok(None);
        };
        let row = pictures::in_mails(&self.db, version)
            .await
            .map_err(|error| Undelivered::Later(error.to_string()))?;
        let locale = Locale::from_tag(&claim.locale);
        Ok(row.map(|row| Picture {
            alt: locale.pick(&row.alt_zh, &row.alt_en).to_owned(),
            png: row.png,
        }))
    }

    async fn record(&self, claim: &Claimed, outcome: &Outcome) -> Result<(), DbError> {
        let conn = self.db.conn().await?;
        match outcome {
            Outcome::Sent => store::sent(&conn, claim.id).await?,
            Outcome::Later(reason) => {
                store::retry(&conn, claim, wait(claim.tries, rand::random()), reason).await?;
            }
            Outcome::Failed(failure, reason) => {
                store::failed(&conn, claim, *failure, reason).await?;
            }
        }
        Ok(())
    }
}

/// What one try came to.
enum Outcome {
    Sent,
    Later(String),
    Failed(FailureReason, String),
}

/// Whether it goes out now, by what its reader and its venue wish.
fn whose_turn(claim: &Claimed) -> Turn {
    let facts = |name: &str| claim.payload.get(name);
    let instant = |value: Option<&Value>| value?.as_str()?.parse().ok();
    let zone = claim
        .time_zone
        .as_deref()
        .and_then(|zone| zone.parse().ok());
    let wishes = Wishes {
        off: claim.off.clone(),
        digest_at: claim.digest_at,
        quiet: claim
            .quiet_hours
            .clone()
            .and_then(|quiet| serde_json::from_value(quiet).ok()),
        zone: zone.unwrap_or(Tz::UTC),
    };
    let due = Due {
        kind: &claim.kind,
        useless_from: instant(facts("decide_by"))
            .or_else(|| instant(facts("during").and_then(|during| during.get("start")))),
        waited_for: claim.waited_for,
        overtaken: claim.overtaken,
    };
    delivery::turn(due, &wishes, claim.now)
}

/// What makes a mail of a message.
type Setting = Box<dyn FnOnce(&Sender) -> Result<lettre::Message, Unwritable> + Send>;

/// A row as what will set it. What this version cannot read may have been written by a newer one: it waits for that.
fn setting(claim: &Claimed, picture: Option<Picture>) -> Result<Setting, Undelivered> {
    let (id, written_at, to) = (claim.id, claim.created_at, claim.email.clone());
    let locale = Locale::from_tag(&claim.locale);
    if claim.kind == DIGEST {
        let facts = facts(claim)?;
        let letter = DigestLetter {
            id,
            locale,
            to,
            facts,
            written_at,
        };
        return Ok(Box::new(move |sender| digest::render(&letter, sender)));
    }
    if let Ok(kind) = claim.kind.parse() {
        let letter = AccountLetter {
            id,
            kind,
            locale,
            to,
            facts: facts(claim)?,
            written_at,
        };
        return Ok(Box::new(move |sender| account::render(&letter, sender)));
    }
    let kind = MessageKind::from_name(&claim.kind)
        .ok_or_else(|| Undelivered::Later(format!("unknown kind {}", claim.kind)))?;
    let letter = Letter {
        id,
        kind,
        locale,
        to,
        facts: facts(claim)?,
        written_at,
        picture,
    };
    Ok(Box::new(move |sender| mail::render(&letter, sender)))
}

fn facts<T: DeserializeOwned>(claim: &Claimed) -> Result<T, Undelivered> {
    serde_json::from_value(claim.payload.clone())
        .map_err(|error| Undelivered::Later(format!("unreadable facts: {error}")))
}

/// How long to wait after the `tries`-th try: doubling, up to a day, a fifth more or less so that messages that
/// failed together do not come back together.
fn wait(tries: i32, chance: f64) -> Duration {
    let doublings = u32::try_from(tries - 1).unwrap_or(0).min(16);
    let plain = FIRST_WAIT.saturating_mul(1 << doublings);
    plain.mul_f64(0.8 + 0.4 * chance).min(LONGEST_WAIT)
}

fn count(outcome: &Outcome) {
    let outcome = match outcome {
        Outcome::Sent => "sent",
        Outcome::Later(_) => "later",
        Outcome::Failed(..) => "failed",
    };
    metrics::counter!("mofang_mails_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_day_and_end_after_three() {
        assert_eq!(wait(1, 0.5), Duration::from_secs(30));
        assert_eq!(wait(4, 0.5), Duration::from_secs(240));
        assert_eq!(wait(13, 1.0), LONGEST_WAIT);
        assert_eq!(wait(i32::MAX, 1.0), LONGEST_WAIT);
        assert_eq!(wait(1, 0.0), Duration::from_secs(24));
        let all: Duration = (1..LAST_TRY).map(|tries| wait(tries, 0.5)).sum();
        let days = all.as_secs_f64() / LONGEST_WAIT.as_secs_f64();
        assert!((3.0..4.0).contains(&days), "{days}");
    }
}
