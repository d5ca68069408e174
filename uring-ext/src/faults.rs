//! Faults on purpose, for tests of those who use this crate: calls fail, move fewer bytes or take their time, as the
//! environment variable `URING_EXT_FAULTS` says. Only with the cargo feature `faults`, which no release has.
//!
//! The variable holds rules with commas between: `NAME:WHAT@N` strikes at the N-th call of the operation NAME,
//! `NAME:WHAT%P` at P of a thousand calls, by the random numbers of `seed=S`. NAME is an operation's file in `op/`, or
//! `*`. WHAT is an error number, `short` (one byte is moved), `flip` (a bit is
//! written wrong), or `delay=MICROSECONDS`. Where `URING_EXT_FAULTS_LOG`
//! names a file, each strike is a line in it; each call, when there are no rules.

use std::panic::Location;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::io::Errno;

use crate::probe;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Fail(i32),
    Short,
    Flip,
    Delay(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// At this call, the first being 1.
    Nth(u64),
    /// So often in a thousand calls.
    Permille(u64),
}

#[derive(Debug)]
struct Rule {
    name: String,
    what: What,
    when: When,
    calls: AtomicU64,
}

#[derive(Debug)]
struct Plan {
    rules: Vec<Rule>,
    random: AtomicU64,
    log: Option<std::os::fd::OwnedFd>,
}

/// The name of the operation whose file a call comes from.
#[track_caller]
pub(crate) fn caller() -> &'static str {
    let file = Location::caller().file();
    file.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or(file)
}

/// The error that this call of the operation is to end with, if any.
pub(crate) fn strike(name: &str) -> Option<Errno> {
    let plan = plan();
    if plan.rules.is_empty() {
        plan.note(format_args!("{name}"));
    }
    let mut failure = None;
    for rule in &plan.rules {
        match rule.what {
            What::Short | What::Flip => {}
            What::Fail(errno) if rule.fires(plan, name) => failure = Some(Errno::from_raw_os_error(errno)),
            What::Delay(time) if rule.fires(plan, name) => std::thread::sleep(time),
            What::Fail(_) | What::Delay(_) => {}
        }
    }
    failure
}

/// How many of `bytes` bytes this call of the operation is to move.
pub(crate) fn shorten(name: &str, bytes: usize) -> usize {
    let plan = plan();
    let short = plan.rules.iter().any(|rule| rule.what == What::Short && rule.fires(plan, name));
    if short { bytes.min(1) } else { bytes }
}

/// What this call of the operation is to write in place of `bytes`: one bit is another, as on a broken device.
pub(crate) fn flipped(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let plan = plan();
    let flips = plan.rules.iter().any(|rule| rule.what == What::Flip && rule.fires(plan, name));
    let mut changed = bytes.to_vec();
    *changed.first_mut().filter(|_| flips)? ^= 1;
    Some(changed)
}

impl Rule {
    fn fires(&self, plan: &Plan, name: &str) -> bool {
        if self.name != "*" && self.name != name {
            return false;
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let fires = match self.when {
            When::Nth(nth) => call == nth,
            When::Permille(share) => plan.number() % 1000 < share,
        };
        if fires {
            plan.note(format_args!("{name} {call} {:?}", self.what));
        }
        fires
    }

    fn parse(text: &str) -> Option<Rule> {
        let (name, rest) = text.split_once(':')?;
        let (what, when) = match rest.split_once('@') {
            Some((what, nth)) => (what, When::Nth(nth.parse().ok()?)),
            None => {
                let (what, share) = rest.split_once('%')?;
                (what, When::Permille(share.parse().ok()?))
            }
        };
        let what = match (what, what.strip_prefix("delay=")) {
            ("short", _) => What::Short,
            ("flip", _) => What::Flip,
            (_, Some(time)) => What::Delay(Duration::from_micros(time.parse().ok()?)),
            (errno, None) => What::Fail(errno.parse().ok()?),
        };
        Some(Rule { name: name.to_owned(), what, when, calls: AtomicU64::new(0) })
    }
}

impl Plan {
    /// The next random number (splitmix64).
    fn number(&self) -> u64 {
        let seed = self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn note(&self, line: std::fmt::Arguments<'_>) {
        if let Some(log) = &self.log {
            // A line is one write to a file that is appended to: threads don't mix theirs.
            let _ = rustix::io::write(log, format!("{line}\n").as_bytes());
        }
    }
}

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        use rustix::fs::{Mode, OFlags};
        let (text, log) = probe::faults_asked();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND | OFlags::CLOEXEC;
        let log = log.and_then(|path| rustix::fs::open(path, flags, Mode::from_raw_mode(0o644)).ok());
        let mut plan = Plan { rules: Vec::new(), random: AtomicU64::new(1), log };
        for part in text.split(',').filter(|part| !part.is_empty()) {
            match part.strip_prefix("seed=").and_then(|seed| seed.parse().ok()) {
                Some(seed) => plan.random = AtomicU64::new(seed),
                None => plan.rules.push(Rule::parse(part).expect("a rule of URING_EXT_FAULTS")),
            }
        }
        plan
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_fire() {
        let rule = Rule::parse("read:5@2").expect("a rule");
        assert_eq!((rule.what, rule.when), (What::Fail(5), When::Nth(2)));
        assert_eq!(Rule::parse("*:short%10").expect("a rule").what, What::Short);
        let delay = Rule::parse("write:delay=7%1000").expect("a rule");
        assert_eq!(delay.what, What::Delay(Duration::from_micros(7)));
        assert!(Rule::parse("read").is_none() && Rule::parse("read:x@1").is_none());
        let plan = Plan { rules: Vec::new(), random: AtomicU64::new(3), log: None };
        assert!(!rule.fires(&plan, "read") && rule.fires(&plan, "read") && !rule.fires(&plan, "read"));
        let often = (0..1000).filter(|_| delay.fires(&plan, "write")).count();
        assert_eq!(often, 1000);
    }
}
