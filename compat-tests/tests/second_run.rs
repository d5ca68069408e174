//! A second run with nothing changed writes nothing: no system call that changes anything is made at the destination,
//! and no inode there changes.

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::rich::{Maker, rich};
use compat_tests::*;

/// Calls that change something whatever their arguments are, unless what they write to is output or a wake-up.
const CHANGING: &str = "mkdir,mkdirat,mknod,mknodat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,\
    symlinkat,chmod,fchmod,fchmodat,fchmodat2,chown,fchown,lchown,fchownat,utime,utimes,utimensat,futimesat,truncate,\
    ftruncate,fallocate,setxattr,lsetxattr,fsetxattr,setxattrat,removexattr,lremovexattr,fremovexattr,removexattrat,\
    copy_file_range,sendfile,splice,write,writev,pwrite64,pwritev,pwritev2,creat,open,openat,openat2,ioctl,fsync,\
    fdatasync,syncfs,sync_file_range";

fn source() -> Tree {
    let more = (0..300).map(|n| file(format!("wide/f{n}"), random(n, n * 50)));
    rich(Maker::Root).with(more).with([file("large", random(9, 1_500_000))]).below("s")
}

/// getxattrat and listxattrat, as a strace shows them that is older than they are.
const READING: [&str; 2] = ["syscall_0x1d0", "syscall_0x1d1"];

/// Lines of a trace that change something: all but opening for reading, and writing to what is no file.
fn changes(trace: &str) -> Vec<&str> {
    trace.lines().filter(|line| is_change(line)).collect()
}

fn is_change(line: &str) -> bool {
    let call = line.split_whitespace().nth(1).unwrap_or_default();
    let name = call.split('(').next().unwrap_or_default();
    let opens = ["open", "openat", "openat2"].contains(&name);
    let writes = ["write", "writev", "pwrite64"].contains(&name);
    // With -y strace shows what a descriptor is.
    let harmless = ["anon_inode:", "pipe:", "socket:", "UNIX"].iter().any(|kind| line.contains(kind));
    match () {
        () if !line.contains('(') || name.starts_with("<...") || READING.contains(&name) => false,
        () if opens => {
            ["O_CREAT", "O_WRONLY", "O_RDWR", "O_TRUNC", "O_TMPFILE"].iter().any(|f| line.contains(f))
        }
        () if name == "ioctl" => line.contains("FICLONE"),
        () if writes => !harmless,
        () => true,
    }
}

/// The trace of a run of ours with every call that may change something.
fn traced(alone: &Alone, args: &str) -> String {
    // A name that this strace or this machine does not know is passed over.
    let calls = format!("?{}", CHANGING.replace(',', ",?"));
    let strace = format!("strace -f -y -s 0 -o trace -e trace={calls}");
    alone.ours(Mode::Emulated, &strace, args).assert_silent();
    let trace = std::fs::read_to_string(alone.dir().join("trace")).expect("what strace wrote");
    // A thread that ends with its process is in no call that strace can name.
    trace.lines().filter(|line| !line.contains(" ???(")).map(|line| format!("{line}\n")).collect()
}

const COMMANDS: [&str; 4] = [
    "-aHAXS --delete s/ d/",
    "-aHAXSx --numeric-ids --delete --exclude=nothing s/ d/",
    "-aHAXS --delete-before -c s/ d/",
    "-aHAXS --delete-after s/ d/",
];

#[test]
fn no_call_writes_at_the_destination() {
    let alone = Alone::new(&source(), None);
    let first = traced(&alone, COMMANDS[0]);
    assert!(changes(&first).len() > 1000, "the trace shows the writes of a first run");
    for command in COMMANDS {
        let trace = traced(&alone, command);
        assert!(trace.lines().count() > 10, "{command}: {trace}");
        assert_eq!(changes(&trace), Vec::<&str>::new(), "{command}");
    }
}

/// What a ring does no strace shows: the change times of all inodes do.
#[test]
fn no_inode_changes() {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&source(), None);
        alone.ours(mode, "", COMMANDS[0]).assert_silent();
        let before = alone.snapshot("d");
        for command in COMMANDS {
            alone.ours(mode, "", command).assert_silent();
            let after = alone.snapshot_since("d", &before);
            let touched = after.items.iter().filter(|(_, item)| item.touched);
            let touched: Vec<_> = touched.map(|(path, _)| shell::quote(path)).collect();
            assert_eq!(touched, Vec::<String>::new(), "{command} {mode:?}");
        }
    }
}

/// The directory that temporary files are made in gets its time back only where it lost it. With lists of directories it is
/// a race in rsync whether it gets it back at all.
#[test]
fn the_temporary_directory_is_left_alone() {
    let case = world([file("s/f", "x"), file("s/sub/g", "y")]);
    for options in ["-rlt --no-i-r -T .", "-a --no-i-r -T sub", "-rlt --backup-dir=.bak"] {
        case.clone()
            .run(&format!("{options} s/ d/"))
            .run(&format!("{options} s/ d/"))
            .run(&format!("{options} s/ d/"))
            .check();
    }
}

/// Nothing is read of an empty file, whose access time would change so, and be copied the next time.
#[test]
fn empty_files_are_not_read() {
    for options in ["-aU --inplace", "-aU --write-devices", "-aU", "-aUS --inplace", "-aU --append"] {
        let case = world([file("s/empty", "")]).access_times();
        case.run(&format!("{options} s/ d/")).run(&format!("{options} s/ d/")).check();
    }
}
