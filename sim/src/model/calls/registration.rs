//! Registration: clients come, are listed, and go.

mod leaving;

use crate::clause::{
    block_methods as block, delete_route_list, deregister_entity as deregister,
    event_callback as event, get_registered_entities as list, register_entity as register,
    release_entities as release,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Checked, Refusal, Reply, Stop, refuse};
use crate::model::state::arena::Index;
use crate::model::state::ledger::Ledger;
use crate::model::state::objects::{Entity, Table};
use crate::vocabulary::call::{DeregisterEntity, GetRegisteredEntities, RegisterEntity};
use crate::vocabulary::constants::{AF_INET, AF_INET6, BEST_PROTOCOL, EventType, THIS_PROTOCOL};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::EntityInfo;

const PROFILE: Place = Place::output(4);
const REGISTRATION: Place = Place::output(5);
const NUM_ENTITIES: Place = Place::output(1);
const ENTITY_HANDLES: Place = Place::output(2);
const ENTITY_INFOS: Place = Place::output(3);

/// The family that RTMv2 does not serve.
const AF_IPX: u16 = 6;

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
                    notifications: Vec::new(),
                    notifications_ended: 0,
                });
                self.tables.len() - 1
            }
        };
        let mut methods = call.export_methods.clone().unwrap_or_default();
        methods.truncate(METHODS_MAX);
        let slot = self.free_slot(table).filter(|_| self.wants_slot(call));
        let index = self.entities.insert(Entity {
            table,
            info,
            actor: self.actor,
            callback: call.event_callback,
            methods,
            opaque: slot,
            registered: true,
            ledger: Ledger::structural(),
            next_hops: Default::default(),
            ended: Default::default(),
        });
        self.tables[table].entities.push(index);
        if !self.oracle.takes(register::REGISTERED_EVENT_NEVER) {
            self.queue_entity_event(index, EventType::EntityRegistered);
        }
        self.report_registration(index, out);
        if 1 < call.reserve_opaque_pointer {
            out.cite(Place::STATUS, register::RESERVE_OPAQUE_NONZERO);
        }
        Ok(())
    }

    fn table_index(&self, info: &EntityInfo) -> Option<usize> {
        self.tables.iter().position(|t| (t.instance, t.family) == (info.instance, info.family))
    }

    /// Whether an opaque slot is asked for.
    fn wants_slot(&self, call: &RegisterEntity) -> bool {
        match self.oracle.takes(register::RESERVE_OPAQUE_NONZERO_ONLY_ONE) {
            true => call.reserve_opaque_pointer == 1,
            false => call.reserve_opaque_pointer != 0,
        }
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
            let known = [AF_INET, AF_INET6].contains(&info.family)
                || self.oracle.takes(register::FAMILY_UNSUPPORTED_CODE_FILE_NOT_FOUND);
            let status = if known { Status::ERROR_FILE_NOT_FOUND } else { wrong };
            let clauses = Grounds::NONE
                .when(info.family == AF_IPX, register::FAMILY_IPX_REFUSED)
                .and(&[register::FAMILY_UNSUPPORTED_CODE]);
            return refuse(status, clauses);
        }
        if !self.config.instances.contains(&info.instance)
            && !self.oracle.takes(register::INSTANCE_NONZERO_SERVED)
        {
            return refuse(Status::ERROR_FILE_NOT_FOUND, &[register::INSTANCE_NONZERO]);
        }
        self.check_methods(call, wrong)?;
        if let Err(refusal) = self.check_identity(&info) {
            if let Some(table) = self.table_index(&info) {
                self.notes.refuse(table);
            }
            return Err(refusal);
        }
        let Some(table) = self.table_index(&info) else { return Ok(info) };
        if self.wants_slot(call)
            && self.free_slot(table).is_none()
            && !self.oracle.takes(register::OPAQUE_SLOTS_EXHAUSTED_NO_SLOT)
        {
            let clauses = &[
                register::OPAQUE_SLOTS_EXHAUSTED,
                register::OPAQUE_SLOTS_FIRST_COME,
                register::NO_SYSTEM_RESOURCES,
            ];
            return refuse(Status::ERROR_NO_SYSTEM_RESOURCES, clauses);
        }
        if self.config.entities as usize <= self.tables[table].entities.len() {
            return refuse(Status::ERROR_NO_SYSTEM_RESOURCES, &[register::ENTITY_COUNT_LIMIT]);
        }
        Ok(info)
    }

    fn check_methods(&self, call: &RegisterEntity, wrong: Status) -> Checked {
        let Some(methods) = &call.export_methods else { return Ok(()) };
        if METHODS_MAX < methods.len()
            && !self.oracle.takes(register::EXPORT_METHODS_OVER_LIMIT_FIRST_ONES)
        {
            let clauses = &[
                register::EXPORT_METHODS_OVER_LIMIT,
                register::BAD_ARGUMENT_CODES,
                register::EXPORT_METHODS_LIMIT,
            ];
            return refuse(wrong, clauses);
        }
        if methods.contains(&false)
            && self.oracle.takes(register::EXPORT_METHODS_NULL_ENTRY_REFUSED)
        {
            return refuse(wrong, &[register::EXPORT_METHODS_NULL_ENTRY]);
        }
        Ok(())
    }

    fn check_identity(&self, info: &EntityInfo) -> Checked {
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
            return refuse(Status::ERROR_ALREADY_EXISTS, &[register::ALREADY_REGISTERED]);
        }
        Ok(())
    }

    /// What a registration that succeeded shows by doing so.
    fn registration_grounds(&self, client: Index) -> Grounds {
        let e = &self.entities[client];
        let info = e.info;
        let others: Vec<EntityInfo> = self
            .tables
            .iter()
            .flat_map(|t| &t.entities)
            .filter(|other| **other != client)
            .map(|other| self.entities[*other].info)
            .filter(|other| other.instance == info.instance && other.protocol == info.protocol)
            .collect();
        let same_family = |other: &EntityInfo| other.family == info.family;
        let same_id = |other: &EntityInfo| other.protocol_instance == info.protocol_instance;
        let first_of_table = self.tables[e.table].entities.len() == 1;
        let special = matches!(info.protocol, BEST_PROTOCOL | THIS_PROTOCOL);
        Grounds::NONE
            .when(info.instance != 0, register::INSTANCE_NONZERO)
            .when(info.family == AF_INET6 && first_of_table, register::FAMILY_INET6)
            // How many slots there are is configured: none, perhaps.
            .when(e.opaque.is_some(), register::OPAQUE_SLOTS_EXHAUSTED)
            .when(e.methods.contains(&false), register::EXPORT_METHODS_NULL_ENTRY)
            .when(special, register::ENTITY_ID_SPECIAL_VALUES)
            .needs(
                self.notes.has_left(e.table, info.protocol, info.protocol_instance),
                register::REREGISTER_AFTER_DEREGISTER,
            )
            .when(
                others.iter().any(|o| same_family(o) && !same_id(o)),
                register::SAME_PROTOCOL_OTHER_INSTANCE_ID,
            )
            .when(others.iter().any(|o| same_family(o) != same_id(o)), register::IDENTITY_KEY)
            .when(
                others.iter().any(|o| !same_family(o) && same_id(o)),
                register::SAME_ID_OTHER_FAMILY,
            )
            .when(e.opaque.is_some(), register::RESERVE_OPAQUE_TRUE)
            .needs(!e.callback, register::CALLBACK_NULL)
            .when(e.methods.is_empty(), register::EXPORT_METHODS_OPTIONAL)
            .when(info.family == AF_INET, register::FAMILY_INET)
            .when(info.instance == 0, register::INSTANCE_ZERO)
            .and(&[register::SUCCESS])
    }

    fn report_registration(&self, client: Index, out: &mut Observation) {
        let handle = self.entities.handle(client);
        let config = &self.config;
        let views = config.views_supported;
        let mut count = views.count_ones();
        if self.oracle.takes(register::PROFILE_VIEW_COUNT_ONE_MORE) {
            count += 1;
        }
        out.status(Status::NO_ERROR, self.registration_grounds(client));
        let table = self.entities[client].table;
        // The profile of the first table is the one that is known after its first client.
        let later = self.tables[table].entities.len() != 1 || self.notes.somebody_left(table);
        let known = table == 0 && later;
        let limit = match known {
            true => register::PROFILE_PER_INSTANCE,
            false => register::PROFILE_MINIMUM_VALUES,
        };
        let member = |member| PROFILE.member(member);
        out.number(
            member(Member::MaxNextHopsInRoute),
            config.max_next_hops_in_route,
            &[limit, register::PROFILE_MAX_NEXTHOPS],
        );
        out.number(
            member(Member::MaxHandlesInEnum),
            config.max_handles_in_enum,
            &[limit, register::PROFILE_MAX_HANDLES],
        );
        let clauses = Grounds::NONE
            .when(known, register::PROFILE_PER_INSTANCE)
            .when(table != 0, register::PROFILE_BOTH_VIEWS)
            .and(&[register::PROFILE_KNOWN_VIEWS, register::PROFILE_VIEWS_OF_FAMILY]);
        out.number(member(Member::ViewsSupported), views, clauses);
        out.number(
            member(Member::NumberOfViews),
            count,
            &[register::PROFILE_VIEW_COUNT, register::PROFILE_FILLED, register::PROFILE_VIEW_LIMIT],
        );
        let value = Value::Handle(HandleKind::Entity, handle);
        let clauses =
            &[register::HANDLE_NOT_NULL, register::PROFILE_CALLER_MEMORY, register::SUCCESS];
        out.add(REGISTRATION, value, clauses);
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
        if self.in_own_method(client) {
            self.misuse(deregister::FROM_OWN_METHOD);
            return refuse(Status::ERROR_INVALID_PARAMETER, &[deregister::FROM_OWN_METHOD]);
        }
        if self.runs_method_of(client) && !self.oracle.takes(deregister::METHODS_RUNNING_GOES_ON) {
            return Err(Stop::Waits(self.wait_for_methods(client, &[deregister::METHODS_RUNNING])));
        }
        let blocked = self.blocks_of(client) != 0;
        if blocked && self.oracle.takes(block::DEREGISTER_WHILE_BLOCKED_REFUSED) {
            let clauses = &[block::DEREGISTER_WHILE_BLOCKED];
            return refuse(Status::ERROR_INVALID_PARAMETER, clauses);
        }
        self.forget_blocks(client);
        self.forget_invocations(client);
        let inside = self.events_running().any(|(actor, _)| actor == self.actor);
        let leftovers = self.report_leftovers(client);
        let lists = self.lists.iter().any(|(_, l)| l.owner == client);
        let ended = self.entities[client].ended.0.any && !leftovers;
        let table = self.entities[client].table;
        if !self.oracle.takes(deregister::NOT_LISTED_AFTER_STILL_LISTED) {
            self.tables[table].entities.retain(|other| *other != client);
        }
        self.entities[client].registered = false;
        let info = self.entities[client].info;
        self.notes.leave(table, info.protocol, info.protocol_instance);
        self.drop_events_for(client);
        self.close_slot(client);
        self.leave_holds(client);
        self.close_what_is_open(client);
        if !self.oracle.takes(deregister::DEREGISTERED_EVENT_NEVER) {
            self.queue_entity_event(client, EventType::EntityDeregistered);
        }
        self.drop_all_held(client);
        if !self.oracle.takes(deregister::NOT_LISTED_AFTER_STILL_LISTED) {
            self.unref_entity(client);
        }
        let clauses = Grounds::NONE
            .when(leftovers, deregister::LEFTOVER_SUCCEEDS)
            .when(inside, deregister::FROM_OTHER_CALLBACK)
            .when(lists, delete_route_list::OPEN_AT_ENTITY_DEREGISTER)
            .when(
                ended,
                crate::clause::deregister_from_change_notification::BEFORE_ENTITY_DEREGISTER,
            )
            .when(blocked, block::DEREGISTER_WHILE_BLOCKED)
            .and(&[deregister::SUCCESS, deregister::RELEASES_REGISTRATION]);
        out.status(Status::NO_ERROR, clauses);
        Ok(())
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
        if self.oracle.takes(list::INCLUDES_CALLER_OTHERS_ONLY) {
            found.retain(|other| *other != client);
        }
        if self.oracle.takes(list::ORDER_NEWEST_FIRST) {
            found.reverse();
        }
        let neither = !call.entity_handles && !call.entity_infos;
        if neither && self.oracle.takes(list::BOTH_NULL_REFUSED) {
            return refuse(WRONG, &[list::BOTH_NULL]);
        }
        let total = found.len() as u32;
        let fits = total <= capacity;
        let status = if fits { Status::NO_ERROR } else { Status::ERROR_INSUFFICIENT_BUFFER };
        let grounds = Grounds::NONE.when(neither, list::BOTH_NULL);
        let grounds = match (fits, capacity) {
            (true, _) => grounds
                .needs(total == capacity, list::EXACT_CAPACITY)
                .needs(!call.entity_handles, list::HANDLES_MAY_BE_NULL)
                .and(&[list::SUCCESS, list::COUNT_IN]),
            (false, 0) => grounds.and(&[list::PROBE_WITH_ZERO, list::INSUFFICIENT_BUFFER]),
            _ => grounds
                .when(total == capacity + 1, list::INCLUDES_CALLER)
                .and(&[list::INSUFFICIENT_BUFFER, list::COUNT_IN]),
        };
        out.status(status, grounds);
        let grounds = match (fits, capacity) {
            (true, _) => Grounds::NONE
                .when(
                    self.notes.somebody_left(self.entities[client].table),
                    deregister::NOT_LISTED_AFTER,
                )
                .when(!call.entity_handles, list::HANDLES_MAY_BE_NULL)
                .when(!call.entity_infos, list::INFOS_OPTIONAL)
                .and(&[list::COUNT_OUT_SUCCESS, list::SCOPE, list::INCLUDES_CALLER]),
            (false, 0) => Grounds::of(&[list::PROBE_WITH_ZERO_COUNT, list::INCLUDES_CALLER]),
            _ => Grounds::of(&[list::INSUFFICIENT_COUNT, list::INCLUDES_CALLER]),
        };
        let count = self.listed_count(capacity, total, fits);
        out.number(NUM_ENTITIES, count, grounds);
        found.truncate(capacity as usize);
        self.report_entities(client, call, &found, fits, out);
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
        fits: bool,
        out: &mut Observation,
    ) {
        if call.entity_handles {
            for (at, other) in found.iter().enumerate() {
                let released =
                    self.notes.has(Object::Entity(*other), release::NOT_A_DEREGISTRATION);
                let again = self.held(client, Object::Entity(*other)) != 0;
                let grounds = match fits {
                    true => Grounds::NONE
                        .when(released, release::NOT_A_DEREGISTRATION)
                        .when(again, list::REFERENCE_PER_CALL)
                        .when(*other != client, register::LISTED_AFTER_SUCCESS)
                        .and(&[list::SCOPE, list::HANDLES_REFERENCED, list::CALLER_ARRAYS]),
                    false => Grounds::of(&[
                        list::INSUFFICIENT_COUNT,
                        list::INSUFFICIENT_PARTIAL_DATA,
                        list::INSUFFICIENT_REFERENCES,
                        list::SCOPE,
                    ]),
                };
                let handle = match self.oracle.takes(list::HANDLES_REFERENCED_BORROWED) {
                    true => self.entities.handle(*other),
                    false => self.hand_entity(client, *other),
                };
                let value = Value::Handle(HandleKind::Entity, handle);
                out.add(ENTITY_HANDLES.at(at), value, grounds);
            }
            let tail = ENTITY_HANDLES.member(Member::Tail);
            out.add(tail, Value::Unwritten, &[list::TAIL_UNTOUCHED]);
        }
        if call.entity_infos {
            let grounds = Grounds::NONE
                .when(!fits, list::INSUFFICIENT_INFOS)
                .when(call.entity_handles, list::ARRAYS_PARALLEL)
                .when(!call.entity_handles, list::INFOS_HOLD_NO_HANDLES)
                .and(&[list::SCOPE, list::CALLER_ARRAYS]);
            for (at, other) in found.iter().enumerate() {
                let info = self.entities[*other].info;
                super::info::entity_members(&info, ENTITY_INFOS.at(at), &grounds, out);
            }
            let tail = ENTITY_INFOS.member(Member::Tail);
            out.add(tail, Value::Unwritten, &[list::TAIL_UNTOUCHED]);
        }
    }
}
