"""Trains the UNet and the text encoder together on the VAE's latents: v-prediction, min-SNR weights, dropped captions."""

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from scenes.diffusion import Schedule
from scenes.export import load
from scenes.models.text import TextEncoder
from scenes.models.unet import UNet
from scenes.models.vae import Autoencoder
from scenes.presets import Preset
from scenes.sample import sheet
from scenes.train.data import Scenes, batches
from scenes.train.pool import Pool, scaling_factor
from scenes.train.run import Budget, Ema, Run, autocast, device, rate, set_rate

UNCONDITIONAL, SAVE_EVERY = 0.10, 420  # chance; seconds
SHEETS = (0.03, 0.07, 0.12, 0.2, 0.35, 0.5, 0.65, 0.8, 2.0)  # shares of the budget after which samples are drawn
CAPTIONS = 4


class Conditioned(nn.Module):
    """Text encoder and UNet as one function, so that one compiled graph holds both."""

    def __init__(self, text: TextEncoder, unet: UNet):
        super().__init__()
        self.text, self.unet = text, unet

    def forward(self, noisy: Tensor, timesteps: Tensor, ids: Tensor, phrases: Tensor, source: Tensor) -> Tensor:
        """The first half of the batch sees its phrases encoded alone, as the program does with a layout."""
        context, half = self.text(ids), len(ids) // 2
        if half:
            alone = self.text(phrases[:half].flatten(0, 1)).unflatten(0, (half, -1)).flatten(1, 2)
            at = source[:half].clamp(min=0)[..., None].expand(-1, -1, alone.shape[-1])
            spliced = torch.where((source[:half] >= 0)[..., None], alone.gather(1, at).to(context.dtype), context[:half])
            context = torch.cat([spliced, context[half:]])
        return self.unet(noisy, timesteps, context)


def load_vae(folder: Path, preset: Preset, where: torch.device) -> Autoencoder:
    """The averaged VAE of a run, its scaling factor measured once and kept beside it."""
    state = torch.load(folder / "state.pt", map_location="cpu", weights_only=True)
    vae = Autoencoder(preset.vae_config).to(where)
    vae.load_state_dict(state["ema"]["vae"])
    path = folder / "scaling.json"
    if not path.exists():
        stream = batches(Scenes(preset.size), 16, 1 << 30, min(preset.workers, 4))
        path.write_text(json.dumps({"scaling_factor": round(scaling_factor(vae, stream), 5)}))
    vae.config |= json.loads(path.read_text())
    return vae


def train(preset: Preset, folder: Path, budget: Budget, compiled: bool = False, init: Path | None = None) -> Run:
    where = device()
    torch.manual_seed(1)
    vae = load_vae(folder / "vae", preset, where)
    models = {"unet": UNet(preset.unet_config).to(where, memory_format=torch.channels_last),
              "text": TextEncoder(preset.text_config).to(where)}
    if init:
        for name, model in models.items():
            model.load_state_dict(load(init, name))
    weights = [p for model in models.values() for p in model.parameters()]
    optimizer = torch.optim.AdamW(weights, preset.rate, (0.9, 0.99), weight_decay=0.01, fused=True)
    run = Run(folder / "unet", models, {"all": optimizer}, Ema(models, preset.ema))
    both = Conditioned(models["text"], models["unet"])
    predict = torch.compile(both) if compiled else both
    scenes = Scenes(preset.size, CAPTIONS)
    stream = batches(scenes, min(64, preset.batch), run.seen // preset.reuse, preset.workers)
    pool = Pool(vae, stream, preset.pool)
    schedule, owed, losses = Schedule(where), 0.0, []
    empty = torch.tensor(scenes.tokenizer(""), device=where)
    while pool.count < preset.batch * 2:
        pool.add(wait=True)
    drawn = sum(share <= budget.progress(run.elapsed, run.step) for share in SHEETS)
    while (progress := budget.progress(run.elapsed, run.step)) < 1:
        torch.manual_seed((run.step << 8) + 1)
        while owed >= 1 and (added := pool.add()):
            owed -= added
        batch = pool.draw(preset.batch)
        dropped = torch.rand(preset.batch, device=where) < UNCONDITIONAL
        ids = torch.where(dropped[:, None], empty, batch["ids"])
        source = batch["source"].masked_fill(dropped[:, None], -1)
        timesteps = torch.randint(1000, (preset.batch,), device=where)
        noisy, v, weight = schedule.mix(batch["latents"], torch.randn_like(batch["latents"]), timesteps)
        with autocast(where):
            made = predict(noisy.contiguous(memory_format=torch.channels_last), timesteps, ids, batch["phrases"], source)
        loss = ((made.float() - v).square().mean((1, 2, 3)) * weight).mean()
        set_rate(optimizer, preset.rate * rate(progress, run.step, 500))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        run.ema.update(models, run.step)
        run.advance(preset.batch)
        owed += preset.batch / preset.reuse
        losses.append(loss.detach())
        if run.step % 200 == 0:
            run.log(loss=torch.stack(losses).mean(), rendered=pool.added)
            losses.clear()
        if progress >= SHEETS[drawn] and run.step > 100:
            drawn += 1
            sheet(run.ema.models, vae, run.folder / f"sheet-{run.step:07d}.png")
        run.save_every(SAVE_EVERY)
    run.save()
    sheet(run.ema.models, vae, run.folder / "sheet-last.png")
    return run


