//! Numbers for people (rsync(1), --human-readable).

/// How numbers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Human {
    /// Digits only (`--no-h`).
    Plain,
    /// Digits in groups of three, the default.
    Grouped,
    /// Units of 1000 (`-h`).
    Decimal,
    /// Units of 1024 (`-hh`).
    Binary,
}

impl Human {
    /// The level for that many `-h`, counted as rsync does: 0 is `--no-h`, 1 the default.
    #[must_use]
    pub fn from_level(level: u32) -> Human {
        match level {
            0 => Human::Plain,
            1 => Human::Grouped,
            2 => Human::Decimal,
            _ => Human::Binary,
        }
    }
}

/// Appends a whole number.
pub fn push_number(out: &mut Vec<u8>, value: i64, human: Human) {
    if !push_scaled(out, value as f64, human) {
        push_grouped(out, value.to_string().as_bytes(), human);
    }
}

/// Appends a number with `decimals` decimals, such as a rate.
pub fn push_decimal(out: &mut Vec<u8>, value: f64, decimals: usize, human: Human) {
    if push_scaled(out, value, human) {
        return;
    }
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    push_grouped(out, whole.as_bytes(), human);
    out.extend_from_slice(fraction.as_bytes());
}

/// `1.23M`, when the level has units and the value reaches the first; tells whether it wrote.
fn push_scaled(out: &mut Vec<u8>, value: f64, human: Human) -> bool {
    let unit = match human {
        Human::Plain | Human::Grouped => return false,
        Human::Decimal => 1000.0,
        Human::Binary => 1024.0,
    };
    let mut scaled = value / unit;
    if scaled.abs() < 1.0 {
        return false;
    }
    let mut suffix = b'K';
    for next in *b"MGTP" {
        if scaled.abs() < unit {
            break;
        }
        scaled /= unit;
        suffix = next;
    }
    out.extend_from_slice(format!("{scaled:.2}").as_bytes());
    out.push(suffix);
    true
}

/// The whole part, in groups of three unless plain.
fn push_grouped(out: &mut Vec<u8>, whole: &[u8], human: Human) {
    let digits = whole.strip_prefix(b"-").unwrap_or(whole);
    out.extend_from_slice(&whole[..whole.len() - digits.len()]);
    for (at, digit) in digits.iter().enumerate() {
        if human != Human::Plain && at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(b',');
        }
        out.push(*digit);
    }
}

/// The number as bytes.
#[must_use]
pub fn number(value: i64, human: Human) -> Vec<u8> {
    let mut out = Vec::new();
    push_number(&mut out, value, human);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// value and its forms at the four levels, printed by rsync 3.5.0 with `%l %'l %''l %'''l`.
    const CASES: &[(i64, &str)] = &[
        (0, "0 0 0 0"),
        (999, "999 999 999 999"),
        (1000, "1000 1,000 1.00K 1,000"),
        (1023, "1023 1,023 1.02K 1,023"),
        (1024, "1024 1,024 1.02K 1.00K"),
        (9999, "9999 9,999 10.00K 9.76K"),
        (99_999, "99999 99,999 100.00K 97.66K"),
        (999_949, "999949 999,949 999.95K 976.51K"),
        (999_999, "999999 999,999 1000.00K 976.56K"),
        (1_000_000, "1000000 1,000,000 1.00M 976.56K"),
        (1_048_575, "1048575 1,048,575 1.05M 1024.00K"),
        (1_048_576, "1048576 1,048,576 1.05M 1.00M"),
        (1_234_567, "1234567 1,234,567 1.23M 1.18M"),
        (9_995_000, "9995000 9,995,000 9.99M 9.53M"),
        (999_999_999, "999999999 999,999,999 1000.00M 953.67M"),
        (5_000_000_000, "5000000000 5,000,000,000 5.00G 4.66G"),
        (1_500_000_000_000, "1500000000000 1,500,000,000,000 1.50T 1.36T"),
    ];

    #[test]
    fn numbers_are_printed_as_rsync_prints_them() {
        for (value, wanted) in CASES {
            let forms: Vec<_> = [Human::Plain, Human::Grouped, Human::Decimal, Human::Binary]
                .map(|human| String::from_utf8(number(*value, human)).unwrap())
                .into();
            assert_eq!(forms.join(" "), *wanted);
        }
    }

    #[test]
    fn rates_have_decimals() {
        let mut out = Vec::new();
        push_decimal(&mut out, 18_302_557.333, 2, Human::Grouped);
        assert_eq!(out, b"18,302,557.33");
    }
}
