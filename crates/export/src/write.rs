//! Writes exported models as files for other hosts.

use std::fs;
use std::path::{Path, PathBuf};

use onnx::Message;

use crate::error::{ExportError, Result, read, write as writing};
use crate::weights::WeightFile;
use crate::{Checkpoint, Target, TokenizerFiles, Version};

/// The text encoders' folders.
const TEXT_ENCODERS: [&str; 2] = ["text_encoder", "text_encoder_2"];
/// The tokenizers' folders.
const TOKENIZERS: [&str; 2] = ["tokenizer", "tokenizer_2"];
/// The graph's name in each folder.
const GRAPH: &str = "model.onnx";

/// How weight files are placed beside the graphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Linked {
    /// Copies, which share space with the originals on file systems that support it. Everything accepts them.
    #[default]
    Copy,
    /// Hard links, or copies where links are not possible: they take no space, and ONNX Runtime accepts them, but
    /// `onnx.checker` does not.
    HardLink,
}

/// What [`write()`] wrote.
#[derive(Clone, Debug)]
pub struct Written {
    /// `model.onnx` of `text_encoder`(`_2`), `unet`, `vae_encoder`, `vae_decoder`, maybe `safety_checker`.
    pub models: Vec<PathBuf>,
    /// The weight files beside them, and how they were placed.
    pub weights: Vec<(PathBuf, Linked)>,
}

/// Writes the graphs to `out`, which must be empty or not exist, with the weights beside them (ONNX Runtime
/// rejects weights outside of the model's folder, and symbolic links) and the files of tokenizer, scheduler
/// and feature extractor.
///
/// All or nothing: the files are written to a folder beside `out`, which is renamed at the end.
///
/// # Errors
/// What is wrong with the checkpoint, or why it could not be written.
pub fn write(
    checkpoint: &Checkpoint,
    out: &Path,
    target: impl Into<Target>,
    linked: Linked,
) -> Result<Written> {
    let target = target.into();
    let precision = target.precision;
    if out.exists() && fs::read_dir(out).map_err(read(out))?.next().is_some() {
        return Err(ExportError::Occupied(out.into()));
    }
    let mut parts: Vec<_> =
        TEXT_ENCODERS.into_iter().zip(checkpoint.text_encoder_models(precision)?).collect();
    parts.extend([
        ("unet", checkpoint.unet_model(target)?),
        ("vae_encoder", checkpoint.vae_encoder_model(target)?),
        ("vae_decoder", checkpoint.vae_decoder_model(target)?),
    ]);
    if let Some(checker) = checkpoint.safety_checker()? {
        parts.push(("safety_checker", checker.model(precision)?));
    }

    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(writing(parent))?;
    let staging = tempfile::Builder::new().prefix(".export-").tempdir_in(parent).map_err(writing(parent))?;
    let root = staging.path().join("model");
    let mut written = Written { models: Vec::new(), weights: Vec::new() };
    for (name, model) in &parts {
        let folder = root.join(name);
        fs::create_dir_all(&folder).map_err(writing(out))?;
        fs::write(folder.join(GRAPH), model.model.encode_to_vec()).map_err(writing(&out.join(name)))?;
        written.models.push(out.join(name).join(GRAPH));
        for file in model.files() {
            let linked = place(&file, &folder.join(file.name()), linked)?;
            written.weights.push((out.join(name).join(file.name()), linked));
        }
    }
    for name in TOKENIZERS.into_iter().chain(["scheduler", "feature_extractor"]) {
        copy_folder(&checkpoint.path.join(name), &root.join(name))?;
    }
    if let Some(version) = checkpoint.version {
        write_tokenizer_and_scheduler(checkpoint, version, &root)?;
    }
    if out.exists() {
        fs::remove_dir(out).map_err(writing(out))?;
    }
    fs::rename(&root, out).map_err(writing(out))?;
    Ok(written)
}

/// Writes the files of tokenizer and scheduler, which a single-file checkpoint lacks.
fn write_tokenizer_and_scheduler(checkpoint: &Checkpoint, version: Version, root: &Path) -> Result<()> {
    let mut files = vec![("scheduler", "scheduler_config.json", checkpoint.scheduler.json.to_string())];
    for (name, tokenizer) in TOKENIZERS.into_iter().zip(TokenizerFiles::of(version)) {
        files.extend([
            (name, "vocab.json", tokenizer.vocabulary.to_string()),
            (name, "merges.txt", tokenizer.merges),
            (name, "special_tokens_map.json", tokenizer.special_tokens.to_string()),
        ]);
    }
    for (folder, name, text) in files {
        let path = root.join(folder).join(name);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).map_err(writing(&path))?;
    }
    Ok(())
}

/// Copies or links a weight file: the target of a symbolic link, not the link.
fn place(file: &WeightFile, to: &Path, wanted: Linked) -> Result<Linked> {
    let from = fs::canonicalize(file.path()).map_err(read(file.path()))?;
    if wanted == Linked::HardLink && fs::hard_link(&from, to).is_ok() {
        return Ok(Linked::HardLink);
    }
    fs::copy(&from, to).map_err(writing(to))?;
    Ok(Linked::Copy)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to).map_err(writing(to))?;
    for entry in fs::read_dir(from).map_err(read(from))? {
        let path = entry.map_err(read(from))?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            let to = to.join(name);
            fs::copy(&path, &to).map_err(writing(&to))?;
        }
    }
    Ok(())
}
