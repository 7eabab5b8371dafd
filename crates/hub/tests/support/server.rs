//! As much of the hub's HTTP API as a download uses, and a record of what was asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use hub::HubConfig;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub const ID: &str = "owner/name";
/// What `ID` was called before: the hub redirects.
pub const OLD_ID: &str = "owner/old-name";

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub host: String,
    pub range: Option<String>,
    pub token: Option<String>,
}

/// What the hub holds and how it behaves.
pub struct State {
    pub files: BTreeMap<String, Vec<u8>>,
    /// Sizes and hashes in the listing; without, only names, as some mirrors do.
    pub hashes: bool,
    /// Every request but those of the storage needs it.
    pub token: Option<&'static str>,
    /// Answer every request for a file so: status, X-Error-Code.
    pub refuse_files: Option<(u16, &'static str)>,
    /// Answer every request so: status, X-Error-Code.
    pub refuse_all: Option<(u16, &'static str)>,
    /// For each coming answer of a storage file: after how many of its bytes the connection breaks.
    pub cuts: Vec<usize>,
    pub ignore_range: bool,
    /// What the storage sends instead of a file's content.
    pub forged: BTreeMap<String, Vec<u8>>,
    pub listing: Option<String>,
    pub requests: Vec<Request>,
}

pub struct Hub {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Hub {
    pub fn with(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            files,
            hashes: true,
            token: None,
            refuse_files: None,
            refuse_all: None,
            cuts: Vec::new(),
            ignore_range: false,
            forged: BTreeMap::new(),
            listing: None,
            requests: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared, port));
            }
        });
        Self { port, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The requests since the last call.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().requests)
    }

    pub fn config(&self, cache: &Path) -> HubConfig {
        HubConfig {
            endpoint: format!("http://127.0.0.1:{}", self.port),
            cache: cache.to_owned(),
            token: None,
            offline: false,
        }
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

fn git_blob(bytes: &[u8]) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(format!("blob {}\0", bytes.len()).as_bytes());
    context.update(bytes);
    hex::encode(context.finish())
}

fn is_lfs(path: &str) -> bool {
    path.ends_with(".safetensors")
}

fn etag(path: &str, bytes: &[u8]) -> String {
    if is_lfs(path) { sha256(bytes) } else { git_blob(bytes) }
}

fn serve(stream: TcpStream, shared: &Mutex<State>, port: u16) {
    let Some(request) = read_request(&stream) else {
        return;
    };
    let mut state = shared.lock().unwrap();
    state.requests.push(request.clone());
    let reply = answer(&mut state, &request, port);
    drop(state);
    reply.send(stream, request.method == "HEAD");
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": ").map(|(k, v)| (k.to_lowercase(), v.to_owned())))
        .collect();
    Some(Request {
        method,
        path,
        host: headers.get("host").cloned().unwrap_or_default(),
        range: headers.get("range").cloned(),
        token: headers.get("authorization").cloned(),
    })
}

#[derive(Default)]
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    cut: Option<usize>,
}

impl Reply {
    fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn send(self, mut stream: TcpStream, is_head: bool) {
        let mut head = format!("HTTP/1.1 {} Any\r\nConnection: close\r\n", self.status);
        head += &format!("Content-Length: {}\r\n", self.body.len());
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let sent = if is_head { &[][..] } else { &self.body[..self.cut.unwrap_or(self.body.len())] };
        // The client may have gone: its own affair.
        let _ = stream.write_all(format!("{head}\r\n").as_bytes());
        let _ = stream.write_all(sent);
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn answer(state: &mut State, request: &Request, port: u16) -> Reply {
    if let Some(path) = request.path.strip_prefix("/storage/") {
        return content(state, request, path);
    }
    if let Some((status, reason)) = state.refuse_all {
        return Reply::new(status, "").header("X-Error-Code", reason);
    }
    if state.token.is_some_and(|token| request.token != Some(format!("Bearer {token}"))) {
        return Reply::new(401, "{\"error\":\"Invalid username or password.\"}")
            .header("X-Error-Code", "RepoNotFound");
    }
    if request.path.contains(OLD_ID) {
        return Reply::new(307, "").header("Location", request.path.replace(OLD_ID, ID));
    }
    if request.path == format!("/api/models/{ID}/revision/main?blobs=true") {
        let listing = state.listing.clone().unwrap_or_else(|| listing(state));
        return Reply::new(200, listing).header("Content-Type", "application/json");
    }
    let Some(path) = request.path.strip_prefix(&format!("/{ID}/resolve/{COMMIT}/")) else {
        let reason = if request.path.contains(ID) { "RevisionNotFound" } else { "RepoNotFound" };
        return Reply::new(404, "").header("X-Error-Code", reason);
    };
    if let Some((status, reason)) = state.refuse_files {
        return Reply::new(status, "").header("X-Error-Code", reason);
    }
    let Some(bytes) = state.files.get(path) else {
        return Reply::new(404, "").header("X-Error-Code", "EntryNotFound");
    };
    if is_lfs(path) {
        let (tag, size) = (format!("\"{}\"", etag(path, bytes)), bytes.len().to_string());
        return Reply::new(302, "")
            .header("Location", format!("http://localhost:{port}/storage/{path}"))
            .header("X-Repo-Commit", COMMIT)
            .header("X-Linked-Etag", tag)
            .header("X-Linked-Size", size);
    }
    let tag = format!("\"{}\"", etag(path, bytes));
    let path = path.to_owned();
    content(state, request, &path).header("ETag", tag).header("X-Repo-Commit", COMMIT)
}

fn listing(state: &State) -> String {
    let siblings: Vec<_> = state
        .files
        .iter()
        .map(|(path, bytes)| match (state.hashes, is_lfs(path)) {
            (false, _) => serde_json::json!({ "rfilename": path }),
            (true, false) => {
                serde_json::json!({ "rfilename": path, "size": bytes.len(), "blobId": git_blob(bytes) })
            }
            (true, true) => serde_json::json!({
                "rfilename": path, "size": bytes.len(), "blobId": git_blob(b"pointer"),
                "lfs": { "sha256": sha256(bytes), "size": bytes.len(), "pointerSize": 134 },
            }),
        })
        .collect();
    serde_json::json!({ "id": ID, "sha": COMMIT, "siblings": siblings }).to_string()
}

fn content(state: &mut State, request: &Request, path: &str) -> Reply {
    let bytes = state.forged.get(path).or_else(|| state.files.get(path)).cloned().unwrap_or_default();
    let range = request.range.as_ref().filter(|_| !state.ignore_range);
    let first =
        range.map(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().unwrap());
    let mut reply = match first {
        Some(first) => Reply::new(206, &bytes[first..])
            .header("Content-Range", format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len())),
        None => Reply::new(200, bytes),
    };
    if is_lfs(path) && !state.cuts.is_empty() {
        reply.cut = Some(state.cuts.remove(0));
    }
    reply
}
