//! The operator's domain, which is added to sessions.

use half::{bf16, f16};
use onnx::{DataType, GraphBuilder, Message, model, op};
use ort::Result;
use ort::environment::Environment;
use ort::operator::OperatorDomain;
use ort::session::Session;

use crate::DOMAIN;
use crate::cuda::op::Cuda;
use crate::op::{Cpu, ModulatedAttention};

/// Returns the domain with `ModulatedAttention` for f32, f16 and bf16 on the CPU, to be added to a session:
/// `Session::builder(&env)?.with_operators(operator_domain()?)`.
///
/// # Errors
/// ONNX Runtime's own, if it rejects the domain.
pub fn operator_domain() -> Result<OperatorDomain> {
    OperatorDomain::new(DOMAIN)?
        .add(ModulatedAttention::<f32, _>::on(Cpu))?
        .add(ModulatedAttention::<f16, _>::on(Cpu))?
        .add(ModulatedAttention::<bf16, _>::on(Cpu))
}

/// Makes the domain known to ONNX Runtime, with a session that does nothing.
///
/// Every session with custom operators checks whether their domain is known and adds it if not, without a
/// lock (`CreateCustomRegistry`): of the first two at once, one would fail. So this one comes first.
pub(crate) fn introduce(environment: &Environment) -> Result<()> {
    let mut graph = GraphBuilder::new("introduction");
    let input = graph.input("input", DataType::Float, &[]);
    let output = graph.node("same", op("Identity"), [&input]);
    graph.output("output", &output, DataType::Float, &[]);
    let mut builder =
        Session::builder(environment)?.with_operators(operator_domain()?)?.with_intra_threads(1)?;
    builder.commit_from_memory(&model(graph.finish(), Vec::new()).encode_to_vec()).map(drop)
}

/// Returns [`operator_domain`] with the CUDA kernels, for sessions with ONNX Runtime's CUDA provider. With
/// `plain`, calls whose input `modulated` is empty go through ONNX Runtime's own attention.
///
/// # Errors
/// ONNX Runtime's own, if it rejects the domain.
pub fn cuda_operator_domain(plain: bool) -> Result<OperatorDomain> {
    operator_domain()?
        .add(ModulatedAttention::<f32, _>::on(Cuda { plain }))?
        .add(ModulatedAttention::<f16, _>::on(Cuda { plain }))
}
