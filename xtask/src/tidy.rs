//! `cargo xtask tidy`: rules about the code that neither the compiler nor clippy knows.
//!
//! A rule is a function that returns diagnostics: over the path and text of one file, or over
//! the tree where one file is not enough. Every rule looks at everything and nothing is fixed.
//!
//! Not here: what `rustfmt` and clippy check already.

mod tree;

mod corpus;
mod edges;
mod rust;
mod text;

use std::fmt;
use std::path::Path;

use tree::Tree;

/// A rule that looks at one file at a time.
type FileRule = fn(&str, &str) -> Vec<Diagnostic>;

/// A rule that compares files.
type TreeRule = fn(&Tree) -> Vec<Diagnostic>;

const FILE_RULES: [FileRule; 7] = [
    rust::file_length,
    rust::line_width,
    rust::forbidden_code,
    rust::module_files,
    text::white_space,
    text::machine_paths,
    text::markers,
];

const TREE_RULES: [TreeRule; 2] = [corpus::snapshots, edges::dependencies];

/// One violation, shown as `path:line: error: message`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Diagnostic {
    path: String,
    line: usize,
    message: String,
}

impl Diagnostic {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic { path: path.into(), line, message: message.into() }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: error: {}", self.path, self.line, self.message)
    }
}

/// Prints all violations in the work tree at `root`; fails when there are any.
pub fn run(root: &Path) -> anyhow::Result<()> {
    let diagnostics = check(&Tree::load(root)?);
    for diagnostic in &diagnostics {
        println!("{diagnostic}");
    }
    match diagnostics.len() {
        0 => Ok(()),
        count => anyhow::bail!("the tree is not tidy, violations: {count}"),
    }
}

fn check(tree: &Tree) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> =
        TREE_RULES.iter().flat_map(|rule: &TreeRule| rule(tree)).collect();
    for (path, text) in tree.files() {
        diagnostics.extend(FILE_RULES.iter().flat_map(|rule| rule(path, text)));
    }
    diagnostics.sort();
    diagnostics
}

/// Lines with their numbers, counted from one; a carriage return stays part of its line.
fn numbered_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.split('\n'))
}

/// Whether the last part of `path` ends with one of these extensions.
fn has_extension(path: &str, extensions: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
}

/// Whether `line` has `word` without a letter, digit or underscore right before or after it.
fn has_word(line: &str, word: &str) -> bool {
    let in_word = |c: char| c == '_' || c.is_alphanumeric();
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(in_word)
            && (word.ends_with(|c| !in_word(c)) || !line[at + word.len()..].starts_with(in_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a rule says about one file, as `line: message`.
    pub fn check_file(rule: FileRule, path: &str, text: &str, expect: &[&str]) {
        let diagnostics = rule(path, text);
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.path == path));
        let actual: Vec<String> = diagnostics
            .iter()
            .map(|diagnostic| format!("{}: {}", diagnostic.line, diagnostic.message))
            .collect();
        assert_eq!(actual, expect, "{path}:\n{text}");
    }

    /// What a rule says about a tree, as printed.
    pub fn check_tree(rule: TreeRule, files: &[(&str, &str)], expect: &[&str]) {
        let tree = Tree::from_files(files);
        let actual: Vec<String> = rule(&tree).iter().map(Diagnostic::to_string).collect();
        assert_eq!(actual, expect, "{files:?}");
    }

    #[test]
    fn check_runs_all_rules_and_sorts() {
        let files = [("b/mod.rs", "\t\n"), ("a.md", "x \n"), ("scenarios/corpus/a.toml", "")];
        let actual: Vec<String> =
            check(&Tree::from_files(&files)).iter().map(Diagnostic::to_string).collect();
        let expect = [
            "a.md:1: error: trailing white space",
            "b/mod.rs:1: error: module file in its own folder; name it `b.rs`",
            "b/mod.rs:1: error: tab; indent with spaces",
            "b/mod.rs:1: error: trailing white space",
            "scenarios/corpus/a.toml:1: error: no snapshot `snapshots/model/a.snap`",
        ];
        assert_eq!(actual, expect);
    }

    #[test]
    fn words_have_bounds() {
        for (line, expect) in [
            ("cat", true),
            ("(cat)", true),
            ("concat cat", true),
            ("concat", false),
            ("cats", false),
            ("cat_", false),
        ] {
            assert_eq!(has_word(line, "cat"), expect, "{line}");
        }
        assert!(has_word("x = cat(y)", "cat("));
        assert!(!has_word("concat(y)", "cat("));
    }
}
