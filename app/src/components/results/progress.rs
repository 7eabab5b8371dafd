//! The progress of the current job.

use api::{Job, State};
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::server_status::ServerStatus;
use crate::show::Show;
use crate::studio::Studio;

/// A state in words.
pub fn state_text(state: &State) -> String {
    match state {
        State::Waiting { ahead: 0 } => "Next in the queue".to_owned(),
        State::Waiting { ahead: 1 } => "Waiting: 1 job comes first".to_owned(),
        State::Waiting { ahead } => format!("Waiting: {ahead} jobs come first"),
        State::Running { step, steps } => format!("Step {step} of {steps}"),
        State::Done => "Done".to_owned(),
        State::Failed { reason } => reason.clone(),
        State::Cancelled => "Cancelled".to_owned(),
    }
}

/// A job's progress and remaining time, or what keeps the server from painting it.
fn job_text(state: &State, left: Option<u64>, trouble: Option<String>) -> String {
    match (left, trouble) {
        _ if state.is_final() => state_text(state),
        (_, Some(trouble)) => trouble,
        (Some(left), None) => format!("{}, about {} left", state_text(state), duration(left)),
        (None, None) => state_text(state),
    }
}

fn duration(milliseconds: u64) -> String {
    match milliseconds.div_ceil(1000) {
        seconds @ 0..=90 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// A progress bar with text; it announces changes of state to screen readers, not every step.
#[component]
pub fn Progress() -> AnyView {
    let jobs = expect_context::<Studio>().jobs;
    let ServerStatus(server) = expect_context::<ServerStatus>();
    let trouble = move || match server.get() {
        Some(status) if !jobs.lost.get() => status.problem,
        _ => Some("The server does not answer; trying again …".to_owned()),
    };
    let state = Memo::new(move |_| jobs.current.with(|job: &Option<Job>| Some(job.as_ref()?.state.clone())));
    let announced = Memo::new(move |_| match state.get() {
        Some(State::Running { .. }) => "Painting".to_owned(),
        Some(state) => state_text(&state),
        None => String::new(),
    });
    let bar = move || match state.get()? {
        State::Running { step, steps } => Some((step, steps.max(1))),
        State::Waiting { .. } => Some((0, 1)),
        _ => None,
    };
    view! {
        <div class="progress">
            <Show when=move || bar().is_some()>
                <progress
                    aria-label="Progress"
                    max=move || bar().map(|(_, steps)| steps.to_string())
                    value=move || bar().map(|(step, _)| step.to_string())
                ></progress>
            </Show>
            <p class="progress-text" data-testid="progress">
                // The state of a finished job would be no help beside what is wrong with the next.
                {move || {
                    let refused = jobs.failure.with(Option::is_some);
                    jobs.current.with(|job| {
                        let job = job.as_ref().filter(|job| !refused || !job.state.is_final());
                        job.map(|job| {
                            let how_far = job_text(&job.state, job.left, trouble());
                            match jobs.repainted.get().filter(|_| !job.state.is_final()) {
                                Some(text) => {
                                    let what = format!("Repainting {text}");
                                    format!("{}: {how_far}", what.trim_end())
                                }
                                None => how_far,
                            }
                        })
                    })
                }}
            </p>
            <p class="visually-hidden" aria-live="polite">
                {announced}
            </p>
        </div>
    }
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_told_in_words() {
        assert_eq!(state_text(&State::Waiting { ahead: 2 }), "Waiting: 2 jobs come first");
        let running = State::Running { step: 3, steps: 20 };
        assert_eq!(job_text(&running, None, None), "Step 3 of 20");
        assert_eq!(job_text(&running, Some(61_200), None), "Step 3 of 20, about 62 s left");
        assert_eq!(job_text(&running, Some(121_000), None), "Step 3 of 20, about 3 min left");
    }

    #[test]
    fn what_keeps_the_server_from_painting_is_told_until_a_job_is_over() {
        let told = |state, trouble: Option<&str>| job_text(&state, Some(9000), trouble.map(str::to_owned));
        let waiting = State::Waiting { ahead: 0 };
        assert_eq!(told(waiting.clone(), None), "Next in the queue, about 9 s left");
        assert_eq!(told(waiting, Some("There is no model.")), "There is no model.");
        assert_eq!(told(State::Done, Some("There is no model.")), "Done");
    }
}
