//! Steps: first all of them are gathered, with the labels that they bind, then each is lowered.
//!
//! A repeated step becomes as many steps as it has turns, after their number was checked.

use rtm_sim::program::operand::{Edit, EditValue, HandleRef, Number};
use rtm_sim::program::{Action, Step, Structure};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::observation::Member;
use rtm_sim::vocabulary::status::Status;
use toml::de::{DeTable, DeValue};

use crate::checker::{Checker, Here, Span, Value, listed};
use crate::code::Code;
use crate::diagnostic::shown;
use crate::key::{ACTIONS, STEP, names};
use crate::label::{Home, LABELS_MAX, Label, name_fault};
use crate::operand::Want;
use crate::operand::number::NumberRule;
use crate::output::{Gives, Record, Shape, kebab};
use crate::parameter::fetches;

/// Most steps of a scenario, repetitions included.
pub(crate) const STEPS_MAX: u64 = 200_000;

/// The key of what is written to an opaque slot.
pub(crate) const OPAQUE_KEY: &str = "value";

/// A step of the file, before it is lowered.
pub(crate) struct RawStep<'a> {
    table: &'a DeTable<'a>,
    span: Span,
    actor: usize,
    turns: u64,
    /// Where its first turn stands.
    home: Home,
    /// The label of each turn.
    labels: Vec<Option<u16>>,
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

impl Checker<'_> {
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
        let number = crate::checker::whole(value.get_ref()).unwrap_or(0);
        let left = STEPS_MAX.saturating_sub(gathered.count);
        match u64::try_from(number) {
            Ok(turns) if 0 < turns && turns <= left => turns,
            Ok(0) | Err(_) if number <= 0 => {
                self.wrong(Code::OutOfRange, value.span(), "a step is made at least once");
                1
            }
            _ => {
                let message = format!("{number} turns are too many");
                let help = format!("a scenario has at most {STEPS_MAX} steps in all");
                self.wrong_help(Code::TooManySteps, value.span(), message, help);
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
        if LABELS_MAX as u64 - 1024 < gathered.labels {
            let message = format!("more than {} labels", LABELS_MAX - 1024);
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

    /// Lowers one turn of a gathered step.
    fn lowered(&mut self, raw: &RawStep, turn: u64) -> Option<Step> {
        let table = raw.table;
        self.here = Here {
            actor: raw.actor,
            hazard: false,
            home: moved(raw.home, turn),
            turn: table.contains_key("repeat").then_some(turn),
            bind: raw.labels.get(turn as usize).copied().flatten(),
        };
        self.here.hazard = self.boolean_or(table, "hazard", false);
        let action = self.action(table, &raw.span)?;
        let is_call = matches!(action, Action::Call { .. });
        let expect = table.get("expect").and_then(|value| self.status(value));
        let either = table.get("either");
        let accept = either.and_then(|v| self.array(v, "an array of statuses")).unwrap_or_default();
        let accept = accept.iter().filter_map(|value| self.status(value)).collect();
        for key in ["expect", "either"] {
            if let Some(value) = table.get(key).filter(|_| !is_call) {
                self.wrong(Code::UnknownKey, value.span(), format!("only a call has `{key}`"));
            }
        }
        Some(Step {
            actor: raw.actor as u8,
            action,
            bind: self.here.bind,
            hazard: self.here.hazard,
            accept,
            expect,
            line: self.source.line(raw.span.start),
        })
    }

    /// Lowers gathered steps; each adds its turns to `steps`, and their numbers are returned.
    pub(crate) fn lower(&mut self, raws: &[RawStep], steps: &mut Vec<Step>) -> Vec<u32> {
        let mut numbers = Vec::new();
        for raw in raws {
            for turn in 0..raw.turns {
                let before = self.found.len();
                if let Some(step) = self.lowered(raw, turn) {
                    numbers.push(steps.len() as u32);
                    steps.push(step);
                }
                // The other turns would only say the same again.
                if before < self.found.len() {
                    break;
                }
            }
        }
        self.here.turn = None;
        numbers
    }

    fn action(&mut self, table: &DeTable, span: &Span) -> Option<Action> {
        let said: Vec<&str> =
            ACTIONS.iter().copied().filter(|key| table.contains_key(*key)).collect();
        let [key] = said[..] else {
            let message = match said.is_empty() {
                true => String::from("the step does nothing"),
                false => format!("the step has {}", listed(&said)),
            };
            let help = format!("a step has exactly one of {}", listed(ACTIONS));
            self.wrong_help(Code::ActionCount, span.clone(), message, help);
            return None;
        };
        let value = table.get(key)?;
        if let Some(until) = table.get("until-end").filter(|_| key != "call") {
            self.wrong(Code::UntilEnd, until.span(), "only a call has `until-end`");
        }
        match key {
            "call" => self.call(table, value),
            "write" => self.write(table, value),
            _ => {
                self.check_keys(table, "a step", &names(STEP));
                match key {
                    "read" => {
                        let (pointer, structure) = self.pointer(value)?;
                        Some(Action::Read { pointer, structure })
                    }
                    "advance" => Some(Action::Advance(self.number(value, NumberRule::plain(32)))),
                    _ => {
                        if self.boolean(value) == Some(false) {
                            let message = "`settle = false` does nothing";
                            self.wrong(Code::ActionCount, value.span(), message);
                        }
                        Some(Action::Settle)
                    }
                }
            }
        }
    }

    fn call(&mut self, table: &DeTable, value: &Value) -> Option<Action> {
        let function = self.function(value)?;
        let parameters = function.parameters().iter().map(|p| kebab(p.name));
        let known: Vec<String> =
            names(STEP).into_iter().map(String::from).chain(parameters).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.check_keys(table, function.name(), &known);
        let arguments = self.arguments(function, table, &value.span());
        let until_end = self.boolean_or(table, "until-end", false);
        if let Some(until) = table.get("until-end").filter(|_| until_end && !fetches(function)) {
            let message = format!("{} fetches nothing", function.name());
            let help = "it goes with RtmGetEnum.., RtmGetListEnumRoutes and RtmGetChangedDests";
            self.wrong_help(Code::UntilEnd, until.span(), message, help);
        }
        Some(Action::Call { function, arguments, until_end })
    }

    fn write(&mut self, table: &DeTable, value: &Value) -> Option<Action> {
        let (pointer, structure) = self.pointer(value)?;
        let others = names(STEP);
        let edits = match structure {
            Structure::Route => self.edits(table, Record::Route, &others),
            Structure::NextHop => self.edits(table, Record::NextHop, &others),
            Structure::Opaque => {
                let mut known = others;
                known.push(OPAQUE_KEY);
                self.check_keys(table, "an opaque slot", &known);
                let written = table.get(OPAQUE_KEY).map(|value| {
                    let number = EditValue::Wide(self.literal(value, NumberRule::plain(64)));
                    Edit { member: Member::Whole, inner: 0, value: number }
                });
                written.into_iter().collect()
            }
        };
        if edits.is_empty() {
            self.wrong(Code::MissingKey, value.span(), "the step does not say what to write");
        }
        Some(Action::Write { pointer, structure, edits })
    }

    fn pointer(&mut self, value: &Value) -> Option<(HandleRef, Structure)> {
        let text = self.text(value)?;
        let target = self.target(&text, value.span(), Want::Pointer)?;
        match target.shape {
            Shape::Pointer(structure) => Some((HandleRef::Bound(target.bound), structure)),
            _ => None,
        }
    }

    /// The status that a text names.
    pub(crate) fn status(&mut self, value: &Value) -> Option<Status> {
        let text = self.text(value)?;
        let status = Status::find(&text);
        if status.is_none() {
            let message = format!("no status `{}`", shown(&text, 80));
            let known = Status::ALL.iter().map(|(name, _)| *name);
            let help = "statuses are written by name: `ERROR_NOT_FOUND`";
            self.unknown(Code::UnknownStatus, value.span(), message, &text, known, help);
        }
        status
    }

    /// What a callback returns.
    pub(crate) fn return_value(&mut self, value: &Value) -> u32 {
        match value.get_ref() {
            DeValue::String(_) => self.status(value).map_or(0, |status| status.0),
            _ => match self.number(value, NumberRule::plain(32)) {
                Number::Literal(number) => number,
                Number::Bound { .. } => 0,
            },
        }
    }
}

/// The place of a later turn.
fn moved(home: Home, turn: u64) -> Home {
    match home {
        Home::Main(position) => Home::Main(position + turn as u32),
        Home::Reaction(reaction, position) => Home::Reaction(reaction, position + turn as u32),
    }
}
