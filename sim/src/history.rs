//! History: what happened in a run, in order, as an engine showed it.
//!
//! A history of a library holds raw handles and no judgement; the acceptor walks the model along
//! it. A history of the model carries the basis of each field.

use std::collections::BTreeMap;

use crate::program::{Actor, Program};
use crate::vocabulary::callback::{Answer, Told};
use crate::vocabulary::observation::Field;

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Entry {
    /// An actor began a step.
    Begin {
        /// Who.
        actor: Actor,
        /// Index of the step in the program.
        step: u32,
    },
    /// The step that this actor had begun last has ended.
    End {
        /// Who.
        actor: Actor,
        /// What it showed: a range of [`History::fields`].
        fields: (u32, u32),
    },
    /// The implementation called an actor back.
    Callback {
        /// Whom; `None` when that could not be told.
        receiver: Option<Actor>,
        /// What for.
        told: Told,
        /// Its arguments: a range of [`History::fields`].
        fields: (u32, u32),
    },
    /// The callback that began last and had not ended has ended.
    CallbackEnd {
        /// What it answered.
        answer: Answer,
    },
    /// An actor waits for another.
    Blocked {
        /// Who.
        actor: Actor,
        /// What for, if the engine knows: a range of [`History::fields`].
        fields: (u32, u32),
    },
    /// Steps are left and every actor that has some is blocked.
    Deadlock {
        /// Who waits for whom, if the engine knows: a range of [`History::fields`], one field a
        /// pair. Its place has the number of the one that waits, its value that of the other.
        fields: (u32, u32),
    },
    /// An actor repeated a step more often than any table could need.
    Runaway {
        /// Who.
        actor: Actor,
    },
}

impl Entry {
    /// The range of [`History::fields`] that belongs to it.
    fn fields_mut(&mut self) -> Option<&mut (u32, u32)> {
        match self {
            Entry::End { actor: _, fields }
            | Entry::Callback { receiver: _, told: _, fields }
            | Entry::Blocked { actor: _, fields }
            | Entry::Deadlock { fields } => Some(fields),
            Entry::Begin { actor: _, step: _ }
            | Entry::CallbackEnd { answer: _ }
            | Entry::Runaway { actor: _ } => None,
        }
    }
}

/// What happened in a run.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct History {
    /// In order.
    pub entries: Vec<Entry>,
    /// Fields of all entries, one behind the other.
    pub fields: Vec<Field>,
    /// Who took each turn of the interleaved part.
    pub choices: Vec<Actor>,
}

impl History {
    /// Empty again, its memory kept.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.fields.clear();
        self.choices.clear();
    }

    /// Keeps fields of an entry.
    pub fn keep(&mut self, fields: &[Field]) -> (u32, u32) {
        let from = self.fields.len();
        self.fields.extend_from_slice(fields);
        (from as u32, self.fields.len() as u32)
    }

    /// Adds entries; their ranges are of `fields`.
    pub fn append(&mut self, entries: &[Entry], fields: &[Field]) {
        let before = self.fields.len() as u32;
        self.fields.extend_from_slice(fields);
        self.entries.extend(entries.iter().map(|entry| {
            let mut entry = entry.clone();
            if let Some((from, to)) = entry.fields_mut() {
                *from += before;
                *to += before;
            }
            entry
        }));
    }

    /// The same, with steps in the order of the program, each with all that happened during it.
    /// Interleavings that show their clients the same things have the same one.
    pub fn by_step(&self) -> History {
        let mut begun: BTreeMap<Actor, u32> = BTreeMap::new();
        let mut parts: Vec<(u32, &[Entry])> = Vec::new();
        let (mut first, mut depth) = (0, 0_u32);
        for (at, entry) in self.entries.iter().enumerate() {
            let over = match entry {
                Entry::Callback { .. } => {
                    depth += 1;
                    None
                }
                Entry::CallbackEnd { .. } => {
                    depth = depth.saturating_sub(1);
                    None
                }
                // What is done from inside a callback belongs to the step that it came during.
                _ if depth != 0 => None,
                Entry::Begin { actor, step } => {
                    begun.insert(*actor, *step);
                    None
                }
                Entry::End { actor, .. } | Entry::Blocked { actor, .. } => begun.get(actor),
                Entry::Deadlock { .. } | Entry::Runaway { .. } => Some(&u32::MAX),
            };
            if let Some(step) = over {
                parts.push((*step, &self.entries[first..=at]));
                first = at + 1;
            }
        }
        parts.push((u32::MAX, &self.entries[first..]));
        parts.sort_by_key(|(step, _)| *step);
        let mut history = History { fields: self.fields.clone(), ..History::default() };
        parts.iter().for_each(|(_, entries)| history.entries.extend_from_slice(entries));
        history
    }

    /// The first entry that no run of a program can have shown: it names an actor, a step or
    /// fields that there are none of, ends what had not begun, or answers nothing or in another
    /// kind. `None` for every history of an engine.
    pub fn unsound_at(&self, program: &Program) -> Option<usize> {
        let is_actor = |actor: &Actor| usize::from(*actor) < program.actors.len();
        let has = |(from, to): &(u32, u32)| from <= to && *to as usize <= self.fields.len();
        let mut open = vec![0_u32; program.actors.len()];
        let mut callbacks: Vec<Told> = Vec::new();
        let mut is_sound = |entry: &Entry| match entry {
            Entry::Begin { actor, step } => {
                let known = is_actor(actor) && (*step as usize) < program.steps.len();
                open.get_mut(usize::from(*actor)).into_iter().for_each(|open| *open += 1);
                known
            }
            Entry::End { actor, fields } => match open.get_mut(usize::from(*actor)) {
                Some(open @ 1..) => {
                    *open -= 1;
                    has(fields)
                }
                _ => false,
            },
            Entry::Callback { receiver, told, fields } => {
                callbacks.push(*told);
                let known = match told {
                    Told::Event(_) => true,
                    Told::Method(index) => u32::from(*index) < u32::BITS,
                };
                known && receiver.as_ref().is_none_or(is_actor) && has(fields)
            }
            Entry::CallbackEnd { answer } => matches!(
                (callbacks.pop(), answer),
                (Some(Told::Event(_)), Answer::Event(_))
                    | (Some(Told::Method(_)), Answer::Method(_))
            ),
            Entry::Blocked { actor, fields } => is_actor(actor) && has(fields),
            Entry::Deadlock { fields } => has(fields),
            Entry::Runaway { actor } => is_actor(actor),
        };
        self.entries.iter().position(|entry| !is_sound(entry))
    }

    /// The fields of an entry.
    pub fn slice(&self, (from, to): (u32, u32)) -> &[Field] {
        &self.fields[from as usize..to as usize]
    }
}
