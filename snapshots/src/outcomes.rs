//! Outcomes of an explored scenario: what differs, and a schedule that shows it.

use std::collections::BTreeMap;

use rtm_sim::digest::digest;
use rtm_sim::history::History;
use rtm_sim::program::Program;
use rtm_sim::schedule::token::Token;

use crate::difference;
use crate::render::{STEP_INDENT, heading, sections};

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
    /// How many interleavings lead to it.
    pub times: u64,
}

/// The distinct outcomes of a program. Two interleavings have the same one when each step shows
/// the same, whatever came between the steps.
#[derive(Debug)]
pub struct Outcomes<'p> {
    program: &'p Program,
    /// In the order in which they were met.
    met: Vec<Outcome>,
    places: BTreeMap<String, usize>,
}

impl<'p> Outcomes<'p> {
    /// None yet.
    pub fn new(program: &'p Program) -> Outcomes<'p> {
        Outcomes { program, met: Vec::new(), places: BTreeMap::new() }
    }

    /// Takes in what one interleaving showed.
    pub fn add(&mut self, history: &History) {
        let text = sections(self.program, &history.by_step());
        if let Some(place) = self.places.get(&text) {
            self.met[*place].times += 1;
            return;
        }
        let choices = history.choices.clone();
        let token = Token { digest: self.program.digest(), choices }.to_string();
        self.places.insert(text.clone(), self.met.len());
        self.met.push(Outcome { token, text, times: 1 });
    }

    /// All of them, in the order in which they were met.
    pub fn all(&self) -> &[Outcome] {
        &self.met
    }
}

/// The text of distinct outcomes, in the order given: the first in full, of the others what
/// differs from it, and of those beyond [`OUTCOMES_MAX`] their count and digest.
pub fn render_outcomes(title: &str, outcomes: &[Outcome]) -> String {
    let times: u64 = outcomes.iter().map(|outcome| outcome.times).sum();
    let (interleavings, distinct) = (counted(times, "interleaving"), outcomes.len() as u64);
    let mut text = heading(title);
    text.push_str(&format!("{interleavings}, {}\n", counted(distinct, "distinct outcome")));
    let (shown, rest) = outcomes.split_at(outcomes.len().min(OUTCOMES_MAX));
    for (number, outcome) in (1..).zip(shown) {
        let Outcome { token, text: result, times } = outcome;
        let times = counted(*times, "interleaving");
        text.push_str(&format!("\noutcome {number}: {times}, for instance {token}\n"));
        let lines = match shown.first() {
            Some(first) if number != 1 => {
                difference::changed(&first.text, result, LINES_MAX, is_step)
            }
            _ => result.clone(),
        };
        for line in lines.trim_start_matches('\n').lines() {
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

/// Whether a line is the first one of a step.
fn is_step(line: &str) -> bool {
    let indent = line.len() - line.trim_start().len();
    indent == STEP_INDENT
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
