//! Exploration: many interleavings of one program on the model, equal states run once.
//!
//! The interleavings form a graph. A node is a state between two turns: the model, its notes
//! included, how far each actor has come, and what the labels stand for that are still needed.
//! What has been seen so far is no part of it, so ways that differ in nothing else meet again. An
//! edge is a turn: who takes it, what it shows, and the node that it leads to. One interleaving is
//! a way through the graph, and its history is what its edges show, one behind the other: exactly
//! what it shows when it is run on its own.
//!
//! Nodes and edges are made when a way first leads there. A hash only finds nodes that may be
//! equal; they are then compared as a whole, so no hash reaches a result. There is an end to the
//! nodes that are kept, and once there are many, only as many more are made as ways have met
//! before: a way that leaves them is run to its end on its own.
//!
//! Not here: which ways to go. A scheduler says so for one; whoever wants them all asks for the
//! turns of each node.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use crate::history::{Entry, History};
use crate::model::Model;
use crate::program::{Actor, Program};
use crate::run::Run;
use crate::run::standing::{Needed, Standing};
use crate::schedule::Scheduler;
use crate::vocabulary::observation::Field;

/// As many nodes as take up some 100 MB for a program of a few clients.
pub const NODES_MAX: usize = 1 << 14;
/// Nodes that ways make before it is known how often they meet.
const NODES_FREE: usize = 1 << 12;
/// Turns that have to be saved for each further node: making one costs as much as a few turns.
const SAVED_PER_NODE: u64 = 8;
/// Actors that a node lists without memory of its own.
const FEW: usize = 4;

/// A state between two turns, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(u32);

/// What a turn or the end shows: ranges of [`Graph::entries`] and [`Graph::fields`].
#[derive(Clone, Copy, Debug)]
struct Piece {
    entries: (u32, u32),
    fields: (u32, u32),
}

/// A turn that has been made once.
#[derive(Clone, Copy, Debug)]
struct Edge {
    to: NodeId,
    shows: Piece,
}

/// What a way needs to know of a node.
#[derive(Clone, Debug)]
struct Node {
    /// Actors that can take the next turn, ascending.
    runnable: SmallVec<[Actor; FEW]>,
    /// Interleaved steps left, one entry an actor of the program.
    remaining: SmallVec<[u32; FEW]>,
    /// The turns of the actors that can take one, as far as they have been made.
    edges: SmallVec<[Option<Edge>; FEW]>,
    /// Where nobody can take a turn: what comes then, once it has been run.
    end: Option<Piece>,
}

impl Node {
    /// The place of an actor among those that can run.
    fn place(&self, actor: Actor) -> usize {
        let place = self.runnable.iter().position(|other| *other == actor);
        place.expect("an actor that can run is chosen")
    }

    fn edge(&self, actor: Actor) -> Option<Edge> {
        self.edges[self.place(actor)]
    }
}

/// What it takes to go on from a node.
#[derive(Clone, Debug)]
struct State {
    model: Model,
    standing: Standing,
}

/// The interleavings of one program, as far as they have been run.
#[derive(Clone, Debug)]
pub struct Graph<'p> {
    /// Where turns are made.
    model: Model,
    run: Run<'p>,
    needed: Needed,
    /// Where the run stands.
    standing: Standing,
    /// The node that model and run stand at, if it is one.
    at: Option<NodeId>,
    /// What comes before the interleaved part.
    beginning: History,
    nodes: Vec<Node>,
    nodes_max: usize,
    /// The states of the nodes.
    states: Vec<State>,
    /// The nodes, by the hash of their states.
    found: BTreeMap<u64, SmallVec<[NodeId; 1]>>,
    /// What the edges show, one behind the other.
    entries: Vec<Entry>,
    fields: Vec<Field>,
    /// The history of the way that was walked last.
    history: History,
    /// Turns made, over all ways; an edge counts once.
    pub turns: u64,
    /// Turns that ways went along an edge that was there.
    pub saved: u64,
}

impl<'p> Graph<'p> {
    /// Runs what comes before the interleaved part, on a model in its first state. At most
    /// `nodes_max` nodes are kept, and at least one.
    pub fn new(program: &'p Program, mut model: Model, nodes_max: usize) -> Graph<'p> {
        let mut run = Run::new(program);
        run.prepare(&mut model);
        let beginning = run.history.clone();
        let mut graph = Graph {
            model,
            run,
            needed: Needed::new(program),
            standing: Standing::default(),
            at: None,
            beginning,
            nodes: Vec::new(),
            nodes_max,
            // States are long to move.
            states: Vec::with_capacity(nodes_max.min(NODES_FREE)),
            found: BTreeMap::new(),
            entries: Vec::new(),
            fields: Vec::new(),
            history: History::default(),
            turns: 0,
            saved: 0,
        };
        graph.arrive();
        graph
    }

    /// The state before the first turn.
    pub fn first(&self) -> NodeId {
        NodeId(0)
    }

    /// Nodes that have been reached.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// What comes before the interleaved part: every history begins so.
    pub fn beginning(&self) -> &History {
        &self.beginning
    }

    /// Actors that can take the next turn, ascending.
    pub fn runnable(&self, node: NodeId) -> &[Actor] {
        &self.nodes[node.0 as usize].runnable
    }

    /// Where the turn of an actor leads to; nothing when no more nodes are kept.
    ///
    /// # Panics
    /// When the actor cannot take a turn.
    pub fn turn(&mut self, node: NodeId, actor: Actor) -> Option<NodeId> {
        self.edge(node, actor).map(|edge| edge.to)
    }

    /// Walks one way to its end: its history, from the beginning of the program.
    pub fn walk<S: Scheduler>(&mut self, scheduler: &mut S) -> &History {
        let beginning = &self.beginning;
        if self.history.entries.is_empty() {
            self.history.clone_from(beginning);
        }
        self.history.entries.truncate(beginning.entries.len());
        self.history.fields.truncate(beginning.fields.len());
        self.history.choices.clear();
        let mut at = self.first();
        let mut made = 0;
        loop {
            let node = &self.nodes[at.0 as usize];
            if node.runnable.is_empty() {
                let end = self.end(at);
                self.show(end);
                return &self.history;
            }
            let actor = scheduler.choose(&node.runnable, &node.remaining);
            let edge = match node.edge(actor) {
                Some(edge) => {
                    self.saved += 1;
                    Some(edge)
                }
                None if self.is_worth_a_node(made) => {
                    made += 1;
                    self.edge(at, actor)
                }
                None => None,
            };
            let Some(edge) = edge else {
                self.walk_alone(at, actor, scheduler);
                return &self.history;
            };
            self.history.choices.push(actor);
            self.show(edge.shows);
            at = edge.to;
        }
    }

    /// Whether a way that has made so many nodes makes another one.
    fn is_worth_a_node(&self, made: u32) -> bool {
        let nodes = self.nodes.len();
        let earned = self.saved / SAVED_PER_NODE;
        nodes < NODES_FREE || made == 0 && ((nodes - NODES_FREE) as u64) < earned
    }

    /// The turn of an actor, made now if it never was; nothing when no more nodes are kept.
    fn edge(&mut self, node: NodeId, actor: Actor) -> Option<Edge> {
        let from = &self.nodes[node.0 as usize];
        let place = from.place(actor);
        if let Some(edge) = from.edges[place] {
            return Some(edge);
        }
        if self.nodes_max <= self.nodes.len() {
            return None;
        }
        self.stand_at(node);
        self.run.turn(&mut self.model, actor);
        self.turns += 1;
        let shows = self.keep();
        let to = self.arrive();
        self.at = Some(to);
        let edge = Edge { to, shows };
        self.nodes[node.0 as usize].edges[place] = Some(edge);
        Some(edge)
    }

    /// What comes when nobody can take a turn any more.
    fn end(&mut self, node: NodeId) -> Piece {
        if let Some(end) = self.nodes[node.0 as usize].end {
            return end;
        }
        self.stand_at(node);
        self.run.finish(&mut self.model);
        let end = self.keep();
        self.nodes[node.0 as usize].end = Some(end);
        end
    }

    /// The rest of a way that leaves the nodes that are kept.
    fn walk_alone<S: Scheduler>(&mut self, from: NodeId, actor: Actor, scheduler: &mut S) {
        self.stand_at(from);
        self.run.turn(&mut self.model, actor);
        self.run.interleave(&mut self.model, scheduler);
        self.run.finish(&mut self.model);
        let History { entries, fields, choices } = &self.run.history;
        self.turns += choices.len() as u64;
        self.history.append(entries, fields);
        self.history.choices.extend_from_slice(choices);
    }

    /// Brings model and run to a node, without a history.
    fn stand_at(&mut self, node: NodeId) {
        // Whoever comes here goes on.
        if self.at.take() == Some(node) {
            return;
        }
        let state = &self.states[node.0 as usize];
        self.model.restore(&state.model);
        self.run.stand_at(&state.standing);
    }

    /// The node of the state that has been reached, a new one if none is equal.
    fn arrive(&mut self) -> NodeId {
        let runnable = SmallVec::from_slice(self.run.runnable());
        let standing = &mut self.standing;
        self.run.stands(&self.needed, standing);
        self.model.forget_unknown(|handle| standing.names(handle));
        let mut hasher = Mixer(0);
        standing.hash(&mut hasher);
        self.model.hash_with_notes(&mut hasher);
        let found = self.found.entry(hasher.finish()).or_default();
        let equal = found.iter().find(|node| {
            let state = &self.states[node.0 as usize];
            state.standing == *standing && state.model.same_with_notes(&self.model)
        });
        if let Some(node) = equal {
            return *node;
        }
        let node = NodeId(self.nodes.len() as u32);
        found.push(node);
        let edges = SmallVec::from_elem(None, runnable.len());
        let remaining = SmallVec::from_slice(self.run.remaining());
        self.nodes.push(Node { runnable, remaining, edges, end: None });
        self.states.push(State { model: self.model.clone(), standing: standing.clone() });
        node
    }

    /// Keeps what has just been shown.
    fn keep(&mut self) -> Piece {
        let History { entries, fields, .. } = &self.run.history;
        let piece = Piece {
            entries: append(&mut self.entries, entries),
            fields: append(&mut self.fields, fields),
        };
        self.run.forget_history();
        piece
    }

    /// Adds what a turn shows to the history of the way.
    fn show(&mut self, piece: Piece) {
        let entries = piece.entries.0 as usize..piece.entries.1 as usize;
        let fields = piece.fields.0 as usize..piece.fields.1 as usize;
        self.history.append(&self.entries[entries], &self.fields[fields]);
    }
}

/// A hasher for states, which are long and hostile to nobody: it takes a word at a time.
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(word.into());
    }

    fn write_u16(&mut self, word: u16) {
        self.write_u64(word.into());
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    fn write_u64(&mut self, word: u64) {
        // An odd constant with its bits spread: 2^64 divided by the golden ratio.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Adds items to a list; the range where they stand.
fn append<T: Clone>(list: &mut Vec<T>, items: &[T]) -> (u32, u32) {
    let from = list.len() as u32;
    list.extend_from_slice(items);
    (from, list.len() as u32)
}
