//! The options that random cases draw from, and what is left out of them.

use crate::rng::Rng;

/// How often an option is drawn, and its words.
const WEIGHTED: &[(u64, &str)] = &[
    (30, "--delete"),
    (12, "-H"),
    (12, "-A"),
    (12, "-X"),
    (10, "-S"),
    (4, "-x"),
    (8, "-n"),
    (15, "-v"),
    (6, "-q"),
    (6, "-h"),
    (10, "--stats"),
    (5, "--numeric-ids"),
    (4, "--delete-before"),
    (4, "--delete-after"),
    (4, "--delete-delay"),
    (4, "--delete-excluded"),
    (4, "--max-delete=2"),
    (6, "--force"),
    (3, "--ignore-errors"),
    (8, "--exclude=*a*"),
    (4, "--exclude=/b"),
    (4, "--exclude=c/"),
    (4, "--include=a --exclude=?"),
    (4, "-f P_c*"),
    (3, "-f H_b"),
    (3, "-f -!_*b*"),
    (3, "-F"),
    (5, "--link-dest=../alt"),
    (4, "--copy-dest=../alt"),
    (4, "--compare-dest=../alt"),
    (6, "-c"),
    (5, "-I"),
    (5, "--size-only"),
    (7, "-u"),
    (4, "--existing"),
    (4, "--ignore-existing"),
    (4, "-W"),
    (8, "--inplace"),
    (3, "--partial"),
    (4, "--out-format=%i|%n|%L|%l"),
    (4, "--no-t"),
    (4, "--no-p"),
    (3, "--no-o"),
    (3, "--no-g"),
    (3, "--no-l"),
    (3, "--no-D"),
    (4, "-ii"),
    (5, "-m"),
    (4, "-b"),
    (3, "-b --suffix=.old"),
    (4, "-b --backup-dir=../bak"),
    (3, "--append"),
    (3, "--partial-dir=.p"),
    (3, "--delay-updates"),
    // Otherwise it is a race whether the top's time comes after the last file.
    (3, "--temp-dir=. --no-i-r"),
    (3, "--remove-source-files"),
    (3, "-L"),
    (3, "-k"),
    (3, "-K"),
    (3, "--copy-unsafe-links"),
    (3, "--safe-links"),
    (3, "-O"),
    (3, "-J"),
    (3, "-E"),
    (3, "-R"),
    (3, "-C"),
    (3, "--chmod=D2755,F-x"),
    (2, "--chown=12:13"),
    (2, "--usermap=*:5"),
    (3, "--max-size=1000"),
    (3, "--min-size=10"),
    (3, "--modify-window=5"),
    (3, "-@-1"),
    (2, "--preallocate"),
    (2, "--fsync"),
    (2, "--no-W"),
    (2, "-y"),
    (3, "--drop-D"),
    (2, "--copy-devices"),
    (2, "-d"),
    (2, "--no-r -d"),
    (2, "--no-implied-dirs -R"),
    (3, "--progress"),
    (3, "-vv"),
    (3, "--out-format=%C_%n"),
    (3, "--log-file=rsync.log"),
    (2, "--super"),
    (2, "--no-super"),
    (2, "--mkpath"),
    (2, "--list-only"),
    (2, "--no-H"),
    (2, "--open-noatime"),
    (2, "--filter=:_.f"),
    (2, "--info=all"),
    (2, "--remove-sent-files"),
];

/// Every option that a local copy takes, once, with forms of it to choose from.
const ALL: &[&[&str]] = &[
    &["-a", "--archive"],
    &["-r", "--recursive", "--no-r"],
    &["-l", "--links", "--no-l"],
    &["-p", "--perms", "--no-p"],
    &["-t", "--times", "--no-t"],
    &["-g", "--group", "--no-g"],
    &["-o", "--owner", "--no-o"],
    &["-D", "--devices", "--specials", "--no-D", "--no-devices", "--no-specials"],
    &["-H", "--hard-links"],
    &["-A", "--acls"],
    &["-X", "--xattrs", "-XX"],
    &["-U", "--atimes", "-UU"],
    &["-E", "--executability"],
    &["-S", "--sparse"],
    &["-x", "-xx"],
    &["-R", "--relative", "--no-R"],
    &["-R --no-implied-dirs", "--no-implied-dirs"],
    &["-d", "--dirs", "--no-r -d", "--old-dirs"],
    &["-n", "--dry-run"],
    &["-v", "-vv", "--verbose", "--no-v"],
    &["-q"],
    &["-i", "-ii", "--itemize-changes"],
    &["-h", "-hh", "-hhh", "--no-h"],
    &["--stats"],
    &["--progress", "-P", "--info=progress2"],
    &[
        "--info=name",
        "--info=name2",
        "--info=del",
        "--info=skip2",
        "--info=stats2",
        "--info=none",
        "--info=all",
    ],
    &["--info=backup", "--info=copy", "--info=misc2", "--info=mount", "--info=nonreg0", "--info=remove"],
    &["--info=symsafe", "--info=flist2,name", "--info=flist0", "--info=progress"],
    &[
        "--out-format=%i_%n%L",
        "--out-format=%n|%l|%b|%c|%U|%G",
        "--out-format=%f_%M_%B",
        "--out-format=%o_%t_%n",
    ],
    &["--out-format=%10n|%-10n|%'l|%''l", "--out-format=%%_%h_%a_%m_%u_%C_%n"],
    &["--log-file=rsync.log", "--log-file=rsync.log --log-file-format=%o_%n_%l", "--log-file-format=%n"],
    &["-8", "--8-bit-output"],
    &["--list-only"],
    &["--outbuf=L", "--outbuf=N", "--outbuf=B"],
    &["--numeric-ids"],
    &["--chown=12:13", "--chown=:7", "--chown=5"],
    &["--usermap=*:5", "--usermap=0:9,7:10", "--usermap=1000-2000:3"],
    &["--groupmap=*:5", "--groupmap=7:9"],
    &[
        "--chmod=D2755,F-x",
        "--chmod=u+w,go-rwx",
        "--chmod=+X,g=u",
        "--chmod=F600",
        "--chmod=a+s",
        "--chmod=o=",
        "--chmod=D0700",
    ],
    &["--super", "--no-super"],
    &["-O", "--omit-dir-times"],
    &["-J", "--omit-link-times"],
    &["-c", "--checksum"],
    &["--checksum-choice=md5", "--cc=xxh64", "--cc=none"],
    &["-I", "--ignore-times"],
    &["--size-only"],
    &["--modify-window=5", "-@-1", "--modify-window=1"],
    &["-u", "--update"],
    &["--existing", "--ignore-non-existing"],
    &["--ignore-existing"],
    &["-W", "--no-W", "--whole-file"],
    &["-B1000", "--block-size=8k"],
    &["-y", "-yy"],
    &["-z", "--compress", "--zc=zlib"],
    &["--inplace"],
    &["--append"],
    &["--append-verify"],
    &["--partial"],
    &["--partial-dir=.p", "--partial-dir=../parts"],
    &["--delay-updates"],
    &["-T . --no-i-r", "--temp-dir=. --no-i-r"],
    &["--preallocate"],
    &["--fsync"],
    &["--mkpath"],
    &["--remove-source-files", "--remove-sent-files"],
    &["--copy-devices"],
    &["--drop-D"],
    &["--open-noatime"],
    &["--bwlimit=100000", "--bwlimit=10m"],
    &["--timeout=100", "--stop-after=10"],
    &["-L", "--copy-links"],
    &["--copy-unsafe-links"],
    &["--safe-links"],
    &["--munge-links"],
    &["-k", "--copy-dirlinks"],
    &["-K", "--keep-dirlinks"],
    &["--delete", "--del"],
    &["--delete-before"],
    &["--delete-during"],
    &["--delete-after"],
    &["--delete-delay"],
    &["--delete-excluded"],
    &["--delete-missing-args", "--ignore-missing-args"],
    &["--ignore-errors"],
    &["--force"],
    &["--max-delete=2", "--max-delete=0", "--max-delete=5", "--max-delete=-1"],
    &["-b", "--backup"],
    &["--suffix=.old", "-b --suffix=_", "-b --suffix=b"],
    &["--backup-dir=../bak", "-b --backup-dir=bak", "--backup-dir=../bak --suffix=.x", "--backup-dir=bak/a"],
    &["--compare-dest=../alt", "--compare-dest=../alt --compare-dest=../s", "--compare-dest=a"],
    &["--copy-dest=../alt", "--copy-dest=../alt --copy-dest=../s"],
    &["--link-dest=../alt", "--link-dest=../alt --link-dest=../s", "--link-dest=../nope"],
    &["-m", "--prune-empty-dirs"],
    &["--max-size=1000", "--max-size=4", "--max-size=1k"],
    &["--min-size=10", "--min-size=1"],
    &["-C", "--cvs-exclude"],
    &["-F", "-FF"],
    &[
        "--exclude=*a*",
        "--exclude=/b",
        "--exclude=c/",
        "--exclude=a/**",
        "--exclude=a/*/b",
        "--exclude=[ab]",
        "--exclude=*",
    ],
    &["--include=a --exclude=?", "--include=*/ --include=*b --exclude=*", "--include=/a/*** --exclude=*"],
    &[
        "-f P_c*",
        "-f H_b",
        "-f -!_*b*",
        "-f S_a",
        "-f R_b",
        "-f -p_a",
        "-f -s_b",
        "-f -r_a*",
        "-f protect_/b",
    ],
    &[
        "-f :_.f",
        "-f :n_.f",
        "-f :e_.rsync-filter",
        "-f :-_.f",
        "-f ._../rules",
        "-f :C",
        "-f -C",
        "-f :w-_.f",
        "-f !",
    ],
    &[
        "--exclude-from=rules",
        "--include-from=rules",
        "-f merge_rules",
        "--exclude-from=rules --delete-excluded",
    ],
    &["-0", "--from0"],
    &["--no-inc-recursive", "--inc-recursive"],
    &["--protocol=30", "--protocol=31"],
    &["--checksum-seed=5"],
    &["--max-alloc=1g"],
    &["--trust-sender", "-s", "--old-args", "--secluded-args"],
    &["-e ssh", "--rsync-path=x", "-4", "--port=1", "--sockopts=SO_SNDBUF=1", "--blocking-io", "--no-motd"],
    &["--stderr=all", "--stderr=e", "--msgs2stderr", "--no-msgs2stderr"],
    &["--write-devices"],
    &["--skip-compress=gz", "--compress-level=3"],
];

/// Options that change who does the work and where attributes go; one in [`EXTRA_ONE_IN`] cases has one of them.
const EXTRA: &[&str] = &[
    "-M--fake-super",
    "--fake-super",
    "--fake-super -X",
    "--fake-super -A",
    "-M--fake-super --no-super",
    "--copy-as=nobody",
    "--copy-as=daemon:nogroup",
    "--copy-as=nobody -M--fake-super",
];
const EXTRA_ONE_IN: u64 = 6;

/// One of the extra options, now and then.
pub(super) fn extra(rng: &mut Rng) -> Option<Vec<String>> {
    let words = rng.pick::<&str>(EXTRA);
    rng.one_in(EXTRA_ONE_IN).then(|| words.split(' ').map(str::to_owned).collect())
}

/// Options of one case, each a list of words, by one of the ways to draw them.
pub(super) fn drawn(rng: &mut Rng, way: Way) -> Vec<Vec<String>> {
    let split = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let base = split(rng.pick::<&str>(&["-a", "-a", "-rlt", "-r"]));
    let mut options = vec![base, vec!["-i".to_owned()]];
    let few = 1 + rng.below(4);
    match way {
        Way::Dense => {
            for (weight, words) in WEIGHTED {
                if rng.below(100) < *weight {
                    options.push(split(words));
                }
            }
        }
        Way::Few => {
            let total = WEIGHTED.iter().map(|(weight, _)| weight).sum();
            for _ in 0..few {
                let mut at = rng.below(total);
                let drawn = WEIGHTED.iter().find(|(weight, _)| {
                    let found = at < *weight;
                    at = at.saturating_sub(*weight);
                    found
                });
                options.extend(drawn.map(|(_, words)| split(words)));
            }
        }
        Way::Uniform => {
            if rng.one_in(2) {
                options.pop();
            }
            for _ in 0..few {
                let forms = *rng.pick(ALL);
                options.push(split(rng.pick::<&str>(forms)));
            }
        }
    }
    options
}

/// How options are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Each on its own, by its weight.
    Dense,
    /// One to four, by their weights.
    Few,
    /// One to four of all there are, each as likely.
    Uniform,
}
