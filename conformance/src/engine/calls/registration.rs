//! Registration of clients.

use std::mem::offset_of;

use rtm_abi::types::{EntityInfo, RegnProfile};
use rtm_sim::vocabulary::call::{
    DeregisterEntity, GetRegisteredEntities, RegisterEntity, ReleaseEntities,
};
use rtm_sim::vocabulary::handle::HandleKind;
use rtm_sim::vocabulary::observation::Value;

use super::super::arguments::raw;
use super::super::callback::event_callback;
use super::super::calling::{Calling, Lent};
use super::super::layout::HANDLE_SIZE;
use super::super::observe::{entity_info, regn_profile};
use super::invoke;

#[doc(alias = "RtmRegisterEntity")]
pub fn register_entity(c: &mut Calling<'_>, call: &RegisterEntity) {
    let info = c.entity(0, &call.entity_info);
    let methods = c.methods(1, &call.export_methods);
    let callback = if call.event_callback { event_callback(c.actor) } else { None };
    let reserve = call.reserve_opaque_pointer as i32;
    let profile = c.out(4, call.profile, size_of::<RegnProfile>());
    let handle = c.out_handle(5, call.registration);
    invoke!(
        c,
        register_entity(
            info.pointer(),
            methods.pointer(),
            callback,
            reserve,
            profile.pointer(),
            handle.pointer(),
        )
    );
    c.see_structure(profile, regn_profile);
    c.see_handle(handle, HandleKind::Entity);
    remember(c, profile, handle);
}

/// Keeps what a client has to know of its profile.
fn remember(c: &mut Calling<'_>, profile: Lent, handle: Lent) {
    if !c.is_success() {
        return;
    }
    let next_hops =
        c.value(profile, |view| view.word(offset_of!(RegnProfile, max_next_hops_in_route)));
    let views = c.value(profile, |view| view.word(offset_of!(RegnProfile, views_supported)));
    let handle = c.value(handle, |view| view.handle(0, HandleKind::Entity));
    if let (
        Some(Value::Number(next_hops)),
        Some(Value::Number(views)),
        Some(Value::Handle(_, handle)),
    ) = (next_hops, views, handle)
    {
        c.known().registered(handle, next_hops as u32, views as u32);
    }
}

#[doc(alias = "RtmDeregisterEntity")]
pub fn deregister_entity(c: &mut Calling<'_>, call: &DeregisterEntity) {
    invoke!(c, deregister_entity(raw(call.registration)));
}

#[doc(alias = "RtmGetRegisteredEntities")]
pub fn get_registered_entities(c: &mut Calling<'_>, call: &GetRegisteredEntities) {
    let capacity = call.num_entities.unwrap_or(0);
    let count = c.count(1, call.num_entities);
    let handles = c.out_array(2, call.entity_handles, capacity, HANDLE_SIZE);
    let infos = c.out_array(3, call.entity_infos, capacity, size_of::<EntityInfo>());
    invoke!(
        c,
        get_registered_entities(
            raw(call.registration),
            count.pointer(),
            handles.pointer(),
            infos.pointer(),
        )
    );
    let items = c.items(count);
    c.see_count(count);
    c.see_handles(handles, items, HandleKind::Entity);
    c.see_array(infos, items, size_of::<EntityInfo>(), entity_info);
}

#[doc(alias = "RtmReleaseEntities")]
pub fn release_entities(c: &mut Calling<'_>, call: &ReleaseEntities) {
    let handles = c.handles(2, &call.entity_handles, call.num_entities);
    invoke!(c, release_entities(raw(call.registration), call.num_entities, handles.pointer()));
}
