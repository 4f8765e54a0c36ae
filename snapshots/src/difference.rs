//! Differences of two texts, short enough for a report.

use similar::{ChangeTag, TextDiff};

/// Lines of context around a change.
const CONTEXT: usize = 2;

/// A unified diff of at most `lines` lines; what is left out is counted. Empty for equal texts.
pub fn diff(expected: &str, observed: &str, lines: usize) -> String {
    let (expected, observed) = (ended(expected), ended(observed));
    let diff = TextDiff::from_lines(&expected, &observed);
    let mut unified = diff.unified_diff();
    let text = unified.context_radius(CONTEXT).header("expected", "observed").to_string();
    shortened(text.lines(), lines)
}

/// The changed lines alone, at most `lines` of them, each behind the line that `heads` what it
/// belongs to.
pub(crate) fn changed(
    expected: &str,
    observed: &str,
    lines: usize,
    heads: impl Fn(&str) -> bool,
) -> String {
    let (expected, observed) = (ended(expected), ended(observed));
    let diff = TextDiff::from_lines(&expected, &observed);
    let mut changed = Vec::new();
    let mut head = None;
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end();
        let is_changed = change.tag() != ChangeTag::Equal;
        if heads(line) && !is_changed {
            head = Some(line);
        } else if is_changed {
            changed.extend(head.take().map(|head| format!("  {head}")));
            changed.push(format!("{} {line}", change.tag()));
        }
    }
    shortened(changed.iter().map(String::as_str), lines)
}

fn shortened<'a>(all: impl Iterator<Item = &'a str>, most: usize) -> String {
    let all: Vec<&str> = all.collect();
    let shown = if all.len() <= most { all.len() } else { most.saturating_sub(1) };
    let mut text: String = all[..shown].iter().map(|line| format!("{line}\n")).collect();
    if shown < all.len() {
        text.push_str(&format!("... {} more lines\n", all.len() - shown));
    }
    text
}

/// With a line end, so that the last line is no different from the others.
fn ended(text: &str) -> String {
    match text.is_empty() || text.ends_with('\n') {
        true => String::from(text),
        false => format!("{text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: &str = "a\nb\nc\nd\ne\nf";

    #[test]
    fn a_change_is_shown_with_its_surroundings() {
        assert_eq!(diff(EXPECTED, EXPECTED, 15), "");
        assert_eq!(diff(EXPECTED, "a\nb\nc\nd\ne\nf\n", 15), "");
        let text = diff(EXPECTED, "a\nb\nc\nX\ne\nf", 15);
        assert_eq!(text, "--- expected\n+++ observed\n@@ -2,5 +2,5 @@\n b\n c\n-d\n+X\n e\n f\n");
    }

    #[test]
    fn a_long_difference_is_cut() {
        let text = diff(EXPECTED, "1\n2\n3\n4\n5\n6", 6);
        assert_eq!(text.lines().count(), 6);
        assert!(text.ends_with("... 10 more lines\n"), "{text}");
        assert_eq!(diff(EXPECTED, "", 0), "... 9 more lines\n");
    }

    #[test]
    fn changed_lines_alone() {
        let heads = |line: &str| line < "c";
        assert_eq!(changed(EXPECTED, "a\nb\nX\nd\ne\nf", 9, heads), "  b\n- c\n+ X\n");
        assert_eq!(changed(EXPECTED, "a\nX\nY\nd\ne\nf", 9, heads), "  a\n- b\n- c\n+ X\n+ Y\n");
        assert_eq!(changed(EXPECTED, EXPECTED, 9, heads), "");
    }
}
