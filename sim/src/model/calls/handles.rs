//! Counting handles on request.

use crate::clause::{reference_handles as c, release_entities};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::Index;
use crate::vocabulary::call::ReferenceHandles;
use crate::vocabulary::constants::NEXTHOP_STATE_DELETED;
use crate::vocabulary::handle::Handle;
use crate::vocabulary::observation::Observation;
use crate::vocabulary::status::Status;

impl Model {
    pub(super) fn reference_handles(
        &mut self,
        call: &ReferenceHandles,
        out: &mut Observation,
    ) -> Reply {
        let invalid = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, invalid)?;
        if call.num_handles == 0 {
            if self.oracle.takes(c::ZERO_COUNT_REFUSED) {
                return refuse(Status::ERROR_INVALID_PARAMETER, &[c::ZERO_COUNT]);
            }
            out.status(Status::NO_ERROR, &[c::ZERO_COUNT]);
            return Ok(());
        }
        let Some(handles) = &call.handles else {
            return refuse(Status::ERROR_INVALID_PARAMETER, &[c::NULL_ARRAY]);
        };
        let mut objects = Vec::new();
        for handle in handles.iter().take(call.num_handles as usize) {
            objects.push(self.countable(client, *handle)?);
        }
        let grounds = self.counting_grounds(client, &objects);
        let missing = self.oracle.takes(c::ONE_EACH_LAST_FORGOTTEN);
        let counted = objects.len() - usize::from(missing);
        for object in &objects[..counted] {
            self.take(client, *object);
            if self.oracle.takes(c::ONE_EACH_TWO_EACH) {
                self.take(client, *object);
            }
            self.note_counted(*object);
            self.note_reference(client, *object);
        }
        out.status(Status::NO_ERROR, grounds);
        Ok(())
    }

    /// The object that a handle names, if it can be counted.
    fn countable(&self, client: Index, handle: Handle) -> Result<Object, Refusal> {
        let table = self.entities[client].table;
        let clauses: Grounds = match self.object(handle) {
            Some(object) if self.table_of(object) == table => {
                let deleted = self.is_deleted(object);
                let foreign = self.held(client, object) == 0;
                if deleted && self.oracle.takes(c::DELETED_BUT_HELD_REFUSED) {
                    Grounds::of(&[c::DELETED_BUT_HELD])
                } else if foreign && self.oracle.takes(c::WITHOUT_OWN_REFERENCE_REFUSED) {
                    Grounds::of(&[c::WITHOUT_OWN_REFERENCE])
                } else {
                    return Ok(object);
                }
            }
            Some(_) => Grounds::of(&[c::OTHER_TABLE]),
            None if handle == Handle::NULL => Grounds::of(&[c::NULL_ELEMENT]),
            None if self.is_open(handle) => Grounds::of(&[c::WHICH_KINDS]),
            None => Grounds::of(&[c::DEAD_HANDLE, c::ERR_INVALID_HANDLE]),
        };
        refuse(Status::ERROR_INVALID_HANDLE, clauses)
    }

    fn is_deleted(&self, object: Object) -> bool {
        match object {
            Object::Route(route) => !self.routes[route].is_listed(),
            Object::NextHop(hop) => self.next_hops[hop].state == NEXTHOP_STATE_DELETED,
            Object::Entity(_) | Object::Dest(_) => false,
        }
    }

    /// What decides that counting succeeds: what is silent goes first.
    fn counting_grounds(&self, client: Index, objects: &[Object]) -> Grounds {
        let mut sorted = objects.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let kind = |object: &Object| std::mem::discriminant(object);
        let foreign = |object: &Object| match *object {
            Object::Route(route) => self.routes[route].owner != client,
            Object::NextHop(hop) => self.next_hops[hop].owner != client,
            Object::Entity(_) | Object::Dest(_) => false,
        };
        let many = self.config.max_handles_in_enum as usize;
        Grounds::NONE
            .when(objects.iter().any(|o| self.is_deleted(*o)), c::DELETED_BUT_HELD)
            .when(objects.iter().any(|o| self.held(client, *o) == 0), c::WITHOUT_OWN_REFERENCE)
            .when(sorted.len() < objects.len(), c::DUPLICATE_ELEMENTS)
            .when(many < objects.len(), c::COUNT_LIMIT)
            .needs(objects.iter().any(|o| kind(o) != kind(&objects[0])), c::MIXED_KINDS)
            .needs(objects.iter().any(foreign), c::FOREIGN_OBJECTS)
            .when(1 < objects.len(), c::COUNT)
            .and(&[c::ONE_EACH, c::SUCCESS])
    }

    /// Remembers that an object was counted on request.
    fn note_counted(&mut self, object: Object) {
        self.notes.add(object, c::KEEPS_OBJECT);
        match object {
            Object::Route(_) => self.notes.add(object, c::RELEASE_BY_TYPE),
            Object::NextHop(_) => self.notes.add(object, c::RELEASE_NEXT_HOP),
            Object::Entity(_) => {
                self.notes.add(object, c::RELEASE_ENTITY);
                self.notes.add(object, release_entities::FOR_ANY_ENTITY_HANDLE);
            }
            Object::Dest(_) => {}
        }
    }
}
