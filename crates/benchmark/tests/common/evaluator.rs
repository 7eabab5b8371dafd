//! A segmenter that a reader can follow: a cell is a ball where it is red, a box where it is blue; its colour is bright
//! where it has green in it, and dark where it has not.

use std::path::Path;

use onnx::{DataType, GraphBuilder, Message, Tensor, dim, op};

/// The names that [`write`] writes.
pub const CLASSES: &str =
    r#"{"kinds": ["background", "ball", "box"], "colours": ["dark", "bright"], "coloured": ["ball"]}"#;

/// Writes `segmenter.onnx`, `classes.json` and `accuracy.json`.
pub fn write(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    // A row per class: factors of red, green and blue, and the bias.
    let kinds = [[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, -0.5], [0.0, 0.0, 1.0, -0.5]];
    let colours = [[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, -0.5]];
    let mut graph = GraphBuilder::new("segmenter");
    let picture = graph.input("picture", DataType::Float, &[dim("batch"), dim(3), dim(128), dim(128)]);
    let pool = op("AveragePool").ints("kernel_shape", [2, 2]).ints("strides", [2, 2]);
    let cells = graph.node("", pool, [&picture]);
    for (name, rows) in [("kind", kinds.as_slice()), ("colour", colours.as_slice())] {
        let factors = rows.iter().flat_map(|row| row[..3].iter().copied().flat_map(f32::to_le_bytes));
        let dims = vec![rows.len() as i64, 3, 1, 1];
        let factors = graph.constant(Tensor::raw(DataType::Float, dims, factors.collect()));
        let bias = graph.constant(Tensor::f32s(rows.iter().map(|row| row[3])));
        let logits = graph.node(name, "Conv", [&cells, &factors, &bias]);
        graph.output(
            name,
            &logits,
            DataType::Float,
            &[dim("batch"), dim(rows.len() as i64), dim(64), dim(64)],
        );
    }
    let model = onnx::model(graph.finish(), Vec::new());
    std::fs::write(folder.join("segmenter.onnx"), model.encode_to_vec()).unwrap();
    std::fs::write(folder.join("classes.json"), CLASSES).unwrap();
    std::fs::write(folder.join("accuracy.json"), r#"{"objects": 1.0}"#).unwrap();
}
