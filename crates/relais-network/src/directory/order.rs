//! In which order entries are numbered. Those of one cell of the grid stand
//! side by side, so that a search from a point reads what lies together; the
//! number also decides between equals, and so that no corner of the country is
//! always before the others, the cells stand in no order of their own.

use crate::ServiceId;
use crate::place::Point;

/// Side of a cell, degrees: about 28 km at the equator.
const CELL: f64 = 0.25;

/// Cells from one pole to the other, and around the Earth.
const ROWS: i32 = 720;
const COLUMNS: i32 = 1440;

/// Above all cells.
const APART: u32 = 1 << 20;

/// Odd, so that no two numbers become one.
const SCATTER: u32 = 0x9e37_79b1;

/// The first half of an entry's turn, before its id: the same for all entries
/// of a cell, and for no others. An entry without a distance has one by itself.
pub(super) fn turn(point: Option<Point>, id: ServiceId) -> u32 {
    let number = match point {
        Some(point) => {
            #[expect(clippy::cast_possible_truncation, reason = "at most ±720")]
            let (row, column) = ((point.lat / CELL).floor() as i32, (point.lon / CELL).floor() as i32);
            // The pole and the 180th degree belong to the last cells.
            let row = (row + ROWS / 2).clamp(0, ROWS - 1);
            let column = (column + COLUMNS / 2).clamp(0, COLUMNS - 1);
            (row * COLUMNS + column).unsigned_abs()
        }
        None => {
            let [.., a, b, c, d] = *id.0.as_bytes();
            APART | (u32::from_be_bytes([a, b, c, d]) % APART)
        }
    };
    number.wrapping_mul(SCATTER)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::ids::derived;

    #[test]
    fn each_cell_has_a_turn_of_its_own() {
        let id = |n: usize| ServiceId(derived("service", "made-up", &n.to_string()));
        let mut seen = HashSet::new();
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let at = |part: f64| {
                    let (row, column) = (f64::from(row) + part, f64::from(column) + part);
                    Point::new(row * CELL - 90.0, column * CELL - 180.0)
                };
                let first = turn(at(0.1), id(1));
                assert_eq!(first, turn(at(0.9), id(2)), "{row} {column}");
                assert!(seen.insert(first), "{row} {column}");
            }
        }
        assert!(seen.contains(&turn(Point::new(90.0, 180.0), id(1))));
        for n in 0..10_000 {
            assert!(!seen.contains(&turn(None, id(n))));
        }
    }
}
