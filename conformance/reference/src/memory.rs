//! Where the members of a structure stand in memory, and reading and writing them there.
//!
//! Accesses are unaligned: a caller's buffer is as aligned as the caller made it.
//!
//! Not here: which member holds what; see [`crate::outputs`] and [`crate::pointers`].

use std::mem::offset_of;

use rtm_abi::layout::{
    BASIC_DEST_INFO_SIZE, DEST_VIEW_INFO_SIZE, ROUTE_NEXT_HOPS_OFFSET, size_of_dest_info,
};
use rtm_abi::types::{
    DestInfo, DestViewInfo, EntityId, EntityInfo, Handle as CHandle, In6Addr, NetAddress,
    NextHopInfo, RegnProfile, RouteInfo,
};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Member, Value};
use rtm_sim::vocabulary::structures;

/// What a pointer of the interface leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// A 32-bit number.
    Word,
    /// A handle, or an array of them.
    Handle,
    /// A direct pointer.
    Pointer,
    /// `IN6_ADDR`.
    Ipv6,
    /// `RTM_NET_ADDRESS`.
    Address,
    /// `RTM_REGN_PROFILE`.
    Profile,
    /// `RTM_ENTITY_INFO`, or an array of them.
    Entity,
    /// `RTM_NEXTHOP_INFO`.
    NextHop,
    /// `RTM_ROUTE_INFO`.
    Route,
    /// `RTM_DEST_INFO`, or an array of them.
    Dest,
    /// `RTM_ENTITY_EXPORT_METHODS`.
    Methods,
}

/// How one value is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// One byte.
    Byte,
    /// Two bytes.
    Half,
    /// Four bytes.
    Word,
    /// As large as a pointer.
    Pointer,
    /// A handle of this kind.
    Handle(HandleKind),
    /// `RTM_NET_ADDRESS`.
    Address,
    /// `IN6_ADDR`.
    Ipv6,
    /// `FILETIME`.
    Time,
}

/// Distance between the elements of an array; `views` is the number of view elements of each.
pub(crate) fn stride(shape: Shape, views: usize) -> usize {
    match shape {
        Shape::Word => size_of::<u32>(),
        Shape::Handle | Shape::Pointer => size_of::<CHandle>(),
        Shape::Ipv6 => size_of::<In6Addr>(),
        Shape::Address => size_of::<NetAddress>(),
        Shape::Profile => size_of::<RegnProfile>(),
        Shape::Entity => size_of::<EntityInfo>(),
        Shape::NextHop => size_of::<NextHopInfo>(),
        Shape::Dest => size_of_dest_info(views),
        // No call has an array of these.
        Shape::Route | Shape::Methods => 0,
    }
}

/// Where a member stands in its structure, and how; `None` when the structure has no such member.
pub(crate) fn member(shape: Shape, member: Member, inner: u16) -> Option<(usize, Form)> {
    let found = match (shape, member) {
        (Shape::Word, Member::Whole) => (0, Form::Word),
        (Shape::Handle, Member::Whole) => (0, Form::Handle(HandleKind::Entity)),
        (Shape::Pointer, Member::Whole) => (0, Form::Pointer),
        (Shape::Ipv6, Member::Whole) => (0, Form::Ipv6),
        (Shape::Address, Member::Whole) => (0, Form::Address),
        (Shape::Profile, member) => return profile_member(member),
        (Shape::Entity, member) => return entity_member(member),
        (Shape::NextHop, member) => return next_hop_member(member),
        (Shape::Route, member) => return route_member(member, usize::from(inner)),
        (Shape::Dest, member) => return dest_member(member, usize::from(inner)),
        _ => return None,
    };
    Some(found)
}

fn profile_member(member: Member) -> Option<(usize, Form)> {
    let offset = match member {
        Member::MaxNextHopsInRoute => offset_of!(RegnProfile, max_next_hops_in_route),
        Member::MaxHandlesInEnum => offset_of!(RegnProfile, max_handles_in_enum),
        Member::ViewsSupported => offset_of!(RegnProfile, views_supported),
        Member::NumberOfViews => offset_of!(RegnProfile, number_of_views),
        _ => return None,
    };
    Some((offset, Form::Word))
}

fn entity_member(member: Member) -> Option<(usize, Form)> {
    const ID: usize = offset_of!(EntityInfo, entity_id);
    let found = match member {
        Member::RtmInstanceId => (offset_of!(EntityInfo, rtm_instance_id), Form::Half),
        Member::AddressFamily => (offset_of!(EntityInfo, address_family), Form::Half),
        Member::EntityProtocolId => (ID + offset_of!(EntityId, entity_protocol_id), Form::Word),
        Member::EntityInstanceId => (ID + offset_of!(EntityId, entity_instance_id), Form::Word),
        _ => return None,
    };
    Some(found)
}

fn next_hop_member(member: Member) -> Option<(usize, Form)> {
    let entity = Form::Handle(HandleKind::Entity);
    let dest = Form::Handle(HandleKind::Dest);
    let found = match member {
        Member::NextHopAddress => (offset_of!(NextHopInfo, next_hop_address), Form::Address),
        Member::NextHopOwner => (offset_of!(NextHopInfo, next_hop_owner), entity),
        Member::InterfaceIndex => (offset_of!(NextHopInfo, interface_index), Form::Word),
        Member::State => (offset_of!(NextHopInfo, state), Form::Half),
        Member::Flags => (offset_of!(NextHopInfo, flags), Form::Half),
        Member::EntitySpecificInfo => {
            (offset_of!(NextHopInfo, entity_specific_info), Form::Pointer)
        }
        Member::RemoteNextHop => (offset_of!(NextHopInfo, remote_next_hop), dest),
        _ => return None,
    };
    Some(found)
}

fn route_member(member: Member, inner: usize) -> Option<(usize, Form)> {
    let dest = Form::Handle(HandleKind::Dest);
    let entity = Form::Handle(HandleKind::Entity);
    let hop = Form::Handle(HandleKind::NextHop);
    let found = match member {
        Member::DestHandle => (offset_of!(RouteInfo, dest_handle), dest),
        Member::RouteOwner => (offset_of!(RouteInfo, route_owner), entity),
        Member::Neighbour => (offset_of!(RouteInfo, neighbour), hop),
        Member::State => (offset_of!(RouteInfo, state), Form::Byte),
        Member::Flags1 => (offset_of!(RouteInfo, flags1), Form::Byte),
        Member::Flags => (offset_of!(RouteInfo, flags), Form::Half),
        Member::Metric => (offset_of!(RouteInfo, pref_info.metric), Form::Word),
        Member::Preference => (offset_of!(RouteInfo, pref_info.preference), Form::Word),
        Member::BelongsToViews => (offset_of!(RouteInfo, belongs_to_views), Form::Word),
        Member::EntitySpecificInfo => (offset_of!(RouteInfo, entity_specific_info), Form::Pointer),
        Member::NumNextHops => (offset_of!(RouteInfo, next_hops_list.num_next_hops), Form::Half),
        Member::NextHops => (ROUTE_NEXT_HOPS_OFFSET + inner * size_of::<CHandle>(), hop),
        _ => return None,
    };
    Some(found)
}

fn dest_member(member: Member, inner: usize) -> Option<(usize, Form)> {
    let view = BASIC_DEST_INFO_SIZE + inner * DEST_VIEW_INFO_SIZE;
    let dest = Form::Handle(HandleKind::Dest);
    let route = Form::Handle(HandleKind::Route);
    let entity = Form::Handle(HandleKind::Entity);
    let found = match member {
        Member::DestHandle => (offset_of!(DestInfo, dest_handle), dest),
        Member::DestAddress => (offset_of!(DestInfo, dest_address), Form::Address),
        Member::LastChanged => (offset_of!(DestInfo, last_changed), Form::Time),
        Member::BelongsToViews => (offset_of!(DestInfo, belongs_to_views), Form::Word),
        Member::NumberOfViews => (offset_of!(DestInfo, number_of_views), Form::Word),
        Member::ViewId => (view + offset_of!(DestViewInfo, view_id), Form::Word),
        Member::NumRoutes => (view + offset_of!(DestViewInfo, num_routes), Form::Word),
        Member::Route => (view + offset_of!(DestViewInfo, route), route),
        Member::Owner => (view + offset_of!(DestViewInfo, owner), entity),
        Member::DestFlags => (view + offset_of!(DestViewInfo, dest_flags), Form::Word),
        Member::HoldRoute => (view + offset_of!(DestViewInfo, hold_route), route),
        _ => return None,
    };
    Some(found)
}

/// Stores a value. A value that does not fit its form is left out: only a fault of the model
/// makes one.
///
/// # Safety
/// `at` leads to as many writable bytes as the form has.
#[inline]
pub(crate) unsafe fn write(at: *mut u8, form: Form, value: Value) {
    // SAFETY: the caller vouches for the bytes of the form; no access needs alignment.
    unsafe {
        match (form, value) {
            (Form::Byte, Value::Number(number)) => at.write(number as u8),
            (Form::Half, Value::Number(number)) => at.cast::<u16>().write_unaligned(number as u16),
            (Form::Word, Value::Number(number)) => at.cast::<u32>().write_unaligned(number as u32),
            (Form::Pointer, Value::Number(number) | Value::Pointer(number)) => {
                at.cast::<usize>().write_unaligned(number as usize);
            }
            (Form::Handle(_), Value::Handle(_, handle)) => {
                at.cast::<usize>().write_unaligned(handle.0 as usize);
            }
            (Form::Address, Value::Address(address)) => {
                at.cast::<NetAddress>().write_unaligned(address_to_c(address));
            }
            (Form::Ipv6, Value::Address(address)) => {
                at.cast::<In6Addr>().write_unaligned(In6Addr { bytes: address.bits });
            }
            // The two halves of a FILETIME stand in the order of a little-endian number.
            (Form::Time, Value::Time(time)) => {
                at.cast::<u32>().write_unaligned(time as u32);
                at.cast::<u32>().add(1).write_unaligned((time >> 32) as u32);
            }
            (form, value) => debug_assert!(false, "{value:?} cannot be stored as {form:?}"),
        }
    }
}

/// Loads a value.
///
/// # Safety
/// `at` leads to as many readable bytes as the form has.
pub(crate) unsafe fn read(at: *const u8, form: Form) -> Value {
    // SAFETY: the caller vouches for the bytes of the form; no access needs alignment.
    unsafe {
        match form {
            Form::Byte => Value::Number(u64::from(at.read())),
            Form::Half => Value::Number(u64::from(at.cast::<u16>().read_unaligned())),
            Form::Word => Value::Number(u64::from(at.cast::<u32>().read_unaligned())),
            Form::Pointer => Value::Number(at.cast::<usize>().read_unaligned() as u64),
            Form::Handle(kind) => {
                Value::Handle(kind, Handle(at.cast::<usize>().read_unaligned() as u64))
            }
            Form::Address => {
                Value::Address(address_from_c(at.cast::<NetAddress>().read_unaligned()))
            }
            Form::Ipv6 => {
                let bytes = at.cast::<In6Addr>().read_unaligned().bytes;
                Value::Address(structures::NetAddress::v6(bytes, 128))
            }
            Form::Time => {
                let low = u64::from(at.cast::<u32>().read_unaligned());
                Value::Time(u64::from(at.cast::<u32>().add(1).read_unaligned()) << 32 | low)
            }
        }
    }
}

fn address_to_c(address: structures::NetAddress) -> NetAddress {
    NetAddress { address_family: address.family, num_bits: address.length, addr_bits: address.bits }
}

/// An address as the model has it.
pub(crate) fn address_from_c(address: NetAddress) -> structures::NetAddress {
    structures::NetAddress {
        family: address.address_family,
        length: address.num_bits,
        bits: address.addr_bits,
    }
}
