//! When a run is to stop, as a duration from now (rsync(1), `--stop-after`, `--stop-at`).

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::{ToSpan, Zoned};
use rsync_compat::options::stop::{Stop, StopAt};

/// How many months, days or hours are looked through for one that fits: leap days come every eight years at worst.
const TRIES_MAX: i64 = 9 * 12;

/// How long the run may last; `None` when the point in time has passed.
#[must_use]
pub fn remaining(stop: &Stop) -> Option<Duration> {
    match stop {
        Stop::After(minutes) => Some(Duration::from_secs(minutes.saturating_mul(60))),
        Stop::At(at, _) => {
            let now = Zoned::now();
            let then = next(at, now.datetime())?.to_zoned(now.time_zone().clone()).ok()?;
            Duration::try_from(then.duration_since(&now)).ok()
        }
    }
}

/// The next moment after `now` that fits.
fn next(at: &StopAt, now: DateTime) -> Option<DateTime> {
    (0..TRIES_MAX).map_while(|step| candidate(at, now, step)).flatten().find(|then| *then > now)
}

/// The moment that fits in the `step`th year, month, day or hour from now on, if there is one; nothing when there is
/// no such step.
fn candidate(at: &StopAt, now: DateTime, step: i64) -> Option<Option<DateTime>> {
    let part = |value: Option<u8>| value.and_then(|value| i8::try_from(value).ok());
    let (hour, minute) = (part(at.hour), part(Some(at.minute))?);
    let on = |date: Date| Some(date.at(hour.unwrap_or(0), minute, 0, 0));
    let today = now.date();
    Some(match (at.year, part(at.month), part(at.day)) {
        (Some(_), ..) if step > 0 => return None,
        (Some(year), Some(month), Some(day)) => {
            let year = in_full(year, today.year())?;
            // Like mktime(3): the 31st of April is the 1st of May.
            let first = Date::new(year, month, 1).ok()?;
            on(first.checked_add(i64::from(day - 1).days()).ok()?)
        }
        (_, Some(month), Some(day)) => {
            let year = today.year().checked_add(i16::try_from(step).ok()?)?;
            Date::new(year, month, day).ok().and_then(on)
        }
        (_, _, Some(day)) => {
            let month = today.first_of_month().checked_add(step.months()).ok()?;
            Date::new(month.year(), month.month(), day).ok().and_then(on)
        }
        _ if hour.is_some() => on(today.checked_add(step.days()).ok()?),
        _ => {
            let then = today.at(now.hour(), minute, 0, 0);
            Some(then.checked_add(step.hours()).ok()?)
        }
    })
}

/// A year of two digits is one of this century that has not passed, or of the next.
fn in_full(year: u16, this_year: i16) -> Option<i16> {
    let year = i16::try_from(year).ok()?;
    let near = year + this_year / 100 * 100;
    Some(if year >= 100 {
        year
    } else if near < this_year {
        near + 100
    } else {
        near
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rsync_compat::options::stop::StopAt;

    use super::next;

    #[test]
    fn the_next_moment_that_fits() {
        let now = date(2027, 1, 31).at(14, 30, 5, 0);
        let cases = [
            ("15:00", Some(date(2027, 1, 31).at(15, 0, 0, 0))),
            ("14:30", Some(date(2027, 2, 1).at(14, 30, 0, 0))),
            (":29", Some(date(2027, 1, 31).at(15, 29, 0, 0))),
            (":31", Some(date(2027, 1, 31).at(14, 31, 0, 0))),
            ("31", Some(date(2027, 3, 31).at(0, 0, 0, 0))),
            ("31T20:00", Some(date(2027, 1, 31).at(20, 0, 0, 0))),
            ("1-30", Some(date(2028, 1, 30).at(0, 0, 0, 0))),
            ("2-29", Some(date(2028, 2, 29).at(0, 0, 0, 0))),
            ("2027-2-29", Some(date(2027, 3, 1).at(0, 0, 0, 0))),
            ("27/12/31T23:59", Some(date(2027, 12, 31).at(23, 59, 0, 0))),
            ("2020-1-1", None),
            ("20/1/1", Some(date(2120, 1, 1).at(0, 0, 0, 0))),
            ("27/1/1", None),
        ];
        for (text, wanted) in cases {
            let at = StopAt::parse(text.as_bytes()).unwrap();
            assert_eq!(next(&at, now), wanted, "{text}");
        }
    }
}
