//! The measure of the method: are the objects that a text names there, each in its own region?
//!
//! 1. [`Set`]: layouts with texts, as the original's validation set or ours, which also says what the objects are;
//! 2. [`Variant`]: the method as a whole, with parts of it left out, with one strength changed, or not at all;
//! 3. [`Run`]: paints every item in every variant into a folder, from where the last run stopped;
//! 4. [`Evaluator`]: a segmenter that knows nothing of the generator looks at the pictures;
//! 5. [`score`]: what it saw against what was asked for;
//! 6. [`bootstrap`]: how far the numbers could be chance;
//! 7. [`Report`] as table, plot and JSON, and [`sheet`], the pictures themselves.
//!
//! # What is measured
//!
//! The evaluator gives each of 64 x 64 cells its likeliest kind and its likeliest colour. An object's *cells* are those of
//! its kind, its *mask* those of its region (the layout, by nearest neighbour, in the same 64 x 64).
//!
//! - **Object accuracy**: the share of objects that are there. An object *is there* if it has at least [`MIN_CELLS`] cells.
//! - **Object-in-region accuracy**: the share of objects that are there and have more than half of their cells in their
//!   mask.
//! - **IoU**: cells and mask, intersection over union, 0 for an object that is not there; the mean over a picture's
//!   objects, then over pictures, as in the original evaluation.
//! - **Colour binding**: the share of the objects with a named colour that are there and whose cells show that colour more
//!   often than any other. An object that is not there is not bound.
//! - **Seconds**: the time of a whole picture, from text to pixels.
//!
//! Regions that want the same kind (none in our sets) share its cells: each cell goes to the region that it lies in, or
//! else to the nearest. So two dogs in one of two dogs' regions are one dog, and a dog between both goes to the closer.
//!
//! A published item does not say what its objects are. There a region other than the background is scored if its text
//! holds the name of exactly one kind that the evaluator knows; of the rest there are pictures and times only.
//!
//! Intervals are percentile bootstraps over pictures, since the objects of one picture are not independent. Every variant
//! paints an item from the same seed, so that differences and ratios are taken within the same resampled pictures.

pub mod bootstrap;
mod digest;
mod error;
mod evaluator;
mod judge;
mod metric;
mod pickle;
mod report;
mod run;
pub mod score;
mod set;
pub mod sheet;
mod sweep;
mod tuning;
mod variant;
mod wanted;

pub use digest::digest;
pub use error::{BenchmarkError, PaintError};
pub use evaluator::{Classes, Evaluator, GRID, Maps};
pub use judge::{Judged, judge};
pub use metric::{Metric, Share};
pub use pickle::{PickleError, read as read_pickle};
pub use report::{Report, Row, Sweep, Versus};
pub use run::{Job, Painter, Run, Settings};
pub use score::MIN_CELLS;
pub use set::{Item, Object, Set};
pub use sweep::{Axis, axes};
pub use tuning::{CONSTANTS, Tuned, tune};
pub use variant::{Method, Variant};
pub use wanted::{Wanted, wanted, wanted_by_texts};
