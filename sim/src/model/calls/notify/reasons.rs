//! Why: the clauses that decide what the calls about changes show, by situation.

use super::fetch::{ITEMS, Request};
use crate::clause::{
    ClauseId, deregister_from_change_notification as deregister, event_callback as event,
    get_change_status as status, get_changed_dests as get, ignore_changed_dests as ignore,
    is_marked_for_change_notification as marked, mark_dest_for_change_notification as mark,
    reference_handles as references, register_for_change_notification as register,
    release_changed_dests as release,
};
use crate::model::Model;
use crate::model::events::Detail;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reporting::reasons::types_of;
use crate::model::state::arena::Index;
use crate::model::state::notification::{Waiting, Why};
use crate::vocabulary::call::RegisterForChangeNotification;
use crate::vocabulary::constants::NotifyFlags;
use crate::vocabulary::handle::Handle;
use crate::vocabulary::observation::{Member, Observation};
use crate::vocabulary::structures::DestInfo;

/// Registrations of a table that every implementation is taken to have room for.
const SURELY: usize = 4;

impl Model {
    /// Registrations for changes of a client, other than one of them.
    fn other_registrations(&self, client: Index, but: Option<Index>) -> bool {
        let listeners = &self.tables[self.entities[client].table].notifications;
        let mut own = listeners.iter().filter(|g| self.notifications[**g].owner == client);
        own.any(|g| Some(*g) != but)
    }

    /// What decides that a registration for changes succeeds.
    pub(super) fn registering_grounds(
        &self,
        client: Index,
        call: &RegisterForChangeNotification,
    ) -> Grounds {
        use register as c;
        let (flags, views) = (NotifyFlags(call.notify_flags), call.target_views);
        let supported = self.config.views_supported;
        let e = &self.entities[client];
        let table = &self.tables[e.table];
        let count = table.notifications.len();
        let freed =
            table.notifications_ended != 0 && count + 1 == self.config.notifications as usize;
        let types = types_of(flags.0).count_ones();
        Grounds::NONE
            .when(self.in_change_event(), c::CALLBACK_REGISTER_ATTEMPT)
            .when(views == 0, c::VIEWS_ZERO)
            .when(views & !supported != 0, c::VIEWS_ALL_MASK)
            .when(types == 0, c::NO_CHANGE_TYPE)
            .when(flags.unknown() != 0, c::UNKNOWN_FLAG_BITS)
            .when(SURELY <= count && !freed, c::REGISTRATION_LIMIT)
            .needs(freed, deregister::FREES_PLACE)
            .needs(!e.callback, c::NULL_CALLBACK_CLIENT)
            .needs(!e.callback, event::CHANGE_NULL_CALLBACK)
            .needs(self.other_registrations(client, None), c::SEVERAL_REGISTRATIONS)
            .when(types == 3, c::NUMBER_OF_TYPES)
            .when(1 < types, c::FLAGS_COMBINED)
            .needs(call.notify_context == 0, c::CONTEXT_OPAQUE)
            .when(views != 0 && views & supported != supported, c::VIEWS_ANY_SUBSET)
            .and(&[c::SUCCESS])
            .when(true, c::NEEDS_REGISTRATION_FIRST)
    }

    /// What decides the handle of a new registration.
    pub(super) fn registration_handle_grounds(
        &self,
        client: Index,
        call: &RegisterForChangeNotification,
    ) -> Grounds {
        use register as c;
        let odd = call.notify_context == 0 || u64::from(u32::MAX) < call.notify_context;
        Grounds::NONE
            .when(self.other_registrations(client, None), c::SEVERAL_REGISTRATIONS)
            .when(odd, c::CONTEXT_OPAQUE)
            .and(&[c::OUT_HANDLE])
            .when(true, c::FLAGS_ARE_INPUT)
    }

    /// What decides that the end of a registration succeeds.
    pub(super) fn deregistering_grounds(&self, index: Index) -> Grounds {
        use deregister as c;
        let g = &self.notifications[index];
        let queued = self
            .queue
            .iter()
            .any(|e| matches!(e.detail, Detail::Change(announced) if announced.index == index));
        let inside = self.in_change_of(index);
        Grounds::NONE
            .when(inside, c::INSIDE_OWN_CALLBACK)
            .when(inside, register::CALLBACK_DEREGISTER_INSIDE)
            .when(queued, c::QUEUED_CALLBACK)
            .when(!g.booked.is_empty(), c::STRUCTURES_OUTSTANDING)
            .and(&[c::SUCCESS])
            .when(true, references::GENERAL_ENUM_HANDLES_SINGLE)
            .when(true, c::REG_HANDLE_MEANING)
    }

    /// What decides that changes are ignored.
    pub(super) fn ignoring_grounds(&self, index: Index, dests: &[Index]) -> Grounds {
        use ignore as c;
        let idle = |dest: &Index| !self.notifications[index].pending.contains(*dest);
        let twice = (1..dests.len()).any(|at| dests[..at].contains(&dests[at]));
        let many = (self.config.max_handles_in_enum as usize) < dests.len();
        Grounds::NONE
            .when(dests.is_empty(), c::ZERO_COUNT)
            .when(many, c::COUNT_LIMIT)
            .when(twice, c::DUPLICATE_ELEMENTS)
            .when(dests.iter().any(idle), c::NOTHING_PENDING)
            .when(1 < dests.len(), c::COUNT)
            .and(&[c::SUCCESS])
            .when(true, c::HANDLES_NOT_STRUCTURES)
    }

    /// What decides the status and the answer of a question about a destination.
    pub(super) fn status_grounds(
        &self,
        client: Index,
        index: Index,
        dest: Index,
    ) -> (Grounds, Grounds) {
        use status as c;
        let g = &self.notifications[index];
        let borrowed = self.held(client, Object::Dest(dest)) == 0;
        let watched = self.entities[client].actor != self.actor;
        let status = Grounds::NONE
            .when(borrowed, c::FOREIGN_DEST_HANDLE)
            .when(watched, c::OTHER_THREAD)
            .and(&[c::SUCCESS]);
        let waiting = g.pending.get(dest);
        let pending = waiting.is_some();
        let listeners = &self.tables[self.entities[client].table].notifications;
        let differs =
            |other: &&Index| self.notifications[**other].pending.contains(dest) != pending;
        let apart = listeners.iter().any(|other| differs(&other));
        let why = g.stories.0.of(dest).unwrap_or(match waiting {
            Some(waiting) => waiting.why.0,
            None => g.quiet.0,
        });
        let fetched = !pending && g.booked.contains_key(&Object::Dest(dest));
        let caching = pending && self.in_change_of(index);
        let quiet = !pending && !fetched && why.first() != Some(get::CLEARS_PENDING);
        let general = match pending {
            true => c::TRUE_WHEN_PENDING,
            false => c::FALSE_WHEN_NOT,
        };
        let ignored = pending
            && listeners.iter().any(|other| {
                let story = self.notifications[*other].stories.0.of(dest);
                story.and_then(Why::first) == Some(ignore::DROPS_PENDING)
            });
        let found = Grounds::NONE
            .needs(ignored, ignore::THIS_REGISTRATION_ONLY)
            .needs(caching, register::CALLBACK_AFTER_CACHING)
            .when(fetched, c::NOT_UNTIL_RELEASED)
            .when(apart, c::PER_REGISTRATION)
            .and(&why.clauses().take(2).collect::<Vec<_>>())
            .when(!quiet && !pending, c::UNTIL_FETCHED)
            .when(quiet, c::NOT_ASKED_FOR)
            .when(pending && self.has_been_told(index), c::UNTIL_FETCHED)
            .when(true, general)
            .when(!pending, c::BOOLEAN_VALUES)
            .when(true, c::BOOLEAN_NUMERIC);
        (status, found)
    }

    /// A pending destination was asked about: that alone changes nothing.
    pub(super) fn note_asked(&mut self, index: Index, dest: Index) {
        let g = &mut self.notifications[index];
        if g.pending.contains(dest) {
            let why = Why::of(&[status::ASKING_CHANGES_NOTHING, status::UNTIL_FETCHED]);
            g.stories.0.tell(dest, why);
        }
    }

    /// What decides that a destination is marked, or unmarked.
    pub(super) fn marking_grounds(&self, index: Index, dest: Index, value: u32) -> Grounds {
        use mark as c;
        let g = &self.notifications[index];
        let again = g.marks.contains(&dest) == (value != 0);
        let others = g.marks.iter().any(|other| *other != dest);
        Grounds::NONE
            .when(again, c::IDEMPOTENT)
            .when(1 < value, c::NONZERO_IS_TRUE)
            .when(!g.only_marked, c::WITHOUT_ONLY_MARKED)
            .when(self.in_change_of(index), c::DURING_CALLBACK)
            .when(value == 0 && g.pending.contains(dest), c::UNMARK_KEEPS_PENDING)
            .when(others, c::ONE_CALL_PER_DEST)
            .and(&[c::SUCCESS])
            .when(g.only_marked, c::FOR_ONLY_MARKED)
    }

    /// What decides whether a destination is said to be marked.
    pub(super) fn marked_grounds(&self, index: Index, dest: Index) -> Grounds {
        use marked as c;
        let g = &self.notifications[index];
        let is_marked = g.marks.contains(&dest);
        let listeners = &self.tables[self.entities[g.owner].table].notifications;
        let elsewhere = listeners
            .iter()
            .any(|other| self.notifications[*other].marks.contains(&dest) != is_marked);
        let story = g.stories.0.of(dest).and_then(Why::first);
        let ignored = is_marked && story == Some(ignore::DROPS_PENDING);
        let moved = story.is_some() || g.pending.contains(dest);
        let was_marked = !is_marked && g.mark_stories.0.of(dest).is_some();
        let emptied = self.dests[dest].routes.is_empty() && is_marked;
        let grounds = Grounds::NONE
            .when(!g.only_marked && !is_marked, c::NOT_MARKED_BUT_REPORTED)
            .when(!g.only_marked && is_marked, mark::WITHOUT_ONLY_MARKED)
            .when(emptied, mark::MARK_AND_LIFETIME)
            .when(ignored, ignore::MARKS_UNCHANGED)
            .when(elsewhere, mark::PER_REGISTRATION)
            .when(moved, c::INDEPENDENT_OF_PENDING);
        if is_marked {
            return grounds.and(&[c::TRUE_WHEN_MARKED]);
        }
        let cleared = self.had_marks(g.owner);
        let grounds = match cleared {
            Some(dropped) => grounds.and(&[dropped, deregister::NEW_REGISTRATION_CLEAN]),
            None if was_marked => grounds.and(&[c::AFTER_UNMARK, mark::UNMARK]),
            None => grounds,
        };
        grounds.and(&[c::FALSE_WHEN_NOT])
    }

    /// What decides the members of a fetched structure besides the general rules.
    pub(super) fn cite_changed(
        &self,
        index: Index,
        waiting: &Waiting,
        at: usize,
        out: &mut Observation,
    ) {
        use get as c;
        let g = &self.notifications[index];
        let dest = waiting.dest;
        let place = ITEMS.at(at);
        let member = |member| place.member(member);
        let view = |inner: usize, member| place.inner(inner).member(member);
        let handle = member(Member::DestHandle);
        for clause in self.why_delivered(index, waiting) {
            out.cite(handle, clause);
        }
        let address = member(Member::DestAddress);
        if at == 0 {
            out.cite(address, register::DESTS_ONLY);
        } else {
            out.cite(address, c::STRIDE);
        }
        if g.views & self.config.views_supported != self.config.views_supported {
            out.cite_if_room(member(Member::NumberOfViews), c::STRIDE_NUMBER_OF_VIEWS);
        }
        let times = member(Member::LastChanged);
        let several = 1 < waiting.changes;
        out.cite(times, if several { c::LATEST_ONLY } else { c::WHICH_CHANGE_NOT_TOLD });
        if waiting.views != g.views && waiting.views.count_ones() == 1 && g.views != 0 {
            out.cite_if_room(member(Member::NumberOfViews), c::WHICH_VIEW_NOT_TOLD);
        }
        let emptied = self.dests[dest].routes.is_empty();
        if emptied {
            out.cite(view(0, Member::Route), c::GONE_DEST);
            let held = self.held_by_anybody_before(dest);
            if !held {
                out.cite(handle, c::GONE_DEST_ALIVE);
            }
            if waiting.was_empty {
                out.cite(handle, c::ADD_THEN_DELETE);
            }
        }
    }

    /// Whether some client held a destination that has just been handed out.
    fn held_by_anybody_before(&self, dest: Index) -> bool {
        let holders = self.dests[dest].ledger.holders();
        holders.map(|(_, count)| count).sum::<u32>() != 1
    }

    /// Whether another registration has fetched a destination.
    fn was_fetched_elsewhere(&self, index: Index, dest: Index) -> bool {
        self.notifications.iter().any(|(other, o)| {
            let story = o.stories.0.of(dest).and_then(Why::first);
            other != index && story == Some(get::CLEARS_PENDING)
        })
    }

    /// Why a destination is delivered; the most specific clause last.
    fn why_delivered(&self, index: Index, waiting: &Waiting) -> Vec<ClauseId> {
        use get as c;
        let g = &self.notifications[index];
        let story = g.stories.0.of(waiting.dest).unwrap_or(waiting.why.0);
        let others = self.was_fetched_elsewhere(index, waiting.dest);
        let owner = &self.entities[g.owner];
        let mut found = Vec::new();
        if others {
            found.push(c::OTHER_REGISTRATIONS);
        }
        if 1 < waiting.changes {
            found.push(c::ONCE_PER_DEST);
        }
        if !owner.callback {
            found.push(c::WITHOUT_NOTIFICATION);
        }
        if self.in_change_of(index) {
            found.push(register::CALLBACK_MAY_FETCH);
        }
        if self.notes.has(Object::Entity(g.owner), event::RETURN_IGNORED) {
            return vec![event::RETURN_IGNORED, register::CALLBACK_RETURN_IGNORED];
        }
        let mut story: Vec<ClauseId> = story.clauses().take(2).collect();
        story.reverse();
        found.extend(story);
        found
    }

    /// What decides the status and the count of a fetch.
    pub(super) fn fetch_grounds(
        &self,
        request: &Request,
        taken: &[Waiting],
        available: usize,
    ) -> (Grounds, Grounds) {
        use get as c;
        let Request { index, wanted, .. } = *request;
        let g = &self.notifications[index];
        let given = taken.len();
        let quiet = g.quiet.0;
        let inside = self.in_change_of(index);
        if wanted == 0 {
            let zero = Grounds::of(&[c::ZERO_COUNT]);
            return (zero, zero);
        }
        if given == 0 {
            let why = quiet.clauses().filter(|clause| *clause != c::CLEARS_PENDING);
            let why: Vec<ClauseId> = why.take(2).collect();
            let again = quiet.first() == Some(c::CALL_AFTER_END);
            let fetched = quiet.first() == Some(c::CLEARS_PENDING);
            let status = Grounds::NONE
                .needs(again, c::CALL_AFTER_END)
                .needs(inside, event::ALLOWED_IN_CHANGE_EVENT)
                .when(fetched, c::REPEAT)
                .and(&[c::NOTHING_PENDING, c::NO_MORE_ITEMS]);
            let count = Grounds::NONE
                .when(fetched, c::CLEARS_PENDING)
                .and(&why)
                .and(&[c::NOTHING_PENDING])
                .when(true, c::COUNT_NEVER_GROWS);
            return (status, count);
        }
        let most = self.config.max_handles_in_enum as usize;
        let all = Grounds::NONE.needs(inside, register::CALLBACK_MAY_FETCH);
        let all = all.needs(wanted == most, c::LIMIT_INCLUSIVE);
        let told = self.entities[g.owner].callback && !inside;
        let several = 1 < taken.iter().map(|waiting| waiting.changes).sum::<u32>();
        let queued = self
            .queue
            .iter()
            .any(|e| matches!(e.detail, Detail::Change(announced) if announced.index == index));
        // How the last set ends is silent anyway.
        let last = all
            .when(queued, register::CALLBACK_SPURIOUS)
            .when(1 < given, c::ORDER)
            .when(told && several, register::CALLBACK_BATCHING);
        let status = match given {
            _ if given < available => all.and(&[c::SUCCESS]),
            _ if given < wanted => last.and(&[c::SHORT_BATCH_STATUS, c::NO_MORE_ITEMS]),
            _ => last.and(&[c::EXACT_FIT_STATUS, c::SUCCESS]),
        };
        let sticky = quiet.first() == Some(c::CALL_AFTER_END);
        let gone = taken.iter().any(|waiting| self.dests[waiting.dest].routes.is_empty());
        let shared = taken.iter().any(|waiting| self.was_fetched_elsewhere(index, waiting.dest));
        let answered = self.notes.has(Object::Entity(g.owner), event::RETURN_IGNORED);
        let count = Grounds::NONE
            .when(answered, register::CALLBACK_RETURN_IGNORED)
            .needs(gone, c::GONE_DEST)
            .needs(shared, c::OTHER_REGISTRATIONS)
            .needs(inside, register::CALLBACK_AFTER_CACHING)
            .needs(sticky, c::END_NOT_STICKY)
            .when(given == wanted, c::COUNT_IN)
            .when(given < wanted, c::END_COUNT_WRITTEN)
            .and(&[c::COUNT_OUT])
            .when(wanted == most, c::LIMIT);
        (status, count)
    }

    /// What decides that structures are given back.
    pub(super) fn releasing_grounds(&self, index: Index, structures: &[DestInfo]) -> Grounds {
        use release as c;
        let g = &self.notifications[index];
        let dest = structures.first().and_then(|dest| self.dests.find(dest.dest));
        let pending = dest.is_some_and(|dest| g.pending.contains(dest));
        let out = g.booked.keys().filter(|object| matches!(object, Object::Dest(_)));
        let out = out.take(structures.len() + 1);
        let more = structures.len() < out.count();
        let last = g.pending.is_empty() && !pending;
        let several = 1 < structures.len();
        let slots = structures.iter().any(|dest| 1 < dest.views.len());
        let other = self.other_registrations(g.owner, Some(index));
        Grounds::NONE
            .needs(self.in_change_of(index), event::ALLOWED_IN_CHANGE_EVENT)
            .when(pending, c::PENDING_UNAFFECTED)
            .when(other, c::NEEDS_NOTIFY_HANDLE)
            .when(several, c::COUNT)
            .needs(more, c::ANY_GROUPING)
            .when(slots, c::VARIABLE_SIZE)
            .when(slots, c::SIZE_REMARK)
            .and(if several { &[c::SUCCESS] } else { &[c::DROPS_INNER_HANDLES] })
            .when(several, c::SOURCE)
            .when(last && several, get::END_ITEMS_USABLE)
            .when(more, c::ALWAYS_THIS_FUNCTION)
            .when(!several, get::ITEMS_REFERENCED)
            .when(!several, get::RELEASED_BY)
            .when(true, c::ALWAYS_THIS_FUNCTION)
            .when(true, c::SUCCESS)
    }

    /// Remembers what remains of structures that were given back: handles that the client had
    /// counted.
    pub(super) fn note_kept(&mut self, client: Index, structures: &[DestInfo]) {
        let kept = |handle: Handle| {
            self.object(handle).filter(|object| self.unbooked(client, *object) != 0)
        };
        let handles = structures.iter().flat_map(|dest| {
            let inner = dest.views.iter().flat_map(|v| [v.route, v.owner, v.hold_route]);
            std::iter::once(dest.dest).chain(inner)
        });
        let kept: Vec<Object> = handles.filter_map(kept).collect();
        for object in kept {
            self.notes.add(object, release::KEPT_HANDLE_SURVIVES);
            self.notes.add(object, references::NOT_CHANGED_DESTS_LIST);
        }
    }
}
