//! rsync(1), `--log-file`, `--log-file-format`; checksums in either format, and the choice of their algorithm.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

fn aged() -> Case {
    world([
        file("s/new", "hello\n"),
        file("s/empty", ""),
        file("s/changed", "22").mtime(50),
        file("d/changed", "2").mtime(5),
        file("s/same", "same"),
        file("d/same", "same"),
        hard("s/sub/again", "s/new"),
        symlink("s/link", "new"),
        fifo("s/fifo"),
        file("d/sub/extra", "4"),
    ])
}

#[test]
fn s84_each_run_is_logged() {
    aged().same_each(
        [
            "-a",
            "-av --delete",
            "-ai",
            "-aq",
            "-avv",
            "-an",
            "-ab --info=backup",
            "-aii",
            "-rt --existing",
            "-d",
        ]
        .map(|form| format!("{form} --log-file=rsync.log s/ d")),
    );
    aged().same_each([
        "--log-file=rsync.log s/new d",
        "-v --log-file=rsync.log s d",
        "-a --log-file=rsync.log s/ d/below/",
        "-a --log-file=rsync.log nope s/ d",
        "-a --log-file=rsync.log --max-delete=0 --delete s/ d",
        "-a --log-file=rsync.log --exclude=new --debug=filter s/ d",
        "-a --log-file=rsync.log --list-only s/",
        "-a --log-file=rsync.log --remove-source-files s/ d",
    ]);
    // Errors of the receiving side are not logged, unless they come by way of the sending one.
    let in_the_way = world([file("s/f", "x"), file("d/f/g", "y")]);
    in_the_way.same_each(
        ["", "--stderr=client", "--stderr=all"].map(|form| format!("-a {form} --log-file=rsync.log s/ d")),
    );
}

#[test]
fn s84_the_line_of_the_log_has_a_format() {
    aged().same_each(
        ["'%i %n'", "''", "'%n %l %U %G %B %M %o %f'", "%n%L", "'%C %n'"]
            .map(|format| format!("-aH --delete --log-file=rsync.log --log-file-format={format} s/ d")),
    );
}

#[test]
fn s84_a_log_that_cannot_be_written_is_a_warning() {
    aged().same_each([
        "-ai --log-file=nope/log s/ d",
        "-ai --log-file= s/ d",
        "-ai --log-file-format=%n s/ d",
    ]);
}

#[test]
fn checksums_are_those_of_what_moves() {
    for choice in
        ["auto", "xxh128", "xxh3", "xxh64", "xxhash", "md5", "md4", "sha1", "none", "md5,sha1", "MD5"]
    {
        aged().same_each([format!("-a --cc={choice} '--out-format=%i [%C] %n' s/ d")]);
    }
    aged().same_each(
        ["-an", "-aii", "-aH", "-aL", "-a --delete", "-a --checksum-seed=5"]
            .map(|form| format!("{form} '--out-format=%i [%C] [%40C] [%-40C] [%3C] %n' s/ d")),
    );
}

#[test]
fn with_checksum_all_files_have_one() {
    for choice in
        ["auto", "md5", "sha1,md5", "xxh64", "none", "md5,none", "none,md5", "md5,bogus", "bogus", "md5,"]
    {
        aged().same_each([format!("-ac --cc={choice} '--out-format=%i [%C] %n' s/ d")]);
    }
    aged().same_each(
        ["-acn", "-aciiH", "-acL", "-ac --delete"]
            .map(|form| format!("{form} '--out-format=%i [%C] %n' s/ d")),
    );
}

#[test]
fn links_that_are_followed_are_compared_by_contents() {
    aged().also([file("d/link", "hello\n").mtime(9), file("d/new", "hello\n").mtime(8)]).same_each([
        "-rLtci s/ d",
        "-rLci s/ d",
        "-rLtci --compare-dest=../d s/ e/",
        "-rLtci --link-dest=../d s/ e/",
    ]);
}

#[test]
fn s84_the_log_file_is_made_below_the_umask() {
    for umask in [0o077, 0o002, 0o022] {
        world([file("s/f", "x")]).umask(umask).same_each(["-r --log-file=rsync.log s/ d/"]);
    }
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

/// A log whose format has no `%i` leaves out what stays as it is, whatever standard output shows.
#[test]
fn s84_logs_that_do_not_itemize() {
    let case = world([
        file("s/f", "f").mtime(OLD),
        hard("s/g", "s/f"),
        symlink("s/l", "f"),
        file("s/e/new", "new"),
        file("s/perm", "p").mtime(OLD),
        file("d/f", "f").mtime(OLD),
        hard("d/g", "d/f"),
        symlink("d/l", "f"),
        file("d/perm", "p").mtime(OLD).mode(0o600),
    ]);
    for format in ["%o:%n", "%n%L", "%i:%n", "%l"] {
        let options =
            ["-aii", "-aHivv", "-ai --info=name2", "-avvn", "-avv --out-format=%i", "-avv --out-format=%n"];
        case.clone().same_each(options.map(|options| {
            format!("{options} --log-file=$TWIN/rsync.log '--log-file-format={format}' s/ d/")
        }));
    }
}

/// What `-q` keeps from being printed is logged as it would be without.
#[test]
fn what_a_quiet_run_logs() {
    let case = world([
        file("s/sub/same", "1").mtime(OLD),
        file("s/sub/mode", "2").mtime(OLD),
        file("s/sub/new", "3"),
        file("s/data", "four"),
        hard("s/linked", "s/data"),
        file("d/sub/same", "1").mtime(OLD),
        file("d/sub/mode", "2").mtime(OLD).mode(0o600),
        file("d/data", "five"),
        file("d/gone", "6"),
        dir("d/sub").mode(0o700),
    ]);
    for options in [
        "-aiq",
        "-aq",
        "-avq",
        "-aiiqH",
        "-aiqn",
        "-aq --out-format=%i",
        "-aqii --info=name2",
        "-aq --out-format=%n",
    ] {
        for target in ["d/", "new"] {
            case.clone().same(&format!("{options} --delete --log-file=$TWIN/rsync.log s/ {target}"));
        }
    }
    case.clone().same("-aiq --log-file=$TWIN/rsync.log --log-file-format=%n s/ d/");
    for listing in ["-q s", "-avq s/", "-aq --list-only s/ d/", "-aiqn --list-only s/sub"] {
        case.clone().same(&format!("{listing} --log-file=$TWIN/rsync.log"));
    }
}
