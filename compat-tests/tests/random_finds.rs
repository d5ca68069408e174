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
