//! The numbers of tests that passed and failed, from the test runners' output.

use std::fmt::{self, Display};
use std::ops::AddAssign;

/// Results of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Count {
    /// What a line of `cargo test` adds, such as `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    pub fn of_cargo_line(line: &str) -> Self {
        let Some((_, numbers)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return Self::default();
        };
        let number = |name: &str| {
            let part = numbers.split("; ").find_map(|part| part.strip_suffix(name));
            part.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        Self { passed: number("passed"), failed: number("failed"), skipped: number("ignored") }
    }

    /// What the closing line of pytest adds, such as `===== 1 failed, 40 passed, 2 skipped in 3.20s =====`.
    pub fn of_pytest_line(line: &str) -> Self {
        let summary = line.trim_matches(['=', ' ']);
        let Some((numbers, _)) = summary.split_once(" in ").filter(|_| line.starts_with('=')) else {
            return Self::default();
        };
        let number = |name: &str| {
            let part = numbers.split(", ").find_map(|part| part.strip_suffix(name));
            part.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        let failed = number(" failed") + number(" error") + number(" errors");
        Self { passed: number(" passed"), failed, skipped: number(" skipped") }
    }

    /// The totals of Playwright's JSON report. A test that passed on a retry ("flaky") has passed.
    pub fn of_playwright(report: &[u8]) -> Option<Self> {
        let report: serde_json::Value = serde_json::from_slice(report).ok()?;
        let number = |name: &str| report.get("stats")?.get(name)?.as_u64();
        Some(Self {
            passed: number("expected")? + number("flaky")?,
            failed: number("unexpected")?,
            skipped: number("skipped")?,
        })
    }

    /// Counts a runner that fails without a failed test (a compile error, a crash) as one failure.
    pub fn or_broken(self, succeeded: bool) -> Self {
        if succeeded || self.failed > 0 { self } else { Self { failed: 1, ..self } }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    const fn count(passed: u64, failed: u64, skipped: u64) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn the_closing_line_of_pytest_counts() {
        let line = "=============== 1 failed, 40 passed, 2 skipped, 1 error in 3.20s ===============";
        assert_eq!(Count::of_pytest_line(line), count(40, 2, 2));
        assert_eq!(Count::of_pytest_line("tests/test_renderer.py ......  [100%]"), count(0, 0, 0));
        assert_eq!(Count::of_pytest_line("==== test session starts in a folder ===="), count(0, 0, 0));
    }

    #[test]
    fn the_result_lines_of_cargo_are_summed() {
        let output = [
            "running 6 tests",
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
            "a test that prints test result: ok. 9 passed; 9 failed",
        ];
        let mut sum = Count::default();
        output.iter().for_each(|line| sum += Count::of_cargo_line(line));
        assert_eq!(sum, count(8, 2, 1));
    }

    #[test]
    fn a_browser_test_that_passed_at_its_second_try_has_passed() {
        let report = br#"{"stats": {"expected": 7, "skipped": 1, "unexpected": 2, "flaky": 1}}"#;
        assert_eq!(Count::of_playwright(report), Some(count(8, 2, 1)));
    }

    #[test]
    fn a_runner_that_breaks_off_is_a_failure() {
        assert_eq!(count(4, 0, 0).or_broken(false), count(4, 1, 0));
        assert_eq!(count(4, 2, 0).or_broken(false), count(4, 2, 0));
        assert_eq!(Count::of_playwright(b"{"), None);
    }

    #[test]
    fn the_closing_line_names_skipped_tests_only_if_there_are_any() {
        assert_eq!(count(12, 0, 0).to_string(), "12 passed, 0 failed");
        assert_eq!(count(12, 1, 3).to_string(), "12 passed, 1 failed, 3 skipped");
    }
}
