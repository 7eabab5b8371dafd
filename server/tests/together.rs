//! `serve --together`: several generations are painted at once, those of one size in one call of the UNet.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::process::Command;

use api::State;
use common::studio::{Client, Studio, at_step, endless, request};
use common::{checkpoint, tolerance};
use image::RgbImage;

/// What a client's request of three steps looks like.
fn painted(client: &mut Client) -> RgbImage {
    let job = client.submit(&request(3));
    assert_eq!(client.end(&job).state, State::Done);
    image::load_from_memory(&client.picture(&job, 0).body).unwrap().to_rgb8()
}

#[test]
fn generations_run_at_once_as_many_as_are_allowed_and_do_not_disturb_each_other() {
    let (data, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let studio = Studio::with("--together 2 --max-steps 1000", data.path(), &checkpoint("shallow"));
    let (mut one, mut other, mut third) = (studio.client(), studio.client(), studio.client());
    let first = one.submit(&endless());
    one.events(&first).reach(at_step(1));
    // Of the size that is compared below, so that it shares the calls.
    let second = other.submit(&request(1000));
    other.events(&second).reach(at_step(1));
    assert!(matches!(one.job(&first).state, State::Running { .. }), "{:?}", one.job(&first).state);

    // There is no third place before one of them is free.
    let waits = third.submit(&request(1));
    assert_eq!(third.job(&waits).state, State::Waiting { ahead: 2 });
    assert_eq!(one.cancel(&first).status, 200);
    assert_eq!(third.end(&waits).state, State::Done);

    let in_company = painted(&mut third);
    assert!(matches!(other.job(&second).state, State::Running { .. }), "its company is still there");
    let by_itself = painted(&mut Studio::with("", alone.path(), &checkpoint("shallow")).client());
    let far = in_company.iter().zip(by_itself.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(f64::from(far) <= tolerance("/image/together"), "{far}/255 off");
}

#[test]
fn it_paints_where_nobody_says_how_many_at_once() {
    let data = tempfile::tempdir().unwrap();
    let measures = |mut command: Command| {
        command.env_remove("DENSE_DIFFUSION_TOGETHER");
        command
    };
    let studio = Studio::wrapped("", data.path(), &checkpoint("shallow"), measures);
    painted(&mut studio.client());
}
