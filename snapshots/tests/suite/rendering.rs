//! What a reviewer sees.

use rtm_sim::history::{Entry, History};
use rtm_sim::vocabulary::callback::Told;
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Observation, Place, Value};
use rtm_snapshots::outcomes::{OUTCOMES_MAX, Outcome, render_outcomes};
use rtm_snapshots::render::misuses;
use rtm_snapshots::{Options, render};

use crate::programs::{self, CALLBACKS, ENUMERATION};

/// Asserts a snapshot of this file, under its own name.
fn keep(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// The text of a scenario on the model.
fn shown(title: &str, lines: &str) -> String {
    let program = programs::scenario(title, lines).program;
    let (history, model) = programs::history(&program);
    let options = Options { end: misuses(&program, model.misuses()), ..Options::default() };
    let text = render(&program, title, &history, &options);
    assert_eq!(text, render(&program, title, &history, &options), "the same bytes twice");
    assert!(text.lines().all(|line| line == line.trim_end()), "no white space at line ends");
    assert_eq!(text.trim_matches('\n').to_string() + "\n", text);
    text
}

#[test]
fn callbacks_stand_under_the_call_that_they_came_in() {
    keep("callbacks", &shown("callbacks, failures and hazards", CALLBACKS));
}

#[test]
fn enumerations_and_long_runs_stay_short() {
    keep("enumeration", &shown("enumerations and long runs", ENUMERATION));
}

#[test]
fn the_bases_can_be_left_out() {
    let program = programs::scenario("no bases", CALLBACKS).program;
    let (mut history, _) = programs::history(&program);
    let options = Options { basis: false, ..Options::default() };
    let expected = render(&program, "no bases", &history, &options);
    assert!(!expected.contains("=Rtm") && !expected.contains("~Rtm"), "{expected}");
    for field in &mut history.fields {
        field.basis = rtm_sim::vocabulary::observation::Basis::NONE;
    }
    assert_eq!(expected, render(&program, "no bases", &history, &options));
}

/// Two clients that wait for each other, as a library may show it.
const BLOCKED: &str = r#"
client.rip = { protocol = 8, register = "by-hand" }
client.ospf = { protocol = 13, register = "by-hand" }
cleanup = "none"
[[step]]
by = "rip"
call = "RtmLockRoute"
rtm-reg-handle = "NULL"
route-handle = "NULL"
lock-route = true
[[step]]
by = "ospf"
call = "RtmLockRoute"
rtm-reg-handle = "NULL"
route-handle = "NULL"
lock-route = false
[[step]]
by = "rip"
call = "RtmDeregisterEntity"
rtm-reg-handle = "NULL"
[[step]]
by = "ospf"
call = "RtmDeregisterEntity"
rtm-reg-handle = "NULL"
"#;

fn end(history: &mut History, actor: u8, seen: &Observation) {
    let from = history.fields.len() as u32;
    history.fields.extend_from_slice(&seen.fields);
    history.entries.push(Entry::End { actor, fields: (from, history.fields.len() as u32) });
}

#[test]
fn waiting_and_its_end_are_shown() {
    let program = programs::scenario("waiting", BLOCKED).program;
    let mut history = History { choices: vec![0, 1, 0, 1], ..History::default() };
    let mut seen = Observation::default();
    seen.raw(Place::STATUS, Value::Number(0));
    history.entries.push(Entry::Begin { actor: 0, step: 0 });
    history.entries.push(Entry::Blocked { actor: 0, fields: (0, 0) });
    history.entries.push(Entry::Begin { actor: 1, step: 1 });
    end(&mut history, 1, &seen);
    seen.raw(Place::output(4), Value::Pointer(0x7F00_0000_1000));
    end(&mut history, 0, &seen);
    history.entries.push(Entry::Begin { actor: 0, step: 2 });
    history.entries.push(Entry::Blocked { actor: 0, fields: (0, 0) });
    history.entries.push(Entry::Deadlock { fields: (0, 0) });
    history.entries.push(Entry::Begin { actor: 1, step: 3 });
    history.entries.push(Entry::Callback { receiver: None, told: Told::Event(7), fields: (0, 0) });
    keep("waiting", &render(&program, "waiting\nand a crash", &history, &Options::default()));
}

#[test]
fn handles_of_a_library_are_labelled_by_kind() {
    let program = programs::scenario("labels", BLOCKED).program;
    let mut history = History::default();
    let mut seen = Observation::default();
    seen.raw(Place::STATUS, Value::Number(0));
    seen.raw(Place::output(4).at(0), Value::Handle(HandleKind::Route, Handle(5)));
    seen.raw(Place::output(4).at(1), Value::Handle(HandleKind::NextHop, Handle(5)));
    history.entries.push(Entry::Begin { actor: 0, step: 0 });
    end(&mut history, 0, &seen);
    let text = render(&program, "labels", &history, &Options::default());
    assert!(text.contains("= route#1, nexthop#1\n"), "{text}");
}

#[test]
fn outcomes_are_told_by_what_differs() {
    let outcome = |number: usize| Outcome {
        token: format!("rtm1.0000000000000000.a{}", number + 1),
        text: format!("rip   NO_ERROR\nospf  found {number}\n"),
        times: 1,
    };
    let few: Vec<Outcome> = (0..3).map(outcome).collect();
    keep("outcomes", &render_outcomes("a race", &few));
    let many: Vec<Outcome> = (0..OUTCOMES_MAX + 5).map(outcome).collect();
    let text = render_outcomes("a race", &many);
    let last = text.lines().last().expect("a line");
    assert!(last.starts_with("and 5 more outcomes, "), "{last}");
    assert_eq!(text.matches("\noutcome ").count(), OUTCOMES_MAX);
}
