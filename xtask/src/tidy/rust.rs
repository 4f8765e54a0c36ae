//! Rules about Rust source files.

use super::{Diagnostic, has_extension, has_word, numbered_lines};

const LINE_COUNT_MAX: usize = 500;
const COLUMN_COUNT_MAX: usize = 100;

/// What must not be written, and why or what instead.
///
/// The texts are in pieces, so that this file does not hold them.
const FORBIDDEN_CODE: [(&str, &str); 6] = [
    (concat!("#[", "allow("), "use `#[expect(.., reason = \"..\")]`"),
    (concat!("#![", "allow("), "use `#![expect(.., reason = \"..\")]`"),
    (concat!("#[", "ignore"), "a test that does not run checks nothing"),
    (concat!("#[", "should_panic"), "assert the wrong result itself"),
    (concat!("to", "do!("), "finish it or leave it out"),
    (concat!("unimple", "mented!("), "finish it or leave it out"),
];

/// A file that needs more lines is two files.
pub fn file_length(path: &str, text: &str) -> Vec<Diagnostic> {
    let count = text.lines().count();
    if !has_extension(path, &["rs"]) || count <= LINE_COUNT_MAX {
        return Vec::new();
    }
    let message = format!("{count} lines, more than {LINE_COUNT_MAX}; split the file");
    vec![Diagnostic::new(path, LINE_COUNT_MAX + 1, message)]
}

/// `rustfmt` leaves long literals and comments alone.
pub fn line_width(path: &str, text: &str) -> Vec<Diagnostic> {
    let lines = numbered_lines(text).filter(|_| has_extension(path, &["rs"]));
    let widths = lines.map(|(number, line)| (number, line.chars().count()));
    let message = |width| format!("{width} columns, more than {COLUMN_COUNT_MAX}");
    widths
        .filter(|(_, width)| COLUMN_COUNT_MAX < *width)
        .map(|(number, width)| Diagnostic::new(path, number, message(width)))
        .collect()
}

/// Attributes and macros that silence a check or put it off.
pub fn forbidden_code(path: &str, text: &str) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (number, line) in numbered_lines(text).filter(|_| has_extension(path, &["rs"])) {
        for (code, help) in FORBIDDEN_CODE.iter().filter(|(code, _)| has_word(line, code)) {
            diagnostics.push(Diagnostic::new(path, number, format!("`{code}`: {help}")));
        }
    }
    diagnostics
}

/// A module `x` with submodules is `x.rs` beside `x/`.
pub fn module_files(path: &str, _text: &str) -> Vec<Diagnostic> {
    let message = |folder| format!("module file in its own folder; name it `{folder}.rs`");
    let folder = path.strip_suffix("/mod.rs");
    folder.map(|folder| Diagnostic::new(path, 1, message(folder))).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_file;
    use super::*;

    #[test]
    fn files_are_short() {
        let check = |path, count, expect: &[&str]| {
            check_file(file_length, path, &"x\n".repeat(count), expect);
        };
        check("a.rs", 500, &[]);
        check("a.rs", 501, &["501: 501 lines, more than 500; split the file"]);
        check("a.md", 501, &[]);
    }

    #[test]
    fn lines_are_narrow() {
        let check = |path, line: &str, expect: &[&str]| {
            check_file(line_width, path, &format!("x\n{line}\n"), expect);
        };
        check("a.rs", &"x".repeat(100), &[]);
        check("a.rs", &"\u{e9}".repeat(100), &[]);
        check("a.rs", &"x".repeat(101), &["2: 101 columns, more than 100"]);
        check("a.md", &"x".repeat(101), &[]);
    }

    #[test]
    fn code_is_not_silenced() {
        let check = |text: &str, expect: &[&str]| {
            check_file(forbidden_code, "a.rs", text, expect);
            check_file(forbidden_code, "a.md", text, &[]);
        };
        check("#[expect(dead_code, reason = \"..\")]\nallow(x);\nlet todo = x;\n", &[]);
        // Words that only look like what is forbidden.
        check("my_unimplemented!(x)\nmatches!(x, Ignore)\n", &[]);
        for (code, help) in FORBIDDEN_CODE {
            check(&format!("x\n    {code}"), &[&format!("2: `{code}`: {help}")]);
        }
        // With arguments they are the same attributes. Again in pieces: this file is checked too.
        check(
            concat!("#[", "should_panic(expected = \"x\")]\n#[", "ignore = \"x\"]\n"),
            &[
                concat!("1: `#[", "should_panic`: assert the wrong result itself"),
                concat!("2: `#[", "ignore`: a test that does not run checks nothing"),
            ],
        );
    }

    #[test]
    fn modules_are_beside_their_folder() {
        let check = |path, expect: &[&str]| check_file(module_files, path, "", expect);
        check("a/b.rs", &[]);
        check("a/amod.rs", &[]);
        check("a/b/mod.rs", &["1: module file in its own folder; name it `a/b.rs`"]);
    }
}
