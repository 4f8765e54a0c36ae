//! The methods that clients export: what they are given, and what they write.
//!
//! There is one function an actor and place of its array, so that it is known which method ran
//! whatever handles it is passed. What it writes is the host's answer, cut off where the memory
//! ends that it was given.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use rtm_abi::layout::{METHOD_INPUT_DATA_OFFSET, METHOD_OUTPUT_DATA_OFFSET};
use rtm_abi::types::{EntityExportMethod, EntityHandle, EntityMethodInput, EntityMethodOutput};
use rtm_sim::program::{ACTORS_MAX, Actor};
use rtm_sim::vocabulary::callback::{Answer, EntryPoint, MethodOutput, Told};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Field, Member, Place, Value};

use super::Fault;
use super::callback::{dispatch, lent_at};
use super::observe::{View, see};

/// Methods of one client.
pub const METHODS_MAX: usize = 32;
/// Most bytes of data that are read from, or written to, memory that is not ours.
const FOREIGN_DATA_SIZE_MAX: usize = 4096;
/// A size above this one was never told: nothing that we lend is larger.
const TOLD_SIZE_MAX: usize = super::memory::BUFFER_SIZE_MAX;

/// The function of an actor for a place of its array.
pub fn of(actor: Actor, index: usize) -> EntityExportMethod {
    METHODS[usize::from(actor) % ACTORS_MAX][index % METHODS_MAX]
}

/// Whose function an address is, and at which place.
fn find(address: u64) -> Option<EntryPoint> {
    let at = |method: &EntityExportMethod| method.is_some_and(|f| f as usize as u64 == address);
    let place = |methods: &[EntityExportMethod; METHODS_MAX]| methods.iter().position(at);
    let found =
        |(actor, methods)| Some(EntryPoint { actor: actor as Actor, index: place(methods)? as u8 });
    METHODS.iter().enumerate().find_map(found)
}

/// What an element of an array of entry points shows.
pub fn entry_point(view: View<'_>) -> Value {
    match view.pointer(0) {
        Value::Pointer(address) => {
            find(address).map_or(Value::Pointer(address), |found| Value::Number(found.number()))
        }
        other => other,
    }
}

unsafe extern "C" fn method<const ACTOR: u8, const INDEX: u8>(
    caller: EntityHandle,
    callee: EntityHandle,
    input: *mut EntityMethodInput,
    output: *mut EntityMethodOutput,
) {
    let arguments = Arguments { caller, callee, input, output };
    // SAFETY: the library passes pointers to these structures or NULL; if it does not, the
    // process ends here and that is the finding.
    unsafe { arguments.run(ACTOR, INDEX) };
}

struct Arguments {
    caller: EntityHandle,
    callee: EntityHandle,
    input: *mut EntityMethodInput,
    output: *mut EntityMethodOutput,
}

impl Arguments {
    /// # Safety
    /// Both pointers are NULL or lead to structures with as many bytes of data as they say.
    unsafe fn run(&self, actor: Actor, index: u8) {
        let result = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: by the contract above.
            let observe = |fields: &mut Vec<Field>| unsafe { self.observe(index, fields) };
            let carry_out = |answer: &Answer| {
                if let (Answer::Method(output), false) = (answer, self.output.is_null()) {
                    // SAFETY: by the contract above.
                    unsafe { self.write(output) };
                }
            };
            dispatch(actor, Told::Method(index), observe, carry_out);
        }));
        if let Err(panic) = result {
            Fault::of_panic(&*panic).end();
        }
    }

    /// # Safety
    /// As for `run`.
    unsafe fn observe(&self, index: u8, fields: &mut Vec<Field>) {
        see(fields, Place::METHOD, Value::Number(index.into()));
        let handle = |handle: EntityHandle| {
            Value::Handle(HandleKind::Entity, Handle(handle.0 as usize as u64))
        };
        see(fields, Place::CALLER, handle(self.caller));
        see(fields, Place::CALLEE, handle(self.callee));
        // SAFETY: by the contract above.
        unsafe { self.observe_input(fields) };
        // SAFETY: by the contract above.
        match unsafe { memory(self.output.cast(), METHOD_OUTPUT_DATA_OFFSET) } {
            None => see(fields, Place::ELEMENT, Value::Pointer(self.output as usize as u64)),
            Some(view) => {
                for (at, member) in ELEMENT.into_iter().enumerate() {
                    let number = view.word(at * size_of::<u32>());
                    see(fields, Place::ELEMENT.member(member), number);
                }
            }
        }
    }

    /// # Safety
    /// The input is NULL or leads to a structure with as much data as it says.
    unsafe fn observe_input(&self, fields: &mut Vec<Field>) {
        const DATA: usize = METHOD_INPUT_DATA_OFFSET;
        // SAFETY: by the contract above.
        let Some(header) = (unsafe { memory(self.input.cast(), DATA) }) else {
            return see(fields, Place::INPUT, Value::Pointer(self.input as usize as u64));
        };
        let header = header.as_values();
        let (kind, size) = (header.word(0), header.word(size_of::<u32>()));
        see(fields, Place::INPUT.member(Member::MethodType), kind);
        see(fields, Place::INPUT.member(Member::InputSize), size);
        let Value::Number(size) = size else { return };
        let most = lent_at(self.input.cast()).map_or(FOREIGN_DATA_SIZE_MAX, |v| v.size() - DATA);
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(most);
        // SAFETY: by the contract above, cut off at the end of our own memory.
        let Some(whole) = (unsafe { memory(self.input.cast(), DATA + size) }) else { return };
        let data = whole.as_values().part(DATA, size);
        for index in 0..data.size() {
            let place = Place::INPUT.member(Member::InputData).inner(index);
            see(fields, place, data.byte(index));
        }
    }

    /// # Safety
    /// The output is not NULL and leads to a structure with as much room for data as it says.
    unsafe fn write(&self, written: &MethodOutput) {
        const DATA: usize = METHOD_OUTPUT_DATA_OFFSET;
        let output = self.output;
        // SAFETY: by the contract above, and never beyond our own memory.
        unsafe {
            let room = match lent_at(output.cast()) {
                // Not even the header has room.
                Some(lent) if lent.size() < DATA => return,
                Some(lent) => lent.size() - DATA,
                None => {
                    let told = (&raw const (*output).output_size).read_unaligned() as usize;
                    if told <= TOLD_SIZE_MAX { told.min(FOREIGN_DATA_SIZE_MAX) } else { 0 }
                }
            };
            let data = &written.output_data[..written.output_data.len().min(room)];
            let target = output.cast::<u8>().add(DATA);
            ptr::copy_nonoverlapping(data.as_ptr(), target, data.len());
            if let Some(kind) = written.method_type {
                (&raw mut (*output).method_type).write_unaligned(kind);
            }
            if let Some(status) = written.method_status {
                (&raw mut (*output).method_status).write_unaligned(status);
            }
            if let Some(size) = written.output_size {
                let size = size.min(room as u32);
                (&raw mut (*output).output_size).write_unaligned(size);
            }
        }
    }
}

const ELEMENT: [Member; 3] = [Member::MethodType, Member::MethodStatus, Member::OutputSize];

/// The first `size` bytes at an address: what we lent is known to be poisoned at first. `None`
/// at NULL, and where fewer of ours are left.
///
/// # Safety
/// The address is NULL or ours, or as many bytes can be read there while the callback runs.
unsafe fn memory(address: *const u8, size: usize) -> Option<View<'static>> {
    match lent_at(address) {
        _ if address.is_null() => None,
        Some(lent) => (size <= lent.size()).then(|| lent.part(0, size)),
        // SAFETY: by the contract above.
        None => Some(View::of_values(unsafe { std::slice::from_raw_parts(address, size) })),
    }
}

macro_rules! places {
    ($actor:literal: $($index:literal)*) => {
        [$(Some(method::<$actor, $index>)),*]
    };
}

macro_rules! actors {
    ($($actor:literal)*) => {
        [$(places!($actor: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26
            27 28 29 30 31)),*]
    };
}

static METHODS: [[EntityExportMethod; METHODS_MAX]; ACTORS_MAX] = actors!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
