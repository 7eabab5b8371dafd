//! The canvas: an off-screen one holds the map's pixels, the visible one shows it scaled, with outlines.

use std::cell::{Cell, RefCell};

use editor::{Editor, Plan, Point, Rect, RegionId, Shape, Viewport, palette};
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, ImageData};

/// The map's opacity over a picture.
const OVER_PICTURE: f64 = 0.4;

/// Carries out the editor's plans: a plan says what has changed, the next frame paints it. However many
/// events arrive between two frames, each pixel is painted once.
pub struct Surface {
    view: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    map: HtmlCanvasElement,
    pixels: CanvasRenderingContext2d,
    frame_is_due: Cell<bool>,
    /// The part of the map that is still to be painted.
    dirty: Cell<Rect>,
    /// The picture under the map.
    backdrop: RefCell<Option<HtmlImageElement>>,
    labels: RefCell<Vec<(RegionId, Point, f64)>>,
    labels_are_old: Cell<bool>,
}

impl Surface {
    /// A surface that draws in `view`.
    ///
    /// # Errors
    /// If the browser has no canvas.
    pub fn new(view: HtmlCanvasElement, editor: &Editor) -> Result<Self, JsValue> {
        let document = view.owner_document().ok_or(JsValue::NULL)?;
        let map: HtmlCanvasElement = document.create_element("canvas")?.dyn_into()?;
        let context = two_d(&view)?;
        let pixels = two_d(&map)?;
        let surface = Self {
            view,
            context,
            map,
            pixels,
            frame_is_due: Cell::new(false),
            dirty: Cell::default(),
            backdrop: RefCell::default(),
            labels: RefCell::default(),
            labels_are_old: Cell::new(true),
        };
        surface.accept(
            editor,
            &Plan { resized: true, dirty: Some(editor.document().map().rect()), ..Plan::default() },
        );
        surface.frame_is_due.set(false);
        Ok(surface)
    }

    /// Collects what changed; returns whether to request a frame.
    pub fn accept(&self, editor: &Editor, plan: &Plan) -> bool {
        if plan.resized {
            let map = editor.document().map();
            self.map.set_width(map.width());
            self.map.set_height(map.height());
            self.dirty.take();
        }
        if let Some(rect) = plan.dirty {
            self.dirty.set(self.dirty.get().union(&rect));
            self.labels_are_old.set(true);
        }
        let changed = plan.dirty.is_some() || plan.overlay || plan.view || plan.resized;
        changed && !self.frame_is_due.replace(true)
    }

    /// Sets the picture under the map, which frames show once it is loaded.
    pub fn set_backdrop(&self, picture: Option<HtmlImageElement>) {
        self.backdrop.replace(picture);
    }

    /// Draws everything.
    pub fn frame(&self, editor: &Editor) {
        self.frame_is_due.set(false);
        // Nothing can be done for a canvas that refuses; the next frame tries again.
        let _ = self.draw(editor);
    }

    fn draw(&self, editor: &Editor) -> Result<(), JsValue> {
        let density = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
        let viewport = editor.viewport();
        let (width, height) = ((viewport.width * density) as u32, (viewport.height * density) as u32);
        if (self.view.width(), self.view.height()) != (width, height) {
            self.view.set_width(width);
            self.view.set_height(height);
        }
        self.paint(editor)?;
        let context = &self.context;
        context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0)?;
        context.clear_rect(0.0, 0.0, viewport.width, viewport.height);
        let map = editor.document().map();
        let (wide, high) =
            (f64::from(map.width()) * viewport.scale, f64::from(map.height()) * viewport.scale);
        let Point { x, y } = viewport.offset;
        let backdrop = self.backdrop.borrow();
        if let Some(picture) = backdrop.as_ref().filter(|picture| picture.natural_width() > 0) {
            context.set_image_smoothing_enabled(true);
            context.draw_image_with_html_image_element_and_dw_and_dh(picture, x, y, wide, high)?;
            context.set_global_alpha(OVER_PICTURE);
        }
        // Crisp edges when magnified; at smaller scales, the steps of a slanted edge would be uneven.
        context.set_image_smoothing_enabled(viewport.scale < 2.0);
        context.draw_image_with_html_canvas_element_and_dw_and_dh(&self.map, x, y, wide, high)?;
        context.set_global_alpha(1.0);
        self.label(editor, &viewport)?;
        self.view.style().set_property("cursor", editor.cursor())?;
        self.view.toggle_attribute_with_force("data-drawing", editor.is_drawing())?;
        for shape in &editor.overlay() {
            outline(context, &viewport, shape)?;
        }
        Ok(())
    }
}

impl Surface {
    /// Paints what has changed into the map's canvas.
    fn paint(&self, editor: &Editor) -> Result<(), JsValue> {
        let rect = self.dirty.take();
        if rect.is_empty() {
            return Ok(());
        }
        let mut rgba = vec![0; 4 * rect.area()];
        editor.paint_rgba(rect, &mut rgba);
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), rect.width, rect.height)?;
        self.pixels.put_image_data(&data, rect.x.into(), rect.y.into())
    }

    /// Writes each region's number where it fits; during a gesture, where it was before.
    fn label(&self, editor: &Editor, viewport: &Viewport) -> Result<(), JsValue> {
        if !editor.is_drawing() && self.labels_are_old.take() {
            *self.labels.borrow_mut() = editor.document().labels();
        }
        let context = &self.context;
        context.set_text_align("center");
        context.set_text_baseline("middle");
        for (id, place, room) in self.labels.borrow().iter() {
            let Some(region) = editor.document().region(*id) else {
                continue;
            };
            let size = (room * viewport.scale * 0.9).min(22.0);
            if size < 9.0 {
                continue;
            }
            let at = viewport.to_view(*place);
            context.set_font(&format!("600 {size:.0}px \"Instrument Sans\", sans-serif"));
            context.set_fill_style_str(&palette::hex(palette::ink(region.color)));
            context.fill_text(&id.number().to_string(), at.x, at.y)?;
        }
        Ok(())
    }
}

/// A thin dark line within a light one, which shows on any colour.
fn outline(context: &CanvasRenderingContext2d, viewport: &Viewport, shape: &Shape) -> Result<(), JsValue> {
    context.begin_path();
    trace(context, viewport, shape)?;
    for (color, width) in [("rgba(255, 255, 255, 0.9)", 3.0), ("rgba(20, 24, 32, 0.95)", 1.25)] {
        context.set_stroke_style_str(color);
        context.set_line_width(width);
        context.stroke();
    }
    Ok(())
}

fn trace(context: &CanvasRenderingContext2d, viewport: &Viewport, shape: &Shape) -> Result<(), JsValue> {
    const TURN: f64 = std::f64::consts::TAU;
    let place = |point: Point| viewport.to_view(point);
    match shape {
        Shape::Circle { center, radius } => {
            let at = place(*center);
            context.arc(at.x, at.y, (radius * viewport.scale).max(1.0), 0.0, TURN)
        }
        Shape::Rectangle { from, to } => {
            let (from, to) = (place(*from), place(*to));
            context.rect(from.x, from.y, to.x - from.x, to.y - from.y);
            Ok(())
        }
        Shape::Ellipse { from, to } => {
            let (from, to) = (place(*from), place(*to));
            let (x, y) = ((from.x + to.x) / 2.0, (from.y + to.y) / 2.0);
            let (rx, ry) = ((to.x - from.x).abs() / 2.0, (to.y - from.y).abs() / 2.0);
            context.ellipse(x, y, rx, ry, 0.0, 0.0, TURN)
        }
        Shape::Line(points) => {
            for (at, point) in points.iter().map(|point| place(*point)).enumerate() {
                if at == 0 { context.move_to(point.x, point.y) } else { context.line_to(point.x, point.y) }
            }
            Ok(())
        }
        Shape::Handle(at) => {
            let at = place(*at);
            context.arc(at.x, at.y, 5.0, 0.0, TURN)
        }
        Shape::Cross(at) => {
            let at = place(*at);
            for (x, y) in [(8.0, 0.0), (0.0, 8.0)] {
                context.move_to(at.x - x, at.y - y);
                context.line_to(at.x + x, at.y + y);
            }
            Ok(())
        }
    }
}

fn two_d(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, JsValue> {
    Ok(canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?)
}
