//! Destinations that have nothing but held routes: whether searches find them.

use std::ops::RangeInclusive;

use crate::clause::hold_destination as hold;
use crate::model::Model;
use crate::model::state::arena::Index;
use crate::model::state::prefix::Prefix;

impl Model {
    /// Whether a search in these views, `None` for any, finds a destination for the sake of a
    /// route that it holds.
    pub(in crate::model::calls) fn is_found_by_hold(
        &self,
        dest: Index,
        views: Option<u32>,
    ) -> bool {
        if !self.is_held_only(dest) || self.oracle.takes(hold::HELD_DEST_IN_SEARCHES_NEVER) {
            return false;
        }
        let Some(views) = views else { return true };
        self.held_views(dest) & views != 0
            && self.oracle.takes(hold::HELD_DEST_IN_SEARCHES_IN_HELD_VIEWS)
    }

    /// Whether such a destination stands at a prefix.
    pub(in crate::model::calls) fn held_only_at(&self, client: Index, prefix: Prefix) -> bool {
        if self.holding.is_empty() {
            return false;
        }
        let dest = self.tables[self.entities[client].table].dests.get(&prefix);
        dest.is_some_and(|dest| self.is_held_only(*dest))
    }

    /// Whether such a destination covers a prefix, of a length within these bounds.
    pub(in crate::model::calls) fn held_only_covers(
        &self,
        client: Index,
        prefix: Prefix,
        mut lengths: RangeInclusive<u8>,
    ) -> bool {
        !self.holding.is_empty()
            && lengths.any(|length| self.held_only_at(client, prefix.shortened(length)))
    }
}
