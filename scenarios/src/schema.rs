//! The JSON schema of the format, for completion in editors.
//!
//! It is made of the tables that the checker reads. What needs the rest of the file, labels for
//! instance, only the checker knows.

use rtm_sim::program::ACTORS_MAX;
use rtm_sim::vocabulary::argument::{ArgKind, Parameter};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::constants::{EventType, NUMBERS, Named};
use rtm_sim::vocabulary::handle::HandleKind;
use rtm_sim::vocabulary::status::Status;
use serde_json::{Map, Value, json};

use crate::argument::{ENTITY_KEYS, INPUT_KEYS};
use crate::key::{ACTIONS, Key, LIMIT, STEP, TOP, Takes};
use crate::operand::address::ADDRESS_KEYS;
use crate::operand::handle::HANDLE_KEYS;
use crate::operand::number::LIMITS;
use crate::output::{Inside, Record, Shape, kebab, kind_word};
use crate::parameter::{
    Standard, array_after, is_bool, member_words, parameter_words, standard, standard_members,
};
use crate::scenario::TITLE_MAX;
use crate::step::OPAQUE_KEY;

/// The JSON schema of scenario files, draft 2020-12.
pub fn schema() -> String {
    let mut root = object(TOP);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("RTMv2 scenario");
    root["$defs"] = definitions();
    let text = serde_json::to_string_pretty(&root).expect("texts and numbers can be written");
    text + "\n"
}

fn definitions() -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let label = json!({ "type": "string", "description": "a label, a part of one, or \"NULL\"" });
    let never = json!({ "type": "integer", "minimum": 1 });
    let handle = closed(Map::from_iter([(String::from(HANDLE_KEYS[0]), never)]), &[HANDLE_KEYS[0]]);
    let bytes =
        json!({ "type": "array", "items": { "type": "integer", "minimum": 0, "maximum": 255 } });
    let mut definitions = Map::new();
    let mut define = |name: &str, value: Value| definitions.insert(String::from(name), value);
    define("step", step());
    define("bytes", bytes.clone());
    define("handle", json!({ "anyOf": [label, handle] }));
    let handles = json!({ "type": "array", "items": reference("handle") });
    define("handles", json!({ "anyOf": [label, handles] }));
    define("texts", json!({ "anyOf": [{ "type": "string" }, texts] }));
    let address = typed(ADDRESS_KEYS, |key| match key {
        "addr-bits" => bytes.clone(),
        _ => number(&[], 16, false),
    });
    define("address", json!({ "anyOf": [{ "type": "string" }, address] }));
    let entity = typed(ENTITY_KEYS, |key| {
        number(&[], if key.starts_with("entity") { 32 } else { 16 }, false)
    });
    define("entity", json!({ "anyOf": [{ "type": "string" }, entity] }));
    define(
        "input",
        typed(INPUT_KEYS, |key| match key {
            "method-type" => number(&[], 32, false),
            _ => bytes.clone(),
        }),
    );
    for record in [Record::Route, Record::NextHop, Record::Dest] {
        define(record.c_name(), json!({ "anyOf": [label, members(record, true)] }));
    }
    for function in Function::ALL {
        define(function.name(), call(*function));
    }
    Value::Object(definitions)
}

/// A table of keys, and no others.
fn object(keys: &[Key]) -> Value {
    let properties = keys.iter().map(|key| {
        let mut value = takes(key.takes);
        value["description"] = json!(key.about);
        (String::from(key.name), value)
    });
    let required: Vec<&str> = keys.iter().filter(|k| k.required).map(|k| k.name).collect();
    closed(properties.collect(), &required)
}

fn closed(properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn typed(keys: &[&str], value: impl Fn(&str) -> Value) -> Value {
    closed(keys.iter().map(|key| (String::from(*key), value(key))).collect(), &[])
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn takes(takes: Takes) -> Value {
    let statuses = || -> Vec<&str> { Status::ALL.iter().map(|(name, _)| *name).collect() };
    match takes {
        Takes::Format => json!({ "const": 1 }),
        Takes::Text => json!({ "type": "string", "minLength": 1, "maxLength": TITLE_MAX }),
        Takes::Texts => reference("texts"),
        Takes::Clauses => {
            let id = json!({ "type": "string", "pattern": "^\\w+\\.[a-z0-9-]+$" });
            json!({ "type": "array", "items": id })
        }
        Takes::Truth => json!({ "type": "boolean" }),
        Takes::Whole => json!({ "type": "integer", "minimum": 0 }),
        Takes::Number => number(&[], 32, false),
        Takes::Limit => json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, object(LIMIT)] }),
        Takes::Families => json!({ "type": "array", "items": number(&[], 16, false) }),
        Takes::Word(words) => json!({ "enum": words }),
        Takes::Schedules => {
            json!({ "anyOf": [{ "const": "listed" }, object(crate::key::SCHEDULES)] })
        }
        Takes::Table(keys) => object(keys),
        Takes::Named(keys) => json!({
            "type": "object",
            "minProperties": 1,
            "maxProperties": ACTORS_MAX,
            "propertyNames": { "pattern": "^[a-z][a-z0-9-]{0,63}$" },
            "additionalProperties": object(keys),
        }),
        Takes::Events(keys) => {
            let events = EventType::ALL.iter().map(|e| (String::from(e.name()), object(keys)));
            closed(events.collect(), &[])
        }
        Takes::Scripted(keys) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^([0-9]|[12][0-9]|3[01])$" },
            "additionalProperties": object(keys),
        }),
        Takes::Output => json!({ "anyOf": [reference("bytes"), { "const": crate::method::ECHO }] }),
        Takes::Words(words) => json!({ "type": "array", "items": { "enum": words } }),
        Takes::Steps => json!({ "type": "array", "items": reference("step") }),
        Takes::Client | Takes::Pointer => json!({ "type": "string" }),
        Takes::Function => {
            json!({ "enum": Function::ALL.iter().map(|f| f.name()).collect::<Vec<_>>() })
        }
        Takes::Name => json!({ "type": "string", "pattern": "^[a-z]([a-z0-9-]|\\{i\\})*$" }),
        Takes::Status => json!({ "enum": statuses() }),
        Takes::Statuses => json!({ "type": "array", "items": { "enum": statuses() } }),
        Takes::Return => json!({ "anyOf": [{ "enum": statuses() }, { "type": "integer" }] }),
        Takes::Methods => {
            let each = json!({ "type": "array", "items": { "type": "boolean" } });
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, each] })
        }
    }
}

/// A number operand; the words come first, so that editors offer them.
fn number(words: &[Named], bits: u32, truth: bool) -> Value {
    let own: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let limits = LIMITS.iter().map(|(name, _)| *name);
    let others: Vec<&str> = NUMBERS.iter().map(|(name, _)| *name).chain(limits).collect();
    let most = u64::MAX >> (64 - bits);
    let mut forms = vec![json!({ "type": "integer", "minimum": 0, "maximum": most })];
    if truth {
        forms.push(json!({ "type": "boolean" }));
    }
    if !own.is_empty() {
        forms.push(json!({ "enum": own }));
        let item = json!({ "anyOf": [{ "enum": own }, { "type": ["string", "integer"] }] });
        forms.push(json!({ "type": "array", "items": item }));
    }
    forms.push(json!({ "type": "string", "examples": others }));
    json!({ "anyOf": forms })
}

/// A step: its own keys, and those that go with what it does.
fn step() -> Value {
    let mut step = object(STEP);
    let map = step.as_object_mut().expect("it was made as an object");
    map.remove("additionalProperties");
    let one: Vec<Value> = ACTIONS.iter().map(|key| json!({ "required": [key] })).collect();
    let mut all: Vec<Value> = Function::ALL
        .iter()
        .map(|function| {
            let name = function.name();
            let said = json!({ "properties": { "call": { "const": name } }, "required": ["call"] });
            json!({ "if": said, "then": reference(name) })
        })
        .collect();
    // Which structure is written is known from the label only.
    let mut written = members(Record::NextHop, false);
    let route = members(Record::Route, false);
    let properties = written["properties"].as_object_mut().expect("it was made as an object");
    for (key, value) in route["properties"].as_object().into_iter().flatten() {
        properties.entry(key.clone()).or_insert_with(|| value.clone());
    }
    for key in ["flags", "state"] {
        properties.insert(String::from(key), number(&[], 16, false));
    }
    properties.insert(String::from(OPAQUE_KEY), json!({ "type": "integer", "minimum": 0 }));
    let written = json!({ "properties": properties });
    all.push(json!({ "if": { "required": ["write"] }, "then": written }));
    map.insert(String::from("oneOf"), json!(one));
    map.insert(String::from("allOf"), json!(all));
    map.insert(String::from("unevaluatedProperties"), json!(false));
    step
}

/// The members of a structure as keys.
fn members(record: Record, operand: bool) -> Value {
    let property = |part: &crate::output::Part| {
        let mut value = match part.shape {
            Shape::Handle(_) => reference("handle"),
            Shape::Handles(_) => reference("handles"),
            Shape::Address => reference("address"),
            Shape::Number(64) => json!({ "type": ["integer", "string"] }),
            Shape::Number(bits) => number(member_words(record, part.member), bits.into(), false),
            _ => json!(true),
        };
        let standard = standard_members(Function::AddRouteToDest, record);
        let standard = standard.iter().find(|(member, _)| *member == part.member);
        let number =
            standard.map(|(_, number)| format!("; {number} where a route or next hop is added"));
        let text = format!("{}{}", part.member.name(), number.unwrap_or_default());
        value["description"] = json!(text);
        (part.key(), value)
    };
    let parts = |inside_view: bool| {
        let view = move |p: &&crate::output::Part| (p.inside == Inside::View) == inside_view;
        record.parts().iter().filter(view)
    };
    let mut properties: Map<String, Value> = parts(false).map(property).collect();
    if record == Record::Dest {
        let view = closed(parts(true).map(property).collect(), &[]);
        properties.insert(String::from("view-info"), json!({ "type": "array", "items": view }));
    }
    if operand {
        let from = json!({ "type": "string", "description": "what to start from" });
        properties.insert(String::from("from"), from);
    }
    closed(properties, &[])
}

/// The arguments of a call.
fn call(function: Function) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (index, parameter) in function.parameters().iter().enumerate() {
        let key = kebab(parameter.name);
        let standard = standard(function, index);
        let mut value = argument(function, parameter);
        let kind = parameter.of.map(|kind: HandleKind| format!(", {}", kind_word(kind)));
        let text =
            format!("{}{}; {}", parameter.name, kind.unwrap_or_default(), default(function, index));
        value["description"] = json!(text);
        if standard == Standard::Required {
            required.push(key.clone());
        }
        properties.insert(key, value);
    }
    json!({ "properties": properties, "required": required })
}

fn argument(function: Function, parameter: &Parameter) -> Value {
    let or_null = |value: Value| json!({ "anyOf": [value, { "const": "NULL" }] });
    match parameter.kind {
        ArgKind::Handle | ArgKind::Slot => reference("handle"),
        ArgKind::Handles => reference("handles"),
        ArgKind::OutHandle
        | ArgKind::OutHandles
        | ArgKind::Out
        | ArgKind::OutWord
        | ArgKind::OutPointer => json!({ "const": "NULL" }),
        ArgKind::Word | ArgKind::Count => {
            number(parameter_words(function, parameter.name), 32, is_bool(parameter.name))
        }
        ArgKind::Address => reference("address"),
        ArgKind::Ipv6 => json!({ "type": "string" }),
        ArgKind::Entity => reference("entity"),
        ArgKind::Methods => or_null(takes(Takes::Methods)),
        ArgKind::Callback => or_null(json!({ "type": "boolean" })),
        ArgKind::NextHop => reference(Record::NextHop.c_name()),
        ArgKind::Route | ArgKind::RouteSlot => reference(Record::Route.c_name()),
        ArgKind::Dests => {
            let one = reference(Record::Dest.c_name());
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        ArgKind::Input => or_null(reference("input")),
        ArgKind::Context => or_null(json!({ "type": "integer", "minimum": 0 })),
    }
}

/// What a parameter is when it is left out, in words.
fn default(function: Function, index: usize) -> String {
    match standard(function, index) {
        Standard::Required => String::from("must be said"),
        Standard::Registration => String::from("the registration of the client that acts"),
        Standard::Client => String::from("what the file says of the client"),
        Standard::Given => String::from("an output; \"NULL\" passes no pointer"),
        Standard::NullHandle => String::from("no handle"),
        Standard::Null => String::from("NULL"),
        Standard::Word(u32::MAX) => String::from("0xFFFFFFFF"),
        Standard::Word(number) => number.to_string(),
        Standard::MaxHandles => String::from("max-handles"),
        Standard::Elements => {
            let array = array_after(function, index).map(|a| function.parameters()[a].name);
            format!("the number of elements of {}", array.unwrap_or("the array"))
        }
        Standard::Zeros => String::from("zeros"),
    }
}
