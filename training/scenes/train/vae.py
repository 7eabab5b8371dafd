"""Trains the VAE on latents that are given (`patches`): the decoder by L1 of colours and edges at several scales and, on
request, a discriminator for sharpness; the encoder to give those latents."""

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
from scenes.train.run import Budget, Ema, Run, autocast, device, rate, step

EDGE_WEIGHT, ADVERSARY_FROM = 0.6, 0.35
NOISE = 0.25  # at most, on the latents: what the UNet paints is not exact
ENCODER_EVERY = 4  # steps
LOG_VARIANCE = -8.0


class Discriminator(nn.Sequential):
    """PatchGAN: pictures -> one judgement per 8x8 patch (with overlap)."""

    def __init__(self, width: int = 48):
        layers: list[nn.Module] = [nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for i in (1, 2):
            inward, outward = width * 2 ** (i - 1), width * 2**i
            layers += [nn.Conv2d(inward, outward, 4, 2, 1), nn.GroupNorm(8, outward), nn.LeakyReLU(0.2)]
        super().__init__(*layers, nn.Conv2d(width * 4, 1, 3, 1, 1))


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


def balance(loss: Tensor, adversary: Tensor, made: Tensor) -> Tensor:
    """A weight with which both losses pull the picture equally hard (VQGAN's, taken at the picture itself)."""
    pull = torch.autograd.grad(loss, made, retain_graph=True)[0].norm()
    push = torch.autograd.grad(adversary, made, retain_graph=True)[0].norm()
    return (pull / (push + 1e-6)).clamp(max=1e3).detach()


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
    if preset.adversarial:
        judge = models["judge"] = Discriminator().to(where, memory_format=torch.channels_last)
        steppers["judge"] = torch.optim.AdamW(judge.parameters(), preset.vae_rate * 0.5, (0.5, 0.9))
    run = Run(folder, models, steppers, Ema({"vae": vae}, min(preset.ema, 0.998)))
    encode, decode = (torch.compile(vae.encode), torch.compile(vae.decode)) if compiled else (vae.encode, vae.decode)
    stream = batches(Scenes(preset.size, crop=preset.vae_crop), preset.vae_batch, run.seen, preset.workers)
    last = run.step + stop_after if stop_after else None
    while (progress := budget.progress(run.elapsed, run.step)) < 1 and run.step != last:
        torch.manual_seed(run.step)
        factor = rate(progress, run.step)
        wanted = to_signed(next(stream)["pixels"].to(where)).contiguous(memory_format=torch.channels_last)
        latents = patches.encode(wanted)
        with autocast(where):
            made = decode(latents + NOISE * torch.rand(len(latents), 1, 1, 1, device=where) * torch.randn_like(latents))
        made = made.float()
        loss = rebuilt = reconstruction(made, wanted)
        adversarial = torch.zeros(())
        if run.step % ENCODER_EVERY == 0:
            with autocast(where):
                mean, spread = encode(wanted)
            told = (mean - latents).square().mean()
            loss = loss + told + 0.01 * (spread - LOG_VARIANCE).square().mean()
        if preset.adversarial and progress > ADVERSARY_FROM:
            with autocast(where):
                adversarial = -judge(made).float().mean()
            loss = loss + 0.35 * balance(rebuilt, adversarial, made) * adversarial
        step([steppers["hidden"], steppers["others"]], vae.parameters(), loss, preset.vae_rate * factor)
        if preset.adversarial and progress > ADVERSARY_FROM - 0.05:
            with autocast(where):
                real, false = judge(wanted).float(), judge(made.detach()).float()
            step([steppers["judge"]], judge.parameters(), F.relu(1 - real).mean() + F.relu(1 + false).mean(), preset.vae_rate * 0.5 * factor)
        run.ema.update({"vae": vae}, run.step)
        run.advance(len(wanted))
        if run.step % 100 == 0:
            run.log(loss=loss.detach(), l1=(made.detach() - wanted).abs().mean(), encoder=told.detach(), adversarial=adversarial.detach())
        run.save_every(300)
    run.save()
    return run
