//! Sight-lines: which seats see the stage. In quarter modules, as seen facing the stage.

use super::turned::Turned;

/// The lines from an audience to the middle of the stage's front edge.
pub struct Sight {
    /// The middle of the stage's front edge.
    stage: (i64, i64),
    /// Rows with an obstacle between the stage's front edge and the back of the audience.
    hidden: Vec<Hidden>,
}

/// A row of the floor with an obstacle.
struct Hidden {
    row: i64,
    /// At a column: the obstacles in the columns below it.
    before: Vec<u32>,
}

impl Sight {
    /// The lines of sight of seats in rows from the stage's front to `back`, in columns from 0 to `across`.
    pub fn new(turned: &Turned, stage: (i64, i64), back: i64, across: i64) -> Self {
        let rows = stage.1 / 4..back;
        let hidden = rows.filter_map(|row| {
            let mut before = vec![0];
            let mut count = 0;
            for column in 0..across {
                count += u32::from(turned.obstacle(column, row));
                before.push(count);
            }
            (count > 0).then_some(Hidden { row, before })
        });
        Self {
            stage,
            hidden: hidden.collect(),
        }
    }

    /// Whether somebody on a seat with this centre, which is behind the stage's front edge, sees the stage:
    /// lat² ≤ 3·ax² (within ±60° of the stage's axis), and the open segment from the seat to the middle of the stage's
    /// front edge meets no open `#` cell.
    pub fn sees(&self, seat: (i64, i64)) -> bool {
        let lateral = seat.0 - self.stage.0;
        let axial = seat.1 - self.stage.1;
        lateral * lateral <= 3 * axial * axial
            && !self.hidden.iter().any(|row| self.meets(seat, row))
    }

    /// Whether the open segment from the seat to the stage meets an obstacle of this row.
    fn meets(&self, seat: (i64, i64), hidden: &Hidden) -> bool {
        // the part of the segment inside the row, in depth
        let from = (4 * hidden.row).max(self.stage.1);
        let to = (4 * hidden.row + 4).min(seat.1);
        if from >= to {
            return false;
        }
        // and across, times the segment's whole depth
        let axial = seat.1 - self.stage.1;
        let across =
            |deep: i64| self.stage.0 * axial + (seat.0 - self.stage.0) * (deep - self.stage.1);
        let (one, other) = (across(from), across(to));
        let (least, most) = (one.min(other), one.max(other));
        // the columns whose open cells it meets: a line along an edge between two meets neither
        let first = least.div_euclid(4 * axial);
        let end = -(-most).div_euclid(4 * axial);
        let before = |column: i64| {
            let column = column.clamp(0, hidden.before.len() as i64 - 1);
            hidden.before[column as usize]
        };
        first < end && before(end) > before(first)
    }
}
