//! A model, and calls on it in few words.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRng, TestRunner};
use rtm_sim::engine::{Engine, Event, NoHost, Operation};
use rtm_sim::model::{self, Model};
use rtm_sim::program::Actor;
use rtm_sim::readings::Readings;
use rtm_sim::vocabulary::argument::{ArgKind, ArgValue};
use rtm_sim::vocabulary::call::{
    AddNextHop, AddRouteToDest, Call, DeleteRouteToDest, RegisterEntity, ReleaseRoutes,
};
use rtm_sim::vocabulary::constants::AF_INET;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Observation, Place, handle_at, number_at};
use rtm_sim::vocabulary::structures::{EntityInfo, NetAddress, NextHopInfo, RouteInfo};

pub const ACCESS_DENIED: u64 = 5;
pub const INVALID_HANDLE: u64 = 6;
pub const NO_MORE_ITEMS: u64 = 259;
pub const NOT_FOUND: u64 = 1168;

pub fn model(readings: &str) -> Model {
    Model::new(model::Config::default(), Readings::parse(readings).expect("these are readings"))
}

/// A value of a kind of argument: nothing to read, and room for what is written.
pub fn argument(kind: ArgKind) -> ArgValue {
    match kind {
        ArgKind::Handle => ArgValue::Handle(Handle::NULL),
        ArgKind::Handles => ArgValue::Handles(None),
        ArgKind::Slot => ArgValue::Slot(Some(Handle::NULL)),
        ArgKind::OutHandle => ArgValue::OutHandle(true),
        ArgKind::OutHandles => ArgValue::OutHandles(true),
        ArgKind::Out => ArgValue::Out(true),
        ArgKind::OutWord => ArgValue::OutWord(true),
        ArgKind::OutPointer => ArgValue::OutPointer(true),
        ArgKind::Word => ArgValue::Word(1),
        ArgKind::Count => ArgValue::Count(Some(1)),
        ArgKind::Address => ArgValue::Address(None),
        ArgKind::Ipv6 => ArgValue::Ipv6([0; 16]),
        ArgKind::Entity => ArgValue::Entity(None),
        ArgKind::Methods => ArgValue::Methods(None),
        ArgKind::Callback => ArgValue::Callback(true),
        ArgKind::NextHop => ArgValue::NextHop(None),
        ArgKind::Route => ArgValue::Route(None),
        ArgKind::RouteSlot => ArgValue::RouteSlot(None),
        ArgKind::Dests => ArgValue::Dests(None),
        ArgKind::Input => ArgValue::Input(None),
        ArgKind::Context => ArgValue::Context(0),
    }
}

/// Makes a call: the status and what was shown.
pub fn call(model: &mut Model, actor: Actor, call: impl Into<Call>) -> (u64, Vec<Field>) {
    let mut out = Observation::default();
    model.call(actor, &call.into(), &mut out);
    (number_at(&out.fields, Place::STATUS).expect("a call gives a status"), out.fields)
}

/// The same; every rule of the model holds afterwards.
pub fn checked_call(model: &mut Model, actor: usize, made: impl Into<Call>) -> (u64, Vec<Field>) {
    let answer = call(model, actor as Actor, made);
    assert_eq!(model.broken_invariants(), Vec::<String>::new());
    answer
}

/// Runs a test with so many random values, the same ones each time: the sum of the calls that it
/// says it has made.
pub fn for_random<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> u32) -> u32 {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let calls = std::cell::Cell::new(0);
    let outcome = runner.run(strategy, |value| {
        calls.set(calls.get() + test(value));
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    calls.get()
}

/// One of the `latest` things of `count`, if there is any.
pub fn one_of(count: usize, latest: usize, which: usize) -> Option<usize> {
    (count != 0).then(|| count - 1 - which % count.min(latest))
}

/// Registers a client without a callback.
pub fn register(model: &mut Model, actor: Actor) -> Handle {
    register_for(model, actor, AF_INET, u32::from(actor))
}

/// The same for another family.
pub fn register_for(
    model: &mut Model,
    actor: Actor,
    family: u16,
    protocol_instance: u32,
) -> Handle {
    let info = EntityInfo { instance: 0, family, protocol: 8, protocol_instance };
    register_as(model, actor, info, false, 0)
}

/// Registers a client with a callback.
pub fn register_with_callback(model: &mut Model, actor: Actor) -> Handle {
    let protocol_instance = u32::from(actor);
    let info = EntityInfo { instance: 0, family: AF_INET, protocol: 8, protocol_instance };
    register_as(model, actor, info, true, 0)
}

/// Registers a client with an opaque slot.
pub fn register_with_slot(model: &mut Model, actor: Actor) -> Handle {
    let protocol_instance = u32::from(actor);
    let info = EntityInfo { instance: 0, family: AF_INET, protocol: 8, protocol_instance };
    register_as(model, actor, info, false, 1)
}

fn register_as(
    model: &mut Model,
    actor: Actor,
    info: EntityInfo,
    event_callback: bool,
    reserve: u32,
) -> Handle {
    let (status, fields) = call(
        model,
        actor,
        RegisterEntity {
            entity_info: Some(info),
            export_methods: None,
            event_callback,
            reserve_opaque_pointer: reserve,
            profile: true,
            registration: true,
        },
    );
    assert_eq!(status, 0);
    handle_at(&fields, Place::output(5))
}

pub fn net(first: u8, second: u8, length: u16) -> NetAddress {
    let mut bits = [0; 16];
    bits[..2].copy_from_slice(&[first, second]);
    NetAddress { family: AF_INET, length, bits }
}

pub fn next_hop_info(last: u8) -> NextHopInfo {
    let mut address = net(192, 0, 32);
    address.bits[3] = last;
    NextHopInfo {
        address,
        owner: Handle::NULL,
        interface: 1,
        state: 0,
        flags: 0,
        entity_specific_info: 0,
        remote_next_hop: Handle::NULL,
    }
}

pub fn add_next_hop(last: u8, registration: Handle) -> AddNextHop {
    AddNextHop {
        registration,
        next_hop_info: Some(next_hop_info(last)),
        next_hop: Some(Handle::NULL),
        change_flags: true,
    }
}

/// An add of a route with one next hop, which is its neighbour too.
pub fn add_route(
    registration: Handle,
    dest: NetAddress,
    hop: Handle,
    rank: (u32, u32),
    time_to_live: u32,
) -> AddRouteToDest {
    AddRouteToDest {
        registration,
        route: Some(Handle::NULL),
        dest_address: Some(dest),
        route_info: Some(RouteInfo {
            dest: Handle::NULL,
            owner: Handle::NULL,
            neighbour: hop,
            state: 0,
            flags1: 0,
            flags: 0,
            metric: rank.1,
            preference: rank.0,
            views: 1,
            entity_specific_info: 0,
            next_hops: vec![hop].into(),
        }),
        time_to_live,
        route_list: Handle::NULL,
        notify_type: 0,
        notify: Handle::NULL,
        change_flags: Some(0),
    }
}

pub fn route_handle(fields: &[Field]) -> Handle {
    handle_at(fields, Place::output(1))
}

pub fn delete_route(registration: Handle, route: Handle) -> DeleteRouteToDest {
    DeleteRouteToDest { registration, route, change_flags: true }
}

pub fn release_routes(registration: Handle, routes: &[Handle]) -> ReleaseRoutes {
    ReleaseRoutes {
        registration,
        num_routes: routes.len() as u32,
        route_handles: Some(routes.to_vec()),
    }
}

/// Carries out an operation that calls nobody back; what it showed.
pub fn operate(model: &mut Model, actor: Actor, operation: &Operation) -> Vec<Field> {
    model.begin(actor, operation);
    let mut seen = Vec::new();
    assert_eq!(model.next(&mut NoHost, &mut seen), Event::Ended(actor));
    seen
}
