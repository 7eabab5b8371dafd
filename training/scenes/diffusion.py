"""The noise schedule and a DDIM sampler, as diffusers' DDIMScheduler with the config below."""

from collections.abc import Callable

import torch
from torch import Tensor

SCHEDULER = {
    "_class_name": "DDIMScheduler", "_diffusers_version": "0.30.0", "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "beta_start": 0.00085, "clip_sample": False, "num_train_timesteps": 1000, "prediction_type": "v_prediction",
    "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1, "timestep_spacing": "leading",
}


STEPS, GUIDANCE = 25, 4.0  # what samples are painted with


class Schedule:
    """alpha_bar for every timestep, on one device."""

    def __init__(self, where: torch.device):
        betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
        self.alpha_bar = torch.cumprod(1 - betas, 0).float().to(where)

    def mix(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> tuple[Tensor, Tensor]:
        """Noised latents and the v to be predicted."""
        alpha = self.alpha_bar[timesteps]
        a, s = alpha.sqrt()[:, None, None, None], (1 - alpha).sqrt()[:, None, None, None]
        return a * latents + s * noise, a * noise - s * latents

    @torch.no_grad()
    def sample(self, predict: Callable[[Tensor, int, int], Tensor], latents: Tensor, steps: int) -> Tensor:
        """DDIM, eta 0. `predict(latents, timestep, step)` gives v, guidance included."""
        stride = 1000 // steps
        for step in range(steps):
            t = (steps - 1 - step) * stride + 1
            before = self.alpha_bar[max(t - stride, 0)]
            alpha = self.alpha_bar[t]
            v = predict(latents, t, step)
            clean = alpha.sqrt() * latents - (1 - alpha).sqrt() * v
            noise = alpha.sqrt() * v + (1 - alpha).sqrt() * latents
            latents = before.sqrt() * clean + (1 - before).sqrt() * noise
        return latents
