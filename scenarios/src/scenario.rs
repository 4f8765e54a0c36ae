//! A scenario: what one file says, checked and lowered.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use rtm_sim::clause::ClauseId;
use rtm_sim::program::{Program, Step};
use toml::de::{DeTable, DeValue};

use crate::checker::{Checker, Promises, Span, Value, type_word, whole};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Source, is_hidden, shown, tidied};
use crate::gather::{Gathered, Part, RawStep};
use crate::key::{CLEANUP, Key, LIMIT, REQUIRES, SCHEDULES, TOP, names};
use crate::label::circle;
use crate::operand::number::NumberRule;
use crate::syntax;

/// Most seeds of an interleaved scenario.
pub(crate) const SEEDS_MAX: u64 = 10_000;
/// Longest title, in characters.
pub(crate) const TITLE_MAX: usize = 200;

/// A scenario, ready to be run.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// What it shows, in plain words.
    pub title: String,
    /// The clauses that it claims to show.
    pub clauses: Vec<ClauseId>,
    /// Where to read more.
    pub see: Vec<String>,
    /// What an implementation must offer.
    pub requires: Requires,
    /// In which orders its steps are made.
    pub schedules: Schedules,
    /// Whether the file wants what it still holds at its end to be released for it.
    pub cleanup: bool,
    /// What it does.
    pub program: Program,
    pub(crate) promises: Promises,
    pub(crate) source: Arc<Source>,
}

impl Scenario {
    /// Whether what is still held at the end of a run is released for it. Never after a step that
    /// a library may not survive: nobody knows what is left then.
    pub fn cleans_up(&self) -> bool {
        self.cleanup && !self.has_hazard()
    }

    /// Whether it has a step that a library may not survive.
    pub fn has_hazard(&self) -> bool {
        self.program.steps.iter().any(|step| step.hazard)
    }
}

/// What an implementation must offer for a scenario to make sense on it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Requires {
    /// Number of views.
    pub views: Limit,
    /// Next hops in a route.
    pub max_next_hops: Limit,
    /// Handles fetched at a time.
    pub max_handles: Limit,
    /// Address families, in the Windows numbering.
    pub families: Vec<u16>,
}

/// Values that will do, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// The smallest.
    pub least: u32,
    /// The largest.
    pub most: u32,
}

impl Limit {
    /// Whether a value will do.
    pub fn holds(self, value: u32) -> bool {
        (self.least..=self.most).contains(&value)
    }
}

impl Default for Limit {
    fn default() -> Limit {
        Limit { least: 0, most: u32::MAX }
    }
}

/// In which orders the steps of a scenario are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Schedules {
    /// In file order.
    Listed,
    /// In file order, round-robin, and in so many random orders.
    Interleave {
        /// How many seeds.
        seeds: u32,
    },
}

/// Reads a scenario; every mistake in it is found at once.
pub fn parse(name: &str, text: &str) -> Result<Scenario, Vec<Diagnostic>> {
    syntax::check_size(name, text)?;
    let source = Arc::new(Source::new(name, text));
    let (tree, faults) = syntax::tree(&source);
    let mut checker = Checker::new(Arc::clone(&source));
    let scenario = checker.scenario(&tree);
    let mut found = checker.found;
    if !faults.is_empty() {
        // What syntax spoilt is missing; only what is there can be wrong.
        let spoilt = [Code::MissingKey, Code::UnknownLabel, Code::UnknownClient, Code::ActionCount];
        let lines: BTreeSet<u32> = faults.iter().map(|d| d.line).collect();
        found.retain(|d| !spoilt.contains(&d.code) && !lines.contains(&d.line));
    }
    found.extend(faults);
    if found.is_empty() { Ok(scenario) } else { Err(tidied(found)) }
}

/// What a list of scenarios tells of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heading {
    /// What it shows, in plain words.
    pub title: String,
    /// In which orders its steps are made.
    pub schedules: Schedules,
}

/// The heading of a scenario that is known to be right, read from the lines before its first
/// table; the rest of the text is not looked at. `None` where those lines do not hold it.
pub fn heading(name: &str, text: &str) -> Option<Heading> {
    let end = text.find("\n[").unwrap_or(text.len());
    let source = Arc::new(Source::new(name, &text[..end]));
    let (table, faults) = syntax::tree(&source);
    let mut checker = Checker::new(Arc::clone(&source));
    let heading = Heading {
        title: checker.title(table.get("title")?),
        schedules: checker.schedules_of(&table),
    };
    (faults.is_empty() && checker.found.is_empty()).then_some(heading)
}

impl Checker {
    fn scenario(&mut self, table: &DeTable) -> Scenario {
        let end = self.source.text().len();
        self.check_keys(table, "a scenario", &names(TOP));
        self.check_required(table, "the scenario", TOP, end..end);
        let format = table.get("format");
        if let Some(value) = format.filter(|v| whole(v.get_ref()) != Some(1)) {
            let message = "this format is not known";
            self.wrong_help(Code::WrongFormat, value.span(), message, "write `format = 1`");
        }
        self.read_clients(table);
        let scenario = Scenario {
            title: table.get("title").map(|v| self.title(v)).unwrap_or_default(),
            clauses: table.get("clauses").map(|v| self.clauses(v)).unwrap_or_default(),
            see: table.get("see").map(|v| self.see(v)).unwrap_or_default(),
            requires: table.get("requires").map(|v| self.requires(v)).unwrap_or_default(),
            schedules: self.schedules_of(table),
            cleanup: table.get("cleanup").and_then(|v| self.one_of(v, CLEANUP)) != Some("none"),
            program: self.program(table),
            promises: Promises::default(),
            source: Arc::clone(&self.source),
        };
        Scenario { promises: std::mem::take(&mut self.promises), ..scenario }
    }

    /// Reports the keys that a table lacks.
    pub(crate) fn check_required(&mut self, table: &DeTable, what: &str, keys: &[Key], at: Span) {
        for key in keys.iter().filter(|k| k.required && !table.contains_key(k.name)) {
            let code = if key.name == "client" { Code::ClientCount } else { Code::MissingKey };
            let message = format!("{what} lacks `{}`", key.name);
            let help = format!("`{}`: {}", key.name, key.about);
            self.wrong_help(code, at.clone(), message, help);
        }
    }

    fn title(&mut self, value: &Value) -> String {
        let Some(title) = self.text(value) else { return String::new() };
        let title = title.into_owned();
        if title.trim().is_empty() || TITLE_MAX < title.chars().count() {
            let message = format!("a title has 1 to {TITLE_MAX} characters");
            self.wrong(Code::BadText, value.span(), message);
        }
        if let Some(hidden) = title.chars().find(|c| is_hidden(*c)) {
            let message =
                format!("the title holds {}, which cannot be seen", hidden.escape_unicode());
            self.wrong(Code::BadText, value.span(), message);
        }
        title
    }

    fn clauses(&mut self, value: &Value) -> Vec<ClauseId> {
        let mut clauses = Vec::new();
        for item in self.array(value, "an array of clause ids").unwrap_or_default() {
            let Some(id) = self.text(item) else { continue };
            let Some(clause) = ClauseId::find(&id) else {
                let message = format!("no clause `{}`", shown(&id, 120));
                let function = id.split('.').next().unwrap_or_default();
                let all = || ClauseId::all().map(ClauseId::clause);
                let same = self.suggests() && all().any(|c| c.function == function);
                // A clause of another function is never meant when the function is known.
                let known = all().filter(|c| !same || c.function == function).map(|c| c.id);
                let help = "ids are `Function.slug`, see the clause catalogue";
                self.unknown(Code::UnknownClause, item.span(), message, &id, known, help);
                continue;
            };
            if clauses.contains(&clause) {
                let message = format!("`{clause}` is listed twice");
                self.wrong(Code::DuplicateName, item.span(), message);
                continue;
            }
            clauses.push(clause);
            self.promises.clauses.push(item.span());
        }
        clauses
    }

    fn see(&mut self, value: &Value) -> Vec<String> {
        let texts = match value.get_ref() {
            DeValue::Array(items) => &items[..],
            _ => std::slice::from_ref(value),
        };
        texts.iter().filter_map(|text| self.text(text).map(String::from)).collect()
    }

    fn requires(&mut self, value: &Value) -> Requires {
        let Some(table) = self.table(value, "a table such as `{ views = 2 }`") else {
            return Requires::default();
        };
        self.check_keys(table, "`requires`", &names(REQUIRES));
        let families = table.get("families");
        let families = families.and_then(|v| self.array(v, "an array of families"));
        let rule = NumberRule::plain(16);
        let families = families.unwrap_or_default().iter();
        let families = families.map(|f| self.literal(f, rule) as u16).collect();
        let mut limit = |key: &str| table.get(key).map(|v| self.limits(v)).unwrap_or_default();
        Requires {
            views: limit("views"),
            max_next_hops: limit("max-next-hops"),
            max_handles: limit("max-handles"),
            families,
        }
    }

    fn limits(&mut self, value: &Value) -> Limit {
        let most = u64::from(u32::MAX);
        let DeValue::Table(table) = value.get_ref() else {
            let least = self.integer(value, 0, most).unwrap_or(0) as u32;
            return Limit { least, ..Limit::default() };
        };
        self.check_keys(table, "a limit", &names(LIMIT));
        let mut end = |key: &str, otherwise| {
            let end = table.get(key).and_then(|v| self.integer(v, 0, most));
            end.map_or(otherwise, |end| end as u32)
        };
        let limit = Limit { least: end("least", 0), most: end("most", u32::MAX) };
        if limit.most < limit.least {
            self.wrong(Code::OutOfRange, value.span(), "no value is within this limit");
        }
        limit
    }

    fn schedules_of(&mut self, scenario: &DeTable) -> Schedules {
        let Some(value) = scenario.get("schedules") else { return Schedules::Listed };
        let table = match value.get_ref() {
            DeValue::Table(table) => table,
            other => {
                if other.as_str() != Some("listed") {
                    let word = other.as_str().map(|word| format!("`{}`", shown(word, 80)));
                    let what = word.unwrap_or_else(|| String::from(type_word(other)));
                    let message = format!("{what} is no kind of schedule");
                    let help = "write `\"listed\"` for file order, or \
                        `{ interleave = true, seeds = 8 }` for random orders too";
                    self.wrong_help(Code::UnknownWord, value.span(), message, help);
                }
                return Schedules::Listed;
            }
        };
        self.check_keys(table, "`schedules`", &names(SCHEDULES));
        self.check_required(table, "`schedules`", SCHEDULES, value.span());
        let seeds = table.get("seeds").and_then(|v| self.integer(v, 0, SEEDS_MAX)).unwrap_or(0);
        match self.boolean_or(table, "interleave", true) {
            true => Schedules::Interleave { seeds: seeds as u32 },
            false => Schedules::Listed,
        }
    }

    fn program(&mut self, table: &DeTable) -> Program {
        let mut gathered = Gathered::after_registrations();
        let mut gather = |checker: &mut Self, key: &str, part| -> Vec<RawStep<'_>> {
            let value = table.get(key);
            value.map(|v| checker.gather(v, part, &mut gathered)).unwrap_or_default()
        };
        let given = gather(self, "given", Part::Alone);
        let interleaved = gather(self, "step", Part::Interleaved);
        let then = gather(self, "then", Part::Alone);
        let callbacks = self.gather_callbacks(table, &mut gathered);
        let mut steps = Vec::new();
        let lines = self.client_lines(table);
        let mut before = self.registrations(&lines, &mut steps);
        before.extend(self.lower(&given, &mut steps));
        let concurrent = self.lower(&interleaved, &mut steps);
        let after = self.lower(&then, &mut steps);
        let actors = self.plans(callbacks, &mut steps);
        self.judge_late(&steps);
        let threads = self.boolean_or(table, "threads", false);
        let labels = std::mem::take(&mut self.labels).into_names();
        let mut program = Program { actors, labels, steps, before, concurrent, after, threads };
        program.threads |= program.can_block();
        program
    }

    /// The line of each client, for the steps that register them.
    fn client_lines(&self, table: &DeTable) -> Vec<u32> {
        let clients = table.get("client").and_then(|v| v.get_ref().as_table());
        let line = |name: &str| {
            let key = clients.and_then(|c| c.get_key_value(name));
            key.map_or(1, |(key, _)| self.source.line(key.span().start))
        };
        self.clients.iter().map(|c| line(&c.name)).collect()
    }

    /// Reports the references to labels that come later; those that close a circle as circles.
    fn judge_late(&mut self, steps: &[Step]) {
        let late = std::mem::take(&mut self.late);
        if late.is_empty() {
            return;
        }
        let mut edges: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
        for step in steps {
            if let Some(label) = step.bind {
                edges.entry(label).or_default().extend(step.labels());
            }
        }
        for reference in late {
            let name = self.labels.get(reference.label).name.clone();
            let path = reference.from.and_then(|from| {
                let back = circle(&edges, from)?;
                back.contains(&reference.label).then_some(back)
            });
            if let Some(path) = path {
                let names: Vec<&str> =
                    path.iter().map(|l| self.labels.get(*l).name.as_str()).collect();
                let message = format!("steps need each other: {}", names.join(" -> "));
                self.wrong(Code::LabelCycle, reference.span, message);
                continue;
            }
            if self.clients.iter().any(|c| c.label == Some(reference.label)) {
                let message = format!("the client `{name}` is registered only later");
                let help = "move the step that registers it before this one";
                self.wrong_help(Code::NotRegistered, reference.span, message, help);
                continue;
            }
            let span: Option<Range<usize>> = self.labels.get(reference.label).span.clone();
            let message = match span {
                Some(span) => {
                    let line = self.source.line(span.start);
                    format!("`{name}` is bound only later, on line {line}")
                }
                None => format!("`{name}` is bound only later"),
            };
            let help = "move the step that binds it before this one";
            self.wrong_help(Code::LateLabel, reference.span, message, help);
        }
    }
}
