//! `dense-diffusion serve`: the studio in the browser.

mod config;
mod pictures;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::Limits;
use diffusion::{Device, LoadOptions};
use ipnet::IpNet;
use jobs::ClaimLimits;
use request::limits;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::cli::Switch;
use crate::cli::device::DeviceArgs;
use crate::cli::embedded;
use crate::say::mention;
use crate::web::{
    self, Access, Blocked, ConnectionLimit, Hosting, Limiter, ModelPlace, Proxies, Public, Settings, Site,
    Studio, Upkeep, WebState,
};
pub use config::File;
use pictures::PicturesArgs;

/// Attempts allowed per submission: repeats by key and refused requests are no submissions.
const TRIES: u32 = 4;

/// Serve the studio to the browser
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "DENSE_DIFFUSION_ADDR", default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
    /// A folder in the diffusers layout, a checkpoint in one .safetensors file, or the hub id of one that was pulled [default: the embedded model]
    #[arg(long, env = "DENSE_DIFFUSION_MODEL")]
    model: Option<String>,
    #[command(flatten)]
    device: DeviceArgs,
    /// Folder that keeps generations, and their pictures if --pictures does not say else [default: dense-diffusion in the user's data folder]
    #[arg(long, env = "DENSE_DIFFUSION_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    pictures: PicturesArgs,
    /// Folder of the built front end [default: `site` beside the folder of this program]
    #[arg(long, env = "LEPTOS_SITE_ROOT")]
    site: Option<PathBuf>,
    /// Longest side of a picture that is taken, in pixels
    #[arg(long, env = "DENSE_DIFFUSION_MAX_SIDE", value_name = "PIXELS", default_value_t = Limits::default().side, value_parser = within(*limits::SIDE.start(), *limits::SIDE.end()))]
    max_side: u32,
    /// Most denoising steps that are taken
    #[arg(long, env = "DENSE_DIFFUSION_MAX_STEPS", value_name = "N", default_value_t = Limits::default().steps, value_parser = within(1, *limits::STEPS.end() as u32))]
    max_steps: u32,
    /// Most pictures of one generation that are taken
    #[arg(long, env = "DENSE_DIFFUSION_MAX_SAMPLES", value_name = "N", default_value_t = Limits::default().samples, value_parser = within(1, *limits::SAMPLES.end() as u32))]
    max_samples: u32,
    /// Most generations of one client that may wait or run
    #[arg(long, env = "DENSE_DIFFUSION_MAX_JOBS", value_name = "N", default_value_t = Limits::default().jobs, value_parser = within(1, u32::MAX))]
    max_jobs: u32,
    /// Most generations of one address that may wait or run; 0: any number
    #[arg(long, env = "DENSE_DIFFUSION_MAX_JOBS_PER_ADDRESS", value_name = "N", default_value_t = 100)]
    max_jobs_per_address: u32,
    /// Most generations of one client that may run at once
    #[arg(long, env = "DENSE_DIFFUSION_MAX_RUNNING", value_name = "N", default_value_t = 4, value_parser = within(1, u32::MAX))]
    max_running: u32,
    /// Generations that are painted at once, those of one size in one call of the UNet: more of them in all, each of them
    /// later [default: 1; on CUDA 4, if that is measured to be faster in all]
    #[arg(long, env = "DENSE_DIFFUSION_TOGETHER", value_name = "N", value_parser = within(1, 16))]
    together: Option<u32>,
    /// Most generations of all clients that may wait
    #[arg(long, env = "DENSE_DIFFUSION_MAX_QUEUE", value_name = "N", default_value_t = 500, value_parser = within(1, u32::MAX))]
    max_queue: u32,
    /// Most work of one generation: steps times pixels of all its pictures, in millions
    #[arg(long, env = "DENSE_DIFFUSION_MAX_WORK", value_name = "MILLIONS", default_value_t = (Limits::default().work / 1_000_000) as u32, value_parser = within(1, u32::MAX))]
    max_work: u32,
    /// Seconds after which a generation is cancelled that nobody looks at any more; 0: never
    #[arg(long, env = "DENSE_DIFFUSION_ABANDON_AFTER", value_name = "SECONDS", default_value_t = 0)]
    abandon_after: u32,
    /// Seconds that a step may take until the server ends itself, to be started anew and take the job up again; 0: any
    #[arg(long, env = "DENSE_DIFFUSION_LEASE", value_name = "SECONDS", default_value_t = 0)]
    lease: u32,
    /// Days that a generation is kept after its end; 0: for ever
    #[arg(long, env = "DENSE_DIFFUSION_KEEP_DAYS", value_name = "DAYS", default_value_t = 0)]
    keep_days: u32,
    /// Megabytes of pictures and requests that are kept, the oldest of which go first; 0: without limit
    #[arg(long, env = "DENSE_DIFFUSION_KEEP_MEGABYTES", value_name = "MB", default_value_t = 0)]
    keep_megabytes: u32,
    /// Requests that one address may make in a minute; 0: any number
    #[arg(long, env = "DENSE_DIFFUSION_REQUESTS_PER_MINUTE", value_name = "N", default_value_t = 1200)]
    requests_per_minute: u32,
    /// Generations that one address may submit in a minute; 0: any number
    #[arg(long, env = "DENSE_DIFFUSION_JOBS_PER_MINUTE", value_name = "N", default_value_t = 120)]
    jobs_per_minute: u32,
    /// Connections that one address may have at a time, but for a trusted proxy; 0: any number
    #[arg(long, env = "DENSE_DIFFUSION_CONNECTIONS_PER_ADDRESS", value_name = "N", default_value_t = 256)]
    connections_per_address: u32,
    /// Networks of proxies whose X-Forwarded-For is believed, such as 127.0.0.1/32, with spaces between
    #[arg(long, env = "DENSE_DIFFUSION_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ' ', value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// What browsers call this server, such as `https://paint.example`: makes cookies secure if it is https
    #[arg(long, env = "DENSE_DIFFUSION_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Users who may come, as `dense-diffusion password NAME` prints them, with spaces between; with none and no token:
    /// everybody
    #[arg(long, env = "DENSE_DIFFUSION_USER", value_name = "NAME:HASH", value_delimiter = ' ')]
    user: Vec<String>,
    /// Hashes of tokens with which programs may come, as `dense-diffusion token` prints them, with spaces between
    #[arg(long, env = "DENSE_DIFFUSION_TOKEN", value_name = "HASH", value_delimiter = ' ')]
    token: Vec<String>,
    /// Words, or several that follow each other, that no text may have; commas stand between them
    #[arg(long, env = "DENSE_DIFFUSION_BLOCKED_WORD", value_name = "WORD", value_delimiter = ',')]
    blocked_word: Vec<String>,
    /// Blur what the model's safety checker, if it has one, objects to
    #[arg(long, env = "DENSE_DIFFUSION_SAFETY_CHECKER", value_enum, default_value_t = Switch::On)]
    safety_checker: Switch,
    /// Address and port that tell measurements to Prometheus, at /metrics [default: none]
    #[arg(long, env = "DENSE_DIFFUSION_METRICS_ADDR", value_name = "ADDR")]
    metrics_addr: Option<SocketAddr>,
    /// How the log is written, to standard error; RUST_LOG says what is
    #[arg(long, env = "DENSE_DIFFUSION_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// TOML file with any of these settings, by the flags' names; the environment and flags come before it
    #[arg(long, env = "DENSE_DIFFUSION_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print all settings as such a file, with where each comes from, and end
    #[arg(long)]
    pub print_config: bool,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Serves until interrupted. Warns of environment variables that resemble settings but are none.
pub fn run(args: Args, unknown: &[String]) -> anyhow::Result<()> {
    let site = Site::open(args.site.clone().unwrap_or_else(Site::default_root))?;
    let device = args.device.device.explain()?;
    let (settings, hosting) = (args.settings(device.device)?, args.hosting()?);
    log(args.log_format);
    for name in unknown {
        tracing::warn!("{name} is no setting; `serve --print-config` lists all that there are");
    }
    let runtime = tokio::runtime::Runtime::new().context("no threads for the server")?;
    let served = runtime.block_on(async {
        let listener = listen(args.addr, "--addr").await?;
        let metrics = match args.metrics_addr {
            Some(address) => Some(listen(address, "--metrics-addr").await?),
            None => None,
        };
        let data = settings.data.clone();
        let studio = Studio::start(settings).await?;
        let key = web::key(&data)?;
        match args.log_format {
            LogFormat::Text => mention(format_args!("device: {device}")),
            LogFormat::Json => tracing::info!(%device, "the device was chosen"),
        }
        tracing::info!(data = %data.display(), "generations are kept here");
        web::serve(listener, metrics, WebState::new(site, studio, hosting, key)).await
    });
    // Remaining work has had its time.
    runtime.shutdown_background();
    served
}

async fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address} (is another server running, or is the port below 1024, which only root may take?); \
             {flag} takes another address"
        )
    })
}

fn log(format: LogFormat) {
    // Compose files set what they do not know to nothing, which would be a filter that lets nothing pass.
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let asked = if asked.is_empty() { "warn" } else { &asked };
    let filter = EnvFilter::try_new(asked).unwrap_or_else(|error| {
        mention(format_args!("{}: {error}; the log tells warnings and errors", EnvFilter::DEFAULT_ENV));
        "warn".into()
    });
    // If the log cannot be written, do not panic for lack of standard error either.
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).log_internal_errors(false);
    let log = log.with_env_filter(filter);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

impl Args {
    fn settings(&self, device: Device) -> anyhow::Result<Settings> {
        let load = LoadOptions {
            max_batch: self.together.map(|pictures| pictures as usize),
            safety_checker: self.safety_checker.is_on(),
            ..self.device.load(device)
        };
        Ok(Settings {
            data: match &self.data {
                Some(folder) => folder.clone(),
                None => {
                    default_data().context("there is no data folder for this user: name one with --data")?
                }
            },
            model: embedded::model_if_any(self.model.as_deref())?
                .map(|place| ModelPlace { name: load.name(&place.name), ..place }),
            load,
            pictures: self.pictures.place()?,
            claim_limits: ClaimLimits {
                running: self.max_running,
                lease: non_zero(self.lease).map(|seconds| Duration::from_secs(seconds.into())),
            },
            limits: Limits {
                side: self.max_side,
                steps: self.max_steps,
                samples: self.max_samples,
                jobs: self.max_jobs,
                work: u64::from(self.max_work) * 1_000_000,
            },
            network: non_zero(self.max_jobs_per_address),
            queue: self.max_queue,
            blocked: self.blocked_word.iter().filter_map(|entry| Blocked::new(entry)).collect(),
            upkeep: Upkeep {
                abandon: non_zero(self.abandon_after).map(|seconds| Duration::from_secs(seconds.into())),
                age: non_zero(self.keep_days).map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60)),
                bytes: non_zero(self.keep_megabytes).map(|megabytes| u64::from(megabytes) * 1_000_000),
            },
        })
    }

    /// Validates settings: users, tokens, addresses, the bucket.
    ///
    /// # Errors
    /// The first invalid one.
    pub fn check(&self) -> anyhow::Result<()> {
        self.hosting()?;
        self.pictures.place().map(drop)
    }

    fn hosting(&self) -> anyhow::Result<Hosting> {
        let proxies = Proxies(self.trusted_proxy.clone());
        Ok(Hosting {
            access: Access::new(&self.user, &self.token)?,
            connections: Arc::new(ConnectionLimit::new(self.connections_per_address, proxies.clone())),
            proxies,
            requests: Limiter::per_minute(self.requests_per_minute),
            tries: Limiter::per_minute(self.jobs_per_minute.saturating_mul(TRIES)),
            submissions: Limiter::per_minute(self.jobs_per_minute),
            public: self.public_url.as_deref().map(Public::parse).transpose()?,
        })
    }
}

/// Parses a number from `least` to `most`, or fails naming both.
fn within(least: u32, most: u32) -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(i64::from(least)..=i64::from(most))
}

fn network(text: &str) -> Result<IpNet, String> {
    text.parse().map_err(|_| "not a network such as 10.0.0.0/8 or, for one address, 127.0.0.1/32".to_owned())
}

/// Maps 0 to none.
fn non_zero(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

fn default_data() -> Option<PathBuf> {
    Some(dirs::data_local_dir()?.join("dense-diffusion"))
}
