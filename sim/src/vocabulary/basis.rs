//! The basis of a field: the clauses that decided it, and how firmly.

use std::fmt;

use crate::clause::{ClauseId, Strength};

/// Most clauses of a basis.
const CLAUSES_MAX: usize = 4;

/// The clauses that decided a field, the specific before the general, and how firmly.
///
/// Clauses that are needed together are as strong as the weakest of them. A clause that is cited
/// on top of those that decide anyway does not make them weaker, unless it is silent: then the
/// documentation leaves the field open after all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Basis {
    /// Those beyond `len` are [`NO_CLAUSE`].
    clauses: [ClauseId; CLAUSES_MAX],
    len: u8,
    /// The strength in the two lower bits, and above it the strength when exhaustive silent
    /// clauses do not count; both as [`Strength::bits`].
    firmness: u8,
}

const NO_CLAUSE: ClauseId = ClauseId(u16::MAX);

impl Basis {
    /// No clause: the field comes from a library.
    pub const NONE: Basis = Basis { clauses: [NO_CLAUSE; CLAUSES_MAX], len: 0, firmness: 0 };

    /// One to four clauses that are needed together.
    ///
    /// # Panics
    /// With more than four.
    #[inline]
    pub const fn of(clauses: &[ClauseId]) -> Basis {
        assert!(clauses.len() <= CLAUSES_MAX, "a basis holds four clauses");
        let mut basis = Basis::NONE;
        let (mut firmness, mut firm) = (0b1111, 0);
        let mut at = 0;
        while at < clauses.len() {
            basis.clauses[at] = clauses[at];
            let weight = clauses[at].weight();
            firmness &= weight.needed();
            // Exhaustive silent clauses alone leave the field open.
            firm |= if weight.is_exhaustive() { 0b0011 } else { 0b1111 };
            at += 1;
        }
        basis.len = clauses.len() as u8;
        basis.firmness = firmness & firm;
        basis
    }

    /// The same with a more specific clause before the others, which decides in the case at hand.
    /// Where there is no room, the most general of those that are not silent gives way.
    #[must_use]
    pub const fn with(self, clause: ClauseId) -> Basis {
        if self.len == 0 {
            return Basis::of(&[clause]);
        }
        let len = self.len as usize;
        // The others move one place back, over the one that gives way.
        let moved = match self.place_of(clause) {
            CLAUSES_MAX if len < CLAUSES_MAX => len,
            CLAUSES_MAX => match self.most_general() {
                CLAUSES_MAX => return self,
                general => general,
            },
            known => known,
        };
        let packed = self.packed();
        let replaced = u64::MAX >> (48 - 16 * moved);
        let packed = packed & !replaced | (packed << 16 | clause.0 as u64) & replaced;
        let weight = clause.weight();
        let beside = self.firmness & weight.beside();
        // It decides on its own in the case at hand, so it can make firmer what stood there.
        let firm = (beside & 0b0101) * 0b11;
        let own = clause.strength().bits() * 0b0101;
        Basis {
            clauses: unpacked(packed),
            len: if moved == len { self.len + 1 } else { self.len },
            firmness: beside | own & firm,
        }
    }

    /// The last clause that is not silent, or four.
    const fn most_general(&self) -> usize {
        let mut at = self.len as usize;
        while 0 < at {
            at -= 1;
            if !matches!(self.clauses[at].strength(), Strength::Silent) {
                return at;
            }
        }
        CLAUSES_MAX
    }

    /// The same with a clause behind the others, if there is room.
    #[must_use]
    pub const fn also(self, clause: ClauseId) -> Basis {
        if self.len == 0 {
            return Basis::of(&[clause]);
        }
        if self.len as usize == CLAUSES_MAX || self.place_of(clause) != CLAUSES_MAX {
            return self;
        }
        let mut basis = self;
        basis.clauses[self.len as usize] = clause;
        basis.len += 1;
        basis.firmness &= clause.weight().beside();
        basis
    }

    /// The same clauses and those of `needed` behind them: all of them are needed together.
    #[must_use]
    pub const fn together(self, needed: Basis) -> Basis {
        if self.len == 0 {
            return needed;
        }
        let mut all = self.followed_by(&needed);
        all.firmness = self.firmness & needed.firmness;
        all
    }

    /// The same clauses and those of `needed` behind them, which decide: what is there only
    /// accompanies them, unless it is silent.
    #[must_use]
    pub const fn decided_by(self, needed: Basis) -> Basis {
        if self.len == 0 {
            return needed;
        }
        let mut all = self.followed_by(&needed);
        all.firmness = needed.firmness;
        let mut at = 0;
        while at < self.len as usize {
            all.firmness &= self.clauses[at].weight().beside();
            at += 1;
        }
        all
    }

    /// The same, no firmer than this clause.
    #[must_use]
    pub const fn at_most(mut self, clause: ClauseId) -> Basis {
        self.firmness &= clause.weight().needed();
        self
    }

    /// The clauses of both, as far as there is room: those that are there are needed together.
    #[must_use]
    pub const fn joined(self, other: Basis) -> Basis {
        let all = self.followed_by(&other);
        let (clauses, _) = all.clauses.split_at(all.len as usize);
        Basis::of(clauses)
    }

    /// The others, needed together.
    #[must_use]
    pub fn without(self, clause: ClauseId) -> Basis {
        let mut others = Basis::NONE;
        for other in self.list().iter().filter(|other| **other != clause) {
            others.clauses[usize::from(others.len)] = *other;
            others.len += 1;
        }
        Basis::of(others.list())
    }

    /// Those of `more` behind the others, as far as there is room; as firm as before.
    const fn followed_by(mut self, more: &Basis) -> Basis {
        let mut at = 0;
        while at < more.len as usize && (self.len as usize) < CLAUSES_MAX {
            if self.place_of(more.clauses[at]) == CLAUSES_MAX {
                self.clauses[self.len as usize] = more.clauses[at];
                self.len += 1;
            }
            at += 1;
        }
        self
    }

    /// The place of a clause, or four.
    const fn place_of(&self, clause: ClauseId) -> usize {
        // All four are compared at once: the lowest lane that is 0 is the first that is equal.
        let differing = self.packed() ^ (ONES * clause.0 as u64);
        let equal = differing.wrapping_sub(ONES) & !differing & (ONES << 15);
        equal.trailing_zeros() as usize / 16
    }

    /// All four in one number, the first in the lowest bits.
    const fn packed(&self) -> u64 {
        let [a, b, c, d] = self.clauses;
        a.0 as u64 | (b.0 as u64) << 16 | (c.0 as u64) << 32 | (d.0 as u64) << 48
    }

    /// The clauses, the specific first.
    #[inline]
    pub fn list(&self) -> &[ClauseId] {
        &self.clauses[..usize::from(self.len)]
    }

    /// The clauses, the specific first.
    pub fn clauses(&self) -> impl Iterator<Item = ClauseId> + '_ {
        self.list().iter().copied()
    }

    /// How firmly they decide; silent when there is none.
    pub fn strength(&self) -> Strength {
        Strength::of_bits(self.firmness)
    }

    /// The same when every reading that the catalogue lists has been tried: a silent clause whose
    /// readings are all the answers there can be is no excuse for another one.
    pub fn strength_after_all_readings(&self) -> Strength {
        Strength::of_bits(self.firmness >> 2)
    }
}

/// 1 in each of the four lanes of a packed list.
const ONES: u64 = 0x0001_0001_0001_0001;

const fn unpacked(packed: u64) -> [ClauseId; CLAUSES_MAX] {
    [
        ClauseId(packed as u16),
        ClauseId((packed >> 16) as u16),
        ClauseId((packed >> 32) as u16),
        ClauseId((packed >> 48) as u16),
    ]
}

impl From<&[ClauseId]> for Basis {
    #[inline]
    fn from(clauses: &[ClauseId]) -> Basis {
        Basis::of(clauses)
    }
}

impl<const N: usize> From<&[ClauseId; N]> for Basis {
    #[inline]
    fn from(clauses: &[ClauseId; N]) -> Basis {
        Basis::of(clauses)
    }
}

impl fmt::Debug for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clauses()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::rng::{Purpose, Rng};

    /// The same without packing: clauses, strength, firm strength.
    #[derive(Clone, PartialEq, Debug)]
    struct Plain(Vec<ClauseId>, Strength, Strength);

    impl Plain {
        fn of(clauses: &[ClauseId]) -> Plain {
            let strength = clauses.iter().map(|c| c.strength()).min();
            let firm = clauses.iter().filter(|c| !c.is_exhaustive()).map(|c| c.strength()).min();
            let silent = Strength::Silent;
            Plain(clauses.to_vec(), strength.unwrap_or(silent), firm.unwrap_or(silent))
        }

        fn beside(&mut self, clause: ClauseId) {
            if clause.strength() == Strength::Silent {
                self.1 = Strength::Silent;
                self.2 = if clause.is_exhaustive() { self.2 } else { Strength::Silent };
            }
        }

        fn with(mut self, clause: ClauseId) -> Plain {
            if self.0.is_empty() {
                return Plain::of(&[clause]);
            }
            let known = self.0.iter().position(|c| *c == clause);
            if known.is_none() && self.0.len() == CLAUSES_MAX {
                match self.0.iter().rposition(|c| c.strength() != Strength::Silent) {
                    Some(general) => self.0.remove(general),
                    None => return self,
                };
            }
            known.map(|known| self.0.remove(known));
            self.0.insert(0, clause);
            self.beside(clause);
            for strength in [&mut self.1, &mut self.2] {
                if *strength != Strength::Silent {
                    *strength = clause.strength().max(*strength);
                }
            }
            self
        }

        fn also(mut self, clause: ClauseId) -> Plain {
            if self.0.is_empty() {
                return Plain::of(&[clause]);
            }
            if !self.0.contains(&clause) && self.0.len() < CLAUSES_MAX {
                self.0.push(clause);
                self.beside(clause);
            }
            self
        }

        fn followed(self, needed: Plain, strengths: (Strength, Strength)) -> Plain {
            if self.0.is_empty() {
                return needed;
            }
            let all = needed.0.iter().fold(self, |plain, clause| plain.also(*clause));
            Plain(all.0, strengths.0, strengths.1)
        }

        fn together(self, needed: Plain) -> Plain {
            let strengths = (self.1.min(needed.1), self.2.min(needed.2));
            self.followed(needed, strengths)
        }

        fn decided_by(self, needed: Plain) -> Plain {
            let mut decided = needed.clone();
            self.0.iter().for_each(|clause| decided.beside(*clause));
            self.followed(needed, (decided.1, decided.2))
        }
    }

    #[test]
    fn packed_bases_are_plain_bases() {
        let mut rng = Rng::new(1, Purpose::Input);
        // Few clauses, of all four weights, so that many of them meet again.
        let mut pool: Vec<ClauseId> = Vec::new();
        for strength in [Strength::Stated, Strength::Implied, Strength::Silent] {
            let mut fitting = ClauseId::all().filter(|c| c.strength() == strength);
            pool.extend(fitting.by_ref().filter(|c| !c.is_exhaustive()).take(3));
        }
        pool.extend(ClauseId::all().filter(|c| c.is_exhaustive()).take(3));
        assert_eq!(pool.len(), 12);
        for _ in 0..20_000 {
            let mut list = || -> Vec<ClauseId> {
                let mut pool = pool.clone();
                (0..rng.below(5))
                    .map(|_| pool.remove(rng.below(pool.len() as u32) as usize))
                    .collect()
            };
            let (first, second) = (list(), list());
            let (mut packed, mut plain) = (Basis::of(&first), Plain::of(&first));
            let (needed, plain_needed) = (Basis::of(&second), Plain::of(&second));
            let clause = pool[rng.below(12) as usize];
            let how = rng.below(4);
            (packed, plain) = match how {
                0 => (packed.with(clause), plain.with(clause)),
                1 => (packed.also(clause), plain.also(clause)),
                2 => (packed.together(needed), plain.together(plain_needed)),
                _ => (packed.decided_by(needed), plain.decided_by(plain_needed)),
            };
            let seen = Plain(
                packed.list().to_vec(),
                packed.strength(),
                packed.strength_after_all_readings(),
            );
            assert_eq!(seen, plain, "{first:?} {how} {second:?} {clause}");
            let unused = packed.clauses[usize::from(packed.len)..].iter();
            assert!(unused.copied().all(|c| c == NO_CLAUSE), "{packed:?}");
        }
    }
}
