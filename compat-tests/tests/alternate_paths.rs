//! Where alternate destinations are looked for while the destination is still to be made (point 59).

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

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

/// A dry run looks for alternate destinations beside one that is still to be made, with a slash behind them or not.
#[test]
fn alternate_destinations_around_what_is_still_to_be_made() {
    let case = world([file("s/f", "f").mtime(OLD), file("w/d/f", "f").mtime(OLD)]);
    for dir in ["../", "..", "../.", ".", "./", "../../d", "../../d/", "../../", "../d//", "/"] {
        case.clone().same_each(["-n", ""].map(|dry| format!("-r {dry} -i --link-dest={dir} s/ w/d/new")));
        case.clone().same(&format!("-rin --link-dest={dir} --mkpath s/ w/d/new/newer"));
    }
}

/// A dry run looks for alternate destinations below one that is still to be made, and finds few.
#[test]
fn alternate_destinations_of_one_that_is_to_be_made() {
    let case = world([file("s/a", "a"), dir("n"), file("m/a", "a")]);
    for dir in ["..", "../n", "../../n", "", ".", "./", "../n/", "../n/..", "q", "q/", "../m"] {
        for kind in ["compare", "link"] {
            let to = ["new", "new/x", "n/new/"];
            let to = to.iter().flat_map(|to| ["s/", "s", "s/a"].map(|from| format!("{from} {to}")));
            case.clone().same_each(to.map(|operands| format!("-an --{kind}-dest={dir} {operands}")));
        }
    }
}

/// An alternate directory that cannot be listed is good for names in it.
#[test]
fn alternates_that_cannot_be_listed() {
    for mode in [0o300, 0o100, 0o500, 0o000, 0o600] {
        let case = world([
            file("s/f", "f").mtime(1_400_000_000),
            file("s/x/f", "f").mtime(1_400_000_000),
            file("alt/f", "f").mtime(1_400_000_000),
            file("alt/x/f", "f").mtime(1_400_000_000),
            dir("d"),
        ])
        .also([dir("alt").mode(mode), dir("alt/x").mode(0o300)]);
        let options = ["-a --link-dest", "-ai --copy-dest", "-ai --compare-dest", "-ay --link-dest"];
        case.as_user().same_each(options.map(|options| format!("{options}=../alt s/ d/")));
    }
}

/// A link in an alternate destination that leads out of it is not followed.
#[test]
fn alternates_behind_links_that_lead_out() {
    let case = world([
        file("s/sub/f", "f").mtime(1_400_000_000),
        file("out/f", "f").mtime(1_400_000_000),
        symlink("alt/sub", "../out"),
        dir("d"),
    ]);
    let line = "alternate behind a link: line";
    case.clone().known(line).same("-ai --copy-dest=../alt s/ d/");
    case.clone()
        .known(line)
        .known("alternate behind a link: what stands in")
        .same("-ai --link-dest=../alt s/ d/");
    case.known(line)
        .known("alternate behind a link: what is left out")
        .same("-ai --compare-dest=../alt s/ d/");
}
