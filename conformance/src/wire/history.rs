//! Histories and overruns as bytes.
//!
//! An entry is a tag and its numbers; the fields of an entry follow it, so that ranges need not be
//! sent. A field is its place, a tag and its value; parts of a place that are zero are left out.

use rtm_sim::history::{Entry, History};
use rtm_sim::program::{Actor, Program};
use rtm_sim::vocabulary::callback::{Answer, MethodOutput, Told};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Basis, Field, Member, Place, Value};
use rtm_sim::vocabulary::structures::NetAddress;

use super::bytes::{Malformed, Reader, put_bytes, put_number, put_signed};
use crate::engine::memory::Overrun;

/// What numbers a history of a program can hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Actors of the program.
    pub actors: usize,
    /// Steps of the program.
    pub steps: usize,
}

impl Bounds {
    /// The bounds of a program.
    pub fn of(program: &Program) -> Bounds {
        Bounds { actors: program.actors.len(), steps: program.steps.len() }
    }
}

const BEGIN: u8 = 0;
const END: u8 = 1;
const CALLBACK: u8 = 2;
const CALLBACK_END: u8 = 3;
const BLOCKED: u8 = 4;
const DEADLOCK: u8 = 5;
const RUNAWAY: u8 = 6;
/// A turn of the interleaved part, only in histories that are sent entry by entry.
const CHOICE: u8 = 7;
const METHOD: u8 = 8;
const METHOD_END: u8 = 9;

/// The receiver that could not be told.
const NOBODY: u8 = 0xFF;

const NUMBER: u8 = 0;
const HANDLE: u8 = 1;
const ADDRESS: u8 = 2;
const TIME: u8 = 3;
const POINTER: u8 = 4;
const UNWRITTEN: u8 = 5;
const WRITTEN: u8 = 6;
const VALUE_MASK: u8 = 0x0F;
/// Bits of the tag: a part of the place follows.
const HAS_INDEX: u8 = 0x10;
const HAS_INNER: u8 = 0x20;
/// Bit of the tag: an address of which only the first four octets follow, the others being zero.
const IS_SHORT: u8 = 0x40;

/// Appends a history.
pub fn put_history(bytes: &mut Vec<u8>, history: &History) {
    put_number(bytes, history.entries.len() as u64);
    for entry in &history.entries {
        let fields = match entry {
            Entry::End { fields, .. }
            | Entry::Callback { fields, .. }
            | Entry::Blocked { fields, .. }
            | Entry::Deadlock { fields } => history.slice(*fields),
            _ => &[],
        };
        put_entry(bytes, entry, fields);
    }
    put_number(bytes, history.choices.len() as u64);
    bytes.extend_from_slice(&history.choices);
}

/// Appends an entry with its fields.
pub fn put_entry(bytes: &mut Vec<u8>, entry: &Entry, fields: &[Field]) {
    match entry {
        Entry::Begin { actor, step } => {
            bytes.extend_from_slice(&[BEGIN, *actor]);
            put_number(bytes, (*step).into());
        }
        Entry::End { actor, .. } => {
            bytes.extend_from_slice(&[END, *actor]);
            put_fields(bytes, fields);
        }
        Entry::Callback { receiver, told, .. } => {
            match told {
                Told::Event(number) => {
                    bytes.extend_from_slice(&[CALLBACK, receiver.unwrap_or(NOBODY)]);
                    put_number(bytes, (*number).into());
                }
                Told::Method(index) => {
                    bytes.extend_from_slice(&[METHOD, receiver.unwrap_or(NOBODY), *index]);
                }
            }
            put_fields(bytes, fields);
        }
        Entry::CallbackEnd { answer: Answer::Event(value) } => {
            bytes.push(CALLBACK_END);
            put_number(bytes, (*value).into());
        }
        Entry::CallbackEnd { answer: Answer::Method(output) } => put_method_end(bytes, output),
        Entry::Blocked { actor, .. } => {
            bytes.extend_from_slice(&[BLOCKED, *actor]);
            put_fields(bytes, fields);
        }
        Entry::Deadlock { .. } => {
            bytes.push(DEADLOCK);
            put_fields(bytes, fields);
        }
        Entry::Runaway { actor } => bytes.extend_from_slice(&[RUNAWAY, *actor]),
    }
}

/// Appends a turn, for a history that is sent entry by entry.
pub fn put_choice(bytes: &mut Vec<u8>, actor: Actor) {
    bytes.extend_from_slice(&[CHOICE, actor]);
}

/// The members that a method stored, then its data.
fn put_method_end(bytes: &mut Vec<u8>, output: &MethodOutput) {
    let MethodOutput { method_type, method_status, output_size, output_data } = output;
    let members = [method_type, method_status, output_size];
    let stored =
        members.iter().rev().fold(0, |bits, member| bits << 1 | u8::from(member.is_some()));
    bytes.extend_from_slice(&[METHOD_END, stored]);
    members.into_iter().flatten().for_each(|member| put_number(bytes, (*member).into()));
    put_bytes(bytes, output_data);
}

fn put_fields(bytes: &mut Vec<u8>, fields: &[Field]) {
    put_number(bytes, fields.len() as u64);
    for field in fields {
        put_field(bytes, field);
    }
}

fn put_field(bytes: &mut Vec<u8>, field: &Field) {
    let Place { slot, member, index, inner } = field.place;
    let mut tag = match field.value {
        Value::Number(_) => NUMBER,
        Value::Handle(..) => HANDLE,
        Value::Address(NetAddress { bits: [_, _, _, _, rest @ ..], .. }) => {
            ADDRESS | if rest == [0; 12] { IS_SHORT } else { 0 }
        }
        Value::Time(_) => TIME,
        Value::Pointer(_) => POINTER,
        Value::Unwritten => UNWRITTEN,
        Value::Written => WRITTEN,
    };
    tag |= if index == 0 { 0 } else { HAS_INDEX };
    tag |= if inner == 0 { 0 } else { HAS_INNER };
    bytes.extend_from_slice(&[tag, slot, member as u8]);
    if index != 0 {
        put_number(bytes, index.into());
    }
    if inner != 0 {
        put_number(bytes, inner.into());
    }
    match field.value {
        Value::Number(value) | Value::Time(value) | Value::Pointer(value) => {
            put_number(bytes, value);
        }
        Value::Handle(kind, handle) => {
            bytes.push(kind as u8);
            put_number(bytes, handle.0);
        }
        Value::Address(address) => {
            put_number(bytes, address.family.into());
            put_number(bytes, address.length.into());
            let count = if tag & IS_SHORT == 0 { 16 } else { 4 };
            bytes.extend_from_slice(&address.bits[..count]);
        }
        Value::Unwritten | Value::Written => {}
    }
}

/// Appends overruns.
pub fn put_overruns(bytes: &mut Vec<u8>, overruns: &[Overrun]) {
    put_number(bytes, overruns.len() as u64);
    for overrun in overruns {
        put_number(bytes, overrun.operation.into());
        bytes.push(overrun.parameter);
        put_number(bytes, overrun.size.into());
        put_signed(bytes, overrun.offset);
        put_number(bytes, overrun.length.into());
    }
}

/// Reads a history.
///
/// # Errors
/// When the bytes are not what [`put_history`] makes of a history within `bounds`.
pub fn take_history(reader: &mut Reader<'_>, bounds: Bounds) -> Result<History, Malformed> {
    let mut history = History::default();
    for _ in 0..reader.count()? {
        take_entry(reader, bounds, &mut history)?;
    }
    let turns = reader.bytes()?;
    for actor in turns {
        history.choices.push(within(*actor, bounds)?);
    }
    Ok(history)
}

/// Reads an entry, or a turn, and adds it to a history.
///
/// # Errors
/// When the bytes are no entry, or one that is not within `bounds`.
pub fn take_entry(
    reader: &mut Reader<'_>,
    bounds: Bounds,
    history: &mut History,
) -> Result<(), Malformed> {
    let entry = match reader.byte()? {
        BEGIN => {
            let actor = within(reader.byte()?, bounds)?;
            let step: u32 = reader.narrow()?;
            if bounds.steps <= step as usize {
                return Err(Malformed("step"));
            }
            Entry::Begin { actor, step }
        }
        END => {
            let actor = within(reader.byte()?, bounds)?;
            Entry::End { actor, fields: take_fields(reader, history)? }
        }
        tag @ (CALLBACK | METHOD) => {
            let receiver = match reader.byte()? {
                NOBODY => None,
                actor => Some(within(actor, bounds)?),
            };
            let told = match tag {
                METHOD => Told::Method(method_index(reader.byte()?)?),
                _ => Told::Event(reader.narrow()?),
            };
            Entry::Callback { receiver, told, fields: take_fields(reader, history)? }
        }
        CALLBACK_END => Entry::CallbackEnd { answer: Answer::Event(reader.narrow()?) },
        METHOD_END => Entry::CallbackEnd { answer: take_method_end(reader)? },
        BLOCKED => {
            let actor = within(reader.byte()?, bounds)?;
            Entry::Blocked { actor, fields: take_fields(reader, history)? }
        }
        DEADLOCK => Entry::Deadlock { fields: take_fields(reader, history)? },
        RUNAWAY => Entry::Runaway { actor: within(reader.byte()?, bounds)? },
        CHOICE => {
            history.choices.push(within(reader.byte()?, bounds)?);
            return Ok(());
        }
        _ => return Err(Malformed("entry")),
    };
    history.entries.push(entry);
    Ok(())
}

fn within(actor: u8, bounds: Bounds) -> Result<Actor, Malformed> {
    if usize::from(actor) < bounds.actors { Ok(actor) } else { Err(Malformed("actor")) }
}

fn method_index(index: u8) -> Result<u8, Malformed> {
    if u32::from(index) < u32::BITS { Ok(index) } else { Err(Malformed("method")) }
}

fn take_method_end(reader: &mut Reader<'_>) -> Result<Answer, Malformed> {
    let stored = reader.byte()?;
    if 0b111 < stored {
        return Err(Malformed("members of a method's output"));
    }
    let mut member = |at: u8| match stored & 1 << at {
        0 => Ok(None),
        _ => reader.narrow().map(Some),
    };
    let (method_type, method_status, output_size) = (member(0)?, member(1)?, member(2)?);
    let output_data = reader.bytes()?.to_vec();
    let output = MethodOutput { method_type, method_status, output_size, output_data };
    Ok(Answer::Method(Box::new(output)))
}

fn take_fields(reader: &mut Reader<'_>, history: &mut History) -> Result<(u32, u32), Malformed> {
    let from = history.fields.len() as u32;
    for _ in 0..reader.count()? {
        history.fields.push(take_field(reader)?);
    }
    Ok((from, history.fields.len() as u32))
}

fn take_field(reader: &mut Reader<'_>) -> Result<Field, Malformed> {
    let tag = reader.byte()?;
    let slot = reader.byte()?;
    let member = usize::from(reader.byte()?);
    let member = *Member::ALL.get(member).ok_or(Malformed("member"))?;
    let index = if tag & HAS_INDEX == 0 { 0 } else { reader.narrow()? };
    let inner = if tag & HAS_INNER == 0 { 0 } else { reader.narrow()? };
    let value = match tag & VALUE_MASK {
        NUMBER => Value::Number(reader.number()?),
        HANDLE => {
            let kind = usize::from(reader.byte()?);
            let kind = *HandleKind::ALL.get(kind).ok_or(Malformed("kind of handle"))?;
            Value::Handle(kind, Handle(reader.number()?))
        }
        ADDRESS => {
            let mut address = NetAddress { family: 0, length: 0, bits: [0; 16] };
            address.family = reader.narrow()?;
            address.length = reader.narrow()?;
            let count = if tag & IS_SHORT == 0 { 16 } else { 4 };
            address.bits[..count].copy_from_slice(reader.take(count)?);
            Value::Address(address)
        }
        TIME => Value::Time(reader.number()?),
        POINTER => Value::Pointer(reader.number()?),
        UNWRITTEN => Value::Unwritten,
        WRITTEN => Value::Written,
        _ => return Err(Malformed("value")),
    };
    Ok(Field { place: Place { slot, member, index, inner }, value, basis: Basis::NONE })
}

/// Reads overruns.
///
/// # Errors
/// When the bytes are no overruns.
pub fn take_overruns(reader: &mut Reader<'_>) -> Result<Vec<Overrun>, Malformed> {
    let mut overruns = Vec::new();
    for _ in 0..reader.count()? {
        overruns.push(Overrun {
            operation: reader.narrow()?,
            parameter: reader.byte()?,
            size: reader.narrow()?,
            offset: reader.signed()?,
            length: reader.narrow()?,
        });
    }
    Ok(overruns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { actors: 2, steps: 300 };

    fn sample() -> History {
        let place = Place::output(3);
        let field = |place, value| Field { place, value, basis: Basis::NONE };
        let address = NetAddress::v6([7; 16], 64);
        let fields = vec![
            field(Place::STATUS, Value::Number(1168)),
            field(place.at(700).inner(3), Value::Handle(HandleKind::RouteList, Handle(u64::MAX))),
            field(place.member(Member::Tail), Value::Written),
            field(place, Value::Address(address)),
            field(place.at(1), Value::Address(NetAddress::v4([10, 0, 0, 1], 32))),
            field(place.inner(1), Value::Unwritten),
            field(Place::EVENT, Value::Time(1 << 60)),
            field(Place::CONTEXT2, Value::Pointer(0x7F00_0000_1000)),
        ];
        let output = MethodOutput {
            method_type: Some(1 << 31),
            output_size: Some(2),
            output_data: vec![0, 255],
            ..MethodOutput::default()
        };
        History {
            entries: vec![
                Entry::Begin { actor: 1, step: 299 },
                Entry::Callback { receiver: None, told: Told::Event(u32::MAX), fields: (0, 2) },
                Entry::CallbackEnd { answer: Answer::Event(50) },
                Entry::Callback { receiver: Some(0), told: Told::Method(31), fields: (2, 2) },
                Entry::CallbackEnd { answer: Answer::Method(Box::new(output)) },
                Entry::End { actor: 1, fields: (2, 8) },
                Entry::Blocked { actor: 0, fields: (8, 8) },
                Entry::Runaway { actor: 1 },
                Entry::Deadlock { fields: (8, 8) },
            ],
            fields,
            choices: vec![0, 1, 1],
        }
    }

    #[test]
    fn a_history_reads_back() {
        let history = sample();
        let overrun = Overrun { operation: 4, parameter: 2, size: 8, offset: -3, length: 2 };
        let mut bytes = Vec::new();
        put_history(&mut bytes, &history);
        put_overruns(&mut bytes, &[overrun]);
        let mut reader = Reader::new(&bytes);
        assert_eq!(take_history(&mut reader, BOUNDS), Ok(history));
        assert_eq!(take_overruns(&mut reader), Ok(vec![overrun]));
        assert!(reader.is_empty());
    }

    #[test]
    fn entries_that_are_sent_one_by_one_make_the_same_history() {
        let history = sample();
        let mut bytes = Vec::new();
        history.choices.iter().for_each(|actor| put_choice(&mut bytes, *actor));
        for entry in &history.entries {
            let fields = match entry {
                Entry::End { fields, .. } | Entry::Callback { fields, .. } => *fields,
                _ => (0, 0),
            };
            put_entry(&mut bytes, entry, history.slice(fields));
        }
        let mut reader = Reader::new(&bytes);
        let mut read = History::default();
        while !reader.is_empty() {
            take_entry(&mut reader, BOUNDS, &mut read).expect("it was written by us");
        }
        assert_eq!(read, history);
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_as_something_else() {
        let mut bytes = Vec::new();
        put_history(&mut bytes, &sample());
        for length in 0..bytes.len() {
            let mut reader = Reader::new(&bytes[..length]);
            assert!(take_history(&mut reader, BOUNDS).is_err(), "cut off at {length}");
        }
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                if let Ok(history) = take_history(&mut Reader::new(&damaged), BOUNDS) {
                    check_ranges(&history);
                }
            }
        }
    }

    fn check_ranges(history: &History) {
        for entry in &history.entries {
            match entry {
                Entry::End { fields, .. } | Entry::Callback { fields, .. } => {
                    let _ = history.slice(*fields);
                }
                Entry::Begin { step, .. } => assert!(*step < 300),
                _ => {}
            }
        }
    }

    #[test]
    fn numbers_out_of_bounds_are_refused() {
        let check = |entry: Entry, part: &'static str| {
            let mut bytes = Vec::new();
            put_entry(&mut bytes, &entry, &[]);
            let read = take_entry(&mut Reader::new(&bytes), BOUNDS, &mut History::default());
            assert_eq!(read, Err(Malformed(part)));
        };
        check(Entry::Begin { actor: 2, step: 0 }, "actor");
        check(Entry::Begin { actor: 0, step: 300 }, "step");
        check(Entry::End { actor: 9, fields: (0, 0) }, "actor");
    }
}
