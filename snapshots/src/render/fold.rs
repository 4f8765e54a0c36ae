//! Folding: of a long run of steps alike, the first and the last are shown and a digest remains.
//!
//! Steps are alike when their texts differ in numbers only: labels, addresses, counts.

use rtm_sim::digest::digest;

/// Steps shown at the beginning of a run.
const HEAD: usize = 3;
/// Steps shown at its end.
const TAIL: usize = 1;
/// Fewest steps that are folded.
const FOLDED_MIN: usize = 4;

/// The text of `blocks`.
pub fn fold(blocks: &[String]) -> String {
    let mut text = String::new();
    for run in blocks.chunk_by(|a, b| shape(a) == shape(b)) {
        if run.len() < HEAD + FOLDED_MIN + TAIL {
            text.push_str(&run.concat());
            continue;
        }
        let (head, rest) = run.split_at(HEAD);
        let (folded, tail) = rest.split_at(rest.len() - TAIL);
        text.push_str(&head.concat());
        let digest = digest(&folded.concat());
        text.push_str(&format!("  ... {} more like these, {digest:016x}\n", folded.len()));
        text.push_str(&tail.concat());
    }
    text
}

/// The text without its numbers. A word of digits, dots, colons and small letters that has a digit
/// is a number: an address, say.
fn shape(text: &str) -> String {
    let in_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | ':');
    let mut shape = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| in_word(c) != in_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_number = in_word(first) && word.contains(|c: char| c.is_ascii_digit());
        match is_number {
            true => shape.push('0'),
            false => push_collapsed(&mut shape, word),
        }
        rest = after;
    }
    shape
}

/// White space depends on the width of numbers.
fn push_collapsed(shape: &mut String, word: &str) {
    for c in word.chars() {
        match c.is_whitespace() {
            true if shape.ends_with(' ') => {}
            true => shape.push(' '),
            false => shape.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(range: std::ops::Range<u32>) -> Vec<String> {
        range.map(|n| format!("  a  add route#{n} to 10.0.{n}.0/24\n")).collect()
    }

    #[test]
    fn short_runs_are_shown_whole() {
        let blocks = blocks(0..7);
        assert_eq!(fold(&blocks), blocks.concat());
    }

    #[test]
    fn the_middle_of_a_long_run_is_a_digest() {
        let text = fold(&blocks(0..1000));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[2], "  a  add route#2 to 10.0.2.0/24");
        assert!(lines[3].starts_with("  ... 996 more like these, "), "{text}");
        assert_eq!(lines[4], "  a  add route#999 to 10.0.999.0/24");
        let mut changed = blocks(0..1000);
        changed[500] = changed[500].replace("500", "7");
        assert_ne!(text, fold(&changed), "a folded step counts");
    }

    #[test]
    fn another_step_ends_a_run() {
        let mut blocks = blocks(0..20);
        blocks[10] = String::from("  a  remove route#1 from 10.0.0.0/24\n");
        let text = fold(&blocks);
        assert!(text.contains("remove route#1"), "{text}");
        assert_eq!(text.matches("more like these").count(), 2);
    }
}
