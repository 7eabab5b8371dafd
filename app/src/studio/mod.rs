//! The studio's state, shared by its components through context.

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

/// Something to do later, in the browser.
type Wanted = SendWrapper<Box<dyn FnOnce()>>;

/// All that the components share. The pure editor holds the document; the signals tell what of it the panels show.
#[derive(Clone, Copy)]
pub struct Studio {
    editor: StoredValue<Editor>,
    // Only the browser ever puts something in.
    surface: StoredValue<Option<SendWrapper<Surface>>>,
    /// The regions, the background first.
    pub regions: RwSignal<Vec<Region>>,
    /// The region that is drawn with.
    pub selected: RwSignal<RegionId>,
    /// The region that is shown clearly while the others are faded.
    pub highlight: RwSignal<Option<RegionId>>,
    /// The full text.
    pub text: RwSignal<String>,
    /// The full text in pieces, marked by region.
    pub segments: Memo<Vec<Segment>>,
    /// Where each region's phrase is in it: as the server's tokenizer says; until it does, as the editor finds.
    pub phrases: Memo<Vec<PhrasePlace>>,
    /// What the editor finds.
    places: RwSignal<Vec<PhrasePlace>>,
    /// Does the full text follow the regions' texts?
    pub follows: RwSignal<bool>,
    /// What is set beyond the model's defaults.
    pub parameters: RwSignal<Parameters>,
    /// The picture's size.
    pub picture: RwSignal<Size>,
    /// The tool.
    pub tool: RwSignal<Tool>,
    /// The brush's diameter in pixels of the map.
    pub brush: RwSignal<f64>,
    /// Is there something to undo and to redo?
    pub history: RwSignal<(bool, bool)>,
    /// Is nothing drawn yet?
    pub blank: RwSignal<bool>,
    /// Something to tell the user in passing.
    pub notice: RwSignal<Option<String>>,
    /// What a key did on the canvas, for whoever does not see it.
    pub said: RwSignal<String>,
    /// How the server is.
    server: ServerStatus,
    /// The model, once the server has told.
    pub model: RwSignal<Option<Model>>,
    /// What is done once it is there.
    wanted: StoredValue<Option<Wanted>>,
    /// The parameters in effect.
    pub values: Memo<Defaults>,
    /// The texts as the server's tokenizer is asked about them.
    asked: Memo<TokensRequest>,
    /// What it said last, and of which texts.
    tokens: RwSignal<Option<(TokensRequest, Tokens)>>,
    /// The generations.
    pub jobs: Jobs,
    /// A layout picture that waits for the user's word.
    pub proposal: RwSignal<Option<Proposal>>,
    /// Items of the published benchmark, where the model can paint them.
    pub published: RwSignal<Vec<published::Item>>,
    /// Is the sheet of keys open?
    pub help: RwSignal<bool>,
    /// Is there a drawing of another tab?
    pub other: RwSignal<bool>,
    /// Grows when the document is to be saved.
    unsaved: RwSignal<u32>,
    /// What it was when a document was opened: nothing of one's own is in it yet.
    opened: StoredValue<u32>,
    /// The version of this drawing that the browser keeps, after its key.
    former: StoredValue<Option<(String, String)>>,
    /// Does the document still wait for the model to say its size?
    sizeless: StoredValue<bool>,
}

impl Studio {
    /// An empty document.
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

    /// Tells the editor and carries out what it plans.
    pub fn send(self, message: Message) {
        self.press(message);
    }

    /// As [`Studio::send`]; whether the key or wheel meant something.
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

    /// Draws the canvas again, at the next frame.
    pub fn redraw(self) {
        self.editor.with_value(|editor| self.draw(editor, &Plan { view: true, ..Plan::default() }));
    }

    /// Draws what a frame shows.
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
            // What was wrong may be right by now.
            if self.jobs.failure.with_untracked(Option::is_some) {
                self.jobs.failure.set(None);
            }
            self.unsaved.update(|count| *count = count.wrapping_add(1));
        }
        if let Some(notice) = &plan.notice {
            self.notice.set(Some(notice.to_string()));
        }
        if let Some(said) = &plan.said {
            // What is said again is no news to a screen reader unless it differs.
            let again = self.said.with_untracked(|last| last == said);
            self.said.set(if again { format!("{said}\u{a0}") } else { said.clone() });
        }
    }
}

/// What a region is called.
pub fn name(id: RegionId) -> String {
    match id {
        RegionId::BACKGROUND => "Background".to_owned(),
        id => format!("Region {}", id.number()),
    }
}

/// What regions are called, with the verb that fits.
pub fn are(ids: &[RegionId]) -> String {
    let verb = if ids.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", listed(ids.iter().map(|id| name(*id)).collect()))
}

/// Several names in a sentence.
pub fn listed(mut names: Vec<String>) -> String {
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}
