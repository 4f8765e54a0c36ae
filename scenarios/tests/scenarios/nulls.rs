//! NULL is no handle: each handle argument of each function whose page lists
//! `ERROR_INVALID_HANDLE` is NULL in some step of the corpus that is always made, and the model
//! answers with that status.
//!
//! Not here: structures with handles in them, whose NULL members are passed over.

use std::collections::BTreeSet;

use rtm_scenarios::simulate::{Strategy, simulate};
use rtm_scenarios::{corpus, parse};
use rtm_sim::clause::{ClauseId, Strength};
use rtm_sim::history::{Entry, History};
use rtm_sim::program::operand::{Argument, HandleList, HandleRef};
use rtm_sim::program::{Action, Program};
use rtm_sim::vocabulary::argument::ArgKind;
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::observation::{Place, number_at};
use rtm_sim::vocabulary::status::Status;

/// Arguments for which NULL means something else than a handle, and what.
const MEANT: [(&str, &str, &str); 4] = [
    ("RtmAddRouteToDest", "RouteListHandle", "the route is put on no list"),
    ("RtmAddRouteToDest", "NotifyHandle", "the argument is reserved"),
    ("RtmInsertInRouteList", "RouteListHandle", "the routes are taken off their lists"),
    ("RtmBlockMethods", "TargetHandle", "the methods are blocked for everybody"),
];

/// A function and the index of one of its parameters.
type Pair = (Function, usize);

/// Whether the page of a function lists `ERROR_INVALID_HANDLE`.
fn is_listed(function: Function) -> bool {
    ClauseId::all().map(ClauseId::clause).any(|clause| {
        let slug = clause.id.split('.').next_back();
        let says = matches!(slug, Some("err-invalid-handle" | "invalid-handle"));
        says && clause.function == function.name() && clause.strength == Strength::Stated
    })
}

/// What must be shown: handles, and arrays of handles that are read.
fn demanded() -> BTreeSet<Pair> {
    let functions = Function::ALL.iter().copied().filter(|f| is_listed(*f));
    let pairs = functions.flat_map(|f| (0..f.parameters().len()).map(move |i| (f, i)));
    let takes = |(function, index): &Pair| {
        let parameter = &function.parameters()[*index];
        let name = (function.name(), parameter.name);
        matches!(parameter.kind, ArgKind::Handle | ArgKind::Handles)
            && !MEANT.iter().any(|(function, parameter, _)| (*function, *parameter) == name)
    };
    pairs.filter(takes).collect()
}

fn is_null(argument: &Argument) -> bool {
    match argument {
        Argument::Handle(handle) => *handle == HandleRef::Null,
        Argument::Handles(Some(HandleList::Items(items))) => items.contains(&HandleRef::Null),
        _ => false,
    }
}

/// The status with which a step ended; nothing when it was never made.
fn status(history: &History, step: u32) -> Option<u64> {
    let mut entries = history.entries.iter();
    let begun = |entry: &Entry| match entry {
        Entry::Begin { actor, step: begun } if *begun == step => Some(*actor),
        _ => None,
    };
    let actor = entries.find_map(begun)?;
    let ended = |entry: &Entry| match entry {
        Entry::End { actor: other, fields } if *other == actor => Some(*fields),
        _ => None,
    };
    let fields = entries.find_map(ended)?;
    number_at(history.slice(fields), Place::STATUS)
}

/// What a program shows: NULL in an argument, answered by `ERROR_INVALID_HANDLE`.
fn shown(program: &Program, history: &History) -> Vec<Pair> {
    let mut found = Vec::new();
    for (index, step) in program.steps.iter().enumerate() {
        let Action::Call { function, arguments, .. } = &step.action else { continue };
        let refused = || {
            let expect = u64::from(Status::ERROR_INVALID_HANDLE.0);
            status(history, index as u32) == Some(expect)
        };
        let nulls = arguments.iter().enumerate().filter(|(_, argument)| is_null(argument));
        if !step.hazard && refused() {
            found.extend(nulls.map(|(parameter, _)| (*function, parameter)));
        }
    }
    found
}

#[test]
fn every_handle_argument_is_null_once() {
    let mut missing = demanded();
    assert!(55 < missing.len(), "only {} arguments are looked for", missing.len());
    for (_, text) in corpus() {
        let scenario = parse("", text).expect("the corpus holds no mistake");
        let mut scheduler = Strategy::Listed.scheduler(&scenario.program);
        let history = simulate(&scenario, &mut *scheduler).history;
        for pair in shown(&scenario.program, &history) {
            missing.remove(&pair);
        }
    }
    let name = |(function, index): &Pair| {
        format!("{} {}", function.name(), function.parameters()[*index].name)
    };
    let missing: Vec<String> = missing.iter().map(name).collect();
    assert!(missing.is_empty(), "NULL is never passed as:\n{}", missing.join("\n"));
}

#[test]
fn a_hazard_or_another_status_does_not_count() {
    let check = |step: &str, expect: usize| {
        let text = format!("format = 1\ntitle = \"t\"\nclient.rip = {{ protocol = 8 }}\n{step}");
        let scenario = parse("", &text).expect("the scenario is right");
        let mut scheduler = Strategy::Listed.scheduler(&scenario.program);
        let history = simulate(&scenario, &mut *scheduler).history;
        assert_eq!(shown(&scenario.program, &history).len(), expect, "{step}");
    };
    let step = "[[step]]\ncall = \"RtmDeleteEnumHandle\"\nenum-handle = \"NULL\"\n";
    check(step, 1);
    check(&format!("{step}hazard = true\n"), 0);
    check("[[step]]\ncall = \"RtmReleaseRoutes\"\nroute-handles = [\"NULL\"]\n", 1);
    check("[[step]]\ncall = \"RtmReleaseRoutes\"\nroute-handles = []\n", 0);
    let none = "[[step]]\ncall = \"RtmInsertInRouteList\"\nroute-handles = []\n";
    check(&format!("{none}route-list-handle = \"NULL\"\n"), 0);
}
