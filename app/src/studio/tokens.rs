//! Where the phrases stand in the full text: asked of the server's tokenizer when nothing was typed for a moment.

use std::time::Duration;

use api::{Passage, Tokens, TokensRequest};
use editor::{PhrasePlace, Place, RegionId};
use layout::Occurrence;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Studio;
use crate::client;

/// How long nothing must be typed.
const PAUSE: Duration = Duration::from_millis(300);

impl Studio {
    /// Keeps [`Studio::tokens`] up to date from now on.
    pub fn follow_tokens(self) {
        let wanted = Memo::new(move |_| TokensRequest {
            prompt: self.text.get(),
            regions: self.regions.with(|regions| regions.iter().map(|region| region.text.clone()).collect()),
            occurrences: self.phrases.with(|all| all.iter().map(|phrase| phrase.meant.into()).collect()),
        });
        let timer = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |_| {
            let request = wanted.get();
            // Without a model there is no tokenizer; with it, this runs again.
            if self.model.with(Option::is_none) {
                return;
            }
            if let Some(timer) = timer.get_value() {
                timer.clear();
            }
            let ask = move || {
                spawn_local(async move {
                    let answer = client::post::<Tokens>(&format!("{}/tokens", api::ROOT), &request).await;
                    // A later text has its own answer.
                    if wanted.try_get_untracked().is_some_and(|now| now == request) {
                        self.tokens.set(answer.ok());
                    }
                })
            };
            timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
        });
    }

    /// How often the full text has a region's phrase.
    pub fn occurrences(self, id: RegionId) -> usize {
        self.phrase(id).map_or(0, |phrase| phrase.occurrences)
    }

    /// Which of them the region means.
    pub fn meant(self, id: RegionId) -> Occurrence {
        self.phrase(id).map(|phrase| phrase.meant).unwrap_or_default()
    }

    fn phrase(self, id: RegionId) -> Option<PhrasePlace> {
        self.phrases.with(|phrases| phrases.iter().find(|phrase| phrase.region == id).cloned())
    }

    /// Why a region's phrase is not bound, if so. The editor answers at once; the server's tokenizer, which also knows
    /// how many tokens there are, a moment later.
    pub fn phrase_problem(self, id: RegionId) -> Option<String> {
        let at = self.regions.with(|regions| regions.iter().position(|region| region.id == id))?;
        let place = self.phrases.with(|phrases| phrases.get(at).map(|phrase| phrase.place.clone()))?;
        match place {
            Place::Blank => None,
            Place::Missing { closest: Some(closest) } => {
                Some(format!("Not in the full text, which has “{closest}”."))
            }
            Place::Missing { closest: None } => Some("Not in the full text.".to_owned()),
            Place::Fewer { wanted, found } => {
                Some(format!("The full text has it {found} times; number {wanted} is wanted."))
            }
            Place::Found(_) => self.tokens.with(|tokens| match tokens.as_ref()?.regions.get(at)? {
                Passage::Missing { reason } => Some(reason.clone()),
                _ => None,
            }),
        }
    }
}
