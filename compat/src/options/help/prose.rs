//! Light markup to roff, so that prose can be written and read as plain text.
//!
//! `` `typed` `` is bold and `*value*` italic. A line starts with `# ` or `## ` for a heading, `- ` for a bullet, four
//! spaces for an example that is kept as it is; `` `term` :: text `` describes a term. Other lines belong to what is
//! above them, and an empty line ends it.

/// What the lines since the last empty one, or since a line with a mark, make together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block<'t> {
    Section(&'t str),
    Subsection(&'t str),
    Term(&'t str, &'t str),
    Bullet(&'t str),
    Example(&'t str),
    /// A line of prose that goes on with what is above.
    More(&'t str),
    Empty,
}

const TERM: &str = " :: ";

fn block(line: &str) -> Block<'_> {
    if line.trim().is_empty() {
        Block::Empty
    } else if let Some(example) = line.strip_prefix("    ") {
        Block::Example(example)
    } else if let Some(heading) = line.strip_prefix("# ") {
        Block::Section(heading)
    } else if let Some(heading) = line.strip_prefix("## ") {
        Block::Subsection(heading)
    } else if let Some(text) = line.strip_prefix("- ") {
        Block::Bullet(text)
    } else if let Some((term, text)) = line.split_once(TERM) {
        Block::Term(term, text)
    } else {
        Block::More(line)
    }
}

/// The text as roff.
pub(super) fn roff(text: &str) -> String {
    let mut page = String::new();
    let mut before = Block::Section("");
    for line in text.lines() {
        let now = block(line);
        let in_example = matches!(before, Block::Example(_));
        if in_example && !matches!(now, Block::Example(_)) {
            page += ".fi\n";
        }
        match now {
            Block::Section(heading) => page += &format!(".SH \"{}\"\n", inline(heading)),
            Block::Subsection(heading) => page += &format!(".SS \"{}\"\n", inline(heading)),
            Block::Term(term, text) => page += &format!(".TP\n{}\n{}\n", sentence(term), sentence(text)),
            Block::Bullet(text) => page += &format!(".IP \\(bu 2\n{}\n", sentence(text)),
            Block::Example(text) => {
                page += if in_example { "" } else { ".IP \"\" 4\n.nf\n" };
                page += &format!("{}\n", guarded(&typed(text)));
            }
            Block::More(text) => {
                page += if matches!(before, Block::Empty) { ".PP\n" } else { "" };
                page += &format!("{}\n", sentence(text));
            }
            Block::Empty => {}
        }
        before = now;
    }
    if matches!(before, Block::Example(_)) {
        page += ".fi\n";
    }
    page
}

fn sentence(text: &str) -> String {
    guarded(&inline(text))
}

/// A line that starts with a dot or an apostrophe would be a request.
fn guarded(line: &str) -> String {
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() }
}

fn inline(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out += &format!("\\fB{}\\fR", typed(part));
            continue;
        }
        for (index, part) in part.split('*').enumerate() {
            out += &if index % 2 == 1 { format!("\\fI{part}\\fR") } else { part.to_owned() };
        }
    }
    out
}

/// What is typed keeps its hyphens, quotes and backslashes.
pub(super) fn typed(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' => out += "\\e",
            '-' => out += "\\-",
            '\'' => out += "\\(aq",
            '^' => out += "\\(ha",
            '~' => out += "\\(ti",
            '`' => out += "\\(ga",
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::roff;

    #[test]
    fn markup_becomes_requests() {
        let text =
            "# A B\nOne `-a` *X*\ntwo.\n\n`t`, `u` :: Text\nmore.\n- Point\n\n    it's .x\n    y\n\nEnd.\n";
        let page = ".SH \"A B\"\nOne \\fB\\-a\\fR \\fIX\\fR\ntwo.\n.TP\n\\fBt\\fR, \\fBu\\fR\nText\nmore.\n\
            .IP \\(bu 2\nPoint\n.IP \"\" 4\n.nf\nit\\(aqs .x\ny\n.fi\n.PP\nEnd.\n";
        assert_eq!(roff(text), page);
    }

    #[test]
    fn no_line_is_taken_for_a_request() {
        assert_eq!(roff(".x\n\n    .y\n"), "\\&.x\n.IP \"\" 4\n.nf\n\\&.y\n.fi\n");
    }
}
