//! The workspace's own commands: `cargo xtask check | test | faults | search | bench | generate | dist`, and so on.

mod check;
mod chroot;
mod coverage;
mod dist;
mod fuzz;
mod generate;
mod package_test;
mod pages;
mod plot;
mod run;
mod sanitize;
mod sbom;
mod test;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  check [--fast]   formatting, clippy, documentation, tidy rules, cargo-deny if installed
                   (--fast: formatting and tidy rules only)
  test [ARGS]      installs what the tests need, then runs cargo test --workspace ARGS
  tools            installs what the tests need, and does no more
  faults [--full]  every operation of the program fails once with each error it can have
                   (--full: each of its calls, which takes an hour)
  campaign KIND    attack: somebody who owns parts of the trees changes them while root copies; kill: runs are killed
                   or interrupted; soak: changes and commands at random, one after the other, on each file system
                   (--minutes N, --seed N, --rounds N, --release; soak: --fs ext4,xfs,btrfs,tmpfs)
  kernels [FILES]  copies trees on Debian's kernels, or on these, in virtual machines (qemu)
  nfs              copies to and from NFS with rsync and with ours in a virtual machine (root, qemu, debootstrap)
  power-loss [--rounds N] [--seed N]
                   copies to ext4, xfs and btrfs in a virtual machine that notes what reaches the disk, and looks at what
                   a power cut would leave at N moments of it (root, qemu)
  fuzz [--seconds N] [TARGET…]
                   the fuzz targets, a minute each (a nightly compiler, cargo-fuzz); test runs them for a moment
  coverage [ARGS]  which lines the tests reach, those of the program that they start too; a table in target/coverage
                   (ARGS go to cargo test; --report: the table alone, from what is there)
  sanitize [TEST…] the tests of uring-ext and differential tests (these, or a good part) with AddressSanitizer (a nightly
                   compiler)
  search [ARGS]    looks for differences from rsync: --minutes N, --seed N, --reference, --subject PROGRAM
  generate         writes anew what is made from the table of options and the tests: man/, completions/,
                   docs/differences.md, docs/compatibility.md
  dist [--twice]   builds tarball, Debian package (with cargo-deb), list of licences and checksums in target/dist
                   (--twice: builds the program a second time elsewhere and compares)
  package-test     installs, uses and removes the Debian package in a fresh Debian (root, debootstrap)
  publish-test     what `cargo publish` would do with the libraries, without publishing
  bench [ARGS]     builds in release mode and runs benches/workloads ARGS (--help tells them)
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let outcome = match command.as_str() {
        "check" => check::check(&rest),
        "test" => test::test(&rest),
        "tools" => test::tools(),
        "faults" => test::faults(&rest),
        "campaign" => test::campaign(&rest),
        "fuzz" => fuzz::fuzz(&rest),
        "coverage" => coverage::coverage(&rest),
        "kernels" => test::kernels(&rest),
        "nfs" => test::nfs(),
        "power-loss" => test::power_loss(&rest),
        "sanitize" => sanitize::sanitize(&rest),
        "search" => test::search(&rest),
        "generate" => generate::generate(),
        "bench" => test::bench(&rest),
        "dist" => dist::dist(&rest),
        "package-test" => package_test::package_test(),
        "publish-test" => dist::publish_test(),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
