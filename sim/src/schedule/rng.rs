//! Random numbers: the only source of chance.
//!
//! `ChaCha8` with a stream for each purpose and sampling of our own, so that no change of a
//! library's sampling can change a result. Golden vectors below pin the bytes.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// What numbers are drawn for; each purpose has a stream of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Who takes the next turn.
    Interleaving = 1,
    /// Inputs of property tests and benchmarks.
    Input = 2,
}

/// Numbers of a stream that are drawn at once and kept.
const KEPT: usize = 16;

/// A stream of random numbers.
///
/// The first few are kept as numbers: most streams end there, and very many of them can then be
/// kept at a time.
#[derive(Clone, Debug)]
pub struct Rng {
    seed: u64,
    purpose: Purpose,
    used: u32,
    kept: [u32; KEPT],
    /// What comes behind those that are kept.
    rest: Option<Box<ChaCha8Rng>>,
}

impl Rng {
    /// The stream that belongs to `seed` and `purpose`.
    pub fn new(seed: u64, purpose: Purpose) -> Rng {
        let mut bytes = [0; 4 * KEPT];
        stream(seed, purpose).fill_bytes(&mut bytes);
        let (words, _) = bytes.as_chunks();
        let kept = std::array::from_fn(|word| u32::from_le_bytes(words[word]));
        Rng { seed, purpose, used: 0, kept, rest: None }
    }

    /// The next 32 bits.
    pub fn word(&mut self) -> u32 {
        if let Some(word) = self.kept.get(self.used as usize) {
            self.used += 1;
            return *word;
        }
        let (seed, purpose) = (self.seed, self.purpose);
        let rest = self.rest.get_or_insert_with(|| {
            let mut stream = stream(seed, purpose);
            for _ in 0..KEPT {
                stream.next_u32();
            }
            Box::new(stream)
        });
        rest.next_u32()
    }

    /// A number below `bound`, each as likely as any other.
    ///
    /// # Panics
    /// When `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound != 0, "no number lies below 0");
        // Multiply and shift; a low part below the threshold would favour small numbers. The
        // threshold is below the bound, so most draws need no division.
        loop {
            let product = u64::from(self.word()) * u64::from(bound);
            let low = product as u32;
            if bound <= low || bound.wrapping_neg() % bound <= low {
                return (product >> 32) as u32;
            }
        }
    }
}

fn stream(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut stream = ChaCha8Rng::from_seed(key);
    stream.set_stream(purpose as u64);
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_vectors() {
        let draw = |seed, purpose| {
            let mut rng = Rng::new(seed, purpose);
            [rng.word(), rng.word(), rng.below(1000), rng.below(3)]
        };
        let seen = [
            draw(0, Purpose::Interleaving),
            draw(1, Purpose::Interleaving),
            draw(u64::MAX, Purpose::Interleaving),
            draw(1, Purpose::Input),
        ];
        assert_eq!(seen, GOLDEN, "a seed no longer gives the bytes that it gave");
    }

    #[test]
    fn the_stream_goes_on_behind_what_is_kept() {
        let mut rng = Rng::new(7, Purpose::Input);
        let mut plain = stream(7, Purpose::Input);
        for place in 0..100 {
            assert_eq!(rng.word(), plain.next_u32(), "word {place}");
        }
    }

    const GOLDEN: [[u32; 4]; 4] = [
        [3008073515, 3389424505, 487, 2],
        [2356144660, 444671444, 672, 2],
        [3947020024, 1156653310, 737, 0],
        [3555812090, 1615585282, 816, 0],
    ];
}
