//! The studio's state, shared by its components through context.

mod backdrop;
mod changes;
pub mod examples;
mod export;
mod files;
mod following;
mod history;
mod jobs;
mod model;
mod plain;
pub mod published;
mod saving;
mod seen;
pub mod settings;
mod surface;
mod tokens;

use api::{Model, Tokens, TokensRequest};
use editor::{Editor, Message, Parameters, PhrasePlace, Plan, Region, RegionId, Segment, Tool};
use leptos::prelude::*;
use request::{Defaults, Size};
use send_wrapper::SendWrapper;

use crate::server_status::ServerStatus;
pub use files::Proposal;
pub use jobs::Jobs;
pub use seen::{Beside, Seen};
pub use surface::Surface;
pub use tokens::PhraseProblem;

/// An action for later, in the browser.
type Wanted = SendWrapper<Box<dyn FnOnce()>>;

/// The state that components share: the pure editor holds the document, signals show it to the panels.
#[derive(Clone, Copy)]
pub struct Studio {
    editor: StoredValue<Editor>,
    // Only set in the browser.
    surface: StoredValue<Option<SendWrapper<Surface>>>,
    /// The regions, the background first.
    pub regions: RwSignal<Vec<Region>>,
    /// The region that is drawn with.
    pub selected: RwSignal<RegionId>,
    /// The region shown clearly while the others are faded.
    pub highlight: RwSignal<Option<RegionId>>,
    /// The full text.
    pub text: RwSignal<String>,
    /// The full text in pieces, marked by region.
    pub segments: Memo<Vec<Segment>>,
    /// Where each phrase is in it, according to the server's tokenizer; until it answers, to the editor.
    pub phrases: Memo<Vec<PhrasePlace>>,
    /// Where the editor finds the phrases.
    places: RwSignal<Vec<PhrasePlace>>,
    /// Does the full text follow the regions' texts?
    pub follows: RwSignal<bool>,
    /// The parameters that override the model's defaults.
    pub parameters: RwSignal<Parameters>,
    /// The picture's size.
    pub picture: RwSignal<Size>,
    /// The tool.
    pub tool: RwSignal<Tool>,
    /// The brush's diameter in map pixels.
    pub brush: RwSignal<f64>,
    /// Is there something to undo and to redo?
    pub history: RwSignal<(bool, bool)>,
    /// Is the shown picture seen under the drawing, if there is one?
    pub with_backdrop: RwSignal<bool>,
    /// Is nothing drawn yet?
    pub blank: RwSignal<bool>,
    /// A transient message to the user.
    pub notice: RwSignal<Option<String>>,
    /// What a key did on the canvas, for screen readers.
    pub said: RwSignal<String>,
    /// The server's state.
    server: ServerStatus,
    /// The model, once the server has reported it.
    pub model: RwSignal<Option<Model>>,
    /// The action that waits for the model.
    wanted: StoredValue<Option<Wanted>>,
    /// The parameters in effect.
    pub values: Memo<Defaults>,
    /// The texts that the server's tokenizer is asked about.
    asked: Memo<TokensRequest>,
    /// Its last answer, and the texts that it is about.
    tokens: RwSignal<Option<(TokensRequest, Tokens)>>,
    /// The generations.
    pub jobs: Jobs,
    /// A layout picture that awaits the user's decision.
    pub proposal: RwSignal<Option<Proposal>>,
    /// Items of the published benchmark, if the model can paint them.
    pub published: RwSignal<Vec<published::Item>>,
    /// Is the sheet of keys open?
    pub help: RwSignal<bool>,
    /// Does the browser keep another drawing?
    pub other: RwSignal<bool>,
    /// Incremented when the document has to be saved.
    unsaved: RwSignal<u32>,
    /// Its value when a document was opened: nothing is the user's own yet.
    opened: StoredValue<u32>,
    /// This drawing as the browser keeps it: key and text.
    former: StoredValue<Option<(String, String)>>,
    /// Does the document still wait for the model's size?
    sizeless: StoredValue<bool>,
}

impl Studio {
    /// A studio with an empty document.
    pub fn new() -> Self {
        let editor = Editor::default();
        let document = editor.document();
        let parameters = RwSignal::new(document.parameters().clone());
        let model = RwSignal::new(None::<Model>);
        let values = Memo::new(move |_| {
            let defaults = model.with(|model| model.as_ref().map(|model| model.defaults.clone()));
            parameters.with(|set| set.over(&defaults.unwrap_or_default()))
        });
        let regions = RwSignal::new(document.regions().cloned().collect::<Vec<_>>());
        let text = RwSignal::new(document.full_text());
        let places = RwSignal::new(document.phrases());
        let tokens = RwSignal::new(None);
        let asked = Memo::new(move |_| TokensRequest {
            prompt: text.get(),
            regions: regions.with(|regions| regions.iter().map(|region| region.text.clone()).collect()),
            occurrences: places.with(|all| all.iter().map(|phrase| phrase.meant.into()).collect()),
        });
        let phrases = Memo::new(move |_| tokens::corrected(places.get(), &asked.read(), &tokens.read()));
        let segments = Memo::new(move |_| editor::segments(text.with(String::len), &phrases.read()));
        Self {
            regions,
            selected: RwSignal::new(editor.selected()),
            highlight: RwSignal::new(None),
            text,
            segments,
            phrases,
            places,
            follows: RwSignal::new(document.text_follows()),
            picture: RwSignal::new(document.picture()),
            tool: RwSignal::new(editor.tool()),
            brush: RwSignal::new(editor.brush_size()),
            history: RwSignal::new((false, false)),
            with_backdrop: RwSignal::new(false),
            blank: RwSignal::new(true),
            notice: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            asked,
            tokens,
            jobs: Jobs::new(),
            proposal: RwSignal::new(None),
            published: RwSignal::new(Vec::new()),
            help: RwSignal::new(false),
            other: RwSignal::new(false),
            unsaved: RwSignal::new(0),
            opened: StoredValue::new(0),
            former: StoredValue::new(None),
            sizeless: StoredValue::new(true),
            editor: StoredValue::new(editor),
            surface: StoredValue::new(None),
            wanted: StoredValue::new(None),
            parameters,
            server: expect_context(),
            model,
            values,
        }
    }

    /// Sends a message to the editor and carries out its plan.
    pub fn send(self, message: Message) {
        self.press(message);
    }

    /// As [`Studio::send`]; returns whether the key or wheel had an effect.
    pub fn press(self, message: Message) -> bool {
        let Some(plan) = self.editor.try_update_value(|editor| editor.handle(message)) else {
            return false;
        };
        self.carry_out(&plan);
        plan.handled
    }

    /// Reads the editor.
    pub fn with_editor<T>(self, read: impl FnOnce(&Editor) -> T) -> T {
        self.editor.with_value(read)
    }

    /// Draws on this canvas from now on.
    pub fn set_surface(self, surface: Surface) {
        self.surface.set_value(Some(SendWrapper::new(surface)));
    }

    /// Redraws the canvas in the next frame.
    pub fn redraw(self) {
        self.editor.with_value(|editor| self.draw(editor, &Plan { view: true, ..Plan::default() }));
    }

    /// Draws a frame.
    fn draw_frame(self) {
        self.surface.with_value(|surface| {
            if let Some(surface) = surface {
                self.editor.with_value(|editor| surface.frame(editor));
            }
        });
    }

    fn draw(self, editor: &Editor, plan: &Plan) {
        self.surface.with_value(|surface| {
            let Some(surface) = surface else { return };
            if surface.accept(editor, plan) {
                request_animation_frame(move || self.draw_frame());
            }
        });
    }

    fn carry_out(self, plan: &Plan) {
        self.editor.with_value(|editor| {
            self.draw(editor, plan);
            let document = editor.document();
            if plan.panels.regions {
                self.selected.set(editor.selected());
                self.highlight.set(editor.highlight());
                self.regions.set(document.regions().cloned().collect());
            }
            if plan.panels.text || plan.panels.regions {
                self.places.set(document.phrases());
                self.follows.set(document.text_follows());
                self.text.set(document.full_text());
            }
            if plan.panels.parameters {
                self.parameters.set(document.parameters().clone());
                self.picture.set(document.picture());
            }
            if plan.panels.tools {
                self.tool.set(editor.tool());
                self.brush.set(editor.brush_size());
            }
            if plan.panels.history {
                self.history.set((editor.can_undo(), editor.redo_steps() > 0));
            }
        });
        if plan.dirty.is_some() {
            let blank = self.with_editor(|editor| {
                !editor.is_drawing() && editor.document().map().pixels().iter().all(|region| *region == 0)
            });
            if self.blank.get_untracked() != blank {
                self.blank.set(blank);
            }
        }
        if plan.document {
            self.jobs.outdated.set_value(true);
            // The change may have fixed what was wrong.
            if self.jobs.failure.with_untracked(Option::is_some) {
                self.jobs.failure.set(None);
            }
            self.unsaved.update(|count| *count = count.wrapping_add(1));
        }
        if let Some(notice) = &plan.notice {
            self.notice.set(Some(notice.to_string()));
        }
        if let Some(said) = &plan.said {
            // Screen readers repeat a message only if it differs.
            let again = self.said.with_untracked(|last| last == said);
            self.said.set(if again { format!("{said}\u{a0}") } else { said.clone() });
        }
    }
}

/// A region's name for display.
pub fn name(id: RegionId) -> String {
    match id {
        RegionId::BACKGROUND => "Background".to_owned(),
        id => format!("Region {}", id.number()),
    }
}

/// The regions' names, with the verb that fits.
pub fn are(ids: &[RegionId]) -> String {
    let verb = if ids.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", listed(ids.iter().map(|id| name(*id)).collect()))
}

/// Joins names as in a sentence.
pub fn listed(mut names: Vec<String>) -> String {
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}
