//! The wire type of a generation and its parsing into types that cannot be wrong
