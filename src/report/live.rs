//! A few lines at the bottom of a terminal that are drawn over and over.
//!
//! The cursor waits at the beginning of the first of them. So all of them can be erased wherever a resized window has
//! put them, and what the terminal echoes for Ctrl-C is erased with them. indicatif leaves the cursor at the end of the
//! last one, where both leave lines behind every time.
//!
//! A window that becomes narrower breaks lines that are longer than its new width. Terminals that make room for that by
//! moving the screen up can then move the first of our lines out of it, where nothing can be erased. So no line is
//! longer than half the window, which may be halved in one step, as by a multiplexer that divides it.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uring_ext::plain;
use uring_ext::process::{TerminalSize, terminal_size};

/// What is drawn needs no more than this: half of the usual 80, less one.
pub(super) const COLUMNS_MAX: usize = 39;
/// The line of the cursor is erased, and below it everything.
///
/// Not in one go: tmux takes erasing from the top left corner on for clearing the screen and keeps a copy of what was
/// there among the lines that have scrolled away. On the last line of the screen the cursor stays where it is.
const ERASE: &str = "\r\x1b[K\x1b7\x1b[B\x1b[J\x1b8";
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
    /// Draws these lines, made for so many columns, instead of those before; as many and as much of each as there is
    /// room for.
    pub(super) fn draw(&self, lines: impl FnOnce(usize) -> Vec<String>) {
        let size = terminal_size(io::stderr()).unwrap_or(TerminalSize { columns: 80, rows: 24 });
        let mut frame = self.frame();
        *frame = drawn(lines(room(size)), size);
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

/// Columns that a line may have.
fn room(size: TerminalSize) -> usize {
    usize::from(size.columns / 2).saturating_sub(1).clamp(1, COLUMNS_MAX)
}

fn drawn(lines: Vec<String>, size: TerminalSize) -> String {
    let columns = room(size);
    let cut = |line: String| line.chars().take(columns).collect();
    let lines: Vec<String> = lines.into_iter().take(usize::from(size.rows)).map(cut).collect();
    let up = match lines.len() {
        0 | 1 => String::new(),
        many => format!("\x1b[{}A", many - 1),
    };
    format!("{CUT}{}{up}\r{WRAP}", lines.join("\n"))
}

fn write(text: &str) {
    // A terminal that is gone shows nothing.
    let _ = plain::write_all(io::stderr(), text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS_MAX, TerminalSize, drawn};

    fn lines(lines: &[&str], columns: u16, rows: u16) -> String {
        drawn(lines.iter().map(|&line| line.to_owned()).collect(), TerminalSize { columns, rows })
    }

    #[test]
    fn the_cursor_returns_to_the_first_line() {
        assert_eq!(lines(&["abc", "defg"], 8, 24), "\x1b[?7labc\ndef\x1b[1A\r\x1b[?7h");
        assert_eq!(lines(&["a"], 8, 24), "\x1b[?7la\r\x1b[?7h");
    }

    #[test]
    fn nothing_is_drawn_beyond_the_screen() {
        assert_eq!(lines(&["a", "b", "c"], 80, 2), "\x1b[?7la\nb\x1b[1A\r\x1b[?7h");
        let long = "x".repeat(100);
        assert_eq!(lines(&[&long], 80, 24).matches('x').count(), COLUMNS_MAX);
        assert_eq!(lines(&[&long], 1, 1).matches('x').count(), 1);
    }
}
