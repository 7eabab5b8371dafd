//! What those who watch a job are told.

use super::*;

#[tokio::test]
async fn a_sample_is_told_while_the_next_is_still_to_come() {
    let studio = Studio::start().await;
    let id = studio.submit("samples").await;
    let mut updates = studio.watch(&id).await;
    for pictures in [1, 2] {
        assert!(!with_pictures(&mut updates, pictures).await.state.is_final());
        studio.steps.send(()).unwrap();
    }
    assert_eq!(reach(&mut updates, State::is_final).await, State::Done);
}

/// The job as it is told once it has so many pictures.
async fn with_pictures(updates: &mut Updates, pictures: u32) -> api::Job {
    loop {
        let told = updates.next().await.unwrap();
        let job: api::Job = serde_json::from_str(&told.data).unwrap();
        if job.pictures == pictures {
            return job;
        }
    }
}

#[tokio::test]
async fn a_lease_begins_anew_with_each_picture_if_it_is_time() {
    let studio = Studio::start().await;
    let id = studio.submit("samples").await;
    let mut updates = studio.watch(&id).await;
    with_pictures(&mut updates, 1).await;
    let long_ago = Instant::now().checked_sub(LIMITS.lease.unwrap() / 2).unwrap();
    studio.queue.of_running(&id, |running| running.renewed = long_ago).unwrap();
    studio.steps.send(()).unwrap();
    with_pictures(&mut updates, 2).await;
    assert!(studio.queue.of_running(&id, |running| running.renewed).unwrap() > long_ago);
    studio.steps.send(()).unwrap();
}

#[tokio::test]
async fn whoever_comes_late_gets_the_current_state_first_and_numbers_that_grow() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut early = studio.watch(&id).await;
    (0..10).for_each(|_| studio.steps.send(()).unwrap());
    let (mut last, mut previews) = (0, 0);
    loop {
        let told = early.next().await.unwrap();
        assert!(told.id > last);
        last = told.id;
        previews += u32::from(told.name == "preview");
        if told.name == "job" && at_step(10)(&serde_json::from_str::<api::Job>(&told.data).unwrap().state) {
            break;
        }
    }
    assert!((1..=10).contains(&previews), "{previews} previews");
    let mut late = studio.watch(&id).await;
    let told = late.next().await.unwrap();
    assert!(told.id > last);
    assert!(at_step(10)(&serde_json::from_str::<api::Job>(&told.data).unwrap().state));
}

#[tokio::test]
async fn whoever_comes_again_is_told_what_is_newer_and_nothing_else() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    studio.steps.send(()).unwrap();
    let first = updates.next().await.unwrap().id;
    // A step is told, then how it looks.
    let preview = loop {
        let told = updates.next().await.unwrap();
        if told.name == "preview" {
            break told;
        }
    };
    drop(updates);
    studio.queue.forget().await.unwrap();
    let mut up_to_date = studio.watch_after(&id, preview.id).await;
    tokio::select! {
        biased;
        told = up_to_date.next() => panic!("{told:?}"),
        () = std::future::ready(()) => {}
    }
    let mut behind = studio.watch_after(&id, first).await;
    let (job, look) = (behind.next().await.unwrap(), behind.next().await.unwrap());
    assert_eq!((job.name, look.name, &look.data), ("job", "preview", &preview.data));
    assert!(preview.id < job.id && job.id < look.id);
    studio.steps.send(()).unwrap();
    for updates in [&mut up_to_date, &mut behind] {
        let told = updates.next().await.unwrap();
        assert!(told.id > look.id);
        assert!(at_step(2)(&serde_json::from_str::<api::Job>(&told.data).unwrap().state));
    }
    studio.queue.cancel(&studio.owner, &id).await.unwrap().unwrap();
    let end = studio.watch_after(&id, u64::MAX).await.next().await.unwrap();
    assert!(end.is_last, "whoever still asks has not understood that it ended");
    studio.steps.send(()).unwrap();
}

#[tokio::test]
async fn whoever_is_too_slow_misses_steps_but_not_the_end() {
    let studio = Studio::start().await;
    let (slow, quick) = (studio.submit("steps").await, studio.submit("at once").await);
    let mut updates = studio.watch(&slow).await;
    let first = updates.next().await.unwrap();
    // Nothing of the job's events is read until it is done.
    (0..=STEPS).for_each(|_| studio.steps.send(()).unwrap());
    assert_eq!(studio.end(&quick).await, State::Done);
    let next = updates.next().await.unwrap();
    assert!(next.id > first.id && next.is_last, "{next:?}");
    assert!(updates.next().await.is_none());
}

#[tokio::test]
async fn those_who_wait_are_told_when_the_queue_moves() {
    let studio = Studio::start().await;
    let running = studio.submit("steps").await;
    reach(&mut studio.watch(&running).await, at_step(0)).await;
    let (deleted, last) = (studio.submit("steps").await, studio.submit("steps").await);
    let mut updates = studio.watch(&last).await;
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 2 }));
    assert!(studio.queue.delete(&studio.owner, &deleted).await.unwrap());
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 1 }));
    studio.queue.cancel(&studio.owner, &running).await.unwrap().unwrap();
    assert_eq!(next_state(&mut updates).await, Some(State::Waiting { ahead: 0 }));
    studio.steps.send(()).unwrap();
    reach(&mut updates, at_step(0)).await;
}

#[tokio::test]
async fn the_last_look_at_a_picture_is_there_for_whoever_asks_while_it_is_painted() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    reach(&mut updates, at_step(0)).await;
    assert_eq!(studio.queue.preview(&id), None);
    studio.steps.send(()).unwrap();
    while updates.next().await.unwrap().name != "preview" {}
    assert!(studio.queue.preview(&id).is_some_and(|png| !png.is_empty()));
    studio.queue.cancel(&studio.owner, &id).await.unwrap().unwrap();
    studio.steps.send(()).unwrap();
    let next = studio.submit("at once").await;
    studio.end(&next).await;
    assert_eq!(studio.queue.preview(&id), None);
}

#[tokio::test]
async fn the_time_left_counts_the_steps_of_all_that_comes_first() {
    let studio = Studio::start().await;
    let (running, next, last) =
        (studio.submit("steps").await, studio.submit("steps").await, studio.submit("steps").await);
    let mut updates = studio.watch(&running).await;
    reach(&mut updates, at_step(0)).await;
    assert_eq!(studio.left(&last).await, None, "no step was measured yet");
    (0..100).for_each(|_| studio.steps.send(()).unwrap());
    reach(&mut updates, at_step(100)).await;
    // What comes after the steps counts, too.
    let steps_alone = studio.left(&running).await.unwrap();
    studio.queue.pace().beside(Duration::from_secs(60));
    assert!(studio.left(&running).await.unwrap() >= steps_alone + 59_000);
    let [running, next, last] =
        [studio.left(&running).await, studio.left(&next).await, studio.left(&last).await].map(Option::unwrap);
    // Each is as long as the one before it, and half of the first is done.
    assert!(running <= next && next <= last, "{running} {next} {last}");
    let (one, other) = (last - next, next - running);
    assert!(one.abs_diff(other) <= 1, "{one} and {other} for the same number of steps");
}
