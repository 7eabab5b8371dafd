//! The document around the application: head, scripts, styles.

use leptos::prelude::*;

use crate::{App, Page};

/// The ID of the list from which the regions' fields suggest words.
pub(crate) const WORDS: &str = "known-words";

/// The whole HTML document, rendered by the server only. `words` are those that the model is known to paint.
pub fn shell(options: LeptosOptions, words: &[String]) -> impl IntoView + use<> {
    let style = options.css_path();
    let title = use_context::<Page>().unwrap_or_default().content.title();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <title>{title}</title>
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
                <noscript>
                    <link rel="stylesheet" href="/noscript.css" />
                </noscript>
                <AutoReload options=options.clone() />
                <HydrationScripts options />
            </head>
            <body>
                <App />
                <datalist id=WORDS>
                    {words.iter().map(|word| view! { <option value=word.clone()></option> }).collect_view()}
                </datalist>
            </body>
        </html>
    }
}
