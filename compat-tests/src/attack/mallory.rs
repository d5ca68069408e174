//! The attacker: a thread with a user id of its own, who owns a part of the trees and never holds still.

use super::{MALLORY, PRIVATE, SET_ID, SUBDIRS, TOPS};
use crate::rng::Rng;
use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, RenameFlags, Uid};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What was done, and what should not have been possible.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Changes that succeeded.
    pub(super) moves: usize,
    /// What Mallory got hold of.
    pub(super) won: Vec<String>,
}

/// Where a link leads that takes the place of a name.
const WAYS: &[&str] = &[
    "OUT",
    "OUT/x",
    "../../outside",
    "../../../outside/x",
    "..",
    "../..",
    "/",
    "/proc/self/root",
    "/proc/self/cwd",
];

pub(super) struct Mallory<'a> {
    dir: &'a Path,
    /// Who copies.
    victim: u32,
    rng: Rng,
    /// Where she is at work this time, and by which moves.
    tops: Vec<&'static str>,
    subdirs: Vec<&'static str>,
    moves: Vec<u64>,
    report: Report,
}

/// Only this thread: Linux keeps ids for each.
fn become_somebody_else() {
    let (uid, gid) = (Uid::from_raw(MALLORY), Gid::from_raw(MALLORY));
    rustix::thread::set_thread_groups(&[]).expect("root may");
    rustix::thread::set_thread_res_gid(gid, gid, gid).expect("root may");
    rustix::thread::set_thread_res_uid(uid, uid, uid).expect("root may");
}

/// How many moves there are.
const MOVES: u64 = 18;
/// The one that needs the source to be where it was.
const CLOSED: u64 = 16;

/// Some of them: all, or one or two.
fn some<T: Copy>(rng: &mut Rng, all: &[T]) -> Vec<T> {
    if rng.one_in(3) {
        return all.to_vec();
    }
    (0..1 + rng.below(2)).map(|_| *rng.pick(all)).collect()
}

impl<'a> Mallory<'a> {
    /// She who moves in one place by one move meets the program more often than who does everything everywhere.
    pub(super) fn new(dir: &'a Path, victim: u32, seed: u64) -> Mallory<'a> {
        let mut rng = Rng::new(seed);
        let all: Vec<u64> = (0..MOVES).collect();
        let (tops, subdirs) = (some(&mut rng, TOPS), some(&mut rng, SUBDIRS));
        let mut moves = some(&mut rng, &all);
        if moves.len() < all.len() && moves.contains(&CLOSED) {
            // What is in the destination under a directory's name gets its attributes, whoever put it there.
            moves = vec![CLOSED];
        } else {
            moves.retain(|one| *one != CLOSED);
        }
        Mallory { dir, victim, rng, tops, subdirs, moves, report: Report::default() }
    }

    /// Attacks until told to stop, and leaves things as they are. The calling thread is hers from now on.
    pub(super) fn attack(mut self, stop: &AtomicBool) -> Report {
        become_somebody_else();
        while !stop.load(Ordering::Relaxed) {
            let done = self.act();
            self.report.moves += usize::from(done.is_some());
            if self.rng.one_in(4) {
                std::thread::sleep(Duration::from_micros(self.rng.below(120)));
            }
        }
        self.spy();
        self.report
    }

    /// A directory that is hers, or was.
    fn some_dir(&mut self) -> PathBuf {
        let top = *self.rng.pick(&self.tops);
        let sub = *self.rng.pick(&self.subdirs);
        self.dir.join(top).join(sub)
    }

    fn some_name(&mut self, dir: &Path) -> PathBuf {
        let fixed =
            ["sub", "deep", ".part", ".~tmp~", "private", "set-id", ".rsync-filter", "link", "excluded-fifo"];
        let name = match self.rng.below(5) {
            0 => (*self.rng.pick(&fixed)).to_owned(),
            1 => format!("f{}~", self.rng.below(12)),
            _ => format!("f{}", self.rng.below(12)),
        };
        dir.join(name)
    }

    fn fresh(&mut self, dir: &Path) -> PathBuf {
        dir.join(format!("excluded-m{}", self.rng.next_u64()))
    }

    fn act(&mut self) -> Option<()> {
        let dir = self.some_dir();
        let name = self.some_name(&dir);
        match *self.rng.pick(&self.moves) {
            0..=4 => self.swap_for_link(&dir, &name),
            5 => self.swap_for_special(&dir, &name),
            6 => self.swap_names(&dir, &name),
            7 => self.move_directory(&dir),
            8..=9 => self.hidden_names(&dir),
            10 => self.rewrite(&name),
            11 => self.plant(&name),
            12 => fs::set_permissions(
                &name,
                fs::Permissions::from_mode(*self.rng.pick(&[0, 0o644, 0o6755, 0o700])),
            )
            .ok(),
            13 => self.swap_trees(),
            14 => self.spy().then_some(()),
            15 => self.pass_on(&dir),
            CLOSED => self.swap_closed(),
            _ => fs::remove_file(&name).ok(),
        }
    }

    fn way(&mut self, name: &Path) -> PathBuf {
        let way = *self.rng.pick(WAYS);
        let last = name.file_name().unwrap_or_default();
        let way = way.replace("OUT", &self.dir.join("outside").display().to_string());
        if self.rng.one_in(3) { PathBuf::from(way) } else { Path::new(&way).join(last) }
    }

    /// A name becomes a link, and mostly itself again.
    fn swap_for_link(&mut self, dir: &Path, name: &Path) -> Option<()> {
        let link = self.fresh(dir);
        symlink(self.way(name), &link).ok()?;
        self.swap_and_back(name, &link)
    }

    fn swap_and_back(&mut self, name: &Path, other: &Path) -> Option<()> {
        let exchange =
            |a: &Path, b: &Path| rustix::fs::renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).ok();
        let done = exchange(name, other);
        if done.is_some() && !self.rng.one_in(8) {
            std::thread::sleep(Duration::from_micros(self.rng.below(200)));
            exchange(name, other);
        }
        let _ = fs::remove_file(other);
        done
    }

    /// A FIFO, a socket, a directory, or one of the devices that lie about.
    fn swap_for_special(&mut self, dir: &Path, name: &Path) -> Option<()> {
        let other = self.fresh(dir);
        match self.rng.below(6) {
            0 => rustix::fs::mknodat(CWD, &other, FileType::Fifo, Mode::from_raw_mode(0o666), 0).ok()?,
            1 => rustix::fs::mknodat(CWD, &other, FileType::Socket, Mode::from_raw_mode(0o666), 0).ok()?,
            2 => fs::create_dir(&other).ok()?,
            _ => {
                let device = dir.join(*self.rng.pick(&[
                    "excluded-null",
                    "excluded-zero",
                    "excluded-loop",
                    "excluded-fifo",
                ]));
                let exchange = |a: &Path, b: &Path| {
                    rustix::fs::renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).ok()
                };
                exchange(name, &device)?;
                std::thread::sleep(Duration::from_micros(self.rng.below(200)));
                return exchange(name, &device);
            }
        }
        self.swap_and_back(name, &other)
    }

    fn swap_names(&mut self, dir: &Path, name: &Path) -> Option<()> {
        let other = match self.rng.below(3) {
            0 => dir.join("private"),
            1 => dir.join("set-id"),
            _ => self.some_name(dir),
        };
        rustix::fs::renameat_with(CWD, name, CWD, &other, RenameFlags::EXCHANGE).ok()
    }

    /// Away, with another one in its place; or to another depth, so that `..` is elsewhere.
    fn move_directory(&mut self, dir: &Path) -> Option<()> {
        let (sub, away) = (dir.join("sub"), self.fresh(dir));
        fs::rename(&sub, &away).ok()?;
        if self.rng.one_in(2) {
            let link = self.way(&sub);
            let _ = if self.rng.one_in(2) { symlink(link, &sub) } else { fs::create_dir(&sub) };
        }
        std::thread::sleep(Duration::from_micros(self.rng.below(300)));
        if self.rng.one_in(2) {
            let _ = fs::rename(&away, dir.join("f1"));
        }
        let _ = fs::remove_file(&sub);
        let _ = fs::remove_dir(&sub);
        fs::rename(&away, &sub).ok()
    }

    /// New files get her group for a while.
    fn pass_on(&mut self, dir: &Path) -> Option<()> {
        let set = |mode| fs::set_permissions(dir, fs::Permissions::from_mode(mode));
        let was = fs::symlink_metadata(dir).ok()?.mode() & 0o777;
        set(0o2000 | was).ok()?;
        std::thread::sleep(Duration::from_micros(self.rng.below(500)));
        set(was).ok()
    }

    /// A directory of hers against one that she may not enter.
    fn swap_closed(&mut self) -> Option<()> {
        let (open, closed) = (self.dir.join("s/x/open"), self.dir.join("s/x/closed"));
        let exchange = || rustix::fs::renameat_with(CWD, &open, CWD, &closed, RenameFlags::EXCHANGE).ok();
        exchange()?;
        std::thread::sleep(Duration::from_micros(self.rng.below(200)));
        exchange()
    }

    /// A directory of one tree against one of another.
    fn swap_trees(&mut self) -> Option<()> {
        let (one, two) = (self.some_dir(), self.some_dir());
        rustix::fs::renameat_with(CWD, &one, CWD, &two, RenameFlags::EXCHANGE).ok()
    }

    /// What the program hides for a moment, she takes, links, opens or replaces.
    fn hidden_names(&mut self, dir: &Path) -> Option<()> {
        let mut done = None;
        for entry in fs::read_dir(dir).ok()?.flatten() {
            let name = entry.file_name();
            if !name.as_bytes().starts_with(b".") || name.as_bytes().starts_with(b".part") {
                continue;
            }
            let path = entry.path();
            self.look_into(&path);
            let fresh = self.fresh(dir);
            done = match self.rng.below(4) {
                0 => fs::hard_link(&path, &fresh).ok(),
                1 => fs::rename(&path, &fresh).ok(),
                2 => self.swap_for_link(dir, &path),
                _ => fs::remove_file(&path).ok().and_then(|()| symlink(self.way(&path), &path).ok()),
            };
        }
        done
    }

    fn rewrite(&mut self, name: &Path) -> Option<()> {
        let size = self.rng.below(30_000);
        let mut options = fs::OpenOptions::new();
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let file = options.write(true).custom_flags(flags).open(name).ok()?;
        if self.rng.one_in(2) {
            file.set_len(size).ok()
        } else {
            std::io::Write::write_all(&mut &file, b"mallory").ok()
        }
    }

    /// Something where nothing was: a link that leads outside, under a name that the program may be about to make.
    fn plant(&mut self, name: &Path) -> Option<()> {
        let way = self.way(name);
        if self.rng.one_in(2) {
            let _ = fs::remove_file(name);
        }
        symlink(way, name).ok()
    }

    /// Looks through everything within reach for what is not hers to read or to run.
    fn spy(&mut self) -> bool {
        for top in TOPS {
            for sub in SUBDIRS.iter().chain(&["closed", "open"]) {
                for entry in fs::read_dir(self.dir.join(top).join(sub)).into_iter().flatten().flatten() {
                    self.look_into(&entry.path());
                }
            }
        }
        true
    }

    fn look_into(&mut self, path: &Path) {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let Ok(file) = fs::OpenOptions::new().read(true).custom_flags(flags).open(path) else { return };
        let Ok(stat) = file.metadata() else { return };
        if !stat.is_file() {
            return;
        }
        let mut content = Vec::new();
        let _ = std::io::Read::read_to_end(&mut std::io::Read::take(file, 64), &mut content);
        if content.starts_with(PRIVATE.as_bytes()) {
            self.report.won.push(format!("{} was read: {stat:?}", path.display()));
        }
        // An ordinary user's copies of others' set-id programs are set-id programs of theirs, as in rsync.
        let root = self.victim == 0 && stat.uid() == 0;
        if root && stat.mode() & 0o6000 != 0 && !content.starts_with(SET_ID.as_bytes()) {
            self.report.won.push(format!("{} is a set-id program of root's: {stat:?}", path.display()));
        }
        let there = rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW);
        if there.is_ok_and(|there| there.st_uid == MALLORY) && content.starts_with(SET_ID.as_bytes()) {
            self.report.won.push(format!("{} is hers now", path.display()));
        }
    }
}
