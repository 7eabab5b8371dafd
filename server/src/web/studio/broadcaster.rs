//! Who watches which job, and what they are told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use api::{Event, State};
use jobs::JobId;
use parking_lot::Mutex;
use tokio::sync::broadcast;

/// Events that a slow watcher may be behind; one that is further behind is told the job anew instead.
const BEHIND: usize = 64;

/// An event as it is sent: serialized once for all watchers.
#[derive(Clone, Debug)]
pub struct SentEvent {
    /// Grows with time, over restarts of the server too.
    pub id: u64,
    /// The event's name.
    pub name: &'static str,
    /// The event as JSON.
    pub data: Arc<str>,
    /// Nothing follows.
    pub is_last: bool,
}

impl SentEvent {
    pub fn new(id: u64, event: &Event) -> Self {
        let is_last = matches!(event, Event::Job(job) if job.state.is_final());
        // Wire types have no map whose keys are not texts: writing them cannot fail.
        let data = serde_json::to_string(event).unwrap_or_default().into();
        Self { id, name: event.name(), data, is_last }
    }
}

/// One channel for each job that somebody watches, or has watched and may watch again.
#[derive(Debug, Default)]
pub struct Broadcaster(Mutex<Channels>);

#[derive(Debug, Default)]
struct Channels {
    by_job: HashMap<JobId, Channel>,
    last_id: u64,
    closed: bool,
}

#[derive(Debug)]
struct Channel {
    sender: broadcast::Sender<SentEvent>,
    /// The job as it was sent last, so that it is not sent twice, and that event's id.
    job: Option<(u64, api::Job)>,
    /// The last preview of each picture since the job began.
    previews: BTreeMap<u32, SentEvent>,
}

/// What somebody gets who begins to watch a job.
#[derive(Debug)]
pub struct Subscription {
    /// Id of the snapshot that the caller reads next. It is smaller than the id of every event that `receiver` will
    /// deliver, so nothing is missed.
    pub snapshot_id: u64,
    /// The job as the subscriber has seen it already.
    pub known: Option<api::Job>,
    /// Previews that the subscriber has not seen, to be sent after the snapshot.
    pub previews: Vec<SentEvent>,
    /// All that follows.
    pub receiver: broadcast::Receiver<SentEvent>,
}

impl Broadcaster {
    /// Subscribes somebody to a job's events who has seen those up to id `seen`. The last ones are kept until the job ends,
    /// for whoever comes again.
    pub fn subscribe(&self, job: &JobId, seen: u64) -> Subscription {
        let mut channels = self.0.lock();
        // Nothing was told there that anybody could have seen.
        channels.by_job.retain(|_, channel| channel.job.is_some() || channel.sender.receiver_count() > 0);
        let snapshot_id = channels.next_id();
        if channels.closed {
            let receiver = broadcast::channel(1).1;
            return Subscription { snapshot_id, known: None, previews: Vec::new(), receiver };
        }
        let new = || Channel { sender: broadcast::channel(BEHIND).0, job: None, previews: BTreeMap::new() };
        let channel = channels.by_job.entry(job.clone()).or_insert_with(new);
        let known = channel.job.as_ref().filter(|(told, _)| *told <= seen).map(|(_, job)| job.clone());
        let newer = channel.previews.values().filter(|told| told.id > seen);
        let (mut previews, receiver) = (newer.cloned().collect::<Vec<_>>(), channel.sender.subscribe());
        for preview in &mut previews {
            preview.id = channels.next_id();
        }
        Subscription { snapshot_id, known, previews, receiver }
    }

    /// Tells a job's watchers; after a final state there are none any more.
    pub fn tell(&self, job: &JobId, event: &Event) {
        let mut channels = self.0.lock();
        let id = channels.next_id();
        let Some(channel) = channels.by_job.get_mut(job) else { return };
        let sent = SentEvent::new(id, event);
        match event {
            Event::Job(now) if channel.job.as_ref().is_some_and(|(_, before)| before == now) => return,
            Event::Job(now) => {
                channel.job = Some((id, now.clone()));
                if let State::Waiting { .. } = now.state {
                    // Begun anew, it looks otherwise.
                    channel.previews.clear();
                }
            }
            Event::Preview(preview) => drop(channel.previews.insert(preview.sample, sent.clone())),
        }
        let is_last = sent.is_last;
        // No receiver: the last one has just left.
        let _ = channel.sender.send(sent);
        if is_last {
            channels.by_job.remove(job);
        }
    }

    /// Forgets jobs that nobody watches, and of which an end will not be told: all but the `open` ones.
    pub fn forget(&self, open: &HashSet<JobId>) {
        let is_watched = |channel: &Channel| channel.sender.receiver_count() > 0;
        self.0.lock().by_job.retain(|job, channel| is_watched(channel) || open.contains(job));
    }

    /// Does anybody watch the job?
    pub fn is_watched(&self, job: &JobId) -> bool {
        self.0.lock().by_job.get(job).is_some_and(|channel| channel.sender.receiver_count() > 0)
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.0.lock().by_job.values().map(|channel| channel.sender.receiver_count()).sum()
    }

    /// The jobs that are watched.
    pub fn watched(&self) -> HashSet<JobId> {
        let channels = self.0.lock();
        let watched = channels.by_job.iter().filter(|(_, channel)| channel.sender.receiver_count() > 0);
        watched.map(|(job, _)| job.clone()).collect()
    }

    /// Lets every watcher go, and whoever comes later.
    pub fn close(&self) {
        let mut channels = self.0.lock();
        channels.closed = true;
        channels.by_job.clear();
    }
}

impl Channels {
    /// Milliseconds since 1970, or one more than the last where that is not enough.
    fn next_id(&mut self) -> u64 {
        self.last_id = jobs::now().cast_unsigned().max(self.last_id + 1);
        self.last_id
    }
}
