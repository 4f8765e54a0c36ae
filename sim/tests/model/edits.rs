//! Members written through a direct pointer.

use rtm_sim::engine::Operation;
use rtm_sim::model::Model;
use rtm_sim::program::{Actor, Structure};
use rtm_sim::vocabulary::call::{GetExactMatchDestination, LockNextHop};
use rtm_sim::vocabulary::constants::AF_INET6;
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Member, Place, Value, find, handle_at};
use rtm_sim::vocabulary::structures::NetAddress;

use crate::shared::{
    add_next_hop, add_route, call, model, net, operate, register, register_for, route_handle,
};

fn lock(model: &mut Model, registration: Handle, hop: Handle, locks: bool, exclusive: bool) {
    let lock = LockNextHop {
        registration,
        next_hop: hop,
        exclusive: exclusive.into(),
        lock_next_hop: locks.into(),
        next_hop_pointer: true,
    };
    assert_eq!(call(model, 0, lock).0, 0);
}

fn write(model: &mut Model, actor: Actor, hop: Handle, member: Member, value: Value) {
    let members = vec![(member, 0, value)];
    operate(
        model,
        actor,
        &Operation::Write { pointer: hop, structure: Structure::NextHop, members },
    );
    assert_eq!(model.broken_invariants(), Vec::<String>::new());
}

fn shown(model: &mut Model, hop: Handle, member: Member) -> Value {
    let read = Operation::Read { pointer: hop, structure: Structure::NextHop };
    let fields = operate(model, 0, &read);
    find(&fields, Place::POINTED.member(member)).expect("the member is shown")
}

fn misuses(model: &Model) -> Vec<String> {
    model.misuses().iter().map(|(_, clause)| clause.to_string()).collect()
}

fn dest(model: &mut Model, registration: Handle, dest_address: NetAddress) -> Handle {
    let hop = if dest_address.family == AF_INET6 {
        Handle::NULL
    } else {
        handle_at(&call(model, 0, add_next_hop(9, registration)).1, Place::output(2))
    };
    let mut add = add_route(registration, dest_address, hop, (1, 1), u32::MAX);
    if hop.is_null() {
        add.route_info.as_mut().expect("it is given").next_hops.clear();
    }
    assert!(!route_handle(&call(model, 0, add).1).is_null());
    let wanted = GetExactMatchDestination {
        registration,
        dest_address: Some(dest_address),
        protocol: 0,
        target_views: 1,
        dest_info: true,
    };
    let found = call(model, 0, wanted).1;
    handle_at(&found, Place::output(4).member(Member::DestHandle))
}

#[test]
fn nothing_is_written_without_the_exclusive_lock() {
    let mut model = model("");
    let client = register(&mut model, 0);
    register(&mut model, 1);
    let hop = handle_at(&call(&mut model, 0, add_next_hop(1, client)).1, Place::output(2));
    let (member, value) = (Member::EntitySpecificInfo, Value::Number(7));
    write(&mut model, 0, hop, member, value);
    lock(&mut model, client, hop, true, false);
    write(&mut model, 0, hop, member, value);
    lock(&mut model, client, hop, false, false);
    lock(&mut model, client, hop, true, true);
    write(&mut model, 1, hop, member, value);
    assert_eq!(shown(&mut model, hop, member), Value::Number(0));
    assert_eq!(misuses(&model), ["RtmGetNextHopPointer.read-only"; 3]);
    write(&mut model, 0, hop, member, value);
    assert_eq!(shown(&mut model, hop, member), value);
    assert_eq!(misuses(&model).len(), 3);
}

#[test]
fn misuses_are_counted_when_there_are_many() {
    let mut model = model("");
    let client = register(&mut model, 0);
    let hop = handle_at(&call(&mut model, 0, add_next_hop(1, client)).1, Place::output(2));
    for _ in 0..1500 {
        write(&mut model, 0, hop, Member::Flags, Value::Number(1));
    }
    assert_eq!((model.misuses().len(), model.misuses_beyond()), (1000, 500));
}

#[test]
fn a_destination_is_written_and_taken_away() {
    let mut model = model("");
    let client = register(&mut model, 0);
    let dest = dest(&mut model, client, net(10, 0, 8));
    let hop = handle_at(&call(&mut model, 0, add_next_hop(1, client)).1, Place::output(2));
    lock(&mut model, client, hop, true, true);
    for handle in [dest, Handle::NULL] {
        let value = Value::Handle(HandleKind::Dest, handle);
        write(&mut model, 0, hop, Member::RemoteNextHop, value);
        assert_eq!(shown(&mut model, hop, Member::RemoteNextHop), value);
    }
    assert_eq!(misuses(&model), Vec::<String>::new());
}

#[test]
fn a_destination_of_another_table_is_not_taken() {
    let mut model = model("");
    let client = register(&mut model, 0);
    let other = register_for(&mut model, 0, AF_INET6, 2);
    let wide = NetAddress { family: AF_INET6, length: 8, bits: [0x20; 16] };
    let foreign = dest(&mut model, other, wide);
    assert!(!foreign.is_null());
    let hop = handle_at(&call(&mut model, 0, add_next_hop(1, client)).1, Place::output(2));
    lock(&mut model, client, hop, true, true);
    let value = Value::Handle(HandleKind::Dest, foreign);
    write(&mut model, 0, hop, Member::RemoteNextHop, value);
    let null = Value::Handle(HandleKind::Dest, Handle::NULL);
    assert_eq!(shown(&mut model, hop, Member::RemoteNextHop), null);
    assert_eq!(misuses(&model), ["RtmLockNextHop.writable-members"]);
}
