//! Why: the filters that decide which items an enumeration gives.

use super::reasons::{Item, rules};
use crate::clause::{
    ClauseId, Strength, create_dest_enum as dest_enum, create_next_hop_enum as hop_enum,
    create_route_enum as route_enum, get_enum_next_hops as hops, get_enum_routes as routes,
};
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::state::arena::Index;
use crate::model::state::objects::{Criteria, EnumKind, Extent};
use crate::model::state::prefix::{Prefix, width};
use crate::vocabulary::constants::NextHopFlags;

impl Model {
    /// Which filters decide what comes and what does not, the specific ones first.
    pub(super) fn filters(
        &self,
        client: Index,
        enumeration: Index,
        items: &[Item],
    ) -> Vec<ClauseId> {
        let e = &self.enums[enumeration];
        let rules = rules(&e.kind);
        let mut found = Vec::new();
        found.extend(self.hold_filters(enumeration));
        match self.notes.recall(Topic::Fate(self.enums.handle(enumeration))) {
            Some(routes::DELETE_AHEAD) => found.push(route_enum::DELETED_ROUTES),
            fate => found.extend(fate.filter(|clause| clause.strength() != Strength::Silent)),
        }
        let covering = |root: Prefix| {
            let table = &self.tables[self.entities[client].table];
            (0..root.length()).any(|length| table.dests.contains_key(&root.shortened(length)))
        };
        match (e.extent, &e.kind) {
            (Extent::Below(Prefix::DEFAULT), EnumKind::Dests { .. }) => {
                found.push(dest_enum::RANGE_ZERO_IS_EVERYTHING);
            }
            (Extent::Below(Prefix::DEFAULT), EnumKind::NextHops) => {
                found.push(hop_enum::RANGE_ZERO_IS_EVERYTHING);
            }
            (Extent::Below(root), kind) => {
                found.push(rules.range);
                if covering(root) || matches!(kind, EnumKind::NextHops) {
                    found.push(rules.range_excludes_covering);
                }
            }
            _ => {}
        }
        let foreign = items.iter().any(|i| i.owner.is_some_and(|owner| owner != client));
        let tables = 1 < self.tables.len();
        match &e.kind {
            EnumKind::Dests { views, own, protocol } => {
                if tables {
                    found.push(dest_enum::OWN_TABLE_ONLY);
                }
                dest_filters(*views, *own, *protocol, foreign, &mut found);
            }
            EnumKind::Routes { dest, views, own, criteria, .. } => {
                if tables {
                    found.push(route_enum::OWN_TABLE_ONLY);
                }
                route_filters(dest.is_some(), *views, *own, criteria, foreign, &mut found);
            }
            EnumKind::NextHops => self.next_hop_filters(client, e.extent, items, &mut found),
            EnumKind::List(_) => {}
        }
        found
    }

    fn next_hop_filters(
        &self,
        client: Index,
        extent: Extent,
        items: &[Item],
        found: &mut Vec<ClauseId>,
    ) {
        use hop_enum as c;
        let host = width(self.family(client));
        if matches!(extent, Extent::Below(_)) {
            found.push(c::ADDRESS_IS_NEXTHOP_ADDRESS);
            if items.iter().any(|item| u16::from(item.prefix.length()) == host) {
                found.push(c::RANGE_HOST_NEXT_HOPS);
            }
        }
        let hop = |item: &Item| self.next_hops.find(item.object);
        let remote = |item: &Item| {
            hop(item)
                .is_some_and(|h| u32::from(self.next_hops[h].flags) & NextHopFlags::REMOTE.0 != 0)
        };
        if items.iter().any(remote) {
            found.push(c::REMOTE_AND_LOCAL);
        }
        let others = self.next_hops.iter().any(|(_, n)| n.owner != client);
        if others {
            found.extend([c::OWN_LIST_ONLY, hops::OTHER_CLIENTS_INVISIBLE]);
        }
        let gone = self.next_hops.iter().any(|(_, n)| n.owner == client && n.state != 0);
        if gone {
            found.push(c::DELETED_NEXT_HOPS);
        }
        let idle = |h: Index| {
            !self.routes.iter().any(|(_, r)| r.next_hops.contains(&h) || r.neighbour == h)
        };
        if items.iter().any(|item| hop(item).is_some_and(idle)) {
            found.push(c::UNUSED_NEXT_HOPS);
        }
    }
}

fn dest_filters(views: u32, own: bool, protocol: u32, foreign: bool, found: &mut Vec<ClauseId>) {
    use dest_enum as c;
    if own {
        found.extend([c::FLAG_OWN_DESTS, c::OWN_DESTS_NEEDS_BEST]);
    }
    if protocol != 0 {
        found.push(c::PROTOCOL_NOT_A_FILTER);
    }
    if foreign && !own {
        found.extend([c::FLAG_ALL_DESTS, c::ALL_OWNERS]);
    }
    found.extend(match views {
        0 => [c::VIEWS_ANY, c::VIEWS_NONE_EQUALS_ANY],
        1 => [c::VIEWS_UCAST, c::VIEW_MEMBERSHIP],
        2 => [c::VIEWS_MCAST, c::VIEW_MEMBERSHIP],
        _ => [c::VIEWS_ONE_OR_MORE, c::VIEWS_UNION],
    });
    if !own {
        found.push(c::FLAG_ALL_DESTS);
    }
}

fn route_filters(
    dest: bool,
    views: u32,
    own: bool,
    criteria: &Criteria,
    foreign: bool,
    found: &mut Vec<ClauseId>,
) {
    use route_enum as c;
    let named = criteria_clauses(criteria);
    let unnamed = named.is_empty();
    found.extend(named);
    if own {
        found.extend([c::FLAG_OWN_ROUTES, c::OWN_ROUTES_NOT_ONLY_BEST]);
    } else if foreign {
        found.extend([c::FLAG_ALL_ROUTES, c::ALL_OWNERS]);
    }
    if dest {
        found.push(c::DEST_GIVEN);
    }
    match views {
        0 => found.extend([c::VIEWS_ANY]),
        1 => found.extend([c::VIEWS_UCAST, c::VIEW_MEMBERSHIP]),
        2 => found.extend([c::VIEWS_MCAST, c::VIEW_MEMBERSHIP]),
        _ => found.extend([c::VIEWS_ONE_OR_MORE, c::VIEWS_UNION, routes::ROUTE_IN_TWO_VIEWS]),
    }
    if !dest {
        found.push(c::DEST_NULL);
    }
    if unnamed {
        found.push(c::MATCH_NONE);
    }
    if views == 0 {
        found.push(c::VIEWS_NONE_EQUALS_ANY);
    }
}

/// The clauses of the criteria of an enumeration.
fn criteria_clauses(criteria: &Criteria) -> Vec<ClauseId> {
    use route_enum as c;
    let mut found = Vec::new();
    if criteria.owner.is_some() {
        found.push(c::MATCH_OWNER);
    }
    if criteria.neighbour.is_some() {
        found.push(c::MATCH_NEIGHBOUR);
    }
    if criteria.preference.is_some() {
        found.push(c::MATCH_PREF);
    }
    if criteria.next_hops.is_some() {
        found.push(c::MATCH_NEXTHOP);
    }
    match criteria.interface {
        Some(0) => found.extend([c::MATCH_INTERFACE_REMOTE, c::MATCH_INTERFACE_NO_NEXT_HOPS]),
        Some(_) if found.is_empty() => {
            found.extend([c::MATCH_INTERFACE, c::MATCH_INTERFACE_MEANING]);
        }
        Some(_) => found.push(c::MATCH_INTERFACE),
        None => {}
    }
    match found.len() {
        0 | 1 => {}
        5 => found = vec![c::MATCH_FULL, c::MATCH_AND],
        _ if found[0] != c::MATCH_INTERFACE && found[0] != c::MATCH_INTERFACE_REMOTE => {
            found.insert(0, c::MATCH_AND);
        }
        _ => {}
    }
    found
}
