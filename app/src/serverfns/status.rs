//! The server's state, as the page shows it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the server is, and which model it would paint with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version, `major.minor.patch`.
    pub version: String,
    /// The loaded model, if any.
    pub model: Option<Model>,
}

/// A loaded checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// The folder's name or the hub id.
    pub name: String,
}

/// The server's state now; the server provides it as context of every request.
#[server(prefix = "/rpc", endpoint = "status", input = server_fn::codec::GetUrl)]
pub async fn read_status() -> Result<Status, ServerFnError> {
    use_context::<Status>().ok_or_else(|| ServerFnError::new("the server does not tell its state"))
}
