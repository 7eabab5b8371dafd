//! The operator's inputs, checked once: code behind [`Inputs`] can rely on every length.

/// A tensor: its shape and its elements in row-major order.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a, T> {
    /// The size of each dimension.
    pub shape: &'a [i64],
    /// As many elements as the shape says.
    pub data: &'a [T],
}

/// The operator's inputs in order, except `modulated`, whose values are not read.
#[derive(Clone, Copy, Debug)]
pub struct Tensors<'a, T> {
    /// `[B, N, H*d]`
    pub query: Tensor<'a, T>,
    /// `[B, M, H*d]`
    pub key: Tensor<'a, T>,
    /// `[B, M, H*d]`
    pub value: Tensor<'a, T>,
    /// `[B, N]` or `[1, N]`: the set of regions (bit n = region n) of each query.
    pub query_regions: Tensor<'a, i32>,
    /// `[B, M]` or `[1, M]`: the set of regions of each key.
    pub key_regions: Tensor<'a, i32>,
    /// `[B, N]`: how strongly each query's logits are modulated. 0 = not at all, negative = by a constant.
    pub strength: Tensor<'a, f32>,
}

impl<'a, T> Tensors<'a, T> {
    /// The shapes without the elements.
    pub fn shapes(&self) -> Shapes<'a> {
        Shapes {
            query: self.query.shape,
            key: self.key.shape,
            value: self.value.shape,
            query_regions: self.query_regions.shape,
            key_regions: self.key_regions.shape,
            strength: self.strength.shape,
        }
    }
}

/// The sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions {
    /// B
    pub batch: usize,
    /// H
    pub heads: usize,
    /// N, queries per batch item
    pub queries: usize,
    /// M, keys per batch item
    pub keys: usize,
    /// d, elements of a head
    pub head_size: usize,
}

impl Dimensions {
    /// H * d: elements between two rows of Q, K, V and the result.
    pub fn width(&self) -> usize {
        self.heads * self.head_size
    }

    /// The element count of the result, B * N * H * d.
    pub fn output_len(&self) -> usize {
        self.batch * self.queries * self.width()
    }
}

/// Inputs that do not fit together.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ShapeError {
    /// A tensor's shape does not match the others.
    #[error("ModulatedAttention: {input} has shape {found:?}, expected {expected}")]
    Shape {
        /// The input's name.
        input: &'static str,
        /// Its shape.
        found: Vec<i64>,
        /// The shape it must have.
        expected: String,
    },
    /// The width of Q, K and V is not a multiple of the number of heads.
    #[error(
        "ModulatedAttention: width {width} of Q, K and V cannot be split into num_heads = {num_heads} heads"
    )]
    Heads {
        /// The last dimension of Q.
        width: i64,
        /// The attribute.
        num_heads: i64,
    },
    /// The scale is not a number.
    #[error("ModulatedAttention: scale is {0}, expected a finite number, or 0 for 1 / sqrt(head size)")]
    Scale(String),
}

/// The shapes of the inputs that are read, wherever their elements lie.
#[derive(Clone, Copy, Debug)]
pub struct Shapes<'a> {
    /// `[B, N, H*d]`
    pub query: &'a [i64],
    /// `[B, M, H*d]`
    pub key: &'a [i64],
    /// `[B, M, H*d]`
    pub value: &'a [i64],
    /// `[B, N]` or `[1, N]`
    pub query_regions: &'a [i64],
    /// `[B, M]` or `[1, M]`
    pub key_regions: &'a [i64],
    /// `[B, N]`
    pub strength: &'a [i64],
}

impl Shapes<'_> {
    /// Returns the sizes of the call and the factor of Q K^T, 1 / sqrt(head size) where `scale` is 0.
    ///
    /// # Errors
    /// [`ShapeError`] names the first input that does not fit.
    pub fn check(&self, num_heads: i64, scale: f32) -> Result<(Dimensions, f32), ShapeError> {
        let Self { query, key, value, query_regions, key_regions, strength } = *self;
        let &[b, n, width] = query else {
            return Err(mismatch("Q", query, "[batch, queries, heads * head size]".into()));
        };
        let &[_, m, _] = key else {
            return Err(mismatch("K", key, "[batch, keys, heads * head size]".into()));
        };
        expect("Q", query, &[[b, n, width]])?;
        expect("K", key, &[[b, m, width]])?;
        expect("V", value, &[[b, m, width]])?;
        expect("query_regions", query_regions, &[[b, n], [1, n]])?;
        expect("key_regions", key_regions, &[[b, m], [1, m]])?;
        expect("strength", strength, &[[b, n]])?;
        if m == 0 {
            return Err(mismatch("K", key, "at least one key".into()));
        }
        if num_heads < 1 || width < 1 || width % num_heads != 0 {
            return Err(ShapeError::Heads { width, num_heads });
        }
        if !scale.is_finite() {
            return Err(ShapeError::Scale(scale.to_string()));
        }
        let head_size = (width / num_heads) as usize;
        let dimensions = Dimensions {
            batch: b as usize,
            heads: num_heads as usize,
            queries: n as usize,
            keys: m as usize,
            head_size,
        };
        Ok((dimensions, if scale == 0.0 { (1.0 / (head_size as f64).sqrt()) as f32 } else { scale }))
    }
}

/// The operator's inputs with shapes that fit together.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a, T> {
    dimensions: Dimensions,
    scale: f32,
    query: &'a [T],
    key: &'a [T],
    value: &'a [T],
    query_regions: &'a [i32],
    key_regions: &'a [i32],
    strength: &'a [f32],
}

impl<'a, T: Copy> Inputs<'a, T> {
    /// Checks the shapes. `scale` 0 means 1 / sqrt(head size).
    ///
    /// # Errors
    /// [`ShapeError`] names the first input that does not fit.
    pub fn new(tensors: &Tensors<'a, T>, num_heads: i64, scale: f32) -> Result<Self, ShapeError> {
        let (dimensions, scale) = tensors.shapes().check(num_heads, scale)?;
        let Tensors { query, key, value, query_regions, key_regions, strength } = *tensors;
        complete("Q", &query)?;
        complete("K", &key)?;
        complete("V", &value)?;
        complete("query_regions", &query_regions)?;
        complete("key_regions", &key_regions)?;
        complete("strength", &strength)?;
        Ok(Self {
            dimensions,
            scale,
            query: query.data,
            key: key.data,
            value: value.data,
            query_regions: query_regions.data,
            key_regions: key_regions.data,
            strength: strength.data,
        })
    }

    /// The sizes of this call.
    pub fn dimensions(&self) -> Dimensions {
        self.dimensions
    }

    /// The factor of Q K^T, never 0.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// Q of one batch item and head, from its first row's elements on; rows are [`Dimensions::width`] apart.
    pub fn query(&self, batch: usize, head: usize) -> &'a [T] {
        self.head(self.query, self.dimensions.queries, batch, head)
    }

    /// K of one batch item and head.
    pub fn key(&self, batch: usize, head: usize) -> &'a [T] {
        self.head(self.key, self.dimensions.keys, batch, head)
    }

    /// V of one batch item and head.
    pub fn value(&self, batch: usize, head: usize) -> &'a [T] {
        self.head(self.value, self.dimensions.keys, batch, head)
    }

    /// The queries' region sets of one batch item, N of them.
    pub fn query_regions(&self, batch: usize) -> &'a [i32] {
        row(self.query_regions, self.dimensions.queries, batch)
    }

    /// The keys' region sets of one batch item, M of them.
    pub fn key_regions(&self, batch: usize) -> &'a [i32] {
        row(self.key_regions, self.dimensions.keys, batch)
    }

    /// The queries' strengths of one batch item, N of them.
    pub fn strength(&self, batch: usize) -> &'a [f32] {
        row(self.strength, self.dimensions.queries, batch)
    }

    fn head(&self, data: &'a [T], rows: usize, batch: usize, head: usize) -> &'a [T] {
        let Dimensions { head_size, .. } = self.dimensions;
        let width = self.dimensions.width();
        let end = ((batch + 1) * rows * width).saturating_sub(width - (head + 1) * head_size);
        &data[(batch * rows * width + head * head_size).min(end)..end]
    }
}

/// The row of a batch item; one row may serve all of them.
fn row<T>(data: &[T], len: usize, batch: usize) -> &[T] {
    if data.len() == len { data } else { &data[batch * len..][..len] }
}

fn expect<const R: usize>(
    input: &'static str,
    shape: &[i64],
    allowed: &[[i64; R]],
) -> Result<(), ShapeError> {
    if allowed.iter().any(|allowed| allowed == shape) && elements(shape).is_some() {
        return Ok(());
    }
    let mut expected: Vec<String> = allowed.iter().map(|shape| format!("{shape:?}")).collect();
    expected.dedup();
    Err(mismatch(input, shape, expected.join(" or ")))
}

/// Checks that a tensor has as many elements as its shape says.
fn complete<T>(input: &'static str, tensor: &Tensor<'_, T>) -> Result<(), ShapeError> {
    if elements(tensor.shape) == Some(tensor.data.len()) {
        return Ok(());
    }
    Err(mismatch(input, tensor.shape, format!("the shape of {} elements", tensor.data.len())))
}

/// Returns the element count, unless a size is negative or it overflows.
fn elements(shape: &[i64]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |product, &size| {
        usize::try_from(size).ok().and_then(|size| product.checked_mul(size))
    })
}

fn mismatch(input: &'static str, found: &[i64], expected: String) -> ShapeError {
    ShapeError::Shape { input, found: found.to_vec(), expected }
}
