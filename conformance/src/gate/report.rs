//! Reports: with their heading at most fifteen lines a failure, the last of them the command that
//! repeats it.

use std::fmt::Write as _;

use rtm_scenarios::Scenario;
use rtm_scenarios::simulate::simulate_with;
use rtm_sim::acceptor::adopted_profile;
use rtm_sim::acceptor::hypothesis::function_of;
use rtm_sim::acceptor::judgement::{Difference, Judgement, Verdict};
use rtm_sim::clause::Strength;
use rtm_sim::history::{Entry, History};
use rtm_sim::model::Config;
use rtm_sim::program::operand::Argument;
use rtm_sim::program::{Action, Program};
use rtm_sim::readings::Readings;
use rtm_sim::schedule::Replay;
use rtm_sim::schedule::token::Token;
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::callback::Told;
use rtm_sim::vocabulary::constants::{AF_INET, EventType};
use rtm_sim::vocabulary::observation::{self, Place, Value};
use rtm_sim::vocabulary::status::Status;
use rtm_snapshots::difference::diff;
use rtm_snapshots::{Options as RenderOptions, render};

use super::verdict::Fault;
use super::{Options, Selected};
use crate::engine::memory::Overrun;
use crate::pool::RunReport;
use crate::worker::journal::Begun;

/// Most lines of a report without its heading.
const LINES_MAX: usize = 14;
/// Most characters of a line that is not a command.
const LINE_CHARS_MAX: usize = 160;

/// A run that failed, for showing.
#[derive(Debug)]
pub struct Failure<'a> {
    /// The scenario.
    pub selected: &'a Selected,
    /// How the gate was run.
    pub options: &'a Options,
    /// What is wrong.
    pub fault: &'a Fault,
    /// The judgement of its history, or of what there is of it.
    pub judgement: Option<&'a Judgement>,
    /// The run.
    pub run: &'a RunReport,
}

impl Failure<'_> {
    /// The report.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        match self.fault {
            Fault::Differ(difference, strength) => {
                self.difference(difference, *strength, &mut lines);
            }
            Fault::Ended(end) => {
                lines.push(format!("the library {end}{}", last_call(self.program(), self.run)));
                self.due_instead(&mut lines);
                if !self.run.output.is_empty() {
                    let printed = self.run.output.lines().take(4);
                    lines.extend(printed.map(|line| format!("  printed: {line}")));
                }
            }
            Fault::Overrun(text) => lines.push(format!("the library {text}")),
            Fault::NotRepeatable => {
                lines.push(String::from(
                    "a run failed, and did not when it was repeated alone in a fresh \
                     process: \
                     the library keeps something from run to run, or its answers differ by \
                     themselves",
                ));
            }
        }
        lines.truncate(LINES_MAX - 1);
        for line in &mut lines {
            if LINE_CHARS_MAX < line.chars().count() {
                *line = line.chars().take(LINE_CHARS_MAX - 3).collect::<String>() + "...";
            }
        }
        lines.push(format!("repeat: {}", self.command()));
        lines.join("\n")
    }

    fn program(&self) -> &Program {
        &self.selected.scenario.program
    }

    /// What was wrong before a run ended.
    fn due_instead(&self, lines: &mut Vec<String>) {
        let (difference, strength) = match self.judgement.map(|j| &j.verdict) {
            Some(Verdict::Differ(difference, strength)) => (difference, *strength),
            // Tolerated as such, it may be why the library was given what it did not survive.
            Some(Verdict::NotJudged(Some(difference))) => (difference, difference.strength()),
            _ => return,
        };
        lines.push(String::from("before that:"));
        self.differing(difference, strength, lines);
    }

    fn difference(&self, difference: &Difference, strength: Strength, lines: &mut Vec<String>) {
        self.differing(difference, strength, lines);
        let rest = LINES_MAX - 1 - lines.len().min(LINES_MAX - 1);
        let changes = self.snapshot_diff(rest);
        lines.extend(changes.lines().map(|line| format!("  {line}")));
    }

    fn differing(&self, difference: &Difference, strength: Strength, lines: &mut Vec<String>) {
        lines.extend(place_of(self.program(), difference, &self.run.history));
        for clause in difference.basis.clauses().take(3) {
            let (mark, word) = (clause.strength().mark(), clause.strength().word());
            lines.push(format!("  {mark}{clause} ({word})"));
            lines.push(format!("    {}", clause.clause().text));
        }
        if strength == Strength::Implied {
            lines.push(String::from("  implied only: it fails because of --strict"));
        }
    }

    /// The history beside the one that the model has for the same order.
    fn snapshot_diff(&self, lines: usize) -> String {
        if lines < 2 {
            return String::new();
        }
        let scenario = &self.selected.scenario;
        let mut replay = Replay::new(self.run.history.choices.clone());
        // What the library may choose is no difference that anybody has to look at.
        let profile = adopted_profile(&scenario.program, &self.run.history, &Config::default());
        let mut readings = Readings::own();
        let taken = self.judgement.into_iter().flat_map(|judgement| &judgement.readings);
        taken.for_each(|reading| readings.set(*reading));
        let model = simulate_with(scenario, &mut replay, profile, readings).history;
        let options = RenderOptions { basis: false, ..RenderOptions::default() };
        let text = |history: &History| render(&scenario.program, "", history, &options);
        let all = diff(&text(&model), &text(&self.run.history), usize::MAX);
        hunks(&all, lines)
    }

    /// The command that repeats the run.
    fn command(&self) -> String {
        let mut command = format!("{} conform", self.options.shown_program);
        if let Some(path) = &self.options.shown_path {
            let _ = write!(command, " --implementation {}", quoted(path));
        }
        command += &self.options.shown_options;
        let choices = self.run.history.choices.clone();
        let _ = write!(command, " --exact {}", quoted(&self.selected.name));
        // A run that did not come to its interleaved part is repeated in file order.
        if !self.program().concurrent.is_empty() && !choices.is_empty() {
            let _ = write!(
                command,
                " --schedule {}",
                Token { digest: self.program().digest(), choices }
            );
        }
        command
    }
}

/// The call that was begun last, after a run that did not end, and where it stands.
pub fn last_call(program: &Program, run: &RunReport) -> String {
    let Some(last) = &run.last else { return String::new() };
    let what = match last.begun {
        None => return String::new(),
        Some(Begun::Call(function)) => format!(" in {}", function.name()),
        Some(Begun::Read | Begun::Write) => String::from(" while a direct pointer was used"),
        Some(Begun::Advance) => String::from(" while time passed"),
        Some(Begun::Settle) => String::from(" while it settled"),
    };
    let step = last.step.and_then(|step| program.steps.get(step as usize));
    let line =
        step.and_then(|step| Some((step.line, program.actors.get(usize::from(step.actor))?)));
    line.map_or(what.clone(), |(line, actor)| format!("{what}, line {line}, {}", actor.name))
}

/// The buffer that was written past: of which call, and for which parameter.
pub fn buffer_of(program: &Program, history: &History, overrun: &Overrun) -> String {
    let mut begun = history.entries.iter().filter_map(|entry| match entry {
        Entry::Begin { step, .. } => program.steps.get(*step as usize),
        _ => None,
    });
    let step = begun.nth(overrun.operation as usize);
    let function = step.and_then(function_of);
    let parameter = function.and_then(|f| f.parameters().get(usize::from(overrun.parameter)));
    let place = step.and_then(|s| Some((s.line, program.actors.get(usize::from(s.actor))?)));
    match (place, function, parameter) {
        (Some((line, actor)), Some(function), Some(parameter)) => {
            let (function, parameter) = (function.name(), parameter.name);
            format!(": line {line}, {}: {function}, {parameter}", actor.name)
        }
        _ => {
            format!(", parameter {} of operation {}", overrun.parameter + 1, overrun.operation + 1)
        }
    }
}

/// A difference of two histories in at most `lines` lines: with its surroundings where that fits,
/// otherwise the changed lines, as many as there is room for.
fn hunks(all: &str, lines: usize) -> String {
    let all: Vec<&str> = all.lines().skip(2).collect();
    if all.is_empty() {
        return String::new();
    }
    let room = lines - 1;
    let whole: Vec<&str> = all.iter().filter(|line| !line.starts_with("@@")).copied().collect();
    let changed = whole.iter().filter(|line| line.starts_with(['-', '+'])).copied();
    let mut shown: Vec<&str> = if whole.len() <= room { whole.clone() } else { changed.collect() };
    let mut text = String::from("the histories, - of the model, + of the library:\n");
    let left = shown.len().saturating_sub(room);
    if left != 0 {
        shown.truncate(room.saturating_sub(1));
    }
    for line in &shown {
        let _ = writeln!(text, "{line}");
    }
    if left != 0 && room != 0 {
        let _ = writeln!(text, "... {} more lines", left + 1);
    }
    text
}

/// Who did what, and what was seen beside what the model has: two lines.
fn place_of(program: &Program, difference: &Difference, history: &History) -> [String; 2] {
    let actor = &program.actors[usize::from(difference.actor)].name;
    let what = match (difference.function, difference.line) {
        (Some(function), Some(line)) => format!("line {line}, {actor}: {}", function.name()),
        (None, Some(line)) => format!("line {line}, {actor}"),
        _ => callback_at(program, history, difference.entry, actor),
    };
    if difference.place == Place::AWAITED {
        let status = shown(Place::STATUS, difference.observed);
        return [what, format!("  it returned {status} where it has to wait in the model")];
    }
    let place = difference.place.text(difference.function);
    let expected = shown(difference.place, difference.expected);
    let observed = shown_beside(difference.place, difference.expected, difference.observed);
    [what, format!("  {place}: the model has {expected}, the library gave {observed}")]
}

/// A callback: which event it was for, whose, and the step during or after which it came.
fn callback_at(program: &Program, history: &History, entry: usize, actor: &str) -> String {
    let told = match history.entries.get(entry) {
        Some(Entry::Callback { told: Told::Event(number), .. }) => Some(*number),
        _ => None,
    };
    let event = EventType::ALL.into_iter().find(|e| Some(e.number()) == told);
    let event = event.map_or(String::new(), |event| format!("{} of ", event.name()));
    let before = history.entries[..entry.min(history.entries.len())].iter().rev();
    let step = before.into_iter().find_map(|entry| match entry {
        Entry::Begin { step, .. } => program.steps.get(*step as usize),
        _ => None,
    });
    match step {
        Some(step) => format!("line {}, a callback: {event}{actor}", step.line),
        None => format!("a callback: {event}{actor}"),
    }
}

/// Where a library went its own way, so that nothing more could be said: one line.
pub fn own_way(program: &Program, difference: &Difference, history: &History) -> String {
    let [what, seen] = place_of(program, difference, history);
    let clauses: Vec<String> =
        difference.basis.clauses().map(|c| format!("{}{c}", c.strength().mark())).collect();
    format!("{what}, {}; {}", seen.trim_start(), clauses.join(" "))
}

/// A path as a shell takes it.
pub fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.into()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

fn shown(place: Place, value: Option<Value>) -> String {
    match value {
        None => String::from("nothing"),
        Some(Value::Number(number)) if place == Place::STATUS => Status(number as u32).to_string(),
        Some(Value::Number(number)) if place == Place::EVENT => {
            let event = EventType::ALL.into_iter().find(|e| u64::from(e.number()) == number);
            event.map_or_else(|| format!("event {number}"), |event| event.name().into())
        }
        Some(Value::Number(number)) if number < 10 => number.to_string(),
        Some(Value::Number(number)) => format!("{number} ({number:#x})"),
        Some(Value::Handle(kind, handle)) if handle.is_null() => format!("no {}", kind.word()),
        Some(Value::Handle(kind, _)) => format!("a {}", kind.word()),
        Some(Value::Address(address)) => address.to_string(),
        Some(Value::Time(_)) => String::from("a time"),
        Some(Value::Pointer(0)) => String::from("a NULL pointer"),
        Some(Value::Pointer(_)) => String::from("a pointer"),
        Some(Value::Unwritten) => String::from("it left unwritten"),
        Some(Value::Written) => String::from("it overwritten"),
    }
}

fn shown_beside(place: Place, expected: Option<Value>, observed: Option<Value>) -> String {
    match (expected, observed) {
        (Some(Value::Handle(kind, one)), Some(Value::Handle(_, other)))
            if !one.is_null() && !other.is_null() =>
        {
            format!("another {}", kind.word())
        }
        (Some(Value::Time(_)), Some(Value::Time(_))) => {
            String::from("one out of the order of changes")
        }
        (_, observed) => shown(place, observed),
    }
}

/// A family that the scenario requires and that the library refused to register.
pub fn refused_family(scenario: &Scenario, history: &History) -> Option<String> {
    let mut step = None;
    for entry in &history.entries {
        match entry {
            Entry::Begin { step: begun, .. } => step = Some(*begun),
            Entry::End { fields, .. } => {
                let Some(begun) = step.take() else { continue };
                let Action::Call { function: Function::RegisterEntity, arguments, .. } =
                    &scenario.program.steps[begun as usize].action
                else {
                    continue;
                };
                let Some(Argument::Entity(Some(info))) = arguments.first() else { continue };
                let status = observation::number_at(history.slice(*fields), Place::STATUS);
                let required = scenario.requires.families.contains(&info.family);
                if info.family != AF_INET && required && status != Some(0) {
                    return Some(format!("does not serve address family {}", info.family));
                }
            }
            _ => {}
        }
    }
    None
}
