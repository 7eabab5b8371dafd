//! `cargo xtask dist`: everything that a machine without Rust needs to serve the studio, in one archive.
//!
//! ```text
//! bin/dense-diffusion     finds everything else relative to itself
//! bin/lib/                ONNX Runtime
//! site/                   the front end
//! models/scenes/          the embedded model
//! hosting/                systemd unit, Dockerfile, settings, dashboard
//! ```

mod trial;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::Context;
pub use trial::wait_until_ready;

use crate::place::Profile;
use crate::{place, process, serve, setup};

/// How to build
#[derive(clap::Args)]
pub struct Args {
    /// Build quickly, to try the packaging itself: large and slow
    #[arg(long)]
    dev: bool,
    /// Pack what is built already
    #[arg(long)]
    no_build: bool,
}

/// Packs what the tests have built, and tries it.
pub fn try_packing() -> anyhow::Result<()> {
    run(Args { dev: true, no_build: true })
}

/// Builds everything, packs it, and tries the archive.
pub fn run(args: Args) -> anyhow::Result<()> {
    let profile = if args.dev { Profile::Dev } else { Profile::Release };
    if !args.no_build {
        serve::build(profile)?;
    }
    let archive = pack(&place::server(profile))?;
    trial::run(&archive)?;
    println!("dist: {}", archive.display());
    Ok(())
}

/// Packs everything below one folder of an archive.
fn pack(server: &Path) -> anyhow::Result<PathBuf> {
    let name =
        format!("dense-diffusion-{}-{}-{}", env!("CARGO_PKG_VERSION"), env::consts::OS, env::consts::ARCH);
    let dist = place::target().join("dist");
    let to = dist.join(&name);
    if to.exists() {
        fs::remove_dir_all(&to).with_context(|| to.display().to_string())?;
    }
    let library = setup::library()?.context("there is no ONNX Runtime to pack: run `cargo xtask setup`")?;
    let root = place::root();
    place::copy(server, &to.join("bin").join(server.file_name().unwrap_or_default()))?;
    place::copy(&library, &to.join("bin/lib").join(library.file_name().unwrap_or_default()))?;
    // ONNX Runtime's licence ships with it.
    let notices = library.parent().and_then(Path::parent).into_iter();
    for notice in
        notices.flat_map(|folder| ["LICENSE", "ThirdPartyNotices.txt"].map(|file| folder.join(file)))
    {
        if let (true, Some(file)) = (notice.is_file(), notice.file_name()) {
            place::copy(&notice, &to.join("bin/lib").join(file))?;
        }
    }
    place::copy(&place::site(), &to.join("site"))?;
    place::copy(&root.join("models/scenes"), &to.join("models/scenes"))?;
    place::copy(&root.join("docs/hosting"), &to.join("hosting"))?;
    // At the same paths, so that their links work.
    for guide in ["docs/HOSTING.md", "docs/CUDA.md", "BENCHMARKS.md"] {
        place::copy(&root.join(guide), &to.join(guide))?;
    }
    place::copy(&root.join("LICENSE"), &to.join("LICENSE"))?;
    let archive = dist.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--file"]).arg(&archive).arg("--directory").arg(&dist);
    // The user who serves it is not the one who packed it.
    tar.args(["--owner=0", "--group=0", "--numeric-owner", "--mode=u+rwX,go=rX", "--sort=name"]).arg(&name);
    process::run(&mut tar)?;
    Ok(archive)
}
