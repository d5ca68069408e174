//! The eleven letters of `-i` (rsync(1), --itemize-changes), and the set of changes they stand for.

use std::ops::{BitOr, BitOrAssign};

/// What differs between source and destination, or is about to be set: one set for printing and for applying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Changes(u16);

impl Changes {
    /// Nothing.
    pub const NONE: Changes = Changes(0);
    /// The checksum of a regular file, or the value of a link or device, differs: `c`.
    pub const CHECKSUM: Changes = Changes(1);
    /// The size differs: `s`.
    pub const SIZE: Changes = Changes(1 << 1);
    /// The modification time differs and is set to the source's: `t`.
    pub const TIME: Changes = Changes(1 << 2);
    /// The modification time becomes the time of the transfer, as there is no `-t`: `T`.
    pub const TIME_NOW: Changes = Changes(1 << 3);
    /// The permissions differ: `p`.
    pub const PERMS: Changes = Changes(1 << 4);
    /// The owner differs: `o`.
    pub const OWNER: Changes = Changes(1 << 5);
    /// The group differs: `g`.
    pub const GROUP: Changes = Changes(1 << 6);
    /// The access time differs: `u`.
    pub const ATIME: Changes = Changes(1 << 7);
    /// The creation time differs: `n`.
    pub const CRTIME: Changes = Changes(1 << 8);
    /// The ACL differs: `a`.
    pub const ACL: Changes = Changes(1 << 9);
    /// The extended attributes differ: `x`.
    pub const XATTR: Changes = Changes(1 << 10);
    /// The item is new: nine `+`.
    pub const NEW: Changes = Changes(1 << 11);

    /// The set as a number.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set of a number; bits that mean nothing are left out.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Changes {
        Changes(bits & 0xfff)
    }

    /// Whether every change in `other` is here.
    #[must_use]
    pub const fn contains(self, other: Changes) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any change in `other` is here.
    #[must_use]
    pub const fn intersects(self, other: Changes) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, other: Changes) -> Changes {
        Changes(self.0 & !other.0)
    }
}

impl BitOr for Changes {
    type Output = Changes;

    fn bitor(self, other: Changes) -> Changes {
        Changes(self.0 | other.0)
    }
}

impl BitOrAssign for Changes {
    fn bitor_assign(&mut self, other: Changes) {
        self.0 |= other.0;
    }
}

/// The first letter: what happens to the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Update {
    /// `>`: its data is transferred, as every file of a local copy is.
    Transfer,
    /// `c`: made or changed here, without transferring data.
    Local,
    /// `h`: a hard link to another item.
    HardLink,
    /// `.`: at most its attributes change.
    Attributes,
}

impl Update {
    const ALL: [Update; 4] = [Update::Transfer, Update::Local, Update::HardLink, Update::Attributes];

    /// Its number in a batch.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What has this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Update> {
        Update::ALL.into_iter().find(|update| update.code() == code)
    }
}

/// The second letter: what kind of item it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// `f`.
    File,
    /// `d`.
    Directory,
    /// `L`.
    Symlink,
    /// `D`.
    Device,
    /// `S`: a fifo or socket.
    Special,
}

/// The eleven letters.
pub type Letters = [u8; 11];

/// What `-i` shows for a deletion.
pub const DELETED: Letters = *b"*deleting  ";

/// What `-i` shows for data of a file of which nothing else is known, as before protocol 29.
pub const UNKNOWN: Letters = *b">f?????????";

/// What `-i` shows for a change.
///
/// ```
/// use rsync_compat::output::itemize::{Changes, ItemKind, Update, itemize};
/// let changes = Changes::SIZE | Changes::TIME;
/// assert_eq!(&itemize(Update::Transfer, ItemKind::File, changes), b">f.st......");
/// ```
#[must_use]
pub fn itemize(update: Update, kind: ItemKind, changes: Changes) -> Letters {
    let mut letters = [b'.'; 11];
    letters[0] = match update {
        Update::Transfer => b'>',
        Update::Local => b'c',
        Update::HardLink => b'h',
        Update::Attributes => b'.',
    };
    letters[1] = match kind {
        ItemKind::File => b'f',
        ItemKind::Directory => b'd',
        ItemKind::Symlink => b'L',
        ItemKind::Device => b'D',
        ItemKind::Special => b'S',
    };
    if changes.contains(Changes::NEW) {
        letters[2..].fill(b'+');
        return letters;
    }
    if changes.is_empty() && update != Update::Transfer {
        letters[2..].fill(b' ');
        return letters;
    }
    let columns = [
        (2, Changes::CHECKSUM, b'c'),
        (3, Changes::SIZE, b's'),
        (4, Changes::TIME, b't'),
        (4, Changes::TIME_NOW, b'T'),
        (5, Changes::PERMS, b'p'),
        (6, Changes::OWNER, b'o'),
        (7, Changes::GROUP, b'g'),
        (8, Changes::ATIME, b'u'),
        (8, Changes::CRTIME, b'n'),
        (8, Changes::ATIME | Changes::CRTIME, b'b'),
        (9, Changes::ACL, b'a'),
        (10, Changes::XATTR, b'x'),
    ];
    for (at, change, letter) in columns {
        if changes.contains(change) {
            letters[at] = letter;
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that rsync 3.5.0 printed.
    #[test]
    fn letters_are_rsyncs() {
        use ItemKind::{Device, Directory, File, Special, Symlink};
        let c = Changes::CHECKSUM;
        let cases: &[(Update, ItemKind, Changes, &[u8; 11])] = &[
            (Update::Transfer, File, Changes::NEW, b">f+++++++++"),
            (Update::Local, Directory, Changes::NEW, b"cd+++++++++"),
            (Update::Attributes, Directory, Changes::TIME, b".d..t......"),
            (Update::Transfer, File, Changes::SIZE | Changes::TIME, b">f.st......"),
            (Update::Transfer, File, Changes::TIME_NOW, b">f..T......"),
            (Update::Transfer, File, Changes::NONE, b">f........."),
            (Update::Transfer, File, c | Changes::SIZE, b">fcs......."),
            (Update::HardLink, File, Changes::NONE, b"hf         "),
            (Update::Attributes, File, Changes::NONE, b".f         "),
            (Update::Local, Device, c, b"cDc........"),
            (Update::Local, Symlink, c | Changes::TIME, b"cLc.t......"),
            (Update::Attributes, Special, Changes::PERMS | Changes::OWNER | Changes::GROUP, b".S...pog..."),
            (Update::Attributes, File, Changes::ACL | Changes::XATTR | Changes::ATIME, b".f......uax"),
        ];
        for (update, kind, changes, wanted) in cases {
            assert_eq!(&itemize(*update, *kind, *changes), *wanted);
        }
    }
}
