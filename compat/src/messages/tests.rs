//! Lines that rsync 3.5.0 printed.

use super::*;

#[test]
fn system_errors() {
    use Failing::*;
    let cases: &[(Role, Failing<'_>, i32, &str, &str)] = &[
        (
            Role::Sender,
            LinkStat(b"/m/nope"),
            2,
            "No such file or directory",
            "[sender] link_stat \"/m/nope\" failed",
        ),
        (
            Role::Sender,
            ReadlinkStat(b"/m/q"),
            13,
            "Permission denied",
            "[sender] readlink_stat(\"/m/q\") failed",
        ),
        (
            Role::Sender,
            OpenSource(b"/m/f"),
            13,
            "Permission denied",
            "[sender] send_files failed to open \"/m/f\"",
        ),
        (
            Role::Receiver,
            MakeTemp(b"/d/.x.abc"),
            13,
            "Permission denied",
            "[receiver] mkstemp \"/d/.x.abc\" failed",
        ),
        (
            Role::Receiver,
            Write(b"/d/x"),
            28,
            "No space left on device",
            "[receiver] write failed on \"/d/x\"",
        ),
        (
            Role::Receiver,
            Rename { from: b"/d/.f.x", to: b"f" },
            1,
            "No",
            "[receiver] rename \"/d/.f.x\" -> \"f\"",
        ),
        (
            Role::Generator,
            MakeDir(b"/d/dir"),
            13,
            "No",
            "[generator] recv_generator: mkdir \"/d/dir\" failed",
        ),
        (Role::Generator, SetTimes(b"/d/."), 1, "No", "[generator] failed to set times on \"/d/.\""),
        (Role::Generator, Unlink(b"dir/old"), 13, "No", "[generator] delete_file: unlink(dir/old) failed"),
        (Role::Generator, SetAccessAcl(b"f"), 95, "No", "[generator] set_acl: xacl_set(f, ACL_TYPE_ACCESS)"),
        (
            Role::Receiver,
            SetXattr { path: b"/d/.f.I", attribute: b"user.a" },
            95,
            "Operation not supported",
            "[receiver] rsync_xal_set: fsetxattr(\"/d/.f.I\",\"user.a\") failed",
        ),
    ];
    for (role, failing, errno, reason, wanted) in cases {
        let line = SystemError { role: *role, failing: *failing, errno: *errno, reason }.line();
        assert_eq!(String::from_utf8(line).unwrap(), format!("rsync: {wanted}: {reason} ({errno})"));
    }
}

#[test]
fn notes() {
    let cases: &[(Note<'_>, Stream, &str)] = &[
        (Note::SkippingDirectory(b"s"), Stream::Output, "skipping directory s"),
        (Note::SkippingNonRegular(b"dev"), Stream::Output, "skipping non-regular file \"dev\""),
        (
            Note::UnsafeSymlink { name: b"abs", target: b"/etc/passwd" },
            Stream::Output,
            "ignoring unsafe symlink \"abs\" -> \"/etc/passwd\"",
        ),
        (
            Note::CouldNotMakeWay { name: b"f", newcomer: Newcomer::File },
            Stream::Error,
            "could not make way for new regular file: f",
        ),
        (Note::DeletionsStopped(6), Stream::Error, "Deletions stopped due to --max-delete limit (6 skipped)"),
        (
            Note::Skipped(b"ign", Skip::Exists(SkipDetail::FileChange)),
            Stream::Output,
            "ign exists (file change)",
        ),
        (Note::CreatedDirectories(b"a1/b1/c1", 3), Stream::Output, "created 3 directories for a1/b1/c1"),
        (
            Note::AlternateMissing(b"--link-dest", b"/nope"),
            Stream::Error,
            "--link-dest arg does not exist: /nope",
        ),
        (Note::Totals(32), Stream::Output, "total: matches=0  hash_hits=0  false_alarms=0 data=32"),
    ];
    for (note, stream, wanted) in cases {
        assert_eq!(note.stream(), *stream);
        assert_eq!(String::from_utf8(note.line()).unwrap(), *wanted);
    }
}

#[test]
fn last_lines() {
    let line = |exit| {
        let (place, role) = usual_place(exit);
        String::from_utf8(final_line(exit, place, role)).unwrap()
    };
    assert_eq!(
        line(Exit::Partial),
        "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1394) [sender=3.5.0]"
    );
    assert_eq!(
        line(Exit::Signal),
        "rsync error: received SIGINT, SIGTERM, or SIGHUP (code 20) at rsync.c(874) [sender=3.5.0]"
    );
    assert_eq!(
        line(Exit::Syntax),
        "rsync error: syntax or usage error (code 1) at main.c(1886) [client=3.5.0]"
    );
}
