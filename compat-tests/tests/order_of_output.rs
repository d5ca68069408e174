//! rsync(1), the order in which several processes say things: where rsync's own order is sure, ours is the same.

use compat_tests::*;

/// What the receiving side says by itself comes ahead of the lines of entries, which wait to be sent.
#[test]
fn words_that_overtake_lines() {
    let case = world([
        file("s/a", "a"),
        fifo("s/c"),
        file("s/d", "d"),
        file("s/e/f", "f"),
        fifo("s/e/g"),
        file("s/e/i", "i"),
        fifo("s/e/k/p"),
        file("s/e/k/q", "q"),
        fifo("s/h/z"),
        file("d/old", "old"),
        file("d/e/old", "old"),
        file("d/e/i", "i").mtime(1_400_000_000),
    ])
    .also([file("s/e/i", "i").mtime(1_400_000_000)]);
    let options = ["-rti", "-rtii", "-rtv", "-rti --delete", "-rtii --exclude=*.o", "-rti -u"];
    for options in options {
        for whole in ["--no-i-r", "-H"] {
            case.clone().in_exact_order().same(&format!("{options} {whole} s/ d/"));
            case.clone().in_exact_order().same(&format!("{options} {whole} s d/"));
            case.clone().in_exact_order().same(&format!("{options} {whole} s/ new/"));
        }
    }
    world([file("s/a", "a"), fifo("s/c"), file("s/d", "d"), file("d/old", "old")])
        .in_exact_order()
        .same_each([
            "-ri s/ d/",
            "-ri s d/",
            "-rtvv s/ d/",
            "-rti --delete s/ d/",
            "-di s/ d/",
            "-i s/a s/c s/d d/",
            "-i s/c s/a s/d d/",
            "-di s/c s/d d/",
        ]);
}

/// With `-R` the first line goes ahead, where there is one list only; rules are told of in the order of reading.
#[test]
fn first_lines_and_rules() {
    let case = world([file("s/f", "f"), fifo("s/p"), fifo("s/x/q"), file("d/s/old", "old"), dir("s/y")]);
    let options =
        ["-rtiR --no-i-r", "-rtiR --delete-after", "-rtiR --no-i-r --delete", "-diR", "-rtvR --no-i-r"];
    for options in options {
        case.clone().in_exact_order().same_each([format!("{options} s/ d/"), format!("{options} s d/")]);
    }
    let hidden = ["b.o", "a.o", "d.o", "c.o", "f", "e.o"].map(|name| file(format!("s/{name}"), "x"));
    let options = ["-rvv --exclude=*.o", "-rvv --no-i-r --exclude=*.o", "-rvvi --include=a* --exclude=*.o"];
    world(hidden).in_exact_order().same_each(options.map(|options| format!("{options} s/ d/")));
}

/// What is wrong with the list is said first, then what the side says that decides, and what cannot be read last.
#[test]
fn errors_in_the_order_in_which_they_come_through() {
    let case = world([
        file("s/a", "a").mode(0o000),
        file("s/x/f", "f").mode(0o000),
        file("s/y/g", "g"),
        dir("s/z").mode(0o000),
        file("d/y/g/in", "in"),
        dir("d/y/g").owner(0, 0),
        dir("d"),
    ]);
    let options = ["-rtH", "-rt --no-i-r", "-rtH --delete"];
    case.as_user().in_exact_order().same_each(options.map(|options| format!("{options} s/ d/")));
}

/// In one file with the names, as scripts write their logs: what cannot be opened is said in the turn of its name, and
/// what else is wrong with the first names or after all of them.
#[test]
fn errors_among_names() {
    let names = ["a", "b", "c", "sub/a", "sub/b", "sub/c", "z/a", "z/b"];
    let files = names.map(|name| file(format!("s/{name}"), name));
    let closed = ["s/b", "s/sub/a", "s/z/b"].map(|name| file(name, "x").mode(0o000));
    let case = world(files).also(closed).also([dir("d")]).as_user().in_one_stream();
    let options =
        ["-rtv", "-rti", "-rtvn", "-rtvi --delete", "-rtvH", "-rtv --no-i-r", "-rtv --log-file=log"];
    case.clone().same_each(options.map(|options| format!("{options} s/ d/")));
    case.clone().same_each(["-rtv s/a s/b s/c d/", "-Rrti s/sub s/z d/"]);
    let others = ["d/other", "d/shut"].map(|name| dir(name).owner(0, 0));
    case.also([file("s/other/x", "x"), dir("s/closed").mode(0o000), file("s/shut/y", "y")])
        .also(others)
        .same_each(["-rv s/ d/", "-ri s/ d/"]);
}

/// What a directory of others is refused is said as it comes up in the list, ahead of what is in it.
#[test]
fn errors_of_directories_themselves() {
    let dirs = ["a", "a/x", "b", "c"];
    let case = world(dirs.map(|dir| file(format!("s/{dir}/f"), "f").mtime(1_000_000_000)))
        .also(dirs.map(|name| dir(format!("s/{name}")).mtime(1_000_000_000)))
        .also(dirs.map(|name| dir(format!("d/{name}")).mtime(1_100_000_000)))
        .also([dir("d/a"), dir("d/b"), dir("d/a/x").mode(0o700)].map(|dir| dir.owner(0, 0)))
        .as_user();
    for options in ["-rt", "-rt --no-i-r", "-a", "-ai", "-rtv"] {
        case.clone().in_one_stream().same_each([format!("{options} s/ d/"), format!("{options} s/a s/b d/")]);
    }
}

/// What is left out is said in the order of the list, also where no entry is told; behind several operands all of it
/// comes ahead of what is below them.
#[test]
fn names_that_are_left_out() {
    let dirs = ["b", "b/d", "b/d/e", "a", "a/c", "c", "c-d", "e/f/g", "h"];
    let left = dirs.iter().flat_map(|dir| {
        let name = |name: &str| format!("s/{dir}/{name}");
        [symlink(name("link"), "x"), fifo(name("pipe")), file(name("x"), "x")]
    });
    let case = world(left).also([file("s/m", "m"), fifo("s/z"), symlink("s/y", "m")]);
    let operands = ["s/ d/", "s d/", "s/b s/a d/", "s/m s/b s/h d/", "s/a s/y s/c-d s/c d/"];
    for options in ["-r", "-rt --no-i-r", "-rl", "-rD", "-rtR", "-r --stats"] {
        case.clone().in_exact_order().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
    for options in ["-ri", "-rlv", "-rDi"] {
        case.clone().in_exact_order().same_each(operands[2..].iter().map(|it| format!("{options} {it}")));
    }
}

/// Directories that stay in the way are told in their turn, among what is left out.
#[test]
fn directories_in_the_way() {
    let pipes = ["a", "c", "y"].map(|name| fifo(format!("s/{name}")));
    let files =
        ["b", "x", "z"].map(|name| [file(format!("s/{name}"), "x"), file(format!("d/{name}/in"), "x")]);
    let links =
        ["b2", "x2"].map(|name| [symlink(format!("s/{name}"), "x"), file(format!("d/{name}/in"), "x")]);
    let case = world(pipes).also(files.into_iter().chain(links).flatten()).in_exact_order();
    case.same_each(["-r", "-rt", "-rl", "-rli", "-rtv", "-rln"].map(|options| format!("{options} s/ d/")));
}

/// What is left alone is told in the order of the list, also where nothing else is told.
#[test]
fn what_is_left_alone_without_other_lines() {
    // What is made later has later inodes, and where that is the order of work it comes late.
    let late = ["a", "b"].map(|name| [file(format!("s/{name}"), "x"), file(format!("d/{name}"), "x")]);
    let late = || late.iter().flatten().cloned().chain([symlink("s/x/a", "nowhere"), file("s/sub/a", "x")]);
    let names = ["same", "sum", "size", "z", "e", "d"];
    let there = names.iter().flat_map(|name| ["s", "d"].map(|tree| file(format!("{tree}/{name}"), "x")));
    let below = names.iter().map(|name| file(format!("s/sub/{name}"), "x"));
    let links = names.iter().map(|name| symlink(format!("s/x/{name}"), "nowhere"));
    let case = world(there.chain(below).chain(links)).in_exact_order();
    for command in [
        "-a --info=skip --ignore-existing s/ d/",
        "-a --info=skip2 --existing s/ d/",
        "-a --info=skip --min-size=5 s/ d/",
        "-rt s/ d/",
        "-rt --safe-links --info=symsafe s/ d/",
        "-aq s/ d/",
        "-a --delete --info=del s/x/ d/",
    ] {
        case.clone().put(late()).same(command);
    }
}

/// Deletions at the end are told at the end, directory by directory.
#[test]
fn delayed_deletions() {
    let old = ["b/old", "b/d/old/f", "b/d/older", "a/old", "a/c/old", "old", "c/x", "c-d/old", "new~"];
    let new = ["b/d/new", "a/c/new", "c-d/new", "m", "a-"];
    let case = world(old.map(|name| file(format!("d/{name}"), "old")))
        .also(new.map(|name| file(format!("s/{name}"), "new")))
        .also([dir("s/c"), file("d/b/d/new", "older")]);
    for options in ["-ri", "-av", "-ai --backup-dir=../k", "-r --info=del", "-ain", "-aiH", "-ai --no-i-r"] {
        case.clone().in_exact_order().same_each([
            format!("{options} --delete-delay s/ d/"),
            format!("{options} --delete-delay s/b s/a s/m d/"),
        ]);
    }
}

/// Errors come directory by directory, a directory's own before those of what is in it; what is deleted goes backwards.
#[test]
fn errors_of_several_directories() {
    let closed = ["a/b/c", "a/d", "b", "c/x", "c-d"].map(|name| dir(format!("s/{name}")).mode(0o000));
    let unread = ["a/f", "a/b/g", "c/y", "z"].map(|name| file(format!("s/{name}"), "x").mode(0o000));
    let case = world(closed.clone()).also(unread).also([dir("d")]).as_user();
    for options in ["-rt", "-a", "-aH", "-r --delete"] {
        case.clone()
            .in_exact_order()
            .same_each([format!("{options} s/ d/"), format!("{options} s/a s/c d/")]);
    }
    let others = ["d", "d/a", "d/e", "d/e/f"].map(|name| dir(name).owner(0, 0));
    let case = world(others)
        .also(["d/e/x", "d/e/y"].map(|name| file(name, "x")))
        .also(["s/a/x/y", "s/a/z"].map(dir))
        .as_user();
    for options in ["-a", "-r", "-rt", "-r --delete-delay", "-a --delete-before"] {
        case.clone().in_exact_order().same_each([format!("{options} s/ d/"), format!("{options} s/a d/")]);
    }
}

/// Errors of files that cannot be read or written come by name, in whichever order the disk has them.
#[test]
fn errors_of_files_beside_each_other() {
    let (early, late) = (["z", "q", "d/z", "d/b"], ["b", "README", "a", "d/a", "d/y"]);
    let unread = |name: &str| file(format!("s/{name}"), "x").mode(0o000);
    let new = |name: &str| file(format!("s/{name}"), "x");
    let closed = ["d", "d/d"].map(|name| dir(name).owner(0, 0));
    let others =
        ["z", "q", "b", "README", "a"].map(|name| file(format!("d/{name}"), "old").owner(0, 0).mode(0o666));
    for options in ["-r", "-rv", "-r --inplace"] {
        let command = format!("{options} s/ d/");
        let case = world(early.map(unread)).as_user().in_exact_order();
        case.run(&command).put(late.map(unread)).run(&command).check();
        let case = world(early.map(new)).also(closed.clone()).as_user().in_exact_order();
        case.run(&command).put(late.map(new)).run(&command).check();
    }
    let case = world(early[..2].iter().map(|name| new(name))).also(others).as_user().in_exact_order();
    let command = "-rt -O --inplace s/ d/";
    case.run(command).put(late[..3].iter().map(|name| new(name))).run(command).check();
}
