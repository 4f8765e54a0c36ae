//! What the ledger of a run says has to be given back, for calls that are written down here: also
//! those of functions that the model does not answer.

use rtm_sim::engine::Operation;
use rtm_sim::holdings::Holdings;
use rtm_sim::program::Structure;
use rtm_sim::vocabulary::argument::{ArgKind, ArgValue};
use rtm_sim::vocabulary::call::{Call, Function as F};
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::handle::{Handle, HandleKind as K};
use rtm_sim::vocabulary::observation::{Member, Observation, Place, Value};
use rtm_sim::vocabulary::status::Status;

use crate::shared::argument;

/// The registration of the client that acts.
const CLIENT: u64 = 0x1000;
const DEST: u64 = 0x2000;
const ROUTE: u64 = 0x3000;
const HOP: u64 = 0x4000;
const NOTIFY: u64 = 0x5000;

/// A ledger that hears of calls of one client.
struct Book {
    holdings: Holdings,
}

impl Book {
    fn new() -> Book {
        let mut book = Book { holdings: Holdings::default() };
        book.call(F::RegisterEntity, &[], Status::NO_ERROR, &[("RtmRegHandle", K::Entity, CLIENT)]);
        book
    }

    /// Hears of a call with these arguments, by name, that showed these handles.
    fn call(
        &mut self,
        function: F,
        given: &[(&str, ArgValue)],
        status: Status,
        shown: &[(&str, K, u64)],
    ) {
        let mut seen = Observation::default();
        seen.raw(Place::STATUS, Value::Number(status.0.into()));
        for (name, kind, handle) in shown {
            let (name, member) = name.split_once('.').unwrap_or((name, ""));
            let at = function.parameter(name).expect("the output is a parameter");
            let member = Member::ALL.iter().find(|m| m.name() == member).expect("it is a member");
            let place = Place::output(at as u8).member(*member);
            seen.raw(place, Value::Handle(*kind, Handle(*handle)));
        }
        let call = Call::build(function, |at| {
            let parameter = &function.parameters()[at];
            let named = given.iter().find(|(name, _)| *name == parameter.name);
            named.map_or_else(|| default(at, parameter.kind), |(_, value)| value.clone())
        });
        self.holdings.begins(0, &Operation::Call(call));
        self.holdings.ended(0, &seen.fields);
    }

    fn ok(&mut self, function: F, given: &[(&str, ArgValue)], shown: &[(&str, K, u64)]) {
        self.call(function, given, Status::NO_ERROR, shown);
    }

    /// What is given back, the registration at the end apart: function and first handle.
    fn given_back(mut self) -> (Vec<(F, u64)>, u32) {
        let forgotten = self.holdings.forgotten();
        let mut calls: Vec<(F, u64)> =
            self.holdings.give_back().iter().map(|(_, c)| short(c)).collect();
        assert_eq!(calls.pop(), Some((F::DeregisterEntity, CLIENT)));
        assert!(self.holdings.give_back().is_empty(), "all is given back once");
        (calls, forgotten)
    }
}

fn default(at: usize, kind: ArgKind) -> ArgValue {
    match kind {
        ArgKind::Handle if at == 0 => ArgValue::Handle(Handle(CLIENT)),
        kind => argument(kind),
    }
}

/// The function of a call, and the first handle that it names behind the registration.
fn short(call: &Call) -> (F, u64) {
    let handle = |argument: ArgValue| match argument {
        ArgValue::Handle(handle) => Some(handle.0),
        ArgValue::Handles(Some(handles)) => handles.first().map(|handle| handle.0),
        ArgValue::Dests(Some(dests)) => dests.first().map(|dest| dest.dest.0),
        ArgValue::Route(Some(route)) => Some(route.dest.0),
        _ => None,
    };
    let arguments = call.arguments();
    let skip = usize::from(1 < arguments.len());
    (call.function(), arguments.into_iter().skip(skip).find_map(handle).unwrap_or(0))
}

fn handle(value: u64) -> ArgValue {
    ArgValue::Handle(Handle(value))
}

fn handles(values: &[u64]) -> ArgValue {
    ArgValue::Handles(Some(values.iter().map(|value| Handle(*value)).collect()))
}

const LIFE: (&str, ArgValue) = ("TimeToLive", ArgValue::Word(u32::MAX));
const OFF: ArgValue = ArgValue::Word(0);

/// A client with a destination's structure, a route for ever and a next hop of its own.
fn furnished() -> Book {
    let mut book = Book::new();
    book.ok(F::AddNextHop, &[], &[("NextHopHandle", K::NextHop, HOP)]);
    book.ok(F::AddRouteToDest, &[LIFE], &[("RouteHandle", K::Route, ROUTE)]);
    book.ok(F::GetExactMatchDestination, &[], &[("DestInfo.DestHandle", K::Dest, DEST)]);
    book
}

const FURNITURE: [(F, u64); 3] =
    [(F::ReleaseDestInfo, DEST), (F::DeleteRouteToDest, ROUTE), (F::DeleteNextHop, HOP)];

#[test]
fn a_client_leaves_nothing() {
    assert_eq!(furnished().given_back(), (FURNITURE.to_vec(), 0));
}

#[test]
fn locks_are_given_back_before_anything_else() {
    let mut book = furnished();
    book.ok(F::LockDestination, &[("DestHandle", handle(DEST))], &[]);
    book.ok(F::LockNextHop, &[("NextHopHandle", handle(HOP))], &[]);
    book.ok(F::BlockMethods, &[], &[]);
    let (calls, _) = book.given_back();
    let locks = [(F::BlockMethods, 0), (F::LockNextHop, HOP), (F::LockDestination, DEST)];
    assert_eq!(calls, [&locks[..], &FURNITURE].concat());

    let mut book = furnished();
    book.ok(F::LockRoute, &[("RouteHandle", handle(ROUTE))], &[]);
    book.ok(F::UpdateAndUnlockRoute, &[("RouteHandle", handle(ROUTE)), LIFE], &[]);
    book.ok(F::LockNextHop, &[("NextHopHandle", handle(HOP))], &[]);
    book.ok(F::LockNextHop, &[("NextHopHandle", handle(HOP)), ("LockNextHop", OFF)], &[]);
    assert_eq!(book.given_back(), (FURNITURE.to_vec(), 0));
}

#[test]
fn a_lock_given_back_through_another_handle_is_forgotten() {
    let mut book = furnished();
    book.ok(F::LockDestination, &[("DestHandle", handle(DEST))], &[]);
    book.ok(F::LockRoute, &[("RouteHandle", handle(ROUTE)), ("LockRoute", OFF)], &[]);
    assert_eq!(book.given_back(), (FURNITURE.to_vec(), 1));
}

#[test]
fn a_lock_is_switched_off_as_it_was_switched_on() {
    let mut book = furnished();
    book.ok(F::LockRoute, &[("RouteHandle", handle(ROUTE)), ("Exclusive", OFF)], &[]);
    let (_, call) = book.holdings.give_back().swap_remove(0);
    let word = |name| call.arguments()[F::LockRoute.parameter(name).expect("it has it")].clone();
    assert_eq!((word("Exclusive"), word("LockRoute")), (OFF, OFF));
}

#[test]
fn routes_that_may_have_expired_are_not_deleted() {
    let mut book = furnished();
    let life = ("TimeToLive", ArgValue::Word(1000));
    book.ok(F::AddRouteToDest, &[("RouteHandle", ArgValue::Slot(Some(Handle(ROUTE)))), life], &[]);
    let (calls, _) = book.given_back();
    assert_eq!(calls[1..], [(F::ReleaseRoutes, ROUTE), (F::DeleteNextHop, HOP)]);
}

#[test]
fn expired_routes_are_held_unless_the_answer_gave_them_up() {
    for (answer, held) in [(0, true), (Status::ERROR_NOT_SUPPORTED.0, false)] {
        let mut book = Book::new();
        let mut seen = Observation::default();
        seen.raw(Place::RECEIVER, Value::Handle(K::Entity, Handle(CLIENT)));
        seen.raw(Place::CONTEXT1, Value::Handle(K::Route, Handle(ROUTE)));
        let event = EventType::RouteExpired.number();
        book.holdings.called_back(event, &seen.fields);
        book.holdings.answered(event, &seen.fields, answer);
        let expected = if held { vec![(F::ReleaseRoutes, ROUTE)] } else { Vec::new() };
        assert_eq!(book.given_back(), (expected, 0));
    }
}

#[test]
fn what_is_open_is_closed() {
    let mut book = Book::new();
    book.ok(F::CreateRouteList, &[], &[("RouteListHandle", K::RouteList, 7)]);
    book.ok(F::CreateRouteListEnum, &[], &[("RtmEnumHandle", K::Enum, 8)]);
    book.ok(F::RegisterForChangeNotification, &[], &[("NotifyHandle", K::Notify, NOTIFY)]);
    let under = ("NotifyHandle", handle(NOTIFY));
    book.call(
        F::GetChangedDests,
        &[under],
        Status::ERROR_NO_MORE_ITEMS,
        &[("ChangedDests.DestHandle", K::Dest, DEST)],
    );
    let (calls, _) = book.given_back();
    let expected = [
        (F::ReleaseChangedDests, NOTIFY),
        (F::DeleteEnumHandle, 8),
        (F::DeleteRouteList, 7),
        (F::DeregisterFromChangeNotification, NOTIFY),
    ];
    assert_eq!(calls, expected);
}

#[test]
fn changes_are_kept_when_their_registration_has_ended() {
    let mut book = Book::new();
    book.ok(F::RegisterForChangeNotification, &[], &[("NotifyHandle", K::Notify, NOTIFY)]);
    let under = [("NotifyHandle", handle(NOTIFY))];
    book.ok(F::GetChangedDests, &under, &[("ChangedDests.DestHandle", K::Dest, DEST)]);
    book.ok(F::DeregisterFromChangeNotification, &under, &[]);
    assert_eq!(book.given_back(), (Vec::new(), 1));
}

#[test]
fn a_structure_goes_back_as_one_and_once() {
    let route = |member| match member {
        "DestHandle" => ("RouteInfo.DestHandle", K::Dest, DEST),
        "RouteOwner" => ("RouteInfo.RouteOwner", K::Entity, CLIENT),
        _ => ("RouteInfo.Neighbour", K::NextHop, HOP),
    };
    let shown = ["DestHandle", "RouteOwner", "Neighbour"].map(route);
    let info = || {
        let mut book = Book::new();
        book.ok(F::GetRouteInfo, &[], &shown);
        book
    };
    assert_eq!(info().given_back(), (vec![(F::ReleaseRouteInfo, DEST)], 0));

    // Without one of its handles the others go back on their own.
    let mut book = info();
    book.ok(F::ReleaseNextHops, &[("NextHopHandles", handles(&[HOP]))], &[]);
    let rest = vec![(F::ReleaseEntities, CLIENT), (F::ReleaseDestInfo, DEST)];
    assert_eq!(book.given_back(), (rest, 0));

    // One that was counted before its structure went back stays.
    let mut book = info();
    book.ok(F::ReferenceHandles, &[("RtmHandles", handles(&[HOP]))], &[]);
    let (_, call) = info().holdings.give_back().swap_remove(0);
    book.holdings.begins(0, &Operation::Call(call));
    let mut seen = Observation::default();
    seen.raw(Place::STATUS, Value::Number(0));
    book.holdings.ended(0, &seen.fields);
    assert_eq!(book.given_back(), (vec![(F::ReleaseNextHops, HOP)], 0));
}

#[test]
fn what_a_failing_release_names_is_kept() {
    let mut book = furnished();
    let release = [("NumNextHops", ArgValue::Word(1)), ("NextHopHandles", handles(&[HOP]))];
    book.call(F::ReleaseNextHops, &release, Status::ERROR_INVALID_PARAMETER, &[]);
    assert_eq!(book.given_back(), (FURNITURE[..2].to_vec(), 1));
}

/// A release by a client that holds nothing has taken a reference of somebody, and nobody can know
/// whose.
#[test]
fn what_somebody_else_has_released_is_kept() {
    let other = ("RtmRegHandle", handle(CLIENT + 1));
    let mut book = Book::new();
    book.ok(F::RegisterEntity, &[], &[("RtmRegHandle", K::Entity, CLIENT + 1)]);
    book.ok(F::GetExactMatchRoute, &[], &[("RouteHandle", K::Route, ROUTE)]);
    book.ok(F::ReleaseRoutes, &[other.clone(), ("RouteHandles", handles(&[ROUTE]))], &[]);
    book.ok(F::DeregisterEntity, &[other], &[]);
    assert_eq!(book.given_back(), (Vec::new(), 1));
}

#[test]
fn a_deletion_uses_up_one_reference_and_leaves_the_others_open() {
    let mut book = Book::new();
    for _ in 0..3 {
        book.ok(F::AddRouteToDest, &[LIFE], &[("RouteHandle", K::Route, ROUTE)]);
    }
    book.ok(F::DeleteRouteToDest, &[("RouteHandle", handle(ROUTE))], &[]);
    assert_eq!(book.given_back(), (Vec::new(), 1));
}

#[test]
fn a_next_hop_written_into_a_route_takes_over_the_reference_counted_for_it() {
    let members = vec![(Member::NextHops, 0, Value::Handle(K::NextHop, Handle(HOP)))];
    let write = Operation::Write { pointer: Handle(1), structure: Structure::Route, members };
    for counted_first in [true, false] {
        let mut book = furnished();
        let count = [("RtmHandles", handles(&[HOP]))];
        if counted_first {
            book.ok(F::ReferenceHandles, &count, &[]);
        }
        book.holdings.begins(0, &write);
        book.holdings.ended(0, &[]);
        if !counted_first {
            book.ok(F::ReferenceHandles, &count, &[]);
        }
        // What stood there before is not known, and gives one back.
        assert_eq!(book.given_back(), (FURNITURE.to_vec(), 1));
    }
}

#[test]
fn whoever_leaves_has_nothing_to_give_back() {
    let mut book = furnished();
    book.ok(F::LockDestination, &[("DestHandle", handle(DEST))], &[]);
    book.ok(F::DeregisterEntity, &[], &[]);
    assert!(book.holdings.give_back().is_empty());
}
