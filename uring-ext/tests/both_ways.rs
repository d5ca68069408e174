//! Every operation by the ring and by plain calls, on twin trees: the same outputs, the same errors, the same tree.

use std::ffi::CStr;
use std::fmt::Debug;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::rc::Rc;

use uring_ext::ops::*;
use uring_ext::plain::{self, Statx, *};
use uring_ext::{AlignedBuf, Emulate, Executor, IoBuf, Op, Ring, Settings};

/// A directory with one of everything, and the ring that works on it.
struct Side {
    tree: tempfile::TempDir,
    dir: Rc<OwnedFd>,
    executor: Executor,
}

impl Side {
    fn new(emulate: Emulate) -> Side {
        let tree = tempfile::tempdir().unwrap();
        let path = tree.path();
        fs::write(path.join("file"), b"0123456789").unwrap();
        fs::write(path.join("other"), vec![7; 300_000]).unwrap();
        fs::create_dir(path.join("sub")).unwrap();
        fs::create_dir(path.join("full")).unwrap();
        fs::write(path.join("full/inner"), b"inner").unwrap();
        symlink("file", path.join("link")).unwrap();
        symlink("/etc/passwd", path.join("out")).unwrap();
        let dir = Rc::new(OwnedFd::from(File::open(path).unwrap()));
        let executor = Executor::new(Ring::new(Settings { emulate, slots: 8, ..Settings::depth(8) }));
        Side { tree, dir, executor }
    }

    fn run<O: Op>(&self, op: O) -> Result<O::Output, i32> {
        let ring = self.executor.ring().clone();
        let output = self.executor.block_on(async move { ring.run(op).await }).unwrap();
        output.map_err(|error| error.raw_os_error().unwrap_or(-1))
    }

    fn dir(&self) -> Rc<OwnedFd> {
        Rc::clone(&self.dir)
    }

    fn open(&self, name: &CStr) -> Rc<OwnedFd> {
        Rc::new(plain::openat(&self.dir, name, OFlags::RDWR, 0).unwrap())
    }

    /// Every name with mode, length and contents or target.
    fn snapshot(&self) -> Vec<String> {
        let mut lines: Vec<String> = fs::read_dir(self.tree.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let meta = fs::symlink_metadata(&path).unwrap();
                let inside = if meta.is_symlink() {
                    fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
                } else {
                    fs::read(&path).unwrap_or_default()
                };
                let name = path.file_name().unwrap().to_owned();
                format!("{name:?} {:o} {inside:?}", meta.permissions().mode())
            })
            .collect();
        lines.sort();
        lines
    }
}

/// Runs the same steps both ways, and compares what each gave and the trees that they leave.
fn both<T: PartialEq + Debug>(steps: impl Fn(&Side) -> Vec<T>) -> Vec<T> {
    let (ring, plain) = (Side::new(Emulate::Nothing), Side::new(Emulate::All));
    let (native, emulated) = (steps(&ring), steps(&plain));
    assert_eq!(native, emulated, "by the ring, by plain calls");
    assert_eq!(ring.snapshot(), plain.snapshot());
    assert!(
        ring.executor.ring().is_native::<OpenAt2<Rc<OwnedFd>, &'static CStr>>(),
        "these tests need io_uring"
    );
    emulated
}

fn units(of: &[Result<(), i32>]) -> Vec<i32> {
    of.iter().map(|one| one.err().unwrap_or(0)).collect()
}

#[test]
fn openat2_stays_inside() {
    let open = |s: &Side, name, how| {
        s.run(OpenAt2::new(s.dir(), name, how)).map(|fd| plain::statx_fd(&fd).unwrap().kind())
    };
    let got = both(|s| {
        let create =
            How { flags: OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY, mode: 0o640, resolve: How::INSIDE };
        vec![
            open(s, c"file", How::READ),
            open(s, c"full/inner", How::READ),
            open(s, c"sub", How::DIR),
            open(s, c"none", How::READ),
            open(s, c"link", How::READ),
            open(s, c"out", How::READ),
            open(s, c"file", How::DIR),
            open(s, c"file/deeper", How::READ),
            open(s, c"../x", How::READ),
            open(s, c"/etc/passwd", How::READ),
            open(s, c"new", create),
            open(s, c"new", create),
        ]
    });
    let errors: Vec<i32> = got.iter().filter_map(|one| one.err()).collect();
    use libc::*;
    assert_eq!(errors, [ENOENT, ELOOP, ELOOP, ENOTDIR, ENOTDIR, EXDEV, EXDEV, EEXIST]);
}

#[test]
fn statx_tells_the_same() {
    let ask = |s: &Side, name, flags| {
        s.run(StatxAt::new(s.dir(), name, flags, STATX_ALL))
            .map(|stat| (stat.mode, stat.size, stat.nlink, stat.uid))
    };
    both(|s| {
        let file = s.open(c"file");
        let whole = s.run(StatxAt::of(file.clone())).unwrap();
        // fstatat(2) stands behind that, which tells less.
        let less = plain::statx_fd(&file).unwrap();
        let Statx { mask, btime, attributes, mount_id, .. } = less;
        assert_eq!(Statx { mask, btime, attributes, mount_id, ..whole }, less);
        vec![
            ask(s, c"file", AtFlags::SYMLINK_NOFOLLOW),
            ask(s, c"link", AtFlags::SYMLINK_NOFOLLOW),
            ask(s, c"link", AtFlags::empty()),
            ask(s, c"none", AtFlags::empty()),
            ask(s, c"file/x", AtFlags::empty()),
        ]
    });
}

#[test]
fn reads_and_writes_move_the_same_bytes() {
    both(|s| {
        let (file, other) = (s.open(c"file"), s.open(c"other"));
        let dir_read = s.run(Read::new(s.dir(), AlignedBuf::new(1), 0)).map(|_| 0);
        let mut buf = s.run(Read::new(file.clone(), AlignedBuf::new(1), 3)).unwrap();
        assert_eq!(&*buf, b"3456789");
        assert!(s.run(Read::new(file.clone(), AlignedBuf::new(1), 99)).unwrap().is_empty());
        buf.room()[..4].copy_from_slice(b"abcd");
        buf.set_len(4);
        let (buf, taken) = s.run(Write::new(file.clone(), buf, 8)).unwrap();
        assert_eq!((taken, buf.len()), (4, 4));
        let many = s.run(Read::new(other, AlignedBuf::new(400_000), 0)).map(|buf| buf.len());
        let only_read: OwnedFd = File::open(s.tree.path().join("file")).unwrap().into();
        let refused = s.run(Write::new(only_read, buf, 0)).map(|_| 0);
        vec![dir_read, many, refused]
    });
}

#[test]
fn sizes_and_durability() {
    let got = both(|s| {
        let file = s.open(c"file");
        let read_only: Rc<OwnedFd> = Rc::new(File::open(s.tree.path().join("file")).unwrap().into());
        let (keep, punch) = (FallocateFlags::KEEP_SIZE, FallocateFlags::PUNCH_HOLE);
        units(&[
            s.run(Fallocate::new(file.clone(), FallocateFlags::empty(), 0, 20_000)),
            s.run(Fallocate::new(file.clone(), keep | punch, 4096, 8192)),
            s.run(Fallocate::new(read_only.clone(), FallocateFlags::empty(), 0, 1)),
            s.run(Ftruncate::new(file.clone(), 12_345)),
            s.run(Ftruncate::new(read_only, 1)),
            s.run(Fsync::new(file.clone(), Durable::All)),
            s.run(Fsync::new(file.clone(), Durable::Data)),
            s.run(Fadvise::new(file, 0, 4096, Advice::WillNeed)),
        ])
    });
    assert_eq!(got, [0, 0, libc::EBADF, 0, libc::EINVAL, 0, 0, 0]);
}

#[test]
fn names_come_and_go() {
    use libc::*;
    let got = both(|s| {
        let rename = |old, new, flags| s.run(RenameAt2::new(s.dir(), old, s.dir(), new, flags));
        let link = |old, new| s.run(LinkAt::new(s.dir(), old, s.dir(), new));
        let unlink = |name, what| s.run(UnlinkAt::new(s.dir(), name, what));
        let (over, no_over) = (RenameFlags::empty(), RenameFlags::NOREPLACE);
        units(&[
            s.run(MkdirAt::new(s.dir(), c"made", 0o751)),
            s.run(MkdirAt::new(s.dir(), c"made", 0o751)),
            s.run(MkdirAt::new(s.dir(), c"file/x", 0o751)),
            s.run(SymlinkAt::new(c"target", s.dir(), c"soft")),
            s.run(SymlinkAt::new(c"target", s.dir(), c"soft")),
            link(c"file", c"second"),
            link(c"link", c"linklink"),
            link(c"none", c"third"),
            link(c"file", c"second"),
            link(c"sub", c"dirlink"),
            rename(c"second", c"moved", no_over),
            rename(c"other", c"moved", no_over),
            rename(c"other", c"moved", over),
            rename(c"none", c"moved", over),
            rename(c"file", c"sub", over),
            unlink(c"moved", Unlink::File),
            unlink(c"moved", Unlink::File),
            unlink(c"sub", Unlink::File),
            unlink(c"file", Unlink::Dir),
            unlink(c"full", Unlink::Dir),
            unlink(c"sub", Unlink::Dir),
        ])
    });
    let made = [0, EEXIST, ENOTDIR, 0, EEXIST, 0, 0, ENOENT, EEXIST, EPERM, 0, EEXIST, 0, ENOENT, EISDIR];
    assert_eq!(got[..15], made);
    assert_eq!(got[15..], [0, ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, 0]);
}

#[test]
fn attributes_of_open_files() {
    let got = both(|s| {
        let file = s.open(c"file");
        let get = |key| s.run(FGetXattr::new(file.clone(), key, Vec::new(), 64));
        vec![
            get(c"user.none"),
            s.run(FSetXattr::new(file.clone(), c"user.key", b"value".to_vec())).map(|()| Vec::new()),
            get(c"user.key"),
            s.run(FGetXattr::new(file.clone(), c"user.key", Vec::new(), 2)),
            s.run(FSetXattr::new(file.clone(), c"bad", Vec::new())).map(|()| Vec::new()),
        ]
    });
    let expected =
        [Err(libc::ENODATA), Ok(vec![]), Ok(b"value".to_vec()), Err(libc::ERANGE), Err(libc::EOPNOTSUPP)];
    assert_eq!(got, expected);
}

#[test]
fn splice_and_close() {
    both(|s| {
        let (read_end, write_end) = std::io::pipe().unwrap();
        let (read_end, write_end) = (Rc::new(OwnedFd::from(read_end)), Rc::new(OwnedFd::from(write_end)));
        let from = End { fd: s.open(c"file"), offset: Some(2) };
        let moved = s.run(Splice::new(from, End { fd: write_end, offset: None }, 5)).unwrap();
        let to = End { fd: s.open(c"other"), offset: Some(10) };
        let back = s.run(Splice::new(End { fd: read_end, offset: None }, to, 99)).unwrap();
        let files = [s.open(c"file"), s.open(c"other")];
        let no_pipe = s.run(Splice::new(
            End { fd: files[0].clone(), offset: None },
            End { fd: files[1].clone(), offset: None },
            1,
        ));
        assert_eq!(no_pipe, Err(libc::EINVAL));
        let fd = Rc::try_unwrap(s.open(c"file")).unwrap();
        s.run(Close::new(fd)).unwrap();
        vec![moved, back]
    });
}

#[test]
fn a_slot_reads_like_a_descriptor() {
    let got = both(|s| {
        let ring = s.executor.ring().clone();
        let dir = s.dir();
        let rounds = async move {
            let mut lengths = Vec::new();
            for _ in 0..40 {
                let slot = ring.slot();
                let slot = ring.run(OpenSlot::new(slot, dir.clone(), c"other", How::READ)).await.unwrap();
                lengths.push(ring.run(Read::new(slot, AlignedBuf::new(1 << 20), 0)).await.unwrap().len());
            }
            let missing = ring.run(OpenSlot::new(ring.slot(), dir.clone(), c"none", How::READ)).await;
            assert_eq!(missing.unwrap_err().raw_os_error(), Some(libc::ENOENT));
            lengths
        };
        s.executor.block_on(rounds).unwrap()
    });
    assert_eq!(got, vec![300_000; 40]);
}

#[test]
fn a_slot_is_direct_where_it_can_be() {
    let side = Side::new(Emulate::Nothing);
    let slots: Vec<_> = (0..9).map(|_| side.executor.ring().slot()).collect();
    assert_eq!(slots.iter().filter(|slot| slot.is_direct()).count(), 8);
    drop(slots);
    assert!(side.executor.ring().slot().is_direct());
    assert!(!Side::new(Emulate::parse("read")).executor.ring().slot().is_direct());
}
