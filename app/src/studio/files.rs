//! Opening files: project files, layout pictures, pictures made by this program.

use editor::{Document, DocumentEdit, Import, Message, Opened};
use layout::{ColorMatch, CountedPicture, LayoutError, MAX_SIDE, Picture};
use leptos::prelude::*;
use leptos::task::spawn_local;
use request::GenerationRequest;
use web_sys::Blob;

use super::Studio;
use super::examples::Example;
use crate::client;
use crate::png_text::carried_request;

/// A larger file is none of ours.
const MAX_BYTES: f64 = 64e6;

/// A dropped layout picture, and how to match its colours.
#[derive(Clone)]
pub struct Proposal {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
    tolerance: u8,
    /// Counted once, so that the tolerance can be tried out.
    counted: Result<CountedPicture, LayoutError>,
}

impl Proposal {
    fn new((width, height, rgba): (u32, u32, Vec<u8>)) -> Self {
        let tolerance = layout::MERGE_TOLERANCE;
        let counted = CountedPicture::new(Picture { width, height, rgba: &rgba }, matching(tolerance));
        Self { width, height, rgba, tolerance, counted }
    }

    /// Colours that differ by no more than this in each channel are one, and blurred edges join the nearest
    /// region; 0: every single colour is a region.
    pub fn tolerance(&self) -> u8 {
        self.tolerance
    }

    /// Changes the tolerance.
    pub fn set_tolerance(&mut self, tolerance: u8) {
        let before = std::mem::replace(&mut self.tolerance, tolerance);
        if (before == 0) != (tolerance == 0) {
            let picture = Picture { width: self.width, height: self.height, rgba: &self.rgba };
            self.counted = CountedPicture::new(picture, matching(tolerance));
        }
    }

    /// The regions that it would become.
    ///
    /// # Errors
    /// Why it is no layout.
    pub fn import(&self) -> Result<Import, String> {
        let counted = self.counted.as_ref().map_err(LayoutError::clone);
        let import = counted.and_then(|counted| Import::of_counted(counted, matching(self.tolerance)));
        import.map_err(|error| match error {
            LayoutError::TooManyColors { .. } => format!("{error}, or raise the tolerance"),
            other => other.to_string(),
        })
    }
}

fn matching(tolerance: u8) -> ColorMatch {
    match tolerance {
        0 => ColorMatch::Exact,
        tolerance => ColorMatch::Within(tolerance),
    }
}

impl Studio {
    /// Opens a file of any supported kind.
    pub fn open_file(self, file: Blob) {
        self.notice.set(None);
        spawn_local(async move {
            let opened = if file.size() > MAX_BYTES {
                Err("this file is too large for a layout or a project".to_owned())
            } else {
                match client::read_bytes(&file).await {
                    Ok(bytes) => self.open_bytes(bytes).await,
                    Err(_) => Err("the file cannot be read".to_owned()),
                }
            };
            if let Err(problem) = opened {
                self.notice.set(Some(problem));
            }
        });
    }

    async fn open_bytes(self, bytes: Vec<u8>) -> Result<(), String> {
        if let Ok(text) = std::str::from_utf8(&bytes) {
            // A text that is not even JSON was never a project.
            if !text.trim_start().starts_with('{') {
                return Err("this is neither a picture nor a project file".to_owned());
            }
            return self.open_project(text);
        }
        if let Some(text) = carried_request(&bytes)? {
            let request = serde_json::from_str(&text)
                .map_err(|error| format!("its request cannot be read: {error}"))?;
            return self.open_request(&request);
        }
        self.proposal.set(Some(Proposal::new(client::decode_picture(&bytes, MAX_SIDE).await?)));
        Ok(())
    }

    /// Opens a request as the document; can be undone.
    ///
    /// # Errors
    /// Why it cannot be drawn.
    pub fn open_request(self, request: &GenerationRequest) -> Result<(), String> {
        self.load(Opened::of_request(request).map_err(|error| error.to_string())?);
        Ok(())
    }

    /// Starts with a document, before anything is drawn.
    pub(super) fn begin(self, document: Document) {
        self.send(Message::Document(DocumentEdit::Begin(Box::new(document))));
    }

    /// Opens a document, and notes what was lost in reading it.
    pub(super) fn load(self, opened: Opened) {
        let kept = self.put_aside();
        self.show_opened(opened);
        if !kept {
            self.tell_of_no_room();
        }
    }

    pub(super) fn show_opened(self, opened: Opened) {
        self.sizeless.set_value(false);
        self.send(Message::Document(DocumentEdit::Load(Box::new(opened.document))));
        self.opened.set_value(self.unsaved.get_untracked());
        let notes: Vec<String> = opened.notes.iter().map(ToString::to_string).collect();
        self.notice.set((!notes.is_empty()).then(|| notes.join("; ")));
    }

    /// A request as a project file.
    ///
    /// # Errors
    /// As [`Studio::open_request`].
    pub fn read_request(request: &GenerationRequest) -> Result<String, String> {
        Opened::of_request(request)
            .map(|opened| opened.document.to_project())
            .map_err(|error| error.to_string())
    }

    /// Opens an example.
    pub fn open_example(self, example: &Example) {
        if let Err(problem) = self.open_sized(example.request()) {
            self.notice.set(Some(problem));
        }
    }

    /// Opens an example and paints the picture that the page shows of it.
    pub fn paint_example(self, example: &'static Example) {
        if self.jobs.is_busy_now() {
            self.notice.set(Some("Another picture is being painted: wait for it, or cancel it".to_owned()));
        } else if self.model.with_untracked(Option::is_none) {
            self.wait_for_model(move || self.paint_example(example));
        } else {
            self.open_example(example);
            self.generate_example(example.seed);
        }
    }

    /// Opens a request at the model's own picture size.
    pub(super) fn open_sized(self, mut request: GenerationRequest) -> Result<(), String> {
        let values = self.values.get_untracked();
        (request.width, request.height) = (Some(values.width), Some(values.height));
        self.open_request(&request)?;
        self.size_by_default();
        Ok(())
    }

    /// Replaces the drawing with the layout picture.
    pub fn accept(self, proposal: &Proposal) {
        match proposal.import() {
            Ok(import) => {
                let own = self.picture.get_untracked();
                let size = import.picture_size(own.width().max(own.height()), untrack(|| self.multiple()));
                self.load(self.with_editor(|editor| import.document(size, editor.document())));
                self.size_by_default();
            }
            Err(problem) => self.notice.set(Some(problem)),
        }
        self.proposal.set(None);
    }

    /// Opens what a job was made from.
    pub fn use_settings(self, job: api::JobId) {
        spawn_local(async move {
            let path = format!("{}/request", client::job_path(&job));
            let request = client::get::<GenerationRequest>(&path).await.map_err(|failure| failure.message);
            if let Err(problem) = request.and_then(|request| self.open_request(&request)) {
                self.notice.set(Some(problem));
            }
        });
    }

    /// Copies a permalink to the clipboard; if the browser refuses, shows it to be copied by hand.
    pub fn share(self, token: &str) {
        let Some(window) = web_sys::window() else {
            return;
        };
        let link = format!("{}/shared/{token}", window.location().origin().unwrap_or_default());
        spawn_local(async move {
            match client::copy_text(&link).await {
                Ok(()) => self.notice.set(Some(format!("Copied: {link}"))),
                Err(_) if window.prompt_with_message_and_default("The permalink:", &link).is_ok() => {}
                Err(_) => self.notice.set(Some(link)),
            }
        });
    }
}
