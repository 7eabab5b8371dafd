//! The watchers of each job, and the events they are sent.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use api::{Event, State};
use jobs::JobId;
use parking_lot::Mutex;
use tokio::sync::broadcast;

/// How many events a watcher may lag behind; beyond that it is sent the job's current state instead.
const BEHIND: usize = 64;

/// An event as it is sent: serialized once for all watchers.
#[derive(Clone, Debug)]
pub struct SentEvent {
    /// Increases with time, even across restarts of the server.
    pub id: u64,
    /// The event's name.
    pub name: &'static str,
    /// The event as JSON.
    pub data: Arc<str>,
    /// No event follows.
    pub is_last: bool,
}

impl SentEvent {
    pub fn new(id: u64, event: &Event) -> Self {
        let is_last = matches!(event, Event::Job(job) if job.state.is_final());
        // No wire type has a map with non-string keys: serialization cannot fail.
        let data = serde_json::to_string(event).unwrap_or_default().into();
        Self { id, name: event.name(), data, is_last }
    }
}

/// One channel for each job that is watched, or was and may be again.
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
    /// The job as last sent, to avoid repeating it, and that event's id.
    job: Option<(u64, api::Job)>,
    /// The last preview of each picture since the job was claimed.
    previews: BTreeMap<u32, SentEvent>,
}

/// What a new watcher of a job receives.
#[derive(Debug)]
pub struct Subscription {
    /// Id of the snapshot that the caller reads next. It is smaller than the id of every event that `receiver` will
    /// deliver, so nothing is missed.
    pub snapshot_id: u64,
    /// The job as the subscriber has already seen it.
    pub known: Option<api::Job>,
    /// Previews that the subscriber has not seen, to be sent after the snapshot.
    pub previews: Vec<SentEvent>,
    /// All events that follow.
    pub receiver: broadcast::Receiver<SentEvent>,
}

impl Broadcaster {
    /// Subscribes a client that has seen the events up to id `seen` to a job. The last events are kept until
    /// the job ends, for clients that reconnect.
    pub fn subscribe(&self, job: &JobId, seen: u64) -> Subscription {
        let mut channels = self.0.lock();
        // Drop channels in which nothing was sent that anyone could have seen.
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

    /// Sends an event to a job's watchers; a final state closes the channel.
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
                    // A new attempt looks different.
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

    /// Forgets unwatched jobs whose end will not be announced: all but the `open` ones.
    pub fn forget(&self, open: &HashSet<JobId>) {
        let is_watched = |channel: &Channel| channel.sender.receiver_count() > 0;
        self.0.lock().by_job.retain(|job, channel| is_watched(channel) || open.contains(job));
    }

    /// Is anybody watching the job?
    pub fn is_watched(&self, job: &JobId) -> bool {
        self.0.lock().by_job.get(job).is_some_and(|channel| channel.sender.receiver_count() > 0)
    }

    /// Counts the watchers.
    pub fn watchers(&self) -> usize {
        self.0.lock().by_job.values().map(|channel| channel.sender.receiver_count()).sum()
    }

    /// Returns the watched jobs.
    pub fn watched(&self) -> HashSet<JobId> {
        let channels = self.0.lock();
        let watched = channels.by_job.iter().filter(|(_, channel)| channel.sender.receiver_count() > 0);
        watched.map(|(job, _)| job.clone()).collect()
    }

    /// Disconnects all watchers, and any that come later.
    pub fn close(&self) {
        let mut channels = self.0.lock();
        channels.closed = true;
        channels.by_job.clear();
    }
}

impl Channels {
    /// Milliseconds since 1970, or the last id plus one if that is not greater.
    fn next_id(&mut self) -> u64 {
        self.last_id = jobs::now().cast_unsigned().max(self.last_id + 1);
        self.last_id
    }
}
