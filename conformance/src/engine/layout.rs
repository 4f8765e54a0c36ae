//! Where the members stand of the structures that are both read and written member by member.

use std::mem::offset_of;

use rtm_abi::layout::size_of_route_info;
use rtm_abi::types::{NetAddress, NextHopInfo, NextHopList, PrefInfo, RouteInfo};
use rtm_sim::program::Structure;
use rtm_sim::vocabulary::handle::HandleKind;
use rtm_sim::vocabulary::observation::Member;

/// Bytes of a handle.
pub const HANDLE_SIZE: usize = size_of::<usize>();

/// How a member is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A number of 8 bits.
    Byte,
    /// A number of 16 bits.
    Half,
    /// A number of 32 bits.
    Word,
    /// A number of the size of a pointer.
    Wide,
    /// A handle.
    Handle(HandleKind),
    /// An address with its length.
    Address,
}

impl Form {
    /// Its bytes.
    pub fn size(self) -> usize {
        match self {
            Form::Byte => 1,
            Form::Half => 2,
            Form::Word => 4,
            Form::Wide | Form::Handle(_) => HANDLE_SIZE,
            Form::Address => size_of::<NetAddress>(),
        }
    }
}

/// A member: which, its offset in bytes, and how it is kept.
pub type Slot = (Member, usize, Form);

const PREF: usize = offset_of!(RouteInfo, pref_info);

/// Where the count of next hops stands in a route.
pub const ROUTE_COUNT_OFFSET: usize =
    offset_of!(RouteInfo, next_hops_list) + offset_of!(NextHopList, num_next_hops);

/// `RTM_ROUTE_INFO` up to the count of its next hops, in the order of the interface.
pub const ROUTE: [Slot; 11] = [
    (Member::DestHandle, offset_of!(RouteInfo, dest_handle), Form::Handle(HandleKind::Dest)),
    (Member::RouteOwner, offset_of!(RouteInfo, route_owner), Form::Handle(HandleKind::Entity)),
    (Member::Neighbour, offset_of!(RouteInfo, neighbour), Form::Handle(HandleKind::NextHop)),
    (Member::State, offset_of!(RouteInfo, state), Form::Byte),
    (Member::Flags1, offset_of!(RouteInfo, flags1), Form::Byte),
    (Member::Flags, offset_of!(RouteInfo, flags), Form::Half),
    (Member::Metric, PREF + offset_of!(PrefInfo, metric), Form::Word),
    (Member::Preference, PREF + offset_of!(PrefInfo, preference), Form::Word),
    (Member::BelongsToViews, offset_of!(RouteInfo, belongs_to_views), Form::Word),
    (Member::EntitySpecificInfo, offset_of!(RouteInfo, entity_specific_info), Form::Wide),
    (Member::NumNextHops, ROUTE_COUNT_OFFSET, Form::Half),
];

/// `RTM_NEXTHOP_INFO`, in the order of the interface.
pub const NEXT_HOP: [Slot; 7] = [
    (Member::NextHopAddress, offset_of!(NextHopInfo, next_hop_address), Form::Address),
    (
        Member::NextHopOwner,
        offset_of!(NextHopInfo, next_hop_owner),
        Form::Handle(HandleKind::Entity),
    ),
    (Member::InterfaceIndex, offset_of!(NextHopInfo, interface_index), Form::Word),
    (Member::State, offset_of!(NextHopInfo, state), Form::Half),
    (Member::Flags, offset_of!(NextHopInfo, flags), Form::Half),
    (Member::EntitySpecificInfo, offset_of!(NextHopInfo, entity_specific_info), Form::Wide),
    (
        Member::RemoteNextHop,
        offset_of!(NextHopInfo, remote_next_hop),
        Form::Handle(HandleKind::Dest),
    ),
];

/// Offset and size of a member; `inner` is the place among the next hops of a route.
pub fn member_of(kind: Structure, member: Member, inner: u16) -> Option<(usize, usize)> {
    let slots: &[Slot] = match (kind, member) {
        (Structure::Opaque, Member::Whole) => return Some((0, HANDLE_SIZE)),
        (Structure::Route, Member::NextHops) => {
            return Some((size_of_route_info(inner.into()), HANDLE_SIZE));
        }
        (Structure::Opaque, _) => &[],
        (Structure::Route, _) => &ROUTE,
        (Structure::NextHop, _) => &NEXT_HOP,
    };
    let found = slots.iter().find(|(found, ..)| *found == member)?;
    let (_, offset, form) = *found;
    Some((offset, form.size()))
}
