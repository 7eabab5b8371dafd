//! Where the phrases are in the full text: the server's tokenizer is asked after a pause in typing.

use std::time::Duration;

use api::{Passage, Tokens, TokensRequest};
use editor::{PhrasePlace, Place, RegionId};
use layout::Occurrence;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Studio;
use crate::client;

/// The pause in typing.
const PAUSE: Duration = Duration::from_millis(300);

/// The places that the editor found, corrected where the server's tokenizer differs on the same texts.
pub(super) fn corrected(
    mut places: Vec<PhrasePlace>,
    asked: &TokensRequest,
    told: &Option<(TokensRequest, Tokens)>,
) -> Vec<PhrasePlace> {
    if let Some((request, tokens)) = told
        && request == asked
    {
        for (phrase, passage) in places.iter_mut().zip(&tokens.regions) {
            phrase.correct(match passage {
                Passage::At { start, end } => Some(*start as usize..*end as usize),
                _ => None,
            });
        }
    }
    places
}

impl Studio {
    /// Asks whenever the texts change, from now on.
    pub fn follow_tokens(self) {
        let timer = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |_| {
            let request = self.asked.get();
            // Without a model there is no tokenizer; once there is one, this runs again.
            if self.model.with(Option::is_none) {
                return;
            }
            if let Some(timer) = timer.get_value() {
                timer.clear();
            }
            let ask = move || {
                spawn_local(async move {
                    let answer = client::post::<Tokens>(&format!("{}/tokens", api::ROOT), &request).await;
                    // A later text gets its own answer.
                    if self.asked.try_get_untracked().is_some_and(|now| now == request) {
                        self.tokens.set(answer.ok().map(|tokens| (request, tokens)));
                    }
                })
            };
            timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
        });
    }

    /// The number of tokens in the full text, and the model's limit.
    pub fn count(self) -> Option<(u32, u32)> {
        self.tokens.with(|known| known.as_ref().map(|(_, tokens)| (tokens.used, tokens.limit)))
    }

    /// Words of the full text that the model was not trained on.
    pub fn unknown_words(self) -> Vec<String> {
        self.tokens.with(|known| known.as_ref().map(|(_, tokens)| tokens.unknown.clone()).unwrap_or_default())
    }

    /// How often the full text contains a region's phrase.
    pub fn occurrences(self, id: RegionId) -> usize {
        self.phrase(id).map_or(0, |phrase| phrase.occurrences)
    }

    /// Which occurrence the region refers to.
    pub fn meant(self, id: RegionId) -> Occurrence {
        self.phrase(id).map(|phrase| phrase.meant).unwrap_or_default()
    }

    fn phrase(self, id: RegionId) -> Option<PhrasePlace> {
        self.phrases.with(|phrases| phrases.iter().find(|phrase| phrase.region == id).cloned())
    }

    /// Why a region's phrase is not bound, if so. The editor answers at once; the server's tokenizer, which
    /// also knows the number of tokens, a moment later.
    pub fn phrase_problem(self, id: RegionId) -> Option<PhraseProblem> {
        let at = self.regions.with(|regions| regions.iter().position(|region| region.id == id))?;
        let place = self.phrases.with(|phrases| phrases.get(at).map(|phrase| phrase.place.clone()))?;
        let said = match place {
            Place::Blank => return None,
            Place::Missing { closest: Some(closest) } => {
                format!("Not in the full text, which has “{closest}”.")
            }
            Place::Missing { closest: None } => "Not in the full text.".to_owned(),
            Place::Fewer { wanted, found } => {
                format!("The full text has it {found} times; number {wanted} is wanted.")
            }
            Place::Found(_) => {
                // An answer about other texts says nothing about these.
                let told = self.tokens.read();
                let (_, tokens) = told.as_ref().filter(|told| self.asked.with(|asked| told.0 == *asked))?;
                return match tokens.regions.get(at)? {
                    // A phrase beyond what the model reads is not fixed by more text.
                    Passage::Missing { reason } => {
                        Some(PhraseProblem { said: reason.clone(), can_repair: false })
                    }
                    _ => None,
                };
            }
        };
        Some(PhraseProblem { said, can_repair: true })
    }
}

/// Why a region's phrase is not bound.
#[derive(Clone, PartialEq)]
pub struct PhraseProblem {
    /// The reason in words.
    pub said: String,
    /// Whether [`editor::TextEdit::Repair`] fixes it.
    pub can_repair: bool,
}
