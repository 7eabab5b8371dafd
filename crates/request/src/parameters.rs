//! The text form of a generation's parameters that the Stable Diffusion web UI (A1111) writes into its pictures.

use crate::{Generation, Scheduler};

/// A text escaped for the web UI, where brackets are emphasis unless a backslash precedes them.
pub fn a1111_text(text: &str) -> String {
    let escaped = |letter| matches!(letter, '(' | ')' | '[' | ']' | '\\').then_some('\\');
    text.chars().flat_map(|letter| escaped(letter).into_iter().chain([letter])).collect()
}

/// The `parameters` text of a picture: prompt, negative prompt, and one line of settings.
pub fn a1111_parameters(generation: &Generation, seed: u64, model: &str) -> String {
    let sampling = &generation.sampling;
    let mut text = a1111_text(&generation.prompt);
    if !generation.negative_prompt.is_empty() {
        text.push_str("\nNegative prompt: ");
        text.push_str(&a1111_text(&generation.negative_prompt));
    }
    let mut settings = vec![
        ("Steps", sampling.steps.to_string()),
        ("Sampler", sampling.scheduler.title().to_owned()),
        ("CFG scale", generation.guidance_scale.to_string()),
        ("Seed", seed.to_string()),
        ("Size", generation.size.to_string()),
        ("Model", quoted(model)),
    ];
    let schedule = match (sampling.scheduler, sampling.karras) {
        (_, Some(true)) => Some("Karras"),
        // Without one, the web UI uses Karras's with this sampler.
        (Scheduler::Dpmpp2m, _) => Some("Uniform"),
        _ => None,
    };
    settings.splice(2..2, schedule.map(|schedule| ("Schedule type", schedule.to_owned())));
    if let Some(inpaint) = &generation.inpaint {
        let regions: Vec<String> = inpaint.regions.iter().map(usize::to_string).collect();
        settings.push(("Inpainted regions", regions.join(" ")));
    }
    if let Some(constant) = generation.modulation.settings().constant {
        settings.push(("Modulation constant", constant.to_string()));
    }
    let settings: Vec<String> =
        settings.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{text}\n{}", settings.join(", "))
}

/// The model that painted a picture with these parameters, if it is not `model`.
pub fn another_model<'p>(parameters: &'p str, model: &str) -> Option<&'p str> {
    let (_, rest) = parameters.lines().last()?.rsplit_once("Model: ")?;
    // In quotes, or without a separator.
    let end = if rest.starts_with('"') { rest.find("\", ").map(|end| end + 1) } else { rest.find(", ") };
    let named = &rest[..end.unwrap_or(rest.len())];
    (named != quoted(model)).then(|| named.trim_matches('"'))
}

/// Quotes a value that contains a separator, which a reader would split.
fn quoted(value: &str) -> String {
    if value.contains([',', ':', '\n', '"']) { format!("{value:?}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_found_whatever_its_name_and_whatever_follows() {
        for (named, model) in [("sd", "sd"), ("\"sd, ema + a:0.5\"", "sd, ema + a:0.5")] {
            for next in ["", ", Inpainted regions: 1, Modulation constant: 6"] {
                let parameters = format!("a Model: of a car\nSteps: 9, Model: {named}{next}");
                assert_eq!(another_model(&parameters, model), None, "{parameters}");
                assert_eq!(another_model(&parameters, "xl"), Some(model), "{parameters}");
            }
        }
        assert_eq!(another_model("a car", "sd"), None);
    }
}
