//! Handles, and lists of handles.

use rtm_sim::program::operand::{Bound, HandleList, HandleRef, Number};
use rtm_sim::vocabulary::handle::HandleKind;
use rtm_sim::vocabulary::observation::{Member, Place};
use toml::de::DeValue;

use super::Want;
use crate::checker::{Checker, Value};
use crate::code::Code;
use crate::output::{Gives, count_of};

/// Keys of a handle that is written as a table.
pub(crate) const HANDLE_KEYS: &[&str] = &["never"];

/// Whether a value is the text `NULL`.
pub(crate) fn is_null(value: &Value) -> bool {
    value.get_ref().as_str() == Some("NULL")
}

impl Checker {
    /// A handle operand.
    pub(crate) fn handle(&mut self, value: &Value, kind: Option<HandleKind>) -> HandleRef {
        match value.get_ref() {
            DeValue::String(text) if text == "NULL" => HandleRef::Null,
            DeValue::String(text) => {
                let text = self.turned(text, value.span());
                let target = self.target(&text, value.span(), Want::Handle(kind));
                target.map_or(HandleRef::Null, |t| HandleRef::Bound(t.bound))
            }
            DeValue::Table(table) => {
                self.check_keys(table, "a handle", HANDLE_KEYS);
                let Some(never) = table.get("never") else {
                    self.wrong(Code::MissingKey, value.span(), "a handle table says `never`");
                    return HandleRef::Null;
                };
                self.need_hazard(value, "a handle that nobody gave out");
                HandleRef::Never(self.integer(never, 1, u64::MAX).unwrap_or(1))
            }
            _ => {
                self.wrong_type(value, "a label, \"NULL\" or `{ never = 1 }`");
                HandleRef::Null
            }
        }
    }

    /// A list of handles: an array of them, or all that one step gave back.
    pub(crate) fn handles(&mut self, value: &Value, kind: Option<HandleKind>) -> HandleList {
        match value.get_ref() {
            DeValue::Array(items) => {
                HandleList::Items(items.iter().map(|item| self.handle(item, kind)).collect())
            }
            DeValue::String(text) => {
                let text = self.turned(text, value.span());
                match self.target(&text, value.span(), Want::Handles(kind)) {
                    Some(target) => HandleList::Bound(target.bound),
                    None => HandleList::Items(Vec::new()),
                }
            }
            _ => {
                self.wrong_type(value, "an array of labels, or the label of an array,");
                HandleList::Items(Vec::new())
            }
        }
    }

    /// How many elements an array of a step has.
    pub(crate) fn count(&self, array: Bound) -> Number {
        let Bound { label, place } = array;
        let count = match (place.member, self.labels.get(label).gives) {
            (Member::NextHops, _) => place.member(Member::NumNextHops).inner(0),
            (_, Gives::Call(function)) => count_of(function, place).unwrap_or(Place::STATUS),
            _ => Place::STATUS,
        };
        Number::Bound { bound: Bound { label, place: count }, plus: 0 }
    }

    /// Reports what a real library may not survive, unless the step is marked.
    pub(crate) fn need_hazard(&mut self, value: &Value, what: &str) {
        if !self.here.hazard {
            let message = format!("{what} in a step that is not marked");
            let help = "add `hazard = true` to the step if it is meant";
            self.wrong_help(Code::Hazard, value.span(), message, help);
        }
    }
}
