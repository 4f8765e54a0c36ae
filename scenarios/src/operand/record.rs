//! Structures: what a step gave back, tables of members, or the one with the other on top.

use rtm_sim::program::operand::{DestsRef, Edit, EditValue, HandleList, Number, StructureRef};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::observation::Member;
use toml::de::{DeTable, DeValue};

use super::Want;
use super::number::NumberRule;
use crate::checker::{Checker, Value};
use crate::output::{Inside, Part, Record, Shape};
use crate::parameter::{member_words, standard_members};

impl Checker {
    /// A structure operand of a call.
    pub(crate) fn record(
        &mut self,
        value: &Value,
        record: Record,
        function: Function,
    ) -> StructureRef {
        match value.get_ref() {
            DeValue::String(text) => {
                let text = self.turned(text, value.span());
                let target = self.target(&text, value.span(), Want::Record(record));
                StructureRef { from: target.map(|t| t.bound), edits: Vec::new() }
            }
            DeValue::Table(table) => self.record_table(table, record, Some(function)),
            _ => {
                self.wrong_type(value, "a table of members, or a label,");
                StructureRef::default()
            }
        }
    }

    fn record_table(
        &mut self,
        table: &DeTable,
        record: Record,
        function: Option<Function>,
    ) -> StructureRef {
        let from = table.get("from").and_then(|value| {
            let text = self.text(value)?;
            self.target(&text, value.span(), Want::Record(record))
        });
        let mut edits = self.edits(table, record, &["from"]);
        if !table.contains_key("from") {
            let standard = function.map_or(&[][..], |f| standard_members(f, record));
            for (member, number) in standard {
                if !edits.iter().any(|e| e.member == *member) {
                    let value = EditValue::Number(Number::Literal(*number));
                    edits.push(Edit { member: *member, inner: 0, value });
                }
            }
            let views = edits.iter().filter(|e| e.member == Member::ViewId).count();
            if 0 < views && !edits.iter().any(|e| e.member == Member::NumberOfViews) {
                let value = EditValue::Number(Number::Literal(views as u32));
                edits.push(Edit { member: Member::NumberOfViews, inner: 0, value });
            }
        }
        // What is written out and what is standard come down to the same.
        let position = |member| record.parts().iter().position(|p| p.member == member);
        edits.sort_by_key(|e| (position(e.member), e.inner));
        StructureRef { from: from.map(|t| t.bound), edits }
    }

    /// The members that a table sets, in the order of the structure; `others` are keys that are
    /// looked at elsewhere.
    pub(crate) fn edits(&mut self, table: &DeTable, record: Record, others: &[&str]) -> Vec<Edit> {
        let outer = || record.parts().iter().filter(|p| p.inside != Inside::View);
        let mut known: Vec<String> = outer().map(Part::key).collect();
        if record == Record::Dest {
            known.push(String::from("view-info"));
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.check_keys_beside(table, record.c_name(), &known, others);
        let mut edits = Vec::new();
        for part in outer() {
            if let Some(value) = table.get(part.key().as_str()) {
                edits.extend(self.member_edit(part, record, 0, value));
            }
        }
        if let Some(value) = table.get("view-info").filter(|_| record == Record::Dest) {
            let views = self.array(value, "an array of tables").unwrap_or_default();
            for (inner, view) in views.iter().enumerate() {
                self.view_edits(view, inner as u16, &mut edits);
            }
        }
        edits
    }

    /// The members of one view element; each element has a number, so that they can be counted.
    fn view_edits(&mut self, view: &Value, inner: u16, edits: &mut Vec<Edit>) {
        let Some(table) = self.table(view, "a table") else { return };
        let parts = || Record::Dest.parts().iter().filter(|p| p.inside == Inside::View);
        let known: Vec<String> = parts().map(Part::key).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.check_keys(table, "a view element", &known);
        for part in parts() {
            match table.get(part.key().as_str()) {
                Some(value) => edits.extend(self.member_edit(part, Record::Dest, inner, value)),
                None if part.member == Member::ViewId => {
                    let value = EditValue::Number(Number::Literal(inner.into()));
                    edits.push(Edit { member: Member::ViewId, inner, value });
                }
                None => {}
            }
        }
    }

    fn member_edit(
        &mut self,
        part: &Part,
        record: Record,
        inner: u16,
        value: &Value,
    ) -> Option<Edit> {
        let member = part.member;
        let value = match part.shape {
            Shape::Handle(kind) => EditValue::Handle(self.handle(value, kind)),
            Shape::Handles(kind) => EditValue::Handles(self.handles(value, Some(kind))),
            Shape::Address => EditValue::Address(self.address(value)),
            Shape::Number(64) if value.get_ref().is_integer() => {
                EditValue::Wide(self.literal(value, NumberRule::plain(64)))
            }
            Shape::Number(bits) => {
                let words = member_words(record, member);
                EditValue::Number(
                    self.number(value, NumberRule { words, ..NumberRule::plain(bits) }),
                )
            }
            Shape::Record(_) | Shape::Records(_) | Shape::Pointer(_) | Shape::Other => return None,
        };
        Some(Edit { member, inner, value })
    }

    /// Destination structures: an array of them, one of them, or all that one step gave back.
    pub(crate) fn dests(&mut self, value: &Value, function: Function) -> DestsRef {
        match value.get_ref() {
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.record(item, Record::Dest, function));
                DestsRef::Items(items.collect())
            }
            DeValue::Table(table) => {
                DestsRef::Items(vec![self.record_table(table, Record::Dest, Some(function))])
            }
            DeValue::String(text) => {
                let text = self.turned(text, value.span());
                match self.target(&text, value.span(), Want::Records(Record::Dest)) {
                    Some(target) if matches!(target.shape, Shape::Records(_)) => {
                        DestsRef::Bound(target.bound)
                    }
                    target => {
                        let from = target.map(|t| t.bound);
                        DestsRef::Items(vec![StructureRef { from, edits: Vec::new() }])
                    }
                }
            }
            _ => {
                self.wrong_type(value, "destination structures, or a label,");
                DestsRef::Items(Vec::new())
            }
        }
    }

    /// How many elements a list of handles has.
    pub(crate) fn handles_count(&self, list: &HandleList) -> Number {
        match list {
            HandleList::Items(items) => Number::Literal(items.len() as u32),
            HandleList::Bound(bound) => self.count(*bound),
        }
    }

    /// How many elements a list of destinations has.
    pub(crate) fn dests_count(&self, list: &DestsRef) -> Number {
        match list {
            DestsRef::Items(items) => Number::Literal(items.len() as u32),
            DestsRef::Bound(bound) => self.count(*bound),
        }
    }
}
