//! Enumerations: created, and ended. Fetching stands in [`fetch`].
//!
//! An enumeration reads the live table. Its cursor is a position in the order, not an object.

pub mod fetch;

mod dests;

mod routes;

mod held;

mod next_hops;

mod reasons;

mod filters;

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, create_dest_enum as dest_enum, create_next_hop_enum as hop_enum,
    create_route_enum as route_enum, delete_enum_handle as delete,
};
use crate::model::Model;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::objects::{Criteria, EnumKind, Enumeration, Extent};
use crate::readings::Reading;
use crate::vocabulary::call::{
    CreateDestEnum, CreateNextHopEnum, CreateRouteEnum, DeleteEnumHandle,
};
use crate::vocabulary::constants::{EnumFlags, MatchFlags};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::NetAddress;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;

/// What an enumeration is opened with.
struct Opening {
    kind: EnumKind,
    extent: Extent,
    flags: EnumFlags,
}

/// Which clauses decide about the extent of an enumeration.
struct ExtentClauses {
    invalid: ClauseId,
    unknown_bits: ClauseId,
    both: ClauseId,
    no_address: ClauseId,
    other_family: ClauseId,
    too_long: ClauseId,
    /// The fault of a range that has no end.
    to_the_end: Reading,
}

impl Model {
    fn extent(
        &self,
        client: Index,
        flags: EnumFlags,
        known: EnumFlags,
        address: Option<&NetAddress>,
        clauses: &ExtentClauses,
    ) -> Result<Extent, Refusal> {
        let range_bits = EnumFlags::NEXT.0 | EnumFlags::RANGE.0;
        if flags.0 & !(range_bits | known.0) != 0 {
            return refuse(WRONG, &[clauses.unknown_bits, clauses.invalid]);
        }
        let (next, range) = (flags.has(EnumFlags::NEXT), flags.has(EnumFlags::RANGE));
        if next && range {
            return refuse(WRONG, &[clauses.both, clauses.invalid]);
        }
        if !next && !range {
            return Ok(Extent::All);
        }
        let Some(address) = address else {
            return refuse(WRONG, &[clauses.no_address, clauses.invalid]);
        };
        let prefix = self.prefix(client, address, clauses.other_family, clauses.too_long)?;
        if next {
            return Ok(Extent::From(prefix));
        }
        match self.oracle.takes(clauses.to_the_end) {
            true => Ok(Extent::From(prefix)),
            false => Ok(Extent::Below(prefix)),
        }
    }

    /// Refuses a mask that names a view which the table does not have.
    fn check_views(&self, views: u32, named: ClauseId, all: ClauseId) -> Reply {
        if views & !self.config.views_supported == 0 {
            return Ok(());
        }
        if views == u32::MAX {
            return match self.oracle.takes(dest_enum::VIEWS_ALL_MASK_ACCEPTED) {
                true => Ok(()),
                false => refuse(Status::ERROR_NOT_SUPPORTED, &[all]),
            };
        }
        match self.oracle.takes(dest_enum::ERR_NOT_SUPPORTED_ACCEPTED) {
            true => Ok(()),
            false => refuse(Status::ERROR_NOT_SUPPORTED, &[named]),
        }
    }

    fn open(
        &mut self,
        owner: Index,
        opening: Opening,
        slot: u8,
        clauses: &[ClauseId],
        out: &mut Observation,
    ) {
        let Opening { kind, extent, flags } = opening;
        if let EnumKind::Routes { dest, criteria, .. } = &kind {
            self.hold_named(*dest, criteria);
        }
        let copy = self.copy_for(owner, &kind, extent);
        let told = kind.clone();
        let others = self.enums.iter().any(|(_, e)| e.owner == owner);
        let index = self.enums.insert(Enumeration {
            owner,
            kind,
            extent,
            cursor: None,
            ended: false,
            delivered: 0,
            copy,
        });
        out.status(Status::NO_ERROR, clauses);
        let handle = Value::Handle(HandleKind::Enum, self.enums.handle(index));
        out.add(Place::output(slot), handle, clauses);
        Self::cite_created(&told, extent, flags, slot, others, out);
    }

    /// What an enumeration names stays alive with it.
    fn hold_named(&mut self, dest: Option<Index>, criteria: &Criteria) {
        if let Some(dest) = dest {
            self.dests[dest].ledger.structural += 1;
        }
        if let Some(owner) = criteria.owner
            && owner != NONE
        {
            self.entities[owner].ledger.structural += 1;
        }
        for hop in named_hops(criteria) {
            self.next_hops[hop].ledger.structural += 1;
        }
    }

    pub(super) fn create_dest_enum(
        &mut self,
        call: &CreateDestEnum,
        out: &mut Observation,
    ) -> Reply {
        use dest_enum as c;
        let client = self.registration(call.registration, &[c::BAD_REG_HANDLE])?;
        if !call.enumeration {
            return refuse(WRONG, &[c::NULL_OUT_POINTER]);
        }
        let flags = EnumFlags(call.enum_flags);
        if flags.has(EnumFlags::OWN_ROUTES) {
            return refuse(WRONG, &[c::OWN_ROUTES_FLAG]);
        }
        let clauses = ExtentClauses {
            invalid: c::ERR_INVALID_PARAMETER,
            unknown_bits: c::UNKNOWN_FLAG_BITS,
            both: c::NEXT_AND_RANGE_TOGETHER,
            no_address: c::NEXT_RANGE_NULL_ADDRESS,
            other_family: c::ADDRESS_FAMILY_MISMATCH,
            too_long: c::LENGTH_TOO_LONG,
            to_the_end: c::FLAG_RANGE_TO_THE_END,
        };
        let address = call.net_address.as_ref();
        let extent = self.extent(client, flags, EnumFlags::OWN_DESTS, address, &clauses)?;
        self.check_views(call.target_views, c::ERR_NOT_SUPPORTED, c::VIEWS_ALL_MASK)?;
        let kind = EnumKind::Dests {
            views: call.target_views,
            protocol: call.protocol,
            own: flags.has(EnumFlags::OWN_DESTS),
        };
        let opening = Opening { kind, extent, flags };
        self.open(client, opening, 5, &[c::SUCCESS], out);
        Ok(())
    }

    pub(super) fn create_route_enum(
        &mut self,
        call: &CreateRouteEnum,
        out: &mut Observation,
    ) -> Reply {
        use route_enum as c;
        let client = self.registration(call.registration, &[c::BAD_REG_HANDLE])?;
        if !call.enumeration {
            return refuse(WRONG, &[c::NULL_OUT_POINTER]);
        }
        let flags = EnumFlags(call.enum_flags);
        if flags.has(EnumFlags::OWN_DESTS) {
            return refuse(WRONG, &[c::OWN_DESTS_FLAG]);
        }
        let matching = MatchFlags(call.matching_flags);
        if matching.unknown() != 0 {
            return refuse(WRONG, &[c::MATCH_UNKNOWN_BITS]);
        }
        let needs_route = matching.0 & 0x0F != 0;
        if needs_route && call.criteria_route.is_none() {
            return refuse(WRONG, &[c::CRITERIA_NULL_OTHERWISE]);
        }
        let clauses = ExtentClauses {
            invalid: c::ERR_INVALID_PARAMETER,
            unknown_bits: c::UNKNOWN_FLAG_BITS,
            both: c::NEXT_AND_RANGE_TOGETHER,
            no_address: c::NEXT_RANGE_NULL_ADDRESS,
            other_family: c::ADDRESS_FAMILY_MISMATCH,
            too_long: c::LENGTH_TOO_LONG,
            to_the_end: c::FLAG_RANGE_TO_THE_END,
        };
        // A destination that is given goes before the range, which is then not looked at.
        let range = if call.dest.is_null() { flags } else { EnumFlags(flags.0 & !3) };
        let address = call.start_dest.as_ref();
        let extent = self.extent(client, range, EnumFlags::OWN_ROUTES, address, &clauses)?;
        let dest = match call.dest {
            Handle::NULL => None,
            handle => {
                let clauses = HandleClauses {
                    other_table: &[c::DEST_OF_OTHER_TABLE],
                    ..HandleClauses::all(&[c::DEST_INVALID])
                };
                Some(self.dest_argument(client, handle, &clauses)?)
            }
        };
        self.check_views(call.target_views, c::ERR_NOT_SUPPORTED, c::VIEWS_ALL_MASK)?;
        let criteria =
            self.criteria(matching, call.criteria_route.as_ref(), call.criteria_interface);
        let own =
            flags.has(EnumFlags::OWN_ROUTES) && !self.oracle.takes(c::FLAG_OWN_ROUTES_IGNORED);
        let kind = EnumKind::Routes {
            dest,
            views: call.target_views,
            own,
            criteria,
            captured: Vec::new(),
        };
        let opening = Opening { kind, extent, flags };
        self.open(client, opening, 8, &[c::SUCCESS], out);
        cite_route_enum(call, out);
        Ok(())
    }

    pub(super) fn create_next_hop_enum(
        &mut self,
        call: &CreateNextHopEnum,
        out: &mut Observation,
    ) -> Reply {
        use hop_enum as c;
        let client = self.registration(call.registration, &[c::BAD_REG_HANDLE])?;
        if !call.enumeration {
            return refuse(WRONG, &[c::NULL_OUT_POINTER]);
        }
        let flags = EnumFlags(call.enum_flags);
        let own = EnumFlags::OWN_DESTS.0 | EnumFlags::OWN_ROUTES.0;
        if flags.0 & own != 0 {
            return refuse(WRONG, &[c::OWNERSHIP_FLAGS_PASSED]);
        }
        let clauses = ExtentClauses {
            invalid: c::ERR_INVALID_PARAMETER,
            unknown_bits: c::UNKNOWN_FLAG_BITS,
            both: c::NEXT_AND_RANGE_TOGETHER,
            no_address: c::NEXT_RANGE_NULL_ADDRESS,
            other_family: c::ADDRESS_FAMILY_MISMATCH,
            too_long: c::LENGTH_TOO_LONG,
            to_the_end: c::FLAG_RANGE_TO_THE_END,
        };
        let address = call.net_address.as_ref();
        let extent = self.extent(client, flags, EnumFlags(0), address, &clauses)?;
        let opening = Opening { kind: EnumKind::NextHops, extent, flags };
        self.open(client, opening, 3, &[c::SUCCESS], out);
        Ok(())
    }

    pub(super) fn delete_enum_handle(
        &mut self,
        call: &DeleteEnumHandle,
        out: &mut Observation,
    ) -> Reply {
        use delete as c;
        const INVALID: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::ERR_INVALID_HANDLE],
            wrong_kind: &[c::NOT_AN_ENUMERATION],
            dead: &[c::DOUBLE_DELETE],
            other_table: &[c::OTHER_ENTITY_HANDLE],
        };
        let other_client = &[c::OTHER_ENTITY_HANDLE];
        let index = self.enum_argument(client, call.enumeration, &clauses, other_client)?;
        let e = &self.enums[index];
        let early = !e.ended;
        let closing = reasons::closing(&e.kind);
        let listless = matches!(&e.kind, EnumKind::List(walk) if walk.list == NONE);
        out.status(Status::NO_ERROR, &[c::SUCCESS, c::ALL_KINDS]);
        match early {
            true => {
                out.cite(Place::STATUS, closing.handle_is_handle);
                out.cite(Place::STATUS, c::BEFORE_END);
            }
            false => {
                out.cite(Place::STATUS, closing.handle_used_by);
                out.cite(Place::STATUS, closing.released_by_delete);
            }
        }
        if listless {
            out.cite(Place::STATUS, crate::clause::delete_route_list::OPEN_ENUMERATION);
            out.cite(Place::STATUS, c::LIST_DELETED_FIRST);
        }
        if !self.oracle.takes(c::HANDLE_DEAD_STAYS_ALIVE) {
            self.close_enumeration(index);
        }
        Ok(())
    }

    /// Ends an enumeration and lets go of what it kept alive.
    pub(in crate::model) fn close_enumeration(&mut self, index: Index) {
        let reuse = self.oracle.takes(crate::clause::register_entity::HANDLE_VALUE_REUSE_REUSED);
        let enumeration = self.enums.remove(index, reuse);
        if let EnumKind::List(walk) = enumeration.kind {
            walk.kept.into_values().for_each(|route| self.unref_route(route));
        } else if let EnumKind::Routes { dest, criteria, captured, .. } = enumeration.kind {
            captured.into_iter().for_each(|route| self.unref_route(route));
            for hop in named_hops(&criteria) {
                self.unref_next_hop(hop);
            }
            if let Some(owner) = criteria.owner
                && owner != NONE
            {
                self.unref_entity(owner);
            }
            if let Some(dest) = dest {
                self.unref_dest(dest);
            }
        }
    }
}

/// What decides the creation of a route enumeration besides the general rules.
fn cite_route_enum(call: &CreateRouteEnum, out: &mut Observation) {
    use route_enum as c;
    let flags = EnumFlags(call.enum_flags);
    let start = !flags.has(EnumFlags::NEXT) && !flags.has(EnumFlags::RANGE);
    let (status, handle) = (Place::STATUS, Place::output(8));
    let interface = MatchFlags(call.matching_flags).has(MatchFlags::INTERFACE);
    if start && call.start_dest.is_some() {
        out.cite(status, c::STARTDEST_IGNORED_WITH_START);
    }
    if !start && call.dest.is_null() {
        out.cite(status, c::STARTDEST_MEANING);
        out.cite(handle, c::STARTDEST_NAME);
    }
    if start && !call.dest.is_null() {
        out.cite(handle, c::DEST_WITH_START_ACCEPTED);
    }
    if call.criteria_route.is_none() {
        out.cite(status, c::CRITERIA_NULL_ALLOWED);
    } else if call.matching_flags != 0 {
        out.cite(handle, c::MATCH_MEMBERS);
    }
    if !interface && call.criteria_interface != 0 {
        out.cite(status, c::CRITERIA_INTERFACE_IGNORED);
    }
    if interface {
        out.cite(handle, c::CRITERIA_INTERFACE_BY_VALUE);
    }
    let published = call.dest.is_null() && call.start_dest.is_none() && call.target_views == 3;
    if published && call.enum_flags == EnumFlags::OWN_ROUTES.0 && call.matching_flags == 0 {
        out.cite(handle, c::PUBLISHED_CALL);
    }
}

/// Next hops that criteria name.
fn named_hops(criteria: &Criteria) -> Vec<Index> {
    let neighbour = criteria.neighbour.and_then(Result::ok);
    let neighbour = neighbour.filter(|hop| *hop != NONE);
    let listed = criteria.next_hops.as_ref().and_then(|hops| hops.as_ref().ok());
    neighbour.into_iter().chain(listed.into_iter().flatten().copied()).collect()
}
