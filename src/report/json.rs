//! `--json`: one object a line, as docs/json.md describes it; what changes there changes [`VERSION`].

use rsync_compat::output::itemize::Letters;
use uring_ext::plain::UNCHANGED;

use super::errors::operation;
use super::event::Item;
use crate::entry::Kind;
use crate::failure::{Failure, Severity, strerror};
use crate::summary::{ByKind, Summary};

/// Counts up with every change that a reader of the objects could stumble over.
pub(super) const VERSION: u64 = 1;

/// An object that is being written.
struct Object<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Object<'o> {
    fn event(out: &'o mut Vec<u8>, event: &str) -> Object<'o> {
        out.extend_from_slice(b"{\"event\":\"");
        out.extend_from_slice(event.as_bytes());
        out.push(b'"');
        Object { out }
    }

    fn key(&mut self, key: &str) {
        if !self.out.ends_with(b"{") {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn text(mut self, key: &str, text: &[u8]) -> Self {
        self.key(key);
        push_string(self.out, text);
        self
    }

    fn maybe(self, key: &str, text: Option<&[u8]>) -> Self {
        match text {
            Some(text) => self.text(key, text),
            None => self,
        }
    }

    fn number(self, key: &str, number: u64) -> Self {
        self.raw(key, &number.to_string())
    }

    /// A number of a user or group; one that nobody asked for is left out.
    fn id(self, key: &str, id: u32) -> Self {
        if id == UNCHANGED { self } else { self.number(key, id.into()) }
    }

    /// A number or word that needs no quotes.
    fn raw(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        self.out.extend_from_slice(value.as_bytes());
        self
    }

    fn by_kind(mut self, key: &str, counts: &ByKind) -> Self {
        self.key(key);
        self.out.push(b'{');
        let inner = Object { out: &mut *self.out };
        inner
            .number("files", counts.files)
            .number("directories", counts.dirs)
            .number("symlinks", counts.symlinks)
            .number("devices", counts.devices)
            .number("specials", counts.specials);
        self.out.push(b'}');
        self
    }

    fn end(self) {
        self.out.extend_from_slice(b"}\n");
    }
}

/// A string with quotes. What is no UTF-8 becomes `\#ooo`, byte by byte, as rsync writes it; so that this can be
/// told from names that look alike, a backslash before `#` and three digits is written so as well.
fn push_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        let valid = chunk.valid();
        for (at, letter) in valid.char_indices() {
            match letter {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' if is_escape(&valid.as_bytes()[at..]) => out.extend_from_slice(b"\\\\#134"),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\0'..='\x1f' | '\x7f' => {
                    out.extend_from_slice(format!("\\u{:04x}", letter as u32).as_bytes())
                }
                other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        for byte in chunk.invalid() {
            out.extend_from_slice(format!("\\\\#{byte:03o}").as_bytes());
        }
    }
    out.push(b'"');
}

fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'\\', b'#', b'0'..=b'7', b'0'..=b'7', b'0'..=b'7', ..])
}

/// The first line.
pub(super) fn start(out: &mut Vec<u8>, dry_run: &str) {
    let program = concat!("io-uring-sync ", env!("CARGO_PKG_VERSION"));
    Object::event(out, "start")
        .number("version", VERSION)
        .text("program", program.as_bytes())
        .raw("dry_run", dry_run)
        .end();
}

/// An entry that changes.
pub(super) fn item(out: &mut Vec<u8>, item: &Item<'_>, letters: &Letters) {
    Object::event(out, "item")
        .text("path", named(item.rel))
        .text("kind", kind(item.kind).as_bytes())
        .text("change", letters)
        .number("size", item.meta.size)
        .number("moved", item.moved.unwrap_or_default().literal_bytes)
        .maybe("target", item.target)
        .maybe("link_to", item.leader)
        .end();
}

/// An entry of a listing.
pub(super) fn listed(out: &mut Vec<u8>, item: &Item<'_>) {
    let mtime = item.meta.mtime;
    Object::event(out, "listed")
        .text("path", named(item.rel))
        .text("kind", kind(item.kind).as_bytes())
        .number("size", item.meta.size)
        .text("mode", format!("{:04o}", item.meta.mode & 0o7777).as_bytes())
        .id("uid", item.meta.uid)
        .id("gid", item.meta.gid)
        .raw("mtime", &mtime.sec.to_string())
        .raw("mtime_ns", &mtime.nsec.to_string())
        .maybe("target", item.target)
        .end();
}

/// An entry that is deleted.
pub(super) fn deleted(out: &mut Vec<u8>, rel: &[u8], deleted: Kind) {
    Object::event(out, "deleted").text("path", named(rel)).text("kind", kind(deleted).as_bytes()).end();
}

/// A line that standard output would have had.
pub(super) fn message(out: &mut Vec<u8>, text: &[u8]) {
    Object::event(out, "message").text("text", text).end();
}

/// A line that standard error has, too.
pub(super) fn warning(out: &mut Vec<u8>, text: &[u8]) {
    Object::event(out, "warning").text("text", text).end();
}

/// Something that went wrong.
pub(super) fn failure(out: &mut Vec<u8>, failure: &Failure) {
    let severity = match failure.severity {
        Severity::Error | Severity::ListingError | Severity::Reported => "error",
        Severity::Vanished => "vanished",
        Severity::Warning => "warning",
    };
    let object = Object::event(out, "error")
        .text("severity", severity.as_bytes())
        .text("side", failure.side.tag().as_bytes())
        .text("operation", operation(failure.what).as_bytes())
        .text("path", &failure.path);
    match failure.errno {
        Some(errno) => {
            object.number("errno", errno.unsigned_abs().into()).text("reason", strerror(errno).as_bytes())
        }
        None => object,
    }
    .end();
}

/// The totals.
pub(super) fn summary(out: &mut Vec<u8>, summary: &Summary, ended: &Ended) {
    Object::event(out, "summary")
        .raw("complete", if ended.complete { "true" } else { "false" })
        .by_kind("listed", &summary.listed)
        .by_kind("created", &summary.created)
        .by_kind("deleted", &summary.deleted)
        .number("copied_files", summary.transferred)
        .number("copied_bytes", summary.transferred_bytes)
        .number("written_bytes", summary.literal_bytes)
        .number("total_bytes", summary.total_bytes)
        .number("hard_links", summary.linked)
        .number("skipped", ended.skipped)
        .number("errors", ended.failures)
        .number("deletions_refused", summary.deletions_skipped)
        .number("reflinked_bytes", summary.cloned_bytes)
        .number("ring_files", summary.ring_files)
        .number("verified_files", summary.verified)
        .number("elapsed_ms", ended.elapsed_ms)
        .end();
}

/// What the summary says that the counters of the run do not know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) complete: bool,
    pub(super) skipped: u64,
    pub(super) failures: u64,
    pub(super) elapsed_ms: u64,
}

/// The last line.
pub(super) fn end(out: &mut Vec<u8>, exit: u8) {
    Object::event(out, "end").number("exit", exit.into()).end();
}

/// The top has no name.
fn named(rel: &[u8]) -> &[u8] {
    if rel.is_empty() { b"." } else { rel }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Dir => "directory",
        Kind::Symlink => "symlink",
        Kind::Char => "char_device",
        Kind::Block => "block_device",
        Kind::Fifo => "fifo",
        Kind::Socket => "socket",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &[u8]) -> String {
        let mut out = Vec::new();
        push_string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_are_json_and_lose_nothing() {
        assert_eq!(string(b"a \"b\"\n\x01"), r#""a \"b\"\n\u0001""#);
        assert_eq!(string("gr\u{fc}n".as_bytes()), "\"gr\u{fc}n\"");
        assert_eq!(string(b"gr\xfcn\xff"), r##""gr\\#374n\\#377""##);
        assert_eq!(string(b"a\\b \\#374 \\#9"), r##""a\\b \\#134#374 \\#9""##);
    }

    #[test]
    fn objects_are_lines() {
        let mut out = Vec::new();
        end(&mut out, 23);
        deleted(&mut out, b"x", Kind::Dir);
        let text = "{\"event\":\"end\",\"exit\":23}\n{\"event\":\"deleted\",\"path\":\"x\",\"kind\":\"directory\"}\n";
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}
