//! The table without a kernel: these run under Miri and memcheck.

use std::cell::RefCell;
use std::rc::Rc;

use super::*;

type Log = Rc<RefCell<Vec<String>>>;

/// Notes what becomes of it. `scratch` stands for memory that the kernel would write to.
struct Note(Log, Box<[u8; 8]>, *mut u8);

impl Note {
    fn new(log: &Log) -> Note {
        Note(Rc::clone(log), Box::new([0; 8]), std::ptr::null_mut())
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.0.borrow_mut().push("dropped".into());
    }
}

// SAFETY: the scratch memory is on the heap and its address is used only until the answer.
unsafe impl Op for Note {
    type Output = u32;
    const NAME: &'static str = "note";
    const OPCODE: Option<u8> = Some(0);

    fn native(&mut self) -> Sqe {
        self.2 = self.1.as_mut_ptr();
        io_uring::opcode::Nop::new().build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        Ok(0)
    }

    unsafe fn finish(self, answer: u32) -> io::Result<u32> {
        // SAFETY: the pointer was made by `native`, into a box that self owns; this is what a kernel would do.
        unsafe { self.2.write(7) };
        self.0.borrow_mut().push(format!("finished {answer} {}", self.1[0]));
        Ok(answer)
    }
}

/// Stands for a close, which the kernel has taken the descriptor of.
struct Closing;

// SAFETY: nothing is addressed.
unsafe impl Op for Closing {
    type Output = ();
    const NAME: &'static str = "close";
    const OPCODE: Option<u8> = Some(io_uring::opcode::Close::CODE);

    fn native(&mut self) -> Sqe {
        io_uring::opcode::Nop::new().build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        Ok(0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}

fn ask(table: &mut Inflight, log: &Log) -> Key {
    table.ask(Note::new(log), Waker::noop().clone())
}

#[test]
fn an_operation_is_kept_until_its_answer_is_taken() {
    let (mut table, log) = (Inflight::default(), Log::default());
    let key = ask(&mut table, &log);
    assert!(table.take(key, Waker::noop()).is_none());
    assert_eq!(table.launch().unwrap().0, key);
    assert_eq!(table.cancellable(), [key]);
    assert!(table.answer(key, 5).is_some());
    let (op, answer) = table.take(key, Waker::noop()).unwrap();
    assert!(log.borrow().is_empty());
    // SAFETY: this is the answer to that operation.
    let output = unsafe { finish(table.unpark::<Note>(op), answer) };
    assert_eq!(output.unwrap(), 5);
    assert_eq!(*log.borrow(), ["finished 5 7", "dropped"]);
}

#[test]
fn the_memory_of_an_operation_is_used_again() {
    let (mut table, log) = (Inflight::default(), Log::default());
    let place = |table: &mut Inflight| {
        let key = ask(table, &log);
        table.launch().unwrap();
        assert!(table.answer(key, 0).is_some());
        let (op, _) = table.take(key, Waker::noop()).unwrap();
        let address = std::ptr::from_ref(&*op).cast::<()>();
        drop(table.unpark::<Note>(op));
        address
    };
    assert_eq!(place(&mut table), place(&mut table));
}

#[test]
fn an_unwanted_one_is_finished_when_its_answer_comes() {
    let (mut table, log) = (Inflight::default(), Log::default());
    let key = ask(&mut table, &log);
    table.launch().unwrap();
    assert!(table.abandon(key).is_none());
    assert!(log.borrow().is_empty(), "the kernel still has it");
    let news = table.answer(key, 3).unwrap();
    assert!(matches!(news, News::Drop(_)));
    news.tell();
    assert_eq!(*log.borrow(), ["finished 3 7", "dropped"]);
    assert_eq!(table.flying(), 0);
}

#[test]
fn an_unwanted_failure_is_only_dropped() {
    let (mut table, log) = (Inflight::default(), Log::default());
    let key = ask(&mut table, &log);
    table.launch().unwrap();
    assert!(table.abandon(key).is_none());
    table.answer(key, -libc::ENOENT).unwrap().tell();
    assert_eq!(*log.borrow(), ["dropped"]);
}

#[test]
fn one_abandoned_in_the_queue_never_reaches_the_kernel() {
    let (mut table, log) = (Inflight::default(), Log::default());
    let first = ask(&mut table, &log);
    table.abandon(first).unwrap().settle();
    assert_eq!(*log.borrow(), ["dropped"]);
    let second = ask(&mut table, &log);
    assert_eq!(first, second, "the place is used again");
    assert_eq!(table.launch().unwrap().0, second);
    assert!(table.launch().is_none(), "its key is in the queue twice, and counts once");
    table.answer(second, 0).unwrap().tell();
    table.abandon(second).unwrap().settle();
    assert_eq!(log.borrow().len(), 3);
}

#[test]
fn a_close_is_not_to_be_given_up() {
    let (mut table, log) = (Inflight::default(), Log::default());
    let closing = table.ask(Closing, Waker::noop().clone());
    let other = ask(&mut table, &log);
    table.launch().unwrap();
    table.launch().unwrap();
    assert_eq!(table.cancellable(), [other], "its descriptor would be lost");
    for key in [closing, other] {
        assert!(table.abandon(key).is_none());
        table.answer(key, 0).unwrap().tell();
    }
}

#[test]
fn answers_to_nobody_are_ignored() {
    let (mut table, log) = (Inflight::default(), Log::default());
    assert!(table.answer(9, 0).is_none());
    let key = ask(&mut table, &log);
    assert!(table.answer(key, 0).is_none(), "not launched yet");
    table.launch().unwrap();
    assert!(table.answer(key, 0).is_some());
}
