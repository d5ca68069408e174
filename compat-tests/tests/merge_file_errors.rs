//! Merge files that are wrong, that are links, or that are in directories which are not read (points 18 and 22).

use compat_tests::*;

/// What is wrong with a rule of a file is told without a letter of it. (Of a file in the source, rsync's processes tell
/// more or less, as it happens.)
#[test]
fn wrong_modifiers_in_files() {
    for rule in ["-!/lib/sub", "-/lib", "-qx y", ":w,x y", "+ ok\n-s,p a", "hide,s x", "Hr a"] {
        let case = world([file("s/f", "f"), dir("d"), file("rules", format!("- a\n{rule}\n"))]);
        case.same_each(["-r -f ._rules s/ d/", "-rn -f merge_rules s/ d/", "-r --filter=-qx s/ d/"]);
    }
}

/// A wrong rule in a merge file of what operands mean ends the run before there is a destination, or anything in it.
#[test]
fn wrong_rules_of_operands_leave_the_destination_alone() {
    let case = world([
        file("s/f", "f"),
        file("s/sub/g", "g"),
        file("s/.bad", "nonsense\n"),
        file("s2/h", "h"),
        file("d/extra", "extra"),
    ]);
    let filters = ["-f :_.bad", "-f :_/.bad", "-f :w_.bad", "-f :n_.bad"];
    for filter in filters {
        case.clone().same_each([
            format!("-a {filter} s/ d/"),
            format!("-ai {filter} s/ new/"),
            format!("-avv {filter} s/ new/"),
            format!("-av --no-i-r {filter} s/ new/"),
            format!("-ain {filter} s/ new/"),
            format!("-ai --delete {filter} s/ d/"),
            format!("-ai {filter} s/ missing/new/"),
            format!("-ai --mkpath {filter} s/ missing/new/"),
            format!("-di {filter} s/ new/"),
            format!("-aiR {filter} s/ new/"),
            format!("-aiR {filter} s/sub/ new/"),
            format!("-ai {filter} s new/"),
            format!("-ai {filter} s/f new/"),
            format!("-ai {filter} s2/ s/ new/"),
            format!("-ai {filter} s/ s2/ d/"),
            format!("-ai {filter} --exclude=s s new/"),
        ]);
    }
}

/// Merge files count where a directory is read, not where it is only named.
#[test]
fn merge_files_of_directories_that_are_not_read() {
    let case = world([file("s/x/.rsync-filter", "nonsense\n"), file("s/x/f", "f"), file("list", "x\n")]);
    case.same_each([
        "-F s/x",
        "-FF s/x",
        "-di -F s/x new",
        "-di -F s/x/ new",
        "-ai -F --files-from=list s new",
        "-di --delete -F s/x new",
        "-ai --no-r -F s/x new",
    ]);
}

/// Merge files that are links of others are told of once, by the pass that makes the list or by the one that deletes.
#[test]
fn merge_files_that_are_not_followed() {
    for name in [".rsync-filter", ".cvsignore"] {
        let case =
            world([file("s/sub/g", "y"), file("d/sub/e", "e"), file("d/e", "e"), file("rules", "P e\n")]);
        for at in [&["d"][..], &["s"], &["d/sub"], &["s/sub"], &["d", "s"], &["d", "d/sub", "s/sub"]] {
            let links = at.iter().map(|at| symlink(format!("{at}/{name}"), "../rules").owner(1001, 1001));
            let case = case.clone().also(links);
            let option = if name == ".cvsignore" { "-C" } else { "-F" };
            let when =
                ["--delete-before", "--delete-after", "--delete", "--delete-delay", "", "--delete-before -n"];
            case.same_each(when.map(|when| format!("-a {option} {when} s/ d/")));
        }
    }
}

/// Directories that are skipped are not read, nor are their merge files.
#[test]
fn rules_of_skipped_directories_are_not_read() {
    let case = world([file("s/f", "x"), file("s/e/f", "x"), dir("d"), file("list", ".\n")])
        .also(["s", "s/e"].map(|dir| file(format!("{dir}/.rsync-filter"), "?\n")));
    case.same_each([
        "-F s/ d",
        "-F s/ s/f d",
        "-F s d",
        "-F s/e/ s/f d",
        "-FR s/ d",
        "-F --files-from=list --no-d s d",
        "-F --files-from=list s d",
        "-vv -l -F s/e/ s/e/f s/ new",
    ]);
}

/// What lies behind somebody else's link says nothing of what is copied or deleted; each directory is warned of.
#[test]
fn merge_files_behind_an_untrusted_link() {
    let case = world([file("s/real/y", "1"), file("s/real/sub/y", "2"), file("s/real/sub/x", "3")]).also([
        file("s/real/.rsync-filter", "- y\n"),
        file("s/real/.cvsignore", "y\n"),
        symlink("s/link", "real").owner(1001, 0),
        file("d/y", "4"),
        file("d/more", "5"),
    ]);
    for options in ["-riF", "-ri -f :_.rsync-filter", "-riC", "-riFF --delete", "-riF --no-i-r --delete"] {
        let operands =
            ["s/link/ d/", "s/link/sub/ d/", "s/link/sub d/", "s/real/sub s/link/ d/", "-R s/./link/ d/"];
        case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
    case.clone().same_each(["-riFL s/ d/", "-riFk s/ d/", "-riFL --delete-before s d/", "-dF s/link/ d/"]);
    case.clone().same_each(["-riF --insecure-links s/link/ d/", "-riFn s/link/y d/", "-riFmn s/link/ d/"]);
    case.same("-riF $TWIN/s/link/ d/");
}

/// With `--force` alone, only the rules of what stands in the way are asked, and nothing goes where they are wrong.
#[test]
fn wrong_rules_beside_what_is_in_the_way() {
    let case = world([file("s/h/c/x", "x"), file("d/h/c/x/y/in", "in"), file("d/h/c/x/f", "f")])
        .also([file("d/h/e/f", "f"), dir("s/h/e")]);
    for at in ["d", "d/h", "d/h/c", "d/h/c/x", "d/h/c/x/y", "d/h/e"] {
        for name in [".f", ".rsync-filter"] {
            let filter = if name == ".f" { "-f :_.f" } else { "-F" };
            let case = case.clone().also([file(format!("{at}/{name}"), "bogus x\n")]);
            case.same_each(["-r", "-rn", "-rb"].map(|options| format!("{options} --force {filter} s/ d/")));
        }
    }
}
