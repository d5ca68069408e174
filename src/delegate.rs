//! Remote operands: the whole command line goes by exec to the next rsync on PATH that is not this program.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::{CommandExt, parent_id};
use std::process::{Command, id};

use uring_ext::plain::{self, AtFlags, CWD, STATX_ALL};

use crate::path_text::c_name;

/// Whether handing over is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delegate {
    /// To the next rsync on PATH.
    Allowed,
    /// `IO_URING_SYNC_DELEGATE=never`.
    Never,
}

/// The variable that tells who was handed over to before: a script called rsync may call us in turn.
pub const PASSED: &str = "IO_URING_SYNC_PASSED";

/// How often one run may be handed on, by whatever ways it comes back.
const TIMES_MAX: u32 = 16;

/// Device and inode of a program.
type File = (u64, u64);

/// Replaces this process by rsync. Returns only when there is none to hand over to, with the message that says so.
/// `passed` is what [`PASSED`] says.
#[must_use]
pub fn hand_over(
    allowed: Delegate,
    path: Option<&[u8]>,
    passed: Option<&[u8]>,
    args: &[OsString],
) -> Vec<u8> {
    if allowed == Delegate::Never {
        return b"remote operands are not handed over: IO_URING_SYNC_DELEGATE=never".to_vec();
    }
    let mut passed = Passed::read(passed, &[id(), parent_id()]);
    let own = file(b"/proc/self/exe").ok();
    for dir in path.unwrap_or(b"/usr/bin:/bin").split(|&byte| byte == b':') {
        let program = [if dir.is_empty() { b".".as_slice() } else { dir }, b"/rsync"].concat();
        let Ok(there) = file(&program) else { continue };
        if Some(there) == own || passed.files.contains(&there) {
            continue;
        }
        passed.files.push(there);
        if passed.times >= TIMES_MAX {
            return b"remote operands need rsync, and those on PATH lead back here".to_vec();
        }
        let mut command = Command::new(OsString::from_vec(program.clone()));
        let error = command.args(args).env(PASSED, passed.written(id())).exec();
        if error.kind() != io::ErrorKind::NotFound {
            return [b"cannot run ", program.as_slice(), b": ", error.to_string().as_bytes()].concat();
        }
    }
    b"remote operands need rsync, and none is on PATH".to_vec()
}

fn file(program: &[u8]) -> io::Result<File> {
    let there = plain::statx(CWD, &c_name(program), AtFlags::empty(), STATX_ALL)?;
    Ok((there.dev, there.ino))
}

/// Who was handed over to on the way here.
#[derive(Debug, PartialEq, Eq)]
struct Passed {
    /// How often in all.
    times: u32,
    /// The programs, when it was this process or the one above it that handed over to them.
    files: Vec<File>,
}

impl Passed {
    /// From `TIMES PROCESS DEVICE:INODE…`. The programs count for those processes alone: what rsync itself starts may
    /// well need rsync again.
    fn read(text: Option<&[u8]>, processes: &[u32]) -> Passed {
        let text = text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
        let mut words = text.split(' ');
        let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
        let (times, process) = (number().unwrap_or(0), number());
        let ours = process.is_some_and(|process| processes.contains(&process));
        let file = |word: &str| {
            let (dev, ino) = word.split_once(':')?;
            Some((dev.parse().ok()?, ino.parse().ok()?))
        };
        Passed { times, files: words.filter_map(file).filter(|_| ours).collect() }
    }

    fn written(&self, process: u32) -> String {
        let files = self.files.iter().map(|(dev, ino)| format!(" {dev}:{ino}"));
        format!("{} {process}{}", self.times + 1, files.collect::<String>())
    }
}

/// The last component of the name that the program was started by.
#[must_use]
pub fn base_name(arg0: &OsString) -> &[u8] {
    let name = arg0.as_bytes();
    name.rsplit(|&byte| byte == b'/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::Passed;

    #[test]
    fn programs_count_for_the_same_process_or_the_one_above() {
        let text = Passed { times: 2, files: vec![(1, 2), (3, 4)] }.written(50);
        assert_eq!(text, "3 50 1:2 3:4");
        assert_eq!(
            Passed::read(Some(text.as_bytes()), &[7, 50]),
            Passed { times: 3, files: vec![(1, 2), (3, 4)] }
        );
        assert_eq!(Passed::read(Some(text.as_bytes()), &[7, 8]), Passed { times: 3, files: Vec::new() });
        assert_eq!(Passed::read(None, &[7]), Passed { times: 0, files: Vec::new() });
        assert_eq!(Passed::read(Some(b"what \xff"), &[7]), Passed { times: 0, files: Vec::new() });
    }
}
