//! What clients are told while the server cannot keep anything.

use jobs::Trouble;

/// In words, without what only the host should know.
pub fn told(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Locked => "The server is busy with its database: try again.",
        Trouble::Full => "The server's disk is full: nothing new is taken in until its host has made room.",
        Trouble::Away => "The storage of the server's pictures does not answer: try again.",
    }
}
