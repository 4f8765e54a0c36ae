//! Histories that no run can have written: a library may spoil the worker that wrote them. They
//! are rendered and judged like any other.

use proptest::prelude::*;
use rtm_scenarios::{corpus, parse};
use rtm_sim::acceptor::Acceptor;
use rtm_sim::history::{Entry, History};
use rtm_sim::model::Config;
use rtm_sim::program::Program;
use rtm_sim::vocabulary::callback::{Answer, MethodOutput, Told};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Basis, Field, Member, Place, Value};
use rtm_sim::vocabulary::structures::NetAddress;
use rtm_snapshots::outcomes::{Outcome, render_outcomes};
use rtm_snapshots::{Options, difference, render};

use crate::programs::{self, CALLBACKS, ENUMERATION};

fn value() -> impl Strategy<Value = Value> {
    let handle = (0..HandleKind::ALL.len(), 0_u64..6)
        .prop_map(|(kind, value)| Value::Handle(HandleKind::ALL[kind], Handle(value)));
    let address = (any::<u16>(), any::<u16>(), any::<[u8; 16]>()).prop_map(address);
    prop_oneof![
        any::<u32>().prop_map(|number| Value::Number(number.into())),
        (0_u64..12).prop_map(Value::Number),
        any::<u64>().prop_map(|number| Value::Number(number >> 8)),
        handle,
        address,
        any::<u64>().prop_map(Value::Time),
        any::<u64>().prop_map(Value::Pointer),
        Just(Value::Unwritten),
        Just(Value::Written),
    ]
}

fn address((family, length, bits): (u16, u16, [u8; 16])) -> Value {
    let family = if family & 1 == 0 { 2 } else { family % 30 };
    Value::Address(NetAddress { family, length, bits })
}

fn place() -> impl Strategy<Value = Place> {
    let slot = prop_oneof![0_u8..10, 0xF0..=0xFF_u8];
    let small = prop_oneof![0_u16..4, any::<u16>()];
    (slot, 0..Member::ALL.len(), small.clone(), small).prop_map(|(slot, member, index, inner)| {
        Place { slot, member: Member::ALL[member], index, inner }
    })
}

fn field() -> impl Strategy<Value = Field> {
    (place(), value()).prop_map(|(place, value)| Field { place, value, basis: Basis::NONE })
}

fn entry() -> impl Strategy<Value = Entry> {
    let range = (0_u32..60, 0_u32..60);
    let actor = prop_oneof![0_u8..3, any::<u8>()];
    let receiver = prop_oneof![Just(None), actor.clone().prop_map(Some)];
    let begin = (actor.clone(), 0_u32..60).prop_map(|(actor, step)| Entry::Begin { actor, step });
    let end =
        (actor.clone(), range.clone()).prop_map(|(actor, fields)| Entry::End { actor, fields });
    let told = prop_oneof![(0_u32..6).prop_map(Told::Event), any::<u8>().prop_map(Told::Method)];
    let callback = (receiver, told, range).prop_map(|(receiver, told, fields)| Entry::Callback {
        receiver,
        told,
        fields,
    });
    let returned = any::<u32>().prop_map(Answer::Event);
    let written = (any::<Option<u32>>(), any::<Vec<u8>>()).prop_map(|(number, output_data)| {
        let output = MethodOutput { method_status: number, output_data, ..MethodOutput::default() };
        Answer::Method(Box::new(output))
    });
    let answer = prop_oneof![returned, written];
    prop_oneof![
        4 => begin,
        4 => end,
        2 => callback,
        2 => answer.prop_map(|answer| Entry::CallbackEnd { answer }),
        1 => actor.clone().prop_map(|actor| Entry::Blocked { actor, fields: (0, 0) }),
        1 => Just(Entry::Deadlock { fields: (0, 0) }),
        1 => actor.prop_map(|actor| Entry::Runaway { actor }),
    ]
}

fn history() -> impl Strategy<Value = History> {
    let entries = prop::collection::vec(entry(), 0..60);
    let fields = prop::collection::vec(field(), 0..60);
    let choices = prop::collection::vec(any::<u8>(), 0..20);
    (entries, fields, choices).prop_map(|(entries, fields, choices)| History {
        entries,
        fields,
        choices,
    })
}

/// Judges a history on both clocks.
fn judge(program: &Program, history: &History) {
    let acceptor = Acceptor::new(program, Config::default());
    for mut acceptor in [acceptor.clone(), acceptor.in_real_time()] {
        let judgement = acceptor.judge(history);
        assert!(judgement.judged <= judgement.total);
    }
}

/// What is done to a run's entries.
#[derive(Clone, Debug)]
enum Edit {
    Remove(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, Entry),
    Value(prop::sample::Index, Value),
    Place(prop::sample::Index, Place),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        at().prop_map(Edit::Remove),
        (at(), at()).prop_map(|(one, other)| Edit::Swap(one, other)),
        (at(), at()).prop_map(|(one, other)| Edit::Repeat(one, other)),
        (at(), entry()).prop_map(|(at, entry)| Edit::Insert(at, entry)),
        (at(), value()).prop_map(|(at, value)| Edit::Value(at, value)),
        (at(), place()).prop_map(|(at, place)| Edit::Place(at, place)),
    ]
}

impl Edit {
    fn make(self, history: &mut History) {
        let (entries, fields) = (&mut history.entries, &mut history.fields);
        let (count, all) = (entries.len().max(1), fields.len().max(1));
        match self {
            _ if entries.is_empty() || fields.is_empty() => {}
            Edit::Remove(at) => drop(entries.remove(at.index(count))),
            Edit::Swap(one, other) => entries.swap(one.index(count), other.index(count)),
            Edit::Repeat(one, other) => {
                entries.insert(other.index(count), entries[one.index(count)].clone());
            }
            Edit::Insert(at, entry) => entries.insert(at.index(count), entry),
            Edit::Value(at, value) => fields[at.index(all)].value = value,
            Edit::Place(at, place) => fields[at.index(all)].place = place,
        }
    }
}

#[test]
fn an_answer_that_follows_no_callback_is_judged() {
    let program = programs::scenario("spoilt", CALLBACKS).program;
    let answers = [Answer::Event(0), Answer::Method(Box::default())];
    for answer in answers {
        let (mut history, _) = programs::history(&program);
        history.entries.insert(0, Entry::CallbackEnd { answer: answer.clone() });
        judge(&program, &history);
        let (mut history, _) = programs::history(&program);
        for entry in &mut history.entries {
            if matches!(entry, Entry::CallbackEnd { .. }) {
                *entry = Entry::CallbackEnd { answer: answer.clone() };
            }
        }
        judge(&program, &history);
    }
}

#[test]
fn a_call_that_ends_before_its_method_is_judged() {
    let mut judged = 0;
    for (name, text) in corpus().filter(|(name, _)| name.starts_with("methods/")) {
        let program = parse(name, text).expect("the corpus is right").program;
        let (history, _) = programs::history(&program);
        for at in 0..history.entries.len() {
            let Entry::CallbackEnd { answer: Answer::Method(_) } = &history.entries[at] else {
                continue;
            };
            let rest = &history.entries[at..];
            let Some(end) = rest.iter().position(|e| matches!(e, Entry::End { .. })) else {
                continue;
            };
            let mut history = history.clone();
            let end = history.entries.remove(at + end);
            history.entries.insert(at, end);
            judge(&program, &history);
            judged += 1;
        }
    }
    assert!(10 <= judged, "{judged} calls end too early");
}

#[test]
fn a_place_of_the_last_index_is_judged() {
    let lines = "client.rip = { protocol = 8 }\n[[step]]\ncall = \"RtmGetRegisteredEntities\"\n";
    let program = programs::scenario("spoilt", lines).program;
    let (mut history, _) = programs::history(&program);
    let place = Place::output(2).at(usize::from(u16::MAX));
    history.fields.iter_mut().filter(|f| f.place.slot == place.slot).for_each(|f| f.place = place);
    judge(&program, &history);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: prop::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_history_is_rendered(history in history(), basis: bool) {
        let options = Options { basis, end: vec![String::from("end")] };
        for lines in [CALLBACKS, ENUMERATION] {
            let program = programs::scenario("random", lines).program;
            let text = render(&program, "random", &history, &options);
            prop_assert_eq!(&text, &render(&program, "random", &history, &options));
            prop_assert!(text.ends_with("\nend\n  end\n"));
        }
    }

    #[test]
    fn fields_of_a_run_may_be_anything(
        changes in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..8),
    ) {
        let program = programs::scenario("spoilt", ENUMERATION).program;
        let (mut history, _) = programs::history(&program);
        for (at, value) in changes {
            let at = at.index(history.fields.len());
            history.fields[at].value = value;
        }
        render(&program, "spoilt", &history, &Options::default());
    }

    #[test]
    fn any_history_is_judged(history in history()) {
        for lines in [CALLBACKS, ENUMERATION] {
            judge(&programs::scenario("random", lines).program, &history);
        }
    }

    #[test]
    fn entries_of_a_run_may_come_in_any_order(
        edits in prop::collection::vec(edit(), 1..6),
    ) {
        for lines in [CALLBACKS, ENUMERATION] {
            let program = programs::scenario("spoilt", lines).program;
            let (mut history, _) = programs::history(&program);
            edits.iter().for_each(|edit| edit.clone().make(&mut history));
            judge(&program, &history);
        }
    }

    #[test]
    fn any_texts_differ_within_the_limit(
        a in "[ab\n]{0,40}",
        b in "[ab\n]{0,40}",
        lines in 1..20_usize,
    ) {
        let text = difference::diff(&a, &b, lines);
        prop_assert!(text.lines().count() <= lines);
        prop_assert_eq!(difference::diff(&a, &a, lines), "");
        let outcomes = [a, b].map(|text| Outcome { token: String::from("token"), text, times: 1 });
        render_outcomes("outcomes", &outcomes);
    }
}
