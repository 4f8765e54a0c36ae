//! The state of checking one file: what was found wrong, who is who, which labels there are.
//!
//! Checking never stops: a value that makes no sense is reported and replaced by one that does,
//! so that the rest of the file is looked at too.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rtm_sim::vocabulary::structures::EntityInfo;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::code::Code;
use crate::diagnostic::{Diagnostic, SHOWN_MAX, Source, nearest, shown};
use crate::label::{Home, Labels};

/// A value with its place in the file.
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

/// Bytes of the file.
pub(crate) type Span = Range<usize>;

/// One client of the file.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) info: EntityInfo,
    pub(crate) callback: bool,
    pub(crate) reserve_opaque: bool,
    pub(crate) methods: Option<Vec<bool>>,
    /// Whether the scenario registers it by hand.
    pub(crate) by_hand: bool,
    /// The label of its registration; none when nothing registers it.
    pub(crate) label: Option<u16>,
}

/// The step that is being checked.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    /// The client that acts.
    pub(crate) actor: usize,
    /// Whether the step is marked as a hazard.
    pub(crate) hazard: bool,
    /// Where it stands among all steps.
    pub(crate) home: Home,
    /// Which turn of a repeated step it is.
    pub(crate) turn: Option<u64>,
    /// The label that it binds.
    pub(crate) bind: Option<u16>,
}

/// A reference to a label that comes later; whether it closes a circle is known at the end.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    /// The label that is referred to.
    pub(crate) label: u16,
    /// The label of the step that refers.
    pub(crate) from: Option<u16>,
    /// Where it does.
    pub(crate) span: Span,
}

/// Everything that is known while a file is checked.
pub(crate) struct Checker {
    pub(crate) source: Arc<Source>,
    pub(crate) found: Vec<Diagnostic>,
    pub(crate) clients: Vec<Client>,
    pub(crate) labels: Labels,
    pub(crate) late: Vec<Late>,
    pub(crate) here: Here,
    pub(crate) promises: Promises,
}

/// Where the file says what a run on the model has to keep.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Promises {
    /// The clauses that it claims, in file order.
    pub(crate) clauses: Vec<Span>,
    /// What steps are expected to return, by the number of the step.
    pub(crate) expects: BTreeMap<u32, Span>,
}

impl Checker {
    pub(crate) fn new(source: Arc<Source>) -> Checker {
        Checker {
            source,
            found: Vec::new(),
            clients: Vec::new(),
            labels: Labels::default(),
            late: Vec::new(),
            here: Here { actor: 0, hazard: false, home: Home::Main(0), turn: None, bind: None },
            promises: Promises::default(),
        }
    }

    /// The client that acts.
    pub(crate) fn client(&self) -> &Client {
        &self.clients[self.here.actor]
    }

    /// Reports a mistake.
    pub(crate) fn wrong(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.found.push(Diagnostic::unplaced(&self.source, code, span, message));
    }

    /// Reports a mistake and says what to do.
    pub(crate) fn wrong_help(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.found.push(Diagnostic::unplaced(&self.source, code, span, message).help(help));
    }

    /// Whether a suggestion for the next mistake may be shown. To look for one takes time, and of
    /// mistakes by the thousand nobody sees it.
    pub(crate) fn suggests(&self) -> bool {
        self.found.len() < SHOWN_MAX
    }

    /// The known word that is nearest to one, if it may be shown and is near enough to be meant.
    pub(crate) fn nearest<'c>(
        &self,
        word: &str,
        known: impl IntoIterator<Item = &'c str>,
    ) -> Option<&'c str> {
        if self.suggests() { nearest(word, known) } else { None }
    }

    /// Reports a word that is not among those that are known, with the nearest one.
    pub(crate) fn unknown<'c>(
        &mut self,
        code: Code,
        span: Span,
        message: String,
        word: &str,
        known: impl IntoIterator<Item = &'c str>,
        otherwise: &str,
    ) {
        match self.nearest(word, known) {
            Some(near) => self.wrong_help(code, span, message, format!("did you mean `{near}`?")),
            None if otherwise.is_empty() => self.wrong(code, span, message),
            None => self.wrong_help(code, span, message, otherwise),
        }
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type(&mut self, value: &Value, wanted: &str) {
        let message = format!("{} where {wanted} is due", type_word(value.get_ref()));
        self.wrong(Code::WrongType, value.span(), message);
    }

    /// Reports the keys of a table that it does not take.
    pub(crate) fn check_keys(&mut self, table: &DeTable, what: &str, known: &[&str]) {
        self.check_keys_beside(table, what, known, &[]);
    }

    /// Reports the keys of a table that it does not take; `others` are those that every table of
    /// its sort takes, which nobody needs to be told of.
    pub(crate) fn check_keys_beside(
        &mut self,
        table: &DeTable,
        what: &str,
        own: &[&str],
        others: &[&str],
    ) {
        for key in table.keys() {
            let name = key.get_ref();
            let known = || own.iter().chain(others).copied();
            if known().any(|k| k == name) {
                continue;
            }
            let message = format!("unknown key `{}` in {what}", shown(name, 80));
            let otherwise = format!("{what} takes {}", listed(own));
            self.unknown(Code::UnknownKey, key.span(), message, name, known(), &otherwise);
        }
    }

    /// The text of a value, `{i}` replaced.
    pub(crate) fn text<'v>(&mut self, value: &'v Value) -> Option<Cow<'v, str>> {
        match value.get_ref() {
            DeValue::String(text) => Some(self.turned(text, value.span())),
            _ => {
                self.wrong_type(value, "a text");
                None
            }
        }
    }

    /// A text with `{i}` replaced by the number of the turn.
    pub(crate) fn turned<'v>(&mut self, text: &'v str, span: Span) -> Cow<'v, str> {
        if !text.contains("{i}") {
            return Cow::Borrowed(text);
        }
        match self.here.turn {
            Some(turn) => Cow::Owned(text.replace("{i}", &turn.to_string())),
            None => {
                let message = "`{i}` in a step that is not repeated";
                let help = "add `repeat = ..` to the step, or write the number";
                self.wrong_help(Code::RepeatedLabel, span, message, help);
                Cow::Owned(text.replace("{i}", "0"))
            }
        }
    }

    /// A truth value.
    pub(crate) fn boolean(&mut self, value: &Value) -> Option<bool> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong_type(value, "`true` or `false`");
        }
        found
    }

    /// The truth value of a key, or what it is when left out.
    pub(crate) fn boolean_or(&mut self, table: &DeTable, key: &str, otherwise: bool) -> bool {
        table.get(key).and_then(|value| self.boolean(value)).unwrap_or(otherwise)
    }

    /// A whole number within limits.
    pub(crate) fn integer(&mut self, value: &Value, least: u64, most: u64) -> Option<u64> {
        let Some(number) = whole(value.get_ref()) else {
            self.wrong_type(value, "a whole number");
            return None;
        };
        self.within(number, value.span(), least, most)
    }

    /// Checks the limits of a number.
    pub(crate) fn within(
        &mut self,
        number: i128,
        span: Span,
        least: u64,
        most: u64,
    ) -> Option<u64> {
        let fits = u64::try_from(number).ok().filter(|n| (least..=most).contains(n));
        if fits.is_none() {
            let message = format!("{number} does not fit: {least} to {most}");
            self.wrong(Code::OutOfRange, span, message);
        }
        fits
    }

    /// A table.
    pub(crate) fn table<'v, 't>(
        &mut self,
        value: &'v Value<'t>,
        wanted: &str,
    ) -> Option<&'v DeTable<'t>> {
        let found = value.get_ref().as_table();
        if found.is_none() {
            self.wrong_type(value, wanted);
        }
        found
    }

    /// The elements of an array; a value on its own is reported.
    pub(crate) fn array<'v, 't>(
        &mut self,
        value: &'v Value<'t>,
        wanted: &str,
    ) -> Option<&'v [Value<'t>]> {
        match value.get_ref() {
            DeValue::Array(items) => Some(items),
            _ => {
                self.wrong_type(value, wanted);
                None
            }
        }
    }
}

/// The number that a TOML integer says, whatever its base; numbers beyond 128 bits become the
/// largest one.
pub(crate) fn whole(value: &DeValue) -> Option<i128> {
    let integer = value.as_integer()?;
    Some(i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX))
}

/// The type of a value, for messages.
pub(crate) fn type_word(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// Words as a list: `a`, `b` and `c`.
pub(crate) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::from("nothing"),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|w| format!("`{w}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}
