//! Polygons, including those that intersect themselves.

use super::{Painter, first_center, fixed_point};
use crate::Point;

/// Where an edge crosses a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Crossing {
    row: i64,
    /// The first column to the right of the edge.
    column: i64,
    /// 1 on the way down, -1 on the way up.
    turn: i64,
}

/// Paints what the closed line through `points` winds around, however often (the non-zero rule).
pub(crate) fn polygon(painter: &mut Painter<'_>, points: &[Point]) {
    let points: Vec<(i64, i64)> = points.iter().copied().map(fixed_point).collect();
    let rows = i64::from(painter.height());
    let mut crossings = Vec::new();
    for (at, &point) in points.iter().enumerate() {
        edge(point, points[(at + 1) % points.len()], rows, &mut crossings);
    }
    crossings.sort_unstable();
    let mut winding = 0;
    for pair in crossings.windows(2) {
        winding += pair[0].turn;
        if winding != 0 {
            painter.clipped(pair[0].row, pair[0].column, pair[1].column);
        }
    }
}

/// Adds the crossings of an edge with the rows `0..rows`. Its upper end counts, its lower does not, so that
/// each row's turns sum to 0.
fn edge(from: (i64, i64), to: (i64, i64), rows: i64, crossings: &mut Vec<Crossing>) {
    let (upper, lower, turn) = if from.1 <= to.1 { (from, to, 1) } else { (to, from, -1) };
    let height = lower.1 - upper.1;
    let (first, end) = (first_center(upper.1, 1).max(0), first_center(lower.1, 1).min(rows));
    for row in first..end {
        let down = super::center(row) - upper.1;
        let column = first_center(upper.0 * height + (lower.0 - upper.0) * down, height);
        crossings.push(Crossing { row, column, turn });
    }
}
