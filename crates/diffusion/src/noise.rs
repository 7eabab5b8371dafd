//! The noise of `torch.randn` with a CPU generator, so that a published seed means the same picture here.
//!
//! torch draws from MT19937 in one of two ways (`normal_fill` and `normal_distribution` of ATen): 16 values and more
//! in blocks of 16 in f32, fewer one by one in f64. f64 everywhere would miss torch's values by more than 1e-6.

use std::f32::consts::PI;

use rand_mt::Mt;

const BLOCK: usize = 16;
const HALF: usize = BLOCK / 2;

/// `torch.Generator("cpu")` after `manual_seed`.
#[derive(Clone, Debug)]
pub struct TorchGenerator {
    engine: Mt,
    /// The second value of a pair drawn in f64, kept for the next short draw.
    spare: Option<f64>,
}

impl TorchGenerator {
    /// As `manual_seed`: the engine takes the low 32 bits, so seeds that agree in them give the same noise.
    pub fn new(seed: u64) -> Self {
        Self { engine: Mt::new(seed as u32), spare: None }
    }

    /// The values of `torch.randn(n, generator=self)` in memory order; the shape does not matter, `n` does: 2 x 8
    /// values drawn at once are not two draws of 8.
    pub fn randn(&mut self, n: usize) -> Vec<f32> {
        if n < BLOCK {
            return (0..n).map(|_| self.normal() as f32).collect();
        }
        let mut values: Vec<f32> = (0..n).map(|_| self.uniform_f32()).collect();
        values.chunks_exact_mut(BLOCK).for_each(box_muller);
        if !n.is_multiple_of(BLOCK) {
            let tail = &mut values[n - BLOCK..];
            tail.fill_with(|| self.uniform_f32());
            box_muller(tail);
        }
        values
    }

    /// One normal value; every second one comes from the pair drawn before.
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let (angle, radius) = (self.uniform_f64(), self.uniform_f64());
        let radius = (-2.0 * (-radius).ln_1p()).sqrt();
        let (sin, cos) = (2.0 * std::f64::consts::PI * angle).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// Uniform in [0, 1) with 24 bits.
    fn uniform_f32(&mut self) -> f32 {
        let bits = self.engine.next_u32() & ((1 << 24) - 1);
        bits as f32 / (1u32 << 24) as f32
    }

    /// Uniform in [0, 1) with 53 bits, the high word drawn first.
    fn uniform_f64(&mut self) -> f64 {
        let high = u64::from(self.engine.next_u32());
        let bits = (high << 32 | u64::from(self.engine.next_u32())) & ((1 << 53) - 1);
        bits as f64 / (1u64 << 53) as f64
    }
}

/// Turns 16 uniform values into normal ones; value j pairs with value j + 8.
fn box_muller(block: &mut [f32]) {
    let (first, second) = block.split_at_mut(HALF);
    for (a, b) in first.iter_mut().zip(second) {
        let radius = (-2.0 * (1.0 - *a).ln()).sqrt();
        let (sin, cos) = (2.0 * PI * *b).sin_cos();
        (*a, *b) = (radius * cos, radius * sin);
    }
}
