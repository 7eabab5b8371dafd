//! The queue and the runner with a painter whose steps the test lets through one by one.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use api::State;
use diffusion::CancelToken;
use image::RgbImage;
use jobs::{JobId, NewJob, Owner, Room, Status, Submission};
use tempfile::TempDir;

use super::hub::Told;
use super::painter::{PaintError, Painter, Step, Watcher};
use super::updates::Updates;
use super::{Queue, runner};

const STEPS: u32 = 200;

/// Does what the request says; takes a step for each that the test sends.
struct Script(Mutex<Receiver<()>>);

impl Painter for Script {
    fn paint(
        &self,
        request: &str,
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
        tokio::spawn(runner::run(Arc::clone(&studio.queue), async { Ok(painter) }));
        studio
    }

    /// Nothing is painted yet.
    async fn idle() -> (Self, Arc<dyn Painter>) {
        let folder = tempfile::tempdir().unwrap();
        let queue = Arc::new(Queue::open(folder.path()).await.unwrap());
        let (steps, taken) = channel();
        (Self { folder, queue, owner: Owner::random(), steps }, Arc::new(Script(Mutex::new(taken))))
    }

    async fn submit(&self, request: &str) -> JobId {
        let new = NewJob {
            prompt: request.to_owned(),
            seed: 1,
            width: 64,
            height: 64,
            samples: 1,
            steps: STEPS,
            request: request.to_owned(),
            key: None,
        };
        let room = Room { owner: 100, queue: 100 };
        let Submission::Taken(job) = self.queue.submit(&self.owner, &new, room).await.unwrap() else {
            panic!("no room")
        };
        job.id
    }

    /// Milliseconds until a job ends, as its client is told.
    async fn left(&self, id: &JobId) -> Option<u64> {
        self.queue.find(&self.owner, id).await.unwrap().unwrap().left
    }

    async fn watch(&self, id: &JobId) -> Updates {
        self.queue.watch(&self.owner, id).await.unwrap().unwrap()
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
        let Told { name, data, .. } = next.expect("nothing happens any more")?;
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
async fn a_sample_is_told_while_the_next_is_still_to_come() {
    let studio = Studio::start().await;
    let id = studio.submit("samples").await;
    let mut updates = studio.watch(&id).await;
    let job = loop {
        let told = updates.next().await.unwrap();
        let job: api::Job = serde_json::from_str(&told.data).unwrap();
        if job.pictures > 0 {
            break job;
        }
    };
    assert_eq!((job.pictures, job.state.is_final()), (1, false));
    studio.steps.send(()).unwrap();
    assert_eq!(reach(&mut updates, State::is_final).await, State::Done);
}

#[tokio::test]
async fn a_picture_that_cannot_be_kept_fails_its_job_and_the_queue_goes_on() {
    let studio = Studio::start().await;
    let pictures = studio.folder.path().join("pictures");
    std::fs::remove_dir(&pictures).unwrap();
    let lost = studio.submit("at once").await;
    assert!(matches!(studio.end(&lost).await, State::Failed { .. }));
    std::fs::create_dir(&pictures).unwrap();
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
async fn jobs_wait_for_the_model_and_fail_in_words_if_there_will_be_none() {
    let (studio, _) = Studio::idle().await;
    let id = studio.submit("at once").await;
    let mut updates = studio.watch(&id).await;
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 0 }));
    let (loaded, model) = tokio::sync::oneshot::channel();
    tokio::spawn(runner::run(Arc::clone(&studio.queue), async { model.await.unwrap() }));
    loaded.send(Err("no model".to_owned())).unwrap_or_default();
    assert_eq!(reach(&mut updates, State::is_final).await, State::Failed { reason: "no model".into() });
}

#[tokio::test]
async fn whoever_comes_late_gets_the_current_state_first_and_numbers_that_grow() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut early = studio.watch(&id).await;
    (0..10).for_each(|_| studio.steps.send(()).unwrap());
    let (mut last, mut previews) = (0, 0);
    loop {
        let told = early.next().await.unwrap();
        assert!(told.id > last);
        last = told.id;
        previews += u32::from(told.name == "preview");
        if told.name == "job" && at_step(10)(&serde_json::from_str::<api::Job>(&told.data).unwrap().state) {
            break;
        }
    }
    assert!((1..=10).contains(&previews), "{previews} previews");
    let mut late = studio.watch(&id).await;
    let told = late.next().await.unwrap();
    assert!(told.id > last);
    assert!(at_step(10)(&serde_json::from_str::<api::Job>(&told.data).unwrap().state));
}

#[tokio::test]
async fn whoever_is_too_slow_misses_steps_but_not_the_end() {
    let studio = Studio::start().await;
    let (slow, quick) = (studio.submit("steps").await, studio.submit("at once").await);
    let mut updates = studio.watch(&slow).await;
    let first = updates.next().await.unwrap();
    // Nothing of the job's events is read until it is done.
    (0..=STEPS).for_each(|_| studio.steps.send(()).unwrap());
    assert_eq!(studio.end(&quick).await, State::Done);
    let next = updates.next().await.unwrap();
    assert!(next.id > first.id && next.is_last, "{next:?}");
    assert!(updates.next().await.is_none());
}

#[tokio::test]
async fn those_who_wait_are_told_when_the_queue_moves() {
    let studio = Studio::start().await;
    let running = studio.submit("steps").await;
    reach(&mut studio.watch(&running).await, at_step(0)).await;
    let (deleted, last) = (studio.submit("steps").await, studio.submit("steps").await);
    let mut updates = studio.watch(&last).await;
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 2 }));
    assert!(studio.queue.delete(&studio.owner, &deleted).await.unwrap());
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 1 }));
    studio.queue.cancel(&studio.owner, &running).await.unwrap().unwrap();
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 0 }));
    studio.steps.send(()).unwrap();
    reach(&mut updates, at_step(0)).await;
}

#[tokio::test]
async fn jobs_that_nobody_looks_at_are_cancelled_after_the_grace_and_no_others() {
    let studio = Studio::start().await;
    let (running, watched, asked, forgotten) = (
        studio.submit("steps").await,
        studio.submit("steps").await,
        studio.submit("steps").await,
        studio.submit("steps").await,
    );
    reach(&mut studio.watch(&running).await, at_step(0)).await;
    let _watching = studio.watch(&watched).await;
    let grace = Duration::from_secs(60);
    let start = Instant::now();
    for now in [start, start + grace / 2] {
        studio.queue.give_up(grace, now).await.unwrap();
    }
    // Somebody asks for one of them.
    studio.queue.find(&studio.owner, &asked).await.unwrap().unwrap();
    studio.queue.give_up(grace, start + grace).await.unwrap();
    for (id, ends) in [(&running, true), (&forgotten, true), (&watched, false), (&asked, false)] {
        let job = studio.queue.store().job(id).await.unwrap().unwrap();
        assert_eq!(job.status == Status::Cancelled, ends, "{:?}", job.status);
    }
    studio.steps.send(()).unwrap();
    reach(&mut studio.watch(&watched).await, at_step(0)).await;
}

#[tokio::test]
async fn a_job_loses_its_lease_when_a_step_takes_too_long_and_each_step_renews_it() {
    let studio = Studio::start().await;
    let lease = Duration::from_secs(60);
    assert!(!studio.queue.is_stalled(lease, Instant::now() + lease), "nothing is painted");
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    reach(&mut updates, at_step(0)).await;
    let first = Instant::now();
    assert!(studio.queue.is_stalled(lease, first + lease));
    studio.steps.send(()).unwrap();
    reach(&mut updates, at_step(1)).await;
    assert!(!studio.queue.is_stalled(lease, first + lease));
}

#[tokio::test]
async fn the_time_left_counts_the_steps_of_all_that_comes_first() {
    let studio = Studio::start().await;
    let (running, next, last) =
        (studio.submit("steps").await, studio.submit("steps").await, studio.submit("steps").await);
    let mut updates = studio.watch(&running).await;
    reach(&mut updates, at_step(0)).await;
    assert_eq!(studio.left(&last).await, None, "no step was measured yet");
    (0..100).for_each(|_| studio.steps.send(()).unwrap());
    reach(&mut updates, at_step(100)).await;
    let [running, next, last] =
        [studio.left(&running).await, studio.left(&next).await, studio.left(&last).await].map(Option::unwrap);
    // Each is as long as the one before it, and half of the first is done.
    assert!(running <= next && next <= last, "{running} {next} {last}");
    let (one, other) = (last - next, next - running);
    assert!(one.abs_diff(other) <= 1, "{one} and {other} for the same number of steps");
}

#[tokio::test]
async fn a_queue_that_is_closed_gives_its_job_back_and_lets_its_watchers_go() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    reach(&mut updates, at_step(0)).await;
    studio.queue.close().await;
    while updates.next().await.is_some() {}
    drop(updates);
    assert!(studio.watch(&id).await.next().await.is_some_and(|told| !told.is_last));
    let Studio { folder, queue, owner, steps } = studio;
    // Ends the step under way, and with it the runner.
    drop(steps);
    while Arc::strong_count(&queue) > 1 {
        tokio::task::yield_now().await;
    }
    drop(queue);
    let queue = Queue::open(folder.path()).await.unwrap();
    let job = queue.find(&owner, &id).await.unwrap().unwrap();
    assert_eq!(job.state, State::Waiting { ahead: 0 });
}
