//! The browser's entry: hydrates the page, nothing else
