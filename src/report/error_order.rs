//! The order of errors: rsync's processes go through directories in the order of the list, while workers here do not.
//!
//! Each process's errors are gathered, as long as a run is young, and then sorted by the directory in which the process
//! was. Within a directory those of files that are read and written go by name, since files are read ahead here; all
//! others stay as they came: one worker goes through it.

use std::cmp::Ordering;

use crate::entry::dir_order;
use crate::failure::{Failure, Side, What};

/// Who says an error, in the order in which they come through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errs {
    /// Who makes the list.
    List,
    /// Who decides.
    Generator,
    /// Who reads.
    Sender,
    /// Who writes.
    Receiver,
}

/// Who says a failure.
pub(super) fn errs(failure: &Failure) -> Errs {
    match (failure.side, failure.what) {
        (Side::Generator, _) => Errs::Generator,
        (Side::Receiver, _) => Errs::Receiver,
        (Side::Sender, What::OpenSource | What::ReadSource | What::RemoveSource) => Errs::Sender,
        (Side::Sender | Side::Client, _) => Errs::List,
    }
}

/// Where in the list a process was when it had this to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// The directory; below the destination if it is relative.
    dir: Vec<u8>,
    /// Whether it had only come to the directory.
    at_its_door: bool,
    /// The file that it read or wrote.
    file: Vec<u8>,
    /// What was to be deleted, a directory or not: names that are deleted side by side go from the last to the first.
    doomed: Option<(bool, Vec<u8>)>,
    /// What was in the way of something.
    way: Option<Vec<u8>>,
    /// The place in the list from which on nothing is deleted.
    ends_deletions: Option<Vec<u8>>,
}

/// Whether the rest of a path is nothing, or begins with a slash.
fn is_below(rest: &[u8]) -> bool {
    rest.first().is_none_or(|&byte| byte == b'/')
}

/// The name of the file that a process was at, where it goes from one to the next; that of a temporary file is made of
/// it.
fn file_of(failure: &Failure, path: &[u8]) -> Vec<u8> {
    const ENDING_BYTES: usize = ".XXXXXX".len();
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let of_hidden = || {
        let (of, ending) = name.strip_prefix(b".")?.split_last_chunk::<ENDING_BYTES>()?;
        ending.starts_with(b".").then_some(of)
    };
    match errs(failure) {
        Errs::List | Errs::Generator => Vec::new(),
        Errs::Sender => name.to_vec(),
        Errs::Receiver => of_hidden().unwrap_or(name).to_vec(),
    }
}

impl Spot {
    pub(super) fn of(failure: &Failure) -> Spot {
        let path = failure.path.split(|&byte| byte == b'"').next().unwrap_or_default();
        let path = path.strip_suffix(b"/.").unwrap_or(path);
        let above = |path: &[u8]| match path.iter().rposition(|&byte| byte == b'/') {
            Some(slash) => path[..slash.max(1)].to_vec(),
            None => Vec::new(),
        };
        // A directory is read in its own turn.
        let dir = match failure.what {
            What::Opendir | What::Readdir | What::VanishedDir | What::OpendirDestination => path.to_vec(),
            _ if failure.of_directory => path.to_vec(),
            _ => above(path),
        };
        let doomed = match failure.what {
            What::Rmdir => Some((true, path.to_vec())),
            What::Unlink => Some((false, path.to_vec())),
            _ => None,
        };
        let way = matches!(failure.what, What::MakeWay(_) | What::MakeWayAgain).then(|| path.to_vec());
        Spot {
            dir,
            at_its_door: failure.of_directory,
            file: file_of(failure, path),
            doomed,
            way,
            ends_deletions: failure.ends_deletions.clone(),
        }
    }

    /// Where the sender was comes before what it says of what it could not remove, by names that start at the transfer's
    /// top.
    fn order(&self, other: &Spot) -> Ordering {
        let is_relative = |spot: &Spot| !spot.dir.starts_with(b"/");
        is_relative(self)
            .cmp(&is_relative(other))
            .then_with(|| dir_order(&self.dir, &other.dir))
            .then_with(|| other.at_its_door.cmp(&self.at_its_door))
            .then_with(|| self.file.cmp(&other.file))
    }

    /// With a path that starts where those of the others do.
    fn below(mut self, destination: &[u8]) -> Spot {
        if !self.dir.starts_with(b"/") {
            self.dir = crate::entry::join(destination, &self.dir);
        }
        self
    }

    /// Whether both are about deleting in one directory.
    fn deletes_beside(&self, other: &Spot) -> bool {
        self.doomed.is_some() && other.doomed.is_some() && self.dir == other.dir
    }
}

/// What is gathered for standard error.
#[derive(Debug, Default)]
pub(super) struct Errors {
    /// By who says it.
    said: [Vec<(Spot, Vec<u8>)>; 4],
}

impl Errors {
    pub(super) fn add(&mut self, errs: Errs, spot: Spot, text: &[u8]) {
        if let Some(said) = self.said.get_mut(errs as usize) {
            if let Some(way) = &spot.way {
                // What could not be deleted there was in the way.
                let there = |doomed: &[u8]| doomed.strip_prefix(way.as_slice()).is_some_and(is_below);
                for (earlier, _) in said.iter_mut() {
                    if earlier.doomed.as_ref().is_some_and(|(_, path)| there(path)) {
                        earlier.dir.clone_from(&spot.dir);
                        earlier.doomed = None;
                    }
                }
            }
            if let Some(end) = &spot.ends_deletions {
                // Another worker went on while rsync would not have come there.
                let later = |spot: &Spot| {
                    spot.ends_deletions.as_ref().is_some_and(|other| dir_order(end, other).is_lt())
                };
                said.retain(|(earlier, _)| !later(earlier));
            }
            said.push((spot, text.to_vec()));
        }
    }

    /// All of them, in their order; `destination` is where relative paths start.
    pub(super) fn take_all(&mut self, destination: &[u8]) -> Vec<u8> {
        [Errs::List, Errs::Generator, Errs::Sender, Errs::Receiver]
            .map(|errs| self.take(errs, destination))
            .concat()
    }

    /// What one of them says.
    pub(super) fn take(&mut self, errs: Errs, destination: &[u8]) -> Vec<u8> {
        let said = self.said.get_mut(errs as usize).map(std::mem::take).unwrap_or_default();
        let place = |spot: Spot| if errs == Errs::Sender { spot } else { spot.below(destination) };
        let mut said: Vec<_> = said.into_iter().map(|(spot, text)| (place(spot), text)).collect();
        said.sort_by(|(one, _), (two, _)| one.order(two));
        for run in said.chunk_by_mut(|(one, _), (two, _)| one.deletes_beside(two)) {
            run.sort_by(|(one, _), (two, _)| two.doomed.cmp(&one.doomed));
        }
        said.into_iter().flat_map(|(_, text)| text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(errors: &mut Errors, side: Side, what: What, path: &str) {
        let error = std::io::Error::from_raw_os_error(13);
        let failure = Failure::new(side, what, path.as_bytes().to_vec(), &error);
        errors.add(errs(&failure), Spot::of(&failure), format!("{path} ").as_bytes());
    }

    #[test]
    fn only_the_first_that_ends_deletions_is_told() {
        let mut errors = Errors::default();
        for path in ["/d/b", "/d/c", "/d/a"] {
            let failure = Failure {
                ends_deletions: Some(path.as_bytes().to_vec()),
                ..Failure::without_errno(Side::Generator, What::OpendirDestination, path.into())
            };
            errors.add(errs(&failure), Spot::of(&failure), path.as_bytes());
        }
        assert_eq!(String::from_utf8(errors.take_all(b"/d")).unwrap(), "/d/a");
    }

    #[test]
    fn errors_come_by_who_says_them_and_where() {
        let mut errors = Errors::default();
        add(&mut errors, Side::Receiver, What::Mkstemp, "/d/.x.123456");
        add(&mut errors, Side::Receiver, What::SetTimes, "/d/y");
        add(&mut errors, Side::Receiver, What::Mkstemp, "/d/.w.123456");
        add(&mut errors, Side::Sender, What::RemoveSource, "a/c");
        add(&mut errors, Side::Sender, What::OpenSource, "/s/b");
        add(&mut errors, Side::Sender, What::OpenSource, "/s/a");
        add(&mut errors, Side::Generator, What::Unlink, "b/a");
        add(&mut errors, Side::Generator, What::Unlink, "b/c");
        add(&mut errors, Side::Generator, What::Rmdir, "b/b");
        add(&mut errors, Side::Generator, What::Mkdir, "/d/b/x");
        add(&mut errors, Side::Generator, What::Unlink, "a/w/in");
        add(&mut errors, Side::Generator, What::MakeWay("regular file"), "a/w");
        add(&mut errors, Side::Generator, What::Mkdir, "/d/a/x");
        add(&mut errors, Side::Generator, What::Mkdir, "/d/a");
        add(&mut errors, Side::Generator, What::Chown, "/d/.");
        add(&mut errors, Side::Sender, What::Opendir, "/s/b");
        add(&mut errors, Side::Sender, What::ReadlinkStat, "/s/a/z");
        let wanted = "/s/a/z /s/b /d/. /d/a a/w/in a/w /d/a/x b/b b/c b/a /d/b/x /s/a /s/b a/c /d/.w.123456 /d/.x.123456 /d/y ";
        assert_eq!(String::from_utf8(errors.take_all(b"/d")).unwrap(), wanted);
        assert!(errors.take_all(b"/d").is_empty());
    }
}
