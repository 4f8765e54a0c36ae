//! From bytes that a library wrote to fields of an observation.
//!
//! Nothing here follows a pointer: a [`View`] is a checked slice. A member that still holds the
//! poison throughout is reported as left unwritten.

use std::mem::offset_of;

use rtm_abi::layout::{
    BASIC_DEST_INFO_SIZE, DEST_VIEW_INFO_SIZE, ROUTE_NEXT_HOPS_OFFSET, size_of_route_info,
};
use rtm_abi::types::{DestInfo, DestViewInfo, EntityId, EntityInfo, NetAddress, RegnProfile};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Basis, Field, Member, Place, Value};
use rtm_sim::vocabulary::structures;

use super::layout::{self, Form, HANDLE_SIZE, ROUTE_COUNT_OFFSET, Slot};

/// Bytes to read values from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    bytes: &'a [u8],
    poison: Option<u8>,
}

impl<'a> View<'a> {
    /// An output buffer that was filled with `poison` before the call.
    pub fn of_output(bytes: &'a [u8], poison: u8) -> View<'a> {
        View { bytes, poison: Some(poison) }
    }

    /// Memory of the library, or memory that held values before the call.
    pub fn of_values(bytes: &'a [u8]) -> View<'a> {
        View { bytes, poison: None }
    }

    /// Bytes in it.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// A part of it, cut off at its end.
    #[must_use]
    pub fn part(self, offset: usize, size: usize) -> View<'a> {
        let from = offset.min(self.bytes.len());
        let to = offset.saturating_add(size).min(self.bytes.len());
        View { bytes: &self.bytes[from..to], poison: self.poison }
    }

    /// The same bytes, taken as values whatever they are.
    #[must_use]
    pub fn as_values(self) -> View<'a> {
        View { poison: None, ..self }
    }

    /// Whether every byte still is as it was before the call; an empty view is.
    pub fn is_untouched(&self) -> bool {
        self.poison.is_some_and(|poison| self.bytes.iter().all(|byte| *byte == poison))
    }

    fn raw<const N: usize>(&self, offset: usize) -> [u8; N] {
        let mut raw = [0; N];
        raw.copy_from_slice(&self.bytes[offset..offset + N]);
        raw
    }

    fn value<const N: usize>(&self, offset: usize, of: impl FnOnce([u8; N]) -> Value) -> Value {
        let raw = self.raw::<N>(offset);
        match self.poison {
            Some(poison) if raw == [poison; N] => Value::Unwritten,
            _ => of(raw),
        }
    }

    /// A number of 8 bits.
    pub fn byte(&self, offset: usize) -> Value {
        self.value(offset, |raw: [u8; 1]| Value::Number(raw[0].into()))
    }

    /// A number of 16 bits.
    pub fn half(&self, offset: usize) -> Value {
        self.value(offset, |raw| Value::Number(u16::from_ne_bytes(raw).into()))
    }

    /// A number of 32 bits.
    pub fn word(&self, offset: usize) -> Value {
        self.value(offset, |raw| Value::Number(u32::from_ne_bytes(raw).into()))
    }

    /// A number of the size of a pointer.
    pub fn wide(&self, offset: usize) -> Value {
        self.value(offset, |raw| Value::Number(usize::from_ne_bytes(raw) as u64))
    }

    /// A pointer.
    pub fn pointer(&self, offset: usize) -> Value {
        self.value(offset, |raw| Value::Pointer(usize::from_ne_bytes(raw) as u64))
    }

    /// A handle.
    pub fn handle(&self, offset: usize, kind: HandleKind) -> Value {
        self.value(offset, |raw| Value::Handle(kind, Handle(usize::from_ne_bytes(raw) as u64)))
    }

    /// A time, its low half first.
    fn time(&self, offset: usize) -> Value {
        self.value(offset, |raw: [u8; 8]| {
            let [low, high] = [&raw[..4], &raw[4..]]
                .map(|half| u32::from_ne_bytes([half[0], half[1], half[2], half[3]]));
            Value::Time(u64::from(high) << 32 | u64::from(low))
        })
    }

    /// An address with its length.
    pub fn address(&self, offset: usize) -> Value {
        self.value(offset, |raw: [u8; size_of::<NetAddress>()]| {
            let half = |at: usize| u16::from_ne_bytes([raw[at], raw[at + 1]]);
            let mut bits = [0; 16];
            bits.copy_from_slice(&raw[offset_of!(NetAddress, addr_bits)..]);
            Value::Address(structures::NetAddress {
                family: half(offset_of!(NetAddress, address_family)),
                length: half(offset_of!(NetAddress, num_bits)),
                bits,
            })
        })
    }

    /// The sixteen octets of an IPv6 address, all of whose bits count.
    pub fn octets(&self, offset: usize) -> Value {
        self.value(offset, |bits: [u8; 16]| Value::Address(structures::NetAddress::v6(bits, 128)))
    }
}

/// Adds a field as a library shows it.
pub fn see(seen: &mut Vec<Field>, place: Place, value: Value) {
    seen.push(Field { place, value, basis: Basis::NONE });
}

/// A structure that can be reported member by member.
pub type Reporter = fn(View<'_>, Place, &mut Vec<Field>);

/// Reports a structure, or that all of it was left alone.
pub fn structure(view: View<'_>, place: Place, report: Reporter, seen: &mut Vec<Field>) {
    if view.is_untouched() {
        see(seen, place, Value::Unwritten);
    } else {
        report(view, place, seen);
    }
}

/// `RTM_DEST_INFO`, with as many view elements as it counts and as there is room for.
pub fn dest_info(view: View<'_>, place: Place, seen: &mut Vec<Field>) {
    let mut put = |member, value| see(seen, place.member(member), value);
    put(Member::DestHandle, view.handle(offset_of!(DestInfo, dest_handle), HandleKind::Dest));
    put(Member::DestAddress, view.address(offset_of!(DestInfo, dest_address)));
    put(Member::LastChanged, view.time(offset_of!(DestInfo, last_changed)));
    put(Member::BelongsToViews, view.word(offset_of!(DestInfo, belongs_to_views)));
    let count = view.word(offset_of!(DestInfo, number_of_views));
    put(Member::NumberOfViews, count);
    let room = (view.size() - BASIC_DEST_INFO_SIZE) / DEST_VIEW_INFO_SIZE;
    for inner in 0..bounded(count, room) {
        let element = BASIC_DEST_INFO_SIZE + inner * DEST_VIEW_INFO_SIZE;
        dest_view_info(view.part(element, DEST_VIEW_INFO_SIZE), place.inner(inner), seen);
    }
}

fn dest_view_info(view: View<'_>, place: Place, seen: &mut Vec<Field>) {
    let mut put = |member, value| see(seen, place.member(member), value);
    put(Member::ViewId, view.word(offset_of!(DestViewInfo, view_id)));
    put(Member::NumRoutes, view.word(offset_of!(DestViewInfo, num_routes)));
    put(Member::Route, view.handle(offset_of!(DestViewInfo, route), HandleKind::Route));
    put(Member::Owner, view.handle(offset_of!(DestViewInfo, owner), HandleKind::Entity));
    put(Member::DestFlags, view.word(offset_of!(DestViewInfo, dest_flags)));
    put(Member::HoldRoute, view.handle(offset_of!(DestViewInfo, hold_route), HandleKind::Route));
}

/// `RTM_ROUTE_INFO`, with as many next hops as it counts and as there is room for.
pub fn route_info(view: View<'_>, place: Place, seen: &mut Vec<Field>) {
    members(view, &layout::ROUTE, place, seen);
    let count = view.half(ROUTE_COUNT_OFFSET);
    let room = (view.size() - ROUTE_NEXT_HOPS_OFFSET) / HANDLE_SIZE;
    for inner in 0..bounded(count, room) {
        let handle = view.handle(size_of_route_info(inner), HandleKind::NextHop);
        see(seen, place.member(Member::NextHops).inner(inner), handle);
    }
}

/// `RTM_NEXTHOP_INFO`.
pub fn next_hop_info(view: View<'_>, place: Place, seen: &mut Vec<Field>) {
    members(view, &layout::NEXT_HOP, place, seen);
}

fn members(view: View<'_>, slots: &[Slot], place: Place, seen: &mut Vec<Field>) {
    for (member, offset, form) in slots {
        let value = match form {
            Form::Byte => view.byte(*offset),
            Form::Half => view.half(*offset),
            Form::Word => view.word(*offset),
            Form::Wide => view.wide(*offset),
            Form::Handle(kind) => view.handle(*offset, *kind),
            Form::Address => view.address(*offset),
        };
        see(seen, place.member(*member), value);
    }
}

/// `RTM_ENTITY_INFO`.
pub fn entity_info(view: View<'_>, place: Place, seen: &mut Vec<Field>) {
    const ID: usize = offset_of!(EntityInfo, entity_id);
    let mut put = |member, value| see(seen, place.member(member), value);
    put(Member::RtmInstanceId, view.half(offset_of!(EntityInfo, rtm_instance_id)));
    put(Member::AddressFamily, view.half(offset_of!(EntityInfo, address_family)));
    put(Member::EntityProtocolId, view.word(ID + offset_of!(EntityId, entity_protocol_id)));
    put(Member::EntityInstanceId, view.word(ID + offset_of!(EntityId, entity_instance_id)));
}

/// `RTM_REGN_PROFILE`.
pub fn regn_profile(view: View<'_>, place: Place, seen: &mut Vec<Field>) {
    let mut put = |member, value| see(seen, place.member(member), value);
    let next_hops = view.word(offset_of!(RegnProfile, max_next_hops_in_route));
    put(Member::MaxNextHopsInRoute, next_hops);
    put(Member::MaxHandlesInEnum, view.word(offset_of!(RegnProfile, max_handles_in_enum)));
    put(Member::ViewsSupported, view.word(offset_of!(RegnProfile, views_supported)));
    put(Member::NumberOfViews, view.word(offset_of!(RegnProfile, number_of_views)));
}

/// A count that was seen, kept within what there is room for.
pub fn bounded(count: Value, room: usize) -> usize {
    match count {
        Value::Number(count) => usize::try_from(count).map_or(room, |count| count.min(room)),
        _ => 0,
    }
}
