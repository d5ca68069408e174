//! `tree-diff [--no-content] A B`: compares two trees attribute by attribute; exits 0, 1 or 2 (trouble).
//!
//! Nothing is kept but the names of the directories on the way and the inodes with more than one name, so that it
//! can be used on whole systems. Times, modes, owners, links, xattrs, ACLs, contents and link groups are compared.
#![forbid(unsafe_code)]

use compat_tests::attrs::{self, Attrs, Identity};
use compat_tests::shell::quote;
use rustix::fs::{FileType, Mode, OFlags};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::ExitCode;

#[derive(Clone, Copy, PartialEq)]
enum Content {
    Compared,
    Ignored,
}

fn main() -> ExitCode {
    let mut content = Content::Compared;
    let mut operands = Vec::new();
    for argument in std::env::args_os().skip(1) {
        match argument.to_str() {
            Some("--no-content") => content = Content::Ignored,
            _ => operands.push(argument),
        }
    }
    let [one, two] = &operands[..] else {
        eprintln!("usage: tree-diff [--no-content] A B");
        return ExitCode::from(2);
    };
    let mut walk = Walk { content, differences: 0, links: HashMap::new(), links_back: HashMap::new() };
    match walk.roots(Path::new(one), Path::new(two)) {
        Ok(()) if walk.differences == 0 => ExitCode::SUCCESS,
        Ok(()) => {
            println!("{} differences", walk.differences);
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("tree-diff: {error}");
            ExitCode::from(2)
        }
    }
}

type Inode = (u64, u64);

struct Walk {
    content: Content,
    differences: u64,
    links: HashMap<Inode, Inode>,
    links_back: HashMap<Inode, Inode>,
}

impl Walk {
    fn roots(&mut self, one: &Path, two: &Path) -> io::Result<()> {
        let (one, two) = (attrs::open_top(one)?, attrs::open_top(two)?);
        let (first, second) = (attrs::read(&one, b".", i64::MAX)?.0, attrs::read(&two, b".", i64::MAX)?.0);
        attrs::differences(&first, &second).iter().for_each(|line| self.say(b".", line));
        self.directories(&one, &two, b"")
    }

    fn say(&mut self, path: &[u8], what: &str) {
        self.differences += 1;
        println!("{}: {what}", quote(path));
    }

    fn directories(&mut self, one: &OwnedFd, two: &OwnedFd, path: &[u8]) -> io::Result<()> {
        let (first, second) = (attrs::names(one)?, attrs::names(two)?);
        let below = |name: &[u8]| if path.is_empty() { name.to_vec() } else { [path, b"/", name].concat() };
        for name in second.iter().filter(|name| first.binary_search(name).is_err()) {
            self.say(&below(name), "only in the second");
        }
        for name in &first {
            let path = below(name);
            if second.binary_search(name).is_err() {
                self.say(&path, "only in the first");
                continue;
            }
            self.pair(one, two, name, &path)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", quote(&path))))?;
        }
        Ok(())
    }

    fn pair(&mut self, one: &OwnedFd, two: &OwnedFd, name: &[u8], path: &[u8]) -> io::Result<()> {
        let (first, first_is) = attrs::read(one, name, i64::MAX)?;
        let (second, second_is) = attrs::read(two, name, i64::MAX)?;
        attrs::differences(&first, &second).iter().for_each(|line| self.say(path, line));
        if first.kind != second.kind {
            return Ok(());
        }
        self.link_groups(&first, &first_is, &second_is, path);
        match first.kind {
            FileType::Directory => {
                let (one, two) = (attrs::open_dir(one, name)?, attrs::open_dir(two, name)?);
                self.directories(&one, &two, path)
            }
            FileType::RegularFile if self.content == Content::Compared && first.size == second.size => {
                if !same_contents(open(one, name)?, open(two, name)?)? {
                    self.say(path, "contents differ");
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Names that share an inode in one tree must share one in the other.
    fn link_groups(&mut self, attrs: &Attrs, one: &Identity, two: &Identity, path: &[u8]) {
        if attrs.kind == FileType::Directory || attrs.links < 2 {
            return;
        }
        let (one, two) = ((one.device, one.inode), (two.device, two.inode));
        let there = *self.links.entry(one).or_insert(two);
        let back = *self.links_back.entry(two).or_insert(one);
        if there != two || back != one {
            self.say(path, "hard link groups differ");
        }
    }
}

fn open(parent: &OwnedFd, name: &[u8]) -> io::Result<File> {
    Ok(File::from(rustix::fs::openat(parent, name, OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?))
}

fn same_contents(mut one: File, mut two: File) -> io::Result<bool> {
    let (mut first, mut second) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let length = one.read(&mut first)?;
        if length == 0 {
            return Ok(two.read(&mut second)? == 0);
        }
        if two.read_exact(&mut second[..length]).is_err() || first[..length] != second[..length] {
            return Ok(false);
        }
    }
}
