"""The embedded model `scenes`: its data, its networks and how they are trained."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ART = ROOT / "art"
