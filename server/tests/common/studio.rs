//! `dense-diffusion serve`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use api::State;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

#[allow(unused_imports, reason = "each test file uses a part")]
pub use super::client::{Client, Reply, Sent};
use super::{checkpoint, command};

/// A server on a free port.
pub struct Studio {
    process: Child,
    url: String,
    output: BufReader<std::process::ChildStdout>,
    metrics: Option<String>,
    _folder: TempDir,
}

impl Studio {
    /// With the checkpoint `shallow` and a data folder.
    pub fn start(data: &Path) -> Self {
        Self::with("--max-steps 1000", data, &checkpoint("shallow"))
    }

    pub fn with(flags: &str, data: &Path, model: &Path) -> Self {
        Self::wrapped(flags, data, model, |command| command)
    }

    /// Started as `wrap` makes it of the plain command.
    pub fn wrapped(flags: &str, data: &Path, model: &Path, wrap: impl FnOnce(Command) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        std::fs::create_dir_all(site.join("pkg/0123")).unwrap();
        std::fs::write(site.join("pkg/0123/dense-diffusion.wasm"), "").unwrap();
        // What lies beside it is none of its files.
        std::fs::write(folder.path().join("secret"), "secret of the host").unwrap();
        let flags = format!("serve --addr 127.0.0.1:0 {flags}");
        let command = command(&flags, &[&"--data", &data, &"--model", &model, &"--site", &site]);
        let mut process = wrap(command).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        Self { process, url: address(&line), output, metrics: None, _folder: folder }
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What Prometheus reads, of a server that was told to say it.
    pub fn metrics(&mut self) -> String {
        Self::metrics_at(&self.metrics_address())
    }

    /// Where it says so.
    pub fn metrics_address(&mut self) -> String {
        let output = &mut self.output;
        let read = || {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            address(&line)
        };
        self.metrics.get_or_insert_with(read).clone()
    }

    pub fn metrics_at(address: &str) -> String {
        ureq::get(address).call().unwrap().body_mut().read_to_string().unwrap()
    }

    /// The status and the body of what is answered to this path, sent as it is.
    pub fn raw(&self, path: &str) -> (u16, String) {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Somebody who has not been here before.
    pub fn client(&self) -> Client {
        self.patient(Duration::from_secs(120))
    }

    /// The same, who waits for an answer for so long.
    pub fn patient(&self, patience: Duration) -> Client {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.timeout_global(Some(patience)).build().new_agent();
        Client { agent, url: self.url.clone(), cookie: None }
    }

    /// Somebody who was a client of the server before.
    pub fn returning(&self, client: Client) -> Client {
        Client { cookie: client.cookie, ..self.client() }
    }

    /// Ends it as a crash does.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end, waits until it has, and says whether it ended well.
    pub fn interrupt(self) -> bool {
        self.signal("TERM")
    }

    /// The same by another signal.
    pub fn signal(mut self, name: &str) -> bool {
        let kill = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(kill.unwrap().success());
        self.process.wait().unwrap().success()
    }
}

/// The address in a line that the server prints.
fn address(line: &str) -> String {
    let url = line.split_whitespace().find(|word| word.starts_with("http://"));
    url.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned()
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Is that step done?
pub fn at_step(wanted: u32) -> impl Fn(&State) -> bool {
    move |state| matches!(state, State::Running { step, .. } if *step >= wanted)
}

/// A request for a picture that takes longer than any test: it is painted until it is cancelled.
pub fn endless() -> Value {
    let mut request = request(1000);
    (request["width"], request["height"]) = (256.into(), 256.into());
    request
}

/// A request for a small picture of two halves.
pub fn request(steps: u32) -> Value {
    json!({
        "layout": { "runs": { "width": 8, "height": 8, "regions": 2, "runs": "32A32B" } },
        "regions": [{ "text": "a desert" }, { "text": "a squirrel" }],
        "width": 64,
        "height": 64,
        "steps": steps,
        "seed": 7,
    })
}
