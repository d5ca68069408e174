//! What random cases found, each as small as it came out.

use compat_tests::*;

#[test]
fn links_that_lead_nowhere_are_told() {
    let case = world([
        symlink("s/d1/nowhere", "/nope"),
        symlink("s/d1/relative", "nope"),
        symlink("s/d1/through-file", "f/x"),
        symlink("s/d1/round", "round"),
        symlink("s/d1/f-link", "f"),
        symlink("s/d1/up", "../../alt"),
        file("s/d1/f", "x"),
        dir("alt"),
    ]);
    for sources in ["s/", "s", "s/d1/nowhere s/d1/relative s/d1/through-file s/d1/round s/d1/up"] {
        let options =
            ["-rlv -L", "-rlvv --copy-unsafe-links", "-rlv -k", "-rlvn --copy-unsafe-links", "-rlv -kL"];
        case.clone().same_each(options.map(|options| format!("{options} {sources} d/")));
        case.clone().same_each(options.map(|options| format!("{options} {sources} new")));
    }
}

/// A directory that the user may write to but not read or search at the destination is opened up and stays so, though
/// nothing can be copied into it from a source as closed.
#[test]
fn s44_directories_that_are_closed_in_the_source() {
    let modes = [0o644, 0o311, 0o200, 0o600, 0o000, 0o444];
    let case =
        world(modes.map(|mode| dir(format!("s/m{mode:03o}")).mode(mode))).also([dir("d/m644")]).as_user();
    case.same_each(["-ai s/ d/", "-ri s/ d/", "-ai s/ e/", "-ai --no-p s/ d/"]);
}

/// `--append` takes a long enough file of an alternate destination for complete, as it does the destination's own.
#[test]
fn s36_append_beside_an_alternate_destination() {
    let case = world([
        file("s/shorter", "y").mtime(5),
        file("alt/shorter", "longer text").mtime(6),
        file("s/same", "x").mtime(5),
        file("alt/same", "x").mtime(5),
    ]);
    for kind in ["link", "copy", "compare"] {
        let options = ["-rlt", "-a", "-ai"];
        case.clone()
            .same_each(options.map(|options| format!("{options} --append --{kind}-dest=../alt s/ d/")));
    }
}

#[test]
fn s80_a_listing_shows_the_modes_of_the_source() {
    let case = world([dir("s").mode(0o755), file("s/f", "x").mode(0o644), dir("s/d").mode(0o777), dir("d")]);
    case.umask(0o077).same_each([
        "-r --list-only s/",
        "-r s/",
        "-r --list-only s/ d",
        "-r s",
        "--chmod=go= -r s/",
    ]);
}

/// Directories of others at the destination, closed to the user or not: what is in them is looked at as far as that
/// goes, and only a deletion has to list them.
#[test]
fn s44_directories_of_others() {
    let case = |mode: u32| {
        world([
            file("s/x/f", "a"),
            symlink("s/x/l", "f"),
            fifo("s/x/p"),
            file("s/x/sub/g", "g"),
            dir("s/x/e"),
        ])
        .also([dir("d/x").mode(mode).owner(0, 0), dir("d/x/sub"), file("d/x/gone", "y")])
        .as_user()
    };
    for mode in [0o750, 0o754, 0o751, 0o755] {
        let forms =
            ["-ai", "-ri", "-ain", "-a --no-p --no-t -i", "-avv --stats", "-ai --delete", "-a --inplace"];
        case(mode).same_each(forms.map(|form| format!("{form} s/ d/")));
    }
    let empty = world([dir("s/empty"), dir("d/empty").mode(0o700).owner(0, 0)]).as_user();
    empty.same_each(["-r s/ d/", "-a s/ d/", "-r --delete s/ d/"]);
}

/// What is to be replaced where nothing may be written: the hidden name shows in messages, and a directory that a file
/// has to go for is not made.
#[test]
fn s34_what_cannot_be_replaced() {
    let case = world([file("s/x/f", "f"), symlink("s/x/l", "q"), fifo("s/x/p"), dir("s/x/k")]).also([
        dir("d/x").owner(0, 0),
        dir("d/x/f"),
        file("d/x/l", "l"),
        file("d/x/p", "p"),
    ]);
    case.as_user().same_each(["-ai s/ d/", "-ai --force s/ d/", "-ai --delete s/ d/", "-avv --stats s/ d/"]);
}

/// A directory that a file replaces is made writable first, even if it stays in the end; no other kind is.
#[test]
fn s52_a_closed_directory_in_the_way() {
    let case = world([file("s/x", "a"), symlink("s/z", "q"), fifo("s/v")])
        .also([file("d/x/f", "b"), dir("d/x").mode(0o555), file("d/z/f", "g"), dir("d/z").mode(0o500)])
        .also([file("d/v/y", "c"), dir("d/v").mode(0o577)]);
    case.as_user().same_each(["-ri s/ d/", "-a s/ d/", "-a --force s/ d/", "-a --delete s/ d/"]);
}

#[test]
fn s74_owners_of_the_top_are_told() {
    let case = world([dir("s"), file("s/f", "x"), dir("d").mode(0o700)]);
    case.clone().same("-a --out-format=%B_%U_%G_%n s/ d");
    case.as_user().same("-a --out-format=%B_%U_%G_%n s/ d");
}

#[test]
fn s64_a_default_acl_counts_for_the_way_to_the_destination() {
    let acl = "u::rwx,u:1:rw-,g::rwx,m::rwx,o::---";
    let case = world([file("s/a/b/f", "x"), dir("d").default_acl(acl)]);
    case.same_each(["-r --mkpath s/ d/x/y/z/", "-r s/ d/x/", "-rR --no-implied-dirs s/a/b/f d/"]);
}

/// A file of others may not be linked to where the kernel protects hard links: `-v` says why it is copied.
#[test]
fn s59_what_cannot_be_linked_is_told() {
    let case = world([file("s/f", "hello").mtime(5), symlink("s/l", "a").mtime(5), fifo("s/p").mtime(5)])
        .also([file("alt/f", "hello").mtime(5).owner(0, 0), symlink("alt/l", "a").mtime(5).owner(0, 0)])
        .also([fifo("alt/p").mtime(5).owner(0, 0)])
        .as_user();
    let forms = ["-rt", "-rtv", "-rlt --specials -vv", "-rti"];
    case.clone().same_each(forms.map(|form| format!("{form} --link-dest=../alt s/ d/")));
    case.same("-rtv --link-dest=../alt/ s/ d/");
}

/// Directories of others that are closed to their owner are not opened up, which is told.
#[test]
fn s44_directories_that_others_closed() {
    let modes = [0o555, 0o500, 0o655, 0o355, 0o055, 0o777];
    let case = world(modes.map(|mode| dir(format!("d/m{mode:03o}")).mode(mode).owner(0, 0)))
        .also(modes.map(|mode| dir(format!("s/m{mode:03o}"))))
        .also([file("s/m555/f", "x"), file("s/m500/f", "y")])
        .as_user();
    let forms = ["-r", "-a", "-rp", "-rn", "-rp --chmod=u-w"];
    case.same_each(forms.map(|form| format!("{form} s/ d/")));
    let top = world([dir("s/a"), file("s/b", "x"), dir("d").mode(0o555).owner(0, 0)]).as_user();
    top.same_each(["-r s/ d/", "-a s/ d/", "-r s/a d/", "-r s/b d"]);
}

#[test]
fn s73_a_top_that_is_closed_in_the_source_has_its_letters() {
    let case = world([dir("s").mode(0o300).mtime(5), dir("d").mode(0o700).mtime(5)]).as_user();
    case.same_each(["-ai s/ d/", "-av s/ d/", "-ri s/ d/"]);
}

/// A file that cannot be read has its number all the same, and whatever fails counts as looked at.
#[test]
fn s79_what_fails_has_its_place_in_progress() {
    let case =
        world([file("s/a", "a"), file("s/b", "b").mode(0o200), file("s/x/c", "c"), file("s/x/y/e", "e")])
            .also([symlink("s/x/l", "q"), file("s/x/y/f", "f").mode(0), fifo("s/p"), dir("d/x").owner(0, 0)])
            .as_user();
    case.same_each(["-rP s/ d/", "-aP s/ d/", "-aPv --delete s d", "-aP --inplace s/ d"]);
}

/// What is missing in the end makes no destination: alternate ones are relative to the directory above it.
#[test]
fn s59_alternate_destinations_of_nothing() {
    let case = world([file("s/f", "x"), dir("d")]);
    case.same_each([
        "--link-dest=../alt s/nope d/new",
        "--link-dest=../alt s/ new",
        "-r --link-dest=../alt s/nope d/",
    ]);
}

/// The attributes of a directory come from the first source that has it, also where another one brings the links.
#[test]
fn s68_attributes_of_a_top_that_two_sources_have() {
    let case =
        world([dir("s").acl("u::rwx,u:1000:r--,g::r-x,m::r-x,o::r-x").xattr("user.a", "1"), dir("s2")])
            .also([file("s2/f", "x"), hard("s2/g", "s2/f"), file("s/y", "y"), hard("s/z", "s/y")]);
    case.same_each(["-rHA s/ s2/ d/", "-aHAX s/ s2/ d/", "-aHAX s2/ s/ d", "-aAX s/ s2/ d/"]);
}

#[test]
fn s77_ways_that_go_on_count_again() {
    let case = world([file("s/a", "a"), file("s/b/b", "b"), file("s/b/x", "x"), file("s/b/c/q", "q")])
        .also([dir("s/b/c/d"), file("s/e/f", "f"), dir("s/b/tmp/empty"), file("s/b/tmp/z", "z")]);
    for form in ["", "-r", "-a --no-i-r"] {
        let operands = [
            "s/b/b s/b/c/q",
            "s/b/b s/a s/b/x",
            "s/b/b s/e/f s/b/x",
            "s/b s/e s/b/c",
            "s/./b/b s/./b/c/q",
            "s/b/c/q s/b/b s/b/c/d",
            "s/b/tmp/z s/b/b s/b/c/d",
            "s/b/b s/b/tmp/empty s/b/c/d",
        ];
        case.clone().same_each(operands.map(|operands| format!("{form} -R --stats {operands} d/")));
    }
}

/// What rules hide in one source takes no name from another, nor from what operands spell out below it.
#[test]
fn s14_what_is_hidden_shadows_nothing() {
    let case =
        world([file("s/x/f", "a"), dir("s/y"), file("s2/x", "b"), file("s/z", "c"), file("s2/y", "d")])
            .also([dir("s2/z"), file("d/y/f", "e")]);
    let forms =
        ["-r", "-r --exclude=*/", "-r --exclude=x/", "-r --exclude=z/", "-r --exclude=z", "-r --filter=H_*/"];
    case.same_each(forms.map(|form| format!("{form} -v s/ s2/ d")));
    let list = file("list", "x/b/\na\nx/\nx/b/f\n");
    let case =
        world([list, file("s/a", "a"), file("s/x/b/f", "f"), file("s/x/b/g", "g"), file("s/x/c", "c")]);
    case.same_each(
        ["", "-r", "-a --no-i-r"].map(|form| format!("{form} --files-from=list --exclude=b/ s d/")),
    );
}

#[test]
fn s4_two_empty_sources_make_a_directory() {
    let case = world([dir("s"), dir("s2")]);
    case.same_each(["-rv s/ s2/ d", "-rv s/ s/ d", "-rv s/ d", "-rvn s/ s2/ d", "-av s s2 d"]);
}

/// A device, FIFO or socket takes its permissions, without `-p`, from whatever has its name but a directory.
#[test]
fn s61_nodes_take_permissions_from_what_they_replace() {
    let make: [fn(String) -> Entry; 5] = [
        |path| fifo(path),
        |path| socket(path),
        |path| char_dev(path, 1, 3),
        |path| file(path, "x"),
        |path| symlink(path, "x"),
    ];
    let pairs = (0..5).flat_map(|from| (0..5).map(move |to| (from, to)));
    let entries = pairs.flat_map(|(from, to)| {
        let name = format!("{from}{to}");
        [make[from](format!("s/{name}")), make[to](format!("d/{name}")).mode(0o711)]
    });
    world(entries).same_each(["-rlDi s/ d/", "-rlDE s/ d/", "-a --no-p s/ d/", "-aX --no-p s/ d/"]);
}

#[test]
fn s84_the_log_file_is_made_below_the_umask() {
    for umask in [0o077, 0o002, 0o022] {
        world([file("s/f", "x")]).umask(umask).same_each(["-r --log-file=rsync.log s/ d/"]);
    }
}

#[test]
fn s61_a_default_acl_takes_the_place_of_the_umask() {
    let case = world([
        file("s/a", "1"),
        file("s/x/b", "2"),
        file("d/a", "55"),
        file("d/x/b", "66"),
        dir("d").default_acl("u::rwx,g::r-x,o::---"),
    ]);
    case.umask(0o077).same_each([
        "-rb --backup-dir=sub s/ d/",
        "-r s/ d/new/",
        "-rR --no-implied-dirs s/x/b d",
        "--mkpath s/a d/1/2/3",
    ]);
}

#[test]
fn each_operand_of_a_directory_that_is_skipped_is_told() {
    let case = world([dir("s/a"), dir("s/b"), file("s/f", "x"), dir("d")]);
    case.clone().same_each(["s/a s/a d/", "s/a s/f s/a s/b d/", "s s/ s d/", "-v s/a s/./a s/f d/"]);
    case.also([dir("d").mode(0o444)]).as_user().same_each(["s d/", "-v s/a s/b d/"]);
}

#[test]
fn s12_small_things_about_operands() {
    let case = world([file("s/f", "x"), file("d/b", "x")]);
    case.same_each(["--backup-dir=d/b s", "-rR d/../s/ d", "-b --backup-dir=d/b s/ new/"]);
}

#[test]
fn s81_the_receiving_side_escapes_0x7f() {
    let case = world([file("s/a\x7fb", "x"), file("d/a\x7fb/x", "y")]);
    case.same_each(["-r s/ d/", "-r8 s/ d/", "-r --stderr=client s/ d/"]);
}

#[test]
fn s58_an_owner_that_cannot_be() {
    let case = world([file("s/f", "x").owner(7, 8), dir("s/sub"), file("d/f", "x")]);
    case.same_each([
        "-ai --usermap='*:4294967295' s/ d/",
        "-ai --groupmap='*:4294967295' s/ d/",
        "-ai --chown=4294967295:1 s/ d/",
        "-r --chown=1:4294967295 s/ d/",
    ]);
}

/// Refused command lines are logged once the log file is named.
#[test]
fn s84_refusals_are_logged() {
    world([file("s/f", "x"), dir("d")]).same_each([
        "--log-file=rsync.log --bogus s/ d/",
        "--bogus --log-file=rsync.log s/ d/",
        "--delete --log-file=rsync.log s/ d/",
        "--log-file=rsync.log --max-size=x s/ d/",
        "--log-file=rsync.log --checksum-choice=bogus s/ d/",
    ]);
}

#[test]
fn owners_of_the_top_are_shown_as_they_are() {
    let case = world([file("s/f", "x")]).as_user();
    case.same_each(["-a --out-format='%U:%G %n' s/ d", "-a --out-format='%U:%G %M %n' s/ d/"]);
}
