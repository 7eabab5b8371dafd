//! From what a client sends to a job that can be painted.

use api::{Failure, Limits, Passage};
use jobs::NewJob;
use request::{Defaults, Generation, GenerationRequest, LayoutRequest, LayoutSource, RequestError};

use super::engine::Model;
use super::phrases;
use crate::prepare;

/// The longest request that is kept, in bytes of JSON: as long as one that may be sent.
pub const MAX_REQUEST: usize = 8 << 20;

/// Checks a request as far as that can be done now: without the model, its texts are only looked at when it is painted.
pub fn check(
    request: GenerationRequest,
    defaults: &Defaults,
    limits: &Limits,
    model: Option<&Model>,
) -> Result<NewJob, Failure> {
    if let LayoutRequest::Path(_) = request.layout {
        return Err(wrong(
            "layout.path",
            "the server reads no files by name; send the layout as runs or png",
        ));
    }
    let mut generation = request.parse(defaults).map_err(listed)?;
    within(limits, model, &generation)?;
    let layout = prepare::layout(&generation).map_err(|error| wrong("layout", &format!("{error:#}")))?;
    generation.layout = LayoutSource::Runs(layout);
    if let Some(model) = model {
        bound(model, &generation)?;
    }
    let seed = prepare::seed(generation.seed);
    let request = serde_json::to_string(&generation.to_request(seed)).unwrap_or_default();
    if request.len() > MAX_REQUEST {
        return Err(wrong("layout", "has too many small parts; use larger areas of one colour"));
    }
    Ok(NewJob {
        prompt: generation.prompt,
        seed,
        width: generation.size.width(),
        height: generation.size.height(),
        samples: generation.samples as u32,
        steps: generation.steps as u32,
        request,
    })
}

/// What this server and this model allow.
fn within(limits: &Limits, model: Option<&Model>, generation: &Generation) -> Result<(), Failure> {
    let mut fields = Vec::new();
    let sides = [("width", generation.size.width()), ("height", generation.size.height())];
    let counts = [("steps", generation.steps, limits.steps), ("samples", generation.samples, limits.samples)];
    let sided = sides.map(|(path, side)| (path, side as usize, limits.side));
    for (path, value, most) in sided.into_iter().chain(counts) {
        if value > most as usize {
            fields.push((path.to_owned(), format!("is {value}; this server takes at most {most}")));
        }
    }
    let multiple = model.map_or(1, |model| model.multiple);
    for (path, side) in sides {
        if !side.is_multiple_of(multiple) {
            fields.push((path.to_owned(), format!("is {side}; this model takes multiples of {multiple}")));
        }
    }
    refuse(fields)
}

/// Each region's text must stand in the full text.
fn bound(model: &Model, generation: &Generation) -> Result<(), Failure> {
    let regions: Vec<_> =
        generation.regions.iter().map(|region| (region.text.as_str(), region.occurrence)).collect();
    let found = phrases::find(model.pipeline.tokenizer(), &generation.prompt, &regions);
    let found = found.map_err(|error| wrong("prompt", &error.to_string()))?;
    let missing = found.regions.into_iter().enumerate().filter_map(|(n, passage)| match passage {
        Passage::Missing { reason } => Some((format!("regions[{n}].text"), reason)),
        _ => None,
    });
    refuse(missing.collect())
}

fn listed(RequestError { problems }: RequestError) -> Failure {
    let field = |problem: request::Problem| {
        (problem.path, format!("{}; allowed: {}", problem.found, problem.allowed))
    };
    failure(problems.into_iter().map(field).collect())
}

fn wrong(field: &str, what: &str) -> Failure {
    failure(vec![(field.to_owned(), what.to_owned())])
}

fn refuse(fields: Vec<(String, String)>) -> Result<(), Failure> {
    if fields.is_empty() { Ok(()) } else { Err(failure(fields)) }
}

/// A refusal of these fields, which must not be none.
fn failure(fields: Vec<(String, String)>) -> Failure {
    let list: Vec<String> = fields.iter().map(|(path, what)| format!("{path} {what}")).collect();
    Failure { message: format!("The request is not valid: {}.", list.join("; ")), fields }
}
