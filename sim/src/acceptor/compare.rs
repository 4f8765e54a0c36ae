//! Comparing what the model shows with what the library showed.

use super::bindings::Bindings;
use super::judgement::Difference;
use crate::clause::{
    ClauseId, convert_ipv6_address_and_length_to_net_address as to_net_address,
    get_opaque_information_pointer as opaque,
};
use crate::model::Model;
use crate::program::{Actor, Step};
use crate::vocabulary::call::Function;
use crate::vocabulary::observation::{self, Field, Member, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::NetAddress;

/// What comparing one observation gave.
#[derive(Debug)]
pub enum Compared {
    /// All fields fit; these clauses were decided as the library has it.
    Fits(Vec<ClauseId>),
    /// The library gave another status that the scenario names as right too.
    Accepted,
    /// This field does not fit.
    Differs(Difference),
}

/// Compares field by field, in the order of the interface, and binds handles.
pub fn compare(
    model: &Model,
    bindings: &mut Bindings,
    actor: Actor,
    step: Option<&Step>,
    expected: &mut [Field],
    observed: &[Field],
) -> Compared {
    let mut adopted = Vec::new();
    let function = step.and_then(super::hypothesis::function_of);
    if function == Some(Function::GetRegisteredEntities) {
        put_in_observed_order(model, bindings, actor, expected, observed);
    }
    // Both mostly come in the same order, so the next one is looked at first.
    let mut next = 0;
    for field in expected.iter() {
        let at = match observed.get(next) {
            Some(other) if other.place == field.place => Some(next),
            _ => observed.iter().position(|other| other.place == field.place),
        };
        next = at.map_or(next, |at| at + 1);
        let seen = at.map(|at| observed[at].value);
        if fits(model, bindings, actor, field.value, seen) && is_aligned(field, seen) {
            continue;
        }
        if differs_in_family(field, seen) {
            adopted.push(to_net_address::FAMILY);
            continue;
        }
        if field.place == Place::STATUS {
            if let (Some(step), Some(Value::Number(status))) = (step, seen)
                && step.accept.iter().any(|accepted| u64::from(accepted.0) == status)
            {
                return Compared::Accepted;
            }
            if both_refuse(field, seen) {
                adopted.extend(field.basis.clauses().filter(|c| c.clause().choice.is_some()));
                continue;
            }
        }
        match field.basis.clauses().find(|clause| clause.clause().free) {
            Some(clause) => adopted.push(clause),
            None => return Compared::Differs(Difference::field(step, actor, field, seen)),
        }
    }
    Compared::Fits(adopted)
}

/// Whether a direct pointer is aligned as one that leads to a pointer has to be.
fn is_aligned(field: &Field, seen: Option<Value>) -> bool {
    match seen {
        Some(Value::Pointer(address)) => {
            address % (align_of::<*const ()>() as u64) == 0
                || field.basis.clauses().all(|clause| clause != opaque::SLOT_ALIGNED)
        }
        _ => true,
    }
}

/// Whether an address has but another family where nobody says who sets it.
fn differs_in_family(field: &Field, seen: Option<Value>) -> bool {
    match (field.value, seen) {
        (Value::Address(expected), Some(Value::Address(address))) => {
            NetAddress { family: expected.family, ..address } == expected
                && field.basis.clauses().any(|clause| clause == to_net_address::EFFECT)
        }
        _ => false,
    }
}

/// Where it is silent which code refuses a call, any other refusal does.
fn both_refuse(field: &Field, seen: Option<Value>) -> bool {
    let refusal = |value: u64| {
        let accepted = [Status::NO_ERROR, Status::ERROR_NO_MORE_ITEMS];
        accepted.iter().all(|status| u64::from(status.0) != value)
    };
    let silent = field.basis.strength() == crate::clause::Strength::Silent;
    match (field.value, seen) {
        (Value::Number(expected), Some(Value::Number(observed))) => {
            silent && refusal(expected) && refusal(observed)
        }
        _ => false,
    }
}

fn fits(
    model: &Model,
    bindings: &mut Bindings,
    actor: Actor,
    expected: Value,
    observed: Option<Value>,
) -> bool {
    match (expected, observed) {
        (Value::Handle(kind, object), Some(Value::Handle(_, raw))) => {
            bindings.admit(model, actor, kind, raw, object)
        }
        (Value::Time(time), Some(Value::Time(raw))) => bindings.admit_time(time, raw),
        (Value::Pointer(one), Some(Value::Pointer(other))) => (one == 0) == (other == 0),
        (expected, Some(observed)) => expected == observed,
        (_, None) => false,
    }
}

/// The order of the clients reported is free: puts the model's elements in the order in which the
/// library has them, as far as they can be told apart.
fn put_in_observed_order(
    model: &Model,
    bindings: &Bindings,
    actor: Actor,
    expected: &mut [Field],
    observed: &[Field],
) {
    let is_element = |f: &Field| matches!(f.place.slot, 2 | 3) && f.place.member != Member::Tail;
    let count = |fields: &[Field]| {
        let last =
            fields.iter().filter(|f| is_element(f)).map(|f| f.place.index.saturating_add(1)).max();
        last.unwrap_or(0)
    };
    let (ours, theirs) = (count(expected), count(observed));
    let mut target: Vec<Option<u16>> = vec![None; usize::from(ours)];
    for index in 0..theirs {
        let suits = |from: u16| {
            let element = expected.iter().filter(|f| is_element(f) && f.place.index == from);
            element.clone().next().is_some()
                && element.into_iter().all(|f| {
                    let place = Place { index, ..f.place };
                    let mut trial = bindings.clone();
                    let seen = observation::find(observed, place);
                    fits(model, &mut trial, actor, f.value, seen)
                })
        };
        let free = (0..ours).filter(|from| target[usize::from(*from)].is_none());
        if let Some(from) = free.into_iter().find(|from| suits(*from)) {
            target[usize::from(from)] = Some(index);
        }
    }
    let mut unused = (0..ours.max(theirs)).filter(|i| !target.contains(&Some(*i)));
    let rest: Vec<u16> = unused.by_ref().collect();
    let mut rest = rest.into_iter();
    let target: Vec<u16> =
        target.into_iter().map(|t| t.or_else(|| rest.next()).unwrap_or(u16::MAX)).collect();
    for field in expected.iter_mut().filter(|f| is_element(f)) {
        field.place.index = target[usize::from(field.place.index)];
    }
}
