//! The first sessions of a process, made at once. A file of its own, because only a fresh process has first sessions.

use std::sync::Barrier;

use attention::runtime;
use onnx::{DataType, GraphBuilder, Message, model, op};
use ort::session::Session;

/// ONNX Runtime adds a domain to its table without a lock: "the domain is already exist", said a session now and then.
#[test]
fn sessions_made_at_once_all_get_the_operators() {
    let mut graph = GraphBuilder::new("same");
    let input = graph.input("input", DataType::Float, &[]);
    let output = graph.node("same", op("Identity"), [&input]);
    graph.output("output", &output, DataType::Float, &[]);
    let graph = model(graph.finish(), Vec::new()).encode_to_vec();

    let (threads, environment) = (16, runtime::environment().expect("ONNX Runtime"));
    let start = Barrier::new(threads);
    let make = || -> ort::Result<()> {
        let builder = Session::builder(&environment)?.with_operators(attention::operator_domain()?)?;
        let mut builder = builder.with_intra_threads(1)?;
        start.wait();
        builder.commit_from_memory(&graph).map(drop)
    };
    std::thread::scope(|scope| {
        let made: Vec<_> = (0..threads).map(|_| scope.spawn(make)).collect();
        for session in made {
            session.join().expect("no panic").expect("a session");
        }
    });
}
