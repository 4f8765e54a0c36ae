//! From the entries of a history to blocks of lines.

use std::collections::BTreeSet;

use rtm_sim::history::{Entry, History};
use rtm_sim::program::{Action, Actor, Program};
use rtm_sim::vocabulary::callback::{Answer, Told};
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::observation::{Basis, Field, Place, Value};

use super::call::{self, Spelled};
use super::field::{self, Context};
use super::{fill, fold};
use crate::names::Names;
use crate::walk::{Begun, Walk};
use crate::words;

/// Column at which the clauses begin, unless the line is longer.
const BASIS_COLUMN: usize = 72;
/// Indentation of the steps of a section.
pub const STEP_INDENT: usize = 2;

/// The part of the program that a step belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Given,
    Steps,
    Then,
}

impl Phase {
    fn word(self) -> &'static str {
        match self {
            Phase::Given => "given",
            Phase::Steps => "steps",
            Phase::Then => "then",
        }
    }
}

/// The step shown last at one depth of callbacks.
struct Level {
    indent: usize,
    current: Option<Current>,
}

struct Current {
    actor: Actor,
    step: u32,
    text: String,
    ended: bool,
}

/// Writes the blocks of one history.
pub struct Painter<'p> {
    basis: bool,
    walk: Walk<'p>,
    names: Names,
    phases: Vec<Phase>,
    /// Width of the longest name of an actor.
    width: usize,
    levels: Vec<Level>,
    blocked: BTreeSet<Actor>,
    sections: Vec<(Phase, Vec<String>)>,
}

impl<'p> Painter<'p> {
    /// A painter for histories of `program`, which shows the clauses or leaves them out.
    pub fn new(program: &'p Program, basis: bool) -> Painter<'p> {
        let mut phases = vec![Phase::Steps; program.steps.len()];
        let apart = [(&program.before, Phase::Given), (&program.after, Phase::Then)];
        for (steps, phase) in apart {
            for step in steps {
                if let Some(slot) = phases.get_mut(*step as usize) {
                    *slot = phase;
                }
            }
        }
        let width = program.actors.iter().map(|plan| plan.name.chars().count()).max();
        Painter {
            basis,
            walk: Walk::new(program),
            names: Names::new(program),
            phases,
            width: width.unwrap_or(0),
            levels: vec![Level { indent: STEP_INDENT, current: None }],
            blocked: BTreeSet::new(),
            sections: Vec::new(),
        }
    }

    /// The sections of a history.
    pub fn paint(mut self, history: &History) -> String {
        for entry in &history.entries {
            self.entry(entry, history);
        }
        while let Some(level) = self.levels.pop() {
            self.never_ended(&level);
        }
        let mut text = String::new();
        for (phase, blocks) in &self.sections {
            text.push_str(&format!("\n{}\n", phase.word()));
            text.push_str(&fold::fold(blocks));
        }
        text
    }

    fn entry(&mut self, entry: &Entry, history: &History) {
        let slice = |(from, to): (u32, u32)| {
            history.fields.get(from as usize..to as usize).unwrap_or_default()
        };
        match entry {
            Entry::Begin { actor, step } => self.begin(*actor, *step),
            Entry::End { actor, fields } => self.end(*actor, slice(*fields)),
            Entry::Callback { receiver, told, fields } => {
                self.callback(*receiver, *told, slice(*fields));
            }
            Entry::CallbackEnd { answer } => self.callback_end(answer),
            Entry::Blocked { actor, fields } => {
                self.blocked.insert(*actor);
                self.wait(*actor, slice(*fields));
            }
            Entry::Deadlock { fields } => self.deadlock(slice(*fields)),
            Entry::Runaway { actor } => {
                let name = self.walk.actor_name(*actor);
                self.block(self.phase(), &format!("{name} repeats this without end"));
            }
        }
    }

    /// What a call waits for, and who holds it up.
    fn wait(&mut self, actor: Actor, fields: &[Field]) {
        let indent = self.go_on(actor);
        let Some(what) = fields.iter().find(|field| field.place == Place::AWAITED) else {
            return self.line(indent, "blocked", Basis::NONE);
        };
        let text = match what.value {
            Value::Handle(kind, handle) => {
                format!("blocked: waits for {}", self.names.handle(kind, handle))
            }
            _ => String::from("blocked"),
        };
        self.line(indent, &text, what.basis);
        for field in fields.iter().filter(|field| field.place.index != 0) {
            if let Value::Number(other) = field.value {
                let name = self.walk.actor_name(other as Actor);
                self.line(indent, &format!("held up by {name}"), field.basis);
            }
        }
    }

    fn deadlock(&mut self, fields: &[Field]) {
        let mut waits: Vec<String> = Vec::new();
        for field in fields {
            if let Value::Number(other) = field.value {
                let one = self.walk.actor_name(field.place.index as Actor);
                waits.push(format!("{one} waits for {}", self.walk.actor_name(other as Actor)));
            }
        }
        if waits.is_empty() {
            waits = self.blocked.iter().map(|a| self.walk.actor_name(*a).to_string()).collect();
        }
        self.block(self.phase(), &format!("deadlock: {}", waits.join(", ")));
    }

    fn begin(&mut self, actor: Actor, index: u32) {
        let spelled = match self.walk.step(index) {
            Some(step) => call::spell(&self.walk, &self.names, actor, step),
            None => Spelled { text: format!("step {index}"), slots: Vec::new() },
        };
        let Spelled { text, slots } = spelled;
        let level = self.level();
        let again = level
            .current
            .as_ref()
            .is_some_and(|c| c.ended && (c.actor, c.step, &c.text) == (actor, index, &text));
        let repeats = self
            .walk
            .step(index)
            .is_some_and(|step| matches!(step.action, Action::Call { until_end: true, .. }));
        let shown = if again && repeats { "(again)" } else { text.as_str() };
        self.header(actor, self.phases.get(index as usize).copied(), shown);
        self.level_mut().current = Some(Current { actor, step: index, text, ended: false });
        self.walk.begin(actor, Begun { step: index, slots });
    }

    fn end(&mut self, actor: Actor, fields: &[Field]) {
        let indent = self.go_on(actor);
        self.blocked.remove(&actor);
        let begun = self.walk.begun(actor).cloned().unwrap_or_default();
        let step = self.walk.begun(actor).and_then(|begun| self.walk.step(begun.step));
        let context = Context { action: step.map(|s| &s.action), event: None, slots: &begun.slots };
        self.fields(indent, fields, &context);
        self.walk.end(actor, fields);
        if let Some(current) = &mut self.level_mut().current {
            current.ended = true;
        }
    }

    fn callback(&mut self, receiver: Option<Actor>, told: Told, fields: &[Field]) {
        let indent = self.sub_indent();
        let name = receiver.map_or_else(|| String::from("unknown"), |a| self.walk.actor_name(a));
        let kind = told.event().and_then(|n| EventType::ALL.into_iter().find(|e| e.number() == n));
        let word = match (told, kind) {
            (_, Some(event)) => format!("callback {}", event.name()),
            (Told::Event(number), None) => format!("callback event {number}"),
            (Told::Method(index), None) => format!("method {index}"),
        };
        let is_event = |f: &&Field| matches!(f.place, Place::EVENT | Place::METHOD);
        let basis = fields.iter().find(is_event).map_or(Basis::NONE, |f| f.basis);
        if self.sections.is_empty() {
            self.block(Phase::Steps, "(before the first step)");
        }
        self.line(indent, &format!("-> {name} {word}"), basis);
        let indent = indent + 3;
        let context = Context { action: None, event: kind, slots: &[] };
        let arguments: Vec<Field> = fields.iter().filter(|f| !is_event(f)).copied().collect();
        self.fields(indent, &arguments, &context);
        self.walk.callback(receiver, told, fields);
        self.levels.push(Level { indent, current: None });
    }

    fn callback_end(&mut self, answer: &Answer) {
        if self.levels.len() == 1 {
            return;
        }
        let Some(level) = self.levels.pop() else { return };
        self.never_ended(&level);
        self.line(level.indent, &words::answer(answer), Basis::NONE);
        self.walk.callback_end();
    }

    /// A step that began and did not end, and is not blocked: the implementation did not survive.
    fn never_ended(&mut self, level: &Level) {
        if let Some(current) = &level.current
            && !current.ended
            && !self.blocked.contains(&current.actor)
        {
            self.line(level.indent + self.width + 4, "(did not return)", Basis::NONE);
        }
    }

    /// Makes sure that the step shown last is that of `actor`; gives the place of its lines.
    fn go_on(&mut self, actor: Actor) -> usize {
        let is_current = |c: &Current| c.actor == actor && !c.ended;
        if !self.level().current.as_ref().is_some_and(is_current) {
            let step = self.walk.begun(actor).map(|begun| begun.step).unwrap_or_default();
            let word = self.walk.step(step).map_or("step", |s| call::word(&s.action));
            let text = format!("({word} goes on)");
            self.header(actor, None, &text);
            self.level_mut().current = Some(Current { actor, step, text, ended: false });
        }
        self.sub_indent()
    }

    fn header(&mut self, actor: Actor, phase: Option<Phase>, text: &str) {
        let name = self.walk.actor_name(actor);
        let width = self.width;
        let text = format!("{name:<width$}  {text}");
        if self.levels.len() == 1 {
            self.block(phase.unwrap_or(self.phase()), &text);
        } else {
            self.filled(self.level().indent, self.hang(), &text, Basis::NONE);
        }
    }

    fn fields(&mut self, indent: usize, fields: &[Field], context: &Context) {
        for (text, basis) in field::lines(fields, context, self.basis, &mut self.names) {
            self.line(indent, &text, basis);
        }
    }

    /// Begins a block of the section of `phase`.
    fn block(&mut self, phase: Phase, text: &str) {
        if self.sections.last().is_none_or(|(last, _)| *last != phase) {
            self.sections.push((phase, Vec::new()));
        }
        if let Some((_, blocks)) = self.sections.last_mut() {
            blocks.push(String::new());
        }
        self.filled(STEP_INDENT, self.hang(), text, Basis::NONE);
    }

    /// Adds a line to the last block, with further ones where the text is too long for one.
    fn line(&mut self, indent: usize, text: &str, basis: Basis) {
        self.filled(indent, 4, text, basis);
    }

    fn filled(&mut self, indent: usize, hang: usize, text: &str, basis: Basis) {
        let mut line = fill::filled(text, indent, hang);
        if self.basis && basis != Basis::NONE {
            let clauses: Vec<String> = basis
                .clauses()
                .map(|clause| format!("{}{clause}", clause.strength().mark()))
                .collect();
            let last = line.rsplit('\n').next().unwrap_or(&line).chars().count();
            let gap = BASIS_COLUMN.saturating_sub(last).max(2);
            line.push_str(&" ".repeat(gap));
            line.push_str(&clauses.join(" "));
        }
        if let Some(block) = self.sections.last_mut().and_then(|(_, blocks)| blocks.last_mut()) {
            block.push_str(line.trim_end());
            block.push('\n');
        }
    }

    fn phase(&self) -> Phase {
        self.sections.last().map_or(Phase::Steps, |(phase, _)| *phase)
    }

    /// How far the rest of a long call is indented: more than what it showed.
    fn hang(&self) -> usize {
        self.width + 8
    }

    fn sub_indent(&self) -> usize {
        self.level().indent + self.width + 4
    }

    fn level(&self) -> &Level {
        self.levels.last().expect("the outermost level stays until the end")
    }

    fn level_mut(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the outermost level stays until the end")
    }
}
