//! Registration: clients come, are listed, and go.

use crate::clause::{
    ClauseId, deregister_entity as deregister, event_callback as event,
    get_registered_entities as list, register_entity as register,
};
use crate::model::Model;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::ledger::Ledger;
use crate::model::state::objects::{Entity, Table};
use crate::vocabulary::call::{DeregisterEntity, GetRegisteredEntities, RegisterEntity};
use crate::vocabulary::constants::{AF_INET, AF_INET6, EventType};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::EntityInfo;

const PROFILE: Place = Place::output(4);
const REGISTRATION: Place = Place::output(5);
const NUM_ENTITIES: Place = Place::output(1);
const ENTITY_HANDLES: Place = Place::output(2);
const ENTITY_INFOS: Place = Place::output(3);

/// Methods that one client can export.
const METHODS_MAX: usize = 32;

impl Model {
    pub(super) fn register_entity(
        &mut self,
        call: &RegisterEntity,
        out: &mut Observation,
    ) -> Reply {
        let info = self.check_registration(call)?;
        let table = match self.table_index(&info) {
            Some(table) => table,
            None => {
                self.tables.push(Table {
                    instance: info.instance,
                    family: info.family,
                    entities: Vec::new(),
                    dests: Default::default(),
                });
                self.tables.len() - 1
            }
        };
        let mut methods = call.export_methods.clone().unwrap_or_default();
        methods.truncate(METHODS_MAX);
        let index = self.entities.insert(Entity {
            table,
            info,
            actor: self.actor,
            callback: call.event_callback,
            methods,
            opaque: call.reserve_opaque_pointer != 0,
            registered: true,
            ledger: Ledger::structural(),
            next_hops: Default::default(),
        });
        self.tables[table].entities.push(index);
        if !self.oracle.takes(register::REGISTERED_EVENT_NEVER) {
            self.queue_entity_event(index, EventType::EntityRegistered);
        }
        self.report_registration(index, out);
        Ok(())
    }

    fn table_index(&self, info: &EntityInfo) -> Option<usize> {
        self.tables.iter().position(|t| (t.instance, t.family) == (info.instance, info.family))
    }

    fn check_registration(&mut self, call: &RegisterEntity) -> Result<EntityInfo, Refusal> {
        const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
        if self.in_entity_event() {
            self.misuse(register::NOT_FROM_ENTITY_EVENT);
            return refuse(WRONG, &[event::FORBIDDEN_CALL_RESULT, register::NOT_FROM_ENTITY_EVENT]);
        }
        let Some(info) = call.entity_info else {
            return refuse(WRONG, &[register::NULL_ENTITY_INFO]);
        };
        if !call.profile || !call.registration {
            return refuse(WRONG, &[register::NULL_OUTPUT_POINTERS]);
        }
        let wrong = match self.oracle.takes(register::INVALID_DATA_OR_PARAMETER_DATA) {
            true => Status::ERROR_INVALID_DATA,
            false => WRONG,
        };
        if !self.config.families.contains(&info.family) {
            let known = [AF_INET, AF_INET6].contains(&info.family);
            let status = if known { Status::ERROR_FILE_NOT_FOUND } else { wrong };
            return refuse(status, &[register::FAMILY_UNSUPPORTED_CODE]);
        }
        if !self.config.instances.contains(&info.instance) {
            return refuse(Status::ERROR_FILE_NOT_FOUND, &[register::INSTANCE_NONZERO]);
        }
        if call.export_methods.as_ref().is_some_and(|m| METHODS_MAX < m.len()) {
            let clauses = &[register::EXPORT_METHODS_OVER_LIMIT];
            return refuse(wrong, clauses);
        }
        self.check_identity(&info)?;
        let Some(table) = self.table_index(&info) else { return Ok(info) };
        let entities = &self.tables[table].entities;
        let slots = entities.iter().filter(|e| self.entities[**e].opaque).count();
        if call.reserve_opaque_pointer != 0 && self.config.opaque_slots as usize <= slots {
            let clauses = &[register::OPAQUE_SLOTS_EXHAUSTED];
            return refuse(Status::ERROR_NO_SYSTEM_RESOURCES, clauses);
        }
        if self.config.entities as usize <= entities.len() {
            return refuse(Status::ERROR_NO_SYSTEM_RESOURCES, &[register::ENTITY_COUNT_LIMIT]);
        }
        Ok(info)
    }

    fn check_identity(&self, info: &EntityInfo) -> Reply {
        let taken = self.tables.iter().flat_map(|t| &t.entities).any(|other| {
            let other = &self.entities[*other].info;
            let ids = other.protocol == info.protocol
                && (other.protocol_instance == info.protocol_instance
                    || self.oracle.takes(register::SAME_PROTOCOL_OTHER_INSTANCE_ID_REFUSED));
            let family = other.family == info.family
                || self.oracle.takes(register::SAME_ID_OTHER_FAMILY_REFUSED);
            ids && family && other.instance == info.instance
        });
        if taken && !self.oracle.takes(register::ALREADY_REGISTERED_ACCEPTED) {
            return refuse(
                Status::ERROR_ALREADY_EXISTS,
                &[register::ALREADY_REGISTERED, register::IDENTITY_KEY],
            );
        }
        Ok(())
    }

    fn report_registration(&self, client: Index, out: &mut Observation) {
        let handle = self.entities.handle(client);
        let config = &self.config;
        let views = config.views_supported;
        let mut count = views.count_ones();
        if self.oracle.takes(register::PROFILE_VIEW_COUNT_ONE_MORE) {
            count += 1;
        }
        let entity = &self.entities[client];
        let success: &[ClauseId] = match (entity.info.family, entity.opaque) {
            (AF_INET, false) => &[register::SUCCESS],
            (AF_INET, true) => &[register::RESERVE_OPAQUE_TRUE, register::SUCCESS],
            _ => &[register::FAMILY_INET6, register::SUCCESS],
        };
        out.status(Status::NO_ERROR, success);
        let member = |member| PROFILE.member(member);
        out.number(
            member(Member::MaxNextHopsInRoute),
            config.max_next_hops_in_route,
            &[register::PROFILE_MINIMUM_VALUES, register::PROFILE_MAX_NEXTHOPS],
        );
        out.number(
            member(Member::MaxHandlesInEnum),
            config.max_handles_in_enum,
            &[register::PROFILE_MINIMUM_VALUES, register::PROFILE_MAX_HANDLES],
        );
        out.number(
            member(Member::ViewsSupported),
            views,
            &[register::PROFILE_KNOWN_VIEWS, register::PROFILE_VIEWS_OF_FAMILY],
        );
        out.number(
            member(Member::NumberOfViews),
            count,
            &[register::PROFILE_VIEW_COUNT, register::PROFILE_VIEW_LIMIT],
        );
        let value = Value::Handle(HandleKind::Entity, handle);
        out.add(REGISTRATION, value, &[register::HANDLE_NOT_NULL, register::SUCCESS]);
    }

    pub(super) fn deregister_entity(
        &mut self,
        call: &DeregisterEntity,
        out: &mut Observation,
    ) -> Reply {
        let invalid = match call.registration {
            Handle::NULL => &[deregister::NULL_HANDLE, deregister::INVALID_HANDLE][..],
            _ => &[deregister::INVALID_HANDLE],
        };
        let client = self.registration(call.registration, invalid)?;
        if self.in_entity_event() {
            self.misuse(deregister::NOT_FROM_ENTITY_EVENT);
            let clauses = &[event::FORBIDDEN_CALL_RESULT, deregister::NOT_FROM_ENTITY_EVENT];
            return refuse(Status::ERROR_INVALID_PARAMETER, clauses);
        }
        self.report_leftovers(client);
        let table = self.entities[client].table;
        if !self.oracle.takes(deregister::NOT_LISTED_AFTER_STILL_LISTED) {
            self.tables[table].entities.retain(|other| *other != client);
        }
        self.entities[client].registered = false;
        self.drop_events_for(client);
        self.close_what_is_open(client);
        if !self.oracle.takes(deregister::DEREGISTERED_EVENT_NEVER) {
            self.queue_entity_event(client, EventType::EntityDeregistered);
        }
        self.drop_all_held(client);
        if !self.oracle.takes(deregister::NOT_LISTED_AFTER_STILL_LISTED) {
            self.unref_entity(client);
        }
        out.status(Status::NO_ERROR, &[deregister::SUCCESS]);
        Ok(())
    }

    fn report_leftovers(&mut self, client: Index) {
        let owned = self.routes.iter().any(|(_, r)| r.owner == client && r.is_listed())
            || !self.entities[client].next_hops.is_empty();
        let held = self.entities.iter().any(|(_, e)| e.ledger.held(client) != 0)
            || self.dests.iter().any(|(_, d)| d.ledger.held(client) != 0)
            || self.routes.iter().any(|(_, r)| r.ledger.held(client) != 0)
            || self.next_hops.iter().any(|(_, n)| n.ledger.held(client) != 0);
        let locked =
            self.next_hops.iter().any(|(_, n)| n.lock.is_some_and(|lock| lock.holder == client));
        let open = self.enums.iter().any(|(_, e)| e.owner == client);
        for (found, clause) in [
            (owned, deregister::LEFTOVER_ROUTES),
            (held, deregister::LEFTOVER_REFERENCES),
            (locked, deregister::LEFTOVER_LOCKS),
            (open, deregister::LEFTOVER_NOTIFICATIONS_ENUMS_LISTS),
        ] {
            if found {
                self.misuse(clause);
            }
        }
    }

    /// Locks are dropped and enumerations closed.
    fn close_what_is_open(&mut self, client: Index) {
        let hops: Vec<Index> = self.next_hops.iter().map(|(index, _)| index).collect();
        for hop in hops {
            let lock = &mut self.next_hops[hop].lock;
            if lock.is_some_and(|lock| lock.holder == client) {
                *lock = None;
            }
        }
        let open = self.enums.iter().filter(|(_, e)| e.owner == client);
        let open: Vec<Index> = open.map(|(index, _)| index).collect();
        for enumeration in open {
            self.close_enumeration(enumeration);
        }
    }

    pub(super) fn get_registered_entities(
        &mut self,
        call: &GetRegisteredEntities,
        out: &mut Observation,
    ) -> Reply {
        const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
        let client = self.registration(call.registration, &[list::INVALID_HANDLE])?;
        if self.in_entity_event() {
            self.misuse(list::NOT_FROM_ENTITY_EVENT);
            return refuse(WRONG, &[event::FORBIDDEN_CALL_RESULT, list::NOT_FROM_ENTITY_EVENT]);
        }
        let Some(capacity) = call.num_entities else { return refuse(WRONG, &[list::NULL_COUNT]) };
        let mut found = self.tables[self.entities[client].table].entities.clone();
        if self.oracle.takes(list::SCOPE_ALL_TABLES) {
            found = self.tables.iter().flat_map(|t| t.entities.iter().copied()).collect();
        }
        let mut scope: &[_] = &[list::COUNT_OUT_SUCCESS, list::INCLUDES_CALLER];
        if self.oracle.takes(list::INCLUDES_CALLER_OTHERS_ONLY) {
            found.retain(|other| *other != client);
        }
        if self.oracle.takes(list::ORDER_NEWEST_FIRST) {
            found.reverse();
        }
        let total = found.len() as u32;
        let fits = total <= capacity;
        if !fits {
            found.truncate(capacity as usize);
            scope = if capacity == 0 {
                &[list::PROBE_WITH_ZERO_COUNT, list::INCLUDES_CALLER]
            } else {
                &[list::INSUFFICIENT_COUNT, list::INCLUDES_CALLER]
            };
            let basis = match capacity {
                0 => &[list::PROBE_WITH_ZERO, list::INSUFFICIENT_BUFFER][..],
                _ if total == capacity + 1 => &[list::INCLUDES_CALLER, list::INSUFFICIENT_BUFFER],
                _ => &[list::INSUFFICIENT_BUFFER],
            };
            out.status(Status::ERROR_INSUFFICIENT_BUFFER, basis);
        } else {
            out.status(Status::NO_ERROR, &[list::SUCCESS, list::EXACT_CAPACITY]);
        }
        let count = self.listed_count(capacity, total, fits);
        out.number(NUM_ENTITIES, count, scope);
        self.report_entities(client, call, &found, out);
        Ok(())
    }

    fn listed_count(&self, capacity: u32, total: u32, fits: bool) -> u32 {
        let wanted = match capacity {
            _ if fits => false,
            0 => !self.oracle.takes(list::PROBE_WITH_ZERO_COUNT_ZERO),
            _ => self.oracle.takes(list::INSUFFICIENT_COUNT_TOTAL),
        };
        if fits || wanted { total } else { capacity }
    }

    fn report_entities(
        &mut self,
        client: Index,
        call: &GetRegisteredEntities,
        found: &[Index],
        out: &mut Observation,
    ) {
        if call.entity_handles {
            for (at, other) in found.iter().enumerate() {
                let handle = match self.oracle.takes(list::HANDLES_REFERENCED_BORROWED) {
                    true => self.entities.handle(*other),
                    false => self.hand_entity(client, *other),
                };
                let clauses = &[list::SCOPE, list::CALLER_ARRAYS];
                let value = Value::Handle(HandleKind::Entity, handle);
                out.add(ENTITY_HANDLES.at(at), value, clauses);
            }
            let tail = ENTITY_HANDLES.member(Member::Tail);
            out.add(tail, Value::Unwritten, &[list::TAIL_UNTOUCHED]);
        }
        if call.entity_infos {
            for (at, other) in found.iter().enumerate() {
                let info = self.entities[*other].info;
                let clauses = &[list::ARRAYS_PARALLEL, list::SCOPE];
                super::info::entity_members(&info, ENTITY_INFOS.at(at), clauses, out);
            }
            let tail = ENTITY_INFOS.member(Member::Tail);
            out.add(tail, Value::Unwritten, &[list::TAIL_UNTOUCHED]);
        }
    }
}
