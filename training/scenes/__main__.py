"""Trains and exports the model: vae, unet, segmenter, then export. Every command takes the run's folder first."""

import argparse
from pathlib import Path

from scenes.presets import PRESETS


def main() -> None:
    parser = argparse.ArgumentParser(prog="scenes", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, handler in (("vae", _vae), ("unet", _unet), ("segmenter", _segmenter), ("export", _export)):
        command = commands.add_parser(name, description=handler.__doc__)
        command.set_defaults(handler=handler)
        command.add_argument("folder", type=Path, help="where the whole run lives; its parts are subfolders")
        command.add_argument("--preset", choices=PRESETS, default="cpu")
        if name == "export":
            command.add_argument("out", type=Path, help="the model folder to write")
            continue
        command.add_argument("--minutes", type=float, help="training time in all, resumed time counted in")
        command.add_argument("--steps", type=int)
        if name != "unet":  # which is captured on a GPU
            command.add_argument("--compile", action="store_true", help="torch.compile, worth it on a GPU")
        command.add_argument("--init", type=Path, help="start from the weights in this model folder")
    arguments = parser.parse_args()
    arguments.preset = PRESETS[arguments.preset]
    arguments.handler(arguments)


def _vae(a: argparse.Namespace) -> None:
    """Trains the VAE; the same command goes on with a stopped run."""
    from scenes.patches import at
    from scenes.train import sheets, vae
    from scenes.train.run import Budget

    run = vae.train(a.preset, a.folder / "vae", Budget(a.minutes, a.steps), a.compile, a.init)
    patches = at(a.folder / "vae", a.preset.size, a.preset.latents, a.preset.cell)
    psnr = sheets.reconstructions(run.ema.models["vae"], patches, a.preset.size, a.folder / "vae" / "sheet.png")
    print(f"held-out PSNR {psnr:.2f} dB")


def _unet(a: argparse.Namespace) -> None:
    """Trains UNet and text encoder on the latents that the VAE learns too; the same command goes on with a stopped run."""
    from scenes.train import unet
    from scenes.train.run import Budget

    unet.train(a.preset, a.folder, Budget(a.minutes, a.steps), a.init)


def _segmenter(a: argparse.Namespace) -> None:
    """Trains the evaluator, states its accuracy on held-out renders and writes it as ONNX."""
    from scenes.train import segmenter
    from scenes.train.run import Budget

    print(segmenter.train(a.preset, a.folder / "segmenter", Budget(a.minutes, a.steps), a.compile))


def _export(a: argparse.Namespace) -> None:
    """Writes a model folder in diffusers' layout."""
    from scenes.export import export

    print(f"{a.out}: {export(a.preset, a.folder, a.out):.1f} MB")


if __name__ == "__main__":
    main()
