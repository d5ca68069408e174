//! rsync(1), what is printed: where links, doubled names and several options meet.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// Two groups of links across directories, and another copy of some names.
fn linked() -> Case {
    world([
        file("s/a", "a"),
        file("s/b", "bb"),
        hard("s/b2", "s/b"),
        file("s/big", random(7, 100_000)),
        symlink("s/l", "a"),
        file("s/x.o", "x"),
        dir("s/e"),
        hard("s/sub/b3", "s/b"),
        file("s/sub/c", "c"),
        hard("s/sub/deep/c2", "s/sub/c"),
        file("t/a", "a"),
        file("t/new", "n"),
        file("t/sub/c", "q"),
    ])
}

/// Names linked to what arrives come last; to what is there, behind it; each counts in its own place.
#[test]
fn s62_lines_of_linked_names_have_their_order() {
    linked().in_order().same_each([
        "-avH s/ d/",
        "-avnH s/ d/",
        "-aiH s/ t/",
        "-aiiH s/ t/",
        "-aH --progress s/ d/",
        "-aH --progress s/ t/ d/",
        "-aiH --link-dest=../s s/ d/",
        "-aiHn --link-dest=../t s/ d/",
    ]);
    linked()
        .in_order()
        .run("-aH s/ d/")
        .put([file("s/b", "z").mtime(1_500_000_000), file("s/sub/c", "y").mtime(1_500_000_000)])
        .remove(["d/b2", "d/sub/c"])
        .run("-aiHn s/ d/")
        .run("-aPH s/ d/")
        .check();
}

/// A dry run draws when a directory is done, behind the first name of the next one.
#[test]
fn s79_progress_of_the_run_in_a_dry_run() {
    let case = world([
        file("s/a", "a"),
        file("s/big", random(7, 100_000)),
        symlink("s/l", "a"),
        dir("s/e"),
        dir("s/e2"),
        file("s/sub/b3", "b"),
        file("d/sub/b3", "b"),
        file("s/sub/c", "c"),
        file("s/sub/deep/c2", "cc"),
        file("s/sub2/f", "f"),
        file("d/sub2/f", "f"),
        file("s/sub2/x/g", "g"),
        file("d/sub2/x/g", "g"),
        file("s/sub3/h", "hhh"),
        file("s/zz/1", "1"),
        file("s/zz/y/2", "1"),
    ]);
    case.clone().same_each(
        ["-anv", "-ani", "-an", "-anv --no-i-r", "-anvm", "-anv --delete"]
            .map(|options| format!("{options} --info=progress2 s/ d/")),
    );
    case.same_each([
        "-anv --info=progress2 s d2/",
        "-anv --info=progress2 s/sub s/zz d2/",
        "-anv --info=progress2 s/a d2/",
    ]);
}

/// Files that could not be read count with their size in the line of the run.
#[test]
fn s79_progress_of_the_run_counts_what_could_not_be_read() {
    let case = world([
        file("s/a", "a"),
        file("s/big", random(7, 100_000)).mode(0),
        file("s/sub/c", "c").mode(0),
        file("s/sub/d", "ddd"),
        file("d/gone", "x"),
    ]);
    // What is told of them comes at once, so nothing else may.
    case.as_user().same_each(["-a --info=progress2 s/ d/", "-aH --info=progress2 s/ d/"]);
}

/// A name that several operands have is told where the others are dropped, with its number in the list.
#[test]
fn names_that_several_operands_have_are_told() {
    let case = linked().also([file("t/e/x", "y")]);
    case.clone().same_each([
        "-avv s/ t/ d/",
        "-avv t/ s/ d/ --no-i-r",
        "-avv s t s d/",
        "-rvvn s/ t/ d/",
        "-avv s/a s/b s/a d/",
        "-avv --info=none s/ t/ d/",
        "-avvP s/ t/ d/",
        "-avvnm s/ t/ d/",
        "-dvvn s/ t/ d/",
        "-avvnR s/./sub t/./sub d",
        "-avvn --delete-before s/ t/ d",
        "-avvn --exclude=x.o s/ t/ d",
    ]);
    case.in_order().same_each([
        "-av --debug=dup --log-file=rsync.log --no-i-r s/ t/ d/",
        "-avv s/a s/b s/a d/",
        "-avvn --no-i-r --delete-before s/ t/ d",
    ]);
}

/// Of names that an alternate destination has, a dry run tells what the real one does.
#[test]
fn s63_linked_names_beside_alternate_destinations() {
    let orders = ["-avvH", "-avH", "-aiH", "-navvH", "-navH", "-naiH", "-nH"];
    for kind in ["link", "copy", "compare"] {
        linked().same_each(orders.map(|options| format!("{options} --{kind}-dest=../s s/ d/")));
        linked().same_each(orders.map(|options| format!("{options} --{kind}-dest=../s s/ t/")));
    }
}

/// Rules are read as options come, and the list of `--files-from` before operands are counted.
#[test]
fn what_a_refused_command_line_is_refused_for() {
    linked().same_each([
        "-a --exclude-from=missing --max-size=x s/ d/",
        "-a --max-size=x --exclude-from=missing s/ d/",
        "-f bad --nosuch s/ d/",
        "--nosuch -f bad s/ d/",
        "-f bad",
        "-f '. missing' --delete-before --delete-after s/ d/",
        "-f bad --help",
        "--include-from=missing --version",
        "--files-from=missing",
        "--files-from=missing --exclude-from=missing",
        "--files-from=missing --inplace --partial-dir=x s d",
        "--files-from=missing s t d",
        "--log-file=rsync.log -f bad",
        "-a --sparse= s/ d/",
    ]);
}

/// A log file has the totals in spite of `-q`, and says what was sent to a receiving side that refused it.
#[test]
fn what_is_logged_of_quiet_and_refused_runs() {
    linked().same_each(
        [
            "-avqn s/ d/",
            "-avvq s/ d/",
            "-aq --info=stats s/ d/",
            "-avvq --remove-source-files s/a d/",
            "-a s/ x/y/z/",
            "-av s/ x/y/z/",
            "-a s/a s/b t/a",
            "-av s/a s/b t/a",
            "-aq -T nosuch s/ d/",
            "-a --stats --usermap=foo s/ d/",
            "-a --usermap=foo s/ d/",
        ]
        .map(|run| format!("--log-file=rsync.log {run}")),
    );
}

/// Protocols before 31 carry whole seconds and no count of deletions.
#[test]
fn older_protocols_carry_less() {
    let case = linked().also([file("d/gone", "x"), file("d/a", "a")]);
    for protocol in [29, 30, 31] {
        case.clone().same_each(
            ["-ai", "-aH --stats", "-a --delete --stats", "-rti --remove-source-files", "-aO", "-an --stats"]
                .map(|options| format!("{options} --protocol={protocol} s/ d/")),
        );
    }
}

/// Operands that are missing and deleted are in the list, as files; directories that are pruned have their numbers.
#[test]
fn what_is_listed_and_not_copied_counts() {
    let case = linked().also([file("t/gone/x/y", "y"), dir("t/void"), file("s/zz", "z")]);
    case.same_each([
        "-a --stats --delete-missing-args s/nosuch s/a t/",
        "-a --stats --delete-missing-args s/new s/void s/gone s/a t/",
        "-a --stats --force --delete-missing-args s/new s/gone s/a t/",
        "-a --stats --delete --delete-missing-args s/new s/void s/ t/",
        "-aP --delete-missing-args s/new s/void s/a s/big t/",
        "-aP -m s/ d/",
        "-aP --no-i-r -T nosuch s/ d/",
        "-qam --progress --log-file=rsync.log s/ d/",
        "-qam -v --log-file=rsync.log s/ d/",
    ]);
}

/// A format of lines keeps `--progress` from having the receiving side name what it makes.
#[test]
fn a_new_destination_is_told_where_names_are_asked_for() {
    let orders = ["-P", "-P --out-format=%n", "-v -P --out-format=%n", "-P --info=name --out-format=%l"];
    linked().same_each(orders.map(|options| format!("-a {options} s/ d/")));
    linked().same_each([
        "-aP --out-format=%i s/ d/",
        "-aPi --out-format=%n s/ d/",
        "-anP --out-format=%n s/ d/",
    ]);
}

/// Without `-r`, what a list names with and without a slash is read once, and only what it names is read.
#[test]
fn what_a_list_names_again_counts() {
    for list in
        ["sub/\\nsub/deep/\\nsub/deep/c2\\nsub/c", "sub\\nsub/", "sub/deep/\\nsub/", "./\\nsub/\\nsub/c"]
    {
        let list = list.replace("\\n", "\n");
        linked().also([file("list", list)]).in_order().same_each([
            "-a --stats --files-from=list s/ d/",
            "-ar --stats --files-from=list s/ d/",
            "-avvP --files-from=list s/ d/",
        ]);
    }
}

/// Rules are told of each operand that has a name; what the other side says is not in the log of a quiet run.
#[test]
fn what_rules_hide_in_several_operands() {
    let case = linked().also([
        file("t/y.o", "y"),
        file("t/x.o", "x"),
        dir("t/d.o"),
        dir("s/d.o"),
        file("t/e/k", "k"),
    ]);
    case.clone().same_each([
        "-avv --exclude=*.o s/ t/ d/",
        "-avvn --exclude=e --exclude=*.o --delete-before s/ t/ d/",
        "-avv --exclude=sub --include=a t/ s/ d/",
    ]);
    case.same_each(
        ["-rvq s/ d/", "-avq --delete --exclude=k s/ t/", "-avvq --existing s/ t/"]
            .map(|run| format!("--log-file=rsync.log {run}")),
    );
}

/// The first line ends where the first name is listed, or on standard error where one that is missing comes first.
#[test]
fn where_the_first_line_ends() {
    linked().in_order().same_each([
        "-aP --no-i-r nosuch s/ d/",
        "-aP --no-i-r s/ nosuch d/",
        "-aP --no-i-r nosuch s/a nowhere s/b d/",
        "-aP --no-i-r s/a nowhere s/b d/",
        "-av --no-i-r s/ nosuch d/",
        "-avv --list-only s t t/",
    ]);
}

/// Where the list is made as a whole, what is said of its names comes before the transfer, and within its first line.
#[test]
fn what_a_whole_list_says_of_names_comes_first() {
    let case = world([
        file("s/a", "a"),
        file("s/sub/x.o", "x"),
        symlink("s/sub/out", "../../t/f"),
        file("t/f", "f"),
    ]);
    for options in [
        "-rtvv --exclude=*.o --no-i-r",
        "-rtvv --exclude=*.o --delete-after",
        "-rtvvC --delete-before",
        "-rtvvm --exclude=*.o",
        "-rtvvnP --exclude=*.o --no-i-r",
        "-rlt --info=flist2 --debug=filter --exclude=*.o --no-i-r",
        "-rlt --debug=filter --exclude=*.o --no-i-r",
        "-rlvt --copy-unsafe-links --no-i-r",
        "-rlvtP --copy-unsafe-links --no-i-r",
        "-rlvv --copy-unsafe-links --no-i-r --list-only",
        "-rtvv --no-i-r --exclude=zz",
    ] {
        case.clone().in_order().same_each([
            format!("{options} s/ d/"),
            format!("{options} s/ s/nope d/"),
            format!("{options} s/nope s/ d/"),
            format!("{options} --exclude=t t s/ d/"),
            format!("{options} --temp-dir=nowhere s/ d/"),
        ]);
    }
}

#[test]
fn s80_a_listing_shows_the_modes_of_the_source() {
    let case = world([dir("s").mode(0o755), file("s/f", "x").mode(0o644), dir("s/d").mode(0o777), dir("d")]);
    case.umask(0o077).same_each([
        "-r --list-only s/",
        "-r s/",
        "-r --list-only s/ d",
        "-r s",
        "--chmod=go= -r s/",
    ]);
}

#[test]
fn s74_owners_of_the_top_are_told() {
    let case = world([dir("s"), file("s/f", "x"), dir("d").mode(0o700)]);
    case.clone().same("-a --out-format=%B_%U_%G_%n s/ d");
    case.as_user().same("-a --out-format=%B_%U_%G_%n s/ d");
}

#[test]
fn owners_of_the_top_are_shown_as_they_are() {
    let case = world([file("s/f", "x")]).as_user();
    case.same_each(["-a --out-format='%U:%G %n' s/ d", "-a --out-format='%U:%G %M %n' s/ d/"]);
}

/// Plain names tell of times that are made exact, and not of extended attributes.
#[test]
fn names_of_files_whose_attributes_change() {
    let case = world([
        file("s/half", "x").mtime_ns(OLD, 500_000_000),
        file("d/half", "x").mtime(OLD),
        file("s/same", "x").mtime(OLD),
        file("d/same", "x").mtime(OLD),
        file("s/less", "x").mtime(OLD),
        file("d/less", "x").mtime(OLD).xattr("user.a", "1"),
        file("s/more", "x").mtime(OLD).xattr("user.a", "1"),
        file("d/more", "x").mtime(OLD).mode(0o600),
        file("s/acl", "x").mtime(OLD).acl("u::rw-,u:7:r--,g::r--,m::rwx,o::r--"),
        file("d/acl", "x").mtime(OLD),
        symlink("s/link", "x").mtime_ns(OLD, 500_000_000),
        symlink("d/link", "x").mtime(OLD),
    ]);
    let options = [
        "-rtcvv",
        "-acvv",
        "-rtcii",
        "-rtcvvn",
        "-rtvv",
        "-rcvv",
        "-rtc --info=name2",
        "-rXvv",
        "-rXtvv",
        "-aXvv",
        "-aXvvi",
        "-rXtcvv",
        "-aXvvn",
        "-rX --size-only -vv",
        "-rXt --info=name2",
        "-aXv",
        "-aAXvv",
        "-rtcAvv",
    ];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// What joins its group is told with the extended attributes that the file of its name had.
#[test]
fn letters_of_extended_attributes_in_groups() {
    let group = world([
        file("s/a", "x").mtime(OLD).xattr("user.x", "1"),
        hard("s/b", "s/a"),
        hard("s/sub/c", "s/a"),
        fifo("s/p").mtime(OLD),
        hard("s/q", "s/p"),
    ]);
    let apart = group.clone().also([
        file("d/a", "x").mtime(OLD),
        file("d/b", "x").mtime(OLD).xattr("user.x", "1"),
        file("d/sub/c", "x").mtime(OLD).xattr("user.x", "2"),
        fifo("d/p").mtime(OLD),
        fifo("d/q").mtime(OLD).mode(0o600),
    ]);
    let options = ["-aHXi", "-aHX", "-aHXii", "-aHXv", "-aHi", "-rHXi", "-aHXin", "-aHAXi"];
    apart.same_each(options.map(|options| format!("{options} s/ d/")));
    let beside = group.also([
        file("alt/a", "x").mtime(OLD).xattr("user.x", "3"),
        file("alt/b", "x").mtime(OLD),
        file("alt/sub/c", "x").mtime(OLD).mode(0o600),
    ]);
    let options = ["-aHXi --compare-dest", "-aHXii --compare-dest", "-aHXi --copy-dest", "-aHXi --link-dest"];
    beside.same_each(options.map(|options| format!("{options}=../alt s/ new/")));
}
