"""The renderer: a seed becomes a picture, an exact map of its objects and a caption."""
