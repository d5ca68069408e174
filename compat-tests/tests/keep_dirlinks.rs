//! rsync(1), `--keep-dirlinks`: what the directory gets that a kept link leads to.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// What a kept link leads to is a directory that exists, and keeps its permissions without `-p`.
#[test]
fn permissions_behind_kept_links() {
    let case = world([
        dir("s/a").mtime(1_400_000_000),
        file("s/b/f", "f"),
        symlink("d/a", "x"),
        dir("d/x").mode(0o674).mtime(1_400_000_000),
        symlink("d/b", "y"),
        dir("d/y").mode(0o700).mtime(1_400_000_000),
    ]);
    let options = ["-rK", "-rKi", "-rKn", "-rKi --chmod=D700", "-rKEi"];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// rsync gives a kept link the owner that the directory it leads to should get.
#[test]
fn owners_of_directories_behind_kept_links() {
    world([
        dir("real").owner(1001, 1002),
        symlink("s/sub", "../real"),
        dir("d/real2").mtime(OLD),
        symlink("d/sub", "real2"),
    ])
    .known("kept link: owners of the directory")
    .known("kept link: owner of the link")
    .known("kept link: group of the link")
    .same("-aLK --no-t s/ d/");
}

/// Links that lead out of the destination are followed with `--insecure-links` alone.
#[test]
fn links_that_lead_out() {
    for link in ["../out", "../chain", "../nowhere", "in"] {
        let case = world([
            file("s/sub/a", "1").mtime(OLD),
            file("s/sub/q/b", "2").mtime(OLD),
            symlink("s/sub/l", "a"),
            file("s/z", "z"),
            dir("out"),
            dir("d/in"),
            symlink("chain", "out"),
            symlink("d/sub", link),
        ]);
        for options in ["-rliK", "-rliK --delete", "-rliKn", "-rlRiK", "-rlRi --no-implied-dirs"] {
            let operand = if options.contains('R') { "s/./sub/q/b s/./sub/l" } else { "s/" };
            case.clone().same_each(
                ["", "--insecure-links"].map(|insecure| format!("{options} {insecure} {operand} d/")),
            );
        }
    }
}

/// A kept link leads to a directory that the transfer has too: what is deleted behind the link comes again.
#[test]
fn directories_that_kept_links_lead_to() {
    let files = |dir: &str| (0..300).map(|number| file(format!("{dir}/f{number}"), "x")).collect::<Vec<_>>();
    let case = world([symlink("d/lib", "usr/lib"), dir("s/lib")]).also(files("s/usr/lib"));
    case.also(files("d/usr/lib")).same_each(["-rK --delete s/ d/"; 4]);
}
