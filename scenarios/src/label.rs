//! Labels: names for what steps give back, and the order in which they come to be.

use std::collections::BTreeMap;

use crate::checker::Span;
use crate::output::Gives;

/// Longest name of a client or a label, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 64;
/// Most labels that steps bind.
pub(crate) const LABELS_MAX: u64 = 64_000;
/// Most labels that a program can number, those of clients and callbacks included.
const NUMBERS_MAX: usize = 65_535;

/// Where a step stands: labels are looked up from there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Home {
    /// In the parts that come one after the other, at this position over all of them.
    Main(u32),
    /// In a reaction, at this position.
    Reaction(u32, u32),
}

impl Home {
    /// Whether a step here can use what the step at `other` gives back.
    pub(crate) fn sees(self, other: Home) -> bool {
        match (self, other) {
            (Home::Main(here), Home::Main(there)) => there < here,
            (Home::Reaction(mine, here), Home::Reaction(its, there)) if mine == its => there < here,
            // A reaction runs when its event comes: what is there then is known only then.
            _ => true,
        }
    }
}

/// One label.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) name: String,
    /// Where it is bound; none for clients that register by themselves.
    pub(crate) span: Option<Span>,
    pub(crate) home: Home,
    pub(crate) gives: Gives,
    /// For what `RtmGetEntityInfo` gives back: the client that was asked for, if that is plain.
    pub(crate) about: Option<usize>,
}

/// All labels of a file.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    list: Vec<Label>,
    by_name: BTreeMap<String, u16>,
    /// Labels of single reactions, found only from inside.
    local: BTreeMap<(u32, String), u16>,
}

impl Labels {
    /// The number of a name, as seen from a step.
    pub(crate) fn find(&self, name: &str, from: Home) -> Option<u16> {
        if let Home::Reaction(reaction, _) = from {
            let local = self.local.get(&(reaction, name.to_owned()));
            if local.is_some() {
                return local.copied();
            }
        }
        self.by_name.get(name).copied()
    }

    /// The label of this number.
    pub(crate) fn get(&self, label: u16) -> &Label {
        &self.list[usize::from(label)]
    }

    pub(crate) fn get_mut(&mut self, label: u16) -> &mut Label {
        &mut self.list[usize::from(label)]
    }

    /// Adds a label that every step can name; none when there are too many or the name is taken.
    pub(crate) fn add(&mut self, label: Label) -> Option<u16> {
        if NUMBERS_MAX <= self.list.len() || self.by_name.contains_key(&label.name) {
            return None;
        }
        let number = self.list.len() as u16;
        self.by_name.insert(label.name.clone(), number);
        self.list.push(label);
        Some(number)
    }

    /// Adds a label that only the steps of one reaction can name.
    pub(crate) fn add_local(&mut self, reaction: u32, label: Label) -> Option<u16> {
        if NUMBERS_MAX <= self.list.len() {
            return None;
        }
        let number = self.list.len() as u16;
        self.local.insert((reaction, label.name.clone()), number);
        self.list.push(label);
        Some(number)
    }

    /// Names that a step can use.
    pub(crate) fn names(&self, from: Home) -> impl Iterator<Item = &str> {
        self.list
            .iter()
            .map(|l| l.name.as_str())
            .filter(move |name| self.find(name, from).is_some())
    }

    /// Whether the callback of some reaction has the name.
    pub(crate) fn is_local(&self, name: &str) -> bool {
        self.local.keys().any(|(_, local)| local == name)
    }

    /// Names by number, as the program keeps them.
    pub(crate) fn into_names(self) -> Vec<String> {
        self.list.into_iter().map(|l| l.name).collect()
    }
}

/// Why a text is no name, if it is none.
pub(crate) fn name_fault(name: &str) -> Option<&'static str> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() {
        Some("a name is not empty")
    } else if NAME_BYTES_MAX < name.len() {
        Some("a name has at most 64 bytes")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Some("a name begins with a small letter")
    } else if !name.chars().all(letters) {
        Some("a name has only small letters, digits and hyphens")
    } else {
        None
    }
}

/// A circle that a reference closes, as the labels along it, if there is one: `edges` says what
/// each label needs, and the circle is sought from `from` back to `from`.
pub(crate) fn circle(edges: &BTreeMap<u16, Vec<u16>>, from: u16) -> Option<Vec<u16>> {
    let mut came_from: BTreeMap<u16, u16> = BTreeMap::new();
    let mut waiting = std::collections::VecDeque::from([from]);
    while let Some(label) = waiting.pop_front() {
        for next in edges.get(&label).into_iter().flatten() {
            if *next == from {
                let mut path = vec![label];
                let mut at = label;
                while at != from {
                    at = came_from[&at];
                    path.push(at);
                }
                path.reverse();
                path.push(from);
                return Some(path);
            }
            if !came_from.contains_key(next) {
                came_from.insert(*next, label);
                waiting.push_back(*next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found() {
        let edges = |list: &[(u16, &[u16])]| -> BTreeMap<u16, Vec<u16>> {
            list.iter().map(|(from, to)| (*from, to.to_vec())).collect()
        };
        assert_eq!(circle(&edges(&[(0, &[0])]), 0), Some(vec![0, 0]));
        assert_eq!(circle(&edges(&[(0, &[1]), (1, &[0])]), 0), Some(vec![0, 1, 0]));
        assert_eq!(
            circle(&edges(&[(0, &[1, 2]), (2, &[3]), (3, &[0])]), 0),
            Some(vec![0, 2, 3, 0])
        );
        assert_eq!(circle(&edges(&[(0, &[1]), (1, &[2])]), 0), None);
    }

    #[test]
    fn names_are_plain() {
        for (name, good) in [("a", true), ("a-1", true), ("", false), ("A", false), ("1", false)] {
            assert_eq!(name_fault(name).is_none(), good, "{name}");
        }
        assert!(name_fault(&"x".repeat(65)).is_some());
    }
}
