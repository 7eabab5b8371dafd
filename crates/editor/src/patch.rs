//! The other side of a change to the map.

use layout::NONE;

use crate::Rect;
use crate::map::IndexMap;
use crate::runs::{Writer, read};

/// The pixels before a change or, once that is undone, after it. Applying it swaps the two, so that undo and
/// redo are one operation.
#[derive(Debug)]
pub(crate) enum Patch {
    /// For a map whose size stays: the pixels of a rectangle, [`NONE`] where nothing changes.
    Pixels { rect: Rect, runs: Box<[u8]> },
    /// For a map whose size changes.
    Whole { width: u32, height: u32, runs: Box<[u8]> },
}

impl Patch {
    /// What turns `after` back into `before`, which differ only within `rect`; `None` if they are equal.
    pub(crate) fn between(before: &IndexMap, after: &IndexMap, rect: Rect) -> Option<Self> {
        if (before.width(), before.height()) != (after.width(), after.height()) {
            return Some(Self::whole(before));
        }
        let rect = rect.intersection(&after.rect());
        let (mut writer, mut changed) = (Writer::default(), false);
        for y in rect.y..rect.bottom() {
            let old = before.span(y, rect.x, rect.right());
            let new = after.span(y, rect.x, rect.right());
            if old == new {
                writer.push(NONE, old.len());
                continue;
            }
            changed = true;
            for (&old, &new) in old.iter().zip(new) {
                writer.push(if old == new { NONE } else { old }, 1);
            }
        }
        changed.then(|| Self::Pixels { rect, runs: writer.finish() })
    }

    fn whole(map: &IndexMap) -> Self {
        let mut writer = Writer::default();
        for run in map.pixels().chunk_by(|a, b| a == b) {
            writer.push(run[0], run.len());
        }
        Self::Whole { width: map.width(), height: map.height(), runs: writer.finish() }
    }

    /// Applies itself to `map` and becomes what reverts that; returns where.
    pub(crate) fn swap(&mut self, map: &mut IndexMap) -> Rect {
        match self {
            Self::Pixels { rect, runs } => {
                *runs = swap_pixels(*rect, runs, map);
                *rect
            }
            Self::Whole { width, height, runs } => {
                let old = Self::whole(map);
                let pixels =
                    read(runs).flat_map(|(value, count)| std::iter::repeat_n(value, count)).collect();
                *map = IndexMap::from_pixels(*width, *height, pixels);
                *self = old;
                map.rect()
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Pixels { runs, .. } | Self::Whole { runs, .. } => runs.len(),
        }
    }
}

fn swap_pixels(rect: Rect, runs: &[u8], map: &mut IndexMap) -> Box<[u8]> {
    let mut old = Writer::default();
    let (mut x, mut y) = (rect.x, rect.y);
    for (value, mut count) in read(runs) {
        while count > 0 {
            let end = rect.right().min(x.saturating_add(count as u32));
            let length = (end - x) as usize;
            if value == NONE {
                old.push(NONE, length);
            } else {
                let span = map.span_mut(y, x, end);
                for run in span.chunk_by(|a, b| a == b) {
                    old.push(run[0], run.len());
                }
                span.fill(value);
            }
            count -= length;
            (x, y) = if end == rect.right() { (rect.x, y + 1) } else { (end, y) };
        }
    }
    old.finish()
}
