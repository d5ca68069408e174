//! A batch that is being written, by all workers at once: each reserves its place in the file and fills it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rsync_compat::batch::{
    Change, Closing, FRAME_BYTES, Fate, FrameHead, FrameSum, Kind, Record, START_BYTES, start,
};
use rsync_compat::exit::Exit;
use rsync_compat::options::batch::Written;
use uring_ext::plain::{self, CWD, OFlags};

use super::{data_start, shown, slack};
use crate::failure::{BatchFault, Cause, Fatal, Side, errno_of};
use crate::operands::resolve::Resolver;
use crate::path_text::c_name;

/// Bytes that are moved at once.
const CHUNK_BYTES: usize = 256 << 10;

/// The two files of a batch of which nothing but the script was written yet.
#[derive(Debug)]
pub struct Opened {
    handle: OwnedFd,
    script: OwnedFd,
    /// The batch file's path, for messages.
    path: Vec<u8>,
}

impl Opened {
    /// Makes the batch file and the script beside it.
    ///
    /// # Errors
    /// A file that cannot be made ends the run.
    pub fn open(resolver: &Resolver, written: &Written, cwd: &[u8], umask: u32) -> Result<Opened, Fatal> {
        let path = shown(cwd, &written.file);
        let beside = [written.file.as_slice(), b".sh"].concat();
        let script = open(resolver, &beside, 0o700 & !umask).map_err(|error| {
            refused(&shown(cwd, &beside), BatchFault::Script(errno_of(&error)), Exit::FileSelection)
        })?;
        let handle = open(resolver, &written.file, 0o600 & !umask)
            .map_err(|error| refused(&path, BatchFault::Open(errno_of(&error)), Exit::FileIo))?;
        Ok(Opened { handle, script, path })
    }

    /// Writes the script.
    ///
    /// # Errors
    /// A file that cannot be written ends the run.
    pub fn write_script(&self, text: &[u8]) -> Result<(), Fatal> {
        plain::write_all(&self.script, text).map_err(|error| {
            let script = [self.path.as_slice(), b".sh"].concat();
            refused(&script, BatchFault::Open(errno_of(&error)), Exit::FileIo)
        })
    }
}

/// A batch file that grows.
#[derive(Debug)]
pub struct Writer {
    handle: OwnedFd,
    /// Its path, for messages.
    path: Vec<u8>,
    /// Where the next frame goes.
    end: AtomicU64,
    frames: AtomicU64,
    /// The first failure to write: the batch is worth nothing then.
    broken: Mutex<Option<io::Error>>,
}

impl Writer {
    /// Writes the beginning of the batch file.
    ///
    /// # Errors
    /// A file that cannot be written ends the run.
    pub fn begin(opened: Opened) -> Result<Writer, Fatal> {
        let Opened { handle, path, .. } = opened;
        plain::write_all_at(&handle, &start(), 0)
            .map_err(|error| refused(&path, BatchFault::Open(errno_of(&error)), Exit::FileIo))?;
        Ok(Writer {
            handle,
            path,
            end: AtomicU64::new(START_BYTES as u64),
            frames: AtomicU64::new(0),
            broken: Mutex::new(None),
        })
    }

    /// Adds a record.
    pub fn record(&self, record: &Record) {
        let (kind, payload) = record.encode();
        let at = self.reserve(FRAME_BYTES as u64 + payload.len() as u64);
        self.frame(at, kind, &payload, Data::default());
    }

    /// Adds what became of a file, with its data: at most `bytes` bytes from the beginning of `source`. Its holes
    /// become holes of the batch. What cannot be read is not sent.
    pub fn send(&self, change: &Change, source: impl AsFd, bytes: u64) {
        let (kind, payload) = Record::Change(change.clone()).encode();
        let payload_end = FRAME_BYTES as u64 + payload.len() as u64;
        let at = self.reserve(payload_end + slack(bytes) + bytes);
        let start = data_start(at + payload_end, bytes);
        let room_bytes = at + payload_end + slack(bytes) + bytes - start;
        let mut data = Data { room_bytes, ..Data::default() };
        match self.copy(&source, bytes, start, &mut data.sum) {
            Ok(copied) => {
                data.bytes = copied;
                self.frame(at, kind, &payload, data);
            }
            Err(_) => {
                let unsent = Change { fate: Fate::Unsent, ..change.clone() };
                let payload = Record::Change(unsent).encode().1;
                self.frame(at, kind, &payload, Data { room_bytes, ..Data::default() });
            }
        }
    }

    /// Writes what stands before a frame's data.
    fn frame(&self, at: u64, kind: Kind, payload: &[u8], data: Data) {
        let Data { room_bytes, bytes: data_bytes, mut sum } = data;
        sum.update(payload);
        let payload_bytes = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let mut head = FrameHead { kind, payload_bytes, room_bytes, data_bytes, sum: 0 };
        head.sum = sum.finish(&head);
        self.keep(plain::write_all_at(&self.handle, &[&head.encode(), payload].concat(), at));
    }

    /// Ends the batch. What failed before now fails the run.
    ///
    /// # Errors
    /// The first failure to write.
    pub fn close(&self) -> Result<(), Fatal> {
        let frames = self.frames.load(Ordering::Acquire);
        self.record(&Record::Closing(Closing { frames }));
        match self.broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => {
                let fault = BatchFault::Write(errno_of(&error));
                let cause = Cause::Batch { path: self.path.clone(), fault };
                Err(Fatal { side: Side::Sender, cause, exit: Exit::FileIo })
            }
            None => Ok(()),
        }
    }

    fn reserve(&self, bytes: u64) -> u64 {
        self.frames.fetch_add(1, Ordering::AcqRel);
        self.end.fetch_add(bytes, Ordering::AcqRel)
    }

    fn keep(&self, outcome: io::Result<()>) {
        if let Err(error) = outcome {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// Copies data behind a frame; returns how many bytes there were.
    fn copy(&self, source: &impl AsFd, bytes: u64, start: u64, sum: &mut FrameSum) -> io::Result<u64> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut at = 0;
        while at < bytes {
            let data = plain::seek_data(source, at).unwrap_or(Some(at)).unwrap_or(bytes).min(bytes);
            if data > at {
                // A hole, unless the file was cut off.
                let end = data.min(plain::statx_fd(source)?.size);
                zeros(sum, end.saturating_sub(at));
                at = at.max(end);
                if at < data {
                    break;
                }
                continue;
            }
            let room = usize::try_from(bytes - at).unwrap_or(usize::MAX).min(CHUNK_BYTES);
            let read = plain::pread(source, &mut chunk[..room], at)?;
            if read == 0 {
                break;
            }
            sum.update(&chunk[..read]);
            self.keep(plain::write_all_at(&self.handle, &chunk[..read], start + at));
            at += read as u64;
        }
        Ok(at)
    }
}

/// A frame's data, once it is in its place.
#[derive(Debug, Default)]
struct Data {
    room_bytes: u64,
    bytes: u64,
    sum: FrameSum,
}

/// Takes in so many zeros.
fn zeros(sum: &mut FrameSum, mut bytes: u64) {
    const ZEROS: [u8; 4096] = [0; 4096];
    while bytes > 0 {
        let some = usize::try_from(bytes).unwrap_or(usize::MAX).min(ZEROS.len());
        sum.update(&ZEROS[..some]);
        bytes -= some as u64;
    }
}

fn open(resolver: &Resolver, path: &[u8], mode: u32) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC;
    resolver.open(CWD, &c_name(path), flags, mode)
}

fn refused(path: &[u8], fault: BatchFault, exit: Exit) -> Fatal {
    // Before any list is made.
    Fatal { side: Side::Client, cause: Cause::Batch { path: path.to_vec(), fault }, exit }
}
