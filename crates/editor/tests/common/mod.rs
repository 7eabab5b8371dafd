//! An editor to be drawn with. Until its view has a size, the view's coordinates are the map's.
#![allow(dead_code, unused_must_use, clippy::unwrap_used, reason = "each test file uses some of it")]

use editor::{
    Document, Editor, Key, Message, Modifiers, Plan, Point, Pointer, PointerKind, Rect, RegionEdit, RegionId,
    Sample, Tool,
};
use request::Size;

pub fn size(width: i64, height: i64) -> Size {
    Size::new(width, height).unwrap()
}

/// An editor whose map has this size, with the regions 1 to `regions`.
pub fn editor(width: i64, height: i64, regions: usize) -> Editor {
    let mut editor = Editor::new(Document::new(size(width, height)));
    assert_eq!(
        (editor.document().map().width(), editor.document().map().height()),
        (width as u32, height as u32)
    );
    for _ in 1..regions {
        send(&mut editor, Message::Region(RegionEdit::Add));
    }
    send(&mut editor, Message::Select(id(1)));
    editor
}

pub fn id(number: u8) -> RegionId {
    RegionId::new(number).unwrap()
}

pub fn send(editor: &mut Editor, message: Message) -> Plan {
    editor.handle(message)
}

pub fn pointer(x: f64, y: f64) -> Pointer {
    Pointer::mouse(x, y)
}

pub fn touch(id: i32, x: f64, y: f64) -> Pointer {
    Pointer { id, kind: PointerKind::Touch, ..Pointer::mouse(x, y) }
}

pub fn pen(x: f64, y: f64, pressure: f32) -> Pointer {
    let samples = vec![Sample { at: Point::new(x, y), pressure }];
    Pointer { id: 7, kind: PointerKind::Pen, samples, ..Pointer::mouse(x, y) }
}

pub const NO_KEY: Modifiers = Modifiers { shift: false, alt: false, command: false };
pub const SHIFT: Modifiers = Modifiers { shift: true, ..NO_KEY };
pub const ALT: Modifiers = Modifiers { alt: true, ..NO_KEY };

/// Presses at the first point, moves through the others, releases at the last.
pub fn drag(editor: &mut Editor, tool: Tool, modifiers: Modifiers, path: &[(f64, f64)]) -> Plan {
    let pointer = |&(x, y): &(f64, f64)| Pointer { modifiers, ..pointer(x, y) };
    let _ = editor.handle(Message::Tool(tool));
    let _ = editor.handle(Message::PointerDown(pointer(&path[0])));
    for at in &path[1..] {
        let _ = editor.handle(Message::PointerMoved(pointer(at)));
    }
    editor.handle(Message::PointerUp(pointer(&path[path.len() - 1])))
}

pub fn click(editor: &mut Editor, tool: Tool, x: f64, y: f64) -> Plan {
    drag(editor, tool, NO_KEY, &[(x, y)])
}

pub fn press_key(editor: &mut Editor, name: &str, modifiers: Modifiers) -> Plan {
    let key = Key { name: name.to_owned(), modifiers };
    let plan = editor.handle(Message::KeyDown(key.clone()));
    let _ = editor.handle(Message::KeyUp(key));
    plan
}

/// Number of pixels of a region.
pub fn area(editor: &Editor, region: u8) -> usize {
    editor.document().map().areas()[usize::from(region)]
}

/// The pixels of a region as (x, y), in rows.
pub fn pixels(editor: &Editor, region: u8) -> Vec<(u32, u32)> {
    let map = editor.document().map();
    let place = |(at, _): (usize, &u8)| (at as u32 % map.width(), at as u32 / map.width());
    map.pixels().iter().enumerate().filter(|(_, pixel)| **pixel == region).map(place).collect()
}

pub fn bounds(editor: &Editor, region: u8) -> Rect {
    editor.document().map().bounds(id(region))
}

/// Whether the document is as its documentation promises.
pub fn is_sound(document: &Document) -> bool {
    let ids: Vec<RegionId> = document.regions().map(|region| region.id).collect();
    let once = ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id));
    let areas = document.map().areas();
    let lives = |number: usize| ids.iter().any(|id| usize::from(id.number()) == number);
    once && ids[0] == RegionId::BACKGROUND
        && areas.iter().enumerate().all(|(number, area)| *area == 0 || lives(number))
        && document.regions().all(|region| {
            (0.0..=2.0).contains(&region.weight)
                && 0.0 <= region.start
                && region.start <= region.end
                && region.end <= 1.0
        })
}
