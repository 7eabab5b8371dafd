//! Measurements, as a table in Markdown.

use std::fmt::{self, Display};

use serde_json::Value;

/// A table in Markdown, written row by row.
pub struct Table<const COLUMNS: usize>(String);

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table without rows.
    pub fn new(header: [&dyn Display; COLUMNS]) -> Self {
        let mut table = Self(String::new());
        table.row(header);
        table.row([&"---"; COLUMNS]);
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [&dyn Display; COLUMNS]) {
        let cells = cells.map(|cell| format!(" {cell} |"));
        self.0 += &format!("|{}\n", cells.concat());
    }
}

impl<const COLUMNS: usize> Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number with this many decimals.
pub fn figure(value: &Value, digits: usize) -> String {
    or_gap(value.as_f64(), digits)
}

/// The ratio `a / b`.
pub fn ratio(a: &Value, b: &Value, digits: usize) -> String {
    or_gap(a.as_f64().zip(b.as_f64()).map(|(a, b)| a / b), digits)
}

/// Shows what was not measured as a gap.
fn or_gap(number: Option<f64>, digits: usize) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.digits$}"))
}

/// A name or a version.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("not measured")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Table, figure, ratio, text};

    #[test]
    fn what_was_not_measured_is_a_gap() {
        let (ours, theirs) = (json!(1.0), Value::Null);
        let mut table = Table::new([&"", &"ours", &format!("theirs, {}", text(&theirs)), &"ours / theirs"]);
        table.row([&"time", &figure(&ours, 2), &figure(&theirs, 2), &ratio(&ours, &theirs, 2)]);
        table.row([&"half of it", &ratio(&ours, &json!(2), 1), &"", &figure(&json!(4000), 0)]);
        let rows = "|  | ours | theirs, not measured | ours / theirs |\n| --- | --- | --- | --- |\n\
                    | time | 1.00 | - | - |\n| half of it | 0.5 |  | 4000 |\n";
        assert_eq!(table.to_string(), rows);
    }
}
