//! The locale (locale(7)): how numbers are written and read, and which bytes of names are printable.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use compat_tests::*;

/// Language, and character set.
const LOCALES: [(&str, &str); 5] = [
    ("de_DE", "UTF-8"),
    ("de_DE", "ISO-8859-1"),
    ("ru_RU", "KOI8-R"),
    // Its decimal point is neither a point nor a comma.
    ("ps_AF", "UTF-8"),
    ("en_US", "UTF-8"),
];

/// Where locales are that no machine has to have.
static COMPILED: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("locales");
    std::fs::create_dir_all(&dir).unwrap();
    for (language, charset) in LOCALES {
        let made = Command::new("localedef")
            .args(["-i", language, "-f", charset])
            .arg(dir.join(format!("{language}.{charset}")))
            .status();
        assert!(made.unwrap().success(), "{language}.{charset} (Debian package locales)");
    }
    dir
});

/// The case in each of the locales.
fn everywhere(case: &Case) -> impl Iterator<Item = Case> {
    let names = LOCALES.map(|(language, charset)| format!("{language}.{charset}"));
    names.into_iter().map(|name| {
        let case = case.clone().env("LOCPATH", COMPILED.to_str().unwrap());
        case.env("LC_ALL", &name)
    })
}

fn sizes() -> Case {
    let sizes = [0, 5, 512, 1000, 1024, 1500, 1536, 5_000, 1_234_567];
    world(sizes.map(|size| file(format!("s/{size}"), random(1, size)).mtime(1_400_000_000)))
}

/// A decimal comma makes points of the commas between thousands.
#[test]
fn numbers_are_written_as_in_the_locale() {
    for case in everywhere(&sizes()) {
        case.same_each([
            "-a --stats s/ d/",
            "-avh --stats s/ d/",
            "-avhh s/ d/",
            "-a --no-h --stats s/ d/",
            "--list-only s/",
            "--list-only -h s/",
            "-a --progress s/ d/",
            "-a --out-format=\"%l %'l %''l %'''l %14'l %n\" s/ d/",
            "-av --log-file=rsync.log s/ d/",
        ]);
    }
}

/// The same point is read in sizes. Behind another one decimals are read over.
#[test]
fn sizes_are_read_as_in_the_locale() {
    for case in everywhere(&sizes()) {
        let sizes = ["1.5k", "1,5k", "1.5kb", "1,5kb-1", ",5k", "0,001m", "1,5,5", "1.5,5", "1\u{66b}5k"];
        case.clone().same_each(sizes.map(|size| format!("-ai --max-size={size} s/ d/")));
        case.same_each([
            "-ai --max-alloc=1,5k s/ d/",
            "-ai --block-size=0,2m s/ d/",
            "-ai --bwlimit=0,1 s/ d/",
            "-ai --min-size=1,5 s/ d/",
        ]);
    }
}

/// What the character set knows is printed as it is, but for the first words of a run and those that the receiving side
/// says itself, which go by single bytes.
#[test]
fn names_are_printed_as_in_the_locale() {
    let names: [&[u8]; 5] =
        [b"gr\xfcn", "gr\u{fc}n".as_bytes(), b"ctrl\x81\x9f", b"bell\x07\xe4", b"tab\t\xff"];
    let case = world(names.map(|name| file([b"s/", name].concat(), "x").mtime(1_400_000_000)));
    for case in everywhere(&case) {
        case.same_each([
            "-ai s/ d/",
            "-ai -8 s/ d/",
            "s/",
            "-ai --exclude=b\u{e4}* -vv s/ d/",
            "-ai s/n\u{f6}pe d/",
            "-ai s/ n\u{f6}/\u{f6}/d/",
            "-ai --n\u{f6}pe s/ d/",
            "-ai -8 --n\u{f6}pe s/ d/",
            "-ai --filter=\u{e4} s/ d/",
            "-ai --exclude-from=n\u{f6} s/ d/",
            "-ai --files-from=n\u{f6} s/ d/",
            "-ai --log-file=n\u{f6}/log s/ d/",
            "-ai --read-batch=n\u{f6} d/",
            "-ai --temp-dir=n\u{f6} s/ d/",
        ]);
    }
}

/// Each category has a locale of its own, and one that is not installed has no say in the others.
#[test]
fn numbers_and_names_go_by_categories_of_their_own() {
    let case = sizes().also([file("s/gr\u{fc}n", "x").mtime(1_400_000_000)]);
    let case = case.env("LOCPATH", COMPILED.to_str().unwrap()).env("LC_ALL", "");
    let pairs =
        [("de_DE.UTF-8", "C"), ("C", "de_DE.UTF-8"), ("xx_XX", "de_DE.UTF-8"), ("de_DE.UTF-8", "xx_XX")];
    for (numeric, ctype) in pairs {
        let case = case.clone().env("LC_NUMERIC", numeric).env("LC_CTYPE", ctype);
        case.same_each(["-av --stats s/ d/", "--list-only s/"]);
    }
}

/// With `--stderr=all` the receiving side writes for itself, and knows no character set.
#[test]
fn names_that_the_receiving_side_writes_for_itself() {
    let case = world([
        file("s/fü", "f"),
        file("s/dü/gü", "g"),
        symlink("s/lü", "fü"),
        fifo("s/pü"),
        file("d/fü", "f"),
        file("d/xü", "x"),
    ]);
    let options =
        ["-rlti", "-rtv", "-rt", "-rltvv", "-ai --delete", "-aHi", "-rL", "-au", "-a --ignore-existing -vv"];
    let stderr = ["all", "errors", "client"];
    let runs =
        options.iter().flat_map(|options| stderr.map(|mode| format!("{options} --stderr={mode} s/ d/")));
    let lists = stderr
        .iter()
        .flat_map(|mode| ["-r", "-a", "-rv"].map(|rest| format!("--list-only --stderr={mode} {rest} s/")));
    case.env("LC_ALL", "C.UTF-8").same_each(runs.chain(lists));
}
