//! Records come back as they were, and no bytes at all make the reader fall over.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..20)
}

fn name_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>().prop_filter("one component", |byte| !matches!(byte, 0 | b'/')), 1..20)
        .prop_filter("one component", |name| name != b"." && name != b"..")
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let ids = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>());
    let sizes = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    (ids, sizes, any::<(i64, u32)>(), any::<(i64, u32)>()).prop_map(|(ids, sizes, mtime, atime)| {
        let ((mode, uid, gid, nlink), (size, ino, dev, rdev, blocks)) = (ids, sizes);
        Attributes { mode, uid, gid, nlink, size, ino, dev, rdev, blocks, mtime, atime }
    })
}

fn extended() -> impl Strategy<Value = Extended> {
    (option::of(bytes()), option::of(bytes()), vec((bytes(), bytes()), 0..3))
        .prop_map(|(access, default, xattrs)| Extended { access, default, xattrs })
}

fn name() -> impl Strategy<Value = Name> {
    let values = (option::of(bytes()), option::of(extended()), option::of(bytes()));
    (name_bytes(), any::<u8>(), attributes(), values).prop_map(
        |(name, rank, attributes, (target, extended, digest))| Name {
            name,
            rank,
            attributes,
            target,
            extended,
            digest,
        },
    )
}

fn ids() -> impl Strategy<Value = Vec<Id>> {
    vec((any::<u32>(), bytes()).prop_map(|(number, name)| Id { number, name }), 0..3)
}

fn listing() -> impl Strategy<Value = Record> {
    (bytes(), any::<bool>(), any::<bool>(), option::of(extended()), ids(), ids(), vec(name(), 0..4)).prop_map(
        |(rel, whole, broken, extended, users, groups, names)| {
            Record::Listing(Listing { rel, whole, broken, extended, users, groups, names })
        },
    )
}

fn change() -> impl Strategy<Value = Record> {
    let fate = prop_oneof![Just(Fate::Unmoved), Just(Fate::Sent), Just(Fate::Unsent)];
    (bytes(), any::<(u64, u64)>(), any::<u8>(), any::<u16>(), option::of(bytes()), fate).prop_map(
        |(rel, inode, update, changes, leader, fate)| {
            Record::Change(Change { rel, inode, update, changes, leader, fate })
        },
    )
}

fn opening() -> impl Strategy<Value = Record> {
    (0_u32..1 << 15, option::of(attributes())).prop_map(|(bits, listed)| {
        let flags = Flags::from_bits(bits).unwrap_or_default();
        Record::Opening(Opening { flags, top: listed.map_or(Top::Way, Top::Listed) })
    })
}

fn record() -> impl Strategy<Value = Record> {
    let closing = any::<u64>().prop_map(|frames| Record::Closing(Closing { frames }));
    prop_oneof![opening(), listing(), change(), closing]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Opening), Just(Kind::Listing), Just(Kind::Change), Just(Kind::Closing)]
}

proptest! {
    #[test]
    fn records_come_back(record in record()) {
        let (kind, payload) = record.encode();
        prop_assert_eq!(Record::decode(kind, &payload), Ok(record));
    }

    #[test]
    fn cut_records_are_refused(record in record(), cut in 1_usize..9) {
        let (kind, payload) = record.encode();
        let kept = payload.len().saturating_sub(cut);
        if kept < payload.len() {
            prop_assert!(Record::decode(kind, &payload[..kept]).is_err());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(kind in kind(), payload in vec(any::<u8>(), 0..200)) {
        if let Ok(record) = Record::decode(kind, &payload) {
            prop_assert_eq!(record.encode(), (kind, payload));
        }
    }

    #[test]
    fn heads_come_back(kind in kind(), payload_bytes: u32, room: u64, sum: u64, share in 0_u64..3) {
        let data_bytes = room / 2 * share.min(2);
        let head = FrameHead { kind, payload_bytes, room_bytes: room, data_bytes, sum };
        prop_assert_eq!(FrameHead::decode(&head.encode()), Ok(head));
    }

    #[test]
    fn any_head_is_read_or_refused(bytes: [u8; FRAME_BYTES]) {
        if let Ok(head) = FrameHead::decode(&bytes) {
            prop_assert_eq!(head.encode(), bytes);
        }
    }
}

#[test]
fn a_sum_tells_where_payload_and_data_end() {
    let head = FrameHead { kind: Kind::Change, payload_bytes: 2, room_bytes: 2, data_bytes: 2, sum: 0 };
    let mut sum = FrameSum::default();
    sum.update(b"ab");
    sum.update(b"cd");
    let other = FrameHead { payload_bytes: 3, room_bytes: 1, data_bytes: 1, ..head };
    assert_ne!(sum.clone().finish(&head), sum.finish(&other));
}

#[test]
fn what_was_asked_is_set_to_match() {
    let batch = Flags::default().with(Flags::RECURSION, On::Yes).with(Flags::LINKS, On::Yes);
    let given = Flags::default().with(Flags::RECURSION, On::Yes).with(Flags::OWNER, On::Yes);
    let by_name = Flags::default().with(Flags::RECURSION, On::Yes);
    let archive = Asked { given, by_name: Flags::default() };
    let lines = [
        "Clearing the --owner (-o) option to match the batchfile.",
        "Setting the --links (-l) option to match the batchfile.",
    ];
    assert_eq!(archive.lines(batch), lines);
    let named = Asked { given, by_name };
    assert_eq!(named.lines(batch)[0], "Setting the --recurse (-r) option to match the batchfile.");
}

fn text(argv: &[&str], rules: Option<&str>) -> String {
    let argv: Vec<Vec<u8>> = argv.iter().map(|word| word.as_bytes().to_vec()).collect();
    let text = script(&command(b"rsync", &argv), b"d/", rules.map(str::as_bytes));
    String::from_utf8(text).unwrap()
}

/// As rsync 3.5.0 writes them.
#[test]
fn scripts_are_rsyncs() {
    assert_eq!(
        text(&["-aHi", "--delete", "--write-batch=B", "s/", "d/"], None),
        "'rsync' '-aHi' '--delete' --read-batch='B' ${1:-'d/'}\n"
    );
    assert_eq!(
        text(&["-a", "--only-write-batch", "B", "s/", "d/"], None),
        "'rsync' '-a' --read-batch 'B' ${1:-'d/'}\n"
    );
    assert_eq!(
        text(
            &[
                "-a",
                "--exclude=x y",
                "-f",
                "- z",
                "-aB",
                "700",
                "--suffix=~ a",
                "--write-batch=B",
                "s/",
                "--",
                "d/"
            ],
            Some("- x y\n- z\n")
        ),
        "'rsync' --filter='._-' '-a' '-aB' '700' --suffix='~ a' --read-batch='B' '--' ${1:-'d/'} <<'#E#'\n- x y\n- z\n#E#\n"
    );
    assert_eq!(
        text(&["-ae", "it's", "--files-from", "l", "--write-batch=B"], None),
        "'rsync' '-ae' 'it'\\''s' --read-batch='B' ${1:-'d/'}\n"
    );
}
