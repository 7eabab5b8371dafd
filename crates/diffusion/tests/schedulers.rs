//! The schedulers, held against trajectories recorded from diffusers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recorded;

use diffusion::schedulers::{Sampling, SchedulerConfig, SchedulerError, SchedulerKind, TimestepSpacing};
use export::ExportError;
use export::config::ConfigFile;
use recorded::{Recorded, assert_close, json, tolerance};
use serde::Deserialize;
use serde_json::{Value, json};

fn parse(config: Value) -> Result<SchedulerConfig, ExportError> {
    SchedulerConfig::parse(&ConfigFile::new("scheduler_config.json", config)?)
}

/// Everything but the kind and the number of steps is as the configuration says.
fn sampling(scheduler: SchedulerKind, steps: usize) -> Sampling {
    Sampling { scheduler, steps, timestep_spacing: None, karras: None, eta: 0.0 }
}

#[derive(Deserialize)]
struct Case {
    scheduler: SchedulerKind,
    config: Value,
    steps: usize,
    eta: f64,
}

impl Case {
    fn sampling(&self) -> Sampling {
        Sampling { eta: self.eta, ..sampling(self.scheduler, self.steps) }
    }

    fn is_stochastic(&self) -> bool {
        match self.scheduler {
            SchedulerKind::EulerAncestral => true,
            // But after the last step.
            SchedulerKind::Lcm => self.steps > 1,
            _ => self.eta > 0.0,
        }
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_value(json("reference/schedulers.json")).unwrap()
}

/// Asserts closeness in units of the largest recorded value; `carried` is an error that no f32 run could avoid.
#[track_caller]
fn assert_relative(what: &str, ours: &[f32], recorded: &[f32], carried: f32) {
    let allowed = tolerance("/scheduler/relative") * f64::from(largest(recorded)) + f64::from(carried);
    assert_close(what, ours, recorded, allowed);
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

#[test]
fn every_recorded_trajectory_is_followed() {
    let recorded = Recorded::open("schedulers.safetensors");
    for (i, case) in cases().iter().enumerate() {
        follow(&recorded, i, case);
    }
}

fn follow(recorded: &Recorded, i: usize, case: &Case) {
    let name =
        |part: &str| format!("{i}.{part} ({:?}, {} steps, {})", case.scheduler, case.steps, case.config);
    let tensor = |part: &str| recorded.f32(&format!("{i}.{part}"));
    let mut scheduler = parse(case.config.clone()).unwrap().build(case.sampling()).unwrap();
    assert_relative(&name("timesteps"), &scheduler.schedule().timesteps, &tensor("timesteps"), 0.0);
    let sigma = [scheduler.schedule().init_noise_sigma];
    assert_relative(&name("init_noise_sigma"), &sigma, &tensor("init_noise_sigma"), 0.0);

    let (trajectory, inputs, outputs) =
        (tensor("trajectory"), tensor("model_inputs"), tensor("model_outputs"));
    let originals = tensor("predicted_originals");
    let width = trajectory.len() / (scheduler.schedule().timesteps.len() + 1);
    let row = |values: &[f32], step: usize| values[step * width..][..width].to_vec();
    let noises = if case.is_stochastic() { tensor("noises") } else { Vec::new() };
    for step in 0..scheduler.schedule().timesteps.len() {
        // Each from where the recorded one was: what two f32 runs add up to is no error of a step.
        let mut sample = row(&trajectory, step);
        let mut input = sample.clone();
        scheduler.schedule().scale_model_input(&mut input, step);
        assert_relative(&name(&format!("input {step}")), &input, &row(&inputs, step), 0.0);
        let output = row(&outputs, step);
        // A step is a difference of samples, and the first ones may be thousands of times larger than the last.
        let carried = f32::EPSILON * largest(&sample);
        let original = scheduler.step(&output, step, &mut sample, &mut |_| row(&noises, step));
        assert_relative(&name(&format!("original {step}")), &original, &row(&originals, step), carried);
        assert_relative(&name(&format!("trajectory {step}")), &sample, &row(&trajectory, step + 1), carried);
    }
}

#[test]
fn only_schedulers_that_add_noise_ask_for_it() {
    for case in cases() {
        let mut scheduler = parse(case.config.clone()).unwrap().build(case.sampling()).unwrap();
        let mut asked = 0;
        let mut noise = |n: usize| {
            asked += 1;
            vec![0.0; n]
        };
        scheduler.step(&[0.1; 3], 0, &mut [0.2; 3], &mut noise);
        assert_eq!(asked, usize::from(case.is_stochastic()), "{:?}", case.scheduler);
    }
}

const KINDS: [SchedulerKind; 5] = SchedulerKind::ALL;

/// Stable Diffusion's configuration with some keys changed.
fn stable_diffusion(changes: Value) -> Value {
    let mut config = json!({
        "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "steps_offset": 1, "set_alpha_to_one": false, "clip_sample": false,
    });
    for (key, value) in changes.as_object().unwrap() {
        config[key] = value.clone();
    }
    config
}

fn build(changes: Value, sampling: Sampling) -> Result<Vec<f32>, SchedulerError> {
    let mut scheduler = parse(stable_diffusion(changes))?.build(sampling)?;
    let mut sample = vec![scheduler.schedule().init_noise_sigma; 2];
    for step in 0..scheduler.schedule().timesteps.len() {
        scheduler.step(&[0.3, -0.2], step, &mut sample, &mut |n| vec![0.5; n]);
    }
    Ok(sample)
}

#[test]
fn any_number_of_steps_gives_finite_values_or_a_reason() {
    for kind in KINDS {
        for steps in [1, 2, 3, 5, 13, 49, 61, 98, 103, 333, 499, 500, 501, 998, 999, 1000] {
            for spacing in ["leading", "trailing", "linspace"] {
                for karras in [false, true] {
                    let changes = json!({"timestep_spacing": spacing, "use_karras_sigmas": karras});
                    match build(changes, sampling(kind, steps)) {
                        Ok(sample) => {
                            assert!(sample.iter().all(|v| v.is_finite()), "{kind:?} {steps} {spacing}")
                        }
                        Err(SchedulerError::Distilled { most: 50, .. }) => {
                            assert!(kind == SchedulerKind::Lcm && steps > 50);
                        }
                        Err(error) => {
                            assert!(
                                matches!(error, SchedulerError::Crowded { .. }) && steps > 498,
                                "{error}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn steps_out_of_range_are_refused() {
    for kind in KINDS {
        for steps in [0, 1001, usize::MAX] {
            let error = build(json!({}), sampling(kind, steps)).unwrap_err();
            assert!(matches!(error, SchedulerError::Steps { steps: asked, most: 1000 } if asked == steps));
            assert!(error.to_string().contains("between 1 and 1000"), "{error}");
        }
    }
}

#[test]
fn consistency_models_say_what_they_cannot() {
    let lcm = |steps| sampling(SchedulerKind::Lcm, steps);
    // Fewer training timesteps than such models are distilled with by default.
    assert!(build(json!({"num_train_timesteps": 2}), lcm(2)).unwrap().iter().all(|v| v.is_finite()));
    let zero_snr = build(json!({"rescale_betas_zero_snr": true}), lcm(4)).unwrap_err().to_string();
    assert!(zero_snr.contains("lcm does not work with a model of prediction type epsilon"), "{zero_snr}");
    let many = build(json!({"original_inference_steps": 30}), lcm(31)).unwrap_err().to_string();
    assert!(many.contains("the sampler lcm takes 1 to 30"), "{many}");
    let spaced = Sampling { timestep_spacing: Some(TimestepSpacing::Trailing), ..lcm(4) };
    let spaced = build(json!({}), spaced).unwrap_err().to_string();
    assert!(spaced.contains("timestep_spacing: lcm has timesteps of its own"), "{spaced}");
}

#[test]
fn values_that_are_not_supported_are_named() {
    let wrong = [
        (SchedulerKind::Ddim, "_class_name", json!("EDMEulerScheduler"), "by training betas"),
        (SchedulerKind::Ddim, "_class_name", json!("FlowMatchEulerDiscreteScheduler"), "by training betas"),
        (SchedulerKind::Ddim, "beta_schedule", json!("sigmoid"), "linear, scaled_linear, squaredcos_cap_v2"),
        (SchedulerKind::Ddim, "prediction_type", json!("flow_prediction"), "epsilon, v_prediction, sample"),
        (SchedulerKind::Ddim, "timestep_spacing", json!("log"), "leading, trailing, linspace"),
        (SchedulerKind::Ddim, "num_train_timesteps", json!(0), "1 to 100000"),
        (SchedulerKind::Ddim, "num_train_timesteps", json!(1e300), "1 to 100000"),
        (SchedulerKind::Ddim, "beta_start", json!("small"), "between 0 and 1"),
        (SchedulerKind::Ddim, "beta_end", json!(1.5), "between 0 and 1"),
        (SchedulerKind::Ddim, "trained_betas", json!([0.1, 0.2]), "1000 numbers"),
        (SchedulerKind::Ddim, "steps_offset", json!(-1), "0 to 1000"),
        (SchedulerKind::Ddim, "thresholding", json!(true), "false"),
        (SchedulerKind::Ddim, "clip_sample", json!("yes"), "true or false"),
        (SchedulerKind::Euler, "use_beta_sigmas", json!(true), "false"),
        (SchedulerKind::Euler, "sigma_max", json!(80.0), "null"),
        (SchedulerKind::Euler, "timestep_type", json!("continuous"), "discrete"),
        (SchedulerKind::Dpmpp2m, "algorithm_type", json!("sde-dpmsolver++"), "dpmsolver++"),
        (SchedulerKind::Dpmpp2m, "solver_order", json!(3), "2"),
        (SchedulerKind::Dpmpp2m, "solver_type", json!("rk4"), "midpoint, heun"),
        (SchedulerKind::Dpmpp2m, "use_lu_lambdas", json!(true), "false"),
        (SchedulerKind::Dpmpp2m, "final_sigmas_type", json!("one"), "zero, sigma_min"),
    ];
    for (kind, key, value, supported) in wrong {
        let error = build(json!({ key: value }), sampling(kind, 10)).unwrap_err().to_string();
        let start = format!("scheduler_config.json: {key} = {value} is not supported");
        assert!(error.starts_with(&start) && error.contains(supported) && !error.contains('\n'), "{error}");
    }
    let error = parse(json!([])).unwrap_err().to_string();
    assert!(error.starts_with("scheduler_config.json: a JSON object"), "{error}");
}

#[test]
fn keys_of_another_scheduler_do_not_matter() {
    let changes =
        json!({"algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": true, "skip_prk_steps": true});
    let plain = build(json!({}), sampling(SchedulerKind::Ddim, 10)).unwrap();
    assert_eq!(build(changes, sampling(SchedulerKind::Ddim, 10)).unwrap(), plain);
}

#[test]
fn what_a_scheduler_does_not_have_is_refused_when_asked_for() {
    for kind in [SchedulerKind::Ddim, SchedulerKind::EulerAncestral] {
        let sampling = Sampling { karras: Some(true), ..sampling(kind, 10) };
        assert!(matches!(build(json!({}), sampling), Err(SchedulerError::Karras { .. })));
    }
    let sample = json!({"prediction_type": "sample"});
    let error = build(sample, sampling(SchedulerKind::EulerAncestral, 10)).unwrap_err();
    assert!(error.to_string().contains("euler_ancestral"), "{error}");
    // With no signal left at the last timestep, predicted noise says nothing about the picture.
    let zero = json!({"rescale_betas_zero_snr": true});
    let error = build(zero, sampling(SchedulerKind::Ddim, 10)).unwrap_err();
    assert!(error.to_string().contains("rescale_betas_zero_snr"), "{error}");
}

#[test]
fn a_request_overrides_spacing_and_karras() {
    let config = parse(stable_diffusion(json!({"timestep_spacing": "leading"}))).unwrap();
    let plain = sampling(SchedulerKind::Euler, 10);
    let trailing = Sampling { timestep_spacing: Some(TimestepSpacing::Trailing), ..plain };
    assert_eq!(config.build(plain).unwrap().schedule().timesteps[0], 901.0);
    assert_eq!(config.build(trailing).unwrap().schedule().timesteps[0], 999.0);
    let karras = config.build(Sampling { karras: Some(true), ..plain }).unwrap();
    assert_ne!(karras.schedule().timesteps[1], config.build(plain).unwrap().schedule().timesteps[1]);
}

#[test]
fn old_checkpoints_are_corrected_as_the_pipeline_does() {
    let old = json!({"beta_schedule": "scaled_linear", "steps_offset": 0, "clip_sample": true});
    let config = parse(old).unwrap().for_stable_diffusion();
    let mut scheduler = config.build(sampling(SchedulerKind::Ddim, 50)).unwrap();
    assert_eq!(scheduler.schedule().timesteps[..2], [981.0, 961.0]);
    let mut sample = [30.0];
    scheduler.step(&[0.0], 0, &mut sample, &mut |n| vec![0.0; n]);
    assert!(sample[0] > 30.0, "clipping would have cut {}", sample[0]);
}

#[test]
fn the_files_of_deis_and_unipc_are_read_as_diffusers_reads_them() {
    let trajectory = |config: Value| {
        let mut scheduler = parse(config).unwrap().build(sampling(SchedulerKind::Dpmpp2m, 5)).unwrap();
        let mut sample = vec![1.0, -0.5];
        for step in 0..scheduler.schedule().timesteps.len() {
            let output = sample.iter().map(|value: &f32| value.sin()).collect::<Vec<_>>();
            scheduler.step(&output, step, &mut sample, &mut |_| Vec::new());
        }
        sample
    };
    let own = trajectory(json!({ "algorithm_type": "dpmsolver++", "solver_type": "midpoint" }));
    assert_eq!(own, trajectory(json!({ "algorithm_type": "deis", "solver_type": "logrho" })));
    assert_eq!(own, trajectory(json!({ "solver_type": "bh2", "predict_x0": true })));
    assert_ne!(own, trajectory(json!({ "solver_type": "heun" })));
}
