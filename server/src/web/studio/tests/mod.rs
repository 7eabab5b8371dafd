//! The queue and the runner with a painter whose steps the test lets through one by one.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod given_up;
mod told;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use api::State;
use diffusion::CancelToken;
use image::RgbImage;
use jobs::{Capacity, ClaimLimits, JobId, NewJob, Origin, Owner, Place, Status, Submission};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use super::broadcaster::SentEvent;
use super::painter::{PaintError, Painter, Step, Watcher};
use super::updates::Updates;
use super::{Queue, keeper, runner};

const STEPS: u32 = 200;
const LIMITS: ClaimLimits = ClaimLimits { running: 1, lease: Some(Duration::from_secs(60)) };

const GRACE: Duration = Duration::from_secs(60);

/// Does what the request says; takes a step for each that the test sends.
struct Script(Mutex<Receiver<()>>);

impl Painter for Script {
    fn at_once(&self) -> usize {
        1
    }

    fn paint(
        &self,
        request: &str,
        _: Option<&[u8]>,
        cancel: &CancelToken,
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<String>, PaintError> {
        match request {
            "panic" => panic!("a bug in the painter"),
            "told" => return Err(PaintError::Told("the phrase is missing".into())),
            "inside" => return Err(PaintError::Inside(anyhow!("/home/host/secret is not there"))),
            "at once" => {
                watcher.picture(0, b"png".to_vec())?;
                return Ok(vec!["a note".into()]);
            }
            _ => {}
        }
        let steps = self.0.lock().unwrap();
        if request == "samples" {
            watcher.picture(0, b"first".to_vec())?;
            steps.recv().unwrap();
            watcher.picture(1, b"second".to_vec())?;
            steps.recv().unwrap();
            return Ok(Vec::new());
        }
        for step in 0..=STEPS {
            watcher.step(&Step { step, steps: STEPS, preview: &|_| Some(RgbImage::new(2, 3)) });
            if cancel.is_cancelled() || steps.recv().is_err() {
                return Err(PaintError::Cancelled);
            }
        }
        Ok(Vec::new())
    }
}

struct Studio {
    folder: TempDir,
    queue: Arc<Queue>,
    owner: Owner,
    steps: Sender<()>,
}

impl Studio {
    async fn start() -> Self {
        let (studio, painter) = Self::idle().await;
        tokio::spawn(runner::run(Arc::clone(&studio.queue), async { Some(painter) }));
        studio
    }

    /// Nothing is painted yet.
    async fn idle() -> (Self, Arc<dyn Painter>) {
        let folder = tempfile::tempdir().unwrap();
        let queue = Arc::new(Queue::open(folder.path(), &Place::Folder, LIMITS, Some(GRACE)).await.unwrap());
        let (steps, taken) = channel();
        (Self { folder, queue, owner: Owner::random(), steps }, Arc::new(Script(Mutex::new(taken))))
    }

    async fn submit(&self, request: &str) -> JobId {
        self.submit_as(&self.owner, request).await
    }

    async fn submit_as(&self, owner: &Owner, request: &str) -> JobId {
        let new = NewJob {
            prompt: request.to_owned(),
            seed: 1,
            width: 64,
            height: 64,
            samples: 1,
            steps: STEPS,
            request: request.to_owned(),
            key: None,
            origin: Origin::default(),
        };
        let capacity = Capacity { owner: 100, network: 100, queue: 100 };
        let Submission::Taken(job) = self.queue.submit(owner, &new, capacity).await.unwrap() else {
            panic!("no room")
        };
        job.id
    }

    /// Milliseconds until a job ends, as its client is told.
    async fn left(&self, id: &JobId) -> Option<u64> {
        self.queue.find(&self.owner, id).await.unwrap().unwrap().left
    }

    async fn watch(&self, id: &JobId) -> Updates {
        self.watch_after(id, 0).await
    }

    async fn watch_after(&self, id: &JobId, seen: u64) -> Updates {
        Updates::watch(&self.queue, &self.owner, id, seen).await.unwrap().unwrap()
    }

    /// The state in which a job ends.
    async fn end(&self, id: &JobId) -> State {
        let mut updates = self.watch(id).await;
        reach(&mut updates, State::is_final).await
    }
}

/// The state of the next event that is one of the job.
async fn next_state(updates: &mut Updates) -> Option<State> {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(60), updates.next()).await;
        let SentEvent { name, data, .. } = next.expect("nothing happens any more")?;
        if name == "job" {
            return Some(serde_json::from_str::<api::Job>(&data).unwrap().state);
        }
    }
}

async fn reach(updates: &mut Updates, wanted: impl Fn(&State) -> bool) -> State {
    loop {
        let state = next_state(updates).await.expect("the events end before the state is reached");
        if wanted(&state) {
            return state;
        }
    }
}

fn at_step(wanted: u32) -> impl Fn(&State) -> bool {
    move |state| matches!(state, State::Running { step, .. } if *step == wanted)
}

#[tokio::test]
async fn a_job_that_is_cancelled_takes_no_further_step_and_the_next_one_begins() {
    let studio = Studio::start().await;
    let (first, second) = (studio.submit("steps").await, studio.submit("steps").await);
    let mut updates = studio.watch(&first).await;
    studio.steps.send(()).unwrap();
    reach(&mut updates, at_step(1)).await;
    let job = studio.queue.cancel(&studio.owner, &first).await.unwrap().unwrap();
    assert_eq!(job.state, State::Cancelled);
    assert_eq!(reach(&mut updates, |_| true).await, State::Cancelled);
    assert!(updates.next().await.is_none(), "nothing follows a final state");

    // One step was under way. Were more taken of the first job, the second would not come to its own first one.
    let mut updates = studio.watch(&second).await;
    studio.steps.send(()).unwrap();
    reach(&mut updates, at_step(0)).await;
    studio.steps.send(()).unwrap();
    reach(&mut updates, at_step(1)).await;
}

#[tokio::test]
async fn a_panic_fails_its_job_alone() {
    let studio = Studio::start().await;
    let (bad, good) = (studio.submit("panic").await, studio.submit("at once").await);
    let State::Failed { reason } = studio.end(&bad).await else { panic!("not failed") };
    assert!(!reason.contains("bug"), "{reason}");
    assert_eq!(studio.end(&good).await, State::Done);
    let job = studio.queue.find(&studio.owner, &good).await.unwrap().unwrap();
    assert_eq!((job.pictures, job.notes), (1, vec!["a note".to_owned()]));
}

#[tokio::test]
async fn a_picture_that_cannot_be_kept_fails_its_job_and_the_queue_goes_on() {
    let studio = Studio::start().await;
    let pictures = studio.folder.path().join("pictures");
    std::fs::remove_dir(&pictures).unwrap();
    std::fs::write(&pictures, "no folder").unwrap();
    let lost = studio.submit("at once").await;
    assert!(matches!(studio.end(&lost).await, State::Failed { .. }));
    std::fs::remove_file(&pictures).unwrap();
    let kept = studio.submit("at once").await;
    assert_eq!(studio.end(&kept).await, State::Done);
}

#[tokio::test]
async fn the_user_is_told_the_users_affairs_and_not_the_hosts() {
    let studio = Studio::start().await;
    let (told, inside) = (studio.submit("told").await, studio.submit("inside").await);
    assert_eq!(studio.end(&told).await, State::Failed { reason: "the phrase is missing".into() });
    let State::Failed { reason } = studio.end(&inside).await else { panic!("not failed") };
    assert!(!reason.contains("secret"), "{reason}");
}

#[tokio::test]
async fn jobs_wait_for_the_model_and_go_on_waiting_if_there_will_be_none() {
    let (studio, _) = Studio::idle().await;
    let id = studio.submit("at once").await;
    let mut updates = studio.watch(&id).await;
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 0 }));
    let (loaded, model) = tokio::sync::oneshot::channel();
    let runner = tokio::spawn(runner::run(Arc::clone(&studio.queue), async { model.await.unwrap() }));
    loaded.send(None).unwrap_or_default();
    runner.await.unwrap();
    let waiting = studio.queue.store().job(&id).await.unwrap().unwrap().status;
    assert!(matches!(waiting, Status::Waiting { .. }), "{waiting:?}");
}

#[tokio::test]
async fn a_queue_that_is_closed_waits_for_no_model() {
    let (studio, _) = Studio::idle().await;
    let runner = tokio::spawn(runner::run(Arc::clone(&studio.queue), std::future::pending()));
    studio.queue.close().await;
    tokio::time::timeout(Duration::from_secs(60), runner).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_job_whose_place_cannot_be_read_keeps_no_other_from_being_painted() {
    let studio = Studio::start().await;
    let first = studio.submit("steps").await;
    let mut updates = studio.watch(&first).await;
    reach(&mut updates, at_step(0)).await;
    let (good, damaged) = (studio.submit("at once").await, studio.submit("at once").await);
    // Who watches one that waits is told whenever the queue moves.
    let _watched = studio.watch(&damaged).await;
    let options = SqliteConnectOptions::new().filename(studio.folder.path().join("jobs.sqlite"));
    let mut other = options.connect().await.unwrap();
    let damage = sqlx::query("UPDATE jobs SET notes = 'x' WHERE id = ?").bind(damaged.as_str());
    assert_eq!(damage.execute(&mut other).await.unwrap().rows_affected(), 1);

    let cancelled = studio.queue.cancel(&studio.owner, &first).await.unwrap().unwrap();
    assert_eq!(cancelled.state, State::Cancelled);
    studio.steps.send(()).unwrap();
    assert_eq!(studio.end(&good).await, State::Done);
}
