//! A device with latency: a file whose every read takes so long, however many are under way, served through FUSE and
//! looped with direct I/O, so that reads overlap as they do on a disk or a network volume. Writes are not delayed.
//!
//! The kernel's protocol (linux/fuse.h, version 7.31) is spoken here directly, as far as one file needs it.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};

use crate::volume::tool_says;

/// Room for the largest request: a write of a megabyte and its headers.
const REQUEST_BYTES: usize = (1 << 20) + 4096;
const PAGES_MAX: u16 = 256;
/// Requests that the kernel may have here at once.
const BACKGROUND_MAX: u16 = 4096;
const IN_HEADER_BYTES: usize = 40;
const OUT_HEADER_BYTES: usize = 16;

mod op {
    pub(super) const FORGET: u32 = 2;
    pub(super) const GETATTR: u32 = 3;
    pub(super) const SETATTR: u32 = 4;
    pub(super) const OPEN: u32 = 14;
    pub(super) const READ: u32 = 15;
    pub(super) const WRITE: u32 = 16;
    pub(super) const STATFS: u32 = 17;
    pub(super) const RELEASE: u32 = 18;
    pub(super) const FSYNC: u32 = 20;
    pub(super) const FLUSH: u32 = 25;
    pub(super) const INIT: u32 = 26;
    pub(super) const INTERRUPT: u32 = 36;
    pub(super) const BATCH_FORGET: u32 = 42;
}

/// Asynchronous reads, big writes, asynchronous direct I/O, and requests of more than 32 pages.
const FLAGS: u32 = 1 | 1 << 5 | 1 << 15 | 1 << 22;
const ENOSYS: i32 = 38;

/// Serves `image` with this delay and loops it; the block device's path. It lasts as long as it is mounted, and no
/// longer than the process.
pub(crate) fn device(image: &Path, delay: Duration) -> Result<PathBuf, String> {
    let served = image.with_extension("slow");
    fs::write(&served, "").map_err(|error| format!("cannot make {}: {error}", served.display()))?;
    serve(image, &served, delay)?;
    let device = tool_says("losetup", &["--find", "--show", "--direct-io=on", &served.display().to_string()]);
    Ok(PathBuf::from(device?.trim()))
}

fn serve(image: &Path, at: &Path, delay: Duration) -> Result<(), String> {
    let told = |what: &str, error: io::Error| format!("cannot {what}: {error}");
    let file = File::options().read(true).write(true).open(image).map_err(|e| told("open the image", e))?;
    let kernel =
        File::options().read(true).write(true).open("/dev/fuse").map_err(|e| told("open /dev/fuse", e))?;
    let options = format!(
        "fd={},rootmode=100000,user_id=0,group_id=0,allow_other,max_read=1048576",
        kernel.as_raw_fd()
    );
    mount(Some("slow"), at, Some("fuse"), MsFlags::empty(), Some(options.as_str()))
        .map_err(|error| told("mount a FUSE file", error.into()))?;
    let server = Arc::new(Server { kernel, file, delay, due: Mutex::default(), more: Condvar::new() });
    let (reading, answering) = (Arc::clone(&server), server);
    thread::spawn(move || reading.take_requests());
    thread::spawn(move || answering.answer_reads());
    Ok(())
}

struct Server {
    kernel: File,
    file: File,
    delay: Duration,
    /// Reads in the order in which they came, which is that of their answers.
    due: Mutex<VecDeque<Due>>,
    more: Condvar,
}

struct Due {
    at: Instant,
    unique: u64,
    offset: u64,
    bytes: usize,
}

impl Server {
    /// Until the file is unmounted.
    fn take_requests(&self) {
        let mut request = vec![0; REQUEST_BYTES];
        loop {
            match (&self.kernel).read(&mut request) {
                Ok(bytes) => self.take(&request[..bytes]),
                // Given up before it was read.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Interrupted) => {}
                Err(_) => return,
            }
        }
    }

    fn take(&self, request: &[u8]) {
        let (header, body) = request.split_at(IN_HEADER_BYTES);
        let unique = u64_at(header, 8);
        match u32_at(header, 4) {
            op::FORGET | op::BATCH_FORGET | op::INTERRUPT => {}
            op::READ => self.delay_read(unique, body),
            op::WRITE => {
                let data = &body[40..40 + u32_at(body, 16) as usize];
                match self.file.write_all_at(data, u64_at(body, 8)) {
                    Ok(()) => self.reply(unique, &words(&[u32_at(body, 16), 0])),
                    Err(error) => self.fail(unique, &error),
                }
            }
            op::INIT => self.reply(unique, &init()),
            op::GETATTR | op::SETATTR => match self.file.metadata() {
                Ok(metadata) => self.reply(unique, &attributes(metadata.len())),
                Err(error) => self.fail(unique, &error),
            },
            op::OPEN => self.reply(unique, &[0; 16]),
            op::STATFS => self.reply(unique, &[0; 80]),
            op::RELEASE | op::FLUSH | op::FSYNC => self.reply(unique, &[]),
            _ => self.fail(unique, &io::Error::from_raw_os_error(ENOSYS)),
        }
    }

    fn delay_read(&self, unique: u64, body: &[u8]) {
        let (offset, bytes) = (u64_at(body, 8), u32_at(body, 16) as usize);
        let due = Due { at: Instant::now() + self.delay, unique, offset, bytes };
        self.due.lock().unwrap_or_else(PoisonError::into_inner).push_back(due);
        self.more.notify_one();
    }

    fn answer_reads(&self) {
        let mut data = vec![0; REQUEST_BYTES];
        loop {
            let due = {
                let mut line = self.due.lock().unwrap_or_else(PoisonError::into_inner);
                loop {
                    match line.pop_front() {
                        Some(due) => break due,
                        None => line = self.more.wait(line).unwrap_or_else(PoisonError::into_inner),
                    }
                }
            };
            thread::sleep(due.at.saturating_duration_since(Instant::now()));
            match self.file.read_at(&mut data[..due.bytes], due.offset) {
                Ok(bytes) => self.reply(due.unique, &data[..bytes]),
                Err(error) => self.fail(due.unique, &error),
            }
        }
    }

    fn reply(&self, unique: u64, body: &[u8]) {
        self.send(unique, 0, body);
    }

    fn fail(&self, unique: u64, error: &io::Error) {
        self.send(unique, -error.raw_os_error().unwrap_or(5), &[]);
    }

    /// An answer is one write. Who asked may be gone by then.
    fn send(&self, unique: u64, error: i32, body: &[u8]) {
        let bytes = u32::try_from(OUT_HEADER_BYTES + body.len()).expect("requests are limited");
        let mut header = words(&[bytes, error.cast_unsigned()]);
        header.extend_from_slice(&unique.to_ne_bytes());
        let _ = (&self.kernel).write_vectored(&[io::IoSlice::new(&header), io::IoSlice::new(body)]);
    }
}

fn init() -> Vec<u8> {
    let background = u32::from(BACKGROUND_MAX) | u32::from(BACKGROUND_MAX) << 16;
    let mut out = words(&[7, 31, 1 << 20, FLAGS, background, 1 << 20, 1, u32::from(PAGES_MAX)]);
    out.resize(64, 0);
    out
}

/// How long the attributes hold (an hour), and those of a regular file of so many bytes.
fn attributes(bytes: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(104);
    [3600, 0, 1, bytes, bytes / 512, 0, 0, 0].iter().for_each(|word: &u64| out.extend(word.to_ne_bytes()));
    out.extend(words(&[0, 0, 0, 0o100_600, 1, 0, 0, 0, 4096, 0]));
    out
}

fn words(of: &[u32]) -> Vec<u8> {
    of.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
