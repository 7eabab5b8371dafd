//! The denoiser: diffusers' `UNet2DConditionModel` with ModulatedAttention in every attention layer.

mod attention;
mod blocks;
mod time;
mod transformer;

use onnx::{DataType, Value, dim};

use self::attention::Modulation;
use self::blocks::Blocks;
use crate::config::{TIME_IDS, UNetConfig};
use crate::error::Result;
use crate::features::Features;
use crate::group_norm::group_norm;
use crate::layers::{SAME, batch, conv};
use crate::resnet::ResnetStyle;
use crate::scope::{Builder, Scope};
use crate::weights::Tensors;
use crate::{ExportedModel, Target};

/// conv_in, down blocks, middle block, up blocks, conv_out.
pub(crate) fn build(config: &UNetConfig, tensors: &Tensors, target: Target) -> Result<ExportedModel> {
    let builder = Builder::new("unet", tensors, target);
    let s = builder.root();
    let size = || [dim("height"), dim("width")];
    let [height, width] = size();
    let sample = builder.input(
        "sample",
        DataType::Float,
        [dim("batch"), dim(config.in_channels as i64), height, width],
    );
    let timestep = builder.input("timestep", DataType::Float, [dim("timesteps")]);
    let text_width = config.cross_attention_dim[config.levels() - 1] as i64;
    let text_dims = [dim("batch"), dim("tokens"), dim(text_width)];
    let text = builder.input("encoder_hidden_states", DataType::Float, text_dims);
    let modulation = Modulation::inputs(&builder, config);

    // SkipGroupNorm, which adds the time embedding to the feature maps, takes a row for each sample.
    let timestep = match target.cuda {
        true => s.op("Expand", [&timestep, &batch(&s, &sample)]),
        false => timestep,
    };
    let activation = config.act_fn;
    let mut time = time::embedding(&s, &timestep, config, activation)?;
    if let Some(addition) = config.addition {
        let dims = |width: usize| [dim("batch"), dim(width as i64)];
        let text_embeds = builder.input("text_embeds", DataType::Float, dims(addition.text));
        let time_ids = builder.input("time_ids", DataType::Float, dims(TIME_IDS));
        time = s.op("Add", [&time, &time::addition(&s, [&text_embeds, &time_ids], addition, config)?]);
    }
    let style = ResnetStyle {
        groups: config.norm_num_groups,
        eps: config.norm_eps,
        activation,
        time: Some((activation.apply(&(&s / "time_embedding"), &time), config.time_embedding_dim)),
    };
    let blocks = Blocks {
        config,
        style: &style,
        text: &s.compute(&text),
        modulation: &modulation,
        grids: grids(&s, &sample, config.levels()),
    };

    let channels = config.block_out_channels[0];
    let x = conv(&(&s / "conv_in"), &centred(&s, &sample, config), config.in_channels, channels, SAME)?;
    let x = Features::new(x, channels);
    let mut skips = vec![x.clone()];
    let x = blocks.down(&(&s / "down_blocks"), x, &mut skips)?;
    let x = blocks.middle(&(&s / "mid_block"), x)?;
    let x = blocks.up(&(&s / "up_blocks"), x, skips)?;

    let norm = &s / "conv_norm_out";
    let x = group_norm(&norm, &x, config.norm_num_groups, config.norm_eps, Some(activation))?;
    let x = conv(&(&s / "conv_out"), &x.value(&s), channels, config.out_channels, SAME)?;

    let [height, width] = size();
    builder.output("out_sample", &x, [dim("batch"), dim(config.out_channels as i64), height, width]);
    Ok(builder.finish(vec![::attention::function()]))
}

/// The sample at the size of each level that is upsampled to, each half the one before, rounded up: slices,
/// as on CUDA feature maps will not do ([`in_shape_of`](crate::layers::in_shape_of)). Only sizes matter.
fn grids(s: &Scope, sample: &Value, levels: usize) -> Vec<Value> {
    let [start, end, axes, step] = [[0; 2], [i64::MAX; 2], [2, 3], [2; 2]].map(|values| s.ints(values));
    let mut grids = vec![sample.clone()];
    for finer in 0..levels.saturating_sub(2) {
        let halved = s.op("Slice", [&grids[finer], &start, &end, &axes, &step]);
        grids.push(halved);
    }
    grids
}

/// The sample in the graph's precision, mapped from \[0, 1\] to \[-1, 1\] if so configured.
fn centred(s: &Scope, sample: &Value, config: &UNetConfig) -> Value {
    let sample = s.compute(sample);
    match config.center_input_sample {
        false => sample,
        true => s.op("Sub", [&s.op("Mul", [&sample, &s.numbers(2.0, 1)]), &s.numbers(1.0, 1)]),
    }
}
