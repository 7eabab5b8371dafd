//! The document around the application: head, scripts, styles.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;

/// The whole HTML document, rendered by the server only.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let style = options.css_path();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta
                    name="description"
                    content="Sketch a layout, say what belongs where, and a Stable Diffusion model paints it there."
                />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link
                    rel="preload"
                    href="/fonts/instrument-sans.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin=""
                />
                <link rel="stylesheet" href=style />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
