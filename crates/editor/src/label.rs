//! Where region numbers are written.

use layout::NONE;

use crate::{Document, IndexMap, Point, RegionId};

/// Only every fourth row and column is examined: a number is larger than that.
const STEP: usize = 4;

impl Document {
    /// For each region with pixels, except the background: a point well inside it for its number, in map
    /// coordinates, and how much room there is around it, in pixels (0 for the thinnest).
    pub fn labels(&self) -> Vec<(RegionId, Point, f64)> {
        let map = self.map();
        let mut places = roomiest(map);
        let ids = || self.regions().map(|region| region.id).filter(|id| *id != RegionId::BACKGROUND);
        if ids().any(|id| places[usize::from(id.number())].is_none()) {
            add_thin(map, &mut places);
        }
        let label = |id: RegionId| {
            let (room, x, y) = places[usize::from(id.number())]?;
            let room = (f64::from(room) / 2.0 - 1.0).max(0.0) * STEP as f64;
            Some((id, Point::new(x as f64 + 0.5, y as f64 + 0.5), room))
        };
        ids().filter_map(label).collect()
    }
}

/// A place for each region's number, if it has any: the room, the column and the row.
type Places = [Option<(u32, usize, usize)>; 256];

/// Finds where there is most room in each region: twice the distance to the next cell of another region or
/// the map's edge, measured in two passes with steps of 2 and diagonals of 3 (Borgefors 1986). Of equal
/// places it is the one nearest to the middle of them all.
fn roomiest(map: &IndexMap) -> Places {
    let (columns, rows) = ((map.width() as usize).div_ceil(STEP), (map.height() as usize).div_ceil(STEP));
    // The cells with a border of no region, so that each has eight neighbours.
    let wide = columns + 2;
    let mut cells = vec![NONE; wide * (rows + 2)];
    for (y, cells) in (0..map.height()).step_by(STEP).zip(cells.chunks_exact_mut(wide).skip(1)) {
        for (cell, pixel) in cells[1..=columns].iter_mut().zip(map.row(y).iter().step_by(STEP)) {
            *cell = *pixel;
        }
    }
    let mut rooms = vec![0; cells.len()];
    // The most room of each region, how many places have it, and the sums of their columns and rows.
    let mut most = [(0, 0, 0, 0); 256];
    for y in 1..=rows {
        for at in y * wide + 1..=y * wide + columns {
            rooms[at] = near(&cells, &rooms, at, [at - 1, at - wide, at - wide - 1, at - wide + 1]);
        }
    }
    for y in (1..=rows).rev() {
        for at in (y * wide + 1..=y * wide + columns).rev() {
            let room =
                rooms[at].min(near(&cells, &rooms, at, [at + 1, at + wide, at + wide + 1, at + wide - 1]));
            rooms[at] = room;
            let (most, count, columns, rows) = &mut most[usize::from(cells[at])];
            if room > *most {
                (*most, *count, *columns, *rows) = (room, 0, 0, 0);
            }
            if room == *most {
                (*count, *columns, *rows) = (*count + 1, *columns + at % wide, *rows + y);
            }
        }
    }
    let mut places: Places = [None; 256];
    let mut distances = [usize::MAX; 256];
    for y in 1..=rows {
        for at in y * wide + 1..=y * wide + columns {
            let region = usize::from(cells[at]);
            let (most, count, columns, rows) = most[region];
            if rooms[at] == most {
                let x = at % wide;
                let distance = (x * count).abs_diff(columns) + (y * count).abs_diff(rows);
                if distance < distances[region] {
                    distances[region] = distance;
                    places[region] = Some((most, (x - 1) * STEP, (y - 1) * STEP));
                }
            }
        }
    }
    places
}

/// The room of a cell according to four of its neighbours: two beside it, then two diagonal ones. Inlined
/// even when optimizing for size, since it runs twice per cell.
#[inline(always)]
fn near(cells: &[u8], rooms: &[u32], at: usize, [a, b, c, d]: [usize; 4]) -> u32 {
    const EDGE: u32 = 2;
    let room = |next: usize, step: u32| if cells[next] == cells[at] { rooms[next] + step } else { EDGE };
    room(a, 2).min(room(b, 2)).min(room(c, 3)).min(room(d, 3))
}

/// Adds the first pixels of regions so thin that they lie between the cells.
fn add_thin(map: &IndexMap, places: &mut Places) {
    for y in 0..map.height() {
        let mut x = 0;
        for run in map.row(y).chunk_by(|a, b| a == b) {
            places[usize::from(run[0])].get_or_insert((0, x, y as usize));
            x += run.len();
        }
    }
}
