//! Fetching: the next items behind the cursor, in the order of the interface.

use super::reasons::Item;
use crate::clause::{
    ClauseId, get_enum_dests as dests, get_enum_next_hops as hops, get_enum_routes as routes,
};
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::objects::{EnumKind, Extent};
use crate::model::state::prefix::Prefix;
use crate::readings::Reading;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::NetAddress;

pub(super) const COUNT: Place = Place::output(2);
pub(super) const ITEMS: Place = Place::output(3);
const WRONG: Status = Status::ERROR_INVALID_PARAMETER;

/// Which clauses and readings decide about one fetching function.
pub(super) struct FetchClauses {
    pub success: ClauseId,
    pub more: ClauseId,
    pub end: ClauseId,
    pub not_silent: ClauseId,
    pub count_out: ClauseId,
    pub short: ClauseId,
    pub exact: ClauseId,
    pub after_end: ClauseId,
    pub zero: ClauseId,
    pub zero_refused: Reading,
    pub overlong: ClauseId,
    pub overlong_basis: &'static [ClauseId],
    pub overlong_count: ClauseId,
    pub overlong_no_effect: ClauseId,
    pub null: ClauseId,
    pub bad_enum: ClauseId,
    pub wrong_kind: ClauseId,
    pub dead: ClauseId,
    pub dead_parameter: Reading,
    pub other_client: ClauseId,
    pub tail: ClauseId,
    pub end_after_short: Reading,
    pub end_with_last: Reading,
    pub one_at_a_time: Reading,
    pub half: Reading,
    pub not_sticky: Reading,
    pub keeps_overlong_count: Reading,
    pub writes_tail: Reading,
    // Faults.
    pub repeats_last: Reading,
    pub never_ends: Reading,
    pub no_reference: Reading,
    pub accepts_overlong: Reading,
}

macro_rules! fetch_clauses {
    ($module:ident, $($limit:ident),*) => {
        FetchClauses {
            success: $module::SUCCESS,
            more: $module::NEXT_SET,
            end: $module::NO_MORE_ITEMS,
            not_silent: $module::END_NOT_SILENT,
            count_out: $module::COUNT_OUT,
            short: $module::SHORT_BATCH_STATUS,
            exact: $module::EXACT_FIT_STATUS,
            after_end: $module::AFTER_END,
            zero: $module::ZERO_COUNT,
            zero_refused: $module::ZERO_COUNT_REFUSED,
            overlong: $module::ERR_INVALID_PARAMETER,
            overlong_basis: &[$module::ERR_INVALID_PARAMETER $(, $module::$limit)*],
            overlong_count: $module::OVERLONG_COUNT_OUT,
            overlong_no_effect: $module::OVERLONG_NO_EFFECT,
            null: $module::NULL_POINTERS,
            bad_enum: $module::BAD_ENUM_HANDLE,
            wrong_kind: $module::WRONG_KIND_HANDLE,
            dead: $module::USE_AFTER_DELETE,
            dead_parameter: $module::USE_AFTER_DELETE_INVALID_PARAMETER,
            other_client: $module::OTHER_ENTITY_HANDLE,
            tail: $module::TAIL_UNTOUCHED,
            end_after_short: $module::SHORT_BATCH_STATUS_END_APART,
            end_with_last: $module::EXACT_FIT_STATUS_END_WITH_LAST_SET,
            one_at_a_time: $module::FULL_SETS_ONE_AT_A_TIME,
            half: $module::FULL_SETS_HALF,
            not_sticky: $module::END_STICKY_LATER_ITEMS,
            keeps_overlong_count: $module::OVERLONG_COUNT_OUT_KEPT,
            writes_tail: $module::TAIL_UNTOUCHED_ZEROED,
            repeats_last: $module::NEXT_SET_REPEATS_LAST,
            never_ends: $module::END_NOT_SILENT_NO_ERROR,
            no_reference: $module::ITEMS_REFERENCED_BORROWED,
            accepts_overlong: $module::ERR_INVALID_PARAMETER_ACCEPTED,
        }
    };
}

pub(super) static DESTS: FetchClauses = fetch_clauses!(dests, LIMIT_FIELD, LIMIT_CONFIGURABLE);
pub(super) static ROUTES: FetchClauses = fetch_clauses!(routes, LIMIT_FIELD);
pub(super) static NEXT_HOPS: FetchClauses = fetch_clauses!(hops,);

/// A request that has passed its checks.
pub(super) struct Request {
    pub client: Index,
    pub enumeration: Index,
    pub wanted: usize,
}

/// What a fetch is told of the implementation that it is compared with: how many items that one
/// gave, and which, as far as they are known. The documentation leaves both open.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Advice {
    /// Items given.
    pub count: Option<usize>,
    /// The items, NULL where unknown.
    pub items: Vec<Handle>,
    /// Addresses of the destinations given, for a fetch of changed ones.
    pub addresses: Vec<NetAddress>,
}

impl Model {
    /// The checks that the three functions share. An over-large request is answered here.
    pub(super) fn check_fetch(
        &mut self,
        registration: (Handle, ClauseId),
        handle: Handle,
        count: Option<u32>,
        buffer: bool,
        clauses: &'static FetchClauses,
        kind: fn(&EnumKind) -> bool,
    ) -> Result<Request, Refusal> {
        let bad_registration: &'static [ClauseId] = match registration.1 {
            c if c == dests::BAD_REG_HANDLE => &[dests::BAD_REG_HANDLE],
            c if c == routes::BAD_REG_HANDLE => &[routes::BAD_REG_HANDLE],
            _ => &[hops::BAD_REG_HANDLE],
        };
        let client = self.registration(registration.0, bad_registration)?;
        let wanted = match count {
            Some(wanted) if buffer || wanted == 0 => wanted,
            _ => return refuse(WRONG, &[clauses.null]),
        };
        let enumeration = self.fetch_handle(client, handle, clauses)?;
        if !kind(&self.enums[enumeration].kind) {
            return refuse(Status::ERROR_INVALID_HANDLE, &[clauses.wrong_kind]);
        }
        if wanted == 0 && self.oracle.takes(clauses.zero_refused) {
            return refuse(WRONG, &[clauses.zero]);
        }
        let most = self.config.max_handles_in_enum;
        if most < wanted && !self.oracle.takes(clauses.accepts_overlong) {
            self.notes.note(Topic::Fate(handle), clauses.overlong_no_effect);
            return refuse(WRONG, clauses.overlong_basis);
        }
        Ok(Request { client, enumeration, wanted: wanted as usize })
    }

    pub(super) fn fetch_handle(
        &self,
        client: Index,
        handle: Handle,
        clauses: &FetchClauses,
    ) -> Result<Index, Refusal> {
        let is_enum = handle.0 >> 60 == HandleKind::Enum as u64 + 1;
        match self.enums.find(handle) {
            Some(index) if self.enums[index].owner == client => Ok(index),
            Some(_) => refuse(Status::ERROR_INVALID_HANDLE, &[clauses.other_client]),
            None if is_enum => {
                let status = match self.oracle.takes(clauses.dead_parameter) {
                    true => WRONG,
                    false => Status::ERROR_INVALID_HANDLE,
                };
                refuse(status, &[clauses.dead, crate::clause::delete_enum_handle::HANDLE_DEAD])
            }
            None if self.object(handle).is_some() || self.is_open(handle) => {
                refuse(Status::ERROR_INVALID_HANDLE, &[clauses.wrong_kind])
            }
            None => refuse(Status::ERROR_INVALID_HANDLE, &[clauses.bad_enum]),
        }
    }

    /// Items that one call gives when `available` are left.
    pub(super) fn batch(&self, wanted: usize, available: usize, c: &FetchClauses) -> usize {
        let most = wanted.min(available);
        if let Some(count) = self.advice.count
            && (1..=most).contains(&count)
        {
            return count;
        }
        if self.oracle.takes(c.one_at_a_time) {
            most.min(1)
        } else if self.oracle.takes(c.half) {
            most.div_ceil(2)
        } else {
            most
        }
    }

    /// The status and count of a fetch, and the end if it is reported.
    pub(super) fn conclude(
        &mut self,
        request: &Request,
        given: usize,
        available: usize,
        c: &FetchClauses,
        items: &[Item],
        out: &mut Observation,
    ) {
        let Request { enumeration, wanted, .. } = *request;
        let was_ended = self.enums[enumeration].ended;
        let left = available - given;
        let (ends, basis): (bool, &[ClauseId]) = match (wanted, given) {
            (0, _) => (was_ended, &[c.zero]),
            (_, 0) if was_ended => (true, &[c.after_end, c.not_silent]),
            (_, 0) => (true, &[c.not_silent, c.end]),
            _ if left != 0 => (false, &[c.success, c.more]),
            (wanted, given) if given < wanted => {
                (!self.oracle.takes(c.end_after_short), &[c.short, c.success])
            }
            _ => (self.oracle.takes(c.end_with_last), &[c.exact, c.success]),
        };
        let silent_end = ends && given == 0 && self.oracle.takes(c.never_ends);
        let status = match ends && !silent_end {
            true => Status::ERROR_NO_MORE_ITEMS,
            false => Status::NO_ERROR,
        };
        out.fields[0].value = Value::Number(u64::from(status.0));
        out.fields[0].basis = crate::vocabulary::observation::Basis::of(basis);
        out.fields[1].value = Value::Number(given as u64);
        out.fields[1].basis = crate::vocabulary::observation::Basis::of(&[c.count_out]);
        self.cite_fetch(request, items, out);
        self.enums[enumeration].delivered += given as u32;
        if ends && wanted != 0 {
            self.enums[enumeration].ended = !self.oracle.takes(c.not_sticky);
        }
        let tail = match self.oracle.takes(c.writes_tail) && given < wanted {
            true => Value::Written,
            false => Value::Unwritten,
        };
        out.add(ITEMS.member(Member::Tail), tail, &[c.tail]);
    }

    /// Reserves the first two fields; [`Model::conclude`] fills them in.
    pub(super) fn begin_fetch(out: &mut Observation) {
        out.number(Place::STATUS, 0_u32, &[]);
        out.number(COUNT, 0_u32, &[]);
    }

    /// Where a refusal leaves the count at zero.
    pub(super) fn overlong(
        &self,
        refusal: Refusal,
        wanted: Option<u32>,
        c: &FetchClauses,
        out: &mut Observation,
    ) -> Reply {
        let is_overlong = refusal.basis.clauses().any(|clause| clause == c.overlong);
        if !is_overlong {
            return Err(refusal.into());
        }
        out.status(refusal.status, c.overlong_basis);
        if wanted.is_some_and(|wanted| wanted <= self.config.max_next_hops_in_route)
            && c.overlong == hops::ERR_INVALID_PARAMETER
        {
            out.cite(Place::STATUS, hops::LIMIT_FIELD);
        }
        if self.oracle.takes(c.keeps_overlong_count) {
            return Err(refusal.into());
        }
        out.number(COUNT, 0_u32, &[c.overlong_count]);
        out.add(ITEMS.member(Member::Tail), Value::Unwritten, &[c.tail]);
        Ok(())
    }

    /// Moves the cursor behind an item, the last one of a set or another.
    pub(super) fn advance_cursor(
        &mut self,
        enumeration: Index,
        to: (Prefix, u32),
        last: bool,
        c: &FetchClauses,
    ) {
        if !(last && self.oracle.takes(c.repeats_last)) {
            self.enums[enumeration].cursor = Some(to);
        }
    }

    /// Positions that an open enumeration may not go beyond, where a reading asks for a copy.
    pub(super) fn copy_for(
        &self,
        owner: Index,
        kind: &EnumKind,
        extent: Extent,
    ) -> Option<Vec<(Prefix, u32)>> {
        let table = &self.tables[self.entities[owner].table];
        match kind {
            EnumKind::Dests { .. } if self.oracle.takes(dests::INSERT_AHEAD_COPY) => {
                let inside = table.dests.keys().filter(|prefix| extent.contains(**prefix));
                Some(inside.map(|prefix| (*prefix, 0)).collect())
            }
            EnumKind::Routes { .. } if self.oracle.takes(routes::INSERT_AHEAD_COPY) => {
                let inside = table.dests.keys().filter(|prefix| extent.contains(**prefix));
                Some(inside.map(|prefix| (*prefix, 0)).collect())
            }
            EnumKind::NextHops if self.oracle.takes(hops::INSERT_AHEAD_COPY) => {
                Some(self.entities[owner].next_hops.keys().copied().collect())
            }
            _ => None,
        }
    }
}
