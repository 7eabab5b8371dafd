//! `GET /docs`: the API documentation for people, on one page without scripts.

mod definition;

use std::fmt::Write;

use axum::http::header;
use axum::response::{Html, IntoResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::openapi::DESCRIPTION;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;\
    color:CanvasText;background:Canvas;color-scheme:light dark}h2{margin-top:3rem}\
    h3{border-top:1px solid #8886;padding-top:1rem}code,pre{font-family:ui-monospace,monospace}\
    pre{overflow-x:auto;padding:.75rem;border-radius:6px;background:#8882}\
    code,td{overflow-wrap:anywhere}td:first-child,td:first-child code{overflow-wrap:normal}\
    table{border-collapse:collapse}td{padding:.1rem 1rem .1rem 0;vertical-align:top}";

/// `GET /docs`.
pub async fn page() -> impl IntoResponse {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'");
    let description = serde_json::to_value(&*DESCRIPTION).unwrap_or_default();
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(render(&description)))
}

fn render(description: &Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Dense Diffusion: the API</title>\
         <style>{STYLE}</style><h1>The API</h1>{}\
         <p>For programs: <a href=\"openapi.json\">openapi.json</a>. For people: <a href=\"/\">the studio</a>.</p>",
        prose(description["info"]["description"].as_str().unwrap_or_default()),
    );
    for (path, methods) in entries(&description["paths"]) {
        for (method, operation) in entries(methods) {
            let _ = write!(page, "<h3><code>{} {}</code></h3>", method.to_uppercase(), escape(path));
            for about in ["summary", "description"].into_iter().filter_map(|key| operation[key].as_str()) {
                page.push_str(&prose(about));
            }
            page.push_str("<table>");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
                row(&mut page, &format!("{name} ({place})"), &text(&parameter["description"]));
            }
            if let Some(body) = operation.get("requestBody") {
                row(&mut page, "body", &content(body));
            }
            for (status, response) in entries(&operation["responses"]) {
                let meaning = format!("{} {}", content(response), text(&response["description"]));
                row(&mut page, &escape(status), &meaning);
            }
            page.push_str("</table>");
        }
    }
    page.push_str("<h2>The types</h2>");
    for (name, schema) in entries(&description["components"]["schemas"]) {
        let _ = write!(page, "<h3 id=\"{0}\">{0}</h3>", escape(name));
        definition::write(&mut page, schema);
    }
    page
}

/// Paragraphs and indented examples, separated by empty lines.
fn prose(markdown: &str) -> String {
    const INDENT: &str = "    ";
    let part = |part: &str| match part.strip_prefix(INDENT) {
        Some(example) => format!("<pre>{}</pre>", escape(&example.replace(&format!("\n{INDENT}"), "\n"))),
        None => format!("<p>{}</p>", words(part)),
    };
    markdown.trim_end().split("\n\n").map(part).collect()
}

fn row(page: &mut String, name: &str, meaning: &str) {
    let _ = write!(page, "<tr><td><code>{name}</code><td>{meaning}");
}

/// Describes a body, with a link to its type.
fn content(body: &Value) -> String {
    let kinds = entries(&body["content"])
        .map(|(kind, content)| link(&content["schema"]).unwrap_or_else(|| escape(kind)));
    kinds.collect::<Vec<_>>().join(", ")
}

/// Links to the type that a schema refers to, if it is a reference.
fn link(schema: &Value) -> Option<String> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    Some(format!("<a href=\"#{0}\">{0}</a>", escape(name)))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> String {
    words(value.as_str().unwrap_or_default())
}

/// Renders text between backticks as code.
fn words(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(n, part)| match n % 2 {
        1 => format!("<code>{}</code>", escape(part)),
        _ => escape(part),
    });
    parts.collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
