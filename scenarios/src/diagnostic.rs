//! Mistakes in a file: where they are, what is wrong, what to do.
//!
//! Not here: which mistakes there are, see [`crate::code`].

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::code::Code;

/// Most diagnostics that one file gets.
pub(crate) const SHOWN_MAX: usize = 100;
/// Longest line that is shown as a whole.
const LINE_BYTES_MAX: usize = 4096;

/// A text and the name it is known by.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    name: String,
    text: String,
    /// Offset of the first byte of each line.
    starts: Vec<usize>,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Source {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Source { name: shown(name, 400), text: text.to_owned(), starts }
    }

    /// Its name as a word of a command.
    pub(crate) fn file(&self) -> &str {
        &self.name
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Number of the line that holds a byte; lines count from 1.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// The bytes of a line, which exists, without its end.
    pub(crate) fn span_of_line(&self, line: u32) -> Range<usize> {
        let (start, text) = self.line_text(self.starts[line as usize - 1]);
        start..start + text.len()
    }

    /// The line that holds a byte, without its end, and the offset of its first byte.
    fn line_text(&self, offset: usize) -> (usize, &str) {
        let index = self.line(offset) as usize - 1;
        let start = self.starts[index];
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        (start, self.text[start..end].trim_end_matches('\r'))
    }

    /// Moves an offset into the text, and to the start of a character.
    fn clip(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// One mistake in a file.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Which kind of mistake it is.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// The line of the first of them; lines count from 1.
    pub line: u32,
    /// Its column in characters; columns count from 1.
    pub column: u32,
    /// What to do.
    pub help: Option<String>,
    source: Arc<Source>,
}

impl Diagnostic {
    pub(crate) fn new(
        source: &Arc<Source>,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::unplaced(source, code, span, message).placed()
    }

    /// As [`Diagnostic::new`], but for the column, which takes time on long lines: it is found by
    /// [`tidied`] for what is shown.
    pub(crate) fn unplaced(
        source: &Arc<Source>,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let start = source.clip(span.start);
        let end = source.clip(span.end).max(start);
        Diagnostic {
            code,
            message: message.into(),
            span: start..end,
            line: source.line(start),
            column: 0,
            help: None,
            source: Arc::clone(source),
        }
    }

    fn placed(mut self) -> Diagnostic {
        let (line_start, _) = self.source.line_text(self.span.start);
        let before = &self.source.text[line_start..self.span.start];
        self.column = before.chars().count() as u32 + 1;
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The mistake as it is shown to a reader: file, line, column, the text underlined, what to
    /// do.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let title = Level::ERROR.primary_title(self.message.as_str()).id(self.code.id());
        let (start, line) = self.source.line_text(self.span.start);
        let path = self.source.name.as_str();
        let mut group = if LINE_BYTES_MAX < line.len() {
            let origin = Origin::path(path).line(self.line as usize);
            title.element(origin.char_column(self.column as usize))
        } else {
            let from = (self.span.start - start).min(line.len());
            let to = (self.span.end - start).clamp(from, line.len());
            let snippet = Snippet::source(line).line_start(self.line as usize).path(path);
            title.element(snippet.annotation(AnnotationKind::Primary.span(from..to)))
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { code, message, line, column, .. } = self;
        write!(f, "{}:{line}:{column}: {}: {message}", self.source.name, code.id())
    }
}

/// All mistakes of one or more files as one text.
pub fn report(diagnostics: &[Diagnostic], colour: bool) -> String {
    diagnostics.iter().map(|d| d.render(colour) + "\n").collect::<Vec<_>>().join("\n")
}

/// Sorts by place, drops what is said twice and cuts off what nobody would read.
pub(crate) fn tidied(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|d| (d.span.start, d.code));
    found.dedup_by(|a, b| (a.code, &a.span, &a.message) == (b.code, &b.span, &b.message));
    if SHOWN_MAX < found.len() {
        let more = found.len() - SHOWN_MAX;
        found.truncate(SHOWN_MAX);
        let last = &found[SHOWN_MAX - 1];
        let message = format!("{more} more mistakes are not shown");
        let last = Diagnostic::new(&last.source, Code::TooMany, last.span.clone(), message);
        found.push(last.help("mend the ones above first"));
    }
    found.into_iter().map(Diagnostic::placed).collect()
}

/// A text as it can be shown on a terminal: control characters and those that turn the direction
/// of writing are escaped, and what is longer than `bytes_max` is cut.
pub(crate) fn shown(text: &str, bytes_max: usize) -> String {
    let mut result = String::new();
    for character in text.chars() {
        if bytes_max <= result.len() {
            result.push_str("...");
            break;
        }
        if is_hidden(character) {
            result.extend(character.escape_unicode());
        } else {
            result.push(character);
        }
    }
    result
}

/// Whether a character cannot be seen, or changes how others are seen.
pub(crate) fn is_hidden(character: char) -> bool {
    let odd = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{2069}'];
    character.is_control()
        || odd.iter().any(|range| range.contains(&character))
        || matches!(character, '\u{061c}' | '\u{feff}')
}

/// The candidate nearest to a word, if one is near enough to be meant.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if 64 < word.len() {
        return None;
    }
    let length = word.chars().count();
    let limit = (1 + length / 4).min(length.saturating_sub(1));
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let distances = candidates.iter().map(|c| (distance(word, c, limit), *c));
    let best = distances.min_by_key(|(distance, _)| *distance)?;
    if best.0 <= limit {
        return Some(best.1);
    }
    // `family` may be short for `address-family`, `RIP` for `PROTO_IP_RIP`.
    let longer = candidates.into_iter().filter(|c| 2 < word.len() && has_words(c, word));
    longer.min_by_key(|c| c.len())
}

/// Whether a name has other words before or behind these.
fn has_words(name: &str, words: &str) -> bool {
    let (name, words) = (folded(name), folded(words));
    let before = name.strip_suffix(&words).is_some_and(|rest| rest.ends_with('-'));
    let behind = name.strip_prefix(&words).is_some_and(|rest| rest.starts_with('-'));
    before || behind
}

/// A word as it is compared: case and the sort of stroke do not count.
fn folded(word: &str) -> String {
    word.chars().map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// Changes of one letter that make one word of the other, neighbours swapped included. Case does
/// not count, so that a word in the wrong case is always near.
fn distance(left: &str, right: &str, limit: usize) -> usize {
    if left.len().abs_diff(right.len()) > limit {
        return usize::MAX;
    }
    let fold = |text: &str| folded(text).chars().collect::<Vec<char>>();
    let (left, right) = (fold(left), fold(right));
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let changed = row[j] + usize::from(l != r);
            let mut least = changed.min(row[j + 1] + 1).min(next[j] + 1);
            if 0 < i && 0 < j && *l == right[j - 1] && left[i - 1] == *r {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
        // What is further away already comes no nearer.
        if before.iter().chain(&row).all(|changes| limit < *changes) {
            return usize::MAX;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found() {
        let check = |word: &str, expect: Option<&str>| {
            assert_eq!(nearest(word, ["expect", "hazard", "until-end"]), expect, "{word}");
        };
        check("expct", Some("expect"));
        check("epxect", Some("expect"));
        check("UNTIL_END", Some("until-end"));
        check("until", Some("until-end"));
        check("steps", None);
        check(&"x".repeat(10_000), None);
    }

    #[test]
    fn hidden_characters_are_escaped() {
        assert_eq!(shown("a\u{202e}b\u{1b}", 80), "a\\u{202e}b\\u{1b}");
        assert_eq!(shown(&"x".repeat(100), 5), "xxxxx...");
    }
}
