//! Attention that is modulated in some steps and plain in others.

use onnx::{DataType, Value, dim, op};

use crate::config::UNetConfig;
use crate::layers::plain_attention;
use crate::scope::{Builder, Scope};

/// The graph inputs that modulate attention.
pub(crate) struct Modulation {
    step: Step,
    /// i32 \[B or 1, tokens\]: the regions that each token of the text belongs to, as a bit set.
    token_regions: Value,
    levels: Vec<Option<Level>>,
}

/// How a layer learns whether a step is modulated.
enum Step {
    /// A branch, chosen by `modulate`, bool \[\].
    Branch(Value),
    /// The operator always runs; `modulated`, bool \[0 or more\], is empty if the step is not modulated.
    Told(Value),
}

/// The inputs of one resolution, of N cells.
struct Level {
    /// i32 \[B or 1, N\]: the regions that each cell belongs to, as a bit set.
    pixel_regions: Value,
    /// f32 \[B, N\].
    self_strength: Value,
    /// f32 \[B, N\].
    cross_strength: Value,
}

/// What a cell's queries attend to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// The other cells: self-attention.
    Cells,
    /// The text: cross-attention.
    Tokens,
}

impl Modulation {
    /// Declares the inputs, for the levels that have attention layers.
    pub fn inputs(builder: &Builder, config: &UNetConfig) -> Self {
        let attends = config.attention_levels();
        let step = match builder.target().cuda {
            true => Step::Told(builder.input("modulated", DataType::Bool, [dim("modulated")])),
            false => Step::Branch(builder.input("modulate", DataType::Bool, [])),
        };
        let token_regions =
            builder.input("token_regions", DataType::Int32, [dim("token_regions_batch"), dim("tokens")]);
        let level = |r: usize| {
            let cells = || dim(format!("cells_{r}"));
            let strength =
                |name: &str| builder.input(&format!("{name}_{r}"), DataType::Float, [dim("batch"), cells()]);
            Level {
                pixel_regions: builder.input(
                    &format!("pixel_regions_{r}"),
                    DataType::Int32,
                    [dim("pixel_regions_batch"), cells()],
                ),
                self_strength: strength("self_strength"),
                cross_strength: strength("cross_strength"),
            }
        };
        let levels = (0..config.levels()).map(|r| attends.contains(&r).then(|| level(r))).collect();
        Self { step, token_regions, levels }
    }

    /// Attention of one layer at level `level`: modulated or plain, chosen at run time.
    ///
    /// The branches hold the attention alone, so that ONNX Runtime prepacks the weights around them once.
    pub fn attend(&self, s: &Scope, qkv: [&Value; 3], heads: usize, level: usize, keys: Keys) -> Value {
        let [q, k, v] = qkv;
        let plain = plain_attention(heads);
        let Some(Some(inputs)) = self.levels.get(level) else {
            return s.op(plain, [q, k, v]);
        };
        let (key_regions, strength) = match keys {
            Keys::Cells => (&inputs.pixel_regions, &inputs.self_strength),
            Keys::Tokens => (&self.token_regions, &inputs.cross_strength),
        };
        let modulated = op(::attention::OP_NAME).domain(::attention::DOMAIN).int("num_heads", heads as i64);
        let regions = &inputs.pixel_regions;
        match &self.step {
            Step::Told(told) => s.op(modulated, [q, k, v, regions, key_regions, strength, told]),
            Step::Branch(modulate) => {
                let modulated = s.branch("modulated", modulated, [q, k, v, regions, key_regions, strength]);
                let plain = s.branch("plain", plain, [q, k, v]);
                s.op(op("If").graph("then_branch", modulated).graph("else_branch", plain), [modulate])
            }
        }
    }
}
