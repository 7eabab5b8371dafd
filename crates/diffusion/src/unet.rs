//! The denoiser, whose calls concurrent requests share.

use std::sync::Arc;

use export::config::TIME_IDS;
use request::Size;

use crate::batching::{Batcher, Member};
use crate::error::DiffusionError;
use crate::input::Input;
use crate::latents::LatentShape;
use crate::modulation::Strengths;
use crate::network::Network;

/// The UNet, with the modulation's inputs. Concurrent requests of one size share its calls.
#[derive(Debug)]
pub(crate) struct UNet {
    network: Network,
    /// Whether the operator is told of steps without modulation.
    tells_plain: bool,
    batcher: Batcher<CallSize, UNetCall, Vec<f32>>,
}

/// Channels, height and width of latents, and number of tokens, which are equal within a batch.
type CallSize = (usize, usize, usize, usize);

/// A request's membership in the group that shares calls with it.
pub(crate) type UNetMember<'a> = Member<'a, CallSize, UNetCall, Vec<f32>>;

/// One request's call of the UNet at one step.
#[derive(Debug)]
pub(crate) struct UNetCall {
    /// Of `shape`.
    pub latents: Arc<[f32]>,
    pub shape: LatentShape,
    /// Pictures that it adds to a batch; each has two samples with guidance.
    pub pictures: usize,
    /// One number.
    pub timestep: Arc<[f32]>,
    pub conditioning: Arc<Conditioning>,
    pub strengths: Arc<Strengths>,
}

/// The inputs of a request that are the same at every step.
#[derive(Debug)]
pub(crate) struct Conditioning {
    /// `[samples, tokens, width]`.
    pub prompt_embeds: Arc<[f32]>,
    /// Pooled embeddings, `[samples, width]`, and [`time_ids`], `[samples, 6]`; only for Stable Diffusion XL.
    pub text_embeds: Arc<[f32]>,
    pub time_ids: Arc<[f32]>,
    /// The regions of every token as bit sets, `[tokens]`.
    pub token_regions: Arc<[i32]>,
    /// The levels that have attention layers, and the regions of their N cells as bit sets, `[N]`.
    pub pixel_regions: Vec<(usize, Arc<[i32]>)>,
}

/// Returns Stable Diffusion XL's size conditioning for a picture that is not cropped: original height and
/// width, top and left of the crop, target height and width (diffusers' `add_time_ids`).
pub(crate) fn time_ids(size: Size) -> [f32; TIME_IDS] {
    let (height, width) = (size.height() as f32, size.width() as f32);
    [height, width, 0.0, 0.0, height, width]
}

impl UNet {
    /// Creates a UNet whose calls are not shared.
    pub fn new(network: Network, tells_plain: bool) -> Self {
        Self { network, tells_plain, batcher: Batcher::new(1, |call| call.pictures) }
    }

    /// Lets requests share a call if they have at most `max_batch` pictures in all.
    pub fn share(&mut self, max_batch: usize) {
        self.batcher.max = max_batch.max(1);
    }

    /// Most pictures in one call.
    pub fn max_batch(&self) -> usize {
        self.batcher.max
    }

    /// Joins the requests of this size and number of tokens, until the returned member is dropped.
    pub fn join(&self, shape: LatentShape, conditioning: &Conditioning) -> UNetMember<'_> {
        let tokens = conditioning.token_regions.len();
        self.batcher.join((shape.channels, shape.height, shape.width, tokens))
    }

    /// Returns the model's output, in the latents' shape.
    pub fn predict(&self, member: &UNetMember<'_>, call: UNetCall) -> Result<Vec<f32>, DiffusionError> {
        member.call(call, |calls| self.run(calls))
    }

    /// Calls the network once for requests of one size; returns one output each.
    fn run(&self, calls: &[UNetCall]) -> Result<Vec<Vec<f32>>, DiffusionError> {
        let LatentShape { channels, height, width, .. } = calls[0].shape;
        let samples: usize = calls.iter().map(|call| call.shape.samples).sum();
        // A lone request passes only once what is the same for all its samples.
        let rows = if calls.len() == 1 { 1 } else { samples };
        let latents = joined(calls, |call| &call.latents);
        let prompt_embeds = joined(calls, |call| &call.conditioning.prompt_embeds);
        let timesteps = per_row(calls, |call| &call.timestep);
        let token_regions = per_row(calls, |call| &call.conditioning.token_regions);
        let tokens = token_regions.len() / rows;
        let width_of_embeds = prompt_embeds.len() / (samples * tokens);
        let mut inputs = vec![
            Input::new("sample", [samples, channels, height, width], latents),
            Input::new("timestep", [rows], timesteps),
            Input::new("encoder_hidden_states", [samples, tokens, width_of_embeds], prompt_embeds),
            Input::new("token_regions", [rows, tokens], token_regions),
        ];
        if self.network.takes("time_ids") {
            let text_embeds = joined(calls, |call| &call.conditioning.text_embeds);
            let time_ids = joined(calls, |call| &call.conditioning.time_ids);
            inputs.push(Input::new("text_embeds", [samples, text_embeds.len() / samples], text_embeds));
            inputs.push(Input::new("time_ids", [samples, TIME_IDS], time_ids));
        }
        let modulate = calls.iter().any(|call| call.strengths.any);
        if self.network.takes("modulate") {
            inputs.push(Input::new("modulate", [], vec![modulate]));
        }
        if self.network.takes("modulated") {
            let told = usize::from(modulate || !self.tells_plain);
            inputs.push(Input::new("modulated", [told], vec![true; told]));
        }
        for (n, (index, _)) in calls[0].conditioning.pixel_regions.iter().enumerate() {
            let pixel_regions = per_row(calls, |call| &call.conditioning.pixel_regions[n].1);
            let self_strength = joined(calls, |call| &call.strengths.levels[n].self_attention);
            let cross_strength = joined(calls, |call| &call.strengths.levels[n].cross_attention);
            let cells = pixel_regions.len() / rows;
            inputs.push(Input::new(format!("pixel_regions_{index}"), [rows, cells], pixel_regions));
            inputs.push(Input::new(format!("self_strength_{index}"), [samples, cells], self_strength));
            inputs.push(Input::new(format!("cross_strength_{index}"), [samples, cells], cross_strength));
        }
        let mut outputs = self.network.run(inputs)?.into_iter();
        Ok(calls.iter().map(|call| outputs.by_ref().take(call.shape.len()).collect()).collect())
    }
}

/// Concatenates the values of all requests.
fn joined<T: Copy>(calls: &[UNetCall], values: impl Fn(&UNetCall) -> &Arc<[T]>) -> Arc<[T]> {
    match calls {
        [call] => Arc::clone(values(call)),
        _ => calls.iter().flat_map(|call| values(call).iter().copied()).collect(),
    }
}

/// Returns a lone request's values once, else each request's for each of its samples.
fn per_row<T: Copy>(calls: &[UNetCall], values: impl Fn(&UNetCall) -> &Arc<[T]>) -> Arc<[T]> {
    match calls {
        [call] => Arc::clone(values(call)),
        _ => calls.iter().flat_map(|call| values(call).repeat(call.shape.samples)).collect(),
    }
}

#[cfg(test)]
mod tests;
