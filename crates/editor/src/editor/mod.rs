//! The editor: document, history, view, and the current gesture.

mod change;
mod gesture;
mod keyboard;
mod navigation;
mod pointing;
mod region_edit;
mod show;

use std::sync::Arc;

use std::ops::RangeInclusive;

use gesture::{Gesture, Owner};
use navigation::Navigation;

use crate::history::History;
use crate::map::IndexMap;
use crate::{Document, DocumentEdit, Message, Plan, Point, RegionId, Tool, Viewport};

/// The brush's diameters in map pixels.
pub const BRUSH_SIZES: RangeInclusive<f64> = 1.0..=400.0;

/// The whole editor as one value: messages go in, plans come out, and everything to show can be queried.
#[derive(Debug)]
pub struct Editor {
    document: Document,
    history: History,
    viewport: Viewport,
    tool: Tool,
    brush_size: f64,
    selected: RegionId,
    highlight: Option<RegionId>,
    gesture: Gesture,
    /// Who presses the tool for the gesture.
    owner: Option<Owner>,
    navigation: Option<Navigation>,
    /// The fingers on the view, in order of arrival, in view coordinates.
    touches: Vec<(i32, Point)>,
    /// Where the mouse or pen is over the map.
    hover: Option<Point>,
    /// Where the arrow keys have led on the map.
    cross: Option<Point>,
    /// Whether the space bar is held.
    space: bool,
    /// Whether a pen was used: then a touch alone may be the hand that holds it.
    has_pen: bool,
    /// Whether the user was told so.
    knows_pen: bool,
    /// The map before the size was changed, until anything else changes.
    stretched: Option<IndexMap>,
}

impl Editor {
    /// An editor of a document, with nothing to undo.
    pub fn new(document: Document) -> Self {
        let mut editor = Self {
            document,
            history: History::default(),
            viewport: Viewport::default(),
            tool: Tool::default(),
            brush_size: 48.0,
            selected: RegionId::BACKGROUND,
            highlight: None,
            gesture: Gesture::Idle,
            owner: None,
            navigation: None,
            touches: Vec::new(),
            hover: None,
            cross: None,
            space: false,
            has_pen: false,
            knows_pen: false,
            stretched: None,
        };
        editor.selected = editor.first_region();
        editor
    }

    /// Handles a message and returns what has to be shown anew.
    pub fn handle(&mut self, message: Message) -> Plan {
        let mut plan = Plan::default();
        let could_undo = self.can_undo();
        let resizes = matches!(message, Message::Document(DocumentEdit::Resize(_)));
        match message {
            Message::PointerDown(pointer) => self.pointer_down(&pointer, &mut plan),
            Message::PointerMoved(pointer) => self.pointer_moved(&pointer, &mut plan),
            Message::PointerUp(pointer) => self.pointer_up(&pointer, &mut plan),
            Message::PointerCancelled(id) => self.pointer_cancelled(id, &mut plan),
            Message::PointerLeft => plan.overlay |= self.hover.take().is_some(),
            Message::Wheel { at, delta, modifiers } => self.wheel(at, delta, modifiers, &mut plan),
            Message::View(view) => self.change_view(view, &mut plan),
            Message::KeyDown(key) => self.key_down(&key, &mut plan),
            Message::KeyUp(key) => self.key_up(&key, &mut plan),
            Message::Blurred => self.blur(&mut plan),
            Message::Finish => {
                self.finish(&mut plan);
                self.blur(&mut plan);
            }
            Message::Tool(tool) => self.take(tool, &mut plan),
            Message::BrushSize(size) => self.resize_brush(size, &mut plan),
            Message::Select(region) => self.select(region, &mut plan),
            Message::Highlight(region) => self.show_clearly(region, &mut plan),
            Message::Region(edit) => {
                if edit.is_drawn() {
                    self.finish(&mut plan);
                }
                self.edit_region(edit, &mut plan);
            }
            Message::Text(edit) => self.edit_text(edit, &mut plan),
            Message::Parameter(parameter) => self.set_parameter(parameter, &mut plan),
            Message::ResetParameters => {
                self.describe(None, &mut plan, |sheet| sheet.parameters = Arc::default());
            }
            Message::Document(edit) => {
                self.finish(&mut plan);
                self.edit_document(edit, &mut plan);
            }
            Message::Undo => self.undo(&mut plan),
            Message::Redo => self.redo(&mut plan),
        }
        plan.panels.history |= plan.document || could_undo != self.can_undo();
        if plan.document && !resizes {
            self.stretched = None;
        }
        plan
    }

    fn take(&mut self, tool: Tool, plan: &mut Plan) {
        if tool != self.tool {
            self.finish(plan);
            self.tool = tool;
            plan.panels.tools = true;
            plan.overlay = true;
        }
    }

    fn resize_brush(&mut self, size: f64, plan: &mut Plan) {
        let size = size.clamp(*BRUSH_SIZES.start(), *BRUSH_SIZES.end());
        if !size.is_nan() && size != self.brush_size {
            self.brush_size = size;
            plan.panels.tools = true;
            plan.overlay = true;
        }
    }

    fn select(&mut self, region: RegionId, plan: &mut Plan) {
        if region != self.selected && self.document.region(region).is_some() {
            self.selected = region;
            plan.panels.regions = true;
        }
    }

    fn show_clearly(&mut self, region: Option<RegionId>, plan: &mut Plan) {
        let region = region.filter(|region| self.document.region(*region).is_some());
        if region != self.highlight {
            self.highlight = region;
            plan.panels.regions = true;
            plan.paint(self.document.map.rect());
        }
    }

    fn blur(&mut self, plan: &mut Plan) {
        plan.overlay |= std::mem::take(&mut self.space);
        self.history.close_field();
    }

    /// The first region besides the background, if there is one.
    fn first_region(&self) -> RegionId {
        self.document.regions().nth(1).map_or(RegionId::BACKGROUND, |region| region.id)
    }
}

impl Default for Editor {
    /// An editor of an empty document.
    fn default() -> Self {
        Self::new(Document::default())
    }
}
