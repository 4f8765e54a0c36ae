//! Why: the clauses that decide what methods are given and what invocations show.

use crate::clause::{
    ClauseId, entity_export_method as method, get_entity_methods as list, invoke_method as invoke,
    register_entity as register,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::methods::{Element, Invocation, Next};
use crate::vocabulary::handle::HandleKind;
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

const OUTPUT_SIZE: Place = Place::output(3);
const OUTPUT: Place = Place::output(4);
/// Identifiers below this bit are reserved.
const RESERVED_BITS: u8 = 16;

/// The status of `RtmGetEntityMethods`.
pub(super) fn list_status(of_itself: bool, capacity: u32, total: u32) -> Grounds {
    let grounds = Grounds::NONE.needs(of_itself, list::SELF_QUERY);
    match (capacity, total) {
        (_, 0) => grounds.and(&[list::NO_METHODS, list::SUCCESS]),
        (0, _) => grounds.and(&[list::PROBE_STATUS, list::SUCCESS]),
        _ if capacity < total => grounds.and(&[list::INSUFFICIENT_BUFFER]),
        _ => grounds
            .needs(total < capacity, list::CAPACITY_ABOVE_COUNT)
            .when(true, list::COUNT_IN)
            .and(&[list::SUCCESS]),
    }
}

/// The count that it gives.
pub(super) fn list_count(capacity: u32, total: u32) -> Grounds {
    match (capacity, total) {
        (_, 0) => Grounds::of(&[list::NO_METHODS, list::COUNT_OUT]),
        (0, _) => Grounds::of(&[list::PROBE_WITH_ZERO, list::COUNT_OUT]),
        _ if capacity < total => Grounds::of(&[list::INSUFFICIENT_COUNT]),
        _ => Grounds::NONE
            .needs(total < capacity, list::CAPACITY_ABOVE_COUNT)
            .and(&[list::COUNT_OUT, list::SUCCESS]),
    }
}

/// An entry point that it gives.
pub(super) fn list_entry(entry: Value, fits: bool) -> Grounds {
    let gap = matches!(entry, Value::Pointer(_));
    Grounds::NONE
        .when(gap, register::EXPORT_METHODS_NULL_ENTRY)
        .when(!fits, list::INSUFFICIENT_PARTIAL_DATA)
        .and(&[list::REGISTRATION_ORDER, list::ELEMENTS_ARE_FUNCTION_POINTERS])
        .when(fits, list::CALLER_ARRAY)
}

/// What lies behind the entry points that it gives.
pub(super) fn list_tail(capacity: u32, total: u32) -> Grounds {
    Grounds::NONE
        .needs(capacity == 0, list::PROBE_NULL_ARRAY)
        .when(capacity != 0 && capacity < total, list::INSUFFICIENT_FULL_CAPACITY)
        .and(&[list::TAIL_UNTOUCHED])
}

/// At most `most` of those clauses whose condition holds.
fn those<const N: usize>(most: usize, clauses: [(bool, ClauseId); N]) -> Grounds {
    let held = clauses.into_iter().filter(|(holds, _)| *holds).take(most);
    held.fold(Grounds::NONE, |grounds, (_, clause)| grounds.when(true, clause))
}

impl Model {
    /// Why a method runs.
    pub(in crate::model) fn method_grounds(&self, invocation: &Invocation, index: u8) -> Grounds {
        let blocks = invocation.blocks.0;
        if !blocks.is_empty() {
            return blocks.and(&[invoke::SELECT_BY_BITS]);
        }
        let all = invocation.input.method_type == super::ALL_METHODS;
        let clauses = [
            (index < RESERVED_BITS, invoke::RESERVED_NOT_ENFORCED),
            (!self.running.is_empty(), invoke::NESTED),
            (self.has_gaps(invocation.target), register::EXPORT_METHODS_NULL_ENTRY),
            (all, invoke::ALL_METHODS),
            (invocation.caller == invocation.target, invoke::SELF_INVOKE),
            (index != 0 && !all, invoke::BIT_IS_ARRAY_INDEX),
            (true, method::EXPORTED_AT_REGISTRATION),
        ];
        those(2, clauses).and(&[invoke::SELECT_BY_BITS]).when(true, method::ONLY_THROUGH_INVOKE)
    }

    /// The arguments of the method that runs for a call of an actor, with what decided them.
    pub(in crate::model) fn describe_method(&self, invocation: &Invocation, out: &mut Observation) {
        let Some(element) = invocation.elements.last() else { return };
        let index = element.index;
        out.number(Place::METHOD, index, self.method_grounds(invocation, index));
        let (mut first, mut second) = (invocation.caller, invocation.target);
        if self.oracle.takes(invoke::CALLER_AND_CALLEE_EXCHANGED) {
            (first, second) = (second, first);
        }
        let handle = |client| Value::Handle(HandleKind::Entity, self.entities.handle(client));
        let clauses = [method::CALLER_HANDLE, method::CALLEE_HANDLE];
        for ((place, client), clause) in
            [(Place::CALLER, first), (Place::CALLEE, second)].into_iter().zip(clauses)
        {
            let clauses = &[clause, invoke::CALLER_AND_CALLEE, method::PROTOTYPE];
            out.add(place, handle(client), clauses);
        }
        self.describe_input(invocation, index, out);
        let preset = &element.preset;
        let mut member = |member, value: Option<u32>, clause| {
            let value = value.map_or(Value::Unwritten, |number| Value::Number(number.into()));
            out.add(Place::ELEMENT.member(member), value, &[clause, method::OUTPUT_ELEMENT]);
        };
        member(Member::MethodType, preset.method_type, invoke::OUTPUT_METHOD_TYPE_SET_BY);
        member(Member::MethodStatus, preset.method_status, invoke::METHOD_STATUS_PRESET);
        member(Member::OutputSize, preset.output_size, invoke::OUTPUT_CAPACITY_TOLD);
    }

    fn describe_input(&self, invocation: &Invocation, index: u8, out: &mut Observation) {
        let Invocation { input, elements, .. } = invocation;
        let later = 1 < elements.len();
        let one = input.method_type.count_ones() == 1;
        let own = self.oracle.takes(invoke::INPUT_METHOD_TYPE_SEEN_OWN_IDENTIFIER);
        let seen = if own { 1 << index } else { input.method_type };
        let clauses: &[ClauseId] = match one {
            true => &[method::INPUT_IS_A_POINTER, invoke::INPUT_PASSED_ON],
            false => {
                &[invoke::INPUT_METHOD_TYPE_SEEN, method::INPUT_IS_A_POINTER, method::INPUT_NULL]
            }
        };
        out.number(Place::INPUT.member(Member::MethodType), seen, clauses);
        let lost = self.oracle.takes(invoke::INPUT_PASSED_ON_NO_DATA)
            || later && self.oracle.takes(invoke::COMMON_INPUT_FIRST_ONLY);
        let data = if lost { &[] } else { &input.data[..] };
        // That all methods share one input is stated, that each is given it follows.
        let grounds = Grounds::NONE.when(!later, invoke::INPUT_PASSED_ON);
        let grounds = match later {
            true => grounds.and(&[invoke::COMMON_INPUT]).when(true, invoke::INPUT_PASSED_ON),
            false => grounds.and(&[invoke::INPUT_PASSED_ON]),
        };
        let size = grounds.when(true, invoke::INPUT_SIZE);
        out.number(Place::INPUT.member(Member::InputSize), data.len() as u64, size);
        for (at, byte) in data.iter().enumerate() {
            let place = Place::INPUT.member(Member::InputData).inner(at);
            let grounds = grounds.when(true, invoke::INPUT_HEADER_SIZE);
            out.number(place, *byte, grounds.when(true, method::MEANING_OF_DATA));
        }
    }

    /// What a call shows whose methods have run.
    pub(in crate::model) fn report_invocation(
        &self,
        invocation: &Invocation,
        next: Next,
        out: &mut Observation,
    ) {
        let Invocation { elements, capacity, .. } = invocation;
        let too_small = next == Next::TooSmall;
        let refused = too_small && !self.oracle.takes(invoke::OUTPUT_TOO_SMALL_SUCCESS);
        let failed = elements.iter().rev().find_map(|e| e.method_status().filter(|s| *s != 0));
        let status = match failed {
            _ if refused => Status::ERROR_INSUFFICIENT_BUFFER,
            Some(status) if self.oracle.takes(invoke::METHOD_FAILURE_NOT_RETURNED_RETURNED) => {
                Status(status)
            }
            _ => Status::NO_ERROR,
        };
        let nothing = elements.is_empty() && !too_small;
        let grounds = match (too_small, nothing) {
            (true, _) => Grounds::NONE
                .when(*capacity == 0, invoke::ZERO_OUTPUT_SIZE)
                .and(&[invoke::OUTPUT_TOO_SMALL]),
            (_, true) => Grounds::of(&[invoke::NOTHING_SELECTED]),
            _ => self.success_grounds(invocation, failed.is_some()),
        };
        out.status(status, grounds);
        let mut used = elements.iter().map(Element::end).max().unwrap_or(0);
        if self.oracle.takes(invoke::OUTPUT_SIZE_OUT_CAPACITY) {
            used = *capacity;
        }
        if self.oracle.takes(invoke::OUTPUT_SIZE_SUM_DATA_ONLY) {
            used = elements.iter().filter_map(Element::output_size).sum();
        }
        let left_alone = elements.iter().any(|e| e.stored.output_size.is_none());
        let grounds = match elements.len() {
            _ if too_small => Grounds::of(&[invoke::OUTPUT_TOO_SMALL, invoke::OUTPUT_SIZE_IN]),
            0 => Grounds::of(&[invoke::NOTHING_SELECTED]),
            1 => Grounds::NONE
                .when(left_alone, invoke::OUTPUT_CAPACITY_TOLD)
                .and(&[invoke::OUTPUT_SIZE_SUM, invoke::OUTPUT_SIZE_OUT])
                .when(true, invoke::OUTPUT_SIZE_IN),
            _ => Grounds::of(&[
                invoke::OUTPUT_PACKING,
                invoke::OUTPUT_SAMPLE_COMMENT,
                invoke::ORDER_OF_METHODS,
                invoke::OUTPUT_SIZE_OUT,
            ]),
        };
        out.number(OUTPUT_SIZE, used, grounds);
        for (nth, element) in elements.iter().enumerate() {
            self.report_element(invocation, element, nth, out);
        }
    }

    fn success_grounds(&self, invocation: &Invocation, failed: bool) -> Grounds {
        let Invocation { input, elements, target, caller, blocks, .. } = invocation;
        if !blocks.0.is_empty() {
            return blocks.0.and(&[invoke::SUCCESS]).when(true, invoke::SYNCHRONOUS);
        }
        let unknown = input.method_type & !self.exported(*target) != 0;
        let all = input.method_type == super::ALL_METHODS;
        let reserved = elements.iter().any(|e| e.index < RESERVED_BITS);
        let clauses = [
            (unknown && !all, invoke::UNKNOWN_BITS),
            (reserved, invoke::RESERVED_NOT_ENFORCED),
            (failed, invoke::METHOD_FAILURE_NOT_RETURNED),
            (caller == target, invoke::SELF_INVOKE),
            (all, invoke::ALL_METHODS),
            (true, invoke::SYNCHRONOUS),
        ];
        those(3, clauses).and(&[invoke::SUCCESS])
    }

    fn report_element(
        &self,
        invocation: &Invocation,
        element: &Element,
        nth: usize,
        out: &mut Observation,
    ) {
        let at = OUTPUT.at(element.start as usize);
        let before = Grounds::NONE.when(nth != 0, invoke::OUTPUT_PACKING);
        let own: &[ClauseId] = match element.stored.method_type {
            Some(_) => &[invoke::OUTPUT_METHOD_TYPE, invoke::OUTPUT_TUPLES],
            None => &[invoke::OUTPUT_METHOD_TYPE_SET_BY, invoke::OUTPUT_METHOD_TYPE],
        };
        let mut kind = element.method_type();
        if self.oracle.takes(invoke::OUTPUT_METHOD_TYPE_MASK) {
            kind = Some(invocation.input.method_type);
        }
        if self.oracle.takes(invoke::OUTPUT_TUPLES_EXCHANGED) {
            let mirrored = invocation.elements.iter().rev().nth(nth);
            kind = mirrored.and_then(Element::method_type);
        }
        show(at.member(Member::MethodType), kind, before.and(own), out);
        let own: &[ClauseId] = match element.stored.method_status {
            Some(_) => &[invoke::METHOD_STATUS, invoke::OUTPUT_TUPLES],
            None => &[invoke::METHOD_STATUS_PRESET, invoke::METHOD_STATUS],
        };
        let forgotten = self.oracle.takes(invoke::METHOD_STATUS_NO_ERROR);
        let status = element.method_status().map(|own| if forgotten { 0 } else { own });
        show(at.member(Member::MethodStatus), status, before.and(own), out);
        let own: &[ClauseId] = match element.stored.output_size {
            Some(_) => &[invoke::OUTPUT_ELEMENT_SIZE, invoke::OUTPUT_TUPLES],
            None => &[invoke::OUTPUT_CAPACITY_TOLD, invoke::OUTPUT_ELEMENT_SIZE],
        };
        show(at.member(Member::OutputSize), element.output_size(), before.and(own), out);
        let counted = element.output_size().unwrap_or(0).min(element.room) as usize;
        for (inner, byte) in element.stored.output_data.iter().take(counted).enumerate() {
            let clauses =
                &[invoke::OUTPUT_ELEMENT_SIZE, invoke::OUTPUT_TUPLES, method::MEANING_OF_DATA];
            let place = at.member(Member::OutputData).inner(inner);
            out.number(place, *byte, before.and(clauses));
        }
    }
}

/// Shows a member that somebody stored; what nobody stored holds whatever was there before.
fn show(place: Place, number: Option<u32>, grounds: Grounds, out: &mut Observation) {
    if let Some(number) = number {
        out.number(place, number, grounds);
    }
}
