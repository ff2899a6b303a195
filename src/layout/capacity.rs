//! Capacity: how many people a layout holds, by the room that they have and by the ways out.

use super::block::Purpose;
use super::rules::Rules;

/// What a layout's capacity rests on. The space's own cap applies on top and is not here.
pub struct Room {
    pub purpose: Purpose,
    /// n: the `.` cells of the escape region.
    pub cells: u64,
    /// e: the exit cells of the escape region.
    pub exit_cells: u64,
    /// m: the cells where spectators of a robot contest stand.
    pub spectator_cells: u64,
    /// Seats of a roadshow that see the stage.
    pub visible_seats: u64,
}

/// The people that the exits let out: ⌊60000·e/650⌋, 0.65 m of exit for 100 people.
pub fn exit_cap(exit_cells: u64, rules: &Rules) -> u64 {
    let exit_mm = exit_cells * u64::from(rules.exit_cell_mm);
    // of an exit of 4 billion kilometres nobody would miss the rest
    exit_mm.saturating_mul(100) / u64::from(rules.exit_mm_per_100.max(1))
}

/// The capacity of a layout. Densities are fixed.
pub fn capacity(room: &Room, rules: &Rules) -> u64 {
    let exit_cap = exit_cap(room.exit_cells, rules);
    match room.purpose {
        Purpose::Roadshow => room.visible_seats.min(exit_cap.saturating_mul(10) / 11),
        Purpose::Exhibition => (27 * room.cells / 100).min(exit_cap),
        Purpose::RobotContest => (36 * room.spectator_cells / 65).min(exit_cap),
        Purpose::Salon => (36 * room.cells / 140).min(exit_cap),
        Purpose::Open => (36 * room.cells / 65).min(exit_cap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(purpose: Purpose) -> Room {
        Room {
            purpose,
            cells: 900,
            exit_cells: 6,
            spectator_cells: 180,
            visible_seats: 400,
        }
    }

    #[test]
    fn each_purpose_has_its_density() {
        let capacity = |purpose| capacity(&room(purpose), &Rules::default());
        assert_eq!(capacity(Purpose::Roadshow), 400);
        assert_eq!(capacity(Purpose::Exhibition), 243);
        assert_eq!(capacity(Purpose::RobotContest), 99);
        assert_eq!(capacity(Purpose::Salon), 231);
        assert_eq!(capacity(Purpose::Open), 498);
    }

    #[test]
    fn exits_limit_every_purpose() {
        let rules = Rules::default();
        assert_eq!(exit_cap(1, &rules), 92);
        assert_eq!(exit_cap(6, &rules), 553);
        for purpose in Purpose::ALL {
            let narrow = Room {
                exit_cells: 1,
                ..room(purpose)
            };
            let expected = if purpose == Purpose::Roadshow { 83 } else { 92 };
            assert_eq!(capacity(&narrow, &rules), expected, "{purpose:?}");
            let none = Room {
                exit_cells: 0,
                ..room(purpose)
            };
            assert_eq!(capacity(&none, &rules), 0, "{purpose:?}");
        }
    }

    #[test]
    fn measures_beyond_reason_do_not_overflow() {
        let rules = Rules {
            exit_cell_mm: u32::MAX,
            exit_mm_per_100: 1,
            ..Rules::default()
        };
        let room = Room {
            exit_cells: 1_000_000,
            ..room(Purpose::Roadshow)
        };
        assert_eq!(capacity(&room, &rules), 400);
    }
}
