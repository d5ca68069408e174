//! A delta applied to the old file gives the new one; counters are those of rsync 3.5.0.

use proptest::prelude::*;

use super::*;

/// What a run over two files came to: the new file put together again, and the counters.
struct Ran {
    made: Vec<u8>,
    moved: Moved,
}

/// As the program does it: the likely block first, then the sums; the new file in windows of so many bytes.
fn run(old: &[u8], new: &[u8], block_bytes: u32, order: Order, window_bytes: usize) -> Option<Ran> {
    let layout = Layout::new(old.len() as u64, block_bytes)?;
    let mut signature = Signature::new(layout);
    old.chunks(layout.block_bytes()).for_each(|block| signature.push(block));
    assert_eq!(signature.count(), layout.count() as usize);
    let mut search = Search::new(layout, order);
    let mut made = if order == Order::InPlace { old.to_vec() } else { Vec::new() };
    let mut at = 0;
    while at < new.len() {
        let end = new.len().min(at + window_bytes.max(search.reach_bytes()));
        let rest = if end == new.len() { Rest::All } else { Rest::Some };
        let likely = search.likely(at as u64, end - at, rest).filter(|&block| {
            let offset = layout.offset(block) as usize;
            let bytes = layout.bytes(block);
            new[at..end].get(..bytes) == Some(&old[offset..offset + bytes])
        });
        let found = match likely {
            Some(block) => {
                search.take_likely(block, at as u64);
                Found { literal_bytes: 0, block: Some(block) }
            }
            None => {
                let found = search.find(&mut signature, &new[at..end], at as u64, rest);
                search.pass(found.literal_bytes);
                if let Some(block) = found.block {
                    search.take(block, (at + found.literal_bytes) as u64);
                }
                found
            }
        };
        put(&mut made, at, &new[at..at + found.literal_bytes]);
        at += found.literal_bytes;
        if let Some(block) = found.block {
            let offset = layout.offset(block) as usize;
            let basis = if order == Order::InPlace { &made } else { old };
            let bytes = basis[offset..offset + layout.bytes(block)].to_vec();
            put(&mut made, at, &bytes);
            at += bytes.len();
        }
    }
    made.truncate(new.len());
    Some(Ran { made, moved: search.finish() })
}

fn put(made: &mut Vec<u8>, at: usize, data: &[u8]) {
    made.resize(made.len().max(at + data.len()), 0);
    made[at..at + data.len()].copy_from_slice(data);
}

/// The greedy walk without any sums.
fn matched_by_hand(old: &[u8], new: &[u8], block_bytes: usize) -> u64 {
    let blocks: Vec<&[u8]> = old.chunks(block_bytes).collect();
    let (mut at, mut matched) = (0, 0);
    while at < new.len() {
        let left = &new[at..];
        let fits = |block: &&&[u8]| match block.len() == block_bytes {
            true => left.starts_with(block),
            // The short block at the end is only looked for at the end.
            false => left == **block,
        };
        let bytes = blocks.iter().find(fits).map_or(0, |block| block.len());
        matched += bytes as u64;
        at += bytes.max(1);
    }
    matched
}

/// An old file of few different bytes, and a new one made of its parts and others.
fn files() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let old = prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..400);
    old.prop_flat_map(|old| {
        let length = old.len();
        let part = prop_oneof![
            (0..=length, 0..=length).prop_map(|(one, two)| (one.min(two)..one.max(two), Vec::new())),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(|data| (0..0, data)),
        ];
        (Just(old), prop::collection::vec(part, 0..6))
    })
    .prop_map(|(old, parts)| {
        let new = parts.iter().flat_map(|(range, data)| [&old[range.clone()], data].concat()).collect();
        (old, new)
    })
}

proptest! {
    #[test]
    fn the_new_file_comes_out((old, new) in files(), block_bytes in 1..40_u32, window_bytes in 1..300_usize) {
        for order in [Order::Anywhere, Order::InPlace] {
            let Some(ran) = run(&old, &new, block_bytes, order, window_bytes) else { continue };
            prop_assert_eq!(&ran.made, &new);
            prop_assert_eq!(ran.moved.literal_bytes + ran.moved.matched_bytes, new.len() as u64);
            if order == Order::Anywhere {
                let by_hand = matched_by_hand(&old, &new, block_bytes as usize);
                prop_assert_eq!(ran.moved.matched_bytes, by_hand);
            }
        }
    }
}

#[test]
fn blocks_are_as_many_as_they_are_long() {
    let cases = [
        (1, 1, 1, 700, 22),
        (701, 2, 1, 700, 28),
        (495_615, 709, 15, 700, 4270),
        (495_616, 704, 704, 704, 4240),
        (1_000_000, 1000, 1000, 1000, 6016),
        (100_000_000, 10_000, 10_000, 10_000, 70_016),
        (300_000_000, 17_322, 280, 17_320, 121_270),
    ];
    for (bytes, count, last, block_bytes, received) in cases {
        let layout = Layout::new(bytes, 0).unwrap();
        assert_eq!((layout.count(), layout.block_bytes()), (count, block_bytes), "{bytes}");
        assert_eq!(layout.bytes(count - 1), last, "{bytes}");
        assert_eq!(Moved::beside(&layout).received_bytes(), received, "{bytes}");
    }
    assert_eq!(Layout::new(0, 0), None);
    assert_eq!(Layout::new(u64::MAX, 1), None);
    assert_eq!(Layout::new(1_000_000, 1).unwrap().sums_bytes(), 7_000_000);
}

/// Numbers that do not repeat; the same in each run.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// A name, the new file, which blocks may be used, literal bytes and blocks found.
type Edit = (&'static str, Vec<u8>, Order, (u64, u64));

#[test]
fn literal_and_matched_data_are_rsyncs() {
    const BLOCK: usize = 700;
    let (a, x) = (noise(1, 40 * BLOCK), noise(2, BLOCK));
    let cases: [Edit; 9] = [
        ("a block before", [&x[..], &a].concat(), Order::Anywhere, (700, 40)),
        ("the same in place", [&x[..], &a].concat(), Order::InPlace, (28_700, 0)),
        ("ten bytes less", a[10..].to_vec(), Order::InPlace, (690, 39)),
        ("two halves", [&a[20 * BLOCK..], &a[..20 * BLOCK]].concat(), Order::InPlace, (14_000, 20)),
        ("twice, the first left", [&a[..], &a].concat(), Order::InPlace, (0, 80)),
        ("in the middle", [&a[..7000], b"y", &a[7000..]].concat(), Order::Anywhere, (1, 40)),
        ("less than a block", a[..699].to_vec(), Order::Anywhere, (699, 0)),
        ("nothing", Vec::new(), Order::Anywhere, (0, 0)),
        ("something else", noise(3, 40_000), Order::Anywhere, (40_000, 0)),
    ];
    for (name, new, order, expected) in cases {
        let moved = run(&a, &new, 0, order, 5000).unwrap().moved;
        assert_eq!((moved.literal_bytes, moved.matches), expected, "{name}");
    }
}

/// What a file of zeros has can stay where it is, which rsync gives up part of a block for.
#[test]
fn repeated_data_stays_in_its_place() {
    let zeros = vec![0; 2800];
    let cases = [(750, (1400, 2)), (1401, (2100, 1)), (700, (700, 3)), (0, (0, 4))];
    for (noise_bytes, expected) in cases {
        let new = [&noise(3, noise_bytes)[..], &zeros[noise_bytes..]].concat();
        let moved = run(&zeros, &new, 700, Order::InPlace, 1).unwrap().moved;
        assert_eq!((moved.literal_bytes, moved.matches), expected, "{noise_bytes}");
    }
}

#[test]
fn what_is_sent_is_what_rsync_says() {
    assert_eq!(Moved::whole(300_000).sent_bytes(), 300_079);
    assert_eq!(Moved::whole(0).sent_bytes(), 39);
    let a = noise(1, 28_000);
    let sent = |new: &[u8]| run(&a, new, 0, Order::Anywhere, 5000).unwrap().moved.sent_bytes();
    assert_eq!(sent(&a), 199);
    assert_eq!(sent(&[b"x", &a[..700], b"y", &a[700..]].concat()), 209);
    let named = |described| Moved { described, ..Moved::whole(0) }.sent_bytes();
    assert_eq!([Described::ByKind, Described::ByName(1), Described::ByName(130)].map(named), [40, 42, 172]);
}
