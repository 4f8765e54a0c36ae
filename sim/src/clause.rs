//! The clause catalogue: what the documentation says, under ids that never change.
//!
//! The constants are generated from `clauses/*.toml` by `build.rs`, one module a function:
//! `clause::add_next_hop::ADDS_WHEN_NOT_FOUND` is the clause
//! `RtmAddNextHop.adds-when-not-found`, and where a clause has other readings,
//! `clause::get_enum_dests::EXACT_FIT_STATUS_END_WITH_LAST_SET` is one of them.

use std::fmt;
use std::sync::LazyLock;

use crate::readings::Reading;

/// The catalogue, in its own order.
///
/// Read when it is first looked at. As constants it would be some ten thousand addresses that are
/// put right whenever a program or a library with a model in it is loaded, and a hundred pages of
/// memory that each child of such a process has to be given; and most never look.
pub static CLAUSES: LazyLock<Vec<Clause>> =
    LazyLock::new(|| read_catalogue(include_str!(concat!(env!("OUT_DIR"), "/catalogue.txt"))));

include!(concat!(env!("OUT_DIR"), "/clauses.rs"));

/// How firmly the documentation says a thing; the weaker, the smaller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Strength {
    /// The documentation leaves it open; the catalogue's choice is the model's reading.
    Silent,
    /// It follows from what the documentation says.
    Implied,
    /// The documentation says it.
    Stated,
}

impl Strength {
    /// The strength in two bits: of two strengths, the weaker is what both have set, and the
    /// firmer what either has.
    pub(crate) const fn bits(self) -> u8 {
        match self {
            Strength::Silent => 0b00,
            Strength::Implied => 0b01,
            Strength::Stated => 0b11,
        }
    }

    /// The strength whose bits these are; higher bits do not count.
    pub(crate) const fn of_bits(bits: u8) -> Strength {
        match bits & 0b11 {
            0b00 => Strength::Silent,
            0b01 => Strength::Implied,
            _ => Strength::Stated,
        }
    }

    /// The mark that snapshots and reports put before an id.
    pub fn mark(self) -> char {
        match self {
            Strength::Stated => '=',
            Strength::Implied => '+',
            Strength::Silent => '~',
        }
    }

    /// The word of the catalogue.
    pub fn word(self) -> &'static str {
        match self {
            Strength::Stated => "stated",
            Strength::Implied => "implied",
            Strength::Silent => "silent",
        }
    }
}

/// What a clause does to the firmness of a basis, in one byte: see
/// [`Basis`](crate::vocabulary::basis::Basis).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight(u8);

impl Weight {
    /// A silent clause whose readings are all the answers there can be.
    const EXHAUSTIVE: Weight = Weight(0b1100_1100);

    const fn new(strength: Strength, exhaustive: bool) -> Weight {
        match (strength, exhaustive) {
            (_, true) => Weight::EXHAUSTIVE,
            (Strength::Silent, false) => Weight(0),
            (strength, false) => Weight(0b1111_0000 | strength.bits() << 2 | strength.bits()),
        }
    }

    /// The firmness of the clause where it is needed: strength, and above it the strength when
    /// exhaustive silent clauses do not count.
    pub(crate) const fn needed(self) -> u8 {
        self.0 & 0b1111
    }

    /// What it leaves of the firmness of a basis that it is cited beside.
    pub(crate) const fn beside(self) -> u8 {
        self.0 >> 4
    }

    /// Whether it is a silent clause whose readings are all the answers there can be.
    pub(crate) const fn is_exhaustive(self) -> bool {
        self.0 == Weight::EXHAUSTIVE.0
    }
}

/// One entry of the catalogue.
#[derive(Debug)]
pub struct Clause {
    /// `Function.slug`.
    pub id: &'static str,
    /// The C name that the clause is about.
    pub function: &'static str,
    /// The file it stands in: registration, routes, ...
    pub group: &'static str,
    /// effect, error, ownership, order, limit, buffer, callback or concurrency.
    pub kind: &'static str,
    /// How firmly it is said.
    pub strength: Strength,
    /// The clause in plain words.
    pub text: &'static str,
    /// The model's reading, for a silent clause.
    pub choice: Option<&'static str>,
    /// The public pages it comes from.
    pub source: &'static str,
    /// Permitted readings besides the choice.
    pub alternatives: Box<[NamedReading]>,
    /// Readings that break the clause; only the reference can be told to take one.
    pub forbidden: Box<[NamedReading]>,
    /// What is observed is adopted, whatever it is.
    pub free: bool,
    /// The choice and the alternatives are all the answers that there can be.
    pub exhaustive: bool,
    /// The rule binds the caller; no library can break it.
    pub binds_client: bool,
    /// Why nothing that the interface shows depends on the clause, if that is so.
    pub unobservable: Option<&'static str>,
}

impl Clause {
    /// Whether scenarios should show it: the documentation states or implies it, the interface
    /// shows something of it, and a library can break it.
    pub fn is_owed(&self) -> bool {
        self.strength != Strength::Silent && !self.binds_client && self.unobservable.is_none()
    }
}

/// A reading other than the model's own.
#[derive(Debug)]
pub struct NamedReading {
    /// Its name, kebab-case, unique within the clause.
    pub name: &'static str,
    /// What it does.
    pub text: &'static str,
}

/// Takes apart what `catalogue` in `build.rs` has put together: a clause ends with U+001E, a field
/// of it with U+001F, a name or a text in a list of readings with U+001D.
fn read_catalogue(text: &'static str) -> Vec<Clause> {
    let clauses = text.split_terminator('\u{1e}').zip(0..);
    clauses
        .map(|(clause, index)| {
            let mut fields = clause.split_terminator('\u{1f}');
            let mut next = || fields.next().expect("the build has written each field");
            let some = |field: &'static str| Some(field).filter(|field| !field.is_empty());
            let id = ClauseId(index);
            Clause {
                id: next(),
                function: next(),
                group: next(),
                kind: next(),
                strength: id.strength(),
                text: next(),
                choice: some(next()),
                source: next(),
                free: !next().is_empty(),
                exhaustive: id.is_exhaustive(),
                binds_client: !next().is_empty(),
                unobservable: some(next()),
                alternatives: read_readings(next()),
                forbidden: read_readings(next()),
            }
        })
        .collect()
}

fn read_readings(text: &'static str) -> Box<[NamedReading]> {
    let mut words = text.split_terminator('\u{1d}');
    std::iter::from_fn(|| Some(NamedReading { name: words.next()?, text: words.next()? })).collect()
}

/// The place of a clause in [`CLAUSES`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClauseId(pub(crate) u16);

impl ClauseId {
    /// The clause with this id, `Function.slug`.
    pub fn find(id: &str) -> Option<ClauseId> {
        let found = BY_ID.binary_search_by_key(&id, |index| CLAUSES[usize::from(*index)].id);
        found.ok().map(|at| ClauseId(BY_ID[at]))
    }

    /// All ids, in catalogue order.
    pub fn all() -> impl Iterator<Item = ClauseId> {
        (0..CLAUSES.len() as u16).map(ClauseId)
    }

    /// The place in [`CLAUSES`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// What the catalogue says under this id.
    pub fn clause(self) -> &'static Clause {
        &CLAUSES[self.index()]
    }

    /// How firmly it is said.
    #[inline]
    pub const fn strength(self) -> Strength {
        Strength::of_bits(self.weight().needed())
    }

    /// Whether the choice and the alternatives are all the answers that there can be.
    #[inline]
    pub const fn is_exhaustive(self) -> bool {
        self.weight().is_exhaustive()
    }

    /// What it does to the firmness of a basis.
    #[inline]
    pub(crate) const fn weight(self) -> Weight {
        WEIGHTS[self.index()]
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.clause().id)
    }
}

impl fmt::Debug for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.clause().id)
    }
}
