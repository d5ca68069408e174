//! rsync(1), `--mkpath` (point 4): the way to the destination is made, and the destination with it.

use compat_tests::*;

fn plain() -> Case {
    world([file("s/f", "a"), file("s/sub/g", "b"), dir("there")])
}

#[test]
fn the_way_is_made() {
    for form in ["-ai", "-aiv", "-rt", "-ain", "-ai --stats", "-aiR", "-ai --delete"] {
        for place in ["d", "d/", "d/x", "d/x/y/", "there/d", "there/d/e/", "there", "./d/x"] {
            plain().same_each(
                ["s/", "s", "s/f", "s/f s/sub", "s/sub/"]
                    .map(|from| format!("{form} --mkpath {from} {place}")),
            );
        }
    }
}

#[test]
fn without_it_only_the_last_name_is_made() {
    plain().same_each([
        "-i --mkpath s/f d/x",
        "-i --mkpath s/f d/x/",
        "-ai s/ d/x",
        "-ai s/ d",
        "-ai --mkpath --no-mkpath s/ d/x",
        "-ai s/f d/x",
    ]);
    plain().as_user().same_each([
        "-rti --mkpath s/ d/x/y",
        "-rti --mkpath --chmod=D2755 s/ d/x/y",
        "-rt s/ d",
    ]);
}

#[test]
fn set_id_bits_of_directories_need_their_permissions_kept() {
    let set = || plain().also([dir("s/gid").mode(0o2755), dir("s/sticky").mode(0o1777)]);
    for chmod in ["", "--chmod=D2755", "--chmod=D1755", "--chmod=F6755", "--chmod=g+s,o+t"] {
        set().same_each([
            format!("-rti {chmod} s/ d"),
            format!("-rti {chmod} s/ there"),
            format!("-ai {chmod} s/ d"),
        ]);
        set().as_user().same_each([format!("-rti {chmod} s/ d")]);
    }
}

#[test]
fn destinations_that_end_in_dots_or_lie_behind_something_else() {
    let case = world([
        file("s/a", "x"),
        file("s/b", "y"),
        dir("e").mtime(1_400_000_000),
        file("file", "f"),
        symlink("ln", "nowhere"),
    ]);
    case.clone().same_each(["-ai --mkpath s/a x/..", "-ai --mkpath s/a x/y/.."]);
    for sources in ["s/a", "s/", "e/", "e", "nope", "--exclude=a s/a"] {
        for to in ["x/.", "x/y/.", "x/y", "x", "x/y/", "file/z", "file/z/", "file/z/y", "ln/z"] {
            case.clone().same_each([
                format!("-ai --mkpath {sources} {to}"),
                format!("-ain --mkpath {sources} {to}"),
                format!("-ai {sources} {to}"),
                format!("-ain {sources} {to}"),
            ]);
        }
    }
}

#[test]
fn a_destination_is_named_as_it_was_typed() {
    let case = world([file("s/a", "x"), file("s/b", "y"), symlink("loop", "loop"), file("file", "f")]);
    for to in
        ["s/../d/x/", "./d/x/.", "s/..//d//x", "none/../d/x", "s/../loop/", "file/./x", "s/../file//x//"]
    {
        case.clone().same_each([
            format!("-a s/a s/b {to}"),
            format!("-a s/a {to}/y"),
            format!("-an s/a {to}/y"),
            format!("-a none {to}/y"),
        ]);
    }
}

/// A way with `..` in it, or with doubled slashes, ends where rsync's does.
#[test]
fn ways_that_climb_and_doubled_slashes() {
    let case = world([file("s/f", "a"), file("s/g", "b"), dir("d/sub"), dir("e")]);
    let ways = "n//m n//m/ n///m .//n n// d//n d//n//k d//n/k n/./m n/m// d/n// d/x/.. d/x/../ d/x/../n n/../m n/../m/ \
                n/.. n/m/.. s/../x/y/ s/../x/y x/../y/ d/../n d/../n/ d/sub/../n d//n/k//j d/.//n $TWIN//n $TWIN//d/n/k";
    for to in ways.split_whitespace() {
        for sources in ["s/", "s/f", "s/f s/g", "s", "e/"] {
            case.clone()
                .same_each([format!("-a --mkpath {sources} {to}"), format!("-an --mkpath {sources} {to}")]);
        }
    }
}

#[test]
fn a_lost_link_in_the_place_of_the_last_directory() {
    let case = world([file("s/a", "x"), symlink("lost", "gone")]);
    case.same_each([
        "-a --mkpath s lost/",
        "-a --mkpath s/a lost/",
        "-a --mkpath s lost/x/",
        "-a --mkpath s lost",
    ]);
}

/// A dry run counts and names each slash, and a path that doubles its first slash after `./` is no path to make.
#[test]
fn doubled_slashes_are_told_as_typed() {
    let case = world([file("s/f", "a")]);
    let paths = "d// d/// d/e// d/e/// ./d// .//d .//d/ .//d// .///d ././/d .//d/e .//d//e// ..//none/../x// \
                 s/d//e s//d//e s/d/e///g s/d/e/g// s/..//d// n/../m// n/../m/ .//s//d .//s/d/e";
    for to in paths.split_whitespace() {
        for options in ["-ai --mkpath", "-ain --mkpath", "-ain", "-ai"] {
            case.clone().same_each(["s/", "s/f", "s"].map(|from| format!("{options} {from} {to}")));
        }
    }
}
