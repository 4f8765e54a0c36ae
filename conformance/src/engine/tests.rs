//! Every function, called on a library that does nothing but return a status.

use std::cell::Cell;

use rtm_abi::table::{FunctionTable, TestHooks};
use rtm_sim::engine::{Engine, Event, NoHost, Operation};
use rtm_sim::vocabulary::argument::{ArgKind, ArgValue};
use rtm_sim::vocabulary::call::{Call, Function};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Basis, Field, Member, Place, Value};
use rtm_sim::vocabulary::status::Status;
use rtm_sim::vocabulary::structures::{EntityInfo, NetAddress, NextHopInfo, RouteInfo};

use super::time::Waits;
use super::{Allowance, LibraryEngine};

thread_local! {
    static STATUS: Cell<u32> = const { Cell::new(0) };
}

macro_rules! stubs {
    ($(
        extern $convention:literal fn $c_name:ident as $name:ident(
            $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
        );
    )*) => {
        $(unsafe extern $convention fn $name($(_: $type),*) -> u32 {
            STATUS.get()
        })*

        fn table() -> FunctionTable {
            FunctionTable { $($name: Some($name),)* }
        }
    };
}
rtm_abi::rtm_functions!(stubs, "C");

fn engine(functions: FunctionTable) -> LibraryEngine {
    let waits = Waits { advance_ms_max: 0, quiet_ms: 0, settle_ms_max: 0, block_ms_max: 0 };
    let hooks = TestHooks::load(|_| std::ptr::null());
    LibraryEngine::new(functions, hooks, Allowance { callbacks: 0, waits })
}

/// What a call shows when the library returns `status` and writes nothing.
fn show(functions: FunctionTable, call: Call, status: Status) -> Vec<Field> {
    STATUS.set(status.0);
    let mut engine = engine(functions);
    let mut seen = Vec::new();
    engine.begin(3, &Operation::Call(call));
    assert_eq!(engine.next(&mut NoHost, &mut seen), Event::Ended(3));
    assert_eq!(engine.next(&mut NoHost, &mut Vec::new()), Event::Idle);
    assert_eq!(engine.overruns, []);
    seen
}

const GIVEN: Handle = Handle(77);
const COUNT: u32 = 2;

/// An argument that is there, or one that is NULL where it can be.
fn argument(kind: ArgKind, given: bool) -> ArgValue {
    let address = NetAddress::v4([10, 0, 0, 0], 8);
    let info = EntityInfo { instance: 0, family: 2, protocol: 8, protocol_instance: 1 };
    let next_hop = NextHopInfo {
        address,
        owner: GIVEN,
        interface: 1,
        state: 0,
        flags: 0,
        entity_specific_info: 5,
        remote_next_hop: GIVEN,
    };
    let route = RouteInfo {
        dest: GIVEN,
        owner: GIVEN,
        neighbour: GIVEN,
        state: 1,
        flags1: 2,
        flags: 3,
        metric: 4,
        preference: 5,
        views: 6,
        entity_specific_info: 7,
        next_hops: vec![GIVEN; 3].into(),
    };
    match kind {
        ArgKind::Handle => ArgValue::Handle(GIVEN),
        ArgKind::Handles => ArgValue::Handles(given.then(|| vec![GIVEN])),
        ArgKind::Slot => ArgValue::Slot(given.then_some(GIVEN)),
        ArgKind::OutHandle => ArgValue::OutHandle(given),
        ArgKind::OutHandles => ArgValue::OutHandles(given),
        ArgKind::Out => ArgValue::Out(given),
        ArgKind::OutWord => ArgValue::OutWord(given),
        ArgKind::OutPointer => ArgValue::OutPointer(given),
        ArgKind::Word => ArgValue::Word(1),
        ArgKind::Count => ArgValue::Count(given.then_some(COUNT)),
        ArgKind::Address => ArgValue::Address(given.then_some(address)),
        ArgKind::Ipv6 => ArgValue::Ipv6([1; 16]),
        ArgKind::Entity => ArgValue::Entity(given.then_some(info)),
        ArgKind::Methods => ArgValue::Methods(given.then(|| vec![true, false])),
        ArgKind::Callback => ArgValue::Callback(given),
        ArgKind::NextHop => ArgValue::NextHop(given.then_some(next_hop)),
        ArgKind::Route => ArgValue::Route(given.then_some(route)),
        ArgKind::RouteSlot => ArgValue::RouteSlot(given.then_some(route)),
        ArgKind::Dests => ArgValue::Dests(given.then(Default::default)),
        ArgKind::Input => ArgValue::Input(given.then(Default::default)),
        ArgKind::Context => ArgValue::Context(9),
    }
}

fn call(function: Function, given: bool) -> Call {
    Call::build(function, |index| argument(function.parameters()[index].kind, given))
}

fn field(place: Place, value: Value) -> Field {
    Field { place, value, basis: Basis::NONE }
}

/// What a failed call shows: every output as it was before.
fn unchanged(function: Function) -> Vec<Field> {
    let parameters = function.parameters();
    let has_count = parameters.iter().any(|p| p.kind == ArgKind::Count);
    let status = Status::ERROR_INVALID_PARAMETER.0;
    let mut fields = vec![field(Place::STATUS, Value::Number(status.into()))];
    for (index, parameter) in parameters.iter().enumerate() {
        let place = Place::output(index as u8);
        let kind = parameter.of.unwrap_or(HandleKind::Entity);
        let tail = place.member(Member::Tail);
        fields.push(match parameter.kind {
            ArgKind::Slot => field(place, Value::Handle(kind, GIVEN)),
            ArgKind::OutHandle => field(place, Value::Handle(kind, Handle::NULL)),
            ArgKind::Count => field(place, Value::Number(COUNT.into())),
            ArgKind::OutHandles => field(tail, Value::Unwritten),
            ArgKind::Out if has_count => field(tail, Value::Unwritten),
            ArgKind::Out | ArgKind::OutWord | ArgKind::OutPointer => field(place, Value::Unwritten),
            _ => continue,
        });
    }
    fields
}

#[test]
fn a_failed_call_shows_every_output_as_it_was() {
    for function in Function::ALL {
        let shown = show(table(), call(*function, true), Status::ERROR_INVALID_PARAMETER);
        assert_eq!(shown, unchanged(*function), "{}", function.name());
    }
}

#[test]
fn outputs_come_in_the_order_of_the_parameters() {
    for function in Function::ALL {
        let shown = show(table(), call(*function, true), Status::NO_ERROR);
        let mut slots: Vec<u8> = shown.iter().map(|field| field.place.slot).collect();
        slots.dedup();
        let is_output = |kind: ArgKind| {
            matches!(
                kind,
                ArgKind::Slot
                    | ArgKind::OutHandle
                    | ArgKind::OutHandles
                    | ArgKind::Out
                    | ArgKind::OutWord
                    | ArgKind::OutPointer
                    | ArgKind::Count
                    | ArgKind::RouteSlot
            )
        };
        let parameters = function.parameters().iter().enumerate();
        let outputs = parameters.filter(|(_, p)| is_output(p.kind)).map(|(index, _)| index as u8);
        let expected: Vec<u8> = [Place::STATUS.slot].into_iter().chain(outputs).collect();
        assert_eq!(slots, expected, "{}", function.name());
    }
}

#[test]
fn null_shows_nothing() {
    for function in Function::ALL {
        let shown = show(table(), call(*function, false), Status::NO_ERROR);
        assert_eq!(shown, [field(Place::STATUS, Value::Number(0))], "{}", function.name());
    }
}

#[test]
fn a_missing_function_shows_no_status() {
    let functions = FunctionTable::load(|_| std::ptr::null());
    for function in Function::ALL {
        let shown = show(functions, call(*function, true), Status::NO_ERROR);
        assert_eq!(shown[0], field(Place::STATUS, Value::Unwritten), "{}", function.name());
    }
}

#[test]
fn a_route_that_is_found_shows_what_it_was_given() {
    let shown = show(table(), call(Function::GetExactMatchRoute, true), Status::NO_ERROR);
    let members = shown.iter().filter(|field| field.place.slot == 3);
    let numbers: Vec<u64> = members
        .map(|field| match field.value {
            Value::Number(number) => number,
            Value::Handle(_, handle) => handle.0,
            other => panic!("{other:?} is in no route"),
        })
        .collect();
    assert_eq!(numbers, [77, 77, 77, 1, 2, 3, 4, 5, 6, 7, 3, 77, 77, 77]);
}
