//! Options for other machines, the protocol and batches.

use super::super::charsets::halves;
use super::super::draft::{Draft, flag, text};
use super::super::error::UsageError;
use super::{Category, Row, State, Value};

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Remote);
const REMOTE: Row = Row { state: State::Remote, ..FLAG };

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "rsh",
        short: Some(b'e'),
        value: Value::Text("COMMAND"),
        help: "the remote shell",
        about: "The program that reaches the other machine.",
        ..REMOTE
    },
    Row {
        long: "rsync-path",
        value: Value::Text("PROGRAM"),
        help: "the rsync on the other machine",
        about: "The program to start there.",
        ..REMOTE
    },
    Row {
        long: "remote-option",
        short: Some(b'M'),
        value: Value::Text("OPT"),
        help: "an option for the other side only",
        about: "On one machine the other side is the receiving one: what is written, deleted and kept there goes by OPT, as do its messages. Options that only matter to the source have no effect, and one that both sides must agree on, such as \\fB-c\\fR, \\fB-o\\fR or \\fB-n\\fR, is refused, as is \\fB--copy-as\\fR.",
        set: |draft, item| far_side(draft, item.text()),
        ..FLAG
    },
    Row {
        long: "old-args",
        no: &["no-old-args"],
        help: "pass arguments to the remote shell as old rsyncs did",
        about: "Cannot go with \\fB--secluded-args\\fR.",
        set: |draft, item| flag(&mut draft.args.old, item),
        ..REMOTE
    },
    Row {
        long: "secluded-args",
        short: Some(b's'),
        alias: &["protect-args"],
        no: &["no-secluded-args", "no-protect-args", "no-s"],
        help: "keep arguments away from the remote shell",
        about: "They go through the protocol instead.",
        set: |draft, item| flag(&mut draft.args.secluded, item),
        ..REMOTE
    },
    Row {
        long: "trust-sender",
        help: "believe the other machine's file list",
        about: "Skips rsync's checks of what the other side sends.",
        ..REMOTE
    },
    Row {
        long: "address",
        value: Value::Text("ADDRESS"),
        help: "local address of the connection",
        about: "For daemons.",
        ..REMOTE
    },
    Row {
        long: "port",
        value: Value::Number("PORT"),
        help: "port of the daemon",
        about: "873 unless given.",
        ..REMOTE
    },
    Row {
        long: "sockopts",
        value: Value::Text("OPTIONS"),
        help: "options of the socket",
        about: "For those who tune networks.",
        ..REMOTE
    },
    Row {
        long: "contimeout",
        no: &["no-contimeout"],
        value: Value::Number("SECONDS"),
        help: "how long to wait for a daemon",
        about: "0 is no limit. More is an error on one machine, as with rsync.",
        set: |draft, item| {
            draft.connect_timeout = if item.on() { item.number() } else { 0 };
            Ok(())
        },
        ..REMOTE
    },
    Row {
        long: "blocking-io",
        no: &["no-blocking-io"],
        help: "blocking I/O towards the remote shell",
        about: "For shells that cannot do otherwise.",
        ..REMOTE
    },
    Row {
        long: "ipv4",
        short: Some(b'4'),
        help: "prefer IPv4",
        about: "For connections to daemons.",
        ..REMOTE
    },
    Row {
        long: "ipv6",
        short: Some(b'6'),
        help: "prefer IPv6",
        about: "For connections to daemons.",
        ..REMOTE
    },
    Row {
        long: "password-file",
        value: Value::File("FILE"),
        help: "read the daemon's password from FILE",
        about: "An error on one machine, as with rsync.",
        set: |draft, _| {
            draft.password_file = true;
            Ok(())
        },
        ..REMOTE
    },
    Row {
        long: "early-input",
        value: Value::File("FILE"),
        help: "send FILE to the daemon before anything else",
        about: "For a daemon's early exec.",
        ..REMOTE
    },
    Row {
        long: "protocol",
        value: Value::Number("NUM"),
        help: "speak an older protocol",
        about: "20 to 32. There is no protocol on one machine; but with one before 31 times are whole seconds, with one before 30 the whole list is made first, and one before 29 goes neither with \\fB--fuzzy\\fR nor with \\fB--prune-empty-dirs\\fR.",
        set: |draft, item| {
            draft.options.protocol = item.number();
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "iconv",
        no: &["no-iconv"],
        value: Value::Text("CONVERT_SPEC"),
        help: "convert the characters of file names",
        about: "LOCAL,REMOTE; on one machine the source is local and the destination remote.",
        set: |draft, item| {
            draft.iconv = Some(if item.on() { item.text().to_vec() } else { b"-".to_vec() });
            Ok(())
        },
        // There a dash is the name of a set like any other.
        far: Some(|draft, item| {
            draft.iconv =
                Some(if item.on() { [b",", halves(item.text()).1].concat() } else { b"-".to_vec() });
            Ok(())
        }),
        ..FLAG
    },
    Row {
        long: "write-batch",
        value: Value::File("FILE"),
        help: "record the run in FILE",
        about: "So that it can be repeated on another tree that is the same. \\fIFILE\\fR.sh is the command that does. The format is our own: rsync's batches are refused, as is ours by rsync.",
        set: |draft, item| {
            (draft.batch.writes, draft.batch.writes_only) = (true, false);
            text(&mut draft.batch.file, item)
        },
        ..FLAG
    },
    Row {
        long: "only-write-batch",
        value: Value::File("FILE"),
        help: "record the run without doing it",
        about: "As \\fB--write-batch\\fR, but the destination is left alone.",
        set: |draft, item| {
            (draft.batch.writes, draft.batch.writes_only) = (true, true);
            text(&mut draft.batch.file, item)
        },
        ..FLAG
    },
    Row {
        long: "read-batch",
        value: Value::File("FILE"),
        help: "repeat the run recorded in FILE",
        about: "Needs no source; \\fB-\\fR is standard input.",
        set: |draft, item| {
            draft.batch.reads = true;
            text(&mut draft.batch.file, item)
        },
        ..FLAG
    },
    Row { long: "server", about: "How rsync starts its other half; handed over to rsync.", ..REMOTE },
    Row { long: "sender", about: "Belongs to \\fB--server\\fR; on its own an error.", ..REMOTE },
    Row { long: "daemon", about: "Run as a daemon; handed over to rsync.", ..REMOTE },
    Row {
        long: "config",
        value: Value::File("FILE"),
        about: "Belongs to \\fB--daemon\\fR; on its own an error.",
        ..REMOTE
    },
    Row {
        long: "dparam",
        value: Value::Text("OVERRIDE"),
        about: "Belongs to \\fB--daemon\\fR; on its own an error.",
        ..REMOTE
    },
    Row {
        long: "detach",
        no: &["no-detach"],
        about: "Belongs to \\fB--daemon\\fR; on its own an error.",
        ..REMOTE
    },
];

/// `-M`: an option for the receiving side, which on one machine is the same program.
fn far_side(draft: &mut Draft, text: &[u8]) -> Result<(), UsageError> {
    if !text.starts_with(b"-") {
        return Err(UsageError::option([b"Remote option must start with a dash: ", text].concat()));
    }
    draft.remote.push(text.to_vec());
    Ok(())
}

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    ("--rsh", &["-e=ssh"], Expect::Nothing),
    ("--rsync-path", &["--rsync-path=x"], Expect::Nothing),
    ("--remote-option", &["-M", "x"], Expect::Error("rsync: Remote option must start with a dash: x")),
    ("--old-args", &["-s", "--old-args"], Expect::Error("rsync: --secluded-args conflicts with --old-args.")),
    ("--secluded-args", &["--protect-args"], Expect::Nothing),
    ("--trust-sender", &["--trust-sender"], Expect::Nothing),
    ("--address", &["--address=::"], Expect::Nothing),
    ("--port", &["--port=80"], Expect::Nothing),
    ("--sockopts", &["--sockopts=x"], Expect::Nothing),
    (
        "--contimeout",
        &["--contimeout=1"],
        Expect::Error("The --contimeout option may only be used when connecting to an rsync daemon."),
    ),
    ("--blocking-io", &["--blocking-io"], Expect::Nothing),
    ("--ipv4", &["-4"], Expect::Nothing),
    ("--ipv6", &["-6"], Expect::Nothing),
    (
        "--password-file",
        &["--password-file=x"],
        Expect::Error("The --password-file option may only be used when accessing an rsync daemon."),
    ),
    ("--early-input", &["--early-input=x"], Expect::Nothing),
    ("--protocol", &["--protocol=33"], Expect::Error("--protocol must be no more than 32 on the Server.")),
    ("--iconv", &["--iconv=utf8,latin1"], Expect::On(|o| o.charsets.is_some())),
    ("--write-batch", &["--write-batch=x"], Expect::On(|o| !o.write.whole_file)),
    ("--only-write-batch", &["--only-write-batch=x"], Expect::On(|o| !o.write.whole_file)),
    (
        "--read-batch",
        &["--write-batch=y", "--read-batch=x"],
        Expect::Error("rsync: --write-batch and --read-batch can not be used together"),
    ),
    ("--server", &["--server"], Expect::Remote),
    ("--sender", &["--sender"], Expect::Error("rsync  version 3.5.0  protocol version 32")),
    ("--daemon", &["--daemon"], Expect::Remote),
    ("--config", &["--config=x"], Expect::Error("Daemon option(s) used without --daemon.")),
    ("--dparam", &["--dparam=a=b"], Expect::Error("Daemon option(s) used without --daemon.")),
    ("--detach", &["--no-detach"], Expect::Error("Daemon option(s) used without --daemon.")),
];
