//! Metrics for the host, in the OpenMetrics text format, which Prometheus reads.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jobs::Counts;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

type Labelled = Family<[(&'static str, &'static str); 1], Counter>;
type Seconds = Gauge<f64, AtomicU64>;

/// Status classes of responses.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// How jobs end.
const ENDS: [&str; 3] = ["done", "failed", "cancelled"];

/// All metrics; shared by all.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Labelled,
    answers: Histogram,
    jobs: Labelled,
    waits: Histogram,
    steps: Histogram,
    waiting: Gauge,
    clients: Gauge,
    oldest: Seconds,
    watchers: Gauge,
    pictures: Gauge,
    memory: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds = |least: f64, buckets| Histogram::new(exponential_buckets(least, 2.0, buckets));
        let mut metrics = Self {
            registry: Registry::with_prefix("dense_diffusion"),
            requests: Family::default(),
            answers: seconds(0.001, 14),
            jobs: Family::default(),
            waits: seconds(0.1, 16),
            steps: seconds(0.004, 14),
            waiting: Gauge::default(),
            clients: Gauge::default(),
            oldest: Gauge::default(),
            watchers: Gauge::default(),
            pictures: Gauge::default(),
            memory: Gauge::default(),
        };
        metrics.register();
        // A rate misses the first event of a series that did not exist before.
        CLASSES.iter().for_each(|class| drop(metrics.requests.get_or_create(&[("status", *class)])));
        ENDS.iter().for_each(|end| drop(metrics.jobs.get_or_create(&[("end", *end)])));
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let it = &mut self.registry;
        it.register("requests", "Requests by the class of their answer", self.requests.clone());
        let help = "Time from a request to the head of its answer";
        it.register_with_unit("answer", help, Unit::Seconds, self.answers.clone());
        it.register("jobs", "Generations by how they ended", self.jobs.clone());
        let help = "Time from a generation's submission to the moment that its painting begins";
        it.register_with_unit("wait", help, Unit::Seconds, self.waits.clone());
        it.register_with_unit("step", "Time of a denoising step", Unit::Seconds, self.steps.clone());
        it.register("queue_jobs", "Generations that wait", self.waiting.clone());
        it.register("queue_clients", "Clients whose generations wait", self.clients.clone());
        let help = "For how long the oldest of those that wait has waited";
        it.register_with_unit("queue_oldest", help, Unit::Seconds, self.oldest.clone());
        it.register("watchers", "Open streams of events", self.watchers.clone());
        it.register_with_unit("pictures", "Size of all pictures", Unit::Bytes, self.pictures.clone());
        it.register_with_unit("memory", "The server's resident memory", Unit::Bytes, self.memory.clone());
    }

    /// Records a response.
    pub fn answered(&self, status: u16, took: Duration) {
        let class = CLASSES.get(usize::from(status / 100).saturating_sub(1));
        self.requests.get_or_create(&[("status", class.copied().unwrap_or("5xx"))]).inc();
        self.answers.observe(took.as_secs_f64());
    }

    /// Records how long a job waited before painting.
    pub fn begun(&self, waited: Duration) {
        self.waits.observe(waited.as_secs_f64());
    }

    /// Records the duration of a step.
    pub fn stepped(&self, took: Duration) {
        self.steps.observe(took.as_secs_f64());
    }

    /// Records how a job ended.
    pub fn ended(&self, how: &'static str) {
        self.jobs.get_or_create(&[("end", how)]).inc();
    }

    /// Renders all metrics for Prometheus.
    pub fn render(&self, counts: &Counts, waits_since: Option<Duration>, watchers: usize) -> String {
        let number = |count: u64| count.cast_signed();
        self.waiting.set(number(counts.waiting));
        self.clients.set(number(counts.clients));
        self.oldest.set(waits_since.unwrap_or_default().as_secs_f64());
        self.watchers.set(watchers as i64);
        self.pictures.set(number(counts.bytes));
        self.memory.set(memory().unwrap_or_default());
        let mut text = String::new();
        // Writing to memory cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Resident memory in bytes, if the system reports it as Linux does.
fn memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<i64>().ok().map(|kib| kib << 10)
}
