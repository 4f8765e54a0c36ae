//! What a library writes is reported member by member, and what it is given back is the same.

use std::path::Path;

use rtm_conformance::pool::{End, RunReport};
use rtm_sim::history::Entry;
use rtm_sim::program::operand::{
    Argument, DestsRef, EditValue, HandleList, HandleRef, Number, StructureRef,
};
use rtm_sim::program::{Action, Structure};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::observation::Member;
use rtm_sim::vocabulary::observation::{Field, Value};

use super::cases::{same, start};
use super::programs::{Builder, number, output, word};
use super::run;

/// The fields of each operation and callback, as text.
fn shown(report: &RunReport) -> Vec<String> {
    let entries = report.history.entries.iter().filter_map(|entry| match entry {
        Entry::End { fields, .. } | Entry::Callback { fields, .. } => {
            Some(report.history.slice(*fields))
        }
        _ => None,
    });
    entries.map(|fields| fields.iter().map(field).collect::<Vec<_>>().join(" ")).collect()
}

fn field(field: &Field) -> String {
    let place = field.place;
    let name = match place.member {
        Member::Whole => format!("{}", place.slot),
        member => String::from(member.name()),
    };
    let value = match field.value {
        Value::Number(number) => format!("{number}"),
        Value::Handle(_, handle) => format!("{:x}", handle.0),
        Value::Address(address) => format!("{address}"),
        Value::Time(time) => format!("{time}t"),
        Value::Pointer(_) => String::from("p"),
        Value::Unwritten => String::from("-"),
        Value::Written => String::from("+"),
    };
    format!("{name}={value}")
}

const DEST: &str = "DestHandle=3001 DestAddress=10.0.0.1/8 LastChanged=25769803781t \
                    BelongsToViews=3";
const VIEW0: &str = "ViewId=0 NumRoutes=4 Route=4001 Owner=1001 DestFlags=2 HoldRoute=0";
const VIEW1: &str = "ViewId=1 NumRoutes=5 Route=4002 Owner=1001 DestFlags=2 HoldRoute=0";
const ROUTE: &str = "DestHandle=0 RouteOwner=0 Neighbour=0 State=0 Flags1=0 Flags=16 \
                     PrefInfo.Metric=7 PrefInfo.Preference=0 BelongsToViews=0 \
                     EntitySpecificInfo=0 NextHopsList.NumNextHops=2 \
                     NextHopsList.NextHops=11 NextHopsList.NextHops=22";

/// Destinations.
pub fn destinations(folder: &Path) -> Result<(), String> {
    let fetched = output(2, Function::GetEnumDests, "DestInfos");
    let dest =
        |views| vec![Argument::Handle(HandleRef::Null), word(0), word(views), Argument::Out(true)];
    let enumeration = output(1, Function::CreateDestEnum, "RtmEnumHandle");
    let program = Builder::new(1)
        .call(0, Function::GetDestInfo, dest(0))
        .call(0, Function::GetDestInfo, dest(0xF2))
        .bind(
            1,
            Function::CreateDestEnum,
            vec![word(3), word(0), Argument::Address(None), word(0), Argument::OutHandle(true)],
        )
        .bind(
            2,
            Function::GetEnumDests,
            vec![
                Argument::Handle(HandleRef::Bound(enumeration)),
                Argument::Count(Some(Number::Literal(4))),
                Argument::Out(true),
            ],
        )
        .call(
            0,
            Function::ReleaseDests,
            vec![word(2), Argument::Dests(Some(DestsRef::Bound(fetched)))],
        )
        .build();
    let mut worker = start(folder, "answers")?;
    let outcome = run(&mut worker, &program, 2, |_| {}).map_err(|error| error.to_string())?;
    for report in &outcome.runs {
        same("end", &report.end, &End::Done)?;
        same("overruns", &report.overruns.len(), &0)?;
        let shown = shown(report);
        same("none", &shown[1], &format!("255=0 {DEST} NumberOfViews=0"))?;
        same("one", &shown[2], &format!("255=0 {DEST} NumberOfViews=1 {VIEW0}"))?;
        let two = format!("{DEST} NumberOfViews=2 {VIEW0} {VIEW1}");
        same("enumeration", &shown[3], &String::from("255=0 5=5001"))?;
        same("fetched", &shown[4], &format!("255=259 2=2 {two} {two} (tail)=+"))?;
        same("released", &shown[5], &String::from("255=0"))?;
    }
    Ok(())
}

/// Routes, read and written through pointers too, and the callbacks that show them.
pub fn routes(folder: &Path) -> Result<(), String> {
    let next_hops = HandleList::Items(vec![HandleRef::Never(0x11), HandleRef::Never(0x22)]);
    let mut edits = vec![number(Member::Flags, 16), number(Member::Metric, 7)];
    edits.push(rtm_sim::program::operand::Edit {
        member: Member::NextHops,
        inner: 0,
        value: EditValue::Handles(next_hops),
    });
    let pointer = HandleRef::Bound(output(1, Function::GetRoutePointer, "RoutePointer"));
    let route = |address| {
        vec![Argument::Handle(HandleRef::Null), Argument::Out(true), Argument::Out(address)]
    };
    let add = vec![
        Argument::Slot(Some(HandleRef::Null)),
        Argument::Address(None),
        Argument::Route(Some(StructureRef { from: None, edits })),
        word(9),
        Argument::Handle(HandleRef::Null),
        word(0),
        Argument::Handle(HandleRef::Null),
        Argument::Count(Some(Number::Literal(4))),
    ];
    let write = vec![number(Member::Metric, 70)];
    let kind = Structure::Route;
    let program = Builder::new(1)
        .call(0, Function::AddRouteToDest, add)
        .call(0, Function::GetRouteInfo, route(false))
        .call(0, Function::GetRouteInfo, route(true))
        .bind(
            1,
            Function::GetRoutePointer,
            vec![Argument::Handle(HandleRef::Null), Argument::OutPointer(true)],
        )
        .act(0, Action::Write { pointer, structure: kind, edits: write }, None)
        .act(0, Action::Read { pointer, structure: kind }, None)
        .act(0, Action::Advance(Number::Literal(1)), None)
        .build();
    let mut worker = start(folder, "answers")?;
    let outcome = run(&mut worker, &program, 2, |_| {}).map_err(|error| error.to_string())?;
    for report in &outcome.runs {
        same("end", &report.end, &End::Done)?;
        let shown = shown(report);
        let changed = ROUTE.replace("Metric=7", "Metric=70");
        same("added", &shown[1], &String::from("255=0 1=4009 8=6"))?;
        same("described", &shown[2], &format!("255=0 {ROUTE}"))?;
        same("refused", &shown[3], &String::from("255=87 2=- 3=-"))?;
        same("pointer", &shown[4], &String::from("255=0 2=p"))?;
        same("read", &shown[6], &changed)?;
        same("expired", &shown[7], &format!("254=1001 253=2 252=4009 251=p {changed}"))?;
        same("notified", &shown[8], &String::from("254=1001 253=3 252=6001 251=85"))?;
    }
    Ok(())
}

/// The arguments of an invocation of methods of the caller's own.
fn invoke(kind: u32, size: u32, bytes: &[u8]) -> Vec<Argument> {
    vec![
        Argument::Handle(HandleRef::Null),
        Argument::Input(Some((Number::Literal(kind), bytes.to_vec()))),
        Argument::Count(Some(Number::Literal(size))),
        Argument::Out(true),
    ]
}

/// Opaque slots and methods.
pub fn slots_and_methods(folder: &Path) -> Result<(), String> {
    let slot =
        HandleRef::Bound(output(1, Function::GetOpaqueInformationPointer, "OpaqueInfoPointer"));
    let kind = Structure::Opaque;
    let edits = vec![number(Member::Whole, 0x99)];
    let program = Builder::new(1)
        .bind(
            1,
            Function::GetOpaqueInformationPointer,
            vec![Argument::Handle(HandleRef::Null), Argument::OutPointer(true)],
        )
        .act(0, Action::Read { pointer: slot, structure: kind }, None)
        .act(0, Action::Write { pointer: slot, structure: kind, edits }, None)
        .act(0, Action::Read { pointer: slot, structure: kind }, None)
        .call(0, Function::InvokeMethod, invoke(2, 20, &[1, 0, 0, 0]))
        .call(0, Function::InvokeMethod, invoke(2, 14, &[5, 6, 7]))
        .build();
    let mut worker = start(folder, "answers")?;
    let outcome = run(&mut worker, &program, 1, |_| {}).map_err(|error| error.to_string())?;
    let report = &outcome.runs[0];
    same("end", &report.end, &End::Done)?;
    same("overruns", &report.overruns.len(), &0)?;
    let shown = shown(report);
    same("first", &shown[2], &String::from("250=119"))?;
    same("second", &shown[4], &String::from("250=153"))?;
    // The library tells how much room there is, and stores nothing else.
    let told = |input: &str, room| {
        let preset = format!("MethodType=- MethodStatus=- OutputSize={room}");
        format!("244=1 248=1001 247=0 MethodType=2 {input} {preset}")
    };
    let data = "InputSize=4 InputData=1 InputData=0 InputData=0 InputData=0";
    same("first run", &shown[5], &told(data, 8))?;
    let bytes = "4=2 4=0 4=0 4=0 4=0 4=0 4=0 4=0 4=4 4=0 4=0 4=0 4=1 4=0 4=0 4=0";
    same("first output", &shown[6], &format!("255=0 3=16 {bytes} (tail)=-"))?;
    // There is room for two bytes of three.
    let data = "InputSize=3 InputData=5 InputData=6 InputData=7";
    same("second run", &shown[7], &told(data, 2))?;
    let bytes = "4=2 4=0 4=0 4=0 4=0 4=0 4=0 4=0 4=2 4=0 4=0 4=0 4=5 4=6";
    same("second output", &shown[8], &format!("255=0 3=14 {bytes} (tail)=-"))
}

/// Methods that are run on what is no element or no input: what cannot be read is a pointer, and
/// nothing is written where nothing has room.
pub fn spoiled_methods(folder: &Path) -> Result<(), String> {
    let cases = [
        (0x100, "245=p", "MethodType=256"),
        (0x200, "247=0 246=p", "OutputSize=8"),
        (0x400, "248=0 247=0 246=p 245=p", "244=1"),
        (0x800, "InputSize=4", "OutputSize=8"),
    ];
    for (kind, one, other) in cases {
        let program = Builder::new(1)
            .call(0, Function::InvokeMethod, invoke(kind, 20, &[1, 2, 3, 4]))
            .build();
        let mut worker = start(folder, "answers")?;
        let outcome = run(&mut worker, &program, 1, |_| {}).map_err(|error| error.to_string())?;
        let report = &outcome.runs[0];
        same("end", &report.end, &End::Done)?;
        same("overruns", &report.overruns.len(), &0)?;
        let shown = shown(report).join("\n");
        for part in [one, other] {
            if !shown.contains(part) {
                return Err(format!("type {kind:#x}: no `{part}` in\n{shown}"));
            }
        }
    }
    Ok(())
}
