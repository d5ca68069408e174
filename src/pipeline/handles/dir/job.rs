//! A directory as a piece of work: what travels to the worker that opens it.

use std::ffi::{CStr, CString};
use std::io;
use std::sync::Arc;

use rsync_compat::options::DeleteWhen;
use uring_ext::FileName;

use super::Dir;
use crate::entry::Meta;
use crate::operands::tree::Operands;
use crate::pipeline::engine::prefetch::Upcoming;
use crate::pipeline::handles::closed::ClosedDir;
use crate::pipeline::handles::name::Name;
use crate::pipeline::handles::swaps::SourceDir;
use crate::plan::Plan;
use crate::report::Node;

/// What the destination had under a directory's name when its turn came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing, and nothing is made: a dry run.
    Absent,
    /// It is left out at the destination, with all below it: `--existing`, or it could not be made.
    Left,
    /// Something else has its name and stays (`--ignore-existing`): nothing can be made below it, for this reason.
    Blocked(i32),
    /// Nothing; this run made it, so it is empty.
    Made,
    /// A directory.
    Existing(Meta),
}

impl Before {
    /// Why nothing can be made below it.
    #[must_use]
    pub fn blocked(&self) -> Option<io::Error> {
        match self {
            Before::Blocked(errno) => Some(io::Error::from_raw_os_error(*errno)),
            Before::Absent | Before::Left | Before::Made | Before::Existing(_) => None,
        }
    }

    /// Whether deletions come to the directory: a dry run makes none of those that are missing, and `--delete-before`
    /// comes before they are made.
    #[must_use]
    pub fn is_cleaned(&self, plan: &Plan) -> bool {
        let options = &plan.options;
        match self {
            Before::Left => false,
            Before::Existing(_) => true,
            Before::Absent | Before::Blocked(_) | Before::Made => {
                !options.write.dry_run && options.delete.when != Some(DeleteWhen::Before)
            }
        }
    }
}

/// How the directory's name is opened on the source side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// The name must be a directory itself.
    Itself,
    /// The user asked for links to be followed, and this is one (`-L`, `-k`, a link within an operand).
    Link,
}

/// A directory to be read and brought up to date.
#[derive(Debug)]
pub struct DirJob {
    /// The directory that holds it; `None` at the top, and while that is closed.
    pub parent: Option<Arc<Dir>>,
    /// The directory that holds it, where that is closed until this one's turn comes.
    pub closed: Option<Arc<ClosedDir>>,
    /// Its name there, on the source side.
    pub name: FileName,
    /// How it is opened.
    pub through: Through,
    /// Sources that have it, the one with its attributes first.
    pub sources: Vec<u16>,
    /// Sources whose listing is wanted.
    pub listed: Vec<u16>,
    /// Names below it that operands spell out.
    pub operands: Operands,
    /// The attributes it gets in the end; `None` leaves them alone.
    pub wanted: Option<Meta>,
    /// What it was in the source when that was listed; `None` where no source has it.
    pub as_listed: Option<SourceDir>,
    /// What the destination had.
    pub before: Before,
    /// Its place in the order of reports.
    pub node: Arc<Node>,
    /// Its own path from the transfer root.
    pub rel: Vec<u8>,
    /// Its name and path at the destination, where they are others (`--iconv`).
    pub remote: Option<Remote>,
    /// The file system of the operand that named it or a directory above it; `None` where that is the root itself.
    pub dev: Option<u64>,
    /// Its place among those that are looked into before their turn.
    pub upcoming: Option<Arc<Upcoming>>,
}

/// What a directory is in the destination's character set.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Its name.
    pub name: CString,
    /// Its path from the transfer root.
    pub rel: Vec<u8>,
}

impl DirJob {
    /// Its name at the destination.
    #[must_use]
    pub fn dst_name(&self) -> &CStr {
        self.remote.as_ref().map_or(&self.name, |remote| &remote.name)
    }

    /// Its path there.
    #[must_use]
    pub fn dst_rel(&self) -> &[u8] {
        self.remote.as_ref().map_or(&self.rel, |remote| &remote.rel)
    }
}

/// A part of the names of a large directory.
#[derive(Debug)]
pub struct BatchJob {
    /// The directory.
    pub dir: Arc<Dir>,
    /// The names.
    pub names: Vec<Name>,
}
