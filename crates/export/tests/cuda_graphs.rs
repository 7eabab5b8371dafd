//! What is peculiar to the graphs for CUDA. That they compute the right thing is seen in `parity.rs`, with that provider's operators
//! spelled out; what they cost a card is seen here, by their nodes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::checkpoint;
use export::{Checkpoint, Precision, Target};

#[test]
fn for_cuda_a_sum_is_made_once_and_by_the_norm_that_reads_it() {
    let checkpoint = Checkpoint::open(checkpoint("sd1")).unwrap();
    let nodes = |cuda| {
        let target = Target { cuda, ..Precision::F32.into() };
        checkpoint.unet_model(target).unwrap().model.graph.unwrap().node
    };
    let norms = |nodes: &[onnx::NodeProto]| {
        ["SkipGroupNorm", "GroupNorm"].map(|op| nodes.iter().filter(|node| node.op_type == op).count())
    };
    assert_eq!(norms(&nodes(false)), [0, 0]);
    let nodes = nodes(true);
    // Of the norms of 22 ResNets, 16 transformers and the end, those that follow a convolution or a Concat read no sum.
    assert_eq!(norms(&nodes), [2 * 22 + 16 + 1 - 16, 16]);
    let is_summand = |node: &&onnx::NodeProto| match node.op_type.as_str() {
        "Conv" => node.input.len() == 2,
        "Gemm" => node.name.contains("proj_out"),
        _ => false,
    };
    for summand in nodes.iter().filter(is_summand) {
        let mut node = summand;
        while node.name == summand.name || ["Transpose", "Reshape"].contains(&node.op_type.as_str()) {
            let mut readers = nodes.iter().filter(|reader| reader.input.contains(&node.output[0]));
            node = readers.next().unwrap();
            assert!(readers.next().is_none(), "{} is added twice", summand.name);
        }
    }
}

/// Anything else would be computed on the card, which the host would wait for (`in_shape_of`).
#[test]
fn what_is_exported_for_cuda_takes_shapes_as_they_are_and_never_of_what_is_transposed() {
    let target = Target { cuda: true, ..Precision::F16.into() };
    for name in ["sd1", "sd2", "shallow", "oblong", "xl"] {
        let mut checkpoint = Checkpoint::open(checkpoint(name)).unwrap();
        // So few that groups have as many channels as in published checkpoints: an even number.
        (checkpoint.unet.norm_num_groups, checkpoint.vae.norm_num_groups) = (4, 4);
        for model in [
            checkpoint.unet_model(target),
            checkpoint.vae_decoder_model(target),
            checkpoint.vae_encoder_model(target),
        ] {
            let graph = model.unwrap().model.graph.unwrap();
            let made_by = |value: &String| graph.node.iter().find(|node| node.output.contains(value));
            let shapes: Vec<_> = graph.node.iter().filter(|node| node.op_type == "Shape").collect();
            assert!(!shapes.is_empty(), "{name}: {}", graph.name);
            for shape in shapes {
                let what = format!("{name}: {}: {}", graph.name, shape.name);
                let mut source = made_by(&shape.input[0]);
                while let Some(node) = source.filter(|node| ["Slice", "Reshape"].contains(&&*node.op_type)) {
                    source = made_by(&node.input[0]);
                }
                let source = source.map_or("an input", |node| &node.op_type);
                assert!(
                    ["an input", "GroupNorm", "SkipGroupNorm"].contains(&source),
                    "{what}: the shape of a {source}"
                );
                for node in graph.node.iter().filter(|node| node.input.contains(&shape.output[0])) {
                    let place = node.input.iter().position(|input| *input == shape.output[0]).unwrap();
                    assert!(
                        [("Reshape", 1), ("Expand", 1), ("Resize", 3)].contains(&(&node.op_type, place)),
                        "{what}: goes into {}",
                        node.op_type
                    );
                }
            }
        }
    }
}

/// CUDA's operator refuses the input of others.
#[test]
fn for_cuda_norms_of_an_odd_number_of_channels_in_a_group_are_composed() {
    let checkpoint = Checkpoint::open(checkpoint("sd1")).unwrap();
    let target = Target { cuda: true, ..Precision::F16.into() };
    let graph = checkpoint.vae_decoder_model(target).unwrap().model.graph.unwrap();
    let groups = |node: &onnx::NodeProto| {
        node.attribute.iter().find(|it| it.name == "groups").and_then(|it| it.i).unwrap()
    };
    let channels = |node: &onnx::NodeProto| {
        let weight = format!("{}.weight", node.name.rsplit_once('/').unwrap().0);
        graph.initializer.iter().find(|it| it.name == weight).unwrap().dims[0]
    };
    let (mut fused, mut composed) = (0, 0);
    for node in &graph.node {
        composed += usize::from(node.op_type == "InstanceNormalization");
        if ["GroupNorm", "SkipGroupNorm"].contains(&&*node.op_type) {
            fused += 1;
            assert_eq!(channels(node) / groups(node) % 2, 0, "{}", node.name);
        }
    }
    // The last blocks have as many groups as channels.
    assert!(fused > 0 && composed > 0, "{fused}, {composed}");
}

/// Stable Diffusion 2.1 asks for attention in f32, which the operator's logits are there.
#[test]
fn on_cuda_attention_takes_what_is_in_f16_as_it_is() {
    let checkpoint = Checkpoint::open(checkpoint("oblong")).unwrap();
    assert!(checkpoint.unet.upcast_attention);
    let casts = |target| {
        let graph = checkpoint.unet_model(target).unwrap().model.graph.unwrap();
        let cast =
            |value: &String| graph.node.iter().any(|n| n.op_type == "Cast" && n.output.contains(value));
        let is_attention = |node: &&onnx::NodeProto| ["ModulatedAttention", "If"].contains(&&*node.op_type);
        let attention: Vec<_> = graph.node.iter().filter(is_attention).collect();
        assert!(!attention.is_empty());
        // An `If` takes them from around it.
        let branches = attention.iter().flat_map(|node| &node.attribute).filter_map(|a| a.g.as_ref());
        let within = branches.flat_map(|branch| &branch.node).flat_map(|node| &node.input);
        attention.iter().flat_map(|node| &node.input).chain(within).filter(|input| cast(input)).count()
    };
    assert!(casts(Target { cuda: false, precision: Precision::F16 }) > 0);
    assert_eq!(casts(Target { cuda: true, precision: Precision::F16 }), 0);
}
