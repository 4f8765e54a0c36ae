//! The JSON schema: committed as it is made, and right about the corpus.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rtm_scenarios::{corpus, corpus_dir, schema};
use serde_json::{Value, json};

const PATH: &str = "scenario.schema.json";

#[test]
fn the_committed_schema_is_fresh() {
    let fresh = schema();
    let committed = fs::read_to_string(PATH).unwrap_or_default();
    if committed != fresh {
        fs::write(PATH, fresh).expect("the file can be written");
        panic!("{PATH} was stale and is now fresh: commit it");
    }
}

#[test]
fn the_schema_takes_the_corpus() {
    let schema: Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    for (name, text) in corpus() {
        let file: toml::Value = toml::from_str(text).expect("the corpus is TOML");
        let file = serde_json::to_value(file).expect("a scenario holds nothing odd");
        let mut faults = Vec::new();
        check(&schema, &schema, &file, name, &mut faults);
        assert_eq!(faults, Vec::<String>::new());
    }
}

#[test]
fn the_schema_finds_plain_mistakes() {
    let schema: Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    let plain = [
        "client-without-protocol",
        "missing-argument",
        "missing-format",
        "missing-title",
        "no-action",
        "no-client",
        "too-many-clients",
        "two-actions",
        "unknown-argument",
        "unknown-event",
        "unknown-format",
        "unknown-function",
        "unknown-member",
        "unknown-requirement",
        "unknown-status",
        "unknown-top-key",
        "wrong-types",
        "member-out-of-range",
        "output-given",
    ];
    let files = corpus_dir(Path::new("tests/invalid")).expect("the folder can be read");
    for name in plain {
        let (_, text) = files.iter().find(|(n, _)| n == name).expect("the file is there");
        let file: toml::Value = toml::from_str(text).expect("the file is TOML");
        let file = serde_json::to_value(file).expect("a scenario holds nothing odd");
        let mut faults = Vec::new();
        check(&schema, &schema, &file, name, &mut faults);
        assert!(!faults.is_empty(), "{name}");
    }
}

/// Checks a value against the keywords that the schema uses, and returns the properties that
/// were looked at.
fn check(
    root: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
    faults: &mut Vec<String>,
) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    if let Some(path) = schema["$ref"].as_str() {
        let target = root.pointer(path.trim_start_matches('#')).expect("the reference leads on");
        seen.extend(check(root, target, value, at, faults));
    }
    check_value(schema, value, at, faults);
    let passes = |part: &Value| {
        let mut faults = Vec::new();
        let seen = check(root, part, value, at, &mut faults);
        faults.is_empty().then_some(seen)
    };
    for part in schema["allOf"].as_array().into_iter().flatten() {
        seen.extend(check(root, part, value, at, faults));
    }
    if schema.get("if").is_some_and(|part| passes(part).is_some()) {
        seen.extend(check(root, &schema["then"], value, at, faults));
    }
    for (keyword, most) in [("anyOf", usize::MAX), ("oneOf", 1)] {
        let Some(parts) = schema[keyword].as_array() else { continue };
        let good: Vec<BTreeSet<String>> = parts.iter().filter_map(passes).collect();
        if good.is_empty() || most < good.len() {
            faults.push(format!("{at}: {} of {keyword}", good.len()));
        }
        seen.extend(good.into_iter().flatten());
    }
    check_table(root, schema, value, at, faults, &mut seen);
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (index, item) in values.iter().enumerate() {
            check(root, items, item, &format!("{at}[{index}]"), faults);
        }
    }
    seen
}

fn check_value(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        _ => panic!("type {name}"),
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let typed = types.is_empty() || types.iter().any(|name| is(name));
    let listed = schema["enum"].as_array().is_none_or(|values| values.contains(value));
    let constant = schema.get("const").is_none_or(|c| c == value);
    let number = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
    let within = number.is_none_or(|number| {
        schema["minimum"].as_i64().is_none_or(|least| i128::from(least) <= number)
            && schema["maximum"].as_u64().is_none_or(|most| number <= i128::from(most))
    });
    if !(typed && listed && constant && within) {
        faults.push(format!("{at}: {value}"));
    }
}

fn check_table(
    root: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
    faults: &mut Vec<String>,
    seen: &mut BTreeSet<String>,
) {
    let Some(table) = value.as_object() else { return };
    let properties = schema["properties"].as_object();
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !table.contains_key(key) {
            faults.push(format!("{at} lacks {key}"));
        }
    }
    if schema["maxProperties"].as_u64().is_some_and(|most| most < table.len() as u64) {
        faults.push(format!("{at} has too many"));
    }
    for (key, value) in table {
        let place = format!("{at}.{key}");
        if let Some(property) = properties.and_then(|p| p.get(key)) {
            check(root, property, value, &place, faults);
            seen.insert(key.clone());
            continue;
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => faults.push(format!("{place} is unknown")),
            Some(other) => {
                check(root, other, value, &place, faults);
                seen.insert(key.clone());
            }
            None => {}
        }
    }
    if schema["unevaluatedProperties"] == json!(false) {
        for key in table.keys().filter(|key| !seen.contains(*key)) {
            faults.push(format!("{at}.{key} is unknown"));
        }
    }
}
