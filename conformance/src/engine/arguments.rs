//! From the arguments of a call to memory in the layout of C.
//!
//! Members that a structure does not have a value for, its padding, keep the poison: a library
//! that depends on them answers differently in two runs.

use std::ffi::c_void;
use std::mem::offset_of;

use rtm_abi::layout::{
    BASIC_DEST_INFO_SIZE, DEST_VIEW_INFO_SIZE, METHOD_INPUT_DATA_OFFSET, size_of_dest_info,
    size_of_entity_export_methods, size_of_entity_method_input, size_of_route_info,
};
use rtm_abi::types::{
    DestHandle, DestInfo, DestViewInfo, EntityExportMethods, EntityHandle, EntityId, EntityInfo,
    EntityMethodInput, EnumHandle, FileTime, In6Addr, NetAddress, NextHopHandle, NextHopInfo,
    NotifyHandle, PrefInfo, RouteHandle, RouteInfo, RouteListHandle,
};
use rtm_sim::program::{Actor, ELEMENTS_LENT_MAX};
use rtm_sim::vocabulary::argument::MethodInput;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::structures;

use super::layout::{HANDLE_SIZE, ROUTE_COUNT_OFFSET};
use super::memory::{Arena, Buffer};
use super::method;

/// A handle of the interface, made of a plain value.
pub trait FromHandle {
    /// The same bits, as the type that the function takes.
    fn from_handle(handle: Handle) -> Self;
}

macro_rules! from_handle {
    ($($name:ident)*) => {
        $(impl FromHandle for $name {
            fn from_handle(handle: Handle) -> $name {
                $name(pointer_of(handle))
            }
        })*
    };
}

from_handle! {
    EntityHandle DestHandle RouteHandle NextHopHandle EnumHandle RouteListHandle NotifyHandle
}

impl FromHandle for rtm_abi::types::Handle {
    fn from_handle(handle: Handle) -> rtm_abi::types::Handle {
        rtm_abi::types::Handle(pointer_of(handle))
    }
}

/// A handle as the function takes it.
pub fn raw<T: FromHandle>(handle: Handle) -> T {
    T::from_handle(handle)
}

/// The bits of a handle as a pointer; handles are never followed.
pub fn pointer_of(handle: Handle) -> *mut c_void {
    handle.0 as usize as *mut c_void
}

/// Sixteen octets that are passed by value.
pub fn octets(bytes: [u8; 16]) -> In6Addr {
    In6Addr { bytes }
}

fn net_address(address: &structures::NetAddress) -> NetAddress {
    NetAddress { address_family: address.family, num_bits: address.length, addr_bits: address.bits }
}

/// A network address.
pub fn address(arena: &mut Arena, parameter: u8, value: &structures::NetAddress) -> Buffer {
    let buffer = arena.take(parameter, size_of::<NetAddress>());
    arena.write(buffer, 0, net_address(value));
    buffer
}

/// Handles, at least as many as the call counts; those that the call does not give are NULL.
pub fn handles(arena: &mut Arena, parameter: u8, values: &[Handle], count: u32) -> Buffer {
    let count = values.len().max(count.min(ELEMENTS_LENT_MAX) as usize);
    let buffer = arena.take(parameter, count * HANDLE_SIZE);
    arena.clear(buffer, 0, count * HANDLE_SIZE);
    for (index, value) in values.iter().enumerate() {
        arena.write(buffer, index * HANDLE_SIZE, value.0 as usize);
    }
    buffer
}

/// Who a client is.
pub fn entity(arena: &mut Arena, parameter: u8, value: &structures::EntityInfo) -> Buffer {
    const ID: usize = offset_of!(EntityInfo, entity_id);
    let buffer = arena.take(parameter, size_of::<EntityInfo>());
    arena.write(buffer, offset_of!(EntityInfo, rtm_instance_id), value.instance);
    arena.write(buffer, offset_of!(EntityInfo, address_family), value.family);
    arena.write(buffer, ID + offset_of!(EntityId, entity_protocol_id), value.protocol);
    arena.write(buffer, ID + offset_of!(EntityId, entity_instance_id), value.protocol_instance);
    buffer
}

/// The methods that an actor exports; those that are there are the ones of [`super::method`].
pub fn methods(arena: &mut Arena, parameter: u8, actor: Actor, present: &[bool]) -> Buffer {
    // C has no empty array: the structure is declared with one element.
    let buffer = arena.take(parameter, size_of_entity_export_methods(present.len().max(1)));
    let count = present.len() as u32;
    arena.write(buffer, offset_of!(EntityExportMethods, num_methods), count);
    for (index, present) in present.iter().enumerate() {
        let method = method::of(actor, index).filter(|_| *present);
        arena.write(buffer, size_of_entity_export_methods(index), method);
    }
    buffer
}

/// A next hop.
pub fn next_hop(arena: &mut Arena, parameter: u8, value: &structures::NextHopInfo) -> Buffer {
    let buffer = arena.take(parameter, size_of::<NextHopInfo>());
    let mut put = |offset, value: usize| arena.write(buffer, offset, value);
    put(offset_of!(NextHopInfo, next_hop_owner), value.owner.0 as usize);
    put(offset_of!(NextHopInfo, entity_specific_info), value.entity_specific_info as usize);
    put(offset_of!(NextHopInfo, remote_next_hop), value.remote_next_hop.0 as usize);
    let address = net_address(&value.address);
    arena.write(buffer, offset_of!(NextHopInfo, next_hop_address), address);
    arena.write(buffer, offset_of!(NextHopInfo, interface_index), value.interface);
    arena.write(buffer, offset_of!(NextHopInfo, state), value.state);
    arena.write(buffer, offset_of!(NextHopInfo, flags), value.flags);
    buffer
}

/// A route, with room for `room` next hops or its own, whichever is more.
pub fn route(
    arena: &mut Arena,
    parameter: u8,
    value: &structures::RouteInfo,
    room: usize,
) -> Buffer {
    const PREF: usize = offset_of!(RouteInfo, pref_info);
    let room = room.max(value.next_hops.len()).max(1);
    let buffer = arena.take(parameter, size_of_route_info(room));
    // Memory that the call may write is known to hold values before it.
    arena.clear(buffer, 0, size_of_route_info(room));
    let mut put = |offset, value: usize| arena.write(buffer, offset, value);
    put(offset_of!(RouteInfo, dest_handle), value.dest.0 as usize);
    put(offset_of!(RouteInfo, route_owner), value.owner.0 as usize);
    put(offset_of!(RouteInfo, neighbour), value.neighbour.0 as usize);
    put(offset_of!(RouteInfo, entity_specific_info), value.entity_specific_info as usize);
    for (index, next_hop) in value.next_hops.iter().enumerate() {
        put(size_of_route_info(index), next_hop.0 as usize);
    }
    arena.write(buffer, offset_of!(RouteInfo, state), value.state);
    arena.write(buffer, offset_of!(RouteInfo, flags1), value.flags1);
    arena.write(buffer, offset_of!(RouteInfo, flags), value.flags);
    arena.write(buffer, PREF + offset_of!(PrefInfo, metric), value.metric);
    arena.write(buffer, PREF + offset_of!(PrefInfo, preference), value.preference);
    arena.write(buffer, offset_of!(RouteInfo, belongs_to_views), value.views);
    arena.write(buffer, ROUTE_COUNT_OFFSET, value.next_hops.len() as u16);
    buffer
}

/// Destinations, one behind the other, each as long as its own views need; at least as many as
/// the call counts, those that the call does not give all zeros.
pub fn dests(
    arena: &mut Arena,
    parameter: u8,
    values: &[structures::DestInfo],
    count: u32,
) -> Buffer {
    let count = count.min(ELEMENTS_LENT_MAX) as usize;
    let given: usize = values.iter().map(|dest| size_of_dest_info(dest.views.len())).sum();
    let size = given + count.saturating_sub(values.len()) * size_of_dest_info(1);
    let buffer = arena.take(parameter, size);
    arena.clear(buffer, given, size - given);
    let mut start = 0;
    for value in values {
        dest(arena, buffer, start, value);
        start += size_of_dest_info(value.views.len());
    }
    buffer
}

fn dest(arena: &mut Arena, buffer: Buffer, start: usize, value: &structures::DestInfo) {
    let time = FileTime { low: value.last_changed as u32, high: (value.last_changed >> 32) as u32 };
    arena.write(buffer, start + offset_of!(DestInfo, dest_handle), value.dest.0 as usize);
    let address = net_address(&value.address);
    arena.write(buffer, start + offset_of!(DestInfo, dest_address), address);
    arena.write(buffer, start + offset_of!(DestInfo, last_changed), time);
    arena.write(buffer, start + offset_of!(DestInfo, belongs_to_views), value.belongs_to_views);
    let count = value.views.len() as u32;
    arena.write(buffer, start + offset_of!(DestInfo, number_of_views), count);
    for (index, view) in value.views.iter().enumerate() {
        let start = start + BASIC_DEST_INFO_SIZE + index * DEST_VIEW_INFO_SIZE;
        arena.write(buffer, start + offset_of!(DestViewInfo, view_id), view.view);
        arena.write(buffer, start + offset_of!(DestViewInfo, num_routes), view.num_routes);
        arena.write(buffer, start + offset_of!(DestViewInfo, dest_flags), view.flags);
        let mut put = |offset, value: Handle| arena.write(buffer, offset, value.0 as usize);
        put(start + offset_of!(DestViewInfo, route), view.route);
        put(start + offset_of!(DestViewInfo, owner), view.owner);
        put(start + offset_of!(DestViewInfo, hold_route), view.hold_route);
    }
}

/// Input of a method.
pub fn input(arena: &mut Arena, parameter: u8, value: &MethodInput) -> Buffer {
    let buffer = arena.take(parameter, size_of_entity_method_input(value.data.len()));
    arena.write(buffer, offset_of!(EntityMethodInput, method_type), value.method_type);
    let size = value.data.len() as u32;
    arena.write(buffer, offset_of!(EntityMethodInput, input_size), size);
    for (index, byte) in value.data.iter().enumerate() {
        arena.write(buffer, METHOD_INPUT_DATA_OFFSET + index, *byte);
    }
    buffer
}
