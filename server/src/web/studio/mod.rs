//! What the studio does behind its pages:
//!
//! 1. [`submission`] checks a request, in the [`blocking_pool`], and makes a job of it;
//! 2. [`queue`] keeps the jobs (crate `jobs`) and knows which are [`running`] and how far they are; [`view`] shows them to
//!    clients;
//! 3. [`runner`] has them painted by the [`engine`], as many at once as it can do faster than in turns, or as the host says;
//! 4. [`pace`] tells how fast that goes;
//! 5. [`broadcaster`] and [`updates`] tell whoever watches; [`last_seen`] remembers when somebody last looked;
//! 6. [`keeper`] gives up what nobody looks at and deletes what is old.

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

/// What the studio is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where jobs are kept.
    pub data: PathBuf,
    /// Where their pictures are.
    pub pictures: Place,
    /// On what terms jobs are painted.
    pub claim_limits: ClaimLimits,
    /// The model, if there is one.
    pub model: Option<ModelPlace>,
    /// How it is loaded; as many jobs are painted at once as fit in one call of the UNet.
    pub load: LoadOptions,
    /// What clients may ask for.
    pub limits: Limits,
    /// Jobs of one address or network that may wait or run.
    pub network: Option<u32>,
    /// Jobs of all clients that may wait.
    pub queue: u32,
    /// Words that no text may have.
    pub blocked: Vec<Blocked>,
    /// What becomes of jobs in the course of time.
    pub upkeep: Upkeep,
}

/// The jobs, the model and what paints.
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
    /// Opens the data folder, and starts to load the model and to paint what waits.
    ///
    /// # Errors
    /// A data folder that is in use or cannot be used.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let queue =
            Queue::open(&settings.data, &settings.pictures, settings.claim_limits, settings.upkeep.abandon)
                .await
                .context("cannot serve (--data names another folder)")?;
        let queue = Arc::new(queue);
        // What is wrong with the model's files is found again, and told, when it is loaded.
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

    /// Waits until nothing is painted any more after the queue was closed, at most for so long.
    pub async fn rest(&self, longest: Duration) {
        let mut painting = self.painting.lock().await;
        if tokio::time::timeout(longest, &mut *painting).await.is_err() {
            tracing::warn!("the step under way takes too long: the server ends without it");
        }
    }

    /// Waits until a job that is painted loses its lease.
    pub async fn stall(&self) {
        keeper::stall(&self.queue).await;
    }

    /// What looks at what clients send.
    pub fn blocking_pool(&self) -> &BlockingPool {
        &self.blocking_pool
    }

    /// How far the model is.
    pub fn engine(&self) -> Engine {
        self.engine.borrow().clone()
    }

    /// Waits until the model is known not to come, and says why; for ever if it does.
    pub async fn failure(&self) -> String {
        engine::failure(self.engine.clone()).await
    }

    /// What clients may ask for.
    pub fn limits(&self) -> &Limits {
        &self.rules.limits
    }

    /// What the model is known to paint.
    pub fn words(&self) -> Arc<[String]> {
        Arc::clone(&self.words)
    }

    /// How many jobs are taken in.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// The model that is loaded, if it is.
    pub fn model(&self) -> Option<Arc<Model>> {
        match self.engine() {
            Engine::Ready(model) => Some(model),
            Engine::Loading | Engine::Failed(_) => None,
        }
    }

    /// Checks a request and makes a job of it; for the [`BlockingPool`].
    pub fn check(&self, request: GenerationRequest) -> Result<NewJob, Failure> {
        submission::check(request, &self.defaults, &self.rules, self.model().as_deref())
    }
}

impl Model {
    /// What the API says of the model.
    pub fn describe(&self, limits: Limits) -> api::Model {
        api::Model {
            name: self.name.clone(),
            defaults: self.pipeline.defaults().clone(),
            tokens: self.pipeline.tokenizer().sequences().limit() as u32,
            multiple: self.multiple,
            limits,
        }
    }

    /// Where the regions' texts stand in the full text; and, of a model with a `vocabulary` of its own, which words it was never
    /// shown. One that was not made for this model alone has words in pieces that the model knows well.
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
