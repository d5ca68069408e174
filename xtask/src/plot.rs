//! The picture in the README: how long rsync, cp and others take where we take 1, from the table of
//! docs/performance.md.

/// One bar: the work, the program, and its wall time as a multiple of ours.
#[derive(Debug, PartialEq)]
struct Bar {
    work: String,
    program: String,
    times: f64,
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 130.0;
const ROW: f64 = 18.0;
/// Bars longer than this are cut, and say so.
const LONGEST: f64 = 10.0;
/// Pixels of one time ours.
const UNIT: f64 = (WIDTH - LEFT - 80.0) / LONGEST;

/// The SVG text of `docs/performance.svg`.
pub(crate) fn svg(page: &str) -> String {
    let bars = bars(page);
    let mut body = String::new();
    let mut at = 40.0;
    let mut last = "";
    for bar in &bars {
        if bar.work != last {
            at += 8.0;
            body += &text(LEFT - 10.0, at + 13.0, "end", &bar.work);
            last = &bar.work;
        }
        body += &drawn(bar, at);
        at += ROW;
    }
    let height = at + 16.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\" role=\"img\" aria-label=\"Wall time of rsync, cp and others as a multiple of io-uring-sync's, \
         from docs/performance.md\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n{}{body}\
         <line x1=\"{x}\" x2=\"{x}\" y1=\"32\" y2=\"{}\" stroke=\"#222\"/>\n</svg>\n",
        text(LEFT, 22.0, "start", "Wall time, where io-uring-sync takes 1 (the line); shorter is faster"),
        height - 10.0,
        x = LEFT + UNIT,
    )
}

fn drawn(bar: &Bar, at: f64) -> String {
    let colour = match bar.program.as_str() {
        "rsync" => "#7a8fa8",
        "cp" => "#c2ccd8",
        _ => "#dfd3c0",
    };
    let length = bar.times.min(LONGEST) * UNIT;
    let label = format!("{} {:.1}", bar.program, bar.times);
    format!(
        "<rect x=\"{LEFT}\" y=\"{}\" width=\"{length:.0}\" height=\"{}\" fill=\"{colour}\"/>\n{}",
        at + 2.0,
        ROW - 4.0,
        text(LEFT + length + 6.0, at + 13.0, "start", &label)
    )
}

fn text(x: f64, y: f64, anchor: &str, words: &str) -> String {
    format!("<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{words}</text>\n")
}

/// Rows such as `| fresh (50000 files) | rsync | 3.073 | … | 2.77 | 1.97 |`. Work that several tables tell of stands
/// where the first one does; of a program that they measured twice the first figure counts.
fn bars(page: &str) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for bar in page.lines().filter_map(bar) {
        if bars.iter().any(|known| known.work == bar.work && known.program == bar.program) {
            continue;
        }
        let last = bars.iter().rposition(|known| known.work == bar.work);
        bars.insert(last.map_or(bars.len(), |last| last + 1), bar);
    }
    bars
}

fn bar(line: &str) -> Option<Bar> {
    let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
    let [work, program, .., wall, _] = cells[..] else { return None };
    let (work, _) = work.split_once(" (")?;
    let times = wall.parse().ok()?;
    let shown = !matches!(program, "ours" | "ring" | "syscalls" | "floor") && cells.len() == 8;
    shown.then(|| Bar { work: work.to_owned(), program: program.to_owned(), times })
}

#[cfg(test)]
mod tests {
    use super::{Bar, bars, svg};

    #[test]
    fn rows_become_bars() {
        let page = "| work | program | wall s | from–to | CPU s | peak MiB | wall ÷ ours | CPU ÷ ours |\n\
            |---|---|--:|--:|--:|--:|--:|--:|\n\
            | fresh (5 files) | ours | 1.1 | 1.0–1.3 | 2.1 | 20.4 | 1.00 | 1.00 |\n\
            | fresh (5 files) | rsync | 3.0 | 2.9–3.2 | 4.2 | 7.0 | 2.77 | 1.97 |\n\
            | fresh | 2.77 | 2.05 | 1.03 | yes |\n\
            | large (4 files) | cp | 3.0 | 2.9–3.2 | 4.2 | 7.0 | 2.00 | 1.97 |\n\
            | fresh (5 files) | rsync | 3.0 | 2.9–3.2 | 4.2 | 7.0 | 2.99 | 1.97 |\n\
            | fresh (5 files) | tar | 3.0 | 2.9–3.2 | 4.2 | 7.0 | 3.50 | 1.97 |\n";
        let bar = |work: &str, program: &str, times| Bar {
            work: work.to_owned(),
            program: program.to_owned(),
            times,
        };
        let expected = [bar("fresh", "rsync", 2.77), bar("fresh", "tar", 3.5), bar("large", "cp", 2.0)];
        assert_eq!(bars(page), expected);
        assert!(svg(page).contains("rsync 2.8"));
    }
}
