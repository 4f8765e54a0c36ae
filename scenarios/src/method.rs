//! Exported methods: what each does when it is run.

use rtm_sim::program::{MethodData, MethodPlan, Step};
use toml::de::{DeTable, DeValue};

use crate::checker::{Checker, Span, Value};
use crate::client::Called;
use crate::code::Code;
use crate::diagnostic::shown;
use crate::gather::{Gathered, Part, RawStep};
use crate::key::{METHOD, OUTPUT_MEMBERS, names};

/// Most places of a method array that have an identifier.
const PLACES: u64 = 32;
/// Most bytes that a method writes.
const OUTPUT_BYTES_MAX: usize = 4096;
/// What stands for the input where bytes are due.
pub(crate) const ECHO: &str = "input";

/// A method, before its steps are lowered.
pub(crate) struct RawMethod<'a> {
    pub(crate) actor: usize,
    plan: MethodPlan,
    steps: Vec<RawStep<'a>>,
}

impl Checker {
    /// The places of the array that a client scripts, in ascending order.
    pub(crate) fn method_places(&mut self, value: &Value) -> Vec<u64> {
        let table = self.table(value, "a table of methods");
        let keys = table.into_iter().flatten().map(|(key, _)| (key.get_ref(), key.span()));
        let mut places: Vec<u64> =
            keys.filter_map(|(key, span)| self.method_place(key, span)).collect();
        places.sort_unstable();
        places
    }

    fn method_place(&mut self, key: &str, span: Span) -> Option<u64> {
        let place = key.parse().ok().filter(|place| *place < PLACES);
        if place.is_none() {
            let message = format!("no method `{}`", shown(key, 80));
            let help = "methods are named by their place in the array, 0 to 31";
            self.wrong_help(Code::OutOfRange, span, message, help);
        }
        place
    }

    /// Gathers the methods of one client, with the steps that they make.
    pub(crate) fn gather_methods<'a>(
        &mut self,
        value: &'a Value<'a>,
        actor: usize,
        reaction: &mut u32,
        gathered: &mut Gathered,
    ) -> Vec<RawMethod<'a>> {
        let mut found = Vec::new();
        let table = value.get_ref().as_table();
        let mut methods: Vec<_> = table.into_iter().flatten().collect();
        methods.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in methods {
            // What is no place has been reported with the client.
            let place = key.get_ref().parse().ok().filter(|place: &u8| u64::from(*place) < PLACES);
            let Some(index) = place else { continue };
            let Some(table) = self.table(value, "a table of a method") else { continue };
            let exported = self.clients[actor].methods.as_ref();
            if exported.is_some_and(|m| m.get(usize::from(index)) != Some(&true)) {
                let name = &self.clients[actor].name;
                let message = format!("`{name}` exports no method {index}");
                let help = "`methods` says how many there are, or which are not NULL";
                self.wrong_help(Code::OutOfRange, key.span(), message, help);
            }
            found.push(self.gather_method(table, actor, index, *reaction, gathered));
            *reaction += 1;
        }
        found
    }

    fn gather_method<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        actor: usize,
        index: u8,
        reaction: u32,
        gathered: &mut Gathered,
    ) -> RawMethod<'a> {
        self.check_keys(table, "a method", &names(METHOD));
        let untouched = table.get("untouched");
        let untouched = untouched.and_then(|value| self.array(value, "an array of members"));
        let untouched: Vec<&str> = untouched
            .into_iter()
            .flatten()
            .filter_map(|value| self.one_of(value, OUTPUT_MEMBERS))
            .collect();
        let stores = |member: &str| !untouched.contains(&member);
        let status = table.get("method-status").map_or(0, |value| self.return_value(value));
        let output_data = table.get("output-data").map(|value| self.output_data(value));
        let plan = MethodPlan {
            index,
            label: self.called_label(table, Called::Method, reaction),
            steps: Vec::new(),
            stores_type: stores("method-type"),
            method_status: stores("method-status").then_some(status),
            stores_size: stores("output-size"),
            output_data: output_data.unwrap_or(MethodData::Echo),
        };
        gathered.count += 1;
        let part = Part::Reaction { reaction, actor };
        let steps = table.get("steps").map(|value| self.gather(value, part, gathered));
        RawMethod { actor, plan, steps: steps.unwrap_or_default() }
    }

    fn output_data(&mut self, value: &Value) -> MethodData {
        if let DeValue::String(_) = value.get_ref() {
            self.one_of(value, &[ECHO]);
            return MethodData::Echo;
        }
        MethodData::Bytes(self.bytes(value, OUTPUT_BYTES_MAX))
    }

    /// An array of bytes.
    pub(crate) fn bytes(&mut self, value: &Value, most: usize) -> Vec<u8> {
        let items = self.array(value, "an array of bytes").unwrap_or_default();
        if most < items.len() {
            let message = format!("more than {most} bytes");
            self.wrong(Code::OutOfRange, value.span(), message);
            return Vec::new();
        }
        items.iter().map(|item| self.integer(item, 0, 255).unwrap_or(0) as u8).collect()
    }

    /// The plan of a gathered method.
    pub(crate) fn method_plan(&mut self, raw: RawMethod, steps: &mut Vec<Step>) -> MethodPlan {
        MethodPlan { steps: self.lower(&raw.steps, steps), ..raw.plan }
    }
}
