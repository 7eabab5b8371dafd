//! `dense-diffusion serve`: the studio in the browser.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use api::Limits;
use diffusion::Device;
use tokio::net::TcpListener;

use crate::web::{self, ModelPlace, Settings, Site, Studio, WebState};

/// The model that ships with the program, looked for beside the program, above it, and where one works.
const EMBEDDED_MODEL: &str = "models/scenes";

/// How long the step under way may take after everything else has ended.
const LAST_STEP: Duration = Duration::from_secs(10);

/// Serve the studio to the browser
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "DENSE_DIFFUSION_ADDR", default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
    /// A folder in the diffusers layout, or the hub id of a checkpoint that was pulled [default: the embedded model]
    #[arg(long, env = "DENSE_DIFFUSION_MODEL")]
    model: Option<String>,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, env = "DENSE_DIFFUSION_DEVICE", default_value = "auto")]
    device: Device,
    /// Folder that keeps generations and pictures [default: dense-diffusion in the user's data folder]
    #[arg(long, env = "DENSE_DIFFUSION_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder of the built front end [default: `site` beside the folder of this program]
    #[arg(long, env = "LEPTOS_SITE_ROOT")]
    site: Option<PathBuf>,
    /// Longest side of a picture that is taken, in pixels
    #[arg(long, env = "DENSE_DIFFUSION_MAX_SIDE", value_name = "PIXELS", default_value_t = 1024)]
    max_side: u32,
    /// Most denoising steps that are taken
    #[arg(long, env = "DENSE_DIFFUSION_MAX_STEPS", value_name = "N", default_value_t = 150)]
    max_steps: u32,
    /// Most pictures of one generation that are taken
    #[arg(long, env = "DENSE_DIFFUSION_MAX_SAMPLES", value_name = "N", default_value_t = 4)]
    max_samples: u32,
    /// Most generations of one client that may wait or run
    #[arg(long, env = "DENSE_DIFFUSION_MAX_JOBS", value_name = "N", default_value_t = 10)]
    max_jobs: u32,
    /// Most generations of all clients that may wait
    #[arg(long, env = "DENSE_DIFFUSION_MAX_QUEUE", value_name = "N", default_value_t = 500)]
    max_queue: u32,
}

/// Serves until interrupted.
pub fn run(args: Args) -> anyhow::Result<()> {
    let site = Site::open(args.site.clone().unwrap_or_else(Site::default_root))?;
    let settings = args.settings()?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .init();
    let runtime = tokio::runtime::Runtime::new().context("no threads for the server")?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(args.addr).await.with_context(|| {
            format!("cannot listen on {}; is another server running? --addr takes another address", args.addr)
        })?;
        let studio = Studio::start(settings).await?;
        eprintln!("device: {}", args.device.explain()?);
        web::serve(listener, WebState::new(site, studio)).await
    });
    runtime.shutdown_timeout(LAST_STEP);
    served
}

impl Args {
    fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings {
            data: match &self.data {
                Some(folder) => folder.clone(),
                None => {
                    default_data().context("there is no data folder for this user: name one with --data")?
                }
            },
            model: self.model()?,
            device: self.device.choose()?,
            limits: Limits {
                side: self.max_side,
                steps: self.max_steps,
                samples: self.max_samples,
                jobs: self.max_jobs,
            },
            queue: self.max_queue,
        })
    }

    /// The model that was named, which must be there, or the embedded one if it is.
    fn model(&self) -> anyhow::Result<Option<ModelPlace>> {
        let Some(model) = &self.model else { return Ok(embedded_model()) };
        let folder = hub::resolve(model)?;
        let name = if Path::new(model).is_dir() { folder_name(&folder) } else { model.clone() };
        Ok(Some(ModelPlace { folder, name }))
    }
}

fn default_data() -> Option<PathBuf> {
    Some(dirs::data_local_dir()?.join("dense-diffusion"))
}

/// In an unpacked distribution the model lies beside the program, in the repository above `target/debug`.
fn embedded_model() -> Option<ModelPlace> {
    let program = std::env::current_exe().unwrap_or_default();
    let folders =
        program.ancestors().skip(1).chain([Path::new(".")]).map(|folder| folder.join(EMBEDDED_MODEL));
    let folder = folders.into_iter().find(|folder| folder.join("model_index.json").is_file())?;
    Some(ModelPlace { name: folder_name(&folder), folder })
}

fn folder_name(folder: &Path) -> String {
    // Of `.` and `..` too.
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}
