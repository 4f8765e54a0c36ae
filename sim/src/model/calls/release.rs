//! Giving back: every release is checked as a whole and takes all or nothing.

mod reasons;

use crate::clause::{
    ClauseId, release_dest_info, release_dests, release_entities, release_entity_info,
    release_next_hop_info, release_next_hops, release_route_info, release_routes,
};
use crate::model::Model;
use crate::model::references::Object;
use crate::model::reply::{Reply, refuse};
use crate::model::state::arena::Index;
use crate::readings::Reading;
use crate::vocabulary::call::{
    ReleaseDestInfo, ReleaseDests, ReleaseEntities, ReleaseEntityInfo, ReleaseNextHopInfo,
    ReleaseNextHops, ReleaseRouteInfo, ReleaseRoutes,
};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::Observation;
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::DestInfo;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;

/// Which clauses decide about one release function.
struct ReleaseClauses {
    success: &'static [ClauseId],
    /// The element is NULL.
    null: &'static [ClauseId],
    /// It is a live handle of another kind.
    wrong_kind: &'static [ClauseId],
    /// It names nothing that lives.
    dead: &'static [ClauseId],
    /// The caller holds no reference on it, or not enough.
    not_held: &'static [ClauseId],
    /// Faults: all references are dropped, none is.
    drops_all: Option<Reading>,
    drops_none: Option<Reading>,
}

const ROUTES: ReleaseClauses = ReleaseClauses {
    success: &[release_routes::ONE_REFERENCE_EACH, release_routes::SUCCESS],
    null: &[release_routes::NULL_ELEMENT],
    wrong_kind: &[release_routes::WRONG_KIND_ELEMENT],
    dead: &[release_routes::DOUBLE_RELEASE],
    not_held: &[release_routes::NOT_HELD_BY_CALLER],
    drops_all: Some(release_routes::ONE_REFERENCE_EACH_DROPS_ALL),
    drops_none: Some(release_routes::ONE_REFERENCE_EACH_DROPS_NONE),
};

const NEXT_HOPS: ReleaseClauses = ReleaseClauses {
    success: &[release_next_hops::ONE_REFERENCE_EACH, release_next_hops::SUCCESS],
    null: &[release_next_hops::NULL_ELEMENT],
    wrong_kind: &[release_next_hops::WRONG_KIND_ELEMENT],
    dead: &[release_next_hops::DOUBLE_RELEASE],
    not_held: &[release_next_hops::NOT_HELD_BY_CALLER],
    drops_all: Some(release_next_hops::ONE_REFERENCE_EACH_DROPS_ALL),
    drops_none: Some(release_next_hops::ONE_REFERENCE_EACH_DROPS_NONE),
};

const ENTITIES: ReleaseClauses = ReleaseClauses {
    success: &[release_entities::ONE_REFERENCE_EACH, release_entities::SUCCESS],
    null: &[release_entities::NULL_ELEMENT],
    wrong_kind: &[release_entities::WRONG_KIND],
    dead: &[release_entities::OVER_RELEASE],
    not_held: &[release_entities::OVER_RELEASE],
    drops_all: Some(release_entities::ONE_REFERENCE_EACH_DROPS_ALL),
    drops_none: None,
};

const DESTS: ReleaseClauses = ReleaseClauses {
    success: &[release_dests::ONE_REFERENCE_EACH, release_dests::SUCCESS],
    null: &[release_dests::NULL_ELEMENT],
    wrong_kind: &[release_dests::WRONG_KIND_ELEMENT],
    dead: &[release_dests::DOUBLE_RELEASE],
    not_held: &[release_dests::NOT_HELD_BY_CALLER],
    drops_all: None,
    drops_none: Some(release_dests::DROPS_INNER_HANDLES_DEST_ONLY),
};

const DEST_INFO: ReleaseClauses = ReleaseClauses {
    success: &[release_dest_info::DROPS_ALL_REFERENCES, release_dest_info::SUCCESS],
    null: &[release_dest_info::EDITED_STRUCTURE],
    wrong_kind: &[release_dest_info::EDITED_STRUCTURE],
    dead: &[release_dest_info::TWICE],
    not_held: &[release_dest_info::TWICE],
    drops_all: None,
    drops_none: Some(release_dest_info::DROPS_ALL_REFERENCES_DEST_ONLY),
};

const ROUTE_INFO: ReleaseClauses = ReleaseClauses {
    success: &[release_route_info::DROPS_ALL_REFERENCES, release_route_info::SUCCESS],
    null: &[release_route_info::EDITED_STRUCTURE],
    wrong_kind: &[release_route_info::EDITED_STRUCTURE],
    dead: &[release_route_info::TWICE],
    not_held: &[release_route_info::TWICE],
    drops_all: None,
    drops_none: Some(release_route_info::DROPS_ALL_REFERENCES_NONE),
};

const HOP_INFO: ReleaseClauses = ReleaseClauses {
    success: &[release_next_hop_info::DROPS_ALL_REFERENCES, release_next_hop_info::SUCCESS],
    null: &[release_next_hop_info::EDITED_STRUCTURE],
    wrong_kind: &[release_next_hop_info::EDITED_STRUCTURE],
    dead: &[release_next_hop_info::TWICE],
    not_held: &[release_next_hop_info::TWICE],
    drops_all: None,
    drops_none: Some(release_next_hop_info::DROPS_ALL_REFERENCES_NONE),
};

impl Model {
    /// Gives back one reference for each handle, of the kind that stands beside it, or none.
    fn release(
        &mut self,
        client: Index,
        handles: &[(HandleKind, Handle)],
        clauses: &ReleaseClauses,
        out: &mut Observation,
    ) -> Reply {
        let mut objects: Vec<(Object, u32)> = Vec::with_capacity(handles.len());
        for (kind, handle) in handles {
            let Some(object) = self.object(*handle) else {
                let clauses = match *handle {
                    Handle::NULL => clauses.null,
                    _ if self.enums.find(*handle).is_some() => clauses.wrong_kind,
                    _ => clauses.dead,
                };
                return refuse(INVALID, clauses);
            };
            if kind_of(object) != *kind {
                return refuse(INVALID, clauses.wrong_kind);
            }
            match objects.iter_mut().find(|(other, _)| *other == object) {
                Some((_, count)) => *count += 1,
                None => objects.push((object, 1)),
            }
        }
        let short = objects.iter().any(|(object, count)| self.held(client, *object) < *count);
        if short {
            return refuse(INVALID, clauses.not_held);
        }
        out.status(Status::NO_ERROR, clauses.success);
        self.cite_release(client, handles, clauses, out);
        self.note_release(client, &objects, clauses);
        let takes = |reading: Option<Reading>| reading.is_some_and(|r| self.oracle.takes(r));
        let (all, none) = (takes(clauses.drops_all), takes(clauses.drops_none));
        for (object, count) in objects {
            // A fault that releases less leaves the destination out of it: it is the first.
            let spared = none && (handles.len() == 1 || !matches!(object, Object::Dest(_)));
            if !spared {
                let count = if all { self.held(client, object) } else { count };
                self.give_back(client, object, count);
            }
        }
        Ok(())
    }

    /// A release of an array of bare handles.
    #[expect(clippy::too_many_arguments, reason = "what three functions have in common")]
    fn release_array(
        &mut self,
        client: Index,
        kind: HandleKind,
        count: u32,
        handles: Option<&Vec<Handle>>,
        zero_count: [ClauseId; 2],
        null_array: ClauseId,
        clauses: &ReleaseClauses,
        out: &mut Observation,
    ) -> Reply {
        if count == 0 {
            let refused = match kind {
                HandleKind::Route => release_routes::ZERO_COUNT_RESULT_REFUSED,
                _ => release_next_hops::ZERO_COUNT_RESULT_REFUSED,
            };
            if kind != HandleKind::Entity && self.oracle.takes(refused) {
                return refuse(WRONG, &zero_count);
            }
            out.status(Status::NO_ERROR, &zero_count);
            return Ok(());
        }
        let Some(handles) = handles else { return refuse(WRONG, &[null_array]) };
        let listed = handles.iter().take(count as usize).map(|handle| (kind, *handle));
        let listed: Vec<_> = listed.collect();
        self.release(client, &listed, clauses, out)
    }

    pub(super) fn release_routes(&mut self, call: &ReleaseRoutes, out: &mut Observation) -> Reply {
        use release_routes as c;
        let invalid = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, invalid)?;
        let (zero, null) = ([c::ZERO_COUNT_RESULT, c::ZERO_COUNT], c::NULL_ARRAY);
        let handles = call.route_handles.as_ref();
        let kind = HandleKind::Route;
        self.release_array(client, kind, call.num_routes, handles, zero, null, &ROUTES, out)
    }

    pub(super) fn release_next_hops(
        &mut self,
        call: &ReleaseNextHops,
        out: &mut Observation,
    ) -> Reply {
        use release_next_hops as c;
        let invalid = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, invalid)?;
        let (zero, null) = ([c::ZERO_COUNT_RESULT, c::ZERO_COUNT], c::NULL_ARRAY);
        let handles = call.next_hop_handles.as_ref();
        let (kind, count) = (HandleKind::NextHop, call.num_next_hops);
        self.release_array(client, kind, count, handles, zero, null, &NEXT_HOPS, out)
    }

    pub(super) fn release_entities(
        &mut self,
        call: &ReleaseEntities,
        out: &mut Observation,
    ) -> Reply {
        use release_entities as c;
        let invalid = &[c::INVALID_HANDLE_WHICH, c::INVALID_HANDLE];
        let client = self.registration(call.registration, invalid)?;
        let (zero, null) = ([c::COUNT_ZERO; 2], c::NULL_ARRAY);
        let handles = call.entity_handles.as_ref();
        let (kind, count) = (HandleKind::Entity, call.num_entities);
        self.release_array(client, kind, count, handles, zero, null, &ENTITIES, out)
    }

    pub(super) fn release_dests(&mut self, call: &ReleaseDests, out: &mut Observation) -> Reply {
        use release_dests as c;
        let invalid = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, invalid)?;
        if call.num_dests == 0 {
            if self.oracle.takes(c::ZERO_COUNT_RESULT_REFUSED) {
                return refuse(WRONG, &[c::ZERO_COUNT_RESULT, c::ZERO_COUNT]);
            }
            out.status(Status::NO_ERROR, &[c::ZERO_COUNT_RESULT, c::ZERO_COUNT]);
            return Ok(());
        }
        let Some(dests) = &call.dest_infos else { return refuse(WRONG, &[c::NULL_ARRAY]) };
        let mut handles = Vec::new();
        dests.iter().take(call.num_dests as usize).for_each(|d| dest_handles(d, &mut handles));
        self.release(client, &handles, &DESTS, out)?;
        let empty = |view: &crate::vocabulary::structures::DestViewInfo| view.route.is_null();
        if dests.iter().any(|dest| dest.views.iter().any(empty)) {
            let clause = crate::clause::get_enum_dests::NULL_SLOTS_NOT_REFERENCED;
            out.cite(crate::vocabulary::observation::Place::STATUS, clause);
        }
        Ok(())
    }

    pub(super) fn release_dest_info(
        &mut self,
        call: &ReleaseDestInfo,
        out: &mut Observation,
    ) -> Reply {
        use release_dest_info as c;
        let client = self.registration(call.registration, &[c::INVALID_HANDLE])?;
        let Some(dest) = call.dest_info.as_ref().and_then(|dests| dests.first()) else {
            return refuse(WRONG, &[c::NULL_POINTER]);
        };
        let mut handles = Vec::with_capacity(8);
        dest_handles(dest, &mut handles);
        self.release(client, &handles, &DEST_INFO, out)
    }

    pub(super) fn release_route_info(
        &mut self,
        call: &ReleaseRouteInfo,
        out: &mut Observation,
    ) -> Reply {
        use release_route_info as c;
        let client = self.registration(call.registration, &[c::INVALID_HANDLE])?;
        let Some(route) = &call.route_info else { return refuse(WRONG, &[c::NULL_POINTER]) };
        let mut handles = Vec::with_capacity(8);
        handles.push((HandleKind::Dest, route.dest));
        handles.push((HandleKind::Entity, route.owner));
        handles.push((HandleKind::NextHop, route.neighbour));
        handles.extend(route.next_hops.iter().map(|hop| (HandleKind::NextHop, *hop)));
        handles.retain(|(_, handle)| !handle.is_null());
        self.release(client, &handles, &ROUTE_INFO, out)
    }

    pub(super) fn release_next_hop_info(
        &mut self,
        call: &ReleaseNextHopInfo,
        out: &mut Observation,
    ) -> Reply {
        use release_next_hop_info as c;
        let client = self.registration(call.registration, &[c::INVALID_HANDLE])?;
        let Some(hop) = &call.next_hop_info else { return refuse(WRONG, &[c::NULL_POINTER]) };
        let mut handles =
            vec![(HandleKind::Entity, hop.owner), (HandleKind::Dest, hop.remote_next_hop)];
        handles.retain(|(_, handle)| !handle.is_null());
        self.release(client, &handles, &HOP_INFO, out)
    }

    pub(super) fn release_entity_info(
        &mut self,
        call: &ReleaseEntityInfo,
        out: &mut Observation,
    ) -> Reply {
        use release_entity_info as c;
        self.registration(call.registration, &[c::INVALID_HANDLE])?;
        if call.entity_info.is_none() {
            return refuse(WRONG, &[c::NULL_POINTER]);
        }
        out.status(Status::NO_ERROR, &[c::SUCCESS]);
        Ok(())
    }
}

fn kind_of(object: Object) -> HandleKind {
    match object {
        Object::Entity(_) => HandleKind::Entity,
        Object::Dest(_) => HandleKind::Dest,
        Object::Route(_) => HandleKind::Route,
        Object::NextHop(_) => HandleKind::NextHop,
    }
}

/// The handles in a destination structure; NULL members of its views are passed over.
fn dest_handles(dest: &DestInfo, handles: &mut Vec<(HandleKind, Handle)>) {
    handles.push((HandleKind::Dest, dest.dest));
    for view in &dest.views {
        handles.push((HandleKind::Route, view.route));
        handles.push((HandleKind::Entity, view.owner));
        handles.push((HandleKind::Route, view.hold_route));
    }
    let mut first = true;
    handles.retain(|(_, handle)| std::mem::take(&mut first) || !handle.is_null());
}
