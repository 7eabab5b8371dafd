//! Generations and their pictures, kept so that none is lost: one SQLite database and a folder of pictures.
//!
//! ```text
//!                 claim                    finish
//!     submit -> waiting ----------> running -------> done
//!                 |  ^                 |  |
//!                 |  +-----------------+  +--------> failed
//!                 |   release, recover    fail, or recover after MAX_ATTEMPTS claims
//!                 |                    |
//!                 +---- cancel --------+-----------> cancelled
//! ```
//!
//! - The last three are final: nothing leaves them but [`Store::delete`], which is possible in every state.
//! - Each arrow is one statement that names the state it starts from. Whoever comes second (a job that is done after it
//!   was cancelled) changes nothing and is told so.
//! - No transaction is open while a picture is painted. A job that is `running` when a store is opened was left behind
//!   by a server that ended; [`Store::recover`] lets it wait again at its old place, or fails it.
//! - A picture is a file named by the SHA-256 of its content, written whole before the database refers to it and removed
//!   after no job does any more; what a crash leaves between the two is swept when the store is opened.
//! - Jobs are given out fairly: clients take turns, short jobs come before long ones, none waits for ever
//!   ([`Store::submit`]).
//! - A submission that is sent again under its [`Key`] is the job that it was before.
//! - What is over is deleted by age and size where the host wants it ([`Store::tidy`]).
//! - One [`Store`] has a folder at a time; a lock that ends with its process sees to it.
//!
//! How far a running job is, is not kept here: it changes with every step and means nothing after a restart.

mod client;
mod error;
mod folder;
mod host;
mod job;
mod name;
mod pictures;
mod store;
mod worker;

pub use error::{StoreError, Trouble};
pub use host::{Counts, Keep};
pub use job::{Claimed, Job, JobPage, Key, NewJob, Room, Status, Submission};
pub use name::{JobId, Owner, ShareToken};
pub use store::{MAX_ATTEMPTS, Store};
