//! CLIP's text encoder, or the two of Stable Diffusion XL.

use std::num::NonZero;
use std::sync::Arc;

use lru::LruCache;
use parking_lot::Mutex;

use crate::error::DiffusionError;
use crate::input::Input;
use crate::network::Network;
use crate::tokenizer::Sequences;

/// Sequences whose embeddings are cached: 64 take 15 MB for Stable Diffusion, 41 MB for XL.
const REMEMBERED: NonZero<usize> = NonZero::new(64).expect("64 is not 0");

/// A text's embeddings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Encoded {
    /// `[sequences * length, width]`; for Stable Diffusion XL, both encoders' side by side.
    pub tokens: Vec<f32>,
    /// The pooled embedding, `[width]`; only for Stable Diffusion XL.
    pub text: Vec<f32>,
}

/// The text encoders, which get the same tokens. Recent embeddings are cached, so that trying other seeds,
/// layouts or strengths costs no encoding.
#[derive(Debug)]
pub(crate) struct TextEncoder {
    networks: Vec<(Network, Sequences)>,
    force_zeros_for_empty_prompt: bool,
    remembered: Mutex<LruCache<Vec<u32>, Arc<Encoded>>>,
}

impl TextEncoder {
    pub fn new(networks: Vec<(Network, Sequences)>, force_zeros_for_empty_prompt: bool) -> Self {
        Self { networks, force_zeros_for_empty_prompt, remembered: Mutex::new(LruCache::new(REMEMBERED)) }
    }

    /// Encodes a text in so many sequences. The pooled embedding is that of the first.
    pub fn encode(&self, ids: &[u32], sequences: usize) -> Result<Encoded, DiffusionError> {
        let split = self.networks[0].1;
        let encode = |n| self.encode_sequence(split.tokens(ids, n));
        let mut encoded = Encoded::clone(&*encode(0)?);
        for n in 1..sequences {
            encoded.tokens.extend_from_slice(&encode(n)?.tokens);
        }
        Ok(encoded)
    }

    /// Encodes the tokens of one sequence, by itself: in a batch the last bits would depend on its
    /// neighbours, and a picture on what was cached.
    fn encode_sequence(&self, ids: &[u32]) -> Result<Arc<Encoded>, DiffusionError> {
        if let Some(encoded) = self.remembered.lock().get(ids) {
            return Ok(Arc::clone(encoded));
        }
        let (mut hidden, mut text) = (Vec::new(), Vec::new());
        for (network, sequences) in &self.networks {
            let input_ids = sequences.input_ids(ids);
            let tokens = input_ids.len();
            let mut outputs =
                network.run_for_all(vec![Input::new("input_ids", [1, tokens], input_ids)])?.into_iter();
            hidden.push((outputs.next().unwrap_or_default(), tokens));
            text = outputs.next().unwrap_or_default();
        }
        let encoded = Arc::new(Encoded { tokens: side_by_side(&hidden), text });
        self.remembered.lock().put(ids.to_vec(), Arc::clone(&encoded));
        Ok(encoded)
    }

    /// Encodes a negative text. Stable Diffusion XL's embeddings are zeros if it is empty (diffusers'
    /// `force_zeros_for_empty_prompt`, which tells a missing text from an empty one).
    pub fn encode_negative(&self, ids: &[u32], sequences: usize) -> Result<Encoded, DiffusionError> {
        let mut encoded = self.encode(ids, sequences)?;
        if ids.is_empty() && self.force_zeros_for_empty_prompt {
            encoded.tokens.fill(0.0);
            encoded.text.fill(0.0);
        }
        Ok(encoded)
    }
}

/// Joins the rows of several matrices, each given with its number of rows.
fn side_by_side(matrices: &[(Vec<f32>, usize)]) -> Vec<f32> {
    let rows = matrices.first().map_or(0, |(_, rows)| *rows);
    let row = |n: usize| {
        matrices.iter().flat_map(move |(values, rows)| {
            let width = values.len() / rows;
            &values[n * width..(n + 1) * width]
        })
    };
    (0..rows).flat_map(row).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_joined_one_by_one() {
        let (narrow, wide) = (vec![1.0, 2.0], vec![10.0, 11.0, 20.0, 21.0]);
        assert_eq!(side_by_side(&[(narrow.clone(), 2)]), narrow);
        assert_eq!(side_by_side(&[(narrow, 2), (wide, 2)]), [1.0, 10.0, 11.0, 2.0, 20.0, 21.0]);
    }
}
