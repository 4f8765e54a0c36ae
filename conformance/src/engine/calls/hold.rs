//! Hold-down of destinations.

use rtm_sim::vocabulary::call::HoldDestination;

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::invoke;

#[doc(alias = "RtmHoldDestination")]
pub fn hold_destination(c: &mut Calling<'_>, call: &HoldDestination) {
    invoke!(
        c,
        hold_destination(raw(call.registration), raw(call.dest), call.target_views, call.hold_time,)
    );
}
