use onnx::{dim, op};

use super::*;
use crate::common::{assert_close, input, numbers, run, spelled_out, write_weights};
use crate::group_norm::{EPS, group_norm};
use crate::layers::{POINT, conv_term};
use crate::scope::Builder;
use crate::weights::Tensors;
use crate::{ExportedModel, Precision, Target};

const WIDTH: usize = 320;

/// x' + conv(x), x' being the norm of x, or the norm of that sum, along with the sum.
fn model(tensors: &Tensors, cuda: bool, normed: bool) -> ExportedModel {
    let builder = Builder::new("sum", tensors, Target { cuda, ..Precision::F32.into() });
    let s = builder.root();
    let dims = |batch| [dim(batch), dim(WIDTH as i64), dim("height"), dim("width")];
    let x = builder.input("x", DataType::Float, dims("batch"));
    let h = conv_term(&(&s / "conv"), &x, WIDTH, WIDTH, POINT).unwrap();
    let norm = |x: &Features| group_norm(&(&s / "norm"), x, 32, EPS, None).unwrap();
    let normal = norm(&Features::new(x, WIDTH));
    let sum = Features::sum(&s, [normal.value(&s).into(), h], Some(&normal), WIDTH);
    let first = if normed { norm(&sum.clone()).value(&s) } else { sum.clone().value(&s) };
    let both = s.op(op("Concat").int("axis", 0), [&first, &sum.value(&s)]);
    builder.output("y", &both, dims("both"));
    builder.finish(vec![])
}

#[test]
fn one_operator_for_cuda_makes_a_sum_for_all_who_need_it() {
    let folder = tempfile::tempdir().unwrap();
    let shapes: [(&str, &[usize]); 4] = [
        ("conv.weight", &[WIDTH, WIDTH, 1, 1]),
        ("conv.bias", &[WIDTH]),
        ("norm.weight", &[WIDTH]),
        ("norm.bias", &[WIDTH]),
    ];
    write_weights(folder.path(), &shapes);
    let tensors = Tensors::open(folder.path(), "model").unwrap();
    let x = numbers(9, 2 * WIDTH * 2 * 3);
    for normed in [false, true] {
        let [(composed, none), (fused, two)] = [false, true].map(|cuda| {
            let (mut session, count) = spelled_out::session(&model(&tensors, cuda, normed));
            (run(&mut session, vec![input("x", &[2, WIDTH, 2, 3], &x)]), count)
        });
        assert_eq!((none, two), (0, 2), "{normed}");
        assert_close("sum", &fused, &composed, 1e-6);
    }
}
