//! Defaults for what a request leaves out, from a checkpoint's files.

use std::path::Path;

use export::ExportError;
use export::Usual;
use export::config::ConfigFile;
use request::{Defaults, Scheduler, Size};
use serde_json::Value;

use crate::error::DiffusionError;

/// Returns the defaults for requests to the checkpoint `model`: those of our own `defaults.json`; else the
/// UNet's training size, the checkpoint's scheduler if it is one of ours, and whether it uses Karras sigmas
/// (for LCM also 8 steps and no guidance); else Stable Diffusion's values and DDIM, which the paper used.
///
/// # Errors
/// A file that cannot be read, or has unknown fields or values that no request may have.
pub fn defaults(model: &Path) -> Result<Defaults, DiffusionError> {
    let path = model.join("defaults.json");
    let mut json = ConfigFile::read_if_there(path.clone())?.into_json();
    if let Some(own) = json.as_object_mut() {
        for (key, value) in of_checkpoint(model)? {
            own.entry(key).or_insert(value);
        }
    }
    let defaults: Defaults = ConfigFile::new(path.clone(), json)?.parse()?;
    defaults.check().map_err(|wrong| ExportError::Config { path, what: wrong.list() })?;
    Ok(defaults)
}

fn of_checkpoint(model: &Path) -> Result<Vec<(&'static str, Value)>, DiffusionError> {
    let mut values = Vec::new();
    let Usual { size, scheduler } = Usual::of(model)?;
    let size = size.and_then(|(width, height)| Size::new(width as i64, height as i64));
    if let Some(size) = size {
        values.extend([("width", size.width().into()), ("height", size.height().into())]);
    }
    let class = scheduler.get("_class_name").and_then(Value::as_str);
    let named = Scheduler::ALL.into_iter().find(|scheduler| Some(scheduler.class_name()) == class);
    values.extend(named.map(|scheduler| ("scheduler", scheduler.name().into())));
    if named == Some(Scheduler::Lcm) {
        // What such models were distilled for.
        values.extend([("steps", 8.into()), ("guidance_scale", 1.0.into())]);
    }
    let karras = scheduler.get("use_karras_sigmas").filter(|karras| **karras == Value::Bool(true));
    values.extend(karras.map(|karras| ("karras", karras.clone())));
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_means_its_own_scheduler_and_size_in_a_folder_and_in_one_file() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints");
        for (checkpoint, scheduler, side) in [
            ("xl", Scheduler::Euler, 96),
            ("single_xl.safetensors", Scheduler::Euler, 1024),
            ("single.safetensors", Scheduler::Ddim, 512),
        ] {
            let defaults = defaults(&fixtures.join(checkpoint)).unwrap();
            assert_eq!((defaults.scheduler, defaults.width), (scheduler, side), "{checkpoint}");
        }
    }

    #[test]
    fn a_checkpoints_schedule_is_its_default() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("scheduler")).unwrap();
        let of = |config: &str| {
            std::fs::write(folder.path().join("scheduler/scheduler_config.json"), config).unwrap();
            defaults(folder.path()).unwrap()
        };
        let dpmpp = of(r#"{ "_class_name": "DPMSolverMultistepScheduler", "use_karras_sigmas": true }"#);
        assert_eq!((dpmpp.scheduler, dpmpp.karras, dpmpp.steps), (Scheduler::Dpmpp2m, Some(true), 50));
        let lcm = of(r#"{ "_class_name": "LCMScheduler" }"#);
        assert_eq!((lcm.scheduler, lcm.steps, lcm.guidance_scale), (Scheduler::Lcm, 8, 1.0));
    }

    #[test]
    fn a_default_that_no_request_may_have_is_told_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("defaults.json"), r#"{ "width": 12, "steps": 5000 }"#).unwrap();
        let told = defaults(folder.path()).unwrap_err().to_string();
        for part in ["defaults.json", "width: is 12", "steps: is 5000; allowed: 1 to 1000"] {
            assert!(told.contains(part), "{told}");
        }
    }
}
