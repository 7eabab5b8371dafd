//! The run-length form of a layout: short, printable, and checked before anything is allocated.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Layout, LayoutError, MAX_REGIONS, NONE};

/// A layout as it crosses the network and lies in a picture's metadata.
///
/// `runs` lists the pixels in rows from the top left as runs of a decimal count (left out when 1) and a symbol:
/// `A` to `Z` and `a` to `f` are the regions 0 to 31, `-` is no region. `64A3BC` is 64 pixels of background, three of
/// region 1 and one of region 2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LayoutWire {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of regions, the background included.
    pub regions: u32,
    /// The runs.
    pub runs: String,
}

const SYMBOLS: &[u8; MAX_REGIONS] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";

impl From<&Layout> for LayoutWire {
    fn from(layout: &Layout) -> Self {
        let mut runs = String::new();
        for run in layout.pixels().chunk_by(|a, b| a == b) {
            if run.len() > 1 {
                runs.push_str(&run.len().to_string());
            }
            runs.push(SYMBOLS.get(usize::from(run[0])).map_or('-', |&symbol| char::from(symbol)));
        }
        Self { width: layout.width(), height: layout.height(), regions: layout.regions() as u32, runs }
    }
}

impl Serialize for Layout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        LayoutWire::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Layout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(&LayoutWire::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl TryFrom<&LayoutWire> for Layout {
    type Error = LayoutError;

    fn try_from(wire: &LayoutWire) -> Result<Self, LayoutError> {
        let expected = Self::check_size(wire.width, wire.height)?;
        let total = runs(&wire.runs).try_fold(0, |total: usize, run| Ok(total.saturating_add(run?.0)))?;
        if total != expected {
            let what =
                format!("they give {total} pixels where {} x {} need {expected}", wire.width, wire.height);
            return Err(LayoutError::Runs { at: wire.runs.len(), what });
        }
        let mut pixels = Vec::with_capacity(expected);
        for run in runs(&wire.runs) {
            let (count, index) = run?;
            pixels.resize(pixels.len() + count, index);
        }
        Self::new(wire.width, wire.height, wire.regions as usize, pixels)
    }
}

/// The runs of `text` as (count, index), each count at least 1.
fn runs(text: &str) -> impl Iterator<Item = Result<(usize, u8), LayoutError>> {
    let mut rest = text.bytes().enumerate().peekable();
    std::iter::from_fn(move || {
        let &(start, _) = rest.peek()?;
        let broken = |at, what: &str| Some(Err(LayoutError::Runs { at, what: what.to_owned() }));
        let mut count = None;
        while let Some((_, digit)) = rest.next_if(|(_, byte)| byte.is_ascii_digit()) {
            count =
                Some(count.unwrap_or(0usize).saturating_mul(10).saturating_add(usize::from(digit - b'0')));
        }
        if count == Some(0) {
            return broken(start, "a run of 0 pixels");
        }
        let Some((at, symbol)) = rest.next() else {
            return broken(start, "a count without a region");
        };
        let index = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'f' => symbol - b'a' + 26,
            b'-' => NONE,
            _ => return broken(at, "only digits, A to Z, a to f and - are allowed"),
        };
        Some(Ok((count.unwrap_or(1), index)))
    })
}
