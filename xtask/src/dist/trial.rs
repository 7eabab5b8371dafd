//! Unpacks an archive into an empty folder and paints a picture with what is in it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use ureq::Agent;

use crate::process::Server;

/// The first picture is done by then, on any machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// The pause between two polls.
const PAUSE: Duration = Duration::from_millis(200);

/// Fails unless the archive serves a page and paints a picture.
///
/// # Errors
/// What does not work.
pub fn run(archive: &Path) -> anyhow::Result<()> {
    let folder = env::temp_dir().join(format!("dense-diffusion-dist-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let tried = unpack(archive, &folder).and_then(|()| may_be_read(&folder)).and_then(|()| serve(&folder));
    fs::remove_dir_all(&folder)?;
    tried.context("the archive does not work")
}

fn unpack(archive: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--strip-components=1", "--file"]).arg(archive).arg("--directory").arg(folder);
    crate::process::run(tar.arg("--preserve-permissions"))
}

/// A service runs as a user of its own, who owns none of the files, so all must be able to read them.
fn may_be_read(folder: &Path) -> anyhow::Result<()> {
    #[cfg(unix)]
    for entry in fs::read_dir(folder)? {
        use std::os::unix::fs::PermissionsExt;
        let (path, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        let needed = if metadata.is_dir() { 0o555 } else { 0o444 };
        let mode = metadata.permissions().mode();
        ensure!(mode & needed == needed, "{} may not be read by all: mode {mode:o}", path.display());
        if metadata.is_dir() {
            may_be_read(&path)?;
        }
    }
    Ok(())
}

fn serve(folder: &Path) -> anyhow::Result<()> {
    let program = folder.join("bin").join(format!("dense-diffusion{}", env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    // As on a machine without any of our environment.
    command.env_clear().current_dir(folder);
    command.args(["serve", "--addr", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
    let server = Server::start(&mut command)?;
    paint(&server.url)
}

fn paint(url: &str) -> anyhow::Result<()> {
    wait_until_ready(url)?;
    let agent = agent();
    let page = agent.get(url).call()?;
    let (status, page) = (page.status(), page.into_body().read_to_string()?);
    ensure!(status == 200 && page.contains("<title>"), "no page: {page}");
    let taken = agent.post(format!("{url}/api/v1/jobs")).send_json(json!({
        "layout": { "runs": { "width": 8, "height": 8, "regions": 1, "runs": "64A" } },
        "regions": [{ "text": "" }],
        "prompt": "a cat",
        "steps": 2,
    }))?;
    let (head, mut body) = taken.into_parts();
    let job: Value = body.read_json()?;
    let id = job["id"].as_str().with_context(|| job.to_string())?;
    let cookie = head.headers.get("set-cookie").context("no cookie")?.to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default();
    let get = |path: &str| agent.get(format!("{url}/api/v1/jobs/{id}{path}")).header("cookie", cookie).call();
    wait("the picture", || {
        let job: Value = get("")?.into_body().read_json()?;
        match job["state"]["name"].as_str() {
            Some("done") => Ok(true),
            Some("waiting" | "running") => Ok(false),
            _ => bail!("{job}"),
        }
    })?;
    let mut picture = get("/pictures/0")?;
    ensure!(picture.body_mut().read_to_vec()?.starts_with(b"\x89PNG"), "no picture: {}", picture.status());
    Ok(())
}

/// Waits for the model of a server that is already listening.
///
/// # Errors
/// If it is not loaded in time.
pub fn wait_until_ready(url: &str) -> anyhow::Result<()> {
    let (agent, url) = (agent(), format!("{url}/readyz"));
    wait("the model", || Ok(agent.get(&url).call()?.status() == 200))
}

fn wait(what: &str, mut is_there: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let start = Instant::now();
    while !is_there()? {
        ensure!(start.elapsed() < PATIENCE, "{what} does not come");
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// An HTTP client for a server on this machine, past any proxy; an error status is an answer, too.
fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    config.timeout_global(Some(PATIENCE)).build().new_agent()
}
