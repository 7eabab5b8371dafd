//! What every store of jobs must do, whatever it keeps them in.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{MUCH, new_job, status, store, submitted, taken};
use jobs::{JobId, Owner, Room, ShareToken, Status, Submission};

#[tokio::test]
async fn a_job_goes_from_waiting_over_running_to_done_with_its_pictures() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "a lion").await;
    assert_eq!(job.status, Status::Waiting { ahead: 0 });
    assert_eq!((job.seed, job.width, job.height, job.samples, job.steps), (1 << 53, 64, 48, 2, 20));

    let claimed = store.claim().await.unwrap().unwrap();
    assert_eq!((claimed.job.id.clone(), claimed.job.status), (job.id.clone(), Status::Running));
    assert_eq!(claimed.request, r#"{"prompt":"a lion"}"#);
    assert!(store.claim().await.unwrap().is_none(), "nothing else waits");

    for (number, png) in [(0, b"first".to_vec()), (1, b"second".to_vec())] {
        let job = store.picture_done(&job.id, number, png).await.unwrap().unwrap();
        assert_eq!(job.pictures, number + 1);
    }
    let done = store.finish(&job.id, &["text: too long".to_owned()]).await.unwrap().unwrap();
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
    assert_eq!(store.claim().await.unwrap().unwrap().job.id, jobs[0].id);
    assert_eq!(
        status(&store, &first, &jobs[2]).await,
        Status::Waiting { ahead: 2 },
        "the running one counts"
    );
    store.fail(&jobs[0].id, "no").await.unwrap().unwrap();
    assert_eq!(status(&store, &first, &jobs[2]).await, Status::Waiting { ahead: 1 });
    assert_eq!(store.claim().await.unwrap().unwrap().job.id, jobs[1].id);
    store.cancel(&second, &jobs[1].id).await.unwrap().unwrap();
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
                async move { store.claim().await.unwrap().unwrap().job.prompt }
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
    for _ in 0..3 {
        store.claim().await.unwrap().unwrap();
    }
    store.finish(&done.id, &[]).await.unwrap().unwrap();
    store.fail(&failed.id, "the reason").await.unwrap().unwrap();
    for job in [&cancelled, &waiting] {
        assert_eq!(store.cancel(&owner, &job.id).await.unwrap().unwrap().status, Status::Cancelled);
    }
    let expected = [
        (&done, Status::Done),
        (&failed, Status::Failed { reason: "the reason".into() }),
        (&cancelled, Status::Cancelled),
        (&waiting, Status::Cancelled),
    ];
    for (job, state) in expected {
        assert_eq!(store.finish(&job.id, &[]).await.unwrap(), None);
        assert_eq!(store.fail(&job.id, "late").await.unwrap(), None);
        assert_eq!(store.picture_done(&job.id, 0, b"late".to_vec()).await.unwrap(), None);
        store.release(&job.id).await.unwrap();
        store.recover().await.unwrap();
        assert_eq!(store.cancel(&owner, &job.id).await.unwrap().unwrap().status, state);
        assert_eq!(status(&store, &owner, job).await, state);
    }
    assert!(store.claim().await.unwrap().is_none());
}

#[tokio::test]
async fn a_client_has_so_many_open_jobs_and_no_more() {
    let (_folder, store) = store().await;
    let (owner, other) = (Owner::random(), Owner::random());
    let room = Room { owner: 2, ..MUCH };
    let submit = async |owner, prompt| store.submit(owner, &new_job(prompt), room).await.unwrap();
    let first = taken(submit(&owner, "1").await);
    taken(submit(&owner, "2").await);
    store.claim().await.unwrap().unwrap();
    assert_eq!(submit(&owner, "3").await, Submission::OwnerFull, "one runs, one waits");
    taken(submit(&other, "another client's do not count").await);
    store.finish(&first.id, &[]).await.unwrap().unwrap();
    taken(submit(&owner, "5").await);
}

#[tokio::test]
async fn so_many_jobs_wait_and_no_more() {
    let (_folder, store) = store().await;
    let room = Room { queue: 2, ..MUCH };
    let submit = async |prompt| store.submit(&Owner::random(), &new_job(prompt), room).await.unwrap();
    taken(submit("1").await);
    taken(submit("2").await);
    assert_eq!(submit("3").await, Submission::QueueFull);
    store.claim().await.unwrap().unwrap();
    taken(submit("what runs does not wait").await);
    assert_eq!(submit("5").await, Submission::QueueFull);
}

#[tokio::test]
async fn another_clients_jobs_are_not_there() {
    let (_folder, store) = store().await;
    let (owner, stranger) = (Owner::random(), Owner::random());
    let job = submitted(&store, &owner, "mine").await;
    assert_eq!(store.find(&stranger, &job.id).await.unwrap(), None);
    assert_eq!(store.cancel(&stranger, &job.id).await.unwrap(), None);
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
async fn a_link_shows_a_job_that_is_done_and_no_other() {
    let (_folder, store) = store().await;
    let owner = Owner::random();
    let job = submitted(&store, &owner, "a lion").await;
    assert_eq!(store.shared(&job.share).await.unwrap(), None, "it waits");
    store.claim().await.unwrap().unwrap();
    store.picture_done(&job.id, 0, b"png".to_vec()).await.unwrap().unwrap();
    assert_eq!(store.shared(&job.share).await.unwrap(), None, "it runs");
    let done = store.finish(&job.id, &[]).await.unwrap().unwrap();
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
    store.claim().await.unwrap().unwrap();
    for job in [&running, &waiting] {
        assert!(store.delete(&owner, &job.id).await.unwrap());
        assert!(!store.delete(&owner, &job.id).await.unwrap());
        assert_eq!(store.find(&owner, &job.id).await.unwrap(), None);
        assert_eq!(store.finish(&job.id, &[]).await.unwrap(), None);
    }
    assert!(store.claim().await.unwrap().is_none());
    assert_eq!(submitted(&store, &owner, "3").await.status, Status::Waiting { ahead: 0 });
}
