//! rsync(1), "OPTIONS SUMMARY": how options are parsed, and which mistakes end with status 1.

use compat_tests::program::{Programs, VERSION, says};
use compat_tests::*;
use std::collections::BTreeSet;

fn small() -> Case {
    world([file("s/f", "x"), file("s/sub/g", "y"), file("d/gone", "z"), file("rules", "- g\n")])
}

#[test]
fn spellings_that_mean_the_same() {
    small().same_each([
        "-rlptgoD -i s/ d/",
        "--archive --itemize-changes s/ d/",
        "-ai --exclude g s/ d/",
        "-ai --exclude=g s/ d/",
        "-aifP* s/ d/",
        "-ai -f '- g' s/ d/",
        "-aif '- g' s/ d/",
        "-aif'- g' s/ d/",
        "s/ d/ -ai",
        "s/ -a d/ -i",
        "-ai -- s/ d/",
        "-a -i s/ --delete d/",
        "-ai --exclude '' s/ d/",
        "-ai --exclude= s/ d/",
        "-a --verbose s/ d/",
        "-a --one-file-system -i s/ d/",
        "-axi s/ d/",
        "-aixx s/ d/",
        "--recursive --links --perms --times --group --owner --devices --specials -i s/ d/",
    ]);
}

#[test]
fn later_options_win() {
    small().same_each([
        "--no-r -ai s/ d/",
        "-ai --no-r s/ d/",
        "-ai --no-recursive s/ d/",
        "-ai --no-t s/ d/",
        "-ai --no-t -t s/ d/",
        "-ai --no-i s/ d/",
        "-av --no-v s/ d/",
        "-avv --no-verbose -v s/ d/",
        "-ai --no-D --devices s/ d/",
        "-ac --no-c -i s/ d/",
        "-aH --no-H -i s/ d/",
        "-aX --no-X -i s/ d/",
        "-aA --no-A -i s/ d/",
        "-aS --no-S -i s/ d/",
        "-ax --no-x -i s/ d/",
        "-aR --no-R -i s/ d/",
        "-aW --no-W -i s/ d/",
        "-ai --inplace --no-inplace s/ d/",
        "-ai --partial --no-partial s/ d/",
        "-ai --force --no-force s/ d/",
        "-ai --max-delete=0 --max-delete=9 --delete s/ d/",
        "-ai --numeric-ids --no-numeric-ids s/ d/",
        "-ai --ignore-errors --no-ignore-errors s/ d/",
        "-a --progress --no-progress s/ d/",
        "-a --out-format=%n --out-format=%l s/ d/",
        "-a --stats --no-h s/ d/",
        "-a --no-human-readable --stats s/ d/",
    ]);
}

#[test]
fn mistakes_exit_1() {
    small().same_each([
        "-ai --bogus s/ d/",
        "-ai --verb s/ d/",
        "-ai --delete=yes s/ d/",
        "-ai --archive=1 s/ d/",
        "-aiY s/ d/",
        "-ai --max-delete=x s/ d/",
        "-ai --max-delete= s/ d/",
        "-ai --max-delete=1x s/ d/",
        "-ai --no-delete s/ d/",
        "-ai --no-b s/ d/",
        "-ai --exclude",
        "-a s/ d/ --filter",
        "-ai --no-bogus s/ d/",
        "-aN s/ d/",
        "-ai --crtimes s/ d/",
        "-a --info=bogus s/ d/",
        "-ai --progress=1 s/ d/",
        "-a --stats=2 s/ d/",
        "-ai '' d/",
        "-ai s/ ''",
        "-a --delete --no-r s/ d/",
        "---a s/ d/",
        "-ai -= s/ d/",
        "-ai --max-delete s/ d/",
    ]);
}

#[test]
fn options_that_change_nothing_here() {
    small().same_each([
        "-aiz s/ d/",
        "-ai --numeric-ids s/ d/",
        "-ai -W s/ d/",
        "-ai --force s/ d/",
        "-ai --ignore-errors s/ d/",
        "-ai --partial s/ d/",
        "-aix s/ d/",
        "-aiS s/ d/",
        "-aiH s/ d/",
        "-aiAX s/ d/",
        "-ai --specials s/ d/",
    ]);
}

#[test]
fn version() {
    let programs = Programs::of_this_run();
    // Under its own name too: a shell's alias doesn't change the name.
    for flag in ["--version", "-V"] {
        let (reference, subject) = (says(&programs.reference, &[flag]), says(&programs.subject, &[flag]));
        let first =
            |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned();
        assert_eq!(subject.code, reference.code, "{flag}");
        assert_eq!(first(&subject.stdout), first(&reference.stdout), "{flag}: scripts read the first line");
        assert!(first(&subject.stdout).contains(VERSION));
        assert!(subject.stderr.is_empty(), "{flag}: {}", String::from_utf8_lossy(&subject.stderr));
    }
}

/// The long options that a help text lists: what comes before the description.
fn long_options(help: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(help).into_owned();
    let lines = text.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let columns = lines.map(|line| line.split("  ").next().unwrap_or_default().to_owned());
    let words = columns.flat_map(|line| line.split([' ', ',', '=']).map(str::to_owned).collect::<Vec<_>>());
    words.filter(|word| word.starts_with("--") && word.len() > 2).collect()
}

#[test]
fn help_lists_every_option() {
    let programs = Programs::of_this_run();
    for flag in ["--help", "-h"] {
        let (reference, subject) = (says(&programs.reference, &[flag]), says(&programs.subject, &[flag]));
        assert_eq!(subject.code, reference.code, "{flag}");
        let (theirs, ours) = (long_options(&reference.stdout), long_options(&subject.stdout));
        let missing: Vec<&String> = theirs.difference(&ours).collect();
        assert!(missing.is_empty(), "{flag} does not list {missing:?}");
    }
}

#[test]
fn no_arguments_is_a_mistake() {
    let programs = Programs::of_this_run();
    for args in [&[][..], &["-a"][..], &["--delete"][..]] {
        let (reference, subject) = (says(&programs.reference, args), says(&programs.subject, args));
        assert_eq!(subject.code, reference.code, "{args:?}");
        assert_eq!(
            subject.stdout.is_empty(),
            reference.stdout.is_empty(),
            "{args:?}: the help text goes to stderr"
        );
        assert!(!subject.stderr.is_empty(), "{args:?}");
    }
}

/// The keys of all objects, in order, with what stands behind them.
fn keys(json: &[u8]) -> Vec<(String, String)> {
    let pair = regex::Regex::new(r#""(\w+)":\s*("[^"]*"|\[[^\]]*\]|[^,\s}]+)"#).unwrap();
    let text = String::from_utf8_lossy(json).into_owned();
    let bare = |value: &str| value.split_whitespace().collect::<String>();
    pair.captures_iter(&text).map(|found| (found[1].to_owned(), bare(&found[2]))).collect()
}

/// Programs ask for version and capabilities by key. What differs is whose program this is, and what it truly has not.
#[test]
fn version_twice_has_rsyncs_keys() {
    let programs = Programs::of_this_run();
    let (theirs, ours) =
        (keys(&says(&programs.reference, &["-VV"]).stdout), keys(&says(&programs.subject, &["-VV"]).stdout));
    let name = |pairs: &[(String, String)]| pairs.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let common: Vec<String> = name(&ours).into_iter().filter(|key| key != "implementation").collect();
    assert_eq!(common, name(&theirs));
    let mut differ: Vec<String> = Vec::new();
    for (key, value) in &theirs {
        let ours = ours.iter().find(|(other, _)| other == key).map(|(_, value)| value);
        differ.extend((ours != Some(value)).then(|| key.clone()));
    }
    let own = ["copyright", "url", "socketpairs", "IPv6", "SIMD_roll"];
    let own = [&own[..], &["openssl_crypto", "daemon_auth_list", "license", "caveat"]].concat();
    assert_eq!(differ, own);
}
