//! Enumerations.

use rtm_abi::layout::size_of_dest_info;
use rtm_sim::vocabulary::call::{
    CreateDestEnum, CreateNextHopEnum, CreateRouteEnum, DeleteEnumHandle, GetEnumDests,
    GetEnumNextHops, GetEnumRoutes, ReleaseDests, ReleaseNextHops, ReleaseRoutes,
};
use rtm_sim::vocabulary::handle::HandleKind;
use rtm_sim::vocabulary::observation::Value;

use super::super::arguments::raw;
use super::super::calling::{Calling, Lent};
use super::super::layout::HANDLE_SIZE;
use super::super::observe::dest_info;
use super::invoke;

#[doc(alias = "RtmCreateDestEnum")]
pub fn create_dest_enum(c: &mut Calling<'_>, call: &CreateDestEnum) {
    let address = c.address(3, &call.net_address);
    let handle = c.out_handle(5, call.enumeration);
    invoke!(
        c,
        create_dest_enum(
            raw(call.registration),
            call.target_views,
            call.enum_flags,
            address.pointer(),
            call.protocol,
            handle.pointer(),
        )
    );
    c.see_handle(handle, HandleKind::Enum);
    remember(c, handle, call.target_views);
}

/// Keeps which views are asked for through the new handle.
pub(super) fn remember(c: &mut Calling<'_>, handle: Lent, views: u32) {
    if c.is_success()
        && let Some(Value::Handle(_, handle)) = c.value(handle, |v| v.handle(0, HandleKind::Enum))
    {
        c.known().asked_for(handle, views);
    }
}

#[doc(alias = "RtmGetEnumDests")]
pub fn get_enum_dests(c: &mut Calling<'_>, call: &GetEnumDests) {
    let views = c.known().fetched_view_count(call.registration, call.enumeration);
    let size = size_of_dest_info(views);
    let count = c.count(2, call.num_dests);
    let infos = c.out_array(3, call.dest_infos, call.num_dests.unwrap_or(0), size);
    invoke!(
        c,
        get_enum_dests(
            raw(call.registration),
            raw(call.enumeration),
            count.pointer(),
            infos.pointer(),
        )
    );
    let items = c.items(count);
    c.see_count(count);
    c.see_array(infos, items, size, dest_info);
}

#[doc(alias = "RtmReleaseDests")]
pub fn release_dests(c: &mut Calling<'_>, call: &ReleaseDests) {
    let infos = c.dests(2, &call.dest_infos, call.num_dests);
    invoke!(c, release_dests(raw(call.registration), call.num_dests, infos.pointer()));
}

#[doc(alias = "RtmCreateRouteEnum")]
pub fn create_route_enum(c: &mut Calling<'_>, call: &CreateRouteEnum) {
    let start = c.address(4, &call.start_dest);
    let criteria = c.route(6, &call.criteria_route, 0);
    let handle = c.out_handle(8, call.enumeration);
    invoke!(
        c,
        create_route_enum(
            raw(call.registration),
            raw(call.dest),
            call.target_views,
            call.enum_flags,
            start.pointer(),
            call.matching_flags,
            criteria.pointer(),
            call.criteria_interface,
            handle.pointer(),
        )
    );
    c.see_handle(handle, HandleKind::Enum);
}

#[doc(alias = "RtmGetEnumRoutes")]
pub fn get_enum_routes(c: &mut Calling<'_>, call: &GetEnumRoutes) {
    let count = c.count(2, call.num_routes);
    let capacity = call.num_routes.unwrap_or(0);
    let handles = c.out_array(3, call.route_handles, capacity, HANDLE_SIZE);
    invoke!(
        c,
        get_enum_routes(
            raw(call.registration),
            raw(call.enumeration),
            count.pointer(),
            handles.pointer(),
        )
    );
    let items = c.items(count);
    c.see_count(count);
    c.see_handles(handles, items, HandleKind::Route);
}

#[doc(alias = "RtmReleaseRoutes")]
pub fn release_routes(c: &mut Calling<'_>, call: &ReleaseRoutes) {
    let handles = c.handles(2, &call.route_handles, call.num_routes);
    invoke!(c, release_routes(raw(call.registration), call.num_routes, handles.pointer()));
}

#[doc(alias = "RtmCreateNextHopEnum")]
pub fn create_next_hop_enum(c: &mut Calling<'_>, call: &CreateNextHopEnum) {
    let address = c.address(2, &call.net_address);
    let handle = c.out_handle(3, call.enumeration);
    invoke!(
        c,
        create_next_hop_enum(
            raw(call.registration),
            call.enum_flags,
            address.pointer(),
            handle.pointer(),
        )
    );
    c.see_handle(handle, HandleKind::Enum);
}

#[doc(alias = "RtmGetEnumNextHops")]
pub fn get_enum_next_hops(c: &mut Calling<'_>, call: &GetEnumNextHops) {
    let count = c.count(2, call.num_next_hops);
    let capacity = call.num_next_hops.unwrap_or(0);
    let handles = c.out_array(3, call.next_hop_handles, capacity, HANDLE_SIZE);
    invoke!(
        c,
        get_enum_next_hops(
            raw(call.registration),
            raw(call.enumeration),
            count.pointer(),
            handles.pointer(),
        )
    );
    let items = c.items(count);
    c.see_count(count);
    c.see_handles(handles, items, HandleKind::NextHop);
}

#[doc(alias = "RtmReleaseNextHops")]
pub fn release_next_hops(c: &mut Calling<'_>, call: &ReleaseNextHops) {
    let handles = c.handles(2, &call.next_hop_handles, call.num_next_hops);
    invoke!(c, release_next_hops(raw(call.registration), call.num_next_hops, handles.pointer()));
}

#[doc(alias = "RtmDeleteEnumHandle")]
pub fn delete_enum_handle(c: &mut Calling<'_>, call: &DeleteEnumHandle) {
    invoke!(c, delete_enum_handle(raw(call.registration), raw(call.enumeration)));
}
