//! Parts of pages.

pub mod canvas;
pub mod chip;
pub mod files;
pub mod generate;
pub mod history;
pub mod icons;
pub mod intro;
pub mod notice;
pub mod regions;
pub mod results;
pub mod settings;
pub mod site_header;
mod status_line;
pub mod text;
