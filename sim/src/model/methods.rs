//! Invocations: the methods that run for one call, one after the other, as plain data.
//!
//! A call of `RtmInvokeMethod` that has passed its checks becomes an invocation. Whoever drives
//! the model starts one method after the other, answers each, and ends the invocation: the model's
//! own runs in ascending order of the bits, the acceptor in the order in which a library ran them.
//!
//! Invariant: caller and target live as long as the invocation does.
//! Not here: the checks; see [`super::calls::methods`].

use super::Model;
use super::events::{Cause, RunningCallback};
use super::grounds::Grounds;
use super::references::Object;
use super::state::arena::Index;
use super::state::notification::Aside;
use crate::clause::{entity_export_method as method, invoke_method as invoke};
use crate::program::Actor;
use crate::vocabulary::argument::MethodInput;
use crate::vocabulary::callback::MethodOutput;
use crate::vocabulary::observation::{Basis, Observation};

/// Bytes of output that methods are given at most: what an observation can point into.
pub(super) const CAPACITY_MAX: u32 = u16::MAX as u32;
/// Bytes of an element of the output before its data.
pub(super) const HEADER_SIZE: u32 = 12;

/// Methods that run for one call.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Invocation {
    /// Who made the call.
    pub actor: Actor,
    /// The client that invokes.
    pub caller: Index,
    /// The client whose methods run.
    pub target: Index,
    /// What the methods are given.
    pub input: MethodInput,
    /// Bytes of the output buffer.
    pub capacity: u32,
    /// Methods that are to run and have not begun, one bit each.
    pub remaining: u32,
    /// What the methods that began left behind, in order; of the one that runs, what the manager
    /// stored before.
    pub elements: Vec<Element>,
    /// Whether the last of them still runs.
    pub running: bool,
    /// What it shows of methods being blocked.
    pub blocks: Aside<Grounds>,
}

/// One element of the output.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Element {
    /// The method that it belongs to.
    pub index: u8,
    /// Bytes before it.
    pub start: u32,
    /// Bytes of data that there is room for.
    pub room: u32,
    /// Members that the manager stored before the method ran.
    pub preset: MethodOutput,
    /// What the method stored.
    pub stored: MethodOutput,
}

impl Element {
    /// `MethodType`, if anybody stored it.
    pub fn method_type(&self) -> Option<u32> {
        self.stored.method_type.or(self.preset.method_type)
    }

    /// `MethodStatus`, if anybody stored it.
    pub fn method_status(&self) -> Option<u32> {
        self.stored.method_status.or(self.preset.method_status)
    }

    /// `OutputSize`, if anybody stored it.
    pub fn output_size(&self) -> Option<u32> {
        self.stored.output_size.or(self.preset.output_size)
    }

    /// Bytes up to its end.
    pub fn end(&self) -> u32 {
        self.start + HEADER_SIZE + self.output_size().unwrap_or(0).min(self.room)
    }
}

/// What comes next in an invocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// This method runs.
    Method(u8),
    /// Every method has run.
    Done,
    /// The next method has no room for a header.
    TooSmall,
}

impl Model {
    /// The invocations that have begun and not ended.
    pub fn invocations(&self) -> &[Invocation] {
        &self.invocations
    }

    /// Whose methods the invocations run that have begun and not ended.
    pub fn invocation_targets(&self) -> impl Iterator<Item = Actor> + '_ {
        self.invocations.iter().map(|i| self.entities[i.target].actor)
    }

    /// What forbids that methods of this actor run now, because a call for them waits.
    pub fn why_held_back(&self, receiver: Actor) -> Option<Grounds> {
        let mut clients = self.waiting.iter().filter_map(|s| self.entities.find(s.wait.object));
        let client = clients.find(|client| self.entities[*client].actor == receiver)?;
        self.why_blocked(client)
    }

    /// The element of the method that runs for the latest call of an actor.
    pub fn running_element(&self, actor: Actor) -> Option<&Element> {
        let invocation = self.invocations.iter().rfind(|i| i.actor == actor)?;
        invocation.elements.last().filter(|_| invocation.running)
    }

    /// The methods of the latest invocation of an actor that have not begun, and why they should.
    pub fn methods_left(&self, actor: Actor) -> Vec<(u8, Basis)> {
        let Some(invocation) = self.invocations.iter().rfind(|i| i.actor == actor) else {
            return Vec::new();
        };
        let left = (0..u32::BITS as u8).filter(|index| invocation.remaining & 1 << index != 0);
        left.map(|index| (index, self.method_grounds(invocation, index).into())).collect()
    }

    /// Who made the calls for which this method of the actor can run now, the latest first.
    pub fn invokers_of(&self, receiver: Actor, index: u8) -> Vec<Actor> {
        let waits = |(at, i): &(usize, &Invocation)| {
            let is_target = self.entities[i.target].actor == receiver;
            // Of each actor only the latest call goes on.
            let is_latest = self.invocations[at + 1..].iter().all(|later| later.actor != i.actor);
            is_target && is_latest && !i.running && i.remaining & 1 << index != 0
        };
        let invocations = self.invocations.iter().enumerate().rev();
        invocations.filter(waits).map(|(_, i)| i.actor).collect()
    }

    fn invocation(&mut self, actor: Actor) -> &mut Invocation {
        let at = self.invocations.iter().rposition(|i| i.actor == actor);
        &mut self.invocations[at.expect("a call of this actor runs methods")]
    }

    /// Begins an invocation of `selected` methods.
    pub(super) fn begin_invocation(&mut self, invocation: Invocation) {
        for client in [invocation.caller, invocation.target] {
            self.entities[client].ledger.structural += 1;
        }
        self.invocations.push(invocation);
    }

    /// What comes next in the invocation of an actor.
    ///
    /// # Panics
    /// When no call of this actor runs methods.
    pub fn next_method(&self, actor: Actor) -> Next {
        let invocation = self.invocations.iter().rfind(|i| i.actor == actor);
        let invocation = invocation.expect("a call of this actor runs methods");
        let Invocation { remaining, capacity, elements, .. } = invocation;
        if *remaining == 0 {
            return Next::Done;
        }
        let start = self.next_start(elements);
        let mut needed = HEADER_SIZE;
        if elements.is_empty() && self.oracle.takes(invoke::OUTPUT_TOO_SMALL_NOTHING_RUN) {
            needed *= remaining.count_ones();
        }
        if capacity.saturating_sub(start) < needed {
            return Next::TooSmall;
        }
        let descending = self.oracle.takes(invoke::ORDER_OF_METHODS_DESCENDING);
        let bit = match descending {
            true => u32::BITS - 1 - remaining.leading_zeros(),
            false => remaining.trailing_zeros(),
        };
        Next::Method(bit as u8)
    }

    /// Where the next element begins.
    fn next_start(&self, elements: &[Element]) -> u32 {
        let Some(last) = elements.last() else { return 0 };
        if self.oracle.takes(invoke::OUTPUT_PACKING_UNPADDED) {
            return last.end();
        }
        let eight = self.oracle.takes(invoke::OUTPUT_PACKING_MULTIPLE_OF_8);
        last.end().next_multiple_of(if eight { 8 } else { 4 })
    }

    /// Starts a method of the invocation of an actor: it runs from now on, and `out` holds its
    /// arguments. Gives the actor whose method it is.
    ///
    /// # Panics
    /// When the method is not to run now, or there is no room for its header.
    pub fn start_method(&mut self, actor: Actor, index: u8, out: &mut Observation) -> Actor {
        let invocation = self.invocations.iter().rfind(|i| i.actor == actor);
        let start = invocation.map_or(0, |i| self.next_start(&i.elements));
        let untouched = self.oracle.takes(invoke::OUTPUT_CAPACITY_TOLD_UNTOUCHED);
        let told_zero = self.oracle.takes(invoke::OUTPUT_CAPACITY_TOLD_ZERO);
        let by_method = self.oracle.takes(invoke::OUTPUT_METHOD_TYPE_SET_BY_METHOD);
        let no_status = self.oracle.takes(invoke::METHOD_STATUS_PRESET_UNTOUCHED);
        let invocation = self.invocation(actor);
        assert!(!invocation.running, "one method runs at a time");
        assert_ne!(invocation.remaining & 1 << index, 0, "the method is still to run");
        let room = invocation.capacity - start - HEADER_SIZE;
        let preset = MethodOutput {
            method_type: (!by_method).then_some(1 << index),
            method_status: (!no_status).then_some(0),
            output_size: (!untouched).then_some(if told_zero { 0 } else { room }),
            output_data: Vec::new(),
        };
        invocation.remaining &= !(1 << index);
        invocation.running = true;
        let stored = MethodOutput::default();
        invocation.elements.push(Element { index, start, room, preset, stored });
        let target = invocation.target;
        let receiver = self.entities[target].actor;
        let invocation = self.invocation(actor).clone();
        self.describe_method(&invocation, out);
        if self.oracle.takes(method::HANDLES_BORROWED_COUNTED) {
            for client in [invocation.caller, invocation.target] {
                self.take(target, Object::Entity(client));
            }
        }
        let cause = Cause::Method { invoker: actor, callee: target };
        self.running.push(RunningCallback { cause, actor: receiver });
        receiver
    }

    /// What the method that runs for a call of an actor has written. Nothing comes of it when the
    /// call has ended before: a library can run methods on another thread and not wait for them.
    pub(super) fn method_ended(&mut self, actor: Actor, output: &MethodOutput) {
        let running = self.invocations.iter_mut().rfind(|i| i.actor == actor && i.running);
        let Some(invocation) = running else { return };
        let Some(element) = invocation.elements.last_mut() else { return };
        let room = element.room;
        let mut stored = output.clone();
        stored.output_data.truncate(room as usize);
        stored.output_size = stored.output_size.map(|size| size.min(room));
        element.stored = stored;
        invocation.running = false;
    }

    /// Ends the invocation of an actor, whether or not all of its methods have run: `out` holds
    /// what the call shows.
    ///
    /// # Panics
    /// When no call of this actor runs methods.
    pub fn end_invocation(&mut self, actor: Actor, out: &mut Observation) {
        let next = self.next_method(actor);
        let at = self.invocations.iter().rposition(|i| i.actor == actor);
        let invocation = self.invocations.remove(at.expect("a call of this actor runs methods"));
        self.report_invocation(&invocation, next, out);
        for client in [invocation.caller, invocation.target] {
            self.unref_entity(client);
        }
    }

    /// Whether a method of a client runs.
    pub(super) fn runs_method_of(&self, client: Index) -> bool {
        self.invocations.iter().any(|i| i.running && i.target == client)
    }

    /// A client leaves: none of its methods begins any more.
    pub(super) fn forget_invocations(&mut self, client: Index) {
        for invocation in self.invocations.iter_mut().filter(|i| i.target == client) {
            invocation.remaining = 0;
        }
    }

    /// Whether a method of the client runs that has an object as one of its handles.
    pub(super) fn is_lent_to_method(&self, client: Index, object: Object) -> bool {
        let runs = self.invocations.iter().filter(|i| i.running && i.target == client);
        runs.into_iter().any(|i| [i.caller, i.target].map(Object::Entity).contains(&object))
    }

    /// Whether the actor that acts is inside of a method of this client.
    pub(super) fn in_own_method(&self, client: Index) -> bool {
        self.running.iter().any(|running| match running.cause {
            Cause::Method { callee, .. } => callee == client && running.actor == self.actor,
            Cause::Event(_) => false,
        })
    }

    /// Every rule of invocations that does not hold now.
    pub(super) fn check_invocations(&self, broken: &mut Vec<String>) {
        for invocation in self.invocations() {
            let exported = &self.entities[invocation.target].methods;
            let ran = invocation.elements.iter().fold(0, |bits, e| bits | 1 << e.index);
            let all = ran | invocation.remaining;
            let is_exported = |bit: usize| exported.get(bit) == Some(&true);
            if (0..32).any(|bit| all & 1 << bit != 0 && !is_exported(bit)) {
                broken.push(String::from("a method runs that nobody exports"));
            }
            if ran & invocation.remaining != 0 {
                broken.push(String::from("a method runs twice"));
            }
            let within = |e: &Element| e.end() <= invocation.capacity;
            if !invocation.elements.iter().all(within) {
                broken.push(String::from("a method writes beyond the output"));
            }
        }
        let begun = self.invocations().iter().filter(|i| i.running).count();
        let is_method = |r: &&RunningCallback| matches!(r.cause, Cause::Method { .. });
        let running = self.running.iter().filter(is_method).count();
        if begun != running {
            broken.push(format!("{running} methods run, {begun} of invocations"));
        }
    }
}
