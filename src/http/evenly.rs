//! Answers whose time says nothing: what is done differs a little with what there is, the answer comes with the next
//! tenth of a second all the same.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

const BEAT: Duration = Duration::from_millis(100);

/// When a request began.
pub struct Evenly(Instant);

impl Evenly {
    /// Now.
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// Waits for the next beat since then.
    pub async fn wait(self) {
        sleep_until(self.0 + next_beat(self.0.elapsed())).await;
    }
}

fn next_beat(elapsed: Duration) -> Duration {
    let beats = elapsed.as_millis() / BEAT.as_millis() + 1;
    BEAT.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_done_in_a_tenth_of_a_second_takes_the_same() {
        for elapsed in [0, 1, 50, 99] {
            assert_eq!(next_beat(Duration::from_millis(elapsed)), BEAT);
        }
        assert_eq!(next_beat(BEAT), BEAT * 2);
    }
}
