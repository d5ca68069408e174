//! Local time: the only user of the time zone, which is looked up when first needed.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rsync_compat::output::time::{LocalTime, utc};

/// Converts to the user's local time.
#[derive(Debug, Default)]
pub(super) struct Clock {
    zone: OnceLock<TimeZone>,
}

impl Clock {
    /// Seconds since 1970 as local time; in UTC when no calendar holds them.
    pub(super) fn local(&self, seconds: i64) -> LocalTime {
        let Ok(moment) = Timestamp::from_second(seconds) else { return utc(seconds) };
        let civil = moment.to_zoned(self.zone.get_or_init(TimeZone::system).clone()).datetime();
        let part = |value: i8| u8::try_from(value).unwrap_or(0);
        LocalTime {
            year: i64::from(civil.year()),
            month: part(civil.month()),
            day: part(civil.day()),
            hour: part(civil.hour()),
            minute: part(civil.minute()),
            second: part(civil.second()),
        }
    }

    /// The present.
    pub(super) fn now(&self) -> LocalTime {
        self.local(Timestamp::now().as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_ends_before_the_numbers_do() {
        let clock = Clock { zone: OnceLock::from(TimeZone::UTC) };
        assert_eq!(clock.local(951_782_400), utc(951_782_400));
        assert_eq!(clock.local(i64::MAX / 1000).year, utc(i64::MAX / 1000).year);
    }
}
