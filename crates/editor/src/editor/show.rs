//! What a page can query.

use super::{Editor, Gesture, Navigation};
use crate::{Document, Point, Rect, RegionId, Shape, Tool, Viewport};

impl Editor {
    /// The document.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The region that is drawn with.
    pub fn selected(&self) -> RegionId {
        self.selected
    }

    /// The region that is shown clearly while the others are faded.
    pub fn highlight(&self) -> Option<RegionId> {
        self.highlight
    }

    /// The current tool.
    pub fn tool(&self) -> Tool {
        self.tool
    }

    /// The brush's diameter in map pixels.
    pub fn brush_size(&self) -> f64 {
        self.brush_size
    }

    /// Where the map is in the view.
    pub fn viewport(&self) -> Viewport {
        self.viewport
    }

    /// How many steps can be undone.
    pub fn undo_steps(&self) -> usize {
        self.history.undo_steps()
    }

    /// Whether a step can be undone, or a corner of a polygon removed.
    pub fn can_undo(&self) -> bool {
        self.undo_steps() > 0 || self.is_waiting()
    }

    /// How many steps can be redone.
    pub fn redo_steps(&self) -> usize {
        self.history.redo_steps()
    }

    /// Whether a gesture is in progress: saving should wait.
    pub fn is_drawing(&self) -> bool {
        self.is_busy()
    }

    /// Fills `rgba` with the pixels of a part of the map, as [`Document::paint_rgba`] with [`Editor::highlight`].
    pub fn paint_rgba(&self, rect: Rect, rgba: &mut [u8]) {
        self.document.paint_rgba(rect, self.highlight, rgba);
    }

    /// The shapes to draw over the map, in map coordinates.
    pub fn overlay(&self) -> Vec<Shape> {
        let mut shapes = match &self.gesture {
            Gesture::Shape(shape) => vec![shape.outline()],
            Gesture::Lasso(lasso) => lasso.outline(),
            Gesture::Idle | Gesture::Stroke { .. } | Gesture::Move { .. } => Vec::new(),
        };
        let tip = |center: Point| Shape::Circle { center, radius: self.brush_size / 2.0 };
        let shows_tip = self.tool.has_tip() && !self.pans();
        shapes.extend(self.hover.or(self.cross).filter(|_| shows_tip).map(tip));
        shapes.extend(self.cross.map(Shape::Cross));
        shapes
    }

    /// The mouse cursor over the canvas, as a value of CSS's `cursor`.
    pub fn cursor(&self) -> &'static str {
        match self.tool {
            _ if matches!(self.navigation, Some(Navigation::Pan { .. })) => "grabbing",
            _ if self.pans() => "grab",
            // The overlay shows the tip.
            Tool::Brush | Tool::Eraser => "none",
            Tool::Move => "move",
            _ => "crosshair",
        }
    }

    fn pans(&self) -> bool {
        self.space || self.tool == Tool::Hand || matches!(self.navigation, Some(Navigation::Pan { .. }))
    }
}
