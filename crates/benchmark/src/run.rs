//! Painting into a folder, resuming where the last run stopped.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use image::{ImageFormat, RgbImage};
use layout::Layout;
use request::{Defaults, Generation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{BenchmarkError, PaintError, read, write};
use crate::{Item, Set, Variant};

/// The settings that all pictures of a folder share, by name: the model, the steps, …
pub type Settings = BTreeMap<String, Value>;

/// Paints one picture from its request, layout and seed.
pub type Painter<'a> = dyn FnMut(&Generation, &Layout, u64) -> Result<RgbImage, PaintError> + 'a;

/// Maximum bytes of a run's settings and list.
const MAX_LIST: u64 = 64 << 20;

/// A picture to paint.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The set of the item.
    pub set: &'a Set,
    /// The subfolder of the set's pictures; empty: the run's own folder.
    pub part: &'a str,
    /// The item.
    pub item: &'a Item,
    /// The variant.
    pub variant: &'a Variant,
}

impl<'a> Job<'a> {
    /// Returns every item in every variant, item by item, so that an interrupted run can already be compared.
    pub fn all(set: &'a Set, part: &'a str, variants: &'a [Variant]) -> Vec<Self> {
        let of = |item: &'a Item| variants.iter().map(move |variant| Self { set, part, item, variant });
        set.items.iter().flat_map(of).collect()
    }

    /// The picture's path in the run's folder.
    pub fn picture(&self) -> String {
        let folder = if self.part.is_empty() { String::new() } else { format!("{}/", self.part) };
        format!("{folder}{}/{}.png", self.variant.name, self.item.id)
    }

    /// The seed: the same for all variants of an item.
    pub fn seed(&self) -> u64 {
        u64::from(self.item.id)
    }

    /// Returns the layout and the request, validated.
    fn prepare(&self, defaults: &Defaults) -> Result<(Layout, Generation), BenchmarkError> {
        let problem = |problem: String| {
            let (set, id) = (self.set.folder.clone(), self.item.id);
            BenchmarkError::Item { set, id, problem }
        };
        let layout =
            self.item.layout(defaults.masks.color_match()).map_err(|error| problem(error.to_string()))?;
        let generation = self
            .variant
            .generation(self.item, &layout, defaults)
            .map_err(|error| problem(error.to_string()))?;
        Ok((layout, generation))
    }
}

/// An entry in the list of finished pictures.
#[derive(Serialize, Deserialize)]
struct Line {
    picture: String,
    seed: u64,
    seconds: f64,
}

/// A folder of pictures: `settings.json`, `pictures.jsonl` with a line per finished picture, and `VARIANT/ID.png`.
#[derive(Debug)]
pub struct Run {
    out: PathBuf,
    /// Seconds of each finished picture.
    done: BTreeMap<String, f64>,
}

impl Run {
    /// Opens a folder, or creates one.
    ///
    /// # Errors
    /// The folder cannot be written, its list is damaged, or it holds pictures of other settings. New
    /// settings are added.
    pub fn open(out: &Path, settings: &Settings) -> Result<Self, BenchmarkError> {
        let path = out.join("settings.json");
        let mut known = match path.is_file() {
            true => serde_json::from_slice(&read(&path, MAX_LIST)?)
                .map_err(|error| BenchmarkError::file(&path, format!("is damaged: {error}")))?,
            false => Settings::new(),
        };
        let difference = |(name, value): (&String, &Value)| {
            let old = known.get(name).filter(|old| *old != value)?;
            Some(format!("{name} = {old}, not {value}"))
        };
        let differences: Vec<String> = settings.iter().filter_map(difference).collect();
        if !differences.is_empty() {
            let differences = differences.join(", ");
            return Err(BenchmarkError::Settings { out: out.to_path_buf(), differences });
        }
        known.extend(settings.clone());
        write(&path, &pretty(&known))?;
        let mut run = Self { out: out.to_path_buf(), done: BTreeMap::new() };
        run.read_list()?;
        Ok(run)
    }

    /// Returns a picture's path.
    pub fn path(&self, job: &Job<'_>) -> PathBuf {
        self.out.join(job.picture())
    }

    /// Returns how many seconds a picture took, if it exists.
    pub fn seconds(&self, job: &Job<'_>) -> Option<f64> {
        self.done.get(&job.picture()).copied().filter(|_| self.path(job).is_file())
    }

    /// Are all of `jobs` painted?
    pub fn is_done(&self, jobs: &[Job<'_>]) -> bool {
        jobs.iter().all(|job| self.seconds(job).is_some())
    }

    /// Paints those of `jobs` that are missing and returns how many. `watch` is called before each with its
    /// index in `jobs`.
    ///
    /// # Errors
    /// An item that cannot be painted (found before any is), the painter's errors, a full disk. Finished
    /// pictures stay and are not painted again.
    pub fn paint(
        &mut self,
        jobs: &[Job<'_>],
        defaults: &Defaults,
        painter: &mut Painter<'_>,
        watch: &mut dyn FnMut(usize, &Job<'_>),
    ) -> Result<usize, BenchmarkError> {
        let open = |run: &Self| -> Vec<usize> {
            (0..jobs.len()).filter(|&at| run.seconds(&jobs[at]).is_none()).collect()
        };
        let open = open(self);
        for &at in &open {
            jobs[at].prepare(defaults)?;
        }
        for (painted, &at) in open.iter().enumerate() {
            let job = &jobs[at];
            watch(at, job);
            let (layout, generation) = job.prepare(defaults)?;
            let start = Instant::now();
            let picture = painter(&generation, &layout, job.seed()).map_err(|error| match error {
                PaintError::Interrupted => {
                    BenchmarkError::Interrupted { done: jobs.len() - open.len() + painted, all: jobs.len() }
                }
                PaintError::Failed(source) => BenchmarkError::Paint { picture: job.picture(), source },
            })?;
            self.keep(job, &picture, start.elapsed().as_secs_f64())?;
        }
        Ok(open.len())
    }

    fn keep(&mut self, job: &Job<'_>, picture: &RgbImage, seconds: f64) -> Result<(), BenchmarkError> {
        let path = self.path(job);
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).map_err(|error| BenchmarkError::file(&path, error))?;
        write(&path, png.get_ref())?;
        let line = Line { picture: job.picture(), seed: job.seed(), seconds };
        let list = self.list();
        let append = || -> std::io::Result<()> {
            let mut file = std::fs::File::options().create(true).append(true).open(&list)?;
            file.write_all(format!("{}\n", serde_json::to_string(&line)?).as_bytes())
        };
        append().map_err(|error| BenchmarkError::file(&list, format!("cannot be written: {error}")))?;
        self.done.insert(line.picture, seconds);
        Ok(())
    }

    fn list(&self) -> PathBuf {
        self.out.join("pictures.jsonl")
    }

    /// Reads the list, dropping a last line cut off by a crash.
    fn read_list(&mut self) -> Result<(), BenchmarkError> {
        let path = self.list();
        if !path.is_file() {
            return Ok(());
        }
        let bytes = read(&path, MAX_LIST)?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        for (number, line) in bytes[..whole].split(|&byte| byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let line: Line = serde_json::from_slice(line).map_err(|error| {
                let problem = format!("line {} is damaged ({error}): remove that line", number + 1);
                BenchmarkError::file(&path, problem)
            })?;
            self.done.insert(line.picture, line.seconds);
        }
        if whole < bytes.len() {
            write(&path, &bytes[..whole])?;
        }
        Ok(())
    }
}

/// Human-readable JSON.
pub(crate) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}
