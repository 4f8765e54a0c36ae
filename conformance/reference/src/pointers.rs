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
//! A route's block has room for as many next hops as a route can have. Its owner may write to it
//! under the lock of the destination, however taken; what is not the owner's is put back by the
//! commit, in the model.

use std::collections::BTreeMap;
use std::ptr::NonNull;

use rtm_abi::layout::size_of_route_info;
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

/// Members of a route, all of which the model takes: a commit decides what becomes of them. The
/// count stands before the next hops.
const ROUTE: &[(Member, bool)] = &[
    (Member::DestHandle, true),
    (Member::RouteOwner, true),
    (Member::Neighbour, true),
    (Member::State, true),
    (Member::Flags1, true),
    (Member::Flags, true),
    (Member::Metric, true),
    (Member::Preference, true),
    (Member::BelongsToViews, true),
    (Member::EntitySpecificInfo, true),
    (Member::NumNextHops, true),
    (Member::NextHops, true),
];

/// Next hops that there is room for even where a route can have fewer.
const NEXT_HOPS_MIN: usize = 16;

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
        let most = model.config().max_next_hops_in_route as usize;
        let fields = read(model, handle, &mut self.scratch)?;
        let is_route = model.pointed(handle) == Some(Structure::Route);
        let block = self.blocks.entry(handle).or_insert_with(|| match is_route {
            true => Block::new(Shape::Route, most.max(NEXT_HOPS_MIN)),
            false => Block::new(Shape::NextHop, 0),
        });
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

    /// A lock was given back: what it covered is no longer its holder's to write to.
    pub(crate) fn unlock_free(&mut self, model: &mut Model) {
        if self.locked == 0 {
            return;
        }
        let held = self.blocks.iter().filter(|(_, block)| block.holder.is_some());
        let free = held.filter(|(handle, _)| model.lock_holder(**handle).is_none());
        let free: Vec<Handle> = free.map(|(handle, _)| *handle).collect();
        for handle in free {
            self.unlock(model, handle);
        }
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

    /// Gives the model what the owner of an object has written that it names under a lock that
    /// was taken through another.
    pub(crate) fn take_edits_of(&mut self, model: &mut Model, handle: Handle) {
        if model.lock_holder(handle).is_some()
            && let Some(block) = self.blocks.get_mut(&handle)
        {
            feed(model, handle, block.edits(true));
        }
    }

    /// Gives the model what owners have written since the last call.
    #[inline]
    pub(crate) fn take_edits(&mut self, model: &mut Model) {
        if self.locked != 0 {
            self.take_all_edits(model);
        }
    }

    #[cold]
    fn take_all_edits(&mut self, model: &mut Model) {
        for (handle, block) in self.blocks.iter_mut().filter(|(_, b)| b.holder.is_some()) {
            feed(model, *handle, block.edits(true));
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
    let operation = Operation::Read { pointer, structure: model.pointed(pointer)? };
    model.operate(NOBODY, &operation, scratch);
    let gone = scratch.fields.iter().any(|f| f.value == Value::Unwritten);
    (!gone).then_some(&scratch.fields)
}

/// Lets the model take edits over.
fn feed(model: &mut Model, pointer: Handle, members: Members) {
    if let (false, Some(structure)) = (members.is_empty(), model.pointed(pointer)) {
        let operation = Operation::Write { pointer, structure, members };
        // Whose edits they are is known from the lock, not from who calls next.
        let writer = model.lock_holder(pointer).unwrap_or(NOBODY);
        model.operate(writer, &operation, &mut Observation::default());
    }
}

impl Block {
    /// Memory for one structure; for a route with room for so many next hops.
    fn new(shape: Shape, next_hops: usize) -> Block {
        let size = match shape {
            Shape::Route => size_of_route_info(next_hops),
            _ => memory::stride(shape, 0),
        };
        let words = size.div_ceil(size_of::<u64>());
        let put = vec![0; words].into_boxed_slice();
        let shown = Box::into_raw(put.clone()).cast::<u64>();
        let shown = NonNull::new(shown).expect("a box is not NULL");
        Block { shape, shown, put, holder: None }
    }

    /// Where a member stands: in what clients see, and in what was put there.
    fn places(&mut self, member: Member, inner: u16) -> Option<(*mut u8, *mut u8, memory::Form)> {
        let spot = memory::spot(self.shape, member)?;
        let offset = spot.offset(inner);
        // A fault that is planted may give a route more next hops than there is room for.
        if self.put.len() * size_of::<u64>() < offset + size_of::<u64>()
            && member == Member::NextHops
        {
            return None;
        }
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
        let members = if self.shape == Shape::Route { ROUTE } else { NEXT_HOP };
        for (member, _) in members.iter().filter(|(_, w)| *w == writable) {
            let count = match member {
                Member::NextHops => self.shown_next_hops(),
                _ => 1,
            };
            for inner in 0..count {
                let Some((shown, put, form)) = self.places(*member, inner) else { continue };
                // SAFETY: `places` gives members that lie inside the two memories.
                unsafe {
                    let seen = memory::read(shown, form);
                    if seen != memory::read(put, form) {
                        memory::write(put, form, &seen);
                        found.push((*member, inner, seen));
                    }
                }
            }
        }
        found
    }

    /// The number of next hops that a client sees, or has written.
    fn shown_next_hops(&mut self) -> u16 {
        let Some((shown, _, form)) = self.places(Member::NumNextHops, 0) else { return 0 };
        // SAFETY: `places` gives members that lie inside the memory.
        match unsafe { memory::read(shown, form) } {
            Value::Number(count) => count as u16,
            _ => 0,
        }
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
        let mut block = Block::new(Shape::NextHop, 0);
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
        let mut block = Block::new(Shape::NextHop, 0);
        block.refresh(&flags(1));
        edit(&mut block, 6);
        block.refresh(&flags(1));
        assert_eq!(shown(&mut block), Value::Number(1));
    }
}
