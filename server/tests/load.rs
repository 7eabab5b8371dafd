//! Many clients at once.
//!
//! The short form runs with the other tests and times nothing. The full one, a benchmark, paces the clients, prints its figures and
//! holds them to what is wanted:
//! `DENSE_DIFFUSION_CLIENTS=200 cargo test --release -p server --test load -- --nocapture`
//! (a server of 200 clients with 10 jobs each, of which more than 500 are watched, wants `ulimit -n 4096`).
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use api::{Event, Job, State};
use common::checkpoint;
use common::studio::{Client, Studio, request};

const JOBS: usize = 10;
const STEPS: u32 = 10;
/// Of three jobs in five somebody watches the events: of 2,000 jobs more than 500 at once, as long as they come faster than
/// they are painted.
const WATCHED: [usize; 6] = [0, 1, 3, 5, 7, 9];
/// Between two submissions of whichever clients: they come one after the other, faster than they are painted.
const GAP: Duration = Duration::from_millis(20);
/// For the last of all jobs.
const PATIENCE: Duration = Duration::from_secs(3600);
const STACK: usize = 256 << 10;
/// From so many clients on it is the full form.
const FULL: usize = 200;
/// Milliseconds in which 99 of 100 submissions are answered by a release build.
const QUICK: f64 = 50.0;
/// Streams of events that are open at once.
const STREAMS: usize = 500;

/// Times that something took, in milliseconds.
#[derive(Default)]
struct Times(Mutex<Vec<f64>>);

impl Times {
    fn take<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.0.lock().unwrap().push(start.elapsed().as_secs_f64() * 1e3);
        done
    }

    /// Says how long it took, and returns within what 99 of 100 were done.
    fn say(&self, what: &str) -> f64 {
        let mut times = self.0.lock().unwrap();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let (half, most) = (at(0.5), at(0.99));
        println!("{what}: {} times, median {half:.1} ms, 99 % within {most:.1} ms", times.len());
        most
    }
}

/// One of the server's measurements.
fn value(metrics: &str, name: &str) -> f64 {
    let name = format!("dense_diffusion_{name} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
}

/// Submits a job whenever one of its moments comes, or all at once, watches some, and returns all when they are over.
fn client(client: Client, submits: &Times, moments: impl Iterator<Item = Option<Instant>>) -> Vec<Job> {
    thread::scope(|scope| {
        for (n, moment) in moments.enumerate() {
            if let Some(moment) = moment {
                thread::sleep(moment.saturating_duration_since(Instant::now()));
            }
            let reply = submits.take(|| client.post("/jobs", &request(STEPS)));
            let job: Job = reply.json(201);
            if WATCHED.contains(&n) {
                let client = &client;
                let watch = move || {
                    let last = client.events(&job).last().unwrap();
                    assert!(matches!(last.event, Event::Job(job) if job.state == State::Done));
                };
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, watch).unwrap();
            }
        }
    });
    let all = client.whole_history();
    all.iter().map(|job| client.end(job)).collect()
}

#[test]
fn of_many_clients_at_once_none_loses_a_job() {
    let clients: usize = std::env::var("DENSE_DIFFUSION_CLIENTS").map_or(6, |count| count.parse().unwrap());
    let is_full = clients >= FULL;
    let data = tempfile::tempdir().unwrap();
    let flags = "--jobs-per-minute 0 --requests-per-minute 0 --max-queue 100000 --max-jobs-per-address 0 --connections-per-address 0 --metrics-addr 127.0.0.1:0";
    let mut studio = Studio::with(flags, data.path(), &checkpoint("shallow"));
    let mut first = studio.patient(PATIENCE);
    let ready = first.submit(&request(1));
    first.end(&ready);
    let address = studio.metrics_address();
    let (streams, memories) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let all: Vec<Client> = (0..clients).map(|_| studio.patient(PATIENCE).greeted()).collect();
    let start = Instant::now();
    let (submits, pages, over) = (Times::default(), Times::default(), AtomicBool::new(false));
    let mut waits: Vec<f64> = thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                assert_eq!(pages.take(|| first.get("!/")).status, 200);
                let metrics = Studio::metrics_at(&address);
                streams.fetch_max(value(&metrics, "watchers") as usize, Ordering::Relaxed);
                memories.lock().unwrap().push(value(&metrics, "memory_bytes") / 1e6);
                if is_full {
                    thread::sleep(GAP);
                }
            }
        });
        let work = |n: usize, who: Client| {
            let submits = &submits;
            let moments = (0..JOBS).map(move |job| is_full.then(|| start + GAP * (job * clients + n) as u32));
            let work = move || client(who, submits, moments);
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap()
        };
        let working: Vec<_> = all.into_iter().enumerate().map(|(n, who)| work(n, who)).collect();
        let waits = working.into_iter().map(|client| {
            let jobs = client.join().unwrap();
            assert_eq!(jobs.len(), JOBS, "nothing is lost");
            assert!(jobs.iter().all(|job| job.state == State::Done && job.pictures == 1));
            let waits = jobs.iter().map(|job| (job.ended.unwrap() - job.created) as f64);
            waits.sum::<f64>() / JOBS as f64
        });
        let waits = waits.collect();
        over.store(true, Ordering::Relaxed);
        waits
    });
    waits.sort_by(f64::total_cmp);
    let (least, most) = (waits[0] / 1e3, waits[clients - 1] / 1e3);
    let took: Duration = start.elapsed();
    println!("{clients} clients, {JOBS} jobs each: {:.1} s", took.as_secs_f64());
    let quick = submits.say("submit");
    let quick_page = pages.say("page");
    println!("mean waits of the clients: {least:.2} to {most:.2} s");
    let streams = streams.into_inner();
    println!("open streams of events: {streams} at most");
    let memories = memories.into_inner().unwrap();
    let at = |tenths: usize| memories[(memories.len() - 1) * tenths / 10];
    println!("memory: {:.0} MB at first, {:.0} half of the way, {:.0} at last", at(0), at(5), at(10));
    if !is_full {
        return;
    }
    assert!(most <= 2.0 * least, "one waits much longer than another");
    assert!(streams >= STREAMS, "{streams} streams");
    assert!(at(10) <= 1.5 * at(5), "memory grows with every job");
    let slowest = quick.max(quick_page);
    assert!(cfg!(debug_assertions) || slowest < QUICK, "a release build answers in {slowest} ms");
}
