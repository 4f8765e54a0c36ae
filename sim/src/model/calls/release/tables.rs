//! Which clauses decide about each release function.

use crate::clause::{
    ClauseId, add_next_hop, delete_next_hop, delete_route_list, event_callback as event,
    find_next_hop, get_dest_info, get_entity_info, get_entity_methods, get_next_hop_info,
    get_registered_entities, get_route_info, ignore_changed_dests, insert_in_route_list,
    invoke_method, lock_next_hop, mark_dest_for_change_notification,
    reference_handles as references, release_changed_dests, release_dest_info, release_dests,
    release_entities, release_next_hop_info, release_next_hops, release_route_info, release_routes,
};
use crate::model::references::Object;
use crate::readings::Reading;
use crate::vocabulary::handle::HandleKind;

/// Which clauses decide about one release function.
pub(in crate::model::calls) struct ReleaseClauses {
    pub success: &'static [ClauseId],
    /// Cited before those when they have had a say about one of the objects.
    pub noted: &'static [ClauseId],
    /// Had a say about what is still held afterwards.
    pub keeps: ClauseId,
    /// The element is NULL.
    pub null: &'static [ClauseId],
    /// It is a live handle of another kind.
    pub wrong_kind: &'static [ClauseId],
    /// It names nothing that lives.
    pub dead: &'static [ClauseId],
    /// The caller holds no reference on it, or not enough.
    pub not_held: &'static [ClauseId],
    /// It came with a changed destination, which goes back another way; and the reading that
    /// takes it all the same.
    pub changed: Option<(ClauseId, Reading)>,
    /// Faults: all references are dropped, none is.
    pub drops_all: Option<Reading>,
    pub drops_none: Option<Reading>,
    /// What the second fault does not drop.
    pub spares: Spares,
}

/// What a fault does not drop.
pub(in crate::model::calls) enum Spares {
    /// Everything.
    All,
    /// The destination of a structure.
    Dest,
    /// What stands in the views of a destination.
    Inner,
}

pub(super) const ROUTES: ReleaseClauses = ReleaseClauses {
    success: &[
        release_routes::ONE_REFERENCE_EACH,
        references::GENERAL_RELEASE_LOWERS,
        release_routes::SUCCESS,
    ],
    noted: &[
        delete_route_list::HANDLES_SURVIVE,
        insert_in_route_list::KEEPS_CALLERS_REFERENCES,
        insert_in_route_list::RELEASE_WITH,
        references::NOT_CHANGED_DESTS_LIST,
        event::EXPIRED_HANDLE_OWNERSHIP,
        references::RELEASE_BY_TYPE,
        get_route_info::ROUTE_HANDLE_KEPT,
    ],
    keeps: release_routes::ONE_REFERENCE_EACH,
    null: &[release_routes::NULL_ELEMENT],
    wrong_kind: &[release_routes::WRONG_KIND_ELEMENT],
    dead: &[release_routes::DOUBLE_RELEASE],
    not_held: &[release_routes::NOT_HELD_BY_CALLER],
    changed: None,
    drops_all: Some(release_routes::ONE_REFERENCE_EACH_DROPS_ALL),
    drops_none: Some(release_routes::ONE_REFERENCE_EACH_DROPS_NONE),
    spares: Spares::All,
};

pub(super) const NEXT_HOPS: ReleaseClauses = ReleaseClauses {
    success: &[
        release_next_hops::ONE_REFERENCE_EACH,
        references::GENERAL_RETURNED_COUNTED,
        release_next_hops::SUCCESS,
    ],
    noted: &[
        delete_next_hop::BY_INFO_NO_HANDLE_RELEASED,
        delete_next_hop::OTHER_REFERENCES_REMAIN,
        references::ADD_ROUTE_COUNTS_ITSELF,
        find_next_hop::HANDLE_REFERENCE,
        references::RELEASE_NEXT_HOP,
        add_next_hop::EACH_RETURN_ONE_REFERENCE,
        get_next_hop_info::HANDLE_KEPT,
        lock_next_hop::NO_REFERENCE,
        add_next_hop::HANDLE_RETURNED_REFERENCED,
    ],
    keeps: release_next_hops::ONE_REFERENCE_EACH,
    null: &[release_next_hops::NULL_ELEMENT],
    wrong_kind: &[release_next_hops::WRONG_KIND_ELEMENT],
    dead: &[release_next_hops::DOUBLE_RELEASE],
    not_held: &[release_next_hops::NOT_HELD_BY_CALLER],
    changed: None,
    drops_all: Some(release_next_hops::ONE_REFERENCE_EACH_DROPS_ALL),
    drops_none: Some(release_next_hops::ONE_REFERENCE_EACH_DROPS_NONE),
    spares: Spares::All,
};

pub(super) const ENTITIES: ReleaseClauses = ReleaseClauses {
    success: &[
        release_entities::ONE_REFERENCE_EACH,
        get_registered_entities::HANDLES_REFERENCED,
        release_entities::SUCCESS,
    ],
    noted: &[
        release_entities::FOR_ANY_ENTITY_HANDLE,
        references::RELEASE_ENTITY,
        get_entity_info::ENTITY_HANDLE_KEPT,
        get_entity_methods::ENTITY_HANDLE_KEPT,
        get_entity_methods::ENTITY_HANDLE_RELEASE,
        invoke_method::ENTITY_HANDLE_KEPT,
    ],
    keeps: release_entities::ONE_REFERENCE_EACH,
    null: &[release_entities::INVALID_HANDLE_WHICH, release_entities::INVALID_HANDLE],
    wrong_kind: &[release_entities::WRONG_KIND],
    dead: &[release_entities::OVER_RELEASE],
    not_held: &[release_entities::OVER_RELEASE],
    changed: None,
    drops_all: Some(release_entities::ONE_REFERENCE_EACH_DROPS_ALL),
    drops_none: None,
    spares: Spares::All,
};

pub(super) const DESTS: ReleaseClauses = ReleaseClauses {
    success: &[release_dests::ONE_REFERENCE_EACH, release_dests::SUCCESS],
    noted: &[],
    keeps: release_dests::ONE_REFERENCE_EACH,
    null: &[release_dests::NULL_ELEMENT],
    wrong_kind: &[release_dests::WRONG_KIND_ELEMENT],
    dead: &[release_dests::DOUBLE_RELEASE],
    not_held: &[release_dests::NOT_HELD_BY_CALLER],
    changed: Some((release_dests::CHANGED_PASSED, release_dests::CHANGED_PASSED_RELEASED)),
    drops_all: None,
    drops_none: Some(release_dests::DROPS_INNER_HANDLES_DEST_ONLY),
    spares: Spares::Inner,
};

pub(super) const DEST_INFO: ReleaseClauses = ReleaseClauses {
    success: &[
        release_dest_info::DROPS_ALL_REFERENCES,
        get_dest_info::HANDLES_REFERENCED,
        release_dest_info::SUCCESS,
    ],
    noted: &[
        mark_dest_for_change_notification::NO_REFERENCES,
        ignore_changed_dests::NO_RELEASE,
        references::NOT_CHANGED_DESTS_LIST,
        get_dest_info::DEST_HANDLE_IN_KEPT,
    ],
    keeps: release_dest_info::DROPS_ALL_REFERENCES,
    null: &[release_dest_info::EDITED_STRUCTURE],
    wrong_kind: &[release_dest_info::EDITED_STRUCTURE],
    dead: &[release_dest_info::TWICE],
    not_held: &[release_dest_info::TWICE],
    changed: Some((release_dest_info::CHANGED_PASSED, release_dest_info::CHANGED_PASSED_RELEASED)),
    drops_all: None,
    drops_none: Some(release_dest_info::DROPS_ALL_REFERENCES_DEST_ONLY),
    spares: Spares::Dest,
};

pub(super) const ROUTE_INFO: ReleaseClauses = ReleaseClauses {
    success: &[
        release_route_info::DROPS_ALL_REFERENCES,
        get_route_info::HANDLES_REFERENCED,
        release_route_info::SUCCESS,
    ],
    noted: &[release_route_info::ALSO_FOR_EXACT_MATCH],
    keeps: release_route_info::DROPS_ALL_REFERENCES,
    null: &[release_route_info::EDITED_STRUCTURE],
    wrong_kind: &[release_route_info::EDITED_STRUCTURE],
    dead: &[release_route_info::TWICE],
    not_held: &[release_route_info::TWICE],
    changed: None,
    drops_all: None,
    drops_none: Some(release_route_info::DROPS_ALL_REFERENCES_NONE),
    spares: Spares::Dest,
};

pub(super) const HOP_INFO: ReleaseClauses = ReleaseClauses {
    success: &[release_next_hop_info::DROPS_ALL_REFERENCES, release_next_hop_info::SUCCESS],
    noted: &[],
    keeps: release_next_hop_info::DROPS_ALL_REFERENCES,
    null: &[release_next_hop_info::EDITED_STRUCTURE],
    wrong_kind: &[release_next_hop_info::EDITED_STRUCTURE],
    dead: &[release_next_hop_info::TWICE],
    not_held: &[release_next_hop_info::TWICE],
    changed: None,
    drops_all: None,
    drops_none: Some(release_next_hop_info::DROPS_ALL_REFERENCES_NONE),
    spares: Spares::Dest,
};

pub(in crate::model::calls) const CHANGED: ReleaseClauses = ReleaseClauses {
    success: &[release_changed_dests::DROPS_INNER_HANDLES, release_changed_dests::SUCCESS],
    noted: &[],
    keeps: release_changed_dests::DROPS_INNER_HANDLES,
    null: &[release_changed_dests::ERR_INVALID_HANDLE],
    wrong_kind: &[release_changed_dests::PARTIAL_FAILURE],
    dead: &[release_changed_dests::DOUBLE_RELEASE],
    not_held: &[release_changed_dests::DOUBLE_RELEASE],
    changed: None,
    drops_all: Some(release_changed_dests::KEPT_HANDLE_SURVIVES_DROPPED),
    drops_none: Some(release_changed_dests::DROPS_INNER_HANDLES_DEST_ONLY),
    spares: Spares::Inner,
};

/// The kind of handle that names an object.
pub(super) fn kind_of(object: Object) -> HandleKind {
    match object {
        Object::Entity(_) => HandleKind::Entity,
        Object::Dest(_) => HandleKind::Dest,
        Object::Route(_) => HandleKind::Route,
        Object::NextHop(_) => HandleKind::NextHop,
    }
}
