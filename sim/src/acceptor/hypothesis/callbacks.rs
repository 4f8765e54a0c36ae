//! Callbacks of a library: which event of the model each is, or why none can be.

use super::{Hypothesis, Outcome};
use crate::acceptor::compare::{Compared, compare};
use crate::acceptor::judgement::Difference;
use crate::clause::{add_route_to_dest as add, event_callback as event, register_entity};
use crate::model::events::PendingEvent;
use crate::program::{Actor, Step};
use crate::vocabulary::callback::Told;
use crate::vocabulary::constants::EventType;
use crate::vocabulary::handle::HandleKind;
use crate::vocabulary::observation::{self, Basis, Field, Member, Observation, Place, Value};

impl Hypothesis<'_> {
    pub(super) fn callback(
        &mut self,
        receiver: Option<Actor>,
        told: Told,
        shown: &[Field],
    ) -> Outcome {
        let number = match told {
            Told::Event(number) => number,
            Told::Method(index) => return self.method_run(receiver, index, shown),
        };
        if let Some(actor) = receiver {
            self.let_expire(actor, number, shown);
            self.let_vanish(actor, number);
            let wanted: Vec<usize> = self
                .model
                .pending()
                .enumerate()
                .filter(|(_, (to, event))| *to == actor && event.event.number() == number)
                .map(|(at, _)| at)
                .collect();
            let mut first = None;
            for at in wanted {
                match self.attempt(|trial| trial.deliver(at, actor, number, shown)) {
                    Outcome::Fits => return Outcome::Fits,
                    other => first = first.or(Some(other)),
                }
            }
            let again = self.call_again(actor, number, shown);
            if let Some(outcome) = again.or(first) {
                return outcome;
            }
        }
        Outcome::Differs(Difference {
            entry: 0,
            actor: receiver.unwrap_or(0),
            line: None,
            function: None,
            place: Place::EVENT,
            expected: None,
            observed: Some(Value::Number(u64::from(number))),
            basis: self.unexpected(receiver, number, shown),
        })
    }

    /// What forbids a callback that nothing caused.
    fn unexpected(&self, receiver: Option<Actor>, number: u32, shown: &[Field]) -> Basis {
        let told = EventType::ALL.into_iter().find(|event| event.number() == number);
        let context = |kind| {
            let raw = observation::handle_at(shown, Place::CONTEXT1);
            receiver.and_then(|actor| self.bindings.object(actor, kind, raw))
        };
        match told {
            None => Basis::of(&[event::EVENT_NUMBERS]),
            Some(EventType::RouteExpired) => {
                let why = context(HandleKind::Route)
                    .and_then(|route| self.model.why_not_due(route))
                    .unwrap_or(add::TTL_NOT_EARLY);
                Basis::of(&[why]).also(event::EVENT_MEANINGS)
            }
            Some(EventType::EntityRegistered) => {
                let about = context(HandleKind::Entity).and_then(|e| self.model.actor_of(e));
                let identity =
                    [Member::AddressFamily, Member::EntityProtocolId, Member::EntityInstanceId]
                        .map(|m| observation::number_at(shown, Place::CONTEXT2.member(m)));
                let earlier = receiver.is_some_and(|by| self.model.was_there_before(by, identity));
                let why = match about == receiver {
                    true => register_entity::REGISTERED_EVENT_NOT_SELF,
                    false if earlier => register_entity::REGISTERED_EVENT_NO_REPLAY,
                    false => register_entity::REGISTERED_EVENT_SCOPE,
                };
                Basis::of(&[why]).also(event::EVENT_MEANINGS)
            }
            Some(EventType::ChangeNotification) => {
                let registration = context(HandleKind::Notify);
                let grounds = self.model.why_no_change(receiver.unwrap_or(0), registration);
                Basis::from(grounds).also(event::EVENT_MEANINGS)
            }
            Some(EventType::EntityDeregistered) => Basis::of(&[event::EVENT_MEANINGS]),
        }
    }

    /// Lets timers go off for which nobody is asked, until one of them explains a callback for
    /// changes.
    fn let_vanish(&mut self, actor: Actor, number: u32) {
        let wanted = |(to, e): (Actor, PendingEvent)| to == actor && e.event.number() == number;
        let (Some((target, last_arming)), true) =
            (self.reach(), number == EventType::ChangeNotification.number())
        else {
            return;
        };
        while !self.model.pending().any(wanted) {
            let Some(due) = self.model.due_unasked(target, last_arming) else { return };
            self.model.fire(due);
        }
    }

    /// A callback for changes that the model does not make: nothing says how many there are.
    fn call_again(&mut self, actor: Actor, number: u32, shown: &[Field]) -> Option<Outcome> {
        if number != EventType::ChangeNotification.number() {
            return None;
        }
        let raw = observation::handle_at(shown, Place::CONTEXT1);
        let handle = self.bindings.object(actor, HandleKind::Notify, raw)?;
        let leaving = self.open.iter().any(|open| open.ends == Some(handle));
        let context = observation::number_at(shown, Place::CONTEXT2).unwrap_or(0);
        let mut clause = None;
        let outcome = self.attempt(|trial| {
            let mut arguments = Observation::default();
            let context = (context, leaving);
            clause = trial.model.deliver_again(actor, handle, context, &mut arguments);
            trial.adopt(clause.into_iter().collect());
            trial.begun(actor, Told::Event(number), &mut arguments, shown)
        });
        clause.map(|_| outcome)
    }

    /// Lets the timer of the route go off that the library tells of, if it is due.
    fn let_expire(&mut self, actor: Actor, number: u32, shown: &[Field]) {
        let (Some((target, last_arming)), true) =
            (self.reach(), number == EventType::RouteExpired.number())
        else {
            return;
        };
        let raw = observation::handle_at(shown, Place::CONTEXT1);
        let object = self.bindings.object(actor, HandleKind::Route, raw);
        if let Some(route) = self.model.due_route(target, last_arming, actor, object) {
            self.model.expire(route);
        }
    }

    fn deliver(&mut self, at: usize, actor: Actor, number: u32, shown: &[Field]) -> Outcome {
        let mut arguments = Observation::default();
        self.model.deliver(at, &mut arguments);
        self.begun(actor, Told::Event(number), &mut arguments, shown)
    }

    /// A client has been called, with these arguments.
    pub(super) fn begun(
        &mut self,
        actor: Actor,
        told: Told,
        arguments: &mut Observation,
        shown: &[Field],
    ) -> Outcome {
        let fields = &mut arguments.fields;
        match compare(&self.model, &mut self.bindings, actor, None, fields, shown) {
            Compared::Fits(adopted) => self.adopt(adopted),
            Compared::Accepted => return Outcome::Accepted,
            Compared::Differs(difference) => return Outcome::Differs(difference),
        }
        let plan = &self.program.actors[usize::from(actor)];
        if let Some(label) = plan.script(told).and_then(|(label, _)| label) {
            self.labels.bind(label, &arguments.fields);
        }
        Outcome::Fits
    }
}

/// An event of the model that the library did not tell of.
pub(super) fn missing_callback(
    actor: Actor,
    event: &PendingEvent,
    step: Option<&Step>,
) -> Difference {
    Difference {
        entry: 0,
        actor,
        line: step.map(|s| s.line),
        function: None,
        place: Place::EVENT,
        expected: Some(Value::Number(u64::from(event.event.number()))),
        observed: None,
        basis: event.grounds().into(),
    }
}
