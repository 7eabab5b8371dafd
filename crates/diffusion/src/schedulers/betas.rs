//! The training schedule: how much noise each timestep adds. In f32, rounded where torch rounds.

use export::ExportError;
use export::config::ConfigFile;
use serde_json::Value;

/// Where the betas come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Betas {
    /// Evenly from `start` to `end`.
    Linear { start: f64, end: f64 },
    /// Their square roots evenly.
    ScaledLinear { start: f64, end: f64 },
    /// The cosine schedule (Nichol and Dhariwal 2021).
    SquaredCosine,
    /// As given, one per timestep.
    Trained(Vec<f32>),
}

impl Betas {
    /// Reads them, with the defaults of diffusers' classes; LCM's class has its own.
    pub(super) fn parse(file: &ConfigFile, timesteps: usize, is_lcm: bool) -> Result<Self, ExportError> {
        let supported = format!("null or {timesteps} numbers between 0 and 1");
        if let Some(betas) = file.value("trained_betas", |value| trained(value, timesteps), &supported)? {
            return Ok(Self::Trained(betas));
        }
        let proper = |value: &Value| value.as_f64().filter(|beta| *beta > 0.0 && *beta < 1.0);
        let beta = |key: &str, default: f64| {
            let beta = file.value(key, proper, "a number between 0 and 1");
            beta.map(|beta| beta.unwrap_or(default))
        };
        let (start, end) = if is_lcm { (0.00085, 0.012) } else { (0.0001, 0.02) };
        let (start, end) = (beta("beta_start", start)?, beta("beta_end", end)?);
        let known = [
            ("linear", Self::Linear { start, end }),
            ("scaled_linear", Self::ScaledLinear { start, end }),
            ("squaredcos_cap_v2", Self::SquaredCosine),
        ];
        let default = if is_lcm { Self::ScaledLinear { start, end } } else { Self::Linear { start, end } };
        Ok(file.word("beta_schedule", &known)?.unwrap_or(default))
    }

    /// Returns `alphas_cumprod`: the picture's remaining share of the variance at each of `n` timesteps.
    pub(super) fn alphas_cumprod(&self, n: usize, rescale_zero_snr: bool) -> Vec<f32> {
        let alphas = cumulative_product(self.values(n).iter().map(|beta| 1.0 - beta));
        if !rescale_zero_snr {
            return alphas;
        }
        // "Common Diffusion Noise Schedules and Sample Steps are Flawed" (2305.08891), algorithm 1.
        let roots: Vec<f32> = alphas.iter().map(|alpha| alpha.sqrt()).collect();
        let (first, last) = (roots[0], roots[roots.len() - 1]);
        let scaled: Vec<f32> =
            roots.iter().map(|root| ((root - last) * (first / (first - last))).powi(2)).collect();
        let ratios =
            scaled.iter().enumerate().map(|(t, &bar)| if t == 0 { bar } else { bar / scaled[t - 1] });
        cumulative_product(ratios.map(|alpha| 1.0 - (1.0 - alpha)))
    }

    fn values(&self, n: usize) -> Vec<f32> {
        match self {
            Self::Linear { start, end } => linspace(*start, *end, n),
            Self::ScaledLinear { start, end } => {
                linspace(start.sqrt(), end.sqrt(), n).into_iter().map(|root| root * root).collect()
            }
            Self::SquaredCosine => {
                let alpha_bar = |t: usize| {
                    let t = t as f64 / n as f64;
                    ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2).cos().powi(2)
                };
                (0..n).map(|t| (1.0 - alpha_bar(t + 1) / alpha_bar(t)).min(0.999) as f32).collect()
            }
            Self::Trained(betas) => betas.clone(),
        }
    }
}

fn trained(value: &Value, timesteps: usize) -> Option<Vec<f32>> {
    let betas: Vec<f32> =
        value.as_array()?.iter().map(|beta| Some(beta.as_f64()? as f32)).collect::<Option<_>>()?;
    (betas.len() == timesteps && betas.iter().all(|beta| *beta > 0.0 && *beta < 1.0)).then_some(betas)
}

/// `torch.linspace` in f32: from both ends to the middle, multiplied and added with one rounding.
fn linspace(start: f64, end: f64, n: usize) -> Vec<f32> {
    let (start, end) = (start as f32, end as f32);
    let step = if n > 1 { (end - start) / (n - 1) as f32 } else { 0.0 };
    let up = |i: usize| step.mul_add(i as f32, start);
    let down = |i: usize| (-step).mul_add((n - 1 - i) as f32, end);
    (0..n).map(|i| if i < n / 2 { up(i) } else { down(i) }).collect()
}

/// As `torch.cumprod`: f64 inside, every result rounded to f32.
fn cumulative_product(factors: impl Iterator<Item = f32>) -> Vec<f32> {
    let product = factors.scan(1.0, |product, factor| {
        *product *= f64::from(factor);
        Some(*product as f32)
    });
    product.collect()
}
