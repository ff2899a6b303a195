//! Names of places: columns are lettered from the west, rows numbered from the north, as the tape on the real floor.

use crate::layout::Rect;

/// The letters of a column: A to Z, then AA, AB, …
pub fn column_name(x: i64) -> String {
    let mut letters = Vec::new();
    let mut left = x.max(0);
    loop {
        letters.push(char::from(b'A' + (left % 26) as u8));
        if left < 26 {
            return letters.into_iter().rev().collect();
        }
        left = left / 26 - 1;
    }
}

/// A cell's column and row: `(2, 11)` is C12.
pub fn cell_name(x: i64, y: i64) -> String {
    format!("{}{}", column_name(x), y + 1)
}

/// The north-west and the south-east cell of a rectangle.
pub fn corners(rect: &Rect) -> (String, String) {
    (
        cell_name(rect.left(), rect.top()),
        cell_name(rect.right() - 1, rect.bottom() - 1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_on_after_z() {
        let names = [0, 25, 26, 27, 51, 52, 701, 702].map(column_name);
        assert_eq!(names, ["A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
        assert_eq!(cell_name(2, 11), "C12");
    }
}
