//! One problem: inputs of the operator, made from a seed.

use attention::{Element, Inputs, ShapeError, Tensor, Tensors};

/// Where the regions come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Regions {
    /// Blocks of pixels on both sides; some rows belong to no region, some to several.
    SelfAttention,
    /// Pixels as queries, tokens as keys: most tokens belong to no region, some to several.
    CrossAttention,
    /// Every key is inside for every query.
    AllInside,
    /// No key is inside for any query.
    AllOutside,
}

/// How large the strengths are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strength {
    /// One value for every row.
    Uniform(f32),
    /// Random in 0..2, every fifth row 0, every seventh negative, and the whole first batch item 0 if there are several.
    Mixed,
}

/// How large Q, K and V are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// Standard normal values.
    Normal,
    /// Q is scaled so that the largest logit has this absolute value.
    Logits(f32),
    /// As `Logits`, and K grows from key to key, so that the largest logits come last.
    Rising(f32),
    /// Every element is drawn from ± this, ± a tenth of it and 0.
    Extreme(f32),
}

/// What a problem is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub batch: usize,
    pub heads: usize,
    pub queries: usize,
    pub keys: usize,
    pub head_size: usize,
    pub regions: Regions,
    /// `[1, N]` and `[1, M]` regions instead of one row per batch item.
    pub shared_regions: bool,
    pub strength: Strength,
    pub size: Size,
    /// 0 = 1 / sqrt(head size)
    pub scale: f32,
}

/// The operator's inputs, their elements rounded to `T`.
#[derive(Clone, Debug)]
pub struct Problem<T> {
    pub spec: Spec,
    pub query: Vec<T>,
    pub key: Vec<T>,
    pub value: Vec<T>,
    pub query_regions: Vec<i32>,
    pub key_regions: Vec<i32>,
    pub strength: Vec<f32>,
    /// Of Q, K, V, query_regions, key_regions, strength.
    pub shapes: [Vec<i64>; 6],
}

/// Attention layers of Stable Diffusion at 512x512 pixels, a guided picture: self-attention at three levels (and 1.5's first with
/// the head size that later models have), cross-attention at two.
pub fn stable_diffusion() -> [Spec; 6] {
    let square = |queries, head_size| Spec {
        batch: 2,
        heads: 8,
        queries,
        keys: queries,
        head_size,
        strength: Strength::Uniform(0.3),
        ..Spec::small()
    };
    let cross = |spec: Spec| Spec { keys: 77, regions: Regions::CrossAttention, ..spec };
    [
        square(4096, 40),
        square(4096, 64),
        square(1024, 80),
        square(256, 160),
        cross(square(4096, 40)),
        cross(square(1024, 80)),
    ]
}

impl Spec {
    /// A small problem of self-attention, to be changed by struct update.
    pub fn small() -> Self {
        Self {
            batch: 1,
            heads: 2,
            queries: 33,
            keys: 33,
            head_size: 8,
            regions: Regions::SelfAttention,
            shared_regions: false,
            strength: Strength::Mixed,
            size: Size::Normal,
            scale: 0.0,
        }
    }

    /// B * H * N * M
    pub fn logits(&self) -> usize {
        self.batch * self.heads * self.queries * self.keys
    }

    /// The problem; the same seed makes the same one.
    pub fn problem<T: Element>(&self, seed: u64) -> Problem<T> {
        let Self { batch, heads, queries, keys, head_size, .. } = *self;
        let mut random = Random(seed ^ 0x5DEE_CE66_D1CE_4E5B);
        let mut tensor = |rows: usize| -> Vec<f32> {
            (0..batch * rows * heads * head_size).map(|_| self.element(&mut random)).collect()
        };
        let (mut query, mut key, value) = (tensor(queries), tensor(keys), tensor(keys));
        if let Size::Rising(_) = self.size {
            let width = heads * head_size;
            let growing = |(i, x): (usize, &mut f32)| *x *= (i / width % keys + 1) as f32 / keys as f32;
            key.iter_mut().enumerate().for_each(growing);
        }
        if let Size::Logits(target) | Size::Rising(target) = self.size {
            let factor = target / self.largest_logit(&query, &key);
            query.iter_mut().for_each(|x| *x *= factor);
        }
        let region_rows = if self.shared_regions { 1 } else { batch };
        let query_regions = (0..region_rows * queries).map(|i| self.query_region(i, &mut random)).collect();
        let key_regions = (0..region_rows * keys).map(|j| self.key_region(j, &mut random)).collect();
        let strength = (0..batch * queries)
            .map(|i| match self.strength {
                Strength::Uniform(strength) => strength,
                Strength::Mixed if i % 5 == 4 || (batch > 1 && i < queries) => 0.0,
                Strength::Mixed if i % 7 == 3 => -3.0 * random.uniform(),
                Strength::Mixed => 2.0 * random.uniform(),
            })
            .collect();
        let width = heads * head_size;
        let shape = |sizes: &[usize]| sizes.iter().map(|&size| size as i64).collect::<Vec<_>>();
        Problem {
            spec: self.clone(),
            query: query.into_iter().map(T::from_f32).collect(),
            key: key.into_iter().map(T::from_f32).collect(),
            value: value.into_iter().map(T::from_f32).collect(),
            query_regions,
            key_regions,
            strength,
            shapes: [
                shape(&[batch, queries, width]),
                shape(&[batch, keys, width]),
                shape(&[batch, keys, width]),
                shape(&[region_rows, queries]),
                shape(&[region_rows, keys]),
                shape(&[batch, queries]),
            ],
        }
    }

    fn element(&self, random: &mut Random) -> f32 {
        match self.size {
            Size::Normal | Size::Logits(_) | Size::Rising(_) => random.normal(),
            Size::Extreme(largest) => {
                let factors = [-1.0, -1.0, -0.1, 0.0, 0.1, 1.0, 1.0];
                largest * factors[random.below(factors.len())]
            }
        }
    }

    fn largest_logit(&self, query: &[f32], key: &[f32]) -> f32 {
        let scale = if self.scale == 0.0 { 1.0 / (self.head_size as f32).sqrt() } else { self.scale };
        let width = self.heads * self.head_size;
        let mut largest = 0.0_f32;
        for (i, q) in query.chunks(width).enumerate() {
            for k in key.chunks(width).skip(i / self.queries * self.keys).take(self.keys) {
                for (q, k) in q.chunks(self.head_size).zip(k.chunks(self.head_size)) {
                    largest = largest.max((scale * q.iter().zip(k).map(|(q, k)| q * k).sum::<f32>()).abs());
                }
            }
        }
        largest
    }

    fn query_region(&self, i: usize, random: &mut Random) -> i32 {
        match self.regions {
            Regions::AllInside => 1,
            Regions::AllOutside => 0b01,
            _ => [1, 1 << 1, 1 << 2, 0, i32::MIN, 1 << 1 | 1 << 7][(i / 7 + random.below(8) / 7) % 6],
        }
    }

    fn key_region(&self, j: usize, random: &mut Random) -> i32 {
        match self.regions {
            Regions::AllInside => 0b101,
            Regions::AllOutside => [0, 0b10][j % 2],
            Regions::SelfAttention => self.query_region(j, random),
            Regions::CrossAttention => [0, 0, 0, 1 << 1, 1 << 2 | i32::MIN, 0, 1 << 7][random.below(7)],
        }
    }
}

impl<T: Element> Problem<T> {
    /// The same with strength 0 everywhere.
    pub fn plain(&self) -> Self {
        Self { strength: vec![0.0; self.strength.len()], ..self.clone() }
    }

    /// The inputs as the operator's forms take them.
    pub fn inputs(&self) -> Inputs<'_, T> {
        self.try_inputs().expect("the problem's shapes fit together")
    }

    /// The inputs, or what is wrong with their shapes.
    pub fn try_inputs(&self) -> Result<Inputs<'_, T>, ShapeError> {
        let [query, key, value, query_regions, key_regions, strength] = &self.shapes;
        let tensors = Tensors {
            query: Tensor { shape: query, data: &self.query },
            key: Tensor { shape: key, data: &self.key },
            value: Tensor { shape: value, data: &self.value },
            query_regions: Tensor { shape: query_regions, data: &self.query_regions },
            key_regions: Tensor { shape: key_regions, data: &self.key_regions },
            strength: Tensor { shape: strength, data: &self.strength },
        };
        Inputs::new(&tensors, self.spec.heads as i64, self.spec.scale)
    }

    /// The reference's result.
    pub fn reference(&self) -> Vec<f64> {
        attention::reference::attend(&self.inputs())
    }

    /// The kernel's result, computed on this thread.
    pub fn kernel(&self) -> Vec<T> {
        let mut output = vec![T::from_f32(f32::NAN); self.query.len()];
        attention::kernel::attend(&self.inputs(), &mut output, 3, |tasks, task| (0..tasks).for_each(task));
        output
    }

    /// max |V|, in units of which errors are told; 1 where there is no value.
    pub fn largest_value(&self) -> f64 {
        if self.value.is_empty() {
            return 1.0;
        }
        self.value.iter().fold(0.0, |largest, x| largest.max(f64::from(x.to_f32().abs())))
    }
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// In (0, 1).
    pub fn uniform(&mut self) -> f32 {
        ((self.next() >> 41) as f32 + 0.5) / (1_u32 << 23) as f32
    }

    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f32::consts::TAU * self.uniform()).cos()
    }
}
