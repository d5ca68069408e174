//! Does registering buffers with the ring pay? READ_FIXED against READ, warm, through one bare ring.
//!
//! Data set: one file in the page cache, read at random offsets in pieces of 4 KiB and of 64 KiB, 64 at a time.
//! Interleaved runs; medians of CPU time per read are printed. Place: `URING_EXT_BENCH`, as for `executor`.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark takes its place and prints"
)]

use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use io_uring::{IoUring, opcode, types};
use uring_ext::{AlignedBuf, IoBuf, process};

const DEPTH: usize = 64;
const BATCHES: usize = 1500;
const ROUNDS: usize = 15;
const FILE_BYTES: usize = 64 << 20;

#[derive(Clone, Copy)]
enum How {
    Read,
    ReadFixed,
}

/// The CPU time of reading whole buffers.
fn read(ring: &mut IoUring, file: i32, bufs: &mut [AlignedBuf], how: How) -> io::Result<Duration> {
    let bytes = bufs[0].capacity();
    let before = process::usage();
    let mut seed = 1_u64;
    for _ in 0..BATCHES {
        for (index, buf) in (0..).zip(bufs.iter_mut()) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let offset = (seed >> 33) % (FILE_BYTES / bytes) as u64 * bytes as u64;
            let (fd, start, len) = (types::Fd(file), buf.start(), bytes as u32);
            let sqe = match how {
                How::Read => opcode::Read::new(fd, start, len).offset(offset).build(),
                How::ReadFixed => opcode::ReadFixed::new(fd, start, len, index).offset(offset).build(),
            };
            // SAFETY: the buffers outlive the batch, which is waited for below.
            unsafe { ring.submission().push(&sqe).expect("room") };
        }
        ring.submit_and_wait(DEPTH)?;
        for cqe in ring.completion() {
            assert_eq!(cqe.result(), bytes as i32);
        }
    }
    let after = process::usage();
    Ok((after.user + after.system) - (before.user + before.system))
}

fn main() -> io::Result<()> {
    let Ok(base) = std::env::var("URING_EXT_BENCH") else {
        println!("set URING_EXT_BENCH to a directory on the file system to measure");
        return Ok(());
    };
    let path = std::path::Path::new(&base).join("fixed");
    std::fs::write(&path, vec![1; FILE_BYTES])?;
    let file = std::fs::File::open(&path)?;
    for bytes in [4096, 64 << 10] {
        let mut ring = IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(DEPTH as u32)?;
        let mut bufs: Vec<AlignedBuf> = (0..DEPTH).map(|_| AlignedBuf::new(bytes)).collect();
        let pieces: Vec<libc::iovec> = bufs
            .iter_mut()
            .map(|buf| libc::iovec { iov_base: buf.start().cast(), iov_len: buf.capacity() })
            .collect();
        // SAFETY: the buffers outlive the ring's last use of them, and are not moved.
        unsafe { ring.submitter().register_buffers(&pieces)? };
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..=ROUNDS {
            for (which, how) in [How::Read, How::ReadFixed].into_iter().enumerate() {
                let used = read(&mut ring, file.as_raw_fd(), &mut bufs, how)?;
                if round > 0 {
                    times[which].push(used);
                }
            }
        }
        for (name, times) in ["read", "read_fixed"].iter().zip(&mut times) {
            times.sort();
            let nanos = times[ROUNDS / 2].as_nanos() as f64 / (BATCHES * DEPTH) as f64;
            println!("{name:10} {:3} KiB: {nanos:7.0} ns of CPU each", bytes >> 10);
        }
    }
    std::fs::remove_file(path)
}
