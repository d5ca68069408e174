//! A directory while it is worked on: its handles on both sides, and who still needs them.

mod job;

use std::ffi::{CStr, CString};
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rsync_compat::filter::Chain;

use super::at::umask_by_acl;
use super::swaps::SharedSides;
use crate::entry::{Entry, Meta, join};
use crate::path_text::c_name;
use crate::pipeline::attributes::acl;
use crate::pipeline::attributes::xattr::Xattr;
use crate::pipeline::batch::replay::Listing;
use crate::pipeline::engine::state::{OpenHandles, State};
use crate::plan::Plan;
use crate::report::Node;

pub use self::job::{BatchJob, Before, DirJob, Remote, Through};

/// What the kernel makes of a file created in a directory: owners by set-gid and mount options, mode by default ACLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inherited {
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Whether files get the mode that is asked for; a default ACL changes it.
    pub mode_kept: bool,
}

/// A file that an update of another name may start from (`--fuzzy`).
#[derive(Debug)]
pub struct Candidate {
    /// Its name.
    pub name: CString,
    /// Its metadata.
    pub meta: Meta,
    /// It is being updated itself.
    pub sent: AtomicBool,
}

/// The files that updates may start from, here and in alternate destinations (`--fuzzy`).
#[derive(Debug, Default)]
pub struct Similar {
    /// All of them, once that was asked.
    pub lists: OnceLock<Vec<Vec<Candidate>>>,
    /// Some name was looked for among them.
    pub asked: AtomicBool,
}

/// What later work on a directory has to know.
#[derive(Debug, Default)]
pub struct Flags {
    /// Something was made, replaced or removed here, so that its own time must be set again.
    pub touched: AtomicBool,
    /// A source of it went away before it was listed: nothing of it is known to be extraneous.
    pub vanished: AtomicBool,
    /// Its owner may not search it at the destination, and lists nothing there.
    pub shut: AtomicBool,
    /// Everything in it is done: whoever changes it from now on gives its attributes back.
    pub finished: AtomicBool,
    /// Backups come to lie among its files, which get their names in the order of the list.
    pub in_turn: AtomicBool,
    /// Its mode, where it did not have its owner yet when everything in it was done.
    pub unowned: OnceLock<u32>,
    /// How many names of hard-link groups are being worked on here, where permissions bind us: it is not closed
    /// meanwhile.
    pub visits: Mutex<usize>,
}

/// What stays true of a directory whether its handles are open or not.
#[derive(Debug, Clone)]
pub struct DirFacts {
    /// Path from the transfer root; empty at the top.
    pub rel: Vec<u8>,
    /// The path at the destination, where that is another (`--iconv`).
    pub remote: Option<Vec<u8>>,
    /// The file system that `-x` stays on, if not the root's.
    pub dev: Option<u64>,
    /// What stands in for source directories when a batch is replayed.
    pub recorded: Option<Arc<Listing>>,
    /// What the destination had.
    pub before: Before,
    /// Rules in force on the source side.
    pub sender: Chain,
    /// Rules in force in each further source, by the number of its root, where every one has rules of its own.
    pub further: Vec<(u16, Chain)>,
    /// Rules in force on the destination side.
    pub receiver: Chain,
    /// Attributes to give in the end.
    pub wanted: Option<Meta>,
    /// Place in the order of reports.
    pub node: Arc<Node>,
    /// The name that a single entry takes on at the destination.
    pub rename: Option<CString>,
    /// How many followed links lie on its way on the source side.
    pub links_above: u32,
    /// The extended attributes of the link that it is reached through, where they are kept.
    pub link_xattrs: Option<Arc<[Xattr]>>,
    /// What later work on the directory has to know.
    pub flags: Arc<Flags>,
}

impl DirFacts {
    /// The rules that the names of a source are under.
    #[must_use]
    pub fn rules(&self, source: u16) -> &Chain {
        self.further.iter().find(|(root, _)| *root == source).map_or(&self.sender, |(_, chain)| chain)
    }

    /// Whether nothing is said of any name.
    #[must_use]
    pub fn has_no_rules(&self) -> bool {
        self.sender.is_empty() && self.further.iter().all(|(_, chain)| chain.is_empty())
    }

    /// The name an entry has at the destination.
    #[must_use]
    pub fn dst_name<'a>(&'a self, entry: &'a Entry) -> &'a CStr {
        self.rename.as_deref().unwrap_or_else(|| entry.remote_name())
    }

    /// The name an entry has at the destination as messages show it: in the source's character set.
    #[must_use]
    pub fn dst_name_shown<'a>(&'a self, entry: &'a Entry) -> &'a CStr {
        self.rename.as_deref().unwrap_or(&entry.name)
    }

    /// The directory's path from the transfer root at the destination.
    #[must_use]
    pub fn dst_rel(&self) -> &[u8] {
        self.remote.as_ref().unwrap_or(&self.rel)
    }

    /// Its own name at the destination.
    #[must_use]
    pub fn own_name(&self) -> CString {
        c_name(self.dst_rel().rsplit(|byte| *byte == b'/').next().unwrap_or_default())
    }

    /// The path of a name that the destination has in it.
    #[must_use]
    pub fn dst_rel_of(&self, name: &CStr) -> Vec<u8> {
        join(self.dst_rel(), name.to_bytes())
    }

    /// An entry's path from the transfer root.
    #[must_use]
    pub fn rel_of(&self, name: &CStr) -> Vec<u8> {
        join(&self.rel, name.to_bytes())
    }
}

/// A directory, open on both sides.
#[derive(Debug)]
pub struct DirHandles {
    /// Source directories, with the number of their root.
    pub src: Vec<(u16, OwnedFd)>,
    /// The source that is kept of one that cannot be listed.
    pub unlisted: Option<(u16, OwnedFd)>,
    /// The destination directory; `None` when there is none to work on.
    pub dst: Option<OwnedFd>,
    /// Alternate destinations' directories of the same path.
    pub basis: Vec<Option<OwnedFd>>,
}

/// What a directory is known to lie in.
#[derive(Debug)]
pub enum Above {
    /// Nothing: it is the top.
    Nothing,
    /// An open directory.
    Open(Arc<Dir>),
    /// One that was closed: only the top's place in the order of reports is known.
    Closed(Arc<Node>),
}

/// A directory being worked on. What stays true of it once its handles are closed ([`DirFacts`]) reads as its own.
#[derive(Debug)]
pub struct Dir {
    /// What stays true of it once its handles are closed.
    pub facts: DirFacts,
    /// The directory that holds it; `None` at the top, and in one that was opened again.
    pub parent: Option<Arc<Dir>>,
    /// The top's place in the order of reports, in one that was opened again.
    pub top: Option<Arc<Node>>,
    /// Open source directories, with the number of their root.
    pub src: Vec<(u16, OwnedFd)>,
    /// The source that is kept of one that cannot be listed.
    pub unlisted: Option<(u16, OwnedFd)>,
    /// The open destination directory; `None` when there is none to work on.
    pub dst: Option<OwnedFd>,
    /// Alternate destinations' directories of the same path.
    pub basis: Vec<Option<OwnedFd>>,
    /// Owner, group and mode of files that are made here, once one was.
    pub inherited: OnceLock<Inherited>,
    /// Files that updates of others may start from.
    pub similar: Similar,
    /// The bits that new entries lack without `-p`, once that was asked.
    pub umask: OnceLock<u32>,
    /// Its descriptors, which count as open until it is dropped.
    _open_handles: OpenHandles,
    /// Whether others may swap names here.
    pub shared: SharedSides,
    /// Something was changed by way of these handles.
    pub touched_here: AtomicBool,
    /// Whether there was a partial directory when somebody first asked.
    pub had_partials: OnceLock<bool>,
    /// Whether new files inherit no extended attribute and no ACL here, once that was asked.
    pub bare: OnceLock<bool>,
    /// Entries and batches still being worked on, and one for the walk itself.
    pub pending: AtomicUsize,
}

impl Deref for Dir {
    type Target = DirFacts;

    fn deref(&self) -> &DirFacts {
        &self.facts
    }
}

impl Dir {
    /// A directory that was just opened; all else about it is found out as it is worked on.
    pub fn new(state: &State, above: Above, facts: DirFacts, handles: DirHandles) -> Dir {
        let DirHandles { src, unlisted, dst, basis } = handles;
        let (parent, top) = match above {
            Above::Nothing => (None, None),
            Above::Open(parent) => (Some(parent), None),
            Above::Closed(top) => (None, Some(top)),
        };
        let open_handles = src.len() + usize::from(dst.is_some()) + basis.iter().flatten().count();
        Dir {
            _open_handles: state.count_open(open_handles),
            facts,
            parent,
            top,
            src,
            unlisted,
            dst,
            basis,
            inherited: OnceLock::new(),
            similar: Similar::default(),
            umask: OnceLock::new(),
            shared: SharedSides::default(),
            touched_here: AtomicBool::new(false),
            had_partials: OnceLock::new(),
            bare: OnceLock::new(),
            pending: AtomicUsize::new(1),
        }
    }

    /// The top's place in the order of reports.
    #[must_use]
    pub fn top(&self) -> &Arc<Node> {
        let mut dir = self;
        while let Some(above) = &dir.parent {
            dir = above;
        }
        dir.top.as_ref().unwrap_or(&dir.node)
    }

    /// The source handle for an entry.
    #[must_use]
    pub fn source(&self, entry_source: u16) -> Option<&OwnedFd> {
        self.src.iter().find(|(root, _)| *root == entry_source).map(|(_, handle)| handle)
    }

    /// The bits that new entries lack without `-p`: those of the umask, unless the directory has a default ACL.
    pub fn umask(&self, plan: &Plan) -> u32 {
        *self.umask.get_or_init(|| {
            if let Some(recorded) = self.recorded.as_ref().filter(|_| plan.options.preserve.acls) {
                let own = recorded.own_extended().and_then(|extended| extended.default);
                return own.and_then(|acl| acl::umask_of_default(&acl)).unwrap_or(plan.identity.umask);
            }
            // With -A the directory is going to have the source's.
            let source = self.src.first().map(|(_, handle)| handle).filter(|_| plan.options.preserve.acls);
            let asked = source.or(self.dst.as_ref());
            asked.and_then(umask_by_acl).unwrap_or(plan.identity.umask)
        })
    }

    /// Notes that the directory's own time must be set again.
    pub fn touch(&self) {
        self.flags.touched.store(true, Ordering::Release);
        self.touched_here.store(true, Ordering::Release);
    }

    /// Keeps the directory open for one more piece of work.
    pub fn hold(self: &Arc<Self>) -> Arc<Dir> {
        self.pending.fetch_add(1, Ordering::AcqRel);
        Arc::clone(self)
    }

    /// Ends a piece of work; true for the last one, who finishes the directory.
    #[must_use]
    pub fn release(&self) -> bool {
        self.pending.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Whether names can exist at the destination at all.
    #[must_use]
    pub fn may_hold_names(&self) -> bool {
        matches!(self.before, Before::Existing(_)) && self.dst.is_some()
    }
}
