//! Where optimised graphs are kept, as `generate`, `benchmark` and `serve` are told.

use std::path::PathBuf;

/// In place of a folder.
const OFF: &str = "off";

/// The folder of kept graphs.
#[derive(Debug, clap::Args)]
pub struct GraphCacheArgs {
    /// Folder that keeps the networks as they were optimised for this processor, so that the next start takes a tenth of the
    /// time; as large as the checkpoint in f32. off keeps nothing [default: dense-diffusion/graphs in the user's cache folder]
    #[arg(long, env = "DENSE_DIFFUSION_GRAPH_CACHE", value_name = "DIR")]
    graph_cache: Option<PathBuf>,
}

impl GraphCacheArgs {
    /// The folder, if there is to be one.
    pub fn folder(&self) -> Option<PathBuf> {
        match &self.graph_cache {
            Some(folder) if folder.as_os_str() == OFF => None,
            Some(folder) => Some(folder.clone()),
            None => Some(dirs::cache_dir()?.join("dense-diffusion/graphs")),
        }
    }
}
