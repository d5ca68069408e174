//! Dates as rsync prints them. The caller converts to local time: this crate knows no time zone.

/// A broken-down local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The year, such as 2026.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
}

/// The length of a date and time.
const DATE_BYTES: usize = 19;

impl LocalTime {
    /// `2026/01/31 23:59:59`, with `between` for blanks. Never longer than this: years of five digits cost the last
    /// ones of the seconds, as in rsync.
    pub fn push(&self, out: &mut Vec<u8>, between: char) {
        let LocalTime { year, month, day, hour, minute, second } = self;
        let text = format!("{year:4}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}");
        let shown = text.chars().take(DATE_BYTES).map(|letter| if letter == ' ' { between } else { letter });
        out.extend(shown.map(|letter| letter as u8));
    }
}

/// Converts seconds since 1970 to local time; the program supplies it from the system's time zone.
pub type ToLocal<'a> = dyn Fn(i64) -> LocalTime + 'a;

/// A [`ToLocal`] for the zone UTC.
#[must_use]
pub fn utc(seconds: i64) -> LocalTime {
    const DAY_SECONDS: i64 = 86_400;
    const ERA_DAYS: i64 = 146_097;
    let (days, rest) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    // Days are counted from 0000-03-01, so that the leap day ends a year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(ERA_DAYS), shifted.rem_euclid(ERA_DAYS));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    LocalTime {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as u8,
        day: (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8,
        hour: (rest / 3600) as u8,
        minute: (rest / 60 % 60) as u8,
        second: (rest % 60) as u8,
    }
}

/// `rwxr-xr-x` and its kind, with `s`, `S`, `t`, `T`.
#[must_use]
pub fn permissions(mode: u32) -> [u8; 9] {
    let mut letters = [b'-'; 9];
    for (at, letter) in letters.iter_mut().enumerate() {
        if mode >> (8 - at) & 1 == 1 {
            *letter = b"rwx"[at % 3];
        }
    }
    for (at, bit, both, alone) in [(2, 0o4000, b's', b'S'), (5, 0o2000, b's', b'S'), (8, 0o1000, b't', b'T')]
    {
        if mode & bit != 0 {
            letters[at] = if letters[at] == b'x' { both } else { alone };
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_dates() {
        let shown = |seconds| {
            let mut out = Vec::new();
            utc(seconds).push(&mut out, '-');
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown(0), "1970/01/01-00:00:00");
        assert_eq!(shown(-1), "1969/12/31-23:59:59");
        assert_eq!(shown(-62_135_596_800), "---1/01/01-00:00:00");
        assert_eq!(shown(253_402_300_800), "10000/01/01-00:00:0");
        assert_eq!(shown(951_782_400), "2000/02/29-00:00:00");
        assert_eq!(shown(7_226_582_400), "2199/01/01-00:00:00");
    }

    #[test]
    fn permission_letters() {
        for (mode, wanted) in [
            (0o755, "rwxr-xr-x"),
            (0o4755, "rwsr-xr-x"),
            (0o2640, "rw-r-S---"),
            (0o1777, "rwxrwxrwt"),
            (0, "---------"),
        ] {
            assert_eq!(permissions(mode), wanted.as_bytes());
        }
    }
}
