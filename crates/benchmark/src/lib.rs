//! The benchmark of the method: are the objects that a text names present, each in its own region?
//!
//! 1. [`Set`]: layouts with texts, as the original's validation set or ours, which also says what the objects are;
//! 2. [`Variant`]: the whole method, parts of it, one strength changed, or the plain model;
//! 3. [`Run`]: paints every item in every variant into a folder, from where the last run stopped;
//! 4. [`Evaluator`]: a segmenter, independent of the generator, classifies the pictures;
//! 5. [`score`]: compares what it saw with what was asked for;
//! 6. [`bootstrap`]: confidence intervals;
//! 7. [`Report`] as table, plot and JSON, and [`sheet`], the pictures themselves.
//!
//! # What is measured
//!
//! The evaluator gives each of 64 x 64 cells its likeliest kind and its likeliest colour. An object's *cells* are those of
//! its kind, its *mask* those of its region (the layout, by nearest neighbour, in the same 64 x 64).
//!
//! - **Object accuracy**: the share of objects that are present: those with at least [`MIN_CELLS`] cells.
//! - **Object-in-region accuracy**: the share of objects present with more than half of their cells in their
//!   mask.
//! - **IoU**: intersection over union of cells and mask, 0 for an absent object; the mean over a picture's
//!   objects, then over pictures, as in the original evaluation.
//! - **Colour binding**: the share of objects with a named colour that are present and whose cells show that
//!   colour more often than any other. An absent object is not bound.
//! - **Seconds**: the time per picture, from text to pixels.
//!
//! Regions that want the same kind (none in our sets) share its cells: each cell goes to the region that
//! contains it, or else to the nearest. So two dogs in one dog's region are one.
//!
//! A published item does not list its objects. Its regions other than the background are scored if their text
//! names exactly one kind that the evaluator knows; the rest have pictures and times only.
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
