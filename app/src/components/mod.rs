//! Parts of pages.

pub mod layout_figure;
pub mod site_header;
pub mod status_line;
