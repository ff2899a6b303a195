//! The minutes that a changeover is given in the plan (3-layouts.md, "Published minutes").

/// The published minutes of a changeover that a crew needs `makespan_s` for: a fifth more, ten minutes on top for chairs
/// and cables, rounded up to five, and never below the space's plain turnaround (in minutes). Between different versions
/// only; a version again takes the plain turnaround.
pub fn published(makespan_s: u64, plain_turnaround: u32) -> u64 {
    // ⌈(makespan·1.2/60 + 10)/5⌉ = ⌈(makespan + 500)/250⌉
    let fives = makespan_s.saturating_add(500).div_ceil(250);
    (fives.saturating_mul(5)).max(u64::from(plain_turnaround))
}

#[cfg(test)]
mod tests {
    use super::published;

    #[test]
    fn minutes_are_rounded_up_to_five_and_never_below_the_turnaround() {
        assert_eq!(published(0, 10), 10);
        assert_eq!(published(1, 10), 15);
        assert_eq!(published(250, 10), 15);
        assert_eq!(published(251, 10), 20);
        assert_eq!(published(1735, 10), 45);
        assert_eq!(published(1750, 10), 45);
        assert_eq!(published(1751, 10), 50);
        assert_eq!(published(250, 30), 30);
        assert_eq!(published(u64::MAX, 10) % 5, 0);
    }
}
