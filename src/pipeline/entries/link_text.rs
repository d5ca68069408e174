//! The text of a symbolic link: as the source has it, as the destination is to have it, and whether that has it already.

use std::borrow::Cow;
use std::io;

use rsync_compat::options::Links;
use rsync_compat::unsafe_link::is_unsafe;

use crate::entry::{Entry, Kind, Meta};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::contents::Contents;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::translate::{charset, munge};
use crate::plan::Plan;

/// What a link of the source says.
pub(super) struct LinkText {
    /// In the source's character set, as it is told.
    told: Vec<u8>,
    /// In the destination's character set, where that is another (`--iconv`).
    remote: Option<Vec<u8>>,
}

impl LinkText {
    /// Reads it; `None` for what is no link.
    ///
    /// # Errors
    /// Those of readlinkat(2), and that the text cannot be converted.
    pub(super) fn read(plan: &Plan, dir: &Dir, entry: &Entry) -> io::Result<Option<LinkText>> {
        if entry.kind() != Kind::Symlink {
            return Ok(None);
        }
        let told = munge::read(plan, dir, entry)?;
        let converts = plan.charsets.is_some();
        let remote = converts.then(|| charset::text(plan, told.clone())).transpose()?;
        Ok(Some(LinkText { told, remote }))
    }

    /// As messages show it.
    pub(super) fn told(&self) -> &[u8] {
        &self.told
    }

    fn remote(&self) -> &[u8] {
        self.remote.as_ref().unwrap_or(&self.told)
    }

    /// As the destination gets it.
    pub(super) fn to_write(&self, links: &Links) -> Cow<'_, [u8]> {
        munge::to_write(links, self.remote())
    }

    /// Whether the link would lead out of the transfer (`--safe-links`).
    pub(super) fn leads_out(&self, links: &Links, dir: &Dir, entry: &Entry) -> bool {
        is_unsafe(&self.to_write(links), &dir.rel_of(&entry.name))
    }

    /// Whether the destination has a link that says the same.
    pub(super) fn compare(
        &self,
        worker: &Worker,
        dir: &Dir,
        entry: &Entry,
        there: Option<&Meta>,
    ) -> Contents {
        match there {
            Some(there) if there.kind() == Kind::Symlink => same_target(worker, dir, entry, self.remote()),
            _ => Contents::Unknown,
        }
    }
}

/// Whether what the destination has under a link's name is a link with this text.
pub(super) fn same_target(worker: &Worker, dir: &Dir, entry: &Entry, text: &[u8]) -> Contents {
    let Some(dst) = &dir.dst else { return Contents::Unknown };
    match munge::read_target(&worker.run.plan, dst, dir.dst_name(entry)) {
        Ok(there) if there == text => Contents::Equal,
        _ => Contents::Differ,
    }
}
