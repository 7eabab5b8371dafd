//! In which order a store gives its jobs out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{ANY, MUCH, claimed, new_job_from, next, status, store, submitted, submitted_steps};
use jobs::{ClaimLimits, Claimed, Owner, Status, Store};

/// Claims and ends the next job; its prompt, if there was one.
async fn done(store: &Store) -> Option<String> {
    let Claimed { job, lease, .. } = next(store).await?;
    store.finish(&lease, &[]).await.unwrap().unwrap();
    Some(job.prompt)
}

/// The prompts of all that wait, in the order in which they are painted.
async fn rest(store: &Store) -> Vec<String> {
    let mut prompts = Vec::new();
    while let Some(prompt) = done(store).await {
        prompts.push(prompt);
    }
    prompts
}

#[tokio::test]
async fn one_look_at_the_queue_tells_each_the_place_that_it_has_by_itself() {
    let (_folder, store) = store().await;
    let owners = [Owner::random(), Owner::random(), Owner::random()];
    for n in 0..12 {
        submitted_steps(&store, &owners[n % 3], &n.to_string(), 1 + 7 * n as u32 % 5).await;
    }
    for _ in 0..2 {
        let line = store.line().await.unwrap();
        for (n, job) in line.iter().enumerate() {
            assert_eq!(store.job(&job.id).await.unwrap().as_ref(), Some(job));
            assert!(matches!(job.status, Status::Waiting { ahead } if n <= ahead as usize));
        }
        let next = claimed(&store).await.job;
        assert_eq!(next.id, line[0].id);
    }
    assert_eq!(store.line().await.unwrap().len(), 10);
}

#[tokio::test]
async fn clients_take_turns() {
    let (_folder, store) = store().await;
    let [one, two, three] = [(); 3].map(|()| Owner::random());
    for prompt in ["one 1", "one 2", "one 3", "one 4"] {
        submitted(&store, &one, prompt).await;
    }
    submitted(&store, &two, "two 1").await;
    submitted(&store, &two, "two 2").await;
    submitted(&store, &three, "three 1").await;
    let expected = ["one 1", "two 1", "three 1", "one 2", "two 2", "one 3", "one 4"];
    assert_eq!(rest(&store).await, expected);
}

#[tokio::test]
async fn whoever_comes_without_a_name_has_one_turn_with_all_such_of_its_network() {
    let (_folder, store) = store().await;
    for _ in 0..3 {
        store.submit(&Owner::random(), &new_job_from("many", true), MUCH).await.unwrap();
    }
    for from in ["one", "two"] {
        store.submit(&Owner::random(), &new_job_from(from, true), MUCH).await.unwrap();
    }
    let claim_limits = ClaimLimits { running: 1, ..ANY };
    let claim = async || store.claim(claim_limits, 0).await.unwrap();
    let first = claim().await.unwrap();
    assert_eq!(first.job.prompt, "many");
    assert_eq!([claim().await.unwrap().job.prompt, claim().await.unwrap().job.prompt], ["one", "two"]);
    assert_eq!(claim().await, None, "one of them runs already");
    store.finish(&first.lease, &[]).await.unwrap().unwrap();
    assert_eq!(rest(&store).await, ["many", "many"]);
}

#[tokio::test]
async fn who_comes_while_anothers_job_runs_is_next() {
    let (_folder, store) = store().await;
    let (early, late) = (Owner::random(), Owner::random());
    for prompt in ["early 1", "early 2", "early 3"] {
        submitted(&store, &early, prompt).await;
    }
    let running = claimed(&store).await;
    let job = submitted(&store, &late, "late 1").await;
    assert_eq!(job.status, Status::Waiting { ahead: 1 }, "the one that runs");
    submitted(&store, &late, "late 2").await;
    store.finish(&running.lease, &[]).await.unwrap().unwrap();
    assert_eq!(rest(&store).await, ["late 1", "early 2", "late 2", "early 3"]);
}

#[tokio::test]
async fn who_has_painted_much_and_comes_back_is_neither_first_nor_last() {
    let (_folder, store) = store().await;
    let (busy, other) = (Owner::random(), Owner::random());
    for n in 0..20 {
        submitted(&store, &busy, &n.to_string()).await;
        assert_eq!(done(&store).await, Some(n.to_string()));
    }
    submitted(&store, &other, "other 1").await;
    submitted(&store, &other, "other 2").await;
    submitted(&store, &busy, "busy").await;
    assert_eq!(rest(&store).await, ["other 1", "busy", "other 2"]);
}

#[tokio::test]
async fn short_jobs_come_first() {
    let (_folder, store) = store().await;
    let (patient, hasty) = (Owner::random(), Owner::random());
    let long = submitted_steps(&store, &patient, "long", 100).await;
    submitted_steps(&store, &hasty, "short 1", 10).await;
    submitted_steps(&store, &hasty, "short 2", 10).await;
    assert_eq!(status(&store, &patient, &long).await, Status::Waiting { ahead: 2 });
    assert_eq!(rest(&store).await, ["short 1", "short 2", "long"]);
}

#[tokio::test]
async fn of_one_client_so_many_jobs_run_at_once_and_the_next_clients_come_before_its_others() {
    let (_folder, store) = store().await;
    let (one, other) = (Owner::random(), Owner::random());
    for prompt in ["one 1", "one 2", "one 3"] {
        submitted_steps(&store, &one, prompt, 1).await;
    }
    submitted_steps(&store, &other, "other", 100).await;
    let claim_limits = ClaimLimits { running: 2, ..ANY };
    let claim = async || store.claim(claim_limits, 0).await.unwrap();
    let first = claim().await.unwrap();
    let claimed = [&first.job.prompt, &claim().await.unwrap().job.prompt, &claim().await.unwrap().job.prompt];
    assert_eq!(claimed, ["one 1", "one 2", "other"]);
    assert_eq!(claim().await, None, "what waits is of a client of whom two run");
    store.finish(&first.lease, &[]).await.unwrap().unwrap();
    assert_eq!(claim().await.unwrap().job.prompt, "one 3");
}

#[tokio::test]
async fn a_long_job_is_not_overtaken_for_ever() {
    let (_folder, store) = store().await;
    submitted_steps(&store, &Owner::random(), "long", 100).await;
    // Five short jobs wait at any time, each of a client who has not been here before.
    let short = async || submitted_steps(&store, &Owner::random(), "short", 10).await;
    for _ in 0..5 {
        short().await;
    }
    for overtaken in 0..100 {
        let Claimed { job, lease, .. } = claimed(&store).await;
        if job.prompt == "long" {
            // All others had as much work done as it has, at least by half of it.
            assert!(overtaken >= 25, "{overtaken}");
            return;
        }
        short().await;
        store.finish(&lease, &[]).await.unwrap().unwrap();
    }
    panic!("a hundred short jobs came first");
}

#[tokio::test]
async fn what_comes_first_is_told_as_work() {
    let (_folder, store) = store().await;
    let (one, two) = (Owner::random(), Owner::random());
    let first = submitted_steps(&store, &one, "1", 10).await;
    let second = submitted_steps(&store, &two, "2", 20).await;
    // 64 x 48 pixels, two samples.
    let work = |steps: u64| 64 * 48 * 2 * steps;
    assert_eq!((first.work, first.before), (work(10), 0));
    assert_eq!((second.work, second.before), (work(20), work(10)));
    let last = submitted_steps(&store, &two, "3", 5).await;
    assert_eq!(last.before, work(30));
    let running = claimed(&store).await.job;
    assert_eq!((running.id, running.before), (first.id, 0));
    let last = store.find(&two, &last.id).await.unwrap().unwrap();
    assert_eq!((last.status, last.before), (Status::Waiting { ahead: 2 }, work(20)));
}
