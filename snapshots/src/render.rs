//! The text of a history.
//!
//! Sections follow the phases of the program. Each step of a section is a block: the call, what
//! came during it, what it showed. Blocks are folded only after all of them are known.

mod call;

mod field;

mod fill;

mod fold;

mod painter;

use rtm_sim::clause::ClauseId;
use rtm_sim::history::History;
use rtm_sim::program::{ACTORS_MAX, Actor, Program};
use rtm_sim::schedule::token::Token;

use painter::Painter;
pub(crate) use painter::STEP_INDENT;

/// What is shown of a history.
#[derive(Clone, Debug)]
pub struct Options {
    /// The clauses that decided each field. Left out when a history of the model is compared with
    /// one of a library, which has none.
    pub basis: bool,
    /// Lines of the section at the end; see [`misuses`].
    pub end: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options { basis: true, end: Vec::new() }
    }
}

/// The text of a history of `program`, ready to be kept or compared.
pub fn render(program: &Program, title: &str, history: &History, options: &Options) -> String {
    // A token has letters for so many actors; no other is chosen unless a worker was spoilt.
    let choices = history.choices.iter().copied().filter(|a| usize::from(*a) < ACTORS_MAX);
    let token = Token { digest: program.digest(), choices: choices.collect() };
    let mut text = format!("{}token {token}\n", heading(title));
    text.push_str(&Painter::new(program, options.basis).paint(history));
    text.push_str(&end_state(&options.end));
    text
}

/// The sections of a history: what the interface shows, without the clauses behind it.
pub(crate) fn sections(program: &Program, history: &History) -> String {
    Painter::new(program, false).paint(history)
}

/// The section at the end, with what the caller knows beyond the history; nothing without lines.
pub fn end_state(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| format!("  {}\n", line.trim_end())).collect();
    format!("\nend\n{lines}")
}

/// Lines for the end: what clients did that the pages forbid them.
pub fn misuses(program: &Program, misuses: &[(Actor, ClauseId)]) -> Vec<String> {
    let name = |actor: Actor| match program.actors.get(usize::from(actor)) {
        Some(plan) => plan.name.clone(),
        None => format!("actor {actor}"),
    };
    let line = |(actor, clause): &(Actor, ClauseId)| {
        format!("{} misused {}{clause}", name(*actor), clause.strength().mark())
    };
    misuses.iter().map(line).collect()
}

/// The first line: the title, whatever it holds.
pub(crate) fn heading(title: &str) -> String {
    let title: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("# {}\n", title.trim())
}
