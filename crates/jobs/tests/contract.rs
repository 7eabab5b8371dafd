//! What every store of jobs must do, whatever it keeps them in.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{ANY, MUCH, claimed, new_job, new_job_from, next, status, store, submitted, taken};
use jobs::{Capacity, Claimed, Full, JobId, Owner, ShareToken, Status, Submission};

#[tokio::test]
async fn a_job_goes_from_waiting_over_running_to_done_with_its_pictures() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "a lion").await;
    assert_eq!(job.status, Status::Waiting { ahead: 0 });
    assert_eq!((job.seed, job.width, job.height, job.samples, job.steps), (1 << 53, 64, 48, 2, 20));

    let Claimed { job: running, request, lease } = claimed(&store).await;
    assert_eq!((running.id, running.status), (job.id.clone(), Status::Running));
    assert_eq!(request, r#"{"prompt":"a lion"}"#);
    assert!(next(&store).await.is_none(), "nothing else waits");

    for (number, png) in [(0, b"first".to_vec()), (1, b"second".to_vec())] {
        let job = store.picture_done(&lease, number, png).await.unwrap().unwrap();
        assert_eq!(job.pictures, number + 1);
    }
    let done = store.finish(&lease, &["text: too long".to_owned()]).await.unwrap().unwrap();
    assert_eq!((done.status.clone(), done.pictures), (Status::Done, 2));
    assert_eq!(done.notes, ["text: too long"]);
    assert_eq!(store.find(&owner, &job.id).await.unwrap(), Some(done.clone()));
    assert_eq!(store.picture(&done, 1).await.unwrap().as_deref(), Some(&b"second"[..]));
    assert_eq!(store.picture(&done, 2).await.unwrap(), None);
    assert_eq!(store.request(&done).await.unwrap().as_deref(), Some(r#"{"prompt":"a lion"}"#));
}

#[tokio::test]
async fn jobs_are_claimed_in_the_order_in_which_they_came_and_know_their_place() {
    let (_folder, store) = store().await;
    let (first, second) = (Owner::random(), Owner::random());
    let jobs = [
        submitted(&store, &first, "1").await,
        submitted(&store, &second, "2").await,
        submitted(&store, &first, "3").await,
    ];
    assert_eq!(status(&store, &first, &jobs[2]).await, Status::Waiting { ahead: 2 });
    let first_claim = claimed(&store).await;
    assert_eq!(first_claim.job.id, jobs[0].id);
    assert_eq!(
        status(&store, &first, &jobs[2]).await,
        Status::Waiting { ahead: 2 },
        "the running one counts"
    );
    store.fail(&first_claim.lease, "no").await.unwrap().unwrap();
    assert_eq!(status(&store, &first, &jobs[2]).await, Status::Waiting { ahead: 1 });
    assert_eq!(claimed(&store).await.job.id, jobs[1].id);
    assert!(store.cancel(&jobs[1].id, Some(&second)).await.unwrap());
    assert_eq!(status(&store, &first, &jobs[2]).await, Status::Waiting { ahead: 0 });
}

#[tokio::test]
async fn many_who_claim_at_once_never_get_the_same_job() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    for n in 0..20 {
        submitted(&store, &owner, &n.to_string()).await;
    }
    let store = std::sync::Arc::new(store);
    let claims: Vec<_> = (0..20)
        .map(|_| {
            tokio::spawn({
                let store = store.clone();
                async move { claimed(&store).await.job.prompt }
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for claim in claims {
        claimed.push(claim.await.unwrap().parse::<u32>().unwrap());
    }
    claimed.sort_unstable();
    assert_eq!(claimed, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_final_state_stays() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let [done, failed, cancelled, waiting] = [
        submitted(&store, &owner, "done").await,
        submitted(&store, &owner, "failed").await,
        submitted(&store, &owner, "cancelled").await,
        submitted(&store, &owner, "cancelled while it waits").await,
    ];
    let leases = [claimed(&store).await.lease, claimed(&store).await.lease, claimed(&store).await.lease];
    store.finish(&leases[0], &[]).await.unwrap().unwrap();
    store.fail(&leases[1], "the reason").await.unwrap().unwrap();
    for job in [&cancelled, &waiting] {
        assert!(store.cancel(&job.id, Some(&owner)).await.unwrap());
    }
    let expected = [
        (&done, Status::Done),
        (&failed, Status::Failed { reason: "the reason".into() }),
        (&cancelled, Status::Cancelled),
        (&waiting, Status::Cancelled),
    ];
    for lease in &leases {
        assert_eq!(store.finish(lease, &[]).await.unwrap(), None);
        assert_eq!(store.fail(lease, "late").await.unwrap(), None);
        assert_eq!(store.picture_done(lease, 0, b"late".to_vec()).await.unwrap(), None);
        assert!(!store.renew(lease, ANY, 0).await.unwrap());
        store.release(lease).await.unwrap();
        store.requeue(None, &[]).await.unwrap();
    }
    for (job, state) in expected {
        assert!(!store.cancel(&job.id, Some(&owner)).await.unwrap());
        assert_eq!(status(&store, &owner, job).await, state);
    }
    assert!(next(&store).await.is_none());
}

#[tokio::test]
async fn a_client_has_so_many_open_jobs_and_no_more() {
    let (_folder, store) = store().await;
    let (owner, other) = (Owner::random(), Owner::random());
    let capacity = Capacity { owner: 2, ..MUCH };
    let submit = async |owner, prompt| store.submit(owner, &new_job(prompt), capacity).await.unwrap();
    let first = taken(submit(&owner, "1").await);
    taken(submit(&owner, "2").await);
    let running = claimed(&store).await;
    assert_eq!(running.job.id, first.id);
    assert_eq!(submit(&owner, "3").await, Submission::Full(Full::Owner(2)), "one runs, one waits");
    taken(submit(&other, "another client's do not count").await);
    store.finish(&running.lease, &[]).await.unwrap().unwrap();
    taken(submit(&owner, "5").await);
}

#[tokio::test]
async fn whoever_comes_without_a_name_shares_its_room_with_all_such_of_its_network() {
    let (_folder, store) = store().await;
    let capacity = Capacity { owner: 2, ..MUCH };
    let submit = async |owner: &Owner, from, is_new| {
        store.submit(owner, &new_job_from(from, is_new), capacity).await.unwrap()
    };
    let first = Owner::random();
    taken(submit(&first, "one", true).await);
    taken(submit(&Owner::random(), "one", true).await);
    assert_eq!(submit(&Owner::random(), "one", true).await, Submission::Full(Full::Owner(2)));
    taken(submit(&Owner::random(), "other", true).await);
    taken(submit(&Owner::random(), "one", false).await);
    taken(submit(&first, "one", false).await);
    assert_eq!(
        submit(&first, "one", false).await,
        Submission::Full(Full::Owner(2)),
        "the first was its own too"
    );
}

#[tokio::test]
async fn a_network_has_so_many_open_jobs_and_no_more_whoever_sends_them() {
    let (_folder, store) = store().await;
    let capacity = Capacity { network: 2, ..MUCH };
    let submit =
        async |from| store.submit(&Owner::random(), &new_job_from(from, false), capacity).await.unwrap();
    taken(submit("one").await);
    taken(submit("one").await);
    assert_eq!(submit("one").await, Submission::Full(Full::Network(2)));
    taken(submit("other").await);
    for prompt in ["from nowhere", "nor this"] {
        let capacity = Capacity { network: 1, ..MUCH };
        taken(store.submit(&Owner::random(), &new_job(prompt), capacity).await.unwrap());
    }
}

#[tokio::test]
async fn so_many_jobs_wait_and_no_more() {
    let (_folder, store) = store().await;
    let capacity = Capacity { queue: 2, ..MUCH };
    let submit = async |prompt| store.submit(&Owner::random(), &new_job(prompt), capacity).await.unwrap();
    taken(submit("1").await);
    taken(submit("2").await);
    assert_eq!(submit("3").await, Submission::Full(Full::Queue));
    claimed(&store).await;
    taken(submit("what runs does not wait").await);
    assert_eq!(submit("5").await, Submission::Full(Full::Queue));
}

#[tokio::test]
async fn another_clients_jobs_are_not_there() {
    let (_folder, store) = store().await;
    let (owner, stranger) = (Owner::random(), Owner::random());
    let job = submitted(&store, &owner, "mine").await;
    assert_eq!(store.find(&stranger, &job.id).await.unwrap(), None);
    assert!(!store.cancel(&job.id, Some(&stranger)).await.unwrap());
    assert!(!store.delete(&stranger, &job.id).await.unwrap());
    assert_eq!(store.page(&stranger, Some(&job.id), 10).await.unwrap(), None);
    assert_eq!(store.page(&stranger, None, 10).await.unwrap().unwrap().jobs, []);
    assert_eq!(status(&store, &owner, &job).await, Status::Waiting { ahead: 0 });
}

#[tokio::test]
async fn a_history_comes_page_by_page_newest_first() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    for n in 0..5 {
        submitted(&store, &owner, &n.to_string()).await;
        submitted(&store, &Owner::random(), "another's").await;
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = store.page(&owner, before.as_ref(), 2).await.unwrap().unwrap();
        assert!(page.jobs.len() <= 2);
        seen.extend(page.jobs.iter().map(|job| job.prompt.clone()));
        before = page.jobs.last().map(|job| job.id.clone());
        // What comes in between does not move the pages.
        submitted(&store, &owner, "later").await;
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
    assert_eq!(store.page(&owner, Some(&JobId::random()), 2).await.unwrap(), None);
}

#[tokio::test]
async fn it_is_known_how_far_back_the_oldest_unfinished_job_lies() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    assert_eq!(store.unfinished_reach(&owner).await.unwrap(), 0);
    let mut jobs = Vec::new();
    for n in 0..4 {
        jobs.push(submitted(&store, &owner, &n.to_string()).await);
        submitted(&store, &Owner::random(), "another's").await;
    }
    for (cancelled, reach) in [(3, 4), (0, 3), (1, 2), (2, 0)] {
        assert!(store.cancel(&jobs[cancelled].id, Some(&owner)).await.unwrap());
        assert_eq!(store.unfinished_reach(&owner).await.unwrap(), reach);
    }
}

#[tokio::test]
async fn a_link_shows_a_job_that_is_done_and_no_other() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "a lion").await;
    assert_eq!(store.shared(&job.share).await.unwrap(), None, "it waits");
    let lease = claimed(&store).await.lease;
    store.picture_done(&lease, 0, b"png".to_vec()).await.unwrap().unwrap();
    assert_eq!(store.shared(&job.share).await.unwrap(), None, "it runs");
    let done = store.finish(&lease, &[]).await.unwrap().unwrap();
    assert_eq!(store.shared(&job.share).await.unwrap(), Some(done));
    assert_eq!(store.shared(&ShareToken::random()).await.unwrap(), None);
    assert!(store.delete(&owner, &job.id).await.unwrap());
    assert_eq!(store.shared(&job.share).await.unwrap(), None);
}

#[tokio::test]
async fn a_job_that_is_deleted_is_gone_in_every_state() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let (running, waiting) = (submitted(&store, &owner, "1").await, submitted(&store, &owner, "2").await);
    let lease = claimed(&store).await.lease;
    for job in [&running, &waiting] {
        assert!(store.delete(&owner, &job.id).await.unwrap());
        assert!(!store.delete(&owner, &job.id).await.unwrap());
        assert_eq!(store.find(&owner, &job.id).await.unwrap(), None);
        assert_eq!(store.finish(&lease, &[]).await.unwrap(), None);
    }
    assert!(next(&store).await.is_none());
    assert_eq!(submitted(&store, &owner, "3").await.status, Status::Waiting { ahead: 0 });
}
