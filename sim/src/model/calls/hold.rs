//! Marking destinations for hold-down.

mod found;

mod reasons;

use super::check::HandleClauses;
use crate::clause::{ClauseId, hold_destination as hold};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::reply::{Reply, Stop, refuse};
use crate::model::state::arena::Index;
use crate::model::state::hold::{Doubts, Marks};
use crate::vocabulary::call::HoldDestination;
use crate::vocabulary::constants::INFINITE;
use crate::vocabulary::observation::Observation;
use crate::vocabulary::status::Status;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;

impl Model {
    pub(super) fn hold_destination(
        &mut self,
        call: &HoldDestination,
        out: &mut Observation,
    ) -> Reply {
        use hold as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        let no_time = call.hold_time == 0 && !self.oracle.takes(c::ERR_INVALID_PARAMETER_ACCEPTED);
        if no_time && !self.oracle.takes(c::CHECK_ORDER_HANDLE_FIRST) {
            let known = self.dests.find(call.dest);
            self.doubt_zero_time(known);
            let grounds = Grounds::of(&[c::ERR_INVALID_PARAMETER]);
            return refuse(WRONG, grounds.when(known.is_none(), c::CHECK_ORDER));
        }
        let clauses = HandleClauses {
            null: &[c::NULL_DEST_HANDLE, c::ERR_INVALID_HANDLE],
            other_table: &[c::DEST_OF_OTHER_TABLE],
            ..HandleClauses::all(INVALID)
        };
        let dest = self.dest_argument(client, call.dest, &clauses)?;
        if no_time {
            self.doubt_zero_time(Some(dest));
            return refuse(WRONG, &[c::ERR_INVALID_PARAMETER]);
        }
        let foreign = !self.owns_route_on(client, dest);
        if foreign && self.oracle.takes(c::ANY_CLIENT_OWNER_ONLY) {
            return refuse(Status::ERROR_ACCESS_DENIED, &[c::ANY_CLIENT]);
        }
        let views = self.check_marked_views(call.target_views)?;
        if call.hold_time == INFINITE && self.oracle.takes(c::INFINITE_HOLD_TIME_REFUSED) {
            return refuse(WRONG, &[c::INFINITE_HOLD_TIME]);
        }
        let empty = self.views_of(dest) & views == 0 && views != 0;
        if empty && self.oracle.takes(c::MARK_WITHOUT_ROUTES_NOT_FOUND) {
            return refuse(Status::ERROR_NOT_FOUND, &[c::MARK_WITHOUT_ROUTES]);
        }
        if !self.oracle.takes(c::LOCKED_DESTINATION_GOES_ON) {
            self.check_lock(dest, client, c::LOCKED_DESTINATION, c::LOCKED_DESTINATION)?;
        }
        let running = self.dests[dest].hold.as_deref().is_some_and(|hold| hold.is_running());
        let odd =
            call.target_views != u32::MAX && call.target_views & !self.config.views_supported != 0;
        let grounds = Grounds::NONE
            .when(call.target_views == 0, c::VIEWS_ZERO)
            .when(odd || views == 0 && call.target_views != 0, c::VIEWS_UNSUPPORTED_BITS)
            .when(call.hold_time == INFINITE, c::INFINITE_HOLD_TIME)
            .when(empty, c::MARK_WITHOUT_ROUTES)
            .when(running, c::CALL_DURING_HOLD)
            .needs(foreign, c::ANY_CLIENT)
            .and(&[c::RETURNS_NO_ERROR]);
        out.status(Status::NO_ERROR, grounds);
        self.mark_as_read(dest, client, call, views);
        self.notes.add(Object::Dest(dest), c::DEST_HANDLE_NOT_CONSUMED);
        if self.oracle.takes(c::DEST_HANDLE_NOT_CONSUMED_CONSUMED) {
            self.drop_one(client, dest);
        }
        Ok(())
    }

    /// The supported views that a mark names.
    fn check_marked_views(&self, target: u32) -> Result<u32, Stop> {
        use hold as c;
        let supported = self.config.views_supported;
        if target == 0 {
            if self.oracle.takes(c::VIEWS_ZERO_REFUSED) {
                return refuse(WRONG, &[c::VIEWS_ZERO]);
            }
            let all = self.oracle.takes(c::VIEWS_ZERO_ALL);
            return Ok(if all { supported } else { 0 });
        }
        let odd = target & !supported != 0;
        if odd && self.oracle.takes(c::VIEWS_UNSUPPORTED_BITS_REFUSED) {
            return refuse(Status::ERROR_NOT_SUPPORTED, &[c::VIEWS_UNSUPPORTED_BITS]);
        }
        let views = target & supported;
        if self.oracle.takes(c::VIEWS_SELECT_LOWEST_ONLY) {
            return Ok(views & views.wrapping_neg());
        }
        Ok(views)
    }

    /// Marks a destination in these views, as far as a reading does so.
    fn mark_as_read(&mut self, dest: Index, client: Index, call: &HoldDestination, views: u32) {
        use hold as c;
        if call.target_views == 0 {
            self.hold_mut(dest).doubts.add(Doubts::NO_VIEW);
        }
        if call.target_views & !self.config.views_supported != 0 {
            self.hold_mut(dest).doubts.add(Doubts::ODD_VIEWS);
        }
        let empty = self.views_of(dest) & views == 0;
        if empty && self.oracle.takes(c::MARK_WITHOUT_ROUTES_FORGOTTEN) {
            self.hold_mut(dest).doubts.add(Doubts::NO_ROUTES);
        } else if views != 0 {
            self.mark(dest, client, views, call.hold_time);
        }
        let handle = self.dests.handle(dest);
        self.notes.note(Topic::Fate(handle), c::LAST_CHANGED);
        let stamp = self.stamp();
        self.hold_mut(dest).changes.marked = stamp;
        self.report_mark(dest, views);
        if self.oracle.takes(c::MARKS_ONLY_HOLDS_AT_ONCE) {
            self.hold_at_once(dest);
        }
    }

    /// A call that asks for no time has been refused: the documentation does not tell whether it
    /// does anything to earlier marks.
    fn doubt_zero_time(&mut self, dest: Option<Index>) {
        let Some(dest) = dest.filter(|dest| self.dests[*dest].hold.is_some()) else { return };
        let clears = self.oracle.takes(hold::ZERO_TIME_NO_EFFECT_CLEARS);
        let hold = self.hold_mut(dest);
        hold.doubts.add(Doubts::NO_TIME);
        if clears {
            hold.marks = Marks::default();
        }
    }
}
