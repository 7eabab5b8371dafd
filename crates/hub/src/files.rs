//! Which files of a repository a Stable Diffusion pipeline needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Why a listing is no usable pipeline.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unsuitable {
    /// This file is missing.
    Lacks(String),
    /// The pipeline is of this other kind.
    Unsupported(String),
}

/// The models of a pipeline and the stems of their weight files, as diffusers and transformers write them.
const MODELS: [(&str, &str); 3] =
    [("text_encoder", "model"), ("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model")];
/// The additional one of Stable Diffusion XL.
const SECOND_TEXT_ENCODER: (&str, &str) = ("text_encoder_2", "model");

/// The safety checker, if there is one, and its preprocessing.
const SAFETY_CHECKER: (&str, &str) = ("safety_checker", "model");
const SAFETY_CHECKER_CONFIG: [&str; 2] =
    ["safety_checker/config.json", "feature_extractor/preprocessor_config.json"];

/// Files that a tokenizer may consist of.
const TOKENIZER: [&str; 5] =
    ["vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];

/// Selects the files to fetch, small ones first. Weights are safetensors, in f16 if available.
///
/// # Errors
/// The missing file, if the listing is not that of a pipeline.
pub(crate) fn select(listing: &BTreeSet<String>) -> Result<Vec<String>, Unsuitable> {
    let required = |path: String| {
        listing.get(&path).cloned().ok_or_else(|| Unsuitable::Lacks(format!("it has no {path}")))
    };

    let mut selected = vec![required("model_index.json".into())?];
    if listing.contains("transformer/config.json") {
        let why = "it has a transformer in place of the UNet (Stable Diffusion 3 and later); 1.x, 2.x and XL are supported";
        return Err(Unsuitable::Unsupported(why.into()));
    }
    selected.push(required("scheduler/scheduler_config.json".into())?);
    selected.extend(tokenizer(listing, "tokenizer")?);
    let mut models = MODELS.to_vec();
    if listing.contains("text_encoder_2/config.json") {
        selected.extend(tokenizer(listing, "tokenizer_2")?);
        models.push(SECOND_TEXT_ENCODER);
    }
    for (model, _) in &models {
        selected.push(required(format!("{model}/config.json"))?);
    }
    // Before the others' weights: if those are complete, so is this.
    selected.extend(safety_checker(listing));
    for (model, stem) in models {
        selected.extend(weights(listing, model, stem)?);
    }
    Ok(selected)
}

/// Returns the files of the safety checker, if there is one. If its weights are unreadable, only its
/// configuration: loading then reports it, and the user must opt to do without.
fn safety_checker(listing: &BTreeSet<String>) -> Vec<String> {
    let (model, stem) = SAFETY_CHECKER;
    let weights = match weights(listing, model, stem) {
        Ok(weights) => weights,
        Err(_) if has_bin(listing, model) => Vec::new(),
        Err(_) => return Vec::new(),
    };
    let configs = SAFETY_CHECKER_CONFIG.iter().filter(|path| listing.contains(**path));
    configs.map(|path| (*path).to_owned()).chain(weights).collect()
}

fn tokenizer(listing: &BTreeSet<String>, folder: &str) -> Result<Vec<String>, Unsuitable> {
    let has = |name: &str| listing.contains(&format!("{folder}/{name}"));
    if !(has("tokenizer.json") || has("vocab.json") && has("merges.txt")) {
        let missing =
            format!("it has neither {folder}/tokenizer.json nor {folder}/vocab.json with merges.txt");
        return Err(Unsuitable::Lacks(missing));
    }
    Ok(TOKENIZER.iter().filter(|name| has(name)).map(|name| format!("{folder}/{name}")).collect())
}

fn weights(listing: &BTreeSet<String>, model: &str, stem: &str) -> Result<Vec<String>, Unsuitable> {
    let base = format!("{model}/{stem}");
    // A sharded model has an index and its shards; older releases of diffusers put the variant elsewhere.
    one(listing, format!("{base}.fp16.safetensors"))
        .or_else(|| sharded(listing, &format!("{base}.safetensors.index.fp16.json"), &base, ".fp16", ""))
        .or_else(|| sharded(listing, &format!("{base}.safetensors.fp16.index.json"), &base, "", ".fp16"))
        .or_else(|| sharded(listing, &format!("{base}.safetensors.index.fp16.json"), &base, "", ".fp16"))
        .or_else(|| one(listing, format!("{base}.safetensors")))
        .or_else(|| sharded(listing, &format!("{base}.safetensors.index.json"), &base, "", ""))
        .ok_or_else(|| {
            let note = if has_bin(listing, model) { ", only .bin files, which are not read" } else { "" };
            Unsuitable::Lacks(format!("it has no complete {base}*.safetensors{note}"))
        })
}

fn has_bin(listing: &BTreeSet<String>, model: &str) -> bool {
    listing.iter().any(|path| path.starts_with(&format!("{model}/")) && path.ends_with(".bin"))
}

fn one(listing: &BTreeSet<String>, path: String) -> Option<Vec<String>> {
    listing.contains(&path).then(|| vec![path])
}

/// Returns the index and all shards `BASE[BEFORE]-0000k-of-0000n[AFTER].safetensors`.
fn sharded(
    listing: &BTreeSet<String>,
    index: &str,
    base: &str,
    before: &str,
    after: &str,
) -> Option<Vec<String>> {
    if !listing.contains(index) {
        return None;
    }
    let first = format!("{base}{before}-00001-of-");
    let last = format!("{after}.safetensors");
    let count = listing
        .iter()
        .find_map(|path| path.strip_prefix(&first)?.strip_suffix(&last)?.parse::<usize>().ok())?;
    if !(1..1000).contains(&count) {
        return None;
    }
    let shards: Vec<_> = (1..=count).map(|k| format!("{base}{before}-{k:05}-of-{count:05}{last}")).collect();
    shards
        .iter()
        .all(|shard| listing.contains(shard))
        .then(|| std::iter::once(index.to_owned()).chain(shards).collect())
}

/// Returns the files in a snapshot, two levels deep, without dangling links.
pub(crate) fn below(snapshot: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, is_folder) in entries(snapshot) {
        if is_folder {
            let inner = entries(&snapshot.join(&name)).into_iter().filter(|(_, is_folder)| !is_folder);
            found.extend(inner.map(|(file, _)| format!("{name}/{file}")));
        } else {
            found.insert(name);
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<(String, bool)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let kind = fs::metadata(entry.path()).ok()?;
            Some((entry.file_name().into_string().ok()?, kind.is_dir()))
        })
        .collect()
}
