//! Searching destinations and routes.

use rtm_sim::vocabulary::call::{
    GetExactMatchDestination, GetExactMatchRoute, GetLessSpecificDestination,
    GetMostSpecificDestination, IsBestRoute,
};
use rtm_sim::vocabulary::handle::HandleKind;

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::super::observe::{dest_info, route_info};
use super::invoke;

#[doc(alias = "RtmGetExactMatchDestination")]
pub fn get_exact_match_destination(c: &mut Calling<'_>, call: &GetExactMatchDestination) {
    let views = c.known().view_count(call.registration, call.target_views);
    let address = c.address(1, &call.dest_address);
    let info = c.out_dest(4, call.dest_info, views);
    invoke!(
        c,
        get_exact_match_destination(
            raw(call.registration),
            address.pointer(),
            call.protocol,
            call.target_views,
            info.pointer(),
        )
    );
    c.see_structure(info, dest_info);
}

#[doc(alias = "RtmGetMostSpecificDestination")]
pub fn get_most_specific_destination(c: &mut Calling<'_>, call: &GetMostSpecificDestination) {
    let views = c.known().view_count(call.registration, call.target_views);
    let address = c.address(1, &call.dest_address);
    let info = c.out_dest(4, call.dest_info, views);
    invoke!(
        c,
        get_most_specific_destination(
            raw(call.registration),
            address.pointer(),
            call.protocol,
            call.target_views,
            info.pointer(),
        )
    );
    c.see_structure(info, dest_info);
}

#[doc(alias = "RtmGetLessSpecificDestination")]
pub fn get_less_specific_destination(c: &mut Calling<'_>, call: &GetLessSpecificDestination) {
    let views = c.known().view_count(call.registration, call.target_views);
    let info = c.out_dest(4, call.dest_info, views);
    invoke!(
        c,
        get_less_specific_destination(
            raw(call.registration),
            raw(call.dest),
            call.protocol,
            call.target_views,
            info.pointer(),
        )
    );
    c.see_structure(info, dest_info);
}

#[doc(alias = "RtmGetExactMatchRoute")]
pub fn get_exact_match_route(c: &mut Calling<'_>, call: &GetExactMatchRoute) {
    let room = c.known().next_hops(call.registration);
    let address = c.address(1, &call.dest_address);
    let info = c.route(3, &call.route_info, room);
    let handle = c.out_handle(6, call.route);
    invoke!(
        c,
        get_exact_match_route(
            raw(call.registration),
            address.pointer(),
            call.matching_flags,
            info.pointer(),
            call.interface,
            call.target_views,
            handle.pointer(),
        )
    );
    // A search that failed shows nothing here: what it was given is no answer.
    if c.is_success() {
        c.see_structure_values(info, route_info);
    }
    c.see_handle(handle, HandleKind::Route);
}

#[doc(alias = "RtmIsBestRoute")]
pub fn is_best_route(c: &mut Calling<'_>, call: &IsBestRoute) {
    let views = c.out_word(2, call.best_in_views);
    invoke!(c, is_best_route(raw(call.registration), raw(call.route), views.pointer()));
    c.see_word(views);
}
