//! Links, devices, FIFOs and sockets from look to act: what the destination and its alternates have, the decision, what
//! is made of it.

mod alternate;

use std::io;
use std::os::fd::AsFd;

use rsync_compat::output::itemize::{Changes, Update};

use self::alternate::{Stand, stand_in};
use super::link_text::LinkText;
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::pipeline::apply::file::Outcome;
use crate::pipeline::apply::metadata::{self, Now, Subject};
use crate::pipeline::apply::remove_source::Arrival;
use crate::pipeline::apply::{node as apply_node, remove_source, special, symlink};
use crate::pipeline::attributes;
use crate::pipeline::attributes::extended::{self, Compared};
use crate::pipeline::compare::decide::{Decision, decide};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::contents::Contents;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::{source_path, target_path_in};
use crate::pipeline::handles::swaps;
use crate::pipeline::itemize::{Itemized, tell};
use crate::plan::Power;
use crate::report::{Notice, Place};

/// One of them, and what was found out about it.
#[derive(Clone, Copy)]
struct Node<'a> {
    dir: &'a Dir,
    entry: &'a Entry,
    /// What has its name at the destination.
    there: Option<&'a Meta>,
    /// What it says, if it is a link.
    text: Option<&'a LinkText>,
}

impl<'a> Node<'a> {
    /// The text of a link, as its line shows it.
    fn target(self) -> Option<&'a [u8]> {
        self.text.map(LinkText::told)
    }
}

/// Brings one link, device, FIFO or socket up to date.
pub fn apply(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Outcome {
    let options = &worker.run.plan.options;
    let text = match LinkText::read(&worker.run.plan, dir, entry) {
        Ok(text) => text,
        Err(error) => {
            read_failed(worker, dir, entry, &error);
            return Outcome::Failed;
        }
    };
    let node = Node { dir, entry, there, text: text.as_ref() };
    if let Some(text) = node.text
        && options.links.safe
        && text.leads_out(&options.links, dir, entry)
    {
        let rel = dir.rel_of(&entry.name);
        let notice = Notice::UnsafeSymlink { rel: &rel, target: text.told() };
        worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice);
        return Outcome::Left;
    }
    let contents = node.text.map_or(Contents::Unknown, |text| text.compare(worker, dir, entry, there));
    let came = match decide(&options.compare, &entry.meta, there, contents) {
        Decision::Same => {
            settle(worker, node);
            Came::Here(Arrival::Other)
        }
        Decision::Update | Decision::Create => replace(worker, node),
    };
    match came {
        Came::Here(arrival) => {
            remove_source::remove(worker, dir, entry, arrival);
            Outcome::Done
        }
        Came::Elsewhere => Outcome::Done,
        Came::Failed => Outcome::Failed,
    }
}

/// Where an entry came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// The destination has it.
    Here(Arrival),
    /// It is left to an alternate destination, which counts as if it did not arrive.
    Elsewhere,
    /// It could not be made, which was told.
    Failed,
}

/// Makes an entry that the destination lacks, or in place of what has its name there.
fn replace(worker: &Worker, node: Node<'_>) -> Came {
    let Node { dir, entry, there, text } = node;
    let changes = match there {
        Some(there) => changes(worker, node, there),
        None => match stand_in(worker, node) {
            Stand::New => Changes::NEW,
            Stand::Settled => return Came::Elsewhere,
            Stand::Differs(changes) => changes,
        },
    };
    let told = Itemized { target: node.target(), ..Itemized::letters(Update::Local, changes) };
    let (made, arrival) = match text {
        Some(text) => {
            let text = text.to_write(&worker.run.plan.options.links);
            (symlink::make(worker, dir, entry, &text, there), Arrival::Sent)
        }
        None => (special::make(worker, dir, entry, there), Arrival::Other),
    };
    if !made {
        not_made(worker, dir, entry, &told);
        return Came::Failed;
    }
    apply_node::made(worker, dir, entry, there, &told);
    Came::Here(arrival)
}

/// What an alternate destination has just like this is told before it is made here (`-ii`), so also where that fails.
fn not_made(worker: &Worker, dir: &Dir, entry: &Entry, told: &Itemized<'_>) {
    if told.changes.is_empty() {
        tell(worker, dir, entry, told);
    }
}

fn read_failed(worker: &Worker, dir: &Dir, entry: &Entry, error: &io::Error) {
    let path = source_path(&worker.run.plan, entry.source, &dir.rel_of(&entry.name));
    worker.fail(if error.kind() == io::ErrorKind::NotFound {
        Failure::new(Side::Sender, What::Vanished, path, error).severity(Severity::Vanished)
    } else {
        Failure::new(Side::Sender, What::Readlink, path, error).severity(Severity::ListingError)
    });
}

/// The letters for an entry that is made where something has its name: new, or what differs from one of its kind.
fn changes(worker: &Worker, node: Node<'_>, there: &Meta) -> Changes {
    let (Node { dir, entry, .. }, plan) = (node, &worker.run.plan);
    if !there.kind().is_class_of(entry.kind()) {
        return Changes::NEW;
    }
    let wanted = attributes::wanted_over(plan, &entry.meta, there);
    let mut changes = attributes::changes(plan, &wanted, there);
    if let Some(mut pair) = extended::both(worker, dir, entry, &wanted, there) {
        if !plan.options.write.dry_run {
            // It is told once it was made, and what is new has none.
            pair.have.xattrs.clear();
        }
        changes |= pair.changes();
    }
    changes | Changes::CHECKSUM | attributes::time_when_made(plan, entry.kind())
}

/// Attributes and the line of an entry whose value is right already.
fn settle(worker: &Worker, node: Node<'_>) {
    let (Node { dir, entry, .. }, plan) = (node, &worker.run.plan);
    let Some(there) = node.there else { return };
    let compared = extended::compare(worker, dir, entry, there);
    let shown = attributes::shown(plan, &compared, there);
    let Compared { wanted, extended, changes } = compared;
    // No letter tells of a link's access time.
    let silent = entry.kind() == Kind::Symlink
        && attributes::keeps_access_time(plan, Kind::Symlink)
        && !attributes::same_time(&plan.options.compare, wanted.atime, there.atime);
    let told = Itemized::letters(Update::Attributes, shown);
    tell(worker, dir, entry, &Itemized { target: node.target(), silent, ..told });
    // What a file stands for is kept true in silence.
    let stands = plan.identity.receiver == Power::Fake;
    let Some(dst) = dir.dst.as_ref().filter(|_| !plan.options.write.dry_run) else { return };
    if changes.is_empty() && !stands && !silent {
        return;
    }
    let extended = extended.as_deref();
    let wanted = &attributes::with_xattrs(plan, wanted, &entry.meta, extended);
    let name = dir.dst_name(entry);
    let path = || target_path_in(plan, dir, name);
    let held = match swaps::hold(worker, dir, name, |now| now.same_inode(there)) {
        Ok(held) => held,
        Err(error) => {
            return worker.fail(Failure::new(Side::Generator, What::StatDestination, path(), &error));
        }
    };
    let at = swaps::at(held.as_ref(), dst.as_fd(), name);
    let now = Now::from(there);
    metadata::settle(worker, &Subject { at, wanted, now, extended, side: Side::Generator }, path);
}
