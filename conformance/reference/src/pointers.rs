//! Direct pointers: real memory that shows what the model holds.
//!
//! The model's direct pointers are handle values. Behind each that was given out stands a block
//! of memory of its own, which stays where it is as long as the object lives. It is brought up to
//! date after every call that may change the object, so a client can read it at any time.
//!
//! While an object is locked its owner may write to the block. What differs from what was put
//! there last is an edit. Edits of writable members are taken before every call, so that whoever
//! asks sees them, as in the model; edits of other members are reported and undone at the unlock.
//! What is written without the lock is lost when the block is brought up to date.
//!
//! Blocks of dead objects are freed when the number of blocks has doubled, not at once: a client
//! that reads too late finds old values instead of memory that is gone.
//!
//! Not here: routes. They take the same way once the model locks them: a list of members, and
//! room for as many next hops as a route can have.

use std::collections::BTreeMap;
use std::ptr::NonNull;

use rtm_sim::engine::Operation;
use rtm_sim::model::Model;
use rtm_sim::program::Structure;
use rtm_sim::program::resolve::Members;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Member, Observation, Place, Value};

use crate::callback::NOBODY;
use crate::memory::{self, Shape};

/// Blocks below which nothing is freed.
const BLOCKS_MIN: usize = 16;

/// Members of a next hop, and whether its owner may write them.
const NEXT_HOP: &[(Member, bool)] = &[
    (Member::NextHopAddress, false),
    (Member::NextHopOwner, false),
    (Member::InterfaceIndex, false),
    (Member::State, false),
    (Member::Flags, true),
    (Member::EntitySpecificInfo, true),
    (Member::RemoteNextHop, true),
];

/// The blocks, by handle value.
#[derive(Debug, Default)]
pub(crate) struct Pointers {
    blocks: BTreeMap<Handle, Block>,
    /// Blocks that are locked.
    locked: usize,
    /// Number of blocks at which the dead ones are freed.
    sweep_at: usize,
    scratch: Observation,
}

/// The memory behind one direct pointer.
#[derive(Debug)]
struct Block {
    shape: Shape,
    /// What clients see. They may write to it at any time, so it is only read and written through
    /// this pointer.
    shown: NonNull<u64>,
    /// What was put there last.
    put: Box<[u64]>,
    /// The registration that holds the lock.
    holder: Option<Handle>,
}

// SAFETY: the memory belongs to the block and moves to another thread with it.
unsafe impl Send for Block {}

impl Drop for Block {
    fn drop(&mut self) {
        let memory = NonNull::slice_from_raw_parts(self.shown, self.put.len());
        // SAFETY: the memory was made from a box of this length in `Block::new`, and the model no
        // longer knows the pointer.
        drop(unsafe { Box::from_raw(memory.as_ptr()) });
    }
}

impl Pointers {
    /// The address that clients are given for a direct pointer of the model; 0 when the object is
    /// gone.
    pub(crate) fn address(&mut self, model: &mut Model, pointer: u64) -> u64 {
        match self.block(model, Handle(pointer)) {
            Some(block) => block.shown.as_ptr() as u64,
            None => 0,
        }
    }

    fn block(&mut self, model: &mut Model, handle: Handle) -> Option<&mut Block> {
        let is_new = !self.blocks.contains_key(&handle);
        if is_new && self.sweep_at.max(BLOCKS_MIN) <= self.blocks.len() {
            self.sweep(model);
        }
        let fields = read(model, handle, &mut self.scratch)?;
        let block = self.blocks.entry(handle).or_insert_with(|| Block::new(Shape::NextHop));
        block.refresh(fields);
        Some(block)
    }

    fn sweep(&mut self, model: &mut Model) {
        let scratch = &mut self.scratch;
        self.blocks.retain(|handle, _| read(model, *handle, scratch).is_some());
        self.locked = self.blocks.values().filter(|block| block.holder.is_some()).count();
        self.sweep_at = 2 * self.blocks.len();
    }

    /// Brings the block of one object up to date, if there is one.
    pub(crate) fn refresh(&mut self, model: &mut Model, handle: Handle) {
        if let Some(block) = self.blocks.get_mut(&handle)
            && let Some(fields) = read(model, handle, &mut self.scratch)
        {
            block.refresh(fields);
        }
    }

    /// Brings every block up to date.
    pub(crate) fn refresh_all(&mut self, model: &mut Model) {
        for (handle, block) in &mut self.blocks {
            if let Some(fields) = read(model, *handle, &mut self.scratch) {
                block.refresh(fields);
            }
        }
    }

    /// The object is locked from now on: its block is the holder's to write to.
    pub(crate) fn lock(&mut self, model: &mut Model, handle: Handle, holder: Handle) {
        if let Some(block) = self.block(model, handle)
            && block.holder.replace(holder).is_none()
        {
            self.locked += 1;
        }
    }

    /// The object is no longer locked: what may not be edited is reported and undone.
    pub(crate) fn unlock(&mut self, model: &mut Model, handle: Handle) {
        let Some(block) = self.blocks.get_mut(&handle) else { return };
        if block.holder.take().is_some() {
            self.locked -= 1;
            feed(model, handle, block.edits(false));
        }
        self.refresh(model, handle);
    }

    /// The client has left, and its locks with it.
    pub(crate) fn unlock_all_of(&mut self, model: &mut Model, holder: Handle) {
        if self.locked == 0 {
            return;
        }
        let held = self.blocks.iter().filter(|(_, block)| block.holder == Some(holder));
        let held: Vec<Handle> = held.map(|(handle, _)| *handle).collect();
        for handle in held {
            self.unlock(model, handle);
        }
    }

    /// Gives the model what owners have written since the last call.
    #[inline]
    pub(crate) fn take_edits(&mut self, model: &mut Model) {
        if self.locked != 0 {
            for (handle, block) in self.blocks.iter_mut().filter(|(_, b)| b.holder.is_some()) {
                feed(model, *handle, block.edits(true));
            }
        }
    }
}

/// What the model shows behind a pointer; `None` when the object is gone.
fn read<'s>(
    model: &mut Model,
    pointer: Handle,
    scratch: &'s mut Observation,
) -> Option<&'s [Field]> {
    scratch.fields.clear();
    let operation = Operation::Read { pointer, structure: Structure::NextHop };
    model.operate(NOBODY, &operation, scratch);
    let gone = scratch.fields.iter().any(|f| f.value == Value::Unwritten);
    (!gone).then_some(&scratch.fields)
}

/// Lets the model take edits over.
fn feed(model: &mut Model, pointer: Handle, members: Members) {
    if !members.is_empty() {
        let operation = Operation::Write { pointer, structure: Structure::NextHop, members };
        // Whose edits they are is known from the lock, not from who calls next.
        let writer = model.lock_holder(pointer).unwrap_or(NOBODY);
        model.operate(writer, &operation, &mut Observation::default());
    }
}

impl Block {
    fn new(shape: Shape) -> Block {
        let words = memory::stride(shape, 0).div_ceil(size_of::<u64>());
        let put = vec![0; words].into_boxed_slice();
        let shown = Box::into_raw(put.clone()).cast::<u64>();
        let shown = NonNull::new(shown).expect("a box is not NULL");
        Block { shape, shown, put, holder: None }
    }

    /// Where a member stands: in what clients see, and in what was put there.
    fn places(&mut self, member: Member, inner: u16) -> Option<(*mut u8, *mut u8, memory::Form)> {
        let spot = memory::spot(self.shape, member)?;
        let offset = spot.offset(inner);
        let shown = self.shown.as_ptr().cast::<u8>();
        let put = self.put.as_mut_ptr().cast::<u8>();
        // SAFETY: both memories are as large as the structure, and the member stands inside.
        Some(unsafe { (shown.add(offset), put.add(offset), spot.form) })
    }

    /// Shows what the model holds; what the holder of the lock has edited stays.
    fn refresh(&mut self, fields: &[Field]) {
        for Field { place, value, .. } in fields {
            debug_assert_eq!(place.slot, Place::POINTED.slot);
            let Some((shown, put, form)) = self.places(place.member, place.inner) else {
                continue;
            };
            // SAFETY: `places` gives members that lie inside the two memories.
            unsafe {
                let seen = memory::read(shown, form);
                let edited = self.holder.is_some() && seen != memory::read(put, form);
                if !edited && seen != *value {
                    memory::write(shown, form, value);
                }
                memory::write(put, form, value);
            }
        }
    }

    /// Members that differ from what was put there, of those that may be written or of the
    /// others. What is found counts as put.
    fn edits(&mut self, writable: bool) -> Members {
        let mut found = Members::new();
        for (member, _) in NEXT_HOP.iter().filter(|(_, w)| *w == writable) {
            let Some((shown, put, form)) = self.places(*member, 0) else { continue };
            // SAFETY: `places` gives members that lie inside the two memories.
            unsafe {
                let seen = memory::read(shown, form);
                if seen != memory::read(put, form) {
                    memory::write(put, form, &seen);
                    found.push((*member, 0, seen));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(value: u64) -> [Field; 1] {
        let mut out = Observation::default();
        out.raw(Place::POINTED.member(Member::Flags), Value::Number(value));
        [out.fields[0]]
    }

    fn shown(block: &mut Block) -> Value {
        let (shown, _, form) = block.places(Member::Flags, 0).expect("a member");
        // SAFETY: the member lies inside the block.
        unsafe { memory::read(shown, form) }
    }

    fn edit(block: &mut Block, value: u64) {
        let (shown, _, form) = block.places(Member::Flags, 0).expect("a member");
        // SAFETY: the member lies inside the block.
        unsafe { memory::write(shown, form, &Value::Number(value)) };
    }

    #[test]
    fn an_edit_under_lock_outlives_a_refresh_and_is_found_once() {
        let mut block = Block::new(Shape::NextHop);
        block.refresh(&flags(1));
        block.holder = Some(Handle(9));
        edit(&mut block, 6);
        block.refresh(&flags(2));
        assert_eq!(shown(&mut block), Value::Number(6));
        assert_eq!(block.edits(true), vec![(Member::Flags, 0, Value::Number(6))]);
        assert_eq!(block.edits(true), Members::new());
    }

    #[test]
    fn an_edit_without_lock_is_lost() {
        let mut block = Block::new(Shape::NextHop);
        block.refresh(&flags(1));
        edit(&mut block, 6);
        block.refresh(&flags(1));
        assert_eq!(shown(&mut block), Value::Number(1));
    }
}
