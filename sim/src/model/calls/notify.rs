//! Change notification: registering for it, asking about it, marking, ignoring. What a change
//! does stands in [`reporting`](crate::model::reporting), fetching in [`fetch`].

mod fetch;

mod release;

mod tables;

mod reasons;

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, deregister_from_change_notification as deregister, event_callback as event,
    get_change_status as status, ignore_changed_dests as ignore,
    is_marked_for_change_notification as marked, mark_dest_for_change_notification as mark,
    register_for_change_notification as register,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Checked, Refusal, Reply, refuse};
use crate::model::reporting::reasons::types_of;
use crate::model::state::arena::Index;
use crate::model::state::notification::{Aside, Notification, Pending, Why};
use crate::vocabulary::call::{
    DeregisterFromChangeNotification, GetChangeStatus, IgnoreChangedDests,
    IsMarkedForChangeNotification, MarkDestForChangeNotification, RegisterForChangeNotification,
};
use crate::vocabulary::constants::NotifyFlags;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;
use tables::NotifyClauses;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;

impl Model {
    /// The caller's registration for changes that a handle names.
    fn notify_argument(
        &mut self,
        client: Index,
        handle: Handle,
        clauses: &NotifyClauses,
    ) -> Result<Index, Refusal> {
        let found = self.notifications.find(handle);
        let Some(index) = found.filter(|index| !self.notifications[*index].gone) else {
            return self.bad_handle(client, handle, HandleKind::Notify, &clauses.handle);
        };
        if self.notifications[index].owner != client {
            return refuse(INVALID, clauses.other_client);
        }
        Ok(index)
    }

    pub(super) fn register_for_change_notification(
        &mut self,
        call: &RegisterForChangeNotification,
        out: &mut Observation,
    ) -> Reply {
        use register as c;
        let client = self.check_for_changes(call)?;
        let types = types_of(call.notify_flags);
        let views = call.target_views;
        let table = self.entities[client].table;
        let grounds = self.registering_grounds(client, call);
        let handle_grounds = self.registration_handle_grounds(client, call);
        let quiet = self.why_nothing_yet(client);
        let index = self.notifications.insert(Notification {
            owner: client,
            views,
            types,
            only_marked: NotifyFlags(call.notify_flags).has(NotifyFlags::NOTIFY_ONLY_MARKED_DESTS),
            context: call.notify_context,
            pending: Pending::default(),
            announced: false,
            stirred: false,
            marks: Default::default(),
            booked: Default::default(),
            deaf: Default::default(),
            ended: false,
            gone: false,
            stories: Aside::default(),
            mark_stories: Aside::default(),
            quiet: Aside(quiet),
            armed: Aside(c::CALLBACK_USED),
        });
        self.tables[table].notifications.push(index);
        self.inherit(index);
        out.status(Status::NO_ERROR, grounds);
        let handle = Value::Handle(HandleKind::Notify, self.notifications.handle(index));
        out.add(Place::output(4), handle, handle_grounds);
        if self.oracle.takes(c::NO_HISTORY_PRESENT) {
            self.report_what_is_there(index);
        }
        Ok(())
    }

    /// The checks of a registration for changes.
    fn check_for_changes(
        &mut self,
        call: &RegisterForChangeNotification,
    ) -> Result<Index, Refusal> {
        use register as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::NEEDS_REGISTRATION_FIRST];
        let client = match self.registration(call.registration, BAD) {
            Err(refusal) if self.oracle.takes(c::BAD_REG_HANDLE_INVALID_PARAMETER) => {
                return Err(Refusal { status: WRONG, ..refusal });
            }
            other => other?,
        };
        if self.in_change_event() {
            self.misuse(c::CALLBACK_NO_REGISTER);
            if !self.oracle.takes(c::CALLBACK_REGISTER_ATTEMPT_ALLOWED) {
                let clauses = &[c::CALLBACK_REGISTER_ATTEMPT, event::FORBIDDEN_CALL_RESULT];
                return refuse(WRONG, clauses);
            }
        }
        if !call.notify {
            return refuse(WRONG, &[c::NULL_OUT_POINTER, c::ERR_INVALID_PARAMETER]);
        }
        let refused = call.notify_context == 0 && self.oracle.takes(c::CONTEXT_OPAQUE_REFUSED_NULL)
            || !self.entities[client].callback
                && self.oracle.takes(c::NULL_CALLBACK_CLIENT_REFUSED);
        if refused {
            return refuse(WRONG, &[c::ERR_INVALID_PARAMETER]);
        }
        let flags = NotifyFlags(call.notify_flags);
        if flags.unknown() != 0 && !self.oracle.takes(c::UNKNOWN_FLAG_BITS_IGNORED) {
            return refuse(WRONG, &[c::UNKNOWN_FLAG_BITS, c::ERR_INVALID_PARAMETER]);
        }
        if types_of(flags.0) == 0 && !self.oracle.takes(c::NO_CHANGE_TYPE_ACCEPTED) {
            let more = call.target_views & !self.config.views_supported != 0;
            let grounds = Grounds::NONE.when(more, c::CHECK_ORDER);
            return refuse(WRONG, grounds.and(&[c::NO_CHANGE_TYPE, c::ERR_INVALID_PARAMETER]));
        }
        let views = call.target_views;
        if views == 0 && self.oracle.takes(c::VIEWS_ZERO_REFUSED) {
            return refuse(WRONG, &[c::VIEWS_ZERO]);
        }
        self.check_views_told(views)?;
        let table = &self.tables[self.entities[client].table];
        let ended = match self.oracle.takes(deregister::FREES_PLACE_COUNTED) {
            true => table.notifications_ended as usize,
            false => 0,
        };
        let most = self.config.notifications as usize;
        let full = most <= table.notifications.len() + ended;
        if full && !self.oracle.takes(c::REGISTRATION_LIMIT_UNLIMITED) {
            let clauses = &[c::REGISTRATION_LIMIT, c::ERR_NO_SYSTEM_RESOURCES];
            return refuse(Status::ERROR_NO_SYSTEM_RESOURCES, clauses);
        }
        Ok(client)
    }

    /// Refuses a mask that names a view which the table does not have.
    fn check_views_told(&self, views: u32) -> Checked {
        use register as c;
        let all = views == u32::MAX;
        let accepted = match views & !self.config.views_supported {
            0 => true,
            _ if all => self.oracle.takes(c::VIEWS_ALL_MASK_ACCEPTED),
            _ => self.oracle.takes(c::ERR_NOT_SUPPORTED_ACCEPTED),
        };
        if accepted {
            return Ok(());
        }
        let clauses: &[ClauseId] = match all {
            true => &[c::VIEWS_ALL_MASK],
            false => &[c::ERR_NOT_SUPPORTED],
        };
        refuse(Status::ERROR_NOT_SUPPORTED, clauses)
    }

    pub(super) fn deregister_from_change_notification(
        &mut self,
        call: &DeregisterFromChangeNotification,
        out: &mut Observation,
    ) -> Reply {
        use deregister as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        let index = self.notify_argument(client, call.notify, &tables::DEREGISTER)?;
        out.status(Status::NO_ERROR, self.deregistering_grounds(index));
        self.entities[client].ended.0.any = true;
        if self.oracle.takes(c::STRUCTURES_OUTSTANDING_RELEASED) {
            let booked = std::mem::take(&mut self.notifications[index].booked);
            for (object, count) in booked {
                self.give_back(client, object, count);
            }
        }
        if self.oracle.takes(c::STOPS_NOTIFICATION_GOES_ON) {
            self.notifications[index].gone = true;
            return Ok(());
        }
        self.close_notification(index);
        Ok(())
    }

    pub(super) fn ignore_changed_dests(
        &mut self,
        call: &IgnoreChangedDests,
        out: &mut Observation,
    ) -> Reply {
        use ignore as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        let most = self.config.max_handles_in_enum;
        if most < call.num_dests && self.oracle.takes(c::COUNT_LIMIT_REFUSED) {
            return refuse(WRONG, &[c::COUNT_LIMIT]);
        }
        let handles = match &call.changed_dests {
            Some(handles) => &handles[..handles.len().min(call.num_dests as usize)],
            None if call.num_dests == 0 => &[],
            None => return refuse(WRONG, &[c::NULL_ARRAY]),
        };
        let index = self.notify_argument(client, call.notify, &tables::IGNORE)?;
        if call.num_dests == 0 && self.oracle.takes(c::ZERO_COUNT_REFUSED) {
            return refuse(WRONG, &[c::ZERO_COUNT]);
        }
        let clauses = HandleClauses {
            null: &[c::WRONG_KIND_ELEMENT],
            wrong_kind: &[c::WRONG_KIND_ELEMENT],
            dead: BAD,
            other_table: &[c::DEST_OF_OTHER_TABLE],
        };
        let mut dests = Vec::with_capacity(handles.len());
        for handle in handles {
            match self.dest_argument(client, *handle, &clauses) {
                Ok(dest) => dests.push(dest),
                Err(refusal) => {
                    self.refuse_to_ignore(index, &dests);
                    return Err(refusal.into());
                }
            }
        }
        let idle = |dest: &Index| !self.notifications[index].pending.contains(*dest);
        if dests.iter().any(idle) && self.oracle.takes(c::NOTHING_PENDING_REFUSED) {
            return refuse(Status::ERROR_NOT_FOUND, &[c::NOTHING_PENDING]);
        }
        out.status(Status::NO_ERROR, self.ignoring_grounds(index, &dests));
        // A destination that is listed twice may go with its change.
        dests.sort_unstable();
        dests.dedup();
        for dest in &dests {
            self.ignore_dest(index, *dest);
        }
        Ok(())
    }

    /// An array with an invalid handle: none of those before it is ignored, or all of them.
    fn refuse_to_ignore(&mut self, index: Index, before: &[Index]) {
        let dropped = self.oracle.takes(ignore::PARTIAL_FAILURE_DROPPED_BEFORE);
        for dest in before {
            match dropped {
                true => self.ignore_dest(index, *dest),
                false => {
                    let why = Why::of(&[ignore::PARTIAL_FAILURE]);
                    self.notifications[index].stories.0.tell(*dest, why);
                }
            }
        }
    }

    fn ignore_dest(&mut self, index: Index, dest: Index) {
        use ignore as c;
        self.notes.add(Object::Dest(dest), c::NO_RELEASE);
        if self.oracle.takes(c::DROPS_PENDING_KEPT) {
            return;
        }
        let pending = self.notifications[index].pending.contains(dest);
        let deaf = self.oracle.takes(c::LATER_CHANGE_REPORTED_FOR_GOOD)
            || !pending && self.oracle.takes(c::NOT_ARMED_ARMED);
        let fetched = self.notifications[index].booked.contains_key(&Object::Dest(dest));
        let g = &mut self.notifications[index];
        if deaf {
            g.deaf.insert(dest);
        }
        let why = match pending {
            true => Why::of(&[c::DROPS_PENDING, c::STATUS_FALSE_AFTER]),
            false if fetched => Why::of(&[c::FETCHED_NOT_AFFECTED]),
            false => Why::of(&[c::NOT_ARMED]),
        };
        g.stories.0.tell(dest, why);
        g.quiet.0 = why;
        if self.oracle.takes(c::MARKS_UNCHANGED_UNMARKED) {
            g.marks.remove(&dest);
        }
        let mut listeners = vec![index];
        if self.oracle.takes(c::THIS_REGISTRATION_ONLY_EVERY_REGISTRATION) {
            listeners = self.notifications.iter().map(|(index, _)| index).collect();
        }
        for listener in listeners {
            if self.no_longer_pending(listener, dest) {
                self.settle_pending(listener, c::EMPTIES_SET);
            }
        }
    }

    pub(super) fn get_change_status(
        &mut self,
        call: &GetChangeStatus,
        out: &mut Observation,
    ) -> Reply {
        use status as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        if !call.change_status {
            return refuse(WRONG, &[c::NULL_OUTPUT]);
        }
        let index = self.notify_argument(client, call.notify, &tables::STATUS)?;
        let dest = self.dest_argument(client, call.dest, &tables::STATUS_DEST)?;
        let answer = self.answers_pending(index, dest);
        let (grounds, found) = self.status_grounds(client, index, dest);
        out.status(Status::NO_ERROR, grounds);
        out.number(Place::output(3), u32::from(answer), found);
        if self.oracle.takes(c::ASKING_CHANGES_NOTHING_CLEARED)
            && self.no_longer_pending(index, dest)
        {
            self.settle_pending(index, c::ASKING_CHANGES_NOTHING);
        }
        self.note_asked(index, dest);
        Ok(())
    }

    /// Whether a destination is said to be pending.
    fn answers_pending(&self, index: Index, dest: Index) -> bool {
        use status as c;
        let g = &self.notifications[index];
        if self.oracle.takes(c::TRUE_WHEN_PENDING_NEVER) || self.is_hidden(index) {
            return false;
        }
        if self.oracle.takes(c::FALSE_WHEN_NOT_ALWAYS) {
            return true;
        }
        if self.oracle.takes(c::UNTIL_FETCHED_UNTIL_TOLD) && self.has_been_told(index) {
            return false;
        }
        let of_client = || {
            let own = self.notifications.iter().filter(|(_, other)| other.owner == g.owner);
            own.into_iter().any(|(_, other)| other.pending.contains(dest))
        };
        g.pending.contains(dest)
            || self.oracle.takes(c::PER_REGISTRATION_OF_THE_CLIENT) && of_client()
            || self.oracle.takes(c::NOT_UNTIL_RELEASED_UNTIL_RELEASED)
                && g.booked.contains_key(&Object::Dest(dest))
    }

    pub(super) fn mark_dest_for_change_notification(
        &mut self,
        call: &MarkDestForChangeNotification,
        out: &mut Observation,
    ) -> Reply {
        use mark as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        let index = self.notify_argument(client, call.notify, &tables::MARK)?;
        let dest = self.dest_argument(client, call.dest, &tables::MARK_DEST)?;
        let only_marked = self.notifications[index].only_marked;
        if !only_marked && self.oracle.takes(c::WITHOUT_ONLY_MARKED_REFUSED) {
            return refuse(WRONG, &[c::WITHOUT_ONLY_MARKED]);
        }
        let wanted = match self.oracle.takes(c::NONZERO_IS_TRUE_LOWEST_BIT) {
            true => call.mark_dest & 1 != 0,
            false => call.mark_dest != 0,
        };
        out.status(Status::NO_ERROR, self.marking_grounds(index, dest, call.mark_dest));
        self.notes.add(Object::Dest(dest), c::NO_REFERENCES);
        self.set_mark(index, dest, wanted);
        Ok(())
    }

    pub(super) fn is_marked_for_change_notification(
        &mut self,
        call: &IsMarkedForChangeNotification,
        out: &mut Observation,
    ) -> Reply {
        use marked as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        if !call.dest_marked {
            return refuse(WRONG, &[c::NULL_OUTPUT]);
        }
        let index = self.notify_argument(client, call.notify, &tables::IS_MARKED)?;
        let dest = self.dest_argument(client, call.dest, &tables::IS_MARKED_DEST)?;
        let g = &self.notifications[index];
        let was_marked = g.mark_stories.0.of(dest).is_some();
        let shared = || {
            let mut others = self.tables[self.entities[client].table].notifications.iter();
            others.any(|other| self.notifications[*other].marks.contains(&dest))
        };
        let answer = g.marks.contains(&dest)
            || !g.only_marked && self.oracle.takes(c::NOT_MARKED_BUT_REPORTED_TRUE)
            || was_marked && self.oracle.takes(c::AFTER_UNMARK_STAYS_TRUE)
            || self.oracle.takes(c::FALSE_WHEN_NOT_ALWAYS)
            || self.oracle.takes(mark::PER_REGISTRATION_SHARED) && shared();
        let answer = answer && !self.oracle.takes(c::TRUE_WHEN_MARKED_NEVER);
        out.status(Status::NO_ERROR, &[c::SUCCESS]);
        out.number(Place::output(3), u32::from(answer), self.marked_grounds(index, dest));
        Ok(())
    }
}
