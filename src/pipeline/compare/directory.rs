//! The decision about a directory before its contents: made, used as it is, or left out with all below it (rsync(1),
//! `--existing`, `--ignore-existing`, `--keep-dirlinks`, `--no-implied-dirs`). Pure.

use rsync_compat::options::Options;
use uring_ext::mode::errno::ENOENT;

use crate::entry::{Kind, Meta};
use crate::operands::tree::Rank;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::handles::dir::Before;

/// What is known of a directory of the source when its turn comes.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The options of the run.
    pub options: &'a Options,
    /// The pass over the tree.
    pub phase: Phase,
    /// What became of the directory that holds it.
    pub above: Before,
    /// How operands mean it; those that they don't spell out are [`Rank::Named`].
    pub rank: Rank,
    /// What the destination has under its name.
    pub found: Found,
}

/// What the destination has under a directory's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Nobody can tell: the directory that holds it may not be searched.
    Unseen,
    /// A directory.
    Dir(Meta),
    /// A link to a directory that stands in for one (`-K`).
    KeptLink(Meta),
    /// Anything else.
    Other(Meta),
}

/// What is done about a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Its contents are listed as if the destination had nothing.
    ListOnly,
    /// It is left out, as the directory that holds it is.
    LeaveOut,
    /// It is left out since `--existing` makes nothing new, and that is told.
    NotCreate,
    /// It cannot be made below something that is no directory, for this reason.
    OutOfReach(i32),
    /// This pass changes nothing but what is in it.
    Use(Meta),
    /// This pass changes nothing but what is in the directory that a kept link leads to (`-K`).
    UseLinked,
    /// This pass has nothing to do in it.
    Pass,
    /// It only leads to names that operands spell out, and gets default attributes.
    LeadThrough,
    /// Something that is no directory keeps its name (`--ignore-existing`).
    KeepOther(Meta),
    /// The destination is to have it.
    Prepare,
}

/// What is done about a directory, by the first rule that applies.
#[must_use]
pub fn step(facts: &Facts<'_>) -> Step {
    let Facts { options, phase, above, rank, found } = *facts;
    let creates_nothing = options.compare.existing;
    if options.output.list_only {
        return Step::ListOnly;
    }
    match above {
        Before::Left => return Step::LeaveOut,
        // What cannot even be looked for is not taken to be missing.
        Before::Blocked(ENOENT) if !options.write.dry_run && creates_nothing => return Step::NotCreate,
        Before::Blocked(_) if !options.write.dry_run && rank == Rank::Passage => return Step::LeadThrough,
        Before::Blocked(errno) if !options.write.dry_run => return Step::OutOfReach(errno),
        Before::Blocked(_) | Before::Absent | Before::Made | Before::Existing(_) => {}
    }
    match (phase, found) {
        (Phase::Transfer, _) => {}
        (_, Found::Dir(there)) => return Step::Use(there),
        (_, Found::KeptLink(_)) => return Step::UseLinked,
        (Phase::Scan, Found::Nothing | Found::Unseen | Found::Other(_)) => return Step::ListOnly,
        (_, Found::Nothing | Found::Unseen | Found::Other(_)) => return Step::Pass,
    }
    if rank == Rank::Passage {
        return Step::LeadThrough;
    }
    match found {
        Found::Nothing if creates_nothing => Step::NotCreate,
        Found::Other(there) | Found::KeptLink(there) if options.compare.ignore_existing => {
            Step::KeepOther(there)
        }
        Found::Nothing | Found::Unseen | Found::Dir(_) | Found::KeptLink(_) | Found::Other(_) => {
            Step::Prepare
        }
    }
}

impl Found {
    /// What `there` is; `is_kept_link` is asked of what is no directory.
    #[must_use]
    pub fn of(there: Option<&Meta>, is_kept_link: impl FnOnce(&Meta) -> bool) -> Found {
        match there {
            None => Found::Nothing,
            Some(there) if there.kind() == Kind::Dir => Found::Dir(*there),
            Some(there) if is_kept_link(there) => Found::KeptLink(*there),
            Some(there) => Found::Other(*there),
        }
    }
}

#[cfg(test)]
mod tests {
    use rsync_compat::options::help::CalledAs;
    use rsync_compat::options::resolve::{self, Resolved};
    use uring_ext::mode::errno::ENOTDIR;
    use uring_ext::plain::Time;

    use super::Step::{
        KeepOther, LeadThrough, LeaveOut, ListOnly, NotCreate, OutOfReach, Pass, Prepare, Use, UseLinked,
    };
    use super::*;
    use crate::pipeline::engine::state::Phase::{DeleteAfter, DeleteBefore, Scan, Transfer};

    const NOW: Time = Time { sec: 1, nsec: 0 };
    const DIR: Meta = Meta {
        mode: 0o040_755,
        uid: 0,
        gid: 0,
        nlink: 2,
        size: 0,
        ino: 1,
        dev: 1,
        rdev: 0,
        blocks: 0,
        mtime: NOW,
        atime: NOW,
    };
    const LINK: Meta = Meta { mode: 0o120_777, ..DIR };
    const FILE: Meta = Meta { mode: 0o100_644, ..DIR };
    const HERE: Before = Before::Existing(DIR);

    fn options(words: &str) -> Options {
        let argv: Vec<Vec<u8>> = format!("{words} s/ d/").split(' ').map(|word| word.into()).collect();
        let Ok(Resolved::Run(options)) = resolve::read(&argv, &resolve::Facts::bare(CalledAs::Rsync)) else {
            panic!("{words} is refused")
        };
        *options
    }

    #[test]
    fn the_first_rule_that_applies_decides() {
        let (named, way) = (Rank::Named, Rank::Passage);
        let (nothing, is_dir) = (Found::Nothing, Found::Dir(DIR));
        let (kept, other) = (Found::KeptLink(LINK), Found::Other(FILE));
        let blocked = Before::Blocked;
        for (words, phase, above, rank, found, wanted) in [
            ("-a", Transfer, HERE, named, nothing, Prepare),
            ("-a", Transfer, HERE, named, is_dir, Prepare),
            ("-a", Transfer, HERE, named, other, Prepare),
            ("-aK", Transfer, HERE, named, kept, Prepare),
            ("-an", Transfer, Before::Absent, named, nothing, Prepare),
            ("-a", Transfer, HERE, way, nothing, LeadThrough),
            ("-a --list-only", Transfer, HERE, named, is_dir, ListOnly),
            // Options that leave it alone.
            ("-a --existing", Transfer, HERE, named, nothing, NotCreate),
            ("-a --existing", Transfer, HERE, named, is_dir, Prepare),
            ("-a --existing", Transfer, HERE, named, other, Prepare),
            ("-a --existing", Transfer, HERE, way, nothing, LeadThrough),
            ("-a --ignore-existing", Transfer, HERE, named, is_dir, Prepare),
            ("-a --ignore-existing", Transfer, HERE, named, other, KeepOther(FILE)),
            ("-aK --ignore-existing", Transfer, HERE, named, kept, KeepOther(LINK)),
            // What became of the directory above.
            ("-a", Transfer, Before::Left, named, nothing, LeaveOut),
            ("-a", DeleteAfter, Before::Left, named, is_dir, LeaveOut),
            ("-a", Transfer, blocked(ENOTDIR), named, nothing, OutOfReach(ENOTDIR)),
            ("-a --existing", Transfer, blocked(ENOTDIR), named, nothing, OutOfReach(ENOTDIR)),
            ("-a --existing", Transfer, blocked(ENOENT), named, nothing, NotCreate),
            ("-an", Transfer, blocked(ENOTDIR), named, nothing, Prepare),
            // Passes that make nothing.
            ("-a", Scan, HERE, named, is_dir, Use(DIR)),
            ("-a", Scan, HERE, named, nothing, ListOnly),
            ("-a --delete-before", DeleteBefore, HERE, named, is_dir, Use(DIR)),
            ("-aK --delete-before", DeleteBefore, HERE, named, kept, UseLinked),
            ("-a --delete-before", DeleteBefore, HERE, named, nothing, Pass),
            ("-a --delete-after", DeleteAfter, HERE, named, other, Pass),
            ("-a --delete-after", DeleteAfter, HERE, way, is_dir, Use(DIR)),
        ] {
            let options = options(words);
            let facts = Facts { options: &options, phase, above, rank, found };
            assert_eq!(step(&facts), wanted, "{words}, {phase:?}, {above:?}, {rank:?}, {found:?}");
        }
    }

    #[test]
    fn links_are_asked_about_and_directories_are_not() {
        assert_eq!(Found::of(Some(&DIR), |_| unreachable!()), Found::Dir(DIR));
        assert_eq!(Found::of(None, |_| unreachable!()), Found::Nothing);
        assert_eq!(Found::of(Some(&LINK), |_| true), Found::KeptLink(LINK));
        assert_eq!(Found::of(Some(&FILE), |_| false), Found::Other(FILE));
    }
}
