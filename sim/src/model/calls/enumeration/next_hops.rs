//! Fetching next hops, those of the caller's own list.

use super::fetch::{ITEMS, NEXT_HOPS};
use super::reasons::Item;
use crate::clause::get_enum_next_hops as hops;
use crate::model::Model;
use crate::model::reply::Reply;
use crate::model::state::arena::Index;
use crate::model::state::objects::EnumKind;
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::GetEnumNextHops;
use crate::vocabulary::handle::HandleKind;
use crate::vocabulary::observation::{Observation, Value};

impl Model {
    pub(in crate::model::calls) fn get_enum_next_hops(
        &mut self,
        call: &GetEnumNextHops,
        out: &mut Observation,
    ) -> Reply {
        let registration = (call.registration, hops::BAD_REG_HANDLE);
        let is_hops = |kind: &EnumKind| matches!(kind, EnumKind::NextHops);
        let (count, buffer) = (call.num_next_hops, call.next_hop_handles);
        let c = &NEXT_HOPS;
        let checked = self.check_fetch(registration, call.enumeration, count, buffer, c, is_hops);
        let request = match checked {
            Ok(request) => request,
            Err(refusal) => return self.overlong(refusal, count, c, out),
        };
        let available = self.next_hops_ahead(request.enumeration);
        let given = self.batch(request.wanted, available.len(), c);
        Self::begin_fetch(out);
        let mut items = Vec::new();
        for (at, hop) in available[..given].iter().enumerate() {
            let n = &self.next_hops[*hop];
            let last = at + 1 == given;
            self.advance_cursor(request.enumeration, (n.address, n.interface), last, c);
            let handle = match self.oracle.takes(c.no_reference) {
                true => self.next_hops.handle(*hop),
                false => self.hand_next_hop(request.client, *hop),
            };
            let value = Value::Handle(HandleKind::NextHop, handle);
            out.add(ITEMS.at(at), value, &[hops::ORDER_ASCENDING, hops::ORDER_ADDRESS]);
            let n = &self.next_hops[*hop];
            let held = n.ledger.held(request.client);
            let object = self.next_hops.handle(*hop);
            items.push(Item { prefix: n.address, object, held, owner: Some(n.owner) });
        }
        self.conclude(&request, given, available.len(), c, &items, out);
        Ok(())
    }

    /// The next hops behind the cursor, in order; those that share an address as advised.
    fn next_hops_ahead(&self, enumeration: Index) -> Vec<Index> {
        let e = &self.enums[enumeration];
        if e.ended {
            return Vec::new();
        }
        let inside = |((prefix, interface), _): &(&(Prefix, u32), &Index)| {
            e.extent.contains(*prefix)
                && e.copy.as_ref().is_none_or(|c| c.contains(&(*prefix, *interface)))
        };
        let descending = self.oracle.takes(hops::ORDER_TIE_INTERFACE_DESCENDING);
        let place = |(prefix, interface): (Prefix, u32)| {
            (prefix, if descending { u32::MAX - interface } else { interface })
        };
        let list = self.entities[e.owner].next_hops.iter().filter(inside);
        let mut ahead: Vec<((Prefix, u32), Index)> = list
            .map(|(key, hop)| (place(*key), *hop))
            .filter(|(at, _)| e.cursor.is_none_or(|cursor| place(cursor) < *at))
            .collect();
        ahead.sort_unstable();
        if self.oracle.takes(hops::ORDER_ASCENDING_DESCENDING) {
            ahead.reverse();
        }
        ahead.into_iter().map(|(_, hop)| hop).collect()
    }
}
