//! Gathering: which steps a file has, who makes them, which labels they bind.
//!
//! A repeated step becomes as many steps as it has turns, after their number was checked; all
//! labels are known before the first step is lowered.

use rtm_sim::vocabulary::call::Function;
use toml::de::{DeTable, DeValue};

use crate::checker::{Checker, Span, Value, listed, whole};
use crate::code::Code;
use crate::diagnostic::shown;
use crate::label::{Home, LABELS_MAX, Label, name_fault};
use crate::output::Gives;

/// Most steps of a scenario, repetitions included.
pub(crate) const STEPS_MAX: u64 = 200_000;

/// A step of the file, before it is lowered.
pub(crate) struct RawStep<'a> {
    pub(crate) table: &'a DeTable<'a>,
    pub(crate) span: Span,
    pub(crate) actor: usize,
    pub(crate) turns: u64,
    /// Where its first turn stands.
    pub(crate) home: Home,
    /// The label of each turn.
    pub(crate) labels: Vec<Option<u16>>,
}

/// Where the steps of an array belong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// One after the other, before or after the rest.
    Alone,
    /// Those whose orders are explored.
    Interleaved,
    /// What the callback of a client does.
    Reaction { reaction: u32, actor: usize },
}

/// How far the gathering of steps has come.
pub(crate) struct Gathered {
    /// Steps so far, repetitions included.
    pub(crate) count: u64,
    /// Labels that repeated steps bind so far.
    labels: u64,
}

impl Gathered {
    /// Nothing yet: every step stands behind position 0, where clients register.
    pub(crate) fn after_registrations() -> Gathered {
        Gathered { count: 1, labels: 0 }
    }
}

impl Checker {
    /// Gathers the steps of one array and the labels that they bind.
    pub(crate) fn gather<'a>(
        &mut self,
        value: &'a Value<'a>,
        part: Part,
        gathered: &mut Gathered,
    ) -> Vec<RawStep<'a>> {
        let items = self.array(value, "an array of steps").unwrap_or_default();
        let mut steps = Vec::new();
        for item in items {
            let Some(table) = self.table(item, "a step") else { continue };
            let actor = self.actor(table, &item.span(), part);
            let turns = self.turns(table, gathered);
            let position = gathered.count as u32;
            let home = match part {
                Part::Reaction { reaction, .. } => Home::Reaction(reaction, position),
                Part::Alone | Part::Interleaved => Home::Main(position),
            };
            gathered.count += turns;
            let mut step =
                RawStep { table, span: item.span(), actor, turns, home, labels: Vec::new() };
            step.labels = self.bindings(&step, gathered);
            steps.push(step);
        }
        steps
    }

    /// The client that acts in a step.
    fn actor(&mut self, table: &DeTable, span: &Span, part: Part) -> usize {
        let given = table.get("by");
        if let Part::Reaction { actor, .. } = part {
            if let Some(value) = given {
                let message = "a reaction is made by the client that it belongs to";
                self.wrong_help(Code::UnknownClient, value.span(), message, "leave `by` out");
            }
            return actor;
        }
        let Some(value) = given else {
            let waits = table.contains_key("advance") || table.contains_key("settle");
            if self.clients.len() != 1 && !(part == Part::Alone && waits) {
                let help = "say which client acts: `by = \"..\"`";
                let message = "the step does not say who makes it";
                self.wrong_help(Code::UnknownClient, span.clone(), message, help);
            }
            return 0;
        };
        let Some(name) = self.text(value) else { return 0 };
        let found = self.clients.iter().position(|c| c.name == name);
        if found.is_none() {
            let message = format!("no client `{}`", shown(&name, 80));
            let known: Vec<String> = self.clients.iter().map(|c| c.name.clone()).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let otherwise = format!("the clients are {}", listed(&known));
            self.unknown(Code::UnknownClient, value.span(), message, &name, known, &otherwise);
        }
        found.unwrap_or(0)
    }

    /// How often a step is made; never more often than the whole scenario may have steps.
    fn turns(&mut self, table: &DeTable, gathered: &Gathered) -> u64 {
        let Some(value) = table.get("repeat") else { return 1 };
        if !value.get_ref().is_integer() {
            self.wrong_type(value, "a whole number");
            return 1;
        }
        let number = whole(value.get_ref()).unwrap_or(0);
        let left = STEPS_MAX.saturating_sub(gathered.count);
        match u64::try_from(number) {
            Ok(turns) if 0 < turns && turns <= left => turns,
            Ok(0) | Err(_) if number <= 0 => {
                self.wrong(Code::OutOfRange, value.span(), "a step is made at least once");
                1
            }
            _ => {
                let help = format!("a scenario has at most {STEPS_MAX} steps in all");
                self.wrong_help(Code::TooManySteps, value.span(), "too many turns", help);
                1
            }
        }
    }

    /// Binds the labels of a step, turn by turn.
    fn bindings(&mut self, step: &RawStep, gathered: &mut Gathered) -> Vec<Option<u16>> {
        let gives = self.gives(step);
        let Some(value) = step.table.get("bind") else {
            let client = &self.clients[step.actor];
            let registers = gives == Gives::Call(Function::RegisterEntity);
            if !registers || !client.by_hand || client.label.is_some() {
                return Vec::new();
            }
            let name = client.name.clone();
            let label = Label { name, span: None, home: step.home, gives, about: None };
            let label = self.labels.add(label);
            self.clients[step.actor].label = label;
            return vec![label];
        };
        let DeValue::String(name) = value.get_ref() else {
            self.wrong_type(value, "a name");
            return Vec::new();
        };
        if 1 < step.turns && !name.contains("{i}") {
            let message = "each turn would bind the same label";
            let help = format!("write the turn into the label: `{}{{i}}`", shown(name, 40));
            self.wrong_help(Code::RepeatedLabel, value.span(), message, help);
            return Vec::new();
        }
        gathered.labels += step.turns;
        if LABELS_MAX < gathered.labels {
            let message = format!("more than {LABELS_MAX} labels");
            self.wrong(Code::TooManySteps, value.span(), message);
            return Vec::new();
        }
        let mut labels = Vec::new();
        for turn in 0..step.turns {
            self.here.turn = step.table.contains_key("repeat").then_some(turn);
            let before = self.found.len();
            labels.push(self.binding(step, turn, value, gives));
            if before < self.found.len() {
                break;
            }
        }
        self.here.turn = None;
        labels
    }

    fn binding(&mut self, step: &RawStep, turn: u64, value: &Value, gives: Gives) -> Option<u16> {
        let name = self.text(value)?.into_owned();
        if !self.check_name(&name, value.span(), "a label") {
            return None;
        }
        let home = moved(step.home, turn);
        if let Some(actor) = self.clients.iter().position(|c| c.name == name) {
            let client = &self.clients[actor];
            let registers = gives == Gives::Call(Function::RegisterEntity);
            if !(client.by_hand && registers && actor == step.actor && client.label.is_none()) {
                let message = format!("`{name}` is the name of a client");
                let help = "name what the step gives back otherwise";
                self.wrong_help(Code::DuplicateName, value.span(), message, help);
                return None;
            }
            let label = Label { name, span: Some(value.span()), home, gives, about: None };
            let label = self.labels.add(label);
            self.clients[actor].label = label;
            return label;
        }
        let label = Label { name, span: Some(value.span()), home, gives, about: None };
        self.add_label(label, value.span())
    }

    /// Adds a label that was not there before.
    pub(crate) fn add_label(&mut self, label: Label, span: Span) -> Option<u16> {
        let name = label.name.clone();
        let added = self.labels.add(label);
        if added.is_none() {
            let first = self.labels.find(&name, Home::Main(u32::MAX));
            let first = first.and_then(|l| self.labels.get(l).span.clone());
            let line = first.map(|s| self.source.line(s.start));
            let message = match line {
                Some(line) => format!("`{name}` is bound twice, first on line {line}"),
                None => format!("`{name}` is bound twice"),
            };
            self.wrong_help(Code::DuplicateName, span, message, "choose another name");
        }
        added
    }

    /// Checks that a text is a name.
    pub(crate) fn check_name(&mut self, name: &str, span: Span, what: &str) -> bool {
        let Some(fault) = name_fault(name) else { return true };
        let message = format!("`{}` cannot name {what}", shown(name, 80));
        let small = name.to_ascii_lowercase();
        let twin = self.labels.find(&small, Home::Main(u32::MAX)).is_some();
        let help = match (name_fault(&small), twin) {
            (None, true) => format!("{fault}; `{small}`, which differs in case only, is taken"),
            (None, false) => format!("{fault}; write `{small}`"),
            _ => String::from(fault),
        };
        self.wrong_help(Code::BadName, span, message, help);
        false
    }

    /// What a step gives back, as far as it can be told before labels are looked up.
    fn gives(&self, step: &RawStep) -> Gives {
        let text = |key: &str| step.table.get(key).and_then(|v| v.get_ref().as_str());
        if let Some(function) = text("call").and_then(Function::find) {
            return Gives::Call(function);
        }
        match text("read").and_then(|path| self.pointed(path, step.home)) {
            Some(structure) => Gives::Read(structure),
            None => Gives::Nothing,
        }
    }
}

/// The place of a later turn.
pub(crate) fn moved(home: Home, turn: u64) -> Home {
    match home {
        Home::Main(position) => Home::Main(position + turn as u32),
        Home::Reaction(reaction, position) => Home::Reaction(reaction, position + turn as u32),
    }
}
