//! What a program printed, made comparable: what rsync cannot help but vary is taken out, the rest must agree.
//!
//! - Byte counts and rates depend on rsync's wire protocol, times on the clock: replaced by `#`.
//! - rsync's processes print some lines in no fixed order against the others: compared as a set.
//! - rsync's first line, where it breaks in two: put together again.
//! - The help text is ours to write: only that it was printed counts.
//! - Errors end in a position in rsync's source: cut off. Lines that only say that another of its processes died
//!   are left out.

use crate::program::Outcome;
use regex::bytes::{Regex, RegexSet};
use std::path::Path;
use std::sync::LazyLock;

/// How lines of standard output are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// In rsync's order, except for the lines that rsync orders loosely.
    AsRsync,
    /// Every line in its place, those of standard error too.
    Exact,
    /// The same of both streams in one.
    Together,
    /// As a set: hard links are reported as they are completed.
    Any,
}

/// The order that these arguments allow: hard links are reported as they are completed, and from `-vv` on rsync's
/// generator prints names of its own beside those of the files sent.
pub fn order_of<'a>(args: impl Iterator<Item = &'a [u8]>) -> Order {
    let mut verbosity = 0;
    for arg in args {
        let bundle = arg.starts_with(b"-") && !arg.starts_with(b"--");
        verbosity += if bundle { arg.iter().filter(|letter| **letter == b'v').count() } else { 0 };
        let both = [&b"--hard-links"[..], b"--info=name2", b"--info=all"].contains(&arg);
        if both || bundle && arg.contains(&b'H') || verbosity > 1 {
            return Order::Any;
        }
    }
    Order::AsRsync
}

/// Output without what may vary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparable {
    /// Exit status.
    pub code: i32,
    /// Lines of standard output whose order is fixed.
    pub ordered: Vec<String>,
    /// Lines of standard output whose order is not, sorted.
    pub loose: Vec<String>,
    /// Lines of standard error, sorted.
    pub errors: Vec<String>,
    /// Lines of the log file, sorted, since several processes write them.
    pub logged: Vec<String>,
}

const LOOSE: &[&str] = &[
    r"^backed up ",
    r"^sender removed ",
    r"^rsync: \[generator\] link ",
    r"^\*deleting ",
    r"^deleting ",
    r"^skipping (non-regular file|directory) ",
    r"^copying unsafe symlink ",
    r"^ignoring unsafe symlink ",
    r"^created directory ",
    r"^created \d+ director",
    r"^cannot delete (non-empty directory|mount point)",
    r"^could not make way for ",
    r"^IO error encountered",
    r"^not creating new ",
    r" is (uptodate|newer|over max-size|under min-size)$",
    r" exists( \(.*\))?$",
    r"^\[(sender|generator|receiver)\] ",
    r"^(delta-transmission|total: matches)",
    r"^Deletions stopped",
    r"^removing duplicate name ",
];

/// The line that is begun while the list is made; under `--progress` it is drawn, and hangs on the moment.
const LIST_IS_MADE: &[u8] = b"building file list ... done\n";

static LOOSE_LINES: LazyLock<RegexSet> = LazyLock::new(|| RegexSet::new(LOOSE).expect("valid patterns"));

const REPLACED: &[(&str, &str)] = &[
    (
        r"\bsent [\d.,٫KMGT]+ bytes  received [\d.,٫KMGT]+ bytes  [\d.,٫KMGT]+ bytes/sec",
        "sent # bytes  received # bytes  # bytes/sec",
    ),
    (r"sent \d+ bytes  received \d+ bytes  total size", "sent # bytes  received # bytes  total size"),
    (r"speedup is [\d.,٫KMGT]+", "speedup is #"),
    (r"(^|\] )(File list size|Total bytes sent|Total bytes received): .*", "$1$2: #"),
    (r"(^|\] )(File list (generation|transfer) time): [\d.,٫]+ seconds$", "$1$2: # seconds"),
    (r"^ *([\d.,٫KMGT]+) +\d+% +[\d.,٫]+[kMGT]B/s +\d+:\d\d:\d\d", "$1 # bytes per second"),
    (r"(to|ir)-chk=", "chk="),
    (r"\[\d+\]", "[#]"),
    // Of today; what trees have is older.
    (r"20(2[6-9]|[3-9]\d)/\d\d/\d\d[- ]\d\d:\d\d:\d\d", "TIME"),
];

static REPLACEMENTS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(REPLACED));

const ERRORS_REPLACED: &[(&str, &str)] = &[
    (r" at [a-z_]+\.c\(\d+\) \[[A-Za-z]+=[^\]]*\]$", ""),
    (r"/\.([^/]*)\.[A-Za-z0-9]{6}(\x22|$| )", "/.$1.XXXXXX$2"),
    (r"xacl_set\(([^,]*/)?\.([^/,]*)\.[A-Za-z0-9]{6},", "xacl_set($1.$2.XXXXXX,"),
    // A link or device under its hidden name.
    (r"/\.([^/]*)\.\d+(\x22)", "/.$1.PID$2"),
    (r"^rsync: \[[A-Za-z]+\] ", "rsync: [#] "),
];

static ERROR_REPLACEMENTS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(ERRORS_REPLACED));

static OTHER_PROCESS: LazyLock<Regex> = LazyLock::new(|| {
    let text = r"^rsync: (\[#\] )?(connection unexpectedly closed|write error: Broken pipe|read error: Connection reset)";
    Regex::new(text).expect("a valid pattern")
});

static HEAP_HEADING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^rsync\[\d+\] \(.*\) heap statistics:$").expect("a valid pattern"));

fn compiled(list: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
    list.iter().map(|(pattern, new)| (Regex::new(pattern).expect("a valid pattern"), *new)).collect()
}

impl Comparable {
    /// Without the lines of `--info=progress2` but for the last: it is drawn at the end of each list, and what was drawn
    /// stays where another line comes just then.
    pub fn drop_overall_progress(&mut self) {
        let is_drawn = |line: &String| line.contains("# bytes per second (xfr#");
        let last = self.ordered.iter().rfind(|line| is_drawn(line)).cloned();
        self.ordered.retain(|line| !is_drawn(line));
        self.loose.retain(|line| !is_drawn(line));
        self.ordered.extend(last);
    }
}

/// Takes out what may vary; `twin` is the directory the program ran in.
pub fn comparable(outcome: &Outcome, twin: &Path, order: Order) -> Comparable {
    let (mut ordered, mut loose) = (Vec::new(), Vec::new());
    let mut stdout = without_heap(lines(&outcome.stdout, twin));
    if order == Order::Together {
        stdout.iter_mut().for_each(|line| *line = replaced(line, &ERROR_REPLACEMENTS));
        stdout.retain(|line| !OTHER_PROCESS.is_match(line));
    }
    if order == Order::Any {
        mend_first_line(&mut stdout);
    }
    for line in stdout {
        let line = replaced(after_last_return(&line), &REPLACEMENTS);
        let is_loose = match order {
            Order::Exact | Order::Together => false,
            Order::AsRsync => LOOSE_LINES.is_match(&line),
            Order::Any => true,
        };
        if is_loose { &mut loose } else { &mut ordered }.push(shown(&line));
    }
    let mut errors: Vec<Vec<u8>> =
        lines(&outcome.stderr, twin).iter().map(|line| replaced(line, &ERROR_REPLACEMENTS)).collect();
    // --stderr=all sends everything there.
    errors.iter_mut().for_each(|line| *line = replaced(line, &REPLACEMENTS));
    let ends_a_line = errors.first().is_some_and(Vec::is_empty) && outcome.stdout.starts_with(LIST_IS_MADE);
    errors.retain(|line| !line.is_empty() && !OTHER_PROCESS.is_match(line));
    if errors.iter().any(|line| line.starts_with(b"Usage: ")) {
        errors.retain(|line| line.starts_with(b"rsync error: "));
        errors.push(b"(the help text)".to_vec());
    }
    errors.extend(ends_a_line.then(|| b"(an empty line)".to_vec()));
    // Said once for each attempt, or by each process, of which there is no telling how many get to it.
    let repeats = |line: &[u8]| {
        [
            &b"refusing to follow"[..],
            b"rsync error: ",
            b"iconv_open(",
            b"Invalid copy-as ",
            b"rsync: [#] setgroups failed",
            b"protocol version mismatch",
            b"(see the rsync manpage",
        ]
        .iter()
        .any(|begin| line.starts_with(begin))
    };
    if order == Order::Exact {
        ordered.extend(errors.drain(..).map(|line| format!("(stderr) {}", shown(&line))));
    }
    errors.sort();
    errors.dedup_by(|one, two| one == two && repeats(one));
    let own = format!("(code {})", outcome.code);
    errors.retain(|line| !line.starts_with(b"rsync error: ") || contains(line, own.as_bytes()));
    let mut errors: Vec<String> = errors.iter().map(|line| shown(line)).collect();
    loose.sort();
    errors.sort();
    let mut logged: Vec<String> = lines(&outcome.log, twin)
        .iter()
        .map(|line| shown(&replaced(&replaced(line, &REPLACEMENTS), &ERROR_REPLACEMENTS)))
        .collect();
    logged.sort();
    Comparable { code: outcome.code, ordered, loose, errors, logged }
}

/// rsync breaks its first line in two where it has something to say of a rule or a link while it lists the source.
fn mend_first_line(stdout: &mut Vec<Vec<u8>>) {
    const FIRST: &[u8] = b"building file list ... ";
    let Some(first) = stdout.iter().position(|line| line == FIRST) else { return };
    if let Some(done) = stdout.iter().skip(first).position(|line| line == b"done") {
        stdout.remove(first + done);
        stdout[first].extend_from_slice(b"done");
    }
}

fn lines(bytes: &[u8], twin: &Path) -> Vec<Vec<u8>> {
    let twin = regex::escape(&twin.to_string_lossy());
    let twin = Regex::new(&format!("(/?){}", twin.trim_start_matches('/'))).expect("an escaped pattern");
    let bytes = twin.replace_all(bytes, &b"$1$$TWIN"[..]);
    let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    lines
}

/// Without what rsync says of its allocator with `-vv --stats`: a heading after an empty line, and indented lines.
fn without_heap(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let is_heading = |line: Option<&Vec<u8>>| line.is_some_and(|line| HEAP_HEADING.is_match(line));
    let mut kept = Vec::new();
    let mut inside = false;
    for (at, line) in lines.iter().enumerate() {
        inside = is_heading(Some(line)) || inside && line.starts_with(b"  ");
        let before = line.is_empty() && is_heading(lines.get(at + 1));
        if !inside && !before {
            kept.push(line.clone());
        }
    }
    kept
}

/// Progress is drawn over and over on one line; what stays is what counts.
fn after_last_return(line: &[u8]) -> &[u8] {
    line.rsplit(|byte| *byte == b'\r').next().unwrap_or(line)
}

fn replaced(line: &[u8], replacements: &[(Regex, &str)]) -> Vec<u8> {
    replacements
        .iter()
        .fold(line.to_vec(), |line, (pattern, new)| pattern.replace_all(&line, new.as_bytes()).into_owned())
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

fn shown(line: &[u8]) -> String {
    let text = line.escape_ascii().to_string();
    text.replace("\\\"", "\"").replace("\\'", "'")
}

/// What differs, in words, one line each; empty if nothing does.
pub fn diff(reference: &Comparable, subject: &Comparable) -> Vec<String> {
    let mut lines = Vec::new();
    if reference.code != subject.code {
        lines.push(format!("exit status: {} / {}", reference.code, subject.code));
    }
    lines.extend(sequence_diff("stdout", &reference.ordered, &subject.ordered));
    lines.extend(set_diff("stdout (any order)", &reference.loose, &subject.loose));
    lines.extend(set_diff("stderr", &reference.errors, &subject.errors));
    lines.extend(set_diff("log", &reference.logged, &subject.logged));
    lines
}

fn sequence_diff(stream: &str, reference: &[String], subject: &[String]) -> Vec<String> {
    let sorted = |lines: &[String]| {
        let mut lines = lines.to_vec();
        lines.sort();
        lines
    };
    let lines = set_diff(stream, &sorted(reference), &sorted(subject));
    if !lines.is_empty() || reference == subject {
        return lines;
    }
    let first = reference.iter().zip(subject).find(|(one, two)| one != two);
    let (one, two) = first.expect("equal as sets, not in order");
    vec![format!("{stream}: same lines in another order; first: {one:?} / {two:?}")]
}

/// Both sorted; each line as often on one side as on the other.
fn set_diff(stream: &str, reference: &[String], subject: &[String]) -> Vec<String> {
    let (mut one, mut two) = (reference.iter().peekable(), subject.iter().peekable());
    let mut lines = Vec::new();
    loop {
        let side = match (one.peek(), two.peek()) {
            (None, None) => return lines,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(first), Some(second)) => first.cmp(second),
        };
        match side {
            std::cmp::Ordering::Less => {
                lines.extend(one.next().map(|line| format!("{stream}: missing line: {line}")))
            }
            std::cmp::Ordering::Greater => {
                lines.extend(two.next().map(|line| format!("{stream}: extra line: {line}")))
            }
            std::cmp::Ordering::Equal => {
                one.next();
                two.next();
            }
        }
    }
}
