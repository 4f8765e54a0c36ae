//! The calls: one function a C function, in files named after the groups of the catalogue.
//!
//! The order of checks is one for all of them: registration handle; what can be judged without
//! looking at an object; other handles; ownership; state of the object; content of structures;
//! views and limits. Nothing changes before the last check has passed.

pub mod check;

pub mod registration;

pub mod opaque;

pub mod info;

pub mod release;

pub mod nexthops;

pub mod routes;

pub mod inplace;

pub mod hold;

pub mod query;

pub mod enumeration;

pub mod handles;

pub mod lists;
pub mod notify;

pub mod methods;

use super::Model;
use super::reply::{Reply, Stop};
use super::waiting::{Progress, Wait};
use crate::clause::{self, ClauseId};
use crate::program::Actor;
use crate::vocabulary::argument::ArgKind;
use crate::vocabulary::call::{Call, Function};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

/// Groups of calls that work on destinations, routes and next hops.
const TABLE_GROUPS: [&str; 3] = ["routes", "nexthops", "query"];

impl Model {
    /// Carries out a call; events that it causes are queued. A call that waits shows what for, one
    /// that runs methods nothing yet, see [`super::methods`].
    pub fn call(&mut self, actor: Actor, call: &Call, out: &mut Observation) -> Progress {
        self.actor = actor;
        match self.attempt(call, out) {
            None => Progress::Ended,
            Some(wait) => {
                let ticket = self.suspend(call, wait);
                self.show_wait(ticket, out);
                Progress::Waits(ticket)
            }
        }
    }

    /// Carries out a call of the actor that acts, as far as it need not wait.
    pub(super) fn attempt(&mut self, call: &Call, out: &mut Observation) -> Option<Wait> {
        let under_lock = !self.locked.is_empty() && self.calls_under_lock();
        let allowed = !under_lock || is_allowed_under_lock(call);
        let is_purpose = reads_dest(call) && self.locks_dests_alone();
        if !allowed && !is_purpose {
            self.misuse(clause::lock_route::NO_OTHER_CALLS_WHILE_LOCKED);
        }
        let reply = self.dispatch(call, out);
        if reply.is_ok() && self.is_unmentioned_inside(call) {
            out.cite(Place::STATUS, clause::event_callback::OTHER_CALLS_ALLOWED);
        }
        let refusal = match reply {
            // That the slot is read under the lock is said for itself.
            Ok(()) if out.cites(clause::lock_destination::SLOT_READ_WHILE_LOCKED) => return None,
            Ok(()) if under_lock && !ends_lock(call) => {
                let clause = match allowed {
                    true => clause::lock_route::REFERENCE_CALLS_WHILE_LOCKED,
                    false => clause::lock_destination::OTHER_CALLS_WHILE_LOCKED,
                };
                out.cite(Place::STATUS, clause);
                return None;
            }
            Ok(())
                if !self.blocked.is_empty() && TABLE_GROUPS.contains(&call.function().group()) =>
            {
                out.rest_on(Place::STATUS, clause::block_methods::TABLE_CALLS_NOT_AFFECTED);
                return None;
            }
            Ok(()) => return None,
            Err(Stop::Refused(refusal)) => refusal,
            Err(Stop::Waits(wait)) => {
                out.fields.clear();
                return Some(wait);
            }
        };
        out.fields.clear();
        out.status(refusal.status, refusal.basis);
        self.leave_unchanged(call, out);
        None
    }

    fn dispatch(&mut self, call: &Call, out: &mut Observation) -> Reply {
        match call {
            Call::RegisterEntity(call) => self.register_entity(call, out),
            Call::DeregisterEntity(call) => self.deregister_entity(call, out),
            Call::GetRegisteredEntities(call) => self.get_registered_entities(call, out),
            Call::ReleaseEntities(call) => self.release_entities(call, out),
            Call::GetOpaqueInformationPointer(call) => {
                self.get_opaque_information_pointer(call, out)
            }
            Call::ConvertNetAddressToIpv6AddressAndLength(call) => {
                self.convert_net_address_to_ipv6_address_and_length(call, out)
            }
            Call::ConvertIpv6AddressAndLengthToNetAddress(call) => {
                self.convert_ipv6_address_and_length_to_net_address(call, out)
            }
            Call::GetEntityMethods(call) => self.get_entity_methods(call, out),
            Call::InvokeMethod(call) => self.invoke_method(call),
            Call::BlockMethods(call) => self.block_methods(call, out),
            Call::GetEntityInfo(call) => self.get_entity_info(call, out),
            Call::GetDestInfo(call) => self.get_dest_info(call, out),
            Call::GetRouteInfo(call) => self.get_route_info(call, out),
            Call::GetNextHopInfo(call) => self.get_next_hop_info(call, out),
            Call::ReleaseEntityInfo(call) => self.release_entity_info(call, out),
            Call::ReleaseDestInfo(call) => self.release_dest_info(call, out),
            Call::ReleaseRouteInfo(call) => self.release_route_info(call, out),
            Call::ReleaseNextHopInfo(call) => self.release_next_hop_info(call, out),
            Call::AddRouteToDest(call) => self.add_route_to_dest(call, out),
            Call::DeleteRouteToDest(call) => self.delete_route_to_dest(call, out),
            Call::HoldDestination(call) => self.hold_destination(call, out),
            Call::LockDestination(call) => self.lock_destination(call, out),
            Call::GetRoutePointer(call) => self.get_route_pointer(call, out),
            Call::LockRoute(call) => self.lock_route(call, out),
            Call::UpdateAndUnlockRoute(call) => self.update_and_unlock_route(call, out),
            Call::GetExactMatchDestination(call) => self.get_exact_match_destination(call, out),
            Call::GetMostSpecificDestination(call) => self.get_most_specific_destination(call, out),
            Call::GetLessSpecificDestination(call) => self.get_less_specific_destination(call, out),
            Call::GetExactMatchRoute(call) => self.get_exact_match_route(call, out),
            Call::IsBestRoute(call) => self.is_best_route(call, out),
            Call::AddNextHop(call) => self.add_next_hop(call, out),
            Call::FindNextHop(call) => self.find_next_hop(call, out),
            Call::DeleteNextHop(call) => self.delete_next_hop(call, out),
            Call::GetNextHopPointer(call) => self.get_next_hop_pointer(call, out),
            Call::LockNextHop(call) => self.lock_next_hop(call, out),
            Call::CreateDestEnum(call) => self.create_dest_enum(call, out),
            Call::GetEnumDests(call) => self.get_enum_dests(call, out),
            Call::ReleaseDests(call) => self.release_dests(call, out),
            Call::CreateRouteEnum(call) => self.create_route_enum(call, out),
            Call::GetEnumRoutes(call) => self.get_enum_routes(call, out),
            Call::ReleaseRoutes(call) => self.release_routes(call, out),
            Call::CreateNextHopEnum(call) => self.create_next_hop_enum(call, out),
            Call::GetEnumNextHops(call) => self.get_enum_next_hops(call, out),
            Call::ReleaseNextHops(call) => self.release_next_hops(call, out),
            Call::DeleteEnumHandle(call) => self.delete_enum_handle(call, out),
            Call::ReferenceHandles(call) => self.reference_handles(call, out),
            Call::CreateRouteList(call) => self.create_route_list(call, out),
            Call::InsertInRouteList(call) => self.insert_in_route_list(call, out),
            Call::CreateRouteListEnum(call) => self.create_route_list_enum(call, out),
            Call::GetListEnumRoutes(call) => self.get_list_enum_routes(call, out),
            Call::DeleteRouteList(call) => self.delete_route_list(call, out),
            Call::RegisterForChangeNotification(call) => {
                self.register_for_change_notification(call, out)
            }
            Call::GetChangedDests(call) => self.get_changed_dests(call, out),
            Call::ReleaseChangedDests(call) => self.release_changed_dests(call, out),
            Call::IgnoreChangedDests(call) => self.ignore_changed_dests(call, out),
            Call::GetChangeStatus(call) => self.get_change_status(call, out),
            Call::MarkDestForChangeNotification(call) => {
                self.mark_dest_for_change_notification(call, out)
            }
            Call::IsMarkedForChangeNotification(call) => {
                self.is_marked_for_change_notification(call, out)
            }
            Call::DeregisterFromChangeNotification(call) => {
                self.deregister_from_change_notification(call, out)
            }
        }
    }

    /// Whether a failed call sets the pointer that it was to give to NULL.
    fn nulls_pointer(&self, function: Function, out: &Observation) -> bool {
        use clause::get_opaque_information_pointer as opaque;
        function == Function::GetOpaqueInformationPointer
            && self.oracle.takes(match is_not_found(out) {
                true => opaque::NOT_RESERVED_OUTPUT_UNCHANGED_NULL,
                false => opaque::INVALID_HANDLE_OUTPUT_NULL,
            })
    }

    /// The outputs of a call that failed: each as it was before.
    fn leave_unchanged(&mut self, call: &Call, out: &mut Observation) {
        let function = call.function();
        let clauses = &[match is_not_found(out) {
            true => unchanged_clause_when_not_found(function),
            false => unchanged_clause(function),
        }];
        let size_zero = clause::invoke_method::OUTPUT_ON_FAILURE_SIZE_ZERO;
        let no_size = function == Function::InvokeMethod && self.oracle.takes(size_zero);
        let is_array = function.parameters().iter().any(|p| p.kind == ArgKind::Count);
        let parameters = function.parameters();
        call.outputs(|index, given| {
            let place = Place::output(index);
            let parameter = &parameters[usize::from(index)];
            match parameter.kind {
                ArgKind::Slot | ArgKind::OutHandle => {
                    let kind = parameter.of.unwrap_or(HandleKind::Entity);
                    let clauses = match function {
                        Function::GetExactMatchRoute => {
                            &[clause::get_exact_match_route::ROUTE_HANDLE_UNCHANGED]
                        }
                        _ => clauses,
                    };
                    out.add(place, Value::Handle(kind, Handle(given)), clauses);
                }
                ArgKind::Count => out.number(place, if no_size { 0 } else { given }, clauses),
                ArgKind::OutHandles => {
                    out.add(place.member(Member::Tail), Value::Unwritten, clauses);
                }
                ArgKind::Out if is_array => {
                    out.add(place.member(Member::Tail), Value::Unwritten, clauses);
                }
                ArgKind::OutPointer if self.nulls_pointer(function, out) => {
                    out.add(place, Value::Pointer(0), clauses);
                }
                ArgKind::OutWord if self.answers_on_failure(function) => {
                    out.number(place, 0_u32, clauses);
                }
                _ => out.add(place, Value::Unwritten, clauses),
            }
        });
    }
}

/// Whether the call has ended with `ERROR_NOT_FOUND`.
fn is_not_found(out: &Observation) -> bool {
    out.get(Place::STATUS) == Some(Value::Number(u64::from(Status::ERROR_NOT_FOUND.0)))
}

/// The same as [`unchanged_clause`] for a call that found nothing.
fn unchanged_clause_when_not_found(function: Function) -> ClauseId {
    use clause::get_opaque_information_pointer as opaque;
    match function {
        Function::GetOpaqueInformationPointer => opaque::NOT_RESERVED_OUTPUT_UNCHANGED,
        function => unchanged_clause(function),
    }
}

impl Model {
    /// Whether a call that fails answers FALSE all the same.
    fn answers_on_failure(&self, function: Function) -> bool {
        use clause::{get_change_status as status, is_marked_for_change_notification as marked};
        match function {
            Function::GetChangeStatus => self.oracle.takes(status::OUTPUT_ON_FAILURE_FALSE),
            Function::IsMarkedForChangeNotification => {
                self.oracle.takes(marked::OUTPUT_ON_FAILURE_FALSE)
            }
            _ => false,
        }
    }
}

/// What leaves the outputs of a failed call alone. All of these are silent, but for those whose
/// page says that a slot stays unchanged.
fn unchanged_clause(function: Function) -> ClauseId {
    match function {
        Function::RegisterEntity => clause::register_entity::FAILURE_LEAVES_OUTPUTS,
        Function::GetEntityMethods => clause::get_entity_methods::TAIL_UNTOUCHED,
        Function::InvokeMethod => clause::invoke_method::OUTPUT_ON_FAILURE,
        Function::GetEntityInfo => clause::get_entity_info::FAILURE_OUTPUT,
        Function::GetDestInfo => clause::get_dest_info::FAILURE_OUTPUT,
        Function::GetRouteInfo => clause::get_route_info::FAILURE_OUTPUT,
        Function::GetNextHopInfo => clause::get_next_hop_info::FAILURE_OUTPUT,
        Function::GetRegisteredEntities => clause::get_registered_entities::TAIL_UNTOUCHED,
        Function::GetOpaqueInformationPointer => {
            clause::get_opaque_information_pointer::INVALID_HANDLE_OUTPUT
        }
        Function::AddRouteToDest => clause::add_route_to_dest::OUTPUT_ON_FAILURE,
        Function::DeleteRouteToDest => clause::delete_route_to_dest::FLAGS_OVERWRITTEN,
        Function::GetRoutePointer => clause::get_route_pointer::SLOT_ON_FAILURE,
        Function::LockRoute => clause::lock_route::POINTER_NOT_OWNER,
        Function::UpdateAndUnlockRoute => clause::update_and_unlock_route::FLAGS_OUTPUT_ONLY,
        Function::AddNextHop => clause::add_next_hop::FAILURE_CHANGES_NOTHING,
        Function::FindNextHop => clause::find_next_hop::SLOTS_UNCHANGED_ON_FAILURE,
        Function::GetNextHopPointer => clause::get_next_hop_pointer::SLOT_ON_FAILURE,
        Function::LockNextHop => clause::lock_next_hop::POINTER_NOT_OWNER,
        Function::CreateDestEnum => clause::create_dest_enum::OUT_HANDLE_ON_FAILURE,
        Function::CreateRouteEnum => clause::create_route_enum::OUT_HANDLE_ON_FAILURE,
        Function::CreateNextHopEnum => clause::create_next_hop_enum::OUT_HANDLE_ON_FAILURE,
        Function::GetEnumDests => clause::get_enum_dests::TAIL_UNTOUCHED,
        Function::GetEnumRoutes => clause::get_enum_routes::TAIL_UNTOUCHED,
        Function::GetEnumNextHops => clause::get_enum_next_hops::TAIL_UNTOUCHED,
        Function::GetExactMatchRoute => clause::get_exact_match_route::ROUTE_INFO_OUTPUT_ON_FAILURE,
        Function::RegisterForChangeNotification => {
            clause::register_for_change_notification::OUT_HANDLE_ON_FAILURE
        }
        Function::GetChangedDests => clause::get_changed_dests::TAIL_UNTOUCHED,
        Function::GetChangeStatus => clause::get_change_status::OUTPUT_ON_FAILURE,
        Function::IsMarkedForChangeNotification => {
            clause::is_marked_for_change_notification::OUTPUT_ON_FAILURE
        }
        Function::IsBestRoute => clause::is_best_route::OUTPUT_ON_FAILURE,
        Function::CreateRouteList => clause::create_route_list::OUT_HANDLE_ON_FAILURE,
        Function::CreateRouteListEnum => clause::create_route_list_enum::OUT_HANDLE_ON_FAILURE,
        Function::GetListEnumRoutes => clause::get_list_enum_routes::TAIL_UNTOUCHED,
        _ => clause::get_exact_match_destination::OUTPUT_ON_FAILURE,
    }
}

/// Calls that the holder of a lock may make, the one that ends the lock among them.
fn is_allowed_under_lock(call: &Call) -> bool {
    matches!(
        call,
        Call::ReferenceHandles(_) | Call::ReleaseNextHops(_) | Call::GetOpaqueInformationPointer(_)
    ) || ends_lock(call)
}

/// Calls that read a destination, which is what the lock of a destination is for.
fn reads_dest(call: &Call) -> bool {
    matches!(call, Call::GetDestInfo(_) | Call::ReleaseDestInfo(_))
}

/// Calls that take or end a lock.
fn ends_lock(call: &Call) -> bool {
    matches!(call, Call::LockDestination(_) | Call::LockRoute(_) | Call::UpdateAndUnlockRoute(_))
}
