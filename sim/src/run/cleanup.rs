//! Giving back what a run still holds, after the part that is judged.

use super::Run;
use crate::engine::{Engine, Event, Host, Operation};
use crate::program::Actor;
use crate::vocabulary::call::Function;
use crate::vocabulary::callback::{Answer, Told};
use crate::vocabulary::constants::EventType;
use crate::vocabulary::observation::{self, Field, Place};
use crate::vocabulary::status::Status;

/// What came of giving back.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cleanup {
    /// Calls that were made.
    pub calls: u32,
    /// What was not given back because the documentation leaves open whether it is still held.
    pub forgotten: u32,
    /// Those that did not answer `NO_ERROR`.
    pub refused: Vec<Function>,
    /// The one that did not come back: whoever made it waits for ever.
    pub blocked: Option<Function>,
}

/// Whom callbacks are told while something is given back: the script is over.
struct Nobody;

impl Host for Nobody {
    fn callback(
        &mut self,
        _engine: &mut dyn Engine,
        _receiver: Option<Actor>,
        told: Told,
        seen: &[Field],
    ) -> Answer {
        answer(told, seen)
    }
}

/// A route that expires now is not kept, so that no reference on it comes with the event.
fn answer(told: Told, seen: &[Field]) -> Answer {
    match told == Told::Event(EventType::RouteExpired.number()) {
        true => Answer::Event(Status::ERROR_NOT_SUPPORTED.0),
        false => super::answer(None, told, seen),
    }
}

impl Run<'_> {
    /// Gives back all that is held and was kept account of, see [`Run::keep_holdings`]. A run that
    /// did not come to its end is left as it is.
    ///
    /// Nothing of it is history: nothing here is judged, and no callback is answered by the script.
    pub fn clean_up(&mut self, engine: &mut dyn Engine) -> Cleanup {
        let mut cleanup = Cleanup::default();
        let ended = !self.dead && self.lanes.iter().all(|lane| !lane.blocked);
        let Some(holdings) = self.holdings.as_mut().filter(|_| ended) else { return cleanup };
        cleanup.forgotten = holdings.forgotten();
        let mut seen = Vec::new();
        for (actor, call) in holdings.give_back() {
            let function = call.function();
            cleanup.calls += 1;
            seen.clear();
            engine.begin(actor, &Operation::Call(call));
            loop {
                match engine.next(&mut Nobody, &mut seen) {
                    Event::Idle => break,
                    Event::Blocked(_) => {
                        cleanup.blocked = Some(function);
                        return cleanup;
                    }
                    Event::Callback { told, .. } => {
                        engine.answer(&answer(told, &seen));
                        seen.clear();
                    }
                    Event::Ended(_) => {
                        let status = observation::number_at(&seen, Place::STATUS);
                        if status != Some(Status::NO_ERROR.0.into()) {
                            cleanup.refused.push(function);
                        }
                        seen.clear();
                    }
                }
            }
        }
        cleanup
    }
}
