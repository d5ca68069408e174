//! Lines that rsync 3.5.0 printed for the same options.

use rsync_compat::delta::Moved;
use rsync_compat::options::help::CalledAs;
use rsync_compat::options::resolve::{self, Resolved};
use rsync_compat::output::itemize::Changes;
use uring_ext::plain::Time;

use super::*;
use crate::entry::Meta;
use crate::report::Facts;
use crate::report::clock::Clock;
use crate::report::formatter::Logs;

const TIME: Changes = Changes::TIME;

fn settings(args: &str) -> Settings {
    let argv: Vec<Vec<u8>> = format!("{args} s/ d/").split(' ').map(|arg| arg.as_bytes().to_vec()).collect();
    let facts = resolve::Facts::bare(CalledAs::Rsync);
    let Ok(Resolved::Run(options)) = resolve::read(&argv, &facts) else { panic!("{args} is refused") };
    Settings::new(
        &options,
        &Facts {
            cwd: Vec::new(),
            pid: 7,
            charset: b"ANSI_X3.4-1968".to_vec(),
            terminal: false,
            error_terminal: false,
            log_filter: None,
            umask: 0,
        },
    )
}

fn formatter(settings: &Settings) -> Formatter {
    let (quoting, channel) = (settings.quoting, settings.channel);
    Formatter {
        quoting,
        channel,
        form: settings.form,
        logs: Logs::Nowhere,
        pid: 7,
        clock: Clock::default(),
        converts: false,
        far_bytes: std::sync::atomic::AtomicU64::new(0),
    }
}

const META: Meta = Meta {
    mode: 0o100_644,
    uid: 5,
    gid: 6,
    nlink: 1,
    size: 5000,
    ino: 1,
    dev: 1,
    rdev: 0,
    blocks: 8,
    mtime: Time { sec: 0, nsec: 0 },
    atime: Time { sec: 0, nsec: 0 },
};

fn made(rel: &'static [u8], kind: Kind, update: Update, changes: Changes) -> Item<'static> {
    Item {
        rel,
        there: rel,
        kind,
        update,
        changes,
        meta: &META,
        owners: (&META).into(),
        target: None,
        leader: None,
        lead: b"",
        moved: Some(Moved::whole(5000)),
        silent: false,
        source: b"/s/x",
        checksum: None,
    }
}

/// What the options print for one of each.
fn printed(args: &str) -> String {
    let settings = settings(args);
    let formatter = formatter(&settings);
    let link = made(b"lchg", Kind::Symlink, Update::Local, Changes::CHECKSUM | TIME);
    let hard = made(b"z", Kind::File, Update::HardLink, Changes::NONE);
    let items = [
        made(b"", Kind::Dir, Update::Attributes, TIME),
        made(b"chg", Kind::File, Update::Transfer, TIME),
        Item { target: Some(b"tgt2"), ..link },
        Item { target: Some(b"t"), ..made(b"ltime", Kind::Symlink, Update::Attributes, TIME) },
        made(b"perm", Kind::File, Update::Attributes, Changes::PERMS),
        made(b"same", Kind::Dir, Update::Attributes, Changes::NONE),
        made(b"same1", Kind::File, Update::Attributes, Changes::NONE),
        hard,
        Item { leader: Some(b"a"), ..hard },
    ];
    let mut text = Vec::new();
    for one in &items {
        let _ = item(&settings, &formatter, one, &mut text);
    }
    let _ = deletion(&settings, &formatter, b"zdel", Kind::Dir, &mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn nothing_is_printed_unless_asked_for() {
    assert_eq!(printed("-a"), "");
    assert_eq!(printed("-aivq"), "");
    assert!(settings("-a").wants().items == crate::report::ItemsWanted::None);
}

#[test]
fn verbose_names_what_is_transferred_made_or_a_changed_directory() {
    assert_eq!(printed("-av"), "./\nchg\nlchg -> tgt2\nz => a\ndeleting zdel/\n");
    assert_eq!(printed("-a --out-format=X%n"), "X./\nXchg\nXlchg\nXz\ndeleting zdel/\n");
    assert_eq!(
        printed("-avv"),
        "./\nchg\nlchg -> tgt2\nltime\nperm\nsame1 is uptodate\nz is uptodate\nz => a\ndeleting zdel/\n"
    );
}

#[test]
fn itemizing_shows_all_that_changes() {
    let changed = ".d..t...... ./\n>f..t...... chg\ncLc.t...... lchg -> tgt2\n.L..t...... ltime -> t\n\
                   .f...p..... perm\nhf          z => a\n*deleting   zdel/\n";
    assert_eq!(printed("-ai"), changed);
    let all = printed("-aii");
    assert!(
        all.contains("\n.d          same/\n.f          same1\nhf          z\nhf          z => a\n"),
        "{all}"
    );
    assert_eq!(printed("-aivv"), all);
}

#[test]
fn escapes_show_what_the_options_keep() {
    let shown = |args: &str| printed(args).lines().nth(1).unwrap_or_default().to_owned();
    assert_eq!(shown("-a --out-format=%n|%f|%b|%c|%U|%G|%l|%o|%p"), "chg|s/x|5043|16|5|6|5000|send|7");
    assert_eq!(shown("-r --out-format=%n|%U|%G|%b"), "chg|0|DEFAULT|5043");
    assert_eq!(shown("-an --out-format=%n|%b|%c"), "chg|0|0");
}

#[test]
fn whole_lines_are_quoted() {
    let settings = settings("-a --out-format=[%6n]\\#123");
    let formatter = formatter(&settings);
    let mut text = Vec::new();
    let odd = made(b"a\xff", Kind::File, Update::Transfer, Changes::NEW);
    let shown = item(&settings, &formatter, &odd, &mut text).unwrap();
    assert_eq!(text, b"[    a\\#377]\\#134#123\n");
    assert_eq!(shown.out_bytes as usize, text.len());
}
