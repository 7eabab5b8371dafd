//! The studio's pages and components, compiled for the server and for the browser
