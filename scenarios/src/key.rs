//! The keys of the format, apart from parameters and members.
//!
//! The checker, the schema and the messages all read these tables, so that they agree.

/// What a key takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Takes {
    /// The number 1.
    Format,
    /// A text.
    Text,
    /// A text, or an array of texts.
    Texts,
    /// Ids of clauses.
    Clauses,
    /// `true` or `false`.
    Truth,
    /// A whole number that is known at once.
    Whole,
    /// A number operand.
    Number,
    /// The least value of a limit, or both ends.
    Limit,
    /// Names of families.
    Families,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `"listed"`, or a table of these keys.
    Schedules,
    /// A table of these keys.
    Table(&'static [Key]),
    /// A table with a name for each element, and these keys in each.
    Named(&'static [Key]),
    /// A table with an event for each element, and these keys in each.
    Events(&'static [Key]),
    /// Steps.
    Steps,
    /// The name of a client.
    Client,
    /// The name of a function.
    Function,
    /// A path to a direct pointer.
    Pointer,
    /// A name for what the step gives back.
    Name,
    /// The name of a status.
    Status,
    /// Names of statuses.
    Statuses,
    /// A status by name, or a number.
    Return,
    /// How many methods, or which.
    Methods,
    /// A table with a method for each element, and these keys in each.
    Scripted(&'static [Key]),
    /// Bytes, or `"input"`.
    Output,
    /// Some of these words.
    Words(&'static [&'static str]),
}

/// One key.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) required: bool,
    /// What it says, for editors.
    pub(crate) about: &'static str,
}

const fn key(name: &'static str, takes: Takes, about: &'static str) -> Key {
    Key { name, takes, required: false, about }
}

const fn required(name: &'static str, takes: Takes, about: &'static str) -> Key {
    Key { name, takes, required: true, about }
}

/// The names of some keys.
pub(crate) fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|k| k.name).collect()
}

/// The file.
pub(crate) const TOP: &[Key] = &[
    required("format", Takes::Format, "version of the format: 1"),
    required("title", Takes::Text, "what the scenario shows, in plain words"),
    key("clauses", Takes::Clauses, "the clauses that the scenario shows"),
    key("see", Takes::Texts, "where to read more: a page, or the report of a fault"),
    key("requires", Takes::Table(REQUIRES), "what an implementation must offer"),
    key("schedules", Takes::Schedules, "in which orders the steps are made; \"listed\"."),
    key("threads", Takes::Truth, "whether a library is driven with a thread a client; false"),
    key(
        "cleanup",
        Takes::Word(CLEANUP),
        "whether what is still held at the end is given back, unjudged; \"auto\".",
    ),
    required("client", Takes::Named(CLIENT), "the clients, each under its name"),
    key("given", Takes::Steps, "steps that come first, one after the other"),
    key("step", Takes::Steps, "steps whose orders are explored"),
    key("then", Takes::Steps, "steps that come last, one after the other"),
];

/// Who gives back what a scenario still holds at its end.
pub(crate) const CLEANUP: &[&str] = &["auto", "none"];

/// What an implementation must offer.
pub(crate) const REQUIRES: &[Key] = &[
    key("views", Takes::Limit, "number of views that the table supports"),
    key("max-next-hops", Takes::Limit, "next hops in a route"),
    key("max-handles", Takes::Limit, "handles fetched at a time"),
    key("families", Takes::Families, "address families, such as AF_INET6"),
];

/// Both ends of a limit.
pub(crate) const LIMIT: &[Key] = &[
    key("least", Takes::Whole, "the smallest value that will do"),
    key("most", Takes::Whole, "the largest value that will do"),
];

/// In which orders the steps are made.
pub(crate) const SCHEDULES: &[Key] = &[
    required("interleave", Takes::Truth, "file order, round-robin, and as many seeds as said"),
    key("seeds", Takes::Whole, "how many random orders are tried besides"),
];

/// A client.
pub(crate) const CLIENT: &[Key] = &[
    required("protocol", Takes::Number, "EntityProtocolId"),
    key("instance", Takes::Number, "EntityInstanceId; 1"),
    key("rtm-instance", Takes::Number, "RtmInstanceId; 0"),
    key("family", Takes::Number, "AddressFamily; AF_INET"),
    key("callback", Takes::Truth, "whether it registers an event callback; true"),
    key("reserve-opaque", Takes::Truth, "whether it reserves an opaque slot; false"),
    key("methods", Takes::Methods, "the methods that it exports; none"),
    key("method", Takes::Scripted(METHOD), "what its methods do, by their place in the array"),
    key("register", Takes::Word(REGISTER), "who registers it; \"auto\"."),
    key("on", Takes::Events(REACTION), "what its callback does, event by event"),
];

/// Who registers a client.
pub(crate) const REGISTER: &[&str] = &["auto", "by-hand"];

/// What a callback does.
pub(crate) const REACTION: &[Key] = &[
    key("return", Takes::Return, "what the callback returns; NO_ERROR"),
    key("bind", Takes::Name, "label of the callback's arguments, for the steps below"),
    key("steps", Takes::Steps, "what it does, in order"),
];

/// What a method does.
pub(crate) const METHOD: &[Key] = &[
    key("bind", Takes::Name, "label of the method's arguments, for the steps below"),
    key("steps", Takes::Steps, "what it does, in order, before it writes"),
    key("method-status", Takes::Return, "what it stores in MethodStatus; NO_ERROR"),
    key("output-data", Takes::Output, "the bytes that it writes; \"input\""),
    key("untouched", Takes::Words(OUTPUT_MEMBERS), "members of the output that it leaves alone"),
];

/// Members of a method's output that it may leave alone.
pub(crate) const OUTPUT_MEMBERS: &[&str] = &["method-type", "method-status", "output-size"];

/// A step, apart from the arguments of its call.
pub(crate) const STEP: &[Key] = &[
    key("by", Takes::Client, "the client that acts; may be left out where there is one"),
    key("call", Takes::Function, "calls a function; its arguments stand beside it"),
    key("read", Takes::Pointer, "reads the structure behind a direct pointer"),
    key("write", Takes::Pointer, "writes members behind a direct pointer; they stand beside it"),
    key("advance", Takes::Number, "lets so many milliseconds pass"),
    key("settle", Takes::Truth, "waits until no event waits to be delivered"),
    key("bind", Takes::Name, "label of what the step gives back"),
    key("until-end", Takes::Truth, "fetches until nothing is left; the label stands for all"),
    key("repeat", Takes::Whole, "makes the step so often; {i} is the turn, from 0"),
    key("expect", Takes::Status, "the status that the model gives; checked on the model only"),
    key("either", Takes::Statuses, "statuses that are as right as the model's"),
    key("hazard", Takes::Truth, "a real library may not survive the step"),
];

/// The keys of a step of which it has exactly one.
pub(crate) const ACTIONS: &[&str] = &["call", "read", "write", "advance", "settle"];
