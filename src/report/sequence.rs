//! Puts the lines of directories that are worked on in parallel back into rsync's order: a directory's deletions, its
//! own line, its entries by slot, and each child directory with all below it at the child's slot.
//!
//! A [`Node`] keeps the lines of one directory. A stack holds what comes next; when its top is a node that is done,
//! the node's lines are written and its children take its place. What comes for a node that was written goes out at
//! once.

mod deferred;
mod numbering;
mod shown;
mod under_way;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::event::Place;
use deferred::Late;
use numbering::Numbering;
pub(super) use shown::Shown;
use under_way::UnderWay;
pub use under_way::{Meter, Names};

/// What the lines are written to.
pub(super) trait Output {
    /// Takes one event whose turn has come.
    fn put(&mut self, shown: &Shown, text: &[u8]);
    /// Takes names that operands have twice, with the number of the first of them in its directory.
    fn doubles(&mut self, found: &[(u64, Shown, &[u8])]);
    /// Takes the number of entries of a directory before the first of them.
    fn begin_segment(&mut self, entries: u64);
    /// Takes the number of entries of a directory after all of them.
    fn end_of_segment(&mut self, entries: u64);
    /// Takes how far the file has come that was put last: bytes that moved, and all.
    fn moving(&mut self, done_bytes: u64, size_bytes: u64);
    /// What was put may go out.
    fn settle(&mut self);
    /// What was put goes out.
    fn flush(&mut self);
    /// A pass over the tree has ended.
    fn end_of_pass(&mut self);
}

#[derive(Debug, Clone, Copy)]
struct Stored {
    shown: Shown,
    start: usize,
    end: usize,
}

/// What a node has gathered.
#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    events: Vec<Stored>,
    children: Vec<(u32, Arc<Node>)>,
    stage: Stage,
    numbering: Numbering,
    under_way: UnderWay,
    /// Names whose lines come when all names of their file are known.
    held: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// More may come.
    #[default]
    Open,
    /// All is there.
    Done,
    /// All is written.
    Written,
}

/// One directory's place in the order.
#[derive(Debug)]
pub struct Node {
    /// `None` when nobody wants lines: then one node stands for all.
    lines: Option<Mutex<Lines>>,
}

impl Node {
    fn lines(&self) -> Option<MutexGuard<'_, Lines>> {
        self.lines.as_ref().map(|lines| lines.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn new() -> Arc<Node> {
        Arc::new(Node { lines: Some(Mutex::default()) })
    }

    /// Whether it stands for all directories, since nobody wants lines in order.
    #[must_use]
    pub(super) fn is_idle(&self) -> bool {
        self.lines.is_none()
    }

    /// The place of the child directory at `slot`.
    #[must_use]
    pub fn child(self: &Arc<Node>, slot: u32) -> Arc<Node> {
        let Some(mut lines) = self.lines() else { return Arc::clone(self) };
        let child = Node::new();
        if lines.stage != Stage::Written {
            lines.children.push((slot, Arc::clone(&child)));
        }
        child
    }
}

/// What comes next, the last first.
#[derive(Debug)]
enum Next {
    /// A directory, with the lines that its parent has for it.
    Node(Arc<Node>, Chunk),
    /// Lines of a directory that come after those of its children.
    Rest(Chunk),
}

/// Events with their bytes.
#[derive(Debug, Default)]
struct Chunk {
    events: Vec<(Shown, Vec<u8>)>,
}

/// The order of all nodes.
#[derive(Debug)]
pub(super) struct Sequence<O> {
    turn: Mutex<Turn<O>>,
    idle: Option<Arc<Node>>,
}

#[derive(Debug)]
struct Turn<O> {
    stack: Vec<Next>,
    late: Late,
    output: O,
}

/// Whether anybody wants lines in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Nobody: nodes cost nothing.
    Unwanted,
    /// Somebody.
    Wanted,
}

impl<O: Output> Sequence<O> {
    pub(super) fn new(output: O, order: Order) -> Sequence<O> {
        let idle = match order {
            Order::Unwanted => Some(Arc::new(Node { lines: None })),
            Order::Wanted => None,
        };
        Sequence { turn: Mutex::new(Turn { stack: Vec::new(), late: Late::default(), output }), idle }
    }

    fn turn(&self) -> MutexGuard<'_, Turn<O>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody has waited for long to write, so that nobody else can.
    pub(super) fn is_held_up(&self) -> bool {
        const PATIENCE: Duration = Duration::from_secs(1);
        let started = Instant::now();
        while matches!(self.turn.try_lock(), Err(TryLockError::WouldBlock)) {
            if started.elapsed() > PATIENCE {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Acts on the output between events.
    pub(super) fn output<T>(&self, act: impl FnOnce(&mut O) -> T) -> T {
        act(&mut self.turn().output)
    }

    /// The place of the transfer's top, once for each pass over the tree: writes what is left of the pass before.
    pub(super) fn root(&self) -> Arc<Node> {
        if let Some(idle) = &self.idle {
            return Arc::clone(idle);
        }
        self.flush();
        let root = Node::new();
        self.turn().stack.push(Next::Node(Arc::clone(&root), Chunk::default()));
        root
    }

    /// Adds an event to a node; `render` appends its bytes.
    pub(super) fn add(&self, node: &Node, place: Place, render: impl FnOnce(&mut Vec<u8>) -> Option<Shown>) {
        let Some(mut lines) = node.lines() else {
            let mut text = Vec::new();
            if let Some(shown) = render(&mut text) {
                self.put_now(&shown, &text);
            }
            return;
        };
        let start = lines.text.len();
        let Some(shown) = render(&mut lines.text) else {
            return lines.text.truncate(start);
        };
        let end = lines.text.len();
        if lines.stage == Stage::Written {
            let text = lines.text.split_off(start);
            drop(lines);
            return self.put_now(&shown, &text);
        }
        lines.events.push(Stored { shown: Shown { place, ..shown }, start, end });
    }

    fn put_now(&self, shown: &Shown, text: &[u8]) {
        let mut turn = self.turn();
        turn.output.put(shown, text);
        turn.output.settle();
    }

    /// A node has all its own events and children; the children may still be worked on.
    pub(super) fn done(&self, node: &Node) {
        let Some(mut lines) = node.lines() else { return };
        if lines.stage != Stage::Open {
            return;
        }
        lines.stage = Stage::Done;
        drop(lines);
        self.turn().advance(Patience::Wait);
    }

    /// Writes what is known to come next in the directory whose turn it is, though it is still being worked on.
    pub(super) fn stream(&self) {
        let mut turn = self.turn();
        turn.stream();
        turn.lose_patience();
        turn.output.flush();
    }

    /// Writes everything there is, done or not.
    pub(super) fn flush(&self) {
        let mut turn = self.turn();
        turn.advance(Patience::Hurry);
        turn.write_late();
        turn.output.end_of_pass();
    }
}

/// Whether nodes that are not done stop the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Wait,
    Hurry,
}

impl<O: Output> Turn<O> {
    fn advance(&mut self, patience: Patience) {
        while let Some(next) = self.stack.pop() {
            match next {
                Next::Rest(chunk) => self.write(&chunk),
                Next::Node(node, before) => {
                    let Some(mut lines) = node.lines() else { continue };
                    if patience == Patience::Wait && self.late.waits_for(&lines) {
                        drop(lines);
                        self.stack.push(Next::Node(node, before));
                        break;
                    }
                    let taken = std::mem::take(&mut *lines);
                    lines.stage = Stage::Written;
                    drop(lines);
                    self.open_up(taken, before);
                }
            }
        }
        self.output.settle();
    }

    fn stream(&mut self) {
        let Some(Next::Node(node, _)) = self.stack.last() else { return };
        let node = Arc::clone(node);
        let settled = node.lines().and_then(|mut lines| lines.take_settled());
        let Some((text, events, moving)) = settled else { return };
        let before = match self.stack.last_mut() {
            Some(Next::Node(_, before)) => std::mem::take(before),
            Some(Next::Rest(_)) | None => Chunk::default(),
        };
        let own = self.write_first(&text, &events);
        self.write(&before);
        self.write_stored(&text, &events[own..]);
        if let Some(meter) = moving {
            let (done_bytes, size_bytes) = meter.read();
            self.output.moving(done_bytes, size_bytes);
        }
    }

    /// Writes the lines up to the first child, and puts the rest on the stack.
    fn open_up(&mut self, lines: Lines, before: Chunk) {
        let Lines { text, mut events, mut children, mut numbering, .. } = lines;
        events.sort_by_key(|stored| stored.shown.place);
        children.sort_by_key(|child| child.0);
        numbering.number(&mut events);
        let own = self.write_first(&text, &events);
        self.write(&before);
        self.output.begin_segment(numbering.count + numbering.behind);
        let first_child = children.first().map_or(u32::MAX, |child| child.0);
        let straight = events.partition_point(|stored| stored.shown.place < Place::Slot(first_child));
        let straight = if children.is_empty() { events.len() } else { straight };
        self.write_stored(&text, &events[own..straight]);
        self.output.end_of_segment(numbering.count + numbering.behind);
        let mut rest = &events[straight..];
        let mut nexts = Vec::with_capacity(children.len());
        for (slot, child) in children {
            let (sooner, later) = split(rest, Place::Slot(slot), Bound::Before);
            let (its_own, later) = split(later, Place::Slot(slot), Bound::With);
            nexts.push(Next::Rest(chunk(&text, sooner)));
            nexts.push(Next::Node(child, chunk(&text, its_own)));
            rest = later;
        }
        nexts.push(Next::Rest(chunk(&text, rest)));
        nexts.retain(|next| !matches!(next, Next::Rest(chunk) if chunk.events.is_empty()));
        self.stack.extend(nexts.into_iter().rev());
    }

    /// Writes what comes before a directory's own line: of the list first. Returns where the rest begins.
    fn write_first(&mut self, text: &[u8], events: &[Stored]) -> usize {
        let listed = events.partition_point(|stored| stored.shown.place <= Place::Listed);
        let own = events.partition_point(|stored| stored.shown.place < Place::Own);
        self.write_stored(text, &events[..listed]);
        self.tell_doubles(text, events);
        self.write_stored(text, &events[listed..own]);
        own
    }

    fn write_stored(&mut self, text: &[u8], events: &[Stored]) {
        for stored in events {
            self.output.put(&stored.shown, &text[stored.start..stored.end]);
        }
    }

    fn write(&mut self, chunk: &Chunk) {
        for (shown, text) in &chunk.events {
            self.output.put(shown, text);
        }
    }
}

/// Which side an equal place falls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Before,
    With,
}

fn split(events: &[Stored], place: Place, bound: Bound) -> (&[Stored], &[Stored]) {
    let at = events.partition_point(|stored| match bound {
        Bound::Before => stored.shown.place < place,
        Bound::With => stored.shown.place <= place,
    });
    events.split_at(at)
}

fn chunk(text: &[u8], events: &[Stored]) -> Chunk {
    let copy = |stored: &Stored| (stored.shown, text[stored.start..stored.end].to_vec());
    Chunk { events: events.iter().map(copy).collect() }
}

#[cfg(test)]
mod tests;
