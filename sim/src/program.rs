//! A program: what a scenario file comes down to, ready to be run by any engine.
//!
//! Steps name their operands by label; a label stands for everything that one step gave back.
//! A program is plain data and travels to workers; it holds no expectation that decides a
//! verdict. Its [`digest`](Program::digest) does not change with comments or layout of the file.

pub mod operand;

pub mod resolve;

use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::vocabulary::call::Function;
use crate::vocabulary::callback::{MethodOutput, Told};
use crate::vocabulary::constants::EventType;
use crate::vocabulary::status::Status;
use operand::{Argument, Edit, HandleRef, Number};

/// Number of an actor: a client of the scenario.
pub type Actor = u8;

/// Most elements that an array of input has when a call counts more than it gives; who counts more
/// lets a library read outside it.
pub const ELEMENTS_LENT_MAX: u32 = 1 << 16;

/// Most actors that one program can have.
pub const ACTORS_MAX: usize = 32;

/// A scenario, lowered.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Program {
    /// The actors, in file order.
    pub actors: Vec<ActorPlan>,
    /// Names of the labels.
    pub labels: Vec<String>,
    /// All steps, those of reactions included; others refer to them by index.
    pub steps: Vec<Step>,
    /// Steps that come first, one after the other.
    pub before: Vec<u32>,
    /// Steps that are interleaved: each actor's in order. File order, over all actors.
    pub concurrent: Vec<u32>,
    /// Steps that come last, one after the other.
    pub after: Vec<u32>,
    /// Whether a library is driven with one thread an actor.
    pub threads: bool,
}

/// What is fixed of one actor.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ActorPlan {
    /// Its name in the file.
    pub name: String,
    /// What its event callback does; at most one entry an event.
    pub reactions: Vec<Reaction>,
    /// What its methods do; at most one entry a place of the array. Others give their input back.
    pub methods: Vec<MethodPlan>,
}

impl ActorPlan {
    /// What it does when its event callback is told of this event.
    pub fn reaction(&self, event: u32) -> Option<&Reaction> {
        self.reactions.iter().find(|reaction| reaction.event.number() == event)
    }

    /// What it does when this method is run.
    pub fn method(&self, index: u8) -> Option<&MethodPlan> {
        self.methods.iter().find(|method| method.index == index)
    }

    /// Every [`script`](ActorPlan::script) that it has.
    pub fn scripts(&self) -> impl Iterator<Item = (Option<u16>, &[u32])> {
        let reactions = self.reactions.iter().map(|r| (r.label, &r.steps[..]));
        reactions.chain(self.methods.iter().map(|m| (m.label, &m.steps[..])))
    }

    /// The label that the arguments of a callback are bound to, and the steps that it makes; none
    /// where nothing is scripted.
    pub fn script(&self, told: Told) -> Option<(Option<u16>, &[u32])> {
        match told {
            Told::Event(event) => self.reaction(event).map(|r| (r.label, &r.steps[..])),
            Told::Method(index) => self.method(index).map(|m| (m.label, &m.steps[..])),
        }
    }
}

/// What a callback does when it is called.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reaction {
    /// The event that it answers.
    pub event: EventType,
    /// Label that the arguments of the callback are bound to while it runs.
    pub label: Option<u16>,
    /// Steps that it makes, in order.
    pub steps: Vec<u32>,
    /// What it returns.
    pub returns: u32,
}

/// What an exported method does when it is run.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct MethodPlan {
    /// Its place in the array, 0 to 31: its identifier is the bit of this number.
    pub index: u8,
    /// Label that its arguments are bound to while it runs.
    pub label: Option<u16>,
    /// Steps that it makes, in order, before it writes anything.
    pub steps: Vec<u32>,
    /// What it stores in `MethodType`: its own identifier, or nothing.
    pub stores_type: bool,
    /// What it stores in `MethodStatus`, if anything.
    pub method_status: Option<u32>,
    /// Whether it stores in `OutputSize` how many bytes it wrote.
    pub stores_size: bool,
    /// Its data.
    pub output_data: MethodData,
}

impl MethodPlan {
    /// A method that says that it went well and gives its input back.
    pub fn echo(index: u8) -> MethodPlan {
        MethodPlan {
            index,
            label: None,
            steps: Vec::new(),
            stores_type: true,
            method_status: Some(Status::NO_ERROR.0),
            stores_size: true,
            output_data: MethodData::Echo,
        }
    }

    /// What it writes, given its input and, where it was told, the bytes that there is room for.
    pub fn output(&self, input: impl Iterator<Item = u8>, room: Option<usize>) -> MethodOutput {
        let room = room.unwrap_or(usize::MAX);
        let output_data: Vec<u8> = match &self.output_data {
            MethodData::Echo => input.take(room).collect(),
            MethodData::Bytes(bytes) => bytes.iter().copied().take(room).collect(),
        };
        MethodOutput {
            method_type: self.stores_type.then_some(1 << self.index),
            method_status: self.method_status,
            output_size: self.stores_size.then_some(output_data.len() as u32),
            output_data,
        }
    }
}

/// The data that a method writes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum MethodData {
    /// Its input, as much of it as there is room for.
    Echo,
    /// These bytes, as many of them as there is room for.
    Bytes(Vec<u8>),
}

/// One thing that an actor does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Who does it.
    pub actor: Actor,
    /// What is done.
    pub action: Action,
    /// Label that stands for what it gave back.
    pub bind: Option<u16>,
    /// A real library may not survive it: run alone, and only when hazards are asked for.
    pub hazard: bool,
    /// Further statuses that are as right as the model's own.
    pub accept: Vec<Status>,
    /// The status that the author expects of the model; checked on the model only.
    pub expect: Option<Status>,
    /// Line of the file, for messages.
    pub line: u32,
}

/// What a step does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Action {
    /// Calls a function.
    Call {
        /// Which one.
        function: Function,
        /// One argument a parameter.
        arguments: Vec<Argument>,
        /// Again and again until it no longer returns `NO_ERROR` with items: the label then
        /// stands for all items together.
        until_end: bool,
    },
    /// Reads the structure behind a direct pointer.
    Read {
        /// The step output that holds the pointer.
        pointer: HandleRef,
        /// The kind of structure.
        structure: Structure,
    },
    /// Writes members of the structure behind a direct pointer.
    Write {
        /// The step output that holds the pointer.
        pointer: HandleRef,
        /// The kind of structure.
        structure: Structure,
        /// What is written.
        edits: Vec<Edit>,
    },
    /// Lets time pass, in milliseconds.
    Advance(Number),
    /// Waits until no event waits to be delivered.
    Settle,
}

/// What a direct pointer leads to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Structure {
    /// `RTM_ROUTE_INFO`.
    Route,
    /// `RTM_NEXTHOP_INFO`.
    NextHop,
    /// The opaque slot of a destination.
    Opaque,
}

impl Step {
    /// The labels that its operands refer to, ascending, each once.
    pub fn labels(&self) -> Vec<u16> {
        let mut found = Vec::new();
        match &self.action {
            Action::Call { arguments, .. } => arguments.iter().for_each(|a| a.labels(&mut found)),
            Action::Read { pointer, .. } => pointer.labels(&mut found),
            Action::Write { pointer, edits, .. } => {
                pointer.labels(&mut found);
                edits.iter().for_each(|edit| edit.labels(&mut found));
            }
            Action::Advance(number) => number.labels(&mut found),
            Action::Settle => {}
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Program {
    /// Functions that the program calls, each once, in the order of the header.
    pub fn functions(&self) -> Vec<Function> {
        let mut found: Vec<Function> = self
            .steps
            .iter()
            .filter_map(|s| match s.action {
                Action::Call { function, .. } => Some(function),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The time that is let pass, each step counted once, in milliseconds; nothing where a run
    /// decides it.
    pub fn time_passed(&self) -> Option<u64> {
        self.steps.iter().try_fold(0, |passed, step| match step.action {
            Action::Advance(Number::Literal(time)) => Some(passed + u64::from(time)),
            Action::Advance(Number::Bound { .. }) => None,
            _ => Some(passed),
        })
    }

    /// Whether a call may have to wait: for a lock of another actor, or for methods, which also
    /// whoever blocks them may call for.
    pub fn can_block(&self) -> bool {
        self.functions().iter().any(|function| match function {
            Function::LockDestination | Function::LockRoute => 1 < self.actors.len(),
            Function::BlockMethods => true,
            _ => false,
        })
    }

    /// Actors of the interleaved steps, in file order.
    pub fn listed_order(&self) -> Vec<Actor> {
        self.concurrent.iter().map(|s| self.steps[*s as usize].actor).collect()
    }

    /// A digest of what the program does: 64 bits of FNV-1a over its canonical text.
    ///
    /// Lines, titles and expectations of the file are left out, so that they can change without
    /// making a token useless.
    pub fn digest(&self) -> u64 {
        crate::digest::digest(&self.canonical())
    }

    /// One line a step, in a spelling that later releases keep.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        let phases = [("before", &self.before), ("step", &self.concurrent), ("after", &self.after)];
        for (phase, steps) in phases {
            for step in steps {
                let _ = write!(text, "{phase} ");
                self.canonical_step(*step, &mut text);
            }
        }
        for actor in &self.actors {
            for reaction in &actor.reactions {
                let (name, event) = (&actor.name, reaction.event.name());
                let _ = writeln!(text, "on {name} {event} -> {}", reaction.returns);
                for step in &reaction.steps {
                    self.canonical_step(*step, &mut text);
                }
            }
            for method in &actor.methods {
                let _ = writeln!(text, "method {} {method}", actor.name);
                for step in &method.steps {
                    self.canonical_step(*step, &mut text);
                }
            }
        }
        text
    }

    fn canonical_step(&self, index: u32, text: &mut String) {
        let step = &self.steps[index as usize];
        let _ = write!(text, "{} ", step.actor);
        match &step.action {
            Action::Call { function, arguments, until_end } => {
                let repeat = if *until_end { "*" } else { "" };
                let _ = write!(text, "{}{repeat}(", function.name());
                for argument in arguments {
                    let _ = write!(text, "{argument},");
                }
                text.push(')');
            }
            Action::Read { pointer, structure } => {
                let _ = write!(text, "read {structure} {pointer}");
            }
            Action::Write { pointer, structure, edits } => {
                let _ = write!(text, "write {structure} {pointer}");
                for edit in edits {
                    let _ = write!(text, " {edit}");
                }
            }
            Action::Advance(milliseconds) => {
                let _ = write!(text, "advance {milliseconds}");
            }
            Action::Settle => text.push_str("settle"),
        }
        match step.bind {
            Some(label) => {
                let _ = writeln!(text, " = {label}");
            }
            None => text.push('\n'),
        }
    }
}

// The canonical spelling: part of every token, so it does not change.

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Structure::Route => "Route",
            Structure::NextHop => "NextHop",
            Structure::Opaque => "Opaque",
        })
    }
}

impl fmt::Display for MethodPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MethodPlan { index, label: _, steps: _, .. } = self;
        let MethodPlan { stores_type, method_status, stores_size, output_data, .. } = self;
        write!(f, "{index} {stores_type} ")?;
        match method_status {
            Some(status) => write!(f, "Some({status})")?,
            None => f.write_str("None")?,
        }
        write!(f, " {stores_size} {output_data}")
    }
}

impl fmt::Display for MethodData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MethodData::Echo => f.write_str("Echo"),
            MethodData::Bytes(bytes) => {
                f.write_str("Bytes(")?;
                operand::put_list(f, bytes.iter().map(|byte| format!("{byte:02x}")))?;
                f.write_str(")")
            }
        }
    }
}
