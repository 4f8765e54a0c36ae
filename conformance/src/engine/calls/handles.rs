//! References to handles of any kind.

use rtm_sim::vocabulary::call::ReferenceHandles;

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::invoke;

#[doc(alias = "RtmReferenceHandles")]
pub fn reference_handles(c: &mut Calling<'_>, call: &ReferenceHandles) {
    let handles = c.handles(2, &call.handles, call.num_handles);
    invoke!(c, reference_handles(raw(call.registration), call.num_handles, handles.pointer()));
}
