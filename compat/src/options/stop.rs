//! When a run is to stop (rsync(1), `--stop-after`, `--stop-at`): the text as numbers. The caller knows the calendar.

use super::Bytes;

/// When a run is to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// `--stop-after`: so many minutes after its start.
    After(u64),
    /// `--stop-at`: at this point in local time, and how it was typed.
    At(StopAt, Bytes),
}

/// A point in time of which some parts may be left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopAt {
    /// The year; one below 100 is of this century or the next.
    pub year: Option<u16>,
    /// 1 to 12; there whenever the year is.
    pub month: Option<u8>,
    /// 1 to 31; there whenever the month is.
    pub day: Option<u8>,
    /// 0 to 23; only without a date it may be missing.
    pub hour: Option<u8>,
    /// 0 to 59.
    pub minute: u8,
}

/// The longest that a month can be.
const MONTH_DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// Nobody waits for later years, and no calendar has to know them.
const YEAR_MAX: u16 = 9000;

/// `--stop-after`: the minutes that the text begins with, as C's `atoi` reads them; `None` when they are not positive.
#[must_use]
pub fn parse_minutes(text: &[u8]) -> Option<u64> {
    let start = text.trim_ascii_start();
    let start = start.strip_prefix(b"+").unwrap_or(start);
    let digits = start.iter().take_while(|byte| byte.is_ascii_digit());
    let minutes =
        digits.fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    Some(minutes).filter(|&minutes| minutes > 0)
}

impl StopAt {
    /// `[[[y-]m-]d][Th:m]`, `h:m` or `:m`, with slashes for dashes where one likes.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<StopAt> {
        let (date, time) = match text.iter().position(|&byte| byte == b'T' || byte == b't') {
            // Nothing behind it is midnight, too.
            Some(at) if at > 0 => (&text[..at], Some(&text[at + 1..]).filter(|time| !time.is_empty())),
            Some(_) if text[1..].starts_with(b":") || text[0] == b't' => return None,
            Some(_) => (&text[..0], Some(&text[1..])),
            None if text.contains(&b':') => (&text[..0], Some(text)),
            None if text.is_empty() => return None,
            None => (text, None),
        };
        let mut at = StopAt { year: None, month: None, day: None, hour: Some(0), minute: 0 };
        if !date.is_empty() {
            at.read_date(date)?;
        }
        if let Some(time) = time {
            // With both numbers there it does not matter.
            let more = date.is_empty() && time.iter().filter(|&&byte| byte == b':').count() > 1;
            let time = time.strip_prefix(b":").filter(|_| more).unwrap_or(time);
            let colon = time.iter().position(|&byte| byte == b':')?;
            at.hour = match &time[..colon] {
                b"" if date.is_empty() && !more => None,
                hour => Some(small(hour, 0..24)?),
            };
            at.minute = small(&time[colon + 1..], 0..60)?;
        }
        Some(at)
    }

    fn read_date(&mut self, date: &[u8]) -> Option<()> {
        let parts: Vec<&[u8]> = date.split(|&byte| byte == b'-' || byte == b'/').collect();
        let (year, month, day) = match parts.as_slice() {
            [day] => (None, None, *day),
            [month, day] => (None, Some(*month), *day),
            [year, month, day] => (Some(*year), Some(*month), *day),
            _ => return None,
        };
        self.month = month.map_or(Some(None), |month| small(month, 1..13).map(Some))?;
        // With a year to it the days past a month's end are those of the next, as mktime(3) has it.
        let longest = self.month.filter(|_| year.is_none());
        let longest = longest.map_or(31, |month| MONTH_DAYS[usize::from(month) - 1]);
        self.day = Some(small(day, 1..longest + 1)?);
        self.year = year.map_or(Some(None), |year| capped(year).map(Some))?;
        Some(())
    }
}

fn small(digits: &[u8], range: std::ops::Range<u8>) -> Option<u8> {
    number(digits).and_then(|number| u8::try_from(number).ok()).filter(|number| range.contains(number))
}

fn capped(year: &[u8]) -> Option<u16> {
    let all = !year.is_empty() && year.iter().all(u8::is_ascii_digit);
    all.then(|| number(year).map_or(YEAR_MAX, |year| year.min(YEAR_MAX)))
}

fn number(digits: &[u8]) -> Option<u16> {
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| all)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{StopAt, parse_minutes};

    #[test]
    fn minutes_are_what_the_text_begins_with() {
        for (text, minutes) in
            [("5", Some(5)), (" +7x", Some(7)), ("1.5", Some(1)), ("0", None), ("-1", None), ("", None)]
        {
            assert_eq!(parse_minutes(text.as_bytes()), minutes, "{text}");
        }
    }

    #[test]
    fn parts_may_be_left_out() {
        let at = |year, month, day, hour, minute| Some(StopAt { year, month, day, hour, minute });
        let cases = [
            ("2030-12-31T23:59", at(Some(2030), Some(12), Some(31), Some(23), 59)),
            ("99/1/1T1:1", at(Some(99), Some(1), Some(1), Some(1), 1)),
            ("1-30", at(None, Some(1), Some(30), Some(0), 0)),
            ("5T5:5", at(None, None, Some(5), Some(5), 5)),
            ("31", at(None, None, Some(31), Some(0), 0)),
            ("14:00", at(None, None, None, Some(14), 0)),
            (":59", at(None, None, None, None, 59)),
            (":5:59", at(None, None, None, Some(5), 59)),
            ("T5:59", at(None, None, None, Some(5), 59)),
            ("5t", at(None, None, Some(5), Some(0), 0)),
            ("2099-2-31", at(Some(2099), Some(2), Some(31), Some(0), 0)),
            ("99999-1-1", at(Some(9000), Some(1), Some(1), Some(0), 0)),
        ];
        for (text, wanted) in cases {
            assert_eq!(StopAt::parse(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "abc",
            "99:99",
            "2027-13-1",
            "T5",
            "13-1",
            "0",
            "32",
            "1-2-3-4",
            "T:5",
            "T 5:1",
            "2-30",
            "1T5",
            "x:1",
        ] {
            assert_eq!(StopAt::parse(text.as_bytes()), None, "{text}");
        }
    }
}
