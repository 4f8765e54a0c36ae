//! Running exported methods, on the thread of the call that invoked them.
//!
//! The model says which method runs and what it is given; the memory is the caller's. What the
//! method leaves in its element is read back as its answer, so that the model shows what is there.

use std::mem::offset_of;

use rtm_abi::layout::{METHOD_OUTPUT_DATA_OFFSET, size_of_entity_method_input};
use rtm_abi::types::{EntityExportMethod, EntityHandle, EntityMethodInput, EntityMethodOutput};
use rtm_sim::model::methods::Element;
use rtm_sim::program::Actor;
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::callback::{Answer, MethodOutput};
use rtm_sim::vocabulary::observation::{Field, Member, Place, find, number_at};

use crate::argument::Raw;
use crate::callback::{self, pointer};
use crate::memory::Shape;
use crate::outputs;

/// Where a call has its input and its output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffers {
    pub(crate) input: *mut u8,
    pub(crate) output: *mut u8,
}

/// A method that is about to run.
pub(crate) struct MethodRun {
    actor: Actor,
    method: EntityExportMethod,
    caller: EntityHandle,
    callee: EntityHandle,
    /// The input, where it is not the caller's own.
    input: Option<Vec<u32>>,
    buffers: Buffers,
    /// Where its element begins.
    element: *mut u8,
    room: usize,
}

impl Buffers {
    /// Those of an operation that runs no methods.
    pub(crate) const NONE: Buffers =
        Buffers { input: std::ptr::null_mut(), output: std::ptr::null_mut() };

    /// Those of a call.
    pub(crate) fn of(function: Function, raw: &[Raw]) -> Buffers {
        let pointer = |at: usize| raw[at].pointer().unwrap_or(std::ptr::null_mut());
        match function {
            Function::InvokeMethod => Buffers { input: pointer(2), output: pointer(4) },
            _ => Buffers::NONE,
        }
    }
}

impl MethodRun {
    /// The run that the model reports in `seen`; what the manager stores before is written.
    ///
    /// # Safety
    /// The buffers are those of the call, and the element lies in its output.
    pub(crate) unsafe fn new(
        actor: Actor,
        method: EntityExportMethod,
        buffers: Buffers,
        element: &Element,
        seen: &[Field],
    ) -> MethodRun {
        // SAFETY: the caller vouches for the output, in which the header has room.
        let start = unsafe {
            let start = buffers.output.add(element.start as usize);
            outputs::write_structure(start, Shape::Output, Place::ELEMENT.slot, seen);
            start
        };
        MethodRun {
            actor,
            method,
            caller: EntityHandle(pointer(find(seen, Place::CALLER))),
            callee: EntityHandle(pointer(find(seen, Place::CALLEE))),
            // SAFETY: the caller vouches for the input.
            input: unsafe { changed_input(buffers.input, seen) },
            buffers,
            element: start,
            room: element.room as usize,
        }
    }

    /// Runs it; no lock may be held. A client without a function leaves everything as it is.
    pub(crate) fn run(mut self) -> Answer {
        if let Some(method) = self.method {
            let input = match &mut self.input {
                Some(words) => words.as_mut_ptr().cast(),
                None => self.buffers.input.cast(),
            };
            let (caller, callee, output) = (self.caller, self.callee, self.element.cast());
            // SAFETY: the client gave this function for this use when it registered, and has not
            // left since; what the arguments lead to lives until it returns.
            callback::run_as(self.actor, || unsafe { method(caller, callee, input, output) });
        }
        // SAFETY: the element lies in the output of the call, which has not returned.
        Answer::Method(Box::new(unsafe { self.read_back() }))
    }

    /// # Safety
    /// The element has a header and the room that the model said.
    unsafe fn read_back(&self) -> MethodOutput {
        let output = self.element.cast::<EntityMethodOutput>();
        // SAFETY: by the contract above; nothing is assumed of the alignment.
        unsafe {
            let size = (&raw const (*output).output_size).read_unaligned();
            let count = (size as usize).min(self.room);
            let data = self.element.add(METHOD_OUTPUT_DATA_OFFSET);
            MethodOutput {
                method_type: Some((&raw const (*output).method_type).read_unaligned()),
                method_status: Some((&raw const (*output).method_status).read_unaligned()),
                output_size: Some(size),
                output_data: (0..count).map(|at| data.add(at).read()).collect(),
            }
        }
    }
}

/// The input that the model gives a method, where it is not what the caller gave.
///
/// # Safety
/// `input` leads to an `RTM_ENTITY_METHOD_INPUT`.
unsafe fn changed_input(input: *const u8, seen: &[Field]) -> Option<Vec<u32>> {
    let number = |member| number_at(seen, Place::INPUT.member(member)).unwrap_or(0) as u32;
    let (kind, size) = (number(Member::MethodType), number(Member::InputSize));
    let given = input.cast::<EntityMethodInput>();
    // SAFETY: by the contract above; the header is read as it is, whatever its alignment.
    let (given_kind, given_size) = unsafe {
        let kind = (&raw const (*given).method_type).read_unaligned();
        (kind, (&raw const (*given).input_size).read_unaligned())
    };
    if (kind, size) == (given_kind, given_size) {
        return None;
    }
    let bytes = size_of_entity_method_input(size as usize).max(size_of::<EntityMethodInput>());
    let mut words = vec![0_u32; bytes.div_ceil(size_of::<u32>())];
    let base = words.as_mut_ptr().cast();
    // SAFETY: the memory is as large as the header and the data that is shown.
    unsafe { outputs::write_structure(base, Shape::Input, Place::INPUT.slot, seen) };
    Some(words)
}

/// The functions that a client exports, NULL entries included.
///
/// # Safety
/// `at` leads to an `RTM_ENTITY_EXPORT_METHODS` with as many entries as it says, if it is there.
pub(crate) unsafe fn exported(at: Option<*mut u8>, most: u32) -> Vec<EntityExportMethod> {
    let Some(at) = at else { return Vec::new() };
    // SAFETY: by the contract above.
    unsafe {
        let count = at.cast::<u32>().read_unaligned().min(most) as usize;
        let entries = at.add(offset_of!(rtm_abi::types::EntityExportMethods, methods));
        let entries = entries.cast::<EntityExportMethod>();
        (0..count).map(|index| entries.add(index).read_unaligned()).collect()
    }
}
