//! From bytes to a tree of values with their places.
//!
//! What is too large, too deep or no text at all ends here, before anything is made of it.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::checker::Value;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Source, shown};

/// Largest file, in bytes.
pub(crate) const FILE_BYTES_MAX: usize = 1024 * 1024;
/// Deepest nesting of tables and arrays.
const DEPTH_MAX: usize = 64;

/// Refuses a text that is too large.
pub(crate) fn check_size(name: &str, text: &str) -> Result<(), Vec<Diagnostic>> {
    if text.len() <= FILE_BYTES_MAX {
        return Ok(());
    }
    Err(vec![too_large(name, text.len() as u64)])
}

/// A file that is too large, without a look at what is in it.
pub(crate) fn too_large(name: &str, bytes: u64) -> Diagnostic {
    let source = Arc::new(Source::new(name, ""));
    let message = format!("the file has {bytes} bytes, more than {FILE_BYTES_MAX}");
    Diagnostic::new(&source, Code::FileTooLarge, 0..0, message)
        .help("say many steps with `repeat`, or split the scenario")
}

/// The text that bytes are.
pub(crate) fn text(name: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let source = Arc::new(Source::new(name, &String::from_utf8_lossy(error.as_bytes())));
        let message = format!("byte {good} does not belong to UTF-8 text");
        let span = good..good + '\u{fffd}'.len_utf8();
        Diagnostic::new(&source, Code::NotUtf8, span, message).help("save the file as UTF-8")
    })
}

/// The tree of a text, as much of it as could be understood, and what could not.
pub(crate) fn tree(source: &Arc<Source>) -> (DeTable<'_>, Vec<Diagnostic>) {
    let (tree, errors) = DeTable::parse_recoverable(source.text());
    let mut faults = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let fault = match error.message() {
            message if message.contains("recurs") => too_deep(source, span),
            message => {
                let help = help(source, &span, message);
                let fault = Diagnostic::new(source, Code::Syntax, span, message);
                help.into_iter().fold(fault, Diagnostic::help)
            }
        };
        faults.push(fault);
    }
    let tree = Spanned::into_inner(tree);
    for (_, value) in &tree {
        check_depth(source, value, 1, &mut faults);
    }
    (tree, faults)
}

/// What to do about a fault of which the words of the parser do not tell it.
fn help(source: &Source, span: &std::ops::Range<usize>, message: &str) -> Option<String> {
    if !message.contains("extend value of type inline table") {
        return None;
    }
    let before = source.text().get(..span.end)?;
    let path = before.rsplit('\n').next()?.trim().trim_start_matches('[');
    let path = shown(path, 80);
    Some(format!(
        "`{path} = {{ .. }}` is closed: write `[{path}]`, and below it a line for each of its keys"
    ))
}

fn check_depth(source: &Arc<Source>, value: &Value, depth: usize, faults: &mut Vec<Diagnostic>) {
    if DEPTH_MAX < depth {
        faults.push(too_deep(source, value.span()));
        return;
    }
    match value.get_ref() {
        DeValue::Array(items) => {
            items.iter().for_each(|item| check_depth(source, item, depth + 1, faults));
        }
        DeValue::Table(table) => {
            table.iter().for_each(|(_, item)| check_depth(source, item, depth + 1, faults));
        }
        _ => {}
    }
}

fn too_deep(source: &Arc<Source>, span: std::ops::Range<usize>) -> Diagnostic {
    let message = format!("nested more than {DEPTH_MAX} deep");
    Diagnostic::new(source, Code::TooDeep, span, message)
}
