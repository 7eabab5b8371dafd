"""The networks of Stable Diffusion as plain modules whose state dicts have diffusers' keys: export is a save."""
