//! The line of an item: whether it has one, and what it says (rsync(1), --out-format, --itemize-changes, --verbose).

mod shows;

use rsync_compat::options::Progress;
use rsync_compat::output::format::{self, Format, Group, LeadsTo, Operation};
use rsync_compat::output::itemize::{Changes, DELETED, ItemKind, UNKNOWN, Update, itemize};
use rsync_compat::output::list_only::{Atime, ListKind, Listed, push_listed};
use rsync_compat::output::stats::RunKind;
use rsync_compat::output::time::{LocalTime, utc};

use super::event::{Item, Place};
use super::formatter::{Form, Formatter, Scratch, Speaker, with_scratch};
use super::json;
use super::overtaking::Pace;
use super::sequence::Shown;
use super::settings::{Channel, Lines, Old, Settings};
use super::wants::is_unchanged;
use crate::entry::Kind;
use shows::{Shows, is_far, shows, stays};

/// Appends an item's lines.
pub(super) fn item(
    settings: &Settings,
    formatter: &Formatter,
    item: &Item<'_>,
    text: &mut Vec<u8>,
) -> Option<Shown> {
    let lines = &settings.lines;
    let shows = shows(lines, item);
    let moved = drawn(settings, item);
    let (mut out_bytes, mut late_bytes) = (0, 0);
    with_scratch(|scratch| {
        // The format shows the source's name, plain lines the destination's.
        let rel = if shows == Shows::Format { item.rel } else { item.there };
        if shows != Shows::UpToDate {
            scratch.name.extend_from_slice(item.lead);
        }
        push_name(&mut scratch.name, rel, item.kind);
        if shows == Shows::Format && lines.names2 && (is_copied_as_it_is(item) || is_linked_already(item)) {
            let line = [scratch.name.as_slice(), b" is uptodate"].concat();
            out_bytes = formatter.tell_far(text, &line);
        }
        match shows {
            Shows::Nothing => {}
            Shows::Format if moved.is_some() && is_late(settings) => {
                if settings.progress == Progress::PerFile && settings.levels.info.name > 0 {
                    out_bytes = formatter.tell_as(Speaker::Far, text, &scratch.name);
                }
                late_bytes = by_format(settings, formatter, item, scratch, text);
                out_bytes += late_bytes;
            }
            Shows::Format => out_bytes += by_format(settings, formatter, item, scratch, text),
            Shows::Name | Shows::UpToDate => {
                out_bytes = if shows == Shows::UpToDate {
                    scratch.name.extend_from_slice(b" is uptodate");
                    formatter.tell_far(text, &scratch.name)
                } else {
                    formatter.tell_as(Speaker::Far, text, &scratch.name)
                };
                if !settings.levels.logs_there {
                    formatter.log(text, &scratch.name);
                }
            }
        }
        if is_logged_there(settings, item) {
            scratch.name.clear();
            push_name(&mut scratch.name, item.rel, item.kind);
            log_there(settings, formatter, item, scratch, text);
        }
    });
    let counted = settings.counts();
    let pace = if is_far(settings, item, shows) { Pace::Overtaking } else { Pace::InTurn };
    let shown = Shown { moved, late_bytes, pace, ..Shown::at(Place::Own, out_bytes) };
    let is_reported = shows != Shows::Nothing || is_logged_there(settings, item);
    (is_reported || counted).then_some(shown)
}

/// The size of a file of which `--progress` draws that its data moved.
fn drawn(settings: &Settings, item: &Item<'_>) -> Option<u64> {
    let transferred = item.moved.is_some() && item.update == Update::Transfer;
    (transferred && draws(settings)).then_some(item.meta.size)
}

/// Whether a line is drawn for data that moved.
pub(super) fn draws(settings: &Settings) -> bool {
    match settings.progress {
        Progress::Off => false,
        Progress::PerFile => settings.run != RunKind::DryRun,
        Progress::Overall => true,
    }
}

/// Whether the line of a file can only be said when its data has moved; until then `--progress` has its name.
fn is_late(settings: &Settings) -> bool {
    settings.form == Form::Text
        && settings.run == RunKind::Real
        && settings.lines.out.as_ref().is_some_and(Format::comes_late)
}

/// A file that an alternate destination has, and that is copied from there with a time of its own.
fn is_copied_as_it_is(item: &Item<'_>) -> bool {
    item.kind == Kind::File && item.update == Update::Local && item.changes == Changes::TIME_NOW
}

/// A name that is linked already to the one that leads, which a dry run has not given what all of them are to have.
fn is_linked_already(item: &Item<'_>) -> bool {
    let unlike = !item.changes.without(Changes::ATIME).is_empty();
    item.update == Update::HardLink && item.leader.is_none() && unlike
}

fn by_format(
    settings: &Settings,
    formatter: &Formatter,
    item: &Item<'_>,
    scratch: &mut Scratch,
    text: &mut Vec<u8>,
) -> u32 {
    let lines = &settings.lines;
    if let Old::Yes { names, dirs } = lines.old
        && item.update != Update::Transfer
    {
        let is_reported = names && (dirs || item.kind != Kind::Dir || item.update != Update::Local);
        return if is_reported { by_name(formatter, item, scratch, text) } else { 0 };
    }
    let shown = format_item(settings, formatter, item, &scratch.name);
    let mut out_bytes = 0;
    if formatter.form == Form::Json {
        out_bytes = formatter.measured(text, |out| json::item(out, item, &shown.letters));
    } else if let Some(format) = &lines.out {
        format.render(&shown, &mut scratch.line);
        out_bytes = formatter.tell(text, &scratch.line);
    }
    if let Some(format) = &lines.log
        && is_logged(settings, item.update)
        && (format.itemizes() || !stays(item))
    {
        scratch.line.clear();
        format.render(&shown, &mut scratch.line);
        formatter.log(text, &scratch.line);
    }
    out_bytes
}

/// A name, and what it leads to, as the receiving side tells it by itself.
fn by_name(formatter: &Formatter, item: &Item<'_>, scratch: &mut Scratch, text: &mut Vec<u8>) -> u32 {
    match (item.leader, item.target) {
        (Some(leader), _) => scratch.name.extend([b" => ", leader].concat()),
        (None, Some(target)) => scratch.name.extend([b" -> ", target].concat()),
        (None, None) => {}
    }
    let out_bytes = formatter.tell_as(Speaker::Far, text, &scratch.name);
    formatter.log(text, &scratch.name);
    out_bytes
}

/// A dry run logs only what rsync's generator would do by itself.
fn is_logged(settings: &Settings, update: Update) -> bool {
    !settings.levels.logs_there && (update != Update::Transfer || settings.run != RunKind::DryRun)
}

/// The receiving side's own log file has what changes, but for a dry run; unless it itemizes, only data.
fn is_logged_there(settings: &Settings, item: &Item<'_>) -> bool {
    let changes = !is_unchanged(item.update, item.changes) || settings.lines.all;
    settings.levels.logs_there
        && settings.run != RunKind::DryRun
        && changes
        && (settings.itemizes_there() || settings.lines.log.is_some() && item.update == Update::Transfer)
}

/// Appends an item's line in the receiving side's own log file.
fn log_there(
    settings: &Settings,
    formatter: &Formatter,
    item: &Item<'_>,
    scratch: &mut Scratch,
    text: &mut Vec<u8>,
) {
    let Some(format) = &settings.lines.log else { return };
    let shown = format_item(settings, formatter, item, &scratch.name);
    let shown = format::Item { operation: Operation::Receive, ..shown };
    scratch.line.clear();
    format.render(&shown, &mut scratch.line);
    formatter.log(text, &scratch.line);
}

/// Whoever prints the letters goes by its own `-t`.
fn changes(lines: &Lines, changes: Changes) -> Changes {
    let either = Changes::TIME | Changes::TIME_NOW;
    match lines.times {
        Some(times) if changes.intersects(either) => {
            changes.without(either) | if times { Changes::TIME } else { Changes::TIME_NOW }
        }
        _ => changes,
    }
}

/// The present in local time, which is looked up only where a format shows times.
fn now(settings: &Settings, formatter: &Formatter) -> LocalTime {
    if settings.lines.dates { formatter.clock.now() } else { utc(0) }
}

/// What a format may say of an item that is shown by this name.
fn format_item<'a>(
    settings: &Settings,
    formatter: &Formatter,
    item: &Item<'a>,
    name: &'a [u8],
) -> format::Item<'a> {
    let lines = &settings.lines;
    let mtime = if lines.dates { formatter.clock.local(item.meta.mtime.sec) } else { utc(0) };
    let real = item.update == Update::Transfer && settings.run == RunKind::Real;
    let moved = item.moved.filter(|_| real);
    format::Item {
        name,
        long_name: item.source.strip_prefix(b"/").unwrap_or(item.source),
        leads_to: match (item.leader, item.target) {
            (Some(leader), _) => LeadsTo::HardLink(leader),
            (None, Some(target)) => LeadsTo::Symlink(target),
            (None, None) => LeadsTo::Nothing,
        },
        letters: match lines.old {
            Old::No => itemize(item.update, item_kind(item.kind), changes(lines, item.changes)),
            Old::Yes { .. } => UNKNOWN,
        },
        size_bytes: signed(item.meta.size),
        mode: item.meta.mode,
        uid: if lines.owners { item.owners.uid } else { 0 },
        group: if lines.groups { Group::Id(item.owners.gid) } else { Group::Default },
        mtime,
        now: now(settings, formatter),
        pid: settings.pid,
        operation: if settings.levels.receives { Operation::Receive } else { Operation::Send },
        sent_bytes: moved.map_or(0, |moved| signed(moved.sent_bytes())),
        basis_sums_bytes: moved.map_or(0, |moved| signed(moved.received_bytes())),
        checksum: match item.checksum {
            Some(digits) => format::Checksum::Hex(digits),
            None => format::Checksum::Unknown { digits: lines.sum_digits },
        },
    }
}

/// Appends the lines of a deletion.
pub(super) fn deletion(
    settings: &Settings,
    formatter: &Formatter,
    rel: &[u8],
    kind: Kind,
    text: &mut Vec<u8>,
) -> Option<Shown> {
    with_scratch(|scratch| {
        push_name(&mut scratch.name, rel, kind);
        let lines = &settings.lines;
        let shown = deleted_item(settings, formatter, &scratch.name);
        let render = |format: Option<&Format>, line: &mut Vec<u8>| {
            line.clear();
            match format {
                Some(format) if format.describes_deletions() => format.render(&shown, line),
                _ => line.extend([b"deleting ", shown.name].concat()),
            }
        };
        let mut out_bytes = 0;
        if formatter.form == Form::Json {
            out_bytes = formatter.measured(text, |out| json::deleted(out, rel, kind));
        } else if settings.levels.info.del > 0 || lines.out.is_some() {
            render(lines.out.as_ref(), &mut scratch.line);
            out_bytes = formatter.tell(text, &scratch.line);
        }
        if settings.run == RunKind::Real {
            render(lines.log.as_ref(), &mut scratch.line);
            formatter.log(text, &scratch.line);
        }
        Some(Shown { pace: Pace::Overtaking, ..Shown::at(Place::Deletion, out_bytes) })
    })
}

fn deleted_item<'a>(settings: &Settings, formatter: &Formatter, name: &'a [u8]) -> format::Item<'a> {
    format::Item {
        name,
        long_name: name.strip_suffix(b"/").unwrap_or(name),
        leads_to: LeadsTo::Nothing,
        letters: DELETED,
        size_bytes: 0,
        mode: 0,
        uid: 0,
        group: if settings.lines.groups { Group::Id(0) } else { Group::Default },
        mtime: formatter.clock.local(0),
        now: now(settings, formatter),
        pid: settings.pid,
        operation: Operation::Delete,
        sent_bytes: 0,
        basis_sums_bytes: 0,
        checksum: format::Checksum::Unknown { digits: settings.lines.sum_digits },
    }
}

/// Appends a line of `--list-only`.
pub(super) fn listing(
    settings: &Settings,
    formatter: &Formatter,
    item: &Item<'_>,
    text: &mut Vec<u8>,
) -> Option<Shown> {
    if settings.channel == Channel::Discard {
        // Nor is it logged.
        return Some(Shown::at(Place::Own, 0));
    }
    let lines = &settings.lines;
    with_scratch(|scratch| {
        let is_sized = matches!(item.kind, Kind::File | Kind::Dir | Kind::Symlink);
        let listed = Listed {
            kind: list_kind(item.kind),
            mode: item.meta.mode,
            size_bytes: if is_sized { signed(item.meta.size) } else { 0 },
            mtime: formatter.clock.local(item.meta.mtime.sec),
            atime: match (lines.atimes, item.kind) {
                (false, _) => Atime::Absent,
                (true, Kind::Dir) => Atime::Blank,
                (true, _) => Atime::At(formatter.clock.local(item.meta.atime.sec)),
            },
            name: if item.rel.is_empty() { b"." } else { item.rel },
            target: if lines.links { item.target } else { None },
        };
        push_listed(&mut scratch.line, &listed, settings.numbers);
        scratch.line.pop();
        let out_bytes = match formatter.form {
            Form::Text => formatter.tell_far(text, &scratch.line),
            Form::Json => formatter.measured(text, |out| json::listed(out, item)),
        };
        formatter.log(text, &scratch.line);
        Some(Shown::at(Place::Own, out_bytes))
    })
}

fn push_name(out: &mut Vec<u8>, rel: &[u8], kind: Kind) {
    out.extend_from_slice(if rel.is_empty() { b"." } else { rel });
    if kind == Kind::Dir && !rel.ends_with(b"/") {
        out.push(b'/');
    }
}

pub(super) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn item_kind(kind: Kind) -> ItemKind {
    match kind {
        Kind::File => ItemKind::File,
        Kind::Dir => ItemKind::Directory,
        Kind::Symlink => ItemKind::Symlink,
        Kind::Char | Kind::Block => ItemKind::Device,
        Kind::Fifo | Kind::Socket => ItemKind::Special,
    }
}

fn list_kind(kind: Kind) -> ListKind {
    match kind {
        Kind::File => ListKind::File,
        Kind::Dir => ListKind::Directory,
        Kind::Symlink => ListKind::Symlink,
        Kind::Char => ListKind::CharDevice,
        Kind::Block => ListKind::BlockDevice,
        Kind::Fifo => ListKind::Fifo,
        Kind::Socket => ListKind::Socket,
    }
}

#[cfg(test)]
mod tests;
