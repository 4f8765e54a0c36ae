//! Fetching changed destinations.

use super::{WRONG, tables};
use crate::clause::{
    ClauseId, deregister_from_change_notification as deregister, get_changed_dests as c,
    get_dest_info, is_marked_for_change_notification as marked,
    register_for_change_notification as register,
};
use crate::model::Model;
use crate::model::calls::info::{DestClauses, DestQuery};
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::notification::{Waiting, Why};
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::GetChangedDests;
use crate::vocabulary::constants::{BEST_PROTOCOL, THIS_PROTOCOL};
use crate::vocabulary::observation::{Basis, Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

pub(super) const COUNT: Place = Place::output(2);
pub(super) const ITEMS: Place = Place::output(3);

/// The members of a destination that is as it was at the last change that was reported.
const AS_CHANGED: DestClauses = clauses(
    Basis::of(&[c::STRUCTURE_MEMBERS]),
    Basis::of(&[c::BEST_PROTOCOL, c::STRUCTURE_MEMBERS]),
);

/// The members of one that has changed since.
const MOVED_ON: DestClauses = clauses(
    Basis::of(&[c::CURRENT_STATE, c::STRUCTURE_MEMBERS]),
    Basis::of(&[c::CURRENT_STATE, c::BEST_PROTOCOL, c::STRUCTURE_MEMBERS]),
);

const fn clauses(members: Basis, best: Basis) -> DestClauses {
    DestClauses {
        dest: Basis::of(&[c::STRUCTURE_MEMBERS]),
        address: Basis::of(&[c::STRUCTURE_MEMBERS, c::BUFFER_STRUCTURES]),
        last_changed: members,
        belongs_to_views: members,
        number_of_views: members,
        view_id: Basis::of(&[c::VIEW_SLOT_ORDER, c::STRUCTURE_MEMBERS]),
        num_routes: members,
        route: best,
        owner: best,
        dest_flags: Basis::of(&[get_dest_info::DEST_FLAGS]),
        hold_route: members,
        other_protocol: best,
        empty: Basis::of(&[c::GONE_DEST, c::STRUCTURE_MEMBERS]),
    }
}

/// A request that has passed its checks.
pub(super) struct Request {
    pub client: Index,
    pub index: Index,
    pub wanted: usize,
}

impl Model {
    pub(in crate::model::calls) fn get_changed_dests(
        &mut self,
        call: &GetChangedDests,
        out: &mut Observation,
    ) -> Reply {
        let request = match self.check_fetch_of_changes(call) {
            Ok(request) => request,
            Err(refusal) => return self.refused_for_size(refusal, out),
        };
        let Request { client, index, wanted } = request;
        let ready = self.ready(index, wanted.saturating_add(1));
        let given = self.changes_given(wanted, ready.len());
        out.number(Place::STATUS, 0_u32, &[]);
        out.number(COUNT, 0_u32, &[]);
        let mut taken = Vec::with_capacity(given);
        for (at, dest) in ready[..given].iter().enumerate() {
            let waiting = self.take_pending(index, *dest);
            self.describe_changed(&request, &waiting, at, out);
            taken.push(waiting);
        }
        self.conclude_fetch(&request, &taken, ready.len(), out);
        for waiting in &taken {
            self.let_go(index, waiting);
        }
        if 0 < given {
            self.settle_pending(index, register::CALLBACK_AT_LEAST_ONCE);
        } else if self.notifications[index].pending.is_empty()
            && !self.oracle.takes(register::CALLBACK_AT_LEAST_ONCE_ONCE_ONLY)
        {
            self.notifications[index].announced = false;
        }
        debug_assert!(self.entities[client].registered, "a client that has left fetches nothing");
        Ok(())
    }

    fn check_fetch_of_changes(&mut self, call: &GetChangedDests) -> Result<Request, Refusal> {
        let client = self.registration(call.registration, &[c::BAD_NOTIFY_HANDLE])?;
        if self.in_change_event() && self.oracle.takes(register::CALLBACK_MAY_FETCH_REFUSED) {
            return refuse(WRONG, &[c::ERR_INVALID_PARAMETER]);
        }
        let wanted = match call.num_dests {
            Some(wanted) if call.changed_dests || wanted == 0 => wanted,
            _ => return refuse(WRONG, &[c::NULL_POINTERS, c::ERR_INVALID_PARAMETER]),
        };
        let index = match self.notify_argument(client, call.notify, &tables::FETCH) {
            Err(refusal) if self.oracle.takes(c::BAD_NOTIFY_HANDLE_INVALID_PARAMETER) => {
                return Err(Refusal { status: WRONG, ..refusal });
            }
            other => other?,
        };
        if wanted == 0 && self.oracle.takes(c::ZERO_COUNT_REFUSED) {
            return refuse(WRONG, &[c::ZERO_COUNT]);
        }
        let most = self.config.max_handles_in_enum;
        if most < wanted && !self.oracle.takes(c::LIMIT_EXCEEDED) {
            if self.oracle.takes(c::OVER_LIMIT_CAPPED) {
                return Ok(Request { client, index, wanted: most as usize });
            }
            let waiting = self.notifications[index].pending.dests().next();
            if let Some(dest) = waiting {
                let why = Why::of(&[c::FAILED_CALL_CLEARS_NOTHING]);
                self.notifications[index].stories.0.tell(dest, why);
            }
            return refuse(WRONG, &[c::OVER_LIMIT, c::LIMIT, c::ERR_INVALID_PARAMETER]);
        }
        Ok(Request { client, index, wanted: wanted as usize })
    }

    /// A request that is refused for its size leaves the count at zero.
    fn refused_for_size(&self, refusal: Refusal, out: &mut Observation) -> Reply {
        let for_size = refusal.basis.clauses().any(|clause| clause == c::OVER_LIMIT);
        if !for_size || self.oracle.takes(c::OVERLONG_COUNT_OUT_KEPT) {
            return Err(refusal.into());
        }
        out.status(refusal.status, refusal.basis);
        out.number(COUNT, 0_u32, &[c::OVERLONG_COUNT_OUT]);
        out.add(ITEMS.member(Member::Tail), Value::Unwritten, &[c::TAIL_UNTOUCHED]);
        Ok(())
    }

    /// Destinations that can be delivered, in the order of their delivery, at most `most`.
    fn ready(&self, index: Index, most: usize) -> Vec<Index> {
        let g = &self.notifications[index];
        if self.is_hidden(index) || g.ended {
            return Vec::new();
        }
        let gone = |dest: &Index| !self.is_in_table(*dest);
        let shown = |dest: &Index| !(gone(dest) && self.oracle.takes(c::GONE_DEST_SKIPPED));
        let mut ready = self.as_advised(index, most);
        let is_new = |dest: &Index| !ready.contains(dest);
        let more = g.pending.dests().filter(shown).filter(is_new);
        let room = most.saturating_sub(ready.len());
        let more: Vec<Index> = if self.oracle.takes(c::ORDER_NEWEST_FIRST) {
            more.rev().take(room).collect()
        } else if self.oracle.takes(c::ORDER_BY_ADDRESS) {
            let mut more: Vec<Index> = more.collect();
            more.sort_by_key(|dest| self.dests[*dest].prefix);
            more.truncate(room);
            more
        } else {
            more.take(room).collect()
        };
        ready.extend(more);
        ready
    }

    /// What the implementation delivered that the model is compared with, as far as it is
    /// pending: the order is free.
    fn as_advised(&self, index: Index, most: usize) -> Vec<Index> {
        let mut advised = Vec::new();
        if self.advice.addresses.is_empty() {
            return advised;
        }
        let g = &self.notifications[index];
        let family = self.family(g.owner);
        let table = &self.tables[self.entities[g.owner].table];
        for address in self.advice.addresses.iter().take(most) {
            let prefix = Prefix::of(address, family);
            let dest = prefix.and_then(|prefix| table.dests.get(&prefix).copied());
            match dest.filter(|dest| g.pending.contains(*dest) && !advised.contains(dest)) {
                Some(dest) => advised.push(dest),
                None => break,
            }
        }
        advised
    }

    /// Destinations that one call gives when `available` wait.
    fn changes_given(&self, wanted: usize, available: usize) -> usize {
        let most = wanted.min(available);
        match self.advice.count {
            Some(count) if (1..=most).contains(&count) => count,
            _ if self.oracle.takes(c::FULL_SETS_ONE_AT_A_TIME) => most.min(1),
            _ if self.oracle.takes(c::FULL_SETS_HALF) => most.div_ceil(2),
            _ => most,
        }
    }

    /// Takes a destination out of what is pending; its reference goes with [`Model::let_go`].
    fn take_pending(&mut self, index: Index, dest: Index) -> Waiting {
        let again = self.oracle.takes(c::CLEARS_PENDING_DELIVERED_TWICE);
        let each = self.oracle.takes(c::LATEST_ONLY_EVERY_CHANGE);
        let pending = &mut self.notifications[index].pending;
        let waiting = pending.remove(dest).expect("what is delivered is pending");
        let left = match (again, each) {
            (true, _) => u32::from(!waiting.delivered),
            (_, true) => waiting.changes - 1,
            _ => 0,
        };
        if left != 0 {
            let repeated = Waiting { changes: left, delivered: true, ..waiting.clone() };
            self.dests[dest].ledger.structural += 1;
            self.notifications[index].pending.push(repeated);
        }
        waiting
    }

    /// Drops the reference of an entry that has been delivered.
    fn let_go(&mut self, index: Index, waiting: &Waiting) {
        let dest = waiting.dest;
        if self.oracle.takes(c::OTHER_REGISTRATIONS_CLEARED) {
            let all: Vec<Index> = self.notifications.iter().map(|(other, _)| other).collect();
            for other in all {
                if self.no_longer_pending(other, dest) {
                    self.settle_pending(other, c::OTHER_REGISTRATIONS);
                }
            }
        }
        if self.oracle.takes(marked::INDEPENDENT_OF_PENDING_CLEARED) {
            self.notifications[index].marks.remove(&dest);
        }
        self.unref_dest(dest);
    }

    /// Writes the structure of a destination and books the references that it carries.
    fn describe_changed(
        &mut self,
        request: &Request,
        waiting: &Waiting,
        at: usize,
        out: &mut Observation,
    ) {
        let Request { client, index, .. } = *request;
        let dest = waiting.dest;
        let from = out.fields.len();
        let views = self.notifications[index].views & self.config.views_supported;
        let protocol = match self.oracle.takes(c::BEST_PROTOCOL_CALLERS_OWN) {
            true => THIS_PROTOCOL,
            false => BEST_PROTOCOL,
        };
        let query = DestQuery { protocol, views };
        let clauses = self.changed_clauses(index, waiting);
        self.describe_dest(client, dest, query, ITEMS.at(at), &clauses, out);
        if self.oracle.takes(c::VIEW_SLOT_ORDER_DESCENDING) {
            reverse_slots(&mut out.fields[from..], views.count_ones() as u16);
        }
        let borrowed = self.oracle.takes(c::ITEMS_REFERENCED_BORROWED);
        if borrowed {
            self.give_back(client, Object::Dest(dest), 1);
        }
        self.cite_changed(index, waiting, at, out);
        let handles: Vec<_> = out.fields[from..].iter().filter_map(|f| f.handle()).collect();
        for handle in handles {
            let Some(object) = self.object(handle) else { continue };
            // Where a planted fault lends a handle, the client has nothing to give back for it.
            let lent = self.unbooked(client, object) == 0;
            if lent || borrowed && matches!(object, Object::Dest(_)) {
                continue;
            }
            *self.notifications[index].booked.entry(object).or_default() += 1;
            self.notes.note(Topic::Reference(client, handle), c::ITEMS_REFERENCED);
        }
        let why = Why::of(&[c::CLEARS_PENDING]);
        let why = if 1 < waiting.changes { why.and(c::LATEST_ONLY) } else { why };
        self.notifications[index].stories.0.tell(dest, why);
    }

    /// The status and the count.
    fn conclude_fetch(
        &mut self,
        request: &Request,
        taken: &[Waiting],
        available: usize,
        out: &mut Observation,
    ) {
        let Request { index, wanted, .. } = *request;
        let given = taken.len();
        let ends = match given {
            _ if wanted == 0 => false,
            0 => true,
            _ if given < available => false,
            _ if given < wanted => !self.oracle.takes(c::SHORT_BATCH_STATUS_END_APART),
            _ => self.oracle.takes(c::EXACT_FIT_STATUS_END_WITH_LAST_SET),
        };
        let silent = ends && given == 0 && self.oracle.takes(c::NO_MORE_ITEMS_NO_ERROR);
        let status = match ends && !silent {
            true => Status::ERROR_NO_MORE_ITEMS,
            false => Status::NO_ERROR,
        };
        let (status_grounds, count_grounds) = self.fetch_grounds(request, taken, available);
        let kept = ends && self.oracle.takes(c::END_COUNT_WRITTEN_KEPT);
        out.fields[0].value = Value::Number(u64::from(status.0));
        out.fields[0].basis = status_grounds.into();
        out.fields[1].value = Value::Number(if kept { wanted } else { given } as u64);
        out.fields[1].basis = count_grounds.into();
        let tail = match self.oracle.takes(c::TAIL_UNTOUCHED_ZEROED) && given < wanted {
            true => Value::Written,
            false => Value::Unwritten,
        };
        let full = given == wanted && given < available;
        let grounds = Grounds::NONE.when(full, c::FULL_SETS).and(&[c::TAIL_UNTOUCHED]);
        out.add(ITEMS.member(Member::Tail), tail, grounds);
        let g = &mut self.notifications[index];
        if wanted != 0 && ends {
            g.quiet.0 = match given {
                0 => Why::of(&[c::CALL_AFTER_END]),
                _ => Why::of(&[c::CLEARS_PENDING]),
            };
            g.ended |= self.oracle.takes(c::END_NOT_STICKY_STICKY);
        } else if 0 < given {
            g.quiet.0 = Why::of(&[c::CLEARS_PENDING]);
        }
    }

    /// Whether what is pending cannot be seen yet, which a planted fault has.
    pub(super) fn is_hidden(&self, index: Index) -> bool {
        self.in_change_of(index) && self.oracle.takes(register::CALLBACK_AFTER_CACHING_CACHED_LATER)
    }

    /// The clauses of the members of a structure.
    fn changed_clauses(&self, index: Index, waiting: &Waiting) -> DestClauses {
        let views = self.notifications[index].views & self.config.views_supported;
        // With one view, or where each of them changed, it is the same which of them have slots.
        let number_of_views = match views {
            0 => Basis::of(&[register::VIEWS_ZERO]),
            _ if views == waiting.views => Basis::of(&[c::STRUCTURE_MEMBERS, c::BUFFER_STRUCTURES]),
            _ => Basis::of(&[c::ALL_REQUESTED_VIEWS, c::STRUCTURE_MEMBERS]),
        };
        let clauses = if waiting.moved_on { MOVED_ON } else { AS_CHANGED };
        DestClauses { number_of_views, ..clauses }
    }

    /// Whether the client has been told of what is pending.
    pub(super) fn has_been_told(&self, index: Index) -> bool {
        use crate::model::events::Detail;
        let waits = |detail| matches!(detail, Detail::Change(a) if a.index == index);
        let owner = self.notifications[index].owner;
        self.entities[owner].callback && !self.queue.iter().any(|event| waits(event.detail))
    }

    /// Whether a registration of this client has ended under which destinations were marked.
    pub(super) fn had_marks(&self, client: Index) -> Option<ClauseId> {
        let ended = self.entities[client].ended.0;
        ended.marks.then_some(deregister::MARKS_DROPPED)
    }
}

/// Turns the order of the view elements of a structure around.
fn reverse_slots(fields: &mut [crate::vocabulary::observation::Field], count: u16) {
    let is_slot = |member| {
        matches!(
            member,
            Member::ViewId
                | Member::NumRoutes
                | Member::Route
                | Member::Owner
                | Member::DestFlags
                | Member::HoldRoute
        )
    };
    for field in fields.iter_mut().filter(|field| is_slot(field.place.member)) {
        field.place.inner = count - 1 - field.place.inner;
    }
}
