//! Regions, masks, phrase binding and modulation strengths: pure functions for browser and server.
//!
//! What a user draws and writes becomes the plain arrays that the modulated attention takes:
//!
//! 1. [`Layout`]: an index map, each pixel in one region or in none, from colours or runs;
//! 2. [`LevelMasks`]: the regions of every cell of every resolution level of the UNet, as bit sets;
//! 3. [`bind`]: the tokens of the full text that each region's phrase claims;
//! 4. [`Modulation::strengths`]: how strongly each cell's attention is modulated at a step.
//!
//! The method is DenseDiffusion (Kim et al., ICCV 2023, arXiv 2308.12964), sections 3.2 and 3.3.
//! There is no DOM, clock, disk or image decoding here.

mod assign;
mod colors;
mod levels;
pub mod limits;
mod map;
mod masks;
mod modulation;
mod palette;
mod passage;
mod phrases;
mod picture;
mod strengths;
mod tokens;
mod wire;

pub use colors::CountedPicture;
pub use levels::level_sizes;
pub use map::{Layout, LayoutError, MAX_REGIONS, MAX_SIDE, NONE};
pub use masks::{Level, LevelMasks, MaskMode};
pub use modulation::{Modulation, ModulationSettings, OutOfRange, RegionSettings};
pub use passage::words;
pub use phrases::{BindError, BindProblem, Binding, FullText, Occurrence, Phrase, Replacement, bind};
pub use picture::{ColorMatch, MERGE_TOLERANCE, Picture, RegionColor};
pub use strengths::{LevelStrengths, StepStrengths};
pub use tokens::TokenCount;
pub use wire::LayoutWire;
