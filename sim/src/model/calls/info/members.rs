//! What the structures show, and which references they carry.

use super::{DestClauses, DestQuery};
use crate::clause::{
    ClauseId, add_next_hop as add, add_route_to_dest, delete_next_hop as delete, event_callback,
    get_dest_info as dest_info, get_next_hop_info as hop_info, get_route_info as route_info,
    hold_destination as hold, lock_destination, lock_next_hop as lock, net_address, pref_info,
    register_entity, release_route_info, size_of_dest_info, view_set,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::state::arena::{Index, NONE};
use crate::model::state::objects::VIEWS;
use crate::readings::Reading;
use crate::vocabulary::constants::{AF_INET6, BEST_PROTOCOL, NextHopFlags, THIS_PROTOCOL};
use crate::vocabulary::handle::HandleKind;
use crate::vocabulary::observation::{Basis, Member, Observation, Place, Value};

const OF_BEST_ROUTE: Reading = dest_info::OWNER_AND_FLAGS_OF_CHOSEN_ROUTE_BEST_ROUTE;

/// What every address is laid out by.
const ADDRESS: Basis =
    Basis::of(&[net_address::NUM_BITS, net_address::NETWORK_BYTE_ORDER, net_address::FAMILY]);

/// The routes of a destination that compete in a view.
#[derive(Default)]
struct Competitors {
    count: usize,
    /// Some routes are not in the view.
    others: bool,
    /// The first two rank the same.
    tied: bool,
    /// Some preference, or metric, is not that of the first.
    preferences: bool,
    metrics: bool,
}

impl Model {
    /// The first route of a destination in a view that fits a protocol, as one client asks.
    pub(in crate::model::calls) fn route_shown(
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
    pub(in crate::model) fn views_of(&self, dest: Index) -> u32 {
        self.dests[dest].routes.iter().fold(0, |views, r| views | self.routes[*r].views)
    }

    /// Writes the members of an `RTM_DEST_INFO` and books the references that it carries.
    pub(in crate::model::calls) fn describe_dest(
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
        let grounds = Grounds::from(clauses.address)
            .when(at.index != 0, size_of_dest_info::ARRAY_STRIDE)
            .when(address.family == AF_INET6, net_address::CAPACITY)
            .and_all(ADDRESS);
        out.add(at.member(Member::DestAddress), Value::Address(address), grounds);
        if self.notes.has(Object::Dest(dest), add_route_to_dest::HOST_BITS_CANONICAL) {
            out.cite(at.member(Member::DestAddress), add_route_to_dest::HOST_BITS_CANONICAL);
        }
        let stamp = self.last_changed(dest);
        let time = Value::Time(stamp.milliseconds << 24 | u64::from(stamp.change));
        let unmoved = self.notes.has(Object::Dest(dest), lock_destination::NO_NOTIFICATION);
        let grounds = Grounds::from(clauses.last_changed)
            .needs(unmoved, lock_destination::NO_NOTIFICATION)
            .when(self.keeps_out(dest), lock_destination::READ_STABLE_UNDER_LOCK);
        out.add(at.member(Member::LastChanged), time, grounds);
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
        let held = self.held_in(dest, view);
        let shown = self.route_shown(client, dest, view, protocol);
        let shown = self.route_beside_held(shown, held);
        let best = protocol == BEST_PROTOCOL;
        let rivals = self.competitors(dest, view);
        let mut count = self.count_shown(dest, view, protocol, client, &rivals);
        if held != NONE && self.oracle.takes(hold::HELD_NOT_COUNTED_COUNTED) {
            count += 1;
        }
        out.number(at.member(Member::ViewId), view as u64, clauses.view_id);
        let empty = rivals.count == 0;
        let grounds = Grounds::NONE
            .when(held != NONE, hold::HELD_NOT_COUNTED)
            .when(!best && !empty, dest_info::NUM_ROUTES_ALL_PROTOCOLS)
            .and_all(if empty && held == NONE { clauses.empty } else { clauses.num_routes })
            .when(self.twin_elsewhere(dest), register_entity::FAMILIES_ISOLATED)
            .when(rivals.others, view_set::VIEW_IS_SUBSET);
        out.number(at.member(Member::NumRoutes), count as u64, grounds);
        let handle = Value::Handle(HandleKind::Route, self.hand_route(client, shown));
        let grounds = match (empty, best) {
            (true, _) if held != NONE => {
                let moves = hold::MOVES_ROUTE_TO_HOLD_ROUTE;
                Grounds::of(&[hold::ROUTE_NULL_WHILE_ONLY_HELD]).when(true, moves)
            }
            (true, _) => Grounds::from(clauses.empty),
            (false, true) => Grounds::NONE
                .needs(held != NONE, hold::NEW_ROUTE_BECOMES_BEST)
                .when(rivals.tied, add_route_to_dest::BEST_TIE)
                .and_all(clauses.route)
                .when(rivals.preferences, pref_info::PREFERENCE_FIRST)
                .when(rivals.preferences || rivals.metrics, pref_info::LOWER_IS_BETTER),
            (false, false) => Grounds::NONE
                .when(protocol == THIS_PROTOCOL, dest_info::THIS_PROTOCOL_SCOPE)
                .and_all(clauses.other_protocol),
        };
        out.add(at.member(Member::Route), handle, grounds);
        let described = match !best && self.oracle.takes(OF_BEST_ROUTE) {
            true => self.dests[dest].best[view],
            false => shown,
        };
        let (owner, flags) = match described {
            NONE => (NONE, 0),
            route => (self.routes[route].owner, self.routes[route].flags),
        };
        let handle = match self.oracle.takes(dest_info::OWNER_CALLER) && owner != NONE {
            true => self.hand_entity(client, client),
            false => self.hand_entity(client, owner),
        };
        let handle = Value::Handle(HandleKind::Entity, handle);
        let grounds = match best {
            true if empty => Grounds::from(clauses.empty),
            true if rivals.tied => {
                Grounds::of(&[add_route_to_dest::BEST_TIE]).and_all(clauses.owner)
            }
            true => Grounds::from(clauses.owner),
            false => Grounds::of(&[dest_info::OWNER_AND_FLAGS_OF_CHOSEN_ROUTE])
                .when(shown == NONE, dest_info::NO_ROUTE_OF_PROTOCOL)
                .and(&[dest_info::OWNER]),
        };
        out.add(at.member(Member::Owner), handle, grounds);
        out.number(at.member(Member::DestFlags), flags, clauses.dest_flags);
        let held = self.held_shown(dest, view);
        let grounds = self.hold_grounds(dest, view, !empty, clauses.hold_route);
        let handle = match self.oracle.takes(hold::HOLD_ROUTE_HANDLE_REFERENCED_BORROWED) {
            true => self.routes.handle(held),
            false => self.hand_route(client, held),
        };
        let handle = Value::Handle(HandleKind::Route, handle);
        out.add(at.member(Member::HoldRoute), handle, grounds);
    }

    /// The held route that a view shows.
    fn held_shown(&self, dest: Index, view: usize) -> Index {
        let own = self.held_in(dest, view);
        if own == NONE || !self.oracle.takes(hold::PER_VIEW_HOLD_ROUTES_ONE_FOR_ALL) {
            return own;
        }
        (0..VIEWS).map(|view| self.held_in(dest, view)).find(|held| *held != NONE).unwrap_or(NONE)
    }

    /// The route that a view shows as its best, where held routes have a say in a planted fault.
    fn route_beside_held(&self, shown: Index, held: Index) -> Index {
        match (shown, held) {
            (NONE, _) if self.oracle.takes(hold::ROUTE_NULL_WHILE_ONLY_HELD_STILL_SHOWN) => held,
            (_, NONE) => shown,
            _ if self.oracle.takes(hold::NEW_ROUTE_BECOMES_BEST_NOT_SHOWN) => NONE,
            _ => shown,
        }
    }

    /// What competes in a view of a destination.
    fn competitors(&self, dest: Index, view: usize) -> Competitors {
        let mut found = Competitors::default();
        let mut first = None;
        for route in &self.dests[dest].routes {
            let r = &self.routes[*route];
            if r.views & 1 << view == 0 {
                found.others = true;
                continue;
            }
            let (preference, metric) = *first.get_or_insert((r.preference, r.metric));
            found.preferences |= r.preference != preference;
            found.metrics |= r.metric != metric;
            found.count += 1;
            if found.count == 2 {
                found.tied = !found.preferences && !found.metrics;
            }
        }
        found
    }

    /// The number of routes that a view shows.
    fn count_shown(
        &self,
        dest: Index,
        view: usize,
        protocol: u32,
        client: Index,
        competitors: &Competitors,
    ) -> usize {
        if self.oracle.takes(dest_info::NUM_ROUTES_ALL_VIEWS) {
            return self.dests[dest].routes.len();
        }
        if protocol == BEST_PROTOCOL
            || !self.oracle.takes(dest_info::NUM_ROUTES_ALL_PROTOCOLS_OF_PROTOCOL)
        {
            return competitors.count;
        }
        let wanted = match protocol {
            THIS_PROTOCOL => self.entities[client].info.protocol,
            number => number,
        };
        let of_protocol = |r: &&Index| {
            let r = &self.routes[**r];
            r.views & 1 << view != 0 && self.entities[r.owner].info.protocol == wanted
        };
        self.dests[dest].routes.iter().filter(of_protocol).count()
    }

    /// Whether the other family has routes under the same bits.
    fn twin_elsewhere(&self, dest: Index) -> bool {
        let d = &self.dests[dest];
        let instance = self.tables[d.table].instance;
        let others = self.tables.iter().enumerate().filter(|(table, _)| *table != d.table);
        let mut twins = others
            .filter(|(_, table)| table.instance == instance)
            .filter_map(|(_, table)| table.twin(&d.prefix));
        twins.any(|twin| !self.dests[twin].routes.is_empty())
    }

    /// Writes the members of an `RTM_ROUTE_INFO`.
    fn route_members(
        &self,
        route: Index,
        at: Place,
        basis: impl Fn(Member) -> Grounds,
        out: &mut Observation,
    ) {
        let r = &self.routes[route];
        let handles = [
            (Member::DestHandle, HandleKind::Dest, self.dests.handle(r.dest)),
            (Member::RouteOwner, HandleKind::Entity, self.entities.handle(r.owner)),
            (Member::Neighbour, HandleKind::NextHop, self.next_hops.handle(r.neighbour)),
        ];
        for (member, kind, handle) in handles {
            out.add(at.member(member), Value::Handle(kind, handle), basis(member));
        }
        let numbers = [
            (Member::State, u64::from(self.shown_state(route))),
            (Member::Flags1, u64::from(r.flags1)),
            (Member::Flags, u64::from(r.flags)),
            (Member::Metric, u64::from(r.metric)),
            (Member::Preference, u64::from(r.preference)),
            (Member::BelongsToViews, u64::from(r.views)),
            (Member::EntitySpecificInfo, r.entity_specific_info),
            (Member::NumNextHops, r.next_hops.len() as u64),
        ];
        for (member, value) in numbers {
            out.number(at.member(member), value, basis(member));
        }
        for (inner, hop) in r.next_hops.iter().enumerate() {
            let value = Value::Handle(HandleKind::NextHop, self.next_hops.handle(*hop));
            // On the list, and named by more than one route.
            let shared = 2 < self.next_hops[*hop].ledger.structural;
            let grounds = basis(Member::NextHops).when(shared, add::LIST_SHARED_BY_OWN_ROUTES);
            let place = at.member(Member::NextHops).inner(inner);
            out.add(place, value, grounds);
            if 1 < r.next_hops.len() {
                out.cite(place, add_route_to_dest::NEXT_HOP_ORDER);
                if inner + 1 == r.next_hops.len() {
                    out.cite(place, route_info::WRITES_WHOLE_LIST);
                }
            }
        }
    }

    fn shown_state(&self, route: Index) -> u8 {
        use crate::vocabulary::constants::{ROUTE_STATE_DELETED, ROUTE_STATE_DELETING};
        if self.oracle.takes(hold::HELD_STATE_DELETING) && self.is_held_down(route) {
            return ROUTE_STATE_DELETING;
        }
        match self.routes[route].state {
            ROUTE_STATE_DELETED if self.oracle.takes(route_info::STATE_DELETED_STILL_CREATED) => 0,
            ROUTE_STATE_DELETED if self.oracle.takes(route_info::STATE_DELETED_VALUE_DELETING) => {
                ROUTE_STATE_DELETING
            }
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
        self.route_members(route, at, |_| Grounds::of(clauses), out);
    }

    /// Writes what `RtmGetRouteInfo` shows of a route and books the references that it carries.
    pub(in crate::model::calls) fn describe_route(
        &mut self,
        client: Index,
        route: Index,
        at: Place,
        out: &mut Observation,
    ) {
        let deleted = !self.routes[route].is_listed();
        let held = self.is_held_down(route);
        let answered = match deleted {
            true => event_callback::EXPIRED_NOT_SUPPORTED,
            false => event_callback::EXPIRED_OTHER_RETURN,
        };
        let answered = self.noted(Object::Route(route), &[answered], 1);
        let zero = add_route_to_dest::PREFERENCE_ZERO_INPUT;
        let assigned = !deleted && self.notes.has(Object::Route(route), zero);
        let grounds = |member| match member {
            Member::State if held => Grounds::of(&[hold::HELD_STATE, route_info::STATE]),
            Member::State => answered.and(&route_basis(member, deleted)),
            Member::Preference if assigned => {
                Grounds::of(&[add_route_to_dest::PREFERENCE_ZERO_INPUT, route_info::PREF_INFO])
            }
            _ => route_basis(member, deleted),
        };
        self.route_members(route, at, grounds, out);
        self.cite_route(route, at, out);
        self.cite_in_place(route, at, out);
        self.cite_deleted_next_hops(route, at, out);
        let (dest, owner) = (self.routes[route].dest, self.routes[route].owner);
        self.hand_dest(client, dest);
        self.hand_entity(client, owner);
        if at != Place::output(2) {
            let exact = release_route_info::ALSO_FOR_EXACT_MATCH;
            self.notes.add(Object::Dest(dest), exact);
        }
        if !self.oracle.takes(route_info::HANDLES_REFERENCED_NEXT_HOPS_BORROWED) {
            self.hand_next_hop(client, self.routes[route].neighbour);
            for at in 0..self.routes[route].next_hops.len() {
                self.hand_next_hop(client, self.routes[route].next_hops[at]);
            }
        }
    }

    /// Writes the members of an `RTM_NEXTHOP_INFO`.
    pub(in crate::model) fn next_hop_members(&self, hop: Index, at: Place, out: &mut Observation) {
        use hop_info as c;
        let n = &self.next_hops[hop];
        let object = Object::NextHop(hop);
        let family = self.entities[n.owner].info.family;
        let owner = self.entities.handle(n.owner);
        let remote = self.dests.handle(n.remote);
        let is_remote = NextHopFlags(u32::from(n.flags)).has(NextHopFlags::REMOTE);
        let address = Value::Address(n.address.address(family));
        let clauses = &[c::ADDRESS, add::MEMBERS_STORED, c::CALLER_MEMORY];
        out.add(at.member(Member::NextHopAddress), address, clauses);
        let owner = Value::Handle(HandleKind::Entity, owner);
        let clauses = &[c::OWNER, add::OWNER_IS_CALLER, c::HANDLES_REFERENCED];
        out.add(at.member(Member::NextHopOwner), owner, clauses);
        let grounds = Grounds::NONE
            .when(is_remote && n.interface != 0, add::REMOTE_INTERFACE_NONZERO)
            .when(is_remote && n.interface == 0, c::INTERFACE_INDEX_REMOTE)
            .when(is_remote && n.interface == 0, add::REMOTE_INTERFACE_ZERO)
            .and(&[c::INTERFACE_INDEX, add::MEMBERS_STORED]);
        out.number(at.member(Member::InterfaceIndex), n.interface, grounds);
        let refused = self.noted(object, &[delete::REFUSED_DELETE_KEEPS_NEXT_HOP], 1);
        let state = match n.state {
            0 => refused.and(&[add::STATE_CREATED, add::STATE_SET_BY_MANAGER, c::STATE]),
            _ => Grounds::of(&[c::STATE_DELETED, delete::STATE_DELETED, c::STATE]),
        };
        out.number(at.member(Member::State), n.state, state);
        // How the members came to be what they are.
        let stored = self.noted(
            object,
            &[lock::WRITABLE_MEMBERS, lock::NO_COMMIT_CALL, add::UPDATE_CHANGES_MEMBERS],
            2,
        );
        let updated = self.notes.has(object, add::UPDATE_CHANGES_MEMBERS);
        let stored =
            stored.when(updated, add::UPDATES_WHEN_FOUND).when(!updated, add::MEMBERS_STORED);
        let grounds = Grounds::NONE
            .when(n.flags & !3 != 0, add::FLAGS_OTHER_BITS)
            .and(&stored)
            .when(is_remote, add::FLAG_REMOTE)
            .and(&[c::FLAGS_REMOTE]);
        out.number(at.member(Member::Flags), n.flags, grounds);
        let private = at.member(Member::EntitySpecificInfo);
        let clauses = stored.and(&[c::ENTITY_SPECIFIC_INFO]).when(true, add::ENTITY_INFO_OPAQUE);
        out.number(private, n.entity_specific_info, clauses);
        let clauses: &[ClauseId] = match (is_remote, n.remote) {
            (false, _) => &[c::REMOTE_NEXT_HOP_LOCAL],
            (true, NONE) => &[add::REMOTE_NOT_RESOLVED_BY_MANAGER],
            (true, _) => &[c::REMOTE_NEXT_HOP, add::REMOTE_DEST_HANDLE],
        };
        let remote = Value::Handle(HandleKind::Dest, remote);
        out.add(at.member(Member::RemoteNextHop), remote, clauses);
    }
}

/// What decides a member of an `RTM_ROUTE_INFO`.
fn route_basis(member: Member, deleted: bool) -> Grounds {
    use crate::clause::{add_route_to_dest as add, delete_route_to_dest as delete};
    use route_info as c;
    let clauses: &[ClauseId] = match member {
        Member::State if deleted => &[c::STATE_DELETED_VALUE, c::STATE_DELETED, c::STATE],
        Member::DestHandle => &[c::DEST_HANDLE, c::HANDLES_REFERENCED],
        Member::RouteOwner => &[c::ROUTE_OWNER, add::OWNER_IS_CALLER, c::HANDLES_REFERENCED],
        _ if deleted => &[delete::REFERENCED_ROUTE_CONTENT, delete::REFERENCED_ROUTE_INFO],
        Member::State => &[c::STATE_LIVE, c::STATE],
        Member::Neighbour => &[add::MEMBERS_STORED, c::NEIGHBOUR],
        Member::Flags1 => &[add::FLAGS1_STORED, c::FLAGS1],
        Member::Flags => &[c::FLAGS_AS_OWNER_SET, add::FLAGS_STORED, c::FLAGS],
        Member::Metric => &[add::MEMBERS_STORED, c::PREF_INFO],
        Member::Preference => &[add::PREFERENCE_NONZERO_INPUT, c::PREF_INFO],
        Member::BelongsToViews => &[c::BELONGS_TO_VIEWS, add::VIEWS_MEMBERSHIP],
        Member::EntitySpecificInfo => &[add::ENTITY_INFO_OPAQUE, c::ENTITY_SPECIFIC_INFO],
        _ => &[add::MEMBERS_STORED, c::NEXT_HOPS_LIST, c::CALLER_MEMORY],
    };
    Grounds::of(clauses)
}
