//! Memory that is lent to the library for the time of one call.
//!
//! Each buffer is exactly as large as the call says and lies between two canaries. What the
//! library is to write is poisoned first, so that what it left alone is seen.
//!
//! Invariant: buffers are given back in the reverse order in which they were taken, so calls may
//! nest. Not here: what the bytes mean; see [`super::observe`] and [`super::arguments`].

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use super::observe::View;

/// Bytes of a canary.
const CANARY_SIZE: usize = 64;
/// Bytes that are kept for the buffers of all calls that run.
const CHUNK_SIZE: usize = 256 << 10;
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

/// Where buffers come from.
#[derive(Debug)]
pub struct Arena {
    chunk: NonNull<u8>,
    used: usize,
    blocks: Vec<Block>,
    patterns: Patterns,
}

// SAFETY: an arena owns its memory, and its pointers lead nowhere else.
unsafe impl Send for Arena {}

impl Arena {
    /// An arena without buffers.
    pub fn new() -> Arena {
        let chunk = allocate(chunk_layout(CHUNK_SIZE));
        Arena { chunk, used: 0, blocks: Vec::new(), patterns: Patterns::of_run(0) }
    }

    /// Sets the patterns of buffers that are taken from now on.
    pub fn use_patterns(&mut self, patterns: Patterns) {
        self.patterns = patterns;
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
            // SAFETY: `used` and what is needed behind it stay within the chunk.
            let base = unsafe { self.chunk.add(self.used) };
            (base, needed, None)
        } else {
            let layout = chunk_layout(needed);
            let base = allocate(layout);
            (base, 0, Some((base, layout)))
        };
        self.used += taken;
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
            }
        }
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
        assert!(found.iter().all(|o| o.parameter == 3 && o.operation == 7));
        assert_eq!(arena.used, 0);
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
