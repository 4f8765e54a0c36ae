//! Steps: each is lowered to what engines run.
//!
//! Not here: which steps there are and which labels they bind, see [`crate::gather`].

use rtm_sim::program::operand::{Edit, EditValue, HandleRef};
use rtm_sim::program::{Action, Step, Structure};
use rtm_sim::vocabulary::observation::Member;
use rtm_sim::vocabulary::status::Status;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::checker::{Checker, Here, Span, Value, listed, type_word, whole};
use crate::code::Code;
use crate::diagnostic::shown;
use crate::gather::{RawStep, moved};
use crate::key::{ACTIONS, STEP, names};
use crate::operand::Want;
use crate::operand::number::NumberRule;
use crate::output::{Record, Shape, keys};
use crate::parameter::fetches;

/// The key of what is written to an opaque slot.
pub(crate) const OPAQUE_KEY: &str = "value";

impl Checker {
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
                    let number = steps.len() as u32;
                    let expect = raw.table.get("expect").map(Spanned::span);
                    self.promises.expects.extend(expect.map(|span| (number, span)));
                    numbers.push(number);
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
        let own: Vec<&str> = keys(function).iter().map(String::as_str).collect();
        self.check_keys_beside(table, function.name(), &own, &names(STEP));
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
                self.check_keys_beside(table, "an opaque slot", &[OPAQUE_KEY], &others);
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
        if !value.get_ref().is_str() {
            let number = whole(value.get_ref());
            let known = Status::ALL.iter().find(|(_, s)| Some(i128::from(s.0)) == number);
            let name = known.map_or("ERROR_NOT_FOUND", |(name, _)| *name);
            let message =
                format!("{} where the name of a status is due", type_word(value.get_ref()));
            let help = format!("statuses are written by name: `\"{name}\"`");
            self.wrong_help(Code::WrongType, value.span(), message, help);
            return None;
        }
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
            _ => self.literal(value, NumberRule::plain(32)) as u32,
        }
    }
}
