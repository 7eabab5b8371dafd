//! Checkpoints by hub id: which files are needed, fetched into the shared cache
