//! Arguments of a call: one for each parameter, given by the step or standard.

use rtm_sim::program::ELEMENTS_LENT_MAX;
use rtm_sim::program::operand::{Argument, Bound, HandleRef, Number, StructureRef};
use rtm_sim::vocabulary::argument::{ArgKind, Parameter};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::observation::{Member, Place};
use rtm_sim::vocabulary::structures::EntityInfo;
use toml::de::{DeTable, DeValue};

use crate::checker::{Checker, Span, Value};
use crate::code::Code;
use crate::diagnostic::shown;
use crate::operand::handle::is_null;
use crate::operand::number::NumberRule;
use crate::output::{Gives, Record, keys};
use crate::parameter::{Standard, array_after, is_bool, is_optional, parameter_words, standard};

/// Keys of what tells who a client is.
pub(crate) const ENTITY_KEYS: &[&str] =
    &["rtm-instance-id", "address-family", "entity-protocol-id", "entity-instance-id"];
/// Keys of the input of a method.
pub(crate) const INPUT_KEYS: &[&str] = &["method-type", "input-data"];
/// Most exported methods.
const METHODS_MAX: u64 = 64;
/// Most bytes of a method's input.
const INPUT_BYTES_MAX: usize = 4096;

impl Checker {
    /// All arguments of a call.
    pub(crate) fn arguments(
        &mut self,
        function: Function,
        table: &DeTable,
        call: &Span,
    ) -> Vec<Argument> {
        let parameters = function.parameters();
        let mut arguments: Vec<Option<Argument>> = Vec::new();
        for ((index, parameter), key) in parameters.iter().enumerate().zip(keys(function)) {
            let given = table.get(key.as_str());
            arguments.push(match given {
                Some(value) => {
                    let argument = self.given(function, parameter, value);
                    if let Argument::Word(Number::Literal(count)) = argument
                        && ELEMENTS_LENT_MAX < count
                        && matches!(standard(function, index), Standard::Elements)
                    {
                        self.need_hazard(value, "a count of more elements than are ever there");
                    }
                    Some(argument)
                }
                None => self.left_out(function, index, call),
            });
        }
        for index in 0..arguments.len() {
            if arguments[index].is_none() {
                let array = array_after(function, index).and_then(|a| arguments[a].as_ref());
                let count = match array {
                    Some(Argument::Handles(Some(list))) => self.handles_count(list),
                    Some(Argument::Dests(Some(list))) => self.dests_count(list),
                    _ => Number::Literal(0),
                };
                arguments[index] = Some(Argument::Word(count));
            }
        }
        self.note_entity(function, &arguments);
        arguments.into_iter().flatten().collect()
    }

    /// Remembers whom an entity structure is about, where that is plain.
    fn note_entity(&mut self, function: Function, arguments: &[Option<Argument>]) {
        let Some(label) = self.here.bind.filter(|_| function == Function::GetEntityInfo) else {
            return;
        };
        if let Some(Some(Argument::Handle(HandleRef::Bound(bound)))) = arguments.get(1) {
            let about = self.clients.iter().position(|c| c.label == Some(bound.label));
            self.labels.get_mut(label).about = about;
        }
    }

    /// The value of a parameter that the step leaves out; none if it counts an array.
    fn left_out(&mut self, function: Function, index: usize, call: &Span) -> Option<Argument> {
        let parameter = &function.parameters()[index];
        let kind = parameter.kind;
        let argument = match standard(function, index) {
            Standard::Elements => return None,
            Standard::Required => {
                let (name, key) = (function.name(), &keys(function)[index]);
                let message = format!("{name} needs `{key}`");
                self.wrong(Code::MissingKey, call.clone(), message);
                empty(kind)
            }
            Standard::Registration => Argument::Handle(self.registration(call)),
            Standard::Client => self.of_client(kind),
            Standard::Given => output(kind, true),
            Standard::NullHandle if kind == ArgKind::Slot => Argument::Slot(Some(HandleRef::Null)),
            Standard::NullHandle => Argument::Handle(HandleRef::Null),
            Standard::Null => null(kind),
            Standard::Zeros => Argument::RouteSlot(Some(StructureRef::default())),
            Standard::Word(number) => match kind {
                ArgKind::Count => Argument::Count(Some(Number::Literal(number))),
                ArgKind::Context => Argument::Context(number.into()),
                _ => Argument::Word(Number::Literal(number)),
            },
            Standard::MaxHandles => {
                Argument::Count(Some(self.limit(Member::MaxHandlesInEnum, 0, call.clone())))
            }
        };
        Some(argument)
    }

    /// The registration of the client that acts.
    fn registration(&mut self, span: &Span) -> HandleRef {
        let name = self.client().name.clone();
        match self.label(&name, span.clone()) {
            Some(label) => HandleRef::Bound(Bound { label, place: Place::output(5) }),
            None => HandleRef::Null,
        }
    }

    /// What the file says of the client that acts.
    fn of_client(&self, kind: ArgKind) -> Argument {
        let client = self.client();
        match kind {
            ArgKind::Entity => Argument::Entity(Some(client.info)),
            ArgKind::Methods => Argument::Methods(client.methods.clone()),
            ArgKind::Callback => Argument::Callback(client.callback),
            _ => Argument::Word(Number::Literal(client.reserve_opaque.into())),
        }
    }

    /// The value of a parameter that the step gives.
    fn given(&mut self, function: Function, parameter: &Parameter, value: &Value) -> Argument {
        let Parameter { name, kind, of } = *parameter;
        if is_null(value) && kind != ArgKind::Handle {
            return self.given_null(function, parameter, value);
        }
        match kind {
            ArgKind::Handle => Argument::Handle(self.handle(value, of)),
            ArgKind::Handles => Argument::Handles(Some(self.handles(value, of))),
            ArgKind::Slot => Argument::Slot(Some(self.handle(value, of))),
            ArgKind::OutHandle
            | ArgKind::OutHandles
            | ArgKind::Out
            | ArgKind::OutWord
            | ArgKind::OutPointer => {
                let message = format!("{name} is an output");
                let help = "leave it out, or write \"NULL\" to pass no pointer";
                self.wrong_help(Code::WrongType, value.span(), message, help);
                output(kind, true)
            }
            ArgKind::Word | ArgKind::Count => {
                let words = parameter_words(function, name);
                let rule = NumberRule { words, truth: is_bool(name), ..NumberRule::plain(32) };
                let number = self.number(value, rule);
                match kind {
                    ArgKind::Word => Argument::Word(number),
                    _ => Argument::Count(Some(number)),
                }
            }
            ArgKind::Address => Argument::Address(Some(self.address(value))),
            ArgKind::Ipv6 => Argument::Ipv6(self.ipv6(value)),
            ArgKind::Entity => Argument::Entity(Some(self.entity(value))),
            ArgKind::Methods => Argument::Methods(self.methods(value)),
            ArgKind::Callback => Argument::Callback(self.boolean(value).unwrap_or(true)),
            ArgKind::NextHop => {
                Argument::NextHop(Some(self.record(value, Record::NextHop, function)))
            }
            ArgKind::Route => Argument::Route(Some(self.record(value, Record::Route, function))),
            ArgKind::RouteSlot => {
                Argument::RouteSlot(Some(self.record(value, Record::Route, function)))
            }
            ArgKind::Dests => Argument::Dests(Some(self.dests(value, function))),
            ArgKind::Input => Argument::Input(self.input(value)),
            ArgKind::Context => Argument::Context(self.literal(value, NumberRule::plain(64))),
        }
    }

    fn given_null(&mut self, function: Function, parameter: &Parameter, value: &Value) -> Argument {
        let Parameter { name, kind, .. } = *parameter;
        match kind {
            ArgKind::Word | ArgKind::Ipv6 => {
                let message = format!("{name} is no pointer");
                self.wrong_help(Code::WrongType, value.span(), message, "write a number");
            }
            ArgKind::Context => {}
            _ if is_optional(function, name) => {}
            _ => self.need_hazard(value, "NULL where a pointer is due"),
        }
        null(kind)
    }

    /// Who a client is: its name, what `RtmGetEntityInfo` gave back for it, or a table.
    fn entity(&mut self, value: &Value) -> EntityInfo {
        let own = self.client().info;
        let table = match value.get_ref() {
            DeValue::Table(table) => table,
            DeValue::String(name) => {
                let name = self.turned(name, value.span());
                let client = self.clients.iter().find(|c| c.name == name);
                if let Some(client) = client {
                    return client.info;
                }
                let Some(label) = self.label(&name, value.span()) else { return own };
                let label = self.labels.get(label);
                if let Some(about) = label.about {
                    return self.clients[about].info;
                }
                let message = match label.gives {
                    Gives::Call(Function::GetEntityInfo) => {
                        "it is not plain whom this structure is about"
                    }
                    _ => "this is not what RtmGetEntityInfo gave back",
                };
                let help = "write the name of the client, or a table of the members";
                self.wrong_help(Code::WrongPart, value.span(), message, help);
                return own;
            }
            _ => {
                self.wrong_type(value, "the name of a client, or a table of members,");
                return own;
            }
        };
        self.check_keys(table, Record::Entity.c_name(), ENTITY_KEYS);
        let mut number = |key: &str, bits, otherwise: u32| {
            let value = table.get(key);
            value.map_or(otherwise, |v| self.literal(v, NumberRule::plain(bits)) as u32)
        };
        EntityInfo {
            instance: number("rtm-instance-id", 16, own.instance.into()) as u16,
            family: number("address-family", 16, own.family.into()) as u16,
            protocol: number("entity-protocol-id", 32, own.protocol),
            protocol_instance: number("entity-instance-id", 32, own.protocol_instance),
        }
    }

    /// Exported methods: how many there are, or for each whether it is there.
    pub(crate) fn methods(&mut self, value: &Value) -> Option<Vec<bool>> {
        if value.get_ref().is_integer() {
            let count = self.integer(value, 0, METHODS_MAX)?;
            return Some(vec![true; count as usize]);
        }
        let items = self.array(value, "the number of methods, or an array of truth values,")?;
        if METHODS_MAX < items.len() as u64 {
            let message = format!("more than {METHODS_MAX} methods");
            self.wrong(Code::OutOfRange, value.span(), message);
            return None;
        }
        Some(items.iter().map(|item| self.boolean(item).unwrap_or(true)).collect())
    }

    fn input(&mut self, value: &Value) -> Option<(Number, Vec<u8>)> {
        let table = self.table(value, "a table with `method-type`")?;
        self.check_keys(table, "the input of a method", INPUT_KEYS);
        let kind = match table.get("method-type") {
            Some(kind) => self.number(kind, NumberRule::plain(32)),
            None => {
                self.wrong(Code::MissingKey, value.span(), "the input needs `method-type`");
                Number::Literal(0)
            }
        };
        let Some(data) = table.get("input-data") else { return Some((kind, Vec::new())) };
        Some((kind, self.bytes(data, INPUT_BYTES_MAX)))
    }

    /// The function that a text names.
    pub(crate) fn function(&mut self, value: &Value) -> Option<Function> {
        let text = self.text(value)?;
        let Some(function) = Function::find(&text) else {
            let message = format!("no function `{}`", shown(&text, 80));
            let known = Function::ALL.iter().map(|f| f.name());
            let help = "functions are written as in C: `RtmAddNextHop`";
            self.unknown(Code::UnknownFunction, value.span(), message, &text, known, help);
            return None;
        };
        Some(function)
    }
}

/// An output that is given, or a NULL pointer for it.
fn output(kind: ArgKind, given: bool) -> Argument {
    match kind {
        ArgKind::OutHandle => Argument::OutHandle(given),
        ArgKind::OutHandles => Argument::OutHandles(given),
        ArgKind::OutWord => Argument::OutWord(given),
        ArgKind::OutPointer => Argument::OutPointer(given),
        _ => Argument::Out(given),
    }
}

/// A NULL pointer.
fn null(kind: ArgKind) -> Argument {
    match kind {
        ArgKind::Handle => Argument::Handle(HandleRef::Null),
        ArgKind::Handles => Argument::Handles(None),
        ArgKind::Slot => Argument::Slot(None),
        ArgKind::Word => Argument::Word(Number::Literal(0)),
        ArgKind::Count => Argument::Count(None),
        ArgKind::Address => Argument::Address(None),
        ArgKind::Ipv6 => Argument::Ipv6([0; 16]),
        ArgKind::Entity => Argument::Entity(None),
        ArgKind::Methods => Argument::Methods(None),
        ArgKind::Callback => Argument::Callback(false),
        ArgKind::NextHop => Argument::NextHop(None),
        ArgKind::Route => Argument::Route(None),
        ArgKind::RouteSlot => Argument::RouteSlot(None),
        ArgKind::Dests => Argument::Dests(None),
        ArgKind::Input => Argument::Input(None),
        ArgKind::Context => Argument::Context(0),
        ArgKind::OutHandle
        | ArgKind::OutHandles
        | ArgKind::Out
        | ArgKind::OutWord
        | ArgKind::OutPointer => output(kind, false),
    }
}

/// Something of the right kind, after a mistake.
fn empty(kind: ArgKind) -> Argument {
    null(kind)
}
