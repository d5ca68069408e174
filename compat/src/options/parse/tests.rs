//! popt's rules, each as seen with rsync 3.5.0.

use super::super::help::CalledAs;
use super::*;

fn facts() -> Facts {
    Facts::bare(CalledAs::Rsync)
}

fn bytes(words: &[&str]) -> Vec<Bytes> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// Options as `name`, `no:name` or `name=value`, then operands.
fn told(words: &[&str], facts: &Facts) -> String {
    let args = parse(&bytes(words), facts);
    assert_eq!(args.end, End::Complete, "{words:?}");
    let items = args.items.iter().map(|item| {
        let sign = if item.on() { "" } else { "no:" };
        let value = match &item.value {
            Given::Nothing => String::new(),
            Given::Number(number) => format!("={number}"),
            Given::Text(text) => format!("={}", String::from_utf8_lossy(text)),
        };
        format!("{sign}{}{value}", item.row.name())
    });
    let operands = args.operands.iter().map(|operand| String::from_utf8_lossy(operand).into_owned());
    items.chain(operands).collect::<Vec<_>>().join(" ")
}

fn refused(words: &[&str]) -> String {
    match parse(&bytes(words), &facts()).end {
        End::Failed(error) => {
            assert_eq!(error.exit.code(), 1);
            String::from_utf8(error.text()).unwrap()
        }
        end => panic!("{words:?}: {end:?}"),
    }
}

#[test]
fn words_are_read_as_popt_reads_them() {
    let cases: &[(&[&str], &str)] = &[
        (&["-an", "s", "d"], "--archive --dry-run s d"),
        (&["s", "-r", "d", "-v"], "--recursive --verbose s d"),
        (&["-r", "--", "s", "-v", "--"], "--recursive s -v --"),
        (&["-", "d"], "- d"),
        (&["-aT/tmp"], "--archive --temp-dir=/tmp"),
        (&["-rT", "--", "s"], "--recursive --temp-dir=-- s"),
        (&["-rT=="], "--recursive --temp-dir=="),
        (&["-e=ssh"], "--rsh=ssh"),
        (&["-e", "=ssh"], "--rsh==ssh"),
        (&["-a@-1"], "--archive --modify-window=-1"),
        (&["-@=-1"], "--modify-window=-1"),
        (&["-@", "-1"], "--modify-window=-1"),
        (
            &["-archive", "d"],
            "--archive --recursive --checksum --human-readable --itemize-changes --verbose --rsh=d",
        ),
        (&["--exclude", "--delete"], "--exclude=--delete"),
        (&["--exclude=a=b"], "--exclude=a=b"),
        (&["--temp-dir="], "--temp-dir="),
        (&["--no-r", "--i-d", "--no-D"], "no:--recursive --implied-dirs no:-D"),
        (&["--max-delete=0x10"], "--max-delete=16"),
        (&["--max-delete=010"], "--max-delete=8"),
        (&["--max-delete="], "--max-delete=0"),
        (&["--max-delete= 5"], "--max-delete=5"),
        (&["--max-delete=+5"], "--max-delete=5"),
        (&["--max-delete=-2147483648"], "--max-delete=-2147483648"),
        (&["--help", "--verb"], "--help"),
    ];
    for (words, want) in cases {
        assert_eq!(told(words, &facts()), *want, "{words:?}");
    }
}

#[test]
fn posixly_correct_ends_options_at_the_first_operand() {
    let facts = Facts { posixly_correct: true, ..facts() };
    assert_eq!(told(&["-r", "s", "-v", "--", "d"], &facts), "--recursive s -v -- d");
}

#[test]
fn what_is_not_understood_is_refused_in_rsync_s_words() {
    let cases: &[(&[&str], &str)] = &[
        (&["--verb", "s"], "--verb: unknown option"),
        (&["-aj", "s"], "-aj: unknown option"),
        (&["--=x"], "--=x: unknown option"),
        (&["-=x"], "-=x: unknown option"),
        (&["--D"], "--D: unknown option"),
        (&["--no-P"], "--no-P: unknown option"),
        (&["--no-delete"], "--no-delete: unknown option"),
        (&["--delete=yes"], "--delete=yes: option does not take an argument"),
        (&["-n="], "-n=: option does not take an argument"),
        (&["-nr=x"], "-nr=x: option does not take an argument"),
        (&["--no-bwlimit=1"], "--no-bwlimit=1: option does not take an argument"),
        (&["--help=1"], "--help=1: option does not take an argument"),
        (&["-T"], "-T: missing argument"),
        (&["-rT"], "-rT: missing argument"),
        (&["s", "--exclude"], "--exclude: missing argument"),
        (&["--max-delete=x"], "--max-delete=x: invalid numeric value"),
        (&["--max-delete=1x"], "--max-delete=1x: invalid numeric value"),
        (&["--max-delete=5 "], "--max-delete=5 : invalid numeric value"),
        (&["--max-delete=0x"], "--max-delete=0x: invalid numeric value"),
        (&["--max-delete", "x"], "x: invalid numeric value"),
        (&["-rn@", "x"], "x: invalid numeric value"),
        (&["-@x"], "-@x: invalid numeric value"),
        (&["--zl=x"], "--zl=x: invalid numeric value"),
        (&["--max-delete=99999999999"], "--max-delete=99999999999: number too large or too small"),
        (&["--max-delete=3000000000"], "--max-delete=3000000000: number too large or too small"),
    ];
    for (words, want) in cases {
        let want = format!(
            "rsync: {want}\nrsync error: syntax or usage error (code 1) at main.c(1886) [client=3.5.0]\n"
        );
        assert_eq!(refused(words), want);
    }
}

#[test]
fn aliases_expand_as_in_popt() {
    let file = b"rsync alias --bk -a --delete -i\nrsync alias -Z -r -v\nrsync alias -a -a@-1\n\
        rsync alias --last --max-size\nrsync alias --two --bk --stats\nrsync alias --loop --loop -v\n\
        rsync alias --opts s/ d\n";
    let facts = Facts { popt_files: vec![file.to_vec()], ..facts() };
    let cases: &[(&[&str], &str)] = &[
        (&["-a"], "--archive --modify-window=-1"),
        (&["-an"], "--archive --modify-window=-1 --dry-run"),
        (&["-nZ"], "--dry-run --recursive --verbose"),
        (&["--bk=x", "d"], "--archive --modify-window=-1 --delete --itemize-changes x d"),
        (&["--last=1"], "--max-size=1"),
        (&["--last", "1"], "--max-size=1"),
        (&["--two"], "--archive --modify-window=-1 --delete --itemize-changes --stats"),
        (&["-r", "--opts"], "--recursive s/ d"),
    ];
    for (words, want) in cases {
        assert_eq!(told(words, &facts), *want, "{words:?}");
    }
    let End::Failed(error) = parse(&bytes(&["--loop"]), &facts).end else { panic!("an alias within itself") };
    assert!(error.text().starts_with(b"rsync: --loop: unknown option\n"));
}

#[test]
fn other_modes_end_the_reading() {
    for words in [&["--server", "--nonsense"][..], &["-v", "--daemon"], &["--config=x", "--daemon"]] {
        assert_eq!(parse(&bytes(words), &facts()).end, End::OtherMode, "{words:?}");
    }
}
