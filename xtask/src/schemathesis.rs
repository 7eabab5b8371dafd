//! `cargo xtask schemathesis`: requests of every kind, generated from the API's description.

use std::fs;
use std::process::Command;

use crate::place::Profile;
use crate::process::Server;
use crate::{dist, place, process, setup};

/// The tiny checkpoint of the tests.
const MODEL: &str = "fixtures/checkpoints/shallow";

/// What to try
#[derive(clap::Args)]
pub struct Args {
    /// Further arguments of `schemathesis run`
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Builds the server and tries it.
pub fn run(args: Args) -> anyhow::Result<()> {
    setup::run(setup::SCHEMATHESIS)?;
    process::build_server(Profile::Dev)?;
    try_server(&args.rest)
}

/// Sends a few requests of each kind, the same every time.
pub fn try_briefly() -> anyhow::Result<()> {
    try_server(
        &["--max-examples", "3", "--phases", "coverage,fuzzing", "--generation-deterministic"]
            .map(String::from),
    )
}

/// Starts the server that was built last, and tries it.
fn try_server(arguments: &[String]) -> anyhow::Result<()> {
    let folder = place::target().join("schemathesis");
    // An empty front end: pages are no part of the API.
    let (data, site) = (folder.join("data"), folder.join("site"));
    fs::create_dir_all(site.join("pkg"))?;
    fs::write(site.join("pkg/dense-diffusion.wasm"), "")?;
    let mut command = Command::new(place::server(Profile::Dev));
    command.args(["serve", "--addr", "127.0.0.1:0", "--requests-per-minute", "0", "--jobs-per-minute", "0"]);
    command.arg("--data").arg(data).arg("--site").arg(site).arg("--model").arg(place::root().join(MODEL));
    setup::with_library(&mut command)?;
    let server = Server::start(&mut command)?;
    dist::wait_until_ready(&server.url)?;
    let mut tool = Command::new(setup::Environment::tests().program("schemathesis"));
    // The excluded check wants everything accepted that the types allow.
    tool.args(["run", "--exclude-checks", "positive_data_acceptance"]).args(arguments);
    tool.arg(format!("{}/api/v1/openapi.json", server.url)).current_dir(&folder);
    process::run(&mut tool)
}
