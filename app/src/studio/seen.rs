//! The picture that is seen in full.

use api::Job;

/// A picture that is seen in full: the job's and the sample's.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The job.
    pub job: Job,
    /// Which of its pictures.
    pub sample: u32,
    /// What stands beside it.
    pub beside: Option<Beside>,
}

/// A picture that another is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Beside {
    /// What the plain model painted of the same seed.
    Plain,
    /// The picture at this address, of which some regions were painted anew.
    Before(String),
}
