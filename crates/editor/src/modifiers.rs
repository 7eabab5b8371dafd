//! Shift, Alt, Ctrl.

/// The modifier keys held with something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// Shift: squares and circles.
    pub shift: bool,
    /// Alt: shapes from their middle; with a brush, picks the region.
    pub alt: bool,
    /// Ctrl or Command.
    pub command: bool,
}
