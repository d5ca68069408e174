//! Out of order in, in order out.

use std::thread;

use super::*;

#[derive(Default)]
struct Written {
    text: String,
    base: u64,
    numbers: Vec<u64>,
}

impl Output for Written {
    fn put(&mut self, shown: &Shown, text: &[u8]) {
        self.text.push_str(std::str::from_utf8(text).unwrap());
        self.text.push(' ');
        if shown.moved.is_some() {
            self.numbers.push(self.base + shown.index);
        }
    }

    fn doubles(&mut self, _: &[(u64, Shown, &[u8])]) {}

    fn begin_segment(&mut self, _: u64) {}

    fn end_of_segment(&mut self, entries: u64) {
        self.base += entries;
    }

    fn moving(&mut self, done_bytes: u64, size_bytes: u64) {
        self.text.push_str(&format!("{done_bytes}/{size_bytes} "));
    }

    fn settle(&mut self) {}

    fn flush(&mut self) {}

    fn end_of_pass(&mut self) {}
}

fn add(sequence: &Sequence<Written>, node: &Node, place: Place, text: &str) {
    sequence.add(node, place, |out| {
        out.extend_from_slice(text.as_bytes());
        Some(Shown { moved: Some(0), ..Shown::at(place, 0) })
    });
}

fn text(sequence: &Sequence<Written>) -> String {
    sequence.output(|written| written.text.clone())
}

fn wanted() -> Sequence<Written> {
    Sequence::new(Written::default(), Order::Wanted)
}

#[test]
fn a_directory_has_deletions_itself_entries_and_children() {
    let sequence = wanted();
    let root = sequence.root();
    let (b, a) = (root.child(3), root.child(2));
    add(&sequence, &b, Place::Slot(0), "b/f");
    add(&sequence, &b, Place::Deletion, "-b/gone");
    add(&sequence, &root, Place::Slot(3), "b/");
    add(&sequence, &root, Place::Slot(1), "g");
    add(&sequence, &root, Place::After, "-late");
    add(&sequence, &root, Place::Slot(2), "a/");
    add(&sequence, &root, Place::Own, "./");
    add(&sequence, &root, Place::Slot(4), "c/");
    add(&sequence, &root, Place::Deletion, "-gone");
    add(&sequence, &root, Place::Slot(0), "f");
    add(&sequence, &a, Place::Slot(0), "a/f");
    sequence.done(&b);
    assert_eq!(text(&sequence), "");
    sequence.done(&root);
    assert_eq!(text(&sequence), "-gone ./ f g ");
    sequence.done(&a);
    assert_eq!(text(&sequence), "-gone ./ f g a/ a/f -b/gone b/ b/f c/ -late ");
}

#[test]
fn entries_are_numbered_by_directories_in_order() {
    let sequence = wanted();
    let root = sequence.root();
    let a = root.child(2);
    add(&sequence, &a, Place::Slot(0), "a/f");
    for (place, text) in
        [(Place::Slot(2), "a/"), (Place::Slot(0), "f"), (Place::Slot(1), "g"), (Place::Own, "./")]
    {
        add(&sequence, &root, place, text);
    }
    sequence.done(&a);
    sequence.done(&root);
    let numbers = sequence.output(|written| written.numbers.clone());
    assert_eq!(text(&sequence), "./ f g a/ a/f ");
    // The child's own line is written later; its number counts only when data moved, which a directory has none of.
    assert_eq!((&numbers[..3], numbers[4]), (&[0, 1, 2][..], 4));
}

#[test]
fn what_comes_after_a_directory_was_written_goes_out_at_once() {
    let sequence = wanted();
    let root = sequence.root();
    sequence.done(&root);
    add(&sequence, &root, Place::Slot(0), "late");
    assert_eq!(text(&sequence), "late ");
}

#[test]
fn a_new_pass_writes_what_the_pass_before_left() {
    let sequence = wanted();
    let first = sequence.root();
    let child = first.child(0);
    add(&sequence, &child, Place::Deletion, "-a/x");
    let second = sequence.root();
    add(&sequence, &second, Place::Own, "./");
    sequence.flush();
    assert_eq!(text(&sequence), "-a/x ./ ");
}

#[test]
fn nobody_listening_costs_no_node() {
    let sequence = Sequence::new(Written::default(), Order::Unwanted);
    let root = sequence.root();
    assert!(Arc::ptr_eq(&root, &root.child(7)));
    add(&sequence, &root, Place::Slot(0), "at once");
    sequence.done(&root);
    assert_eq!(text(&sequence), "at once ");
}

/// A tree of three levels, its directories shared out among threads from the last to the first.
#[test]
fn threads_do_not_change_the_order() {
    const WIDTH: u32 = 6;
    const THREADS: usize = 4;
    let sequence = wanted();
    let root = sequence.root();
    let mut jobs = vec![(String::new(), Arc::clone(&root))];
    let mut at = 0;
    while at < jobs.len() {
        let (name, node) = jobs[at].clone();
        if name.len() < 4 {
            jobs.extend((0..WIDTH).map(|slot| (format!("{name}{slot}/"), node.child(WIDTH + slot))));
        }
        at += 1;
    }
    thread::scope(|scope| {
        for part in 0..THREADS {
            let (sequence, jobs) = (&sequence, &jobs);
            scope.spawn(move || {
                for (name, node) in jobs.iter().rev().skip(part).step_by(THREADS) {
                    for slot in (0..WIDTH).rev() {
                        add(sequence, node, Place::Slot(slot), &format!("{name}{slot}"));
                    }
                    thread::yield_now();
                    sequence.done(node);
                }
            });
        }
    });
    let written = text(&sequence);
    let names: Vec<&str> = written.split_whitespace().collect();
    let mut sorted = names.clone();
    sorted.sort_by(|a, b| crate::entry::list_order(a.as_bytes(), b.as_bytes()));
    assert_eq!(names.len(), jobs.len() * WIDTH as usize);
    assert_eq!(names, sorted);
}

#[test]
fn what_comes_next_is_written_before_the_directory_is_done() {
    let sequence = wanted();
    let root = sequence.root();
    let child = root.child(5);
    add(&sequence, &root, Place::Own, "./");
    sequence.stream();
    assert_eq!(text(&sequence), "", "nobody knows yet what else comes before");
    add(&sequence, &root, Place::Slot(0), "same");
    let meter = Meter::of(9);
    sequence.started(&root, 1, Names::InOrder, Some(meter.clone()));
    sequence.started(&root, 2, Names::InOrder, None);
    add(&sequence, &root, Place::Slot(2), "later");
    sequence.add(&root, Place::Slot(5), |out| {
        out.extend_from_slice(b"dir/");
        Some(Shown::at(Place::Slot(5), 4))
    });
    sequence.stream();
    assert_eq!(text(&sequence), "./ same ");
    add(&sequence, &root, Place::Slot(1), "large");
    sequence.stream();
    assert_eq!(text(&sequence), "./ same large 0/9 ", "the first that moves has its line already");
    meter.add(4);
    sequence.stream();
    assert_eq!(text(&sequence), "./ same large 0/9 4/9 ");
    sequence.ended(&root, 1);
    sequence.looked(&root);
    sequence.stream();
    assert_eq!(text(&sequence), "./ same large 0/9 4/9 later ");
    sequence.ended(&root, 2);
    sequence.stream();
    assert_eq!(text(&sequence), "./ same large 0/9 4/9 later ", "the child has a line of its own");
    sequence.done(&root);
    add(&sequence, &child, Place::Slot(0), "dir/f");
    sequence.looked(&child);
    sequence.stream();
    assert_eq!(text(&sequence), "./ same large 0/9 4/9 later dir/ dir/f ");
    sequence.done(&child);
    assert_eq!(sequence.output(|written| written.numbers.clone()), [0, 1, 2, 3, 5]);
}
