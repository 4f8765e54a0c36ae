//! Faults at the interface: what the model has decided reaches the client altered.
//!
//! One fault a process, from an environment variable. It shows that the gate sees each status,
//! each output and each callback; faults of meaning are readings instead, see [`crate::settings`].
//!
//! * `RtmName status OLD NEW`: whenever the function returns one status it returns another
//! * `RtmName output PARAMETER MEMBER`: a member of an output holds another value; the numbers are
//!   those of the vocabulary
//! * `event NUMBER dropped`, `doubled`, `late` or `context`: callbacks for this event are left
//!   out, made twice, made only after the next call, or have another third argument

use std::io::Write as _;

use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Place, Value, number_at};

/// What to alter: one fault, as the module describes.
const VARIABLE: &str = "RTM_REFERENCE_TAMPERING";

/// A handle that names nothing.
const NOTHING: Handle = Handle(0x00AD_BEEF);

/// A fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tampering {
    /// None.
    None,
    /// Another status.
    Status { function: Function, old: u64, new: u64 },
    /// Another value of an output.
    Output { function: Function, slot: u8, member: u8 },
    /// Another course of callbacks.
    Event { number: u64, how: Course },
}

/// What becomes of a callback.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Course {
    /// It is made as it should be.
    AsDue,
    /// It is not made.
    Dropped,
    /// It is made twice.
    Doubled,
    /// It is made when the next operation has ended.
    Late,
    /// Its third argument is another one.
    Context,
}

impl Tampering {
    /// The fault that the environment asks for; what cannot be understood is none, and said.
    pub(crate) fn load() -> Tampering {
        let Ok(text) = std::env::var(VARIABLE) else { return Tampering::None };
        Tampering::parse(&text).unwrap_or_else(|| {
            // A closed stderr is no reason to panic.
            let _ = writeln!(std::io::stderr(), "rtm-reference: cannot take {VARIABLE}: `{text}`");
            Tampering::None
        })
    }

    fn parse(text: &str) -> Option<Tampering> {
        let words: Vec<&str> = text.split_whitespace().collect();
        Some(match words[..] {
            [] => Tampering::None,
            ["event", number, how] => {
                let how = match how {
                    "dropped" => Course::Dropped,
                    "doubled" => Course::Doubled,
                    "late" => Course::Late,
                    "context" => Course::Context,
                    _ => return None,
                };
                Tampering::Event { number: number.parse().ok()?, how }
            }
            [function, "status", old, new] => Tampering::Status {
                function: Function::find(function)?,
                old: old.parse().ok()?,
                new: new.parse().ok()?,
            },
            [function, "output", slot, member] => Tampering::Output {
                function: Function::find(function)?,
                slot: slot.parse().ok()?,
                member: member.parse().ok()?,
            },
            _ => return None,
        })
    }

    /// Alters what a call of `function` shows; false where nothing is to be altered.
    pub(crate) fn alter(self, called: Function, seen: &mut [Field]) -> bool {
        match self {
            Tampering::Status { function, old, new } if function == called => {
                for field in seen.iter_mut().filter(|f| f.place == Place::STATUS) {
                    if field.value == Value::Number(old) {
                        field.value = Value::Number(new);
                    }
                }
            }
            Tampering::Output { function, slot, member } if function == called => {
                let here = |f: &&mut Field| (f.place.slot, f.place.member as u8) == (slot, member);
                seen.iter_mut().filter(here).for_each(|field| field.value = other(field.value));
            }
            _ => return false,
        }
        true
    }

    /// What becomes of a callback with these arguments, which may be altered.
    pub(crate) fn course(self, seen: &mut [Field]) -> Course {
        let event = number_at(seen, Place::EVENT);
        let Tampering::Event { number, how } = self else { return Course::AsDue };
        if event != Some(number) {
            return Course::AsDue;
        }
        if how == Course::Context {
            let context = |f: &&mut Field| f.place == Place::CONTEXT1;
            seen.iter_mut().filter(context).for_each(|field| field.value = other(field.value));
        }
        how
    }
}

/// A value of the same kind that is another one.
fn other(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(number ^ 1),
        Value::Time(time) => Value::Time(time / 2),
        Value::Handle(kind, Handle::NULL) => Value::Handle(kind, NOTHING),
        Value::Handle(kind, _) => Value::Handle(kind, Handle::NULL),
        Value::Pointer(_) => Value::Pointer(0),
        Value::Address(mut address) => {
            address.bits[0] ^= 0x80;
            Value::Address(address)
        }
        Value::Unwritten | Value::Written => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_understood() {
        let check = |text: &str, expect| assert_eq!(Tampering::parse(text), expect, "{text}");
        let function = Function::GetDestInfo;
        check("", Some(Tampering::None));
        check("RtmGetDestInfo status 0 87", Some(Tampering::Status { function, old: 0, new: 87 }));
        check(
            "RtmGetDestInfo output 4 3",
            Some(Tampering::Output { function, slot: 4, member: 3 }),
        );
        check("event 3 late", Some(Tampering::Event { number: 3, how: Course::Late }));
        check("event 3 early", None);
        check("RtmNothing status 0 87", None);
    }
}
