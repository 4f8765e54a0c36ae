//! Callbacks: what a client is called back for, and what it answers.

use crate::program::Actor;

/// What a client is called back for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Told {
    /// Its event callback is told of the event with this number. A library may make one up.
    Event(u32),
    /// The method at this place of its array is run, 0 to 31.
    Method(u8),
}

impl Told {
    /// The number of the event, if it is one.
    pub fn event(self) -> Option<u32> {
        match self {
            Told::Event(number) => Some(number),
            Told::Method(_) => None,
        }
    }
}

/// What a callback answers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// The value that an event callback returns.
    Event(u32),
    /// What a method writes to its output element.
    Method(Box<MethodOutput>),
}

impl Answer {
    /// The value that an event callback returns; a method returns none, which counts as 0.
    pub fn value(&self) -> u32 {
        match self {
            Answer::Event(value) => *value,
            Answer::Method(_) => 0,
        }
    }
}

/// What a method writes to its output element; what is `None` stays as the manager left it.
#[doc(alias = "RTM_ENTITY_METHOD_OUTPUT")]
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct MethodOutput {
    /// Its identifier.
    pub method_type: Option<u32>,
    /// The status with which it ends.
    pub method_status: Option<u32>,
    /// Bytes of data that it counts.
    pub output_size: Option<u32>,
    /// The data, from the first byte on; an engine cuts off what there is no room for.
    pub output_data: Vec<u8>,
}

/// The function that an actor exports at a place of its array. Observations show it as a number,
/// since its address means nothing outside of its process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryPoint {
    /// Whose function it is.
    pub actor: Actor,
    /// Its place in the array, 0 to 31.
    pub index: u8,
}

impl EntryPoint {
    /// The number that stands for it, never 0.
    pub fn number(self) -> u64 {
        1 + u64::from(self.actor) * u64::from(u32::BITS) + u64::from(self.index)
    }

    /// What a number stands for.
    pub fn of(number: u64) -> Option<EntryPoint> {
        let number = number.checked_sub(1)?;
        let actor = Actor::try_from(number / u64::from(u32::BITS)).ok()?;
        Some(EntryPoint { actor, index: (number % u64::from(u32::BITS)) as u8 })
    }
}
