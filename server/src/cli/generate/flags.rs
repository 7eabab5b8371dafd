//! The flags of `generate`, and the request that they form.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::ArgGroup;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use request::{
    Defaults, Generation, GenerationRequest, InpaintRequest, LayoutRequest, RegionRequest, Scheduler,
};

use crate::cli::device::DeviceArgs;
use crate::cli::strengths::StrengthArgs;
use crate::cli::{Switch, set, word};
use crate::{files, picture};

/// Paint a picture from a drawn layout
///
/// Give either a request file, or a layout and one text per region; further flags win over what the file says.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("source").args(["layout", "request"]).required(true)))]
pub struct Args {
    /// A folder in the diffusers layout, a checkpoint in one .safetensors file, or the hub id of one that was pulled [default: the embedded model]
    #[arg(long)]
    pub model: Option<String>,
    /// Where 0.png, 1.png, … go; if there are some, the next numbers
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A request as JSON, or a picture made by this program, which carries its own
    #[arg(long, value_name = "FILE", conflicts_with = "region")]
    request: Option<PathBuf>,
    /// A picture of flat colours, one per region
    #[arg(long, value_name = "PNG", requires = "region")]
    layout: Option<PathBuf>,
    /// A region's text, repeated: the background first, the others by falling area
    #[arg(long, value_name = "TEXT", requires = "layout")]
    region: Vec<String>,
    /// A picture of which only --repaint's regions are painted anew; it must have the size that is painted
    #[arg(long, value_name = "PNG", requires = "repaint")]
    inpaint: Option<PathBuf>,
    /// A region that is painted anew, repeated: 0 is the background
    #[arg(long, value_name = "N", requires = "inpaint")]
    repaint: Vec<i64>,
    /// The full text, in which every region's text appears word for word [default: the texts joined by " , "]
    #[arg(long, value_name = "TEXT", alias = "text")]
    prompt: Option<String>,
    /// Seed of the noise; -1 draws one
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<i64>,
    /// Number of denoising steps
    #[arg(long, allow_negative_numbers = true)]
    steps: Option<i64>,
    /// Classifier-free guidance scale
    #[arg(long, alias = "guidance", allow_negative_numbers = true)]
    guidance_scale: Option<f64>,
    /// What the picture should not show
    #[arg(long, value_name = "TEXT", alias = "negative")]
    negative_prompt: Option<String>,
    /// Number of pictures
    #[arg(long, allow_negative_numbers = true)]
    samples: Option<i64>,
    /// How the noise is removed step by step
    #[arg(long, value_parser = schedulers())]
    scheduler: Option<Scheduler>,
    /// Karras's sigmas, with schedulers that have them
    #[arg(long, value_enum)]
    karras: Option<Switch>,
    /// Fresh noise that DDIM adds at each step, 0 to 1 (as much as DDPM)
    #[arg(long, allow_negative_numbers = true)]
    eta: Option<f64>,
    /// Width of the picture in pixels
    #[arg(long, allow_negative_numbers = true)]
    width: Option<i64>,
    /// Height of the picture in pixels
    #[arg(long, allow_negative_numbers = true)]
    height: Option<i64>,
    #[command(flatten)]
    strengths: StrengthArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Blur what the model's safety checker, if it has one, objects to
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub safety_checker: Switch,
    /// Also write the latents of every step as .npy files
    #[arg(long, value_name = "DIR")]
    pub dump: Option<PathBuf>,
}

impl Args {
    /// The request, validated against the model's defaults.
    pub fn generation(&self, defaults: &Defaults) -> anyhow::Result<Generation> {
        let mut request = self.base()?;
        set(&mut request.inpaint, &self.inpaint());
        set(&mut request.prompt, &self.prompt);
        set(&mut request.seed, &self.seed);
        set(&mut request.steps, &self.steps);
        set(&mut request.guidance_scale, &self.guidance_scale);
        set(&mut request.negative_prompt, &self.negative_prompt);
        set(&mut request.samples, &self.samples);
        set(&mut request.scheduler, &self.scheduler);
        set(&mut request.karras, &self.karras.map(Switch::is_on));
        set(&mut request.eta, &self.eta);
        self.strengths.set(&mut request);
        set(&mut request.width, &self.width);
        set(&mut request.height, &self.height);
        let generation = request.parse(defaults)?;
        let scheduler = generation.sampling.scheduler;
        ensure!(
            self.eta.is_none_or(|eta| eta == 0.0) || scheduler.has_eta(),
            "eta: {scheduler} adds no such noise; leave it out, or choose {}",
            Scheduler::Ddim
        );
        Ok(generation)
    }

    /// The model that painted the picture whose request is repeated, if not `model`.
    pub fn another_model(&self, model: &str) -> Option<String> {
        let texts = files::read("request", self.request.as_ref()?, picture::texts).ok()?;
        let (_, parameters) =
            texts.into_iter().find(|(keyword, _)| keyword == picture::PARAMETERS_KEYWORD)?;
        request::another_model(&parameters, model).map(str::to_owned)
    }

    fn inpaint(&self) -> Option<InpaintRequest> {
        let image = self.inpaint.as_ref()?.to_string_lossy().into_owned();
        Some(InpaintRequest { image, regions: self.repaint.clone() })
    }

    /// The request from the file, or from the layout and the texts.
    fn base(&self) -> anyhow::Result<GenerationRequest> {
        if let Some(path) = &self.request {
            return files::read("request", path, |bytes| read(path, bytes));
        }
        let layout = self.layout.clone().unwrap_or_default();
        let region = |text: &String| RegionRequest { text: text.clone(), ..RegionRequest::default() };
        let layout = LayoutRequest::Path(layout.to_string_lossy().into_owned());
        Ok(GenerationRequest::new(layout, self.region.iter().map(region).collect()))
    }
}

/// Reads a request file, or the request embedded in a picture; picture paths in it are relative to the file.
fn read(path: &Path, bytes: &[u8]) -> anyhow::Result<GenerationRequest> {
    let carried = picture::carried_request(bytes)?;
    let text = match &carried {
        Some(carried) => carried,
        None => str::from_utf8(bytes).context("is neither JSON nor a PNG")?,
    };
    let mut request: GenerationRequest =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).context("is not a request")?;
    let layout = match &mut request.layout {
        LayoutRequest::Path(layout) => Some(layout),
        LayoutRequest::Runs(_) | LayoutRequest::Png(_) => None,
    };
    let image = request.inpaint.as_mut().map(|inpaint| &mut inpaint.image);
    if let Some(folder) = path.parent() {
        for picture in layout.into_iter().chain(image).filter(|picture| !picture.is_empty()) {
            *picture = folder.join(&*picture).to_string_lossy().into_owned();
        }
    }
    Ok(request)
}

/// The schedulers by name.
fn schedulers() -> impl TypedValueParser<Value = Scheduler> {
    let value = |scheduler: Scheduler| {
        let name = scheduler.name();
        PossibleValue::new(name.replace('_', "-")).alias(name)
    };
    PossibleValuesParser::new(Scheduler::ALL.map(value)).try_map(|name| word::<Scheduler>(&name))
}
