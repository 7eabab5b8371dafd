//! Noise levels: the standard deviation of the noise added to an unscaled picture.

use super::{Sampling, SchedulerConfig, SchedulerError, spacing};

/// The last alpha of a schedule with zero terminal SNR, so that its sigma is finite; as in diffusers.
const LEAST_ALPHA: f32 = 1.0 / (1 << 24) as f32;

/// Karras et al. 2022 (2206.00364), equation 5.
const KARRAS_RHO: f64 = 7.0;

/// Timesteps, and one sigma more than timesteps: what is left after the last step.
pub(super) struct Sigmas {
    pub(super) timesteps: Vec<f32>,
    pub(super) values: Vec<f32>,
}

impl Sigmas {
    /// As in both Euler schedulers.
    pub(super) fn euler(
        config: &SchedulerConfig,
        sampling: &Sampling,
        karras: bool,
    ) -> Result<Self, SchedulerError> {
        let table = config.sigma_table();
        let spacing = config.spacing(sampling);
        let steps = spacing::timesteps(spacing, table.len(), sampling.steps, config.steps_offset);
        // diffusers rounds to f32 before it interpolates.
        let timesteps: Vec<f64> = steps.into_iter().map(|t| f64::from(t as f32)).collect();
        let mut values: Vec<f64> = timesteps.iter().map(|t| interpolate(*t, &table)).collect();
        let mut rounded: Vec<f32> = timesteps.iter().map(|t| *t as f32).collect();
        if karras {
            values = karras_sigmas(values[0], values[values.len() - 1], sampling.steps);
            rounded = values.iter().map(|sigma| sigma_to_timestep(*sigma, &table) as f32).collect();
        }
        Self::checked(config, sampling, rounded, values, &table)
    }

    /// As in DPM-Solver++. Karras's sigmas there span the whole training schedule, whatever the spacing.
    pub(super) fn dpm_solver(
        config: &SchedulerConfig,
        sampling: &Sampling,
        lambda_min: f64,
    ) -> Result<Self, SchedulerError> {
        let table = config.sigma_table();
        if sampling.karras.unwrap_or(config.karras) {
            let values =
                karras_sigmas(f64::from(table[table.len() - 1]), f64::from(table[0]), sampling.steps);
            let timesteps = values.iter().map(|sigma| sigma_to_timestep(*sigma, &table));
            let whole = match config.betas {
                super::betas::Betas::SquaredCosine => f64::trunc,
                _ => f64::round_ties_even,
            };
            let timesteps = timesteps.map(|t| whole(t) as f32).collect();
            return Self::checked(config, sampling, timesteps, values, &table);
        }
        // Only timesteps whose lambda, the logarithm of signal to noise, is not below the limit.
        let below = table.iter().rev().take_while(|sigma| f64::from(-sigma.ln()) < lambda_min).count();
        let (train, last) = (table.len(), table.len() - below);
        let spacing = config.spacing(sampling);
        let steps = spacing::interval_timesteps(spacing, train, last, sampling.steps, config.steps_offset);
        let values = steps.iter().map(|t| interpolate(*t, &table)).collect();
        Self::checked(config, sampling, steps.into_iter().map(|t| t as f32).collect(), values, &table)
    }

    fn checked(
        config: &SchedulerConfig,
        sampling: &Sampling,
        timesteps: Vec<f32>,
        values: Vec<f64>,
        table: &[f32],
    ) -> Result<Self, SchedulerError> {
        let mut values: Vec<f32> = values.into_iter().map(|sigma| sigma as f32).collect();
        let outside = timesteps.iter().any(|t| *t < 0.0 || *t > (table.len() - 1) as f32);
        if outside || values.is_empty() || values.windows(2).any(|pair| pair[0] <= pair[1]) {
            return Err(config.crowded(sampling));
        }
        values.push(if config.final_sigma_is_zero { 0.0 } else { table[0] });
        Ok(Self { timesteps, values })
    }
}

impl SchedulerConfig {
    /// The sigma of every training timestep.
    fn sigma_table(&self) -> Vec<f32> {
        let mut alphas = self.alphas_cumprod();
        if let (true, Some(last)) = (self.rescale_betas_zero_snr, alphas.last_mut()) {
            *last = LEAST_ALPHA;
        }
        alphas.into_iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect()
    }
}

/// `numpy.interp` over the table's indices.
fn interpolate(t: f64, table: &[f32]) -> f64 {
    let last = table.len() - 1;
    let low = (t.max(0.0) as usize).min(last);
    let (from, to) = (f64::from(table[low]), f64::from(table[(low + 1).min(last)]));
    from + (to - from) * (t - low as f64).clamp(0.0, 1.0)
}

/// Karras et al.'s sigmas from `most` to `least`.
fn karras_sigmas(most: f64, least: f64, steps: usize) -> Vec<f64> {
    let (most, least) = (most.powf(1.0 / KARRAS_RHO), least.powf(1.0 / KARRAS_RHO));
    let ramp = |i: usize| i as f64 / (steps - 1).max(1) as f64;
    (0..steps).map(|i| (most + ramp(i) * (least - most)).powf(KARRAS_RHO)).collect()
}

/// Returns the timestep, usually between two, of a sigma: linear in the logarithm.
fn sigma_to_timestep(sigma: f64, table: &[f32]) -> f64 {
    if table.len() < 2 {
        return 0.0;
    }
    let wanted = sigma.max(1e-10).ln();
    let below = table.partition_point(|entry| f64::from(entry.ln()) <= wanted);
    let low = below.saturating_sub(1).min(table.len() - 2);
    let (from, to) = (table[low].ln(), table[low + 1].ln());
    let share = ((f64::from(from) - wanted) / f64::from(from - to)).clamp(0.0, 1.0);
    (1.0 - share) * low as f64 + share * (low + 1) as f64
}
