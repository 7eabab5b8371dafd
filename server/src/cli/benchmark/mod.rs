//! `dense-diffusion benchmark`: how well the method puts things where they belong.

mod work;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use benchmark::{
    BenchmarkError, CONSTANTS, Evaluator, Judged, Method, Report, Set, Settings, Sweep, Tuned, Variant,
};
use clap::builder::RangedU64ValueParser;
use diffusion::{CudaOptions, Device, LoadOptions};
use request::Defaults;

use crate::cli::device::DeviceArgs;
use crate::cli::strengths::StrengthArgs;
use crate::cli::{Interrupted, embedded};
use crate::say::{mention, say};
use work::{Part, Work};

/// The parts of a model folder that affect its pictures.
const MODEL_PARTS: [&str; 7] =
    ["text_encoder", "tokenizer", "unet", "vae", "scheduler", "text_encoder_2", "tokenizer_2"];

/// Measure the method on held-out layouts
///
/// Paints every layout in every variant, from the same seeds, and has an evaluator say what the pictures show. Started
/// again with the same folder, it goes on where it stopped.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Layouts with texts: valset.json or the original's valset.pkl, or a folder with one, and the layout pictures
    #[arg(long, value_name = "PATH", default_value = "training/layouts/test")]
    set: PathBuf,
    /// Other layouts, on which the constant is tuned and the sweep is done
    #[arg(long, value_name = "PATH", default_value = "training/layouts/tune")]
    tune: PathBuf,
    /// A folder in the diffusers layout, a checkpoint in one .safetensors file, or the hub id of one that was pulled [default: the embedded model]
    #[arg(long)]
    model: Option<String>,
    /// The segmenter that looks at the pictures [default: the embedded model's, with that]
    #[arg(long, value_name = "DIR")]
    evaluator: Option<PathBuf>,
    /// Where the pictures and the report go
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Some of plain, cross, self, both, no-area and constant [default: all]
    #[arg(long, value_delimiter = ',')]
    variants: Option<Vec<Method>>,
    /// Only the first N layouts of a set
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    limit: Option<usize>,
    /// Number of denoising steps [default: the model's]
    #[arg(long)]
    steps: Option<i64>,
    /// Also vary w_c, w_s, the fraction of modulated steps and c, one at a time
    #[arg(long)]
    sweep: bool,
    /// The constant of the variant `constant` [default: tuned]
    #[arg(long, value_name = "C")]
    constant: Option<f64>,
    #[command(flatten)]
    strengths: StrengthArgs,
    #[command(flatten)]
    device: DeviceArgs,
}

/// Paints missing pictures, judges all, writes the report.
pub fn run(args: Args) -> anyhow::Result<()> {
    measure(args).map_err(|error| match error.downcast_ref() {
        Some(interrupted @ BenchmarkError::Interrupted { .. }) => Interrupted(interrupted.to_string()).into(),
        _ => error,
    })
}

fn measure(args: Args) -> anyhow::Result<()> {
    let model = embedded::model(args.model.as_deref())?.path;
    let mut defaults = diffusion::defaults(&model)?;
    defaults.steps = args.steps.unwrap_or(defaults.steps);
    args.strengths.set_defaults(&mut defaults);
    defaults.check().context("the strengths")?;
    let evaluator = evaluator(&args, &model)?;
    let methods = methods(&args, evaluator.is_some())?;
    let read = |place: &Path| read(place, args.limit, &defaults);
    let set = read(&args.set)?;
    let needs_tuning = methods.contains(&Method::Constant) && args.constant.is_none();
    let tune = if needs_tuning || args.sweep { Some(read(&args.tune)?) } else { None };
    let load = args.device.load(args.device.device.choose()?);
    let settings = settings(&model, &defaults, &load, &set, tune.as_ref())?;

    let mut work = Work::new(&args, model, defaults, evaluator, load, &settings)?;
    let constant = match (args.constant, &tune) {
        _ if !methods.contains(&Method::Constant) => None,
        (None, Some(tune)) => Some(tuned(&mut work, tune)?),
        (constant, _) => constant.map(|constant| Tuned { constant, tried: Vec::new() }),
    };
    let c = constant.as_ref().map_or(0.0, |tuned| tuned.constant);
    let variants: Vec<Variant> =
        methods.iter().map(|&method| Variant::new(method, work.defaults(), c)).collect();
    let judged = work.rows(&Part { set: &set, folder: "", variants: &variants })?;
    let mut report = Report::new(settings, work.accuracy(), &judged);
    report.constant = constant;
    if let Some(tune) = tune.as_ref().filter(|_| args.sweep) {
        report.sweeps = sweep(&mut work, tune)?;
    }
    report.write(&args.out)?;
    work.sheet(&Part { set: &set, folder: "", variants: &variants }, &args.out.join("sheet.png"))?;
    say(report.to_markdown())?;
    say(format_args!(
        "{} pictures painted; report.md, report.json, report.svg and sheet.png are in {}",
        work.painted(),
        args.out.display()
    ))?;
    Ok(())
}

fn read(place: &Path, limit: Option<usize>, defaults: &Defaults) -> anyhow::Result<Set> {
    let mut set = Set::read(place)?;
    set.items.truncate(limit.unwrap_or(usize::MAX));
    for id in set.leave_out_incomplete(defaults.masks.color_match())? {
        mention(format_args!("note: item {id} is left out: its layout has fewer colours than texts"));
    }
    if set.items.is_empty() {
        bail!("{}: no item is left", place.display());
    }
    Ok(set)
}

/// Opens the given evaluator, or the embedded model's own; without one, there are no scores.
fn evaluator(args: &Args, model: &Path) -> anyhow::Result<Option<Evaluator>> {
    let own = || embedded::EVALUATOR.folder().filter(|_| embedded::MODEL.is(model));
    let Some(folder) = args.evaluator.clone().or_else(own) else {
        mention("note: there is no evaluator for this model and none is given by --evaluator: no scores");
        return Ok(None);
    };
    Ok(Some(Evaluator::open(&folder)?))
}

/// The variants to paint; without an evaluator nothing can be tuned or swept.
fn methods(args: &Args, scored: bool) -> anyhow::Result<Vec<Method>> {
    if args.sweep && !scored {
        bail!("--sweep needs an evaluator: give one by --evaluator");
    }
    let can_tune = scored || args.constant.is_some();
    let Some(methods) = &args.variants else {
        let possible = |method: &Method| *method != Method::Constant || can_tune;
        return Ok(Method::ALL.into_iter().filter(possible).collect());
    };
    if methods.contains(&Method::Constant) && !can_tune {
        bail!(
            "the variant constant is tuned with an evaluator: give one by --evaluator, or the constant by --constant"
        );
    }
    // Each once, in table order.
    Ok(Method::ALL.into_iter().filter(|method| methods.contains(method)).collect())
}

/// The common settings of all pictures; a folder with other settings is not resumed.
fn settings(
    model: &Path,
    defaults: &Defaults,
    load: &LoadOptions,
    set: &Set,
    tune: Option<&Set>,
) -> anyhow::Result<Settings> {
    let defaults = serde_json::to_value(defaults)?;
    let mut settings: Settings = defaults
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut parts = vec![model.to_owned()];
    if model.is_dir() {
        parts = MODEL_PARTS.iter().map(|part| model.join(part)).collect();
    }
    settings.insert("model".to_owned(), benchmark::digest(&parts)?.into());
    let loras = (!load.loras.is_empty()).then(|| -> anyhow::Result<_> {
        let files: Vec<_> = load.loras.iter().map(|lora| lora.path.as_path()).collect();
        let weights: Vec<_> = load.loras.iter().map(|lora| lora.weight).collect();
        Ok(format!("{} {weights:?}", benchmark::digest(&files)?))
    });
    let precision = load.precision.map(|precision| format!("{precision:?}"));
    let cuda_options = load.device != Device::Cpu && load.cuda != CudaOptions::default();
    let cuda_options = cuda_options.then(|| format!("{:?}", load.cuda));
    // Unset options are recorded too: a folder is not resumed with other ones.
    settings.insert("device".to_owned(), format!("{:?}", load.device).into());
    settings.insert("loras".to_owned(), loras.transpose()?.into());
    settings.insert("precision".to_owned(), precision.into());
    settings.insert("cuda_options".to_owned(), cuda_options.into());
    settings.insert("set".to_owned(), set.digest()?.into());
    if let Some(tune) = tune {
        settings.insert("tune".to_owned(), tune.digest()?.into());
    }
    Ok(settings)
}

/// The best constant on the tuning layouts.
fn tuned(work: &mut Work, tune: &Set) -> anyhow::Result<Tuned> {
    let variants = CONSTANTS.map(|c| Variant::new(Method::Constant, work.defaults(), c));
    let judged = work.rows(&Part { set: tune, folder: "tune", variants: &variants })?;
    let tried: Vec<(f64, Vec<Judged>)> =
        CONSTANTS.into_iter().zip(judged.into_iter().map(|(_, pictures)| pictures)).collect();
    benchmark::tune(&tried).with_context(|| {
        format!("{}: the evaluator knows nothing in it; give --constant", tune.folder.display())
    })
}

/// Sweeps one setting at a time.
fn sweep(work: &mut Work, tune: &Set) -> anyhow::Result<Vec<Sweep>> {
    let axes = benchmark::axes(work.defaults());
    let mut sweeps = Vec::new();
    for axis in axes {
        let variants: Vec<Variant> = axis.points.iter().map(|(_, variant)| variant.clone()).collect();
        let judged = work.rows(&Part { set: tune, folder: "tune", variants: &variants })?;
        let row =
            |(variant, pictures): &(Variant, Vec<Judged>)| benchmark::Row::new(variant, pictures, None, None);
        let values = axis.points.iter().map(|(value, _)| *value);
        sweeps
            .push(Sweep { name: axis.name.to_owned(), points: values.zip(judged.iter().map(row)).collect() });
    }
    Ok(sweeps)
}
