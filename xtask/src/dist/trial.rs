//! Unpacks an archive into an empty folder and paints a picture with what is in it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::process::Server;

/// The first picture is there by then, whatever the machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(200);

/// Fails unless the archive serves a page and paints a picture.
///
/// # Errors
/// Says what does not work.
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

/// A service runs as a user of its own, who owns none of the files.
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
    // As on a machine that knows nothing of us.
    command.env_clear().current_dir(folder);
    command.args(["serve", "--addr", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
    let server = Server::start(&mut command)?;
    paint(&server.address)
}

fn paint(address: &str) -> anyhow::Result<()> {
    wait_until_ready(address)?;
    let page = ask(address, "GET", "/", "", "")?;
    ensure!(page.status == 200 && page.text().contains("<title>"), "no page: {}", page.text());
    let wanted = json!({
        "layout": { "runs": { "width": 8, "height": 8, "regions": 1, "runs": "64A" } },
        "regions": [{ "text": "" }],
        "prompt": "a cat",
        "steps": 2,
    });
    let taken = ask(address, "POST", "/api/v1/jobs", "", &wanted.to_string())?;
    let job: Value = serde_json::from_slice(&taken.body).with_context(|| taken.text())?;
    let (id, cookie) = (job["id"].as_str().with_context(|| taken.text())?, taken.cookie());
    let path = format!("/api/v1/jobs/{id}");
    wait("the picture", || {
        let job: Value = serde_json::from_slice(&ask(address, "GET", &path, &cookie, "")?.body)?;
        match job["state"]["name"].as_str() {
            Some("done") => Ok(true),
            Some("waiting" | "running") => Ok(false),
            _ => bail!("{job}"),
        }
    })?;
    let picture = ask(address, "GET", &format!("{path}/pictures/0"), &cookie, "")?;
    ensure!(picture.body.starts_with(b"\x89PNG"), "no picture: {}", picture.status);
    Ok(())
}

/// Waits for the model of a server that listens already.
///
/// # Errors
/// If it does not come.
pub fn wait_until_ready(address: &str) -> anyhow::Result<()> {
    wait("the model", || Ok(ask(address, "GET", "/readyz", "", "")?.status == 200))
}

fn wait(what: &str, mut is_there: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let start = Instant::now();
    while !is_there()? {
        ensure!(start.elapsed() < PATIENCE, "{what} does not come");
        thread::sleep(PAUSE);
    }
    Ok(())
}

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The cookie that came with it, to be sent back.
    fn cookie(&self) -> String {
        let line = self.head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        line.and_then(|line| line.split(';').next()).unwrap_or_default().to_owned()
    }
}

/// One request on a connection of its own; HTTP/1.0 has no chunks to put together.
fn ask(address: &str, method: &str, path: &str, cookie: &str, body: &str) -> anyhow::Result<Reply> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\ncookie: {cookie}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("no answer")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    Ok(Reply { status, head, body: bytes.split_off(end + 4) })
}
