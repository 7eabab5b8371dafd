//! The picture in the full-size viewer.

use api::Job;

/// A picture in full size: its job and sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The job.
    pub job: Job,
    /// Which of its pictures.
    pub sample: u32,
    /// What it is compared with.
    pub beside: Option<Beside>,
}

/// What a picture is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Beside {
    /// The plain model's picture of the same seed.
    Plain,
    /// The picture at this address, of which some regions were repainted.
    Before(String),
}
