//! Giving changed destinations back.

use super::{INVALID, WRONG, tables};
use crate::clause::{ClauseId, release_changed_dests as c};
use crate::model::Model;
use crate::model::calls::release::tables::CHANGED;
use crate::model::calls::release::{Given, Handles, Source, dest_handles};
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Checked, Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::notification::Why;
use crate::vocabulary::call::ReleaseChangedDests;
use crate::vocabulary::observation::Observation;
use crate::vocabulary::status::Status;

impl Model {
    pub(in crate::model::calls) fn release_changed_dests(
        &mut self,
        call: &ReleaseChangedDests,
        out: &mut Observation,
    ) -> Reply {
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        let structures = match &call.changed_dests {
            Some(dests) => &dests[..dests.len().min(call.num_dests as usize)],
            None if call.num_dests == 0 => &[],
            None => return refuse(WRONG, &[c::NULL_ARRAY]),
        };
        let index = self.notify_argument(client, call.notify, &tables::RELEASE)?;
        if structures.is_empty() {
            if self.oracle.takes(c::ZERO_COUNT_RESULT_REFUSED) {
                return refuse(WRONG, &[c::ZERO_COUNT_RESULT, c::ZERO_COUNT]);
            }
            out.status(Status::NO_ERROR, &[c::ZERO_COUNT_RESULT, c::ZERO_COUNT]);
            return Ok(());
        }
        let first_only = self.oracle.takes(c::COUNT_FIRST_ONLY);
        let released = if first_only { &structures[..1] } else { structures };
        let mut handles = Handles::new();
        released.iter().for_each(|dest| dest_handles(dest, &mut handles));
        let dests = released.iter().filter_map(|dest| self.dests.find(dest.dest));
        let dests: Vec<Index> = dests.collect();
        let grounds = self.releasing_grounds(index, structures);
        self.release(client, Source::Fetched(index), &handles, &CHANGED, out)?;
        out.fields[0].basis = grounds.into();
        self.note_kept(client, structures);
        for dest in &dests {
            if self.notifications[index].pending.contains(*dest) {
                let why = Why::of(&[c::PENDING_UNAFFECTED]);
                self.notifications[index].stories.0.tell(*dest, why);
            }
        }
        for dest in dests {
            if self.oracle.takes(c::PENDING_UNAFFECTED_CLEARED)
                && self.no_longer_pending(index, dest)
            {
                self.settle_pending(index, c::PENDING_UNAFFECTED);
            }
        }
        Ok(())
    }

    /// Checks that structures fetched under a registration carry these references. Where they do
    /// not, other references of the client may count, if a reading says so.
    pub(in crate::model::calls) fn check_fetched(
        &mut self,
        client: Index,
        index: Index,
        objects: &[Given],
    ) -> Checked {
        let booked =
            |object: &Object| self.notifications[index].booked.get(object).copied().unwrap_or(0);
        // A planted fault may book more than it has given.
        let short =
            |given: &&Given| booked(&given.object) < given.count || given.held < given.count;
        let Some(Given { object, count, held }) = objects.iter().find(short).copied() else {
            return Ok(());
        };
        let elsewhere = self.booked(client, object) != booked(&object);
        let (clause, reading) = match () {
            () if elsewhere => (c::WRONG_NOTIFY_HANDLE, c::WRONG_NOTIFY_HANDLE_RELEASED),
            () if held < count => {
                let sound = objects.iter().any(|entry| !short(&entry));
                let grounds = Grounds::NONE.when(sound, c::PARTIAL_FAILURE);
                return refuse(INVALID, grounds.and(&[c::DOUBLE_RELEASE]));
            }
            () => (c::PLAIN_STRUCTURES, c::PLAIN_STRUCTURES_RELEASED),
        };
        let covered = objects.iter().all(|given| given.count <= given.held);
        if covered && self.oracle.takes(reading) {
            return Ok(());
        }
        if clause == c::PLAIN_STRUCTURES {
            self.misuse(clause);
        }
        refuse(INVALID, &[clause])
    }
}
