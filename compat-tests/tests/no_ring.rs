//! Where io_uring is refused, or one of its operations is missing, the tree, the output and the exit status are rsync's
//! all the same.

use compat_tests::alone::Alone;
use compat_tests::program::{Mode, Programs};
use compat_tests::rich::{Maker, changed, edits, rich};
use compat_tests::*;
use uring_ext::seccomp;

const EPERM: i32 = 1;
const ENOMEM: i32 = 12;
const ENOSYS: i32 = 38;

/// What came to Linux with or after io_uring: openat2, fchmodat2, and the calls for attributes by name.
const NEW_CALLS: [u32; 7] = [seccomp::IO_URING_SETUP, 437, 452, 463, 464, 465, 466];

/// First copy, no change, a changed run with deletions, and one beside an alternate destination.
fn case(maker: Maker) -> Case {
    let source = rich(maker).with([file("large", random(9, 1_500_000)), file("wide/f", "x")]);
    let source = source.with((0..300).map(|n| file(format!("wide/f{n}"), random(n, n * 50))));
    let after = changed(&source, 5, 20);
    let (removed, put) = edits(&source.clone().below("s"), &after.below("s"));
    let options = if maker == Maker::Root { "-aHAXSi" } else { "-aHASi" };
    let case = Case::new(source.below("s"))
        .run(&format!("{options} --delete s/ d/"))
        .run(&format!("{options} --delete s/ d/"));
    let case = case.remove(removed).put(put);
    case.run(&format!("{options} --delete s/ d/")).run(&format!("{options} --link-dest=../d s/ e/"))
}

fn cases() -> Vec<Case> {
    vec![case(Maker::Root), case(Maker::User).as_user()]
}

fn check(case: &Case, what: &str) {
    let compared = case.compare(Programs::of_this_run(), &[Mode::Ring]);
    compared.unwrap_or_else(|report| panic!("{what}: {report}"));
}

/// Checks all cases with programs for which these system calls fail.
fn without(calls: &'static [u32], errno: i32, name: &'static str) {
    let checked = std::thread::spawn(move || {
        seccomp::refuse(calls, errno).expect("a kernel with seccomp filters");
        if !Programs::of_this_run().are_the_same() {
            assert_refused(name);
        }
        cases().iter().for_each(|case| check(case, name));
    });
    if let Err(panic) = checked.join() {
        std::panic::resume_unwind(panic);
    }
}

/// Ours asks for a ring, and gets this answer.
fn assert_refused(name: &str) {
    let alone = Alone::new(&tree([file("s/f", "x")]), None);
    alone.ours(Mode::Ring, "strace -f -o trace -e trace=io_uring_setup", "-a s/ d/").assert_silent();
    let trace = std::fs::read_to_string(alone.dir().join("trace")).expect("what strace wrote");
    assert!(trace.contains(&format!("= -1 {name} ")), "{trace}");
}

#[test]
fn refused_as_in_a_container() {
    without(&[seccomp::IO_URING_SETUP, seccomp::UNSHARE], EPERM, "EPERM");
}

#[test]
fn unknown_as_on_an_old_kernel() {
    without(&NEW_CALLS, ENOSYS, "ENOSYS");
}

#[test]
fn no_memory_for_rings() {
    without(&[seccomp::IO_URING_SETUP], ENOMEM, "ENOMEM");
}

#[test]
fn one_operation_is_missing() {
    for name in ["openat2", "read", "statx", "close"] {
        for case in cases() {
            check(&case.env("URING_EXT_EMULATE", name), name);
        }
    }
}
