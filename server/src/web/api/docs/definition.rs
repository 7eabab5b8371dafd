//! A type of the interface for people: what it means, its fields, its forms.

use std::fmt::Write;

use serde_json::Value;

use super::{entries, escape, link, prose, row, words};

/// All about a type but its name.
pub fn write(page: &mut String, schema: &Value) {
    let about = schema["description"].as_str().unwrap_or_default();
    if !about.is_empty() {
        page.push_str(&prose(about));
    }
    if let Some(fields) = schema.get("properties") {
        page.push_str("<table>");
        for (name, field) in entries(fields) {
            let needed = list(&schema["required"]).iter().any(|needed| needed == name);
            row(page, &escape(name), &meaning(field, needed, about));
        }
        page.push_str("</table>");
    } else if let Some(forms) = schema.get("oneOf") {
        page.push_str("<p>One of:</p><ul>");
        for form in list(forms) {
            page.push_str("<li>");
            write(page, form);
        }
        page.push_str("</ul>");
    } else if let Some(parts) = schema.get("allOf") {
        list(parts).iter().for_each(|part| match part.get("$ref") {
            Some(_) => drop(write!(page, "<p>{} and besides:</p>", kind(part))),
            None => write(page, part),
        });
    } else {
        let _ = write!(page, "<p>{}</p>", kind(schema));
    }
}

/// What a field is, and what it means unless that is what its type means.
fn meaning(field: &Value, needed: bool, of_type: &str) -> String {
    let left_out = if needed { "" } else { ", optional" };
    let about =
        [&field["description"], &field["oneOf"][0]["description"]].into_iter().find_map(Value::as_str);
    let about = about.filter(|about| *about != of_type).map(|about| format!("<br>{}", words(about)));
    format!("{}{left_out}{}", kind(field), about.unwrap_or_default())
}

/// What a value is: a link to its type, or JSON's name for it and its limits.
fn kind(schema: &Value) -> String {
    if let Some(link) = link(schema) {
        return link;
    }
    if let Some(values) = schema.get("enum") {
        return join(list(values).iter().map(|value| format!("<code>{}</code>", escape(&value.to_string()))));
    }
    if let Some(forms) = schema.get("oneOf") {
        return join(list(forms).iter().filter(|form| form["type"] != "null").map(kind));
    }
    let name = [&schema["type"], &schema["type"][0]].into_iter().find_map(Value::as_str).unwrap_or_default();
    let mut kind = match name {
        "array" => format!("list of {}", kind(&schema["items"])),
        name => escape(name),
    };
    if let (Some(least), Some(most)) = (schema.get("minimum"), schema.get("maximum")) {
        let _ = write!(kind, " from {least} to {most}");
    }
    kind
}

fn join(kinds: impl Iterator<Item = String>) -> String {
    kinds.collect::<Vec<_>>().join(" or ")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
