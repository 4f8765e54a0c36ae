//! Each worked example is a scenario that names it.
//!
//! A worked example is a state, calls, and what must be seen afterwards. Those about routes and
//! searches are numbered R1 to R50, those about enumerations and notifications E1 to E45. The
//! scenario that plays one says so in a comment: `# See: worked example R12`.

use std::collections::BTreeMap;

use rtm_scenarios::corpus;

/// The series: its letter, and how many examples it has.
const SERIES: [(&str, u32); 2] = [("R", 50), ("E", 45)];

/// Examples that no scenario can play yet, and why not. One that is cited must go from here.
const OWED: &[(&str, &str)] = &[];

/// What the comments of a scenario cite; several examples stand in one line with commas.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# See: worked example "))
        .flat_map(|names| names.split(',').map(str::trim))
}

/// What is wrong with the citations of some scenarios, given what is owed.
fn problems<'t>(
    scenarios: impl Iterator<Item = (&'t str, &'t str)>,
    owed: &[(&str, &str)],
) -> Vec<String> {
    let known = || SERIES.iter().flat_map(|(letter, last)| (1..=*last).map(move |n| (*letter, n)));
    let known: Vec<String> = known().map(|(letter, n)| format!("{letter}{n}")).collect();
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (scenario, text) in scenarios {
        for name in cited(text) {
            if !known.iter().any(|known| known == name) {
                problems.push(format!("{scenario} cites `{name}`, which is no worked example"));
            }
            found.insert(name, scenario);
        }
    }
    for name in &known {
        let reason = owed.iter().find(|(owed, _)| owed == name);
        match (found.get(name.as_str()), reason) {
            (None, None) => problems.push(format!("no scenario cites worked example {name}")),
            (Some(scenario), Some(_)) => {
                problems.push(format!("{name} is cited by {scenario} and still listed as owed"));
            }
            _ => {}
        }
    }
    for (name, _) in owed {
        if !known.iter().any(|known| known == name) {
            problems.push(format!("`{name}` is listed as owed and is no worked example"));
        }
    }
    problems
}

#[test]
fn each_worked_example_is_a_scenario() {
    let found = problems(corpus(), OWED);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn missing_and_wrong_citations_are_found() {
    let all: Vec<String> = SERIES
        .iter()
        .flat_map(|(letter, last)| (1..=*last).map(move |n| format!("{letter}{n}")))
        .collect();
    let check = |names: &[String], owed: &[(&str, &str)], expect: &[&str]| {
        let text = format!("# See: worked example {}\nformat = 1\n", names.join(", "));
        assert_eq!(problems([("routes/a", text.as_str())].into_iter(), owed), expect);
    };
    check(&all, &[], &[]);
    check(&all[1..], &[], &["no scenario cites worked example R1"]);
    check(&all[1..], &[("R1", "a reason")], &[]);
    check(&all, &[("E45", "a reason")], &["E45 is cited by routes/a and still listed as owed"]);
    let mut more = all.clone();
    more.push(String::from("R51"));
    check(&more, &[], &["routes/a cites `R51`, which is no worked example"]);
    check(&all, &[("E0", "why")], &["`E0` is listed as owed and is no worked example"]);
}
