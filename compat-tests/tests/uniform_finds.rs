//! What random cases found in which every option is as likely as any other, each as small as it came out.

use compat_tests::*;

/// What is in the way of something else is looked into, and what cannot be looked at is told; to a dry run it is
/// nothing.
#[test]
fn directories_in_the_way_that_are_closed() {
    for mode in [0o600, 0o300, 0o500, 0o000] {
        let case = world([
            symlink("s/link", "."),
            symlink("s/empty", "."),
            file("s/file", "f"),
            fifo("s/fifo"),
            file("d/link/b", "b"),
            file("d/link/a", "a"),
            file("d/file/in", "in"),
            dir("d/file/sub"),
            dir("d/empty").mode(mode),
            dir("d/fifo").mode(mode),
            dir("d/link").mode(mode),
            dir("d/file").mode(mode),
        ]);
        let options = ["-a", "-ai", "-ain", "-ai --force", "-ain --force", "-ai -f P_a", "-rlt", "-aiu"];
        case.as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    }
}

/// Where directories get their times at the end of many lists, what was in the way of one is tried anew.
#[test]
fn what_stays_in_the_way_of_a_directory_is_told_again() {
    let case = world([
        file("s/a/x", "x"),
        dir("s/b/c"),
        dir("s/e"),
        file("d/a", "a").owner(0, 0),
        fifo("d/b/c").owner(0, 0),
        dir("d/b").owner(0, 0),
        dir("d").owner(0, 0),
    ]);
    let options = ["-a", "-r", "-rt", "-rtO", "-rt --no-i-r", "-rtn", "-rt --delete", "-rtm"];
    case.clone().as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    case.same("-rlt --copy-as=nobody s/ d/");
}

/// Without `-r` a directory is no entry, and takes no file's place.
#[test]
fn skipped_directories_take_nobodys_name() {
    let case = world([
        file("s/a/X", "x"),
        file("s/h/X/in", "in"),
        file("s/h/D", "d"),
        file("s/a/D/in", "in"),
        symlink("s/l/X", "a"),
        dir("d"),
    ]);
    let operands = [
        "s/a/X s/h/X s/a/D s/h/D d/",
        "s/h/X s/a/X d/",
        "s/h/X s/h/X s/a/X s/a/X s/h/X d/",
        "s/h/X/ s/a/X d/",
        "s/h/X s/l/X s/a/X d/",
        "s/l/X s/h/X s/a/X d/",
        "-R s/a/./X s/h/./X d/",
        "s/h/X s/a/X new",
    ];
    for options in ["", "-i", "-il", "-v", "-i --exclude=X/", "-id", "-i --stats", "-n -i", "-L -i", "-k -i"]
    {
        case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
    case.clone().same_each(operands.map(|operands| format!("-vv {operands}")));
    case.same_each(operands.map(|operands| format!("-vv --exclude=X/ {operands}")));
}

/// A directory that stands alone, and takes the destination's name, is not opened up for its user.
#[test]
fn a_closed_directory_that_is_alone() {
    let case =
        world([0o300, 0o200, 0o600, 0o500, 0o000].map(|mode| dir(format!("s/m{mode:03o}")).mode(mode)));
    for name in ["m300", "m200", "m600", "m500", "m000"] {
        let options = ["-a", "-r", "-ai", "-d", "-ap --no-t", "-ain"];
        case.clone().as_user().same_each(options.map(|options| format!("{options} s/{name} new")));
        case.clone().as_user().same_each(options.map(|options| format!("{options} s/{name}/ new")));
    }
}

/// A backup that comes to lie where the source has a file of that name is kept in its turn, and not lost.
#[test]
fn backups_among_what_is_copied() {
    let case = world([
        file("s/a", "new"),
        file("s/b", "new b"),
        file("s/sub/a", "sub a"),
        file("s/sub/b", "sub b"),
        file("d/a", "old"),
        file("d/b", "old b"),
        file("d/sub/c", "c"),
    ]);
    for options in ["-a --backup-dir=sub", "-a --backup-dir=./sub/", "-aS --backup-dir=sub --suffix=~"] {
        case.clone().same(&format!("{options} s/ d/"));
    }
}

/// What a kept link leads to is a directory that exists, and keeps its permissions without `-p`.
#[test]
fn permissions_behind_kept_links() {
    let case = world([
        dir("s/a").mtime(1_400_000_000),
        file("s/b/f", "f"),
        symlink("d/a", "x"),
        dir("d/x").mode(0o674).mtime(1_400_000_000),
        symlink("d/b", "y"),
        dir("d/y").mode(0o700).mtime(1_400_000_000),
    ]);
    let options = ["-rK", "-rKi", "-rKn", "-rKi --chmod=D700", "-rKEi"];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// A file that joins the one in front of it is told against whatever has its name; one that waits for it is new.
#[test]
fn links_in_the_place_of_other_things() {
    let mut entries = Vec::new();
    for group in 1..=7 {
        entries.push(file(format!("s/a{group}"), "abcdef").mtime(1_400_000_000));
        entries.extend(["b", "c"].map(|name| hard(format!("s/{name}{group}"), format!("s/a{group}"))));
    }
    let case = world(entries).also([
        symlink("d/a1", "zz"),
        fifo("d/b2"),
        char_dev("d/c3", 1, 3),
        symlink("d/a4", "a1"),
        symlink("d/b4", "zz"),
        dir("d/b5"),
        file("d/a6", "old"),
        symlink("d/b6", "q"),
        file("d/a7", "abcdef").mtime(1_400_000_000),
        symlink("d/c7", "abcdef").mtime(1_400_000_000),
    ]);
    let options =
        ["-aHi", "-rHi", "-rltHi", "-aHi --no-i-r", "-aHi --link-dest=../s", "-aHin", "-aHXi", "-aHii"];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// A directory that is skipped overwrites nothing.
#[test]
fn skipped_directories_and_what_is_none() {
    let case =
        world([file("s/f", "f"), dir("s/e"), fifo("fifo"), file("file", "old"), symlink("lost", "nope")]);
    let operands =
        ["s/ fifo", "s fifo", "s/ file", "s file", "s/e/ file", "s s/f file", "s/ lost", "s s/e file"];
    for options in ["", "-v", "-l", "-n", "--copy-dest=nope", "-d", "-b"] {
        case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
}

/// A batch can have one checksum and one compression; others are refused once its files are there.
#[test]
fn algorithms_that_no_batch_can_have() {
    let case = world([file("s/f", "x"), dir("d")]);
    let algorithms =
        ["md4", "md5", "sha1", "xxh64", "xxhash", "none", "auto", "auto,md5", "none,md5", "MD5,md5"];
    let algorithms = algorithms.map(|name| format!("--cc={name}")).into_iter();
    let compressions = ["zstd", "lz4", "zlib", "zlibx", "none", "auto"].map(|name| format!("--zc={name}"));
    let more =
        ["-zz", "--zc=lz4 --no-z", "-z", "--cc=xxh64 -n", "--protocol=29 --cc=md5", "--protocol=29 --cc=md4"];
    for asked in algorithms.chain(compressions).chain(more.map(str::to_owned)) {
        case.clone().same(&format!("-a {asked} --write-batch=../B s/ d/"));
        case.clone().same(&format!("-a {asked} --only-write-batch=nope/B s/ d/"));
    }
    for list in ["sha1", "md5", "xxh64 md5"] {
        let case = case.clone().env("RSYNC_CHECKSUM_LIST", list);
        case.same("-a --out-format=%C --write-batch=../B s/ d/");
    }
}

/// The files of a batch are opened before operands are looked at, and after the options were understood.
#[test]
fn what_comes_before_a_batch_is_opened() {
    let case = world([file("s/f", "x"), file("pw", "x")]);
    let refused = [
        "--password-file=pw",
        "--contimeout=3",
        "--files-from=a:b",
        "--iconv=bogus",
        "--stop-at=2001-01-01",
        "--confine-root=x",
        "--stop-at=2001-01-01 --confine-root=x",
        "-f bogus",
        "--exclude-from=nope",
    ];
    for options in refused {
        for batch in ["--write-batch=nope/B", "--only-write-batch=nope/B", "--read-batch=nope/B"] {
            case.clone().same(&format!("-a {options} {batch} s/ d"));
        }
    }
    case.clone().same_each(["--read-batch=s s/ d", "--password-file=- --read-batch=nope d"]);
    case.same_each(["--stop-at=2001-1-1 --bogus s/ d", "-f bogus --bogus s/ d"]);
}

/// A backup directory that is the destination by another path makes every file its own backup, of which nothing is
/// left.
#[test]
fn files_that_are_their_own_backups() {
    let case = world([
        file("s/l", "new"),
        file("s/sub/a", "new a"),
        symlink("s/k", "l"),
        file("d/l", "old"),
        file("d/sub/a", "a"),
        file("d/sub/ext", "ext"),
        symlink("d/k", "x"),
    ]);
    let options = ["-ai", "-ain", "-avv", "-ai --delay-updates", "-ai --delete", "-ai --suffix=~", "-rl"];
    for dir in ["../d", "../d/sub/..", "sub/../../d", "$TWIN/d"] {
        case.clone().same_each(options.map(|options| format!("{options} --backup-dir={dir} s/ d")));
    }
}

/// With `--insecure-links` it is no error that a directory of others cannot be opened up.
#[test]
fn directories_of_others_that_stay_closed() {
    for mode in [0o500, 0o555, 0o755] {
        let case = world([
            file("s/x/f", "f"),
            dir("s/w"),
            dir("d/x").mode(mode).owner(4242, 4242),
            dir("d/w").mode(mode).owner(4242, 4242),
            dir("d"),
        ]);
        let options = ["-r", "-rt", "-a", "-rn", "-rtO"];
        let both = options
            .iter()
            .flat_map(|options| ["", "--insecure-links"].map(|more| format!("{options} {more}")));
        case.as_user().same_each(both.map(|options| format!("{options} s/ d/")));
    }
    let top = world([dir("s").mode(0o600), file("s/f", "f"), dir("s/b")]);
    let options = ["-a", "-a --insecure-links", "-rlt --insecure-links"];
    top.clone().same_each(options.map(|options| format!("{options} --copy-as=nobody s/ d")));
    top.as_user().same_each(options.map(|options| format!("{options} s/ d")));
}

/// What rules show of names that operands spell out is told once more as their directory is read.
#[test]
fn names_of_operands_that_rules_show() {
    let case = world([file("s/a", "a"), file("s/q/f", "f"), file("s/b", "b"), dir("d")]);
    let operands = ["s/a", "s/q", "s/q/", "s/./a", "s/./q", "./s/a", "s/a s/q/f", "s/q/f"];
    for rule in
        ["--include=a", "--include=q/", "--include=s/", "--include=*", "-f -_b", "-f -_q", "-f +_/s/q/*"]
    {
        for more in ["", "--no-i-r"] {
            case.clone().same_each(operands.map(|names| format!("-aRvv {more} {rule} {names} d/")));
        }
        case.clone().same_each(operands.map(|names| format!("-avv {rule} {names} d/")));
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

/// A set-id file of others keeps its bits where its group cannot be changed, which is told as it is.
#[test]
fn set_id_files_of_others() {
    let files = [0o4755, 0o2755, 0o6711, 0o755].map(|mode| (mode, format!("f{mode:o}")));
    let entries = files.iter().flat_map(|(mode, name)| {
        [
            file(format!("s/{name}"), "x").mtime(1_400_000_000),
            file(format!("d/{name}"), "x").mtime(1_400_000_000).owner(4242, 4242).mode(*mode),
        ]
    });
    let case = world(entries.chain([dir("d")]));
    let options = ["-ai", "-ain", "-aii", "-rtgi", "-rtpi", "-aiH"];
    case.clone().as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    case.same_each(options.map(|options| format!("{options} s/ d/")));
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

/// A destination is made where names can be put, but none be listed.
#[test]
fn destinations_in_a_directory_that_cannot_be_listed() {
    for mode in [0o300, 0o333, 0o100, 0o500] {
        let case = world([file("s/f", "f"), file("s/sub/g", "g"), file("d/f", "old"), dir("d").mode(mode)]);
        let case = case.as_user();
        let operands = ["s/ d/x", "s/ d/x/", "s/f d/x", "s/f d/x/", "s d", "s/f d/f", "s/ d/x/y/"];
        let options = ["-rlti", "-rltin", "-rlti --mkpath"];
        case.same_each(options.iter().flat_map(|options| operands.map(|names| format!("{options} {names}"))));
    }
}

/// The source is listed before the destination is made, also what that is made in.
#[test]
fn what_the_destination_is_made_in_keeps_its_time() {
    let case = world([file("p/q/s/a", "a"), dir("p/q/other").mtime(2)]);
    case.same_each(
        [
            "-aR p/q/s p/q/d/",
            "-aR p/q/s/ p/d/",
            "-aR --mkpath p/q/s p/q/d/e/",
            "-aRi p/q/s/a p/q/d",
            "-aR p/q/s/ p/q/d -n",
        ]
        .map(String::from),
    );
}

/// A dry run comes upon the alternate file of a group's first name again in later directories.
#[test]
fn dry_runs_name_the_alternate_file_that_a_group_is_linked_to() {
    let names = ["s/b", "s/c", "s/d", "s/q/x", "s/q/y", "s/r/z"];
    let group = names.map(|name| hard(name, "s/a"));
    let case = world(group.into_iter().chain([
        file("s/a", "a"),
        file("one/a", "a"),
        file("two/c", "a"),
        hard("three/d", "three/c"),
        file("three/c", "a"),
        file("four/q/x", "a"),
    ]));
    let options = ["-naHi", "-naHii", "-naHi --no-i-r", "-aHi"];
    let each = |options: &str| {
        ["one", "two", "three", "four"].map(|alt| format!("{options} --link-dest=../{alt} s/ d/"))
    };
    case.clone().same_each(options.into_iter().flat_map(each));
    case.same("-naHi --copy-dest=../two s/ d/");
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
