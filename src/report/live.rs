//! A few lines at the bottom of a terminal that are drawn over and over.
//!
//! The cursor waits at the beginning of the first of them. So all of them can be erased, mostly also where a resized
//! window has put them, and what the terminal echoes for Ctrl-C is erased with them. A window that becomes narrower
//! while they are drawn may keep some. indicatif leaves the cursor at the end of the last one, where both leave lines
//! behind every time.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uring_ext::plain;
use uring_ext::process::terminal_columns;

/// To the first column, and everything from there on erased.
const ERASE: &str = "\r\x1b[J";
/// Lines are cut at the margin instead of wrapped: a window may become narrower between asking how wide it is and
/// drawing, and a wrapped line would be one more to go back over.
const CUT: &str = "\x1b[?7l";
/// Lines are wrapped again.
const WRAP: &str = "\x1b[?7h";

/// Where the lines are.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// What is drawn now, to be drawn again below what others write.
    frame: Mutex<String>,
}

impl Screen {
    /// Draws these lines instead of those before, cut to the terminal's width.
    pub(super) fn draw(&self, lines: Vec<String>) {
        let columns = usize::from(terminal_columns(io::stderr()).unwrap_or(80)).max(2);
        let mut frame = self.frame();
        *frame = drawn(lines, columns - 1);
        write(&format!("{ERASE}{frame}"));
    }

    /// Erases the lines.
    pub(super) fn clear(&self) {
        let mut frame = self.frame();
        if !frame.is_empty() {
            frame.clear();
            write(ERASE);
        }
    }

    /// Writes something else above the lines.
    pub(super) fn apart<T>(&self, act: impl FnOnce() -> T) -> T {
        let frame = self.frame();
        if frame.is_empty() {
            return act();
        }
        write(ERASE);
        let answer = act();
        write(&frame);
        answer
    }

    fn frame(&self) -> MutexGuard<'_, String> {
        self.frame.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn drawn(lines: Vec<String>, columns: usize) -> String {
    let up = match lines.len() {
        0 | 1 => String::new(),
        many => format!("\x1b[{}A", many - 1),
    };
    let cut: Vec<String> = lines.into_iter().map(|line| line.chars().take(columns).collect()).collect();
    format!("{CUT}{}{up}\r{WRAP}", cut.join("\n"))
}

fn write(text: &str) {
    // A terminal that is gone shows nothing.
    let _ = plain::write_all(io::stderr(), text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn the_cursor_returns_to_the_first_line() {
        assert_eq!(drawn(vec!["abc".to_owned(), "defg".to_owned()], 3), "\x1b[?7labc\ndef\x1b[1A\r\x1b[?7h");
        assert_eq!(drawn(vec!["a".to_owned()], 3), "\x1b[?7la\r\x1b[?7h");
    }
}
