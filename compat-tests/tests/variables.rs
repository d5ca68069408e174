//! rsync(1), ENVIRONMENT VARIABLES: those that matter on one machine.

use compat_tests::*;

fn small() -> Case {
    world([file("s/f", "hello\n"), file("s/sub/g", "y"), file("d/f", "older").mtime(5), file("f", "x")])
}

fn with(name: &str, value: &str, commands: &[&str]) {
    let case = small().env(name, value);
    case.same_each(commands);
}

#[test]
fn the_limit_of_memory() {
    for value in ["", "1g", "1k", "bogus", "0"] {
        with("RSYNC_MAX_ALLOC", value, &["-ai s/ d/", "-ai --max-alloc=2m s/ d/"]);
    }
}

#[test]
fn the_list_of_checksums() {
    let shown = ["-a --out-format='%n %C' s/ d/", "-ac --out-format='%n %C' s/ d/", "-ai s/ d/"];
    for value in ["", "md5", "MD5", "bogus md4 md5", "sha1", "& md5", "md4 md5 & md5", "none"] {
        with("RSYNC_CHECKSUM_LIST", value, &shown);
    }
    with("RSYNC_CHECKSUM_LIST", "md5", &["-a --cc=md5 --out-format='%n %C' s/ d/"]);
}

#[test]
fn the_list_of_compressions() {
    for value in ["", "zlib", "none", "bogus lz4"] {
        with("RSYNC_COMPRESS_LIST", value, &["-ai s/ d/", "-aiz s/ d/", "-aiz --no-z s/ d/"]);
    }
}

#[test]
fn what_is_asked_for_must_be_in_the_lists() {
    let sums = ["md5", "xxhash", "none", "auto", "md5,xxh64", "auto,xxh64", "md5,auto"];
    for value in ["md5", "xxh64", "xxh64 MD5", "bogus", "md5 & xxh64"] {
        let commands = sums.map(|sum| format!("-ai --cc={sum} s/ d/"));
        small().env("RSYNC_CHECKSUM_LIST", value).same_each(commands);
    }
    let ways = [
        "--zc=lz4",
        "--zc=none",
        "--zc=auto",
        "-zz",
        "--old-compress",
        "--zc=zlibx -z --no-z",
        "-z --zc=LZ4",
    ];
    for value in ["zstd", "lz4", "zlib zlibx", "zstd & lz4"] {
        small().env("RSYNC_COMPRESS_LIST", value).same_each(ways.map(|way| format!("-ai {way} s/ d/")));
    }
}

#[test]
fn how_arguments_are_passed() {
    let commands =
        ["-ai s/f ''", "-ai --old-args s/f ''", "-ai --no-old-args s/f ''", "-ais s/f ''", "-ai s/ d/"];
    small().same_each(commands);
    for value in ["0", "1", "2", "x", ""] {
        with("RSYNC_OLD_ARGS", value, &commands);
        with("RSYNC_PROTECT_ARGS", value, &commands);
    }
    with("RSYNC_PROTECT_ARGS", "1", &["-ai --old-args s/ d/"]);
    with("RSYNC_OLD_ARGS", "1", &["-ai --secluded-args s/ d/"]);
}

#[test]
fn the_partial_directory() {
    for value in ["", ".p", "."] {
        with(
            "RSYNC_PARTIAL_DIR",
            value,
            &["-ai s/ d/", "-ai --partial s/ d/", "-ai --inplace s/ d/", "-ai --append s/ d/"],
        );
    }
}

#[test]
fn no_conversion_of_names() {
    small().same_each(["-ai --iconv=- s/ d/", "-ai --no-iconv s/ d/", "-ai --iconv=bogus --no-iconv s/ d/"]);
    with("RSYNC_ICONV", "utf8,latin1", &["-ai --iconv=- s/ d/", "-ai --no-iconv s/ d/"]);
    with("RSYNC_ICONV", "", &["-ai s/ d/"]);
    with("RSYNC_ICONV", "-", &["-ai s/ d/"]);
}

#[test]
fn s80_times_are_local() {
    let case = world([
        file("s/summer", "x").mtime(1_400_000_000),
        file("s/winter", "x").mtime(1_389_000_000),
        file("s/early", "x").mtime(-86_400 * 365 * 40),
        dir("s").mtime(1_400_000_050),
    ]);
    for zone in [
        "Europe/Berlin",
        "America/New_York",
        ":Asia/Kolkata",
        "EST5EDT",
        "<+03>-3",
        "UTC",
        "",
        "Nowhere/There",
    ] {
        let there = case.clone().env("TZ", zone);
        there.clone().same_each(["s/", "-a --out-format='%M %n' s/ d/"]);
        there.run("-a --log-file=rsync.log --log-file-format='%M %n' s/ d/").check();
    }
}

#[test]
fn s81_a_locale_that_is_not_installed_is_none() {
    let case = world([file("s/gr\u{fc}n", "x"), file(b"s/odd\xff".as_slice(), "x")]);
    for locale in ["C", "C.UTF-8", "POSIX", "xx_XX.UTF-8", "nonsense", "en_US.UTF-8"] {
        for variable in ["LC_ALL", "LC_CTYPE", "LANG"] {
            let there = case.clone().env("LC_ALL", "").env(variable, locale);
            there.same_each(["-ai s/ d/", "s/", "-ai -8 s/ d/"]);
        }
    }
}

/// Whose aliases in `~/.popt` are, a pattern may say.
#[test]
fn aliases_of_all_programs() {
    let whose = [
        "*",
        "r*",
        "?sync",
        "[!x]sync",
        "rs[[:alpha:]]nc",
        "rsync",
        " rsync",
        "'rsync'",
        "r\\sync",
        "sync",
        "RSYNC",
    ];
    for program in whose {
        let aliases =
            format!("# mine\n{program} alias --mirror -a --delete -i\n{program}\talias\t-Y -ni -r\n");
        let case = small().also([file(".popt", aliases)]).env("HOME", ".");
        case.same_each(["--mirror s/ d/", "-Y s/ d/"]);
    }
}
