//! What reads text of others, given the seeds of the fuzz targets and a great many changed ones: `MUTATIONS=1000000`.

#![expect(clippy::disallowed_methods, reason = "tests read seeds by path")]

#[path = "../fuzz/entry_points.rs"]
mod entry_points;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use entry_points::ALL;

/// How many changed seeds each target gets, unless `MUTATIONS` says otherwise.
const MUTATIONS: u64 = 4000;

/// Numbers that look random (splitmix64).
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("small")
    }
}

/// Bytes that mean something to one of the parsers.
const TOKENS: [&[u8]; 22] = [
    b"-",
    b"--",
    b"=",
    b"/",
    b"/./",
    b"..",
    b"*",
    b"**",
    b"[",
    b"]",
    b"\\",
    b"!",
    b",",
    b":",
    b"\n",
    b"\0",
    b"%",
    b"'",
    b"99999999999999999999",
    b"#",
    b"\xff",
    b" ",
];

fn mutated(seeds: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut text = seeds[rng.below(seeds.len())].clone();
    for _ in 0..=rng.below(6) {
        let (at, to) = (rng.below(text.len() + 1), rng.below(text.len() + 1));
        let (from, to) = (at.min(to), at.max(to));
        match rng.below(5) {
            0 => drop(text.drain(from..to.min(from + 8))),
            1 => drop(text.splice(at..at, TOKENS[rng.below(TOKENS.len())].iter().copied())),
            2 => {
                let part = text[from..to].to_vec();
                text.splice(at..at, part);
            }
            3 => {
                let other = &seeds[rng.below(seeds.len())];
                let cut = rng.below(other.len() + 1);
                text.splice(at.., other[cut..].iter().copied());
            }
            _ => {
                if let Some(byte) = text.get_mut(at) {
                    *byte = rng.next().to_le_bytes()[0];
                }
            }
        }
        text.truncate(4096);
    }
    text
}

#[test]
fn no_text_makes_a_parser_panic() {
    let count = std::env::var("MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(MUTATIONS);
    for (name, entry_point) in ALL {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
        let files = std::fs::read_dir(dir).expect("seeds for each target");
        let seeds: Vec<Vec<u8>> =
            files.map(|file| std::fs::read(file.expect("an entry").path()).expect("a seed")).collect();
        seeds.iter().for_each(|seed| entry_point(seed));
        let mut rng = Rng(1);
        for number in 0..count {
            let text = mutated(&seeds, &mut rng);
            let came = catch_unwind(AssertUnwindSafe(|| entry_point(&text)));
            assert!(came.is_ok(), "{name}, mutation {number}: {}", text.escape_ascii());
        }
    }
}
