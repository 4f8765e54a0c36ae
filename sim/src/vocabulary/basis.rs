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
    /// Those beyond `len` are [`Basis::NO_CLAUSE`].
    clauses: [ClauseId; CLAUSES_MAX],
    len: u8,
    firmness: Firmness,
}

/// How firmly clauses decide, in one byte, since every field holds one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Firmness(u8);

impl Firmness {
    const fn new(strength: Strength, firm: Strength) -> Firmness {
        Firmness(strength as u8 | (firm as u8) << 4)
    }

    /// The strength.
    const fn strength(self) -> Strength {
        Strength::of_number(self.0 & 15)
    }

    /// The strength when exhaustive silent clauses do not count.
    const fn firm(self) -> Strength {
        Strength::of_number(self.0 >> 4)
    }

    /// When both are needed.
    const fn weaker(self, other: Firmness) -> Firmness {
        Firmness::new(self.strength().weaker(other.strength()), self.firm().weaker(other.firm()))
    }

    /// When a clause is cited on top.
    const fn beside(self, clause: ClauseId) -> Firmness {
        match clause.strength() {
            Strength::Silent if clause.is_exhaustive() => {
                Firmness::new(Strength::Silent, self.firm())
            }
            Strength::Silent => Firmness::new(Strength::Silent, Strength::Silent),
            _ => self,
        }
    }
}

impl Basis {
    const NO_CLAUSE: ClauseId = ClauseId(u16::MAX);

    /// No clause: the field comes from a library.
    pub const NONE: Basis = Basis {
        clauses: [Basis::NO_CLAUSE; CLAUSES_MAX],
        len: 0,
        firmness: Firmness::new(Strength::Silent, Strength::Silent),
    };

    /// One to four clauses that are needed together.
    ///
    /// # Panics
    /// With more than four.
    #[inline]
    pub const fn of(clauses: &[ClauseId]) -> Basis {
        assert!(clauses.len() <= CLAUSES_MAX, "a basis holds four clauses");
        if clauses.is_empty() {
            return Basis::NONE;
        }
        let mut basis = Basis::NONE;
        let (mut strength, mut firm, mut counts) = (Strength::Stated, Strength::Stated, false);
        let mut at = 0;
        while at < clauses.len() {
            basis.clauses[at] = clauses[at];
            let own = clauses[at].strength();
            strength = strength.weaker(own);
            if !clauses[at].is_exhaustive() {
                firm = firm.weaker(own);
                counts = true;
            }
            at += 1;
        }
        basis.len = clauses.len() as u8;
        basis.firmness = Firmness::new(strength, if counts { firm } else { Strength::Silent });
        basis
    }

    /// The same with a more specific clause before the others, which decides in the case at hand.
    /// Where there is no room, the most general of those that are not silent gives way.
    #[must_use]
    pub fn with(self, clause: ClauseId) -> Basis {
        if self.len == 0 {
            return Basis::of(&[clause]);
        }
        let known = self.list().iter().position(|id| *id == clause);
        let firm = |id: &ClauseId| id.strength() != Strength::Silent;
        // The others move one place back, over the one that gives way.
        let moved = match known {
            Some(known) => known,
            None if self.list().len() < CLAUSES_MAX => self.list().len(),
            None => match self.clauses.iter().rposition(firm) {
                Some(general) => general,
                None => return self,
            },
        };
        let mut basis = self;
        basis.clauses.copy_within(..moved, 1);
        basis.clauses[0] = clause;
        basis.len = self.len.max(moved as u8 + 1);
        let beside = self.firmness.beside(clause);
        // It decides on its own in the case at hand, so it can make firmer what stood there.
        let firmer = |strength: Strength| match strength {
            Strength::Silent => Strength::Silent,
            strength => strength.max(clause.strength()),
        };
        basis.firmness = Firmness::new(firmer(beside.strength()), firmer(beside.firm()));
        basis
    }

    /// The same with a clause behind the others, if there is room.
    #[must_use]
    pub const fn also(mut self, clause: ClauseId) -> Basis {
        if self.len == 0 {
            return Basis::of(&[clause]);
        }
        if self.has(clause) || self.len as usize == CLAUSES_MAX {
            return self;
        }
        self.clauses[self.len as usize] = clause;
        self.len += 1;
        self.firmness = self.firmness.beside(clause);
        self
    }

    /// The same clauses and those of `needed` behind them: all of them are needed together.
    #[must_use]
    pub const fn together(self, needed: Basis) -> Basis {
        if self.len == 0 {
            return needed;
        }
        let mut all = self.followed_by(&needed);
        all.firmness = self.firmness.weaker(needed.firmness);
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
            all.firmness = all.firmness.beside(self.clauses[at]);
            at += 1;
        }
        all
    }

    /// The clauses of both, as far as there is room: those that are there are needed together.
    #[must_use]
    pub fn joined(self, other: Basis) -> Basis {
        Basis::of(self.followed_by(&other).list())
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
            if !self.has(more.clauses[at]) {
                self.clauses[self.len as usize] = more.clauses[at];
                self.len += 1;
            }
            at += 1;
        }
        self
    }

    const fn has(&self, clause: ClauseId) -> bool {
        let mut at = 0;
        while at < self.len as usize {
            if self.clauses[at].0 == clause.0 {
                return true;
            }
            at += 1;
        }
        false
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
        self.firmness.strength()
    }

    /// The same when every reading that the catalogue lists has been tried: a silent clause whose
    /// readings are all the answers there can be is no excuse for another one.
    pub fn strength_after_all_readings(&self) -> Strength {
        self.firmness.firm()
    }
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
