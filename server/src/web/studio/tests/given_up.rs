//! Jobs that nobody waits for, whose painter is not heard of, or whose server ends.

use super::*;

#[tokio::test]
async fn jobs_that_nobody_looks_at_are_cancelled_after_the_grace_and_no_others() {
    let studio = Studio::start().await;
    let (running, watched, asked, forgotten) = (
        studio.submit("steps").await,
        studio.submit("steps").await,
        studio.submit("steps").await,
        studio.submit("steps").await,
    );
    reach(&mut studio.watch(&running).await, at_step(0)).await;
    let _watching = studio.watch(&watched).await;
    let start = Instant::now();
    for now in [start, start + GRACE / 2] {
        studio.queue.give_up(now).await.unwrap();
    }
    // Somebody asks for one of them.
    studio.queue.find(&studio.owner, &asked).await.unwrap().unwrap();
    studio.queue.give_up(start + GRACE).await.unwrap();
    for (id, ends) in [(&running, true), (&forgotten, true), (&watched, false), (&asked, false)] {
        let job = studio.queue.store().job(id).await.unwrap().unwrap();
        assert_eq!(job.status == Status::Cancelled, ends, "{:?}", job.status);
    }
    studio.steps.send(()).unwrap();
    reach(&mut studio.watch(&watched).await, at_step(0)).await;
}

#[tokio::test]
async fn a_job_that_loses_its_lease_waits_again_and_what_its_painter_does_then_counts_no_more() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    for attempt in 1..=3 {
        reach(&mut updates, at_step(0)).await;
        assert!(!studio.queue.take_up(jobs::lease_time() + 30_000).await.unwrap());
        while !studio.queue.take_up(jobs::lease_time() + 120_000).await.unwrap() {
            tokio::task::yield_now().await;
        }
        match reach(&mut updates, |state| !matches!(state, State::Running { .. })).await {
            State::Waiting { ahead: 0 } => assert!(attempt < 3),
            State::Failed { reason } => assert!(attempt == 3 && reason.contains("3 times"), "{reason}"),
            other => panic!("{other:?}"),
        }
        // The step under way is the last of this painter.
        studio.steps.send(()).unwrap();
    }
}

#[tokio::test]
async fn a_lease_that_runs_out_ends_the_server_and_costs_its_neighbours_nothing() {
    let (studio, _) = Studio::idle().await;
    let (hung, neighbour) = (studio.submit("steps").await, studio.submit_as(&Owner::random(), "steps").await);
    let queue = &studio.queue;
    let lease = queue.claim().await.unwrap().unwrap().0.lease;
    let cancel = queue.claim().await.unwrap().unwrap().1;
    assert_eq!(lease.job, hung);
    assert!(queue.store().renew(&lease, LIMITS, jobs::lease_time() - 120_000).await.unwrap());
    keeper::stall(queue).await;
    assert!(cancel.is_cancelled() && queue.claim().await.unwrap().is_none(), "nothing is painted any more");
    // The next servers crash twice.
    for _ in 0..2 {
        while queue.store().claim(LIMITS, jobs::lease_time()).await.unwrap().is_some() {}
        queue.store().requeue(None, &[]).await.unwrap();
    }
    let status = async |id: &JobId| queue.store().job(id).await.unwrap().unwrap().status;
    assert!(
        matches!(status(&neighbour).await, Status::Waiting { .. }),
        "it was not painted beside the other"
    );
    assert!(matches!(status(&hung).await, Status::Failed { .. }), "three attempts");
}

#[tokio::test]
async fn what_fails_because_it_ended_the_server_each_time_is_counted_by_the_next_one() {
    let (studio, _) = Studio::idle().await;
    let id = studio.submit("steps").await;
    let Studio { folder, mut queue, .. } = studio;
    for crash in 1..=3 {
        queue.claim().await.unwrap().unwrap();
        drop(queue);
        let next = Queue::open(folder.path(), &Place::Folder, LIMITS, None).await.unwrap();
        let metrics = next.metrics().render(&next.store().counts().await.unwrap(), None, 0);
        assert_eq!(metrics.contains("dense_diffusion_jobs_total{end=\"failed\"} 1"), crash == 3, "{metrics}");
        queue = Arc::new(next);
    }
    assert!(matches!(queue.store().job(&id).await.unwrap().unwrap().status, Status::Failed { .. }));
}

#[tokio::test]
async fn whoever_gets_a_job_calls_another_to_look_for_one_to_be_painted_beside_it() {
    let (studio, _) = Studio::idle().await;
    let queue = &studio.queue;
    let is_called = async || tokio::time::timeout(Duration::ZERO, queue.wait()).await.is_ok();
    studio.submit("steps").await;
    assert!(is_called().await && !is_called().await);
    queue.claim().await.unwrap().unwrap();
    assert!(is_called().await);
    assert!(queue.claim().await.unwrap().is_none());
    assert!(!is_called().await, "there is none");
}

#[tokio::test]
async fn a_queue_that_is_closed_gives_its_job_back_and_lets_its_watchers_go() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    reach(&mut updates, at_step(0)).await;
    studio.queue.close().await;
    while updates.next().await.is_some() {}
    drop(updates);
    assert!(studio.watch(&id).await.next().await.is_some_and(|told| !told.is_last));
    let Studio { folder, queue, owner, steps } = studio;
    // Ends the step under way, and with it the runner.
    drop(steps);
    while Arc::strong_count(&queue) > 1 {
        tokio::task::yield_now().await;
    }
    drop(queue);
    let queue = Queue::open(folder.path(), &Place::Folder, LIMITS, None).await.unwrap();
    let job = queue.find(&owner, &id).await.unwrap().unwrap();
    assert_eq!(job.state, State::Waiting { ahead: 0 });
    assert_eq!(queue.last_seen.count(), 0, "where nothing is given up, looks are not counted");
}

#[tokio::test]
async fn a_cancel_is_done_to_its_end_though_whoever_asked_for_it_leaves() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    reach(&mut updates, at_step(0)).await;
    tokio::select! {
        biased;
        _ = studio.queue.cancel(&studio.owner, &id) => panic!("it was not to wait for anything"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(reach(&mut updates, State::is_final).await, State::Cancelled);
    studio.steps.send(()).unwrap();
    let next = studio.submit("at once").await;
    assert_eq!(studio.end(&next).await, State::Done, "no further step is taken of the first");
}

#[tokio::test]
async fn a_cancel_whose_answer_was_lost_is_done_when_it_is_asked_again() {
    let studio = Studio::start().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    reach(&mut updates, at_step(0)).await;
    assert!(studio.queue.store().cancel(&id, Some(&studio.owner)).await.unwrap());
    studio.queue.cancel(&studio.owner, &id).await.unwrap();
    assert_eq!(reach(&mut updates, State::is_final).await, State::Cancelled);
    studio.steps.send(()).unwrap();
    let next = studio.submit("at once").await;
    assert_eq!(studio.end(&next).await, State::Done, "no further step is taken of the first");
}

#[tokio::test]
async fn an_end_is_told_though_the_answer_of_the_store_was_lost() {
    let (studio, _) = Studio::idle().await;
    let id = studio.submit("steps").await;
    let mut updates = studio.watch(&id).await;
    let (claimed, _) = studio.queue.claim().await.unwrap().unwrap();
    studio.queue.store().finish(&claimed.lease, &[]).await.unwrap();
    studio.queue.ended(&id, None).await;
    assert_eq!(reach(&mut updates, State::is_final).await, State::Done);
}

#[tokio::test]
async fn a_painter_that_has_lost_track_of_its_job_takes_up_that_one_and_no_others() {
    let (studio, _) = Studio::idle().await;
    let (held, lost) = (studio.submit("steps").await, studio.submit("steps").await);
    let queue = &studio.queue;
    let (claimed, cancel) = queue.claim().await.unwrap().unwrap();
    assert_eq!(claimed.job.id, held);
    // As if claimed without an answer from the store.
    let claim_limits = ClaimLimits { running: 2, ..LIMITS };
    assert_eq!(queue.store().claim(claim_limits, jobs::lease_time()).await.unwrap().unwrap().job.id, lost);
    let status = async |id: &JobId| queue.store().job(id).await.unwrap().unwrap().status;
    queue.recover().await.unwrap();
    assert!(matches!(status(&lost).await, Status::Waiting { .. }));
    assert_eq!((status(&held).await, cancel.is_cancelled()), (Status::Running, false));
    queue.drop_running(&held);
    queue.recover().await.unwrap();
    assert!(matches!(status(&held).await, Status::Waiting { .. }) && cancel.is_cancelled());
}
