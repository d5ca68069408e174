//! One regular file, straight down the page: open the source, make a nameless file, data, attributes, name.

mod attributes;

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;

use rsync_compat::delta::{Described, Moved};
use rsync_compat::options::Append;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::mode::errno::{EINVAL, ENODATA};
use uring_ext::plain::{self, TimeSet, TimesSet};

use super::delta::Target;
use super::inplace::Pass;
use super::pending_file::{self, Access, Expect, Hides, Home, PendingFile};
use super::source::{self, Source};
use super::verify::{self, Then};
use super::{appended, backup, data, delayed, delta, fsync, obstacle, partial, temp};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::attributes::wanted;
use crate::pipeline::batch::record;
use crate::pipeline::engine::worker::{Broken, Worker};
use crate::pipeline::handles::basis_file::Basis;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps::{self, Alternate};
use crate::pipeline::itemize::{Itemized, count_moved, tell};
use crate::plan::{self, Plan, Shut};
use crate::report::Place;
use crate::temp_dir::mount_of;

use self::attributes::made_mode;

pub use self::attributes::{attributes, attributes_only};

/// What moving one file's data is about.
#[derive(Debug)]
pub struct Transfer {
    /// Its directory.
    pub dir: Arc<Dir>,
    /// The entry, with the attributes it is to have.
    pub entry: Entry,
    /// What the destination has under the name.
    pub there: Option<Meta>,
    /// What it takes its permissions from without `-p`: the file that is there, or the alternate one it is told
    /// against.
    pub model: Option<Meta>,
    /// What is told about it.
    pub changes: Changes,
    /// Whether that counts as a transfer.
    pub update: Update,
    /// The old file that the data is compared with (`--no-whole-file`).
    pub basis: Option<Basis>,
    /// The alternate destination that the data comes from, when it does not come from the source.
    pub alternate: Option<Alternate>,
    /// How rsync would name its basis.
    pub described: Described,
}

impl Transfer {
    /// The attributes that the file is to have.
    #[must_use]
    pub fn wanted(&self, plan: &Plan) -> Meta {
        wanted(plan, &self.dir, &self.entry.meta, self.model.as_ref())
    }

    /// Whether the destination has a regular file under the name.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.there.is_some_and(|there| there.kind() == Kind::File)
    }
}

/// Brings one regular file up to date, and tells what came of it. What few files need is boxed: the task of every file
/// has room for all that is not.
pub async fn transfer(worker: &Rc<Worker>, job: &mut Transfer) -> Outcome {
    let outcome = carry_over(worker, job).await;
    if outcome == Outcome::Failed
        && job.update == Update::Transfer
        && !worker.run.state.stopping()
        && let Some(there) = job.there.filter(|there| there.kind() != Kind::File)
    {
        // rsync makes way before it knows whether anything comes. Nothing goes for a run that is being ended.
        obstacle::clear(worker, &job.dir, &job.entry, &there, Kind::Dir);
    }
    outcome
}

async fn carry_over(worker: &Rc<Worker>, job: &mut Transfer) -> Outcome {
    let _shown = worker.run.report.large(job.entry.meta.size, || job.dir.rel_of(&job.entry.name));
    let Some(source) = source::open(worker, job).await else {
        if job.update == Update::Transfer {
            let Entry { slot, meta, .. } = &job.entry;
            worker.run.report.unread(&job.dir.node, Place::Slot(*slot), meta.size);
        }
        return Outcome::Failed;
    };
    if worker.run.state.stopping() {
        return Outcome::Failed;
    }
    moving(worker, job);
    let (mut handle, uncached) = (source.handle.clone(), source.uncached);
    let mut received = receive(worker, job, source).await;
    if matches!(received, Err(Lost::Shrunk)) {
        // Told. What there is now may hold still: rsync too comes back to such a file once.
        let Some(source) = Box::pin(source::open(worker, job)).await else { return Outcome::Failed };
        handle = source.handle.clone();
        received = Box::pin(receive(worker, job, source)).await;
    }
    match received {
        // It was not even sent.
        Err(Lost::Unkept) => return Outcome::Failed,
        Err(Lost::Unwritten) if job.update == Update::Local => return Outcome::NotCopied,
        _ => {}
    }
    if job.update == Update::Transfer && worker.run.plan.batch.is_some() {
        record::sent(worker, &job.dir.rel_of(&job.entry.name), &job.entry, job.changes, &handle);
    }
    // What failed on the receiving side was sent all the same, and is told.
    let sent = match received {
        Ok(moved) => moved,
        Err(Lost::Unwritten) if job.basis.is_none() => Moved::whole(job.entry.meta.size),
        Err(_) => Moved::default(),
    };
    moved(worker, job, sent);
    if received.is_err() || appended::verify(worker, job, &handle).await == Outcome::Failed {
        return Outcome::Failed;
    }
    if uncached {
        // It went by already where the kernel knows how to read without a trace.
        let _ = plain::fadvise(&*handle, 0, 0, plain::Advice::DontNeed);
    }
    drop(handle);
    super::remove_source::remove(worker, &job.dir, &job.entry, super::remove_source::Arrival::Sent);
    Outcome::Done
}

/// Why a file did not arrive, which was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// It became shorter while it was read.
    Shrunk,
    /// What is there could not be kept.
    Unkept,
    /// It was sent, and cannot be written.
    Unwritten,
    /// For any other reason.
    Otherwise,
}

/// Whether the file that is there gets the data (`--inplace`). With `--append` it holds most of it already.
fn is_written_in_place(worker: &Worker, job: &Transfer) -> bool {
    let plan = &worker.run.plan;
    let there = job.there.filter(|there| there.kind() == Kind::File);
    let is_exposed =
        || there.is_some_and(|there| swaps::is_exposed(worker, &job.dir, &there, &job.wanted(plan)));
    plan.options.write.inplace && (plan.options.write.append != Append::Off || !is_exposed())
}

/// Who writes: what an alternate destination has is copied on that side alone.
pub(super) fn writing_side(job: &Transfer) -> Side {
    if job.update == Update::Local { Side::Generator } else { Side::Receiver }
}

/// Writes what was opened. Returns what moved.
async fn receive(worker: &Rc<Worker>, job: &Transfer, source: Source) -> Result<Moved, Lost> {
    if is_written_in_place(worker, job) {
        let backup = super::inplace::keep(worker, job).map_err(|_| Lost::Unkept)?;
        let pass = Pass::First { bytes_min: source.meta.size, backup };
        let moved = super::inplace::transfer(worker, job, &source.handle, pass);
        return Box::pin(moved).await.ok_or(Lost::Unwritten);
    }
    let wanted = job.wanted(&worker.run.plan);
    let name = job.dir.dst_name(&job.entry);
    let fail = |what: What, error: &io::Error| {
        let path = path_told(worker, job, what);
        worker.fail_writing(Failure::new(writing_side(job), what, path, error));
        Err(Lost::Unwritten)
    };
    let Some(dst) = &job.dir.dst else {
        let blocked = job.dir.before.blocked();
        return blocked.map_or(Err(Lost::Otherwise), |error| fail(What::Mkstemp, &error));
    };
    // Whatever comes of it: hidden names come and go.
    job.dir.touch();
    let mode = made_mode(&worker.run.plan, wanted.mode);
    let made =
        home(worker, &job.dir, dst).and_then(|home| pending_file::create(home, access(worker), name, mode));
    let file = match made {
        Ok(made) => made,
        Err(error) => return fail(What::Mkstemp, &error),
    };
    let moved = match fill(worker, job, &source, &file.handle).await {
        Ok(moved) if moved.bytes() < source.meta.size => {
            file.discard();
            return Err(shrank(worker, job));
        }
        Ok(moved) => moved,
        Err(error) => {
            if !matches!(error, Broken::Read(_) | Broken::Unshared(_)) {
                partial::keep(worker, job, &source.handle, &file, &wanted);
            }
            file.discard();
            return match error {
                Broken::Read(error) if error.raw_os_error() == Some(ENODATA) => Err(shrank(worker, job)),
                Broken::Read(error) => source::failed(worker, job, &error).ok_or(Lost::Otherwise),
                Broken::Write(error) => fail(What::Write, &error),
                Broken::Unshared(error) => fail(What::Clone, &error),
                Broken::Stopped => Err(Lost::Otherwise),
            };
        }
    };
    if let Err(error) = attributes(worker, job, &source.handle, &file, &wanted) {
        file.discard();
        return fail(What::Chmod, &error);
    }
    if let Err(error) = fsync::flush(worker, &file.handle).await {
        file.discard();
        return fail(What::Fsync, &error);
    }
    if !verify::holds(worker, job, &source.handle, &file.handle, Then::Discard) {
        file.discard();
        return Err(Lost::Otherwise);
    }
    if let Err((what, error)) = publish(worker, job, dst, &file) {
        file.discard();
        return fail(what, &error);
    }
    partial::sweep(worker, dst, name);
    Ok(moved)
}

/// The path that a message about a file that is being written shows.
fn path_told(worker: &Worker, job: &Transfer, what: What) -> Vec<u8> {
    let (plan, name) = (&worker.run.plan, job.dir.dst_name(&job.entry));
    let target = target_path_in(plan, &job.dir, name);
    match what {
        What::PartialDir => job.dir.rel_of(name),
        What::Rename => {
            let hidden = temp::shown(What::Mkstemp, &target, name, plan.temp_dir.as_ref());
            [hidden.as_slice(), b"\" -> \"", &job.dir.dst_rel_of(name)].concat()
        }
        _ => temp::shown(what, &target, name, plan.temp_dir.as_ref()),
    }
}

/// How a new file is opened.
fn access(worker: &Worker) -> Access {
    if worker.run.plan.options.write.verify { Access::Both } else { Access::Write }
}

/// Gives an empty file its data.
async fn fill(worker: &Rc<Worker>, job: &Transfer, source: &Source, to: &OwnedFd) -> Result<Moved, Broken> {
    if let Some(basis) = &job.basis
        && let Some(moved) = Box::pin(delta::copy(worker, &source.handle, basis, to, Target::New)).await?
    {
        return Ok(moved);
    }
    let bytes = match &source.small {
        Some(buf) => data::write_small(worker, to, buf)?,
        None => Box::pin(data::copy(worker, &source.handle, to, source.meta.size)).await?,
    };
    data::give_up_written(worker, to);
    Ok(Moved { described: job.described, ..Moved::whole(bytes) })
}

/// Tells that the source became shorter than it was when it was opened: what was read of it fits no moment.
fn shrank(worker: &Worker, job: &Transfer) -> Lost {
    let _: Option<()> = source::failed(worker, job, &io::Error::from_raw_os_error(ENODATA));
    Lost::Shrunk
}

/// Where the file is made: its directory, or `--temp-dir` where that can be renamed from.
fn home<'a>(worker: &'a Worker, dir: &'a Dir, dst: &'a OwnedFd) -> io::Result<Home<'a>> {
    // What somebody else's directory passes on changes whenever they like.
    let inherited = (!swaps::target_is_shared(worker, dir)).then_some(&dir.inherited);
    let beside = Home { handle: dst.as_fd(), inherited, hides: Hides::Here };
    let Some(temp) = &worker.run.plan.temp_dir else { return Ok(beside) };
    let handle = match &temp.home {
        plan::Home::Open(handle) => handle,
        plan::Home::Shut(Shut::Outside) => return Err(io::Error::from_raw_os_error(EINVAL)),
        plan::Home::Shut(Shut::Distrusted) => {
            let refused = worker.run.plan.resolver.refuse();
            worker.tell_refusals();
            return Err(refused);
        }
    };
    let same = mount_of(dst)? == temp.mount;
    let inherited =
        (!*temp.shared.get_or_init(|| swaps::is_shared(worker, handle))).then_some(&temp.inherited);
    Ok(if same { Home { handle: handle.as_fd(), inherited, hides: Hides::There } } else { beside })
}

/// Whether a file's line is told before its data moves, as rsync does unless the line says what the data came to.
/// A file that is written in place has none when its backup cannot be made, nor has a copy of an alternate one that
/// cannot be made.
fn tells_first(worker: &Worker, job: &Transfer) -> bool {
    let plan = &worker.run.plan;
    let may_stay = plan.options.write.inplace && plan.options.backup.is_some();
    let is_sent = job.update == Update::Transfer;
    is_sent && worker.run.report.wants().lines_first && !plan.batch.is_some() && !may_stay
}

/// Tells about a regular file whose data begins to move.
fn moving(worker: &Worker, job: &Transfer) {
    if tells_first(worker, job) {
        tell(
            worker,
            &job.dir,
            &job.entry,
            &Itemized { moved: None, ..Itemized::letters(job.update, job.changes) },
        );
    }
}

/// Counts a regular file whose data arrived, and tells about it.
fn moved(worker: &Worker, job: &Transfer, moved: Moved) {
    tracing::debug!(
        target: "recv",
        name = %String::from_utf8_lossy(&job.dir.rel_of(&job.entry.name)),
        literal_bytes = moved.literal_bytes,
        matched_bytes = moved.matched_bytes,
        "copied"
    );
    if job.update == Update::Transfer {
        count_moved(worker, &moved);
    }
    if tells_first(worker, job) {
        let data = Some(job.entry.meta.size);
        return worker.run.report.arrived(&job.dir.node, Place::Slot(job.entry.slot), data);
    }
    let told = Itemized { moved: Some(moved), ..Itemized::letters(job.update, job.changes) };
    tell(worker, &job.dir, &job.entry, &told);
}

/// Gives the file its name, or puts it where it waits for the end of the run (`--delay-updates`).
fn publish(
    worker: &Worker,
    job: &Transfer,
    dst: &OwnedFd,
    file: &PendingFile<'_>,
) -> Result<(), (What, io::Error)> {
    let name = job.dir.dst_name(&job.entry);
    if delayed::waits(worker, &job.entry) {
        delayed::hold(worker, job, dst, file)?;
        left(worker, file.home, dst);
        return Ok(());
    }
    let replace = || {
        backup::keep(worker, &job.dir, name, backup::For::Data)
            .and_then(|_| file.place(dst, name, Expect::Taken))
    };
    let placed = match (job.there, &worker.run.plan.options.backup) {
        (Some(_), _) => replace(),
        (None, None) => file.place(dst, name, Expect::Free),
        // A backup may have come here meanwhile.
        (None, Some(_)) => match file.place(dst, name, Expect::Vacant) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => replace(),
            placed => placed,
        },
    };
    placed.map_err(|error| (What::Rename, error))?;
    left(worker, file.home, dst);
    Ok(())
}

/// A temporary directory shows the time of the last file that was made in it, even of one that had no name there.
fn left(worker: &Worker, home: Home<'_>, dst: &OwnedFd) {
    if worker.run.plan.temp_dir.is_some() && home.handle.as_raw_fd() != dst.as_raw_fd() {
        let now = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::Now };
        // Who may write there but does not own it cannot set its time; nothing depends on it.
        let _ = plain::futimens(home.handle, now);
    }
}

/// What came of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Up to date now.
    Done,
    /// Told as a failure.
    Failed,
    /// What an alternate destination has could not be copied, which was told: the source is to be sent.
    NotCopied,
    /// Left as it was, or left out, for a reason that is no failure.
    Left,
}
