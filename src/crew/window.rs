//! When a job may start, and when it must. Pure.

use chrono::TimeDelta;

use crate::span::{Instant, Span};

/// What a job lies between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// When what lies before it in its area ends; `None`: nothing does.
    pub area_free: Option<Instant>,
    /// When what lies after it in its area begins.
    pub area_wanted: Option<Instant>,
    /// The shift of its crew in which it lies; `None`: other shifts were made since.
    pub shift: Option<Span>,
    /// When the crew's job before it in that shift ends.
    pub crew_free: Option<Instant>,
    /// When the crew's job after it begins.
    pub crew_wanted: Option<Instant>,
}

/// When a job may start at the earliest, and when it must at the latest so that nothing after it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// `None`: at once.
    pub may_start: Option<Instant>,
    pub must_start: Instant,
}

/// The window of a job that is planned there and takes so many minutes. Where there is no room left, as the catalogue has
/// changed since, it is the plan itself.
pub fn window(planned: Span, required_min: i32, between: &Between) -> Window {
    let takes = TimeDelta::minutes(required_min.into());
    let free = [
        between.area_free,
        between.crew_free,
        between.shift.map(|shift| shift.start()),
    ];
    let wanted = [
        between.area_wanted,
        between.crew_wanted,
        between.shift.map(|shift| shift.end()),
    ];
    let may_start = free.into_iter().flatten().max();
    let ends = wanted.into_iter().flatten().min();
    let must_start = ends.map_or(planned.start(), |end| end - takes);
    Window {
        may_start: may_start.map(|at| at.min(planned.start())),
        must_start: must_start.max(planned.start()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(minute: i64) -> Instant {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    const ALONE: Between = Between {
        area_free: None,
        area_wanted: None,
        shift: None,
        crew_free: None,
        crew_wanted: None,
    };

    #[test]
    fn a_job_lies_between_its_neighbours_and_inside_its_shift() {
        let planned = Span::new(at(120), at(150)).unwrap();
        let shift = Span::new(at(30), at(600));
        let between = Between {
            area_free: Some(at(60)),
            area_wanted: Some(at(160)),
            shift,
            ..ALONE
        };
        let found = window(planned, 30, &between);
        assert_eq!((found.may_start, found.must_start), (Some(at(60)), at(130)));
        let busy = Between {
            crew_free: Some(at(100)),
            crew_wanted: Some(at(155)),
            ..between
        };
        let found = window(planned, 30, &busy);
        assert_eq!(
            (found.may_start, found.must_start),
            (Some(at(100)), at(125))
        );
        // the plan keeps what the catalogue takes away
        let cut = Between {
            shift: Span::new(at(130), at(140)),
            ..between
        };
        let found = window(planned, 30, &cut);
        assert_eq!(
            (found.may_start, found.must_start),
            (Some(at(120)), at(120))
        );
        let found = window(planned, 30, &ALONE);
        assert_eq!((found.may_start, found.must_start), (None, at(120)));
    }
}
