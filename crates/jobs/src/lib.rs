//! Generations and their pictures, kept so that none is lost: one SQLite database, and a folder or bucket of pictures.
//!
//! ```text
//!                 claim                    finish
//!     submit -> waiting ----------> running -------> done
//!                 |  ^                 |  |
//!                 |  +-----------------+  +--------> failed
//!                 |   release, requeue    fail, or requeue after MAX_ATTEMPTS claims
//!                 |                    |
//!                 +---- cancel --------+-----------> cancelled
//! ```
//!
//! - The last three are final: nothing leaves them but [`Store::delete`], which is possible in every state.
//! - Each arrow is one statement that names the state it starts from. Whoever comes second (a job that is done after it
//!   was cancelled) changes nothing and is told so.
//! - No transaction is open while a picture is painted. Whoever claims a job has a [`Lease`] on it, renews it step by
//!   step, and shows it with all else: once it has run out the job waits again at its old place, or fails
//!   ([`Store::requeue`]), and who comes too late changes nothing. What is `running` when a store is opened was left
//!   behind by a server that ended: all its leases have run out.
//! - A picture is an object named by its job, its number and the claim it was painted under, so that no two pictures ever
//!   share a name. It is written whole before its row and removed after it; what a crash leaves between the two is swept
//!   when the store is opened.
//! - Jobs are given out fairly: clients take turns, short jobs come before long ones, none waits for ever
//!   ([`Store::submit`]); of one client so many run at once ([`ClaimLimits`]). Whoever comes without a name is one client with all
//!   others of its network that do ([`Origin`]).
//! - A job that lost an attempt is painted with none beside it, so that only the one that ends the server each time comes to
//!   [`MAX_ATTEMPTS`].
//! - A submission that is sent again under its [`Key`] is the job that it was before.
//! - What is over is deleted by age and size where the host wants it ([`Store::tidy`]).
//! - One [`Store`] has a folder at a time; a lock that ends with its process sees to it.
//!
//! How far a running job is, is not kept here: it changes with every step and means nothing after a restart.

mod bucket;
mod client;
mod error;
mod folder;
mod host;
mod job;
mod name;
mod pictures;
mod store;
mod worker;

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub use bucket::{Bucket, Keys};
pub use error::{StoreError, Trouble};
pub use host::{Counts, Retention};
pub use job::{
    Capacity, ClaimLimits, Claimed, Full, Job, JobPage, Key, Lease, NewJob, Origin, Status, Submission,
};
pub use name::{ClaimId, JobId, Owner, ShareToken};
pub use pictures::Place;
pub use store::{MAX_ATTEMPTS, Store};

/// Milliseconds of a clock that nobody sets, for leases, which end with the process.
pub fn lease_time() -> i64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_millis() as i64
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64)
}
