//! What the controls do, as messages to the editor.

use api::{Failure, Limits};
use editor::{DocumentEdit, Message, Parameter, Region, RegionEdit, RegionId, TextEdit};
use layout::MAX_REGIONS;
use leptos::prelude::*;
use request::{GenerationRequest, InpaintRequest, Size, limits};

use super::settings::Number;
use super::{Studio, are};
use crate::client;

impl Studio {
    /// Sets a parameter.
    pub fn set(self, parameter: Parameter) {
        self.send(Message::Parameter(parameter));
    }

    /// The IDs of the document's regions, the background first.
    pub fn region_ids(self) -> Memo<Vec<RegionId>> {
        Memo::new(move |_| self.regions.with(|regions| regions.iter().map(|region| region.id).collect()))
    }

    /// Watches a region; `None` once it is gone.
    pub fn watch_region(self, id: RegionId) -> Memo<Option<Region>> {
        Memo::new(move |_| self.find_region(id))
    }

    /// Finds a region; `None` if it is gone.
    pub fn find_region(self, id: RegionId) -> Option<Region> {
        self.regions.with(|all| all.iter().find(|region| region.id == id).cloned())
    }

    /// Whether there are as many regions as allowed.
    pub fn is_full(self) -> bool {
        self.regions.with(|regions| regions.len() >= MAX_REGIONS)
    }

    /// Changes a region.
    pub fn region(self, edit: RegionEdit) {
        self.send(Message::Region(edit));
    }

    /// Changes the full text.
    pub fn write(self, edit: TextEdit) {
        self.send(Message::Text(edit));
    }

    /// Resets all parameters to the model's defaults.
    pub fn reset_parameters(self) {
        self.send(Message::ResetParameters);
    }

    /// The server's limits; until it has reported them, the default ones.
    fn limits(self) -> Limits {
        self.model.with(|model| model.as_ref().map(|model| model.limits).unwrap_or_default())
    }

    /// The largest value of a number: the server may allow less than the request format.
    pub fn largest(self, number: &Number) -> f64 {
        let [least, most] = number.allowed;
        let host = match number.field {
            "steps" => f64::from(self.limits().steps),
            "samples" => f64::from(self.limits().samples),
            _ => most,
        };
        host.clamp(least, most)
    }

    /// The sides of a picture are multiples of this many pixels.
    pub fn multiple(self) -> u32 {
        self.model.with(|model| model.as_ref().map_or(limits::SIDE_MULTIPLE, |model| model.multiple.max(1)))
    }

    /// The longest side of a picture in pixels.
    pub fn longest_side(self) -> u32 {
        self.limits().side.min(*limits::SIDE.end())
    }

    /// Resizes the picture, to the nearest size that the model can paint.
    pub fn resize(self, (width, height): (i64, i64)) {
        let (multiple, longest) = untrack(|| (i64::from(self.multiple()), i64::from(self.longest_side())));
        let side = |pixels: i64| {
            let largest = longest / multiple * multiple;
            ((pixels.clamp(0, longest) + multiple / 2) / multiple * multiple)
                .clamp(multiple, largest.max(multiple))
        };
        if let Some(size) = Size::new(side(width), side(height)) {
            self.send(Message::Document(DocumentEdit::Resize(size)));
        }
    }

    /// Resizes to an aspect ratio, with about as many pixels as the model's own size.
    pub fn resize_to_ratio(self, width: i64, height: i64) {
        let own = self.values.with_untracked(|values| values.width * values.height) as f64;
        let unit = (own / (width * height) as f64).sqrt();
        self.resize(((unit * width as f64).round() as i64, (unit * height as f64).round() as i64));
    }

    /// Starts an empty document of the same size; can be undone.
    pub fn start_anew(self) {
        self.notice.set(None);
        self.put_aside();
        self.send(Message::Document(DocumentEdit::New(self.picture.get_untracked())));
    }

    /// The document as a request.
    pub fn request(self) -> GenerationRequest {
        self.with_editor(|editor| editor.document().to_request())
    }

    /// Sends the document to be painted, and notes what is probably a mistake.
    pub fn generate(self) {
        self.paint(true, Box::new(|_| ()));
    }

    /// Paints the drawing as it is now. What is being painted of an older one is given up for it; of this one, it is cancelled.
    pub fn generate_or_cancel(self) {
        match (self.jobs.is_busy_now(), self.jobs.outdated.get_value()) {
            (false, _) => self.generate(),
            (true, true) => self.jobs.cancel_then(Box::new(move || self.generate())),
            (true, false) => self.jobs.cancel(),
        }
    }

    /// As [`Studio::generate`], but with the seed of an example.
    pub fn generate_example(self, seed: i64) {
        self.paint(false, Box::new(move |request| request.seed = Some(seed)));
    }

    /// Repaints the selected region of a picture of `size` with another seed; the rest of it stays.
    pub fn repaint(self, path: String, size: (u32, u32)) {
        let selected = self.selected.get_untracked();
        let Some(called) = untrack(|| self.find_region(selected)).map(|region| region.called()) else {
            return;
        };
        let own = self.picture.get_untracked();
        let area = self.with_editor(|editor| editor.document().map().areas()[usize::from(selected.number())]);
        if (own.width(), own.height()) != size {
            let what = format!(
                "This picture has {} × {} pixels: give the drawing that size to repaint it",
                size.0, size.1
            );
            return self.notice.set(Some(what));
        }
        if area == 0 {
            return self
                .notice
                .set(Some(format!("Draw {called} first: only what is drawn can be repainted")));
        }
        self.paint(
            true,
            Box::new(move |request| {
                // The regions may have changed while waiting for the model.
                let place = self.regions.with_untracked(|all| all.iter().position(|it| it.id == selected));
                let regions = place.map(|place| place as i64).into_iter().collect();
                (request.inpaint, request.seed) = (Some(InpaintRequest { image: path, regions }), None);
                // The pressed button disappears with its picture; this one cancels.
                client::focus(".generate");
            }),
        );
    }

    fn paint(self, own: bool, change: Box<dyn FnOnce(&mut GenerationRequest)>) {
        if self.jobs.is_busy_now() || self.jobs.sending.get_untracked() {
            return;
        }
        if self.model.with_untracked(Option::is_none) {
            return self.wait_for_model(move || self.paint(own, change));
        }
        self.send(Message::Finish);
        self.notice.set(None);
        if self.text.with_untracked(|text| text.trim().is_empty()) {
            let what = "There is no text yet: label a region, or write the full text";
            return self.jobs.failure.set(Some(Failure::message(what)));
        }
        let half_done = self.with_editor(|editor| editor.document().half_done());
        let lacks = half_done.iter().zip(["without text: anything may come there", "not drawn yet"]);
        let told = lacks.filter(|(regions, _)| !regions.is_empty());
        let told: Vec<String> = told.map(|(regions, lack)| format!("{} {lack}", are(regions))).collect();
        if self.blank.get_untracked() {
            self.notice.set(Some("Nothing is drawn: the text alone says what goes where".to_owned()));
        } else if !told.is_empty() {
            self.notice.set(Some(told.join("; ")));
        }
        let mut request = self.request();
        change(&mut request);
        self.jobs.own.set_value(own);
        self.jobs.start(request);
    }
}
