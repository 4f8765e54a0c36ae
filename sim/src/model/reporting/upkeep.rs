//! Registrations for changes over their lives: what they begin with, marks, and their end.

use crate::clause::{
    deregister_from_change_notification as deregister, mark_dest_for_change_notification as mark,
    register_for_change_notification as c,
};
use crate::model::Model;
use crate::model::state::arena::Index;
use crate::model::state::notification::{Aside, Waiting, Why};

impl Model {
    /// Where a reading says so, what is in the table when a registration is made is pending.
    pub(in crate::model) fn report_what_is_there(&mut self, index: Index) {
        let g = &self.notifications[index];
        if g.only_marked {
            return;
        }
        let views = self.views_told(index);
        let table = &self.tables[self.entities[g.owner].table];
        let why = Why::of(&[c::NO_HISTORY]);
        let shown = |dest: Index| {
            let routes = self.dests[dest].routes.iter();
            routes.fold(0, |shown, route| shown | self.routes[*route].views) & views
        };
        let there = table.dests.values().map(|dest| (*dest, shown(*dest)));
        let there: Vec<(Index, u32)> = there.filter(|(_, views)| *views != 0).collect();
        for (dest, views) in &there {
            self.dests[*dest].ledger.structural += 1;
            self.notifications[index].pending.push(Waiting {
                dest: *dest,
                views: *views,
                changes: 1,
                was_empty: false,
                moved_on: false,
                delivered: false,
                why: Aside(why),
            });
        }
        if !there.is_empty() {
            self.notifications[index].stirred = true;
            self.announce(index, why);
        }
    }

    /// Why nothing is pending under a registration that is about to be made.
    pub(in crate::model) fn why_nothing_yet(&self, client: Index) -> Why {
        let e = &self.entities[client];
        let listed = |dest: &Index| !self.dests[*dest].routes.is_empty();
        match e.ended.0 {
            ended if ended.pending => {
                let dropped = deregister::PENDING_DROPPED;
                Why::of(&[dropped, deregister::NEW_REGISTRATION_CLEAN])
            }
            _ if self.tables[e.table].dests.values().any(listed) => Why::of(&[c::NO_HISTORY]),
            _ => Why::default(),
        }
    }

    /// Marks a destination under a registration, or takes the mark off.
    pub(in crate::model) fn set_mark(&mut self, index: Index, dest: Index, wanted: bool) {
        let ignored = match wanted {
            true => self.oracle.takes(mark::MARK_IGNORED),
            false => self.oracle.takes(mark::UNMARK_IGNORED),
        };
        if ignored {
            return;
        }
        let keeps = self.oracle.takes(mark::MARK_AND_LIFETIME_KEPT_ALIVE);
        let drops = self.oracle.takes(mark::UNMARK_KEEPS_PENDING_DROPPED);
        let g = &mut self.notifications[index];
        let why = if wanted { mark::MARK } else { mark::UNMARK };
        let changed = match wanted {
            true => g.marks.insert(dest),
            false => g.marks.remove(&dest),
        };
        let unseen = g.stories.0.of(dest).and_then(Why::first);
        let unseen = unseen
            .is_some_and(|clause| [c::ONLY_MARKED, c::ONLY_MARKED_STARTS_EMPTY].contains(&clause));
        if wanted && unseen {
            g.quiet.0 = Why::of(&[mark::MARK_NO_HISTORY]);
        }
        if wanted || changed {
            g.mark_stories.0.tell(dest, Why::of(&[why]));
        }
        if !wanted && changed && drops && self.no_longer_pending(index, dest) {
            self.settle_pending(index, mark::UNMARK_KEEPS_PENDING);
        }
        if keeps && changed {
            match wanted {
                true => self.dests[dest].ledger.structural += 1,
                false => self.unref_dest(dest),
            }
        }
    }

    /// What a planted fault hands on from an earlier registration of the same client.
    pub(in crate::model) fn inherit(&mut self, index: Index) {
        let owner = self.notifications[index].owner;
        let Some(at) = self.legacies.iter().position(|g| g.owner == owner) else { return };
        let legacy = self.legacies.remove(at);
        let stirred = !legacy.pending.is_empty();
        let g = &mut self.notifications[index];
        g.pending = legacy.pending;
        g.marks = legacy.marks;
        g.stirred |= stirred;
    }

    /// Ends a registration: its handle is dead, what is pending and marked is dropped, and
    /// callbacks that have not begun are withdrawn. References that were handed out stay.
    pub(in crate::model) fn close_notification(&mut self, index: Index) {
        let owner = self.notifications[index].owner;
        let table = self.entities[owner].table;
        let g = &self.notifications[index];
        let (pending, marks) = (!g.pending.is_empty(), !g.marks.is_empty());
        let ended = &mut self.entities[owner].ended.0;
        ended.pending |= pending;
        ended.marks |= marks;
        if !self.oracle.takes(c::CALLBACK_NONE_AFTER_DEREGISTER_DELIVERED) {
            self.withdraw(index);
        }
        self.keep_for_the_next(index);
        let waiting: Vec<Index> = self.notifications[index].pending.dests().collect();
        for dest in waiting {
            self.no_longer_pending(index, dest);
        }
        let marked = std::mem::take(&mut self.notifications[index].marks);
        if self.oracle.takes(mark::MARK_AND_LIFETIME_KEPT_ALIVE) {
            marked.into_iter().for_each(|dest| self.unref_dest(dest));
        }
        let t = &mut self.tables[table];
        t.notifications.retain(|other| *other != index);
        t.notifications_ended += 1;
        if !self.oracle.takes(deregister::HANDLE_DEAD_STAYS_ALIVE) {
            let reuse = self.reuses_values();
            self.notifications.remove(index, reuse);
        }
    }

    /// Where a planted fault says so, what is pending or marked is found by the next registration.
    fn keep_for_the_next(&mut self, index: Index) {
        let pending = self.oracle.takes(deregister::PENDING_DROPPED_KEPT);
        let marks = self.oracle.takes(deregister::MARKS_DROPPED_KEPT);
        if !pending && !marks {
            return;
        }
        let mut legacy = self.notifications[index].clone();
        if !marks {
            legacy.marks.clear();
        }
        match pending {
            true => self.notifications[index].pending = Default::default(),
            false => legacy.pending = Default::default(),
        }
        self.legacies.push(legacy);
    }
}
