//! Durable storage of jobs and their pictures: one SQLite database, and a folder or bucket of pictures.
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
//! - The last three states are final: only [`Store::delete`], possible in every state, leaves them.
//! - Each arrow is one statement that names the state it starts from. Whoever comes second (say, a job
//!   finished after it was cancelled) changes nothing and is told so.
//! - No transaction is open while a picture is painted. A claim comes with a [`Lease`], which the worker
//!   renews step by step and presents with every write. Once it has expired, the job waits again at its old
//!   place, or fails ([`Store::requeue`]), and late writes change nothing. What is `running` when a store is
//!   opened was left behind by a server that ended: all its leases have expired.
//! - A picture is an object named by its job, its number and its claim, so that no two pictures ever share a
//!   name. It is written whole before its row and removed after it; what a crash leaves between the two is
//!   swept when the store is opened.
//! - Scheduling is fair: clients take turns, short jobs precede long ones, none starves ([`Store::submit`]);
//!   the running jobs of one client are limited ([`ClaimLimits`]). All nameless clients of a network count as
//!   one ([`Origin`]).
//! - A job that lost an attempt is painted alone, so that only a job that crashes the server every time
//!   reaches [`MAX_ATTEMPTS`].
//! - A submission repeated with its [`Key`] is the same job.
//! - Ended jobs are deleted by age and size if the host wants it ([`Store::tidy`]).
//! - One [`Store`] holds a folder at a time, ensured by a lock that ends with its process.
//!
//! The progress of a running job is not stored: it changes with every step and means nothing after a restart.

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

/// Monotonic milliseconds, for leases, which end with the process.
pub fn lease_time() -> i64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_millis() as i64
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64)
}
