//! Counting handles on request.

use crate::clause::{reference_handles as c, release_next_hops, release_routes};
use crate::model::Model;
use crate::model::memory::Topic;
use crate::model::references::Object;
use crate::model::reply::{Reply, refuse};
use crate::model::state::arena::Index;
use crate::vocabulary::call::ReferenceHandles;
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
            out.status(Status::NO_ERROR, &[c::ZERO_COUNT]);
            return Ok(());
        }
        let Some(handles) = &call.handles else {
            return refuse(Status::ERROR_INVALID_PARAMETER, &[c::NULL_ARRAY]);
        };
        let table = self.entities[client].table;
        let mut objects = Vec::new();
        for handle in handles.iter().take(call.num_handles as usize) {
            let clauses: &[_] = match self.object(*handle) {
                Some(object) if self.table_of(object) == table => {
                    objects.push(object);
                    continue;
                }
                Some(_) => &[c::OTHER_TABLE],
                None if *handle == Handle::NULL => &[c::NULL_ELEMENT],
                None if self.enums.find(*handle).is_some() => &[c::WHICH_KINDS],
                None => &[c::DEAD_HANDLE],
            };
            return refuse(Status::ERROR_INVALID_HANDLE, clauses);
        }
        let missing = self.oracle.takes(c::ONE_EACH_LAST_FORGOTTEN);
        let counted = objects.len() - usize::from(missing);
        self.note_counted(client, &objects);
        for object in &objects[..counted] {
            self.take(client, *object);
            if self.oracle.takes(c::ONE_EACH_TWO_EACH) {
                self.take(client, *object);
            }
        }
        out.status(Status::NO_ERROR, &[c::ONE_EACH, c::SUCCESS]);
        Ok(())
    }

    /// Remembers where the references came from.
    fn note_counted(&mut self, client: Index, objects: &[Object]) {
        for object in objects {
            let (handle, clause) = match *object {
                Object::Route(route) => {
                    (self.routes.handle(route), release_routes::HANDLES_FROM_REFERENCE)
                }
                Object::NextHop(hop) => {
                    (self.next_hops.handle(hop), release_next_hops::HANDLES_FROM_REFERENCE)
                }
                Object::Entity(_) | Object::Dest(_) => continue,
            };
            self.memory.note(Topic::Reference(client, handle), clause);
        }
    }
}
