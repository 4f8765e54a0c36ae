//! Editing routes in place.

use rtm_sim::vocabulary::call::{GetRoutePointer, LockRoute, UpdateAndUnlockRoute};

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::invoke;

#[doc(alias = "RtmGetRoutePointer")]
pub fn get_route_pointer(c: &mut Calling<'_>, call: &GetRoutePointer) {
    let pointer = c.out_pointer(2, call.route_pointer);
    invoke!(c, get_route_pointer(raw(call.registration), raw(call.route), pointer.pointer()));
    c.see_pointer(pointer);
}

#[doc(alias = "RtmLockRoute")]
pub fn lock_route(c: &mut Calling<'_>, call: &LockRoute) {
    let pointer = c.out_pointer(4, call.route_pointer);
    invoke!(
        c,
        lock_route(
            raw(call.registration),
            raw(call.route),
            call.exclusive as i32,
            call.lock_route as i32,
            pointer.pointer(),
        )
    );
    c.see_pointer(pointer);
}

#[doc(alias = "RtmUpdateAndUnlockRoute")]
pub fn update_and_unlock_route(c: &mut Calling<'_>, call: &UpdateAndUnlockRoute) {
    let flags = c.out_word(6, call.change_flags);
    invoke!(
        c,
        update_and_unlock_route(
            raw(call.registration),
            raw(call.route),
            call.time_to_live,
            raw(call.route_list),
            call.notify_type,
            raw(call.notify),
            flags.pointer(),
        )
    );
    c.see_word(flags);
}
