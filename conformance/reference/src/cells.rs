//! Opaque cells: memory that clients write to as they like.
//!
//! The model gives every cell an address of its own, which it never gives out again. Behind each
//! that a client has asked for stands a word that stays where it is as long as the cell lives. The
//! word is the clients' alone: it is set once, to what the model says that a new cell holds, and
//! is not looked at again.
//!
//! Words of dead cells are freed when the number of words has doubled, not at once: a client that
//! reads too late finds its old value instead of memory that is gone.

use std::collections::BTreeMap;
use std::ptr::NonNull;

use rtm_sim::model::Model;

/// Words below which nothing is freed.
const WORDS_MIN: usize = 16;

/// The words, by the model's addresses.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    words: BTreeMap<u64, Word>,
    /// Number of words at which the dead ones are freed.
    sweep_at: usize,
}

/// The memory of one cell, and a second word so that an address within it, which only a planted
/// fault gives out, leads to memory as well.
#[derive(Debug)]
struct Word(NonNull<[usize; 2]>);

// SAFETY: the memory belongs to the word and moves to another thread with it.
unsafe impl Send for Word {}

impl Word {
    fn new(value: u64) -> Word {
        let memory = Box::into_raw(Box::new([value as usize, 0]));
        Word(NonNull::new(memory).expect("a box is not NULL"))
    }
}

impl Drop for Word {
    fn drop(&mut self) {
        // SAFETY: the memory was made from a box in `Word::new`, and the model no longer knows
        // the address.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl Cells {
    /// The address that clients are given for one of the model; 0 for 0.
    pub(crate) fn address(&mut self, model: &Model, address: u64) -> u64 {
        if address == 0 {
            return 0;
        }
        let within = address % size_of::<usize>() as u64;
        let cell = address - within;
        if !self.words.contains_key(&cell) {
            if self.sweep_at.max(WORDS_MIN) <= self.words.len() {
                self.words.retain(|address, _| model.cell(*address).is_some());
                self.sweep_at = 2 * self.words.len();
            }
            self.words.insert(cell, Word::new(model.cell(cell).unwrap_or(0)));
        }
        self.words[&cell].0.as_ptr() as u64 + within
    }
}
