//! Methods that a library ran: each must be one that an invocation is about to run.
//!
//! The order in which the methods of one call run is the library's affair, and the model follows
//! it. The output of a call comes as bytes; which members they are is known from the model.

use super::{Hypothesis, Open, Outcome};
use crate::acceptor::judgement::Difference;
use crate::clause::{entity_export_method as method, invoke_method as invoke};
use crate::model::methods::Next;
use crate::program::{Actor, Step};
use crate::vocabulary::callback::Told;
use crate::vocabulary::observation::{self, Basis, Field, Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

/// The output of `RtmInvokeMethod`.
const OUTPUT: Place = Place::output(4);

impl Hypothesis<'_> {
    /// A method of `receiver` has been run.
    pub(super) fn method_run(
        &mut self,
        receiver: Option<Actor>,
        index: u8,
        shown: &[Field],
    ) -> Outcome {
        let invokers = receiver.map_or(Vec::new(), |actor| self.model.invokers_of(actor, index));
        let mut first = None;
        for invoker in invokers {
            let receiver = receiver.unwrap_or(0);
            match self.attempt(|trial| trial.method_run_for(receiver, invoker, index, shown)) {
                Outcome::Fits => return Outcome::Fits,
                other => first = first.or(Some(other)),
            }
        }
        first.unwrap_or_else(|| unexpected(receiver, index, self.why_not(receiver)))
    }

    /// A method of `actor` has been run for a call of `invoker`.
    fn method_run_for(
        &mut self,
        actor: Actor,
        invoker: Actor,
        index: u8,
        shown: &[Field],
    ) -> Outcome {
        if self.model.next_method(invoker) == Next::TooSmall {
            return unexpected(Some(actor), index, Basis::of(&[invoke::OUTPUT_TOO_SMALL]));
        }
        let mut arguments = Observation::default();
        self.model.start_method(invoker, index, &mut arguments);
        self.begun(actor, Told::Method(index), &mut arguments, shown)
    }

    /// What forbids that a method of `receiver` runs.
    fn why_not(&self, receiver: Option<Actor>) -> Basis {
        if let Some(grounds) = receiver.and_then(|actor| self.model.why_held_back(actor)) {
            return grounds.into();
        }
        let mut targets = self.model.invocation_targets();
        match receiver.is_some_and(|actor| targets.any(|target| target == actor)) {
            true => Basis::of(&[invoke::SELECT_BY_BITS]),
            false => Basis::of(&[method::ONLY_THROUGH_INVOKE]),
        }
    }

    /// The call that `open` made ends now: adds what it shows. A method that was to run and has
    /// not is a difference, unless the call was refused.
    pub(super) fn end_invocation(
        &mut self,
        open: &mut Open,
        step: &Step,
        shown: &[Field],
    ) -> Option<Difference> {
        let missing = self.missing_method(open.actor, step);
        self.model.end_invocation(open.actor, &mut open.seen);
        let status = observation::number_at(shown, Place::STATUS);
        missing.filter(|_| status == Some(Status::NO_ERROR.0.into()))
    }

    /// A method that is still to run for the call of an actor. Of several the one counts whose
    /// absence is forbidden most firmly.
    pub(super) fn missing_method(&self, actor: Actor, step: &Step) -> Option<Difference> {
        let missing = match self.model.next_method(actor) {
            Next::Method(_) => self.model.methods_left(actor),
            Next::Done | Next::TooSmall => Vec::new(),
        };
        let (index, basis) = missing.into_iter().max_by_key(|(_, basis)| basis.strength())?;
        Some(Difference {
            line: Some(step.line),
            expected: Some(Value::Number(index.into())),
            observed: None,
            ..difference(Some(actor), basis)
        })
    }
}

/// The members of the output that the model shows, as the library's bytes have them.
pub(super) fn with_members(expected: &[Field], shown: &[Field]) -> Vec<Field> {
    let mut bytes = Vec::new();
    for field in shown {
        let Place { index, .. } = field.place;
        if let (Value::Number(byte), true) = (field.value, field.place == OUTPUT.at(index.into())) {
            let at = usize::from(index);
            bytes.resize(bytes.len().max(at + 1), None);
            bytes[at] = Some(byte as u8);
        }
    }
    let byte = |offset: u16| bytes.get(usize::from(offset)).copied().flatten();
    let word = |offset: u16| {
        let mut bytes = [0; 4];
        for (at, slot) in bytes.iter_mut().enumerate() {
            *slot = byte(offset + at as u16)?;
        }
        Some(u64::from(u32::from_le_bytes(bytes)))
    };
    let mut members: Vec<Field> = shown.to_vec();
    for field in expected.iter().filter(|field| field.place.slot == OUTPUT.slot) {
        let Place { index, inner, member, .. } = field.place;
        let number = match member {
            Member::MethodType => word(index),
            Member::MethodStatus => word(index + 4),
            Member::OutputSize => word(index + 8),
            Member::OutputData => byte(index + 12 + inner).map(u64::from),
            _ => None,
        };
        members.extend(number.map(|number| Field { value: Value::Number(number), ..*field }));
    }
    members
}

fn unexpected(receiver: Option<Actor>, index: u8, basis: Basis) -> Outcome {
    let observed = Some(Value::Number(index.into()));
    Outcome::Differs(Difference { observed, ..difference(receiver, basis) })
}

fn difference(actor: Option<Actor>, basis: Basis) -> Difference {
    Difference {
        entry: 0,
        actor: actor.unwrap_or(0),
        line: None,
        function: None,
        place: Place::METHOD,
        expected: None,
        observed: None,
        basis,
    }
}
