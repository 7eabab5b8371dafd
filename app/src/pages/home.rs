//! The start page: the studio itself.

use leptos::html::{Div, Nav};
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::client;
use crate::components::canvas::{HelpSheet, Stage, Toolbar, listen_to_keys};
use crate::components::files::{DropZone, FileBar, ProposalDialog};
use crate::components::generate::GenerateBar;
use crate::components::history::HistoryPanel;
use crate::components::intro::Intro;
use crate::components::notice::NoticeLine;
use crate::components::regions::{RegionPicker, RegionsPanel};
use crate::components::results::{ResultsPanel, Viewer};
use crate::components::settings::SettingsPanel;
use crate::components::site_header::SiteHeader;
use crate::components::text::TextPanel;
use crate::studio::Studio;

/// The panels that a small window shows one at a time, below or beside the canvas.
const TABS: [(&str, &str); 4] =
    [("regions", "Regions"), ("text", "Text"), ("settings", "Settings"), ("results", "Result")];

/// The studio.
#[component]
pub fn Home() -> AnyView {
    let studio = Studio::new();
    provide_context(studio);
    Effect::new(move |_| {
        studio.keep();
        studio.follow_tokens();
        studio.jobs.resume();
        listen_to_keys(studio);
        client::keep_focus();
        studio.follow_model();
    });
    let (tab, tabs, pictures) = (RwSignal::new("regions"), NodeRef::<Nav>::new(), NodeRef::<Div>::new());
    // Brings pictures that the user asked for into view, if they are not and the user is neither typing nor
    // drawing.
    Effect::new(move |_| {
        if studio.jobs.asked.get() && client::is_idle() {
            tab.set("results");
            // The picture's frame exists by then.
            request_animation_frame(move || {
                if let (Some(tabs), Some(pictures)) = (tabs.get_untracked(), pictures.get_untracked()) {
                    client::reveal(&tabs);
                    pictures.query_selector(".samples").ok().flatten().iter().for_each(client::reveal);
                }
            });
        }
    });
    view! {
        <a class="skip" href="#canvas">"Skip to the canvas"</a>
        <SiteHeader />
        <main class="home">
            <Intro />
            // Until hydration: earlier input would be lost.
            <div class="studio" data-tab=move || tab.get() inert=true>
                <section class="desk" aria-label="Drawing">
                    <Toolbar />
                    <RegionPicker />
                    <Stage />
                    <FileBar />
                </section>
                <nav class="tabs" aria-label="Panels" node_ref=tabs>
                    {TABS
                        .map(|(key, name)| {
                            view! {
                                <button
                                    type="button"
                                    aria-pressed=move || (tab.get() == key).to_string()
                                    on:click=move |_| tab.set(key)
                                >
                                    {name}
                                </button>
                            }
                        })
                        .collect_view()}
                </nav>
                <div class="side">
                    <RegionsPanel />
                    <TextPanel />
                    <SettingsPanel />
                    <GenerateBar />
                </div>
                <div class="pictures" node_ref=pictures>
                    <ResultsPanel />
                    <HistoryPanel />
                </div>
            </div>
        </main>
        <footer class="site-footer">
            <p>
                "The method: "<cite>"Dense Text-to-Image Generation with Attention Modulation"</cite>
                ", ICCV 2023, arXiv 2308.12964. This program: Apache-2.0."
            </p>
        </footer>
        <DropZone />
        <ProposalDialog />
        <Viewer />
        <HelpSheet />
        <NoticeLine />
    }
    .boxed()
}
