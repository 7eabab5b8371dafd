//! What goes wrong is said in one line, with a non-zero exit, and leaves nothing half-written behind.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{checkpoint, copied, error_line, files, fixtures, run};
use image::{Rgb, RgbImage};

const FLAGS: &str = "generate --steps 2 --width 64 --height 64 --seed 1";

/// Runs `generate` on the flat layout of a recorded run, expects an error and no picture, returns the line.
fn refused(model: &Path, flags: &str, regions: &[&str], layout: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"--model", &model, &"--layout", &layout, &"--out", &out];
    let regions: Vec<String> = regions.iter().map(|text| format!("--region={text}")).collect();
    arguments.extend(regions.iter().map(|region| region as &dyn AsRef<std::ffi::OsStr>));
    let line = error_line(&run(flags, &arguments));
    assert_eq!(files(&out), Vec::<String>::new(), "{line}");
    line
}

fn layout() -> PathBuf {
    fixtures().join("reference/shallow/layout.png")
}

const REGIONS: [&str; 3] = ["desert", "squirrel", "sign"];

/// A damaged copy of the checkpoint `shallow`.
fn damaged(file: &str, damage: impl FnOnce(&mut Vec<u8>)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let model = copied("shallow", folder.path());
    let path = model.join(file);
    let mut bytes = std::fs::read(&path).unwrap();
    damage(&mut bytes);
    std::fs::write(&path, bytes).unwrap();
    refused(&model, FLAGS, &REGIONS, &layout())
}

const UNET: &str = "unet/diffusion_pytorch_model.safetensors";

/// Replaces text of the same length in a file.
fn replace(bytes: &mut [u8], from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
}

#[test]
fn a_truncated_weights_file_is_named() {
    let line = damaged(UNET, |bytes| bytes.truncate(bytes.len() / 2));
    assert!(line.contains(UNET), "{line}");
    let line = damaged(UNET, |bytes| bytes.truncate(5));
    assert!(line.contains(UNET), "{line}");
}

#[test]
fn flipped_bits_are_found_in_the_header_and_in_the_weights() {
    let line = damaged(UNET, |bytes| bytes[7] ^= 0x40);
    assert!(line.contains(UNET), "{line}");
    let line = damaged(UNET, |bytes| bytes[20] ^= 0x80);
    assert!(line.contains(UNET), "{line}");
    // An exponent of ones: the first weight of the file becomes infinite or not a number.
    let line = damaged(UNET, |bytes| {
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[8 + header..8 + header + 64].fill(0xff);
    });
    assert!(line.contains(UNET) && line.contains("conv_in.bias") && line.contains("NaN"), "{line}");
}

#[test]
fn a_missing_tensor_is_named() {
    let line = damaged(UNET, |bytes| replace(bytes, "conv_in.weight", "conv_xx.weight"));
    assert!(line.contains("conv_in.weight") && line.contains(UNET), "{line}");
}

#[test]
fn a_wrong_shape_is_named_with_what_was_expected() {
    let line = damaged(UNET, |bytes| replace(bytes, "[24,4,3,3]", "[4,24,3,3]"));
    let shapes = ["[4, 24, 3, 3]", "[24, 4, 3, 3]"];
    assert!(line.contains("conv_in.weight") && shapes.iter().all(|shape| line.contains(shape)), "{line}");
}

#[test]
fn a_config_that_lies_is_found_before_anything_runs() {
    let line = damaged("unet/config.json", |bytes| {
        let text =
            String::from_utf8(bytes.clone()).unwrap().replace("UNetMidBlock2DCrossAttn", "UNetMidBlock2D");
        *bytes = text.into_bytes();
    });
    assert!(line.contains("config.json") && line.contains("UNetMidBlock2D"), "{line}");
    let line = damaged("unet/config.json", |bytes| {
        let text = String::from_utf8(bytes.clone())
            .unwrap()
            .replace("\"layers_per_block\": 1", "\"layers_per_block\": 2");
        *bytes = text.into_bytes();
    });
    assert!(line.contains("unet"), "{line}");
}

#[test]
fn a_model_that_is_not_there_says_how_to_get_it() {
    let line = refused(Path::new("somebody/no-such-model"), FLAGS, &REGIONS, &layout());
    assert!(line.contains("dense-diffusion pull somebody/no-such-model"), "{line}");
    let line = refused(Path::new("/no/such/folder"), FLAGS, &REGIONS, &layout());
    assert!(line.contains("/no/such/folder"), "{line}");
}

/// A layout picture of stripes in different colours.
fn stripes(folder: &Path, width: u32, height: u32, colours: u32) -> PathBuf {
    let path = folder.join("stripes.png");
    let colour = |x: u32| {
        let n = x * colours / width;
        Rgb([(n % 4 * 80) as u8, (n / 4 % 4 * 80) as u8, (n / 16 * 80) as u8])
    };
    RgbImage::from_fn(width, height, |x, _| colour(x)).save(&path).unwrap();
    path
}

#[test]
fn layouts_that_cannot_be_used_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let model = checkpoint("shallow");
    let line = refused(&model, FLAGS, &REGIONS, &stripes(folder.path(), 1, 1, 1));
    assert!(
        line.contains("1 colour") && line.contains("3 "),
        "a single pixel cannot hold three regions: {line}"
    );
    let line = refused(&model, FLAGS, &REGIONS, &stripes(folder.path(), 640, 16, 40));
    assert!(line.contains("40"), "{line}");
    let line = refused(&model, FLAGS, &REGIONS, &fixtures().join("tolerances.json"));
    assert!(line.contains("tolerances.json"), "{line}");
    let line = refused(&model, FLAGS, &REGIONS, Path::new("no-such-layout.png"));
    assert!(line.contains("no-such-layout.png"), "{line}");
}

#[test]
fn a_layout_of_20000_pixels_a_side_is_refused_before_it_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.png");
    let mut encoder = png::Encoder::new(std::fs::File::create(&path).unwrap(), 20_000, 20_000);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header().unwrap().write_image_data(&vec![0; 20_000 * 20_000 / 8]).unwrap();
    let line = refused(&checkpoint("shallow"), FLAGS, &REGIONS, &path);
    assert!(line.contains("20000x20000") && line.contains("4096"), "{line}");
}

#[test]
fn nothing_is_left_in_the_home_of_whoever_paints() {
    let folder = tempfile::tempdir().unwrap();
    let (home, out, model) = (folder.path().join("home"), folder.path().join("out"), checkpoint("shallow"));
    std::fs::create_dir(&home).unwrap();
    let layout = layout();
    let mut command = common::command(FLAGS, &[&"--model", &model, &"--layout", &layout, &"--out", &out]);
    command.args(REGIONS.map(|text| format!("--region={text}")));
    command.env("HOME", &home).env_remove("XDG_CACHE_HOME").env_remove("ORT_DISABLE_TELEMETRY");
    common::stdout(&command.output().unwrap());
    assert_eq!(files(&out), ["0.png"]);
    assert_eq!(files(&home), Vec::<String>::new(), "ONNX Runtime names the machine there to report on it");
}

#[test]
fn one_pixel_is_enough_for_one_region() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (checkpoint("shallow"), folder.path().join("out"));
    let layout = stripes(folder.path(), 1, 1, 1);
    let output =
        run(&format!("{FLAGS} --region desert"), &[&"--model", &model, &"--layout", &layout, &"--out", &out]);
    common::stdout(&output);
    assert_eq!(files(&out), ["0.png"]);
}

#[test]
fn texts_and_numbers_out_of_range_are_named_all_at_once() {
    let model = checkpoint("shallow");
    let long = "word ".repeat(20_000);
    let line = refused(&model, FLAGS, &[&long, "squirrel", "sign"], &layout());
    assert!(line.contains("regions[0].text") && line.contains("100000"), "{line}");
    assert!(line.len() < 1000, "the text itself is not repeated");
    let line =
        refused(&model, "generate --steps 0 --w-cross NaN --w-self inf --guidance -3", &REGIONS, &layout());
    for field in ["steps", "w_cross", "w_self", "guidance_scale"] {
        assert!(line.contains(field), "{field} is not in: {line}");
    }
}

#[test]
fn every_phrase_that_is_not_in_the_full_text_is_named() {
    let regions = ["the desert", "a sqirrel", "a blue sign"];
    let flags = format!("{FLAGS} --text desert,squirrel,sign");
    let line = refused(&checkpoint("shallow"), &flags, &regions, &layout());
    for phrase in regions {
        assert!(line.contains(phrase), "{phrase} is not in: {line}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_found_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "a file").unwrap();
    let (model, layout, out) = (checkpoint("shallow"), layout(), taken.join("out"));
    let flags = format!("{FLAGS} --region desert --region squirrel --region sign");
    let line = error_line(&run(&flags, &[&"--model", &model, &"--layout", &layout, &"--out", &out]));
    assert!(line.contains("taken"), "{line}");
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "a file");
}

#[test]
fn a_request_file_with_a_misspelt_field_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (request, out) = (folder.path().join("request.json"), folder.path().join("out"));
    std::fs::write(&request, r#"{"layout":{"path":"l.png"},"regions":[],"stepz":3}"#).unwrap();
    let model = checkpoint("shallow");
    let line = error_line(&run("generate", &[&"--model", &model, &"--request", &request, &"--out", &out]));
    assert!(line.contains("stepz") && line.contains("request.json"), "{line}");
}

#[test]
fn whoever_stops_reading_what_is_told_keeps_no_picture_from_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let request = fixtures().join("reference/sd1/request.json");
    let model = checkpoint("sd1");
    let given: [&dyn AsRef<std::ffi::OsStr>; 6] =
        [&"--model", &model, &"--request", &request, &"--out", &out];
    let mut command = common::command("generate --steps 1", &given);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = command.stdout(writer).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(files(&out), ["0.png", "1.png"]);
    // What was to be read is another matter where nobody has gone.
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = common::command("token", &[]).stdout(full).output().unwrap();
    assert!(error_line(&ended).contains("standard output cannot be written"));
}

#[test]
#[cfg(unix)]
fn a_hub_that_does_not_answer_is_left_at_the_second_ctrl_c() {
    use std::io::{BufRead, BufReader};

    let hub = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut pull = Command::new(env!("CARGO_BIN_EXE_dense-diffusion"))
        .args(["pull", "a/b"])
        .env("HF_ENDPOINT", format!("http://{}", hub.local_addr().unwrap()))
        .env("HF_HOME", home.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = pull.id().to_string();
    let interrupt = || assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    // It has asked, and waits.
    let _asked = hub.accept().unwrap();
    interrupt();
    let mut said = String::new();
    BufReader::new(pull.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("Ctrl-C again stops at once"), "{said}");
    interrupt();
    assert_eq!(pull.wait().unwrap().code(), Some(130));
}
