//! What makes a tree heavy in metadata: hard links, ACLs, extended attributes, owners.

use std::fs;
use std::io;
use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};

use crate::make::mix;
use crate::volume::tool_in;

/// Names per thousand that get each thing.
const LINKED: usize = 150;
const ACLS: usize = 200;
const XATTRS: usize = 300;
const OWNERS: usize = 100;

/// Adorns every file of a tree by its place in the sorted list of names.
pub(crate) fn adorn(root: &Path) -> Result<(), String> {
    let files = files_under(root).map_err(|error| format!("cannot list {}: {error}", root.display()))?;
    own_and_link(root, &files).map_err(|error| format!("cannot adorn {}: {error}", root.display()))?;
    let chosen = |salt: usize, share: usize| {
        files.iter().enumerate().filter(move |(index, _)| mix(index + salt) % 1000 < share)
    };
    let acls = chosen(1, ACLS).map(|(index, path)| acl(path, index)).collect::<String>();
    let xattrs = chosen(2, XATTRS).map(|(index, path)| xattr(path, index)).collect::<String>();
    restore(root, "setfacl", &acls)?;
    restore(root, "setfattr", &xattrs)?;
    let mut parents: Vec<_> = files.iter().filter_map(|path| path.parent()).collect();
    parents.dedup();
    for parent in parents.iter().step_by(10) {
        let parent = parent.display().to_string();
        tool_in(root, "setfacl", &["-m", "d:u:1007:rx,d:g:1008:rwx", &parent])?;
    }
    Ok(())
}

fn own_and_link(root: &Path, files: &[PathBuf]) -> io::Result<()> {
    for (index, path) in files.iter().enumerate() {
        if mix(index + 3) % 1000 < OWNERS {
            let id = 1000 + (index % 5) as u32;
            lchown(root.join(path), Some(id), Some(id))?;
        }
        if mix(index) % 1000 < LINKED {
            // Some groups lie in one directory, some across two.
            let other = &files[mix(index + 4) % files.len()];
            let dir = if index % 2 == 0 { path.parent() } else { other.parent() };
            let name = format!("also{index:07}");
            fs::hard_link(root.join(path), root.join(dir.expect("a file lies in a directory")).join(name))?;
        }
    }
    Ok(())
}

fn acl(path: &Path, index: usize) -> String {
    let user = 1010 + index % 7;
    format!("# file: {}\nuser::rw-\nuser:{user}:r-x\ngroup::r--\nmask::rwx\nother::---\n\n", path.display())
}

fn xattr(path: &Path, index: usize) -> String {
    let value = "v".repeat(1 + mix(index) % 60);
    format!("# file: {}\nuser.origin=\"{value}\"\nuser.number=\"{index}\"\n\n", path.display())
}

fn restore(root: &Path, program: &str, text: &str) -> Result<(), String> {
    let list = root.with_extension(program);
    fs::write(&list, text).map_err(|error| format!("cannot write {}: {error}", list.display()))?;
    let done = tool_in(root, program, &[&format!("--restore={}", list.display())]);
    let _ = fs::remove_file(list);
    done.map(drop)
}

/// The regular files of a tree, sorted, relative to it.
fn files_under(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                dirs.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path().strip_prefix(root).expect("it lies under the root").to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}
