//! Next hops.

use rtm_sim::vocabulary::call::{
    AddNextHop, DeleteNextHop, FindNextHop, GetNextHopPointer, LockNextHop,
};
use rtm_sim::vocabulary::handle::HandleKind;

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::invoke;

#[doc(alias = "RtmAddNextHop")]
pub fn add_next_hop(c: &mut Calling<'_>, call: &AddNextHop) {
    let info = c.next_hop(1, &call.next_hop_info);
    let slot = c.slot(2, call.next_hop);
    let flags = c.out_word(3, call.change_flags);
    invoke!(
        c,
        add_next_hop(raw(call.registration), info.pointer(), slot.pointer(), flags.pointer())
    );
    c.see_handle(slot, HandleKind::NextHop);
    c.see_word(flags);
}

#[doc(alias = "RtmFindNextHop")]
pub fn find_next_hop(c: &mut Calling<'_>, call: &FindNextHop) {
    let info = c.next_hop(1, &call.next_hop_info);
    let handle = c.out_handle(2, call.next_hop);
    let pointer = c.out_pointer(3, call.next_hop_pointer);
    invoke!(
        c,
        find_next_hop(raw(call.registration), info.pointer(), handle.pointer(), pointer.pointer(),)
    );
    c.see_handle(handle, HandleKind::NextHop);
    c.see_pointer(pointer);
}

#[doc(alias = "RtmDeleteNextHop")]
pub fn delete_next_hop(c: &mut Calling<'_>, call: &DeleteNextHop) {
    let info = c.next_hop(2, &call.next_hop_info);
    invoke!(c, delete_next_hop(raw(call.registration), raw(call.next_hop), info.pointer()));
}

#[doc(alias = "RtmGetNextHopPointer")]
pub fn get_next_hop_pointer(c: &mut Calling<'_>, call: &GetNextHopPointer) {
    let pointer = c.out_pointer(2, call.next_hop_pointer);
    invoke!(c, get_next_hop_pointer(raw(call.registration), raw(call.next_hop), pointer.pointer()));
    c.see_pointer(pointer);
}

#[doc(alias = "RtmLockNextHop")]
pub fn lock_next_hop(c: &mut Calling<'_>, call: &LockNextHop) {
    let pointer = c.out_pointer(4, call.next_hop_pointer);
    invoke!(
        c,
        lock_next_hop(
            raw(call.registration),
            raw(call.next_hop),
            call.exclusive as i32,
            call.lock_next_hop as i32,
            pointer.pointer(),
        )
    );
    c.see_pointer(pointer);
}
