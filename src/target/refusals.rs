//! Why there is no destination, in the words and with the exit values of rsync, and paths as it names them.

use std::io;

use rsync_compat::exit::Exit;
use rsync_compat::options::Options;
use uring_ext::mode::errno::{EEXIST, ELOOP, ENOTDIR};
use uring_ext::plain::{self, AtFlags, CWD, STATX_ALL};

use super::{Request, mkpath};
use crate::entry::join;
use crate::failure::{Cause, Fatal, Side, TargetStep, errno_of};
use crate::operands::count::{Count, count};
use crate::path_text::{c_name, parent_and_name};

pub(super) fn cannot_enter_above(request: &Request<'_>, path: &[u8], error: &io::Error) -> Fatal {
    let above = match parent_and_name(path).0 {
        b"." => request.cwd.to_vec(),
        above => typed(request.cwd, above),
    };
    failed(TargetStep::EnterAbove, &above, error)
}

/// `--mkpath` where a file is in the way.
pub(super) fn path_is_blocked(request: &Request<'_>, path: &[u8]) -> Fatal {
    let options = request.options;
    let is_dir = count(request) == Count::Many || path.ends_with(b"/");
    let last = if is_dir { path.strip_suffix(b"/").unwrap_or(path) } else { parent_and_name(path).0 };
    let exists = |path| plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL).is_ok();
    let errno = match options.write.dry_run {
        false if exists(last) => EEXIST,
        // Deeper below a file rsync finds no way any more.
        false if !exists(parent_and_name(last).0) => ELOOP,
        _ => ENOTDIR,
    };
    let error = io::Error::from_raw_os_error(errno);
    failed(TargetStep::Make, &to_be_made(options, path, request.cwd), &error)
}

/// The destination as it was typed, made absolute: so it is named until it has been entered.
pub(super) fn typed(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    if path.starts_with(b"/") { path.to_vec() } else { join(cwd, path) }
}

/// What is to be made, as rsync names it.
pub(super) fn to_be_made(options: &Options, path: &[u8], cwd: &[u8]) -> Vec<u8> {
    let mut told = typed(cwd, path);
    let keeps_one = mkpath::applies(options, path) && !told.ends_with(b"//");
    while told.ends_with(b"/") && told.len() > 1 && !keeps_one {
        told.pop();
    }
    told
}

pub(super) fn cannot_look(typed: &[u8], error: &io::Error) -> Fatal {
    let cause = Cause::UnseenTarget { path: typed.to_vec(), errno: errno_of(error) };
    refused(cause, Exit::FileSelection)
}

pub(super) fn cannot_enter(display: &[u8], error: &io::Error) -> Fatal {
    failed(TargetStep::Enter, display, error)
}

pub(super) fn refused(cause: Cause, exit: Exit) -> Fatal {
    Fatal { side: Side::Receiver, cause, exit }
}

pub(super) fn failed(step: TargetStep, path: &[u8], error: &io::Error) -> Fatal {
    let exit = match step {
        TargetStep::Make => Exit::FileIo,
        TargetStep::Enter | TargetStep::EnterMade | TargetStep::EnterAbove => Exit::FileSelection,
    };
    refused(Cause::NoTarget { step, path: path.to_vec(), errno: errno_of(error) }, exit)
}
