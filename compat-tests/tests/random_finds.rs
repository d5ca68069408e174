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
