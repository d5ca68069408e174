//! The operations that no ring has, and the plain calls that have no operation of their own.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::rc::Rc;

use uring_ext::ops::*;
use uring_ext::plain::*;
use uring_ext::{Executor, Op, Ring, Settings, mode, seccomp};

struct Tree {
    tree: tempfile::TempDir,
    dir: Rc<OwnedFd>,
}

impl Tree {
    fn new() -> Tree {
        let tree = tempfile::tempdir().unwrap();
        fs::write(tree.path().join("file"), b"contents").unwrap();
        symlink("file", tree.path().join("link")).unwrap();
        let dir = Rc::new(File::open(tree.path()).unwrap().into());
        Tree { tree, dir }
    }

    fn dir(&self) -> Rc<OwnedFd> {
        Rc::clone(&self.dir)
    }

    fn meta(&self, name: &str) -> fs::Metadata {
        fs::symlink_metadata(self.tree.path().join(name)).unwrap()
    }

    fn open(&self, name: &std::ffi::CStr) -> OwnedFd {
        openat(&self.dir, name, OFlags::RDWR | OFlags::CREATE, 0o600).unwrap()
    }
}

fn run<O: Op>(op: O) -> io::Result<O::Output> {
    let executor = Executor::new(Ring::new(Settings::depth(8)));
    let ring = executor.ring().clone();
    assert!(!ring.is_native::<O>());
    executor.block_on(async move { ring.run(op).await }).unwrap()
}

fn code<T>(result: io::Result<T>) -> i32 {
    result.err().and_then(|error| error.raw_os_error()).unwrap_or(0)
}

#[test]
fn getdents_gives_every_name_once() {
    let t = Tree::new();
    let mut wanted: Vec<String> = (0..3000).map(|n| format!("name-{n}-{}", "x".repeat(n % 200))).collect();
    wanted.iter().for_each(|name| drop(File::create(t.tree.path().join(name)).unwrap()));
    wanted.extend(["file".into(), "link".into()]);
    wanted.sort();
    let (mut reader, mut got, mut more) = (DirReader::new(1), Vec::new(), true);
    while more {
        (reader, more) = run(Getdents::new(t.dir(), reader)).unwrap();
        for entry in reader.batch() {
            let name = entry.name.to_str().unwrap().to_owned();
            let meta = t.meta(&name);
            assert_eq!(entry.ino, meta.ino());
            assert_eq!(entry.kind == mode::DT_LNK, meta.is_symlink());
            got.push(name);
        }
    }
    got.sort();
    assert_eq!(got, wanted);
    assert_eq!(code(reader.fill(t.open(c"file"))), libc::ENOTDIR);
    assert_eq!(reader.batch().count(), 0);
}

#[test]
fn symbolic_links_are_read_whole() {
    let t = Tree::new();
    let long = "l/".repeat(1500);
    symlink(&long, t.tree.path().join("long")).unwrap();
    assert_eq!(run(ReadlinkAt::new(t.dir(), c"long", Vec::new())).unwrap(), long.as_bytes());
    assert_eq!(readlinkat(&t.dir, c"link").unwrap(), b"file");
    assert_eq!(code(readlinkat(&t.dir, c"file")), libc::EINVAL);
}

#[test]
fn modes_owners_and_times_stop_at_a_link() {
    let t = Tree::new();
    run(FchmodAt::new(t.dir(), c"file", 0o1751)).unwrap();
    assert_eq!(t.meta("file").permissions().mode() & 0o7777, 0o1751);
    assert_eq!(code(fchmodat(&t.dir, c"link", 0o600)), libc::EOPNOTSUPP);
    assert_eq!(t.meta("file").permissions().mode() & 0o7777, 0o1751);
    let (uid, gid) = (t.meta("file").uid(), t.meta("file").gid());
    run(FchownAt::new(t.dir(), c"link", UNCHANGED, UNCHANGED)).unwrap();
    if uid == 0 {
        run(FchownAt::new(t.dir(), c"link", 1234, UNCHANGED)).unwrap();
        assert_eq!((t.meta("link").uid(), t.meta("link").gid(), t.meta("file").uid()), (1234, gid, 0));
    }
    let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::At { sec: -5, nsec: 999_999_999 } };
    let before = t.meta("link").atime_nsec();
    run(UtimensAt::new(t.dir(), c"link", times)).unwrap();
    let link = t.meta("link");
    assert_eq!((link.mtime(), link.mtime_nsec(), link.atime_nsec()), (-5, 999_999_999, before));
    assert!(t.meta("file").mtime() > 0);
    futimens(t.open(c"file"), TimesSet { atime: TimeSet::Now, mtime: TimeSet::Now }).unwrap();
    fchmod(t.open(c"file"), 0o600).unwrap();
    fchown(t.open(c"file"), uid, gid).unwrap();
    assert_eq!(code(fchownat(&t.dir, c"none", 1, 1)), libc::ENOENT);
}

#[test]
fn special_files() {
    let t = Tree::new();
    run(MknodAt::new(t.dir(), c"fifo", mode::S_IFIFO | 0o644, Device::default())).unwrap();
    mknodat(&t.dir, c"sock", mode::S_IFSOCK | 0o600, Device::default()).unwrap();
    assert!(t.meta("fifo").file_type().is_fifo() && t.meta("sock").file_type().is_socket());
    if uring_ext::process::powers().mknod {
        mknodat(&t.dir, c"null", mode::S_IFCHR | 0o600, Device { major: 1, minor: 300 }).unwrap();
        let stat = statx(&t.dir, c"null", AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).unwrap();
        assert_eq!((stat.kind(), stat.rdev_major, stat.rdev_minor), (mode::S_IFCHR, 1, 300));
    }
    assert_eq!(code(mknodat(&t.dir, c"fifo", mode::S_IFIFO, Device::default())), libc::EEXIST);
}

#[test]
fn attributes_by_name_stop_at_a_link() {
    let t = Tree::new();
    let (mut value, mut list) = (Vec::new(), Vec::new());
    let large = vec![b'v'; 3000];
    setxattrat(&t.dir, c"file", c"user.large", &large).unwrap();
    getxattrat(&t.dir, c"file", c"user.large", &mut value).unwrap();
    assert_eq!(value, large);
    assert_eq!(run(ListXattrAt::new(t.dir(), c"file", Vec::new())).unwrap(), b"user.large\0");
    flistxattr(t.open(c"file"), &mut list).unwrap();
    assert_eq!(list, b"user.large\0");
    assert_eq!(
        code(setxattrat(&t.dir, c"link", c"user.x", b"1")),
        libc::EPERM,
        "a link has no user attributes"
    );
    if uring_ext::process::powers().sys_admin {
        setxattrat(&t.dir, c"link", c"trusted.x", b"1").unwrap();
        listxattrat(&t.dir, c"link", &mut list).unwrap();
        assert_eq!(list, b"trusted.x\0");
        removexattrat(&t.dir, c"link", c"trusted.x").unwrap();
    }
    run(RemoveXattrAt::new(t.dir(), c"file", c"user.large")).unwrap();
    assert_eq!(code(fremovexattr(t.open(c"file"), c"user.large")), libc::ENODATA);
    assert_eq!(code(fgetxattr(t.open(c"file"), c"user.large", &mut value)), libc::ENODATA);
    assert!(value.is_empty());
    fsetxattr(t.open(c"file"), c"user.empty", b"").unwrap();
    fgetxattr(t.open(c"file"), c"user.empty", &mut value).unwrap();
    assert!(value.is_empty());
}

#[test]
fn holes_copies_and_clones() {
    let t = Tree::new();
    let file = Rc::new(t.open(c"sparse"));
    write_all_at(&file, &[1; 4096], 1 << 20).unwrap();
    ftruncate(&file, 2 << 20).unwrap();
    assert_eq!(run(SeekHole::new(file.clone(), Seek::Data, 0)).unwrap(), Some(1 << 20));
    assert_eq!(run(SeekHole::new(file.clone(), Seek::Hole, 1 << 20)).unwrap(), Some((1 << 20) + 4096));
    assert_eq!(seek_data(&file, (1 << 20) + 4096).unwrap(), None);
    assert_eq!(seek_hole(&file, 9 << 20).unwrap(), None);
    let copy = Rc::new(t.open(c"copy"));
    let end = |fd: &Rc<OwnedFd>, at| End { fd: fd.clone(), offset: Some(at) };
    assert_eq!(run(CopyFileRange::new(end(&file, 1 << 20), end(&copy, 5), 4096)).unwrap(), 4096);
    assert_eq!(t.meta("copy").len(), 4101);
    assert_eq!(copy_file_range(&end(&file, 3 << 20), &end(&copy, 0), 1).unwrap(), 0);
    let cloned = run(Ficlone::new(copy.clone(), file.clone()));
    assert!(matches!(code(cloned), 0 | libc::EOPNOTSUPP | libc::ENOTTY), "ext4 and tmpfs have no clones");
    let cloned = run(FicloneRange::new(end(&file, 1 << 20), end(&copy, 8192), 4096));
    match code(cloned) {
        0 => assert_eq!(t.meta("copy").len(), 12_288),
        code => assert!(matches!(code, libc::EOPNOTSUPP | libc::ENOTTY), "likewise for a part"),
    }
    let mut buf = [0; 10];
    assert_eq!(read_full_at(&file, &mut buf, (2 << 20) - 3).unwrap(), 3);
    run(Syncfs::new(file.clone())).unwrap();
    let (by_file, by_path) = (run(FstatFs::new(file)).unwrap(), statfs(c"/proc/self/cwd").unwrap());
    assert!(by_file.magic != 0 && by_file.blocks > 0 && by_path.magic != 0);
}

#[test]
fn a_nameless_file_is_published() {
    let t = Tree::new();
    let file = openat(&t.dir, c".", OFlags::TMPFILE | OFlags::RDWR, 0o600).unwrap();
    write_all(&file, b"complete").unwrap();
    link_fd(&file, &t.dir, c"published").unwrap();
    assert_eq!(fs::read(t.tree.path().join("published")).unwrap(), b"complete");
    assert_eq!(code(link_fd(&file, &t.dir, c"published")), libc::EEXIST);
    let secret = openat(&t.dir, c".", OFlags::TMPFILE | OFlags::RDWR | OFlags::EXCL, 0o600).unwrap();
    assert_eq!(code(link_fd(&secret, &t.dir, c"never")), libc::ENOENT);
    link_fd(&file, &t.dir, c"again").unwrap();
    assert_eq!(t.meta("again").nlink(), 2);
}

#[test]
fn every_descriptor_is_close_on_exec() {
    let t = Tree::new();
    let closes =
        |fd: &dyn AsFd| rustix::io::fcntl_getfd(fd.as_fd()).unwrap().contains(rustix::io::FdFlags::CLOEXEC);
    assert!(closes(&t.open(c"file")));
    assert!(closes(&openat2(&t.dir, c"file", How::READ).unwrap()));
    assert!(closes(&open(c"/tmp", OFlags::DIRECTORY, 0).unwrap()));
    close(t.open(c"file")).unwrap();
}

#[test]
fn opening_stays_inside() {
    let t = Tree::new();
    fs::create_dir(t.tree.path().join("sub")).unwrap();
    fs::write(t.tree.path().join("sub/inner"), b"").unwrap();
    symlink("sub", t.tree.path().join("dirlink")).unwrap();
    let open = |path, how| code(openat2(&t.dir, path, how));
    assert_eq!(open(c"sub/inner", How::READ), 0);
    assert_eq!(open(c"sub//./inner", How::READ), 0);
    assert_eq!(open(c".", How::DIR), 0);
    assert_eq!(open(c"link", How::READ), libc::ELOOP);
    assert_eq!(open(c"dirlink", How::DIR), libc::ENOTDIR, "not followed, and no directory itself");
    let following = How { flags: OFlags::DIRECTORY, ..How::DIR };
    assert_eq!(open(c"dirlink", following), libc::ELOOP);
    assert_eq!(open(c"dirlink/inner", How::READ), libc::ELOOP);
    assert_eq!(open(c"file/", How::READ), libc::ENOTDIR);
    assert_eq!(open(c"file/inner", How::READ), libc::ENOTDIR);
    assert_eq!(open(c"../x", How::READ), libc::EXDEV);
    assert_eq!(open(c"/etc/passwd", How::READ), libc::EXDEV);
    assert_eq!(open(c"", How::READ), libc::ENOENT);
}

/// Runs all the other tests of this file again, in a process where these system calls fail.
fn again_without(calls: &'static [u32], errno: i32) {
    let again = std::thread::spawn(move || {
        seccomp::refuse(calls, errno)?;
        let mut child = std::process::Command::new(std::env::current_exe()?);
        child.args(["--skip", "holds_again", "--test-threads", "2"]).output()
    });
    let output = again.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

const NEW_CALLS: [u32; 7] = [seccomp::IO_URING_SETUP, 437, 452, 463, 464, 465, 466];

#[test]
fn all_holds_again_on_an_old_kernel() {
    again_without(&NEW_CALLS, libc::ENOSYS);
}

#[test]
fn all_holds_again_in_an_old_container() {
    again_without(&NEW_CALLS, libc::EPERM);
}

#[test]
fn all_holds_again_without_memory_for_rings() {
    again_without(&[seccomp::IO_URING_SETUP], libc::ENOMEM);
}

#[test]
fn every_operation_works_whatever_became_of_the_ring() {
    let t = Tree::new();
    let executor = Executor::new(Ring::new(Settings { slots: 4, ..Settings::depth(8) }));
    let (ring, dir) = (executor.ring().clone(), t.dir());
    let text = executor.block_on(async move {
        let file = Rc::new(ring.run(OpenAt2::read(dir.clone(), c"file")).await?);
        assert_eq!(ring.run(StatxAt::of(file.clone())).await?.size, 8);
        let slot = ring.run(OpenSlot::new(ring.slot(), dir, c"file", How::READ)).await?;
        let by_slot = ring.run(Read::new(slot, uring_ext::AlignedBuf::new(64), 0)).await?;
        let text = ring.run(Read::new(file, uring_ext::AlignedBuf::new(64), 0)).await?;
        assert_eq!(*by_slot, *text);
        io::Result::Ok(text)
    });
    assert_eq!(&*text.unwrap().unwrap(), b"contents");
}
