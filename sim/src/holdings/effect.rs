//! What calls do to what their caller holds, a row a function.
//!
//! A handle that a call shows on its own is the caller's without a row: the parameters in
//! [`crate::vocabulary::call`] say which outputs are handles. Rows are for what parameters do not
//! say: which structures go back together and where, and what takes something away.

use crate::vocabulary::argument::ArgKind;
use crate::vocabulary::call::Function;
use crate::vocabulary::handle::HandleKind;

/// What a call does, besides handing out the handles that it shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing more.
    None,
    /// Its last output is a registration.
    Registers,
    /// Its registration ends, and everything that was held through it.
    Deregisters,
    /// Fills structures, which go back through this function.
    Fills(Function),
    /// Gives back what its last argument names: handles, structures, or one thing that ends.
    GivesBack,
    /// Counts each handle of its last argument once more.
    Counts,
    /// Makes or updates an object of the caller's own; its handle is in the slot.
    Adds,
    /// Deletes the object of the caller's own that its second argument names, and uses up one
    /// reference on it.
    Deletes,
    /// Switches something on for what its second argument names, or off: the argument of this
    /// name tells.
    Switches(&'static str),
    /// Switches off what this function switched on, for what its second argument names.
    SwitchesOff(Function),
}

/// The row of a function.
pub fn effect(function: Function) -> Effect {
    use Function as F;
    match function {
        F::RegisterEntity => Effect::Registers,
        F::DeregisterEntity => Effect::Deregisters,
        F::GetEntityInfo => Effect::Fills(F::ReleaseEntityInfo),
        F::GetRouteInfo | F::GetExactMatchRoute => Effect::Fills(F::ReleaseRouteInfo),
        F::GetNextHopInfo => Effect::Fills(F::ReleaseNextHopInfo),
        F::GetDestInfo
        | F::GetExactMatchDestination
        | F::GetMostSpecificDestination
        | F::GetLessSpecificDestination => Effect::Fills(F::ReleaseDestInfo),
        F::GetEnumDests => Effect::Fills(F::ReleaseDests),
        F::GetChangedDests => Effect::Fills(F::ReleaseChangedDests),
        F::ReleaseEntityInfo
        | F::ReleaseRouteInfo
        | F::ReleaseNextHopInfo
        | F::ReleaseDestInfo
        | F::ReleaseDests
        | F::ReleaseChangedDests
        | F::ReleaseEntities
        | F::ReleaseRoutes
        | F::ReleaseNextHops
        | F::DeleteEnumHandle
        | F::DeleteRouteList
        | F::DeregisterFromChangeNotification => Effect::GivesBack,
        F::ReferenceHandles => Effect::Counts,
        F::AddRouteToDest | F::AddNextHop => Effect::Adds,
        F::DeleteRouteToDest | F::DeleteNextHop => Effect::Deletes,
        F::LockDestination => Effect::Switches("LockDest"),
        F::LockRoute => Effect::Switches("LockRoute"),
        F::LockNextHop => Effect::Switches("LockNextHop"),
        F::BlockMethods => Effect::Switches("BlockingFlag"),
        F::UpdateAndUnlockRoute => Effect::SwitchesOff(F::LockRoute),
        _ => Effect::None,
    }
}

/// Whether a call of the function can change what anybody holds.
pub fn concerns(function: Function) -> bool {
    let hands_out = |kind| matches!(kind, ArgKind::Slot | ArgKind::OutHandle | ArgKind::OutHandles);
    effect(function) != Effect::None || function.parameters().iter().any(|p| hands_out(p.kind))
}

/// The function that takes back a handle that is held on its own. No function takes a bare
/// destination, so it goes back in a structure without views.
pub fn taker(kind: HandleKind) -> Function {
    match kind {
        HandleKind::Entity => Function::ReleaseEntities,
        HandleKind::Dest => Function::ReleaseDestInfo,
        HandleKind::Route => Function::ReleaseRoutes,
        HandleKind::NextHop => Function::ReleaseNextHops,
        HandleKind::Enum => Function::DeleteEnumHandle,
        HandleKind::Notify => Function::DeregisterFromChangeNotification,
        HandleKind::RouteList => Function::DeleteRouteList,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows say of each function what its parameters can mean.
    #[test]
    fn rows_fit_the_parameters() {
        for function in Function::ALL {
            let parameters = function.parameters();
            let kind = |at: usize| parameters.get(at).map(|p| p.kind);
            let last = parameters.last().map(|p| p.kind);
            let outputs = |wanted| parameters.iter().filter(|p| p.kind == wanted).count();
            let fits = match effect(*function) {
                Effect::None => true,
                Effect::Registers => last == Some(ArgKind::OutHandle),
                Effect::Deregisters => parameters.len() == 1,
                Effect::Fills(back) => {
                    effect(back) == Effect::GivesBack
                        && outputs(ArgKind::Out) + outputs(ArgKind::RouteSlot) != 0
                }
                Effect::GivesBack | Effect::Counts => matches!(
                    last,
                    Some(
                        ArgKind::Handle
                            | ArgKind::Handles
                            | ArgKind::Dests
                            | ArgKind::Route
                            | ArgKind::NextHop
                            | ArgKind::Entity
                    )
                ),
                Effect::Adds => outputs(ArgKind::Slot) == 1,
                Effect::Deletes => kind(1) == Some(ArgKind::Handle),
                Effect::Switches(name) => {
                    let flag = function.parameter(name).expect("the flag is a parameter");
                    kind(1) == Some(ArgKind::Handle) && kind(flag) == Some(ArgKind::Word)
                }
                Effect::SwitchesOff(other) => {
                    kind(1) == Some(ArgKind::Handle) && matches!(effect(other), Effect::Switches(_))
                }
            };
            assert!(fits, "{}", function.name());
        }
    }

    /// What is called a release, a deletion or an end has a row; so has each taker.
    #[test]
    fn every_end_has_a_row() {
        let ends = ["Release", "Delete", "Deregister", "Lock", "Block", "Unlock"];
        for function in Function::ALL {
            if ends.iter().any(|word| function.name().contains(word)) {
                assert_ne!(effect(*function), Effect::None, "{}", function.name());
            }
        }
        for kind in HandleKind::ALL {
            assert_eq!(effect(taker(kind)), Effect::GivesBack, "{kind:?}");
        }
    }
}
