//! The operator as ONNX Runtime sees it: one per provider and element type, all under one name.

use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use ort::operator::{
    ComputeContext, Kernel, KernelContext, Operator, OperatorInput, OperatorOutput, ShapeInferenceContext,
};
use ort::value::{DynValue, PrimitiveTensorElementType, TensorElementType, ValueRef, ValueType};
use ort::{Error, ErrorCode, Result};

use crate::{DOMAIN_VERSION, Element, Inputs, OP_NAME, Tensor, Tensors, kernel};

/// One of ONNX Runtime's execution providers, which computes the operator for elements of type `T`.
pub(crate) trait Provider<T>: Send + Sync {
    /// ONNX Runtime's name for it.
    const NAME: &'static str;
    /// Computes a node.
    type Kernel: Kernel + 'static;

    /// Creates the kernel for the node of `context`.
    fn kernel(&self, context: &KernelContext<'_>, attributes: Attributes) -> Result<Self::Kernel>;
}

/// The operator for elements of type `T` on the provider `P`: only the kernel is the provider's own.
pub(crate) struct ModulatedAttention<T, P>(P, PhantomData<T>);

impl<T, P> ModulatedAttention<T, P> {
    pub fn on(provider: P) -> Self {
        Self(provider, PhantomData)
    }
}

impl<T: Element, P: Provider<T>> Operator for ModulatedAttention<T, P> {
    type Kernel<'attr> = P::Kernel;

    fn name(&self) -> &str {
        OP_NAME
    }

    fn versions(&self) -> RangeInclusive<u32> {
        let version = DOMAIN_VERSION as u32;
        version..=version
    }

    fn execution_provider_type(&self) -> Option<&str> {
        Some(P::NAME)
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        let element = T::into_tensor_element_type();
        let required = [
            element,
            element,
            element,
            TensorElementType::Int32,
            TensorElementType::Int32,
            TensorElementType::Float32,
        ];
        required
            .map(OperatorInput::required)
            .into_iter()
            .chain([OperatorInput::optional(TensorElementType::Bool)])
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [OperatorOutput::required(T::into_tensor_element_type())]
    }

    fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> Result<Self::Kernel<'attr>> {
        self.0.kernel(context, Attributes::read(context)?)
    }

    /// The result has the shape of Q. Nothing is set if that is unknown: ONNX Runtime reports an unknown
    /// shape as one of rank 0, and would take an unnamed -1 for a size.
    fn infer_shape(&self, context: &mut ShapeInferenceContext) -> Result<()> {
        guarded(|| match context.inputs().first() {
            Some(query @ ValueType::Tensor { shape, dimension_symbols, .. })
                if shape.len() == 3
                    && shape
                        .iter()
                        .zip(dimension_symbols.iter())
                        .all(|(size, name)| *size >= 0 || !name.is_empty()) =>
            {
                context.set_output(0, query)
            }
            _ => Ok(()),
        })
    }
}

/// The index of the input that is empty if all strengths are 0. Only its shape is read, which the host knows.
pub(crate) const MODULATED: usize = 6;

/// The operator's attributes.
#[derive(Clone, Copy)]
pub(crate) struct Attributes {
    pub num_heads: i64,
    /// 0 if the node has none.
    pub scale: f32,
}

impl Attributes {
    pub fn read(context: &KernelContext<'_>) -> Result<Self> {
        let num_heads = context.get("num_heads").ok_or_else(|| {
            invalid("ModulatedAttention: the attribute num_heads (an integer) is missing".to_owned())
        })?;
        Ok(Self { num_heads, scale: context.get("scale").unwrap_or(0.0) })
    }
}

pub(crate) struct Cpu;

impl<T: Element> Provider<T> for Cpu {
    const NAME: &'static str = "CPUExecutionProvider";
    type Kernel = CpuKernel<T>;

    fn kernel(&self, _: &KernelContext<'_>, attributes: Attributes) -> Result<CpuKernel<T>> {
        Ok(CpuKernel { attributes, element: PhantomData })
    }
}

/// Stateless, because ONNX Runtime may compute one node for several runs at once.
pub(crate) struct CpuKernel<T> {
    attributes: Attributes,
    element: PhantomData<T>,
}

impl<T: Element> Kernel for CpuKernel<T> {
    fn compute(&mut self, context: &ComputeContext) -> Result<()> {
        guarded(|| self.attend(context))
    }
}

impl<T: Element> CpuKernel<T> {
    fn attend(&self, context: &ComputeContext) -> Result<()> {
        let values: Vec<_> = (0..6).map(|index| input(context, index)).collect::<Result<_>>()?;
        let tensors = Tensors {
            query: tensor::<T>(&values[0])?,
            key: tensor(&values[1])?,
            value: tensor(&values[2])?,
            query_regions: tensor(&values[3])?,
            key_regions: tensor(&values[4])?,
            strength: tensor(&values[5])?,
        };
        let Attributes { num_heads, scale } = self.attributes;
        let inputs = Inputs::new(&tensors, num_heads, scale).map_err(|error| invalid(error.to_string()))?;
        let mut output = context
            .output(0, tensors.query.shape)?
            .ok_or_else(|| Error::new("ModulatedAttention: ONNX Runtime gave no output to write to"))?;
        let (_, output) = output.try_extract_tensor_mut::<T>()?;

        // A panic must not unwind through ONNX Runtime's threads.
        let failed = AtomicBool::new(false);
        kernel::attend(&inputs, output, threads(), |tasks, task| {
            context.par_for(tasks, tasks, |index| {
                if catch_unwind(AssertUnwindSafe(|| task(index))).is_err() {
                    failed.store(true, Ordering::Relaxed);
                }
            })
        })?;
        if failed.into_inner() { Err(panicked()) } else { Ok(()) }
    }
}

/// The number of threads there may be: ONNX Runtime does not say.
fn threads() -> usize {
    static THREADS: LazyLock<usize> =
        LazyLock::new(|| std::thread::available_parallelism().map_or(1, NonZeroUsize::get));
    *THREADS
}

pub(crate) fn input(context: &ComputeContext, index: usize) -> Result<ValueRef<'_>> {
    context.input(index)?.ok_or_else(|| invalid(format!("ModulatedAttention: input {index} is missing")))
}

fn tensor<'a, T: PrimitiveTensorElementType>(value: &'a DynValue) -> Result<Tensor<'a, T>> {
    let (shape, data) = value.try_extract_tensor::<T>()?;
    Ok(Tensor { shape, data })
}

/// Turns a panic into an error: it may not cross the C ABI.
pub(crate) fn guarded(work: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()))
}

fn panicked() -> Error {
    Error::new(
        "ModulatedAttention: internal error in the kernel, see the message printed above; please report it",
    )
}

pub(crate) fn invalid(message: String) -> Error {
    Error::new_with_code(ErrorCode::InvalidArgument, message)
}
