//! Each file in `tests/invalid` has one kind of fault, and a snapshot of what is said about it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use rtm_scenarios::simulate::{Strategy, simulate};
use rtm_scenarios::{Code, Diagnostic, parse, report};

/// A start that nothing is wrong with.
const HEAD: &str = "format = 1\ntitle = \"t\"\nclient.rip = { protocol = 8 }\n";

/// Name and text of every invalid file, sorted by name.
fn files() -> Vec<(String, String)> {
    rtm_scenarios::corpus_dir(Path::new("tests/invalid")).expect("the folder can be read")
}

/// What is wrong with a text, or with what it says of the model.
fn mistakes(name: &str, text: &str) -> Vec<Diagnostic> {
    let scenario = match parse(name, text) {
        Ok(scenario) => scenario,
        Err(found) => return found,
    };
    let found = simulate(&scenario, &mut *Strategy::Listed.scheduler(&scenario.program));
    let found = found.problems(&scenario);
    assert!(!found.is_empty(), "{name} is invalid");
    found
}

fn codes(found: &[Diagnostic]) -> Vec<Code> {
    found.iter().map(|d| d.code).collect()
}

#[test]
fn mistakes_are_explained() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../invalid");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, text) in files() {
        let found = mistakes(&format!("{name}.toml"), &text);
        settings.bind(|| insta::assert_snapshot!(name, report(&found, false)));
    }
}

#[test]
fn every_code_is_shown() {
    // Two need a text that is no small file, they are below and in `places`; one is not shown
    // unless the model has a fault.
    let elsewhere = [Code::FileTooLarge, Code::NotUtf8, Code::Broken];
    let mut seen: BTreeSet<Code> = BTreeSet::from(elsewhere);
    for (name, text) in files() {
        seen.extend(codes(&mistakes(&name, &text)));
    }
    let missing: Vec<&Code> = Code::ALL.iter().filter(|c| !seen.contains(c)).collect();
    assert_eq!(missing, Vec::<&Code>::new());
}

#[test]
fn hostile_texts_end_in_a_diagnostic() {
    let check = |text: &str, expect: Code| {
        let start = Instant::now();
        let found = mistakes("hostile", text);
        assert!(found.iter().any(|d| d.code == expect), "{}", report(&found, false));
        assert!(found.len() <= 101);
        // The time says only that nothing is made of it; the machine may be busy.
        assert!(start.elapsed() < Duration::from_secs(60));
        report(&found, true);
    };
    check(&"#".repeat(10 * 1024 * 1024), Code::FileTooLarge);
    // Nobody looks for what is near to a mistake that is not shown.
    let ask = |nth| {
        let call = "[[step]]\ncall = \"RtmGetNextHopInfo\"";
        format!("{call}\nnext-hop-handle = \"zz{nth}\"\nbind = \"b{nth}\"\n")
    };
    let labels: String = (0..12_000).map(ask).collect();
    check(&format!("{HEAD}{labels}"), Code::UnknownLabel);
    let clauses: String = (0..25_000).map(|nth| format!("\"RtmAddNextHop.x{nth}\", ")).collect();
    check(&format!("clauses = [{clauses}]\n{HEAD}"), Code::UnknownClause);
    check(&(String::from(HEAD) + "x = " + &"{ a = ".repeat(10_000)), Code::TooDeep);
    check(&(String::from(HEAD) + "x = " + &"[".repeat(500_000)), Code::TooDeep);
    check(&(String::from(HEAD) + &"a.".repeat(500_000) + "a = 1"), Code::TooDeep);
    check(&(String::from(HEAD) + "[" + &"a.".repeat(500_000) + "a]"), Code::TooDeep);
    check(&(String::from(HEAD) + "repeat = 1\n" + &"[[step]]\n".repeat(80_000)), Code::TooMany);
    check(&(String::from(HEAD) + &"=\n".repeat(400_000)), Code::TooMany);
    check(&"\0".repeat(1024 * 1024), Code::Syntax);
}

#[test]
fn places_are_lines_and_characters() {
    let found = mistakes("name", &(String::from(HEAD) + "see = '\u{e9}'\r\n'\u{e9}' = 1\n"));
    let places: Vec<(u32, u32)> = found.iter().map(|d| (d.line, d.column)).collect();
    assert_eq!(places, [(5, 1)]);
    let found =
        mistakes("name", &(String::from(HEAD) + "requires = { '\u{e9}\u{e9}' = 1, x = 1 }\n"));
    let places: Vec<(u32, u32)> = found.iter().map(|d| (d.line, d.column)).collect();
    assert_eq!(places, [(4, 14), (4, 24)]);
}
