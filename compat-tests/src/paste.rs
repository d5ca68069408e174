//! A case as the test that plays it, ready to be pasted into a file of `tests/`.

use crate::tree::{Content, Entry, Kind, Mtime, Owner};
use crate::twin::{Case, Step};
use std::fmt::Write;

/// The function, named `name`.
pub fn test(case: &Case, name: &str) -> String {
    let mut text = format!("#[test]\nfn {name}() {{\n    world([\n");
    for entry in case.world.entries.values() {
        let _ = writeln!(text, "        {},", maker(entry));
    }
    text += "    ])\n";
    if case.user.is_some() {
        text += "    .as_user()\n";
    }
    if case.umask != 0o022 {
        let _ = writeln!(text, "    .umask(0o{:03o})", case.umask);
    }
    for step in &case.steps {
        let _ = match step {
            Step::Run(args) => {
                let args: Vec<String> = args.iter().map(|arg| string(&arg.to_string_lossy())).collect();
                writeln!(text, "    .run_args([{}])", args.join(", "))
            }
            Step::Put(entries) => {
                let entries: Vec<String> = entries.iter().map(maker).collect();
                writeln!(text, "    .put([{}])", entries.join(", "))
            }
            Step::Remove(paths) if paths.is_empty() => Ok(()),
            Step::Remove(paths) => {
                let paths: Vec<String> = paths.iter().map(|path| format!("&{}[..]", bytes(path))).collect();
                writeln!(text, "    .remove([{}])", paths.join(", "))
            }
        };
    }
    text + "    .check();\n}\n"
}

fn string(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}

fn bytes(text: &[u8]) -> String {
    format!("b\"{}\"", text.escape_ascii())
}

/// A name as short as it can be written.
fn name(path: &[u8]) -> String {
    match std::str::from_utf8(path) {
        Ok(text) => string(text),
        Err(_) => bytes(path),
    }
}

fn maker(entry: &Entry) -> String {
    let path = name(&entry.path);
    let mut text = match &entry.kind {
        Kind::Dir => format!("dir({path})"),
        Kind::File(content) => format!("file({path}, {})", contents(content)),
        Kind::Symlink(target) => format!("symlink({path}, {})", name(target)),
        Kind::Fifo => format!("fifo({path})"),
        Kind::Socket => format!("socket({path})"),
        Kind::Char(major, minor) => format!("char_dev({path}, {major}, {minor})"),
        Kind::Block(major, minor) => format!("block_dev({path}, {major}, {minor})"),
        Kind::HardLink(of) => format!("hard({path}, {})", name(of)),
    };
    let mut add = |call: String| text += &call;
    entry.mode.iter().for_each(|mode| add(format!(".mode(0o{mode:o})")));
    entry.owner.iter().for_each(|Owner { uid, gid }| add(format!(".owner({uid}, {gid})")));
    let mtime = |Mtime { seconds, nanoseconds }| format!(".mtime_ns({seconds}, {nanoseconds})");
    entry.mtime.map(mtime).into_iter().for_each(&mut add);
    for (attribute, value) in &entry.xattrs {
        add(format!(".xattr({}, {})", string(attribute), bytes(value)));
    }
    entry.acl.iter().for_each(|acl| add(format!(".acl({})", string(acl))));
    entry.default_acl.iter().for_each(|acl| add(format!(".default_acl({})", string(acl))));
    text
}

fn contents(content: &Content) -> String {
    match content {
        Content::Bytes(text) => match std::str::from_utf8(text) {
            Ok(text) => string(text),
            Err(_) => format!("&{}[..]", bytes(text)),
        },
        Content::Random { seed, size } => format!("random({seed}, {size})"),
        Content::Sparse { size, data } => format!("sparse({size}, &{data:?})"),
        Content::Zeros(size) => format!("Content::Zeros({size})"),
    }
}

#[cfg(test)]
mod tests {
    use super::test;
    use crate::tree::{dir, file, symlink};
    use crate::twin::world;

    #[test]
    fn a_case_is_written_as_it_was() {
        let case = world([file(b"s/\xff", "x\n").mode(0o600), dir("d").mtime(5), symlink("s/l", "\u{e9}")]);
        let text = test(&case.as_user().run("-ai s/ d/").remove(["s/l"]), "found");
        for part in [
            "fn found() {",
            "file(b\"s/\\xff\", \"x\\n\").mode(0o600),",
            "dir(\"d\").mtime_ns(5, 0),",
            ".as_user()",
            ".run_args([\"-ai\", \"s/\", \"d/\"])",
            ".remove([&b\"s/l\"[..]])",
            ".check();",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
