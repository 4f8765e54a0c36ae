//! Running a scenario on the model: what it shows, and whether the file keeps its word.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use rtm_sim::clause::ClauseId;
use rtm_sim::engine::{Engine, Event, Host, Operation};
use rtm_sim::history::{Entry, History};
use rtm_sim::model::{Config, Model};
use rtm_sim::program::{Actor, Program};
use rtm_sim::readings::Readings;
use rtm_sim::run::Run;
use rtm_sim::run::cleanup::Cleanup;
use rtm_sim::schedule::token::Token;
use rtm_sim::schedule::{Listed, Random, RoundRobin, Scheduler};
use rtm_sim::vocabulary::argument::ArgValue;
use rtm_sim::vocabulary::call::{Call, Function};
use rtm_sim::vocabulary::callback::Answer;
use rtm_sim::vocabulary::observation::{Basis, Field, Place, Value};
use rtm_sim::vocabulary::status::Status;

use crate::checker::{Promises, Span};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::scenario::{Scenario, Schedules};

/// An order in which the steps of a scenario are made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Strategy {
    /// File order.
    Listed,
    /// Each client in turn.
    RoundRobin,
    /// The random interleaving of a seed.
    Random(u64),
}

impl Strategy {
    /// A scheduler that follows it.
    pub fn scheduler(self, program: &Program) -> Box<dyn Scheduler> {
        match self {
            Strategy::Listed => Box::new(Listed::new(program.listed_order())),
            Strategy::RoundRobin => Box::new(RoundRobin::default()),
            Strategy::Random(seed) => Box::new(Random::new(seed)),
        }
    }

    /// Its name in reports: `listed`, `round-robin`, `seed-7`.
    pub fn name(self) -> String {
        match self {
            Strategy::Listed => String::from("listed"),
            Strategy::RoundRobin => String::from("round-robin"),
            Strategy::Random(seed) => format!("seed-{seed}"),
        }
    }
}

impl Scenario {
    /// The orders that the file asks for; random ones begin with `first_seed`, and there are
    /// `seeds` of them where that is given.
    pub fn strategies(&self, first_seed: u64, seeds: Option<u32>) -> Vec<Strategy> {
        let mut strategies = vec![Strategy::Listed];
        if let Schedules::Interleave { seeds: asked } = self.schedules {
            strategies.push(Strategy::RoundRobin);
            let count = u64::from(seeds.unwrap_or(asked));
            strategies.extend((0..count).map(|n| Strategy::Random(first_seed.wrapping_add(n))));
        }
        strategies
    }
}

/// A step that did not return what the file expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unexpected {
    /// Its number in the program.
    pub step: u32,
    /// What the file expects.
    pub expected: Status,
    /// What became of it.
    pub seen: Seen,
    /// What decided that, where it has ended.
    pub basis: Basis,
}

/// What became of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It ended with this status.
    Status(Status),
    /// It began and never ended.
    NoEnd,
    /// It was never begun.
    NoBegin,
}

/// A call that was given what is gone, by a step that is not marked as a hazard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeadHandle {
    /// Number of the step in the program.
    pub step: u32,
    /// The function that was called.
    pub function: Function,
    /// The parameter that the handle was given for.
    pub parameter: &'static str,
}

/// What a run on the model showed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Simulation {
    /// What happened.
    pub history: History,
    /// What clients did that the pages forbid them: who, and the clause.
    pub misuses: Vec<(Actor, ClauseId)>,
    /// Clauses that decided something that was seen.
    pub cited: BTreeSet<ClauseId>,
    /// Where a step did not return what the file expects of the model.
    pub unexpected: Vec<Unexpected>,
    /// Where a step that is not marked as a hazard gave a handle that names nothing any more.
    pub dead: Vec<DeadHandle>,
    /// The step at which a run was broken off that does not come to an end.
    pub endless: Option<u32>,
    /// Rules of the model that were broken on the way; always a fault of the model.
    pub broken: Vec<String>,
    /// What came of giving back what was held at the end, where the file asks for it.
    pub cleanup: Cleanup,
}

/// Runs a scenario on the model.
pub fn simulate(scenario: &Scenario, scheduler: &mut dyn Scheduler) -> Simulation {
    simulate_with(scenario, scheduler, Config::default(), Readings::own())
}

/// Runs a scenario on a model with this configuration and these readings.
pub fn simulate_with(
    scenario: &Scenario,
    scheduler: &mut dyn Scheduler,
    config: Config,
    readings: Readings,
) -> Simulation {
    simulate_on(&mut Model::new(config, readings), scenario, scheduler)
}

/// Runs a scenario on a model that is in its first state, and leaves it as the run does.
pub fn simulate_on(
    model: &mut Model,
    scenario: &Scenario,
    scheduler: &mut dyn Scheduler,
) -> Simulation {
    let program = &scenario.program;
    let mut engine = Checked { model, begun: 0, dead: Vec::new(), events: 0, broken: Vec::new() };
    let mut run = Run::new(program);
    if scenario.cleans_up() {
        run.keep_holdings();
    }
    run.run(&mut engine, scheduler);
    if engine.broken.is_empty() {
        engine.broken = engine.model.broken_invariants();
    }
    // Nothing that giving back does is shown by the scenario.
    let misuses = engine.model.misuses().to_vec();
    let dead = dead(program, &run.history, &engine.dead);
    let cleanup = run.clean_up(&mut engine);
    let history = run.history;
    let cited = history.fields.iter().flat_map(|f| f.basis.clauses().collect::<Vec<_>>());
    Simulation {
        cited: cited.collect(),
        misuses,
        unexpected: unexpected(program, &history),
        dead,
        endless: endless(&history),
        broken: engine.broken,
        cleanup,
        history,
    }
}

/// Clauses that decide something which is seen when the scenario runs in its orders.
pub fn cited(scenario: &Scenario) -> BTreeSet<ClauseId> {
    let strategies = scenario.strategies(1, None).into_iter();
    let run = |strategy: Strategy| simulate(scenario, &mut *strategy.scheduler(&scenario.program));
    strategies.flat_map(|strategy| run(strategy).cited).collect()
}

impl Simulation {
    /// Whether the run cited a clause, or a client did what it forbids.
    fn proves(&self, clause: ClauseId) -> bool {
        self.cited.contains(&clause) || self.misuses.iter().any(|(_, c)| *c == clause)
    }

    /// Where the run and the file disagree.
    pub fn problems(&self, scenario: &Scenario) -> Vec<Diagnostic> {
        let command = self.command(scenario);
        let wrong = |code, span: Option<&Span>, message| {
            Diagnostic::new(&scenario.source, code, span.cloned().unwrap_or(0..0), message)
        };
        let mut problems = Vec::new();
        let Promises { clauses, expects } = &scenario.promises;
        for (clause, span) in scenario.clauses.iter().zip(clauses) {
            if !self.proves(*clause) {
                let message = format!("the model never cites the clause `{clause}`");
                let help = format!("`{command}` shows what it cites");
                problems.push(wrong(Code::Unproven, Some(span), message).help(help));
            }
        }
        for unexpected in &self.unexpected {
            let help = match unexpected.basis.clauses().next() {
                Some(clause) => {
                    let mark = clause.strength().mark();
                    format!("{mark}{clause} decides that; `{command}` shows the run")
                }
                None => format!("`{command}` shows the run"),
            };
            let span = expects.get(&unexpected.step);
            let found = wrong(Code::Unexpected, span, unexpected.to_string());
            problems.push(found.help(help));
        }
        for DeadHandle { step, function, parameter } in &self.dead {
            let span = scenario.source.span_of_line(scenario.program.steps[*step as usize].line);
            let name = function.name();
            let message = format!("`{name}` is given a dead handle for {parameter}");
            let found = wrong(Code::DeadHandle, Some(&span), message);
            problems.push(found.help("add `hazard = true` to the step if it is meant"));
        }
        if let Some(step) = self.endless {
            let span = scenario.source.span_of_line(scenario.program.steps[step as usize].line);
            let message = "the run does not come to an end from here";
            let found = wrong(Code::Endless, Some(&span), message.to_owned());
            problems.push(found.help(format!("`{command}` shows how it begins")));
        }
        for rule in &self.broken {
            let message = format!("the model breaks its rule: {rule}");
            problems.push(wrong(Code::Broken, None, message).help("this is no fault of the file"));
        }
        problems
    }

    /// The command that shows this run.
    fn command(&self, scenario: &Scenario) -> String {
        let mut command = format!("rtm simulate {}", scenario.source.file());
        if scenario.schedules != Schedules::Listed {
            let digest = scenario.program.digest();
            let token = Token { digest, choices: self.history.choices.clone() };
            command += &format!(" --schedule {token}");
        }
        command
    }
}

impl Display for Unexpected {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} is expected, ", self.expected)?;
        match self.seen {
            Seen::Status(status) => write!(f, "the model gives {status}"),
            Seen::NoEnd => f.write_str("and the step never ends"),
            Seen::NoBegin => f.write_str("and the step is never reached"),
        }
    }
}

/// Steps that did not return what is expected of them; of those that a callback makes, only such
/// as were begun, since what calls back depends on the order of the steps.
fn unexpected(program: &Program, history: &History) -> Vec<Unexpected> {
    let mut begun = vec![Vec::new(); program.actors.len()];
    let mut reached = vec![false; program.steps.len()];
    let mut found = Vec::new();
    for entry in &history.entries {
        match entry {
            Entry::Begin { actor, step } => {
                reached[*step as usize] = true;
                begun[usize::from(*actor)].push(*step);
            }
            Entry::End { actor, fields } => {
                let Some(step) = begun[usize::from(*actor)].pop() else { continue };
                let expected = program.steps[step as usize].expect;
                let status = history.slice(*fields).first().filter(|f| f.place == Place::STATUS);
                if let (Some(expected), Some((Value::Number(seen), basis))) =
                    (expected, status.map(|f| (f.value, f.basis)))
                    && u64::from(expected.0) != seen
                {
                    let seen = Seen::Status(Status(seen as u32));
                    found.push(Unexpected { step, expected, seen, basis });
                }
            }
            _ => {}
        }
    }
    let unended = begun.into_iter().flatten().map(|step| (step, Seen::NoEnd));
    let parts = [&program.before, &program.concurrent, &program.after];
    let planned = parts.into_iter().flatten().copied();
    let unbegun = planned.filter(|step| !reached[*step as usize]).map(|s| (s, Seen::NoBegin));
    for (step, seen) in unended.chain(unbegun) {
        let expected = program.steps[step as usize].expect;
        let basis = Basis::NONE;
        found.extend(expected.map(|expected| Unexpected { step, expected, seen, basis }));
    }
    found
}

/// The step that an actor had begun last when it ran away.
fn endless(history: &History) -> Option<u32> {
    let is_runaway = |entry: &Entry| matches!(entry, Entry::Runaway { .. });
    let at = history.entries.iter().position(is_runaway)?;
    history.entries[..at].iter().rev().find_map(|entry| match entry {
        Entry::Begin { step, .. } => Some(*step),
        _ => None,
    })
}

/// Dead handles that were given, as far as the steps are not marked; `dead` has the numbers of the
/// operations.
fn dead(
    program: &Program,
    history: &History,
    dead: &[(usize, Function, &'static str)],
) -> Vec<DeadHandle> {
    let begun = history.entries.iter().filter_map(|entry| match entry {
        Entry::Begin { step, .. } => Some(*step),
        _ => None,
    });
    let begun: Vec<u32> = begun.collect();
    let steps = dead.iter().map(|(begin, function, parameter)| DeadHandle {
        step: begun[*begin],
        function: *function,
        parameter,
    });
    steps.filter(|dead| !program.steps[dead.step as usize].hazard).collect()
}

/// The parameter that a call gives a handle for that names nothing any more, if there is one.
fn dead_parameter(model: &Model, call: &Call) -> Option<&'static str> {
    let mut pairs = call.function().parameters().iter().zip(call.arguments());
    let is_dead = |value: &ArgValue| match value {
        ArgValue::Handle(handle) => model.is_dead(*handle),
        ArgValue::Handles(Some(handles)) => handles.iter().any(|handle| model.is_dead(*handle)),
        ArgValue::Dests(Some(dests)) => dests.iter().any(|dest| model.is_dead(dest.dest)),
        ArgValue::Route(Some(route)) => route.next_hops.iter().any(|hop| model.is_dead(*hop)),
        _ => false,
    };
    pairs.find(|(_, value)| is_dead(value)).map(|(parameter, _)| parameter.name)
}

/// Events after each of which the invariants are checked; from then on they are when the number of
/// events has doubled, and at the end: a check looks at the whole model.
const CHECKED_EACH: usize = 1024;

/// The model, watched: what it is given that is dead, and its invariants after the events.
struct Checked<'a> {
    model: &'a mut Model,
    /// Operations so far.
    begun: usize,
    /// Those of them that gave a dead handle, and the parameter that it was given for.
    dead: Vec<(usize, Function, &'static str)>,
    /// Events so far.
    events: usize,
    broken: Vec<String>,
}

impl Engine for Checked<'_> {
    fn begin(&mut self, actor: Actor, operation: &Operation) {
        if let Operation::Call(call) = operation
            && let Some(parameter) = dead_parameter(self.model, call)
        {
            self.dead.push((self.begun, call.function(), parameter));
        }
        self.begun += 1;
        self.model.begin(actor, operation);
    }

    fn next(&mut self, host: &mut dyn Host, seen: &mut Vec<Field>) -> Event {
        let event = self.model.next(host, seen);
        if event != Event::Idle {
            self.events += 1;
            let due = self.events <= CHECKED_EACH || self.events.is_power_of_two();
            if self.broken.is_empty() && due {
                self.broken = self.model.broken_invariants();
            }
        }
        event
    }

    fn waits(&self) -> Vec<(Actor, Vec<Actor>)> {
        self.model.waits()
    }

    fn answer(&mut self, answer: &Answer) {
        self.model.answer(answer);
    }
}
