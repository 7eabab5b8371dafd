//! The segmenter that classifies what a picture shows.

use std::path::Path;

use image::{RgbImage, imageops};
use ort::logging::LogLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::TensorRef;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{BenchmarkError, read};

/// Side of the evaluator's output grid, in cells, and of the masks it is compared with.
pub const GRID: usize = 64;

/// Side of its input, in pixels.
const SIDE: u32 = 128;

/// Maximum bytes of the network; ours has 8 million.
const MAX_NETWORK: u64 = 1 << 30;

/// The class names, from `classes.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Classes {
    /// The kinds of object; the first is the background.
    pub kinds: Vec<String>,
    /// The colours.
    pub colours: Vec<String>,
    /// The kinds that come in several colours.
    #[serde(default)]
    pub coloured: Vec<String>,
}

impl Classes {
    /// Returns the index of a kind, except the background.
    pub fn kind(&self, name: &str) -> Option<usize> {
        self.kinds.iter().skip(1).position(|kind| kind == name).map(|index| index + 1)
    }

    /// Returns the index of a colour.
    pub fn colour(&self, name: &str) -> Option<usize> {
        self.colours.iter().position(|colour| colour == name)
    }
}

/// The classes in each of [`GRID`] x [`GRID`] cells, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maps {
    /// The likeliest kind, an index of [`Classes::kinds`].
    pub kind: Vec<usize>,
    /// The likeliest colour, an index of [`Classes::colours`].
    pub colour: Vec<usize>,
}

/// A segmenter: `picture` f32 \[1, 3, 128, 128\] in 0..1 -> the logits `kind` f32 \[1, kinds, 64, 64\] and `colour` f32
/// \[1, colours, 64, 64\].
#[derive(Debug)]
pub struct Evaluator {
    session: Session,
    classes: Classes,
    /// Its accuracy on held-out renders with true masks, from `accuracy.json`.
    pub accuracy: Option<Value>,
}

impl Evaluator {
    /// Opens `segmenter.onnx`, `classes.json` and, if present, `accuracy.json` in `folder`.
    ///
    /// # Errors
    /// Anything missing or damaged, by file.
    pub fn open(folder: &Path) -> Result<Self, BenchmarkError> {
        let json =
            |name: &str| Ok::<_, BenchmarkError>((read(&folder.join(name), 1 << 20)?, folder.join(name)));
        let (bytes, path) = json("classes.json")?;
        let classes: Classes =
            serde_json::from_slice(&bytes).map_err(|error| BenchmarkError::file(&path, error))?;
        if classes.kinds.len() < 2 || classes.colours.is_empty() {
            return Err(BenchmarkError::file(&path, "names no kind besides the background, or no colour"));
        }
        let accuracy = match folder.join("accuracy.json").is_file() {
            true => {
                let (bytes, path) = json("accuracy.json")?;
                Some(serde_json::from_slice(&bytes).map_err(|error| BenchmarkError::file(path, error))?)
            }
            false => None,
        };
        let path = folder.join("segmenter.onnx");
        let network = read(&path, MAX_NETWORK)?;
        let environment = attention::runtime::environment()?;
        let session = Session::builder(&environment)
            .and_then(|builder| Ok(builder.with_log_level(LogLevel::Fatal)?))
            .and_then(|mut builder| builder.commit_from_memory(&network))
            .map_err(|error| BenchmarkError::file(&path, format!("ONNX Runtime cannot load it: {error}")))?;
        Ok(Self { session, classes, accuracy })
    }

    /// The class names.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// Classifies a picture of any size.
    ///
    /// # Errors
    /// The network lacks the inputs or outputs of [`Evaluator`]; says which.
    pub fn look(&mut self, picture: &RgbImage) -> Result<Maps, String> {
        // Averages over blocks, as the training renders were downscaled.
        let small = imageops::thumbnail(picture, SIDE, SIDE);
        let plane = |channel: usize| small.pixels().map(move |pixel| f32::from(pixel.0[channel]) / 255.0);
        let values: Vec<f32> = (0..3).flat_map(plane).collect();
        let (kinds, colours) = (self.classes.kinds.len(), self.classes.colours.len());
        let side = SIDE as usize;
        let failed = |error: ort::Error| format!("the evaluator failed: {error}");
        let input = TensorRef::from_array_view(([1, 3, side, side], &*values)).map_err(failed)?;
        let outputs = self.session.run(ort::inputs!["picture" => input]).map_err(failed)?;
        Ok(Maps {
            kind: likeliest(&outputs, "kind", kinds)?,
            colour: likeliest(&outputs, "colour", colours)?,
        })
    }
}

/// Returns the class with the largest logit in each cell.
fn likeliest(outputs: &SessionOutputs<'_>, name: &str, classes: usize) -> Result<Vec<usize>, String> {
    let output = outputs.get(name).ok_or_else(|| format!("the evaluator has no output {name:?}"))?;
    let (shape, logits) = output
        .try_extract_tensor::<f32>()
        .map_err(|error| format!("the evaluator's output {name:?}: {error}"))?;
    let wanted = [1, classes as i64, GRID as i64, GRID as i64];
    if **shape != wanted {
        return Err(format!(
            "the evaluator's output {name:?} is {shape:?}, not {wanted:?} as its classes say"
        ));
    }
    if logits.iter().any(|logit| logit.is_nan()) {
        return Err(format!("the evaluator's output {name:?} is not a number: its weights are damaged"));
    }
    let cells = GRID * GRID;
    let logit = |class: usize, cell: usize| logits[class * cells + cell];
    let best = |cell| {
        (1..classes).fold(0, |best, class| if logit(class, cell) > logit(best, cell) { class } else { best })
    };
    Ok((0..cells).map(best).collect())
}
