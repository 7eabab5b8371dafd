//! Clients of a server's API.

use std::io::{BufRead, BufReader, Read};

use api::{Event, Failure, Job, JobPage, State};
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Request, StatusCode};

/// A browser or program with one cookie at most.
#[derive(Clone)]
pub struct Client {
    pub agent: Agent,
    pub url: String,
    pub cookie: Option<String>,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of an answer with this status.
    pub fn json<T: DeserializeOwned>(&self, status: u16) -> T {
        assert_eq!(self.status, status, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// What is refused with this status, in words.
    pub fn refused(&self, status: u16) -> Failure {
        let failure: Failure = self.json(status);
        assert!(!failure.message.is_empty());
        failure
    }
}

impl Client {
    /// Asks for something below `/api/v1`, or elsewhere if the path begins with `!`.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Reply {
        self.send(method, path, headers, body).unwrap()
    }

    /// The same of a server that may end meanwhile.
    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Option<Reply> {
        self.send(method, path, headers, body).ok()
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, ureq::Error> {
        let url = match path.strip_prefix('!') {
            Some(path) => format!("{}{path}", self.url),
            None => format!("{}{}{path}", self.url, api::ROOT),
        };
        let mut request = Request::builder().method(method).uri(url);
        let cookie = self.cookie.as_deref().map(|cookie| ("cookie", cookie));
        let kind = body.map(|_| ("content-type", "application/json"));
        for (name, value) in headers.iter().copied().chain(cookie).chain(kind) {
            request = request.header(name, value);
        }
        let reply = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let (parts, mut body) = reply?.into_parts();
        Ok(Reply { status: parts.status, headers: parts.headers, body: body.read_to_vec()? })
    }

    /// With the cookie that a page gives.
    pub fn greeted(mut self) -> Self {
        let page = self.get("!/");
        self.cookie = page.header("set-cookie").and_then(|cookie| Some(cookie.split(';').next()?.to_owned()));
        self
    }

    /// The origin of the server's own pages.
    pub fn own_origin(&self) -> String {
        self.url.clone()
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, &[], Some(&body.to_string()))
    }

    /// Submits a request and keeps the cookie that comes with the first.
    pub fn submit(&mut self, request: &Value) -> Job {
        let reply = self.post("/jobs", request);
        if let Some(cookie) = reply.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        reply.json(201)
    }

    pub fn job(&self, job: &Job) -> Job {
        self.get(&format!("/jobs/{}", job.id.0)).json(200)
    }

    pub fn history(&self) -> Vec<Job> {
        self.get("/jobs").json::<JobPage>(200).jobs
    }

    /// All pages of it.
    pub fn whole_history(&self) -> Vec<Job> {
        let (mut jobs, mut path) = (Vec::new(), "/jobs?limit=100".to_owned());
        loop {
            let page: JobPage = self.get(&path).json(200);
            jobs.extend(page.jobs);
            match jobs.last() {
                Some(last) if page.more => path = format!("/jobs?limit=100&before={}", last.id.0),
                _ => return jobs,
            }
        }
    }

    pub fn cancel(&self, job: &Job) -> Reply {
        self.ask("POST", &format!("/jobs/{}/cancel", job.id.0), &[], None)
    }

    pub fn delete(&self, job: &Job) -> Reply {
        self.ask("DELETE", &format!("/jobs/{}", job.id.0), &[], None)
    }

    pub fn picture(&self, job: &Job, number: u32) -> Reply {
        self.get(&format!("/jobs/{}/pictures/{number}", job.id.0))
    }

    pub fn events(&self, job: &Job) -> Events {
        self.events_after(job, None)
    }

    /// The events of a job, as one asks who was cut off after the event `last`.
    pub fn events_after(&self, job: &Job, last: Option<u64>) -> Events {
        let mut request = self.agent.get(format!("{}{}/jobs/{}/events", self.url, api::ROOT, job.id.0));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let reply = request.call().unwrap();
        assert_eq!(reply.headers()["content-type"], "text/event-stream");
        Events(BufReader::new(Box::new(reply.into_body().into_reader())))
    }

    /// Waits until a job is final, and returns it.
    pub fn end(&self, job: &Job) -> Job {
        let last = self.events(job).last().unwrap_or_else(|| panic!("no events of {job:?}"));
        let Event::Job(job) = last.event else { panic!("{last:?} is last") };
        assert!(job.state.is_final(), "{job:?}");
        job
    }
}

/// A stream of server-sent events, to its end.
pub struct Events(BufReader<Box<dyn Read>>);

#[derive(Debug)]
pub struct Sent {
    pub id: u64,
    pub name: String,
    pub event: Event,
}

impl Events {
    /// The next state that is wanted; fails if the events end before.
    pub fn reach(&mut self, wanted: impl Fn(&State) -> bool) -> Sent {
        self.find(|sent| matches!(&sent.event, Event::Job(job) if wanted(&job.state))).unwrap()
    }
}

impl Iterator for Events {
    type Item = Sent;

    fn next(&mut self) -> Option<Sent> {
        let (mut id, mut name, mut data) = (None, None, None);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", value)) => id = Some(value.parse().unwrap()),
                Some(("event", value)) => name = Some(value.to_owned()),
                Some(("data", value)) => data = Some(serde_json::from_str(value).unwrap()),
                Some(other) => panic!("{other:?}"),
                // The end of an event, or a heartbeat's.
                None if data.is_none() => {}
                None => return Some(Sent { id: id?, name: name?, event: data? }),
            }
        }
    }
}
