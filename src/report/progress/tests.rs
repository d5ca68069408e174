//! Lines of single files and of the run.

use rsync_compat::output::number::Human;

use super::*;
use crate::report::Place;

fn ledger(progress: Progress) -> Ledger {
    Ledger::new(Style { numbers: Human::Grouped.into(), progress, flat: false, by_segment: false })
}

fn moved(size: u64, index: u64) -> Shown {
    Shown { moved: Some(size), index, first: true, ..Shown::at(Place::Own, 0) }
}

fn text(out: &[u8]) -> String {
    String::from_utf8_lossy(out).replace('\r', "^")
}

#[test]
fn a_record_has_a_first_piece_and_an_end() {
    let mut ledger = ledger(Progress::PerFile);
    ledger.totals = Some(Totals { entries: 3, bytes: 3_000_018 });
    let mut out = Vec::new();
    ledger.note(&mut out, &moved(3_000_000, 0));
    let shown = text(&out);
    assert!(
        shown.starts_with("^         32,768   1%    0.00kB/s    0:00:00  ^      3,000,000 100%"),
        "{shown}"
    );
    assert!(shown.ends_with("(xfr#1, to-chk=2/3)\n"), "{shown}");
    out.clear();
    ledger.note(&mut out, &moved(0, 1));
    assert_eq!(text(&out), "^              0 100%    0.00kB/s    0:00:00 (xfr#2, to-chk=1/3)\n");
}

#[test]
fn a_file_that_was_shown_under_way_has_one_line() {
    let mut ledger = ledger(Progress::PerFile);
    let mut out = Vec::new();
    ledger.draw_file(&mut out, 0, 3_000_000);
    ledger.draw_file(&mut out, 1_000_000, 3_000_000);
    assert_eq!(
        text(&out),
        "^         32,768   1%    0.00kB/s    0:00:00  ",
        "the next one comes a second later"
    );
    out.clear();
    ledger.note(&mut out, &moved(3_000_000, 0));
    let shown = text(&out);
    assert!(shown.starts_with("^      3,000,000 100%") && shown.ends_with(")\n"), "{shown}");
    out.clear();
    ledger.close_line(&mut out);
    assert_eq!(text(&out), "", "the cursor is on a new line already");
}

#[test]
fn a_finished_file_counts_when_its_turn_has_come() {
    let mut ledger = ledger(Progress::Overall);
    ledger.totals = Some(Totals { entries: 3, bytes: 300 });
    let mut out = Vec::new();
    // The other one moved first.
    ledger.add_bytes(&mut out, 200);
    ledger.add_bytes(&mut out, 100);
    ledger.note(&mut out, &moved(100, 1));
    assert!(text(&out).starts_with("^            100  33%"), "{}", text(&out));
    out.clear();
    ledger.note(&mut out, &moved(200, 2));
    assert!(text(&out).starts_with("^            300 100%"), "{}", text(&out));
}

#[test]
fn a_shorter_line_covers_the_longer_one_before() {
    let mut ledger = ledger(Progress::Overall);
    ledger.totals = Some(Totals { entries: 11, bytes: 0 });
    let mut out = Vec::new();
    ledger.note(&mut out, &moved(5, 0));
    out.clear();
    ledger.note(&mut out, &moved(5, 1));
    assert!(text(&out).ends_with("(xfr#2, to-chk=9/11) "), "{}", text(&out));
    out.clear();
    ledger.end(&mut out);
    assert!(text(&out).ends_with("to-chk=0/11)\n"), "{}", text(&out));
}
