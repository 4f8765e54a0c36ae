//! Outcomes of an explored scenario: what differs, and a schedule that shows it.

use crate::difference;
use crate::digest::digest;
use crate::render::heading;

/// Most outcomes that are shown one by one.
pub const OUTCOMES_MAX: usize = 200;
/// Most lines that tell an outcome from the first one.
const LINES_MAX: usize = 12;

/// One distinct outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// A schedule that leads to it.
    pub token: String,
    /// What it shows, for instance the text of its history; may be empty.
    pub text: String,
}

/// The text of the distinct outcomes, in the order given: the first in full, of the others what
/// differs from it, and of those beyond [`OUTCOMES_MAX`] their count and digest.
pub fn render_outcomes(title: &str, outcomes: &[Outcome]) -> String {
    let mut text = format!("{}outcomes {}\n", heading(title), outcomes.len());
    let (shown, rest) = outcomes.split_at(outcomes.len().min(OUTCOMES_MAX));
    for (number, outcome) in (1..).zip(shown) {
        let Outcome { token, text: result } = outcome;
        text.push_str(&format!("\noutcome {number}  {:016x}  {token}\n", digest(result)));
        let lines = match shown.first() {
            Some(first) if number != 1 => difference::changed(&first.text, result, LINES_MAX),
            _ => result.clone(),
        };
        for line in lines.lines() {
            text.push_str(format!("  {line}").trim_end());
            text.push('\n');
        }
    }
    if !rest.is_empty() {
        let all: String = rest.iter().map(|o| format!("{}\n{}\n", o.token, o.text)).collect();
        text.push_str(&format!("\nand {} more outcomes, {:016x}\n", rest.len(), digest(&all)));
    }
    text
}
