//! From handle to information: the four calls that fill a structure.

pub mod members;

pub mod convert;

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, delete_next_hop, deregister_entity, get_dest_info as dest_info,
    get_entity_info as entity_info, get_next_hop_info as hop_info, get_route_info as route_info,
    reference_handles as references, register_entity as register, release_changed_dests,
    release_dest_info, release_entities, release_next_hop_info, release_next_hops,
    release_route_info, release_routes, view_set,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::objects::VIEWS;
use crate::vocabulary::call::{GetDestInfo, GetEntityInfo, GetNextHopInfo, GetRouteInfo};
use crate::vocabulary::constants::{BEST_PROTOCOL, THIS_PROTOCOL};
use crate::vocabulary::observation::{Basis, Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::EntityInfo;

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
    pub dest: Basis,
    pub address: Basis,
    pub last_changed: Basis,
    pub belongs_to_views: Basis,
    pub number_of_views: Basis,
    pub view_id: Basis,
    pub num_routes: Basis,
    pub route: Basis,
    pub owner: Basis,
    pub dest_flags: Basis,
    pub hold_route: Basis,
    /// `Route` and `Owner` with a protocol that is none of the best route's.
    pub other_protocol: Basis,
    /// A view without a route, or without one of the protocol.
    pub empty: Basis,
}

const DEST_INFO: DestClauses = DestClauses {
    dest: Basis::of(&[dest_info::DEST_HANDLE, dest_info::HANDLES_REFERENCED]),
    address: Basis::of(&[dest_info::DEST_ADDRESS]),
    last_changed: Basis::of(&[dest_info::LAST_CHANGED, dest_info::LAST_CHANGED_STABLE]),
    belongs_to_views: Basis::of(&[
        dest_info::BELONGS_TO_VIEWS_UNFILTERED,
        dest_info::BELONGS_TO_VIEWS,
    ]),
    number_of_views: Basis::of(&[
        dest_info::VIEW_SLOTS_COUNT,
        dest_info::NUMBER_OF_VIEWS,
        dest_info::NO_OVERRUN,
    ]),
    view_id: Basis::of(&[
        dest_info::VIEW_SLOTS_ASCENDING,
        dest_info::VIEW_ID,
        dest_info::TARGET_VIEWS,
        view_set::BIT_IS_VIEW_ID,
    ]),
    num_routes: Basis::of(&[dest_info::NUM_ROUTES]),
    route: Basis::of(&[dest_info::BEST_PROTOCOL]),
    owner: Basis::of(&[dest_info::OWNER]),
    dest_flags: Basis::of(&[dest_info::DEST_FLAGS]),
    hold_route: Basis::of(&[dest_info::HOLD_ROUTE_NULL, dest_info::HOLD_ROUTE]),
    other_protocol: Basis::of(&[dest_info::PROTOCOL_SPECIFIC, dest_info::PROTOCOL_NUMBER]),
    empty: Basis::of(&[dest_info::VIEW_WITHOUT_DESTINATION]),
};

/// Which description of a destination is asked for.
#[derive(Clone, Copy)]
pub(super) struct DestQuery {
    pub protocol: u32,
    /// Supported views only.
    pub views: u32,
}

/// What keeps an object that its holder asks about.
const KEPT: &[ClauseId] = &[
    release_changed_dests::KEPT_HANDLE_SURVIVES,
    release_dest_info::KEEP_ONE_HANDLE,
    release_route_info::KEEP_ONE_HANDLE,
    release_next_hop_info::KEEP_ONE_HANDLE,
    references::KEEP_ONE_OF_STRUCTURE,
    release_routes::ONE_REFERENCE_EACH,
    release_next_hops::ONE_REFERENCE_EACH,
    release_entities::ONE_REFERENCE_EACH,
    references::GENERAL_TWO_CLIENTS,
    references::GENERAL_TWO_RELEASES,
    references::KEEPS_OBJECT,
];

/// What keeps a next hop that was deleted.
const DELETED_HOP: &[ClauseId] = &[
    references::ADD_ROUTE_COUNTS_ITSELF,
    references::GENERAL_DELETE_KEEPS_OTHERS,
    delete_next_hop::OTHER_REFERENCES_REMAIN,
    delete_next_hop::BY_INFO_NO_HANDLE_RELEASED,
];

impl Model {
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
            other_table: &[c::TARGET_OF_OTHER_TABLE, c::CURRENT_TABLE_ONLY],
        };
        let target = match self.entity_argument(client, call.entity, &clauses) {
            Err(refusal)
                if refusal.basis.clauses().any(|clause| clause == c::TARGET_OF_OTHER_TABLE)
                    && self.oracle.takes(c::TARGET_OF_OTHER_TABLE_NOT_FOUND) =>
            {
                return refuse(Status::ERROR_NOT_FOUND, refusal.basis);
            }
            other => other?,
        };
        let gone = !self.entities[target].registered;
        if gone && self.oracle.takes(c::DEREGISTERED_TARGET_REFUSED) {
            return refuse(Status::ERROR_INVALID_HANDLE, &[c::DEREGISTERED_TARGET]);
        }
        let object = Object::Entity(target);
        let own = target == client;
        let grounds = Grounds::NONE
            .when(gone, c::DEREGISTERED_TARGET)
            .when(gone, deregister_entity::HELD_ENTITY_HANDLES)
            .when(own && self.left_elsewhere(client), deregister_entity::OTHER_REGISTRATIONS_KEPT)
            .needs(own, c::OWN_HANDLE)
            .also(&self.noted(object, &[release_entities::NOT_A_DEREGISTRATION], 1))
            .also(&self.noted(object, KEPT, 1))
            .and(&[c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        if self.held(client, object) != 0 {
            self.notes.add(object, c::ENTITY_HANDLE_KEPT);
        }
        let mut info = self.entities[target].info;
        if self.oracle.takes(c::VALUES_AS_REGISTERED_CALLERS_OWN) {
            info = self.entities[client].info;
        }
        let mut seen = Observation::default();
        entity_members(&info, Place::output(2), &[], &mut seen);
        for field in seen.fields {
            let bound = matches!(field.place.member, Member::RtmInstanceId | Member::AddressFamily);
            let grounds = Grounds::of(&[c::VALUES_AS_REGISTERED, register::ENTITY_INFO_ROUND_TRIP])
                .when(bound, register::BINDS_INSTANCE_AND_FAMILY)
                .when(!bound, register::ENTITY_ID_NOT_INTERPRETED)
                .and(&[c::CALLER_MEMORY]);
            out.add(field.place, field.value, grounds);
        }
        Ok(())
    }

    /// Whether a client with the same identity has left another table.
    fn left_elsewhere(&self, client: Index) -> bool {
        let e = &self.entities[client];
        let ids = (e.info.protocol, e.info.protocol_instance);
        let mut others = (0..self.tables.len()).filter(|table| *table != e.table);
        others.any(|table| self.notes.has_left(table, ids.0, ids.1))
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
        let held = self.is_held_only(dest);
        let gone = self.dests[dest].routes.is_empty();
        let odd = call.target_views != u32::MAX && call.target_views & !supported != 0;
        if odd && self.oracle.takes(c::VIEWS_UNSUPPORTED_REFUSED) {
            return refuse(Status::ERROR_NOT_SUPPORTED, &[c::VIEWS_UNSUPPORTED]);
        }
        let object = Object::Dest(dest);
        let protocol = call.protocol;
        let missing = protocol != BEST_PROTOCOL
            && (0..VIEWS)
                .filter(|view| views & 1 << view != 0)
                .all(|view| self.route_shown(client, dest, view, protocol) == NONE);
        let owns = |route: &Index| self.routes[*route].owner == client;
        let foreign = !gone && !self.dests[dest].routes.iter().any(owns);
        let grounds = Grounds::NONE
            .when(odd, c::VIEWS_UNSUPPORTED)
            .needs(held, crate::clause::hold_destination::HELD_DEST_INFO_BY_HANDLE)
            .needs(gone && !held, c::DESTINATION_WITHOUT_ROUTES)
            .needs(gone && !held, references::GENERAL_DEST_LIFETIME)
            .when(missing, c::PROTOCOL_NOT_A_FILTER)
            .also(&self.noted(object, KEPT, 2))
            .also(&self.noted(object, &[c::DEST_HANDLE_IN_KEPT], 1))
            .needs(foreign, c::ANY_CLIENT)
            .and(&[c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        let number_of_views = match call.target_views {
            0 => Basis::of(&[c::VIEWS_ANY_ZERO_SLOTS, c::VIEWS_ANY, view_set::ANY_AND_NONE]),
            u32::MAX => Basis::of(&[c::VIEWS_ALL, c::VIEWS_ALL_BOUNDED]),
            _ => DEST_INFO.number_of_views,
        };
        let mut sets = self.dests[dest].routes.iter().map(|r| self.routes[*r].views);
        let first = sets.next().unwrap_or(0);
        let plain = sets.all(|set| set == first) && (views == 0 || first & !views == 0);
        let belongs_to_views = match (gone, plain) {
            (true, _) => Basis::of(&[c::DESTINATION_WITHOUT_ROUTES_CONTENT]),
            (false, true) => Basis::of(&[c::BELONGS_TO_VIEWS]),
            (false, false) => DEST_INFO.belongs_to_views,
        };
        let other_protocol = match protocol {
            _ if missing => Basis::of(&[c::NO_ROUTE_OF_PROTOCOL]),
            THIS_PROTOCOL => {
                Basis::of(&[c::THIS_PROTOCOL, c::PROTOCOL_SPECIFIC, c::PROTOCOL_NUMBER])
            }
            _ => DEST_INFO.other_protocol,
        };
        let empty = match gone {
            true => Basis::of(&[c::DESTINATION_WITHOUT_ROUTES_CONTENT]),
            false => DEST_INFO.empty,
        };
        let clauses =
            DestClauses { number_of_views, belongs_to_views, other_protocol, empty, ..DEST_INFO };
        let query = DestQuery { protocol, views };
        self.describe_dest(client, dest, query, Place::output(4), &clauses, out);
        self.cite_hold_change(dest, out);
        self.notes.add(object, c::DEST_HANDLE_IN_KEPT);
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
        if neither && self.oracle.takes(c::BOTH_NULL_REFUSED) {
            return refuse(WRONG, &[c::BOTH_NULL]);
        }
        let object = Object::Route(route);
        let deleted = !self.routes[route].is_listed();
        let kept = self.notes.has(Object::Entity(client), release_route_info::NOT_THE_ROUTE_HANDLE)
            && self.notes.has(object, c::ROUTE_HANDLE_KEPT);
        let others = deleted && self.routes[route].owner != client;
        let grounds = Grounds::NONE
            .when(neither, c::BOTH_NULL)
            .needs(others, references::GENERAL_DELETE_KEEPS_OTHERS)
            .needs(deleted, c::STATE_DELETED)
            .when(!call.route_info && !neither, c::ROUTE_INFO_OPTIONAL)
            .when(!call.route_info && !neither, c::ADDRESS_ONLY_NO_RELEASE)
            .when(!call.dest_address && !neither, c::DEST_ADDRESS_OPTIONAL)
            .also(&self.noted(object, KEPT, 2))
            .when(kept, release_route_info::NOT_THE_ROUTE_HANDLE)
            .needs(self.routes[route].owner != client, c::ANY_CLIENT)
            .and(&[c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        if call.route_info {
            self.notes.add(object, c::ROUTE_HANDLE_KEPT);
        }
        self.cite_fetched(client, call.route, out);
        if call.route_info {
            self.describe_route(client, route, Place::output(2), out);
        }
        if call.dest_address {
            let prefix = self.dests[self.routes[route].dest].prefix;
            let address = Value::Address(prefix.address(self.family(client)));
            let clauses = &[c::DEST_ADDRESS, c::CALLER_MEMORY];
            out.add(Place::output(3), address, clauses);
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
        let foreign = self.next_hops[hop].owner != client;
        if foreign && self.oracle.takes(c::ANY_CLIENT_OWNER_ONLY) {
            return refuse(Status::ERROR_ACCESS_DENIED, &[c::ANY_CLIENT]);
        }
        let object = Object::NextHop(hop);
        let deleted = self.next_hops[hop].state != 0;
        let hops = Object::Entity(client);
        let kept = self.notes.has(hops, release_next_hop_info::NOT_THE_NEXT_HOP_HANDLE)
            && self.notes.has(object, c::HANDLE_KEPT);
        let grounds = Grounds::NONE
            .also(&self.noted(object, if deleted { DELETED_HOP } else { &[] }, 2))
            .needs(deleted, c::STATE_DELETED)
            .also(&self.noted(object, KEPT, 2))
            .when(kept, release_next_hop_info::NOT_THE_NEXT_HOP_HANDLE)
            .needs(foreign, c::ANY_CLIENT)
            .and(&[c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        self.notes.add(object, c::HANDLE_KEPT);
        self.next_hop_members(hop, Place::output(2), out);
        self.cite_fetched(client, call.next_hop, out);
        let (owner, remote) = (self.next_hops[hop].owner, self.next_hops[hop].remote);
        if !self.oracle.takes(c::HANDLES_REFERENCED_OWNER_BORROWED) {
            self.hand_entity(client, owner);
        }
        self.hand_dest(client, remote);
        Ok(())
    }
}
