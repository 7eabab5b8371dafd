//! What `generate` and `export` write, and what they leave alone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use common::{checkpoint, command, copied, error_line, files, fixtures, run, stdout};

fn pixels(png: &Path) -> Vec<u8> {
    image::open(png).unwrap().into_rgb8().into_raw()
}

#[test]
fn what_was_painted_before_stays_and_another_runs_latents_are_not_mixed_with_these() {
    let folder = tempfile::tempdir().unwrap();
    let (out, dump, model) = (folder.path().join("out"), folder.path().join("dump"), checkpoint("shallow"));
    let request = fixtures().join("reference/shallow_euler/request.json");
    let paint = |flags: &str, more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let given: [&dyn AsRef<std::ffi::OsStr>; 6] =
            [&"--model", &model, &"--request", &request, &"--out", &out];
        run(&format!("generate --steps 1 --samples 1 {flags}"), &[&given, more].concat())
    };
    let dumped: [&dyn AsRef<std::ffi::OsStr>; 2] = [&"--dump", &dump];
    stdout(&paint("", &dumped));
    let first = pixels(&out.join("0.png"));
    let line = error_line(&paint("", &dumped));
    assert!(line.contains("another run's latents"), "{line}");
    stdout(&paint("--seed 2", &[]));
    assert_eq!(files(&out), ["0.png", "1.png"]);
    assert!(pixels(&out.join("0.png")) == first && pixels(&out.join("1.png")) != first);
    std::fs::remove_file(out.join("0.png")).unwrap();
    let second = pixels(&out.join("1.png"));
    stdout(&paint("--seed 3", &[]));
    assert_eq!(files(&out), ["1.png", "2.png"], "behind all that are there");
    assert!(pixels(&out.join("1.png")) == second);
    let line = error_line(&paint("--eta 0.5", &[]));
    assert!(line.contains("eta: euler adds no such noise"), "{line}");
}

#[test]
fn a_layout_of_another_shape_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (layout, model) = (folder.path().join("layout.png"), checkpoint("shallow"));
    let halves = |x: u32, _| image::Rgb(if x < 64 { [255; 3] } else { [200, 0, 0] });
    image::RgbImage::from_fn(128, 64, halves).save(&layout).unwrap();
    let said = |size: &str, out: &str| {
        let out = folder.path().join(out);
        let flags = format!("generate --steps 1 {size} --region=desert --region=squirrel");
        let output = run(&flags, &[&"--model", &model, &"--layout", &layout, &"--out", &out]);
        stdout(&output);
        String::from_utf8(output.stderr).unwrap()
    };
    let told = said("--width 64 --height 64", "square");
    assert!(told.contains("note: the layout, 128x64, was stretched"), "{told}");
    // Which text got which part is told, too.
    assert!(told.contains("region 0, 50.0 % of the layout: desert\n"), "{told}");
    assert!(!said("--width 128 --height 64", "wide").contains("stretched"));
}

#[test]
#[cfg(unix)]
fn ctrl_c_in_the_middle_ends_in_good_order_and_leaves_nothing() {
    use std::io::Read;

    let folder = tempfile::tempdir().unwrap();
    let (out, dump, model) = (folder.path().join("out"), folder.path().join("dump"), checkpoint("shallow"));
    let request = fixtures().join("reference/shallow_euler/request.json");
    let given: [&dyn AsRef<std::ffi::OsStr>; 8] =
        [&"--model", &model, &"--request", &request, &"--out", &out, &"--dump", &dump];
    let mut command = command("generate --steps 1000 --width 256 --height 256", &given);
    let mut paints = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !dump.join("latents_001.npy").exists() {
        assert!(paints.try_wait().unwrap().is_none(), "it has ended");
        std::thread::yield_now();
    }
    let id = paints.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let mut said = String::new();
    paints.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    // As what does not handle it ends, so that a shell's loop ends, too.
    let ended = std::os::unix::process::ExitStatusExt::signal(&paints.wait().unwrap());
    assert_eq!(ended, Some(signal_hook::consts::SIGINT), "{said}");
    assert!(said.ends_with("error: interrupted, no picture was written\n"), "{said}");
    assert_eq!(files(&out), Vec::<String>::new());
}

#[test]
fn networks_are_exported_for_cuda_and_with_weights_that_are_linked() {
    let folder = tempfile::tempdir().unwrap();
    let model = copied("shallow", folder.path());
    let export = |flags: &str, name: &str| {
        let out = folder.path().join(name);
        let said = stdout(&run(&format!("export {flags}"), &[&"--model", &model, &"--out", &out]));
        (said, std::fs::read(out.join("unet/model.onnx")).unwrap())
    };
    let (_, plain) = export("", "plain");
    let (said, linked) = export("--link", "linked");
    assert!(said.contains("(linked)") && linked == plain, "{said}");
    // An operator that ONNX Runtime has for CUDA alone.
    let (_, cuda) = export("--cuda", "cuda");
    let has = |graph: &[u8], name: &str| graph.windows(name.len()).any(|part| part == name.as_bytes());
    assert!(has(&cuda, "GroupNorm") && !has(&plain, "com.microsoft.GroupNorm") && cuda != plain);
}

#[test]
fn the_guides_example_runs_an_exported_network_in_python() {
    let folder = tempfile::tempdir().unwrap();
    let (root, model) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), checkpoint("sd1"));
    stdout(&run("export", &[&"--model", &model, &"--out", &folder.path().join("out")]));
    let guide = std::fs::read_to_string(root.join("docs/ONNX.md")).unwrap();
    let (_, example) = guide.split_once("```python\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let python = root.join("target/python/bin/python");
    assert!(python.exists(), "`cargo xtask setup` fetches the Python packages of the tests");
    let mut command = std::process::Command::new(python);
    command.args(["-c", example]).current_dir(folder.path());
    assert_eq!(stdout(&command.output().unwrap()).trim(), "(4, 64, 64)");
}
