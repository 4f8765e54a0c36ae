//! Memory that is lent to the library for the time of one call.
//!
//! Each buffer is exactly as large as the call says and lies between two canaries. What the
//! library is to write is poisoned first, so that what it left alone is seen. Around the canaries
//! lies a field of one value, in which writes show that went further, or through a pointer that was
//! kept when its call was over: no call is given the memory of the one before.
//!
//! Invariants: buffers are given back in the reverse order in which they were taken, so calls may
//! nest; memory of the chunk that is no buffer's and no canary's is field.
//!
//! Not here: what the bytes mean; see [`super::observe`] and [`super::arguments`].

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use super::observe::View;

/// Bytes of a canary.
const CANARY_SIZE: usize = 64;
/// Bytes that are kept for the buffers of all calls that run.
const CHUNK_SIZE: usize = 256 << 10;
/// What is left of the chunk when a call is given its beginning again.
const REST_SIZE_MIN: usize = 64 << 10;
/// The byte of the field: the same in all runs, so that it need not be written for each.
const FIELD: u8 = 0xA7;
/// Bytes of the field behind all that was handed out that are looked at when a run ends.
const FIELD_CHECKED_SIZE: usize = 4096;
/// Buffers that are remembered in a run, to tell whose memory was written when it was over.
const PAST_COUNT_MAX: usize = 4096;
/// Buffers start at multiples of this, as memory from `malloc` does.
const ALIGNMENT: usize = 16;
/// Largest buffer; no call that means it asks for more.
pub const BUFFER_SIZE_MAX: usize = 64 << 20;

/// The bytes that memory is filled with before a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patterns {
    /// What is to be written holds this byte throughout.
    pub poison: u8,
    /// Canaries hold this byte throughout.
    pub canary: u8,
}

impl Patterns {
    /// The patterns of a run: even and odd runs have different ones, so that a pattern that is
    /// also a legal value shows up as a difference between two runs.
    pub fn of_run(parity: u32) -> Patterns {
        match parity % 2 {
            0 => Patterns { poison: 0xDB, canary: 0xC9 },
            _ => Patterns { poison: 0x6E, canary: 0x35 },
        }
    }
}

/// Bytes that the library wrote outside a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Overrun {
    /// Ordinal of the call among the operations begun in the run, from 0.
    pub operation: u32,
    /// Index of the parameter whose buffer it was.
    pub parameter: u8,
    /// Bytes of the buffer.
    pub size: u32,
    /// First byte that was changed, counted from the start of the buffer; negative before it.
    pub offset: i64,
    /// Bytes from the first to the last that were changed on that side.
    pub length: u32,
}

/// A buffer of a call that runs.
#[derive(Clone, Copy, Debug)]
pub struct Buffer(usize);

/// How many buffers there were at some point.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

#[derive(Debug)]
struct Block {
    start: NonNull<u8>,
    size: usize,
    parameter: u8,
    /// What the block takes of the chunk; 0 when it has memory of its own.
    taken: usize,
    own: Option<(NonNull<u8>, Layout)>,
}

/// A buffer of the chunk that was given back.
#[derive(Clone, Copy, Debug)]
struct Past {
    /// Where it began in the chunk.
    start: usize,
    size: usize,
    parameter: u8,
    operation: u32,
}

/// Where buffers come from.
#[derive(Debug)]
pub struct Arena {
    chunk: NonNull<u8>,
    /// Where the buffers of the outermost call begin in the chunk.
    base: usize,
    /// Where the next buffer begins.
    used: usize,
    /// The most that was used in the outermost call, and in the run.
    top: usize,
    run_top: usize,
    blocks: Vec<Block>,
    past: Vec<Past>,
    /// What was written to the field, as far as it was looked at.
    damage: Vec<Overrun>,
    patterns: Patterns,
}

// SAFETY: an arena owns its memory, and its pointers lead nowhere else.
unsafe impl Send for Arena {}

impl Arena {
    /// An arena without buffers.
    pub fn new() -> Arena {
        let chunk = allocate(chunk_layout(CHUNK_SIZE));
        // SAFETY: the chunk has this size.
        unsafe { chunk.write_bytes(FIELD, CHUNK_SIZE) };
        Arena {
            chunk,
            base: 0,
            used: 0,
            top: 0,
            run_top: 0,
            blocks: Vec::new(),
            past: Vec::new(),
            damage: Vec::new(),
            patterns: Patterns::of_run(0),
        }
    }

    /// Begins a run: buffers have these patterns from now on, and come from the beginning again
    /// unless a call of the run before still has some.
    pub fn begin_run(&mut self, patterns: Patterns) {
        self.patterns = patterns;
        if self.blocks.is_empty() {
            (self.base, self.used, self.top) = (0, 0, 0);
            self.run_top = 0;
            self.past.clear();
            self.damage.clear();
        }
    }

    /// Ends a run, and tells what was written to memory of calls that were over.
    pub fn end_run(&mut self, overruns: &mut Vec<Overrun>) {
        if self.blocks.is_empty() {
            self.check_field(0, self.run_top);
            overruns.append(&mut self.damage);
        }
    }

    /// Where the arena stands now.
    pub fn mark(&self) -> Mark {
        Mark(self.blocks.len())
    }

    /// Takes a poisoned buffer of `size` bytes for a parameter.
    pub fn take(&mut self, parameter: u8, size: usize) -> Buffer {
        let size = size.min(BUFFER_SIZE_MAX);
        let needed = (CANARY_SIZE + size + CANARY_SIZE).next_multiple_of(ALIGNMENT);
        let (base, taken, own) = if needed <= CHUNK_SIZE - self.used {
            // What was written there since the call before is seen now or never.
            self.check_field(self.used, self.used + needed);
            // SAFETY: `used` and what is needed behind it stay within the chunk.
            let base = unsafe { self.chunk.add(self.used) };
            (base, needed, None)
        } else {
            let layout = chunk_layout(needed);
            let base = allocate(layout);
            (base, 0, Some((base, layout)))
        };
        self.used += taken;
        self.top = self.top.max(self.used);
        // SAFETY: `needed` bytes from `base` on are owned and in no other block; the three
        // parts lie within them.
        let start = unsafe {
            base.write_bytes(self.patterns.canary, CANARY_SIZE);
            let start = base.add(CANARY_SIZE);
            start.write_bytes(self.patterns.poison, size);
            start.add(size).write_bytes(self.patterns.canary, CANARY_SIZE);
            start
        };
        self.blocks.push(Block { start, size, parameter, taken, own });
        Buffer(self.blocks.len() - 1)
    }

    /// The address that the library is given.
    pub fn pointer(&self, buffer: Buffer) -> *mut u8 {
        self.blocks[buffer.0].start.as_ptr()
    }

    /// Bytes of a buffer.
    pub fn size(&self, buffer: Buffer) -> usize {
        self.blocks[buffer.0].size
    }

    /// Writes a value into a buffer, whatever its alignment.
    pub fn write<T: Copy>(&mut self, buffer: Buffer, offset: usize, value: T) {
        let block = &self.blocks[buffer.0];
        assert!(offset + size_of::<T>() <= block.size, "a write of ours stays within its buffer");
        // SAFETY: the bytes are within the block, which the arena owns.
        unsafe { block.start.add(offset).cast::<T>().write_unaligned(value) };
    }

    /// Fills a part of a buffer with zeros.
    pub fn clear(&mut self, buffer: Buffer, offset: usize, size: usize) {
        let block = &self.blocks[buffer.0];
        assert!(offset + size <= block.size, "what is cleared is within its buffer");
        // SAFETY: the bytes are within the block, which the arena owns.
        unsafe { block.start.add(offset).write_bytes(0, size) };
    }

    /// What a buffer holds now.
    pub fn view(&self, buffer: Buffer) -> View<'_> {
        let block = &self.blocks[buffer.0];
        // SAFETY: the block is initialised and owned by the arena; the library does not run now,
        // and nothing else writes into it.
        let bytes = unsafe { std::slice::from_raw_parts(block.start.as_ptr(), block.size) };
        View::of_output(bytes, self.patterns.poison)
    }

    /// What is left of a buffer from an address on, if the address lies in one.
    ///
    /// # Safety
    /// The buffer is not given back, and nothing in it is written, while the view is used.
    pub unsafe fn lent_at(&self, address: *const u8) -> Option<View<'static>> {
        self.blocks.iter().rev().find_map(|block| {
            let offset = (address as usize).checked_sub(block.start.as_ptr() as usize)?;
            let size = block.size.checked_sub(offset).filter(|size| *size != 0)?;
            // SAFETY: the bytes are within the block, which is initialised; the caller vouches
            // for the time.
            let bytes =
                unsafe { std::slice::from_raw_parts(block.start.as_ptr().add(offset), size) };
            Some(View::of_output(bytes, self.patterns.poison))
        })
    }

    /// Gives back all buffers since `mark` and tells what was written around them.
    pub fn release(&mut self, mark: Mark, operation: u32, overruns: &mut Vec<Overrun>) {
        while mark.0 < self.blocks.len() {
            let Some(block) = self.blocks.pop() else { return };
            self.check(&block, operation, overruns);
            self.used -= block.taken;
            if let Some((base, layout)) = block.own {
                // SAFETY: the block had this memory from `allocate` and is gone.
                unsafe { dealloc(base.as_ptr(), layout) };
                continue;
            }
            // SAFETY: the block had this part of the chunk and is gone.
            unsafe { self.chunk.add(self.used).write_bytes(FIELD, block.taken) };
            if self.past.len() == PAST_COUNT_MAX {
                self.past.drain(..PAST_COUNT_MAX / 2);
            }
            let (size, parameter) = (block.size, block.parameter);
            self.past.push(Past { start: self.used + CANARY_SIZE, size, parameter, operation });
        }
        if self.blocks.is_empty() && self.base < self.top {
            self.leave();
        }
    }

    /// The outermost call is over: sees to it that the next one has other memory.
    fn leave(&mut self) {
        self.run_top = self.run_top.max((self.top + FIELD_CHECKED_SIZE).min(CHUNK_SIZE));
        self.base = if CHUNK_SIZE - self.top < REST_SIZE_MIN { 0 } else { self.top };
        (self.used, self.top) = (self.base, self.base);
    }

    /// Notes what was written to a part of the chunk that is all field, and makes it field again.
    fn check_field(&mut self, from: usize, to: usize) {
        // SAFETY: the part lies within the chunk, which is initialised and nobody else's.
        let bytes =
            unsafe { std::slice::from_raw_parts_mut(self.chunk.as_ptr().add(from), to - from) };
        // Without a branch the whole is compared many bytes at a time.
        if bytes.iter().fold(0, |changes, byte| changes | (byte ^ FIELD)) == 0 {
            return;
        }
        let is_changed = |byte: &u8| *byte != FIELD;
        let Some(first) = bytes.iter().position(is_changed) else { return };
        let last = bytes.iter().rposition(is_changed).unwrap_or(first);
        bytes[first..=last].fill(FIELD);
        let at = from + first;
        let has = |past: &&Past| (past.start..past.start + past.size).contains(&at);
        let before = self.past.iter().filter(|past| past.start <= at);
        let near = self.past.iter().rev().find(has).or(before.max_by_key(|past| past.start));
        let Some(near) = near else { return };
        self.damage.push(Overrun {
            operation: near.operation,
            parameter: near.parameter,
            size: near.size as u32,
            offset: (at - near.start) as i64,
            length: (last - first + 1) as u32,
        });
    }

    fn check(&self, block: &Block, operation: u32, overruns: &mut Vec<Overrun>) {
        let canary = self.patterns.canary;
        // SAFETY: a block lies between two canaries of this size, all of it owned and
        // initialised.
        let (before, behind) = unsafe {
            let before = block.start.as_ptr().sub(CANARY_SIZE);
            let behind = block.start.as_ptr().add(block.size);
            (
                std::slice::from_raw_parts(before, CANARY_SIZE),
                std::slice::from_raw_parts(behind, CANARY_SIZE),
            )
        };
        let sides = [(before, -(CANARY_SIZE as i64)), (behind, block.size as i64)];
        for (bytes, base) in sides {
            let Some(first) = bytes.iter().position(|byte| *byte != canary) else { continue };
            let last = bytes.iter().rposition(|byte| *byte != canary).unwrap_or(first);
            overruns.push(Overrun {
                operation,
                parameter: block.parameter,
                size: block.size as u32,
                offset: base + first as i64,
                length: (last - first + 1) as u32,
            });
        }
    }
}

impl Default for Arena {
    fn default() -> Arena {
        Arena::new()
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.release(Mark(0), 0, &mut Vec::new());
        // SAFETY: the chunk came from `allocate` with this layout.
        unsafe { dealloc(self.chunk.as_ptr(), chunk_layout(CHUNK_SIZE)) };
    }
}

fn chunk_layout(size: usize) -> Layout {
    Layout::from_size_align(size, ALIGNMENT).expect("buffers are smaller than the address space")
}

fn allocate(layout: Layout) -> NonNull<u8> {
    // SAFETY: no layout here is empty: each has room for two canaries.
    let memory = unsafe { alloc(layout) };
    NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overruns(size: usize, damage: &[isize]) -> Vec<(i64, u32)> {
        let mut arena = Arena::new();
        let mark = arena.mark();
        let buffer = arena.take(3, size);
        let start = arena.pointer(buffer);
        for offset in damage {
            // SAFETY: the tests stay within the canaries.
            unsafe { *start.offset(*offset) = 0 };
        }
        let mut found = Vec::new();
        arena.release(mark, 7, &mut found);
        arena.end_run(&mut found);
        assert!(found.iter().all(|o| o.parameter == 3 && o.operation == 7));
        assert_eq!(arena.used, arena.base);
        found.iter().map(|o| (o.offset, o.length)).collect()
    }

    #[test]
    fn damage_is_told_with_its_place() {
        assert_eq!(overruns(8, &[]), []);
        assert_eq!(overruns(8, &[0, 7]), []);
        assert_eq!(overruns(8, &[8]), [(8, 1)]);
        assert_eq!(overruns(8, &[-1]), [(-1, 1)]);
        assert_eq!(overruns(5, &[6, 9, -3, -1]), [(-3, 3), (6, 4)]);
        assert_eq!(overruns(0, &[0]), [(0, 1)]);
        assert_eq!(overruns(CHUNK_SIZE, &[CHUNK_SIZE as isize]), [(CHUNK_SIZE as i64, 1)]);
    }

    #[test]
    fn damage_far_away_is_seen_when_the_run_ends() {
        let far = CANARY_SIZE as isize + 100;
        assert_eq!(overruns(8, &[8 + far]), [(8 + far as i64, 1)]);
        assert_eq!(overruns(4, &[400, 3000]), [(400, 2601)]);
    }

    #[test]
    fn damage_through_a_kept_pointer_is_seen_when_the_run_ends() {
        let mut arena = Arena::new();
        for run in 0..3 {
            arena.begin_run(Patterns::of_run(run));
            let mut found = Vec::new();
            let mut kept = std::ptr::null_mut();
            for operation in 0..3 {
                let mark = arena.mark();
                let buffer = arena.take(1, 16);
                let start = arena.pointer(buffer);
                assert_ne!(start, kept);
                if operation == 1 {
                    // SAFETY: the byte is in the chunk, and no buffer's.
                    unsafe { *kept.add(4) = 0 };
                }
                kept = if operation == 0 { start } else { kept };
                arena.release(mark, operation, &mut found);
            }
            arena.end_run(&mut found);
            let written = Overrun { operation: 0, parameter: 1, size: 16, offset: 4, length: 1 };
            assert_eq!(found, [written]);
        }
    }

    #[test]
    fn memory_does_not_run_out() {
        let mut arena = Arena::new();
        arena.begin_run(Patterns::of_run(0));
        let mut found = Vec::new();
        for operation in 0..1000 {
            let mark = arena.mark();
            let outer = arena.take(0, 1000);
            let inner = arena.take(1, 3000);
            assert!(arena.view(outer).is_untouched() && arena.view(inner).is_untouched());
            assert!(arena.blocks.iter().all(|block| block.own.is_none()));
            arena.release(mark, operation, &mut found);
        }
        arena.end_run(&mut found);
        assert_eq!(found, []);
    }

    #[test]
    fn untouched_memory_is_recognised() {
        let mut arena = Arena::new();
        let buffer = arena.take(0, 24);
        assert!(arena.view(buffer).is_untouched());
        arena.write(buffer, 20, 1_u32);
        assert!(!arena.view(buffer).is_untouched());
        // SAFETY: the buffer stays as it is.
        let left = |offset| unsafe { arena.lent_at(arena.pointer(buffer).wrapping_add(offset)) };
        assert_eq!(left(4).map(|view| view.size()), Some(20));
        assert!(left(24).is_none());
    }
}
