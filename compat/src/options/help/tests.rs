//! `--help` offers what rsync's offers, in the same form; `--version` says the truth in rsync's layout.

use super::*;

fn help(called_as: CalledAs) -> String {
    String::from_utf8(help_text(called_as)).unwrap()
}

/// Left columns of `rsync --help` 3.5.0.
#[test]
fn the_left_columns_are_those_of_rsync() {
    let text = help(CalledAs::Rsync);
    let ours: Vec<&str> = text.lines().filter_map(|line| line.split("  ").next()).collect();
    for column in include_str!("tests/columns.txt").lines() {
        assert!(ours.contains(&column), "{column}");
    }
    for option in ["--workers=NUM", "--pin=on|off", "--io=MODE"] {
        assert!(ours.contains(&option), "{option}");
    }
}

#[test]
fn the_text_starts_in_one_column_and_fits_in_100() {
    let text = help(CalledAs::Own);
    for line in text.lines().filter(|line| line.starts_with('-')) {
        assert!(line.len() <= 100, "{line}");
        let left = line.split("  ").next().unwrap();
        let gap = if left.len() < COLUMN - 1 { COLUMN } else { left.len() + 1 };
        assert!(line.len() > gap && !line[gap..].starts_with(' '), "{line}");
    }
}

#[test]
fn the_first_line_is_rsync_s_and_the_second_says_who_answers() {
    let text = String::from_utf8(version_text(VersionForm::Text)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "rsync  version 3.5.0  protocol version 32");
    assert!(lines[1].starts_with("This is io-uring-sync "));
    for called_as in [CalledAs::Rsync, CalledAs::Own] {
        assert!(help(called_as).starts_with(lines[0]));
    }
}

/// The keys of `rsync -VV` 3.5.0.
#[test]
fn json_has_rsync_s_keys() {
    let text = String::from_utf8(version_text(VersionForm::Json)).unwrap();
    let keys = "program version protocol copyright url capabilities file_bits inum_bits timestamp_bits long_int_bits \
        socketpairs symlinks symtimes hardlinks hardlink_specials hardlink_symlinks IPv6 atimes batchfiles inplace \
        append ACLs ACL_at xattrs secluded_args iconv prealloc stop_at crtimes optimizations SIMD_roll asm_roll \
        openssl_crypto asm_MD5 checksum_list compress_list daemon_auth_list license caveat";
    for key in keys.split_whitespace() {
        assert_eq!(text.matches(&format!("\"{key}\": ")).count(), 1, "{key}");
    }
    assert!(text.starts_with("{\n  \"program\": \"rsync\",\n  \"version\": \"3.5.0\",\n"));
    assert!(text.ends_with("\n}\n"));
}
