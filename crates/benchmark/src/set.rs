//! Layouts with texts, in the format of the original's validation set.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{ImageReader, Limits, RgbaImage};
use layout::{ColorMatch, Layout, LayoutError, MAX_SIDE, Picture};
use serde::Deserialize;
use serde_json::Value;

use crate::error::{BenchmarkError, read};
use crate::pickle;

/// Names of the text file, and of the picture folder `NAME_layout`.
const NAMES: [&str; 2] = ["valset", "testset"];

/// Size limit of the text file; the published one has 3,249 bytes.
const MAX_TEXTS: u64 = 4 << 20;

/// Maximum bytes of a layout picture.
const MAX_PICTURE: u64 = 32 << 20;

/// Maximum items of a set.
const MAX_ITEMS: usize = 5000;

/// Items sorted by number.
#[derive(Clone, Debug)]
pub struct Set {
    /// The folder it was read from.
    pub folder: PathBuf,
    /// The items; at least one.
    pub items: Vec<Item>,
    /// Text file and picture folder.
    folders: Vec<PathBuf>,
}

/// One layout with its texts.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its number in the set.
    pub id: u32,
    /// The full prompt.
    pub prompt: String,
    /// The regions' texts, the background's first, then by decreasing area.
    pub texts: Vec<String>,
    /// The objects in regions 1, 2, …, if the set lists them.
    pub objects: Option<Vec<Object>>,
    /// The layout picture.
    pub picture: PathBuf,
}

/// The object in a region.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Object {
    /// Its kind, by the evaluator's name for it.
    pub kind: String,
    /// Its colour, if the text names one.
    pub colour: Option<String>,
}

/// An item as stored in the file.
#[derive(Deserialize)]
struct Entry {
    id: Option<u32>,
    textual_condition: String,
    segment_descriptions: Vec<String>,
    objects: Option<Vec<Object>>,
}

impl Set {
    /// Reads a text file, `valset.json` or the original's `valset.pkl` (whose code is not run), or the first
    /// such file in a folder; the pictures are `valset_layout/N.png`, or `N.png` beside the file.
    ///
    /// # Errors Anything missing or damaged, by file and item. Pictures must exist; [`Item::layout`] reads
    /// them.
    pub fn read(place: &Path) -> Result<Self, BenchmarkError> {
        let names = NAMES.iter().flat_map(|name| ["json", "pkl"].map(|ending| format!("{name}.{ending}")));
        let found = match place.is_file() {
            true => Some(place.to_path_buf()),
            false => names.map(|name| place.join(name)).find(|path| path.is_file()),
        };
        let Some(path) = found else {
            let problem = "no benchmark set: there is neither valset.json nor valset.pkl in it";
            return Err(BenchmarkError::file(place, problem));
        };
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let problem = |problem: String| BenchmarkError::file(&path, problem);
        let bytes = read(&path, MAX_TEXTS)?;
        let value = match path.extension().is_some_and(|ending| ending == "pkl") {
            true => pickle::read(&bytes).map_err(|error| problem(error.to_string()))?,
            false => {
                serde_json::from_slice(&bytes).map_err(|error| problem(format!("is not JSON: {error}")))?
            }
        };
        let beside = folder.join(format!("{name}_layout"));
        let pictures = if beside.is_dir() { beside } else { folder.to_path_buf() };
        let items =
            entries(value).map_err(problem)?.into_iter().map(|(key, value)| item(&key, value, &pictures));
        let mut items = items.collect::<Result<Vec<_>, _>>().map_err(problem)?;
        items.sort_by_key(|item| item.id);
        if let Some(twice) = items.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(problem(format!("item {} stands there twice", twice[0].id)));
        }
        if items.is_empty() || items.len() > MAX_ITEMS {
            return Err(problem(format!("holds {} items; 1 to {MAX_ITEMS} are possible", items.len())));
        }
        if let Some(item) = items.iter().find(|item| !item.picture.is_file()) {
            let problem = format!("the layout picture of item {} is missing", item.id);
            return Err(BenchmarkError::file(&item.picture, problem));
        }
        let folders = vec![path.clone(), pictures];
        Ok(Self { folder: folder.to_path_buf(), items, folders })
    }

    /// Drops the items whose layouts have fewer colours than texts, and returns their numbers. The original's
    /// test set has one, on which its own program fails.
    ///
    /// # Errors
    /// A layout picture cannot be read.
    pub fn leave_out_incomplete(&mut self, matching: ColorMatch) -> Result<Vec<u32>, BenchmarkError> {
        let mut left_out = Vec::new();
        for item in &self.items {
            match item.layout(matching) {
                Err(BenchmarkError::Layout { source: LayoutError::FewerColors { .. }, .. }) => {
                    left_out.push(item.id);
                }
                layout => drop(layout?),
            }
        }
        self.items.retain(|item| !left_out.contains(&item.id));
        Ok(left_out)
    }

    /// Returns a short digest of the set's files.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn digest(&self) -> Result<String, BenchmarkError> {
        crate::digest(&self.folders)
    }
}

/// Returns the items with their keys, which are empty for a list.
fn entries(value: Value) -> Result<Vec<(String, Value)>, String> {
    match value {
        Value::Array(items) => Ok(items.into_iter().map(|item| (String::new(), item)).collect()),
        Value::Object(items) => Ok(items.into_iter().collect()),
        _ => Err("holds neither a list nor a dictionary of items".to_owned()),
    }
}

fn item(key: &str, value: Value, pictures: &Path) -> Result<Item, String> {
    let named = value.get("id").map_or(key.to_owned(), Value::to_string);
    let entry: Entry = serde_json::from_value(value).map_err(|error| format!("item {named:?}: {error}"))?;
    let id = entry.id.or_else(|| key.parse().ok()).ok_or_else(|| format!("item {named:?}: has no number"))?;
    let regions = entry.segment_descriptions.len();
    match &entry.objects {
        Some(objects) if objects.len() + 1 != regions => {
            let count = objects.len();
            Err(format!("item {id}: {count} objects for {regions} regions; the background is none"))
        }
        _ => Ok(Item {
            id,
            prompt: entry.textual_condition,
            texts: entry.segment_descriptions,
            objects: entry.objects,
            picture: pictures.join(format!("{id}.png")),
        }),
    }
}

impl Item {
    /// Reads the layout, with as many regions as there are texts.
    ///
    /// # Errors
    /// The picture cannot be read, or does not have one colour per text.
    pub fn layout(&self, matching: ColorMatch) -> Result<Layout, BenchmarkError> {
        let rgba = self.rgba()?;
        let picture = Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.as_raw() };
        Layout::from_colors(picture, self.texts.len(), matching)
            .map_err(|source| BenchmarkError::Layout { path: self.picture.clone(), source })
    }

    /// Reads the layout picture unchanged.
    ///
    /// # Errors
    /// The file is missing, damaged, not a picture or too large.
    pub fn rgba(&self) -> Result<RgbaImage, BenchmarkError> {
        let bytes = read(&self.picture, MAX_PICTURE)?;
        let decode = || -> image::ImageResult<RgbaImage> {
            let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
            let mut limits = Limits::default();
            limits.max_image_width = Some(MAX_SIDE);
            limits.max_image_height = Some(MAX_SIDE);
            reader.limits(limits);
            Ok(reader.decode()?.into_rgba8())
        };
        decode()
            .map_err(|error| BenchmarkError::file(&self.picture, format!("is no layout picture: {error}")))
    }
}
