//! A large table on the model: what each operation costs, and what a route weighs.
//!
//! `table model FILE ROUTES` loads the prefixes of a file, one a line, with so many routes each,
//! every route of another client, and reads the table in four ways. All bookkeeping is included:
//! handles, references, owners, two views, the best route of each view anew at each change, every
//! observation with its clauses, and a client that has registered for changes of best routes.
//! Prints `<figure>=<value>`, one a line.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use rtm_sim::model::{Config, Model};
use rtm_sim::readings::Readings;
use rtm_sim::vocabulary::call::{
    AddNextHop, AddRouteToDest, Call, CreateDestEnum, DeleteRouteToDest, GetEnumDests,
    GetExactMatchDestination, RegisterEntity, RegisterForChangeNotification, ReleaseDestInfo,
    ReleaseDests,
};
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{
    Field, Member, Observation, Place, Value, handle_at, number_at,
};
use rtm_sim::vocabulary::structures::{
    DestInfo, DestInfos, DestViewInfo, EntityInfo, NetAddress, NextHopInfo, RouteInfo,
};

/// Destinations that one fetch gives.
const BATCH: u32 = 100;
/// Both views.
const VIEWS: u32 = 3;
/// `RTM_CHANGE_TYPE_BEST`.
const CHANGE_TYPE_BEST: u32 = 2;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["model", file, routes] => {
            let routes = routes.parse().context("ROUTES is a number")?;
            measure(&prefixes(file)?, routes)
        }
        _ => bail!("usage: table model FILE ROUTES"),
    }
}

/// The prefixes of a file.
fn prefixes(file: &str) -> Result<Vec<NetAddress>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {file}"))?;
    let prefix = |line: &str| -> Result<NetAddress> {
        let (address, length) = line.split_once('/').context("a line is ADDRESS/LENGTH")?;
        let length = length.parse().context("a length is a number")?;
        Ok(match address.parse().context("an address of IPv4 or IPv6")? {
            std::net::IpAddr::V4(v4) => NetAddress::v4(v4.octets(), length),
            std::net::IpAddr::V6(v6) => NetAddress::v6(v6.octets(), length),
        })
    };
    text.lines().map(prefix).collect()
}

/// A model and the room for what it shows.
struct Table {
    model: Model,
    seen: Observation,
}

impl Table {
    fn call(&mut self, call: &Call) -> Result<()> {
        self.seen.fields.clear();
        self.model.call(0, call, &mut self.seen);
        let status = number_at(&self.seen.fields, Place::STATUS);
        ensure!(matches!(status, Some(0 | 259)), "{call:?} gave {status:?}");
        Ok(())
    }

    /// The same for a call of which only the time counts.
    fn handle(&self, place: Place) -> Handle {
        handle_at(&self.seen.fields, place)
    }
}

/// A client of one family, and its next hop.
struct Client {
    registration: Handle,
    next_hop: Handle,
    family: u16,
}

fn client(table: &mut Table, family: u16, number: u32) -> Result<Client> {
    let info = EntityInfo { instance: 0, family, protocol: 8 + number, protocol_instance: 1 };
    table.call(&Call::RegisterEntity(RegisterEntity {
        entity_info: Some(info),
        export_methods: None,
        event_callback: false,
        reserve_opaque_pointer: 0,
        profile: true,
        registration: true,
    }))?;
    let registration = table.handle(Place::output(5));
    let address = match family {
        2 => NetAddress::v4([192, 0, 2, 1], 32),
        _ => NetAddress::v6([0x20, 1, 13, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128),
    };
    table.call(&Call::AddNextHop(AddNextHop {
        registration,
        next_hop_info: Some(NextHopInfo {
            address,
            owner: Handle::NULL,
            interface: 1,
            state: 0,
            flags: 0,
            entity_specific_info: 0,
            remote_next_hop: Handle::NULL,
        }),
        next_hop: Some(Handle::NULL),
        change_flags: true,
    }))?;
    Ok(Client { registration, next_hop: table.handle(Place::output(2)), family })
}

fn measure(prefixes: &[NetAddress], routes: u32) -> Result<()> {
    let config = Config { max_handles_in_enum: BATCH, ..Config::default() };
    let mut table =
        Table { model: Model::new(config, Readings::own()), seen: Observation::default() };
    let families: BTreeSet<u16> = prefixes.iter().map(|prefix| prefix.family).collect();
    let mut clients: Vec<Vec<Client>> = Vec::new();
    for number in 0..routes {
        let of_family = families.iter().map(|family| client(&mut table, *family, number));
        clients.push(of_family.collect::<Result<_>>()?);
    }
    for reader in &clients[0] {
        table.call(&Call::RegisterForChangeNotification(RegisterForChangeNotification {
            registration: reader.registration,
            target_views: VIEWS,
            notify_flags: CHANGE_TYPE_BEST,
            notify_context: 0,
            notify: true,
        }))?;
    }
    let handles = load(&mut table, prefixes, &clients)?;
    walk(&mut table, &clients[0], prefixes.len())?;
    look_up(&mut table, prefixes, &clients[0])?;
    delete(&mut table, &handles, &clients[0], prefixes)
}

/// Adds every route; the handles of those of the first client.
fn load(
    table: &mut Table,
    prefixes: &[NetAddress],
    clients: &[Vec<Client>],
) -> Result<Vec<Handle>> {
    let mut handles = Vec::with_capacity(prefixes.len());
    let before = heap();
    let start = Instant::now();
    let mut chance = 1_u64;
    for (number, of_families) in clients.iter().enumerate() {
        let adds = of_families.iter().map(|client| Call::AddRouteToDest(add(client)));
        let mut calls: Vec<Call> = adds.collect();
        for prefix in prefixes {
            let at = of_families.iter().position(|c| c.family == prefix.family);
            let at = at.context("a client of this family")?;
            let Call::AddRouteToDest(call) = &mut calls[at] else { bail!("each call adds") };
            call.dest_address = Some(*prefix);
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if let Some(info) = &mut call.route_info {
                info.preference = 1 + (chance >> 60) as u32;
                info.metric = (chance >> 40) as u32 % 100;
            }
            table.call(&calls[at])?;
            if number == 0 {
                handles.push(table.handle(Place::output(1)));
            }
        }
    }
    let count = (prefixes.len() * clients.len()) as f64;
    println!("load={:.0}", count / start.elapsed().as_secs_f64());
    println!("bytes={:.0}", (heap() - before) as f64 / count);
    Ok(handles)
}

fn add(client: &Client) -> AddRouteToDest {
    AddRouteToDest {
        registration: client.registration,
        route: Some(Handle::NULL),
        dest_address: None,
        route_info: Some(RouteInfo {
            dest: Handle::NULL,
            owner: Handle::NULL,
            neighbour: Handle::NULL,
            state: 0,
            flags1: 0,
            flags: 0,
            metric: 1,
            preference: 10,
            views: VIEWS,
            entity_specific_info: 0,
            next_hops: vec![client.next_hop].into(),
        }),
        time_to_live: u32::MAX,
        route_list: Handle::NULL,
        notify_type: 0,
        notify: Handle::NULL,
        change_flags: Some(0),
    }
}

/// Enumerates all destinations in order and gives every batch back; the first tenth and the last
/// are told apart.
fn walk(table: &mut Table, clients: &[Client], expected: usize) -> Result<()> {
    let mut seconds: Vec<f64> = Vec::new();
    let mut found = 0;
    for client in clients {
        let registration = client.registration;
        table.call(&Call::CreateDestEnum(CreateDestEnum {
            registration,
            target_views: VIEWS,
            enum_flags: 0,
            net_address: None,
            protocol: 0,
            enumeration: true,
        }))?;
        let enumeration = table.handle(Place::output(5));
        loop {
            let start = Instant::now();
            table.call(&Call::GetEnumDests(GetEnumDests {
                registration,
                enumeration,
                num_dests: Some(BATCH),
                dest_infos: true,
            }))?;
            let count = number_at(&table.seen.fields, Place::output(2)).unwrap_or(0) as u32;
            if count == 0 {
                break;
            }
            found += count as usize;
            let dest_infos = Some(dests(&table.seen.fields, 3, count as usize));
            table.call(&Call::ReleaseDests(ReleaseDests {
                registration,
                num_dests: count,
                dest_infos,
            }))?;
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    ensure!(found == expected, "{found} of {expected} destinations were enumerated");
    println!("walk={:.0}", found as f64 / seconds.iter().sum::<f64>());
    let tenth = (seconds.len() / 10).max(1);
    let sum = |part: &[f64]| part.iter().sum::<f64>();
    let last = sum(&seconds[seconds.len() - tenth..]) / sum(&seconds[..tenth]);
    println!("last-tenth-to-first={last:.2}");
    Ok(())
}

/// The structures that were shown in output `slot`.
fn dests(fields: &[Field], slot: u8, count: usize) -> DestInfos {
    let empty = DestInfo {
        dest: Handle::NULL,
        address: NetAddress::v4([0; 4], 0),
        last_changed: 0,
        belongs_to_views: 0,
        views: Default::default(),
    };
    let mut found = DestInfos::from_elem(empty, count);
    for field in fields.iter().filter(|f| f.place.slot == slot && f.place.member != Member::Tail) {
        let dest = &mut found[usize::from(field.place.index)];
        let inner = usize::from(field.place.inner);
        match (field.place.member, field.value) {
            (Member::DestHandle, Value::Handle(_, handle)) => dest.dest = handle,
            (Member::ViewId, Value::Number(view)) => dest.views.push(DestViewInfo {
                view: view as u32,
                num_routes: 0,
                route: Handle::NULL,
                owner: Handle::NULL,
                flags: 0,
                hold_route: Handle::NULL,
            }),
            (Member::Route, Value::Handle(_, handle)) => dest.views[inner].route = handle,
            (Member::Owner, Value::Handle(_, handle)) => dest.views[inner].owner = handle,
            (Member::HoldRoute, Value::Handle(_, handle)) => dest.views[inner].hold_route = handle,
            _ => {}
        }
    }
    found
}

/// Finds every destination, in another order than it was added in, and gives it back.
fn look_up(table: &mut Table, prefixes: &[NetAddress], clients: &[Client]) -> Result<()> {
    let start = Instant::now();
    for at in shuffled(prefixes.len()) {
        let prefix = prefixes[at];
        let client = clients.iter().find(|c| c.family == prefix.family);
        let registration = client.context("a client of this family")?.registration;
        table.call(&Call::GetExactMatchDestination(GetExactMatchDestination {
            registration,
            dest_address: Some(prefix),
            protocol: 0,
            target_views: VIEWS,
            dest_info: true,
        }))?;
        let dest_info = Some(dests(&table.seen.fields, 4, 1));
        table.call(&Call::ReleaseDestInfo(ReleaseDestInfo { registration, dest_info }))?;
    }
    println!("look-up={:.0}", prefixes.len() as f64 / start.elapsed().as_secs_f64());
    Ok(())
}

/// Deletes the routes of the first client.
fn delete(
    table: &mut Table,
    handles: &[Handle],
    clients: &[Client],
    prefixes: &[NetAddress],
) -> Result<()> {
    let start = Instant::now();
    for at in shuffled(handles.len()) {
        let client = clients.iter().find(|c| c.family == prefixes[at].family);
        let registration = client.context("a client of this family")?.registration;
        table.call(&Call::DeleteRouteToDest(DeleteRouteToDest {
            registration,
            route: handles[at],
            change_flags: true,
        }))?;
    }
    println!("delete={:.0}", handles.len() as f64 / start.elapsed().as_secs_f64());
    Ok(())
}

/// The numbers below `count`, each once, far apart.
fn shuffled(count: usize) -> impl Iterator<Item = usize> {
    let divides = |step: usize| {
        let (mut a, mut b) = (step, count);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a == 1
    };
    let step = (count / 3 * 2 + 1..).find(|step| divides(*step)).unwrap_or(1);
    (0..count).scan(0_usize, move |at, _| {
        *at = (*at + step) % count.max(1);
        Some(*at)
    })
}

/// Bytes of the heap in use.
fn heap() -> usize {
    // SAFETY: the call only reads.
    let info = unsafe { libc::mallinfo2() };
    info.uordblks + info.hblkhd
}
