//! `dense-diffusion generate`, as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use common::{cached, checkpoint, command, files, fixtures, run, stdout, tolerance};

/// The text of a PNG's chunk.
fn chunk(png: &Path, keyword: &str) -> String {
    let file = std::io::BufReader::new(std::fs::File::open(png).unwrap());
    let reader = png::Decoder::new(file).read_info().unwrap();
    let info = reader.info();
    let latin = info.uncompressed_latin1_text.iter().map(|chunk| (&chunk.keyword, chunk.text.clone()));
    let utf8 = info.utf8_text.iter().map(|chunk| (&chunk.keyword, chunk.get_text().unwrap()));
    latin.chain(utf8).find(|(name, _)| *name == keyword).unwrap_or_else(|| panic!("no chunk {keyword}")).1
}

fn pixels(png: &Path) -> Vec<u8> {
    image::open(png).unwrap().into_rgb8().into_raw()
}

#[test]
fn a_request_file_gives_pictures_that_carry_it_and_can_be_made_again_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let request = fixtures().join("reference/shallow_euler/request.json");
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let model = checkpoint("shallow");
    let output = run("generate", &[&"--model", &model, &"--request", &request, &"--out", &first]);
    assert!(stdout(&output).contains("114972190"), "the seed is shown");
    assert_eq!(files(&first), ["0.png", "1.png"]);
    let parameters = chunk(&first.join("1.png"), "parameters");
    assert!(parameters.contains("Steps: 10, Sampler: Euler, CFG scale: 7.5, Seed: 114972190, Size: 64x64"));

    stdout(&run("generate", &[&"--model", &model, &"--request", &first.join("0.png"), &"--out", &second]));
    for name in ["0.png", "1.png"] {
        assert!(pixels(&first.join(name)) == pixels(&second.join(name)), "{name} differs");
    }
}

#[test]
fn a_checkpoint_in_one_file_paints_and_is_exported() {
    let folder = tempfile::tempdir().unwrap();
    let (model, request) =
        (checkpoint("single.safetensors"), fixtures().join("reference/single/request.json"));
    let (painted, exported) = (folder.path().join("painted"), folder.path().join("exported"));
    stdout(&run("generate --steps 2", &[&"--model", &model, &"--request", &request, &"--out", &painted]));
    let parameters = chunk(&painted.join("0.png"), "parameters");
    assert!(parameters.contains("Model: single"), "{parameters}");

    stdout(&run("export", &[&"--model", &model, &"--out", &exported]));
    for part in ["text_encoder", "unet", "vae_encoder", "vae_decoder"] {
        assert_eq!(files(&exported.join(part)), ["model.onnx", "single.safetensors"]);
    }
    assert_eq!(files(&exported.join("tokenizer")), ["merges.txt", "special_tokens_map.json", "vocab.json"]);
    assert_eq!(files(&exported.join("scheduler")), ["scheduler_config.json"]);
}

#[test]
fn loras_change_what_is_painted_and_are_named_in_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let (model, request) = (checkpoint("shallow"), fixtures().join("reference/shallow_lora/request.json"));
    let lora = fixtures().join("loras/kohya.safetensors").display().to_string();
    let paint = |name: &str, loras: &[String]| {
        let out = folder.path().join(name);
        let mut given: Vec<&dyn AsRef<std::ffi::OsStr>> =
            vec![&"--model", &model, &"--request", &request, &"--out", &out];
        for lora in loras {
            given.extend([&"--lora" as &dyn AsRef<std::ffi::OsStr>, lora]);
        }
        stdout(&run("generate --steps 2", &given));
        out.join("0.png")
    };
    let (plain, none) = (paint("plain", &[]), paint("none", &[format!("{lora}:0")]));
    let (one, two) =
        (paint("one", std::slice::from_ref(&lora)), paint("two", &[lora.clone(), format!("{lora}:-1")]));
    assert!(pixels(&plain) == pixels(&none) && pixels(&plain) != pixels(&one));
    let off = pixels(&plain).iter().zip(pixels(&two)).map(|(a, b)| a.abs_diff(b)).max();
    assert!(off <= Some(1), "one takes back what the other does: {off:?}/255");
    assert!(chunk(&one, "parameters").contains("Model: shallow + kohya"));
    let again = |lora: &[&dyn AsRef<std::ffi::OsStr>]| {
        let out = folder.path().join("again");
        let given: [&dyn AsRef<std::ffi::OsStr>; 6] =
            [&"--model", &model, &"--request", &two, &"--out", &out];
        String::from_utf8(run("generate --steps 1", &[&given, lora].concat()).stderr).unwrap()
    };
    let told = "that picture was painted by shallow + kohya + kohya:-1, this one is by shallow";
    assert!(again(&[]).contains(told));
    assert!(!again(&[&"--lora", &lora, &"--lora", &format!("{lora}:-1")]).contains("was painted by"));
    assert!(chunk(&two, "parameters").contains("shallow + kohya + kohya:-1"));
    let out = folder.path().join("missing");
    let missing =
        run("generate", &[&"--model", &model, &"--request", &request, &"--out", &out, &"--lora", &"x:0.5"]);
    assert!(
        !missing.status.success() && String::from_utf8_lossy(&missing.stderr).contains("there is no file")
    );
}

#[test]
fn some_regions_of_a_picture_are_painted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (model, request) = (checkpoint("shallow"), fixtures().join("reference/shallow_euler/request.json"));
    let paint = |flags: &str, name: &str, from: &Path, more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let out = folder.path().join(name);
        let given: [&dyn AsRef<std::ffi::OsStr>; 6] =
            [&"--model", &model, &"--request", &from, &"--out", &out];
        stdout(&run(flags, &[&given, more].concat()));
        out.join("0.png")
    };
    let first = paint("generate", "first", &request, &[]);
    let second = paint("generate --repaint 1 --seed 5", "second", &first, &[&"--inpaint", &first]);
    let (before, after) =
        (image::open(&first).unwrap().into_rgb8(), image::open(&second).unwrap().into_rgb8());
    // The first is in the squirrel's ellipse, the second in the desert.
    assert_ne!(before.get_pixel(19, 27), after.get_pixel(19, 27));
    assert_eq!(before.get_pixel(60, 3), after.get_pixel(60, 3));
    // It carries its request, but not the picture that it was painted on.
    let anew = paint("generate", "anew", &second, &[]);
    assert_ne!(pixels(&anew), pixels(&second));
}

#[test]
fn a_region_that_has_moved_takes_what_it_was_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let model = checkpoint("shallow");
    let first = folder.path().join("first");
    let request = fixtures().join("reference/shallow_euler/request.json");
    stdout(&run("generate", &[&"--model", &model, &"--request", &request, &"--out", &first]));
    let first = first.join("0.png");

    let mut moved: serde_json::Value = serde_json::from_str(&chunk(&first, "dense-diffusion")).unwrap();
    let wire: layout::LayoutWire = serde_json::from_value(moved["layout"]["runs"].clone()).unwrap();
    let layout = layout::Layout::try_from(&wire).unwrap();
    // Everything a quarter of the width further right: where the squirrel was is desert now.
    let width = layout.width() as usize;
    let further = |row: &[u8]| [&row[width * 3 / 4..], &row[..width * 3 / 4]].concat();
    let indices = layout.pixels().chunks(width).flat_map(further).collect();
    let right = layout::Layout::new(wire.width, wire.height, wire.regions as usize, indices).unwrap();
    let scale = width / 64;
    let region = |of: &layout::Layout, (x, y): (usize, usize)| of.pixels()[scale * (y * width + x)];
    let (left, stays) = ((12, 27), (3, 3));
    assert_eq!(
        [region(&layout, left), region(&right, left), region(&layout, stays), region(&right, stays)],
        [1, 0, 0, 0]
    );
    moved["layout"]["runs"] = serde_json::to_value(layout::LayoutWire::from(&right)).unwrap();
    let (request, second) = (folder.path().join("moved.json"), folder.path().join("second"));
    std::fs::write(&request, moved.to_string()).unwrap();
    let flags: [&dyn AsRef<std::ffi::OsStr>; 8] =
        [&"--model", &model, &"--request", &request, &"--inpaint", &first, &"--out", &second];
    stdout(&run("generate --repaint 1 --seed 5", &flags));

    let (before, after) = (pixels(&first), pixels(&second.join("0.png")));
    let pixel = |all: &[u8], (x, y): (usize, usize)| all[3 * (y * 64 + x)..][..3].to_vec();
    assert_ne!(pixel(&before, left), pixel(&after, left));
    assert_eq!(pixel(&before, stays), pixel(&after, stays));
}

#[test]
fn optimised_graphs_are_kept_where_that_is_wanted_and_paint_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (model, request) = (checkpoint("shallow"), fixtures().join("reference/shallow_euler/request.json"));
    let cache = folder.path().join("graphs");
    let paint = |name: &str, cache: &dyn AsRef<std::ffi::OsStr>| {
        let out = folder.path().join(name);
        let flags: [&dyn AsRef<std::ffi::OsStr>; 8] =
            [&"--model", &model, &"--request", &request, &"--out", &out, &"--graph-cache", cache];
        stdout(&run("generate", &flags));
        pixels(&out.join("0.png"))
    };
    let made = paint("made", &"off");
    assert!(paint("first start", &cache) == made);
    let kept = files(&cache);
    assert_eq!(kept.len(), 3, "one for each network: {kept:?}");
    assert!(paint("second start", &cache) == made);
    assert_eq!(files(&cache), kept);
}

#[test]
fn half_precision_paints_nearly_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (model, request) = (checkpoint("shallow"), fixtures().join("reference/shallow_euler/request.json"));
    let paint = |precision: &str| {
        let out = folder.path().join(precision);
        let command = format!("generate --device cpu --precision {precision}");
        stdout(&run(&command, &[&"--model", &model, &"--request", &request, &"--out", &out]));
        pixels(&out.join("0.png"))
    };
    let (single, half) = (paint("f32"), paint("f16"));
    assert!(single == paint("auto"));
    let tolerances = std::fs::read(fixtures().join("tolerances.json")).unwrap();
    let tolerances: serde_json::Value = serde_json::from_slice(&tolerances).unwrap();
    let tolerance = tolerances["f16"]["image"].as_f64().unwrap();
    let differences = single.iter().zip(&half).map(|(a, b)| u64::from(a.abs_diff(*b)));
    let mean = differences.sum::<u64>() as f64 / single.len() as f64;
    assert!(mean > 0.0 && mean <= tolerance, "{mean} of 255");
}

#[test]
fn a_drawn_seed_is_shown_and_makes_the_same_picture_again() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let (model, layout) = (checkpoint("shallow"), fixtures().join("reference/shallow/layout.png"));
    let paint = |seed: &str, out: &Path| {
        let flags = "--region desert --region squirrel --region sign --steps 3 --width 64 --height 64 --seed";
        stdout(&run(
            &format!("generate {flags} {seed}"),
            &[&"--model", &model, &"--layout", &layout, &"--out", &out],
        ))
    };
    let shown = paint("-1", &first);
    let seed = shown.trim().trim_end_matches(')').rsplit(' ').next().unwrap().to_owned();
    seed.parse::<u64>().unwrap();
    paint(&seed, &second);
    assert!(pixels(&first.join("0.png")) == pixels(&second.join("0.png")));
}

#[test]
fn a_checkpoint_in_the_shared_cache_is_used_by_its_id_through_the_caches_symbolic_links() {
    let folder = tempfile::tempdir().unwrap();
    for (name, id) in [("sd1", "somebody/sd1"), ("sd2", "somebody/sd2")] {
        let home = cached(name, id, &folder.path().join("cache"));
        let (out, export) = (folder.path().join(name), folder.path().join(format!("{name}-onnx")));
        let request = fixtures().join("reference").join(name).join("request.json");
        let model: [&dyn AsRef<std::ffi::OsStr>; 2] = [&"--model", &id];
        let arguments = [&model[..], &[&"--request", &request, &"--out", &out]].concat();
        stdout(&command("generate --steps 1", &arguments).env("HF_HOME", &home).output().unwrap());
        assert_eq!(files(&out), ["0.png", "1.png"]);
        assert!(chunk(&out.join("0.png"), "parameters").contains(&format!("Model: {id}")));
        let arguments = [&model[..], &[&"--out", &export]].concat();
        stdout(&command("export", &arguments).env("HF_HOME", &home).output().unwrap());
        for part in ["text_encoder", "unet", "vae_encoder", "vae_decoder"] {
            assert!(files(&export.join(part)).contains(&"model.onnx".to_owned()), "{part}");
        }
    }
}

#[test]
fn dump_writes_the_noise_and_every_step() {
    let folder = tempfile::tempdir().unwrap();
    let (out, dump) = (folder.path().join("out"), folder.path().join("dump"));
    let request = fixtures().join("reference/sd1/request.json");
    let model = checkpoint("sd1");
    stdout(&run(
        "generate --steps 2",
        &[&"--model", &model, &"--request", &request, &"--out", &out, &"--dump", &dump],
    ));
    assert_eq!(files(&dump), ["latents_000.npy", "latents_001.npy", "latents_002.npy"]);
    let bytes = std::fs::read(dump.join("latents_000.npy")).unwrap();
    let noise = npyz::NpyFile::new(&bytes[..]).unwrap();
    assert_eq!(noise.shape(), [2, 4, 16, 16]);
    let noise: Vec<f32> = noise.into_vec().unwrap();
    let recorded = std::fs::read(fixtures().join("reference/sd1/reference.safetensors")).unwrap();
    let recorded = safetensors::SafeTensors::deserialize(&recorded).unwrap();
    let recorded = recorded.tensor("latents_000").unwrap();
    let recorded = recorded.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let allowed = tolerance("/noise");
    assert!(noise.iter().zip(recorded).all(|(ours, theirs)| f64::from((ours - theirs).abs()) <= allowed));
}

/// Two steps of an item of the validation set, in the item's own layout picture: the picture.
fn item_of_the_benchmark(item: &serde_json::Value, masks: &str, folder: &Path) -> Vec<u8> {
    let layout = fixtures().join(format!("benchmark/valset_layout/{}.png", item["id"]));
    let out = folder.join(format!("{}-{masks}", item["id"]));
    let text = item["textual_condition"].as_str().unwrap().to_owned();
    let model = checkpoint("sd1");
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"--model", &model, &"--layout", &layout, &"--out", &out, &"--text", &text];
    let texts = item["segment_descriptions"].as_array().unwrap().iter();
    let regions: Vec<String> = texts.map(|text| format!("--region={}", text.as_str().unwrap())).collect();
    arguments.extend(regions.iter().map(|region| region as &dyn AsRef<std::ffi::OsStr>));
    let flags = format!("generate --steps 2 --width 64 --height 64 --seed 1 --masks {masks}");
    stdout(&run(&flags, &arguments));
    assert_eq!(files(&out), ["0.png"], "item {}", item["id"]);
    pixels(&out.join("0.png"))
}

#[test]
fn every_item_of_the_published_benchmark_runs_through_and_thin_regions_are_kept_if_that_is_wanted() {
    let items = std::fs::read_to_string(fixtures().join("benchmark/valset.json")).unwrap();
    let items: Vec<serde_json::Value> = serde_json::from_str(&items).unwrap();
    assert_eq!(items.len(), 20);
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<_> =
        items.iter().map(|item| item_of_the_benchmark(item, "keep-thin", folder.path())).collect();
    // The umbrella's stick of the original's demo is thinner than a cell.
    let at = items.iter().position(|item| item["id"] == 5).unwrap();
    assert!(item_of_the_benchmark(&items[at], "nearest", folder.path()) != all[at]);
}
