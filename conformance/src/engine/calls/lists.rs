//! Route lists.

use rtm_sim::vocabulary::call::{
    CreateRouteList, CreateRouteListEnum, DeleteRouteList, GetListEnumRoutes, InsertInRouteList,
};
use rtm_sim::vocabulary::handle::HandleKind;

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::super::layout::HANDLE_SIZE;
use super::invoke;

#[doc(alias = "RtmCreateRouteList")]
pub fn create_route_list(c: &mut Calling<'_>, call: &CreateRouteList) {
    let handle = c.out_handle(1, call.route_list);
    invoke!(c, create_route_list(raw(call.registration), handle.pointer()));
    c.see_handle(handle, HandleKind::RouteList);
}

#[doc(alias = "RtmInsertInRouteList")]
pub fn insert_in_route_list(c: &mut Calling<'_>, call: &InsertInRouteList) {
    let handles = c.handles(3, &call.route_handles, call.num_routes);
    invoke!(
        c,
        insert_in_route_list(
            raw(call.registration),
            raw(call.route_list),
            call.num_routes,
            handles.pointer(),
        )
    );
}

#[doc(alias = "RtmCreateRouteListEnum")]
pub fn create_route_list_enum(c: &mut Calling<'_>, call: &CreateRouteListEnum) {
    let handle = c.out_handle(2, call.enumeration);
    invoke!(
        c,
        create_route_list_enum(raw(call.registration), raw(call.route_list), handle.pointer())
    );
    c.see_handle(handle, HandleKind::Enum);
}

#[doc(alias = "RtmGetListEnumRoutes")]
pub fn get_list_enum_routes(c: &mut Calling<'_>, call: &GetListEnumRoutes) {
    let count = c.count(2, call.num_routes);
    let capacity = call.num_routes.unwrap_or(0);
    let handles = c.out_array(3, call.route_handles, capacity, HANDLE_SIZE);
    invoke!(
        c,
        get_list_enum_routes(
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

#[doc(alias = "RtmDeleteRouteList")]
pub fn delete_route_list(c: &mut Calling<'_>, call: &DeleteRouteList) {
    invoke!(c, delete_route_list(raw(call.registration), raw(call.route_list)));
}
