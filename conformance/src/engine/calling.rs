//! One call in the making: its buffers, the call itself, and what it showed.
//!
//! Functions of [`super::calls`] take buffers in any order, call, and report outputs in the order
//! of the parameters. Buffers are checked and given back when the call is dropped.

use rtm_abi::layout::{size_of_dest_info, size_of_route_info};
use rtm_abi::table::FunctionTable;
use rtm_abi::types::DestInfo;
use rtm_sim::program::Actor;
use rtm_sim::vocabulary::argument::MethodInput;
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Field, Member, Place, Value};
use rtm_sim::vocabulary::status::Status;
use rtm_sim::vocabulary::structures::RouteInfo;
use rtm_sim::vocabulary::structures::{DestInfos, EntityInfo, NetAddress, NextHopInfo};

use super::callback::call_out;
use super::known::Known;
use super::lanes;
use super::layout::HANDLE_SIZE;
use super::memory::{Arena, BUFFER_SIZE_MAX, Buffer, Mark};
use super::observe::{self, Reporter, View, see, structure};
use super::{LibraryEngine, arguments};

/// Bytes of an array whose size cannot be had; a call with such a count is refused anyway.
const IMPOSSIBLE_ARRAY_SIZE: usize = 1 << 20;
/// Most elements of an array that are reported: as many as a place can tell apart.
const REPORTED_COUNT_MAX: usize = u16::MAX as usize;

/// An argument that is a pointer; NULL without a buffer.
#[derive(Clone, Copy, Debug)]
pub struct Lent {
    parameter: u8,
    start: *mut u8,
    buffer: Option<Buffer>,
}

impl Lent {
    /// The pointer, as the function takes it.
    pub fn pointer<T>(self) -> *mut T {
        self.start.cast()
    }
}

/// A call in the making.
///
/// The engine is kept as a pointer, because others use it while the call runs.
pub struct Calling<'a> {
    /// Who calls.
    pub actor: Actor,
    engine: *mut LibraryEngine,
    lane: usize,
    seen: &'a mut Vec<Field>,
    mark: Mark,
    operation: u32,
    status: Option<u32>,
}

impl<'a> Calling<'a> {
    /// Begins the call with this ordinal.
    ///
    /// # Safety
    /// This thread may use the engine until the call is dropped, but for the time in which the
    /// function of the library runs.
    pub unsafe fn new(
        engine: *mut LibraryEngine,
        actor: Actor,
        operation: u32,
        seen: &'a mut Vec<Field>,
    ) -> Calling<'a> {
        let lane = lanes::current();
        // SAFETY: by the contract above.
        let mark = unsafe { (&(*engine).arenas)[lane].mark() };
        Calling { actor, engine, lane, seen, mark, operation, status: None }
    }

    fn engine(&mut self) -> &mut LibraryEngine {
        // SAFETY: by the contract of `new`; the reference ends before the call is made.
        unsafe { &mut *self.engine }
    }

    fn arena(&mut self) -> &mut Arena {
        let lane = self.lane;
        &mut self.engine().arenas[lane]
    }

    /// The functions of the library.
    pub fn functions(&mut self) -> FunctionTable {
        self.engine().functions
    }

    /// What earlier answers told about sizes.
    pub fn known(&mut self) -> &mut Known {
        &mut self.engine().known
    }

    /// Makes the call and reports its status; a function that is missing leaves everything as it
    /// is, the status included.
    pub fn invoke<F>(&mut self, function: Option<F>, call: impl FnOnce(F) -> u32) {
        let Some(function) = function else {
            return see(self.seen, Place::STATUS, Value::Unwritten);
        };
        // SAFETY: by the contract of `new`; no reference to the engine is held here.
        let (engine, status) = unsafe { call_out(self.engine, || call(function)) };
        self.engine = engine;
        self.status = Some(status);
        see(self.seen, Place::STATUS, Value::Number(status.into()));
    }

    /// Whether the call returned `NO_ERROR`.
    pub fn is_success(&self) -> bool {
        self.status == Some(Status::NO_ERROR.0)
    }

    fn lend(&mut self, parameter: u8, buffer: Option<Buffer>) -> Lent {
        let start = buffer.map_or(std::ptr::null_mut(), |buffer| self.arena().pointer(buffer));
        Lent { parameter, start, buffer }
    }

    // Inputs.

    /// An address to read.
    pub fn address(&mut self, parameter: u8, value: &Option<NetAddress>) -> Lent {
        let arena = self.arena();
        let buffer = value.as_ref().map(|value| arguments::address(arena, parameter, value));
        self.lend(parameter, buffer)
    }

    /// Handles to read, `count` of them by what the call says.
    pub fn handles(&mut self, parameter: u8, value: &Option<Vec<Handle>>, count: u32) -> Lent {
        let arena = self.arena();
        let buffer = value.as_ref().map(|value| arguments::handles(arena, parameter, value, count));
        self.lend(parameter, buffer)
    }

    /// Who a client is, to read.
    pub fn entity(&mut self, parameter: u8, value: &Option<EntityInfo>) -> Lent {
        let arena = self.arena();
        let buffer = value.as_ref().map(|value| arguments::entity(arena, parameter, value));
        self.lend(parameter, buffer)
    }

    /// Exported methods.
    pub fn methods(&mut self, parameter: u8, value: &Option<Vec<bool>>) -> Lent {
        let (actor, arena) = (self.actor, self.arena());
        let methods = |value| arguments::methods(arena, parameter, actor, value);
        let buffer = value.as_deref().map(methods);
        self.lend(parameter, buffer)
    }

    /// A next hop to read.
    pub fn next_hop(&mut self, parameter: u8, value: &Option<NextHopInfo>) -> Lent {
        let arena = self.arena();
        let buffer = value.as_ref().map(|value| arguments::next_hop(arena, parameter, value));
        self.lend(parameter, buffer)
    }

    /// A route to read; to write also, when there is `room` for next hops.
    pub fn route(&mut self, parameter: u8, value: &Option<RouteInfo>, room: usize) -> Lent {
        let arena = self.arena();
        let buffer = value.as_ref().map(|value| arguments::route(arena, parameter, value, room));
        self.lend(parameter, buffer)
    }

    /// Destinations to read, `count` of them by what the call says.
    pub fn dests(&mut self, parameter: u8, value: &Option<DestInfos>, count: u32) -> Lent {
        let arena = self.arena();
        let buffer = value.as_ref().map(|value| arguments::dests(arena, parameter, value, count));
        self.lend(parameter, buffer)
    }

    /// Input of a method.
    pub fn input(&mut self, parameter: u8, value: &Option<MethodInput>) -> Lent {
        let arena = self.arena();
        let buffer = value.as_ref().map(|value| arguments::input(arena, parameter, value));
        self.lend(parameter, buffer)
    }

    // Outputs.

    /// Memory to write, poisoned.
    pub fn out(&mut self, parameter: u8, given: bool, size: usize) -> Lent {
        let buffer = given.then(|| self.arena().take(parameter, size));
        self.lend(parameter, buffer)
    }

    /// An array to write, poisoned.
    pub fn out_array(&mut self, parameter: u8, given: bool, count: u32, size: usize) -> Lent {
        let total = (count as usize).checked_mul(size);
        let total = total.filter(|total| *total <= BUFFER_SIZE_MAX);
        self.out(parameter, given, total.unwrap_or(IMPOSSIBLE_ARRAY_SIZE / size * size))
    }

    /// A destination to write, with that many view elements. The declared structure has one, so
    /// there is always room for one.
    pub fn out_dest(&mut self, parameter: u8, given: bool, views: usize) -> Lent {
        self.out(parameter, given, size_of_dest_info(views).max(size_of::<DestInfo>()))
    }

    /// A route to write, with room for that many next hops.
    pub fn out_route(&mut self, parameter: u8, given: bool, next_hops: usize) -> Lent {
        self.out(parameter, given, size_of_route_info(next_hops))
    }

    /// A number to write.
    pub fn out_word(&mut self, parameter: u8, given: bool) -> Lent {
        self.out(parameter, given, size_of::<u32>())
    }

    /// A handle to write, NULL before the call.
    pub fn out_handle(&mut self, parameter: u8, given: bool) -> Lent {
        self.slot(parameter, given.then_some(Handle::NULL))
    }

    /// A direct pointer to write.
    pub fn out_pointer(&mut self, parameter: u8, given: bool) -> Lent {
        self.out(parameter, given, HANDLE_SIZE)
    }

    /// A number to read and to write.
    pub fn count(&mut self, parameter: u8, value: Option<u32>) -> Lent {
        let lent = self.out(parameter, value.is_some(), size_of::<u32>());
        if let (Some(buffer), Some(value)) = (lent.buffer, value) {
            self.arena().write(buffer, 0, value);
        }
        lent
    }

    /// A handle to read and to write.
    pub fn slot(&mut self, parameter: u8, value: Option<Handle>) -> Lent {
        let lent = self.out(parameter, value.is_some(), HANDLE_SIZE);
        if let (Some(buffer), Some(value)) = (lent.buffer, value) {
            self.arena().write(buffer, 0, value.0 as usize);
        }
        lent
    }

    // What the call showed.

    fn view_of(&self, buffer: Buffer) -> View<'_> {
        // SAFETY: by the contract of `new`; the buffer is one of this call.
        unsafe { (&(*self.engine).arenas)[self.lane].view(buffer) }
    }

    fn view(&self, lent: Lent) -> Option<View<'_>> {
        Some(self.view_of(lent.buffer?))
    }

    /// Looks at one value of a plain output.
    pub fn value(&self, lent: Lent, read: impl FnOnce(&View<'_>) -> Value) -> Option<Value> {
        self.view(lent).map(|view| read(&view))
    }

    fn see_value(&mut self, lent: Lent, read: impl FnOnce(&View<'_>) -> Value) {
        if let Some(value) = self.value(lent, read) {
            see(self.seen, Place::output(lent.parameter), value);
        }
    }

    /// Reports a number that may have been left alone.
    pub fn see_word(&mut self, lent: Lent) {
        self.see_value(lent, |view| view.word(0));
    }

    /// Reports a number that had a value before the call.
    pub fn see_count(&mut self, lent: Lent) {
        self.see_value(lent, |view| view.as_values().word(0));
    }

    /// Reports a handle; it had a value before the call.
    pub fn see_handle(&mut self, lent: Lent, kind: HandleKind) {
        self.see_value(lent, |view| view.as_values().handle(0, kind));
    }

    /// Reports a direct pointer.
    pub fn see_pointer(&mut self, lent: Lent) {
        self.see_value(lent, |view| view.pointer(0));
    }

    /// Reports an address.
    pub fn see_address(&mut self, lent: Lent) {
        self.see_value(lent, |view| view.address(0));
    }

    /// Reports the octets of an address.
    pub fn see_octets(&mut self, lent: Lent) {
        self.see_value(lent, |view| view.octets(0));
    }

    /// Reports a structure.
    pub fn see_structure(&mut self, lent: Lent, report: Reporter) {
        let Some(buffer) = lent.buffer else { return };
        // SAFETY: as in `view_of`; fields go elsewhere.
        let view = unsafe { (&(*self.engine).arenas)[self.lane].view(buffer) };
        structure(view, Place::output(lent.parameter), report, self.seen);
    }

    /// Reports a structure that had values before the call.
    pub fn see_structure_values(&mut self, lent: Lent, report: Reporter) {
        let Some(buffer) = lent.buffer else { return };
        // SAFETY: as in `view_of`; fields go elsewhere.
        let view = unsafe { (&(*self.engine).arenas)[self.lane].view(buffer) }.as_values();
        report(view, Place::output(lent.parameter), self.seen);
    }

    /// How many elements of arrays the call gave back, by its status and the count it returned.
    pub fn items(&self, count: Lent) -> usize {
        let fetched =
            [Status::NO_ERROR, Status::ERROR_NO_MORE_ITEMS, Status::ERROR_INSUFFICIENT_BUFFER];
        if !fetched.iter().any(|status| self.status == Some(status.0)) {
            return 0;
        }
        let count = self.value(count, |view| view.as_values().word(0));
        count.map_or(0, |count| observe::bounded(count, REPORTED_COUNT_MAX))
    }

    /// Reports the first `count` elements of an array, each of `size` bytes, and whether anything
    /// was written behind them.
    pub fn see_array(&mut self, lent: Lent, count: usize, size: usize, report: Reporter) {
        let Some(buffer) = lent.buffer else { return };
        // SAFETY: as in `view_of`; fields go elsewhere.
        let view = unsafe { (&(*self.engine).arenas)[self.lane].view(buffer) };
        let place = Place::output(lent.parameter);
        let count = count.min(view.size() / size);
        for index in 0..count {
            structure(view.part(index * size, size), place.at(index), report, self.seen);
        }
        let tail = match view.part(count * size, usize::MAX).is_untouched() {
            true => Value::Unwritten,
            false => Value::Written,
        };
        see(self.seen, place.member(Member::Tail), tail);
    }

    /// Reports an array of handles.
    pub fn see_handles(&mut self, lent: Lent, count: usize, kind: HandleKind) {
        let report: Reporter = match kind {
            HandleKind::Entity => |v, p, seen| see(seen, p, v.handle(0, HandleKind::Entity)),
            HandleKind::Route => |v, p, seen| see(seen, p, v.handle(0, HandleKind::Route)),
            HandleKind::NextHop => |v, p, seen| see(seen, p, v.handle(0, HandleKind::NextHop)),
            _ => |v, p, seen| see(seen, p, v.handle(0, HandleKind::Dest)),
        };
        self.see_array(lent, count, HANDLE_SIZE, report);
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        let (lane, mark, operation) = (self.lane, self.mark, self.operation);
        let LibraryEngine { arenas, overruns, .. } = self.engine();
        arenas[lane].release(mark, operation, overruns);
    }
}
