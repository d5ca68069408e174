//! rsync(1), options for remote shells, daemons, the protocol and compression: on one machine they are accepted and
//! change nothing, or fail as in rsync.

use compat_tests::program::{Programs, says};
use compat_tests::*;

fn small() -> Case {
    world([file("s/f", "x"), file("s/sub/g", "y"), file("d/gone", "z"), file("s/big", random(1, 70_000))])
}

fn accepted(options: &[&str]) {
    small().same_each(options.iter().map(|option| format!("-ai {option} s/ d/")));
}

#[test]
fn options_for_remote_shells() {
    accepted(&[
        "-e ssh",
        "--rsh=ssh -p 1",
        "--rsync-path=/nonexistent",
        "--blocking-io",
        "--no-blocking-io",
        "-s",
        "--secluded-args",
        "--protect-args",
        "--no-s",
        "--old-args",
        "--no-old-args",
        "--trust-sender",
        "--remote-option=--no-such",
    ]);
}

#[test]
fn options_for_daemons() {
    accepted(&[
        "-4",
        "--ipv6",
        "--port=1",
        "--address=127.0.0.1",
        "--sockopts=SO_KEEPALIVE",
        "--contimeout=5",
        "--no-contimeout",
        "--no-motd",
        "--motd",
        "--early-input=s/f",
        "--password-file=s/f",
    ]);
}

#[test]
fn options_for_the_protocol() {
    accepted(&["--protocol=31", "--protocol=x", "--checksum-seed=7", "--qsort"]);
    small().same("-ai --protocol=30 s/ d/");
    accepted(&["--max-alloc=1g", "--max-alloc=100", "--max-alloc=x", "--max-alloc=2m"]);
    accepted(&["--block-size=1000", "-B700", "--block-size=1m", "--block-size=x", "-B0", "-B 8k"]);
}

#[test]
fn options_for_compression() {
    accepted(&[
        "-z",
        "-zz",
        "--compress --no-compress",
        "--old-compress",
        "--new-compress",
        "--compress-choice=zstd",
        "--zc=lz4",
        "--zc=none",
        "--zc=auto",
        "--zc=bogus",
        "--compress-level=3",
        "--zl=99",
        "--zl=x",
        "--compress-threads=2",
        "--zt=0",
        "--skip-compress=gz/zip",
    ]);
}

#[test]
fn where_messages_go() {
    small().same_each([
        "-av --outbuf=L s/ d/",
        "-av --outbuf=none s/ d/",
        "-av --outbuf=Block s/ d/",
        "-av --outbuf=x s/ d/",
        "-av --stderr=errors s/ nope d/",
        "-av --stderr=client s/ nope d/",
        "-av --stderr=all s/ nope d/",
        "-av --stderr=x s/ nope d/",
        "-av --msgs2stderr s/ nope d/",
        "-av --no-msgs2stderr s/ nope d/",
    ]);
}

/// Ours is no server: that is rsync's, and where handing over is forbidden, an error.
#[test]
fn servers_are_rsyncs_own() {
    let programs = Programs::of_this_run();
    if programs.are_the_same() {
        return;
    }
    for args in [
        &["--daemon", "--no-detach", "--config=/nonexistent", "--dparam=x=y", "--address=127.0.0.1"][..],
        &["--daemon", "--detach"],
        &["--server", "--sender", "-logDtpr", ".", "x"],
    ] {
        let ours = says(&programs.subject, args);
        assert_eq!(ours.code, 4, "{args:?}: {}", String::from_utf8_lossy(&ours.stderr));
        assert!(ours.stdout.is_empty());
    }
}

#[test]
fn before_protocol_30_lists_are_whole() {
    let case = world([file("s/a/f", "x"), file("s/b/g", "y"), dir("d")]);
    case.same_each(["-rv --protocol=29 s/ d", "-rv --delete --protocol=30 s/ d", "-r --protocol=33 s/ d"]);
}
