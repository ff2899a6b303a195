//! Refusals in the caller's words. The public learns why, never whose booking is in the way.

use super::chain::{Refusal, What};
use super::policy::Breach;
use crate::catalogue::{Ground, SpaceKind};
use crate::http::problem::{Arg, FieldError, Kind, Problem, Reason};
use crate::id::BookingId;

/// Why a slot is refused, as far as everybody may know.
pub fn reason(refusal: &Refusal) -> Reason {
    match refusal {
        Refusal::Taken {
            by: What::Closure { .. },
            ..
        } => Reason::new("closed"),
        Refusal::Taken { .. } => Reason::new("taken"),
        Refusal::ChangeoverRunning { .. } => Reason::new("changeover_running"),
        Refusal::ChangeoverTooLong {
            needed_min,
            free_min,
            ..
        } => Reason::new("changeover_too_long")
            .with("needed", Arg::Number(*needed_min))
            .with("free", Arg::Number(*free_min)),
        Refusal::NoCrew { needed_min, .. } => {
            Reason::new("no_crew").with("needed", Arg::Number(*needed_min))
        }
        Refusal::NoTime { .. } => Reason::new("no_changeover_time"),
        Refusal::BlocksShort(shortage) => Reason::new("blocks_short")
            .with("needed", Arg::Number(shortage.needed))
            .with("available", Arg::Number(shortage.in_service)),
    }
}

/// The problem of a slot that is taken, or whose changeover does not fit. Staff see which booking is in the way, but for
/// the one that they write about (`own`).
pub fn slot(refusal: &Refusal, for_staff: bool, own: Option<BookingId>) -> Problem {
    let mut problem = Problem::new(Kind::SlotTaken).because(vec![reason(refusal)]);
    if for_staff
        && let Refusal::Taken {
            by: What::Event { booking_id, .. },
            ..
        }
        | Refusal::ChangeoverTooLong {
            leads_to: booking_id,
            ..
        }
        | Refusal::NoCrew {
            leads_to: booking_id,
            ..
        } = refusal
        && Some(*booking_id) != own
    {
        problem.in_the_way = vec![booking_id.0];
    }
    problem
}

/// The problem of a wish that the policy refuses.
pub fn policy(breaches: Vec<Breach>) -> Problem {
    Problem::new(Kind::PolicyRefused)
        .because(breaches.into_iter().map(|breach| breach.reason).collect())
}

/// More people than the layout or the space takes.
pub fn too_many(cap: i32) -> Problem {
    let args = vec![("most", Arg::Number(cap.into()))];
    Problem::fields(vec![FieldError {
        field: "attendance".to_owned(),
        code: "above_capacity",
        args,
    }])
}

/// A space that cannot be booked as a whole: sessions, counters and loans are offered in another way.
pub fn not_bookable(ground: &Ground) -> Problem {
    let name = Arg::Both(ground.space.name_zh.clone(), ground.space.name_en.clone());
    let code = match ground.space.kind {
        SpaceKind::Sessions => "sessions_only",
        SpaceKind::Counter => "counter_only",
        SpaceKind::Station => "station_only",
        SpaceKind::Reconfigurable | SpaceKind::Room => "not_active",
    };
    Problem::new(Kind::SpaceNotBookable)
        .with("space", name)
        .because(vec![Reason::new(code)])
}
