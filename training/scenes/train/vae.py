"""Trains the VAE on latents that are given (`patches`): the decoder by L1 of colours and edges at several scales, the encoder
to give those latents."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scenes.export import load
from scenes.models.vae import Autoencoder, begin_with_colours
from scenes.patches import at
from scenes.presets import Preset
from scenes.train.data import Scenes, batches, to_signed
from scenes.train.muon import optimizers
from scenes.train.pool import Replay
from scenes.train.run import Budget, Ema, Run, autocast, device, rate, step

EDGE_WEIGHT = 0.6
NOISE = 0.25  # at most, on the latents: what the UNet paints is not exact
ENCODER_EVERY = 4  # steps
LOG_VARIANCE = -8.0


def reconstruction(made: Tensor, wanted: Tensor) -> Tensor:
    """L1 of the pixels and of their differences at full, half, ... an eighth of the size: coarse colour counts as edges do."""
    loss = torch.zeros((), device=made.device)
    for scale in range(4):
        loss = loss + (made - wanted).abs().mean() / (1 if scale == 0 else 2)
        if scale < 3:
            for axis in (2, 3):
                edges = (made.diff(dim=axis) - wanted.diff(dim=axis)).abs().mean()
                loss = loss + EDGE_WEIGHT / (scale + 1) * edges
            made, wanted = F.avg_pool2d(made, 2), F.avg_pool2d(wanted, 2)
    return loss


def train(preset: Preset, folder: Path, budget: Budget, compiled: bool = False, init: Path | None = None,
          stop_after: int | None = None) -> Run:
    """Runs until the budget is spent, or for `stop_after` steps as if it had been interrupted then."""
    where = device()
    torch.manual_seed(0)
    patches = at(folder, preset.size, preset.latents, preset.cell, where, init)
    vae = Autoencoder(preset.vae_config).to(where, memory_format=torch.channels_last)
    begin_with_colours(vae.decoder, *(torch.tensor(value) for value in patches.preview().values()))
    if init:
        vae.load_state_dict(load(init, "vae"))
    models: dict[str, nn.Module] = {"vae": vae}
    steppers = optimizers(models, preset.vae_rate)
    run = Run(folder, models, steppers, Ema({"vae": vae}, min(preset.ema, 0.998)))
    encode, decode = (torch.compile(vae.encode), torch.compile(vae.decode)) if compiled else (vae.encode, vae.decode)
    fresh = preset.vae_batch // preset.vae_reuse
    scenes = Scenes(preset.size, crop=preset.vae_crop)
    replay = Replay(batches(scenes, fresh, run.seen // preset.vae_reuse, preset.workers // preset.vae_reuse), preset.vae_batch)
    told = torch.zeros(())
    last = run.step + stop_after if stop_after else None
    while (progress := budget.progress(run.elapsed, run.step)) < 1 and run.step != last:
        torch.manual_seed(run.step)
        factor = rate(progress, run.step)
        wanted = to_signed(replay.draw(where)["pixels"]).contiguous(memory_format=torch.channels_last)
        latents = patches.encode(wanted)
        with autocast(where):
            made = decode(latents + NOISE * torch.rand(len(latents), 1, 1, 1, device=where) * torch.randn_like(latents))
        made = made.float()
        loss = reconstruction(made, wanted)
        if run.step % ENCODER_EVERY == 0:
            with autocast(where):
                mean, spread = encode(wanted)
            told = (mean - latents).square().mean()
            loss = loss + told + 0.01 * (spread - LOG_VARIANCE).square().mean()
        step(steppers.values(), vae.parameters(), loss, preset.vae_rate * factor)
        run.ema.update({"vae": vae}, run.step)
        run.advance(len(wanted))
        if run.step % 100 == 0:
            run.log(loss=loss.detach(), l1=(made.detach() - wanted).abs().mean(), encoder=told.detach())
        run.save_every(300)
    run.save()
    return run
