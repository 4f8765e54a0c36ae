//! Why: where references came from decides whether they can be given back.

use super::Given;
use super::tables::ReleaseClauses;
use crate::clause::{
    ClauseId, add_route_to_dest as add, create_dest_enum, create_next_hop_enum, create_route_enum,
    delete_enum_handle as delete_enum, delete_route_to_dest as delete, get_dest_info,
    get_enum_dests as dests, get_enum_next_hops as hops, get_enum_routes as routes,
    get_exact_match_destination as exact, get_exact_match_route as exact_route,
    get_less_specific_destination as less, get_list_enum_routes as list,
    get_most_specific_destination as most, lock_destination, release_changed_dests,
    release_dest_info, release_dests, release_next_hops, release_routes,
};
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::state::arena::Index;
use crate::model::state::objects::EnumKind;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Basis, Observation, Place};

/// What the three releases of fetched items have each for themselves.
struct Fetched {
    items_referenced: ClauseId,
    released_by: ClauseId,
    not_in_release: ClauseId,
    source: ClauseId,
    count: ClauseId,
    independent: ClauseId,
    any_grouping: ClauseId,
    freed_at_zero: ClauseId,
    open: fn(&EnumKind) -> bool,
}

macro_rules! fetched {
    ($create:ident, $fetch:ident, $release:ident, $open:expr) => {
        Fetched {
            items_referenced: $fetch::ITEMS_REFERENCED,
            released_by: $fetch::RELEASED_BY,
            not_in_release: $create::HANDLE_NOT_IN_RELEASE,
            source: $release::SOURCE,
            count: $release::COUNT,
            independent: $release::INDEPENDENT_OF_ENUMERATION,
            any_grouping: $release::ANY_GROUPING,
            freed_at_zero: $release::FREED_AT_ZERO,
            open: $open,
        }
    };
}

static DESTS: Fetched =
    fetched!(create_dest_enum, dests, release_dests, |kind| matches!(kind, EnumKind::Dests { .. }));
static ROUTES: Fetched = fetched!(create_route_enum, routes, release_routes, |kind| matches!(
    kind,
    EnumKind::Routes { .. }
));
static NEXT_HOPS: Fetched =
    fetched!(create_next_hop_enum, hops, release_next_hops, |kind| matches!(
        kind,
        EnumKind::NextHops
    ));

impl Model {
    /// Whether more may be released at once than fetched is not said.
    pub(super) fn cite_above_limit(&self, count: u32, clause: ClauseId, out: &mut Observation) {
        if self.config.max_handles_in_enum < count {
            out.cite(Place::STATUS, clause);
        }
    }

    /// What decides a release that succeeds besides the general rules. Called before anything is
    /// given back; `nulls` tells that a structure had empty slots.
    pub(super) fn cite_release(
        &self,
        client: Index,
        handles: &[(HandleKind, Handle)],
        clauses: &ReleaseClauses,
        out: &mut Observation,
    ) {
        let general = clauses.success[0];
        let Some((kind, first)) = handles.first() else { return };
        let status = Place::STATUS;
        let mut stories = handles
            .iter()
            .filter_map(|(_, handle)| self.notes.recall(Topic::Reference(client, *handle)));
        let story = stories.next();
        let fetched = match kind {
            _ if general == release_dests::ONE_REFERENCE_EACH => &DESTS,
            _ if general == release_routes::ONE_REFERENCE_EACH => &ROUTES,
            _ if general == release_next_hops::ONE_REFERENCE_EACH => &NEXT_HOPS,
            HandleKind::Dest => return self.cite_dest_release(client, story, *first, out),
            _ => return,
        };
        let several = handles.iter().filter(|(k, _)| k == kind).count();
        if let Some(object) = self.object(*first) {
            self.cite_object(client, object, handles.len(), out);
        }
        let Some(story) = story else { return };
        if story == list::ITEMS_REFERENCED {
            out.cite(status, release_routes::HANDLES_FROM_LIST_ENUM);
            out.cite(status, list::RELEASED_BY);
        }
        let open = self.enums.iter().any(|(_, e)| e.owner == client && (fetched.open)(&e.kind));
        match (story == fetched.items_referenced, open, several) {
            (true, true, 1) => {
                out.cite(status, fetched.released_by);
                out.cite(status, fetched.source);
            }
            (true, true, _) => {
                let usable =
                    [dests::END_ITEMS_USABLE, routes::END_ITEMS_USABLE, hops::END_ITEMS_USABLE];
                if let Some(usable) = stories.find(|clause| usable.contains(clause)) {
                    out.cite(status, usable);
                }
                out.cite(status, fetched.count);
                if *kind == HandleKind::Dest {
                    out.cite(status, release_dests::ARRAY_OF_STRUCTURES);
                }
            }
            (true, false, 1) => {
                out.cite(status, fetched.not_in_release);
                out.cite(status, fetched.independent);
            }
            (true, false, _) => {
                out.cite(status, delete_enum::ITEMS_STAY_VALID);
                out.cite(status, fetched.any_grouping);
                if *kind == HandleKind::Dest {
                    out.cite(status, release_dests::STRIDE_FROM_STRUCTURE);
                }
            }
            (false, ..) => {}
        }
        // What a route uses has more to say than where its handle came from.
        let used = |hop: Index| 1 < self.next_hops[hop].ledger.structural;
        let plain = story == release_next_hops::HANDLES_FROM_ADD
            && self.next_hops.find(*first).is_some_and(used);
        if !plain {
            out.cite(status, story);
        }
    }

    /// What decides the release of a structure that names a destination.
    fn cite_dest_release(
        &self,
        client: Index,
        story: Option<ClauseId>,
        dest: Handle,
        out: &mut Observation,
    ) {
        let held = self.dests.find(dest).map_or(0, |dest| self.dests[dest].ledger.held(client));
        let clause = match story {
            Some(exact::HANDLES_REFERENCED) if held == 1 => exact::RELEASED_WITH_DEST_INFO,
            Some(
                clause @ (exact::HANDLES_REFERENCED
                | most::RELEASED_WITH_DEST_INFO
                | less::START_HANDLE_NOT_CONSUMED
                | lock_destination::REFERENCE_NOT_CONSUMED
                | exact_route::ROUTE_INFO_REFERENCES),
            ) => clause,
            _ => return,
        };
        // It came from a search, not from the call that gives information on a handle.
        if let Some(status) = out.fields.first_mut() {
            status.basis = status.basis.without(get_dest_info::HANDLES_REFERENCED);
        }
        out.cite(Place::STATUS, clause);
    }

    /// What the object itself adds.
    fn cite_object(&self, client: Index, object: Object, members: usize, out: &mut Observation) {
        let status = Place::STATUS;
        match object {
            Object::Route(route) if !self.routes[route].is_listed() => {
                out.cite(status, release_routes::DELETED_ROUTE);
            }
            Object::NextHop(hop) if self.next_hops[hop].state != 0 => {
                out.cite(status, release_next_hops::DELETED_NEXT_HOP);
            }
            Object::Dest(dest) if self.dests[dest].ledger.held(client) == 1 && 1 < members => {
                out.cite(status, release_dests::DROPS_INNER_HANDLES);
            }
            _ => {}
        }
        if let Object::NextHop(hop) = object
            && self.next_hops[hop].owner != client
        {
            out.cite(status, release_next_hops::FOREIGN_OWNER_NEXT_HOP);
        }
    }

    /// Remembers that a reference was taken on request.
    pub(in crate::model::calls) fn note_reference(&mut self, client: Index, object: Object) {
        let (handle, clause) = match object {
            Object::Route(route) => {
                (self.routes.handle(route), release_routes::HANDLES_FROM_REFERENCE)
            }
            Object::NextHop(hop) => {
                (self.next_hops.handle(hop), release_next_hops::HANDLES_FROM_REFERENCE)
            }
            Object::Entity(_) | Object::Dest(_) => return,
        };
        self.notes.note(Topic::Reference(client, handle), clause);
    }

    /// Remembers that a reference came from a search for a next hop.
    pub(in crate::model::calls) fn note_found_next_hop(&mut self, client: Index, hop: Handle) {
        self.notes.note(Topic::Reference(client, hop), release_next_hops::HANDLES_FROM_FIND);
    }

    /// Remembers what a release leaves behind.
    pub(super) fn note_origins(
        &mut self,
        client: Index,
        objects: &[Given],
        clauses: &ReleaseClauses,
    ) {
        let dests = clauses.success[0] == release_dests::ONE_REFERENCE_EACH;
        let info = clauses.success[0] == release_dest_info::DROPS_ALL_REFERENCES;
        let changed = clauses.success[0] == release_changed_dests::DROPS_INNER_HANDLES;
        let first = objects.iter().position(|given| matches!(given.object, Object::Dest(_)));
        for (at, given) in objects.iter().enumerate() {
            let left = given.held - given.count;
            let (handle, clause) = match (given.object, left) {
                (Object::Entity(_), _) => continue,
                (Object::Route(route), 0) => {
                    let handle = self.routes.handle(route);
                    if self.routes[route].is_listed() && !dests && !info {
                        self.notes.note(Topic::Fate(handle), release_routes::DOES_NOT_DELETE);
                    }
                    let clause = match dests {
                        true => release_dests::DROPS_INNER_HANDLES,
                        false if changed => release_changed_dests::DROPS_INNER_HANDLES,
                        false => ROUTES.freed_at_zero,
                    };
                    (handle, clause)
                }
                (Object::Dest(dest), 0) if changed && first != Some(at) => {
                    (self.dests.handle(dest), release_changed_dests::COUNT)
                }
                (Object::NextHop(hop), 0) => {
                    let handle = self.next_hops.handle(hop);
                    self.notes.note(Topic::Fate(handle), release_next_hops::DOES_NOT_DELETE);
                    (handle, NEXT_HOPS.freed_at_zero)
                }
                (Object::Dest(dest), 0) => (self.dests.handle(dest), DESTS.freed_at_zero),
                (Object::Route(route), _) if dests => {
                    (self.routes.handle(route), release_dests::KEPT_HANDLE_SURVIVES)
                }
                (Object::Dest(dest), _) => (self.dests.handle(dest), DESTS.freed_at_zero),
                (Object::Route(route), _) => (self.routes.handle(route), ROUTES.freed_at_zero),
                (Object::NextHop(hop), _) => (self.next_hops.handle(hop), NEXT_HOPS.freed_at_zero),
            };
            let topic = Topic::Reference(client, handle);
            let lasting = [
                add::EACH_RETURN_ONE_REFERENCE,
                exact_route::CRITERIA_HANDLES_KEEP_REFERENCES,
                exact_route::ROUTE_HANDLE_REFERENCE,
                less::START_HANDLE_NOT_CONSUMED,
                delete::OTHER_REFERENCES_REMAIN,
            ];
            let known = self.notes.recall(topic);
            // A structure that was filled anew is given back, not the item that was delivered.
            if info && left != 0 && known == Some(DESTS.items_referenced) {
                continue;
            }
            if left == 0 || known.is_none_or(|known| !lasting.contains(&known)) {
                self.notes.note(topic, clause);
            }
        }
    }
}

/// Puts clauses before those of the status, on a condition.
pub(super) fn cite_first(out: &mut Observation, condition: bool, clauses: &[ClauseId]) {
    if condition && let Some(field) = out.fields.first_mut() {
        field.basis = Basis::of(clauses).joined(field.basis);
    }
}

/// Puts clauses behind those of the status, as far as there is room.
pub(super) fn cite_last(out: &mut Observation, clauses: &[ClauseId]) {
    if let Some(field) = out.fields.first_mut() {
        field.basis = field.basis.joined(Basis::of(clauses));
    }
}
