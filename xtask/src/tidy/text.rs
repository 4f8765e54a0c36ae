//! Rules about text of any kind.

use super::{Diagnostic, has_extension, has_word, numbered_lines};

/// Where a machine keeps things; in pieces, so that this file does not name them.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/tm", "p/wt")];

/// Marks of unfinished work; in pieces, so that this file does not carry them.
const MARKERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// No tabs, and nothing invisible at the end of a line.
pub fn white_space(path: &str, text: &str) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let applies = has_extension(path, &["rs", "md", "toml"]);
    for (number, line) in numbered_lines(text).filter(|_| applies) {
        if line.contains('\t') {
            diagnostics.push(Diagnostic::new(path, number, "tab; indent with spaces"));
        }
        if line.ends_with(char::is_whitespace) {
            diagnostics.push(Diagnostic::new(path, number, "trailing white space"));
        }
    }
    diagnostics
}

/// The repository does not know on which machine it is.
pub fn machine_paths(path: &str, text: &str) -> Vec<Diagnostic> {
    let found = |line: &str, name: &str| line.contains(name);
    forbid(path, text, &MACHINE_PATHS, found, "path of a machine; say it relative to the tree")
}

/// Unfinished work is not in the tree.
pub fn markers(path: &str, text: &str) -> Vec<Diagnostic> {
    forbid(path, text, &MARKERS, has_word, "marker; finish it or say what is and why")
}

fn forbid(
    path: &str,
    text: &str,
    names: &[&str],
    found: fn(&str, &str) -> bool,
    message: &str,
) -> Vec<Diagnostic> {
    // Lock files are written by cargo.
    let applies = path.rsplit('/').next() != Some("Cargo.lock");
    let mut diagnostics = Vec::new();
    for (number, line) in numbered_lines(text).filter(|_| applies) {
        for name in names.iter().filter(|name| found(line, name)) {
            diagnostics.push(Diagnostic::new(path, number, format!("`{name}`: {message}")));
        }
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_file;
    use super::*;

    #[test]
    fn white_space_is_visible() {
        let check = |path, text, expect: &[&str]| check_file(white_space, path, text, expect);
        for path in ["a.rs", "a.md", "a.toml"] {
            check(path, "    x y\n\nz", &[]);
            check(path, "x\n\ty\n", &["2: tab; indent with spaces"]);
            check(path, "x \ny\r\nz\n", &["1: trailing white space", "2: trailing white space"]);
        }
        check("a.snap", "\tx \n", &[]);
    }

    #[test]
    fn machines_are_not_named() {
        let check = |path, text: &str, expect: &[&str]| {
            check_file(machine_paths, path, text, expect);
        };
        check("a", "work/home\n/usr/include/root\n/tmp/x\n", &[]);
        for name in MACHINE_PATHS {
            let message = "path of a machine; say it relative to the tree";
            let text = format!("x\nsee {name}x\n");
            check("a.snap", &text, &[&format!("2: `{name}`: {message}")]);
            check("a/Cargo.lock", &text, &[]);
        }
    }

    #[test]
    fn markers_are_not_left() {
        let check = |path, text: &str, expect: &[&str]| check_file(markers, path, text, expect);
        // No markers: another case, part of a word, two words.
        check("a", "todo\n0xXXX0\nto do\n", &[]);
        for name in MARKERS {
            let text = format!("x\n# {name}: later\n");
            let message = "marker; finish it or say what is and why";
            check("a", &text, &[&format!("2: `{name}`: {message}")]);
            check("Cargo.lock", &text, &[]);
        }
    }
}
