//! Options that say what is printed.

use super::super::Stderr;
use super::super::conflicts::stderr_mode;
use super::super::draft::{Print, count, flag, text};
use super::super::resolve::listen;
use super::super::words::Topic;
use super::{Category, Row, State, Value};

#[cfg(test)]
use super::super::{OutBuf, Progress};
#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Output);

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "verbose",
        short: Some(b'v'),
        no: &["no-verbose", "no-v"],
        help: "say more",
        about: "Once: names and totals. Twice: also what is skipped, and why. Each step is a set of \\fB--info\\fR and \\fB--debug\\fR words.",
        set: |draft, item| count(&mut draft.verbose, item),
        ..FLAG
    },
    Row {
        long: "info",
        value: Value::Text("FLAGS"),
        help: "say more or less about this or that",
        about: "Words with commas between and a level behind, such as \\fBname2,stats0\\fR; they go before what \\fB-v\\fR implies. \\fB--info=help\\fR lists them.",
        set: |draft, item| listen(draft, Topic::Info, item.text()),
        ..FLAG
    },
    Row {
        long: "debug",
        value: Value::Text("FLAGS"),
        help: "say more about what goes on inside",
        about: "As \\fB--info\\fR. All of rsync's words are accepted; most of them are about its own insides and print nothing here.",
        set: |draft, item| listen(draft, Topic::Debug, item.text()),
        ..FLAG
    },
    Row {
        long: "stderr",
        value: Value::Words("e|a|c", &["errors", "all", "client"]),
        help: "what goes to standard error: errors or all",
        about: "\\fBall\\fR sends informational lines there too; with \\fBclient\\fR names in errors of the receiving side are printed as the locale allows; otherwise bytes that are not ASCII are escaped there unless \\fB-8\\fR is given.",
        set: |draft, item| {
            draft.options.output.stderr = stderr_mode(item.text())?;
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "msgs2stderr",
        no: &["no-msgs2stderr"],
        about: "The old way to write \\fB--stderr=all\\fR; the \\fB--no-\\fR form is \\fB--stderr=client\\fR.",
        set: |draft, item| {
            let mut all = false;
            flag(&mut all, item)?;
            draft.options.output.stderr = if all { Stderr::All } else { Stderr::Client };
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "quiet",
        short: Some(b'q'),
        help: "print errors only",
        about: "Wins over everything that asks for output.",
        set: |draft, item| flag(&mut draft.options.output.quiet, item),
        ..FLAG
    },
    Row {
        long: "itemize-changes",
        short: Some(b'i'),
        no: &["no-itemize-changes", "no-i"],
        help: "a line with eleven letters for each change",
        about: "Twice: for unchanged entries too. See \\fBOUTPUT\\fR.",
        set: |draft, item| count(&mut draft.itemize, item),
        ..FLAG
    },
    Row {
        long: "out-format",
        alias: &["log-format"],
        value: Value::Text("FORMAT"),
        help: "the line for each change",
        about: "See \\fBOUTPUT\\fR for the escapes. Wins over \\fB-i\\fR.",
        set: |draft, item| text(&mut draft.options.output.out_format, item),
        ..FLAG
    },
    Row {
        long: "log-file",
        value: Value::File("FILE"),
        help: "write a log to FILE",
        about: "A file that cannot be opened is only a warning.",
        set: |draft, item| text(&mut draft.options.output.log_file, item),
        ..FLAG
    },
    Row {
        long: "log-file-format",
        value: Value::Text("FMT"),
        help: "the log's line for each change",
        about: "\\fB%i %n%L\\fR unless given; empty for none.",
        set: |draft, item| text(&mut draft.options.output.log_file_format, item),
        ..FLAG
    },
    Row {
        long: "stats",
        help: "totals at the end",
        about: "Numbers of files, bytes and seconds.",
        set: |draft, item| flag(&mut draft.options.output.stats, item),
        ..FLAG
    },
    Row {
        long: "human-readable",
        short: Some(b'h'),
        no: &["no-human-readable", "no-h"],
        help: "numbers with K, M, G; -hh in powers of 1024",
        about: "By default numbers have commas; \\fB--no-h\\fR writes digits only, \\fB-h\\fR units of 1000 and \\fB-hh\\fR of 1024. Alone on the command line \\fB-h\\fR is \\fB--help\\fR.",
        set: |draft, item| {
            let human = &mut draft.options.output.human;
            *human = if item.on() { (*human + 1).min(3) } else { 0 };
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "progress",
        no: &["no-progress"],
        help: "show progress of each file",
        about: "Prints names too. \\fB--info=progress2\\fR shows the whole run's progress on one line.",
        set: |draft, item| flag(&mut draft.progress, item),
        ..FLAG
    },
    Row {
        long: "8-bit-output",
        short: Some(b'8'),
        no: &["no-8-bit-output", "no-8"],
        help: "print bytes above 127 as they are",
        about: "Otherwise those that are not valid in the locale are printed as \\fB\\\\#ooo\\fR.",
        set: |draft, item| flag(&mut draft.options.output.eight_bit, item),
        ..FLAG
    },
    Row {
        long: "list-only",
        help: "list instead of copying",
        about: "Also what happens when there is only one operand.",
        set: |draft, item| flag(&mut draft.options.output.list_only, item),
        ..FLAG
    },
    Row {
        long: "outbuf",
        value: Value::Words("N|L|B", &["none", "line", "block"]),
        help: "buffer output not at all, by line or by block",
        about: "By line unless standard output is not a terminal.",
        set: |draft, item| text(&mut draft.outbuf, item),
        ..FLAG
    },
    Row {
        long: "motd",
        no: &["no-motd"],
        lines: &[("--no-motd", "do not show a daemon's greeting")],
        about: "Only daemons have one.",
        state: State::Remote,
        ..FLAG
    },
    Row {
        long: "version",
        short: Some(b'V'),
        help: "print version and capabilities",
        about: "Twice: as JSON.",
        set: |draft, item| count(&mut draft.versions, item),
        ..FLAG
    },
    Row {
        long: "help",
        lines: &[("--help, -h (*)", "print this (* -h only on its own)")],
        about: "Prints the options, one line each.",
        set: |draft, _| {
            draft.print = Some(Print::Help);
            Ok(())
        },
        ..FLAG
    },
];

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    (
        "--verbose",
        &["-vv"],
        Expect::On(|o| o.output.verbose == 2 && o.output.info.skip == 1 && o.output.debug.filter == 1),
    ),
    ("--info", &["--info=name2"], Expect::On(|o| o.output.info.name == 2 && o.output.out_format.is_some())),
    ("--debug", &["--debug=del3"], Expect::On(|o| o.output.debug.del == 3)),
    ("--stderr", &["--stderr=al"], Expect::On(|o| o.output.stderr == Stderr::All)),
    ("--msgs2stderr", &["--msgs2stderr"], Expect::On(|o| o.output.stderr == Stderr::All)),
    (
        "--quiet",
        &["-v", "-q"],
        Expect::On(|o| {
            o.output.quiet
                && o.output.verbose == 0
                && o.output.out_format.is_none()
                && o.output.info.nonreg == 0
        }),
    ),
    (
        "--itemize-changes",
        &["-ii"],
        Expect::On(|o| o.output.itemize == 2 && o.output.out_format.as_deref() == Some(b"%i %n%L")),
    ),
    (
        "--out-format",
        &["-i", "--log-format=%n"],
        Expect::On(|o| o.output.itemize == 0 && o.output.out_format.as_deref() == Some(b"%n")),
    ),
    ("--log-file", &["--log-file=x"], Expect::On(|o| o.output.log_file.as_deref() == Some(b"x"))),
    (
        "--log-file-format",
        &["--log-file-format=%i"],
        Expect::On(|o| o.output.log_file_format.as_deref() == Some(b"%i")),
    ),
    ("--stats", &["--stats"], Expect::On(|o| o.output.stats && o.output.info.stats == 2)),
    ("--human-readable", &["-hh"], Expect::On(|o| o.output.human == 3)),
    (
        "--progress",
        &["--progress"],
        Expect::On(|o| {
            o.output.progress == Progress::PerFile && o.output.info.flist == 2 && o.output.info.name == 1
        }),
    ),
    ("--8-bit-output", &["-8"], Expect::On(|o| o.output.eight_bit)),
    ("--list-only", &["--list-only"], Expect::On(|o| o.output.list_only)),
    ("--outbuf", &["--outbuf=unbuffered"], Expect::On(|o| o.output.outbuf == Some(OutBuf::None))),
    ("--motd", &["--no-motd"], Expect::Nothing),
    ("--version", &["-VV"], Expect::Print("{\n  \"program\": \"rsync\"")),
    ("--help", &["--help"], Expect::Print("rsync  version 3.5.0  protocol version 32\n")),
];
