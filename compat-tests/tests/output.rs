//! rsync(1), what is printed.

use compat_tests::rich::{Maker, rich};
use compat_tests::*;

/// Some of each kind of change, without hard links.
fn changes() -> Case {
    let old = 1_400_000_000;
    world([
        file("s/new", random(5, 5000)),
        file("s/size", "longer").mtime(old + 5),
        file("d/size", "x").mtime(old),
        file("s/mode", "x").mtime(old).mode(0o600),
        file("d/mode", "x").mtime(old),
        file("s/time", "x").mtime(old + 5),
        file("d/time", "x").mtime(old),
        file("s/same", "x").mtime(old),
        file("d/same", "x").mtime(old),
        file("d/gone", "x"),
        file("d/gonedir/gone", "x"),
        file("s/sub/deep/f", "x"),
        dir("s/sub/empty"),
        symlink("s/link", "new"),
        symlink("s/changed", "new"),
        symlink("d/changed", "old"),
        fifo("s/fifo"),
        file("s/big", random(6, 400_000)),
    ])
}

const VERBOSITY: [&str; 14] = [
    "-a", "-av", "-avv", "-ai", "-aii", "-aiv", "-aiiv", "-aq", "-aqv", "-avq", "-aiq", "-ah", "-avh",
    "-aivv",
];

#[test]
fn s73_s75_names_and_itemized_changes() {
    for more in ["", "--delete", "-n", "-n --delete"] {
        changes().same_each(VERBOSITY.map(|options| format!("{options} {more} s/ d/")));
    }
    changes().same_each(VERBOSITY.map(|options| format!("{options} s new/")));
    changes().same_each(["-av s/new s/size new", "-av s/new new2", "-ai s/new new2", "-av s/new s/size d"]);
}

#[test]
fn s85_a_dry_run_prints_the_same() {
    let rich = Case::new(rich(Maker::Root).below("s"));
    rich.clone().same_each([
        "-ain s/ d/",
        "-aHAXin s/ d/",
        "-avn s d",
        "-an --stats s/ d/",
        "-n s/ d/",
        "-rn s/ d/",
    ]);
    changes().same_each([
        "-ain --delete s/ d/",
        "-aiin --delete s/ d/",
        "-avn --delete s/ d/",
        "-an --stats --delete s/ d/",
    ]);
}

#[test]
fn s77_stats() {
    for more in ["", "-h", "-hh", "--no-h", "-v", "-i", "-n", "--delete", "-q", "-H", "-c", "-I"] {
        changes().same_each([format!("-a --stats {more} s/ d/"), format!("-r --stats {more} s/ new/")]);
    }
    changes().same("-a --stats --no-W s/ d/");
    let rich = Case::new(rich(Maker::Root).below("s"));
    rich.clone().run("-aH --stats s/ d/").run("-aH --stats s/ d/").check();
    rich.as_user().same_each(["-a --stats s/ d/", "-av --stats s/ d/"]);
}

#[test]
fn s78_human_readable_numbers() {
    let case =
        world([file("s/a", random(1, 1_234_567)), file("s/b", random(2, 999)), file("s/c", random(3, 1023))]);
    for human in ["", "-h", "-hh", "-hhh", "--no-h", "--human-readable"] {
        case.clone().same_each([
            format!("-a --stats {human} s/ d/"),
            format!("-a {human} --out-format='%l %n' s/ d/"),
            format!("-av {human} s/ d/"),
            format!("-a --progress {human} s/ d/"),
        ]);
    }
}

#[test]
fn s74_out_format() {
    for format in [
        "%n",
        "%i %n%L",
        "%f",
        "%l",
        "%M",
        "%o %n",
        "%U %G %n",
        "%B %n",
        "[%n]",
        "%%",
        "%L",
        "%10n|%-10n|%010l",
        "%m",
        "%q %n",
        "plain",
        "%i",
        "%n %i %l %M",
        "100% %n",
        "%t",
        "%a %h %u",
        "",
    ] {
        changes().same_each([
            format!("-a --out-format='{format}' s/ d/"),
            format!("-a --delete --out-format='{format}' s/ d/"),
            format!("-an --out-format='{format}' s d/"),
        ]);
    }
    // Apostrophes choose the style of numbers.
    check_all(["%'l %n", "%''l %n", "%'10l|"].map(|format| {
        changes().run_args(["-a".to_owned(), format!("--out-format={format}"), "s/".into(), "d/".into()])
    }));
    changes().same_each([
        "-ai --out-format=%n s/ d/",
        "-av --out-format=%n s/ d/",
        "-aq --out-format=%n s/ d/",
        "-aii --out-format=%n s/ d/",
        "-a --log-format=%n s/ d/",
        "-aiv --out-format='%i|%n' --stats s/ d/",
        "-aR --out-format='%f %n' s/sub d/",
        "-a --out-format='%f %n' s/sub/deep s/new d/",
        "-aH --out-format=%n%L s/ d/",
    ]);
}

#[test]
fn s74_every_escape_with_widths_and_apostrophes() {
    // Not the number of the process, nor the time of day.
    let escapes = "aAbBcCfGhiIlLmMnoPUuzZ%".chars().map(|letter| {
        let forms = ["", "12", "-12", "012", "''", "'10", "10'"];
        let all: Vec<String> = forms.iter().map(|form| format!("<%{form}{letter}>")).collect();
        changes().run_args([
            "-a".to_owned(),
            "--delete".to_owned(),
            format!("--out-format={} %n", all.concat()),
            "s/".into(),
            "d/".into(),
        ])
    });
    check_all(escapes);
    changes().same_each(["-a --out-format='%-n %--5n %5' s/ d/", "-a --out-format='%' s/ d/"]);
}

#[test]
fn checksums_are_those_chosen() {
    let choices = [
        "md5",
        "md4",
        "sha1",
        "xxh64",
        "xxh3",
        "xxh128",
        "xxhash",
        "none",
        "auto",
        "MD5",
        "md5,sha1",
        "none,md5",
        "auto,md4",
        "md4,auto",
        "auto,auto",
        "md5,bogus",
        "bogus",
    ];
    for how in ["-a", "-ac"] {
        let fine = choices.into_iter().filter(|choice| how == "-a" || *choice != "none");
        changes().same_each(fine.map(|choice| format!("{how} --cc={choice} '--out-format=%C %n' s/ d/")));
    }
    for seed in ["0", "1", "-5", "32761", "99999999999", "abc"] {
        changes().same_each([format!("-ac --checksum-seed={seed} '--out-format=%C %n' s/ d/")]);
    }
}

#[test]
fn s76_info() {
    for info in
        ["name", "name2", "del", "stats", "stats2", "flist", "skip", "nonreg", "none", "all", "name0", "misc"]
    {
        changes()
            .same_each([format!("-a --delete --info={info} s/ d/"), format!("-r --info={info} s/ new/")]);
    }
    changes().same_each([
        "-av --info=none s/ d/",
        "-av --info=flist0 s/ d/",
        "-a --info=name,del --delete s/ d/",
    ]);
}

#[test]
fn s76_what_is_skipped_and_kept_is_told() {
    let case = || changes().also([fifo("d/new"), symlink("d/link", "new").mtime(5)]);
    case().same_each(
        ["-a", "-ac", "-a --size-only", "-aI", "-rt", "-a --existing", "-an"]
            .map(|form| format!("{form} --ignore-existing --info=skip2 s/ d/")),
    );
    for backup in [
        "-b",
        "-b --inplace",
        "-b --inplace --no-W",
        "-b --backup-dir=../bk",
        "--backup-dir=bk --suffix=.old",
    ] {
        for how in ["--info=backup", "-vv", "--info=backup --delete-after"] {
            case().same_each([format!("-a --delete --force {backup} {how} s/ d/")]);
        }
    }
    case().same_each([
        "-a --list-only --stats s/",
        "-r --list-only --stats s/new s/sub",
        "-a --list-only --stats s",
    ]);
}

#[test]
fn s81_names_are_escaped() {
    let names: [&[u8]; 9] = [
        b"nl\nx",
        b"tab\tx",
        b"\x01\x1f",
        b"high\xff",
        "caf\u{e9}".as_bytes(),
        b"back\\slash",
        b"\\#012",
        b"\x7f",
        b"sp ace",
    ];
    let mut tree = Tree::default();
    for name in names {
        tree.insert(file([b"s/", name].concat(), "x"));
        tree.insert(symlink([b"s/l", name].concat(), name));
        tree.insert(file([b"d/gone", name].concat(), "x"));
        tree.insert(dir([b"s/d", name].concat()));
    }
    let case = Case::new(tree);
    case.clone().same_each([
        "-ai --delete s/ d/",
        "-av --delete s/ d/",
        "-a --out-format='%n %L %f' s/ d/",
        "-a8i s/ d/",
    ]);
    case.same_each(["-ri s/ d/", "-a --progress s/ d/", "-a8v --delete s/ d/"]);
}

#[test]
fn s13_order_of_names() {
    let mut tree = tree([dir("s/empty")]);
    for name in
        ["foo-bar/x", "foo.d/x", "foo/x", "foo0/x", "foo", "a/b/c", "a/b.c", "a-b", "B", "_", "zz", "\u{e9}"]
    {
        if name != "foo" {
            tree.insert(file(format!("s/{name}"), "x"));
        }
    }
    for name in ["file", "foo-file", "foo.file", "a.file", "a!file"] {
        tree.insert(file(format!("s/{name}"), "x"));
    }
    let case = Case::new(tree);
    case.clone().same_each([
        "-ai s/ d/",
        "-av s/ d/",
        "-ai s d/",
        "-ai --delete-before s/ d/",
        "-aRi s d/",
        "-rv s/ d/",
    ]);
    case.same_each(["-ai s/foo s/a s/file d/", "-ai s/zz s/B s/a-b s/_ d/", "-ai s/foo/ s/a/ s/file d/"]);
}

#[test]
fn s4_created_directory() {
    let case = world([file("s/f", "x")]);
    case.same_each([
        "-a s/ d/",
        "-av s/ d/",
        "-ai s d/",
        "-an s/ d/",
        "-a --progress s/ d",
        "-a --stats s/ d/",
        "-aq s/ d/",
        "-a --out-format=%n s/ d/",
        "-av s/f d/",
        "-a --info=name s/ d/",
        "-ai s/f d",
    ]);
}

/// Lines of the receiving side have the name at the destination.
#[test]
fn a_new_name_in_lines_of_the_destination() {
    let same = [file("s/f", "1"), symlink("s/l", "f"), fifo("s/p"), file("old", "22").mtime(900_000_000)];
    let case = world(same).also([
        file("nf", "1"),
        symlink("nl", "f"),
        fifo("np"),
        file("new", "2").mtime(1_500_000_000),
    ]);
    case.same_each([
        "-avv s/f nf",
        "-aii s/f nf",
        "-avv s/l nl",
        "-avv s/p np",
        "-avv --chmod=600 s/f nf",
        "-av --chmod=600 s/f nf",
        "-avv --ignore-existing s/f old",
        "-a --info=skip2 --ignore-existing s/f old",
        "-avv --existing s/f nowhere",
        "-avvu s/f new",
        "-avv -b s/f old",
        "-avv --max-size=0 s/f old",
    ]);
}

/// The line of the top shows the source's mode; the line on deltas goes with `--debug=flist`.
#[test]
fn what_the_source_says_of_the_top() {
    world([file("s/f", "x"), dir("s").mode(0o757).owner(5, 6), dir("d")]).umask(0o077).same_each([
        "-r '--out-format=%i %B %U %G %n' s/ d",
        "-a '--out-format=%i %B %U %G %n' s/ d",
        "-r --chmod=D700 '--out-format=%i %B %n' s/ d",
        "-vv --debug=none -r s/ d",
        "-v --debug=flist s/f d",
    ]);
}

#[test]
fn s79_progress() {
    changes().same_each([
        "-a --progress s/ d/",
        "-av --progress s/ d/",
        "-ai --progress s/ d/",
        "-an --progress s/ d/",
        "-a --progress s/new new",
        "-aP s/ d/",
        "-a --progress --delete s/ d/",
        "-aq --progress s/ d/",
        "-a --progress -h s/ d/",
        "-r --progress s/ d/",
    ]);
    // Files that are left alone count as done.
    for skip in ["--ignore-existing", "--existing", "-u", "--max-size=2", "--size-only", "-n", "-H"] {
        changes().same_each([format!("-ai --progress {skip} s/ d/")]);
    }
    changes().same_each([
        "-a --info=progress2 s/ d/",
        "-an --info=progress2 s/ d/",
        "-ai --info=progress2 s/new new",
        "-a --info=progress2 s/big new",
        "-a --info=progress s/new new",
        "-a --info=progress s/ d/",
        "-a --progress --no-i-r s/ d/",
        "-a --progress -m s/ d/",
        "-a --progress --delete-before s/ d/",
        "-a --info=all -m s/ d/",
        "-a --info=flist2 --no-i-r s/ d/",
        "-an --info=flist2 --delete-after s/ d/",
    ]);
    // A line that can only be said afterwards.
    for form in [
        "--progress",
        "-vP",
        "-n --progress",
        "--info=progress",
        "--info=progress2",
        "-i --info=progress,name",
    ] {
        changes().same_each([format!("-a {form} --out-format='%o %n %b' s/ d/")]);
    }
}

#[test]
fn s77_owners_are_those_of_the_source() {
    let case = world([
        file("s/f", "x").owner(1000, 1001).mtime(5),
        dir("s/sub").owner(1000, 1001),
        file("s/sub/g", "x").owner(1002, 1001),
        dir("d"),
    ]);
    let maps = ["-a --chown=7:8", "-a --usermap=1000:5 --groupmap=*:9", "-an --chown=7:8", "-rt --chown=7:8"];
    case.same_each(maps.map(|with| format!("{with} --out-format='%U %G %n %i' s/ d/")));
}
