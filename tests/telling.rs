//! What rsync has no form for: `--json`, `--summary`, `--doctor`, `--bar` and the log.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_io-uring-sync");

fn tree() -> TempDir {
    let place = TempDir::new().unwrap();
    let source = place.path().join("s");
    fs::create_dir_all(source.join("sub")).unwrap();
    fs::write(source.join("a"), "one").unwrap();
    fs::write(source.join("sub/b"), "three").unwrap();
    fs::hard_link(source.join("a"), source.join("c")).unwrap();
    std::os::unix::fs::symlink("a", source.join("l")).unwrap();
    fs::write(source.join(OsStr::from_bytes(b"gr\xfcn \\#101")), "x").unwrap();
    place
}

fn run(place: &Path, args: &[&str], log: &str) -> Output {
    Command::new(PROGRAM)
        .args(args)
        .current_dir(place)
        .env("IO_URING_SYNC_DELEGATE", "never")
        .env("IO_URING_SYNC_LOG", log)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn of_event<'o>(objects: &'o [Value], event: &str) -> Vec<&'o Value> {
    objects.iter().filter(|object| object["event"] == event).collect()
}

#[test]
fn json_tells_items_deletions_and_totals() {
    let place = tree();
    let output = run(place.path(), &["-aH", "--json", "s/", "d/"], "");
    let all = objects(&output);
    assert_eq!((all[0]["event"].as_str(), all[0]["version"].as_u64()), (Some("start"), Some(1)));
    assert_eq!(all.last().unwrap(), &serde_json::json!({"event": "end", "exit": 0}));
    let items = of_event(&all, "item");
    let mut paths: Vec<&str> = items.iter().map(|item| item["path"].as_str().unwrap()).collect();
    // Groups of hard links come as they are done.
    paths.sort_unstable();
    assert_eq!(paths, [".", "a", "c", "gr\\#374n \\#134#101", "l", "sub", "sub/b"]);
    let item = |path: &str| *items.iter().find(|item| item["path"] == path).unwrap();
    assert_eq!((item("l")["target"].as_str(), item("a")["link_to"].as_str()), (Some("a"), Some("c")));
    assert_eq!(
        (item("sub/b")["change"].as_str(), item("sub/b")["moved"].as_u64()),
        (Some(">f+++++++++"), Some(5))
    );
    let summary = of_event(&all, "summary")[0];
    assert_eq!((summary["copied_files"].as_u64(), summary["hard_links"].as_u64()), (Some(3), Some(1)));
    fs::create_dir(place.path().join("d/gone")).unwrap();
    let again = objects(&run(place.path(), &["-aH", "--delete", "--json", "s/", "d/"], ""));
    assert_eq!(of_event(&again, "deleted")[0]["path"], "gone");
}

#[test]
fn json_tells_errors_on_both_outputs() {
    let place = tree();
    let output = run(place.path(), &["-a", "--json", "s/nothing", "s/a", "d/"], "");
    let all = objects(&output);
    let error = of_event(&all, "error")[0];
    assert_eq!((error["operation"].as_str(), error["errno"].as_u64()), (Some("link_stat"), Some(2)));
    assert_eq!(all.last().unwrap()["exit"], 23);
    assert!(text(&output.stderr).contains("link_stat") && text(&output.stderr).contains("code 23"));
    let refused = objects(&run(place.path(), &["-a", "--json", "s/a", "s/c", "s/l/"], ""));
    assert_eq!(refused.last().unwrap()["event"], "end");
}

/// Where the list is made as a whole, nothing is written beside the objects.
#[test]
fn json_of_a_whole_list() {
    let place = tree();
    let whole =
        ["-vv --exclude=b", "-v --copy-unsafe-links", "--info=flist2", "-P", "-vv --temp-dir=nowhere"];
    for options in whole {
        let mut args: Vec<&str> = ["-a", "--json", "-n", "--no-i-r"].into();
        args.extend(options.split(' ').chain(["s/", "d/"]));
        let all = objects(&run(place.path(), &args, ""));
        assert_eq!(all.last().unwrap()["event"], "end", "{options}");
    }
}

/// Whoever adds an event or a key writes it down.
#[test]
fn the_document_names_all_events_and_keys() {
    let document = include_str!("../docs/json.md");
    let place = tree();
    let args: [&[&str]; 3] =
        [&["-aHv", "--json", "s/", "x/", "d/"], &["-r", "--json", "s/"], &["-r", "--json", "s/", "s/x/y"]];
    for args in args {
        for object in objects(&run(place.path(), args, "")) {
            let event = object["event"].as_str().unwrap();
            assert!(document.contains(&format!("| `{event}` |")), "{event}");
            for key in object.as_object().unwrap().keys() {
                assert!(key == "event" || document.contains(&format!("`{key}`")), "{key}");
            }
        }
    }
}

#[test]
fn a_summary_is_words() {
    let place = tree();
    let output = run(place.path(), &["-aH", "--summary", "s/", "d/"], "");
    let said = text(&output.stdout);
    assert!(said.contains("\ncopied    3 files (9 B), of them 0 that existed\n"), "{said}");
    assert!(said.contains("\nlinked    1 hard link\n"), "{said}");
    assert!(said.contains("\ntime ") && said.contains("\nengine ") && said.contains("\nmemory "), "{said}");
    let quiet = run(place.path(), &["-aHq", "--summary", "s/", "d/"], "");
    assert_eq!(text(&quiet.stdout), "");
}

#[test]
fn the_doctor_copies_nothing_and_fits_on_a_screen() {
    let place = tree();
    let output = run(place.path(), &["--doctor", "s/", "new"], "");
    assert!(output.status.success());
    let said = text(&output.stdout);
    for words in
        ["io_uring  ", "may ", "from            s/: ", "to              new: ", "  reflink ", "  ACLs "]
    {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    assert!(said.lines().count() <= 24, "{said}");
    assert!(!place.path().join("new").exists());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn the_log_never_mixes_into_standard_output() {
    let place = tree();
    let output = run(place.path(), &["-ai", "s/", "d/"], "recv=debug,exit");
    let (said, logged) = (text(&output.stdout), text(&output.stderr));
    assert!(said.lines().all(|line| line.len() > 12 && !line.contains("DEBUG")), "{said}");
    assert!(
        logged.contains("recv: copied name=sub/b literal_bytes=5")
            && logged.contains("exit: the run has ended")
    );
    assert!(!logged.contains("flist"), "{logged}");
    let words = text(&run(place.path(), &["-a", "--debug=flist3", "s/", "d/"], "words").stderr);
    assert!(words.contains("flist: listed dir=sub") && !words.contains("exit:"), "{words}");
    let plain = text(&run(place.path(), &["-a", "--debug=flist2", "s/", "d/"], "").stderr);
    assert_eq!(plain, "");
    let wrong = run(place.path(), &["-a", "s/", "d/"], "flist=loud");
    assert!(wrong.status.success() && text(&wrong.stderr).contains("IO_URING_SYNC_LOG is ignored"));
}

/// Each word of `--debug` tells something, at its highest level, where there is something to tell.
#[test]
fn every_word_of_debug_has_something_to_tell() {
    let place = tree();
    let own = |script: &str| {
        let output = Command::new("bash").args(["-ec", script]).current_dir(place.path()).output().unwrap();
        assert!(output.status.success(), "{script}: {}", text(&output.stderr));
    };
    own(
        "mkdir d t; echo old > d/a; touch -d 2001-01-01 d/a; echo gone > d/gone; head -c 90000 /dev/zero > s/big-1",
    );
    own(
        "cp s/big-1 d/big-0; echo new > s/big-1.new; setfacl -m u:7:r s/a; chown 7:8 s/sub/b; echo s > t/a; echo x > s/x.o",
    );
    let words = "acl,backup2,del3,deltasum4,dup,exit3,filter3,flist4,fuzzy2,genr,hlink3,io4,nstr,own2,recv,send,time2";
    let debug = format!("--debug={words}");
    let args = ["-aAHyb", "--no-whole-file", "--delete", "--exclude=*.o", &debug, "s/", "t/", "d/"];
    let logged = text(&run(place.path(), &args, "words").stderr);
    for word in words.split(',').map(|word| word.trim_end_matches(|letter: char| letter.is_ascii_digit())) {
        let told = logged.lines().any(|line| line.contains(&format!(" {word}: ")));
        assert!(told, "{word} tells nothing:\n{logged}");
    }
}

/// A terminal of a test's own.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn start(place: &Path, line: &str) -> Terminal {
        let terminal = Terminal { socket: place.join("tmux").display().to_string() };
        let script = format!("trap : INT; cd {}; {line}; echo \"exit $?\"; sleep 60", place.display());
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "20", "sh", "-c", &script]);
        terminal
    }

    fn tmux(&self, args: &[&str]) -> String {
        let mut command = Command::new("tmux");
        let output = command.args(["-S", &self.socket]).args(args).env_remove("TMUX").output();
        let output = output.unwrap_or_else(|error| panic!("tmux: {error}; `cargo xtask test` installs it"));
        text(&output.stdout)
    }

    /// The screen as soon as it shows this.
    fn shows(&self, wanted: &str) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let screen = self.tmux(&["capture-pane", "-p", "-S", "-"]);
            if screen.contains(wanted) {
                return screen;
            }
            assert!(Instant::now() < end, "no {wanted:?} on the screen:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

fn slow_copy(option: &str) -> (TempDir, String) {
    let place = tree();
    fs::write(place.path().join("s/sub/large"), vec![b'x'; 70 << 20]).unwrap();
    let line = format!("{PROGRAM} -ai {option} --bwlimit=10m s/ d/");
    (place, line)
}

/// Words of the live view, and what a terminal shows of Ctrl-C.
const REMAINS: [&str; 6] = ["[#", "[-", "entries", "to go", "^C", "  sub/large"];

fn assert_clean(screen: &str) {
    for remains in REMAINS {
        assert!(!screen.contains(remains), "{remains:?} is left on the screen:\n{screen}");
    }
    assert!(screen.contains("cd+++++++++ ./") && screen.contains("rsync error: received SIGINT"), "{screen}");
}

/// Sizes of a window one after the other, columns and lines.
fn resized(terminal: &Terminal, sizes: &[(u8, u8)]) {
    for (columns, rows) in sizes {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        terminal.tmux(&["resize-window", "-x", &columns, "-y", &rows]);
        sleep(Duration::from_millis(250));
    }
}

#[test]
fn a_bar_shows_the_whole_run_and_leaves_a_clean_screen() {
    // Windows that are halved, with the view at the top and at the bottom, and one that hardly has lines.
    let windows: [(&str, &[(u8, u8)]); 4] = [
        ("true", &[(70, 20), (120, 30), (62, 8), (90, 20), (46, 20), (24, 20), (12, 8), (90, 20)]),
        ("true", &[(80, 20), (40, 20), (20, 20), (80, 20), (40, 6), (80, 20)]),
        ("seq 25", &[(45, 20), (90, 20), (45, 10), (90, 12), (45, 20), (23, 20), (90, 20)]),
        ("true", &[(80, 2), (80, 20), (80, 1), (80, 10)]),
    ];
    for (before, sizes) in windows {
        let (place, line) = slow_copy("--bar");
        let terminal = Terminal::start(place.path(), &format!("{before}; {line}"));
        let screen = terminal.shows("of 8 entries");
        let bar = screen.lines().position(|line| line.starts_with('[')).unwrap_or_else(|| panic!("{screen}"));
        let lines: Vec<&str> = screen.lines().collect();
        let wanted = ["%", "to go, 0:00:", "of 8 entries", "of 70.00 MiB", " entries/s, "];
        for (at, words) in wanted.iter().enumerate() {
            assert!(lines[bar + at].contains(words), "{screen}");
        }
        resized(&terminal, sizes);
        terminal.tmux(&["send-keys", "C-c"]);
        assert_clean(&terminal.shows("exit 20"));
    }
}

/// On a terminal; in a pipe, it is what rsync makes of it.
#[test]
fn the_third_level_of_progress_is_a_bar() {
    let (place, line) = slow_copy("--info=progress3");
    let terminal = Terminal::start(place.path(), &line);
    let screen = terminal.shows("of 8 entries");
    assert!(screen.contains("of 8 entries") && !screen.contains("to-chk"), "{screen}");
    terminal.tmux(&["send-keys", "C-c"]);
    assert_clean(&terminal.shows("exit 20"));
    let piped = Terminal::start(place.path(), &format!("{line} --bwlimit=0 | cat"));
    let screen = piped.shows("exit 0");
    assert!(screen.contains("to-chk=0/8)") && !screen.contains("to go"), "{screen}");
}

#[test]
fn a_bar_is_quiet_where_there_is_no_terminal() {
    let place = tree();
    let output = run(place.path(), &["-a", "--bar", "s/", "d/"], "");
    assert_eq!((text(&output.stdout), text(&output.stderr)), (String::new(), String::new()));
}

/// Scripts read rsync's lines and nothing else; people get one more.
#[test]
fn hints_are_for_terminals() {
    let place = tree();
    let output = run(place.path(), &["--delte", "s/", "d/"], "");
    assert!(!text(&output.stderr).contains("hint"));
    let line = format!("{PROGRAM} --delte s/ d/; {PROGRAM} -a no1 no2 d/; {PROGRAM} s d/");
    let screen = Terminal::start(place.path(), &line).shows("exit 0");
    assert!(screen.contains("hint: did you mean --delete?"), "{screen}");
    assert_eq!(screen.matches("hint: this source does not exist").count(), 1, "{screen}");
    assert!(screen.contains("skipping directory s\nhint: -r copies"), "{screen}");
}

/// What a new user does and rsync has no message for.
#[test]
fn odd_command_lines_have_a_hint_on_terminals() {
    let cases = [
        ("-a s/ s/sub/copy", "hint: the destination lies in the source"),
        ("-a s/", "hint: one operand alone is only listed"),
        ("-a", "hint: name what to copy and then where to"),
        ("-aQ s/ d/", "hint: --help lists all options"),
        ("-a s/a/ d/", "hint: this source is a file"),
    ];
    for (args, hint) in cases {
        let place = tree();
        let piped = run(place.path(), &args.split(' ').collect::<Vec<_>>(), "");
        assert!(!text(&piped.stderr).contains("hint:"), "{args}: {}", text(&piped.stderr));
        let line = format!("{PROGRAM} {args} > out 2> /dev/tty");
        let screen = Terminal::start(place.path(), &line).shows("exit ");
        assert!(screen.contains(hint), "{args}:\n{screen}");
    }
    // Here it does not lie in the source, although it lies beside it.
    let place = tree();
    let screen = Terminal::start(place.path(), &format!("{PROGRAM} -a s s/sub/ d/")).shows("exit 0");
    assert!(!screen.contains("hint:"), "{screen}");
}
