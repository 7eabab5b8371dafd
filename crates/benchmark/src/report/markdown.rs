//! The report as Markdown tables.

use std::collections::BTreeMap;

use crate::bootstrap::{Estimate, RESAMPLES};
use crate::report::{Report, Row, Sweep, Versus};
use crate::{CONSTANTS, MIN_CELLS, Metric};

pub(super) fn page(report: &Report) -> String {
    let mut page = vec!["# Benchmark".to_owned(), String::new()];
    page.push(format!(
        "Mean [95 % interval, percentile bootstrap over pictures, {RESAMPLES} resamples]. An object is there from \
         {MIN_CELLS} of 4,096 cells on."
    ));
    page.push(String::new());
    page.extend(table("variant", report.variants.iter().map(|row| (row.variant.name.clone(), row))));
    if let Some((single, count)) = &report.plain_single {
        page.push(format!(
            "\nPlain captions with one object: object accuracy {} in {count} pictures.",
            number(Metric::Object, single)
        ));
    }
    page.extend(against("the plain model", &report.variants, |row| &row.versus_plain));
    page.extend(against("the whole method", &report.variants, |row| &row.versus_both));
    if let Some(tuned) = &report.constant {
        let tried =
            tuned.tried.iter().map(|(c, iou)| format!("{c}: {iou:.3}")).collect::<Vec<_>>().join(", ");
        let end = [CONSTANTS.first(), CONSTANTS.last()].contains(&Some(&tuned.constant));
        let how = match (tuned.tried.is_empty(), end) {
            (true, _) => "given".to_owned(),
            (false, false) => format!("the best IoU on other layouts ({tried})"),
            (false, true) => {
                format!("the best IoU on other layouts ({tried}), and a better one may lie beyond these")
            }
        };
        page.push(format!("\nThe constant c = {}: {how}.", tuned.constant));
    }
    for Sweep { name, points } in &report.sweeps {
        page.extend([String::new(), format!("## Sweep: {name}"), String::new()]);
        page.extend(table(name, points.iter().map(|(value, row)| (value.to_string(), row))));
    }
    page.extend(["", "## Settings", ""].map(str::to_owned));
    page.extend(report.settings.iter().map(|(name, value)| format!("- {name}: {value}")));
    page.push(match &report.evaluator {
        Some(accuracy) => format!("- the evaluator on held-out renders: {accuracy}"),
        None => "- no evaluator: times and pictures only".to_owned(),
    });
    page.push(String::new());
    page.join("\n")
}

fn table<'a>(first: &str, rows: impl Iterator<Item = (String, &'a Row)>) -> Vec<String> {
    let titles = Metric::ALL.map(Metric::title).join(" | ");
    let mut lines = vec![
        format!("| {first} | {titles} | pictures | objects scored |"),
        format!("| --- |{} --- | --- |", " --- |".repeat(Metric::ALL.len())),
    ];
    for (name, row) in rows {
        let cell =
            |metric| row.metrics.get(&metric).map_or("-".to_owned(), |estimate| number(metric, estimate));
        let cells = Metric::ALL.map(cell).join(" | ");
        lines.push(format!("| {name} | {cells} | {} | {} of {} |", row.pictures, row.scored, row.objects));
    }
    lines
}

/// A section with the rows compared with `other`; empty if there are none.
fn against(other: &str, rows: &[Row], versus: fn(&Row) -> &BTreeMap<Metric, Versus>) -> Vec<String> {
    let rows: Vec<&Row> = rows.iter().filter(|row| !versus(row).is_empty()).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let titles = Metric::ALL.map(Metric::title).join(" | ");
    let mut lines = vec![
        format!("\n## Against {other}\n"),
        format!(
            "The same items from the same seeds: the difference, and how many times the value of {other}.\n"
        ),
        format!("| variant | {titles} |"),
        format!("| --- |{}", " --- |".repeat(Metric::ALL.len())),
    ];
    for row in rows {
        let cell = |metric| versus(row).get(&metric).map_or("-".to_owned(), |it| comparison(metric, it));
        lines.push(format!("| {} | {} |", row.variant.name, Metric::ALL.map(cell).join(" | ")));
    }
    lines
}

fn comparison(metric: Metric, versus: &Versus) -> String {
    let times = |it: &Estimate| format!("; x {:.2} [{:.2}, {:.2}]", it.value, it.low, it.high);
    let sign = if versus.difference.value > 0.0 { "+" } else { "" };
    format!(
        "{sign}{}{}",
        number(metric, &versus.difference),
        versus.ratio.as_ref().map_or(String::new(), times)
    )
}

/// Formats accuracies in percent, others as is.
fn number(metric: Metric, Estimate { value, low, high }: &Estimate) -> String {
    match metric {
        Metric::Iou => format!("{value:.3} [{low:.3}, {high:.3}]"),
        Metric::Seconds => format!("{value:.2} [{low:.2}, {high:.2}]"),
        _ => format!("{:.1} % [{:.1}, {:.1}]", 100.0 * value, 100.0 * low, 100.0 * high),
    }
}
