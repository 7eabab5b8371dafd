//! What the keys do, as a table for the editor and the help sheet. Tools define their own keys.

use crate::Tool;

/// One line of the help sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortcut {
    /// The keys, such as `Ctrl+Z`.
    pub keys: &'static str,
    /// What they do.
    pub does: &'static str,
    /// The keys without modifiers, by name; empty for lines that only explain.
    pub(crate) names: &'static [&'static str],
    pub(crate) command: bool,
    pub(crate) action: Action,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    Take(Tool),
    Undo,
    Redo,
    Thinner,
    Thicker,
    ZoomIn,
    ZoomOut,
    Fit,
    Add,
    Clear,
    Previous,
    Next,
    Digit,
    Pan,
    Press,
    Arrow,
    Scroll,
    Cancel,
    StepBack,
    /// Only explains.
    None,
}

const fn key(
    keys: &'static str,
    names: &'static [&'static str],
    action: Action,
    does: &'static str,
) -> Shortcut {
    Shortcut { keys, does, names, command: false, action }
}

const fn command(
    keys: &'static str,
    names: &'static [&'static str],
    action: Action,
    does: &'static str,
) -> Shortcut {
    Shortcut { keys, does, names, command: true, action }
}

/// All shortcuts of the canvas except the tools', which are [`Tool::key`]. Letters are case-insensitive.
pub const SHORTCUTS: &[Shortcut] = &[
    key("Space, held", &[" "], Action::Pan, "move the view with the pointer"),
    key("[", &["["], Action::Thinner, "thinner brush"),
    key("]", &["]"], Action::Thicker, "thicker brush"),
    key("+", &["+", "="], Action::ZoomIn, "zoom in"),
    key("-", &["-"], Action::ZoomOut, "zoom out"),
    key("0", &["0"], Action::Fit, "show all"),
    key("1 to 9", &["1", "2", "3", "4", "5", "6", "7", "8", "9"], Action::Digit, "draw with this region"),
    key("P", &["p"], Action::Previous, "draw with the previous region"),
    key("N", &["n"], Action::Next, "draw with the next region"),
    key("A", &["a"], Action::Add, "add a region"),
    key("Delete", &["Delete"], Action::Clear, "clear the region that is drawn with"),
    command("Ctrl+Z", &["z"], Action::Undo, "undo"),
    command("Ctrl+Shift+Z, Ctrl+Y", &["y"], Action::Redo, "redo"),
    key(
        "Arrows",
        &["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
        Action::Arrow,
        "move the drawing point by 10 pixels (with Shift by one)",
    ),
    command(
        "Ctrl+Arrows",
        &["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
        Action::Scroll,
        "move the view",
    ),
    key(
        "Enter",
        &["Enter"],
        Action::Press,
        "press the tool at the drawing point, and release it; close a polygon",
    ),
    key("Backspace", &["Backspace"], Action::StepBack, "take the polygon's last corner back"),
    key("Escape", &["Escape"], Action::Cancel, "leave what was begun"),
    key("Shift, held", &[], Action::None, "squares and circles"),
    key(
        "Alt, held",
        &[],
        Action::None,
        "shapes from their middle; with brush, eraser and fill: pick the region",
    ),
];

/// The action of a key, by its name in the browser, and whether Ctrl or Command, and Shift, are held.
pub(crate) fn action(name: &str, command: bool, shift: bool) -> Option<Action> {
    if command && shift && name.eq_ignore_ascii_case("z") {
        return Some(Action::Redo);
    }
    let is_key = |tool: &Tool| !command && tool.key().eq_ignore_ascii_case(name);
    let is_named = |shortcut: &&Shortcut| {
        shortcut.command == command && shortcut.names.iter().any(|it| it.eq_ignore_ascii_case(name))
    };
    let tool = Tool::ALL.into_iter().find(is_key).map(Action::Take);
    tool.or_else(|| SHORTCUTS.iter().find(is_named).map(|shortcut| shortcut.action))
}
