//! CUDA options other than the GPU.

use std::str::FromStr;

/// CUDA options other than the GPU. As text, words and `key=value` pairs separated by commas:
/// `no-graphs,gpu_mem_limit=8000000000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CudaOptions {
    /// Capture the UNet's calls for a single picture as CUDA graphs and replay them; not with `no-graphs`.
    pub graphs: bool,
    /// Run steps without modulation through ONNX Runtime's attention, which is flash attention if available.
    pub flash: bool,
    /// Any other options: ONNX Runtime's CUDA provider takes them by its own names, and validates them.
    pub provider: Vec<(String, String)>,
}

impl Default for CudaOptions {
    fn default() -> Self {
        Self { graphs: true, flash: false, provider: Vec::new() }
    }
}

/// A word that is not an option.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no option of CUDA; there are flash and no-graphs, and those of ONNX Runtime's provider as KEY=VALUE"
)]
pub struct UnknownOption(String);

impl FromStr for CudaOptions {
    type Err = UnknownOption;

    fn from_str(text: &str) -> Result<Self, UnknownOption> {
        let mut options = Self::default();
        for option in text.split(',').map(str::trim).filter(|option| !option.is_empty()) {
            match (option, option.split_once('=')) {
                ("flash", _) => options.flash = true,
                ("no-graphs", _) => options.graphs = false,
                (_, Some((key, value))) if !key.trim().is_empty() => {
                    options.provider.push((key.trim().to_owned(), value.trim().to_owned()));
                }
                _ => return Err(UnknownOption(option.to_owned())),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_from_words_and_pairs_are_the_providers() {
        let options: CudaOptions = "no-graphs, gpu_mem_limit=8000,flash,use_tf32=1".parse().unwrap();
        let provider =
            [("gpu_mem_limit", "8000"), ("use_tf32", "1")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(options, CudaOptions { graphs: false, flash: true, provider: provider.into() });
        assert_eq!("".parse(), Ok(CudaOptions::default()));
    }

    #[test]
    fn a_misspelt_word_is_named() {
        for wrong in ["graph", "=1"] {
            let error = format!("no-graphs,{wrong}").parse::<CudaOptions>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{wrong:?} is no option")), "{error}");
        }
    }
}
