//! Painting only some regions of a picture anew.

use diffusion::{CancelToken, Canvas, DiffusionError, InpaintError, Progress};
use image::RgbImage;

use super::common::Run;
use super::{check, load, pictures};

#[test]
fn some_regions_are_painted_anew_with_every_scheduler_and_autoencoder() {
    for name in ["sd1_inpaint", "sd2_inpaint", "shallow_inpaint", "oblong_inpaint", "xl_inpaint"] {
        check(name);
    }
}

#[test]
fn what_is_not_painted_anew_stays_pixel_for_pixel() {
    let run = Run::open("sd1_inpaint");
    let pipeline = load(&run);
    let painting =
        pipeline.generate(&run.generation, run.canvas(), 1, &CancelToken::default(), &mut |_| {}).unwrap();
    let (painted, image) = (&pictures(&painting)[0], run.image.as_ref().unwrap());
    let repainted = &run.generation.inpaint.as_ref().unwrap().regions;
    let scale = run.layout.width() / image.width();
    let mut counts = [0, 0];
    for (x, y, pixel) in painted.enumerate_pixels() {
        // Three cells: the margin, what a cell takes from its middle, and half a cell of soft edge.
        let near = |x: u32, y: u32| {
            (x.saturating_sub(24)..=x + 24)
                .flat_map(move |x| (y.saturating_sub(24)..=y + 24).map(move |y| (x, y)))
        };
        let region = |(x, y): (u32, u32)| {
            let (x, y) = ((x * scale).min(run.layout.width() - 1), (y * scale).min(run.layout.height() - 1));
            usize::from(run.layout.pixels()[(y * run.layout.width() + x) as usize])
        };
        let is_new = |at| repainted.contains(&region(at));
        if !near(x, y).any(is_new) {
            assert_eq!(pixel, image.get_pixel(x, y), "({x}, {y})");
            counts[0] += 1;
        } else if is_new((x, y)) {
            counts[1] += usize::from(pixel != image.get_pixel(x, y));
        }
    }
    assert!(counts.iter().all(|count| *count > 1000), "{counts:?}");
}

#[test]
fn what_cannot_be_painted_on_is_refused() {
    let run = Run::open("sd1_inpaint");
    let pipeline = load(&run);
    let refused = |canvas: Canvas<'_>| {
        let (cancel, mut watch) = (CancelToken::default(), |_: &Progress<'_>| panic!("something is painted"));
        match pipeline.generate(&run.generation, canvas, 1, &cancel, &mut watch) {
            Err(DiffusionError::Inpaint(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused((&run.layout).into()), InpaintError::Missing);
    let other = RgbImage::new(128, 120);
    let canvas = Canvas { image: Some(&other), ..run.canvas() };
    assert_eq!(refused(canvas), InpaintError::Size(128, 120, 128, 128));
    // Region 2 is one column of 32, and of 16 cells none begins with it.
    let runs = format!("3A{}1C28A", "1C31A".repeat(31));
    let wire = layout::LayoutWire { width: 32, height: 32, regions: 5, runs };
    let thin = layout::Layout::try_from(&wire).unwrap();
    assert_eq!(refused(Canvas { layout: &thin, ..run.canvas() }), InpaintError::Nothing);
}
