//! Giving back: every release is checked as a whole and takes all or nothing.

mod reasons;

pub(super) mod tables;

use crate::clause::{
    ClauseId, entity_export_method, event_callback as event, get_dest_info, get_entity_info,
    get_next_hop_info, get_registered_entities, get_route_info, hold_destination as hold,
    lock_route, reference_handles as references, release_dest_info, release_dests,
    release_entities, release_entity_info, release_next_hop_info, release_next_hops,
    release_route_info, release_routes,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::Index;
use crate::readings::Reading;
use crate::vocabulary::call::{
    ReleaseDestInfo, ReleaseDests, ReleaseEntities, ReleaseEntityInfo, ReleaseNextHopInfo,
    ReleaseNextHops, ReleaseRouteInfo, ReleaseRoutes,
};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Basis, Observation, Place};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::DestInfo;
use reasons::{cite_first, cite_last};
use smallvec::SmallVec;
use tables::{
    DEST_INFO, DESTS, ENTITIES, HOP_INFO, NEXT_HOPS, ROUTE_INFO, ROUTES, ReleaseClauses, Spares,
    kind_of,
};

/// Handles that are given back at once without memory of their own.
const FEW: usize = 8;

/// Handles to be given back, each with the kind that it must be of.
pub(super) type Handles = SmallVec<[(HandleKind, Handle); FEW]>;

/// What is taken on account of locked routes: destination, next hop, count.
type OnAccount = SmallVec<[(Index, Index, u32); 1]>;

/// Which references of a client a release takes.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// Plain ones.
    Plain,
    /// Those that came with structures fetched under this registration for changes.
    Fetched(Index),
}

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;

/// An object of which references are given back.
#[derive(Clone, Copy)]
pub(super) struct Given {
    pub object: Object,
    /// References that are given back.
    pub count: u32,
    /// References that the client holds before.
    pub held: u32,
}

impl Model {
    /// Gives back one reference for each handle, of the kind that stands beside it, or none.
    pub(super) fn release(
        &mut self,
        client: Index,
        source: Source,
        handles: &[(HandleKind, Handle)],
        clauses: &ReleaseClauses,
        out: &mut Observation,
    ) -> Reply {
        let mut objects: SmallVec<[Given; FEW]> = SmallVec::new();
        for (kind, handle) in handles {
            let Some(object) = self.object(*handle) else {
                let clauses = match *handle {
                    Handle::NULL => clauses.null,
                    _ if self.is_open(*handle) => clauses.wrong_kind,
                    _ => clauses.dead,
                };
                return refuse(INVALID, clauses);
            };
            if kind_of(object) != *kind {
                return refuse(INVALID, clauses.wrong_kind);
            }
            match objects.iter_mut().find(|given| given.object == object) {
                Some(given) => given.count += 1,
                None => {
                    objects.push(Given { object, count: 1, held: self.held(client, object) });
                }
            }
        }
        let on_account = match source {
            Source::Fetched(notification) => {
                self.check_fetched(client, notification, &objects)?;
                OnAccount::new()
            }
            Source::Plain => self.check_held(client, &mut objects, clauses)?,
        };
        objects.retain(|given| given.count != 0);
        let grounds = Basis::from(self.release_grounds(&objects, clauses));
        // When the reference of an event that waits is taken is not said.
        let early = objects.iter().any(|g| self.is_early(client, g));
        let grounds = if early { grounds.with(clauses.not_held[0]) } else { grounds };
        let mut kept = objects.iter().filter_map(|g| self.kept_on_failure(client, g.object));
        let grounds = kept.next().map_or(grounds, |clause| grounds.with(clause));
        out.status(Status::NO_ERROR, grounds);
        self.cite_release(client, handles, clauses, out);
        for (dest, hop, count) in on_account {
            out.cite(Place::STATUS, lock_route::RELEASE_ON_ACCOUNT_OF_ROUTE);
            self.take_on_account(dest, hop, count);
        }
        self.note_origins(client, &objects, clauses);
        let takes = |reading: Option<Reading>| reading.is_some_and(|r| self.oracle.takes(r));
        let (all, none) = (takes(clauses.drops_all), takes(clauses.drops_none));
        for given in &objects {
            self.note_release(client, given, clauses.keeps);
            let Given { object, count, held } = *given;
            let is_dest = matches!(object, Object::Dest(_));
            let spared = none
                && match clauses.spares {
                    Spares::All => true,
                    Spares::Dest => is_dest,
                    Spares::Inner => !is_dest,
                };
            if !spared {
                let count = if all { held } else { count };
                self.unbook_released(client, source, object, count);
                self.give_back(client, object, count);
            }
        }
        Ok(())
    }

    /// Refuses to take more references than a client holds, or those that go back another way.
    /// Gives what is taken on account of a locked route instead.
    fn check_held(
        &mut self,
        client: Index,
        objects: &mut [Given],
        clauses: &ReleaseClauses,
    ) -> Result<OnAccount, Refusal> {
        let mut on_account = OnAccount::new();
        for given in objects.iter_mut() {
            let short = given.count.saturating_sub(given.held);
            if short == 0 {
                continue;
            }
            let account = match (given.object, clauses.keeps) {
                (Object::NextHop(hop), release_next_hops::ONE_REFERENCE_EACH) => {
                    self.account_for(client, hop, short).map(|dest| (dest, hop, short))
                }
                _ => None,
            };
            let Some(account) = account else {
                if given.held != 0
                    && let Object::Route(route) = given.object
                    && clauses.keeps == release_routes::ONE_REFERENCE_EACH
                {
                    let topic = Topic::Reference(client, self.routes.handle(route));
                    self.notes.note(topic, release_routes::DUPLICATE_ELEMENTS);
                }
                // No release gives back what a method is only lent.
                let lent = self.is_lent_to_method(client, given.object);
                let clauses = Grounds::NONE
                    .when(lent, entity_export_method::HANDLES_BORROWED)
                    .and(clauses.not_held);
                return refuse(INVALID, clauses);
            };
            on_account.push(account);
            given.count = given.held;
        }
        let is_fetched = |given: &Given| self.unbooked(client, given.object) < given.count;
        let fetched = objects.iter().any(is_fetched);
        match clauses.changed.filter(|_| fetched) {
            Some((_, reading)) if self.oracle.takes(reading) => Ok(on_account),
            Some((clause, _)) => {
                self.misuse(clause);
                refuse(INVALID, &[clause])
            }
            None if fetched => refuse(INVALID, clauses.not_held),
            None => Ok(on_account),
        }
    }

    /// Whether a client gives references back that an event will tell it of.
    fn is_early(&self, client: Index, given: &Given) -> bool {
        let untold = self.untold(client, given.object);
        untold != 0 && given.held.saturating_sub(untold) < given.count
    }

    /// What is given back is no longer booked as fetched.
    fn unbook_released(&mut self, client: Index, source: Source, object: Object, count: u32) {
        if let Source::Fetched(notification) = source {
            self.unbook(notification, object, count);
        }
        // As many as are left must cover what is still booked elsewhere.
        let left = self.held(client, object) - count;
        while left < self.booked(client, object) {
            self.unbook_any(client, object);
        }
    }

    /// What decides that a release succeeds.
    fn release_grounds(&self, objects: &[Given], clauses: &ReleaseClauses) -> Grounds {
        let mut special = Grounds::NONE;
        for Given { object, .. } in objects {
            special = special.also(&self.noted(*object, clauses.noted, 2));
            if let Object::Entity(entity) = object
                && !self.entities[*entity].registered
                && clauses.keeps == release_entities::ONE_REFERENCE_EACH
            {
                let held = crate::clause::deregister_entity::HELD_ENTITY_HANDLES;
                special = special.and(&[release_entities::AFTER_TARGET_DEREGISTERED, held]);
            }
            if matches!(object, Object::Route(_)) && self.in_expiry_of(*object) {
                special = special.and(&[event::ALLOWED_IN_EXPIRED_EVENT]);
            }
        }
        // One or two that fit the case; the others keep their places.
        let most = special.len().min(2);
        Grounds::of(&special[..most]).and(clauses.success)
    }

    /// Remembers what a release leaves as it is: references of this client and of others, and
    /// handles that the client had counted for itself.
    fn note_release(&mut self, client: Index, given: &Given, keeps: ClauseId) {
        use release_dest_info as dest;
        use release_next_hop_info as hop;
        use release_route_info as route;
        let Given { object, count, held } = *given;
        let more = count < held;
        if more {
            self.notes.add(object, keeps);
            self.notes.add(object, references::GENERAL_TWO_RELEASES);
        }
        if keeps == release_entities::ONE_REFERENCE_EACH {
            self.notes.add(object, release_entities::NOT_A_DEREGISTRATION);
        }
        if self.held_by_others(client, object) {
            self.notes.add(object, references::GENERAL_TWO_CLIENTS);
        }
        let kept = match keeps {
            dest::DROPS_ALL_REFERENCES => dest::KEEP_ONE_HANDLE,
            route::DROPS_ALL_REFERENCES => route::KEEP_ONE_HANDLE,
            hop::DROPS_ALL_REFERENCES => hop::KEEP_ONE_HANDLE,
            _ => return,
        };
        if more && self.notes.has(object, references::KEEPS_OBJECT) {
            self.notes.add(object, kept);
            self.notes.add(object, references::KEEP_ONE_OF_STRUCTURE);
        }
    }

    /// A release of an array of bare handles.
    #[expect(clippy::too_many_arguments, reason = "what three functions have in common")]
    fn release_array(
        &mut self,
        client: Index,
        kind: HandleKind,
        count: u32,
        handles: Option<&Vec<Handle>>,
        zero_count: ([ClauseId; 2], Reading),
        null_array: ClauseId,
        clauses: &ReleaseClauses,
        out: &mut Observation,
    ) -> Reply {
        if count == 0 {
            let (clauses, refused) = zero_count;
            if self.oracle.takes(refused) {
                return refuse(WRONG, &clauses);
            }
            out.status(Status::NO_ERROR, &clauses);
            return Ok(());
        }
        let Some(handles) = handles else { return refuse(WRONG, &[null_array]) };
        let listed = handles.iter().take(count as usize).map(|handle| (kind, *handle));
        let listed: Handles = listed.collect();
        self.release(client, Source::Plain, &listed, clauses, out)?;
        match kind {
            HandleKind::Route => self.cite_above_limit(count, release_routes::ABOVE_LIMIT, out),
            HandleKind::NextHop => {
                self.cite_above_limit(count, release_next_hops::ABOVE_LIMIT, out)
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn release_routes(&mut self, call: &ReleaseRoutes, out: &mut Observation) -> Reply {
        use release_routes as c;
        let invalid = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, invalid)?;
        let refused = release_routes::ZERO_COUNT_RESULT_REFUSED;
        let clauses = [c::ZERO_COUNT_RESULT, c::ZERO_COUNT];
        let (zero, null) = ((clauses, refused), c::NULL_ARRAY);
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
        let refused = c::ZERO_COUNT_RESULT_REFUSED;
        let clauses = [c::ZERO_COUNT_RESULT, c::ZERO_COUNT];
        let (zero, null) = ((clauses, refused), c::NULL_ARRAY);
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
        let (zero, null) = (([c::COUNT_ZERO; 2], c::COUNT_ZERO_REFUSED), c::NULL_ARRAY);
        let handles = call.entity_handles.as_ref();
        let (kind, count) = (HandleKind::Entity, call.num_entities);
        self.release_array(client, kind, count, handles, zero, null, &ENTITIES, out)?;
        match count {
            0 => {}
            1 => cite_last(out, &[c::FOR_REGISTERED_ENTITIES]),
            _ => cite_last(out, &[get_registered_entities::RELEASE_WITH]),
        }
        Ok(())
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
        let mut handles = Handles::new();
        dests.iter().take(call.num_dests as usize).for_each(|d| dest_handles(d, &mut handles));
        self.release(client, Source::Plain, &handles, &DESTS, out)?;
        self.cite_above_limit(call.num_dests, c::ABOVE_LIMIT, out);
        let empty = dests.iter().any(|dest| dest.views.iter().any(|view| view.route.is_null()));
        cite_first(out, empty, &[crate::clause::get_enum_dests::NULL_SLOTS_NOT_REFERENCED]);
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
        let mut handles = Handles::new();
        dest_handles(dest, &mut handles);
        let empty = |dest: Index| self.dests[dest].routes.is_empty();
        let emptied = self.dests.find(dest.dest).is_some_and(empty);
        let is_marked = |dest| self.notes.has(Object::Dest(dest), hold::DEST_HANDLE_NOT_CONSUMED);
        let marked = self.dests.find(dest.dest).is_some_and(is_marked);
        let is_counted = |dest| self.notes.has(Object::Dest(dest), references::KEEPS_OBJECT);
        let bare = dest.views.is_empty()
            && dest.address.family == 0
            && self.dests.find(dest.dest).is_some_and(is_counted);
        self.release(client, Source::Plain, &handles, &DEST_INFO, out)?;
        let skipped = dest.views.iter().any(|view| view.route.is_null());
        let null = &[c::NULL_HANDLES_SKIPPED, references::GENERAL_NULL_SLOTS];
        cite_first(out, skipped, null);
        let equivalent = references::GENERAL_STRUCTURE_RELEASE_EQUIVALENT;
        let alone = &[c::DROPS_ALL_REFERENCES, get_dest_info::RELEASE_WITH, c::SUCCESS, equivalent];
        cite_first(out, dest.views.is_empty(), alone);
        cite_last(out, &[c::FOR_SINGLE_STRUCTURES]);
        cite_first(out, emptied, &[crate::clause::delete_route_to_dest::DEST_HANDLE_SURVIVES]);
        cite_first(out, marked, &[hold::DEST_HANDLE_NOT_CONSUMED]);
        // No call has filled the structure: it stands for the handle alone.
        if dest.views.is_empty() && dest.address.family == 0 {
            out.cite(Place::STATUS, c::RELEASE_OF_KEPT_DEST_HANDLE);
            let topic = Topic::Reference(client, dest.dest);
            self.notes.note(topic, c::RELEASE_OF_KEPT_DEST_HANDLE);
        }
        let held = dest.views.iter().any(|view| !view.hold_route.is_null());
        cite_first(out, held, &[hold::HOLD_ROUTE_HANDLE_REFERENCED]);
        if bare {
            out.cite(Place::STATUS, references::RELEASE_DEST);
        }
        Ok(())
    }

    pub(super) fn release_route_info(
        &mut self,
        call: &ReleaseRouteInfo,
        out: &mut Observation,
    ) -> Reply {
        use release_route_info as c;
        let client = self.registration(call.registration, &[c::INVALID_HANDLE])?;
        let Some(route) = &call.route_info else { return refuse(WRONG, &[c::NULL_POINTER]) };
        let mut handles = Handles::new();
        handles.push((HandleKind::Dest, route.dest));
        handles.push((HandleKind::Entity, route.owner));
        handles.push((HandleKind::NextHop, route.neighbour));
        handles.extend(route.next_hops.iter().map(|hop| (HandleKind::NextHop, *hop)));
        let all = handles.len();
        handles.retain(|(_, handle)| !handle.is_null());
        self.release(client, Source::Plain, &handles, &ROUTE_INFO, out)?;
        self.notes.add(Object::Entity(client), c::NOT_THE_ROUTE_HANDLE);
        let no_neighbour = &[
            c::NULL_HANDLES_SKIPPED,
            c::DROPS_ALL_REFERENCES,
            get_route_info::HANDLES_REFERENCED,
            get_route_info::RELEASE_WITH,
        ];
        cite_first(out, handles.len() < all, no_neighbour);
        cite_last(out, &[c::PAIRS_WITH_GET]);
        Ok(())
    }

    pub(super) fn release_next_hop_info(
        &mut self,
        call: &ReleaseNextHopInfo,
        out: &mut Observation,
    ) -> Reply {
        use release_next_hop_info as c;
        let client = self.registration(call.registration, &[c::INVALID_HANDLE])?;
        let Some(hop) = &call.next_hop_info else { return refuse(WRONG, &[c::NULL_POINTER]) };
        let owner = (HandleKind::Entity, hop.owner);
        let mut handles = Handles::from_slice(&[owner, (HandleKind::Dest, hop.remote_next_hop)]);
        let all = handles.len();
        handles.retain(|(_, handle)| !handle.is_null());
        self.release(client, Source::Plain, &handles, &HOP_INFO, out)?;
        self.notes.add(Object::Entity(client), c::NOT_THE_NEXT_HOP_HANDLE);
        let local = handles.len() < all;
        cite_first(out, local, &[c::REMOTE_HANDLE_SKIPPED_WHEN_NULL]);
        let general = &[
            c::PAIRS_WITH_GET,
            references::GENERAL_NEXT_HOP_INFO_RELEASE,
            get_next_hop_info::RELEASE_WITH,
        ];
        if local {
            cite_last(out, general)
        } else {
            cite_last(out, &general[1..])
        }
        Ok(())
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
        if self.oracle.takes(c::PAIRS_WITH_GET_REFUSED) {
            return refuse(WRONG, &[c::PAIRS_WITH_GET]);
        }
        out.status(
            Status::NO_ERROR,
            &[c::SUCCESS, c::PAIRS_WITH_GET, c::TAKES_STRUCTURE, get_entity_info::PAIRED_RELEASE],
        );
        Ok(())
    }
}

/// The handles in a destination structure; NULL members of its views are passed over.
pub(super) fn dest_handles(dest: &DestInfo, handles: &mut Handles) {
    handles.push((HandleKind::Dest, dest.dest));
    for view in &dest.views {
        let named = [
            (HandleKind::Route, view.route),
            (HandleKind::Entity, view.owner),
            (HandleKind::Route, view.hold_route),
        ];
        handles.extend(named.into_iter().filter(|(_, handle)| !handle.is_null()));
    }
}
