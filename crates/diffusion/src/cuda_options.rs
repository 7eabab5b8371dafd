//! What can be chosen about CUDA besides the card.

use std::convert::Infallible;
use std::str::FromStr;

/// What can be chosen about CUDA besides the card; nothing of it by default. As a text, names and `key=value` with commas between:
/// `warpgroups,graphs,gpu_mem_limit=8000000000`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CudaOptions {
    /// `warpgroups`: attention in f16 on Hopper's warpgroups, where the card has them.
    pub warpgroups: bool,
    /// `unbranched`: the modulated operator in every step, where steps without modulation otherwise choose ONNX Runtime's plain
    /// attention.
    pub unbranched: bool,
    /// `graphs`: calls of the UNet are recorded as CUDA graphs and played back, which `unbranched` makes possible and comes with it.
    pub graphs: bool,
    /// Anything else: options of ONNX Runtime's CUDA provider by its own names, which are its to judge.
    pub provider: Vec<(String, String)>,
}

impl FromStr for CudaOptions {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let mut options = Self::default();
        for option in text.split(',').map(str::trim).filter(|option| !option.is_empty()) {
            match option {
                "warpgroups" => options.warpgroups = true,
                "unbranched" => options.unbranched = true,
                "graphs" => (options.graphs, options.unbranched) = (true, true),
                other => {
                    let (key, value) = other.split_once('=').unwrap_or((other, "1"));
                    options.provider.push((key.trim().to_owned(), value.trim().to_owned()));
                }
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_from_words_and_what_is_not_ours_is_the_providers() {
        let options: CudaOptions = "graphs, gpu_mem_limit=8000,use_tf32".parse().unwrap();
        let provider =
            [("gpu_mem_limit", "8000"), ("use_tf32", "1")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(
            options,
            CudaOptions {
                graphs: true,
                unbranched: true,
                provider: provider.into(),
                ..CudaOptions::default()
            }
        );
        assert_eq!("".parse(), Ok(CudaOptions::default()));
    }
}
