//! Adding and deleting routes.

use rtm_sim::vocabulary::call::{AddRouteToDest, DeleteRouteToDest};
use rtm_sim::vocabulary::handle::HandleKind;

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::invoke;

#[doc(alias = "RtmAddRouteToDest")]
pub fn add_route_to_dest(c: &mut Calling<'_>, call: &AddRouteToDest) {
    let slot = c.slot(1, call.route);
    let address = c.address(2, &call.dest_address);
    let info = c.route(3, &call.route_info, 0);
    let flags = c.count(8, call.change_flags);
    invoke!(
        c,
        add_route_to_dest(
            raw(call.registration),
            slot.pointer(),
            address.pointer(),
            info.pointer(),
            call.time_to_live,
            raw(call.route_list),
            call.notify_type,
            raw(call.notify),
            flags.pointer(),
        )
    );
    c.see_handle(slot, HandleKind::Route);
    c.see_count(flags);
}

#[doc(alias = "RtmDeleteRouteToDest")]
pub fn delete_route_to_dest(c: &mut Calling<'_>, call: &DeleteRouteToDest) {
    let flags = c.out_word(2, call.change_flags);
    invoke!(c, delete_route_to_dest(raw(call.registration), raw(call.route), flags.pointer()));
    c.see_word(flags);
}
