//! Why: the clauses that decide what an enumeration gives, by situation.

use super::fetch::{COUNT, ITEMS, Request};
use crate::clause::{
    ClauseId, Strength, add_route_to_dest as add, create_dest_enum as dest_enum,
    create_next_hop_enum as hop_enum, create_route_enum as route_enum,
    create_route_list_enum as list_enum, get_enum_dests as dests, get_enum_next_hops as hops,
    get_enum_routes as routes, get_list_enum_routes as list,
};
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::state::arena::Index;
use crate::model::state::objects::{EnumKind, Enumeration, Extent};
use crate::model::state::prefix::Prefix;
use crate::vocabulary::constants::{EnumFlags, THIS_PROTOCOL};
use crate::vocabulary::handle::Handle;
use crate::vocabulary::observation::{Member, Observation, Place, Value};

/// The clauses of one rule in the three functions that create, and in those that fetch.
pub(super) struct Rules {
    start: ClauseId,
    start_is_zero: ClauseId,
    next: ClauseId,
    next_inclusive: ClauseId,
    next_start_absent: ClauseId,
    next_leaves_range: ClauseId,
    pub range: ClauseId,
    range_example: ClauseId,
    range_includes_root: ClauseId,
    pub range_excludes_covering: ClauseId,
    empty_set: ClauseId,
    pub handle_in: ClauseId,
    handle_is_handle: ClauseId,
    released_by_delete: ClauseId,
    handle_used_by: ClauseId,
    count_in: ClauseId,
    count_never_grows: ClauseId,
    repeat_until_end: ClauseId,
    limit_inclusive: ClauseId,
    limit_per_call_only: ClauseId,
    next_set: ClauseId,
    order_across_calls: ClauseId,
    each_once: ClauseId,
    batch_size_irrelevant: ClauseId,
    items_referenced: ClauseId,
    repeat_delivery: ClauseId,
    end_count_written: ClauseId,
    end_items_usable: ClauseId,
    many_open: ClauseId,
    independent_cursors: ClauseId,
}

macro_rules! rules {
    ($create:ident, $fetch:ident) => {
        Rules {
            start: $create::FLAG_START,
            start_is_zero: $create::START_IS_ZERO,
            next: $create::FLAG_NEXT,
            next_inclusive: $create::NEXT_INCLUSIVE,
            next_start_absent: $create::NEXT_START_ABSENT,
            next_leaves_range: $create::NEXT_LEAVES_RANGE,
            range: $create::FLAG_RANGE,
            range_example: $create::RANGE_EXAMPLE,
            range_includes_root: $create::RANGE_INCLUDES_ROOT,
            range_excludes_covering: $create::RANGE_EXCLUDES_COVERING,
            empty_set: $create::EMPTY_SET,
            handle_in: $create::OUT_HANDLE_IN_NULL,
            handle_is_handle: $create::OUT_HANDLE_IS_HANDLE,
            released_by_delete: $create::HANDLE_RELEASED_BY_DELETE,
            handle_used_by: $create::HANDLE_USED_BY,
            count_in: $fetch::COUNT_IN,
            count_never_grows: $fetch::COUNT_NEVER_GROWS,
            repeat_until_end: $fetch::REPEAT_UNTIL_END,
            limit_inclusive: $fetch::LIMIT_INCLUSIVE,
            limit_per_call_only: $fetch::LIMIT_PER_CALL_ONLY,
            next_set: $fetch::NEXT_SET,
            order_across_calls: $fetch::ORDER_ACROSS_CALLS,
            each_once: $fetch::EACH_ONCE,
            batch_size_irrelevant: $fetch::BATCH_SIZE_IRRELEVANT,
            items_referenced: $fetch::ITEMS_REFERENCED,
            repeat_delivery: $fetch::REPEAT_DELIVERY_COUNTS_TWICE,
            end_count_written: $fetch::END_COUNT_WRITTEN,
            end_items_usable: $fetch::END_ITEMS_USABLE,
            many_open: $create::MANY_OPEN,
            independent_cursors: $fetch::INDEPENDENT_CURSORS,
        }
    };
}

static DESTS: Rules = rules!(dest_enum, dests);
static ROUTES: Rules = rules!(route_enum, routes);
static NEXT_HOPS: Rules = rules!(hop_enum, hops);

/// The rules of a kind of enumeration.
pub(super) fn rules(kind: &EnumKind) -> &'static Rules {
    match kind {
        EnumKind::Dests { .. } => &DESTS,
        EnumKind::Routes { .. } => &ROUTES,
        EnumKind::NextHops => &NEXT_HOPS,
        EnumKind::List(_) => unreachable!("a list is fetched from by rules of its own"),
    }
}

/// What decides that an enumeration can be ended.
pub(super) struct Closing {
    pub handle_is_handle: ClauseId,
    pub handle_used_by: ClauseId,
    pub released_by_delete: ClauseId,
}

/// The clauses for the end of a kind of enumeration.
pub(super) fn closing(kind: &EnumKind) -> Closing {
    if let EnumKind::List(_) = kind {
        return Closing {
            handle_is_handle: list_enum::OUT_HANDLE_IS_HANDLE,
            handle_used_by: list_enum::HANDLE_USED_BY,
            released_by_delete: list_enum::HANDLE_RELEASED_BY_DELETE,
        };
    }
    let rules = rules(kind);
    Closing {
        handle_is_handle: rules.handle_is_handle,
        handle_used_by: rules.handle_used_by,
        released_by_delete: rules.released_by_delete,
    }
}

/// One item of a fetch: its prefix, where it is remembered, and the object.
pub(super) struct Item {
    pub prefix: Prefix,
    pub object: Handle,
    /// References of the caller on it, this delivery included.
    pub held: u32,
    pub owner: Option<Index>,
}

impl Model {
    /// What decides the creation of an enumeration besides the general rules.
    pub(super) fn cite_created(
        kind: &EnumKind,
        extent: Extent,
        flags: EnumFlags,
        slot: u8,
        others: bool,
        out: &mut Observation,
    ) {
        let (handle, rules) = (Place::output(slot), rules(kind));
        out.cite(handle, rules.handle_in);
        match (kind, extent) {
            (EnumKind::Routes { .. } | EnumKind::List(_), Extent::All)
            | (_, Extent::From(_) | Extent::Below(_)) => {}
            (EnumKind::Dests { .. }, Extent::All) => {
                out.cite(Place::STATUS, dest_enum::START_ADDRESS_NULL);
            }
            (EnumKind::NextHops, Extent::All) => {
                out.cite(Place::STATUS, hop_enum::START_ADDRESS_NULL);
            }
        }
        if flags.0 == 0 {
            out.cite(handle, rules.start_is_zero);
        }
        match kind {
            EnumKind::Dests { .. } if flags.0 == 0 => {
                out.cite(handle, dest_enum::ZERO_FLAGS_VALID);
            }
            EnumKind::Dests { own: true, .. } => out.cite(Place::STATUS, dest_enum::FLAG_GROUPS),
            EnumKind::Routes { own: true, .. } => out.cite(Place::STATUS, route_enum::FLAG_GROUPS),
            EnumKind::NextHops => {
                out.cite(handle, hop_enum::NO_OWNERSHIP_FLAGS);
                out.cite(handle, hop_enum::NO_VIEW_ARGUMENT);
            }
            _ => {}
        }
        if others {
            out.cite(Place::STATUS, rules.many_open);
            out.cite(handle, rules.many_open);
        }
    }

    /// What decides the items and the count of a fetch besides the general rules. Called after
    /// the items are written, before their number is added to those delivered.
    pub(super) fn cite_fetch(&mut self, request: &Request, items: &[Item], out: &mut Observation) {
        let e = &self.enums[request.enumeration];
        let rules = rules(&e.kind);
        let is_dests = matches!(e.kind, EnumKind::Dests { .. });
        let filters = self.filters(request.client, request.enumeration, items);
        let mut previous: Option<Prefix> = None;
        for (at, item) in items.iter().enumerate() {
            let mut place = ITEMS.at(at);
            if is_dests {
                place = place.member(Member::DestHandle);
            }
            if let Some(filter) = filters.get(at + 2) {
                out.cite(place, *filter);
            }
            for clause in self.why_here(request, at, item, previous) {
                out.cite(place, clause);
            }
            previous = Some(item.prefix);
        }
        for clause in filters.iter().take(2).rev() {
            out.cite(COUNT, *clause);
        }
        if !self.locked.is_empty() {
            let items = items.iter().filter_map(|item| self.object(item.object));
            items.for_each(|item| self.cite_locked_item(item, out));
        }
        self.cite_count(request, items.len(), out);
        if let Some(clause) = self.why_open(request.enumeration) {
            out.cite(Place::STATUS, clause);
            out.cite(COUNT, clause);
            for at in 0..items.len() {
                match is_dests {
                    true => {
                        out.cite(ITEMS.at(at).member(Member::DestHandle), clause);
                        out.cite(ITEMS.at(at).member(Member::DestAddress), clause);
                    }
                    false => out.cite(ITEMS.at(at), clause),
                }
            }
        }
        let client = request.client;
        let last = items.len().checked_sub(1).filter(|_| items.len() < request.wanted);
        for (at, item) in items.iter().enumerate() {
            let topic = Topic::Reference(client, item.object);
            let fetched = [rules.items_referenced, rules.end_items_usable, rules.repeat_delivery];
            let again = self.notes.recall(topic).is_some_and(|known| fetched.contains(&known));
            let clause = match 1 < item.held && again {
                true => rules.repeat_delivery,
                false if Some(at) == last && at != 0 => rules.end_items_usable,
                false => rules.items_referenced,
            };
            self.notes.note(topic, clause);
        }
    }

    /// Which silent clause decides what comes next, if something has happened since the last fetch
    /// of which the documentation does not say what it does to an enumeration.
    fn why_open(&self, enumeration: Index) -> Option<ClauseId> {
        let e = &self.enums[enumeration];
        let fate = self.notes.recall(Topic::Fate(self.enums.handle(enumeration)));
        let moved = |(index, other): (Index, &Enumeration)| {
            index != enumeration
                && other.delivered != 0
                && self.entities[other.owner].table == self.entities[e.owner].table
                && std::mem::discriminant(&other.kind) == std::mem::discriminant(&e.kind)
        };
        let others = self.enums.iter().any(moved);
        fate.filter(|clause| clause.strength() == Strength::Silent)
            .or_else(|| others.then_some(rules(&e.kind).independent_cursors))
    }

    /// Remembers that a destination is new behind the cursor of an enumeration.
    pub(in crate::model::calls) fn note_new_dest(&mut self, table: usize, prefix: Prefix) {
        let is_behind = |e: &Enumeration| {
            matches!(e.kind, EnumKind::Dests { .. })
                && self.entities[e.owner].table == table
                && e.extent.contains(prefix)
                && e.cursor.is_some_and(|(cursor, _)| prefix < cursor)
        };
        let behind = self.enums.iter().filter(|(_, e)| is_behind(e));
        let handles: Vec<Handle> = behind.map(|(index, _)| self.enums.handle(index)).collect();
        for handle in handles {
            self.notes.note(Topic::Fate(handle), dests::INSERT_BEHIND);
        }
    }

    /// Remembers that a next hop is deleted that an enumeration has not given yet, or gave last.
    pub(in crate::model::calls) fn note_deleted_next_hop(&mut self, hop: Index) {
        let n = &self.next_hops[hop];
        let place = (n.address, n.interface);
        let fate = |e: &Enumeration| {
            if !matches!(e.kind, EnumKind::NextHops) || e.owner != n.owner || e.ended {
                return None;
            }
            match e.cursor {
                Some(cursor) if cursor == place => Some(hops::DELETE_AT_CURSOR),
                Some(cursor) if place < cursor => None,
                _ => e.extent.contains(n.address).then_some(hops::DELETE_AHEAD),
            }
        };
        let found = self.enums.iter().filter_map(|(i, e)| Some((self.enums.handle(i), fate(e)?)));
        let found: Vec<(Handle, ClauseId)> = found.collect();
        for (handle, clause) in found {
            self.notes.note(Topic::Fate(handle), clause);
        }
    }

    fn cite_count(&self, request: &Request, given: usize, out: &mut Observation) {
        let e = &self.enums[request.enumeration];
        let rules = rules(&e.kind);
        let most = self.config.max_handles_in_enum;
        let wanted = request.wanted;
        if wanted == 0 {
            return;
        }
        if given == wanted {
            out.cite(COUNT, rules.count_in);
        }
        let fewer = (self.config.max_next_hops_in_route as usize) < wanted;
        if matches!(e.kind, EnumKind::NextHops) && fewer {
            out.cite(Place::STATUS, hops::LIMIT_FIELD);
        }
        if wanted == most as usize {
            out.rest_on(Place::STATUS, rules.limit_inclusive);
        }
        if most < e.delivered + given as u32 && given != 0 {
            out.cite(COUNT, rules.limit_per_call_only);
        }
        if given == 0 {
            out.cite(COUNT, rules.count_never_grows);
            let mut gone = self.notes.gone_from(self.entities[request.client].table);
            if matches!(e.kind, EnumKind::Dests { .. })
                && gone.any(|clause| clause == add::FAILURE_CHANGES_NOTHING)
            {
                out.cite(Place::STATUS, add::FAILURE_CHANGES_NOTHING);
                out.cite(COUNT, add::FAILURE_CHANGES_NOTHING);
            }
            match e.delivered {
                0 => out.cite(Place::STATUS, rules.empty_set),
                1 => out.cite(Place::STATUS, rules.repeat_until_end),
                _ => out.cite(Place::STATUS, rules.each_once),
            }
        } else if given < wanted {
            out.cite(COUNT, rules.end_count_written);
        }
    }

    /// Why an item comes at this place.
    fn why_here(
        &self,
        request: &Request,
        at: usize,
        item: &Item,
        previous: Option<Prefix>,
    ) -> Vec<ClauseId> {
        let e = &self.enums[request.enumeration];
        let rules = rules(&e.kind);
        let prefix = item.prefix;
        let first = at == 0 && e.delivered == 0;
        let mut found = Vec::new();
        match e.extent {
            Extent::All if first => found.push(rules.start),
            Extent::From(start) if first => {
                found.push(if start == prefix {
                    rules.next_inclusive
                } else {
                    rules.next_start_absent
                });
                found.push(rules.next);
            }
            Extent::From(start) if !start.covers(prefix) => found.push(rules.next_leaves_range),
            Extent::Below(root) if first => {
                if root == prefix {
                    found.push(rules.range_includes_root);
                }
                found.push(rules.range);
            }
            Extent::Below(_) => found.push(rules.range_example),
            _ => {}
        }
        if at == 0 && e.delivered != 0 {
            found.push(rules.next_set);
            found.push(match request.wanted {
                1 => rules.batch_size_irrelevant,
                _ => rules.order_across_calls,
            });
        }
        if matches!(e.kind, EnumKind::NextHops) {
            found.extend(self.notes.recall(Topic::Fate(item.object)));
        }
        let tied = previous.is_some_and(|p| p != prefix && p.same_bits(prefix));
        match &e.kind {
            EnumKind::Dests { .. } if tied => found.push(dests::ORDER_TIE),
            EnumKind::Routes { .. } if tied => found.push(routes::ORDER_DEST_LENGTH),
            EnumKind::Routes { .. } if previous == Some(prefix) => found.push(routes::ORDER_TIE),
            EnumKind::Routes { .. } if previous.is_some() => {
                found.push(routes::ORDER_ASCENDING);
                found.push(routes::BATCH_SPANS_DESTINATIONS);
            }
            EnumKind::NextHops if previous == Some(prefix) => {
                found.push(hops::TWO_INTERFACES_TWO_ITEMS);
            }
            EnumKind::Dests { .. } if at == 1 => {
                found.push(dests::STRIDE);
                found.push(dests::BUFFER_HOLDS_STRUCTURES);
            }
            _ => {}
        }
        found
    }

    /// What decides the information on an item that an enumeration delivered.
    pub(in crate::model::calls) fn cite_fetched(
        &self,
        client: Index,
        handle: Handle,
        out: &mut Observation,
    ) {
        let status = Place::STATUS;
        match self.notes.recall(Topic::Reference(client, handle)) {
            Some(routes::ITEMS_REFERENCED | routes::END_ITEMS_USABLE) => {
                out.cite(status, routes::BUFFER_HOLDS_HANDLES);
                out.cite(status, routes::HANDLE_USABLE);
            }
            Some(hops::ITEMS_REFERENCED | hops::END_ITEMS_USABLE) => {
                out.cite(status, hops::BUFFER_HOLDS_HANDLES);
                out.cite(status, hops::HANDLE_USABLE);
                out.cite(Place::output(2).member(Member::NextHopOwner), hops::OWNER_IS_CALLER);
            }
            Some(list::ITEMS_REFERENCED) => {
                out.cite(status, list::BUFFER_HOLDS_HANDLES);
                out.cite(status, crate::clause::create_route_list::REFERS_NOT_COPIES);
            }
            _ => {}
        }
    }

    /// Remembers where a next hop comes from and what last happened to it.
    pub(in crate::model::calls) fn note_next_hop(
        &mut self,
        client: Index,
        hop: Index,
        new: bool,
        returned: bool,
    ) {
        let handle = self.next_hops.handle(hop);
        if returned {
            let clause = crate::clause::release_next_hops::HANDLES_FROM_ADD;
            self.notes.note(Topic::Reference(client, handle), clause);
        }
        if !new {
            self.notes.note(Topic::Fate(handle), hops::UPDATE_KEEPS_PLACE);
        }
    }

    /// What decides the members of a delivered destination besides the general rules.
    pub(super) fn cite_delivered_dest(
        &self,
        dest: Index,
        at: Place,
        (views, protocol): (u32, u32),
        out: &mut Observation,
    ) {
        use dests as c;
        if at.index == 0 && views.count_ones() == 1 {
            out.cite(at.member(Member::NumberOfViews), c::ONE_VIEW_STATIC);
        }
        if at.index == 1 {
            out.cite(at.member(Member::DestAddress), c::STRUCTURE_SIZE);
        }
        if 1 < views.count_ones() {
            out.cite(at.member(Member::ViewId).inner(1), c::BUFFER_VARIABLE_SIZE);
        }
        let wanted = (0..self.dests[dest].best.len()).filter(|view| views & 1 << view != 0);
        for (inner, view) in wanted.enumerate() {
            let route = at.inner(inner).member(Member::Route);
            match (protocol, out.get(route)) {
                (0, Some(Value::Handle(_, handle))) if !handle.is_null() => {
                    out.cite(route, dest_enum::PROTOCOL_BEST);
                    if let Some(why) = self.why_best(dest, view) {
                        out.cite(route, why);
                    }
                }
                (0, _) => {}
                (_, Some(Value::Handle(_, Handle::NULL))) => out.cite(route, c::SLOT_ROUTE_NONE),
                (THIS_PROTOCOL, _) => out.cite(route, dest_enum::PROTOCOL_THIS),
                _ => {}
            }
        }
    }
}
