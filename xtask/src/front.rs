//! The front end: WASM, its JavaScript, styles and static files, in one folder that the server sends.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{fs, mem};

use anyhow::Context;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::place::Profile;
use crate::setup::{self, Toolchain};
use crate::{place, process};

/// The files' base name; Leptos reads it from `.cargo/config.toml`.
const NAME: &str = "dense-diffusion";

/// How to build the front end
#[derive(clap::Args)]
#[group(skip)]
pub struct Args {
    /// The browser's program as hosts have it: small, precompressed, an error if it is too large
    #[arg(long)]
    release: bool,
}

/// Fetches what is needed and builds the front end.
pub fn run(args: Args) -> anyhow::Result<()> {
    let profile = if args.release { Profile::Release } else { Profile::Dev };
    setup::run(if args.release { setup::FRONT_RELEASE } else { setup::FRONT })?;
    build(profile)
}

/// Builds the front end into `target/site`.
///
/// # Errors
/// If the compiler, wasm-bindgen or (for release) wasm-opt fails.
pub fn build(profile: Profile) -> anyhow::Result<()> {
    let start = Instant::now();
    println!("front end: compiling …");
    let wasm = compile(profile)?;
    let package = place::site().join("pkg");
    if place::site().exists() {
        fs::remove_dir_all(place::site()).context("the old front end cannot be removed")?;
    }
    place::copy(&place::root().join("public"), &place::site())?;
    // The published benchmark's layouts, which the studio offers to models that know their subjects.
    let benchmark = place::root().join("fixtures/benchmark");
    place::copy(&benchmark.join("valset_layout"), &place::site().join("benchmark/valset_layout"))?;
    for file in ["valset.json", "README.md"] {
        place::copy(&benchmark.join(file), &place::site().join("benchmark").join(file))?;
    }
    bind(&wasm, &package)?;
    let styles = style(&place::root().join("style/main.css"))?;
    fs::write(package.join(format!("{NAME}.css")), styles).context("the styles cannot be written")?;
    if profile == Profile::Release {
        shrink(&package)?;
    }
    named_by_content(&package)?;
    if profile == Profile::Release {
        compress()?;
    }
    println!("front end: {} in {:.1} s", place::site().display(), start.elapsed().as_secs_f64());
    Ok(())
}

/// Compiles the crate `frontend` and returns the path of the WASM file.
fn compile(profile: Profile) -> anyhow::Result<PathBuf> {
    let toolchain = Toolchain::find()?.context("no toolchain for the browser: run `cargo xtask setup`")?;
    let target = place::target().join("front");
    let mut cargo = toolchain.cargo();
    cargo.args(["build", "--package", "frontend", "--target", setup::WASM_TARGET]);
    cargo.args(["--profile", profile.name(), "--target-dir"]).arg(&target);
    process::run(&mut cargo)?;
    Ok(target.join(setup::WASM_TARGET).join(profile.name()).join("frontend.wasm"))
}

/// Reads a style file, with its lines `@import "NAME";` replaced by those files.
fn style(file: &Path) -> anyhow::Result<String> {
    let read =
        |path: &Path| fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()));
    let mut all = String::new();
    for line in read(file)?.lines() {
        match line.strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            Some(name) => all.push_str(&read(&file.with_file_name(name))?),
            None => all.push_str(line),
        }
        all.push('\n');
    }
    Ok(all)
}

/// Writes the WASM file as the browser loads it, and the JavaScript that loads it.
fn bind(wasm: &Path, package: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(package)?;
    let mut bound = Bindgen::new()
        .input_path(wasm)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .generate_output()
        .with_context(|| format!("wasm-bindgen on {}", wasm.display()))?;
    // Each name ends in a digest, which does not compress.
    let long = bound.wasm_mut().imports.iter_mut().filter(|import| import.name.starts_with("__wbg_"));
    let names: Vec<_> =
        long.zip(0..).map(|(it, n)| (mem::replace(&mut it.name, format!("_{n}")), n)).collect();
    // Streams of server functions, which are not used here.
    let exports = &mut bound.wasm_mut().exports;
    let unused: Vec<_> =
        exports.iter().filter(|export| export.name.contains("intounderlying")).map(|it| it.id()).collect();
    unused.into_iter().for_each(|id| exports.delete(id));
    bound.emit(package)?;
    let path = package.join(format!("{NAME}.js"));
    let script = fs::read_to_string(&path)?;
    let shorten = |script: String, (long, n): &(String, u32)| {
        script.replacen(&format!("{long}:"), &format!("_{n}:"), 1)
    };
    fs::write(&path, names.iter().fold(script, shorten))?;
    // Leptos asks for this name; wasm-bindgen writes another.
    fs::rename(package.join(format!("{NAME}_bg.wasm")), package.join(format!("{NAME}.wasm")))?;
    Ok(())
}

/// Moves the package's files into a folder named by a hash of their content: browsers cache them for ever,
/// and request new ones when they have changed.
fn named_by_content(package: &Path) -> anyhow::Result<()> {
    let mut hash = Sha256::new();
    for extension in ["js", "wasm", "css"] {
        hash.update(fs::read(package.join(format!("{NAME}.{extension}")))?);
    }
    let name = hex::encode(&hash.finalize()[..8]);
    let aside = package.with_file_name("new");
    fs::rename(package, &aside)?;
    fs::create_dir(package)?;
    Ok(fs::rename(aside, package.join(name))?)
}

/// Optimises the WASM file for size.
fn shrink(package: &Path) -> anyhow::Result<()> {
    let wasm = package.join(format!("{NAME}.wasm"));
    // Exactly these features: browsers refuse the file with all of them.
    let flags = [
        // Again on flat code, then with what is known of all values.
        "--flatten",
        "--rereloop",
        "-Oz",
        "--gufa",
        "-Oz",
        "--converge",
        "--strip-producers",
        "--strip-target-features",
        // Nothing uses the first kilobyte but the very end of the stack.
        "--low-memory-unused",
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
    ];
    process::run(setup::wasm_opt().args(flags).arg(&wasm).arg("-o").arg(&wasm))
}

/// Precompresses all files.
fn compress() -> anyhow::Result<()> {
    process::run(Command::new("node").arg(place::root().join("toolchain/compress.mjs")).arg(place::site()))
}
