//! The work behind the studio's pages:
//!
//! 1. [`submission`] checks a request, in the [`blocking_pool`], and turns it into a job;
//! 2. [`queue`] holds the jobs (crate `jobs`) and the progress of those [`running`]; [`view`] shows them to
//!    clients;
//! 3. [`runner`] runs them on the [`engine`], as many at once as that makes faster, or as the host says;
//! 4. [`pace`] measures the speed;
//! 5. [`broadcaster`] and [`updates`] notify watchers; [`last_seen`] records when a job was last looked at;
//! 6. [`keeper`] cancels abandoned jobs and deletes old ones.

mod blocking_pool;
mod broadcaster;
mod engine;
mod keeper;
mod last_seen;
mod pace;
pub mod painted_on;
mod painter;
mod phrases;
mod preview;
mod queue;
mod runner;
mod running;
mod submission;
#[cfg(test)]
mod tests;
mod trouble;
mod updates;
mod view;
mod words;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::{Failure, Limits, Tokens, TokensRequest};
use diffusion::{LoadOptions, TokenizerError};
use jobs::{Capacity, ClaimLimits, NewJob, Place};
use request::{Defaults, GenerationRequest, OccurrenceRequest};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

pub use blocking_pool::BlockingPool;
pub use engine::{Engine, Model, ModelPlace};
pub use keeper::Upkeep;
pub use queue::Queue;
use submission::Rules;
pub use submission::{Blocked, MAX_REQUEST, few_regions};
pub use trouble::told;
pub use updates::Updates;

/// Settings at startup.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder.
    pub data: PathBuf,
    /// Where pictures are stored.
    pub pictures: Place,
    /// Limits on claims.
    pub claim_limits: ClaimLimits,
    /// The model, if there is one.
    pub model: Option<ModelPlace>,
    /// How to load it; as many jobs run at once as fit in one call of the UNet.
    pub load: LoadOptions,
    /// Limits on requests.
    pub limits: Limits,
    /// Open jobs of one address or network.
    pub network: Option<u32>,
    /// Waiting jobs of all clients.
    pub queue: u32,
    /// Words that no text may contain.
    pub blocked: Vec<Blocked>,
    /// When jobs are cancelled or deleted.
    pub upkeep: Upkeep,
}

/// The jobs, the model and the task that paints.
#[derive(Debug)]
pub struct Studio {
    queue: Arc<Queue>,
    painting: Mutex<JoinHandle<()>>,
    engine: watch::Receiver<Engine>,
    defaults: Defaults,
    words: Arc<[String]>,
    capacity: Capacity,
    rules: Rules,
    blocking_pool: BlockingPool,
}

impl Studio {
    /// Opens the data folder, and starts loading the model and painting the waiting jobs.
    ///
    /// # Errors
    /// The data folder is in use or unusable.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let queue =
            Queue::open(&settings.data, &settings.pictures, settings.claim_limits, settings.upkeep.abandon)
                .await
                .context("cannot serve (--data names another folder)")?;
        let queue = Arc::new(queue);
        // Errors in the model's files show up again, and are reported, when it is loaded.
        let defaults = settings.model.as_ref().and_then(|model| diffusion::defaults(&model.path).ok());
        let words = settings.model.as_ref().map(|model| words::read(&model.path)).unwrap_or_default();
        let engine = engine::start(settings.model, settings.load);
        let painting = tokio::spawn(runner::run(Arc::clone(&queue), engine::painter(engine.clone())));
        tokio::spawn(keeper::run(Arc::clone(&queue), settings.upkeep));
        let rules = Rules { limits: settings.limits, blocked: settings.blocked };
        let defaults = defaults.unwrap_or_default();
        let (owner, network) = (settings.limits.jobs, settings.network.unwrap_or(u32::MAX));
        let capacity = Capacity { owner, network, queue: settings.queue };
        let (painting, blocking_pool) = (Mutex::new(painting), BlockingPool::default());
        Ok(Self { queue, painting, engine, defaults, words, capacity, rules, blocking_pool })
    }

    /// The jobs.
    pub fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// Waits until painting has stopped after the queue was closed, for at most `longest`.
    pub async fn rest(&self, longest: Duration) {
        let mut painting = self.painting.lock().await;
        if tokio::time::timeout(longest, &mut *painting).await.is_err() {
            tracing::warn!("the step under way takes too long: the server ends without it");
        }
    }

    /// Waits until a running job loses its lease.
    pub async fn stall(&self) {
        keeper::stall(&self.queue).await;
    }

    /// The pool that checks client input.
    pub fn blocking_pool(&self) -> &BlockingPool {
        &self.blocking_pool
    }

    /// Returns the state of the model.
    pub fn engine(&self) -> Engine {
        self.engine.borrow().clone()
    }

    /// Waits until loading the model fails and returns the reason; for ever if it succeeds.
    pub async fn failure(&self) -> String {
        engine::failure(self.engine.clone()).await
    }

    /// Limits on requests.
    pub fn limits(&self) -> &Limits {
        &self.rules.limits
    }

    /// Phrases the model is known to paint.
    pub fn words(&self) -> Arc<[String]> {
        Arc::clone(&self.words)
    }

    /// Limits on jobs.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// Returns the model once it is loaded.
    pub fn model(&self) -> Option<Arc<Model>> {
        match self.engine() {
            Engine::Ready(model) => Some(model),
            Engine::Loading | Engine::Failed(_) => None,
        }
    }

    /// Checks a request and turns it into a job; run it in the [`BlockingPool`].
    pub fn check(&self, request: GenerationRequest) -> Result<NewJob, Failure> {
        submission::check(request, &self.defaults, &self.rules, self.model().as_deref())
    }
}

impl Model {
    /// Describes the model for the API.
    pub fn describe(&self, limits: Limits) -> api::Model {
        api::Model {
            name: self.name.clone(),
            defaults: self.pipeline.defaults().clone(),
            tokens: self.pipeline.tokenizer().sequences().limit() as u32,
            multiple: self.multiple,
            limits,
        }
    }

    /// Locates the regions' texts in the prompt; for a model with a `vocabulary` of its own, also lists the
    /// words it was never shown. Other models know words well that their tokenizer splits.
    pub fn tokens(&self, request: &TokensRequest, vocabulary: bool) -> Result<Tokens, TokenizerError> {
        let meant = |n: usize| request.occurrences.get(n).and_then(OccurrenceRequest::parse);
        let regions = request.regions.iter().enumerate();
        let regions: Vec<_> = regions.map(|(n, text)| (text.as_str(), meant(n))).collect();
        let (tokenizer, prompt) = (self.pipeline.tokenizer(), &request.prompt);
        let mut found = phrases::find(tokenizer, prompt, &regions)?;
        if vocabulary {
            let mut seen = HashSet::new();
            let words = tokenizer.words_in_pieces(prompt)?.into_iter();
            found.unknown =
                words.filter(|word| seen.insert(word.to_lowercase())).map(str::to_owned).collect();
        }
        Ok(found)
    }
}
