//! The end of a report: after a run that was done, one that broke off, and one that was refused.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rsync_compat::exit::Exit;
use rsync_compat::options::Progress;

use super::errors::{self, Ended};
use super::formatter::{Form, Speaker};
use super::progress::Totals;
use super::settings::FarWrites;
use super::sink::Sink;
use super::{Reporter, account, closing, early, json, progress, traffic};
use crate::failure::{Cause, Fatal, Side};
use crate::summary::Summary;

/// The first protocol by which a side that ends says with which status.
const EXITS_ARE_TOLD_SINCE: i32 = 31;

impl Reporter {
    /// Tells why a run was refused before it began, and returns the exit status.
    #[must_use]
    pub fn refused(&self, fatal: &Fatal) -> u8 {
        self.tell_fatal(fatal, Ended::Early(fatal))
    }

    /// Tells that the receiving side refused a run after the sending side had made its list, and returns the exit
    /// status: the sender finds the connection closed, and logs that.
    #[must_use]
    pub fn refused_there(&self, fatal: &Fatal, listed: Totals) -> u8 {
        if self.settings.levels.protocol < EXITS_ARE_TOLD_SINCE {
            return self.closed_there(fatal);
        }
        if matches!(self.channels.far_writes, FarWrites::Nothing | FarWrites::OnlyLog) {
            return self.refused(fatal);
        }
        self.tell_message(fatal);
        let last = errors::last_line(fatal.exit.code(), Ended::Early(fatal));
        self.channels.complain_as(Speaker::Direct, last.as_bytes());
        if self.logs_what_is_refused() {
            self.channels.log(&closing::refused(listed));
            self.channels.complain(errors::last_line(fatal.exit.code(), Ended::There).as_bytes());
        }
        self.end(fatal)
    }

    /// An old protocol does not say why the other side is gone.
    fn closed_there(&self, fatal: &Fatal) -> u8 {
        self.tell_message(fatal);
        let last = errors::last_line(fatal.exit.code(), Ended::Early(fatal));
        self.channels.complain_as(Speaker::Direct, last.as_bytes());
        self.channels.complain(errors::last_line(Exit::StreamIo.code(), Ended::There).as_bytes());
        self.end(&Fatal { exit: Exit::StreamIo, ..fatal.clone() })
    }

    /// Whether the log file says how much there was to copy, for which all of it has to be looked at.
    #[must_use]
    pub fn logs_what_is_refused(&self) -> bool {
        self.settings.log_file.is_some() && !closing::is_shown(&self.settings.levels)
    }

    /// Ends the report, and returns the exit status. A run that broke off has no summary.
    #[must_use]
    pub fn closing(&self, summary: &Summary, elapsed: Duration, fatal: Option<&Fatal>) -> u8 {
        if let Some(fatal) = fatal
            && self.channels.sequence.is_held_up()
        {
            // Whoever should read does not, and a thread waits for that with all that was to be said.
            return early::abandon(fatal);
        }
        if let Some(bar) = &self.bar {
            bar.clear();
        }
        self.tell_unlisted();
        self.tell_rest();
        self.channels.sequence.flush();
        if self.settings.progress == Progress::Overall {
            self.channels.sequence.output(|sink| sink.draw(progress::Ledger::end));
        }
        self.tally.unkept.lines().for_each(|line| self.channels.warning(Speaker::Near, &line));
        let ended = self.ended(elapsed, fatal);
        if let Some(fatal) = fatal {
            self.channels.object(|out| json::summary(out, summary, &ended));
            return self.tell_fatal(fatal, Ended::Broken(fatal));
        }
        let exit = closing::exit(summary).code();
        if summary.deletions_skipped > 0 {
            let skipped = summary.deletions_skipped;
            let line = format!("Deletions stopped due to --max-delete limit ({skipped} skipped)\n");
            self.channels.sequence.output(|sink| sink.complain(line.as_bytes()));
            if self.channels.far_writes == FarWrites::OnlyLog {
                self.channels.log(line.trim_end().as_bytes());
            }
            self.channels.hint_later(line.as_bytes());
        }
        tracing::info!(target: "exit", exit, ?elapsed, "the run has ended");
        let said_bytes = self.channels.formatter.far_bytes.load(Ordering::Relaxed);
        let traffic = traffic::traffic(summary, &self.settings.levels, said_bytes, elapsed);
        let closing = closing::closing(&self.settings, summary, traffic, exit);
        if self.settings.form == Form::Text {
            self.channels.tell_raw(&closing.out);
        }
        self.channels.object(|out| json::summary(out, summary, &ended));
        self.tell_account(summary, ended);
        for line in &closing.log {
            self.channels.log(line);
        }
        self.channels.tell_late_hints();
        if exit != 0 {
            self.channels.complain(errors::last_line(exit, Ended::Late).as_bytes());
        }
        self.channels.object(|out| json::end(out, exit));
        self.channels.sequence.output(Sink::flush);
        exit
    }

    fn ended(&self, elapsed: Duration, fatal: Option<&Fatal>) -> json::Ended {
        json::Ended {
            complete: fatal.is_none(),
            skipped: self.tally.skipped.load(Ordering::Relaxed),
            failures: self.tally.failures.load(Ordering::Relaxed),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// `--summary`.
    fn tell_account(&self, summary: &Summary, ended: json::Ended) {
        if self.settings.account && self.settings.form == Form::Text {
            let account = account::Account {
                summary,
                ended,
                run: self.settings.run,
                usage: uring_ext::process::usage(),
            };
            let mut text = Vec::new();
            account::push(&mut text, &account);
            self.channels.tell_raw(&text);
        }
    }

    fn tell_fatal(&self, fatal: &Fatal, ended: Ended<'_>) -> u8 {
        self.tell_message(fatal);
        if matches!(fatal.cause, Cause::CopyAs(_)) {
            self.channels.log(b"sent 0 bytes  received 0 bytes  total size 0");
        }
        // What the receiving side ends for is logged there, where it has a log file of its own.
        let speaker = match (fatal.side, self.channels.far_writes) {
            (Side::Receiver | Side::Generator, FarWrites::OnlyLog) => Speaker::Far,
            _ => Speaker::Near,
        };
        self.channels.complain_as(speaker, errors::last_line(fatal.exit.code(), ended).as_bytes());
        self.end(fatal)
    }

    fn tell_message(&self, fatal: &Fatal) {
        tracing::error!(target: "exit", exit = fatal.exit.code(), %fatal, "the run broke off");
        for line in fatal.cause.words().split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            self.channels.warning(Speaker::of(fatal.side), line);
        }
    }

    fn end(&self, fatal: &Fatal) -> u8 {
        self.channels.object(|out| json::end(out, fatal.exit.code()));
        self.channels.sequence.output(Sink::flush);
        fatal.exit.code()
    }
}
