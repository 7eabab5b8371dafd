//! How the server is.

use serde::{Deserialize, Serialize};

/// The server's state; it answers at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    /// The program's version, `major.minor.patch`.
    pub version: String,
    /// The name of the model that is loaded; none while it is being loaded, or if there is none.
    pub model: Option<String>,
    /// Why there will be no model, as whoever runs the server would have to know.
    #[serde(default)]
    pub problem: Option<String>,
}
