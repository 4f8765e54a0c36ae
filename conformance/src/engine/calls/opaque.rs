//! Destination locks and opaque pointers.

use rtm_sim::vocabulary::call::{GetOpaqueInformationPointer, LockDestination};

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::invoke;

#[doc(alias = "RtmLockDestination")]
pub fn lock_destination(c: &mut Calling<'_>, call: &LockDestination) {
    invoke!(
        c,
        lock_destination(
            raw(call.registration),
            raw(call.dest),
            call.exclusive as i32,
            call.lock_dest as i32,
        )
    );
}

#[doc(alias = "RtmGetOpaqueInformationPointer")]
pub fn get_opaque_information_pointer(c: &mut Calling<'_>, call: &GetOpaqueInformationPointer) {
    let pointer = c.out_pointer(2, call.opaque_info_pointer);
    invoke!(
        c,
        get_opaque_information_pointer(raw(call.registration), raw(call.dest), pointer.pointer())
    );
    c.see_pointer(pointer);
}
