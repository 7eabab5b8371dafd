//! The studio's editor as a pure model: messages in, document and repaint plan out.
//!
//! There is no DOM, clock, disk or randomness here. A page turns the browser's events into [`Message`]s for
//! [`Editor::handle`], does what the [`Plan`] says, and queries the [`Editor`] for all that it shows.
//!
//! ```
//! use editor::{Editor, Message, Point, Pointer, RegionEdit, View};
//!
//! let mut editor = Editor::default();
//! let _ = editor.handle(Message::View(View::Resized { width: 800.0, height: 600.0 }));
//! let region = editor.selected();
//! let _ = editor.handle(Message::Region(RegionEdit::Text(region, "a full moon".to_owned())));
//!
//! // A stroke, in CSS pixels of the view.
//! let _ = editor.handle(Message::PointerDown(Pointer::mouse(300.0, 200.0)));
//! let plan = editor.handle(Message::PointerMoved(Pointer::mouse(420.0, 260.0)));
//! let _ = editor.handle(Message::PointerUp(Pointer::mouse(420.0, 260.0)));
//!
//! // What it changed, ready for `putImageData`.
//! let rect = plan.dirty.expect("the stroke is on the map");
//! let mut rgba = vec![0; 4 * rect.area()];
//! editor.paint_rgba(rect, &mut rgba);
//!
//! let place = editor.viewport().to_map(Point::new(300.0, 200.0));
//! assert_eq!(editor.document().map().at(place.x as u32, place.y as u32), Some(region));
//! assert_eq!(editor.document().to_request().regions[1].text, "a full moon");
//!
//! let plan = editor.handle(Message::Undo);
//! assert!(plan.dirty.is_some() && plan.document);
//! ```
//!
//! # Coordinates
//!
//! Messages use **view** coordinates: CSS pixels from the canvas's top left corner. The editor keeps the
//! [`Viewport`], since pinches and pans change it during a gesture. The [`Document`]'s **map** has its own
//! pixels ([`working_size`]): the picture's, enlarged to at least 512 and reduced to at most 1024 on the
//! longer side. [`Plan::dirty`] and [`Editor::overlay`] use map coordinates; [`Viewport::to_view`] converts.
//!
//! # How it works
//!
//! 1. A [`Document`] is an [`IndexMap`] of region numbers and what is said about it: regions, texts, parameters.
//! 2. Tools paint into the map at once and keep what was there. On release, the difference becomes a step of
//!    the history; on cancellation (Escape, a second finger, the browser), what was there is restored.
//! 3. A step holds the other side of a change: run lengths of the pixels that differ, and the former texts,
//!    sharing what is equal. Undo and redo swap it with the document. All steps together are bounded in
//!    bytes, with room for at least 200 steps of 160 KiB.
//! 4. Shapes become pixels in integers, so that strokes have no gaps and do not depend on their direction.
//!
//! # Invariants
//!
//! - Every pixel's region exists; region 0, the background, always does; there are at most 31 others.
//! - A locked region neither loses nor gains pixels, except by undo, redo, and changes of the whole document.
//! - Nothing panics, whatever the messages; values out of range are clamped.
//!
//! # In and out
//!
//! | | in | out |
//! | --- | --- | --- |
//! | project file | [`Opened::of_project`] | [`Document::to_project`] |
//! | request, as pictures carry it | [`Opened::of_request`] | [`Document::to_request`] |
//! | layout picture | [`Import`] | [`Document::layout_rgba`] |
//! | mask | - | [`Document::mask_rgba`] |
//!
//! A document that was read enters the editor by [`DocumentEdit::Load`], which can be undone.

mod document;
mod editor;
mod export;
mod generation;
mod geometry;
mod history;
mod import;
mod keymap;
mod label;
mod map;
mod message;
mod modifiers;
mod opened;
mod overlay;
pub mod palette;
mod parameters;
mod patch;
mod phrase;
mod plan;
mod project;
mod raster;
mod region;
mod region_id;
mod render;
mod repair;
mod runs;
mod sheet;
mod text;
mod tool;
mod viewport;
mod words;

pub use document::Document;
pub use editor::{BRUSH_SIZES, Editor};
pub use geometry::{Point, Rect};
pub use import::Import;
pub use keymap::{SHORTCUTS, Shortcut};
pub use map::{IndexMap, working_size};
pub use message::{
    Button, DocumentEdit, Key, Message, Pointer, PointerKind, RegionEdit, Sample, TextEdit, View,
};
pub use modifiers::Modifiers;
pub use opened::{MAX_PROJECT_BYTES, Note, OpenError, Opened};
pub use overlay::Shape;
pub use palette::Hatch;
pub use parameters::{Parameter, Parameters};
pub use phrase::{PhrasePlace, Place, Segment, segments};
pub use plan::{Notice, Panels, Plan};
pub use region::Region;
pub use region_id::RegionId;
pub use repair::{Repair, repair};
pub use tool::Tool;
pub use viewport::Viewport;
