//! Where a region's number is written.

use crate::{Document, Point, RegionId};

/// Every fourth row and column is looked at: a number is larger than that.
const STEP: usize = 4;

impl Document {
    /// For each region with pixels, the background but for: a place well inside of it for its number, in map
    /// coordinates, and how much room there is around it, in pixels (0 for the thinnest).
    pub fn labels(&self) -> Vec<(RegionId, Point, f64)> {
        let map = self.map();
        let (width, height) = (map.width() as usize, map.height() as usize);
        let (columns, rows) = (width.div_ceil(STEP), height.div_ceil(STEP));
        let cell = |at: usize| map.pixels()[at / columns * STEP * width + at % columns * STEP];
        let cells: Vec<u8> = (0..columns * rows).map(cell).collect();
        let rooms = rooms(&cells, columns);
        let mut best: [Option<(u32, usize)>; 256] = [None; 256];
        for (at, (&region, &room)) in cells.iter().zip(&rooms).enumerate() {
            let best = &mut best[usize::from(region)];
            if best.is_none_or(|(most, _)| room > most) {
                *best = Some((room, at));
            }
        }
        let label = |id: RegionId| {
            let (room, x, y) = match best[usize::from(id.number())] {
                Some((room, at)) => (room, at % columns * STEP, at / columns * STEP),
                // So thin that it lies between the cells.
                None => {
                    let at = map.pixels().iter().position(|&pixel| pixel == id.number())?;
                    (0, at % width, at / width)
                }
            };
            let room = (f64::from(room) / 2.0 - 1.0).max(0.0) * STEP as f64;
            Some((id, Point::new(x as f64 + 0.5, y as f64 + 0.5), room))
        };
        self.regions()
            .map(|region| region.id)
            .filter(|id| *id != RegionId::BACKGROUND)
            .filter_map(label)
            .collect()
    }
}

/// Twice the distance of each cell to the next cell of another region or the map's edge, measured in two passes with
/// steps of 2 and diagonals of 3 (Borgefors 1986).
fn rooms(cells: &[u8], columns: usize) -> Vec<u32> {
    let (rows, edge) = (cells.len() / columns, 2);
    let mut rooms = vec![0; cells.len()];
    let near = |rooms: &[u32], (x, y): (usize, usize), steps: &[(isize, isize, u32)]| {
        let from = |&(dx, dy, length): &(isize, isize, u32)| {
            let next = x.checked_add_signed(dx).filter(|x| *x < columns).zip(y.checked_add_signed(dy));
            let next = next.filter(|(_, y)| *y < rows).map(|(x, y)| y * columns + x);
            match next {
                Some(next) if cells[next] == cells[y * columns + x] => rooms[next] + length,
                _ => edge,
            }
        };
        steps.iter().map(from).min().unwrap_or(edge)
    };
    let places = || (0..cells.len()).map(|at| (at, (at % columns, at / columns)));
    for (at, place) in places() {
        rooms[at] = near(&rooms, place, &[(-1, 0, 2), (0, -1, 2), (-1, -1, 3), (1, -1, 3)]);
    }
    for (at, place) in places().rev() {
        rooms[at] = rooms[at].min(near(&rooms, place, &[(1, 0, 2), (0, 1, 2), (1, 1, 3), (-1, 1, 3)]));
    }
    rooms
}
