//! A batch that is replayed: checked to its end before anything is done, and what stands where in it.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::batch::{
    Change, FRAME_BYTES, Fate, FrameHead, FrameSum, Kind, Listing, MAGIC, Opening, Record, START_BYTES,
    VERSION,
};
use rsync_compat::exit::Exit;
use uring_ext::mode::{S_IFIFO, S_IFMT, S_IFREG};
use uring_ext::plain::{self, CWD, OFlags};

use super::{data_start, shown};
use crate::failure::{BatchFault, Cause, Fatal, Side, errno_of};
use crate::operands::resolve::Resolver;
use crate::path_text::c_name;

/// The protocols that rsync 3.5.0 speaks.
const PROTOCOL_MIN: i32 = 20;
const PROTOCOL_MAX: i32 = 32;
/// Bytes that are read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// A batch, and where its parts lie.
#[derive(Debug)]
pub struct Recorded {
    /// The file.
    pub handle: OwnedFd,
    /// Its path, for messages.
    pub path: Vec<u8>,
    /// What it is of.
    pub opening: Opening,
    /// Payloads of listings, by the directory's path.
    listings: HashMap<Vec<u8>, Vec<Span>>,
    /// What became of names, by path.
    changes: HashMap<Vec<u8>, Sent>,
    /// Data of files, by device and inode.
    by_inode: HashMap<(u64, u64), Span>,
}

/// A stretch of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: u64,
    /// How long it is.
    pub bytes: u64,
}

/// What became of a name, and its data.
#[derive(Debug)]
pub struct Sent {
    /// What became of it.
    pub change: Change,
    /// Its data, if any was sent.
    pub data: Option<Span>,
}

/// Why a file is no batch that can be replayed.
#[derive(Debug)]
enum Unfit {
    /// It cannot be read.
    Io(io::Error),
    /// It is no file that holds data.
    Special,
    /// It begins as something else; the version of rsync's protocol that it names, if it is long enough for that.
    Foreign(Option<i32>),
    /// Its format is newer.
    Newer(u32),
    /// It ends too early, or its sums are wrong.
    Damaged,
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Unfit {
        Unfit::Io(error)
    }
}

impl Recorded {
    /// Opens a batch, `-` from standard input, and checks it to its end.
    ///
    /// # Errors
    /// A file that is no batch of ours, not a whole one, or too new, with rsync's exit status for the like.
    pub fn open(resolver: &Resolver, file: &[u8], cwd: &[u8]) -> Result<Recorded, Fatal> {
        let path = if file == b"-" { b"(stdin)".to_vec() } else { shown(cwd, file) };
        let opened = match file {
            b"-" => standard_input(),
            file => resolver.open(CWD, &c_name(file), OFlags::RDONLY, 0),
        };
        let handle = opened.map_err(|error| fatal(&path, &Unfit::Io(error)))?;
        scan(handle, path.clone()).map_err(|unfit| fatal(&path, &unfit))
    }

    /// The names of a directory; `None` when the batch has none of them.
    ///
    /// # Errors
    /// Those of reading the batch once more.
    pub fn listing(&self, rel: &[u8]) -> io::Result<Option<Listing>> {
        let Some(spans) = self.listings.get(rel) else { return Ok(None) };
        let mut whole: Option<Listing> = None;
        for span in spans {
            let mut payload = vec![0; usize::try_from(span.bytes).unwrap_or(0)];
            plain::read_full_at(&self.handle, &mut payload, span.start)?;
            let Ok(Record::Listing(part)) = Record::decode(Kind::Listing, &payload) else {
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            };
            match &mut whole {
                None => whole = Some(part),
                Some(whole) => add(whole, part),
            }
        }
        Ok(whole)
    }

    /// What became of a name.
    #[must_use]
    pub fn sent(&self, rel: &[u8]) -> Option<&Sent> {
        self.changes.get(rel)
    }

    /// The data of a file, under this or another of its names.
    #[must_use]
    pub fn data(&self, rel: &[u8], dev: u64, ino: u64) -> Option<Span> {
        self.sent(rel).and_then(|sent| sent.data).or_else(|| self.by_inode.get(&(dev, ino)).copied())
    }
}

/// A large directory comes in several listings.
fn add(whole: &mut Listing, part: Listing) {
    whole.whole |= part.whole;
    whole.broken |= part.broken;
    whole.extended = whole.extended.take().or(part.extended);
    for (ids, more) in [(&mut whole.users, part.users), (&mut whole.groups, part.groups)] {
        ids.extend(more);
    }
    whole.names.extend(part.names);
}

/// Standard input, from where it was left, as a file that can be read twice.
fn standard_input() -> io::Result<OwnedFd> {
    let input = io::stdin();
    let flags = OFlags::RDWR | OFlags::TMPFILE;
    let kept = plain::open(c"/tmp", flags, 0o600).or_else(|_| plain::open(c"/var/tmp", flags, 0o600))?;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match plain::read(&input, &mut chunk)? {
            0 => return Ok(kept),
            read => plain::write_all(&kept, &chunk[..read])?,
        }
    }
}

/// Goes through the frames, and checks each.
fn scan(handle: OwnedFd, path: Vec<u8>) -> Result<Recorded, Unfit> {
    check_kind(&handle)?;
    let mut at = check_start(&handle)?;
    let (mut opening, mut frames) = (None, 0);
    let (mut listings, mut changes, mut by_inode) =
        (HashMap::<_, Vec<Span>>::new(), HashMap::new(), HashMap::new());
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let frame = read_frame(&handle, at, &mut chunk)?;
        match frame.record {
            Record::Opening(first) if frames == 0 => opening = Some(first),
            Record::Listing(listing) => listings.entry(listing.rel).or_default().push(frame.payload),
            Record::Change(change) => {
                let data = (change.fate == Fate::Sent).then_some(frame.data);
                if let Some(data) = data {
                    by_inode.insert(change.inode, data);
                }
                changes.insert(change.rel.clone(), Sent { change, data });
            }
            Record::Closing(closing) if closing.frames == frames => break,
            Record::Opening(_) | Record::Closing(_) => return Err(Unfit::Damaged),
        }
        frames += 1;
        at = frame.end;
    }
    let opening = opening.ok_or(Unfit::Damaged)?;
    Ok(Recorded { handle, path, opening, listings, changes, by_inode })
}

fn check_kind(handle: &OwnedFd) -> Result<(), Unfit> {
    let kind = plain::statx_fd(handle)?.mode & S_IFMT;
    if [S_IFREG, S_IFIFO].contains(&kind) { Ok(()) } else { Err(Unfit::Special) }
}

fn check_start(handle: &OwnedFd) -> Result<u64, Unfit> {
    let mut start = [0; START_BYTES];
    let read = plain::read_full_at(handle, &mut start, 0)?;
    let known = read.min(MAGIC.len());
    if read == 0 || start[..known] != MAGIC[..known] {
        let named = start[4..8].try_into().map(i32::from_le_bytes).ok();
        return Err(Unfit::Foreign(named.filter(|_| read >= 8)));
    }
    let (_, version) = start.split_at(MAGIC.len());
    let version = version.try_into().map(u32::from_le_bytes).unwrap_or(0);
    match version {
        _ if read < START_BYTES => Err(Unfit::Damaged),
        VERSION => Ok(START_BYTES as u64),
        newer => Err(Unfit::Newer(newer)),
    }
}

/// One frame, checked.
struct Frame {
    record: Record,
    payload: Span,
    data: Span,
    end: u64,
}

fn read_frame(handle: &OwnedFd, at: u64, chunk: &mut [u8]) -> Result<Frame, Unfit> {
    let mut bytes = [0; FRAME_BYTES];
    if plain::read_full_at(handle, &mut bytes, at)? < FRAME_BYTES {
        return Err(Unfit::Damaged);
    }
    let head = FrameHead::decode(&bytes).map_err(|_| Unfit::Damaged)?;
    let payload = Span { start: at + FRAME_BYTES as u64, bytes: u64::from(head.payload_bytes) };
    let size = plain::statx_fd(handle)?.size;
    let start = data_start(payload.start + payload.bytes, head.room_bytes);
    let end = start.checked_add(head.room_bytes).filter(|&end| end <= size).ok_or(Unfit::Damaged)?;
    let data = Span { start, bytes: head.data_bytes };
    let mut sum = FrameSum::default();
    let mut done = 0;
    while done < data.bytes {
        let room = usize::try_from(data.bytes - done).unwrap_or(usize::MAX).min(chunk.len());
        if plain::read_full_at(handle, &mut chunk[..room], start + done)? < room {
            return Err(Unfit::Damaged);
        }
        sum.update(&chunk[..room]);
        done += room as u64;
    }
    let mut text = vec![0; usize::try_from(payload.bytes).unwrap_or(0)];
    if plain::read_full_at(handle, &mut text, payload.start)? < text.len() {
        return Err(Unfit::Damaged);
    }
    sum.update(&text);
    if sum.finish(&head) != head.sum {
        return Err(Unfit::Damaged);
    }
    let record = Record::decode(head.kind, &text).map_err(|_| Unfit::Damaged)?;
    Ok(Frame { record, payload, data, end })
}

fn fatal(path: &[u8], unfit: &Unfit) -> Fatal {
    let (fault, exit) = match unfit {
        Unfit::Io(error) => (BatchFault::Open(errno_of(error)), Exit::FileIo),
        Unfit::Special => (BatchFault::Special, Exit::FileIo),
        // What rsync says of a file that is no batch at all, and we of one that may be rsync's.
        Unfit::Foreign(None) => (BatchFault::Nothing, Exit::StreamIo),
        &Unfit::Foreign(Some(version)) if version > PROTOCOL_MAX => {
            (BatchFault::NewProtocol { version, max: PROTOCOL_MAX }, Exit::Protocol)
        }
        Unfit::Foreign(Some(version)) if *version < PROTOCOL_MIN => (BatchFault::NoProtocol, Exit::Protocol),
        Unfit::Foreign(Some(_)) => (BatchFault::Foreign, Exit::Protocol),
        &Unfit::Newer(version) => (BatchFault::Newer { version, max: VERSION }, Exit::Protocol),
        Unfit::Damaged => (BatchFault::Damaged, Exit::StreamIo),
    };
    // Before any list is made.
    Fatal { side: Side::Client, cause: Cause::Batch { path: path.to_vec(), fault }, exit }
}
