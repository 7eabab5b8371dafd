//! Turns a client's request into a job.

use api::{Failure, Limits, Passage};
use jobs::{NewJob, Origin};
use layout::{Layout, MAX_REGIONS};
use request::{Defaults, Generation, GenerationRequest, LayoutRequest, LayoutSource, RequestError};

use super::engine::Model;
use super::phrases;
use crate::prepare;

/// The longest request to store, in bytes of JSON: as long as one that may be sent.
pub const MAX_REQUEST: usize = 8 << 20;

/// What this server accepts.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Limits on sizes, counts and work.
    pub limits: Limits,
    /// Words that no text may contain.
    pub blocked: Vec<Blocked>,
}

/// A blocked phrase: consecutive words, whatever separates them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked(Vec<String>);

impl Blocked {
    /// Parses an entry of the host's list; `None` if it has no words.
    pub fn new(entry: &str) -> Option<Self> {
        let words = words(entry);
        (!words.is_empty()).then_some(Self(words))
    }

    fn is_among(&self, words: &[String]) -> bool {
        words.windows(self.0.len()).any(|part| part == self.0)
    }
}

/// Splits a text into lower-case words.
fn words(text: &str) -> Vec<String> {
    layout::words(text).map(str::to_lowercase).collect()
}

/// Refuses more regions than any request may have.
pub fn few_regions(request: &GenerationRequest) -> Result<(), Failure> {
    let count = request.regions.len();
    let many = || Failure::field("regions", format!("has {count} entries; allowed: 1 to {MAX_REGIONS}"));
    (count <= MAX_REGIONS).then_some(()).ok_or_else(many)
}

/// Checks a request as far as possible now: without a model, its texts are only checked when it is painted.
pub fn check(
    request: GenerationRequest,
    defaults: &Defaults,
    rules: &Rules,
    model: Option<&Model>,
) -> Result<NewJob, Failure> {
    if let LayoutRequest::Path(_) = request.layout {
        return Err(Failure::field(
            "layout.path",
            "the server reads no files by name; send the layout as runs or png",
        ));
    }
    let mut generation = request.parse(defaults).map_err(listed)?;
    check_limits(&rules.limits, model, &generation)?;
    check_work(&rules.limits, &generation)?;
    check_blocked_words(rules, &generation)?;
    let layout = prepare::layout(&generation);
    let layout = layout.map_err(|error| Failure::field("layout", crate::one_line(&error)))?;
    check_drawn(&generation, &layout)?;
    generation.layout = LayoutSource::Runs(layout);
    if let Some(model) = model {
        check_phrases(model, &generation)?;
        let fits = model.pipeline.check_scheduler(&generation);
        fits.map_err(|error| Failure::field("scheduler", error.to_string()))?;
    }
    let seed = prepare::seed(generation.seed);
    let request = serde_json::to_string(&generation.to_request(seed)).unwrap_or_default();
    if request.len() > MAX_REQUEST {
        return Err(Failure::field("layout", "has too many small parts; use larger areas of one colour"));
    }
    Ok(NewJob {
        prompt: generation.prompt,
        seed,
        width: generation.size.width(),
        height: generation.size.height(),
        samples: generation.samples as u32,
        steps: generation.sampling.steps as u32,
        request,
        key: None,
        origin: Origin::default(),
    })
}

/// A region to inpaint must be drawn somewhere.
fn check_drawn(generation: &Generation, layout: &Layout) -> Result<(), Failure> {
    let Some(inpaint) = &generation.inpaint else { return Ok(()) };
    let areas = layout.areas();
    match inpaint.regions.iter().any(|&region| areas[region] > 0) {
        true => Ok(()),
        false => Err(Failure::field("inpaint.regions", "name only what is not drawn: draw it first")),
    }
}

/// Checks the limits of this server and this model.
fn check_limits(limits: &Limits, model: Option<&Model>, generation: &Generation) -> Result<(), Failure> {
    let mut fields = Vec::new();
    let sides = [("width", generation.size.width()), ("height", generation.size.height())];
    let counts =
        [("steps", generation.sampling.steps, limits.steps), ("samples", generation.samples, limits.samples)];
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
    Failure::refuse(fields)
}

/// Checks the total work: each number may be allowed, yet their product too large.
fn check_work(limits: &Limits, generation: &Generation) -> Result<(), Failure> {
    let pixels = u64::from(generation.size.width()) * u64::from(generation.size.height());
    let work = pixels * generation.samples as u64 * generation.sampling.steps as u64;
    if work <= limits.work {
        return Ok(());
    }
    let most = limits.work / (pixels * generation.samples as u64).max(1);
    let what = match most {
        0 => {
            "are more than this server paints at this size: make the picture smaller, or take fewer pictures"
                .to_owned()
        }
        most => format!(
            "are {}; this server paints at most {most} at this size and number of pictures",
            generation.sampling.steps
        ),
    };
    Err(Failure::field("steps", what))
}

/// Checks the host's blocked words, except in the negative prompt, which says what not to show.
fn check_blocked_words(rules: &Rules, generation: &Generation) -> Result<(), Failure> {
    let is_blocked = |text: &str| {
        let words = words(text);
        rules.blocked.iter().any(|blocked| blocked.is_among(&words))
    };
    let regions = generation.regions.iter().enumerate();
    let regions = regions.map(|(n, region)| (format!("regions[{n}].text"), &region.text));
    let texts = std::iter::once(("prompt".to_owned(), &generation.prompt)).chain(regions);
    let blocked = texts.filter(|(_, text)| is_blocked(text));
    let what = "has a word that this server does not take";
    Failure::refuse(blocked.map(|(field, _)| (field, what.to_owned())).collect())
}

/// Each region's text must occur in the prompt.
fn check_phrases(model: &Model, generation: &Generation) -> Result<(), Failure> {
    let regions: Vec<_> =
        generation.regions.iter().map(|region| (region.text.as_str(), region.occurrence)).collect();
    let found = phrases::find(model.pipeline.tokenizer(), &generation.prompt, &regions);
    let found = found.map_err(|error| Failure::field("prompt", error.to_string()))?;
    let missing = found.regions.into_iter().enumerate().filter_map(|(n, passage)| match passage {
        Passage::Missing { reason } => Some((format!("regions[{n}].text"), reason)),
        _ => None,
    });
    Failure::refuse(missing.collect())
}

fn listed(RequestError { problems }: RequestError) -> Failure {
    let field = |problem: request::Problem| {
        (problem.path, format!("{}; allowed: {}", problem.found, problem.allowed))
    };
    Failure::fields(problems.into_iter().map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocked_words_are_found_whole_alone_or_several_in_their_order() {
        let is_blocked = |entry: &str, text: &str| Blocked::new(entry).unwrap().is_among(&words(text));
        assert!(is_blocked("Squirrel", "a red (squirrel), asleep"));
        assert!(!is_blocked("squirrel", "two squirrels"));
        assert!(is_blocked("x-ray", "an X-Ray") && is_blocked("x-ray", "an x ray"));
        assert!(is_blocked("big cat", "a big, cat") && is_blocked("GROSSE ÖLE", "die große grosse öle"));
        assert!(!is_blocked("big cat", "a cat, big") && !is_blocked("big cat", "big"));
        assert_eq!(Blocked::new(" - "), None);
    }
}
