//! Turns the clause catalogue, `clauses/*.toml`, into constants.
//!
//! An id that stands twice, a member that is misspelled and a reading that makes no sense end the
//! build here; an id that does not exist ends it where the code names it.

#![expect(clippy::disallowed_methods, reason = "a build script reads files and its environment")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    clause: Vec<Clause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Clause {
    id: String,
    function: String,
    kind: String,
    strength: String,
    text: String,
    source: String,
    choice: Option<String>,
    /// Other answers that the documentation leaves open; a silent clause only.
    #[serde(default)]
    alternatives: Vec<Reading>,
    /// Answers that the documentation forbids; only the reference can be told to take one.
    #[serde(default)]
    forbidden: Vec<Reading>,
    /// What is observed here is adopted, whatever it is.
    #[serde(default)]
    free: bool,
    /// The choice and the alternatives are all the answers that there can be.
    #[serde(default)]
    exhaustive: bool,
    /// "client" when the rule binds the caller and no library can break it.
    binds: Option<String>,
    /// False when nothing that the interface shows depends on the clause; `reason` says why.
    #[serde(default = "yes")]
    observable: bool,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    name: String,
    text: String,
}

fn yes() -> bool {
    true
}

fn main() {
    let folder = Path::new("clauses");
    println!("cargo::rerun-if-changed=clauses");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("read clauses/")
        .map(|e| e.expect("entry").path())
        .collect();
    paths.sort();
    let mut clauses: Vec<(String, Clause)> = Vec::new();
    let mut seen = BTreeMap::new();
    for path in paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let group = path.file_stem().and_then(|s| s.to_str()).expect("UTF-8 name").to_owned();
        let text = std::fs::read_to_string(&path).expect("read a clause file");
        let file: File =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for clause in file.clause {
            if let Some(first) = seen.insert(clause.id.clone(), group.clone()) {
                panic!("clause {} stands in {first}.toml and in {group}.toml", clause.id);
            }
            check(&clause);
            clauses.push((group.clone(), clause));
        }
    }
    assert!(clauses.len() < usize::from(u16::MAX), "clause ids no longer fit 16 bits");
    let out = std::env::var_os("OUT_DIR").expect("OUT_DIR");
    let out = Path::new(&out);
    std::fs::write(out.join("clauses.rs"), generate(&clauses)).expect("write the constants");
    std::fs::write(out.join("catalogue.txt"), catalogue(&clauses)).expect("write the catalogue");
}

fn check(clause: &Clause) {
    let id = &clause.id;
    let (function, slug) = id.split_once('.').unwrap_or_else(|| panic!("{id}: no dot"));
    assert_eq!(function, clause.function, "{id}: function and id differ");
    assert!(
        slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
        "{id}: the slug is not kebab-case"
    );
    let silent = clause.strength == "silent";
    assert!(
        silent || ["stated", "implied"].contains(&clause.strength.as_str()),
        "{id}: strength {}",
        clause.strength
    );
    assert_eq!(
        silent,
        clause.choice.is_some(),
        "{id}: a silent clause, and no other, has a choice"
    );
    assert!(
        silent || clause.alternatives.is_empty(),
        "{id}: only a silent clause has alternatives"
    );
    assert!(
        !clause.exhaustive || !clause.alternatives.is_empty(),
        "{id}: exhaustive without alternatives"
    );
    assert!(silent || !clause.free, "{id}: only a silent clause is free");
    assert!(!silent || clause.forbidden.is_empty(), "{id}: a silent clause forbids nothing");
    assert!(
        clause.binds.as_deref().is_none_or(|b| b == "client"),
        "{id}: binds can only be \"client\""
    );
    assert_eq!(clause.observable, clause.reason.is_none(), "{id}: observable = false has a reason");
}

fn generate(clauses: &[(String, Clause)]) -> String {
    let mut text = String::new();
    // Apart from the rest, because every field of every observation looks at them.
    let _ = writeln!(text, "static WEIGHTS: [Weight; {}] = [", clauses.len());
    for (_, c) in clauses {
        let strength = capital(&c.strength);
        let _ = writeln!(text, "Weight::new(Strength::{strength}, {}),", c.exhaustive);
    }
    text.push_str("];\n");
    let mut by_id: Vec<usize> = (0..clauses.len()).collect();
    by_id.sort_by_key(|index| &clauses[*index].1.id);
    let _ = writeln!(text, "/// Places in the catalogue, in the order of the ids.");
    let _ = writeln!(text, "static BY_ID: [u16; {}] = {by_id:?};", clauses.len());
    let mut modules: BTreeMap<String, Vec<(usize, &Clause)>> = BTreeMap::new();
    for (index, (_, c)) in clauses.iter().enumerate() {
        modules.entry(module_name(&c.function)).or_default().push((index, c));
    }
    for (module, members) in modules {
        let _ = writeln!(text, "/// Clauses of `{}`.", members[0].1.function);
        let named =
            members.iter().any(|(_, c)| !c.alternatives.is_empty() || !c.forbidden.is_empty());
        let import = if named { "use super::{ClauseId, Reading};" } else { "use super::ClauseId;" };
        let _ = writeln!(text, "pub mod {module} {{ {import}");
        for (index, c) in members {
            let slug = c.id.split_once('.').expect("checked").1;
            let name = slug.replace('-', "_").to_uppercase();
            let name = if name.starts_with(|c: char| c.is_ascii_digit()) {
                format!("N{name}")
            } else {
                name
            };
            let _ = writeln!(
                text,
                "/// {}",
                c.text.replace('\n', " ").replace(['[', ']', '<', '>'], "'")
            );
            let _ = writeln!(text, "pub const {name}: ClauseId = ClauseId({index});");
            let all = c.alternatives.iter().chain(&c.forbidden);
            for (value, reading) in all.enumerate() {
                let reading_name =
                    format!("{name}_{}", reading.name.replace('-', "_").to_uppercase());
                let _ = writeln!(text, "/// {}", reading.text);
                let _ = writeln!(
                    text,
                    "pub const {reading_name}: Reading = Reading {{ clause: {name}, value: {} }};",
                    value + 1
                );
            }
        }
        text.push_str("}\n");
    }
    text
}

/// The catalogue as text, in its own order: see `read_catalogue` in `src/clause.rs`.
fn catalogue(clauses: &[(String, Clause)]) -> String {
    let mut text = String::new();
    for (group, c) in clauses {
        let flag = |set: bool| if set { "yes" } else { "" };
        let fields = [
            &c.id,
            &c.function,
            group,
            &c.kind,
            &c.text,
            c.choice.as_deref().unwrap_or(""),
            &c.source,
            flag(c.free),
            flag(c.binds.is_some()),
            c.reason.as_deref().unwrap_or(""),
        ];
        let mut put = |field: &str, end: char| {
            assert!(!field.contains(['\x1d', '\x1e', '\x1f']), "{}: a control character", c.id);
            text.push_str(field);
            text.push(end);
        };
        fields.iter().for_each(|field| put(field, '\x1f'));
        for list in [&c.alternatives, &c.forbidden] {
            list.iter().for_each(|r| {
                put(&r.name, '\x1d');
                put(&r.text, '\x1d');
            });
            put("", '\x1f');
        }
        text.push('\x1e');
    }
    text
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// `RtmGetEnumDests` becomes `get_enum_dests`, `RTM_EVENT_CALLBACK` becomes `event_callback`.
fn module_name(function: &str) -> String {
    if let Some(rest) = function.strip_prefix("RTM_") {
        return rest.to_lowercase();
    }
    let mut name = String::new();
    for c in function.strip_prefix("Rtm").unwrap_or(function).chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}
