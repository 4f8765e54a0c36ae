//! Operations that are no calls: reading and writing through a direct pointer, and time.

use super::Model;
use super::references::Object;
use super::state::arena::{Index, NONE};
use super::waiting::Progress;
use crate::clause::{
    get_next_hop_pointer as pointer, lock_next_hop as lock, reference_handles as references,
};
use crate::engine::Operation;
use crate::program::resolve::Members;
use crate::program::{Actor, Structure};
use crate::vocabulary::handle::Handle;
use crate::vocabulary::observation::{Member, Observation, Place, Value};

impl Model {
    /// What a direct pointer leads to, while it leads anywhere.
    pub fn pointed(&self, pointer: Handle) -> Option<Structure> {
        let route = self.routes.find(pointer).map(|_| Structure::Route);
        let hop = || self.next_hops.find(pointer).map(|_| Structure::NextHop);
        route.or_else(hop).or_else(|| self.cells.get(pointer.0).map(|_| Structure::Opaque))
    }

    /// Carries out an operation, an advance of the clock apart; events that it causes are queued.
    pub fn operate(
        &mut self,
        actor: Actor,
        operation: &Operation,
        out: &mut Observation,
    ) -> Progress {
        match operation {
            Operation::Call(call) => return self.call(actor, call, out),
            Operation::Read { pointer, structure } => {
                self.actor = actor;
                self.read(*pointer, *structure, out);
            }
            Operation::Write { pointer, structure, members } => {
                self.actor = actor;
                self.write(*pointer, *structure, members);
            }
            Operation::Advance(_) | Operation::Settle => {}
        }
        Progress::Ended
    }

    /// Reads the structure behind a direct pointer. A pointer to nothing shows nothing.
    fn read(&mut self, at: Handle, structure: Structure, out: &mut Observation) {
        match (structure, self.next_hops.find(at), self.routes.find(at)) {
            (Structure::Route, _, Some(route)) => self.read_route(route, out),
            (Structure::Opaque, ..) => self.read_cell(at.0, out),
            (Structure::NextHop, Some(hop), _) => {
                self.next_hop_members(hop, Place::POINTED, out);
                let not_counted = references::GENERAL_POINTER_NOT_COUNTED;
                let shown = &[pointer::AGREES_WITH_INFO, pointer::LIVE_CONTENT, not_counted];
                for field in &mut out.fields {
                    field.basis = crate::vocabulary::observation::Basis::of(shown);
                }
            }
            _ => out.add(Place::POINTED, Value::Unwritten, &[pointer::LIFETIME]),
        }
    }

    /// Writes members behind a direct pointer: what an owner may write is taken, the rest is
    /// put back as it was and reported. Without the exclusive lock nothing is taken.
    fn write(&mut self, at: Handle, structure: Structure, members: &Members) {
        if let (Structure::Route, Some(route)) = (structure, self.routes.find(at)) {
            return self.write_route(route, members);
        }
        if let (Structure::Opaque, [(_, _, Value::Number(value))]) = (structure, &members[..]) {
            return self.write_cell(at.0, *value);
        }
        let (Structure::NextHop, Some(hop)) = (structure, self.next_hops.find(at)) else { return };
        let locked = self.lock_holder(at) == Some(self.actor);
        for (member, _, value) in members {
            let is_writable = matches!(
                member,
                Member::Flags | Member::EntitySpecificInfo | Member::RemoteNextHop
            );
            if is_writable && !locked {
                self.misuse(pointer::READ_ONLY);
                continue;
            }
            match (member, value) {
                (Member::Flags, Value::Number(flags)) => {
                    self.next_hops[hop].flags = *flags as u16;
                }
                (Member::EntitySpecificInfo, Value::Number(value)) => {
                    self.next_hops[hop].entity_specific_info = *value;
                }
                (Member::RemoteNextHop, Value::Handle(_, handle)) => {
                    let Some(dest) = self.remote_written(hop, *handle) else {
                        self.misuse(lock::WRITABLE_MEMBERS);
                        continue;
                    };
                    if dest != NONE {
                        self.dests[dest].ledger.structural += 1;
                    }
                    let old = std::mem::replace(&mut self.next_hops[hop].remote, dest);
                    self.unref_dest(old);
                }
                _ => {
                    self.misuse(lock::IDENTITY_MEMBER_CHANGED);
                    continue;
                }
            }
            self.notes.add(Object::NextHop(hop), lock::WRITABLE_MEMBERS);
        }
        self.next_hop_changed(hop, Some(lock::CHANGE_NO_NOTIFICATION));
    }

    /// Who holds the exclusive lock of a next hop or of a route, and so may write to it.
    pub fn lock_holder(&self, pointer: Handle) -> Option<Actor> {
        if let Some(route) = self.routes.find(pointer) {
            let r = &self.routes[route];
            let lock = self.dests[r.dest].lock.as_deref().filter(|lock| lock.exclusive)?;
            return lock.holders.iter().find(|h| h.client == r.owner).map(|holder| holder.actor);
        }
        let lock = self.next_hops[self.next_hops.find(pointer)?].lock?;
        lock.exclusive.then(|| self.entities[lock.holder].actor)
    }

    /// The destination that a written `RemoteNextHop` names, [`NONE`] for NULL; nothing when it
    /// names no destination of the table.
    fn remote_written(&self, hop: Index, handle: Handle) -> Option<Index> {
        if handle.is_null() {
            return Some(NONE);
        }
        let table = self.table_of(Object::NextHop(hop));
        self.dests.find(handle).filter(|dest| self.dests[*dest].table == table)
    }
}
