//! `/api/v1/jobs/{id}/events`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use api::{Event, Preview, State};
use base64::Engine;
use common::checkpoint;
use common::studio::{Studio, at_step, endless, request};

#[test]
fn a_job_tells_its_steps_previews_pictures_and_end_in_numbered_events() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    // It begins when it is watched.
    let first = client.submit(&endless());
    let mut request = request(30);
    request["samples"] = 2.into();
    let job = client.submit(&request);
    let events = client.events(&job);
    client.cancel(&first);
    let sent: Vec<_> = events.collect();
    assert!(sent.is_sorted_by(|one, next| one.id < next.id), "the numbers grow");

    let mut steps = Vec::new();
    let mut previewed = [false; 2];
    for sent in &sent {
        assert_eq!(sent.name, sent.event.name());
        match &sent.event {
            Event::Job(job) => match job.state {
                State::Running { step, steps: 30 } => {
                    assert!(job.left.is_some() || step == 0, "known from the first step on");
                    steps.push(step);
                }
                State::Waiting { .. } | State::Done => {}
                ref other => panic!("{other:?}"),
            },
            Event::Preview(Preview { sample, width, height, png }) => {
                let png = base64::engine::general_purpose::STANDARD.decode(png).unwrap();
                let picture = image::load_from_memory(&png).unwrap();
                assert_eq!((picture.width(), picture.height()), (*width, *height));
                previewed[*sample as usize] = true;
            }
        }
    }
    assert!(steps.is_sorted() && steps.last() == Some(&30), "{steps:?}");
    assert_eq!(previewed, [true; 2]);
    let Event::Job(last) = &sent.last().unwrap().event else { panic!("{sent:?}") };
    assert_eq!((&last.state, last.pictures), (&State::Done, 2));
    assert!(last.share.is_some());
}

#[test]
fn a_client_that_was_cut_off_goes_on_from_the_current_state() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&endless());
    let seen = client.events(&job).reach(at_step(3));
    let mut events = client.events_after(&job, Some(seen.id));
    let first = events.next().unwrap();
    assert!(first.id > seen.id);
    if let Event::Job(now) = first.event {
        assert!(at_step(3)(&now.state), "{now:?}");
    }
    client.cancel(&job);
    let last = events.reach(State::is_final);
    assert!(last.id > first.id);
    assert!(events.next().is_none(), "nothing follows the end");
}

#[test]
fn of_a_job_that_is_done_the_end_alone_is_told() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let job = client.submit(&request(1));
    client.end(&job);
    let sent: Vec<_> = client.events(&job).collect();
    assert!(matches!(&sent[..], [end] if end.event == Event::Job(client.job(&job))), "{sent:?}");
}

#[test]
fn who_waits_is_told_the_place_and_who_deletes_that_it_ended() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let (mut one, mut other) = (studio.client(), studio.client());
    let first = one.submit(&endless());
    // Were both still waiting, the short one would come first.
    one.events(&first).reach(|state| matches!(state, State::Running { .. }));
    let second = other.submit(&request(1));
    let mut events = other.events(&second);
    let place = |ahead| move |state: &State| *state == State::Waiting { ahead };
    events.reach(place(1));
    let mut deleted = one.events(&first);
    assert_eq!(one.delete(&first).status, 204);
    deleted.reach(|state| *state == State::Cancelled);
    events.reach(place(0));
    events.reach(|state| *state == State::Done);
}

#[test]
fn what_nobody_looks_at_any_more_is_cancelled_and_makes_room() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::with("--abandon-after 1 --max-steps 1000", data.path(), &checkpoint("shallow"));
    let (mut gone, mut stays) = (studio.client(), studio.client());
    let left = gone.submit(&endless());
    let waits = stays.submit(&request(1));
    let mut looks_on = stays.events(&waits);
    // Its tab is closed.
    gone.events(&left).reach(at_step(1));
    looks_on.reach(State::is_final);
    assert_eq!((gone.job(&left).state, stays.job(&waits).state), (State::Cancelled, State::Done));
}
