//! A routing table just large enough for the race.
//!
//! Invariants: a client has at most one live route per prefix, and a prefix without routes is
//! removed. A deleted route that is still referenced stays in memory, out of sight of look-ups,
//! until the last reference goes.
//!
//! Not here: next hops, views, enumerations and notifications; the race does not reach them.

use std::collections::BTreeMap;

/// A destination: address and prefix length.
pub type Prefix = (u32, u8);

/// A registered client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Client(usize);

/// Names one route of one prefix, also after it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteId(u64);

/// What a look-up tells about the best route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Best {
    /// The route; the caller holds one reference to it.
    pub id: RouteId,
    /// Who added the route.
    pub owner: Client,
    /// Its metric; the lowest is the best.
    pub metric: u32,
}

/// What adding a route did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The client had no route for the prefix.
    Created,
    /// The route of the client got the new metric.
    Updated,
}

/// The routes of all clients, and who refers to them.
#[derive(Default)]
pub struct Table {
    routes: BTreeMap<Prefix, Vec<Route>>,
    client_count: usize,
    next_id: u64,
}

struct Route {
    id: RouteId,
    owner: Client,
    metric: u32,
    deleted: bool,
    /// One count per client, by its number.
    references: Vec<u32>,
}

impl Table {
    /// Registers one more client.
    pub fn register(&mut self) -> Client {
        assert!(self.routes.is_empty(), "clients register before the first route");
        self.client_count += 1;
        Client(self.client_count - 1)
    }

    /// Adds the route of `client` to `prefix`, or updates the one that is there.
    pub fn add(&mut self, client: Client, prefix: Prefix, metric: u32) -> Added {
        let routes = self.routes.entry(prefix).or_default();
        if let Some(route) = routes.iter_mut().find(|route| route.is_live_of(client)) {
            route.metric = metric;
            return Added::Updated;
        }
        let id = RouteId(self.next_id);
        self.next_id += 1;
        let references = vec![0; self.client_count];
        routes.push(Route { id, owner: client, metric, deleted: false, references });
        Added::Created
    }

    /// Finds the best route of exactly `prefix` and counts a reference to it for `client`.
    pub fn look_up(&mut self, client: Client, prefix: Prefix) -> Option<Best> {
        let live = self.routes.get_mut(&prefix)?.iter_mut().filter(|route| !route.deleted);
        let best = live.min_by_key(|route| (route.metric, route.owner))?;
        best.references[client.0] += 1;
        Some(Best { id: best.id, owner: best.owner, metric: best.metric })
    }

    /// Gives back one reference of `client`; false when it holds none.
    pub fn release(&mut self, client: Client, prefix: Prefix, id: RouteId) -> bool {
        let routes = self.routes.get_mut(&prefix).into_iter().flatten();
        let Some(route) = routes.into_iter().find(|route| route.id == id) else {
            return false;
        };
        let count = &mut route.references[client.0];
        if *count == 0 {
            return false;
        }
        *count -= 1;
        self.sweep(prefix);
        true
    }

    /// Deletes the route of `client`; false when it has none.
    pub fn delete(&mut self, client: Client, prefix: Prefix) -> bool {
        let routes = self.routes.get_mut(&prefix).into_iter().flatten();
        let Some(route) = routes.into_iter().find(|route| route.is_live_of(client)) else {
            return false;
        };
        route.deleted = true;
        self.sweep(prefix);
        true
    }

    /// Routes in memory, deleted ones that are still referenced included.
    pub fn route_count(&self) -> usize {
        self.routes.values().map(Vec::len).sum()
    }

    /// References that `client` holds.
    pub fn reference_count(&self, client: Client) -> u32 {
        self.routes.values().flatten().map(|route| route.references[client.0]).sum()
    }

    fn sweep(&mut self, prefix: Prefix) {
        let Some(routes) = self.routes.get_mut(&prefix) else { return };
        routes.retain(|route| !route.deleted || route.references.iter().any(|count| *count != 0));
        if routes.is_empty() {
            self.routes.remove(&prefix);
        }
    }
}

impl Route {
    fn is_live_of(&self, client: Client) -> bool {
        !self.deleted && self.owner == client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: Prefix = (0x0a00_0000, 8);

    #[test]
    fn second_add_updates() {
        let mut table = Table::default();
        let client = table.register();
        assert_eq!(table.add(client, PREFIX, 5), Added::Created);
        assert_eq!(table.add(client, PREFIX, 3), Added::Updated);
        assert_eq!(table.route_count(), 1);
        assert_eq!(table.look_up(client, PREFIX).map(|best| best.metric), Some(3));
    }

    #[test]
    fn look_up_is_exact_and_takes_the_lowest_metric() {
        let mut table = Table::default();
        let (first, second) = (table.register(), table.register());
        table.add(first, PREFIX, 9);
        table.add(second, PREFIX, 2);
        assert_eq!(table.look_up(first, PREFIX).map(|best| best.owner), Some(second));
        assert_eq!(table.look_up(first, (PREFIX.0, 9)), None);
        assert_eq!((table.reference_count(first), table.reference_count(second)), (1, 0));
    }

    #[test]
    fn deleted_route_lives_until_its_last_reference() {
        let mut table = Table::default();
        let (reader, owner) = (table.register(), table.register());
        table.add(owner, PREFIX, 1);
        let best = table.look_up(reader, PREFIX).expect("the route is there");
        assert!(!table.release(owner, PREFIX, best.id), "the reference is not the owner's");
        assert!(!table.delete(reader, PREFIX), "the route is not the reader's");
        assert!(table.delete(owner, PREFIX));
        assert!(!table.delete(owner, PREFIX), "it is deleted already");
        assert_eq!(table.look_up(reader, PREFIX), None);
        assert_eq!(table.route_count(), 1);
        assert!(table.release(reader, PREFIX, best.id));
        assert_eq!(table.route_count(), 0);
        assert!(!table.release(reader, PREFIX, best.id));
    }
}
