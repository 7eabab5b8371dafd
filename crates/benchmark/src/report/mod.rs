//! The results and their output files.

mod markdown;
mod plot;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::bootstrap::{Estimate, estimate};
use crate::error::{BenchmarkError, write};
use crate::metric::mean;
use crate::run::pretty;
use crate::{Judged, Method, Metric, Settings, Share, Tuned, Variant};

/// The results of a benchmark.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What all pictures have in common.
    pub settings: Settings,
    /// The evaluator's accuracy on held-out renders; `None` without an evaluator.
    pub evaluator: Option<Value>,
    /// The variants, in the given order.
    pub variants: Vec<Row>,
    /// Object accuracy of the plain model on items with one object, and how many there are.
    pub plain_single: Option<(Estimate, usize)>,
    /// The constant, if a variant uses it.
    pub constant: Option<Tuned>,
    /// Sweeps of one setting at a time, on the tuning layouts.
    pub sweeps: Vec<Sweep>,
}

/// The results of one variant.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The variant.
    pub variant: Variant,
    /// Pictures painted.
    pub pictures: usize,
    /// Objects in them, known to the evaluator or not.
    pub objects: usize,
    /// Objects that the evaluator knows.
    pub scored: usize,
    /// The means.
    pub metrics: BTreeMap<Metric, Estimate>,
    /// Comparison with the plain model, on the items that both have painted.
    pub versus_plain: BTreeMap<Metric, Versus>,
    /// Comparison of an ablation with the whole method.
    pub versus_both: BTreeMap<Metric, Versus>,
}

/// A comparison of two variants on the same seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Versus {
    /// This minus the other.
    pub difference: Estimate,
    /// This over the other; `None` if the other is 0. Resamples where either is undefined do not count.
    pub ratio: Option<Estimate>,
}

/// The results along one setting.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep {
    /// The setting.
    pub name: String,
    /// Its values, ascending, with their results.
    pub points: Vec<(f64, Row)>,
}

impl Row {
    /// Computes the results of `pictures`, compared with the plain model and the whole method if given.
    pub fn new(
        variant: &Variant,
        pictures: &[Judged],
        plain: Option<&[Judged]>,
        both: Option<&[Judged]>,
    ) -> Self {
        let metrics = Metric::ALL.iter().filter_map(|&metric| {
            let shares = shares(metric, pictures.iter());
            Some((metric, estimate(shares.len(), |chosen| mean(&shares, chosen))?))
        });
        let versus = |others: &[Judged]| -> BTreeMap<Metric, Versus> {
            Metric::ALL
                .iter()
                .filter_map(|&metric| Some((metric, versus(metric, pictures, others)?)))
                .collect()
        };
        Self {
            variant: variant.clone(),
            pictures: pictures.len(),
            objects: pictures.iter().map(|picture| picture.named).sum(),
            scored: pictures.iter().map(|picture| picture.objects.len()).sum(),
            metrics: metrics.collect(),
            versus_plain: plain.map(versus).unwrap_or_default(),
            versus_both: both.map(versus).unwrap_or_default(),
        }
    }
}

fn shares<'a>(metric: Metric, pictures: impl Iterator<Item = &'a Judged>) -> Vec<Share> {
    pictures.map(|picture| metric.share(picture)).collect()
}

fn versus(metric: Metric, these: &[Judged], others: &[Judged]) -> Option<Versus> {
    let by_id: BTreeMap<u32, &Judged> = others.iter().map(|picture| (picture.id, picture)).collect();
    let pairs: Vec<(&Judged, &Judged)> =
        these.iter().filter_map(|picture| Some((picture, *by_id.get(&picture.id)?))).collect();
    let this = shares(metric, pairs.iter().map(|pair| pair.0));
    let other = shares(metric, pairs.iter().map(|pair| pair.1));
    let difference = estimate(pairs.len(), |chosen| Some(mean(&this, chosen)? - mean(&other, chosen)?))?;
    let ratio = estimate(pairs.len(), |chosen| {
        let ratio = mean(&this, chosen)? / mean(&other, chosen)?;
        (!ratio.is_nan()).then_some(ratio)
    });
    Some(Versus { difference, ratio: ratio.filter(|ratio| ratio.value.is_finite()) })
}

impl Report {
    /// Computes the results of every variant, compared with the plain model and the whole method.
    pub fn new(settings: Settings, evaluator: Option<Value>, variants: &[(Variant, Vec<Judged>)]) -> Self {
        let of = |method: Method| {
            let found = variants.iter().find(|(variant, _)| variant.name == method.name());
            found.map(|(_, pictures)| pictures.as_slice())
        };
        let (plain, both) = (of(Method::Plain), of(Method::Both));
        let single = |pictures: &[Judged]| {
            let single = pictures.iter().filter(|picture| picture.named == 1 && picture.objects.len() == 1);
            let shares = shares(Metric::Object, single);
            Some((estimate(shares.len(), |chosen| mean(&shares, chosen))?, shares.len()))
        };
        let row = |(variant, pictures): &(Variant, Vec<Judged>)| {
            let is = |method: Method| variant.name == method.name();
            let plain = plain.filter(|_| !is(Method::Plain));
            let both = both.filter(|_| !is(Method::Plain) && !is(Method::Both));
            Row::new(variant, pictures, plain, both)
        };
        Self {
            settings,
            evaluator,
            variants: variants.iter().map(row).collect(),
            plain_single: plain.and_then(single),
            constant: None,
            sweeps: Vec::new(),
        }
    }

    /// The report as Markdown.
    pub fn to_markdown(&self) -> String {
        markdown::page(self)
    }

    /// Writes `report.json`, `report.md`, `report.svg` and, if there is a sweep, `sweep.svg` into `out`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, out: &Path) -> Result<(), BenchmarkError> {
        write(&out.join("report.json"), &pretty(self))?;
        write(&out.join("report.md"), self.to_markdown().as_bytes())?;
        let plot = |name: &str, drawn: Result<String, String>| {
            let path = out.join(name);
            write(&path, drawn.map_err(|problem| BenchmarkError::file(&path, problem))?.as_bytes())
        };
        plot("report.svg", plot::variants(&self.variants))?;
        if !self.sweeps.is_empty() {
            plot("sweep.svg", plot::sweeps(&self.sweeps))?;
        }
        Ok(())
    }
}
