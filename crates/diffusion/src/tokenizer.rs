//! CLIP's tokenizer, from `tokenizer.json` or from `vocab.json` + `merges.txt` (transformers: `CLIPTokenizerFast`).

use std::path::{Path, PathBuf};

use export::config::ConfigFile;
use export::{ExportError, TokenizerFiles};
use serde_json::{Value, json};
use tokenizers::AddedToken;

/// Why a tokenizer could not be loaded or a text not tokenised.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// A file cannot be read, or is not JSON.
    #[error(transparent)]
    File(#[from] ExportError),
    /// A file is not what it should be.
    #[error("{}: {problem}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The tokenizer library rejected a text.
    #[error("the text cannot be split into tokens: {0}")]
    Encode(String),
}

/// The tokens of one text, without start, end and padding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tokens {
    /// Vocabulary ids.
    pub ids: Vec<u32>,
    /// The byte offsets of each token in the text, start and end.
    pub offsets: Vec<(usize, usize)>,
}

/// Splits texts into CLIP tokens and pads them to the text encoder's length.
#[derive(Debug)]
pub struct ClipTokenizer {
    inner: tokenizers::Tokenizer,
    sequences: Sequences,
}

/// Most sequences per text: 600 tokens for Stable Diffusion.
const MOST_SEQUENCES: usize = 8;

/// How a text encoder takes its tokens: in sequences of one length, each with a start and an end. Longer
/// texts take several, which are encoded separately and concatenated for the UNet, as in the Stable Diffusion
/// web UI and in diffusers' community pipeline `lpw_stable_diffusion`.
#[derive(Clone, Copy, Debug)]
pub struct Sequences {
    start: u32,
    end: u32,
    padding: u32,
    length: usize,
}

impl ClipTokenizer {
    /// Loads the `tokenizer/` folder of a checkpoint. `length` is the text encoder's `max_position_embeddings`
    /// (77 for every Stable Diffusion); a smaller `model_max_length` in `tokenizer_config.json` wins.
    pub fn open(folder: &Path, length: usize) -> Result<Self, TokenizerError> {
        let whole = folder.join("tokenizer.json");
        let description = match whole.is_file() {
            true => ConfigFile::read(whole)?.into_json(),
            false => from_vocabulary_and_merges(folder)?,
        };
        let config = ConfigFile::read_if_there(folder.join("tokenizer_config.json"))?;
        let special = ConfigFile::read_if_there(folder.join("special_tokens_map.json"))?;
        Self::new(folder, &description, &special, &config, length)
    }

    /// Creates a tokenizer for the single-file checkpoint `path`, which has none of its own.
    pub fn of_files(files: TokenizerFiles, path: &Path, length: usize) -> Result<Self, TokenizerError> {
        let TokenizerFiles { vocabulary, merges, special_tokens } = files;
        let special = ConfigFile::new(path, special_tokens)?;
        Self::new(
            path,
            &description(vocabulary, &merges),
            &special,
            &ConfigFile::new(path, json!({}))?,
            length,
        )
    }

    fn new(
        path: &Path,
        description: &Value,
        special: &ConfigFile,
        config: &ConfigFile,
        length: usize,
    ) -> Result<Self, TokenizerError> {
        let invalid = |problem: String| TokenizerError::Invalid { path: path.to_path_buf(), problem };
        let mut inner = tokenizers::Tokenizer::from_bytes(description.to_string())
            .map_err(|error| invalid(format!("not a tokenizer: {error}")))?;
        // Start, end, padding and truncation are handled here, where what is cut off can be reported.
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|error| invalid(error.to_string()))?;

        let mut id = |key: &str, default: &str| -> Result<u32, TokenizerError> {
            let token = special_token(special, key).or_else(|| special_token(config, key)).unwrap_or(default);
            let id = inner.token_to_id(token).ok_or_else(|| {
                invalid(format!(
                    "{key} is {token:?}, which is not in the vocabulary; is this a CLIP tokenizer?"
                ))
            })?;
            // Special tokens are matched before the text is split: Stable Diffusion 2 pads with "!", so
            // "dark!" ends in the padding's id and not in that of "!</w>", as in transformers.
            inner.add_special_tokens(&[AddedToken::from(token, true)]);
            Ok(id)
        };
        let start = id("bos_token", "<|startoftext|>")?;
        let end = id("eos_token", "<|endoftext|>")?;
        let padding = id("pad_token", "<|endoftext|>")?;
        let limit = config.get("model_max_length").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let length = length.min(usize::try_from(limit).unwrap_or(usize::MAX));
        if length < 3 {
            return Err(invalid(format!("room for {length} tokens; start, end and one word need 3")));
        }
        Ok(Self { inner, sequences: Sequences { start, end, padding, length } })
    }

    /// How texts become the text encoder's input.
    pub fn sequences(&self) -> Sequences {
        self.sequences
    }

    /// Splits a text into tokens, without truncation.
    pub fn split(&self, text: &str) -> Result<Tokens, TokenizerError> {
        let encoding =
            self.inner.encode(text, false).map_err(|error| TokenizerError::Encode(error.to_string()))?;
        Ok(Tokens { ids: encoding.get_ids().to_vec(), offsets: encoding.get_offsets().to_vec() })
    }

    /// Returns the words of a text that the vocabulary has only in pieces. If the vocabulary was made from
    /// all training texts of a model, these are the words that it has never seen.
    pub fn words_in_pieces<'t>(&self, text: &'t str) -> Result<Vec<&'t str>, TokenizerError> {
        let tokens = self.split(text)?;
        let (mut words, mut pieces, mut start) = (Vec::new(), 0, 0);
        for (id, offsets) in tokens.ids.iter().zip(&tokens.offsets) {
            if pieces == 0 {
                start = offsets.0;
            }
            pieces += 1;
            if self.inner.id_to_token(*id).is_none_or(|token| token.ends_with(END_OF_WORD)) {
                words.extend(text.get(start..offsets.1).filter(|_| pieces > 1));
                pieces = 0;
            }
        }
        Ok(words)
    }
}

impl Sequences {
    /// The length of a sequence, start and end included.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Most tokens of a text that are used.
    pub fn limit(&self) -> usize {
        MOST_SEQUENCES * self.room()
    }

    /// Returns how many sequences a text of so many tokens takes, at least one.
    pub fn count(&self, tokens: usize) -> usize {
        tokens.div_ceil(self.room()).clamp(1, MOST_SEQUENCES)
    }

    /// Returns the position of a text's n-th token in its concatenated sequences.
    pub fn position(&self, n: usize) -> usize {
        n / self.room() * self.length + 1 + n % self.room()
    }

    /// The tokens of the n-th sequence.
    pub fn tokens<'t>(&self, ids: &'t [u32], n: usize) -> &'t [u32] {
        ids.chunks(self.room()).nth(n).unwrap_or_default()
    }

    /// Returns the text encoder's `input_ids` for one sequence: start, tokens, end, padding.
    pub fn input_ids(&self, ids: &[u32]) -> Vec<i64> {
        let kept = ids.iter().take(self.room()).copied();
        let mut padded: Vec<i64> =
            std::iter::once(self.start).chain(kept).chain([self.end]).map(i64::from).collect();
        padded.resize(self.length, i64::from(self.padding));
        padded
    }

    /// The number of text tokens per sequence.
    fn room(&self) -> usize {
        self.length - 2
    }
}

/// The suffix of vocabulary entries that end a word.
const END_OF_WORD: &str = "</w>";

fn from_vocabulary_and_merges(folder: &Path) -> Result<Value, ExportError> {
    let vocabulary = ConfigFile::read(folder.join("vocab.json"))?.into_json();
    let path = folder.join("merges.txt");
    let merges = std::fs::read_to_string(&path).map_err(|source| ExportError::Read { path, source })?;
    Ok(description(vocabulary, &merges))
}

/// Returns the description that transformers' `CLIPConverter` makes of a vocabulary and its merges.
fn description(vocabulary: Value, merges: &str) -> Value {
    let merges: Vec<&str> =
        merges.lines().filter(|line| !line.starts_with("#version") && !line.trim().is_empty()).collect();
    json!({
        "version": "1.0",
        "normalizer": { "type": "Sequence", "normalizers": [
            { "type": "NFC" },
            { "type": "Replace", "pattern": { "Regex": "\\s+" }, "content": " " },
            { "type": "Lowercase" },
        ]},
        "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
            { "type": "Split", "behavior": "Removed", "invert": true, "pattern": {
                "Regex": "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" } },
            { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true },
        ]},
        "model": { "type": "BPE", "unk_token": "<|endoftext|>", "continuing_subword_prefix": "",
                   "end_of_word_suffix": END_OF_WORD, "fuse_unk": false, "vocab": vocabulary, "merges": merges },
    })
}

/// A special token is written as a string or as an object with its `content`.
fn special_token<'a>(file: &'a ConfigFile, key: &str) -> Option<&'a str> {
    let value = file.get(key)?;
    value.as_str().or_else(|| value.get("content")?.as_str())
}
