//! The weak sum that rolls along a file.

/// Bytes that are summed at a time, so that the compiler can do it in parallel.
const LANES: usize = 32;

/// The weak sum of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weak {
    /// The sum of the bytes, which count as signed.
    plain: u32,
    /// The sum of the bytes, each times its distance from the end.
    weighted: u32,
    bytes: u32,
}

impl Weak {
    pub(super) fn of(window: &[u8]) -> Weak {
        let (mut plain, mut weighted) = (0_u32, 0_u32);
        let mut lanes = window.chunks_exact(LANES);
        for chunk in &mut lanes {
            let (mut sum, mut by_weight) = (0_i32, 0_i32);
            for (at, &byte) in chunk.iter().enumerate() {
                let value = i32::from(byte.cast_signed());
                sum += value;
                by_weight += (LANES - at) as i32 * value;
            }
            weighted = weighted
                .wrapping_add(plain.wrapping_mul(LANES as u32))
                .wrapping_add(by_weight.cast_unsigned());
            plain = plain.wrapping_add(sum.cast_unsigned());
        }
        for &byte in lanes.remainder() {
            plain = plain.wrapping_add(signed(byte));
            weighted = weighted.wrapping_add(plain);
        }
        Weak { plain, weighted, bytes: u32::try_from(window.len()).unwrap_or(u32::MAX) }
    }

    /// Leaves the first byte out and takes the next one in.
    pub(super) fn roll(&mut self, out: u8, next: u8) {
        self.plain = self.plain.wrapping_sub(signed(out)).wrapping_add(signed(next));
        self.weighted =
            self.weighted.wrapping_sub(self.bytes.wrapping_mul(signed(out))).wrapping_add(self.plain);
    }

    /// Leaves the first byte out, at the end of the file.
    pub(super) fn shrink(&mut self, out: u8) {
        self.plain = self.plain.wrapping_sub(signed(out));
        self.weighted = self.weighted.wrapping_sub(self.bytes.wrapping_mul(signed(out)));
        self.bytes -= 1;
    }

    /// Both halves.
    pub(super) const fn value(self) -> u32 {
        self.plain & 0xffff | self.weighted << 16
    }
}

fn signed(byte: u8) -> u32 {
    i32::from(byte.cast_signed()).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::Weak;

    #[test]
    fn rolling_and_shrinking_come_to_the_same_as_summing() {
        let data: Vec<u8> = (0..2000_u32).map(|at| (at * at + 7 * at) as u8).collect();
        let mut weak = Weak::of(&data[..900]);
        for at in 0..1100 {
            assert_eq!(weak, Weak::of(&data[at..at + 900]));
            weak.roll(data[at], *data.get(at + 900).unwrap_or(&0));
        }
        let mut weak = Weak::of(&data[1100..]);
        for at in 1100..1999 {
            weak.shrink(data[at]);
            assert_eq!(weak, Weak::of(&data[at + 1..]));
        }
    }
}
