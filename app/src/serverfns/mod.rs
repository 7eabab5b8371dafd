//! What the browser asks the server, one function per file.

pub mod status;
