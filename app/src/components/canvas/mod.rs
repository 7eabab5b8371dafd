//! The drawing canvas with its tools.

mod keys;
mod pointer;
mod stage;
mod toolbar;

pub use keys::{HelpButton, HelpSheet, listen_to_keys};
pub use stage::Stage;
pub use toolbar::Toolbar;
