//! Arenas: objects of one kind, under indices that handles are made of.
//!
//! A freed place is used again under another generation, so a handle never comes twice and a
//! dead one is recognised.

use crate::vocabulary::handle::{Handle, HandleKind};

/// Index of an object in its arena.
pub type Index = u32;

/// No object.
pub const NONE: Index = Index::MAX;

const GENERATION_BITS: u32 = 28;
const GENERATION_MASK: u32 = (1 << GENERATION_BITS) - 1;

/// The handle of a place and a generation.
#[inline]
pub fn handle(kind: HandleKind, index: Index, generation: u32) -> Handle {
    Handle((kind as u64 + 1) << 60 | u64::from(generation) << 32 | u64::from(index))
}

/// The kind, index and generation in a handle; nothing when it is of no kind.
#[inline]
pub fn parts(handle: Handle) -> Option<(HandleKind, Index, u32)> {
    let kind = (handle.0 >> 60).checked_sub(1)?;
    let kind = *HandleKind::ALL.get(kind as usize)?;
    Some((kind, handle.0 as Index, (handle.0 >> 32) as u32 & GENERATION_MASK))
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

/// Objects of one kind.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Arena<T> {
    kind: HandleKind,
    slots: Vec<Slot<T>>,
    free: Vec<Index>,
}

impl<T: Clone> Arena<T> {
    /// Goes back to where `other` stands, memory kept.
    pub fn restore(&mut self, other: &Arena<T>) {
        self.slots.clone_from(&other.slots);
        self.free.clone_from(&other.free);
    }
}

impl<T> Arena<T> {
    /// An empty arena for objects of `kind`.
    pub fn new(kind: HandleKind) -> Arena<T> {
        Arena { kind, slots: Vec::new(), free: Vec::new() }
    }

    /// Adds an object.
    pub fn insert(&mut self, value: T) -> Index {
        match self.free.pop() {
            Some(index) => {
                self.slots[index as usize].value = Some(value);
                index
            }
            None => {
                // Large tables grow by an eighth: doubling would leave half the memory unused.
                if self.slots.len() == self.slots.capacity() {
                    self.slots.reserve_exact((self.slots.len() / 8).max(4));
                }
                self.slots.push(Slot { generation: 0, value: Some(value) });
                self.slots.len() as Index - 1
            }
        }
    }

    /// Takes an object out. Its handle is dead from now on, unless values are to be used again.
    pub fn remove(&mut self, index: Index, reuse_value: bool) -> T {
        let slot = &mut self.slots[index as usize];
        let value = slot.value.take().expect("a live object is removed once");
        if !reuse_value {
            slot.generation = (slot.generation + 1) & GENERATION_MASK;
        }
        self.free.push(index);
        value
    }

    /// The handle of a live object; NULL for [`NONE`].
    #[inline]
    pub fn handle(&self, index: Index) -> Handle {
        if index == NONE {
            return Handle::NULL;
        }
        handle(self.kind, index, self.slots[index as usize].generation)
    }

    /// The live object that a handle names.
    #[inline]
    pub fn find(&self, handle: Handle) -> Option<Index> {
        let index = handle.0 as u32;
        let slot = self.slots.get(index as usize)?;
        (slot.value.is_some() && self.handle(index) == handle).then_some(index)
    }

    /// Whether an object lives at this index.
    pub fn contains(&self, index: Index) -> bool {
        self.slots.get(index as usize).is_some_and(|slot| slot.value.is_some())
    }

    /// Objects that live.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether no object lives.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// All live objects, in the order of their indices.
    pub fn iter(&self) -> impl Iterator<Item = (Index, &T)> {
        self.slots.iter().enumerate().filter_map(|(i, s)| Some((i as Index, s.value.as_ref()?)))
    }
}

impl<T> std::ops::Index<Index> for Arena<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: Index) -> &T {
        self.slots[index as usize].value.as_ref().expect("an index names a live object")
    }
}

impl<T> std::ops::IndexMut<Index> for Arena<T> {
    #[inline]
    fn index_mut(&mut self, index: Index) -> &mut T {
        self.slots[index as usize].value.as_mut().expect("an index names a live object")
    }
}
