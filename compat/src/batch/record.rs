//! The records of a batch: what it is of, the names of each directory, what happened to them, the end.

use super::flags::Flags;
use super::wire::{In, Malformed, Out, Read};

/// What a frame's payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first one.
    Opening,
    /// Names of a directory.
    Listing,
    /// What became of a name, perhaps with data.
    Change,
    /// The last one.
    Closing,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Opening, Kind::Listing, Kind::Change, Kind::Closing];

    pub(super) fn code(self) -> u32 {
        match self {
            Kind::Opening => 1,
            Kind::Listing => 2,
            Kind::Change => 3,
            Kind::Closing => 4,
        }
    }

    pub(super) fn from_code(code: u32) -> Read<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code).ok_or(Malformed)
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The first one.
    Opening(Opening),
    /// Names of a directory; a large one has several.
    Listing(Listing),
    /// What became of a name.
    Change(Change),
    /// The last one.
    Closing(Closing),
}

/// What the batch is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The options it was written with.
    pub flags: Flags,
    /// The top of the transfer.
    pub top: Top,
}

/// The top of the transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Top {
    /// Only the way to the names that operands spell out.
    Way,
    /// A directory that is in the list itself.
    Listed(Attributes),
}

/// What an inode says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of statx(2)")]
pub struct Attributes {
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub nlink: u32,
    pub size: u64,
    pub ino: u64,
    pub dev: u64,
    pub rdev: u64,
    pub blocks: u64,
    pub mtime: (i64, u32),
    pub atime: (i64, u32),
}

/// Extended attributes and ACLs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Extended {
    /// The access ACL as the kernel stores it.
    pub access: Option<Vec<u8>>,
    /// The default ACL.
    pub default: Option<Vec<u8>>,
    /// Names and values.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A user's or group's number and name on the machine that wrote the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    /// The number.
    pub number: u32,
    /// The name.
    pub name: Vec<u8>,
}

/// Names of one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The directory's path from the transfer root.
    pub rel: Vec<u8>,
    /// All its contents are in the list, so that what else the destination has is extraneous.
    pub whole: bool,
    /// Reading it failed.
    pub broken: bool,
    /// Its own extended attributes and ACLs, when they are kept.
    pub extended: Option<Extended>,
    /// Users that own something in it.
    pub users: Vec<Id>,
    /// Groups likewise.
    pub groups: Vec<Id>,
    /// The names.
    pub names: Vec<Name>,
}

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub name: Vec<u8>,
    /// How operands mean it, by the program's own numbers; 0 when none names it.
    pub rank: u8,
    /// Its metadata.
    pub attributes: Attributes,
    /// The text of a symbolic link.
    pub target: Option<Vec<u8>>,
    /// Its extended attributes and ACLs, when they are kept.
    pub extended: Option<Extended>,
    /// The checksum of a file, when contents are compared.
    pub digest: Option<Vec<u8>>,
}

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path from the transfer root.
    pub rel: Vec<u8>,
    /// Device and inode, by which names of one file find its data.
    pub inode: (u64, u64),
    /// The first letter of `-i`, by its number.
    pub update: u8,
    /// The other letters, as a set.
    pub changes: u16,
    /// The name that a hard link was made to.
    pub leader: Option<Vec<u8>>,
    /// What of its data is in the batch.
    pub fate: Fate,
}

/// What of a file's data is in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It needs none.
    Unmoved,
    /// All of it follows the record.
    Sent,
    /// None, as it could not be read.
    Unsent,
}

/// The last record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// How many frames came before.
    pub frames: u64,
}

impl Record {
    /// What it is, and its bytes.
    #[must_use]
    pub fn encode(&self) -> (Kind, Vec<u8>) {
        let mut out = Out::default();
        let kind = match self {
            Record::Opening(opening) => {
                opening.encode(&mut out);
                Kind::Opening
            }
            Record::Listing(listing) => {
                listing.encode(&mut out);
                Kind::Listing
            }
            Record::Change(change) => {
                change.encode(&mut out);
                Kind::Change
            }
            Record::Closing(closing) => {
                out.u64(closing.frames);
                Kind::Closing
            }
        };
        (kind, out.0)
    }

    /// The record in these bytes.
    ///
    /// # Errors
    /// Bytes that are none.
    pub fn decode(kind: Kind, payload: &[u8]) -> Result<Record, Malformed> {
        let mut from = In(payload);
        let record = match kind {
            Kind::Opening => Record::Opening(Opening::decode(&mut from)?),
            Kind::Listing => Record::Listing(Listing::decode(&mut from)?),
            Kind::Change => Record::Change(Change::decode(&mut from)?),
            Kind::Closing => Record::Closing(Closing { frames: from.u64()? }),
        };
        from.end()?;
        Ok(record)
    }
}

impl Opening {
    fn encode(&self, out: &mut Out) {
        out.u32(self.flags.bits());
        let listed = match &self.top {
            Top::Way => None,
            Top::Listed(attributes) => Some(attributes),
        };
        out.option(listed, |out, attributes| attributes.encode(out));
    }

    fn decode(from: &mut In<'_>) -> Read<Opening> {
        let flags = Flags::from_bits(from.u32()?)?;
        let top = from.option(Attributes::decode)?.map_or(Top::Way, Top::Listed);
        Ok(Opening { flags, top })
    }
}

impl Attributes {
    fn encode(&self, out: &mut Out) {
        [self.mode, self.uid, self.gid, self.nlink].into_iter().for_each(|value| out.u32(value));
        [self.size, self.ino, self.dev, self.rdev, self.blocks].into_iter().for_each(|value| out.u64(value));
        for (seconds, nanoseconds) in [self.mtime, self.atime] {
            out.i64(seconds);
            out.u32(nanoseconds);
        }
    }

    fn decode(from: &mut In<'_>) -> Read<Attributes> {
        Ok(Attributes {
            mode: from.u32()?,
            uid: from.u32()?,
            gid: from.u32()?,
            nlink: from.u32()?,
            size: from.u64()?,
            ino: from.u64()?,
            dev: from.u64()?,
            rdev: from.u64()?,
            blocks: from.u64()?,
            mtime: (from.i64()?, from.u32()?),
            atime: (from.i64()?, from.u32()?),
        })
    }
}

impl Extended {
    fn encode(&self, out: &mut Out) {
        for acl in [&self.access, &self.default] {
            out.option(acl.as_ref(), |out, acl| out.bytes(acl));
        }
        out.list(&self.xattrs, |out, (name, value)| {
            out.bytes(name);
            out.bytes(value);
        });
    }

    fn decode(from: &mut In<'_>) -> Read<Extended> {
        Ok(Extended {
            access: from.option(In::bytes)?,
            default: from.option(In::bytes)?,
            xattrs: from.list(|from| Ok((from.bytes()?, from.bytes()?)))?,
        })
    }
}

impl Id {
    fn encode(out: &mut Out, id: &Id) {
        out.u32(id.number);
        out.bytes(&id.name);
    }

    fn decode(from: &mut In<'_>) -> Read<Id> {
        Ok(Id { number: from.u32()?, name: from.bytes()? })
    }
}

impl Listing {
    fn encode(&self, out: &mut Out) {
        out.bytes(&self.rel);
        out.u8(u8::from(self.whole));
        out.u8(u8::from(self.broken));
        out.option(self.extended.as_ref(), |out, extended| extended.encode(out));
        out.list(&self.users, Id::encode);
        out.list(&self.groups, Id::encode);
        out.list(&self.names, |out, name| name.encode(out));
    }

    fn decode(from: &mut In<'_>) -> Read<Listing> {
        Ok(Listing {
            rel: from.bytes()?,
            whole: from.flag()?,
            broken: from.flag()?,
            extended: from.option(Extended::decode)?,
            users: from.list(Id::decode)?,
            groups: from.list(Id::decode)?,
            names: from.list(Name::decode)?,
        })
    }
}

impl Name {
    fn encode(&self, out: &mut Out) {
        out.bytes(&self.name);
        out.u8(self.rank);
        self.attributes.encode(out);
        out.option(self.target.as_ref(), |out, target| out.bytes(target));
        out.option(self.extended.as_ref(), |out, extended| extended.encode(out));
        out.option(self.digest.as_ref(), |out, digest| out.bytes(digest));
    }

    /// A name is one component: nothing in a batch leads out of the directory that it is put in.
    fn decode(from: &mut In<'_>) -> Read<Name> {
        let name = from.bytes()?;
        if matches!(name.as_slice(), b"" | b"." | b"..") || name.iter().any(|byte| matches!(byte, 0 | b'/')) {
            return Err(Malformed);
        }
        Ok(Name {
            name,
            rank: from.u8()?,
            attributes: Attributes::decode(from)?,
            target: from.option(In::bytes)?,
            extended: from.option(Extended::decode)?,
            digest: from.option(In::bytes)?,
        })
    }
}

impl Change {
    fn encode(&self, out: &mut Out) {
        out.bytes(&self.rel);
        out.u64(self.inode.0);
        out.u64(self.inode.1);
        out.u8(self.update);
        out.u16(self.changes);
        out.option(self.leader.as_ref(), |out, leader| out.bytes(leader));
        out.u8(match self.fate {
            Fate::Unmoved => 0,
            Fate::Sent => 1,
            Fate::Unsent => 2,
        });
    }

    fn decode(from: &mut In<'_>) -> Read<Change> {
        Ok(Change {
            rel: from.bytes()?,
            inode: (from.u64()?, from.u64()?),
            update: from.u8()?,
            changes: from.u16()?,
            leader: from.option(In::bytes)?,
            fate: match from.u8()? {
                0 => Fate::Unmoved,
                1 => Fate::Sent,
                2 => Fate::Unsent,
                _ => return Err(Malformed),
            },
        })
    }
}
