//! ONNX Runtime's own attention, which our operator calls where there is no modulation.
#![allow(unsafe_code, reason = "ort has no wrapper of CreateOp and InvokeOp")]

use std::ffi::CStr;
use std::ptr::{self, NonNull};

use ort::operator::{ComputeContext, KernelContext};
use ort::sys::{OrtOp, OrtOpAttr, OrtOpAttrType, OrtStatusPtr, OrtValue};
use ort::value::{DynValue, TensorElementType};
use ort::{AsPointer, Error, Result};

use crate::op::Attributes;

const OPERATOR: &CStr = c"MultiHeadAttention";
const OPERATOR_DOMAIN: &CStr = c"com.microsoft";
const OPERATOR_VERSION: i32 = 1;

/// `com.microsoft.MultiHeadAttention` on the provider of our operator's node: on CUDA flash attention, if it
/// supports the shapes.
pub(crate) struct PlainAttention(NonNull<OrtOp>);

// SAFETY: a kernel of ONNX Runtime, which any thread may call, several at once.
unsafe impl Send for PlainAttention {}

impl PlainAttention {
    /// Creates it for the node of `context`, whose Q, K and V have this element type.
    ///
    /// # Errors
    /// ONNX Runtime's own, if its provider has no such operator.
    pub fn new(
        context: &KernelContext<'_>,
        attributes: Attributes,
        element: TensorElementType,
    ) -> Result<Self> {
        let Attributes { num_heads, scale } = attributes;
        let attributes = [
            Attribute::new(c"num_heads", OrtOpAttrType::ORT_OP_ATTR_INT, ptr::from_ref(&num_heads).cast())?,
            // 0 means 1 / sqrt(head size) there, too.
            Attribute::new(c"scale", OrtOpAttrType::ORT_OP_ATTR_FLOAT, ptr::from_ref(&scale).cast())?,
        ];
        let attributes = attributes.each_ref().map(|attribute| attribute.0.as_ptr().cast_const());
        let (mut names, types) = ([c"T".as_ptr()], [element.into()]);
        let mut op = ptr::null_mut();
        // SAFETY: all pointers are to live values, strings end in 0, and the counts are those of the arrays.
        check(unsafe {
            (ort::api().CreateOp)(
                context.ptr(),
                OPERATOR.as_ptr(),
                OPERATOR_DOMAIN.as_ptr(),
                OPERATOR_VERSION,
                names.as_mut_ptr(),
                types.as_ptr(),
                names.len() as i32,
                attributes.as_ptr(),
                attributes.len() as i32,
                3,
                1,
                &mut op,
            )
        })?;
        NonNull::new(op).map(Self).ok_or_else(|| Error::new("ONNX Runtime made no operator"))
    }

    /// Computes softmax(scale * Q K^T) V into `output` of Q's shape, with Q, K and V laid out as ours.
    ///
    /// # Errors
    /// ONNX Runtime's own.
    pub fn attend(
        &self,
        context: &ComputeContext,
        query_key_value: [&DynValue; 3],
        output: &DynValue,
    ) -> Result<()> {
        let inputs: [*const OrtValue; 3] = query_key_value.map(AsPointer::ptr);
        let outputs = [output.ptr().cast_mut()];
        // SAFETY: `context` is that of the call under way, and all values live until it is over.
        check(unsafe {
            (ort::api().InvokeOp)(context.ptr(), self.0.as_ptr(), inputs.as_ptr(), 3, outputs.as_ptr(), 1)
        })
    }
}

impl Drop for PlainAttention {
    fn drop(&mut self) {
        // SAFETY: it comes from CreateOp and is released once.
        unsafe { (ort::api().ReleaseOp)(self.0.as_ptr()) }
    }
}

/// An attribute of an operator to be created.
struct Attribute(NonNull<OrtOpAttr>);

impl Attribute {
    /// Creates one of this type with the number at `value`.
    fn new(name: &CStr, kind: OrtOpAttrType, value: *const std::ffi::c_void) -> Result<Self> {
        let mut attribute = ptr::null_mut();
        // SAFETY: the name ends in 0, and ONNX Runtime copies it and the number.
        check(unsafe { (ort::api().CreateOpAttr)(name.as_ptr(), value, 1, kind, &mut attribute) })?;
        NonNull::new(attribute).map(Self).ok_or_else(|| Error::new("ONNX Runtime made no attribute"))
    }
}

impl Drop for Attribute {
    fn drop(&mut self) {
        // SAFETY: it comes from CreateOpAttr and is released once.
        unsafe { (ort::api().ReleaseOpAttr)(self.0.as_ptr()) }
    }
}

fn check(status: OrtStatusPtr) -> Result<()> {
    // SAFETY: the status comes from ONNX Runtime and is used once.
    unsafe { Error::result_from_status(status) }
}

#[cfg(test)]
mod tests {
    use onnx::{DataType, GraphBuilder, Message, dim, op};
    use ort::operator::{Kernel, Operator, OperatorDomain, OperatorInput, OperatorOutput};
    use ort::session::Session;
    use ort::value::Tensor;

    use super::*;
    use crate::{Inputs, Tensors, op as operator, reference, runtime};

    /// An operator of three inputs that only calls [`PlainAttention`], on the CPU.
    struct Calling;

    struct CallingKernel(PlainAttention);

    impl Operator for Calling {
        type Kernel<'attr> = CallingKernel;

        fn name(&self) -> &str {
            "Calling"
        }

        fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
            [TensorElementType::Float32; 3].map(OperatorInput::required)
        }

        fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
            [OperatorOutput::required(TensorElementType::Float32)]
        }

        fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> Result<CallingKernel> {
            let attributes = Attributes::read(context)?;
            Ok(CallingKernel(PlainAttention::new(context, attributes, TensorElementType::Float32)?))
        }
    }

    impl Kernel for CallingKernel {
        fn compute(&mut self, context: &ComputeContext) -> Result<()> {
            let [query, key, value] = [0, 1, 2].map(|index| operator::input(context, index));
            let (query, key, value) = (query?, key?, value?);
            let shape = query.dtype().tensor_shape().expect("a tensor").clone();
            let output = context.output(0, shape)?.expect("an output");
            self.0.attend(context, [&query, &key, &value], &output)
        }
    }

    #[test]
    fn it_computes_what_the_reference_does_without_strength()
    -> std::result::Result<(), Box<dyn std::error::Error>> {
        const HEADS: i64 = 2;
        let (queries, keys, width) = (5, 7, 16);
        for scale in [0.0, 0.5] {
            let mut graph = GraphBuilder::new("attention");
            let inputs = [("Q", "n"), ("K", "m"), ("V", "m")]
                .map(|(name, rows)| graph.input(name, DataType::Float, &[dim("b"), dim(rows), dim(width)]));
            let calling = op("Calling").domain("test").int("num_heads", HEADS).float("scale", scale);
            let output = graph.node("output", calling, inputs.each_ref());
            graph.output("output", &output, DataType::Float, &[dim("b"), dim("n"), dim(width)]);
            let mut model = onnx::model(graph.finish(), vec![]);
            model.opset_import.push(onnx::OperatorSetIdProto { domain: "test".into(), version: 1 });
            let builder = Session::builder(&runtime::environment()?)?;
            let domain = OperatorDomain::new("test")?.add(Calling)?;
            let mut session = builder.with_operators(domain)?.commit_from_memory(&model.encode_to_vec())?;

            let values = |rows: i64, seed: f32| -> Vec<f32> {
                (0..2 * rows * width).map(|n| (n as f32 * seed).sin() * 2.0).collect()
            };
            let (query, key, value) = (values(queries, 0.7), values(keys, 1.1), values(keys, 1.7));
            let [of_queries, of_keys] = [queries, keys].map(|rows| [2, rows, width]);
            let (regions, other_regions, strength) = ([0; 5], [0; 7], [0.0; 10]);
            let tensors = Tensors {
                query: crate::Tensor { shape: &of_queries, data: &query },
                key: crate::Tensor { shape: &of_keys, data: &key },
                value: crate::Tensor { shape: &of_keys, data: &value },
                query_regions: crate::Tensor { shape: &[1, queries], data: &regions },
                key_regions: crate::Tensor { shape: &[1, keys], data: &other_regions },
                strength: crate::Tensor { shape: &[2, queries], data: &strength },
            };
            let expected = reference::attend(&Inputs::new(&tensors, HEADS, scale)?);
            let outputs = session.run(ort::inputs![
                "Q" => Tensor::from_array((of_queries, query.clone()))?,
                "K" => Tensor::from_array((of_keys, key.clone()))?,
                "V" => Tensor::from_array((of_keys, value.clone()))?,
            ])?;
            let (_, found) = outputs["output"].try_extract_tensor::<f32>()?;
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                let error = (f64::from(*found) - expected).abs();
                assert!(error < 1e-5, "scale {scale}: {error}");
            }
        }
        Ok(())
    }
}
