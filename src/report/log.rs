//! `IO_URING_SYNC_LOG`: what goes on inside, on standard error. The targets of events are the words of `--debug` in
//! small letters.

use std::io;
use std::sync::Arc;

use rsync_compat::options::Debug;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, time};
use tracing_subscriber::layer::SubscriberExt;
use uring_ext::plain;

use super::live::Screen;

/// As a filter: the words of `--debug` that are in force say what is logged.
const WORDS: &[u8] = b"words";

/// Starts logging as the filter says; what is wrong with the filter is returned.
pub(super) fn start(filter: &[u8], debug: &Debug, screen: Option<Arc<Screen>>) -> Result<(), String> {
    let targets = match filter {
        WORDS => of_words(debug),
        text => parse(text)?,
    };
    let lines = fmt::layer()
        .with_ansi(false)
        .with_timer(time::uptime())
        .with_writer(move || Stderr { screen: screen.clone() })
        .with_filter(targets);
    // Who embeds this crate may have a log of their own.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
    Ok(())
}

fn parse(text: &[u8]) -> Result<Targets, String> {
    let text = str::from_utf8(text).map_err(|error| error.to_string())?;
    text.parse::<Targets>().map_err(|error| error.to_string())
}

fn of_words(debug: &Debug) -> Targets {
    Targets::new().with_targets(debug.words().map(|word| (word.word, of_level(word.level, word.level_max))))
}

/// The highest level of a word tells everything, those below it less and less.
fn of_level(level: u8, level_max: u8) -> LevelFilter {
    match (level, level_max.saturating_sub(level)) {
        (0, _) => LevelFilter::OFF,
        (_, 0) => LevelFilter::TRACE,
        (_, 1) => LevelFilter::DEBUG,
        (_, _) => LevelFilter::INFO,
    }
}

/// Standard error, above a live view.
struct Stderr {
    screen: Option<Arc<Screen>>,
}

impl io::Write for Stderr {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let write = || plain::write_all(io::stderr(), text);
        match &self.screen {
            Some(screen) => screen.apart(write),
            None => write(),
        }?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_words_and_levels() {
        let targets = parse(b"flist=debug,del").unwrap();
        assert!(targets.would_enable("flist", &tracing::Level::DEBUG));
        assert!(!targets.would_enable("flist", &tracing::Level::TRACE));
        assert!(targets.would_enable("del", &tracing::Level::TRACE));
        assert!(!targets.would_enable("genr", &tracing::Level::ERROR));
        assert!(parse(b"flist=loud").is_err());
    }

    #[test]
    fn words_of_debug_have_levels() {
        let targets = of_words(&Debug { flist: 3, exit: 1, genr: 1, ..Debug::default() });
        assert!(targets.would_enable("flist", &tracing::Level::DEBUG));
        assert!(!targets.would_enable("flist", &tracing::Level::TRACE));
        assert!(targets.would_enable("exit", &tracing::Level::INFO));
        assert!(!targets.would_enable("exit", &tracing::Level::DEBUG));
        assert!(targets.would_enable("genr", &tracing::Level::TRACE), "its only level tells everything");
        assert!(!targets.would_enable("del", &tracing::Level::ERROR));
    }
}
