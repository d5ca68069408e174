//! Lines that rsync 3.5.0 printed for the same format.

use super::*;
use crate::output::itemize::{Changes, ItemKind, Update, itemize};
use crate::output::time::utc;

fn item() -> Item<'static> {
    Item {
        name: b"ln",
        long_name: b"s/ln",
        leads_to: LeadsTo::Symlink(b"big"),
        letters: itemize(Update::Local, ItemKind::Symlink, Changes::NEW),
        size_bytes: 3,
        mode: 0o120_777,
        uid: 0,
        group: Group::Id(0),
        mtime: utc(0),
        now: utc(0),
        pid: 10789,
        operation: Operation::Send,
        sent_bytes: 0,
        basis_sums_bytes: 0,
        checksum: Checksum::Unknown { digits: 32 },
    }
}

fn rendered(format: &[u8], item: &Item<'_>) -> String {
    let mut out = Vec::new();
    Format::parse(format, Numerals::C).render(item, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn widths_and_apostrophes() {
    let format =
        b"%10%|%-010l|%0-10l|%'5'l|%5'l|%-5'l|%'-5'l|%'n|%'B|%05p|%'p|%'U|%8U|%08U|%8G|%.5n|%+5l|%*l|%05n";
    let wanted = "         %|3         |%0-10l|    3|    3|3    |3    |ln|rwxrwxrwx|10789|10789|0|       0|00000000|       0|%.5n|%+5l|%*l|   ln";
    assert_eq!(rendered(format, &item()), wanted);
}

#[test]
fn escapes_without_meaning_stay() {
    let format = b"m=%m a=%a h=%h P=%P u=%u x=%x %% %10 %5% %-5% %z %5z %";
    assert_eq!(rendered(format, &item()), "m= a=%a h=%h P=%P u=%u x=%x % %10     % %     %z %5z %");
}

#[test]
fn the_name_a_link_leads_to() {
    let hard = Item { leads_to: LeadsTo::HardLink(b"zbig"), ..item() };
    assert_eq!(rendered(b"%L|%10L|%-10L|", &hard), " => zbig| =>       zbig| => zbig      |");
    let plain = Item { leads_to: LeadsTo::Nothing, ..item() };
    assert_eq!(rendered(b"[%L][%3L]", &plain), "[][       ]");
    assert_eq!(rendered(ITEMIZED, &item()), "cL+++++++++ ln -> big");
}

#[test]
fn dates_groups_and_operations() {
    let shown = Item { group: Group::Default, operation: Operation::Delete, ..item() };
    assert_eq!(
        rendered(b"%M|%25M|%t|%G|%o|%6o", &shown),
        "1970/01/01-00:00:00|      1970/01/01-00:00:00|1970/01/01 00:00:00|DEFAULT|del.|  del."
    );
}

#[test]
fn what_a_format_needs() {
    assert!(Format::parse(b"%n %'b", Numerals::C).needs_transfer_end());
    assert!(!Format::parse(ITEMIZED, Numerals::C).needs_transfer_end());
    assert!(Format::parse(b"%C", Numerals::C).needs_checksum());
    assert!(Format::parse(ITEMIZED, Numerals::C).itemizes());
    assert!(!Format::parse(b"%%i", Numerals::C).itemizes());
    assert!(Format::parse(b"%o %n", Numerals::C).describes_deletions());
    assert!(!Format::parse(NAMES, Numerals::C).describes_deletions());
}
