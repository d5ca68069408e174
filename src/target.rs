//! The destination: an existing directory, one to be made, or a new name for a single source (rsync(1), USAGE).

mod made_in;
mod make;
mod mkpath;
mod refusals;
mod role;

use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::exit::Exit;
use rsync_compat::filter::Chain;
use rsync_compat::options::Options;
use uring_ext::plain::{self, AtFlags, CWD, STATX_ALL};

use self::role::{Onto, Role};
use crate::facts::Facts;
use crate::failure::{Cause, Fatal, Side};
use crate::operands::count::{RecordedEntries, count, single};
use crate::operands::resolve::Resolver;
use crate::operands::roots::Sources;
use crate::path_text::{absolute, c_name, parent_and_name};
use crate::plan::{Takes, Target};
use crate::temp_dir::open_temp_dir;

/// What the destination depends on.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What the user wants.
    pub options: &'a Options,
    /// The operand; `None` when the run only lists.
    pub path: Option<&'a [u8]>,
    /// The sources.
    pub sources: &'a Sources,
    /// The rules, since a source directory whose contents are all excluded counts as a single entry.
    pub sender: &'a Chain,
    /// What stands for the sources when a batch is replayed.
    pub recorded: Option<RecordedEntries>,
    /// The current directory.
    pub cwd: &'a [u8],
    /// The umask, for directories that are made.
    pub umask: u32,
    /// How typed paths are opened.
    pub resolver: &'a Resolver,
}

/// What was made for the destination, or would have been in a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// Nothing.
    Nothing,
    /// The directory itself.
    Directory,
    /// So many directories, by `--mkpath`.
    Path(usize),
    /// So many directories above a file's new name, by `--mkpath`.
    Above(usize),
    /// So many directories above a destination that nothing comes to, by `--mkpath`.
    AboveNothing(usize),
}

/// The destination and what it took.
#[derive(Debug)]
pub struct Found {
    /// Where names go.
    pub target: Target,
    /// What was made.
    pub made: Made,
}

impl Found {
    /// A directory that is open.
    fn open(handle: OwnedFd, display: Vec<u8>, made: Made) -> Found {
        Found { target: Target { handle: Some(handle), display, ..Target::default() }, made }
    }

    /// No destination.
    #[must_use]
    pub fn nowhere(display: &[u8], made: Made) -> Found {
        Found { target: Target { display: display.to_vec(), ..Target::default() }, made }
    }
}

/// Finds the destination, and makes its last component when that is missing.
///
/// # Errors
/// What rsync says and how it exits when the destination cannot be one.
pub fn find(request: &Request<'_>) -> Result<Found, Fatal> {
    let made_in = request.path.and_then(made_in::look);
    let Found { target, made } = find_or_make(request)?;
    Ok(Found { target: Target { made_in, ..target }, made })
}

fn find_or_make(request: &Request<'_>) -> Result<Found, Fatal> {
    let Some(path) = request.path else { return Ok(Found::nowhere(request.cwd, Made::Nothing)) };
    let path = if path.is_empty() { b".".as_slice() } else { path };
    let place = Place { request: *request, path, display: absolute(request.cwd, path) };
    match plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL) {
        Ok(st) if st.is_dir() => place.enter(Made::Nothing),
        Ok(_) => match role::onto_file(count(request), || single(request)) {
            Onto::Taken => place.name(),
            Onto::Refused(cause) => Err(refusals::refused(cause, Exit::FileSelection)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => missing(place),
        Err(error) if place.makes_path() && error.kind() == io::ErrorKind::NotADirectory => {
            Err(refusals::path_is_blocked(request, path))
        }
        Err(error) => Err(refusals::cannot_look(&refusals::typed(request.cwd, path), &error)),
    }
}

/// A destination that is not there; with `--mkpath` all above it is made first.
fn missing(place: Place<'_>) -> Result<Found, Fatal> {
    let (request, path) = (&place.request, place.path);
    let is_dry = request.options.write.dry_run;
    let count = count(request);
    let mut made_above = 0;
    if place.makes_path() {
        let taken = mkpath::check(request, path, count)?;
        if taken != path {
            let found = find_or_make(&Request { path: Some(taken), ..*request })?;
            let made = if let Made::Path(count) = found.made { Made::Above(count) } else { found.made };
            return Ok(Found { made, ..found });
        }
        made_above = match is_dry {
            true => mkpath::count_missing(path),
            false => make::parents(request, path, path)?,
        };
    }
    let above = if made_above > 0 { Made::Above(made_above) } else { Made::Nothing };
    let nothing_above = if made_above > 0 { Made::AboveNothing(made_above) } else { Made::Nothing };
    let role = role::of_missing(path, count, || single(request));
    // What such a name leads to is there as soon as the way to it is.
    let is_there = matches!(parent_and_name(path).1, b"." | b"..") && made_above > 0 && !is_dry;
    match role {
        Role::Directory => place.make(made_above),
        Role::Unused if is_there => place.enter(nothing_above),
        Role::Becomes | Role::Name if is_there => place.enter(above),
        Role::Unused => place.leave_out(nothing_above),
        Role::Becomes => place.become_it(made_above).map(|found| Found { made: above, ..found }),
        Role::Name => place.name().map(|found| Found { made: above, ..found }),
    }
}

/// The path that was typed for the destination.
struct Place<'a> {
    request: Request<'a>,
    path: &'a [u8],
    /// The path made absolute, for messages.
    display: Vec<u8>,
}

impl Place<'_> {
    /// Whether `--mkpath` makes it.
    fn makes_path(&self) -> bool {
        mkpath::applies(self.request.options, self.path)
    }

    /// It is a directory that is there.
    fn enter(self, made: Made) -> Result<Found, Fatal> {
        let Request { resolver, cwd, .. } = self.request;
        let entered = make::enter(resolver, self.path);
        let handle =
            entered.map_err(|error| refusals::cannot_enter(&refusals::typed(cwd, self.path), &error))?;
        Ok(Found::open(handle, self.display, made))
    }

    /// It is the name that a single entry gets.
    fn name(self) -> Result<Found, Fatal> {
        let (parent, name) = parent_and_name(self.path);
        let above = parent_and_name(&self.display).0.to_vec();
        let write = &self.request.options.write;
        match make::enter(self.request.resolver, parent) {
            Ok(handle) => {
                let Found { target, made } = Found::open(handle, above, Made::Nothing);
                Ok(Found { target: Target { takes: Takes::One(c_name(name)), ..target }, made })
            }
            // Which is still to be made.
            Err(_) if write.dry_run && write.mkpath => Ok(Found::nowhere(&above, Made::Nothing)),
            Err(error) => Err(refusals::cannot_enter_above(&self.request, self.path, &error)),
        }
    }

    /// Nothing comes to it: it is not even made, but what it would lie in has to be there.
    fn leave_out(self, made: Made) -> Result<Found, Fatal> {
        match self.request.resolver.open_dir(CWD, parent_and_name(self.path).0) {
            Err(error) if made == Made::Nothing => {
                Err(refusals::cannot_enter_above(&self.request, self.path, &error))
            }
            _ => Ok(Found::nowhere(parent_and_name(&self.display).0, made)),
        }
    }

    /// It becomes the only directory that there is to copy.
    fn become_it(self, made_above: usize) -> Result<Found, Fatal> {
        let Request { options, resolver, .. } = self.request;
        if let Some(dir) = &options.write.temp_dir {
            // The destination is no directory yet that it could be relative to.
            open_temp_dir(resolver, parent_and_name(&self.display).0, dir)?;
        }
        if let Err(error) = make::enter(resolver, parent_and_name(self.path).0)
            && made_above == 0
        {
            return Err(refusals::cannot_enter_above(&self.request, self.path, &error));
        }
        let is_there = plain::statx(CWD, &c_name(self.path), AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).is_ok();
        if options.compare.existing && !is_there {
            // It is the entry that is not there yet; a link that leads nowhere is one that is.
            let found = Found::nowhere(&self.display, Made::Nothing);
            let takes = Takes::One(c_name(parent_and_name(self.path).1));
            return Ok(Found { target: Target { takes, ..found.target }, ..found });
        }
        make::take_link_away(&self.request, self.path)?;
        // Which its own line tells.
        let mut found = self.make(made_above)?;
        found.target.fresh = found.target.handle.is_some();
        found.target.takes = Takes::Itself;
        Ok(found)
    }

    /// It is a directory that is made now.
    fn make(self, made_above: usize) -> Result<Found, Fatal> {
        let Request { options, resolver, cwd, .. } = self.request;
        let makes_path = self.makes_path();
        let made = if makes_path { Made::Path(made_above + 1) } else { Made::Directory };
        if options.write.dry_run {
            return Ok(Found::nowhere(&self.display, made));
        }
        let mut told = refusals::to_be_made(options, self.path, cwd);
        let name = self.path.strip_suffix(b"/").unwrap_or(self.path);
        if plain::readlinkat(CWD, &c_name(name)).is_ok() && told.ends_with(b"/") {
            // One that leads nowhere is met before its slash.
            told.pop();
        }
        make::one(&self.request, self.path, &told)?;
        let entered = resolver.open_dir(CWD, self.path);
        let handle =
            entered.map_err(|error| refusals::cannot_enter(&refusals::typed(cwd, self.path), &error))?;
        let made_inode = plain::statx_fd(&handle).ok().map(|st| (st.dev, st.ino));
        let Found { target, made } = Found::open(handle, self.display, made);
        // What `--mkpath` makes is there by the time that the transfer begins.
        Ok(Found { target: Target { fresh: !makes_path, made_inode, ..target }, made })
    }
}

/// Relative paths mean nothing in a current directory that has none itself; rsync refuses absolute ones there too.
///
/// # Errors
/// That the current directory is such a one, in rsync's words.
pub fn has_path(facts: &Facts) -> Result<(), Fatal> {
    let Some(errno) = facts.cwd_errno else { return Ok(()) };
    Err(Fatal { side: Side::Client, cause: Cause::NoCwd(errno), exit: Exit::FileSelection })
}
