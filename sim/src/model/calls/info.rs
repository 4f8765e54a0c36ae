//! From handle to information: what the structures show, and which references they carry.

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, convert_ipv6_address_and_length_to_net_address as to_net_address,
    convert_net_address_to_ipv6_address_and_length as to_ipv6, get_dest_info as dest_info,
    get_entity_info as entity_info, get_next_hop_info as hop_info, get_route_info as route_info,
};
use crate::model::Model;
use crate::model::reply::{Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::objects::VIEWS;
use crate::vocabulary::call::{
    ConvertIpv6AddressAndLengthToNetAddress, ConvertNetAddressToIpv6AddressAndLength, GetDestInfo,
    GetEntityInfo, GetNextHopInfo, GetRouteInfo,
};
use crate::vocabulary::constants::{AF_INET6, BEST_PROTOCOL, THIS_PROTOCOL};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::{EntityInfo, NetAddress};

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;

/// The members of an `RTM_ENTITY_INFO`.
pub fn entity_members(info: &EntityInfo, at: Place, clauses: &[ClauseId], out: &mut Observation) {
    out.number(at.member(Member::RtmInstanceId), info.instance, clauses);
    out.number(at.member(Member::AddressFamily), info.family, clauses);
    out.number(at.member(Member::EntityProtocolId), info.protocol, clauses);
    out.number(at.member(Member::EntityInstanceId), info.protocol_instance, clauses);
}

/// Which clauses decide the members of an `RTM_DEST_INFO`.
pub(super) struct DestClauses {
    pub dest: &'static [ClauseId],
    pub address: &'static [ClauseId],
    pub last_changed: &'static [ClauseId],
    pub belongs_to_views: &'static [ClauseId],
    pub number_of_views: &'static [ClauseId],
    pub view_id: &'static [ClauseId],
    pub num_routes: &'static [ClauseId],
    pub route: &'static [ClauseId],
    pub owner: &'static [ClauseId],
    pub dest_flags: &'static [ClauseId],
    pub hold_route: &'static [ClauseId],
    /// `Route` and `Owner` with a protocol that is none of the best route's.
    pub other_protocol: &'static [ClauseId],
    /// A view without a route, or without one of the protocol.
    pub empty: &'static [ClauseId],
}

const DEST_INFO: DestClauses = DestClauses {
    dest: &[dest_info::DEST_HANDLE],
    address: &[dest_info::DEST_ADDRESS],
    last_changed: &[dest_info::LAST_CHANGED, dest_info::LAST_CHANGED_STABLE],
    belongs_to_views: &[dest_info::BELONGS_TO_VIEWS_UNFILTERED, dest_info::BELONGS_TO_VIEWS],
    number_of_views: &[dest_info::VIEW_SLOTS_COUNT, dest_info::NUMBER_OF_VIEWS],
    view_id: &[dest_info::VIEW_SLOTS_ASCENDING, dest_info::VIEW_ID],
    num_routes: &[dest_info::NUM_ROUTES],
    route: &[dest_info::BEST_PROTOCOL],
    owner: &[dest_info::OWNER],
    dest_flags: &[dest_info::DEST_FLAGS],
    hold_route: &[dest_info::HOLD_ROUTE_NULL, dest_info::HOLD_ROUTE],
    other_protocol: &[dest_info::PROTOCOL_SPECIFIC, dest_info::PROTOCOL_NUMBER],
    empty: &[dest_info::VIEW_WITHOUT_DESTINATION],
};

/// Which description of a destination is asked for.
#[derive(Clone, Copy)]
pub(super) struct DestQuery {
    pub protocol: u32,
    /// Supported views only.
    pub views: u32,
}

impl Model {
    /// The first route of a destination in a view that fits a protocol, as one client asks.
    pub(super) fn route_shown(
        &self,
        client: Index,
        dest: Index,
        view: usize,
        protocol: u32,
    ) -> Index {
        let wanted = match protocol {
            BEST_PROTOCOL => return self.dests[dest].best[view],
            THIS_PROTOCOL => self.entities[client].info.protocol,
            number => number,
        };
        if self.oracle.takes(dest_info::PROTOCOL_SPECIFIC_IGNORED) {
            return self.dests[dest].best[view];
        }
        let own_only = protocol == THIS_PROTOCOL
            && self.oracle.takes(dest_info::THIS_PROTOCOL_SCOPE_CALLER_ONLY);
        let fits = |route: &&Index| {
            let r = &self.routes[**route];
            r.views & 1 << view != 0
                && self.entities[r.owner].info.protocol == wanted
                && (!own_only || r.owner == client)
        };
        self.dests[dest].routes.iter().find(fits).copied().unwrap_or(NONE)
    }

    /// The views that a destination belongs to: those of its routes in the table.
    pub(super) fn views_of(&self, dest: Index) -> u32 {
        self.dests[dest].routes.iter().fold(0, |views, r| views | self.routes[*r].views)
    }

    /// Writes the members of an `RTM_DEST_INFO` and books the references that it carries.
    pub(super) fn describe_dest(
        &mut self,
        client: Index,
        dest: Index,
        query: DestQuery,
        at: Place,
        clauses: &DestClauses,
        out: &mut Observation,
    ) {
        let address = self.dests[dest].prefix.address(self.family(client));
        let handle = match self.oracle.takes(dest_info::HANDLES_REFERENCED_DEST_BORROWED) {
            true => self.dests.handle(dest),
            false => self.hand_dest(client, dest),
        };
        let value = Value::Handle(HandleKind::Dest, handle);
        out.add(at.member(Member::DestHandle), value, clauses.dest);
        out.add(at.member(Member::DestAddress), Value::Address(address), clauses.address);
        let stamp = self.dests[dest].last_changed;
        let time = Value::Time(stamp.milliseconds << 24 | u64::from(stamp.change));
        out.add(at.member(Member::LastChanged), time, clauses.last_changed);
        let belongs = self.views_of(dest);
        out.number(at.member(Member::BelongsToViews), belongs, clauses.belongs_to_views);
        let count = query.views.count_ones();
        out.number(at.member(Member::NumberOfViews), count, clauses.number_of_views);
        let mut views: [usize; VIEWS] = std::array::from_fn(|view| view);
        if self.oracle.takes(dest_info::VIEW_SLOTS_ASCENDING_DESCENDING) {
            views.reverse();
        }
        let wanted = views.into_iter().filter(|view| query.views & 1 << view != 0);
        for (inner, view) in wanted.enumerate() {
            self.describe_view(client, dest, view, query.protocol, at.inner(inner), clauses, out);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one element of the structure above")]
    fn describe_view(
        &mut self,
        client: Index,
        dest: Index,
        view: usize,
        protocol: u32,
        at: Place,
        clauses: &DestClauses,
        out: &mut Observation,
    ) {
        let shown = self.route_shown(client, dest, view, protocol);
        let in_view = |r: &&Index| self.routes[**r].views & 1 << view != 0;
        let count = match self.oracle.takes(dest_info::NUM_ROUTES_ALL_VIEWS) {
            true => self.dests[dest].routes.len(),
            false => self.dests[dest].routes.iter().filter(in_view).count(),
        };
        out.number(at.member(Member::ViewId), view as u64, clauses.view_id);
        let empty = count == 0;
        let of_view = |filled: &'static [ClauseId]| if empty { clauses.empty } else { filled };
        out.number(at.member(Member::NumRoutes), count as u64, of_view(clauses.num_routes));
        let (owner, flags) = match shown {
            NONE => (NONE, 0),
            route => (self.routes[route].owner, self.routes[route].flags),
        };
        let best = protocol == BEST_PROTOCOL;
        let route_basis = if best { clauses.route } else { clauses.other_protocol };
        let owner_basis = if best { clauses.owner } else { clauses.dest_flags };
        let handle = Value::Handle(HandleKind::Route, self.hand_route(client, shown));
        out.add(at.member(Member::Route), handle, of_view(route_basis));
        let handle = match self.oracle.takes(dest_info::OWNER_CALLER) && owner != NONE {
            true => self.hand_entity(client, client),
            false => self.hand_entity(client, owner),
        };
        let handle = Value::Handle(HandleKind::Entity, handle);
        out.add(at.member(Member::Owner), handle, of_view(owner_basis));
        out.number(at.member(Member::DestFlags), flags, clauses.dest_flags);
        let none = Value::Handle(HandleKind::Route, Handle::NULL);
        out.add(at.member(Member::HoldRoute), none, clauses.hold_route);
    }

    /// Writes the members of an `RTM_ROUTE_INFO`.
    fn route_members(
        &self,
        route: Index,
        at: Place,
        basis: impl Fn(Member) -> [ClauseId; 2],
        out: &mut Observation,
    ) {
        let r = &self.routes[route];
        let handles = [
            (Member::DestHandle, HandleKind::Dest, self.dests.handle(r.dest)),
            (Member::RouteOwner, HandleKind::Entity, self.entities.handle(r.owner)),
            (Member::Neighbour, HandleKind::NextHop, self.next_hops.handle(r.neighbour)),
        ];
        for (member, kind, handle) in handles {
            out.add(at.member(member), Value::Handle(kind, handle), &basis(member));
        }
        let numbers = [
            (Member::State, u64::from(self.shown_state(r.state))),
            (Member::Flags1, u64::from(r.flags1)),
            (Member::Flags, u64::from(r.flags)),
            (Member::Metric, u64::from(r.metric)),
            (Member::Preference, u64::from(r.preference)),
            (Member::BelongsToViews, u64::from(r.views)),
            (Member::EntitySpecificInfo, r.entity_specific_info),
            (Member::NumNextHops, r.next_hops.len() as u64),
        ];
        for (member, value) in numbers {
            out.number(at.member(member), value, &basis(member));
        }
        for (inner, hop) in r.next_hops.iter().enumerate() {
            let value = Value::Handle(HandleKind::NextHop, self.next_hops.handle(*hop));
            out.add(at.member(Member::NextHops).inner(inner), value, &basis(Member::NextHops));
        }
    }

    fn shown_state(&self, state: u8) -> u8 {
        use crate::vocabulary::constants::{ROUTE_STATE_DELETED, ROUTE_STATE_DELETING};
        match state {
            ROUTE_STATE_DELETED if self.oracle.takes(route_info::STATE_DELETED_VALUE_DELETING) => {
                ROUTE_STATE_DELETING
            }
            ROUTE_STATE_DELETED if self.oracle.takes(route_info::STATE_DELETED_STILL_CREATED) => 0,
            state => state,
        }
    }

    /// The members of a route that a callback is lent.
    pub(in crate::model) fn borrowed_route_members(
        &self,
        route: Index,
        at: Place,
        clauses: &[ClauseId; 2],
        out: &mut Observation,
    ) {
        self.route_members(route, at, |_| *clauses, out);
    }

    /// Writes what `RtmGetRouteInfo` shows of a route and books the references that it carries.
    pub(super) fn describe_route(
        &mut self,
        client: Index,
        route: Index,
        at: Place,
        out: &mut Observation,
    ) {
        let deleted = !self.routes[route].is_listed();
        self.route_members(route, at, |member| route_basis(member, deleted), out);
        self.cite_route(route, at, out);
        let (dest, owner) = (self.routes[route].dest, self.routes[route].owner);
        self.hand_dest(client, dest);
        self.hand_entity(client, owner);
        if !self.oracle.takes(route_info::HANDLES_REFERENCED_NEXT_HOPS_BORROWED) {
            self.hand_next_hop(client, self.routes[route].neighbour);
            for at in 0..self.routes[route].next_hops.len() {
                self.hand_next_hop(client, self.routes[route].next_hops[at]);
            }
        }
    }

    pub(super) fn get_entity_info(&mut self, call: &GetEntityInfo, out: &mut Observation) -> Reply {
        use entity_info as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        if !call.entity_info {
            return refuse(WRONG, &[c::NULL_OUTPUT]);
        }
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::INVALID_HANDLE],
            wrong_kind: &[c::WRONG_KIND],
            dead: INVALID,
            other_table: &[c::TARGET_OF_OTHER_TABLE],
        };
        let target = self.entity_argument(client, call.entity, &clauses)?;
        let gone = !self.entities[target].registered;
        if gone && self.oracle.takes(c::DEREGISTERED_TARGET_REFUSED) {
            return refuse(Status::ERROR_INVALID_HANDLE, &[c::DEREGISTERED_TARGET]);
        }
        let basis = if gone { &[c::DEREGISTERED_TARGET][..] } else { &[c::SUCCESS] };
        out.status(Status::NO_ERROR, basis);
        let mut info = self.entities[target].info;
        if self.oracle.takes(c::VALUES_AS_REGISTERED_CALLERS_OWN) {
            info = self.entities[client].info;
        }
        let at = Place::output(2);
        entity_members(&info, at, &[c::VALUES_AS_REGISTERED, c::SUCCESS], out);
        Ok(())
    }

    pub(super) fn get_dest_info(&mut self, call: &GetDestInfo, out: &mut Observation) -> Reply {
        use dest_info as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        if !call.dest_info {
            return refuse(WRONG, &[c::NULL_OUTPUT]);
        }
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::INVALID_HANDLE],
            wrong_kind: &[c::NULL_OR_WRONG_KIND],
            dead: INVALID,
            other_table: &[c::DEST_OF_OTHER_TABLE],
        };
        let dest = self.dest_argument(client, call.dest, &clauses)?;
        let supported = self.config.views_supported;
        let views = call.target_views & supported;
        let gone = self.dests[dest].routes.is_empty();
        let odd = call.target_views != u32::MAX && call.target_views & !supported != 0;
        if odd && self.oracle.takes(c::VIEWS_UNSUPPORTED_REFUSED) {
            return refuse(Status::ERROR_NOT_SUPPORTED, &[c::VIEWS_UNSUPPORTED]);
        }
        let basis: &[ClauseId] = match (odd, gone) {
            (true, _) => &[c::VIEWS_UNSUPPORTED],
            (false, true) => &[c::DESTINATION_WITHOUT_ROUTES],
            (false, false) => &[c::SUCCESS],
        };
        out.status(Status::NO_ERROR, basis);
        let count_basis: &[ClauseId] = match call.target_views {
            0 => &[c::VIEWS_ANY_ZERO_SLOTS, c::VIEWS_ANY],
            u32::MAX => &[c::VIEWS_ALL, c::VIEWS_ALL_BOUNDED],
            _ => DEST_INFO.number_of_views,
        };
        let clauses = DestClauses { number_of_views: count_basis, ..DEST_INFO };
        let query = DestQuery { protocol: call.protocol, views };
        self.describe_dest(client, dest, query, Place::output(4), &clauses, out);
        Ok(())
    }

    pub(super) fn get_route_info(&mut self, call: &GetRouteInfo, out: &mut Observation) -> Reply {
        use route_info as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::INVALID_HANDLE],
            wrong_kind: &[c::NULL_OR_WRONG_KIND],
            dead: INVALID,
            other_table: &[c::ROUTE_OF_OTHER_TABLE],
        };
        let route = self.route_argument(client, call.route, &clauses)?;
        let neither = !call.route_info && !call.dest_address;
        let deleted = !self.routes[route].is_listed();
        let basis: &[ClauseId] = match (neither, deleted) {
            (true, _) => &[c::BOTH_NULL],
            (false, true) => &[c::STATE_DELETED, c::SUCCESS],
            (false, false) => &[c::SUCCESS],
        };
        out.status(Status::NO_ERROR, basis);
        self.cite_fetched(client, call.route, out);
        if call.route_info {
            self.describe_route(client, route, Place::output(2), out);
        }
        if call.dest_address {
            let prefix = self.dests[self.routes[route].dest].prefix;
            let address = Value::Address(prefix.address(self.family(client)));
            out.add(Place::output(3), address, &[c::DEST_ADDRESS]);
        }
        Ok(())
    }

    pub(super) fn get_next_hop_info(
        &mut self,
        call: &GetNextHopInfo,
        out: &mut Observation,
    ) -> Reply {
        use hop_info as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        if !call.next_hop_info {
            return refuse(WRONG, &[c::NULL_OUTPUT]);
        }
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::INVALID_HANDLE],
            wrong_kind: &[c::NULL_OR_WRONG_KIND],
            dead: INVALID,
            other_table: &[c::NEXT_HOP_OF_OTHER_TABLE],
        };
        let hop = self.next_hop_argument(client, call.next_hop, &clauses)?;
        out.status(Status::NO_ERROR, &[c::SUCCESS]);
        self.next_hop_members(hop, Place::output(2), out);
        self.cite_fetched(client, call.next_hop, out);
        let (owner, remote) = (self.next_hops[hop].owner, self.next_hops[hop].remote);
        self.hand_entity(client, owner);
        self.hand_dest(client, remote);
        Ok(())
    }

    /// Writes the members of an `RTM_NEXTHOP_INFO`.
    pub(in crate::model) fn next_hop_members(&self, hop: Index, at: Place, out: &mut Observation) {
        use hop_info as c;
        let n = &self.next_hops[hop];
        let family = self.entities[n.owner].info.family;
        let owner = self.entities.handle(n.owner);
        let remote = self.dests.handle(n.remote);
        let address = Value::Address(n.address.address(family));
        out.add(at.member(Member::NextHopAddress), address, &[c::ADDRESS]);
        let owner = Value::Handle(HandleKind::Entity, owner);
        out.add(at.member(Member::NextHopOwner), owner, &[c::OWNER]);
        out.number(at.member(Member::InterfaceIndex), n.interface, &[c::INTERFACE_INDEX]);
        let state: &[ClauseId] = if n.state == 0 { &[c::STATE] } else { &[c::STATE_DELETED] };
        out.number(at.member(Member::State), n.state, state);
        out.number(at.member(Member::Flags), n.flags, &[c::FLAGS_REMOTE]);
        let private = at.member(Member::EntitySpecificInfo);
        out.number(private, n.entity_specific_info, &[c::ENTITY_SPECIFIC_INFO]);
        let local = n.flags & 1 == 0;
        let basis = if local { c::REMOTE_NEXT_HOP_LOCAL } else { c::REMOTE_NEXT_HOP };
        let remote = Value::Handle(HandleKind::Dest, remote);
        out.add(at.member(Member::RemoteNextHop), remote, &[basis]);
    }

    pub(super) fn convert_net_address_to_ipv6_address_and_length(
        &mut self,
        call: &ConvertNetAddressToIpv6AddressAndLength,
        out: &mut Observation,
    ) -> Reply {
        use to_ipv6 as c;
        let address = call
            .net_address
            .filter(|a| a.family == AF_INET6 && a.length <= 128 && call.address_size == 16);
        let (Some(address), true, true) = (address, call.address, call.length) else {
            return refuse(WRONG, &[c::UNDOCUMENTED]);
        };
        out.status(Status::NO_ERROR, &[c::UNDOCUMENTED, c::EFFECT]);
        let bits = NetAddress { length: 128, ..address };
        out.add(Place::output(1), Value::Address(bits), &[c::EFFECT]);
        out.number(Place::output(2), address.length, &[c::EFFECT]);
        Ok(())
    }

    pub(super) fn convert_ipv6_address_and_length_to_net_address(
        &mut self,
        call: &ConvertIpv6AddressAndLengthToNetAddress,
        out: &mut Observation,
    ) -> Reply {
        use to_net_address as c;
        if !call.net_address || 128 < call.length || call.address_size != 16 {
            return refuse(WRONG, &[c::UNDOCUMENTED]);
        }
        out.status(Status::NO_ERROR, &[c::UNDOCUMENTED, c::EFFECT]);
        let address = NetAddress::v6(call.address, call.length as u16);
        out.add(Place::output(0), Value::Address(address), &[c::EFFECT, c::BY_VALUE_ADDRESS]);
        Ok(())
    }
}

/// What decides a member of an `RTM_ROUTE_INFO`.
fn route_basis(member: Member, deleted: bool) -> [ClauseId; 2] {
    use crate::clause::{add_route_to_dest as add, delete_route_to_dest as delete};
    use route_info as c;
    match member {
        Member::State if deleted => [c::STATE_DELETED_VALUE, c::STATE_DELETED],
        Member::DestHandle => [c::DEST_HANDLE, c::HANDLES_REFERENCED],
        Member::RouteOwner => [c::ROUTE_OWNER, add::OWNER_IS_CALLER],
        _ if deleted => [delete::REFERENCED_ROUTE_CONTENT, delete::REFERENCED_ROUTE_INFO],
        Member::State => [c::STATE_LIVE, c::STATE],
        Member::Neighbour => [add::MEMBERS_STORED, c::NEIGHBOUR],
        Member::Flags1 => [add::FLAGS1_STORED, c::FLAGS1],
        Member::Flags => [c::FLAGS_AS_OWNER_SET, add::FLAGS_STORED],
        Member::Metric => [add::MEMBERS_STORED, c::PREF_INFO],
        Member::Preference => [add::PREFERENCE_NONZERO_INPUT, c::PREF_INFO],
        Member::BelongsToViews => [c::BELONGS_TO_VIEWS, add::VIEWS_MEMBERSHIP],
        Member::EntitySpecificInfo => [add::ENTITY_INFO_OPAQUE, c::ENTITY_SPECIFIC_INFO],
        _ => [add::MEMBERS_STORED, c::NEXT_HOPS_LIST],
    }
}
