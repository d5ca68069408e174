//! Which attributes are kept, and which owners may be claimed.

use crate::options::Bytes;

/// Which attributes are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preserve {
    /// `-p`.
    pub perms: bool,
    /// `-E`.
    pub executability: bool,
    /// `-A`.
    pub acls: bool,
    /// `-X` given this many times (2 copies `user.rsync.*` too).
    pub xattrs: u8,
    /// `-o`.
    pub owner: bool,
    /// `-g`.
    pub group: bool,
    /// `--devices`.
    pub devices: bool,
    /// `--specials`.
    pub specials: bool,
    /// `-t`.
    pub times: bool,
    /// `-U` given this many times.
    pub atimes: u8,
    /// `--open-noatime`.
    pub open_noatime: bool,
    /// `-O`.
    pub omit_dir_times: bool,
    /// `-J`.
    pub omit_link_times: bool,
    /// `-H`.
    pub hard_links: bool,
    /// `--numeric-ids`.
    pub numeric_ids: bool,
    /// `--chmod` arguments in order.
    pub chmod: Vec<Bytes>,
    /// `--usermap` text.
    pub usermap: Option<Bytes>,
    /// `--groupmap` text.
    pub groupmap: Option<Bytes>,
    /// What the side that reads the source claims to be able to do.
    pub sender_claim: Claim,
    /// The same of the side that writes the destination: `-M` is for it alone.
    pub receiver_claim: Claim,
    /// `--copy-as`.
    pub copy_as: Option<Bytes>,
}

/// Whether owners, devices and protected attributes are ours to read and set; the last of the options counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// None of the options: as root they are.
    ByUser,
    /// `--super`.
    Super,
    /// `--no-super`.
    Ordinary,
    /// `--fake-super`: they are, in extended attributes.
    Fake,
}
