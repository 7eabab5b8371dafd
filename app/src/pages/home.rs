//! The start page: what the studio is, what works today.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::layout_figure::LayoutFigure;
use crate::components::site_header::SiteHeader;

/// Title and text of each step from sketch to picture.
const STEPS: [(&str, &str); 4] = [
    ("Sketch", "Draw a region for each thing that the picture shall show, with brush, lasso or shapes."),
    ("Label", "Give every region a phrase of its own: “a red balloon”, “a cat on the grass”."),
    ("Describe", "Join the phrases to one text and adjust it until it reads as the whole scene."),
    ("Generate", "Set how firmly the picture follows the drawing, and paint it."),
];

/// What a user types today to get a picture.
const COMMAND: &str = "dense-diffusion generate --model MODEL --layout layout.png \\
    --region \"a starry night sky\" --region \"an old castle on a hill\" \\
    --text \"an old castle on a hill under a starry night sky\" --out pictures";

/// The start page.
#[component]
pub fn Home() -> impl IntoView {
    view! {
        <Title text="" />
        <SiteHeader />
        <main class="page">
            <section class="hero">
                <div>
                    <h1>"Draw where. "<br />"Say what."</h1>
                    <p class="lead">
                        "DenseDiffusion paints each thing where you drew it. Sketch a layout, give every region its
                        phrase, and the model’s attention is steered to follow: Stable Diffusion as it is, with no
                        training and no extra network."
                    </p>
                </div>
                <LayoutFigure />
            </section>
            <Steps />
            <Today />
        </main>
        <footer class="site-footer">
            <p>
                "The method: "<cite>"Dense Text-to-Image Generation with Attention Modulation"</cite>
                ", ICCV 2023, arXiv 2308.12964. This program: Apache-2.0."
            </p>
        </footer>
    }
}

#[component]
fn Steps() -> impl IntoView {
    view! {
        <section aria-labelledby="steps">
            <h2 id="steps">"From sketch to picture"</h2>
            <ol class="steps">
                {STEPS
                    .into_iter()
                    .map(|(title, text)| {
                        view! {
                            <li>
                                <h3>{title}</h3>
                                <p>{text}</p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </section>
    }
}

#[component]
fn Today() -> impl IntoView {
    view! {
        <section class="today" aria-labelledby="today">
            <h2 id="today">"What works today"</h2>
            <p>
                "Drawing in the browser is being built and comes to this page. The engine is here: the command line
                paints from a layout picture, whose colours become the regions."
            </p>
            <pre tabindex="0" aria-label="Example command"><code>{COMMAND}</code></pre>
            <noscript>
                <p>"This page works without JavaScript. Drawing will need it."</p>
            </noscript>
        </section>
    }
}
