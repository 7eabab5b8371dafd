"""Trains the UNet and the text encoder together on the latents of `patches`: v-prediction, dropped captions.

Three things make it learn faster. Many steps see windows of half the side, which an object fills (Wang et al., "Patch
Diffusion", 2023). And a small head, thrown away afterwards, must tell from the UNet's inner features which kind of
object is where (in the spirit of Yu et al., "Representation Alignment for Generation", 2024). The third teaches what
belongs to what: see `train.grounding`.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from scenes.diffusion import Schedule
from scenes.export import load
from scenes.kinds import kinds
from scenes.models.text import TextEncoder
from scenes.models.unet import UNet
from scenes.models.vae import Autoencoder
from scenes.patches import at
from scenes.presets import Preset
from scenes.sample import sheet
from scenes.train.captured import Captured
from scenes.train.data import Scenes, batches
from scenes.train.grounding import grounding
from scenes.train.muon import optimizers
from scenes.train.pool import Pool
from scenes.train.run import Budget, Ema, Run, autocast, device, rate, step

UNCONDITIONAL, SAVE_EVERY = 0.10, 420  # chance; seconds
INNER = 1  # the up block whose features the head sees
HEAD_WEIGHT, GROUND_WEIGHT, SPLICED = 0.1, 0.1, 4  # one in SPLICED captions has the embeddings of its phrases encoded alone
SHEETS = (0.12, 0.35, 0.65, 2.0)  # shares of the budget after which samples are drawn
CAPTIONS = 4
OBJECTS = 3  # how much more an object's cell counts than one of the background, which is learned sooner
AT_ONCE = 2000  # scenes at hand before the first step
WARMUP = 100  # steps
NOISY = 0.7  # below 1: more of the noisy steps, where the forms are found
SHORT = 24  # tokens of a window's caption


class Conditioned(nn.Module):
    """Text encoder and UNet as one function."""

    def __init__(self, text: TextEncoder, unet: UNet, head: nn.Conv2d):
        super().__init__()
        self.text, self.unet, self.head = text, unet, head

    def forward(self, noisy: Tensor, timesteps: Tensor, ids: Tensor, phrases: Tensor, source: Tensor):
        """v, logits of the kinds of all cells, and cross-attention maps. The batch's first part sees its phrases encoded alone, as the program does."""
        context, half, inner, maps = self.text(ids), len(ids) // SPLICED, [], []
        if half:
            alone = self.text(phrases[:half].flatten(0, 1)).unflatten(0, (half, -1)).flatten(1, 2)
            at = source[:half].clamp(min=0)[..., None].expand(-1, -1, alone.shape[-1])
            spliced = torch.where((source[:half] >= 0)[..., None], alone.gather(1, at).to(context.dtype), context[:half])
            context = torch.cat([spliced, context[half:]])
        made = self.unet(noisy, timesteps, context, inner, maps)
        told = self.head(inner[min(INNER, len(inner) - 1)])
        return made, nn.functional.interpolate(told, size=noisy.shape[2:], mode="nearest"), maps


def load_vae(folder: Path, preset: Preset, where: torch.device, init: Path | None) -> Autoencoder:
    """The averaged VAE of a run, or that of the model it goes on from, to look at samples with."""
    vae = Autoencoder(preset.vae_config).to(where)
    if (folder / "state.pt").exists():
        vae.load_state_dict(torch.load(folder / "state.pt", map_location="cpu", weights_only=True)["ema"]["vae"])
    elif init:
        vae.load_state_dict(load(init, "vae"))
    return vae


def train(preset: Preset, folder: Path, budget: Budget, init: Path | None = None) -> Run:
    where = device()
    torch.manual_seed(1)
    patches = at(folder / "vae", preset.size, preset.latents, preset.cell, where, init)
    models = {"unet": UNet(preset.unet_config).to(where, memory_format=torch.channels_last),
              "text": TextEncoder(preset.text_config).to(where)}
    if init:
        for name, model in models.items():
            model.load_state_dict(load(init, name))
    averaged = dict(models)
    inner = preset.unet[::-1][min(INNER, len(preset.unet) - 1)]
    models["head"] = nn.Conv2d(inner, len(kinds()) + 1, 1).to(where)
    weights = [p for model in models.values() for p in model.parameters()]
    steppers = optimizers(models, preset.rate)
    run = Run(folder / "unet", models, steppers, Ema(averaged, preset.ema))
    predict = Conditioned(models["text"], models["unet"], models["head"])
    scenes = Scenes(preset.size, CAPTIONS, cells=preset.unet_config["sample_size"])
    stream = batches(scenes, min(64, preset.batch), run.seen // preset.reuse, preset.workers)
    pool = Pool(patches, where, stream, preset.pool)
    schedule, owed, losses = Schedule(where), 0.0, {}
    empty = torch.tensor(scenes.tokenizer(""), device=where)

    def learn(given: dict[str, Tensor]) -> dict[str, Tensor]:
        """One step of the optimizers; returns the losses."""
        timesteps, kinds_there = given["timesteps"], given["kinds"]
        noisy, v = schedule.mix(given["latents"], given["noise"], timesteps)
        with autocast(where):
            noisy = noisy.contiguous(memory_format=torch.channels_last)
            made, told, maps = predict(noisy, timesteps, given["ids"], given["phrases"], given["source"])
        weight = 1 + (OBJECTS - 1) * (kinds_there > 0)
        loss = ((made.float() - v).square().mean(1) * weight).sum() / weight.sum()
        named = nn.functional.cross_entropy(told.float(), kinds_there)
        grounded = grounding(maps, kinds_there, given["subjects"], 1 - timesteps / 1000)
        step(steppers.values(), weights, loss + HEAD_WEIGHT * named + GROUND_WEIGHT * grounded, given["rate"])
        return {"": loss.detach(), "_head": named.detach(), "_ground": grounded.detach()}

    learned = Captured(learn)  # windows and whole scenes: a graph for each
    while pool.count < max(preset.batch * 2, min(preset.pool, AT_ONCE)):
        pool.add(wait=True)
    drawn = sum(share <= budget.progress(run.elapsed, run.step) for share in SHEETS)
    while (progress := budget.progress(run.elapsed, run.step)) < 1:
        torch.manual_seed((run.step << 8) + 1)
        while owed >= 1 and (added := pool.add()):
            owed -= added
        part = float(torch.rand(())) < preset.windows * (1 - progress)
        count = preset.batch * (4 if part else 1)
        batch = pool.draw(count, part)
        if part:
            batch |= {name: batch[name][:, :SHORT] for name in ("ids", "source", "subjects")}
        dropped = torch.rand(count, device=where) < UNCONDITIONAL
        batch["ids"] = torch.where(dropped[:, None], empty[: batch["ids"].shape[1]], batch["ids"])
        for name in ("source", "subjects"):
            batch[name] = batch[name].masked_fill(dropped[:, None], -1)
        batch["timesteps"] = (1000 * torch.rand(count, device=where) ** NOISY).long().clamp(max=999)  # f32 may round up
        batch["noise"] = torch.randn_like(batch["latents"])
        batch["rate"] = torch.full((), preset.rate * rate(progress, run.step, WARMUP), device=where)
        made = learned(batch)
        run.ema.update(averaged, run.step)
        run.advance(count)
        owed += count / preset.reuse
        for name, loss in made.items():
            losses.setdefault(("window" if part else "whole") + name, []).append(loss)
        if run.step % 100 == 0:
            run.log(**{name: torch.stack(values).mean() for name, values in losses.items()}, rendered=pool.added)
            losses.clear()
        if progress >= SHEETS[drawn] and run.step > 100:
            drawn += 1
            sheet(run.ema.models, load_vae(folder / "vae", preset, where, init), run.folder / f"sheet-{run.step:07d}.png")
        run.save_every(SAVE_EVERY)
    run.save()
    sheet(run.ema.models, load_vae(folder / "vae", preset, where, init), run.folder / "sheet-last.png")
    return run


